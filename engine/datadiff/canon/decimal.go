package canon

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Signs of a decimal, its first byte behind the tag.
const (
	decimalNaN         = 0x00
	decimalNegInfinity = 0x01
	decimalNegative    = 0x02
	decimalZero        = 0x03
	decimalPositive    = 0x04
	decimalPosInfinity = 0x05
)

// ErrDecimal is the cause of every error about the text of a decimal.
var ErrDecimal = errors.New("not a decimal number")

// AppendDecimal appends the decimal number that text states: digits with an optional sign, point and
// exponent, as all products print them, or NaN, Infinity and -Infinity as PostgreSQL does. The value
// counts and not how it is written. There is no bound on digits; an exponent beyond ±1,000,000 is an
// error.
//
// The form is sign, uvarint of the zigzag exponent of the first digit, uvarint count of digits, digits
// in ASCII without zeros at either end.
func AppendDecimal[T ~string | ~[]byte](dst []byte, text T) ([]byte, error) {
	n := len(text)
	i, sign := 0, byte(decimalPositive)
	if i < n && (text[i] == '-' || text[i] == '+') {
		if text[i] == '-' {
			sign = decimalNegative
		}
		i++
	}
	if i < n && (text[i]|0x20 == 'n' || text[i]|0x20 == 'i') {
		return appendSpecial(dst, string(text))
	}
	// first is the position of the first digit that is not zero, last of the last one; point the number
	// of digits before the point.
	digits, first, last, point := 0, -1, -1, -1
	start := i
	for ; i < n; i++ {
		c := text[i]
		if c == '.' {
			if point >= 0 {
				return dst, fmt.Errorf("%q: %w", clip(string(text)), ErrDecimal)
			}
			point = digits
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if c != '0' {
			if first < 0 {
				first = digits
			}
			last = digits
		}
		digits++
	}
	if digits == 0 {
		return dst, fmt.Errorf("%q: %w", clip(string(text)), ErrDecimal)
	}
	if point < 0 {
		point = digits
	}
	exponent, ok := 0, true
	if i < n {
		exponent, ok = parseExponent(text[i:])
	}
	if !ok {
		return dst, fmt.Errorf("%q: %w", clip(string(text)), ErrDecimal)
	}
	if first < 0 {
		return append(dst, byte(Decimal), decimalZero), nil
	}
	dst = append(dst, byte(Decimal), sign)
	dst = binary.AppendVarint(dst, int64(point-first-1+exponent)) // of the first digit: 1 = 10^0
	dst = binary.AppendUvarint(dst, uint64(last-first+1))
	at := 0
	for j := start; at <= last; j++ {
		if text[j] == '.' {
			continue
		}
		if at >= first {
			dst = append(dst, text[j])
		}
		at++
	}
	return dst, nil
}

// AppendDecimalInt appends an integer as a decimal, for a pair of which the other side is one.
func AppendDecimalInt(dst []byte, v int64) []byte {
	var buf [20]byte
	out, _ := AppendDecimal(dst, appendInt(buf[:0], v)) // digits are a decimal
	return out
}

func appendInt(dst []byte, v int64) []byte {
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + u%10)
		if u /= 10; u == 0 {
			return append(dst, digits[i:]...)
		}
	}
}

func appendSpecial(dst []byte, text string) ([]byte, error) {
	var sign byte
	switch lower(text) {
	case "nan":
		sign = decimalNaN
	case "infinity", "+infinity", "inf", "+inf":
		sign = decimalPosInfinity
	case "-infinity", "-inf":
		sign = decimalNegInfinity
	default:
		return dst, fmt.Errorf("%q: %w", clip(text), ErrDecimal)
	}
	return append(dst, byte(Decimal), sign), nil
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// largestExponent bounds what an exponent may say: PostgreSQL's numeric ends at 10^131072.
const largestExponent = 1_000_000

func parseExponent[T ~string | ~[]byte](s T) (int, bool) {
	if len(s) < 2 || s[0]|0x20 != 'e' {
		return 0, false
	}
	i, negative := 1, false
	if s[i] == '-' || s[i] == '+' {
		negative = s[i] == '-'
		i++
	}
	if i == len(s) {
		return 0, false
	}
	v := 0
	for ; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if v = v*10 + int(s[i]-'0'); v > largestExponent {
			return 0, false
		}
	}
	if negative {
		v = -v
	}
	return v, true
}

// clip shortens a value for an error message.
func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
