package format

import (
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Format is a number format. It may be used by several goroutines.
type Format struct {
	sections []*section // of numbers: one to three
	text     *section   // nil where text is shown as it is
}

// section is one part of a format code.
type section struct {
	kind      kind
	tokens    []token
	condition condition
	when      bool // there is a condition
	text      bool // there is an @

	number   numberLayout
	fraction fractionLayout
	decimals int // of seconds, in a section of dates
	time     bool
	half     bool // AM and PM
}

type kind uint8

const (
	numeric kind = iota
	general
	dates
	fraction
	scientific
)

// condition is [>100] and the like.
type condition struct {
	op    string
	limit float64
}

func (c condition) holds(f float64) bool {
	switch c.op {
	case "<":
		return f < c.limit
	case "<=":
		return f <= c.limit
	case ">":
		return f > c.limit
	case ">=":
		return f >= c.limit
	case "=":
		return f == c.limit
	}
	return f != c.limit
}

// negative reports whether the condition holds for negative numbers only.
func (c condition) negative() bool { return c.op == "<" && c.limit <= 0 || c.op == "<=" && c.limit < 0 }

// allButNegative reports whether only negative numbers are left where the condition does not hold.
func (c condition) allButNegative() bool {
	return c.op == ">=" && c.limit <= 0 || c.op == ">" && c.limit < 0
}

// maxCached bounds the formats that are kept: a workbook has at most a few thousand, but TEXT can make new ones.
const maxCached = 4096

var cache = struct {
	sync.RWMutex
	formats map[string]*Format
}{formats: map[string]*Format{}}

// Parse reads a format code. Codes that were read before are not read again. It may be called by several goroutines. The
// error says what is wrong with the code.
func Parse(code string) (*Format, error) {
	cache.RLock()
	f := cache.formats[code]
	cache.RUnlock()
	if f != nil {
		return f, nil
	}
	f, err := parse(code)
	if err != nil {
		return nil, err
	}
	cache.Lock()
	defer cache.Unlock()
	if len(cache.formats) >= maxCached {
		clear(cache.formats)
	}
	cache.formats[code] = f
	return f, nil
}

// IsDate reports whether the format shows numbers as dates or times.
func (f *Format) IsDate() bool { return len(f.sections) > 0 && f.sections[0].kind == dates }

// IsText reports whether the format is for text, as "@" is: what a cell of it shows is never read as a number.
func (f *Format) IsText() bool { return len(f.sections) == 0 }

// Text returns v as a cell shows it that is wide enough. Where a cell shows only number signs however wide it is, so
// does the text; see [Format.Show].
func (f *Format) Text(v cell.Value, dates cell.Dates) string {
	if s, ok := f.Show(v, dates); ok {
		return s
	}
	return "########"
}

// Show is [Format.Text], and false where v cannot be shown, as a date outside of the calendar. Text is not read as a number. A
// number for which no condition holds is shown as by General. Arrays, references and functions cannot be shown.
func (f *Format) Show(v cell.Value, dates cell.Dates) (string, bool) {
	switch v.Kind() {
	case cell.Text, cell.Bool:
		text := cell.ToText(v).Text()
		if f.text == nil {
			return text, true
		}
		return f.text.showText(text), true
	case cell.Error:
		return v.Code().String(), true
	case cell.Number, cell.Empty, cell.Missing:
		return f.show(v.Float(), dates)
	}
	return "", false
}

func (f *Format) show(x float64, dates cell.Dates) (string, bool) {
	if len(f.sections) == 0 {
		return f.text.showText(generalText(x)), true
	}
	s, sign := f.pick(x)
	if s == nil {
		return generalText(x), true
	}
	minus := ""
	if x < 0 && sign {
		minus = "-"
	}
	return s.show(x, minus, dates)
}

// pick returns the section for x, nil where no condition holds, and whether a negative x is written with a sign: it is not
// where the section is for nothing else.
func (f *Format) pick(x float64) (s *section, sign bool) {
	all := f.sections
	if !all[0].when && (len(all) < 2 || !all[1].when) {
		switch {
		case len(all) == 1, x > 0, x == 0 && len(all) == 2:
			return all[0], true
		case x < 0:
			return all[1], false
		}
		return all[2], true
	}
	first := all[0].condition
	if !all[0].when {
		first = condition{">", 0}
	}
	if first.holds(x) {
		return all[0], !first.negative()
	}
	switch {
	case len(all) == 1:
		return nil, false
	case len(all) == 2 && !all[1].when:
		return all[1], !first.allButNegative()
	}
	second := all[1].condition
	if !all[1].when {
		second = condition{"<", 0}
	}
	if second.holds(x) {
		return all[1], !second.negative() && !first.allButNegative()
	}
	if len(all) == 2 {
		return nil, false
	}
	return all[2], true
}

func (s *section) show(x float64, minus string, system cell.Dates) (string, bool) {
	switch s.kind {
	case dates:
		return s.showDate(x, system)
	case general:
		return s.showGeneral(x, minus), true
	case fraction:
		return s.showFraction(x, minus), true
	case scientific:
		return s.showScientific(x, minus), true
	}
	return s.showNumber(x, minus), true
}

func (s *section) showText(text string) string {
	var out strings.Builder
	for _, t := range s.tokens {
		switch t.kind {
		case literal:
			out.WriteString(t.text)
		case at:
			out.WriteString(text)
		}
	}
	return out.String()
}

func (s *section) showGeneral(x float64, minus string) string {
	var out strings.Builder
	out.WriteString(minus)
	for _, t := range s.tokens {
		switch t.kind {
		case literal:
			out.WriteString(t.text)
		case generalNumber:
			out.WriteString(strings.TrimPrefix(generalText(x), "-"))
		}
	}
	return out.String()
}
