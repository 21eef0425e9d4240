package sqlgen

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// reading is a reference while it is written: a relation of the cells that it reads, folded as far as it folds, with columns
// that are joined to those of the scope.
type reading struct {
	s     *scope
	r     *model.VarRef
	v     *model.Var
	where []string // on the cells s of the variable
	when  []string // on their periods, without the name of the relation: ".p = 5"
	keys  []string // columns of the relation besides p
	on    []string // what joins it, without p
	lost  string   // a condition that a mapping leads nowhere; "" for none
	fold  bool     // dimensions are folded
}

// reference writes a reference and returns the value.
func (s *scope) reference(r *model.VarRef) string {
	g := s.g
	v := g.m.Vars[r.Var]
	x := &reading{s: s, r: r, v: v}
	for i, d := range v.Dims {
		switch ref := r.Dims[i]; ref.Kind {
		case model.Same:
			x.keys, x.on = append(x.keys, "s."+item(d)+" AS "+item(d)), append(x.on, "."+item(d)+" = c."+item(d))
		case model.Fixed:
			x.where = append(x.where, fmt.Sprintf("s.%s = %d", item(d), ref.Item))
		case model.Lookup:
			g.unique++
			m := "m" + strconv.Itoa(g.unique)
			s.joins = append(s.joins, fmt.Sprintf("LEFT JOIN %s AS %s ON %s.f = c.%s", g.mapTable(ref.Map), m, m, item(g.m.Maps[ref.Map].From)))
			s.reads = append(s.reads, m+".t AS "+m+"_t")
			x.keys, x.on = append(x.keys, "s."+item(d)+" AS "+item(d)), append(x.on, "."+item(d)+" = "+m+".t")
			x.lost = m + "_t IS NULL"
		default:
			x.fold = true
			if ref.Kind == model.Group && slices.Contains(v.Dims, g.m.Maps[ref.Map].To) {
				g.refuse("", "%s is rolled up to %s, over which it varies too", v.Name, g.m.Dims[g.m.Maps[ref.Map].To].Name)
			}
		}
	}
	value := x.timed()
	if x.lost != "" {
		value = "CASE WHEN " + x.lost + " THEN " + g.Dialect.number(v.Outside) + " ELSE " + value + " END"
	}
	return value
}

// relation is the cells of the variable, its categories folded at each period; with period its column p is kept.
func (x *reading) relation(period bool) string {
	g := x.s.g
	from := g.tables[x.v.ID] + " AS s"
	where := append([]string{}, x.where...)
	for _, w := range x.when {
		where = append(where, "s"+w)
	}
	columns := append([]string{}, x.keys...)
	if period {
		columns = append(columns, "s.p AS p")
	}
	if !x.fold {
		if len(columns) == 0 {
			// One row, also where the item was cut off.
			columns = append(columns, "max(s.x) AS x")
		} else {
			columns = append(columns, "s.x AS x")
		}
		return "(SELECT " + strings.Join(columns, ", ") + " FROM " + from + conditions(where) + ")"
	}
	var group []string
	order := "0"
	for i, d := range x.v.Dims {
		switch ref := x.r.Dims[i]; ref.Kind {
		case model.Group:
			m := g.m.Maps[ref.Map]
			from += fmt.Sprintf(" JOIN %s AS g%d ON g%d.f = s.%s", g.mapTable(ref.Map), i, i, item(d))
			columns = append([]string{fmt.Sprintf("g%d.t AS %s", i, item(m.To))}, columns...)
			group = append(group, fmt.Sprintf("g%d.t", i))
			order = fmt.Sprintf("(%s * %d + s.%s)", order, g.m.Dims[d].Len(), item(d))
		case model.All:
			order = fmt.Sprintf("(%s * %d + s.%s)", order, g.m.Dims[d].Len(), item(d))
		case model.Fixed:
		default:
			group = append(group, "s."+item(d))
		}
	}
	if period {
		group = append(group, "s.p")
	}
	columns = append(columns, g.aggregate(x.r.Fold, "s.x", order, "")+" AS x")
	by := ""
	if len(group) > 0 {
		by = " GROUP BY " + strings.Join(group, ", ")
	}
	folded := "(SELECT " + strings.Join(columns, ", ") + " FROM " + from + conditions(where) + by + ")"
	if x.hollow() {
		return x.dense(folded, period)
	}
	return folded
}

