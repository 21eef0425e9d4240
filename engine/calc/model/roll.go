package model

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// plan says how a variable is rolled up: dimensions that are grouped (Group with a map) or folded away (All), and the
// grain, None for all of the time.
type plan struct {
	dims  map[DimID]DimRef
	grain calendar.Grain
}

// key names the result of a plan.
func (c *checker) key(v *variable, p plan) string {
	var by []string
	for _, d := range v.Dims {
		switch ref, ok := p.dims[d]; {
		case !ok:
			by = append(by, c.m.Dims[d].Name)
		case ref.Kind == Group:
			by = append(by, c.m.Dims[d].Name+" -> "+c.m.Dims[c.m.Maps[ref.Map].To].Name)
		}
	}
	if p.grain != calendar.None {
		by = append(by, p.grain.String())
	}
	return v.Name + "[" + strings.Join(by, ", ") + "]"
}

// roll returns a hidden variable with the cells of v rolled up, or nil after an error, which is placed at the
// reference that asks for it.
//
// Where only one of the two settings is "formula", that one is applied first and the other aggregates its results;
// where both are, the formula is applied once, to inputs that were rolled up both ways.
func (c *checker) roll(v *variable, p plan, at lang.Span) *variable {
	categories, time := len(p.dims) > 0, p.grain != v.Grain
	if !categories && !time {
		return v
	}
	name := c.key(v, p)
	if w := c.rolled[name]; w != nil {
		return w
	}
	byFormula, timeFormula := categories && v.Categories == Formula, time && v.OverTime == Formula
	if categories && time && byFormula != timeFormula {
		first := plan{dims: p.dims, grain: v.Grain}
		second := plan{grain: p.grain}
		if timeFormula {
			first, second = plan{grain: p.grain}, plan{dims: p.dims, grain: p.grain}
		}
		w := c.roll(v, first, at)
		if w == nil {
			return nil
		}
		return c.roll(w, second, at)
	}
	w := &variable{Var: &Var{ID: VarID(len(c.list)), Name: name, Kind: Rolled, Grain: p.grain, Outside: v.Outside, Categories: v.Categories, OverTime: v.OverTime, Place: v.Place}, source: v.source}
	for _, d := range v.Dims {
		ref, ok := p.dims[d]
		switch {
		case !ok:
			w.Dims = append(w.Dims, d)
		case ref.Kind == Group:
			w.Dims = append(w.Dims, c.m.Maps[ref.Map].To)
		}
	}
	for i, d := range w.Dims {
		if slices.Contains(w.Dims[:i], d) {
			c.fail(at, "%s would have the dimension %s twice", name, c.m.Dims[d].Name)
			return nil
		}
	}
	c.list = append(c.list, w)
	c.rolled[name] = w
	if !byFormula && !timeFormula {
		w.Expr = c.aggregate(v, p)
		return w
	}
	w.retimed = timeFormula
	w.asked = at
	// Formulas are rewritten when all of them are resolved. What they read is rolled up in turn.
	c.queue = append(c.queue, func() {
		t := &transformer{checker: c, v: v, plan: p, at: at}
		w.Expr = t.expr(v.Expr)
	})
	return w
}

// rewrite makes the formulas of the roll-ups that were asked for, and of those that they need.
func (c *checker) rewrite() {
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		next()
	}
}

// aggregate is a reference that rolls v up by its settings, neither of which is "formula" where it matters.
func (c *checker) aggregate(v *variable, p plan) *VarRef {
	r := &VarRef{Var: v.ID, Fold: v.Categories, Dims: make([]DimRef, len(v.Dims)), At: v.Place}
	for i, d := range v.Dims {
		if ref, ok := p.dims[d]; ok {
			r.Dims[i] = ref
		}
	}
	if r.Fold == Formula {
		r.Fold = Sum // of nothing folded
	}
	r.Time = c.conversion(v, p.grain)
	return r
}

