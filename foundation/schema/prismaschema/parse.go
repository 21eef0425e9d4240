package prismaschema

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// token kinds.
const (
	tokEOF = iota
	tokWord
	tokString
	tokPunct
	tokNewline
)

type token struct {
	kind       int
	text       string // of a string: its content
	start, end int
	line       int
}

type lexer struct {
	src  string
	pos  int
	line int
}

func newLexer(src string) *lexer { return &lexer{src: strings.TrimPrefix(src, "\uFEFF"), line: 1} }

func wordByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func (l *lexer) next() token {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		rest := l.src[l.pos:]
		switch {
		case c == '\n':
			t := token{kind: tokNewline, text: "\n", start: l.pos, end: l.pos + 1, line: l.line}
			l.pos++
			l.line++
			return t
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case strings.HasPrefix(rest, "//"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			end := len(rest)
			if i := strings.Index(rest[2:], "*/"); i >= 0 {
				end = i + 4
			}
			l.line += strings.Count(rest[:end], "\n")
			l.pos += end
		case c == '"':
			return l.quoted()
		case wordByte(c):
			start := l.pos
			for l.pos < len(l.src) && (wordByte(l.src[l.pos]) || l.src[l.pos] == '.') {
				l.pos++
			}
			return token{kind: tokWord, text: l.src[start:l.pos], start: start, end: l.pos, line: l.line}
		case strings.HasPrefix(rest, "@@"):
			l.pos += 2
			return token{kind: tokPunct, text: "@@", start: l.pos - 2, end: l.pos, line: l.line}
		default:
			l.pos++
			return token{kind: tokPunct, text: l.src[l.pos-1 : l.pos], start: l.pos - 1, end: l.pos, line: l.line}
		}
	}
	return token{kind: tokEOF, start: len(l.src), end: len(l.src), line: l.line}
}

// quoted reads a string, which ends at its line at the latest.
func (l *lexer) quoted() token {
	start := l.pos
	l.pos++
	var b strings.Builder
	for l.pos < len(l.src) && l.src[l.pos] != '\n' {
		c := l.src[l.pos]
		l.pos++
		if c == '"' {
			break
		}
		if c == '\\' && l.pos < len(l.src) && l.src[l.pos] != '\n' {
			c = l.src[l.pos]
			l.pos++
		}
		b.WriteByte(c)
	}
	return token{kind: tokString, text: b.String(), start: start, end: l.pos, line: l.line}
}

type parser struct {
	doc      *Document
	path     string
	lex      *lexer
	cur, nxt token
	last     token // the token consumed last
	problems []Problem
}

func (p *parser) advance() {
	p.last = p.cur
	p.cur, p.nxt = p.nxt, p.lex.next()
}

func (p *parser) punct(text string) bool { return p.cur.kind == tokPunct && p.cur.text == text }

func (p *parser) place(line int) schema.Place {
	return schema.Place{Path: p.path, Line: line, EndLine: max(line, p.last.line)}
}

func (p *parser) problem(line int, text string) {
	if len(p.problems) < 100 {
		p.problems = append(p.problems, Problem{p.place(line), text})
	}
}

func (p *parser) file() {
	for p.cur.kind != tokEOF {
		if p.cur.kind != tokWord || p.nxt.kind != tokWord {
			p.advance()
			continue
		}
		kind, name, line := p.cur.text, p.nxt.text, p.cur.line
		p.advance()
		p.advance()
		if !p.punct("{") {
			p.problem(line, "The block "+kind+" "+name+" has no opening brace.")
			continue
		}
		p.advance()
		switch kind {
		case "model", "view", "type":
			p.model(kind, name, line)
		case "enum":
			p.enum(name, line)
		case "datasource":
			p.datasource()
		default:
			p.skipBlock()
		}
	}
}

func (p *parser) skipBlock() {
	for depth := 1; depth > 0 && p.cur.kind != tokEOF; p.advance() {
		if p.punct("{") {
			depth++
		} else if p.punct("}") {
			depth--
		}
	}
}

// skipLine moves past the end of the line, but not past a closing brace.
func (p *parser) skipLine() {
	for p.cur.kind != tokNewline && p.cur.kind != tokEOF && !p.punct("}") {
		p.advance()
	}
}