// hollow says whether groups may have no items.
func (x *reading) hollow() bool {
	g := x.s.g
	for i, d := range x.v.Dims {
		ref := x.r.Dims[i]
		if ref.Kind != model.Group && ref.Kind != model.All {
			continue
		}
		if g.m.Dims[d].Len() == 0 {
			return true
		}
		if ref.Kind == model.Group {
			m := g.m.Maps[ref.Map]
			has := make([]bool, g.m.Dims[m.To].Len())
			for _, to := range m.Target {
				if to >= 0 {
					has[to] = true
				}
			}
			if slices.Contains(has, false) {
				return true
			}
		}
	}
	return false
}

// dense gives a folded relation a row for each group that has no items, which folds nothing at every period.
func (x *reading) dense(folded string, period bool) string {
	g := x.s.g
	var columns, from, on []string
	for i, d := range x.v.Dims {
		switch ref := x.r.Dims[i]; ref.Kind {
		case model.Group:
			d = g.m.Maps[ref.Map].To
		case model.Same, model.Lookup:
		default:
			continue
		}
		a := "a" + item(d)
		columns, from, on = append(columns, a+".i AS "+item(d)), append(from, g.dimTable(d)+" AS "+a), append(on, "d."+item(d)+" = "+a+".i")
	}
	var where []string
	if period {
		columns, from, on = append(columns, "t.p AS p"), append(from, g.timeTable(x.v.Grain)+" AS t"), append(on, "d.p = t.p")
		for _, w := range x.when {
			where = append(where, "t"+w)
		}
	}
	if len(from) == 0 {
		return folded // one row, without groups
	}
	columns = append(columns, "COALESCE(d.x, "+g.Dialect.number(nothing(x.r.Fold))+") AS x")
	return "(SELECT " + strings.Join(columns, ", ") + " FROM " + strings.Join(from, " CROSS JOIN ") + " LEFT JOIN " + folded + " AS d ON " + strings.Join(on, " AND ") + conditions(where) + ")"
}

func conditions(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(list, " AND ")
}

// joined joins a relation by the items, and by more conditions, and returns the name of its value, which is NULL where it has
// no row.
func (x *reading) joined(relation string, more ...string) string {
	s := x.s
	s.g.unique++
	r := "r" + strconv.Itoa(s.g.unique)
	var on []string
	for _, ref := range x.r.Dims {
		if ref.Kind == model.Group {
			to := item(s.g.m.Maps[ref.Map].To)
			on = append(on, r+"."+to+" = c."+to)
		}
	}
	for _, o := range x.on {
		on = append(on, r+o)
	}
	for _, m := range more {
		on = append(on, r+m)
	}
	if len(on) == 0 {
		s.joins = append(s.joins, "CROSS JOIN "+relation+" AS "+r)
	} else {
		s.joins = append(s.joins, "LEFT JOIN "+relation+" AS "+r+" ON "+strings.Join(on, " AND "))
	}
	return s.read(r)
}

// read takes the value of a joined relation and returns the name of its column.
func (s *scope) read(r string) string {
	column := "v" + r[1:]
	s.reads = append(s.reads, r+".x AS "+column)
	return column
}

// or gives a value where a join has no row.
func (x *reading) or(value string, other float64) string {
	return "COALESCE(" + value + ", " + x.s.g.Dialect.number(other) + ")"
}

// absent is the value where the relation has no row though the period is on the axis.
func (x *reading) absent() float64 {
	if x.fold {
		return nothing(x.r.Fold)
	}
	return x.v.Outside
}