// conversion reads a variable at another grain, or over all of the time where that is None.
func (c *checker) conversion(v *variable, grain calendar.Grain) TimeRef {
	t := TimeRef{Fold: v.OverTime, Context: grain, Count: v.Grain}
	switch {
	case v.Grain == calendar.None:
		return TimeRef{Kind: Timeless, Context: grain}
	case grain == calendar.None:
		t.Kind, t.From, t.To = Window, Point{Kind: FromStart}, Point{Kind: FromEnd}
	default:
		t.Kind, t.Count = Shifted, calendar.Coarser(grain, v.Grain)
	}
	if t.Fold == Formula {
		t.Fold = Average
	}
	return t
}

// transformer rewrites the formula of v for a roll-up: what it reads is rolled up likewise.
type transformer struct {
	*checker
	v      *variable
	plan   plan
	at     lang.Span
	failed bool
}

func (t *transformer) refuse(format string, args ...any) Expr {
	if !t.failed {
		t.fail(t.at, format, args...).with("choose another aggregation than formula for " + t.v.Name)
	}
	t.failed = true
	return &Const{}
}

func (t *transformer) time() bool { return t.plan.grain != t.v.Grain }

func (t *transformer) expr(e Expr) Expr {
	switch e := e.(type) {
	case *VarRef:
		return t.reference(e)
	case *Unary:
		return &Unary{e.Op, t.expr(e.X)}
	case *Binary:
		return &Binary{e.Op, t.expr(e.L), t.expr(e.R)}
	case *If:
		return &If{t.expr(e.Cond), t.expr(e.Then), t.expr(e.Else)}
	case *Call:
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = t.expr(a)
		}
		return &Call{e.Func, args}
	case *Fold:
		return t.fold(e)
	case *ItemIs:
		if _, rolled := t.plan.dims[e.Dim]; rolled {
			return t.refuse("the formula of %s asks for items of %s, and cannot be applied to groups of them", t.v.Name, t.m.Dims[e.Dim].Name)
		}
	case *ItemNumber:
		if _, rolled := t.plan.dims[e.Dim]; rolled {
			return t.refuse("the formula of %s numbers items of %s, and cannot be applied to groups of them", t.v.Name, t.m.Dims[e.Dim].Name)
		}
	case *Hash:
		return t.refuse("the formula of %s draws a hash for each cell, and cannot be applied to groups of them", t.v.Name)
	case *TimePart:
		if t.time() {
			if t.plan.grain == calendar.None {
				return t.refuse("the formula of %s asks for a period, and cannot be applied to all of the time", t.v.Name)
			}
			return &TimePart{e.Part, t.plan.grain}
		}
	}
	return e
}

// fold rewrites a fold. Its own dimensions hide those of the context.
func (t *transformer) fold(e *Fold) Expr {
	inner := *t
	inner.plan.dims = map[DimID]DimRef{}
	for d, ref := range t.plan.dims {
		if !slices.Contains(e.Over, d) {
			inner.plan.dims[d] = ref
		}
	}
	out := *e
	if e.Time {
		moves := e.From.Kind == FromNow || e.To.Kind == FromNow
		if moves && t.time() {
			if t.plan.grain == calendar.None || e.From.Kind == FromNow && e.From.N != 0 || e.To.Kind == FromNow && e.To.N != 0 {
				return t.refuse("the formula of %s counts along time, and cannot be applied to other periods", t.v.Name)
			}
			out.Grain = t.plan.grain
		}
		if !moves {
			// Its periods are its own, and stay.
			inner.plan.grain = t.v.Grain
		}
	}
	if len(inner.plan.dims) == 0 && inner.plan.grain == t.v.Grain {
		return e
	}
	out.X = inner.expr(e.X)
	t.failed = inner.failed
	return &out
}

