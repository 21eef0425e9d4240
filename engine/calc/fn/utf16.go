package fn

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Excel counts positions and lengths of text in UTF-16 code units: an emoji is two. A function that cuts one in half
// makes U+FFFD of the half, since a text here is always whole characters.

// utf16Len returns the length of s.
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		n += utf16.RuneLen(r)
	}
	return n
}

// isASCII reports whether the bytes of s are its code units.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// utf16Slice returns the code units of s from one to before another, as far as there are any.
func utf16Slice(s string, from, to int) string {
	if isASCII(s) {
		from, to = max(from, 0), min(to, len(s))
		if from >= to {
			return ""
		}
		return s[from:to]
	}
	u := utf16.Encode([]rune(s))
	from, to = max(from, 0), min(to, len(u))
	if from >= to {
		return ""
	}
	return string(utf16.Decode(u[from:to]))
}

// utf16Offset returns where the code unit begins in s; one in the middle of a character is the next one. It is len(s) beyond
// the end.
func utf16Offset(s string, unit int) int {
	for i, r := range s {
		if unit <= 0 {
			return i
		}
		unit -= utf16.RuneLen(r)
	}
	return len(s)
}
