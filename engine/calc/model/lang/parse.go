package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// Parse parses a text. The error is an [Errors]. Names are not resolved yet.
func Parse(src Source) (*File, error) {
	if len(src.Text) > maxText {
		return nil, locate(src, faultf(Span{}, "the text is longer than %d MB", maxText>>20).with("large tables belong into a file: input x[Store, day] from csv \"x.csv\""))
	}
	lines, bad := lex(src.Text)
	if bad != nil {
		return nil, locate(src, bad)
	}
	p := &parser{src: src, file: &File{Source: src}}
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].indent > 0 {
			n++
		}
		p.statement(lines[:n])
		lines = lines[n:]
		if p.statements++; p.statements > maxStatements {
			p.faults = append(p.faults, faultf(Span{}, "the text has more than %d statements", maxStatements))
			break
		}
	}
	if len(p.faults) > 0 {
		return nil, locate(src, p.faults...)
	}
	return p.file, nil
}

// locate places faults in the text, in its order.
func locate(src Source, faults ...*fault) Errors {
	slices.SortStableFunc(faults, func(a, b *fault) int { return cmp.Compare(a.Start, b.Start) })
	var errs Errors
	for _, f := range faults[:min(len(faults), maxErrors)] {
		errs = append(errs, src.ErrorAt(f.Span, f.message, f.hint))
	}
	return errs
}

type parser struct {
	src        Source
	file       *File
	faults     []*fault
	statements int

	tokens []token // of what is parsed now; the last one is a tokenEnd
	i      int
	depth  int // of nested expressions
	parens int // parentheses around the place
}

// statement parses a statement: its first line and the indented ones below.
func (p *parser) statement(lines []line) {
	head := lines[0].tokens
	p.use(head)
	if lines[0].indent > 0 {
		p.fail(faultf(head[0].Span, "a statement begins at the left margin").with("indented lines belong to the statement above them, and there is none"))
		return
	}
	word := ""
	if head[0].kind == tokenName {
		word = head[0].text
	}
	parse := map[string]func([]line) *fault{
		"model": p.model, "time": p.time, "dimension": p.dimension, "map": p.mapping, "input": p.input,
		"scenario": p.scenario, "show": p.show, "simulate": p.simulate,
	}[word]
	if parse == nil {
		parse = func(lines []line) *fault {
			v, err := p.variable(lines, false)
			if err == nil {
				p.file.Variables = append(p.file.Variables, v)
			}
			return err
		}
	}
	p.fail(parse(lines))
}

func (p *parser) fail(f *fault) {
	if f != nil {
		p.faults = append(p.faults, f)
	}
}

func (p *parser) use(tokens []token) { p.tokens, p.i, p.depth, p.parens = tokens, 0, 0, 0 }

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) after(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.i]
	if t.kind != tokenEnd {
		p.i++
	}
	return t
}

func (t token) sign(text string) bool { return t.kind == tokenSign && t.text == text }

func (t token) word(text string) bool { return t.kind == tokenName && t.text == text }