func (p *parser) datasource() {
	for p.cur.kind != tokEOF && !p.punct("}") {
		if p.cur.kind == tokWord {
			key := p.cur.text
			p.advance()
			if p.punct("=") {
				p.advance()
				if p.cur.kind == tokString {
					switch key {
					case "provider":
						p.doc.setProvider(p.cur.text)
					case "relationMode", "referentialIntegrity":
						p.doc.RelationMode = p.cur.text
					}
				}
			}
			p.skipLine()
			continue
		}
		p.advance()
	}
	p.advance()
}

func (p *parser) enum(name string, line int) {
	e := &Enum{Name: name, Table: name}
	for p.cur.kind != tokEOF && !p.punct("}") {
		switch {
		case p.punct("@@"):
			if a := p.attribute(); a.name == "map" {
				e.Table = a.text("name", 0)
			}
		case p.cur.kind == tokWord:
			e.Values = append(e.Values, p.cur.text)
			p.skipLine()
		default:
			p.advance()
		}
	}
	p.advance()
	e.Place = p.place(line)
	p.doc.Enums = append(p.doc.Enums, e)
}

func (p *parser) model(kind, name string, line int) {
	m := &Model{Name: name, Table: name, Kind: kind}
	for p.cur.kind != tokEOF && !p.punct("}") {
		switch {
		case p.punct("@@"):
			at := p.cur.line
			p.modelAttribute(m, p.attribute(), at)
		case p.cur.kind == tokWord:
			p.field(m)
		default:
			p.advance()
		}
	}
	if p.cur.kind == tokEOF {
		p.problem(line, "The "+kind+" "+name+" has no closing brace.")
	}
	p.advance()
	m.Place = p.place(line)
	p.doc.Models = append(p.doc.Models, m)
}

func (p *parser) modelAttribute(m *Model, a attribute, line int) {
	switch a.name {
	case "map":
		m.Table = a.text("name", 0)
	case "schema":
		m.Schema = a.text("name", 0)
	case "ignore":
		m.Ignored = true
	case "id":
		m.ID = nil
		for _, f := range a.fields("fields", 0) {
			m.ID = append(m.ID, f.Name)
		}
	case "index", "unique", "fulltext":
		ix := &Index{Fields: a.fields("fields", 0), Unique: a.name == "unique", Full: a.name == "fulltext", Type: a.word("type"), Name: a.text("map", -1), Place: p.place(line)}
		if len(ix.Fields) == 0 {
			p.problem(line, "This @@"+a.name+" names no fields.")
			return
		}
		m.Indexes = append(m.Indexes, ix)
	}
}

func (p *parser) field(m *Model) {
	line := p.cur.line
	f := &Field{Name: p.cur.text}
	p.advance()
	if p.cur.kind != tokWord {
		p.problem(line, "The field "+f.Name+" of "+m.Name+" has no type.")
		p.skipLine()
		return
	}
	f.Type = p.cur.text
	f.Column = f.Name
	p.advance()
	if f.Type == "Unsupported" && p.punct("(") {
		args := p.arguments()
		if len(args) > 0 {
			f.Native = args[0].value.text()
		}
	}
	for {
		if p.punct("[") && p.nxt.kind == tokPunct && p.nxt.text == "]" {
			f.List = true
			p.advance()
			p.advance()
		} else if p.punct("?") {
			f.Optional = true
			p.advance()
		} else {
			break
		}
	}
	var unique *attribute
	for p.punct("@") {
		a := p.attribute()
		switch a.name {
		case "id":
			f.ID = true
		case "unique":
			f.Unique = true
			unique = &a
		case "map":
			f.Column = a.text("name", 0)
		case "default":
			f.Default = a.raw
		case "updatedAt":
			f.Updated = true
		case "ignore":
			f.Ignored = true
		case "relation":
			f.Relation = &Relation{Name: a.text("name", 0), Map: a.text("map", -1), OnDelete: action(a.word("onDelete")), OnUpdate: action(a.word("onUpdate"))}
			for _, x := range a.fields("fields", -1) {
				f.Relation.Fields = append(f.Relation.Fields, x.Name)
			}
			for _, x := range a.fields("references", -1) {
				f.Relation.References = append(f.Relation.References, x.Name)
			}
		default:
			if native, ok := strings.CutPrefix(a.name, "db."); ok {
				f.Native = native
				if a.raw != "" {
					f.Native += "(" + a.raw + ")"
				}
			}
		}
	}
	f.Place = p.place(line)
	if f.ID {
		m.ID = []string{f.Name}
	}
	if unique != nil {
		m.Indexes = append(m.Indexes, &Index{Unique: true, Fields: []IndexField{{Name: f.Name, Desc: unique.word("sort") == "Desc"}}, Name: unique.text("map", -1), Place: f.Place})
	}
	m.Fields = append(m.Fields, f)
	p.skipLine()
}

