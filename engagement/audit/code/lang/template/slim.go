//go:build cgo

package template

import (
	"context"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/ruby"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Slim lowers a Slim template.
func Slim(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return ruby.LowerFragment(ctx, scanSlim(src))
}

// slim is one run over a template.
type slim struct {
	*rubyWriter
	lines lineReader
}

var embeddedEngine = regexp.MustCompile(`^([a-z]+):\s*$`)

func scanSlim(src []byte) ruby.Fragment {
	s := &slim{newRubyWriter("slim", src), lineReader{src: src}}
	for {
		start, end, indent, ok := s.lines.next()
		if !ok {
			return s.finish()
		}
		if start < end {
			s.statement(start, end, indent)
		}
	}
}

func (s *slim) statement(start, end, indent int) {
	src := s.src
	second := byte(0)
	if start+1 < end {
		second = src[start+1]
	}
	switch c := src[start]; {
	case c == '/' && second != '!' && second != '[':
		_, last := s.lines.nested(indent)
		s.frag.Comments = append(s.frag.Comments, ruby.Span{Start: uint32(start), End: uint32(max(end, last))})
	case c == '-':
		s.code(start+1, end, indent, false)
	case c == '=':
		s.output(start, end, indent)
	case c == '|' || c == '\'':
		s.line(indent, "")
		s.text(start+1, end, indent)
	case c == '<' || c == '/':
		s.line(indent, "")
		s.interpolations(start, end)
	default:
		s.line(indent, "")
		if m := embeddedEngine.FindSubmatch(src[start:end]); m != nil {
			from, to := s.lines.nested(indent)
			if string(m[1]) == "ruby" {
				s.copy(from, to)
				s.add("\n")
			} else {
				s.interpolations(from, to)
			}
			return
		}
		for start < end { // "li: a: b" are three tags
			start, end = s.tag(start, end, indent)
		}
	}
}

// text lowers a text block: the rest of the line and the deeper lines below it.
func (s *slim) text(start, end, indent int) {
	_, last := s.lines.nested(indent)
	s.interpolations(start, max(end, last))
}

// output lowers = and == with their white space marks.
func (s *slim) output(start, end, indent int) {
	i := start + 1
	for i < end && (s.src[i] == '=' || s.src[i] == '<' || s.src[i] == '>' || s.src[i] == '\'') {
		i++
	}
	s.code(i, end, indent, true)
}

// code lowers the Ruby at the end of a line, with the lines that continue it after a comma or a
// backslash.
func (s *slim) code(start, end, indent int, output bool) {
	for start < end && s.src[start] == ' ' {
		start++
	}
	s.line(indent, string(s.src[start:end]))
	from := len(s.frag.Code)
	for {
		s.copy(start, end)
		if end == start || s.src[end-1] != ',' && s.src[end-1] != '\\' {
			break
		}
		s.add("\n")
		var ok bool
		if start, end, _, ok = s.lines.next(); !ok {
			break
		}
	}
	code := strings.ReplaceAll(string(s.frag.Code[from:]), "\n", " ")
	if output && len(code) > 0 {
		s.frag.Outputs = append(s.frag.Outputs, ruby.Span{Start: uint32(from), End: uint32(len(s.frag.Code))})
	}
	s.add("\n")
	s.opened(indent, code)
}

// tag lowers name.class#id *splat attr=value attr="text" and what follows on its line, except a tag
// behind ": ", whose range it returns.
func (s *slim) tag(start, end, indent int) (int, int) {
	src := s.src
	i := start
	for i < end && (nameByte(src[i]) || src[i] == '.' || src[i] == '#' && (i+1 >= end || src[i+1] != '{') || src[i] == '@' || src[i] == '&' || src[i] == ':' && i+1 < end && nameByte(src[i+1])) {
		i++
	}
	if i == start { // no tag: text that a broken template left
		s.interpolations(start, end)
		return end, end
	}
	for i < end && (src[i] == '<' || src[i] == '>') {
		i++
	}
	if i < end && (src[i] == '{' || src[i] == '[' || src[i] == '(') {
		i, end = s.wrapped(i, end)
	}
	for i < end {
		j := skipBlanks(src, i, end)
		if j < end && src[j] == '*' && j+1 < end && src[j+1] > ' ' { // *{class: "a"} or *attributes
			close := expressionEnd(src, j+1, end)
			s.printed("[*", j+1, close, "]")
			i = close
			continue
		}
		name := j
		for j < end && (nameByte(src[j]) || src[j] == ':' || src[j] == '@' || src[j] == '.') {
			j++
		}
		if j == name || j >= end || src[j] != '=' || j+1 < end && src[j+1] == ' ' {
			break
		}
		i = s.attribute(j, len(src), end)
		if i > end { // the value went over several lines
			s.lines.pos = i
			_, end, _, _ = s.lines.next()
			end = max(end, i)
		}
	}
	i = skipBlanks(src, i, end)
	switch {
	case i >= end:
	case src[i] == '=':
		s.output(i, end, indent)
	case src[i] == ':' && i+1 < end && src[i+1] == ' ': // li: a href="x"
		next := skipBlanks(src, i+1, end)
		if next >= end || src[next] != '=' {
			return next, end
		}
		s.output(next, end, indent)
	case src[i] == '/' && i+1 == end:
	default:
		s.text(i, end, indent)
	}
	return end, end
}

// attribute lowers the value behind the "=" at i and returns where it ends. A quoted value or
// brackets may go over several lines, up to limit; anything else ends with the line.
func (s *slim) attribute(i, limit, end int) int {
	src := s.src
	i++
	if i < end && src[i] == '=' {
		i++
	}
	if i >= end {
		return end
	}
	value := i
	switch src[i] {
	case '"', '\'':
		i = quoteEnd(src, i, limit)
		if after := i + 1; after < end && src[after] > ' ' && src[after] != ')' && src[after] != ']' && src[after] != '}' {
			i = expressionEnd(src, value, end)
			s.printed("", value, i, "")
			return i
		}
		s.interpolations(value+1, i)
		return min(i+1, limit)
	case '(', '[', '{':
		i = min(balanced(src, i, limit)+1, limit)
		if src[value] == '{' && (i >= end || src[i] != '.') {
			s.printed("[", value+1, max(value+1, i-1), "]")
			return i
		}
		if i < end {
			i = expressionEnd(src, i, end)
		}
	default:
		i = expressionEnd(src, value, end)
	}
	s.printed("", value, i, "")
	return i
}

// wrapped lowers attributes in brackets, which may go over several lines, and returns where the rest
// of the line begins and ends.
func (s *slim) wrapped(i, end int) (int, int) {
	src := s.src
	closing := balanced(src, i, len(src))
	for j := i + 1; j < closing; {
		j = skipBlanksAndLines(src, j, closing)
		if j < closing && src[j] == '*' {
			stop := expressionEnd(src, j+1, closing)
			s.printed("[*", j+1, stop, "]")
			j = stop
			continue
		}
		for j < closing && src[j] > ' ' && src[j] != '=' {
			j++
		}
		j = skipBlanks(src, j, closing)
		if j < closing && src[j] == '=' {
			j = s.attribute(j, closing, closing)
		}
	}
	i = min(closing+1, len(src))
	if i > end {
		s.lines.pos = i
		_, end, _, _ = s.lines.next()
		end = max(end, i)
	}
	return i, end
}

func skipBlanks(src []byte, i, end int) int {
	for i < end && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	return i
}

func skipBlanksAndLines(src []byte, i, end int) int {
	for i < end && src[i] <= ' ' {
		i++
	}
	return i
}
