package sqlgen

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

var (
	notANumber = math.NaN()
	infinity   = math.Inf(1)
)

func pow10(n int) float64 { return math.Pow10(n) }

// aggregate writes an aggregation of a column x, whose order is that of another column. over is "" or the window behind
// each aggregate.
func (g *generator) aggregate(a model.Agg, x, order, over string) string {
	d := g.Dialect
	guarded := func(call string) string {
		return "CASE WHEN " + d.anyNaN(x) + over + " THEN " + d.number(notANumber) + " ELSE " + call + over + " END"
	}
	switch a {
	case model.Sum:
		return "sum(" + x + ")" + over
	case model.Average:
		return "avg(" + x + ")" + over
	case model.Min:
		return guarded("min(" + x + ")")
	case model.Max:
		return guarded("max(" + x + ")")
	case model.Count:
		return "sum(CASE WHEN " + x + " = 0 THEN " + d.number(0) + " ELSE " + d.number(1) + " END)" + over
	case model.First, model.Last:
		if over != "" {
			return map[model.Agg]string{model.First: "first_value(", model.Last: "last_value("}[a] + x + ")" + over
		}
		word := map[model.Agg]string{model.First: d.pick("arg_min(", "argMin("), model.Last: d.pick("arg_max(", "argMax(")}[a]
		return word + x + ", " + order + ")"
	}
	if over != "" {
		g.refuse("", "a median is not written as SQL here")
	}
	return guarded(d.pick("median(", "quantileExactInclusive(0.5)(") + x + ")")
}

// nothing is the aggregate of no values.
func nothing(a model.Agg) float64 {
	if a == model.Sum || a == model.Count {
		return 0
	}
	return math.NaN()
}