// attribute is @name(...) or @@name(...).
type attribute struct {
	name string
	args []argument
	raw  string // what stands between the parentheses
}

// argument is one argument; key is empty when it is positional.
type argument struct {
	key   string
	value value
}

// value is a literal, a word, a call or a list.
type value struct {
	word string // a word or the name of a call
	str  string
	list []value
	args []argument
}

func (v value) text() string {
	if v.str != "" {
		return v.str
	}
	return v.word
}

// attribute reads an attribute; the at signs are next.
func (p *parser) attribute() attribute {
	p.advance()
	a := attribute{}
	if p.cur.kind != tokWord {
		p.advance()
		return a
	}
	a.name = p.cur.text
	p.advance()
	if p.punct("(") {
		from := p.cur.end
		a.args = p.arguments()
		if to := p.last.start; to > from {
			a.raw = strings.Join(strings.Fields(p.lex.src[from:to]), " ")
		}
	}
	return a
}

// arguments reads a parenthesis. Nesting is bounded by the caller's depth of values.
func (p *parser) arguments() []argument { return p.argumentsAt(0) }

const maxNesting = 32

func (p *parser) argumentsAt(depth int) []argument {
	p.advance() // (
	var args []argument
	for p.cur.kind != tokEOF && !p.punct(")") {
		if p.punct("}") {
			return args // a parenthesis that never closed: the block ends here
		}
		if p.cur.kind == tokNewline || p.punct(",") {
			p.advance()
			continue
		}
		var arg argument
		if p.cur.kind == tokWord && p.nxt.kind == tokPunct && p.nxt.text == ":" {
			arg.key = p.cur.text
			p.advance()
			p.advance()
		}
		arg.value = p.value(depth + 1)
		args = append(args, arg)
	}
	p.advance() // )
	return args
}

func (p *parser) value(depth int) value {
	var v value
	switch {
	case depth > maxNesting:
		p.advance()
	case p.cur.kind == tokString:
		v.str = p.cur.text
		p.advance()
	case p.punct("["):
		p.advance()
		for p.cur.kind != tokEOF && !p.punct("]") && !p.punct("}") {
			if p.cur.kind == tokNewline || p.punct(",") {
				p.advance()
				continue
			}
			v.list = append(v.list, p.value(depth+1))
		}
		if p.punct("]") {
			p.advance()
		}
	case p.cur.kind == tokWord:
		v.word = p.cur.text
		p.advance()
		if p.punct("(") {
			v.args = p.argumentsAt(depth + 1)
		}
	default:
		p.advance()
	}
	return v
}

// find returns the argument of a name, or the positional one at an index (none when it is negative).
func (a *attribute) find(key string, position int) (value, bool) {
	n := 0
	for _, arg := range a.args {
		if arg.key == key {
			return arg.value, true
		}
		if arg.key == "" {
			if n == position {
				return arg.value, true
			}
			n++
		}
	}
	return value{}, false
}

func (a *attribute) text(key string, position int) string {
	v, _ := a.find(key, position)
	return v.text()
}

func (a *attribute) word(key string) string {
	v, _ := a.find(key, -1)
	return v.word
}

func (a *attribute) fields(key string, position int) []IndexField {
	v, ok := a.find(key, position)
	if !ok {
		return nil
	}
	if v.list == nil && v.word != "" {
		v.list = []value{v}
	}
	var fields []IndexField
	for _, item := range v.list {
		if item.word == "" {
			continue
		}
		f := IndexField{Name: item.word}
		for _, arg := range item.args {
			switch arg.key {
			case "sort":
				f.Desc = arg.value.word == "Desc"
			case "ops":
				f.Ops = arg.value.text()
				if arg.value.word == "raw" && len(arg.value.args) > 0 {
					f.Ops = arg.value.args[0].value.text()
				}
			case "length":
				f.Length, _ = strconv.Atoi(arg.value.word)
			}
		}
		fields = append(fields, f)
	}
	return fields
}