// reference rolls up what the formula reads, as far as it varies with what is rolled up.
func (t *transformer) reference(r *VarRef) Expr {
	target := t.list[r.Var]
	p := plan{dims: map[DimID]DimRef{}, grain: target.Grain}
	for i, d := range r.Dims {
		own := target.Dims[i]
		switch d.Kind {
		case Same:
			if ref, rolled := t.plan.dims[own]; rolled {
				p.dims[own] = ref
			}
		case Lookup, Group:
			m := t.m.Maps[d.Map]
			context := m.From
			if d.Kind == Group {
				context = m.To
			}
			if _, rolled := t.plan.dims[context]; rolled {
				return t.spread(target, r)
			}
		}
	}
	out := *r
	switch {
	case !t.time() || r.Time.Kind == Timeless || r.Time.Kind == Absolute:
	case r.Time.Kind == Window:
		if r.Time.From.Kind == FromNow || r.Time.To.Kind == FromNow {
			return t.refuse("the formula of %s folds a moving span of %s, and cannot be applied to other periods", t.v.Name, target.Name)
		}
	case t.plan.grain == calendar.None:
		if r.Time.Shift != 0 {
			return t.refuse("the formula of %s reads another period of %s, and cannot be applied to all of the time", t.v.Name, target.Name)
		}
		p.grain = calendar.None
	default:
		shift, ok := t.shift(r.Time)
		if !ok {
			return t.refuse("the formula of %s reads %s shifted by %s, which is no whole number of %ss", t.v.Name, target.Name, plural(abs(r.Time.Shift), r.Time.Count.String()), t.plan.grain)
		}
		out.Time.Shift, out.Time.Context = shift, t.plan.grain
		p.grain = t.plan.grain
		out.Time.Count = t.plan.grain
	}
	w := t.roll(target, p, t.at)
	if w == nil {
		t.failed = true
		return &Const{}
	}
	if len(p.dims) == 0 && p.grain == target.Grain {
		return &out
	}
	return t.through(target, w, p, &out)
}

// shift turns a shift into one of the plan's grain: whole periods where it is some, and one period where it is one, so
// that `previous` keeps its meaning.
func (t *transformer) shift(r TimeRef) (int, bool) {
	per := map[[2]calendar.Grain]int{
		{calendar.Month, calendar.Quarter}: 3, {calendar.Month, calendar.Year}: 12, {calendar.Quarter, calendar.Year}: 4, {calendar.Day, calendar.Week}: 7,
	}[[2]calendar.Grain{r.Count, t.plan.grain}]
	switch {
	case r.Shift == 0 || r.Count == t.plan.grain || t.plan.grain.Nests(r.Count):
		return r.Shift, r.Shift == 0 || r.Count == t.plan.grain
	case per > 0 && r.Shift%per == 0:
		return r.Shift / per, true
	}
	return r.Shift, abs(r.Shift) == 1
}

func abs(n int) int { return max(n, -n) }

// spread gives a reference that groups or looks up by a dimension which is rolled up a variable of its own, with the
// settings of what it reads, and rolls that up.
func (t *transformer) spread(target *variable, r *VarRef) Expr {
	name := t.v.Name + " reads " + target.Name
	w := t.rolled[name]
	if w == nil {
		w = &variable{Var: &Var{ID: VarID(len(t.list)), Name: name, Kind: Rolled, Grain: t.v.Grain, Dims: slices.Clone(t.v.Dims), Outside: target.Outside, Categories: target.Categories, OverTime: target.OverTime, Place: t.v.Place}, source: t.v.source}
		if w.Categories == Formula {
			w.Categories = Sum
		}
		if w.OverTime == Formula {
			w.OverTime = Average
		}
		if target.Grain == calendar.None {
			w.Grain = calendar.None
		}
		copied := *r
		copied.Time.Context = w.Grain
		w.Expr = &copied
		t.list = append(t.list, w)
		t.rolled[name] = w
	}
	own := &VarRef{Var: w.ID, Fold: w.Categories, Dims: make([]DimRef, len(w.Dims)), At: r.At}
	own.Time = t.conversion(w, t.v.Grain)
	return t.reference(own)
}
