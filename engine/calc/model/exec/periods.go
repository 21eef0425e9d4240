package exec

import (
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// outsidePeriod stands for a period that the axis does not have.
const outsidePeriod = -1

// taken is one period that a reference reads, and how much of it.
type taken struct {
	period int32
	factor float64
}

// times is the periods that a reference reads for each period of its context.
type times struct {
	agg      model.Agg
	weighted bool // factors are weights, which do not change what is folded but how much it counts
	single   bool // one period each, with factor 1
	list     [][]taken
}

// timesOf resolves a reference along time for every period of the reader's grain.
func (p *plan) timesOf(b *bound, grain calendar.Grain) times {
	n := p.m.Periods(grain)
	out := times{agg: b.Time.Fold, single: true, list: make([][]taken, n)}
	for now := range n {
		list, weighted := p.takes(b, now)
		out.list[now] = list
		out.weighted = out.weighted || weighted // a period whose shift leaves the axis has no weights, and changes nothing for others
		if len(out.list[now]) != 1 || out.list[now][0].factor != 1 {
			out.single = false
		}
	}
	if b.Time.Kind == model.Window {
		// A count of one value is not the value.
		out.single = out.single && out.agg != model.Count
	}
	return out
}

// takes follows the reference evaluator, period by period.
func (p *plan) takes(b *bound, now int) (list []taken, weighted bool) {
	t, axis, grain := b.Time, p.m.Time, b.of.grain
	one := func(period int, factor float64) []taken {
		if period < 0 || period >= b.of.periods {
			return []taken{{outsidePeriod, 1}}
		}
		return []taken{{int32(period), factor}}
	}
	switch t.Kind {
	case model.Timeless:
		return []taken{{0, 1}}, false
	case model.Absolute:
		return []taken{{int32(t.Period), 1}}, false
	case model.Window:
		if t.Context != calendar.None && t.Count != t.Context && t.Context.Nests(t.Count) {
			now = axis.Within(t.Context, now, t.Count)
		}
		n := axis.Len(t.Count)
		for k := t.From.Period(now, n); k <= t.To.Period(now, n); k++ {
			if k < 0 || k >= n {
				if !b.inWindow {
					list = append(list, taken{outsidePeriod, 1})
				}
				continue
			}
			lo, hi := k, k+1
			if t.Count != grain {
				lo, hi = axis.Parts(t.Count, k, grain)
			}
			for q := lo; q < hi; q++ {
				list = append(list, taken{int32(q), 1})
			}
		}
		return list, false
	}
	switch {
	case t.Context == grain:
		return one(now+t.Shift, 1), false
	case t.Context.Nests(grain):
		q := axis.Within(t.Context, now, grain) + t.Shift
		if q < 0 || q >= b.of.periods || t.Fold != model.Sum {
			return one(q, 1), false
		}
		lo, hi := axis.Parts(grain, q, t.Context)
		return one(q, 1/float64(hi-lo)), false
	}
	at := now + t.Shift
	if at < 0 || at >= axis.Len(t.Context) {
		return []taken{{outsidePeriod, 1}}, false
	}
	nests := grain.Nests(t.Context)
	for _, s := range axis.Shares(nil, grain, t.Context, at) {
		switch {
		case nests:
			list = append(list, taken{int32(s.Period), 1})
		case t.Fold == model.Sum:
			list = append(list, taken{int32(s.Period), s.Part})
		default:
			weighted = true
			list = append(list, taken{int32(s.Period), s.Weight})
		}
	}
	return list, weighted
}
