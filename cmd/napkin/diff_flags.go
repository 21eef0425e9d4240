package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// defaultRecheck is the window between two servers: longer than the delay of a replica nearby.
const defaultRecheck = 250 * time.Millisecond

// window is a length of time that may be 0, and knows whether it was given.
type window struct {
	value time.Duration
	given bool
}

func (w *window) Type() string { return "time" }

func (w *window) String() string { return "" }

func (w *window) Set(s string) error {
	if strings.TrimSpace(s) == "0" {
		s = "0s"
	}
	value, err := unit.ParseDuration(s)
	if err == nil && value < 0 {
		err = errors.New("a length of time is not negative")
	}
	w.value, w.given = value, true
	return err
}

// share is a part of a whole, as 5% or 0.05.
type share struct{ value float64 }

func (s *share) Type() string { return "share" }

func (s *share) String() string {
	if s.value == 0 {
		return ""
	}
	return unit.Digits(s.value*100) + "%"
}

func (s *share) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	if err != nil || !(value > 0 && value <= 1) {
		return errors.New("write a share above 0 and up to 1, such as 5% or 0.05")
	}
	s.value = value
	return nil
}

// whole is a whole number above zero.
type whole struct{ value int64 }

func (w *whole) Type() string { return "number" }

func (w *whole) String() string {
	if w.value == 0 {
		return ""
	}
	return strconv.FormatInt(w.value, 10)
}

func (w *whole) Set(s string) error {
	value, err := parseCount(s)
	if err == nil && (value < 1 || value != float64(int64(value))) {
		err = errors.New("give a whole number above zero")
	}
	w.value = int64(value)
	return err
}

// namePairs is the repeatable --map a=b.
type namePairs struct{ values map[string]string }

func (p *namePairs) String() string { return "" }
func (p *namePairs) Type() string   { return "list of a=b" }

func (p *namePairs) Set(s string) error {
	a, b, found := strings.Cut(s, "=")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !found || a == "" || b == "" {
		return errors.New("write a=b: the column's name in A and that in B")
	}
	if p.values == nil {
		p.values = map[string]string{}
	}
	p.values[a] = b
	return nil
}

// tolerances is the repeatable --tolerance column=number. Columns that a higher layer named stay.
type tolerances struct{ values map[string]float64 }

func (t *tolerances) String() string { return "" }
func (t *tolerances) Type() string   { return "list of column=number" }

func (t *tolerances) Set(s string) error { return t.set(s, true) }

// SetLower adds columns that are not there yet.
func (t *tolerances) SetLower(s string) error { return t.set(s, false) }

func (t *tolerances) set(s string, override bool) error {
	column, number, found := strings.Cut(s, "=")
	column = strings.TrimSpace(column)
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !found || column == "" || err != nil || !(value >= 0 && value <= 1e300) {
		return errors.New("write column=number, for example price=1e-9")
	}
	if t.values == nil {
		t.values = map[string]float64{}
	}
	if _, there := t.values[column]; override || !there {
		t.values[column] = value
	}
	return nil
}

// selection is what the flags select of one pair of tables. A name in double quotes may hold dots and
// commas. With several tables, one that is written TABLE.COLUMN holds for that table alone, and one that a table does not have is passed over in
// --exclude, --map and --tolerance: those are rules for all tables.
func (flags *diffFlags) selection(a, b *dialect.Table, several bool) datadiff.Selection {
	sel := datadiff.Selection{WhereA: flags.whereA, WhereB: flags.whereB, Map: map[string]string{}, Tolerance: map[string]float64{}}
	if flags.where != "" {
		sel.WhereA, sel.WhereB = flags.where, flags.where
	}
	own := func(name string) (column string, mine bool) {
		if a.Column(name) != nil || b.Column(name) != nil {
			return name, true
		}
		n := dialect.ParseTableName(name)
		return n.Name, n.Schema == "" || strings.EqualFold(n.Schema, a.Name.Name) || strings.EqualFold(n.Schema, b.Name.Name)
	}
	has := func(column string) bool { return !several || a.Column(column) != nil || b.Column(column) != nil }
	take := func(given names, lenient bool) (out []string) {
		for _, name := range given {
			if column, mine := own(name); mine && (!lenient || has(column)) {
				out = append(out, column)
			}
		}
		return out
	}
	sel.Key, sel.Columns, sel.Exclude = take(flags.key, false), take(flags.columns, false), take(flags.exclude, true)
	for from, to := range flags.mapping.values {
		if column, mine := own(from); mine && has(column) {
			sel.Map[column] = to
		}
	}
	for name, tolerance := range flags.tolerance.values {
		if column, mine := own(name); mine && has(column) {
			sel.Tolerance[column] = tolerance
		}
	}
	return sel
}

// unused names what was selected and no table has, so that a misspelt name is not passed over in silence.
func (flags *diffFlags) unused(tables []*dialect.Table) error {
	check := func(flag string, given []string) error {
		for _, name := range given {
			if !slices.ContainsFunc(tables, func(t *dialect.Table) bool {
				n := dialect.ParseTableName(name)
				return t.Column(name) != nil || (n.Schema == "" || strings.EqualFold(n.Schema, t.Name.Name)) && t.Column(n.Name) != nil
			}) {
				return fmt.Errorf("--%s %s: none of the tables has such a column", flag, name)
			}
		}
		return nil
	}
	return errors.Join(check("exclude", flags.exclude), check("map", slices.Sorted(maps.Keys(flags.mapping.values))),
		check("tolerance", slices.Sorted(maps.Keys(flags.tolerance.values))))
}
