package lang

import (
	"cmp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Bounds of a text. They are far above what a person writes.
const (
	maxText       = 256 << 10
	maxTokens     = 50_000
	maxStatements = 2000
	maxDepth      = 100
)

// Rates tells the parser which base rates there are.
type Rates interface {
	// Dim returns the dimension of a rate, and false when there is none of that name.
	Dim(name string) (quantity.Dim, bool)
	// Names lists the rates, for suggestions.
	Names() []string
}

// Parse parses and checks a text. The error is an [Errors]. rates may be nil: then there are none.
func Parse(src Source, rates Rates) (*File, error) {
	if len(src.Text) > maxText {
		at := faultf(Span{}, "the text is longer than %d kB", maxText>>10)
		return nil, Errors{src.locate(at)}
	}
	tokens, bad := lex(src.Text)
	if bad == nil && len(tokens) > maxTokens {
		bad = faultf(tokens[maxTokens].Span, "the text has more than %d words and signs", maxTokens)
	}
	if bad != nil {
		return nil, Errors{src.locate(bad)}
	}
	p := &parser{src: src, tokens: tokens, defined: definedNames(tokens), file: &File{Source: src, Definitions: map[string]*Statement{}}}
	p.statements("")
	if len(p.faults) == 0 {
		c := &checker{file: p.file, rates: rates, state: map[string]int{}}
		p.faults = c.check()
	}
	if len(p.faults) == 0 {
		return p.file, nil
	}
	slices.SortStableFunc(p.faults, func(a, b *fault) int { return cmp.Compare(a.Start, b.Start) })
	var errs Errors
	for _, f := range p.faults[:min(len(p.faults), maxErrors)] {
		errs = append(errs, src.locate(f))
	}
	return nil, errs
}

type parser struct {
	src     Source
	tokens  []token
	i       int
	depth   int
	parens  int             // open parentheses, in which lines do not end
	defined map[string]bool // names that some statement defines
	file    *File
	faults  []*fault
}

// definedNames finds the names before an equals sign, because a variable stands before a unit of the
// same name, also above its definition.
func definedNames(tokens []token) map[string]bool {
	names := map[string]bool{}
	for i := 1; i < len(tokens); i++ {
		if tokens[i].kind == tokenSign && tokens[i].text == "=" && tokens[i-1].kind == tokenName {
			names[tokens[i-1].text] = true
		}
	}
	return names
}

func (p *parser) peek() token {
	for p.parens > 0 && p.tokens[p.i].kind == tokenLine && p.tokens[p.i].text == "\n" {
		p.i++
	}
	return p.tokens[p.i]
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokenEnd {
		p.i++
	}
	return t
}

func (p *parser) after(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) isSign(text string) bool {
	t := p.peek()
	return t.kind == tokenSign && t.text == text
}

func (p *parser) isWord(text string) bool {
	t := p.peek()
	return t.kind == tokenName && t.text == text
}

func (p *parser) last() Span { return p.tokens[max(0, p.i-1)].Span }

// statements parses to the end, or inside an option to its closing brace.
func (p *parser) statements(option string) {
	for {
		for p.tokens[p.i].kind == tokenLine {
			p.i++
		}
		t := p.tokens[p.i]
		if t.kind == tokenEnd || option != "" && t.kind == tokenSign && t.text == "}" {
			return
		}
		if len(p.file.Statements) >= maxStatements {
			p.faults = append(p.faults, faultf(t.Span, "the text has more than %d statements", maxStatements))
			p.i = len(p.tokens) - 1
			return
		}
		p.depth, p.parens = 0, 0
		err := p.statement(option)
		p.parens = 0
		if err == nil {
			err = p.endOfStatement(option)
		}
		if err != nil {
			p.faults = append(p.faults, err)
			p.recover(option != "")
		}
	}
}

func (p *parser) endOfStatement(option string) *fault {
	t := p.peek()
	if t.kind == tokenLine || t.kind == tokenEnd || option != "" && t.kind == tokenSign && t.text == "}" {
		return nil
	}
	return p.unexpected(t, "the end of the statement")
}

// recover skips to the next line, or inside an option to its closing brace.
func (p *parser) recover(braced bool) {
	for {
		t := p.tokens[p.i]
		if t.kind == tokenLine || t.kind == tokenEnd || braced && t.kind == tokenSign && t.text == "}" {
			return
		}
		p.i++
	}
}

// unexpected says what stands where something else was expected.
func (p *parser) unexpected(t token, expected string) *fault {
	switch {
	case t.kind == tokenEnd || t.kind == tokenLine:
		at := Span{p.last().End, p.last().End + 1}
		return faultf(at, "%s is expected here", expected)
	case t.kind == tokenSign && (t.text == "<" || t.text == ">" || t.text == "<=" || t.text == ">=" || t.text == "=="):
		return faultf(t.Span, "a comparison stands only in a constraint or a claim").with("write for example `constraint cost <= $500/month`")
	case t.kind == tokenSign && t.text == ",":
		return faultf(t.Span, "%s is expected, not a comma", expected).with("write 1000 or 1_000 for a thousand, and a point for decimals")
	case t.kind == tokenSign && t.text == "(":
		return faultf(t.Span, "%s is expected, not a parenthesis", expected).with("to multiply, write *")
	case t.kind == tokenNumber:
		hint := "to multiply, write *; for a range, write `to`"
		if u, err := quantity.Lookup(p.tokens[max(0, p.i-1)].text); err == nil && !u.Dim.Plain() {
			if v, err := quantity.Lookup(p.after(1).text); err == nil && v.Dim == u.Dim {
				hint = "to add, write +; for a range, write `to`"
			}
		}
		return faultf(t.Span, "%s is expected, not a number", expected).with(hint)
	}
	return faultf(t.Span, "%s is expected, not %q", expected, p.src.Text[t.Start:t.End])
}

func (p *parser) statement(option string) *fault {
	start := p.peek()
	if start.kind == tokenName && !(p.after(1).kind == tokenSign && p.after(1).text == "=") {
		switch start.text {
		case "let":
			p.next()
			if t := p.peek(); t.kind != tokenName {
				return p.unexpected(t, "a name")
			}
			if t := p.after(1); t.kind != tokenSign || t.text != "=" {
				p.next()
				return p.unexpected(t, "=")
			}
			return p.definition(option)
		case "option":
			return p.option(option)
		case "constraint", "claim":
			return p.demand(option)
		}
	}
	if start.kind == tokenName && p.after(1).kind == tokenSign && p.after(1).text == "=" {
		return p.definition(option)
	}
	left, err := p.expression(0)
	if err != nil {
		return err
	}
	p.add(&Statement{Kind: Evaluate, Option: option, Left: left, Span: start.to(p.last())})
	return nil
}

func (p *parser) add(s *Statement) {
	if s.Text == "" {
		s.Text = strings.Join(strings.Fields(p.src.Text[s.Span.Start:s.Span.End]), " ")
	}
	s.Line = p.src.LineOf(s.Span.Start)
	p.file.Statements = append(p.file.Statements, s)
}

var keywords = map[string]bool{"let": true, "option": true, "constraint": true, "claim": true, "to": true, "in": true, "per": true, "at": true}

// newName refuses names that mean something else.
func newName(t token) *fault {
	switch {
	case keywords[t.text]:
		return faultf(t.Span, "%q is a word of the language; choose another name", t.text)
	case functions[t.text] != nil:
		return faultf(t.Span, "%q is a function; choose another name", t.text)
	case quantity.Symbol(t.text):
		u, _ := quantity.Lookup(t.text)
		if u.Dim.Plain() {
			return faultf(t.Span, "%q is a multiplier, as in 10%s; choose another name", t.text, t.text)
		}
		return faultf(t.Span, "%q is a unit of %s; choose another name", t.text, u.Dim)
	case strings.Contains(t.text, "."):
		return faultf(t.Span, "a name that is defined has no dots").with("dots are for base rates and for outcomes of options")
	}
	return nil
}

func (p *parser) definition(option string) *fault {
	name := p.next()
	if err := newName(name); err != nil {
		return err
	}
	p.next() // =
	left, err := p.expression(0)
	if err != nil {
		return err
	}
	full := name.text
	if option != "" {
		full = option + "." + name.text
	}
	s := &Statement{Kind: Define, Name: full, Option: option, Left: left, Span: name.to(p.last())}
	if earlier := p.file.Definitions[full]; earlier != nil {
		return faultf(name.Span, "%s is already defined in line %d", full, earlier.Line)
	}
	p.add(s)
	p.file.Definitions[full] = s
	if option != "" {
		last := &p.file.Options[len(p.file.Options)-1]
		last.Outcomes = append(last.Outcomes, full)
	}
	return nil
}

// skipBlock goes to the closing brace of a block that is refused as a whole: what stands in it is no second mistake.
func (p *parser) skipBlock() {
	if p.isSign(":") {
		p.next()
	}
	if !p.isSign("{") {
		return
	}
	for depth := 0; p.tokens[p.i].kind != tokenEnd; p.i++ {
		switch t := p.tokens[p.i]; {
		case t.kind == tokenSign && t.text == "{":
			depth++
		case t.kind == tokenSign && t.text == "}":
			if depth--; depth == 0 {
				p.i++
				return
			}
		}
	}
}

func (p *parser) option(outer string) *fault {
	keyword := p.next()
	name := p.peek()
	if outer != "" {
		return faultf(keyword.Span, "an option cannot stand inside another")
	}
	if name.kind != tokenName {
		return p.unexpected(name, "the name of the option")
	}
	p.next()
	// The outcomes of a block are b.cost: its name never stands alone, where it could be a unit.
	if block := p.isSign("{") || p.isSign(":"); !block || keywords[name.text] || strings.Contains(name.text, ".") {
		if err := newName(name); err != nil {
			return err
		}
	}
	for _, o := range p.file.Options {
		if o.Name == name.text {
			p.skipBlock()
			return faultf(name.Span, "option %s is already defined in line %d", o.Name, o.Line)
		}
	}
	p.file.Options = append(p.file.Options, Option{Name: name.text, Line: p.src.LineOf(name.Start)})
	if p.isSign("=") {
		// One outcome, which has the option's own name.
		p.next()
		left, err := p.expression(0)
		if err != nil {
			return err
		}
		if earlier := p.file.Definitions[name.text]; earlier != nil {
			return faultf(name.Span, "%s is already defined in line %d", name.text, earlier.Line)
		}
		s := &Statement{Kind: Define, Name: name.text, Option: name.text, Left: left, Span: name.to(p.last())}
		p.add(s)
		p.file.Definitions[name.text] = s
		last := &p.file.Options[len(p.file.Options)-1]
		last.Outcomes = append(last.Outcomes, name.text)
		return nil
	}
	if p.isSign(":") {
		p.next()
	}
	if !p.isSign("{") {
		return p.unexpected(p.peek(), "{ or =")
	}
	open := p.next()
	p.statements(name.text)
	if !p.isSign("}") {
		return faultf(open.Span, "the brace of option %s is not closed", name.text)
	}
	p.next()
	return nil
}

// demand parses a constraint or a claim.
func (p *parser) demand(option string) *fault {
	keyword := p.next()
	if p.isSign(":") {
		p.next()
	}
	start := p.peek()
	left, err := p.expression(0)
	if err != nil {
		return err
	}
	op := p.peek()
	if op.kind != tokenSign || op.text != "<" && op.text != "<=" && op.text != ">" && op.text != ">=" {
		return p.demandWithout(keyword, op)
	}
	p.next()
	right, err := p.expression(0)
	if err != nil {
		return err
	}
	s := &Statement{Kind: Constraint, Option: option, Left: left, Op: op.text, Right: right, Span: start.to(p.last())}
	if keyword.text == "claim" {
		s.Kind = Claim
		if p.isWord("at") {
			p.next()
			from := p.peek().Start
			p.recover(option != "")
			s.Conditions = strings.TrimSpace(p.src.Text[from:max(from, p.last().End)])
		}
	}
	p.add(s)
	return nil
}

func (p *parser) demandWithout(keyword, op token) *fault {
	err := p.unexpected(op, "<, <=, > or >=")
	err.message = strings.Replace(err.message, "a comparison stands only in a constraint or a claim", "<, <=, > or >= is expected", 1)
	return err.with("a " + keyword.text + " compares two amounts")
}
