package flow

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// loopKind says what the turns of a while or three-clause loop stand for.
type loopKind uint8

// Only the turns of a rowLoop grow with the data; the others are not followed as loops.
const (
	rowLoop    loopKind = iota // elements of a collection, or nothing better is known
	daemonLoop                 // events in time: for {} and while true that sleep, tick, wait or back off
	retryLoop                  // attempts at one thing
	pageLoop                   // each turn needs the answer of the last: the next page, batch or level of a tree
)

// repeats says what the turns of a while or three-clause loop are.
func repeats(n syntax.Ref) loopKind {
	cond, body := n.Child(syntax.Cond), n.Child(syntax.Body)
	endless := !cond.Ok() || cond.Kind() == syntax.Bool && cond.Str() == "true" || cond.Kind() == syntax.Number && cond.Str() != "0"
	switch {
	case endless && waits(n):
		return daemonLoop
	case endless && !streams(body):
		return daemonLoop
	case endless:
		return rowLoop
	case takesElement(cond):
		return rowLoop
	case attempts(cond):
		return retryLoop
	case carried(cond, body):
		return pageLoop
	}
	return rowLoop
}

// streamers are calls that hand out one element after the other.
var streamers = map[string]bool{"next": true, "Next": true, "fetchone": true, "fetch_assoc": true, "fetchAssociative": true, "readline": true, "readLine": true, "ReadString": true, "fgets": true, "fgetcsv": true, "nextElement": true}

// streams reports a body that takes its elements itself: pop, next, fetchone.
func streams(body syntax.Ref) bool {
	for c := range body.Descendants(syntax.Call) {
		if c.Receiver().Ok() && (takers[c.Str()] || streamers[c.Str()]) || c.Str() == "next" && len(c.Args()) > 0 {
			return true
		}
	}
	return false
}

// attempts reports a condition that counts tries.
func attempts(cond syntax.Ref) bool {
	set := map[string]bool{}
	namesIn(cond, set)
	for name := range set {
		if isAttempt(name) {
			return true
		}
	}
	return false
}

func isAttempt(name string) bool {
	for _, w := range words(name) {
		switch w {
		case "attempt", "attempts", "retry", "retries", "tries", "try":
			return true
		}
	}
	return false
}

// carried reports a loop whose condition looks at what its own body found: while frontier, while page,
// do ... while (cursor). Each turn needs the answer of the last, so the turns can not be asked together.
func carried(cond, body syntax.Ref) bool {
	if cond.Kind() == syntax.Assign {
		return false
	}
	for range cond.Descendants(syntax.Assign) {
		return false
	}
	set := map[string]bool{}
	namesIn(cond, set)
	delete(set, selfName)
	for c := range body.Descendants(syntax.Call) {
		if takers[c.Str()] && c.Receiver().Ok() {
			for _, name := range bound(c.Receiver()) {
				if set[name] {
					return false // a work list that is taken from
				}
			}
		}
	}
	for a := range body.Descendants(syntax.Assign) {
		switch a.Str() {
		case "+=", "-=", "*=", "++", "--":
			continue
		}
		for t := range a.All(syntax.Target) {
			for _, name := range bound(t) {
				if set[name] && !steps(a.Child(syntax.Value), name) {
					return true
				}
			}
		}
	}
	return false
}

// steps reports i + 1.
func steps(v syntax.Ref, name string) bool {
	if v.Kind() != syntax.Binary || v.Str() != "+" && v.Str() != "-" {
		return false
	}
	l, r := v.Child(syntax.Left), v.Child(syntax.Right)
	return l.Str() == name && r.Kind() == syntax.Number || r.Str() == name && l.Kind() == syntax.Number
}

