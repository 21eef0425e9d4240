//go:build cgo

package ruby

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// str lowers anything that is a text with optional interpolations.
func (l *lowerer) str(n treesitter.Node, role syntax.Role) syntax.NodeID {
	start, end := n.Start(), n.End()
	if n.Kind() == "heredoc_beginning" {
		if body := l.heredocBody(n); body.Ok() {
			start, end = min(body.Start()+1, body.End()), body.End()
		}
	}
	id := l.openSpan(syntax.String, role, start, end)
	l.b.SetStr(id, l.decoded(n))
	l.parts(n, id)
	l.close()
	return id
}

// parts adds the interpolated expressions of a text.
func (l *lowerer) parts(n treesitter.Node, id syntax.NodeID) {
	switch n.Kind() {
	case "heredoc_beginning":
		n = l.heredocBody(n)
	case "chained_string":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.parts(c, id)
			}
		}
		return
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() != "interpolation" {
			continue
		}
		l.b.AddFlags(id, syntax.FlagInterp)
		for e := c.First(); e.Ok(); e = e.Next() {
			if e.Named() {
				l.expr(e, syntax.Part)
			}
		}
	}
}

// decoded returns the text of a string or symbol, with "{}" for each interpolation. The result is
// valid until the next call.
func (l *lowerer) decoded(n treesitter.Node) string {
	switch n.Kind() {
	case "hash_key_symbol":
		return l.text(n)
	case "simple_symbol":
		return strings.TrimPrefix(l.text(n), ":")
	case "character":
		text := strings.TrimPrefix(l.text(n), "?")
		if len(text) > 1 && text[0] == '\\' {
			return string(appendEscape(nil, text))
		}
		return text
	}
	if first := n.First(); first.Ok() { // the usual string needs no buffer
		if c := first.Next(); c.Kind() == "string_content" && !c.Next().Next().Ok() && !c.Next().Named() {
			if text := l.text(c); strings.IndexByte(text, '\\') < 0 {
				return text
			}
		}
	}
	l.buf = l.buf[:0]
	l.appendText(n)
	return string(l.buf)
}

func (l *lowerer) appendText(n treesitter.Node) {
	switch n.Kind() {
	case "heredoc_beginning":
		l.appendHeredoc(n)
		return
	case "chained_string":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Kind() == "string" {
				l.appendText(c)
			}
		}
		return
	}
	opener := ""
	if first := n.First(); first.Ok() && !first.Named() {
		opener = l.text(first)
	}
	raw := strings.HasPrefix(opener, "'") || strings.HasPrefix(opener, "%q") || strings.HasPrefix(opener, "%w") || strings.HasPrefix(opener, "%i")
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "string_content":
			if raw {
				l.appendRaw(l.text(c))
			} else {
				l.buf = append(l.buf, l.text(c)...)
			}
		case "escape_sequence":
			if n.Kind() == "regex" {
				l.buf = append(l.buf, l.text(c)...)
			} else {
				l.buf = appendEscape(l.buf, l.text(c))
			}
		case "interpolation":
			l.buf = append(l.buf, "{}"...)
		}
	}
}

// appendRaw appends the text of a single-quoted string, where only the quote and the backslash can
// be escaped.
func (l *lowerer) appendRaw(text string) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '\'') {
			i++
		}
		l.buf = append(l.buf, text[i])
	}
}

// appendEscape appends what an escape sequence of a double-quoted string stands for. Sequences that
// Ruby would reject stay as they are.
func appendEscape(out []byte, seq string) []byte {
	if len(seq) < 2 {
		return append(out, seq...)
	}
	switch c := seq[1]; c {
	case 'n':
		return append(out, '\n')
	case 't':
		return append(out, '\t')
	case 'r':
		return append(out, '\r')
	case 's':
		return append(out, ' ')
	case 'e':
		return append(out, 0x1b)
	case 'a':
		return append(out, '\a')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'v':
		return append(out, '\v')
	case '\n':
		return out
	case 'u':
		digits := strings.Trim(seq[2:], "{}")
		n := len(out)
		for _, d := range strings.Fields(digits) {
			r, err := strconv.ParseUint(d, 16, 32)
			if err != nil {
				return append(out[:n], seq...)
			}
			out = utf8.AppendRune(out, rune(min(r, utf8.MaxRune+1)))
		}
		return out
	case 'x':
		if v, err := strconv.ParseUint(seq[2:], 16, 8); err == nil {
			return append(out, byte(v))
		}
		return append(out, seq...)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		if v, err := strconv.ParseUint(seq[1:], 8, 16); err == nil {
			return append(out, byte(v))
		}
		return append(out, seq...)
	default:
		return append(out, seq[1:]...)
	}
}

