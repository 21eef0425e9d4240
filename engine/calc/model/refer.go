package model

import (
	"cmp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// folding is an aggregation whose argument is a reference.
type folding struct {
	agg  Agg
	over []DimID
	all  bool // over all dimensions
	time bool
	at   lang.Span
}

// reference resolves a reference to a variable, which f folds if it is not nil.
func (l *lowering) reference(n *lang.Node, f *folding) Expr {
	target := l.named(l.v, n.Name)
	if target == nil {
		l.unknown(n)
		return &Const{}
	}
	if l.v.Kind == Input && target.Kind != Input {
		l.fail(n.At, "%s is an input, and reads the computed %s", l.v.Name, target.Name).with("leave out the word input: then it is a formula")
		return &Const{}
	}
	r := &VarRef{Var: target.ID, Fold: target.Categories, At: n.Span}
	if f != nil {
		r.Fold = f.agg
	}
	before := len(l.faults)
	l.categories(n, target, r, f)
	l.times(n, target, r, f)
	if len(l.faults) > before {
		return &Const{}
	}
	return l.applyFormula(target, r, f)
}

func (l *lowering) unknown(n *lang.Node) {
	var names []string
	for name := range l.vars {
		names = append(names, name)
	}
	sorted(names)
	f := l.fail(n.At, "there is no variable %s", n.Name)
	switch {
	case l.m.Dim(n.Name) != nil:
		f.message = n.Name + " is a dimension, and no variable"
		f.with("compare it with an item, as in if(" + n.Name + " = ..., 1, 0), or number its items with position(" + n.Name + ")")
	case isFunction(n.Name):
		f.message = n.Name + " is a function"
		f.with("it is called with parentheses: " + n.Name + "(...)")
	default:
		f.with(didYouMean(n.Name, append(names, l.dimNames()...)))
	}
}

// categories resolves what a reference reads of each dimension of its variable.
func (l *lowering) categories(n *lang.Node, target *variable, r *VarRef, f *folding) {
	r.Dims = make([]DimRef, len(target.Dims))
	said := make([]bool, len(target.Dims))
	before := len(l.faults)
	say := func(i int, ref DimRef, at lang.Span) {
		if said[i] {
			l.fail(at, "dimension %s of %s is said twice", l.m.Dims[target.Dims[i]].Name, target.Name)
		}
		said[i], r.Dims[i] = true, ref
	}
	for _, m := range n.Mods {
		switch m.Kind {
		case lang.AtItem:
			d := l.dim(l.v.source, m.Dim)
			if d == nil {
				continue
			}
			i := slices.Index(target.Dims, d.ID)
			if i < 0 {
				l.fail(m.Span, "%s does not vary over %s, but over %s", target.Name, d.Name, l.over(target.Dims))
				continue
			}
			item, ok := l.item(l.v.source, d, m.Item)
			if ok && int(item) >= d.Len() {
				l.fail(m.Item.Span, "item %s is cut off from dimension %s", m.Item.Name, d.Name)
			}
			say(i, DimRef{Kind: Fixed, Item: item}, m.Span)
		case lang.ByGroup:
			if to := l.dim(l.v.source, m.Dim); to != nil {
				l.by(target, to, m, say)
			}
		}
	}
	if f != nil {
		for _, d := range f.over {
			i := slices.Index(target.Dims, d)
			if i < 0 {
				l.fail(f.at, "%s does not vary over %s, but over %s", target.Name, l.m.Dims[d].Name, l.over(target.Dims))
				continue
			}
			say(i, DimRef{Kind: All}, f.at)
		}
	}
	if len(l.faults) > before {
		return // what is missing may be what was meant
	}
	for i, d := range target.Dims {
		switch {
		case said[i]:
		case f != nil && f.all:
			r.Dims[i].Kind = All
		case slices.Contains(l.dims, d):
			r.Dims[i].Kind = Same
		default:
			l.missing(n, target, d)
		}
	}
}

// by resolves [by Region]: a group of the items that a mapping leads there, or, where the variable has the mapping's
// target, the item to which the mapping leads.
func (l *lowering) by(target *variable, to *Dim, m lang.Mod, say func(int, DimRef, lang.Span)) {
	if !l.varies(to, m.Span) {
		return
	}
	if slices.Contains(target.Dims, to.ID) {
		l.fail(m.Span, "%s varies over %s itself", target.Name, to.Name).with("leave the modifier out")
		return
	}
	found := -1
	var ref DimRef
	mapOf := l.between(target.Dims, to.ID)
	for i, d := range target.Dims {
		kind := Group
		mapping := mapOf(d, to.ID)
		if mapping == nil {
			kind, mapping = Lookup, mapOf(to.ID, d)
		}
		if mapping == nil {
			continue
		}
		if found >= 0 {
			l.fail(m.Span, "both %s and %s of %s have a mapping to %s", l.m.Dims[target.Dims[found]].Name, l.m.Dims[d].Name, target.Name, to.Name).
				with("give one of them a variable of its own first")
			return
		}
		found, ref = i, DimRef{Kind: kind, Map: mapping.ID}
	}
	if found < 0 {
		hint := "write one, as in `map Store -> " + to.Name + " = ...`"
		for _, d := range target.Dims {
			hint = cmp.Or(l.torn[[2]DimID{d, to.ID}], l.torn[[2]DimID{to.ID, d}], hint)
		}
		l.fail(m.Span, "no mapping leads from %s to %s", l.over(target.Dims), to.Name).with(hint)
		return
	}
	say(found, ref, m.Span)
}

// missing explains that a variable varies over a dimension which the context does not have.
func (l *lowering) missing(n *lang.Node, target *variable, d DimID) {
	name := l.m.Dims[d].Name
	f := l.fail(n.Span, "%s varies over %s, and %s does not", target.Name, name, l.v.Name)
	ways := []string{"sum(" + target.Name + " over " + name + ")"}
	for _, have := range l.dims {
		if l.mapOf(d, have) != nil || l.mapOf(have, d) != nil {
			ways = append([]string{target.Name + "[by " + l.m.Dims[have].Name + "]"}, ways...)
		}
	}
	if items := l.m.Dims[d]; items.Len() > 0 {
		ways = append(ways, target.Name+"["+name+"="+items.Items.Name(0)+"]")
	}
	hint := "write " + strings.Join(ways, " or ")
	if l.v.declared {
		hint += ", or add " + name + " to the brackets of " + l.v.Name
	}
	f.with(hint)
}

// times resolves what a reference reads along time.
func (l *lowering) times(n *lang.Node, target *variable, r *VarRef, f *folding) {
	var mod *lang.Mod
	for i, m := range n.Mods {
		if m.Kind != lang.AtTime && m.Kind != lang.InSpan {
			continue
		}
		if mod != nil {
			l.fail(m.Span, "a reference reads one period, or one span")
			return
		}
		mod = &n.Mods[i]
	}
	t := &r.Time
	t.Context = l.grain
	t.Fold = target.OverTime
	if f != nil && (f.time || mod != nil && mod.Kind == lang.InSpan) {
		t.Fold = f.agg
	}
	if target.Grain == calendar.None {
		switch {
		case mod != nil:
			l.fail(mod.Span, "%s does not vary with time", target.Name).with("leave the modifier out, or give " + target.Name + " a grain in brackets")
		case f != nil && f.time:
			l.fail(f.at, "%s does not vary with time", target.Name)
		case target == l.v:
			l.fail(n.Span, "%s reads itself, and does not vary with time", target.Name).with("a variable that names itself means its previous period: give it a grain, as in " + target.Name + "[month]")
		}
		l.foldsNothing(n, target, f, false)
		return
	}
	switch {
	case f != nil && f.time:
		if mod != nil {
			l.fail(mod.Span, "over time reads every period, and so does without a modifier")
			return
		}
		t.Kind, t.From, t.To, t.Count = Window, Point{Kind: FromStart}, Point{Kind: FromEnd}, target.Grain
	case mod == nil:
		l.sameTime(n, target, t)
	case mod.Kind == lang.InSpan:
		if f == nil {
			l.fail(mod.Span, "a span has many values, which must be aggregated").with("as in sum(" + n.String() + ") or average(" + n.String() + ")")
			return
		}
		l.window(*mod, target, t)
	default:
		l.point(n, *mod, target, t)
	}
	l.foldsNothing(n, target, f, t.Kind == Window)
}

// foldsNothing refuses sum(x) of a reference that has one value.
func (l *lowering) foldsNothing(n *lang.Node, target *variable, f *folding, window bool) {
	if f == nil || window || f.all || len(f.over) > 0 {
		return
	}
	for _, m := range n.Mods {
		if m.Kind == lang.ByGroup {
			return
		}
	}
	l.fail(f.at, "%s of one value of %s folds nothing", f.agg, target.Name).with("say over what: " + f.agg.String() + "(" + target.Name + " over Store), over time, or " + f.agg.String() + "(" + target.Name + "[t-6:t-1])")
}

// sameTime is a reference without a modifier of time: this period, and of the variable itself the previous one.
func (l *lowering) sameTime(n *lang.Node, target *variable, t *TimeRef) {
	if l.grain == calendar.None {
		l.fail(n.Span, "%s varies with time, and %s does not", target.Name, l.v.Name).
			with("write sum(" + target.Name + " over time), " + target.Name + "[final], or give " + l.v.Name + " a grain in brackets")
		return
	}
	t.Kind, t.Count = Shifted, calendar.Coarser(l.grain, target.Grain)
	if target == l.v {
		t.Shift = -1
	}
}

// point resolves [previous], [t-12], [first], [final] and [2024-03].
func (l *lowering) point(n *lang.Node, m lang.Mod, target *variable, t *TimeRef) {
	last := l.m.Time.Len(target.Grain) - 1
	t.Kind, t.Count = Absolute, target.Grain
	switch m.From.Kind {
	case lang.FromNow:
		if l.grain == calendar.None {
			l.fail(m.Span, "%s does not vary with time, so there is no period to count from", l.v.Name).with("write " + target.Name + "[final] or " + target.Name + "[" + l.m.Time.Label(target.Grain, 0) + "]")
			return
		}
		t.Kind, t.Shift, t.Count = Shifted, m.From.N, calendar.Coarser(l.grain, target.Grain)
		return
	case lang.FromFirst:
		t.Period = m.From.N
	case lang.FromFinal:
		t.Period = last + m.From.N
	default:
		i, err := l.m.Time.Find(target.Grain, m.From.Date)
		if err != nil {
			l.fail(m.Span, "%s", err)
			return
		}
		t.Period = i
	}
	if t.Period < 0 || t.Period > last {
		l.fail(m.Span, "%s lies outside of the time axis, which has %s", m.From, plural(last+1, target.Grain.String()))
	}
}

// window resolves a span.
func (l *lowering) window(m lang.Mod, target *variable, t *TimeRef) {
	t.Kind = Window
	moves := m.From.Kind == lang.FromNow || m.To.Kind == lang.FromNow
	t.Count = target.Grain
	if moves {
		if l.grain == calendar.None {
			l.fail(m.Span, "%s does not vary with time, so there is no period to count from", l.v.Name)
			return
		}
		if !l.grain.Nests(target.Grain) && !target.Grain.Nests(l.grain) {
			l.fail(m.Span, "a span of a variable by %s cannot be counted by %s", target.Grain, l.grain).with("convert it first in a variable of its own: x[" + l.grain.String() + "] = " + target.Name)
			return
		}
		t.Count = calendar.Coarser(l.grain, target.Grain)
	}
	end := func(p lang.Point, last bool) Point {
		switch p.Kind {
		case lang.FromFirst:
			return Point{FromStart, p.N}
		case lang.FromFinal:
			return Point{FromEnd, p.N}
		case lang.FromNow:
			return Point{FromNow, p.N}
		}
		from, to, err := l.m.Time.Range(t.Count, p.Date)
		if err == nil && moves && p.Date.Grain < t.Count {
			l.fail(p.Span, "this span counts by %s, and %s is a %s", t.Count, p.Date, p.Date.Grain)
		}
		if err != nil {
			l.fail(p.Span, "%s", err)
		}
		if last {
			return Point{FromStart, to}
		}
		return Point{FromStart, from}
	}
	t.From, t.To = end(m.From, false), end(m.To, true)
	if t.From.Kind == t.To.Kind && t.From.N > t.To.N {
		l.fail(m.Span, "the span ends before it begins")
	}
}

// applyFormula replaces the variable of a reference by hidden ones where the roll-up that it asks for is "formula".
func (l *lowering) applyFormula(target *variable, r *VarRef, f *folding) Expr {
	plan := plan{dims: map[DimID]DimRef{}, grain: target.Grain}
	for i, d := range r.Dims {
		if f == nil && d.Kind == Group && target.Categories == Formula {
			plan.dims[target.Dims[i]] = d
		}
	}
	converts := r.Time.Kind == Shifted && r.Time.Context != target.Grain
	if r.Time.Fold == Formula {
		if converts && !r.Time.Context.Nests(target.Grain) {
			plan.grain = r.Time.Context
		}
		r.Time.Fold = Average // of one value, where a coarser one is spread
	}
	if len(plan.dims) == 0 && plan.grain == target.Grain {
		if r.Fold == Formula {
			r.Fold = Sum // of nothing folded
		}
		return r
	}
	// The formula of target may not be resolved yet.
	l.pending = append(l.pending, func() {
		if w := l.roll(target, plan, r.At); w != nil {
			*r = *l.through(target, w, plan, r)
		}
	})
	return r
}

// through makes a reference read w, the roll-up of target by a plan, in place of target.
func (c *checker) through(target, w *variable, p plan, r *VarRef) *VarRef {
	out := *r
	out.Var = w.ID
	out.Dims = make([]DimRef, len(w.Dims))
	for i, d := range target.Dims {
		ref := r.Dims[i]
		if rolled, ok := p.dims[d]; ok {
			if rolled.Kind == All {
				continue
			}
			d, ref = c.m.Maps[rolled.Map].To, DimRef{Kind: Same}
		}
		out.Dims[slices.Index(w.Dims, d)] = ref
	}
	if out.Fold == Formula {
		out.Fold = Sum
	}
	if p.grain != target.Grain {
		out.Time.Count, out.Time.Fold = p.grain, Average
		if p.grain == calendar.None {
			out.Time = TimeRef{Kind: Timeless, Context: r.Time.Context}
		}
	}
	return &out
}
