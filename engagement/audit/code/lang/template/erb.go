//go:build cgo

package template

import (
	"bytes"
	"context"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/ruby"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// ERB lowers an embedded Ruby template. Markup leaves no nodes. The Ruby keeps its offsets: the code
// handed to the Ruby parser is the template with everything else blanked.
func ERB(ctx context.Context, src []byte) (*syntax.Tree, error) {
	f := ruby.Fragment{Lang: "erb", File: src}
	f.Code, f.Outputs, f.Comments = scanERB(src)
	return ruby.LowerFragment(ctx, f)
}

// scanERB returns the template with blanks for markup, the ranges of printed expressions, and the
// comments. A closing "%>" becomes a line break, which ends the statement and a Ruby comment in the
// tag; the breaks do not disturb the lines, which are counted in the template.
func scanERB(src []byte) (code []byte, outputs, comments []ruby.Span) {
	code = bytes.Repeat([]byte{' '}, len(src))
	for i, c := range src {
		if c == '\n' {
			code[i] = '\n'
		}
	}
	for i := 0; ; {
		open := bytes.Index(src[i:], []byte("<%"))
		if open < 0 {
			return code, outputs, comments
		}
		i += open + 2
		if i < len(src) && src[i] == '%' { // <%% prints <%
			i++
			continue
		}
		start := i
		kind := byte(0)
		if i < len(src) {
			switch c := src[i]; c {
			case '=':
				kind = c
				start++
				if start < len(src) && src[start] == '=' {
					start++
				}
			case '#':
				kind = c
			case '-', '|':
				start++
			}
		}
		end, next := len(src), len(src)
		if n := bytes.Index(src[start:], []byte("%>")); n >= 0 {
			end, next = start+n, start+n+2
		}
		body := end
		if body > start && src[body-1] == '-' {
			body--
		}
		i = next
		if kind == '#' {
			comments = append(comments, ruby.Span{Start: uint32(start), End: uint32(body)})
			continue
		}
		copy(code[start:body], src[start:body])
		if end < next {
			code[end] = '\n'
		}
		if kind == '=' && body > start {
			outputs = append(outputs, ruby.Span{Start: uint32(start), End: uint32(body)})
		}
	}
}
