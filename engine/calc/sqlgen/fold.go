package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// fold writes an aggregation of an expression over dimensions of its own, or along time: a query of its own, joined by what
// the expression needs of this one.
func (s *scope) fold(e *model.Fold) string {
	g := s.g
	dims, timed := free(g, e.X)
	in := &scope{g: g, period: -1}
	for _, d := range dims {
		if !slices.Contains(e.Over, d) {
			in.dims = append(in.dims, d)
		}
	}
	keys := in.keys()
	in.dims = append(in.dims, e.Over...)
	order := "0"
	for _, d := range e.Over {
		order = fmt.Sprintf("(%s * %d + %s)", order, g.m.Dims[d].Len(), item(d))
	}
	g.unique++
	r := "r" + strconv.Itoa(g.unique)
	n := 0
	moving := e.From.Kind == model.FromNow || e.To.Kind == model.FromNow
	var relation string
	byPeriod := false
	switch {
	case !e.Time:
		if timed {
			in.grain, in.period = s.grain, s.period
			if s.timed() {
				byPeriod = true
			}
		}
		x := in.expr(e.X)
		group := keys
		if byPeriod {
			group = append(slices.Clone(keys), "p")
		}
		relation = in.query(append(slices.Clone(group), g.aggregate(e.Agg, in.let(x), order, "")+" AS x"), grouped(group))
	case s.period >= 0 || !moving:
		n = g.m.Periods(e.Grain)
		lo, hi := max(0, e.From.Period(s.period, n)), min(n-1, e.To.Period(s.period, n))
		in.grain, in.within = e.Grain, fmt.Sprintf("t.p BETWEEN %d AND %d", lo, hi)
		x := in.expr(e.X)
		relation = in.query(append(slices.Clone(keys), g.aggregate(e.Agg, in.let(x), g.byPeriod(e.Over, order), "")+" AS x"), grouped(keys))
	default:
		relation = s.running(e, in, keys, order)
		byPeriod = true
	}
	var on []string
	for _, k := range keys {
		on = append(on, r+"."+k+" = c."+k)
	}
	if byPeriod {
		on = append(on, r+".p = c.p")
	}
	if len(on) == 0 {
		s.joins = append(s.joins, "CROSS JOIN ("+relation+") AS "+r)
	} else {
		s.joins = append(s.joins, "LEFT JOIN ("+relation+") AS "+r+" ON "+strings.Join(on, " AND "))
	}
	return "COALESCE(" + s.read(r) + ", " + g.Dialect.number(nothing(e.Agg)) + ")"
}

// byPeriod is the order of cells along time and then over dimensions.
func (g *generator) byPeriod(over []model.DimID, order string) string {
	size := int64(1)
	for _, d := range over {
		size *= int64(max(1, g.m.Dims[d].Len()))
	}
	return fmt.Sprintf("(p * %d + %s)", size, order)
}

func grouped(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return " GROUP BY " + strings.Join(keys, ", ")
}

// running writes a fold whose span moves with the period, such as a cumulative sum: what each period has, and then a window
// function over it.
func (s *scope) running(e *model.Fold, in *scope, keys []string, order string) string {
	g := s.g
	frame, ok := frameOf(e.From, e.To)
	if !ok || e.Grain == calendar.None || e.Agg == model.First || e.Agg == model.Last || e.Agg == model.Median {
		g.refuse("", "the %s of an expression over a span that moves is not written as SQL", e.Agg)
	}
	in.grain = e.Grain
	x := in.let(in.expr(e.X))
	first := e.Agg
	if first == model.Average {
		first = model.Sum
	}
	group := append(slices.Clone(keys), "p")
	each := in.query(append(slices.Clone(group), g.aggregate(first, x, order, "")+" AS y", g.Dialect.asFloat("count(*)")+" AS n"), grouped(group))
	over := " OVER (ORDER BY p" + frame + ")"
	if len(keys) > 0 {
		over = " OVER (PARTITION BY " + strings.Join(keys, ", ") + " ORDER BY p" + frame + ")"
	}
	value := g.aggregate(first, "y", "p", over)
	switch e.Agg {
	case model.Count:
		value = g.aggregate(model.Sum, "y", "p", over)
	case model.Average:
		value = "sum(y)" + over + " / sum(n)" + over
	}
	return "SELECT " + strings.Join(group, ", ") + ", " + value + " AS x FROM (" + each + ") AS e"
}
