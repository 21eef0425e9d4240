//go:build cgo

package php

import (
	"context"
	"math"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Form says what a fragment is made of.
type Form uint8

const (
	Arguments  Form = iota // expressions between commas, as in a call; named arguments and spreads allowed
	Foreach                // $xs as $key => $x
	Counted                // init; cond; post
	Statements             // any number of statements
	Variables              // arguments that name the variables of a view: see Lower
)

// Fragment is a piece of PHP that stands in another file from byte Start to End, End exclusive.
type Fragment struct {
	Form       Form
	Start, End uint32
}

// Fragments are the parsed fragments of one file.
type Fragments struct {
	parts []part
}

type part struct {
	form   Form
	nodes  []treesitter.Node // what the fragment's wrapping statement, or the fragment itself, became
	src    []byte            // what was parsed
	shift  int64             // from offsets in src to offsets in the file
	start  uint32
	end    uint32
	errors int // error nodes
	size   int // bytes they cover
}

var wrapping = [...]struct{ before, after string }{
	// The line end closes a comment at the end of the fragment.
	Arguments:  {"f(", "\n);"},
	Foreach:    {"foreach(", "\n){}"},
	Counted:    {"for(", "\n){}"},
	Statements: {"", "\n;"},
	Variables:  {"f(", "\n);"},
}

const opening = "<?php\n"

// ParseFragments parses fragments of src, in the order given. All are parsed at once; only when one
// of them is broken is each parsed by itself, so that no fragment spoils its neighbours. It returns
// an error only when the context ends or memory runs out.
func ParseFragments(ctx context.Context, src []byte, fragments []Fragment) (*Fragments, error) {
	fs := &Fragments{parts: make([]part, len(fragments))}
	if len(fragments) == 0 {
		return fs, nil
	}
	if ok, err := fs.parse(ctx, src, fragments, fs.parts); ok || err != nil {
		return fs, err
	}
	for i := range fragments {
		if _, err := fs.parse(ctx, src, fragments[i:i+1], fs.parts[i:i+1]); err != nil {
			return nil, err
		}
	}
	return fs, nil
}

// parse parses fragments as one file. With several it reports false when any of them is broken or
// does not stay within its own statements.
func (fs *Fragments) parse(ctx context.Context, src []byte, fragments []Fragment, parts []part) (bool, error) {
	buf := []byte(opening)
	for i, f := range fragments {
		w := wrapping[f.Form]
		buf = append(buf, w.before...)
		parts[i] = part{form: f.Form, start: f.Start, end: f.End, shift: int64(f.Start) - int64(len(buf))}
		buf = append(buf, src[f.Start:f.End]...)
		buf = append(buf, w.after...)
	}
	if len(buf) > math.MaxUint32 {
		return false, nil
	}
	tree, err := language().Parse(ctx, buf)
	if err != nil {
		return false, err
	}
	count, size := tree.Errors()
	alone := len(fragments) == 1
	if count > 0 && !alone {
		return false, nil
	}
	i := 0
	for n := first(tree.Root()); n.Ok(); n = next(n) {
		for i < len(parts) && int64(n.Start())+parts[i].shift >= int64(parts[i].end)+int64(len(wrapping[parts[i].form].after)) {
			i++
		}
		if i == len(parts) {
			break
		}
		p := &parts[i]
		if !alone && int64(n.End())+p.shift > int64(p.end)+int64(len(wrapping[p.form].after)) {
			return false, nil
		}
		p.nodes = append(p.nodes, n)
	}
	for i := range parts {
		parts[i].src = buf
		if !alone && parts[i].form != Statements && !parts[i].whole() {
			return false, nil
		}
	}
	if alone {
		parts[0].errors, parts[0].size = count, min(size, int(fragments[0].End-fragments[0].Start))
	}
	return true, nil
}

// header is the statement that wraps the fragment.
func (p *part) header() treesitter.Node {
	if len(p.nodes) == 0 {
		return treesitter.Node{}
	}
	n := p.nodes[0]
	if n.Kind() == "expression_statement" {
		n = first(n)
	}
	return n
}

// whole reports whether the wrapping was parsed as meant.
func (p *part) whole() bool {
	if len(p.nodes) != 1 {
		return false
	}
	switch p.form {
	case Arguments, Variables:
		n := p.header()
		return n.Kind() == "function_call_expression" && n.Child("function").Text() == "f" &&
			int64(n.Start())+p.shift == int64(p.start)-int64(len(wrapping[Arguments].before))
	case Foreach:
		return p.header().Kind() == "foreach_statement"
	case Counted:
		return p.header().Kind() == "for_statement"
	}
	return true
}

// Errors returns the error nodes in a fragment and the bytes that they cover. A fragment with errors
// is lowered as far as it was understood.
func (fs *Fragments) Errors(i int) (count, bytes int) {
	p := &fs.parts[i]
	if p.errors == 0 && p.form != Statements && !p.whole() {
		return 1, int(p.end - p.start)
	}
	return p.errors, p.size
}

// Lower adds fragment i to the open node of b, with positions in the file. Arguments and Statements
// become children in the role given and with the flags given; Foreach adds Target and Iter, Counted
// adds Init, Cond and Post. Variables are Arguments of which an array with keys becomes one Pair a
// key, as if they were named arguments, and compact('a') becomes Pair{a} with Value Name "a".
func (fs *Fragments) Lower(b *syntax.Builder, i int, role syntax.Role, flags syntax.Flags) {
	p := &fs.parts[i]
	l := &lowering{b: b, src: p.src, shift: p.shift, begin: p.start, end: p.end}
	h := p.header()
	switch {
	case p.form == Statements || !p.whole():
		for _, n := range p.nodes {
			l.flags = flags
			l.node(n, role)
		}
	case p.form == Arguments:
		args := h.Child("arguments")
		for c := first(args); c.Ok(); c = next(c) {
			l.flags = flags
			l.argument(c, role)
		}
	case p.form == Variables:
		args := h.Child("arguments")
		for c := first(args); c.Ok(); c = next(c) {
			l.variables(c, role)
		}
	case p.form == Foreach:
		l.foreachHeader(h)
	case p.form == Counted:
		l.forHeader(h)
	}
}

func (l *lowering) variables(n treesitter.Node, role syntax.Role) {
	switch v := first(n); {
	case v.Kind() == "array_creation_expression":
		keyed := false
		for c := first(v); c.Ok() && !keyed; c = next(c) {
			keyed = c.FirstOf("=>").Ok()
		}
		if !keyed && first(v).Ok() {
			break
		}
		l.each(v, role)
		return
	case v.Kind() == "function_call_expression" && v.Child("function").Text() == "compact":
		args := v.Child("arguments")
		for c := first(args); c.Ok(); c = next(c) {
			name := first(c)
			if name.Kind() != "string" && name.Kind() != "encapsed_string" {
				l.argument(c, role)
				continue
			}
			text, _ := l.decode(name)
			id := l.open(syntax.Pair, role, name)
			l.b.SetStr(id, text)
			l.leaf(syntax.Name, syntax.Value, text, name)
			l.b.Close()
		}
		return
	}
	l.argument(n, role)
}