// accept takes the next token if it is that sign or word.
func (p *parser) accept(text string) bool {
	if t := p.peek(); t.sign(text) || t.word(text) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(text string) *fault {
	if p.accept(text) {
		return nil
	}
	return p.unexpected(fmt.Sprintf("%q", text))
}

// unexpected says what stands where something else is expected.
func (p *parser) unexpected(expected string) *fault {
	t := p.peek()
	if t.kind == tokenEnd {
		return faultf(Span{Start: t.Start, End: t.Start + 1}, "%s is expected here", expected)
	}
	found := p.src.Text[t.Start:t.End]
	if len(found) > 40 {
		found = found[:40] + "..."
	}
	return faultf(t.Span, "%s is expected, not %s", expected, strings.ToValidUTF8(found, "?"))
}

// finish demands the end of the line.
func (p *parser) finish(expected string) *fault {
	if p.peek().kind == tokenEnd {
		return nil
	}
	return p.unexpected(expected)
}

func (p *parser) spanFrom(start token) Span {
	return Span{Start: start.Start, End: p.tokens[max(0, p.i-1)].End}
}

// name reads a name that the model gives to something.
func (p *parser) name(what string) (Ident, *fault) {
	t := p.peek()
	if t.kind != tokenName {
		return Ident{}, p.unexpected(what)
	}
	if reserved[t.text] {
		return Ident{}, faultf(t.Span, "%s is expected, and %q is a word of the language", what, t.text)
	}
	p.i++
	return Ident{t.text, t.Span}, nil
}

// among reads the name of a dimension or a grain, or one of the given words.
func (p *parser) among(what string, words ...string) (Ident, *fault) {
	t := p.peek()
	if t.kind == tokenName {
		if _, grain := calendar.ParseGrain(t.text); grain || slices.Contains(words, t.text) {
			p.i++
			return Ident{t.text, t.Span}, nil
		}
	}
	return p.name(what)
}

// list reads names of dimensions and grains between commas.
func (p *parser) list(what string, words ...string) ([]Ident, *fault) {
	var list []Ident
	for {
		id, err := p.among(what, words...)
		if err != nil {
			return nil, err
		}
		list = append(list, id)
		if !p.accept(",") {
			return list, nil
		}
	}
}

// item reads the name of an item, bare or in quotes; a whole number may be one.
func (p *parser) item() (Ident, *fault) {
	t := p.peek()
	switch {
	case t.kind == tokenName && reserved[t.text]:
		return Ident{}, faultf(t.Span, "%q is a word of the language", t.text).with("write an item of this name in quotes")
	case t.kind == tokenName, t.kind == tokenText, t.kind == tokenDate, t.kind == tokenNumber:
		p.i++
		return Ident{t.text, t.Span}, nil
	}
	return Ident{}, p.unexpected("an item")
}

// text reads a text in quotes.
func (p *parser) text(what string) (string, *fault) {
	if t := p.peek(); t.kind == tokenText {
		p.i++
		return t.text, nil
	}
	return "", p.unexpected(what + " in quotes")
}

// join makes one list of tokens of the lines below a head, with a comma between lines where commas is set.
func join(head []token, lines []line, commas bool) []token {
	tokens := slices.Clone(head[:len(head)-1])
	for _, l := range lines {
		last := token{}
		if len(tokens) > 0 {
			last = tokens[len(tokens)-1]
		}
		if commas && !last.sign(",") && !last.sign("=") && !l.tokens[0].sign(",") && len(tokens) > 0 {
			at := l.tokens[0].Start
			tokens = append(tokens, token{kind: tokenSign, text: ",", Span: Span{Start: at, End: at}})
		}
		tokens = append(tokens, l.tokens[:len(l.tokens)-1]...)
	}
	return append(tokens, head[len(head)-1].at(tokens))
}

// at moves an end behind the last of tokens.
func (t token) at(tokens []token) token {
	if len(tokens) > 0 {
		t.Start = tokens[len(tokens)-1].End
		t.End = t.Start
	}
	return t
}

// settings takes the lines of settings out of those below a head.
func (p *parser) settings(lines []line, known []string) (settings []Setting, rest []line, err *fault) {
	for _, l := range lines {
		t := l.tokens[0]
		if t.kind != tokenName || !l.tokens[1].sign(":") || !slices.Contains(known, t.text) {
			rest = append(rest, l)
			continue
		}
		p.use(l.tokens)
		p.i = 2
		s := Setting{Name: Ident{t.text, t.Span}}
		for {
			v, err := p.settingValue()
			if err != nil {
				return nil, nil, err
			}
			s.Values = append(s.Values, v)
			if !p.accept(",") {
				break
			}
		}
		if err := p.finish("the end of the setting"); err != nil {
			return nil, nil, err
		}
		settings = append(settings, s)
	}
	return settings, rest, nil
}

func (p *parser) settingValue() (Value, *fault) {
	if t := p.peek(); t.kind == tokenName {
		p.i++
		return Value{Word: t.text, Text: t.text, Span: t.Span}, nil
	}
	v, text, at, err := p.signedNumber()
	return Value{Number: v, Text: text, Span: at}, err
}

func (p *parser) signedNumber() (float64, string, Span, *fault) {
	start := p.peek()
	minus := p.accept("-")
	t := p.peek()
	if t.kind != tokenNumber {
		return 0, "", t.Span, p.unexpected("a number")
	}
	p.i++
	if minus {
		return -t.value, "-" + t.text, p.spanFrom(start), nil
	}
	return t.value, t.text, t.Span, nil
}

// noMore refuses lines below a statement that takes none (any more).
func (p *parser) noMore(lines []line, known []string) *fault {
	if len(lines) == 0 {
		return nil
	}
	f := faultf(lines[0].tokens[0].Span, "this line belongs to no part of the statement above")
	if len(known) > 0 {
		f.message = "a setting is expected here: " + strings.Join(known, ", ")
		if near := Nearest(lines[0].tokens[0].text, known); near != "" {
			return f.with("did you mean " + near + "?")
		}
		return f.with("settings are written as in `" + known[0] + ": ...`")
	}
	return f.with("a new statement begins at the left margin")
}