// timed writes the part of a reference that is along time.
func (x *reading) timed() string {
	s, t := x.s, x.r.Time
	switch {
	case t.Kind == model.Timeless:
		return x.or(x.joined(x.relation(false)), x.absent())
	case t.Kind == model.Absolute:
		x.when = append(x.when, fmt.Sprintf(".p = %d", t.Period))
		return x.or(x.joined(x.relation(false)), x.absent())
	case t.Kind == model.Shifted && t.Context == x.v.Grain:
		n := s.g.m.Periods(x.v.Grain)
		if s.period >= 0 {
			p := s.period + t.Shift
			if p < 0 || p >= n {
				return s.g.Dialect.number(x.v.Outside)
			}
			x.when = append(x.when, fmt.Sprintf(".p = %d", p))
			return x.or(x.joined(x.relation(false)), x.absent())
		}
		r := x.joined(x.relation(true), ".p = c.p"+plus(t.Shift))
		if !x.fold || t.Shift == 0 {
			return x.or(r, x.absent())
		}
		return fmt.Sprintf("CASE WHEN p%s BETWEEN 0 AND %d THEN %s ELSE %s END", plus(t.Shift), n-1, x.or(r, x.absent()), s.g.Dialect.number(x.v.Outside))
	case t.Kind == model.Window && t.Count == x.v.Grain && (t.Context == t.Count || fixed(t)):
		return x.window()
	}
	return x.span()
}

// fixed says whether the ends of a window do not move.
func fixed(t model.TimeRef) bool { return t.From.Kind != model.FromNow && t.To.Kind != model.FromNow }

func plus(n int) string {
	switch {
	case n > 0:
		return " + " + strconv.Itoa(n)
	case n < 0:
		return " - " + strconv.Itoa(-n)
	}
	return ""
}

// window writes a span of the variable's own periods.
func (x *reading) window() string {
	s, t, g := x.s, x.r.Time, x.s.g
	n := g.m.Periods(x.v.Grain)
	agg := t.Fold
	inner := agg
	if agg == model.Average {
		inner = model.Sum // divided by all periods of the span, also those outside of the axis
	}
	if s.period >= 0 || fixed(t) {
		lo, hi := t.From.Period(s.period, n), t.To.Period(s.period, n)
		all := max(0, hi-lo+1)
		inside := max(0, min(hi, n-1)-max(lo, 0)+1)
		if all == 0 {
			return g.Dialect.number(nothing(agg))
		}
		x.when = append(x.when, fmt.Sprintf(".p BETWEEN %d AND %d", max(lo, 0), min(hi, n-1)))
		r := x.joined(x.overTime(inner, ""))
		return x.outside(r, strconv.Itoa(all-inside), strconv.Itoa(all), truth(lo < 0 || lo >= n), truth(hi < 0 || hi >= n), all > inside)
	}
	frame, ok := frameOf(t.From, t.To)
	if !ok {
		return x.span()
	}
	if t.From.Kind == model.FromNow && t.To.Kind == model.FromNow && t.From.N > t.To.N {
		return g.Dialect.number(nothing(agg))
	}
	r := x.joined(x.overTime(inner, frame), ".p = c.p")
	lo, hi := end(t.From, n), end(t.To, n)
	all := fmt.Sprintf("greatest(0, %s - (%s) + 1)", hi, lo)
	inside := fmt.Sprintf("greatest(0, least(%s, %d) - greatest(%s, 0) + 1)", hi, n-1, lo)
	return x.outside(r, "("+all+" - "+inside+")", all, fmt.Sprintf("(%s < 0 OR %s > %d)", lo, lo, n-1), fmt.Sprintf("(%s < 0 OR %s > %d)", hi, hi, n-1), true)
}

func truth(b bool) string {
	if b {
		return "1 = 1"
	}
	return "1 = 0"
}

