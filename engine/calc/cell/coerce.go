package cell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ToNumber is v where a formula needs a number: an operand of arithmetic, or an argument written as a value. Empty is 0,
// TRUE is 1, text is read as a cell would read it (see [ParseNumber]) or is #VALUE!. The result is a Number or an Error.
func ToNumber(v Value, dates Dates) Value {
	switch v.kind {
	case Number, Error:
		return v
	case Bool:
		return Value{kind: Number, num: v.num}
	case Empty, Missing:
		return Value{kind: Number}
	case Text:
		if f, ok := ParseNumber(v.str, dates); ok {
			return Num(f)
		}
	}
	return Err(ErrValue)
}

// ToText is v where a formula needs text. Numbers are written as in a cell of format General and unlimited width.
// The result is a Text or an Error.
func ToText(v Value) Value {
	switch v.kind {
	case Text, Error:
		return v
	case Number:
		return Str(FormatGeneral(v.num))
	case Bool:
		if v.num != 0 {
			return Str("TRUE")
		}
		return Str("FALSE")
	case Empty, Missing:
		return Str("")
	case Lambda:
		return Err(ErrCalc)
	}
	return Err(ErrValue)
}

// ToBool is v where a formula needs a condition. Zero is FALSE, other numbers are TRUE, the texts TRUE and FALSE are
// read in any case, other text is #VALUE!. The result is a Bool or an Error.
func ToBool(v Value) Value {
	switch v.kind {
	case Bool, Error:
		return v
	case Number:
		return Truth(v.num != 0)
	case Empty, Missing:
		return Truth(false)
	case Text:
		switch {
		case strings.EqualFold(v.str, "TRUE"):
			return Truth(true)
		case strings.EqualFold(v.str, "FALSE"):
			return Truth(false)
		}
	}
	return Err(ErrValue)
}

// Compare orders two values as Excel's comparison operators and its sort do: numbers before text before booleans,
// text without regard to case. An empty value is what the other one would be if it were nothing: 0, "" or FALSE.
// Neither is an error. The result is negative, zero or positive.
func Compare(a, b Value) int {
	if a.IsBlank() && b.IsBlank() {
		return 0
	}
	if a.IsBlank() {
		a = nothing(b.kind)
	}
	if b.IsBlank() {
		b = nothing(a.kind)
	}
	if a.kind != b.kind {
		return int(rank(a.kind)) - int(rank(b.kind))
	}
	switch a.kind {
	case Text:
		return CompareText(a.str, b.str)
	case Number, Bool:
		switch {
		case a.num < b.num:
			return -1
		case a.num > b.num:
			return 1
		}
	}
	return 0
}

// nothing is what an empty cell counts as beside a value of this kind.
func nothing(k Kind) Value {
	switch k {
	case Text:
		return Str("")
	case Bool:
		return Truth(false)
	}
	return Value{kind: Number}
}

func rank(k Kind) int8 {
	switch k {
	case Number:
		return 0
	case Text:
		return 1
	case Bool:
		return 2
	}
	return 3
}

// CompareText orders texts without regard to case, by the folded code points. (Excel's own order is that of the
// user's locale, which differs from this one for punctuation and accents.)
func CompareText(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		x, n := rune(a[0]), 1
		y, m := rune(b[0]), 1
		if x >= utf8.RuneSelf {
			x, n = utf8.DecodeRuneInString(a)
		}
		if y >= utf8.RuneSelf {
			y, m = utf8.DecodeRuneInString(b)
		}
		if x != y {
			if x, y = FoldRune(x), FoldRune(y); x != y {
				return int(x) - int(y)
			}
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// FoldRune returns the same rune for all cases of a letter.
func FoldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// Fold returns s with the cases of its letters made equal, so that texts that [CompareText] calls equal are the same
// key of a map.
func Fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(FoldRune, s)
		}
	}
	return s
}
