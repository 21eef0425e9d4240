//go:build cgo

package template

import (
	"bytes"
	"context"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/ruby"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// HAML lowers a HAML template.
func HAML(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return ruby.LowerFragment(ctx, scanHAML(src))
}

// haml is one run over a template.
type haml struct {
	*rubyWriter
	lines lineReader
}

func scanHAML(src []byte) ruby.Fragment {
	h := &haml{newRubyWriter("haml", src), lineReader{src: src}}
	for {
		start, end, indent, ok := h.lines.next()
		if !ok {
			return h.finish()
		}
		if start < end {
			h.statement(start, end, indent)
		}
	}
}

func (h *haml) statement(start, end, indent int) {
	src := h.src
	second := byte(0)
	if start+1 < end {
		second = src[start+1]
	}
	switch c := src[start]; {
	case c == '-' && second == '#':
		_, last := h.lines.nested(indent)
		h.frag.Comments = append(h.frag.Comments, ruby.Span{Start: uint32(start + 1), End: uint32(max(end, last))})
	case c == '-':
		h.code(start+1, end, indent, false)
	case c == '=' || c == '~':
		h.script(start, end, indent, true)
	case (c == '&' || c == '!') && second == '=':
		h.script(start+1, end, indent, true)
	case c == '%', c == '.' && nameByte(second), c == '#' && nameByte(second):
		h.line(indent, "")
		h.tag(start, end, indent)
	case c == ':' && nameByte(second):
		h.line(indent, "")
		h.filter(string(src[start+1:end]), indent)
	case c == '\\':
		h.line(indent, "")
		h.interpolations(start+1, end)
	default: // text, HTML comments, doctypes
		h.line(indent, "")
		h.interpolations(start, end)
	}
}

// script lowers what follows "=", "==" being text.
func (h *haml) script(start, end, indent int, own bool) {
	start++
	if start < end && h.src[start] == '=' {
		if own {
			h.line(indent, "")
		}
		h.interpolations(start+1, end)
		return
	}
	h.code(start, end, indent, true)
}

// code lowers the Ruby at the end of a line, with the lines that continue it.
func (h *haml) code(start, end, indent int, output bool) {
	for start < end && h.src[start] == ' ' {
		start++
	}
	first := string(h.src[start:end])
	h.line(indent, first)
	from := len(h.frag.Code)
	pipe := endsInPipe(h.src[start:end])
	for {
		last := end
		if pipe {
			last--
		}
		h.copy(start, last)
		comma := last > start && h.src[last-1] == ','
		at := h.lines.pos
		s, e, _, ok := h.lines.next()
		if !ok || !comma && !(pipe && endsInPipe(h.src[s:e])) {
			h.lines.pos = at
			break
		}
		if comma && !pipe {
			h.add("\n")
		} else {
			h.add(" ")
		}
		start, end = s, e
	}
	code := strings.ReplaceAll(string(h.frag.Code[from:]), "\n", " ")
	if output && len(code) > 0 {
		h.frag.Outputs = append(h.frag.Outputs, ruby.Span{Start: uint32(from), End: uint32(len(h.frag.Code))})
	}
	h.add("\n")
	h.opened(indent, code)
}

// endsInPipe reports whether a line ends in HAML's continuation mark, " |", and not in the parameters
// of a block.
func endsInPipe(line []byte) bool {
	if !bytes.HasSuffix(line, []byte(" |")) {
		return false
	}
	do := bytes.LastIndex(line, []byte("do |"))
	return do < 0 || do+3 == len(line)-1 || bytes.Count(line[do:], []byte("|")) != 2
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// tag lowers %name.class#id{...}(...)[...]<>/ and what follows on its line.
func (h *haml) tag(start, end, indent int) {
	src := h.src
	i := start
	for i < end && (src[i] == '%' || src[i] == '.' || src[i] == '#' && (i+1 >= end || src[i+1] != '{') || src[i] == ':' || nameByte(src[i])) {
		i++
	}
	for i < end && (src[i] == '{' || src[i] == '(' || src[i] == '[') {
		open := src[i]
		closing := balanced(src, i, len(src))
		if open == '(' {
			h.htmlAttributes(i+1, closing)
		} else {
			h.printed("[", i+1, closing, "]")
		}
		i = min(closing+1, len(src))
		if i > end { // the attributes went over several lines
			h.lines.pos = i
			_, end, _, _ = h.lines.next()
			end = max(end, i)
		}
	}
	for i < end && (src[i] == '<' || src[i] == '>' || src[i] == '/') {
		i++
	}
	if i+1 < end && (src[i] == '&' || src[i] == '!') && src[i+1] == '=' {
		i++
	}
	switch {
	case i >= end:
	case src[i] == '=' || src[i] == '~':
		h.script(i, end, indent, false)
	case src[i] == '-' && i+1 < end && src[i+1] == ' ':
		h.code(i+1, end, indent, false)
	default:
		h.interpolations(i, end)
	}
}

// htmlAttributes lowers the values of name="text" and name=expression.
func (h *haml) htmlAttributes(start, end int) {
	src := h.src
	for i := start; i < end; i++ {
		if src[i] != '=' {
			continue
		}
		i++
		for i < end && src[i] <= ' ' {
			i++
		}
		if i >= end {
			return
		}
		value := i
		i = expressionEnd(src, i, end)
		if q := src[value]; q == '"' || q == '\'' {
			h.interpolations(value+1, i)
		} else {
			h.printed("", value, i, "")
		}
	}
}

// expressionEnd returns where an expression that begins at i ends: at the first blank outside of
// strings and brackets, or at end.
func expressionEnd(src []byte, i, end int) int {
	for i < end {
		switch c := src[i]; {
		case c <= ' ':
			return i
		case c == '(' || c == '[' || c == '{':
			i = balanced(src, i, end)
		case c == '"' || c == '\'':
			i = quoteEnd(src, i, end)
		}
		i++
	}
	return min(i, end)
}

// quoteEnd returns the offset of the quote that closes the one at i, or end.
func quoteEnd(src []byte, i, end int) int {
	for q := src[i]; i+1 < end; {
		i++
		switch {
		case src[i] == '\\':
			i++
		case src[i] == '#' && i+1 < end && src[i+1] == '{':
			i = balanced(src, i+1, end)
		case src[i] == q:
			return i
		}
	}
	return end
}

// filter lowers the text below ":name": Ruby for :ruby, else its interpolations.
func (h *haml) filter(name string, indent int) {
	start, end := h.lines.nested(indent)
	if name == "ruby" {
		h.copy(start, end)
		h.add("\n")
		return
	}
	h.interpolations(start, end)
}
