//go:build cgo

package template

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/ruby"
)

// rubyWriter assembles the Ruby of an indented template (HAML, Slim) and remembers where in the
// template each piece stands.
type rubyWriter struct {
	src    []byte
	frag   ruby.Fragment
	blocks []rubyBlock
}

// rubyBlock is a line of code whose block may still be open.
type rubyBlock struct {
	indent int
	opens  bool // an "end" is owed
}

func newRubyWriter(lang string, src []byte) *rubyWriter {
	w := &rubyWriter{src: src}
	w.frag = ruby.Fragment{Lang: lang, File: src, Map: []ruby.Segment{{}}}
	return w
}

// copy adds src[start:end] at its place.
func (w *rubyWriter) copy(start, end int) {
	if start >= end {
		return
	}
	w.frag.Map = append(w.frag.Map, ruby.Segment{Code: uint32(len(w.frag.Code)), File: uint32(start), Len: uint32(end - start)})
	w.frag.Code = append(w.frag.Code, w.src[start:end]...)
}

// add adds code that does not stand in the template.
func (w *rubyWriter) add(code string) {
	m := &w.frag.Map
	if last := (*m)[len(*m)-1]; last.Len > 0 {
		*m = append(*m, ruby.Segment{Code: uint32(len(w.frag.Code)), File: last.File + last.Len})
	}
	w.frag.Code = append(w.frag.Code, code...)
}

// printed adds src[start:end] as a statement whose value is printed. before and after wrap it.
func (w *rubyWriter) printed(before string, start, end int, after string) {
	if len(strings.TrimSpace(string(w.src[start:end]))) == 0 {
		return
	}
	from := len(w.frag.Code)
	w.frag.Map = append(w.frag.Map, ruby.Segment{Code: uint32(from), File: uint32(start)})
	w.add(before)
	w.copy(start, end)
	w.add(after)
	w.frag.Outputs = append(w.frag.Outputs, ruby.Span{Start: uint32(from), End: uint32(len(w.frag.Code))})
	w.add("\n")
}

var (
	// midBlock matches code that continues the block of the line before it.
	midBlock = regexp.MustCompile(`^(else|elsif|when|in|rescue|ensure)\b`)
	// opensBlock matches code that needs an end: the same forms as the template engines look for.
	opensBlock = regexp.MustCompile(`^(if|unless|else|elsif|when|in|begin|rescue|ensure|case|while|until|for)\b|\bdo\s*(\|[^|]*\|)?\s*(#[^{].*)?$|(=|<<)\s*(if|unless|case|begin|while|until)\b`)
)

// line closes the blocks that a line at an indentation ends. code is the line's Ruby, if any: else and
// its like take over the block of the line that they follow.
func (w *rubyWriter) line(indent int, code string) {
	mid := midBlock.MatchString(code)
	inherited := false
	for n := len(w.blocks) - 1; n >= 0 && w.blocks[n].indent >= indent; n-- {
		b := w.blocks[n]
		w.blocks = w.blocks[:n]
		if b.indent == indent && mid {
			inherited = b.opens
			break
		}
		if b.opens {
			w.add("end\n")
		}
	}
	if mid {
		w.blocks = append(w.blocks, rubyBlock{indent, inherited})
	}
}

// opened notes the block that a line's code has opened, if it did.
func (w *rubyWriter) opened(indent int, code string) {
	if !midBlock.MatchString(code) && opensBlock.MatchString(code) && !closesItself(code) {
		w.blocks = append(w.blocks, rubyBlock{indent, true})
	}
}

// closesItself reports whether a line of code that opens a block also ends it.
func closesItself(code string) bool {
	code = strings.TrimSpace(code)
	return strings.HasSuffix(code, " end") || strings.HasSuffix(code, ";end")
}

func (w *rubyWriter) finish() ruby.Fragment {
	w.line(-1, "")
	return w.frag
}

// interpolations adds the expressions of every #{} in src[start:end].
func (w *rubyWriter) interpolations(start, end int) {
	for i := start; i+1 < end; i++ {
		if w.src[i] == '\\' {
			i++
			continue
		}
		if w.src[i] != '#' || w.src[i+1] != '{' {
			continue
		}
		closing := balanced(w.src, i+1, end)
		w.printed("", i+2, closing, "")
		i = closing
	}
}

// balanced returns the offset of the bracket that closes the one at open, or end. Strings and the
// interpolations in them are skipped.
func balanced(src []byte, open, end int) int {
	var stack []byte
	for i := open; i < end; i++ {
		c := src[i]
		if n := len(stack); n > 0 && (stack[n-1] == '"' || stack[n-1] == '\'' || stack[n-1] == '`') {
			switch {
			case c == '\\':
				i++
			case c == stack[n-1]:
				stack = stack[:n-1]
			case c == '#' && stack[n-1] != '\'' && i+1 < end && src[i+1] == '{':
				stack = append(stack, '}')
				i++
			}
			continue
		}
		switch c {
		case '"', '\'', '`':
			if i > open && src[i-1] == '?' { // a character literal
				continue
			}
			stack = append(stack, c)
		case '(':
			stack = append(stack, ')')
		case '[':
			stack = append(stack, ']')
		case '{':
			stack = append(stack, '}')
		case ')', ']', '}':
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
			if len(stack) == 0 {
				return i
			}
		}
	}
	return end
}

// lineReader walks the lines of a template.
type lineReader struct {
	src []byte
	pos int
}

// next returns the offsets of the next line's first byte that is not blank and of its end, and its
// indentation. ok is false behind the last line.
func (r *lineReader) next() (start, end, indent int, ok bool) {
	if r.pos >= len(r.src) {
		return 0, 0, 0, false
	}
	start = r.pos
	end = r.lineEnd(start)
	r.pos = min(end+1, len(r.src))
	for start < end && (r.src[start] == ' ' || r.src[start] == '\t') {
		start++
		indent++
	}
	if end > start && r.src[end-1] == '\r' {
		end--
	}
	for end > start && (r.src[end-1] == ' ' || r.src[end-1] == '\t') {
		end--
	}
	return start, end, indent, true
}

func (r *lineReader) lineEnd(from int) int {
	for i := from; i < len(r.src); i++ {
		if r.src[i] == '\n' {
			return i
		}
	}
	return len(r.src)
}

// nested returns the range of the lines that are indented deeper than indent, and moves behind it.
func (r *lineReader) nested(indent int) (start, end int) {
	start, end = r.pos, r.pos
	for {
		at := r.pos
		s, e, in, ok := r.next()
		if !ok {
			return start, end
		}
		if s < e && in <= indent {
			r.pos = at
			return start, end
		}
		if s < e {
			end = e
		}
	}
}
