package xlsx

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"time"
	"unsafe"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// decoder makes values of the text of cells. It belongs to one goroutine.
type decoder struct {
	dates   cell.Dates
	strings *cell.Strings
	ids     []uint32 // by index of the shared string
	rich    []cell.ErrorCode
	buf     []byte
	last    []byte // the text before and its number, because neighbours are often equal
	lastID  uint32
}

// box returns the value of a cell.
func (d *decoder) box(b []byte, c *rawCell) (cell.Box, error) {
	if c.kind == typeString || c.kind == typeInline {
		text, ok, err := d.text(b, c)
		if err != nil || !ok {
			return cell.BoxEmpty(), err
		}
		if d.last == nil || string(text) != string(d.last) {
			d.last = append(d.last[:0], text...)
			d.lastID = d.strings.IDBytes(text)
		}
		return cell.BoxText(d.lastID), nil
	}
	v := trimSpace(b[c.valueText.from:c.valueText.to])
	if c.valueHas&^isEscape != 0 {
		var err error
		if d.buf, err = appendText(d.buf[:0], v, c.valueHas); err != nil {
			return cell.BoxEmpty(), err
		}
		v = trimSpace(d.buf)
	}
	if len(v) == 0 {
		return cell.BoxEmpty(), nil
	}
	switch c.kind {
	case typeShared:
		n, ok := parseUint(v)
		if !ok || int64(n) >= int64(len(d.ids)) {
			return cell.BoxEmpty(), fmt.Errorf("it holds shared string %s, of which there are %d", v, len(d.ids))
		}
		return cell.BoxText(d.ids[n]), nil
	case typeBool:
		switch string(v) {
		case "1", "true":
			return cell.BoxBool(true), nil
		case "0", "false":
			return cell.BoxBool(false), nil
		}
		return cell.BoxEmpty(), fmt.Errorf("its boolean is %q", v)
	case typeError:
		if m := int64(c.rich); m > 0 && m <= int64(len(d.rich)) && d.rich[m-1] != 0 {
			return cell.BoxError(d.rich[m-1]), nil
		}
		if e, ok := cell.ParseError(string(v)); ok {
			return cell.BoxError(e), nil
		}
		// Errors newer than our list, such as #PYTHON!, are still errors.
		return cell.BoxError(cell.ErrUnknown), nil
	case typeDate:
		f, ok := parseDate(string(v), d.dates)
		if !ok {
			return cell.BoxEmpty(), fmt.Errorf("its date is %q", v)
		}
		return f, nil
	}
	f, ok := parseFloat(v)
	if !ok {
		return cell.BoxEmpty(), fmt.Errorf("%q is no number", v)
	}
	return f, nil
}

// text returns the text of a cell of type str or inlineStr, and false where it has none. It is good until the next
// call.
func (d *decoder) text(b []byte, c *rawCell) ([]byte, bool, error) {
	if c.kind == typeInline && !c.inline.none() {
		var err error
		d.buf, err = appendRich(d.buf[:0], b[c.inline.from:c.inline.to])
		return d.buf, true, err
	}
	if c.value.none() {
		return nil, false, nil
	}
	v := b[c.valueText.from:c.valueText.to]
	if !c.valueKeep {
		v = trimSpace(v)
	}
	if c.valueHas == 0 {
		return v, true, nil
	}
	var err error
	if d.buf, err = appendText(d.buf[:0], v, c.valueHas); err != nil {
		return nil, false, err
	}
	if c.valueHas&isEscape != 0 {
		d.buf = unescape(d.buf)
	}
	return d.buf, true, nil
}

// formula returns the text of a formula. It is good until the next call.
func (d *decoder) formula(b []byte, c *rawCell) ([]byte, error) {
	text := trimSpace(b[c.formulaText.from:c.formulaText.to])
	if c.formulaHas&^isEscape != 0 {
		var err error
		if d.buf, err = appendText(d.buf[:0], text, c.formulaHas); err != nil {
			return nil, err
		}
		text = d.buf
	}
	if c.formulaHas&isEscape != 0 {
		d.buf = unescape(append(d.buf[:0:0], text...))
		text = d.buf
	}
	if len(text) > 0 && text[0] == '=' {
		text = text[1:] // some programs write it
	}
	return text, nil
}

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// whole10 are the powers of ten that 64 bits hold.
var whole10 = func() (t [20]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = 10 * t[i-1]
	}
	return t
}()