// constantIter reports a collection that the code itself spells out: the values of an enum, a range of a
// few literal numbers, tries.
func (in *Interp) constantIter(site Site, iter syntax.Ref) bool {
	for t := range site.Node.All(syntax.Target) {
		if t.Kind() == syntax.Name && isAttempt(t.Str()) {
			return true
		}
	}
	switch iter.Kind() {
	case syntax.Call:
		switch iter.Str() {
		case "values", "cases", "entries", "getEnumConstants":
			r := iter.Receiver()
			if iter.Str() == "getEnumConstants" {
				return true
			}
			if (r.Str() == "Object" || r.Str() == "Arrays") && len(iter.Args()) == 1 { // Object.values(Status)
				r = iter.Arg(0)
			} else if len(iter.Args()) > 0 {
				return false
			}
			if !r.Is(syntax.Name, syntax.Member) || !startsUpper(r.Str()) {
				return false
			}
			c := in.Index.Class(r.Dotted(), in.frame.File)
			return c == nil || c.Model == nil
		case "range":
			last := iter.Arg(len(iter.Args()) - 1)
			if isAttempt(last.Str()) {
				return true
			}
			return len(iter.Args()) == 1 && last.Kind() == syntax.Number && number(last.Str()) > 0 && number(last.Str()) <= maxAttempts
		}
	case syntax.Name, syntax.Member:
		if c := in.Index.Class(iter.Dotted(), in.frame.File); c != nil && startsUpper(iter.Str()) {
			for _, s := range c.Super {
				if w := LastSegment(s); strings.HasSuffix(w, "Enum") || strings.HasSuffix(w, "Choices") {
					return true
				}
			}
		}
	}
	return false
}

// occurrence says how a place inside a loop takes part in its turns.
type occurrence struct {
	once        bool // at most once for the whole loop: the loop ends right behind it
	dispatched  bool // under a test of the loop's variable against a constant
	conditional bool // in some turns only
	handler     bool // in a handler of errors
}

// occurs looks at what stands between a place and a loop around it. The zero value also answers for
// places that are not inside the loop's text.
func (in *Interp) occurs(l *Loop, n syntax.Ref) occurrence {
	var o occurrence
	loop := l.Site.Node
	if !n.Ok() || n.T != loop.T || n == loop || !n.Inside(loop) {
		return o
	}
	turning := map[string]bool{}
	for t := range loop.All(syntax.Target) {
		for _, name := range bound(t) {
			turning[name] = true
		}
	}
	if b := loop.Block(); loop.Kind() == syntax.Call && b.Ok() {
		for p := range b.All(syntax.ParamRole) {
			for _, name := range parameterNames(p) {
				turning[name] = true
			}
		}
	}
	ruby := family(loop.T.Lang) == "ruby"
	returns := false // a return is behind the place: it ends the loop unless it only ends a function inside
	for at, up := n, n.Parent(); up.Ok() && at != loop; at, up = up, up.Parent() {
		switch at.Kind() {
		case syntax.Lambda, syntax.Func:
			returns = returns && ruby && at.Kind() == syntax.Lambda
		case syntax.Return: // return q(x): the first turn that comes here ends the loop
			returns = true
		case syntax.Throw:
			o.once = true
		case syntax.Catch:
			o.handler, o.conditional = true, true
		}
		if up == loop {
			break
		}
		switch up.Kind() {
		case syntax.Case:
			if at.Role() == syntax.Body || at.Role() == syntax.Stmt {
				if sw := up.Parent(); sw.Kind() == syntax.Switch && discriminates(sw.Child(syntax.Value), turning) && constantCase(up) {
					o.dispatched = true
				}
			}
		case syntax.If:
			if at.Role() == syntax.Body && equality(up.Child(syntax.Cond), turning) {
				o.dispatched = true
			}
		case syntax.Binary:
			if at.Role() == syntax.Right {
				switch up.Str() {
				case "||", "??", "or", "?:":
					o.conditional = true
				}
			}
		case syntax.Call:
			if at.Kind() == syntax.Lambda && defaulting[up.Str()] {
				o.conditional = true
			}
		}
		// A statement behind it on the same level leaves the loop.
		if up.Is(syntax.Block) || up.Kind() == syntax.Case {
			switch leaves(at, up, inSwitch(up, loop)) {
			case syntax.Return:
				returns = true
			case syntax.Break:
				returns = true
			case syntax.Throw:
				o.once = true
			}
		}
	}
	o.once = o.once || returns && (ruby || loop.Is(syntax.For, syntax.While))
	if loop.Has(syntax.FlagComprehension) {
		o.once = false
	}
	return o
}

