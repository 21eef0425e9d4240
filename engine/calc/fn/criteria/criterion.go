package criteria

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// Criterion is one condition on a cell.
type Criterion struct {
	what    what
	not     bool // of an equality: all other cells
	order   byte // '<' or '>' of an inequality, else 0
	orEqual bool
	number  float64
	text    string // of an equality with a pattern as it was written, else without escapes
	pattern *wildcard.Pattern
	code    cell.ErrorCode
	yes     bool
	dates   cell.Dates
}

// what is what a cell is compared with.
type what uint8

const (
	never   what = iota // nothing meets it
	number              // numbers, and for equality also text that reads as one
	text                // text
	like                // text by a pattern
	truth               // booleans
	failure             // errors
	blank               // empty cells
	nothing             // empty cells and ""
)

// Parse reads a condition. Text may begin with an operator: = <> < <= > >=; what follows is read as a number, a date, a
// percentage, a boolean or an error where it can be, else it is text, in which an equality knows wildcards. "=" alone
// is for empty cells and "<>" alone for those that are not; "" is for empty cells and empty text. Other values ask for equal ones, and an empty
// cell for 0. As workbooks saved by Excel have it, nothing comes before or behind nothing, so ">" alone is met by no cell, and "<>23" is met by the
// text "23", which "=23" is met by, too.
func Parse(v cell.Value, dates cell.Dates) Criterion {
	k := Criterion{dates: dates}
	switch v.Kind() {
	case cell.Number:
		k.what, k.number = number, v.Float()
	case cell.Empty, cell.Missing:
		k.what = number
	case cell.Bool:
		k.what, k.yes = truth, v.True()
	case cell.Error:
		k.what, k.code = failure, v.Code()
	case cell.Text:
		k.parse(v.Text())
	}
	return k
}

func (k *Criterion) parse(s string) {
	if s == "" {
		k.what = nothing
		return
	}
	switch {
	case strings.HasPrefix(s, "<>"):
		k.not, s = true, s[2:]
	case strings.HasPrefix(s, "<="), strings.HasPrefix(s, ">="):
		k.order, k.orEqual, s = s[0], true, s[2:]
	case s[0] == '<' || s[0] == '>':
		k.order, s = s[0], s[1:]
	case s[0] == '=':
		s = s[1:]
	}
	if s == "" {
		k.what = blank
		if k.order != 0 {
			k.what = never
		}
		return
	}
	if f, ok := cell.ParseNumber(s, k.dates); ok {
		k.what, k.number = number, f
		return
	}
	if strings.EqualFold(s, "TRUE") || strings.EqualFold(s, "FALSE") {
		k.what, k.yes = truth, len(s) == 4
		return
	}
	if code, ok := cell.ParseError(s); ok {
		k.what, k.code = failure, code
		if k.order != 0 {
			k.what = never
		}
		return
	}
	k.what, k.text = text, s
	if k.order != 0 || !wildcard.Special(s) {
		return
	}
	p := wildcard.Compile(s)
	if literal, ok := p.Literal(); ok {
		k.text = literal
		return
	}
	k.what, k.pattern = like, p
}

// Prefixed makes text that is given without an operator ask for text that begins with it, as the tables of criteria of
// the database functions do.
func (k Criterion) Prefixed(v cell.Value) Criterion {
	if v.Kind() != cell.Text || k.not || k.order != 0 || strings.HasPrefix(v.Text(), "=") || k.what != text && k.what != like {
		return k
	}
	k.what, k.text = like, v.Text()+"*"
	k.pattern = wildcard.Compile(k.text)
	return k
}

// appendKey appends what tells conditions apart that are met by different cells.
func (k *Criterion) appendKey(dst []byte) []byte {
	flags := byte(0)
	for i, set := range []bool{k.not, k.orEqual, k.yes} {
		if set {
			flags |= 1 << i
		}
	}
	dst = append(dst, 1, byte(k.what), flags, k.order, byte(k.code))
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(k.number))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(k.text)))
	return append(dst, k.text...)
}

// Empties reports whether empty cells meet the condition.
func (k *Criterion) Empties() bool { return k.Match(cell.Value{}) }

// Match reports whether a value meets the condition.
func (k *Criterion) Match(v cell.Value) bool {
	if k.order != 0 {
		d := 0
		switch {
		case k.what == number && v.Kind() == cell.Number:
			d = cell.CompareNumbers(v.Float(), k.number)
		case k.what == text && v.Kind() == cell.Text:
			d = cell.CompareText(v.Text(), k.text)
		case k.what == truth && v.Kind() == cell.Bool:
			d = cell.Compare(v, cell.Truth(k.yes))
		default:
			return false
		}
		return d == 0 && k.orEqual || d < 0 && k.order == '<' || d > 0 && k.order == '>'
	}
	return k.equal(v) != k.not
}

func (k *Criterion) equal(v cell.Value) bool {
	switch k.what {
	case number:
		if v.Kind() == cell.Text && !k.not {
			f, ok := cell.ParseNumber(v.Text(), k.dates)
			return ok && cell.CompareNumbers(f, k.number) == 0
		}
		return v.Kind() == cell.Number && cell.CompareNumbers(v.Float(), k.number) == 0
	case text:
		return v.Kind() == cell.Text && cell.CompareText(v.Text(), k.text) == 0
	case like:
		return v.Kind() == cell.Text && k.pattern.Match(v.Text())
	case truth:
		return v.Kind() == cell.Bool && v.True() == k.yes
	case failure:
		return v.Kind() == cell.Error && v.Code() == k.code
	case blank:
		return v.IsBlank()
	case nothing:
		return v.IsBlank() || v.Kind() == cell.Text && v.Text() == ""
	}
	return false
}

// test returns [Criterion.Match] for boxes. It is for one goroutine: what it has found of a text it remembers.
func (k *Criterion) test(strings *cell.Strings) func(cell.Box) bool {
	if k.what == number && k.order != 0 {
		x := k.number
		switch {
		case k.order == '<' && k.orEqual:
			return func(b cell.Box) bool { return b == b && cell.CompareNumbers(b, x) <= 0 }
		case k.order == '<':
			return func(b cell.Box) bool { return b == b && cell.CompareNumbers(b, x) < 0 }
		case k.orEqual:
			return func(b cell.Box) bool { return b == b && cell.CompareNumbers(b, x) >= 0 }
		}
		return func(b cell.Box) bool { return b == b && cell.CompareNumbers(b, x) > 0 }
	}
	texts := map[uint32]bool{}
	empty := k.Empties()
	last, lastMet := uint32(0), k.Match(cell.Str(""))
	return func(b cell.Box) bool {
		switch cell.BoxKind(b) {
		case cell.Number:
			return k.order == 0 && (k.what == number && cell.CompareNumbers(b, k.number) == 0) != k.not
		case cell.Empty:
			return empty
		case cell.Text:
			id := cell.BoxedText(b)
			if id == last {
				return lastMet
			}
			met, ok := texts[id]
			if !ok {
				met = k.Match(cell.Str(strings.Text(id)))
				texts[id] = met
			}
			last, lastMet = id, met
			return met
		}
		return k.Match(strings.Value(b))
	}
}