// end is the period of an end of a window, as SQL.
func end(p model.Point, n int) string {
	switch p.Kind {
	case model.FromNow:
		return "p" + plus(p.N)
	case model.FromEnd:
		return strconv.Itoa(n - 1 + p.N)
	}
	return strconv.Itoa(p.N)
}

// frameOf is the frame of a window function for a span with an end that moves.
func frameOf(from, to model.Point) (string, bool) {
	bound := func(p model.Point) string {
		switch {
		case p.N < 0:
			return strconv.Itoa(-p.N) + " PRECEDING"
		case p.N > 0:
			return strconv.Itoa(p.N) + " FOLLOWING"
		}
		return "CURRENT ROW"
	}
	var a, b string
	switch {
	case from.Kind == model.FromNow:
		a = bound(from)
	case from.Kind == model.FromStart && from.N <= 0:
		a = "UNBOUNDED PRECEDING"
	default:
		return "", false
	}
	switch {
	case to.Kind == model.FromNow:
		b = bound(to)
	case to.Kind == model.FromEnd && to.N >= 0:
		b = "UNBOUNDED FOLLOWING"
	default:
		return "", false
	}
	return " ROWS BETWEEN " + a + " AND " + b, true
}

// overTime folds the relation along time: of all its periods, or as a window function of a frame, with the column p.
func (x *reading) overTime(agg model.Agg, frame string) string {
	keys := x.keyColumns()
	list := strings.Join(keys, ", ")
	if frame != "" {
		over := " OVER (ORDER BY p" + frame + ")"
		if len(keys) > 0 {
			over = " OVER (PARTITION BY " + list + " ORDER BY p" + frame + ")"
			list += ", "
		}
		return "(SELECT " + list + "p, " + x.s.g.aggregate(agg, "x", "p", over) + " AS x FROM " + x.relation(true) + " AS w)"
	}
	if len(keys) == 0 {
		return "(SELECT " + x.s.g.aggregate(agg, "x", "p", "") + " AS x FROM " + x.relation(true) + " AS w)"
	}
	return "(SELECT " + list + ", " + x.s.g.aggregate(agg, "x", "p", "") + " AS x FROM " + x.relation(true) + " AS w GROUP BY " + list + ")"
}

// outside adds to a fold what the periods outside of the axis take part with: out of all of them are outside. Of an average r is
// the sum.
func (x *reading) outside(r, out, all, firstOut, lastOut string, possible bool) string {
	d, agg := x.s.g.Dialect, x.r.Time.Fold
	beyond := d.number(x.v.Outside)
	plain := x.or(r, nothing(agg))
	switch agg {
	case model.Sum:
		if !possible || x.v.Outside == 0 {
			return plain
		}
		return fmt.Sprintf("CASE WHEN %s > 0 THEN COALESCE(%s, %s) + %s * %s ELSE %s END", out, r, d.number(0), d.asFloat(out), beyond, plain)
	case model.Count:
		if !possible || x.v.Outside == 0 {
			return plain
		}
		return fmt.Sprintf("(%s + %s)", plain, d.asFloat(out))
	case model.Average:
		sum := x.or(r, 0)
		if possible && x.v.Outside != 0 {
			sum = fmt.Sprintf("CASE WHEN %s > 0 THEN %s + %s * %s ELSE %s END", out, sum, d.asFloat(out), beyond, sum)
		}
		return fmt.Sprintf("(%s / %s)", sum, d.asFloat(all))
	}
	if !possible {
		return plain
	}
	switch agg {
	case model.Min, model.Max:
		word := map[model.Agg]string{model.Min: "least", model.Max: "greatest"}[agg]
		both := fmt.Sprintf("CASE WHEN %s IS NULL THEN %s WHEN %s THEN %s ELSE %s(%s, %s) END", r, beyond, d.isNaN(r), r, word, r, beyond)
		if math.IsNaN(x.v.Outside) {
			both = beyond
		}
		return fmt.Sprintf("CASE WHEN %s > 0 THEN %s ELSE %s END", out, both, plain)
	case model.First:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", firstOut, beyond, plain)
	case model.Last:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", lastOut, beyond, plain)
	}
	x.s.g.refuse("", "a median over a span that may leave the time axis is not written as SQL")
	return ""
}