// defaulting are the calls that run a function only where they found nothing.
var defaulting = map[string]bool{
	"fetch": true, "computeIfAbsent": true, "orElseGet": true, "or_else": true, "getOrElse": true, "orElseThrow": true, "setdefault": true, "get_or_insert_with": true, "whenEmpty": true, "presence_or": true,
}

// leaves tells how the statements behind a child of a block end the loop: by return, throw or break.
func leaves(at, block syntax.Ref, inSwitch bool) syntax.Kind {
	behind := false
	for s := range block.Children() {
		if s == at {
			behind = true
			continue
		}
		if !behind {
			continue
		}
		switch s.Kind() {
		case syntax.Return, syntax.Throw:
			return s.Kind()
		case syntax.Break:
			if s.Has(syntax.FlagContinue) || s.Str() == "redo" || s.Str() == "retry" || inSwitch {
				return syntax.Invalid
			}
			return syntax.Break
		}
	}
	return syntax.Invalid
}

// inSwitch reports whether a break in a block leaves a switch inside the loop and not the loop.
func inSwitch(block, loop syntax.Ref) bool {
	if f := family(loop.T.Lang); f == "ruby" || f == "python" {
		return false
	}
	for n := block; n.Ok() && n != loop; n = n.Parent() {
		if n.Kind() == syntax.Case {
			return true
		}
	}
	return false
}

// discriminates reports whether an expression is a field of the loop's variable, or the variable itself.
func discriminates(n syntax.Ref, turning map[string]bool) bool {
	for depth := 0; depth < 4; depth++ {
		switch n.Kind() {
		case syntax.Name:
			return turning[n.Str()]
		case syntax.Member, syntax.Index:
			n = n.Receiver()
		case syntax.Call:
			if len(n.Args()) > 0 || !n.Receiver().Ok() {
				return false
			}
			n = n.Receiver()
		default:
			return false
		}
	}
	return false
}

// equality reports a test of the loop's variable for one constant, alone or together with others.
func equality(cond syntax.Ref, turning map[string]bool) bool {
	switch cond.Kind() {
	case syntax.Binary:
		switch cond.Str() {
		case "==", "===", "is", "equals":
			l, r := cond.Child(syntax.Left), cond.Child(syntax.Right)
			return discriminates(l, turning) && constant(r) || discriminates(r, turning) && constant(l)
		case "&&", "and":
			return equality(cond.Child(syntax.Left), turning) || equality(cond.Child(syntax.Right), turning)
		}
	case syntax.Call:
		if cond.Str() == "equals" && len(cond.Args()) == 1 {
			l, r := cond.Receiver(), cond.Arg(0)
			return discriminates(l, turning) && constant(r) || discriminates(r, turning) && constant(l)
		}
	}
	return false
}

func constantCase(c syntax.Ref) bool {
	n := 0
	for t := range c.All(syntax.Cond) {
		if !constant(t) && t.Kind() != syntax.Name {
			return false
		}
		n++
	}
	return n > 0
}

// start notes what a query that stands in the function at hand depends on.
func (in *Interp) start(e *Effect) {
	e.deps, e.depsKnown = nil, false
	fn := in.functionAround(e.Site.Node)
	if !fn.Ok() {
		return
	}
	key := dependKey{call: e.Site.Node}
	d, known := in.depends[key]
	if !known {
		d.deps, d.ok = in.parametersOf(fn, []syntax.Ref{e.Site.Node})
		in.depends[key] = d
	}
	e.deps, e.depsKnown = d.deps, d.ok
}

