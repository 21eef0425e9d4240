package template

import (
	"bytes"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// tag records one tag.
func (j *jinja) tag(t *jinjaTag) {
	if t.name == "{#" {
		if text := j.src[t.start:t.end]; bytes.Contains(text, []byte("napkin:")) {
			j.leaf(syntax.Comment, syntax.Stmt, string(text), t.start, t.end)
		}
		return
	}
	if of, ok := strings.CutPrefix(t.name, "end"); ok && of != "" {
		if !j.pop(of, t.start, t.end) {
			j.failed(0)
		}
		return
	}
	p := readExpressions(j.src, t.from, t.to)
	strict := true // what is left over is an error
	switch t.name {
	case "{{":
		p.expression().record(&j.outline, syntax.Stmt, syntax.FlagOutput)
	case "for":
		j.forTag(t, p)
	case "if", "ifequal", "ifnotequal", "ifchanged":
		j.ifTag(t, p)
	case "elif", "elseif":
		if f := j.top(); f != nil && f.cond {
			for len(j.open) > f.arms {
				j.finish(t.start)
			}
			j.begin(syntax.If, syntax.Else, "", t.start)
			f.arms++
			p.expression().record(&j.outline, syntax.Cond, 0)
			j.arm(syntax.Body, t.start, t.end)
		} else {
			j.failed(0)
		}
	case "else", "empty":
		if f := j.top(); f != nil && (f.cond || f.loop) {
			j.arm(syntax.Else, t.start, t.end)
		}
		strict = false
	case "set":
		j.setTag(t, p)
	case "with":
		j.withTag(t, p)
	case "macro":
		j.macroTag(t, p)
	case "call":
		j.callTag(t, p)
	case "do":
		p.expression().record(&j.outline, syntax.Stmt, 0)
	case "import":
		j.importTag(t, p)
	case "from":
		j.fromTag(t, p)
	case "load":
		j.loadTag(t, p)
		strict = false
	case "regroup":
		j.regroupTag(t, p)
	case "block":
		j.begin(syntax.Call, syntax.Stmt, "block", t.start)
		if name := p.take(); name.kind == tokenName {
			j.leaf(syntax.String, syntax.Arg, name.text, name.start, name.end)
		}
		j.content(t)
		strict = false
	default:
		j.customTag(t, p)
		strict = false
	}
	if p.failed || (strict && !p.done()) {
		j.failed(int(t.end - t.start))
	}
}

// body begins the body of the node just opened, as a frame that waits for the end tag. A tag that is
// never closed has an empty body.
func (j *jinja) body(t *jinjaTag) *frame {
	f := j.push(t.name)
	j.arm(syntax.Body, t.end, t.end)
	if !t.closed {
		j.pop(t.name, t.end, t.end)
		j.failed(0)
		return &frame{}
	}
	return f
}

// content gives the call just opened what stands between the tag and its end tag, and closes the
// call when it has none.
func (j *jinja) content(t *jinjaTag, params ...*expr) {
	if !t.closed {
		j.finish(t.end)
		return
	}
	j.push(t.name)
	j.begin(syntax.Lambda, syntax.BlockArg, "", t.end)
	for _, p := range params {
		p.record(&j.outline, syntax.ParamRole, 0)
	}
	j.begin(syntax.Block, syntax.Body, "", t.end)
}

// target reads a, b or (a, b) or a.b.
func (p *expressions) target() *expr {
	list := &expr{kind: syntax.List, start: p.peek().start}
	paren := p.operator("(")
	for {
		list.add(syntax.Elem, p.postfix())
		if !p.operator(",") || (p.peek().kind == tokenName && p.peek().text == "in") {
			break
		}
	}
	if paren {
		p.operator(")")
	}
	list.end = p.behind()
	if len(list.children) == 1 {
		return list.children[0].expr
	}
	return list
}

func (j *jinja) forTag(t *jinjaTag, p *expressions) {
	j.begin(syntax.For, syntax.Stmt, "", t.start)
	p.target().record(&j.outline, syntax.Target, 0)
	if !p.word("in") {
		p.failed = true
	}
	iter := p.binary(0)
	if p.operator(",") { // for x in a, b
		list := (&expr{kind: syntax.List, start: p.tokens[0].start}).add(syntax.Elem, iter)
		for more := true; more && !p.done(); more = p.operator(",") {
			list.add(syntax.Elem, p.binary(0))
		}
		list.end = p.behind()
		if iter != nil {
			list.start = iter.start
		}
		iter = list
	}
	iter.record(&j.outline, syntax.Iter, 0)
	if p.word("if") {
		p.binary(0).record(&j.outline, syntax.Cond, 0)
	}
	for p.word("recursive") || p.word("reversed") {
	}
	j.body(t).loop = true
}

func (j *jinja) ifTag(t *jinjaTag, p *expressions) {
	j.begin(syntax.If, syntax.Stmt, "", t.start)
	var cond *expr
	switch t.name {
	case "if":
		cond = p.expression()
	case "ifchanged":
		cond = &expr{kind: syntax.Call, str: t.name, start: t.start, end: t.end}
		for !p.done() {
			before := p.pos
			cond.add(syntax.Arg, p.expression())
			p.progress(before)
		}
	default:
		op := "=="
		if t.name == "ifnotequal" {
			op = "!="
		}
		cond = &expr{kind: syntax.Binary, str: op, start: p.peek().start}
		cond.add(syntax.Left, p.postfix()).add(syntax.Right, p.postfix())
		cond.end = max(p.behind(), cond.start)
	}
	if cond == nil {
		p.failed = true
	}
	cond.record(&j.outline, syntax.Cond, 0)
	j.body(t).cond = true
}

// setTag lowers {% set a = x %}, and {% set a %}...{% endset %} with the content as a Lambda.
func (j *jinja) setTag(t *jinjaTag, p *expressions) {
	j.begin(syntax.Assign, syntax.Stmt, "=", t.start)
	p.target().record(&j.outline, syntax.Target, 0)
	if p.operator("=") {
		v := p.expression()
		if p.operator(",") && v != nil {
			list := (&expr{kind: syntax.List, start: v.start}).add(syntax.Elem, v)
			for more := true; more && !p.done(); more = p.operator(",") {
				list.add(syntax.Elem, p.expression())
			}
			list.end = p.behind()
			v = list
		}
		v.record(&j.outline, syntax.Value, 0)
		j.finish(t.end)
		return
	}
	for p.operator("|") { // the content passes through filters
		if name := p.take(); p.peek().kind == tokenOperator && p.peek().text == "(" {
			p.call(&expr{kind: syntax.Name, str: name.text, start: name.start})
		}
	}
	if !t.closed {
		j.finish(t.end)
		j.failed(0)
		return
	}
	j.push(t.name)
	j.begin(syntax.Lambda, syntax.Value, "", t.end)
	j.begin(syntax.Block, syntax.Body, "", t.end)
}

func (j *jinja) withTag(t *jinjaTag, p *expressions) {
	j.begin(syntax.With, syntax.Stmt, "", t.start)
	for !p.done() {
		before := p.pos
		name := p.peek()
		if name.kind == tokenName && p.ahead(1).kind == tokenOperator && p.ahead(1).text == "=" {
			p.pos += 2
			j.assigned(name, p.expression(), p.behind())
		} else if v := p.expression(); v != nil {
			if p.word("as") {
				j.assigned(p.take(), v, p.behind())
			} else {
				v.record(&j.outline, syntax.Value, 0)
			}
		}
		if !p.operator(",") {
			p.word("and")
		}
		p.progress(before)
	}
	j.body(t)
}

// assigned records name = v as a Value of the open node.
func (j *jinja) assigned(name token, v *expr, end uint32) {
	start := name.start
	if v != nil {
		start = min(start, v.start)
	}
	j.begin(syntax.Assign, syntax.Value, "=", start)
	j.leaf(syntax.Name, syntax.Target, name.text, name.start, name.end)
	v.record(&j.outline, syntax.Value, 0)
	j.finish(end)
}

// params reads (a, b=1).
func (p *expressions) params() (out []*expr) {
	if !p.operator("(") {
		return nil
	}
	for !p.done() && !p.operator(")") {
		name := p.take()
		e := &expr{kind: syntax.Param, str: name.text, start: name.start}
		if p.operator("=") {
			e.add(syntax.Value, p.expression())
		}
		e.end = p.behind()
		p.operator(",")
		out = append(out, e)
	}
	return out
}

func (j *jinja) macroTag(t *jinjaTag, p *expressions) {
	j.begin(syntax.Func, syntax.Stmt, p.take().text, t.start)
	for _, e := range p.params() {
		e.record(&j.outline, syntax.ParamRole, 0)
	}
	j.body(t)
}

// callTag lowers {% call(x) f(a) %}...{% endcall %} to the call with the content as its block.
func (j *jinja) callTag(t *jinjaTag, p *expressions) {
	params := p.params()
	e := p.expression()
	if e == nil || e.kind != syntax.Call {
		e = (&expr{kind: syntax.Call, str: "call", start: t.start, end: t.end}).add(syntax.Arg, e)
	}
	j.begin(syntax.Call, syntax.Stmt, e.str, t.start)
	for _, c := range e.children {
		c.record(&j.outline, c.role, 0)
	}
	j.content(t, params...)
}

func (j *jinja) importTag(t *jinjaTag, p *expressions) {
	path := p.expression()
	str := ""
	if path != nil && path.kind == syntax.String {
		str, path = path.str, nil
	}
	j.begin(syntax.Import, syntax.Stmt, str, t.start)
	path.record(&j.outline, syntax.Value, 0)
	if p.word("as") {
		name := p.take()
		j.begin(syntax.Pair, syntax.Arg, name.text, name.start)
		j.leaf(syntax.Name, syntax.Value, "*", name.start, name.end)
		j.finish(name.end)
	}
	p.context()
	j.finish(t.end)
}

// context reads "with context" and "without context".
func (p *expressions) context() {
	if p.word("with") || p.word("without") {
		p.word("context")
	}
}

func (j *jinja) fromTag(t *jinjaTag, p *expressions) {
	path := p.expression()
	str := ""
	if path != nil && path.kind == syntax.String {
		str, path = path.str, nil
	}
	j.begin(syntax.Import, syntax.Stmt, str, t.start)
	path.record(&j.outline, syntax.Value, 0)
	p.word("import")
	for !p.done() {
		name := p.take()
		switch {
		case name.kind != tokenName:
		case name.text == "with" || name.text == "without":
			p.word("context")
		case p.word("as"):
			alias := p.take()
			j.begin(syntax.Pair, syntax.Arg, alias.text, name.start)
			j.leaf(syntax.Name, syntax.Value, name.text, name.start, name.end)
			j.finish(alias.end)
		default:
			j.leaf(syntax.Name, syntax.Arg, name.text, name.start, name.end)
		}
	}
	j.finish(t.end)
}

// loadTag lowers {% load a b %} and {% load x y from a %}.
func (j *jinja) loadTag(t *jinjaTag, p *expressions) {
	words := bytes.Fields(j.src[t.from:t.to])
	if n := len(words); n > 2 && string(words[n-2]) == "from" {
		j.begin(syntax.Import, syntax.Stmt, string(words[n-1]), t.start)
		for _, w := range words[:n-2] {
			j.leaf(syntax.Name, syntax.Arg, string(w), t.start, t.end)
		}
		j.finish(t.end)
	} else {
		for _, w := range words {
			j.leaf(syntax.Import, syntax.Stmt, string(w), t.start, t.end)
		}
	}
}

// regroupTag lowers {% regroup xs by attribute as name %}.
func (j *jinja) regroupTag(t *jinjaTag, p *expressions) {
	call := (&expr{kind: syntax.Call, str: t.name, start: t.start, end: t.end}).add(syntax.Arg, p.postfix())
	if p.word("by") {
		call.add(syntax.Arg, p.postfix())
	}
	p.word("as")
	name := p.take()
	j.begin(syntax.Assign, syntax.Stmt, "=", t.start)
	j.leaf(syntax.Name, syntax.Target, name.text, name.start, name.end)
	call.record(&j.outline, syntax.Value, 0)
	j.finish(t.end)
}

// customTag lowers include and every tag that has no form of its own.
func (j *jinja) customTag(t *jinjaTag, p *expressions) {
	call := &expr{kind: syntax.Call, str: t.name, start: t.start, end: t.end}
	var as *token
	for !p.done() {
		before := p.pos
		w := p.peek()
		next := p.ahead(1)
		named := next.kind == tokenOperator && next.text == "="
		switch {
		case w.kind == tokenName && w.text == "as" && next.kind == tokenName:
			p.pos += 2
			as = &next
		case w.kind == tokenName && !named && (w.text == "with" || w.text == "without" || w.text == "only" || w.text == "context" || w.text == "ignore" || w.text == "missing"):
			p.pos++
		default:
			call.add(syntax.Arg, p.argument())
		}
		p.operator(",")
		p.progress(before)
	}
	p.failed = false // the syntax of a custom tag is its own
	if as != nil && !t.closed {
		j.begin(syntax.Assign, syntax.Stmt, "=", t.start)
		j.leaf(syntax.Name, syntax.Target, as.text, as.start, as.end)
		call.record(&j.outline, syntax.Value, 0)
		j.finish(t.end)
		return
	}
	j.begin(syntax.Call, syntax.Stmt, t.name, t.start)
	for _, c := range call.children {
		c.record(&j.outline, c.role, 0)
	}
	j.content(t)
}