// share is one period that a reference reads for a period of its context.
type share struct {
	period int // -1 outside of the axis
	factor float64
}

// span writes a reference between grains, or of a span that no frame says, by a table of which periods are read for which.
func (x *reading) span() string {
	s, t, g := x.s, x.r.Time, x.s.g
	n := g.m.Periods(t.Context)
	if t.Context == calendar.None {
		n = 1
	}
	weighted := false
	lists := make([][]share, n)
	total, gone := 0, false
	for now := range n {
		lists[now], weighted = shares(g.m, t, x.v.Grain, now)
		total += len(lists[now])
		for _, l := range lists[now] {
			gone = gone || l.period < 0
		}
	}
	if total > mostSpans {
		g.refuse("make the span shorter, or the time axis", "a span reads %d periods in all, and at most %d are written as SQL", total, mostSpans)
	}
	if gone && t.Kind == model.Window && (t.Fold == model.First || t.Fold == model.Last || t.Fold == model.Median) {
		g.refuse("", "the %s of a span between grains that may leave the time axis is not written as SQL", t.Fold)
	}
	table := g.spanTable(lists)
	// A sum is of parts, an average that goes by days is weighted.
	value, inner := "w.x", t.Fold
	switch {
	case t.Fold == model.Sum:
		value = "w.x * sp.f"
	case t.Fold == model.Average && t.Kind == model.Window:
		inner = model.Sum
	}
	agg := g.aggregate(inner, value, "w.p", "")
	if weighted {
		agg = "sum(w.x * sp.f) / sum(sp.f)"
	}
	var columns, group, on []string
	for _, k := range x.keyColumns() {
		columns, group = append(columns, "w."+k+" AS "+k), append(group, "w."+k)
	}
	where := ""
	switch {
	case s.period >= 0:
		where = fmt.Sprintf(" WHERE sp.c = %d", s.period)
		if lo, hi, ok := ends(lists[s.period]); ok {
			x.when = append(x.when, fmt.Sprintf(".p BETWEEN %d AND %d", lo, hi))
		}
	case s.timed() && t.Context != calendar.None:
		columns, group, on = append(columns, "sp.c AS p"), append(group, "sp.c"), append(on, ".p = c.p")
	}
	by := ""
	if len(group) > 0 {
		by = " GROUP BY " + strings.Join(group, ", ")
	}
	columns = append(columns, agg+" AS x")
	r := x.joined("(SELECT "+strings.Join(columns, ", ")+" FROM "+table+" AS sp JOIN "+x.relation(true)+" AS w ON w.p = sp.p"+where+by+")", on...)
	// How many periods are outside, and how many there are.
	out, all := "0", "1"
	switch {
	case s.period >= 0 || t.Context == calendar.None:
		k := 0
		list := lists[max(s.period, 0)]
		for _, l := range list {
			if l.period < 0 {
				k++
			}
		}
		out, all = strconv.Itoa(k), strconv.Itoa(len(list))
	case gone || t.Kind == model.Window && t.Fold == model.Average:
		g.unique++
		m := "o" + strconv.Itoa(g.unique)
		s.joins = append(s.joins, fmt.Sprintf("LEFT JOIN (SELECT c, sum(CASE WHEN p < 0 THEN 1 ELSE 0 END) AS o, count(*) AS n FROM %s GROUP BY c) AS %s ON %s.c = c.p", table, m, m))
		s.reads = append(s.reads, m+".o AS "+m+"_o", m+".n AS "+m+"_n")
		out, all = "COALESCE("+m+"_o, 0)", "COALESCE("+m+"_n, 0)"
	}
	if t.Kind == model.Window {
		return x.outside(r, out, all, "1 = 0", "1 = 0", gone)
	}
	if !gone {
		return x.or(r, nothing(t.Fold))
	}
	return fmt.Sprintf("CASE WHEN %s > 0 THEN %s ELSE %s END", out, g.Dialect.number(x.v.Outside), x.or(r, nothing(t.Fold)))
}

