package explain

import (
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// truncated words the cuts.
func (s *sentences) truncated() {
	c := s.column
	for _, side := range []struct {
		r           rule
		l           lengths
		short, long string
	}{{cutA, c.prefixA, "A", "B"}, {cutB, c.prefixB, "B", "A"}} {
		detail := ""
		switch l := side.l; {
		case l.rows == 0:
			continue
		case l.minChars == l.maxChars && l.maxBytes != l.maxChars:
			detail = numbered(l.minChars, "character")
		case l.minBytes == l.maxBytes:
			detail = numbered(l.minBytes, "byte")
		}
		text := "{are} cut to " + detail + " in " + side.short
		if detail == "" {
			text = "{hold} in " + side.short + " only the start of " + side.long + ", " + exact(side.l.minBytes) + " to " + exact(side.l.maxBytes) + " bytes of it"
		}
		s.add(Finding{Kind: Truncated, Rows: c.counts[side.r], Detail: detail, Examples: c.kept[side.r]}, text)
	}
}

// keys words documents that differ in which keys they have.
func (s *sentences) keys() {
	c := s.column
	var parts []string
	for _, side := range []struct {
		names *names
		where string
	}{{&c.keysA, "only in A"}, {&c.keysB, "only in B"}} {
		list := side.names.sorted()
		for i := range list {
			list[i] = strconv.Quote(list[i])
		}
		if side.names.more {
			list = append(list, "others")
		}
		if len(list) > 0 {
			parts = append(parts, strings.Join(list, ", ")+" "+side.where)
		}
	}
	detail := strings.Join(parts, "; ")
	s.add(Finding{Kind: SubsetOfKeys, Rows: c.counts[keySubset], Detail: detail, Examples: c.kept[keySubset]},
		"{are} equal in all keys that both sides have ("+detail+")")
}

// numbers words differences, factors and rounding.
func (s *sentences) numbers() {
	c := s.column
	constant := int64(0)
	for i, e := range c.delta.top() {
		if i == 3 || e.least() < 2 && c.pairs > 1 {
			break
		}
		constant = max(constant, e.least())
		side := "B is greater"
		if e.key.mant < 0 {
			side = "B is less"
		}
		text := plain(e.key)
		s.add(Finding{Kind: Delta, Rows: e.least(), AtLeast: e.wrong > 0, Detail: text, Examples: c.examples(constantDelta, func(a, b number) bool {
			x, y, exp, ok := align(a, b)
			return ok && normal(y-x, exp) == e.key
		})}, "{differ} by exactly "+text+" ("+side+")")
	}
	for i, e := range c.factor.top() {
		if i == 1 {
			break
		}
		if e.key == (ratio{-1, 1}) || e.least() < 3 && !round(e.key) || e.least() < 2 && c.pairs > 1 {
			continue
		}
		constant = max(constant, e.least())
		detail, text := e.key.words()
		s.add(Finding{Kind: Factor, Rows: e.least(), AtLeast: e.wrong > 0, Detail: detail, Examples: c.examples(constantFactor, func(a, b number) bool {
			f, ok := quotient(a, b)
			return ok && f == e.key
		})}, text)
	}
	s.rounded(constant)
}

// rounded words the one best statement about rounding, unless a constant difference or factor explains as much.
func (s *sentences) rounded(constant int64) {
	c, r := s.column, &s.column.rounded
	k, rows := best(&r.equal)
	text := "{are} equal after rounding to " + decimals(k)
	for _, one := range []struct {
		counts *[len(powers)]int64
		text   string
	}{{&r.cutA, "{hold} in A the value of B cut to "}, {&r.cutB, "{hold} in B the value of A cut to "},
		{&r.roundedA, "{hold} in A the value of B rounded to "}, {&r.roundedB, "{hold} in B the value of A rounded to "}} {
		// One side being exactly the other's rounded value says more than both rounding to the same.
		if places, n := best(one.counts); n > 0 && n >= rows {
			k, rows, text = places, n, one.text+decimals(places)
		}
	}
	detail, significant := decimals(k), 0
	if digits, n := best(&r.digits); n > rows || n == rows && digits > 3 && r.inexactly == c.numbers {
		if digits < 3 {
			return // two numbers of about the same size are not the same number
		}
		detail, significant = strconv.Itoa(digits)+" significant digits", digits
		rows, text = n, "{are} equal after rounding to "+detail
	}
	if rows > constant {
		s.add(Finding{Kind: Rounded, Rows: rows, Detail: detail, Examples: c.examples(roundedNumber, func(a, b number) bool {
			x, y, exp, ok := align(a, b)
			if !ok || exp >= 0 {
				return false
			}
			var one rounding
			one.decimals(x, y, -exp)
			one.significant(x, y)
			return one.equal[k] > 0 || one.cutA[k] > 0 || one.cutB[k] > 0 || one.digits[significant] > 0
		})}, text)
	}
}

func decimals(k int) string {
	switch k {
	case 0:
		return "whole numbers"
	case 1:
		return "1 decimal"
	}
	return strconv.Itoa(k) + " decimals"
}

// examples filters the kept pairs of a rule by a parameter.
func (c *Column) examples(r rule, fits func(a, b number) bool) []Pair {
	var kept []Pair
	for _, p := range c.kept[r] {
		a, okA := c.numberOf(p.A)
		b, okB := c.numberOf(p.B)
		if okA && okB && fits(a, b) {
			kept = append(kept, p)
		}
	}
	return kept
}

// plain prints a difference with its sign.
func plain(n number) string {
	cell, err := canon.AppendDecimal(nil, strconv.FormatInt(n.mant, 10)+"e"+strconv.Itoa(int(n.exp)))
	if err != nil {
		return strconv.FormatInt(n.mant, 10) + "e" + strconv.Itoa(int(n.exp))
	}
	text := canon.Format(cell)
	if n.mant > 0 {
		text = "+" + text
	}
	return text
}

// round says whether a factor is one that units convert by, so that few pairs make it believable.
func round(f ratio) bool {
	n := max(abs(f.num), f.den)
	if min(abs(f.num), f.den) != 1 {
		return false
	}
	for _, base := range []int64{10, 1024} {
		for p := base; p <= n; p *= base {
			if p == n {
				return true
			}
			if p > math.MaxInt64/base {
				break
			}
		}
	}
	return n == 60 || n == 3600 || n == 86400
}

func (f ratio) words() (detail, text string) {
	if abs(f.num) == 1 && f.den > 1 {
		detail = exact(f.num * f.den)
		return "1/" + detail, "{are} in A exactly " + detail + " times what they are in B"
	}
	detail = exact(f.num)
	if f.den > 1 {
		detail += "/" + exact(f.den)
	}
	return detail, "{are} in B exactly " + detail + " times what they are in A"
}

// moments words shifts of time.
func (s *sentences) moments() {
	c := s.column
	if c.moments == 0 {
		return
	}
	top := c.shift.top()
	shifted := int64(0)
	if !s.daylight(top) {
		for i, e := range top {
			if i == 3 || e.least() < 2 && c.pairs > 1 {
				break
			}
			shifted = max(shifted, e.least())
			if e.key == 0 { // of texts
				s.add(Finding{Kind: Respelled, Rows: e.least(), AtLeast: e.wrong > 0, Examples: c.shifts(func(d int64) bool { return d == 0 })}, "{are} the same moment, written differently")
				continue
			}
			text := span(e.key)
			s.add(Finding{Kind: Shift, Rows: e.least(), AtLeast: e.wrong > 0, Detail: text, Examples: c.shifts(func(d int64) bool { return d == e.key })},
				"{differ} by exactly "+text+" ("+direction(e.key)+")")
		}
		if n := c.clock.quarters; float64(n) >= almostAll*float64(c.pairs) && float64(shifted) < almostAll*float64(c.pairs) {
			s.add(Finding{Kind: TimeZone, Rows: n, Detail: span(c.clock.low) + " to " + span(c.clock.high), Examples: c.shifts(func(d int64) bool { return d%quarter == 0 })},
				"{differ} by whole quarter hours, from "+span(c.clock.low)+" to "+span(c.clock.high)+", as time zones do")
			return
		}
	} else {
		return
	}
	unit, rows, text := 0, int64(0), ""
	for i, n := range c.clock.same {
		if n > rows {
			unit, rows, text = i, n, "{are} equal to the "+clockUnits[i].name
		}
	}
	for i, n := range c.clock.rounded {
		// Rounding of the same unit or a finer one, by more pairs, is the better word.
		if n > rows || n == rows && i < unit {
			unit, rows, text = i, n, "{are} equal after one side was rounded to the "+clockUnits[i].name
		}
	}
	if rows > shifted {
		s.add(Finding{Kind: Rounded, Rows: rows, Detail: clockUnits[unit].name, Examples: c.shifts(func(d int64) bool { return abs(d) <= clockUnits[unit].micros })}, text)
	}
}

// daylight words two shifts that are an hour apart.
func (s *sentences) daylight(top []counted[int64]) bool {
	c := s.column
	if len(top) < 2 {
		return false
	}
	a, b := top[0], top[1]
	rows := a.least() + b.least()
	if abs(a.key-b.key) != hour || a.key%quarter != 0 || abs(a.key) > widestGap || b.least() < 2 || float64(rows) < almostAll*float64(c.pairs) {
		return false
	}
	if abs(a.key) > abs(b.key) {
		a, b = b, a
	}
	text := span(a.key) + " (" + exact(a.least()) + ") or " + span(b.key) + " (" + exact(b.least()) + ")"
	s.add(Finding{Kind: TimeZone, Rows: rows, AtLeast: a.wrong+b.wrong > 0, Detail: span(a.key) + " or " + span(b.key),
		Examples: c.shifts(func(d int64) bool { return d == a.key || d == b.key })},
		"{differ} by exactly "+text+", as a time zone with daylight saving does ("+direction(b.key)+")")
	return true
}

func direction(shift int64) string {
	if shift < 0 {
		return "B is earlier"
	}
	return "B is later"
}

// shifts filters the kept pairs of moments.
func (c *Column) shifts(fits func(shift int64) bool) []Pair {
	var kept []Pair
	for _, p := range c.kept[constantShift] {
		x, _ := momentOf(p.A)
		if y, _ := momentOf(p.B); fits(y - x) {
			kept = append(kept, p)
		}
	}
	return kept
}

// span prints microseconds with a sign, in whole units: "+1 h", "-1 d 2 h 30 min", "+250 ms".
func span(micros int64) string {
	sign := "+"
	if micros < 0 {
		sign, micros = "-", -micros
	}
	var parts []string
	for _, u := range []struct {
		micros int64
		name   string
	}{{day, "d"}, {hour, "h"}, {minute, "min"}, {second, "s"}, {millisecond, "ms"}, {1, "µs"}} {
		if n := micros / u.micros; n > 0 {
			parts = append(parts, exact(n)+" "+u.name)
			micros %= u.micros
		}
	}
	return sign + strings.Join(parts, " ")
}