// functionAround is the function being evaluated, where the node belongs to it.
func (in *Interp) functionAround(n syntax.Ref) syntax.Ref {
	fr := in.frame
	if fr.Fn == nil || !n.Ok() || !fr.Fn.Node.Ok() || n.T != fr.Fn.Node.T || n == fr.Fn.Node || !n.Inside(fr.Fn.Node) {
		return syntax.Ref{}
	}
	return fr.Fn.Node
}

// depend turns what an effect of a callee depends on into what it depends on in the caller.
func (in *Interp) depend(e *Effect, ctx callContext) {
	if !e.depsKnown {
		return
	}
	key := dependKey{ctx.call.Node, ctx.method, strings.Join(e.deps, ",")}
	d, known := in.depends[key]
	if !known {
		d.exprs, d.ok = ctx.arguments(e.deps)
		if fn := in.functionAround(ctx.call.Node); d.ok && fn.Ok() {
			d.deps, d.ok = in.parametersOf(fn, d.exprs)
		} else {
			d.ok = false
		}
		in.depends[key] = d
	}
	e.asks, e.deps, e.depsKnown = d.exprs, d.deps, d.ok
}

// place is the node of an effect in the function at hand: its own, or the call that led to it.
func (e *Effect) place() syntax.Ref {
	if len(e.Trace) > 0 {
		return e.Trace[0].Node
	}
	return e.Site.Node
}

// perTurn makes an effect one of the innermost loop whose turns repeat it. A query that fetches a bounded
// page inside while or for(;;) reads one page after the other, and an arm of a dispatch whose query does
// not depend on the element runs once for the whole loop.
func (in *Interp) perTurn(e *Effect, q *Root) {
	n := e.place()
	for i := len(in.frame.Loops) - 1; i >= 0; i-- {
		l := in.frame.Loops[i]
		if l.Repeat && q != nil && (q.Limit > 1 || q.Paged) && !q.Single {
			continue
		}
		o, same := in.occurs(l, n), in.invariant(e, l)
		if o.once || o.dispatched && same || o.handler && e.Kind == Write {
			continue
		}
		e.PerRow, e.Loop = true, l
		e.Invariant = e.Invariant || same && e.Kind != Write // equal rows may be wanted, each of them
		e.Conditional = e.Conditional || o.conditional || o.dispatched
		return
	}
}

// invariant reports whether an effect asks the same in each turn of a loop.
func (in *Interp) invariant(e *Effect, l *Loop) bool {
	n := e.place()
	if !n.Ok() || n.T != l.Site.Node.T || !n.Inside(l.Site.Node) {
		// A method of the same object that was run in place: look at the call.
		c := in.frame.shared
		if c == nil || !e.depsKnown || len(e.Trace) > 0 {
			return false
		}
		exprs, ok := c.arguments(e.deps)
		if !ok || !c.call.Node.Ok() || c.call.Node.T != l.Site.Node.T || !c.call.Node.Inside(l.Site.Node) || c.frame.Fn == nil {
			return false
		}
		return !in.varies(l, c.frame.Fn.Node, exprs)
	}
	fn := in.functionAround(n)
	if !fn.Ok() {
		return false
	}
	if !e.depsKnown {
		return false
	}
	key := variesKey{l.Site.Node, n, ""}
	exprs := []syntax.Ref{n}
	if len(e.Trace) > 0 {
		exprs = e.asks
		for _, x := range exprs {
			key.deps += strconv.Itoa(int(x.ID)) + ","
		}
	}
	v, known := in.varying[key]
	if !known {
		v = in.varies(l, fn, exprs)
		in.varying[key] = v
	}
	return !v
}

// settle judges an effect that belongs to the rows of a loop by where it stands in the loop's body: a
// branch that ends the loop runs it once.
func (in *Interp) settle(e *Effect) {
	if !e.PerRow || e.Loop == nil || e.inLoop {
		return
	}
	o := in.occurs(e.Loop, e.place())
	if o.once || o.handler && e.Kind == Write {
		e.PerRow, e.Loop = false, nil
		return
	}
	e.Conditional = e.Conditional || o.conditional || o.dispatched
}
