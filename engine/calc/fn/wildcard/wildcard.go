// Package wildcard matches text against Excel's patterns, as SEARCH, MATCH, XLOOKUP, COUNTIF and their like use them: "?" is
// any one character, "*" any number of them, "~" takes the special meaning from the character after it. Letters match
// in any case.
//
// A match takes time in proportion to the length of the text times that of the pattern, whatever they are: between
// two stars the leftmost place is always good enough, so that nothing is ever tried again.
package wildcard

import (
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// anyone stands for "?" among the runes of a piece.
const anyone = -1

// Pattern is a compiled pattern. It may be used by several goroutines.
type Pattern struct {
	// pieces are what stands between the stars, one more than there are stars, folded by [cell.FoldRune].
	pieces  [][]rune
	literal string // the text without its escapes
	special bool   // there is a "?" or "*"
}

// MaxLength is the greatest length of a pattern in Excel, in UTF-16 code units. What a longer one means depends on the
// function: it is not checked here.
const MaxLength = 255

// Special reports whether a text holds any of the characters with a special meaning. If not, it stands for itself.
func Special(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == '*' || c == '?' || c == '~' {
			return true
		}
	}
	return false
}

// Compile reads a pattern. Every text is one. As in Excel a "~" before a character that needs none is passed over, and so
// is one at the end.
func Compile(pattern string) *Pattern {
	p := &Pattern{}
	var piece []rune
	var literal strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case r == '~' && !escaped:
			escaped = true
			continue
		case r == '?' && !escaped:
			piece = append(piece, anyone)
			p.special = true
		case r == '*' && !escaped:
			p.pieces = append(p.pieces, piece)
			piece = nil
			p.special = true
		default:
			piece = append(piece, cell.FoldRune(r))
			literal.WriteRune(r)
		}
		escaped = false
	}
	p.pieces = append(p.pieces, piece)
	p.literal = literal.String()
	return p
}

// Literal returns the text that the pattern stands for, and false where it has a "?" or "*" and stands for many.
func (p *Pattern) Literal() (string, bool) { return p.literal, !p.special }

// Match reports whether the pattern stands for all of s.
func (p *Pattern) Match(s string) bool {
	at, ok := follow(p.pieces[0], s, 0)
	last := len(p.pieces) - 1
	if !ok || last == 0 {
		return ok && at == len(s)
	}
	for _, piece := range p.pieces[1:last] {
		if _, at, ok = search(piece, s, at); !ok {
			return false
		}
	}
	// The last piece must stand at the end, not where it is found first.
	start := len(s)
	for range p.pieces[last] {
		if start <= at {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(s[:start])
		start -= n
	}
	if start < at {
		return false
	}
	_, ok = follow(p.pieces[last], s, start)
	return ok
}

// Find returns the byte offset of the first place in s where something begins that the pattern stands for, or -1.
func (p *Pattern) Find(s string) int {
	first, at, ok := search(p.pieces[0], s, 0)
	for _, piece := range p.pieces[1:] {
		if !ok {
			break
		}
		_, at, ok = search(piece, s, at)
	}
	if !ok {
		return -1
	}
	return first
}

// search returns the start and the end of the leftmost place of piece in s, from the byte offset from on.
func search(piece []rune, s string, from int) (start, end int, ok bool) {
	for start = from; ; {
		if end, ok = follow(piece, s, start); ok {
			return start, end, true
		}
		if start >= len(s) {
			return 0, 0, false
		}
		_, n := utf8.DecodeRuneInString(s[start:])
		start += n
	}
}

// follow returns the end of piece in s where it stands at the byte offset at.
func follow(piece []rune, s string, at int) (end int, ok bool) {
	for _, want := range piece {
		if at >= len(s) {
			return 0, false
		}
		r, n := rune(s[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[at:])
		}
		if want != anyone && want != r && want != cell.FoldRune(r) {
			return 0, false
		}
		at += n
	}
	return at, true
}
