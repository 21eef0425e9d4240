package cell

import (
	"math"
	"strconv"
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

// CompareNumbers compares two numbers as the operators of formulas and the conditions of COUNTIF and its kin do: those that are the same in 15 significant digits are equal, so that
// 0.1+0.2=0.3. That is how Excel has been observed to compare in its operators and in conditions (COUNTIF); lookups, MATCH and RANK compare all bits. Subnormal
// numbers have no such digits and are compared as they are.
func CompareNumbers(a, b float64) int {
	switch {
	case a == b || math.Abs(a-b) <= math.Abs(a)*digitsShare && sameDigits(a, b):
		return 0
	case a < b:
		return -1
	}
	return 1
}

// digitsShare is more than the share by which two numbers of the same 15 digits may differ.
const digitsShare = 0x1p-46

func sameDigits(a, b float64) bool {
	const leastNormal = 0x1p-1022
	if min(math.Abs(a), math.Abs(b)) < leastNormal {
		return false
	}
	var x, y [32]byte
	return string(strconv.AppendFloat(x[:0], a, 'e', 14, 64)) == string(strconv.AppendFloat(y[:0], b, 'e', 14, 64))
}

// Rounded is x with 15 significant digits. It is the same for all numbers that [CompareNumbers] calls equal.
func Rounded(x float64) float64 {
	const exact = 1e15 // integers below have no more digits
	if math.Abs(x) < 0x1p-1022 || math.Abs(x) < exact && x == math.Trunc(x) {
		return x + 0
	}
	var digits [32]byte
	r, err := strconv.ParseFloat(string(strconv.AppendFloat(digits[:0], x, 'e', 14, 64)), 64)
	if err != nil { // the greatest numbers would be rounded to what is none
		return x
	}
	return r
}

// CompareOperands is [Compare] as the operators of formulas do it: see [CompareNumbers].
func CompareOperands(a, b Value) int {
	if a.kind == Number && b.kind == Number {
		return CompareNumbers(a.num, b.num)
	}
	return Compare(a, b)
}

// Settle returns r, what the last addition or subtraction of a formula gives whose first operand is x, or 0 where that is below 8 units in the last
// place of x. Excel does so for operators that stand last in a formula and outside of parentheses: =1.1-1-0.1 is 0, =(1.1-1-0.1) is not. Microsoft
// says only that a result "at or very close to zero" is compensated (KB 78113); the bound was found by experiments of users, with =1-(1-2^-n) and
// with operands that differ in 1 to 8 units.
func Settle(x, r float64) float64 {
	if exponent := math.Float64frombits(math.Float64bits(x) & exponentBits); math.Abs(r) < exponent*0x1p-49 {
		return 0
	}
	return r
}

// exponentBits are the bits of the exponent. Alone they are the greatest power of two that is no greater than the number.
const exponentBits = 0x7FF << 52

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