// quotient returns m/10^k, rounded to the nearest float64 and to even in the middle; m is not 0 and k at most 19. With both moved up to 64
// bits, an exact division gives 63 bits of the result or more, and a rest that says whether there are further ones.
func quotient(m uint64, k int) float64 {
	d := whole10[k]
	up, down := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<up, d<<down
	q, rest := bits.Div64(m>>1, m<<63, d)
	drop := 64 - bits.LeadingZeros64(q) - 53
	low, half := q&(1<<drop-1), uint64(1)<<(drop-1)
	q >>= drop
	if low > half || low == half && (rest != 0 || q&1 != 0) {
		q++
	}
	return float64(q) * math.Float64frombits(uint64(1023+drop-63+down-up)<<52)
}

// parseFloat reads xsd:double without its INF and NaN. Numbers too great for a float64 are #NUM!, as Excel has no
// infinities. Digits that fit into 53 bits and a power of ten below 23 make an exact product or quotient, so that
// one operation rounds as it should (Clinger 1990). Up to 19 digits are divided in whole numbers, and the rest is left to strconv.
func parseFloat(v []byte) (cell.Box, bool) {
	i, neg := 0, false
	if i < len(v) && (v[i] == '-' || v[i] == '+') {
		neg = v[i] == '-'
		i++
	}
	mantissa, digits, scale, point := uint64(0), 0, 0, false
	for ; i < len(v); i++ {
		c := v[i]
		if d := c - '0'; d <= 9 {
			mantissa = mantissa*10 + uint64(d)
			digits++
			if point {
				scale--
			}
			continue
		}
		if c != '.' || point {
			break
		}
		point = true
	}
	if digits == 0 {
		return 0, false
	}
	if i == len(v) && digits <= 18 && mantissa < 1<<53 && scale >= -22 {
		f := float64(mantissa)
		if scale < 0 {
			f /= pow10[-scale]
		}
		if neg && f != 0 {
			f = -f
		}
		return f, true
	}
	if i == len(v) && digits <= 19 && mantissa != 0 && scale >= -19 {
		f := quotient(mantissa, -scale)
		if neg {
			f = -f
		}
		return f, true
	}
	for _, c := range v[i:] {
		// strconv also reads names, hexadecimals and underscores.
		if c > '9' && c != 'e' && c != 'E' || c < '0' && c != '.' && c != '-' && c != '+' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(v), len(v)), 64)
	switch {
	case err == nil:
		return f + 0, true
	case errors.Is(err, strconv.ErrRange):
		return cell.BoxError(cell.ErrNum), true
	}
	return 0, false
}

// parseDate reads a date, a time or both in the form of ISO 8601.
func parseDate(s string, dates cell.Dates) (cell.Box, bool) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04", "15:04:05.999999999", "15:04"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if t.Year() == 0 { // a time alone
			return float64(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))) / float64(24*time.Hour), true
		}
		if _, ok := dates.Serial(t.Year(), int(t.Month()), t.Day()); !ok {
			return 0, false
		}
		return dates.SerialOf(t), true
	}
	return 0, false
}

// appendNumber writes the shortest digits that read back as f, in the forms that xsd:double has.
func appendNumber(dst []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	if a := math.Abs(f); a >= 1e-5 && a < 1e15 {
		if a < 1e11 {
			// A decimal of at most 15 digits that reads back as f is the shortest: no other one with as few is read as the same number.
			if m := math.Round(a * 1e4); m/1e4 == a {
				return appendDecimal(dst, f < 0, uint64(m))
			}
		}
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'E', -1, 64)
}

// appendDecimal writes m/10000, without zeros at the end.
func appendDecimal(dst []byte, neg bool, m uint64) []byte {
	if neg {
		dst = append(dst, '-')
	}
	dst = strconv.AppendUint(dst, m/1e4, 10)
	rest := m % 1e4
	digits := [...]byte{'.', byte('0' + rest/1000), byte('0' + rest/100%10), byte('0' + rest/10%10), byte('0' + rest%10)}
	n := len(digits)
	for digits[n-1] == '0' {
		n--
	}
	return append(dst, digits[:n]...)
}

// sameBox reports whether two values other than texts are the same.
func sameBox(a, b cell.Box) bool { return a == b || math.Float64bits(a) == math.Float64bits(b) }
