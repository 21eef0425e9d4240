package config

import (
	"errors"
	"fmt"
	"strings"
)

// Nginx is the directive tree of one nginx configuration file. Includes are directives like others:
// what they name is not followed.
type Nginx struct {
	Directives []*Directive
}

// Directive is one directive. A block directive has Block set, an empty block included.
type Directive struct {
	Name  string
	Args  []string // without quotes
	Block []*Directive
	Open  bool   // has a block
	Span  Span   // to the semicolon or the closing brace
	Raw   string // body of a block in another language (Lua, njs)
}

// Arg returns the i-th argument, "" where there is none.
func (d *Directive) Arg(i int) string {
	if d == nil || i >= len(d.Args) {
		return ""
	}
	return d.Args[i]
}

// Child returns the first directive of the block with the name, nil without one.
func (d *Directive) Child(name string) *Directive {
	if d == nil {
		return nil
	}
	for _, c := range d.Block {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Children returns all directives of the block with the name.
func (d *Directive) Children(name string) []*Directive {
	var out []*Directive
	for _, c := range d.Block {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Visit calls f for every directive, outer ones first, with the blocks around it from the outermost
// to the nearest. f returns false to leave a block unvisited. parents may not be kept.
func (n *Nginx) Visit(f func(d *Directive, parents []*Directive) bool) {
	if n != nil {
		visit(n.Directives, nil, f)
	}
}

func visit(ds, parents []*Directive, f func(*Directive, []*Directive) bool) {
	for _, d := range ds {
		if f(d, parents) && len(d.Block) > 0 {
			visit(d.Block, append(parents, d), f)
		}
	}
}

// Find returns every directive with the name, at any depth, in order.
func (n *Nginx) Find(name string) []*Directive {
	var out []*Directive
	n.Visit(func(d *Directive, _ []*Directive) bool {
		if d.Name == name {
			out = append(out, d)
		}
		return true
	})
	return out
}

// Effective returns the directive with the name that holds inside the innermost of the blocks: most
// nginx directives are inherited from the outer block unless the inner sets them. The list runs from
// the outermost block to the innermost, as Visit gives it; top-level directives are the last resort.
func (n *Nginx) Effective(blocks []*Directive, name string) *Directive {
	for i := len(blocks) - 1; i >= 0; i-- {
		if d := blocks[i].Child(name); d != nil {
			return d
		}
	}
	for _, d := range n.Directives {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// HasInclude reports whether any of the blocks, or the file itself, includes other files, so that an
// absent directive is not known to be absent.
func (n *Nginx) HasInclude(blocks []*Directive) bool {
	in := func(ds []*Directive) bool {
		for _, d := range ds {
			if d.Name == "include" && !strings.HasSuffix(d.Arg(0), "mime.types") && !strings.HasSuffix(d.Arg(0), "fastcgi_params") {
				return true
			}
		}
		return false
	}
	for _, b := range blocks {
		if in(b.Block) {
			return true
		}
	}
	return in(n.Directives)
}

func (d *Document) parseNginx(src string) error {
	m := maskTemplate(src)
	p := &nginxParser{src: m.text, line: 1, mask: &m, doc: d}
	n := &Nginx{Directives: p.block(0)}
	if p.err != nil {
		d.problem(p.line, p.line, "%s", p.err)
	}
	if len(n.Directives) == 0 {
		if p.err != nil {
			return fmt.Errorf("line %d: %w", p.line, p.err)
		}
		return errors.New("no directive in it")
	}
	d.nginx = n
	return nil
}

type nginxParser struct {
	src  string
	at   int
	line int
	made int
	mask *masked
	doc  *Document
	err  error
}

// block reads directives up to the closing brace of the block, or to the end of the file at depth 0.
func (p *nginxParser) block(depth int) []*Directive {
	var out []*Directive
	if depth > MaxDepth {
		p.err = ErrTooDeep
	}
	for p.err == nil {
		p.space()
		if p.at >= len(p.src) {
			if depth > 0 {
				p.err = errors.New("a block is not closed")
			}
			return out
		}
		if p.src[p.at] == '}' {
			p.at++
			if depth == 0 {
				p.doc.problem(p.line, p.line, "a closing brace without an opening one")
				continue
			}
			return out
		}
		if d := p.directive(depth); d != nil {
			out = append(out, d)
		}
	}
	return out
}

func (p *nginxParser) directive(depth int) *Directive {
	if p.made++; p.made > maxNodes {
		p.err = ErrTooLarge
		return nil
	}
	d := &Directive{Span: Span{p.line, p.line}}
	var words []string
	for {
		p.space()
		if p.at >= len(p.src) {
			p.err = errors.New("a directive does not end with a semicolon")
			break
		}
		switch c := p.src[p.at]; c {
		case ';':
			p.at++
			d.Span.End = p.line
			return d.named(words)
		case '{':
			p.at++
			d.Open = true
			if len(words) > 0 && strings.HasSuffix(words[0], "_by_lua_block") {
				d.Raw = p.foreign()
			} else {
				d.Block = p.block(depth + 1)
			}
			d.Span.End = p.line
			return d.named(words)
		case '}':
			p.doc.problem(d.Span.Start, p.line, "a directive does not end with a semicolon")
			d.Span.End = p.line
			return d.named(words)
		default:
			words = append(words, p.word())
		}
	}
	d.Span.End = p.line
	return d.named(words)
}

func (d *Directive) named(words []string) *Directive {
	if len(words) == 0 {
		return nil
	}
	d.Name, d.Args = words[0], words[1:]
	return d
}

func (p *nginxParser) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case '\n':
			p.line++
			p.at++
		case ' ', '\t', '\r':
			p.at++
		case '#':
			for p.at < len(p.src) && p.src[p.at] != '\n' {
				p.at++
			}
		default:
			return
		}
	}
}

func (p *nginxParser) word() string {
	var out strings.Builder
	quote := byte(0)
	if c := p.src[p.at]; c == '"' || c == '\'' {
		quote = c
		p.at++
	}
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '\\' && p.at+1 < len(p.src):
			if next := p.src[p.at+1]; quote == 0 || next != quote {
				out.WriteByte(c) // kept: it belongs to a regular expression
			}
			p.at++
			c = p.src[p.at]
		case quote != 0 && c == quote:
			p.at++
			return p.restored(out.String())
		case quote == 0 && c == '$' && p.at+1 < len(p.src) && p.src[p.at+1] == '{':
			end := strings.IndexByte(p.src[p.at:min(len(p.src), p.at+200)], '}')
			if end > 0 {
				out.WriteString(p.src[p.at : p.at+end+1])
				p.at += end + 1
				continue
			}
		case quote == 0 && (c == ';' || c == '{' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			// A brace inside a regular expression of a location is a quantifier: ^/v\d{2}/.
			if c != '{' || !p.quantifier() {
				return p.restored(out.String())
			}
			end := strings.IndexByte(p.src[p.at:], '}')
			out.WriteString(p.src[p.at : p.at+end+1])
			p.at += end + 1
			continue
		}
		if c == '\n' {
			p.line++
		}
		out.WriteByte(c)
		p.at++
	}
	if quote != 0 {
		p.err = errors.New("a quoted word is not closed")
	}
	return p.restored(out.String())
}

// quantifier reports whether the brace at the position opens {n}, {n,} or {n,m}.
func (p *nginxParser) quantifier() bool {
	for i := p.at + 1; i < len(p.src) && i < p.at+16; i++ {
		switch c := p.src[i]; {
		case c >= '0' && c <= '9' || c == ',':
		case c == '}':
			return i > p.at+1
		default:
			return false
		}
	}
	return false
}

func (p *nginxParser) restored(s string) string {
	s, _ = p.mask.restore(s)
	return s
}

// foreign reads a block of another language up to its closing brace. Braces in quotes do not count.
func (p *nginxParser) foreign() string {
	start, depth := p.at, 1
	quote := byte(0)
	for p.at < len(p.src) {
		c := p.src[p.at]
		if quote != 0 {
			switch c {
			case '\\':
				p.at++
			case quote, '\n': // neither Lua nor njs lets a plain string run over the line
				quote = 0
			}
			if c != '\n' {
				p.at++
				continue
			}
		}
		switch c {
		case '"', '\'':
			quote = c
		case '\n':
			p.line++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				body := p.src[start:p.at]
				p.at++
				return body
			}
		}
		p.at++
	}
	p.err = errors.New("a block is not closed")
	return p.src[start:]
}
