package flow

import (
	"context"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework tells the engine what the words of one framework mean.
//
// Implementations keep no state between projects other than what Index put into the Index or into
// themselves; the engine calls them from one goroutine.
type Framework interface {
	Name() string
	// Index adds the framework's models to the index. It runs once, before anything is evaluated.
	Index(ix *Index)
	// Call interprets a call or an attribute access. It returns false for what is not the
	// framework's: then relations, the project's own methods and iteration are tried.
	Call(in *Interp, c *Call) (Value, bool)
	// Entries evaluates the framework's entry points with in.Entry.
	Entries(in *Interp)
}

// Typer is implemented by frameworks of typed languages: the value of a declared type, such as a
// parameter or a field.
type Typer interface {
	TypeValue(in *Interp, typ string, from *project.File) (Value, bool)
}

// Call is one call or attribute access on its way to an interpretation. It is not kept when that is
// over: the engine uses it again.
type Call struct {
	Node    syntax.Ref
	Name    string
	Recv    Value
	HasRecv bool // written with a receiver
	Args    []Value
	ArgRefs []syntax.Ref // positional arguments, same order as Args
	Named   map[string]Value
	Block   Value // block or first lambda argument; FuncValue or Unknown
	Super   bool  // asked of the base class: super().name(...)
}

// Interp evaluates functions abstractly. It is not safe for concurrent use.
type Interp struct {
	Index      *Index
	Frameworks []Framework
	Result     *Result

	frame   *Frame
	memo    map[memoKey]*summary
	busy    map[memoKey]bool
	entry   string
	steps   int
	quota   int
	ctx     context.Context
	seen    map[loadKey]int
	roots   map[*Root]bool
	typers  []Typer
	callers map[*Method]int
	walked  map[*Root]bool         // queries whose rows a loop already brought into memory
	inverse map[*Relation][]*Model // models on the other side of polymorphic relations
	origins map[syntax.Ref]*origins
	depends map[dependKey]depended
	varying map[variesKey]bool
	cuts    int     // calls that were not followed because of their depth
	calls   []*Call // to be used again
	units   map[unitKey]*unit
	before  *Result           // of an earlier analysis; nil in the first
	only    map[entryKey]bool // entry points of before to evaluate; nil for all
}

type memoKey struct {
	node syntax.Ref
	args string
}

type summary struct {
	effects []Effect
	loads   []int  // indices of the loads that were found inside
	entry   string // in which its loads were last noted
	cut     bool   // calls below were not followed: the depth was used up
	depth   int    // at which it was evaluated
	ret     Value
}

// Frame is the evaluation of one function or template.
type Frame struct {
	Fn    *Method
	File  *project.File
	Self  Value
	Ivars map[string]Value
	Block Value
	Loops []*Loop

	unit    *unit
	scope   *scope
	effects []Effect
	loads   []int // loads found while the frame was evaluated
	ret     Value
	hasRet  bool
	depth   int
	branch  int               // depth of conditions
	memoed  int               // depth of ||= and cache blocks
	guarded int               // depth of conditions on the kind of the current row
	narrow  map[string]*Model // expressions whose class a condition around the node established
	shared  *callContext      // the call through which a method of the same object runs in place
}

const (
	maxDepth   = 9          // calls that are followed into each other
	entryQuota = 400_000    // nodes evaluated for one entry point
	aloneQuota = 50_000     // nodes evaluated for one function on its own: entry points mostly went through it before
	totalQuota = 60_000_000 // nodes evaluated for a project
)

// Frame returns the function being evaluated.
func (in *Interp) Frame() *Frame { return in.frame }

// File returns the file being evaluated.
func (in *Interp) File() *project.File { return in.frame.File }

// Site makes a site in the current file.
func (in *Interp) Site(n syntax.Ref, note string) Site {
	return Site{File: in.frame.File, Node: n, Note: note}
}

// InLoop reports whether the evaluation is inside a loop of the current function.
func (in *Interp) InLoop() bool { return len(in.frame.Loops) > 0 }

// Entry evaluates f as an entry point under a name such as "GET stories#index".
func (in *Interp) Entry(name string, file *project.File, f func()) { in.enter(name, file, 0, f) }

func (in *Interp) enter(name string, file *project.File, node syntax.NodeID, f func()) {
	key := entryKey{name: name, node: node}
	if file != nil {
		key.path = file.Path
	}
	u, needed := in.begin(key, file)
	if !needed {
		return
	}
	old, oldFrame := in.entry, in.frame
	in.entry, in.quota = name, entryQuota
	if key.node != 0 {
		in.quota = aloneQuota
	}
	in.frame = &Frame{File: file, Ivars: map[string]Value{}, scope: newScope(nil), unit: u}
	f()
	in.finish(in.frame)
	in.entry, in.frame = old, oldFrame
}

// finish reports what a top frame exported: there is no caller left to replay it.
func (in *Interp) finish(fr *Frame) {
	for _, e := range fr.effects {
		if e.PerRow && e.Root != nil && !e.Root.symbolic() {
			in.addLoad(e)
		}
	}
}

// Eval evaluates a node.
func (in *Interp) Eval(n syntax.Ref) Value {
	if !n.Ok() {
		return Value{}
	}
	in.steps++
	in.quota--
	if in.quota < 0 || in.steps > totalQuota {
		return Value{}
	}
	if in.steps&0xFFF == 0 && in.ctx.Err() != nil {
		in.quota = -1
		in.steps = totalQuota + 1
		return Value{}
	}
	fr := in.frame
	switch n.Kind() {
	case syntax.Block, syntax.File:
		var last Value
		for c := range n.Children() {
			last = in.Eval(c)
		}
		return last
	case syntax.Func:
		if fr.Fn != nil && (fr.File.Lang == "python" || family(fr.File.Lang) == "typescript") { // a function inside a function
			fr.scope.set(n.Str(), Value{Kind: FuncValue, Node: n, File: fr.File, env: fr.scope})
		}
		return Value{}
	case syntax.Class, syntax.Import, syntax.Type, syntax.Comment:
		return Value{}
	case syntax.Assign:
		return in.assign(n)
	case syntax.Field:
		return in.Eval(n.Child(syntax.Value))
	case syntax.Return:
		v := in.Eval(n.Child(syntax.Value))
		if !fr.hasRet || fr.ret.Kind == Unknown || fr.ret.Kind == Scalar || fr.ret.Kind == Literal {
			fr.ret, fr.hasRet = v, true
		}
		return v
	case syntax.If:
		in.Eval(n.Child(syntax.Init))
		in.Eval(n.Child(syntax.Cond))
		if v, ok := in.truth(n.Child(syntax.Cond)); ok {
			if v {
				return in.Eval(n.Child(syntax.Body))
			}
			return in.Eval(n.Child(syntax.Else))
		}
		fr.branch++
		a := in.guardedBody(n)
		b := in.Eval(n.Child(syntax.Else))
		fr.branch--
		return prefer(a, b)
	case syntax.For:
		return in.forLoop(n)
	case syntax.While:
		if repeats(n) != rowLoop {
			in.Eval(n.Child(syntax.Cond))
			in.Eval(n.Child(syntax.Body))
			return Value{}
		}
		takes := takesElement(n.Child(syntax.Cond))
		if !takes {
			in.Eval(n.Child(syntax.Cond))
		}
		fr.Loops = append(fr.Loops, &Loop{Site: in.Site(n, "loop"), Repeat: true})
		if takes { // while (row = rows.shift)
			in.Eval(n.Child(syntax.Cond))
		}
		in.Eval(n.Child(syntax.Body))
		fr.Loops = fr.Loops[:len(fr.Loops)-1]
		return Value{}
	case syntax.Switch:
		fr.branch++
		v := in.cases(n)
		fr.branch--
		return v
	case syntax.Try, syntax.Case, syntax.Catch:
		fr.branch++
		var best Value
		for c := range n.Children() {
			best = prefer(best, in.Eval(c))
		}
		fr.branch--
		return best
	case syntax.With, syntax.Defer, syntax.Go, syntax.Throw, syntax.Other, syntax.Splat:
		var last Value
		for c := range n.Children() {
			last = in.Eval(c)
		}
		if n.Kind() == syntax.Other && n.Str() == "yield" && fr.File.Lang == "python" && rank(last) >= 4 {
			elem := last
			elem.PerRow, elem.Loop = false, nil
			fr.ret, fr.hasRet = Value{Kind: Container, Elem: &elem}, true
		}
		return last
	case syntax.Await:
		return in.Eval(n.Child(syntax.Value))
	case syntax.Unary:
		v := in.Eval(n.Child(syntax.Value))
		if op := n.Str(); op == "&" || op == "*" {
			return v
		}
		if b, ok := in.decided(n); ok && n.Str() == "!" {
			return b
		}
		return Value{Kind: Scalar}
	case syntax.Binary:
		a, b := in.Eval(n.Child(syntax.Left)), in.Eval(n.Child(syntax.Right))
		switch n.Str() {
		case "<<":
			in.collect(n.Child(syntax.Left), b)
			return a
		case "||", "??", "or", "?:":
			return prefer(a, b)
		case "&&", "and":
			return prefer(b, a)
		case "+", "|":
			if a.Kind == Many || a.Kind == Container {
				return a
			}
			return prefer(a, b)
		case "==", "!=", "===", "!==", "is", "is not":
			if v, ok := in.decided(n); ok {
				return v
			}
		}
		return Value{Kind: Scalar}
	case syntax.Name:
		return in.asNarrowed(in.name(n), n)
	case syntax.Self:
		return fr.Self
	case syntax.String, syntax.Number, syntax.Bool, syntax.Nil:
		for c := range n.All(syntax.Part) {
			in.Eval(c)
		}
		return Value{Kind: Literal, Node: n, File: fr.File}
	case syntax.List:
		var elem Value
		for c := range n.Children() {
			elem = prefer(elem, in.Eval(c))
		}
		return Value{Kind: Container, Elem: &elem, Node: n, File: fr.File}
	case syntax.Map:
		v := Value{Kind: Container, Pairs: true, Node: n, File: fr.File, Fields: map[string]Value{}}
		var elem Value
		for c := range n.Children() {
			if c.Kind() == syntax.Pair {
				x := in.Eval(c.Child(syntax.Value))
				v.Fields[c.Str()] = x
				elem = prefer(elem, x)
			} else {
				in.Eval(c)
			}
		}
		v.Elem = &elem
		return v
	case syntax.Pair:
		return in.Eval(n.Child(syntax.Value))
	case syntax.Lambda:
		return Value{Kind: FuncValue, Node: n, File: fr.File, env: fr.scope}
	case syntax.Index:
		return in.index(n)
	case syntax.Member, syntax.Call:
		return in.asNarrowed(in.call(n), n)
	}
	return Value{}
}

// prefer returns the value of which more is known.
func prefer(a, b Value) Value {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func rank(v Value) int {
	switch v.Kind {
	case Unknown:
		return 0
	case Scalar:
		return 1
	case Literal:
		return 2
	case FuncValue:
		return 3
	case Container:
		if v.Elem != nil && v.Elem.Kind >= Object {
			return 5
		}
		return 3
	case ClassRef, Object:
		return 4
	}
	return 6
}

func (in *Interp) name(n syntax.Ref) Value {
	fr := in.frame
	name := n.Str()
	if strings.HasPrefix(name, "@") {
		return fr.Ivars[name]
	}
	if v, ok := fr.scope.get(name); ok {
		return v
	}
	if name == "cls" && fr.Fn != nil && fr.Fn.Static && fr.File.Lang == "python" {
		return fr.Self
	}
	upper := startsUpper(name)
	if upper {
		if c := in.Index.Class(name, fr.File); c != nil {
			return Value{Kind: ClassRef, Class: c, Model: c.Model, File: fr.File}
		}
	}
	if !upper && family(fr.File.Lang) == "ruby" {
		return in.dispatch(&Call{Node: n, Name: name})
	}
	if k, ok := in.Index.Constants[fr.File][name]; ok && k.Is(syntax.Call, syntax.Member, syntax.Name) && fr.depth < maxDepth {
		fr.depth++
		v := in.Eval(k)
		fr.depth--
		return v
	}
	if fr.File.Lang == "python" {
		if m := in.function(name); m != nil {
			return Value{Kind: FuncValue, Node: m.Node, File: m.File}
		}
	}
	c := in.newCall(n, name)
	defer in.free(c)
	for _, fw := range in.Frameworks {
		if v, ok := fw.Call(in, c); ok {
			return v
		}
	}
	return Value{}
}

func startsUpper(s string) bool {
	s = LastSegment(s)
	return s != "" && s[0] >= 'A' && s[0] <= 'Z'
}

func (in *Interp) assign(n syntax.Ref) Value {
	fr := in.frame
	memo := n.Str() == "||="
	if memo {
		fr.memoed++
	}
	v := in.Eval(n.Child(syntax.Value))
	if memo {
		fr.memoed--
	}
	targets := 0
	for range n.All(syntax.Target) {
		targets++
	}
	i := 0
	for t := range n.All(syntax.Target) {
		x := v
		if targets > 1 {
			if v.Kind == Container && v.Node.Kind() == syntax.List && !v.Pairs {
				x = Value{}
				j := 0
				for e := range v.Node.Children() {
					if j == i {
						x = in.Eval(e)
					}
					j++
				}
			} else if i > 0 {
				x = Value{}
			}
		}
		in.bind(t, x)
		i++
	}
	return v
}

// bind assigns a value to a target: a name, an instance variable, a field of an object, a pattern.
func (in *Interp) bind(t syntax.Ref, v Value) {
	fr := in.frame
	keep := func(old Value, ok bool) bool {
		return ok && fr.branch > 0 && rank(v) < 4 && rank(old) >= 4
	}
	switch t.Kind() {
	case syntax.Name, syntax.Param, syntax.Field:
		name := t.Str()
		if strings.HasPrefix(name, "@") {
			if old, ok := fr.Ivars[name]; keep(old, ok) {
				return
			}
			fr.Ivars[name] = v
			return
		}
		if old, ok := fr.scope.get(name); keep(old, ok) {
			return
		}
		fr.scope.set(name, v)
	case syntax.Member:
		if t.Receiver().Kind() == syntax.Self {
			fr.Ivars["@"+t.Str()] = v
			return
		}
		in.Eval(t.Receiver())
	case syntax.Index:
		r := in.Eval(t.Receiver())
		if key := t.Child(syntax.Arg); r.Kind == Container && r.Fields != nil && key.Kind() == syntax.String {
			r.Fields[key.Str()] = v
		}
		if rank(v) >= 4 || v.Kind == Container {
			v.PerRow, v.Loop = false, nil
			in.store(t.Receiver(), v, 1)
		}
	case syntax.List:
		i := 0
		for c := range t.Children() {
			switch {
			case v.Kind == Container && v.Elem != nil:
				in.bind(c, *v.Elem)
			case i == 0 && v.Kind != Record:
				in.bind(c, v)
			default:
				in.bind(c, Value{})
			}
			i++
		}
	case syntax.Map:
		for c := range t.Children() {
			if c.Kind() == syntax.Pair {
				target := c.Child(syntax.Value)
				if x, ok := v.Fields[c.Str()]; ok {
					in.bind(target, x)
				} else if v.Kind == Record {
					in.bind(target, in.access(v, c.Str(), c))
				} else {
					in.bind(target, Value{})
				}
			}
		}
	case syntax.Pair: // foreach ($rows as $key => $row)
		in.bind(t.Child(syntax.Key), Value{})
		in.bind(t.Child(syntax.Value), v)
	case syntax.Splat, syntax.Assign:
		in.bind(t.Child(syntax.Value), Value{})
	}
}

// access reads an attribute of a value as if it were written at n.
func (in *Interp) access(v Value, name string, n syntax.Ref) Value {
	return in.dispatch(&Call{Node: n, Name: name, Recv: v, HasRecv: true})
}

func (in *Interp) index(n syntax.Ref) Value {
	v := in.Eval(n.Receiver())
	if a := n.Child(syntax.Arg); a.Kind() == syntax.Other && a.Str() == "slice" {
		return in.slice(v, n, a)
	}
	for a := range n.All(syntax.Arg) {
		in.Eval(a)
	}
	switch v.Kind {
	case Container:
		if key := n.Child(syntax.Arg); key.Kind() == syntax.String {
			if x, ok := v.Fields[key.Str()]; ok {
				return x
			}
		}
		if v.Elem != nil {
			if n.Child(syntax.Arg).Is(syntax.Number, syntax.String, syntax.Nil) {
				return *v.Elem
			}
			return in.taken(*v.Elem)
		}
	case Many:
		in.Use(v, n)
		e := in.Element(v, nil)
		e.PerRow = v.PerRow
		return e
	}
	return Value{}
}

func (in *Interp) forLoop(n syntax.Ref) Value {
	fr := in.frame
	outer := fr.scope
	if n.Has(syntax.FlagComprehension) {
		fr.scope = newScope(outer)
		defer func() { fr.scope = outer }()
	}
	if n.Has(syntax.FlagCounted) {
		in.Eval(n.Child(syntax.Init))
		in.Eval(n.Child(syntax.Cond))
		if strided(n) || repeats(n) != rowLoop {
			in.Eval(n.Child(syntax.Body))
			return Value{}
		}
		fr.Loops = append(fr.Loops, &Loop{Site: in.Site(n, "loop"), Repeat: true})
		in.Eval(n.Child(syntax.Body))
		in.Eval(n.Child(syntax.Post))
		fr.Loops = fr.Loops[:len(fr.Loops)-1]
		return Value{}
	}
	iterNode := n.Child(syntax.Iter)
	over := in.Eval(iterNode)
	if fr.File.Lang == "go" && !n.Child(syntax.Target).Ok() { // for range attempts: the same again, not the next row
		in.Eval(n.Child(syntax.Body))
		return Value{}
	}
	loop := in.startLoop(over, in.Site(n, "loop"), iterNode)
	elem := in.Element(over, loop)
	targets := []syntax.Ref{}
	for t := range n.All(syntax.Target) {
		targets = append(targets, t)
	}
	switch {
	case len(targets) == 1 && over.Pairs && targets[0].Kind() == syntax.List:
		i := 0
		for t := range targets[0].Children() {
			if i == 0 {
				in.bind(t, Value{})
			} else {
				in.bind(t, elem)
			}
			i++
		}
	case len(targets) == 1:
		in.bind(targets[0], elem)
	case len(targets) > 1: // key/index and value
		in.bind(targets[0], Value{})
		for _, t := range targets[1:] {
			in.bind(t, elem)
		}
	}
	in.Eval(n.Child(syntax.Cond))
	body := in.Eval(n.Child(syntax.Body))
	in.endLoop(loop)
	if n.Has(syntax.FlagComprehension) {
		return Value{Kind: Container, Elem: settled(body, loop), Pairs: n.Str() == "dict"}
	}
	return Value{}
}

// startLoop opens a loop over a value and marks the query behind it as run. It returns nil for a
// loop so short that it is none.
func (in *Interp) startLoop(over Value, site Site, iter syntax.Ref) *Loop {
	in.Use(over, iter)
	if short(over) || batches(over, iter) {
		return nil
	}
	in.loaded(over)
	if namedConstant(iter) || in.constantIter(site, iter) {
		return nil
	}
	l := &Loop{Site: site, Over: over}
	in.frame.Loops = append(in.frame.Loops, l)
	return l
}

func (in *Interp) endLoop(l *Loop) {
	if l != nil {
		in.frame.Loops = in.frame.Loops[:len(in.frame.Loops)-1]
	}
}

// maxLiterals is how many words or numbers a list in the code may hold and still be no list of data:
// it is as long in production as it is here.
const maxLiterals = 8

// namedConstant reports a collection that is named like a constant, so that its length is written in the
// code and does not grow with the data.
func namedConstant(iter syntax.Ref) bool {
	name := ""
	switch iter.Kind() {
	case syntax.Name, syntax.Member:
		name = LastSegment(iter.Str())
	case syntax.Call:
		if iter.Has(syntax.FlagNoArgs) && (iter.Str() == "keys" || iter.Str() == "values") {
			return namedConstant(iter.Receiver())
		}
		if iter.Has(syntax.FlagNoArgs) && !iter.Receiver().Ok() {
			name = iter.Str()
		}
	}
	if len(name) < 3 {
		return false
	}
	for _, r := range name {
		if (r < 'A' || r > 'Z') && r != '_' && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// short reports whether a loop over the value turns at most three times.
func short(v Value) bool {
	if v.Root != nil && v.Path == "" && v.Root.Limit > 0 && v.Root.Limit <= 3 {
		return true
	}
	if (v.Kind == Container || v.Kind == Literal) && v.Node.Is(syntax.List, syntax.Map) {
		n, plain := 0, true
		for c := range v.Node.Children() {
			if c.Kind() == syntax.Splat {
				return false
			}
			if c.Role() == syntax.TypeRole { // []int{1, 2, 3}
				continue
			}
			plain = plain && c.Is(syntax.String, syntax.Number, syntax.Bool)
			n++
		}
		return n <= 3 || plain && n <= maxLiterals
	}
	return false
}

// Element returns the value of one element of a collection inside a loop (nil: outside of one).
func (in *Interp) Element(v Value, l *Loop) Value {
	switch v.Kind {
	case Many:
		e := v
		e.Kind, e.Loaded = Record, false
		if l != nil {
			e.PerRow, e.Loop = true, l
		}
		return e
	case Container:
		if v.Elem == nil {
			return Value{}
		}
		e := *v.Elem
		if l != nil && e.Root != nil {
			e.PerRow, e.Loop = true, l
		}
		return e
	}
	return Value{}
}

// keyDepth is how deep the fields of objects tell calls apart; deeper ones are unknown in the callee.
const keyDepth = 2

// isStatement reports a text that begins like SQL: functions that pass it on are told apart by it.
func isStatement(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n(")
	if len(s) < 7 || len(s) > maxStatement {
		return false
	}
	switch strings.ToUpper(s[:6]) {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
		return true
	}
	return strings.EqualFold(s[:5], "WITH ")
}

// maxStatement is the longest statement that tells calls apart.
const maxStatement = 4000

func keyOf(v Value, sb *strings.Builder, depth int) {
	sb.WriteByte('0' + byte(v.Kind))
	switch v.Kind {
	case Record, Many:
		if v.Model != nil {
			sb.WriteString(v.Model.Name)
		}
		if v.Loaded {
			sb.WriteByte('!')
		}
		if v.Via != nil {
			sb.WriteString("<" + v.Via.Name)
			if v.Owner != nil {
				sb.WriteString(v.Owner.Name)
			}
		}
		if v.Root == nil {
			sb.WriteByte('?')
		}
		if v.unsaved {
			sb.WriteByte('n')
		}
	case ClassRef, Object:
		if v.Class != nil {
			sb.WriteString(v.Class.Name)
		}
		if depth < keyDepth {
			for _, k := range sortedKeys(v.Fields) {
				sb.WriteString("." + k)
				keyOf(v.Fields[k], sb, depth+1)
			}
		}
	case Container:
		if v.Elem != nil && depth < 3 {
			keyOf(*v.Elem, sb, depth+1)
		}
	case Literal:
		sb.WriteByte('a' + byte(v.Node.Kind()))
		if s := v.Node.Str(); len(s) < 40 || isStatement(s) {
			sb.WriteString(s)
		}
	case FuncValue:
		sb.WriteString(strconv.Itoa(int(v.Node.ID)))
		if v.File != nil {
			sb.WriteString(v.File.Path)
		}
	}
	sb.WriteByte(';')
}
