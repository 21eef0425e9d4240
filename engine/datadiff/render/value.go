package render

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// Value is a canonical cell. As JSON it has the type that loses nothing; see docs/datadiff-json.md.
type Value []byte

// Named is a value with the name of its column.
type Named struct {
	Name  string
	Value Value
}

// Values marshal as an object whose names keep their order.
type Values []Named

// Side is a column with the values of both sides; nil where a side has no such row.
type Side struct {
	Name string
	A, B Value
}

// Sides marshal as an object of objects with "a" and "b".
type Sides []Side

// exactInteger is the largest integer that every reader of JSON numbers keeps: they may be doubles.
const exactInteger = 1 << 53

// exactDigits is how many decimal digits a double gives back unchanged.
const exactDigits = 15

// MarshalJSON implements [json.Marshaler].
func (v Value) MarshalJSON() ([]byte, error) {
	switch tag := canon.Tag(v[0]); tag {
	case canon.Null:
		return []byte("null"), nil
	case canon.NegativeInt:
		if n := canon.Int(v); n >= -exactInteger {
			return strconv.AppendInt(nil, n, 10), nil
		}
	case canon.PositiveInt:
		if n := canon.Uint(v); n <= exactInteger {
			return strconv.AppendUint(nil, n, 10), nil
		}
	case canon.Float64:
		f := canon.Double(v)
		if !finite(f) {
			return noNumber(f), nil
		}
		return json.Marshal(f)
	case canon.Float32:
		f := canon.Single(v)
		if !finite(float64(f)) {
			return noNumber(float64(f)), nil
		}
		return json.Marshal(f)
	case canon.Decimal:
		text := canon.AppendDecimalText(nil, v)
		if significant(text) <= exactDigits && len(text) <= 2*exactDigits && json.Valid(text) {
			return text, nil
		}
		if len(text) < 1<<10 {
			return json.Marshal(string(text))
		}
	case canon.Text, canon.Inexact:
		text := canon.Content(v)
		if !utf8.Valid(text) {
			return json.Marshal(map[string]string{"hex": hex.EncodeToString(text)})
		}
		return marshal(string(text))
	case canon.Bytes:
		return json.Marshal(map[string]string{"hex": hex.EncodeToString(canon.Content(v))})
	}
	return marshal(canon.Format(v))
}

// noNumber spells what JSON has no number for, as a decimal of that value is spelt.
func noNumber(f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`)
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`)
	}
	return []byte(`"NaN"`)
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// significant counts the digits of a number between the first and the last that is not zero.
func significant(text []byte) int {
	digits := bytes.ReplaceAll(bytes.TrimLeft(text, "-0."), []byte("."), nil)
	return len(bytes.TrimRight(digits, "0"))
}

// marshal is json.Marshal without escapes for HTML, which no reader of a value wants.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// MarshalJSON implements [json.Marshaler].
func (vs Values) MarshalJSON() ([]byte, error) {
	return object(len(vs), func(i int) (string, any) { return vs[i].Name, vs[i].Value })
}

// MarshalJSON implements [json.Marshaler].
func (ss Sides) MarshalJSON() ([]byte, error) {
	return object(len(ss), func(i int) (string, any) {
		var sides Values
		if ss[i].A != nil {
			sides = append(sides, Named{"a", ss[i].A})
		}
		if ss[i].B != nil {
			sides = append(sides, Named{"b", ss[i].B})
		}
		return ss[i].Name, sides
	})
}

// object writes members in their order.
func object(n int, member func(i int) (name string, value any)) ([]byte, error) {
	out := []byte{'{'}
	for i := range n {
		name, value := member(i)
		if i > 0 {
			out = append(out, ',')
		}
		for _, part := range []any{name, value} {
			text, err := marshal(part)
			if err != nil {
				return nil, err
			}
			out = append(out, text...)
			out = append(out, ':')
		}
		out = out[:len(out)-1]
	}
	return append(out, '}'), nil
}

// text prints a value for a person on one line: words in quotes, so that NULL, ” and blanks at the end
// can be seen.
func (v Value) text() string {
	if v == nil {
		return ""
	}
	switch canon.Tag(v[0]) {
	case canon.Text, canon.Inexact:
		return quote(canon.Content(v))
	}
	return canon.Format(v)
}

// shownBytes bounds the part of a long text that is looked at: no line is that long.
const shownBytes = 2 << 10

func quote(text []byte) string {
	more := len(text) > shownBytes
	if more {
		text = text[:shownBytes]
		for len(text) > 0 && !utf8.Valid(text[max(0, len(text)-utf8.UTFMax):]) && len(text) > shownBytes-utf8.UTFMax {
			text = text[:len(text)-1]
		}
	}
	quoted := strconv.Quote(string(text))
	// Single quotes around it, so that those inside are the ones with a backslash.
	quoted = "'" + strings.NewReplacer(`\\`, `\\`, `\"`, `"`, `'`, `\'`).Replace(quoted[1:len(quoted)-1]) + "'"
	if more {
		quoted += "…"
	}
	return quoted
}