// heredocBody returns the body of a here document. The parser leaves bodies where their text stands,
// so the n-th body belongs to the n-th opening that is still without one.
func (l *lowerer) heredocBody(n treesitter.Node) treesitter.Node {
	if l.heredoc == nil {
		l.heredoc = map[int32]treesitter.Node{}
		var waiting []treesitter.Node
		l.preorder(func(n treesitter.Node) {
			switch n.Kind() {
			case "heredoc_beginning":
				waiting = append(waiting, n)
			case "heredoc_body":
				if len(waiting) > 0 {
					l.heredoc[waiting[0].ID()] = n
					waiting = waiting[1:]
				}
			}
		})
	}
	return l.heredoc[n.ID()]
}

// appendHeredoc appends the text of a here document, dedented when it was opened by <<~.
func (l *lowerer) appendHeredoc(n treesitter.Node) {
	body := l.heredocBody(n)
	if !body.Ok() {
		return
	}
	dedent := 0
	if strings.HasPrefix(l.text(n), "<<~") {
		dedent = l.indentation(body)
	}
	lineStart := true
	l.heredocPieces(body, func(text string, kind byte) {
		switch kind {
		case 'i':
			l.buf = append(l.buf, "{}"...)
			lineStart = false
		case 'e':
			l.buf = appendEscape(l.buf, text)
			lineStart = false
		default:
			for text != "" {
				line := text
				if i := strings.IndexByte(text, '\n'); i >= 0 {
					line = text[:i+1]
				}
				text = text[len(line):]
				ends := strings.HasSuffix(line, "\n")
				if lineStart && dedent > 0 {
					line = dedented(line, dedent)
				}
				l.buf = append(l.buf, line...)
				lineStart = ends
			}
		}
	})
}

// heredocPieces yields the text ('t'), escapes ('e') and interpolations ('i') of a here document,
// without the line break before the first line and the blanks before the terminator.
func (l *lowerer) heredocPieces(body treesitter.Node, yield func(text string, kind byte)) {
	first := true
	for c := body.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "heredoc_content":
			text := l.text(c)
			if first {
				text = strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
			}
			if c.Next().Kind() == "heredoc_end" {
				if i := strings.LastIndexByte(text, '\n'); strings.TrimLeft(text[i+1:], " \t") == "" {
					text = text[:i+1]
				}
			}
			yield(text, 't')
		case "escape_sequence":
			yield(l.text(c), 'e')
		case "interpolation":
			yield("", 'i')
		}
		first = false
	}
}

// indentation returns the width that all lines with text share. A tab goes to the next multiple of 8.
func (l *lowerer) indentation(body treesitter.Node) int {
	least, lineStart, width := -1, true, 0
	close := func() {
		if lineStart && (least < 0 || width < least) {
			least = width
		}
		lineStart = false
	}
	l.heredocPieces(body, func(text string, kind byte) {
		if kind != 't' {
			close()
			return
		}
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == '\n':
				lineStart, width = true, 0
			case c == ' ' && lineStart:
				width++
			case c == '\t' && lineStart:
				width = (width/8 + 1) * 8
			case c != '\r':
				close()
			}
		}
	})
	return max(least, 0)
}

func dedented(line string, width int) string {
	at := 0
	for i := 0; i < len(line); i++ {
		switch {
		case at >= width:
			return line[i:]
		case line[i] == ' ':
			at++
		case line[i] == '\t' && (at/8+1)*8 <= width:
			at = (at/8 + 1) * 8
		default:
			return line[i:]
		}
	}
	return ""
}