// ends are the first and last period of a list that lie on the axis.
func ends(list []share) (lo, hi int, ok bool) {
	for _, l := range list {
		if l.period < 0 {
			continue
		}
		if !ok {
			lo, hi, ok = l.period, l.period, true
		}
		lo, hi = min(lo, l.period), max(hi, l.period)
	}
	return lo, hi, ok
}

// keyColumns are the columns of the relation besides p.
func (x *reading) keyColumns() []string {
	var keys []string
	for i, d := range x.v.Dims {
		switch ref := x.r.Dims[i]; ref.Kind {
		case model.Same, model.Lookup:
			keys = append(keys, item(d))
		case model.Group:
			keys = append(keys, item(x.s.g.m.Maps[ref.Map].To))
		}
	}
	return keys
}

// spanTable writes which periods p are read for the period c, with a factor; the same table serves all references that read the
// same.
func (g *generator) spanTable(lists [][]share) string {
	var rows []string
	for c, list := range lists {
		for _, l := range list {
			rows = append(rows, fmt.Sprintf("(%d, %d, %s)", c, l.period, g.Dialect.number(l.factor)))
		}
	}
	key := strings.Join(rows, "")
	if table, ok := g.spanned[key]; ok {
		return table
	}
	g.spans++
	table := name("span_" + strconv.Itoa(g.spans))
	d := g.Dialect
	g.before(d.empty(table, []string{"c", "p", "f"}, []string{d.int(), d.int(), d.float()}))
	for from := 0; from < len(rows); from += 1000 {
		g.before("INSERT INTO " + table + " VALUES\n" + strings.Join(rows[from:min(len(rows), from+1000)], ",\n"))
	}
	g.spanned[key] = table
	return table
}

// shares lists the periods that a reference reads for a period of its context, as the reference evaluator does.
func shares(m *model.Model, t model.TimeRef, grain calendar.Grain, now int) (list []share, weighted bool) {
	axis := m.Time
	if t.Kind == model.Window {
		if t.Context != calendar.None && t.Count != t.Context && t.Context.Nests(t.Count) {
			now = axis.Within(t.Context, now, t.Count)
		}
		n := axis.Len(t.Count)
		for k := t.From.Period(now, n); k <= t.To.Period(now, n); k++ {
			if k < 0 || k >= n {
				list = append(list, share{-1, 1})
				continue
			}
			lo, hi := k, k+1
			if t.Count != grain {
				lo, hi = axis.Parts(t.Count, k, grain)
			}
			for p := lo; p < hi; p++ {
				list = append(list, share{p, 1})
			}
		}
		return list, false
	}
	if t.Context.Nests(grain) {
		p := axis.Within(t.Context, now, grain) + t.Shift
		if p < 0 || p >= axis.Len(grain) {
			return []share{{-1, 1}}, false
		}
		factor := 1.0
		if t.Fold == model.Sum {
			lo, hi := axis.Parts(grain, p, t.Context)
			factor = 1 / float64(hi-lo)
		}
		return []share{{p, factor}}, false
	}
	at := now + t.Shift
	weighted = !grain.Nests(t.Context) && t.Fold == model.Average
	if at < 0 || at >= axis.Len(t.Context) {
		return []share{{-1, 1}}, weighted
	}
	for _, s := range axis.Shares(nil, grain, t.Context, at) {
		factor := 1.0
		switch {
		case grain.Nests(t.Context):
		case t.Fold == model.Sum:
			factor = s.Part
		default:
			factor = s.Weight
		}
		list = append(list, share{s.Period, factor})
	}
	return list, weighted
}
