package exec

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// Unsupported is a model that this executor does not evaluate; the reference evaluator does, cell by cell.
type Unsupported struct {
	Var string
	Why string
}

// Error names the variable.
func (u *Unsupported) Error() string { return fmt.Sprintf("%s: %s", u.Var, u.Why) }

// mostCells bounds the cells of a variable that is held as an array.
const mostCells = 1 << 36

// variable is a variable as it is computed: one of the model, the inside of a fold, or a roll-up over dimensions.
type variable struct {
	name      string
	id        model.VarID // -1 for those that the plan made
	dims      []model.DimID
	grain     calendar.Grain
	periods   int
	positions int
	expr      model.Expr // nil for data and folds
	fold      *fold
	data      *model.Data
	fill      float64
	outside   float64

	reads   []read
	step    int // of the model, for recurrences
	dir     model.Direction
	alone   bool // of a recurrence that goes period by period over all positions
	level   int
	sweep   int
	stored  bool
	wanted  bool // its values are an output
	values  *array
	sinks   []*variable // roll-ups of it
	history int         // how many periods back it is read in its own sweep
	place   int         // of a roll-up among those of its sweep
	flat    []float64   // all values, where somebody reads them item by item
	open    bool        // values still change
}

// fold is a roll-up over dimensions, period by period.
type fold struct {
	of   *variable
	agg  model.Agg
	dims []foldDim // for each dimension of of
}

// foldDim says where an item of a dimension goes: to the item of the same dimension, or by a map, or away.
type foldDim struct {
	to  int // the dimension of the result by its place, -1 where it is folded away
	via *model.Map
}

// read is a reference to a variable.
type read struct {
	of   *variable
	same bool // all dimensions are those of the reader, item by item
	lag  int  // with same: periods back, 0 for the own one; meaningful where plain
	// plain: one period of the same grain.
	plain bool
}

// plan is the order of the work.
type plan struct {
	m      *model.Model
	vars   []*variable // in an order in which they can be computed
	byID   []*variable // those of the model
	sweeps []*sweep
	folds  map[string]*variable
	key    int
}

// sweep is variables over the same dimensions and grain that are computed together.
type sweep struct {
	level int
	dims  []model.DimID
	grain calendar.Grain
	dir   model.Direction
	alone bool
	step  int
	vars  []*variable
	lags  bool
}

func newPlan(m *model.Model) (*plan, error) {
	p := &plan{m: m, folds: map[string]*variable{}}
	for _, v := range m.Vars {
		if v.Cells > mostCells {
			return nil, &Unsupported{v.Name, fmt.Sprintf("%d cells are more than an array can have", v.Cells)}
		}
		p.vars = append(p.vars, &variable{name: v.Name, id: v.ID, dims: v.Dims, grain: v.Grain, data: v.Data, fill: v.Fill, outside: v.Outside})
	}
	p.byID = p.vars
	order := make([]*variable, 0, len(m.Vars))
	for i, step := range m.Steps {
		for _, id := range step.Vars {
			v := p.vars[id]
			v.step, v.dir = i+1, step.Direction
			order = append(order, v)
		}
	}
	for _, o := range m.Outputs {
		for _, c := range o.Columns {
			p.vars[c.View].wanted = true
		}
	}
	for _, v := range p.vars {
		p.size(v)
	}
	var all []*variable
	for _, v := range order {
		if v.data == nil {
			made := len(p.vars)
			if err := p.rewrite(v, m.Vars[v.id].Expr); err != nil {
				return nil, err
			}
			// What it reads of the plan's own stands before it.
			all = append(all, p.vars[made:]...)
		}
		all = append(all, v)
	}
	p.vars = all
	p.recurrences()
	p.levels()
	return p, nil
}

func (p *plan) size(v *variable) {
	v.periods, v.positions = p.m.Periods(v.grain), 1
	for _, d := range v.dims {
		v.positions *= p.m.Dims[d].Len()
	}
}

// rewrite makes variables of what an expression folds over dimensions, and takes note of what it reads.
func (p *plan) rewrite(v *variable, e model.Expr) error {
	out, err := p.expr(v, e, v.dims)
	if err != nil {
		return err
	}
	v.expr = out
	p.collect(v)
	return nil
}

// expr returns e with each fold over dimensions replaced by a variable that holds it. Context is the dimensions at hand.
func (p *plan) expr(v *variable, e model.Expr, context []model.DimID) (model.Expr, error) {
	var err error
	sub := func(x model.Expr) model.Expr {
		out, e := p.expr(v, x, context)
		if e != nil && err == nil {
			err = e
		}
		return out
	}
	switch e := e.(type) {
	case *model.VarRef:
		return p.varRef(v, e, context)
	case *model.Unary:
		out := &model.Unary{Op: e.Op, X: sub(e.X)}
		return out, err
	case *model.Binary:
		out := &model.Binary{Op: e.Op, L: sub(e.L), R: sub(e.R)}
		return out, err
	case *model.If:
		out := &model.If{Cond: sub(e.Cond), Then: sub(e.Then), Else: sub(e.Else)}
		return out, err
	case *model.Call:
		out := &model.Call{Func: e.Func}
		for _, a := range e.Args {
			out.Args = append(out.Args, sub(a))
		}
		return out, err
	case *model.Fold:
		return p.foldExpr(v, e, context)
	case *model.Random:
		out := *e
		out.Args = nil
		for _, a := range e.Args {
			out.Args = append(out.Args, sub(a))
		}
		return &out, err
	}
	return e, nil
}

func (p *plan) varRef(v *variable, e *model.VarRef, context []model.DimID) (model.Expr, error) {
	of := p.byID[e.Var]
	folds := false
	for _, d := range e.Dims {
		folds = folds || d.Kind == model.Group || d.Kind == model.All
	}
	if !folds {
		return &bound{VarRef: e, of: of}, nil
	}
	if e.Fold == model.Median {
		return nil, &Unsupported{v.name, "a median over dimensions is not computed in tiles"}
	}
	f := &fold{of: of, agg: e.Fold}
	r := &variable{name: "roll-up of " + of.name, id: -1, grain: of.grain, fold: f, outside: of.outside}
	outer := &model.VarRef{Var: -1, Time: e.Time, At: e.At}
	for i, d := range e.Dims {
		dim := of.dims[i]
		switch d.Kind {
		case model.All:
			f.dims = append(f.dims, foldDim{to: -1})
			continue
		case model.Same:
			f.dims = append(f.dims, foldDim{to: len(r.dims)})
		case model.Group:
			via := p.m.Maps[d.Map]
			f.dims = append(f.dims, foldDim{to: len(r.dims), via: via})
			dim = via.To
			d = model.DimRef{Kind: model.Same}
		default:
			// One item, or a look-up: the roll-up has all items, and the reference takes the one.
			f.dims = append(f.dims, foldDim{to: len(r.dims)})
		}
		if slices.Contains(r.dims, dim) {
			return nil, &Unsupported{v.name, "a dimension that is rolled up to one that the variable has too"}
		}
		r.dims = append(r.dims, dim)
		outer.Dims = append(outer.Dims, d)
	}
	key := fmt.Sprintf("%p %v %v", of, e.Fold, e.Dims)
	if have := p.folds[key]; have != nil {
		return &bound{VarRef: outer, of: have}, nil
	}
	p.size(r)
	r.step, r.dir = of.step, model.Free
	p.vars = append(p.vars, r)
	p.folds[key] = r
	of.sinks = append(of.sinks, r)
	return &bound{VarRef: outer, of: r}, nil
}

// foldExpr makes a variable of what is folded.
func (p *plan) foldExpr(v *variable, e *model.Fold, context []model.DimID) (model.Expr, error) {
	if e.Agg == model.Median {
		return nil, &Unsupported{v.name, "a median is not computed in tiles"}
	}
	used := dimsOf(p, e.X)
	inner := &variable{name: "inside of " + v.name, id: -1, grain: e.Grain, outside: 0}
	out := &model.VarRef{Var: -1, Fold: e.Agg}
	for _, d := range context {
		if !slices.Contains(e.Over, d) && used[d] {
			inner.dims = append(inner.dims, d)
			out.Dims = append(out.Dims, model.DimRef{Kind: model.Same})
		}
	}
	for _, d := range e.Over {
		inner.dims = append(inner.dims, d)
		out.Dims = append(out.Dims, model.DimRef{Kind: model.All})
	}
	p.size(inner)
	inner.step, inner.dir = v.step, model.Free
	if err := p.rewrite(inner, e.X); err != nil {
		return nil, err
	}
	p.vars = append(p.vars, inner)
	switch {
	case e.Time:
		// Dimensions first and then time is the same as both at once: each period has as many items. Of counts that is the sum.
		out.Time = model.TimeRef{Kind: model.Window, From: e.From, To: e.To, Fold: e.Agg, Context: e.Grain, Count: e.Grain}
		if e.Agg == model.Count && len(e.Over) > 0 {
			out.Time.Fold = model.Sum
		}
	case e.Grain == calendar.None:
		out.Time = model.TimeRef{Kind: model.Timeless}
	default:
		out.Time = model.TimeRef{Kind: model.Shifted, Context: e.Grain, Count: e.Grain}
	}
	if len(e.Over) == 0 {
		return &bound{VarRef: out, of: inner, inWindow: true}, nil
	}
	// As any other reference that folds; the variable is known by its pointer.
	f := &fold{of: inner, agg: e.Agg}
	r := &variable{name: "roll-up of " + inner.name, id: -1, grain: inner.grain, fold: f}
	outer := &model.VarRef{Var: -1, Time: out.Time}
	for i := range inner.dims {
		if out.Dims[i].Kind == model.All {
			f.dims = append(f.dims, foldDim{to: -1})
			continue
		}
		f.dims = append(f.dims, foldDim{to: len(r.dims)})
		r.dims = append(r.dims, inner.dims[i])
		outer.Dims = append(outer.Dims, model.DimRef{Kind: model.Same})
	}
	p.size(r)
	r.step, r.dir = v.step, model.Free
	p.vars = append(p.vars, r)
	inner.sinks = append(inner.sinks, r)
	return &bound{VarRef: outer, of: r, inWindow: e.Time}, nil
}

// bound is a reference of the plan: to a variable of the plan's own too.
type bound struct {
	*model.VarRef
	of *variable
	// inWindow: of a window only periods in the axis take part.
	inWindow bool
}

// dimsOf returns the dimensions of the context that an expression depends on.
func dimsOf(p *plan, e model.Expr) map[model.DimID]bool {
	used := map[model.DimID]bool{}
	model.Walk(e, func(e model.Expr) {
		switch e := e.(type) {
		case *model.VarRef:
			v := p.m.Vars[e.Var]
			for i, d := range e.Dims {
				switch d.Kind {
				case model.Same:
					used[v.Dims[i]] = true
				case model.Group, model.Lookup:
					used[p.m.Maps[d.Map].To], used[p.m.Maps[d.Map].From] = true, true
				}
			}
		case *model.ItemIs:
			used[e.Dim] = true
		case *model.ItemNumber:
			used[e.Dim] = true
		case *model.Hash:
			for _, d := range e.Dims {
				used[d] = true
			}
		case *model.Random:
			for _, d := range e.Independent {
				used[d] = true
			}
			if e.Batch {
				used[e.Samples] = true
			}
		}
	})
	return used
}

// collect lists what a variable reads.
func (p *plan) collect(v *variable) {
	walk(v.expr, func(e model.Expr) {
		b, ok := e.(*bound)
		if !ok {
			return
		}
		r := readOf(v, b)
		v.reads = append(v.reads, r)
	})
}

// readOf tells what a reference of a variable reads.
func readOf(v *variable, b *bound) read {
	r := read{of: b.of, same: slices.Equal(v.dims, b.of.dims)}
	for _, d := range b.Dims {
		r.same = r.same && d.Kind == model.Same
	}
	switch t := b.Time; t.Kind {
	case model.Timeless:
		r.plain = v.grain == calendar.None
	case model.Shifted:
		r.plain = b.of.grain == v.grain && t.Count == v.grain
		r.lag = -t.Shift
	}
	return r
}

// walk is [model.Walk] through expressions of a plan.
func walk(e model.Expr, visit func(model.Expr)) {
	visit(e)
	switch e := e.(type) {
	case *model.Unary:
		walk(e.X, visit)
	case *model.Binary:
		walk(e.L, visit)
		walk(e.R, visit)
	case *model.If:
		walk(e.Cond, visit)
		walk(e.Then, visit)
		walk(e.Else, visit)
	case *model.Call:
		for _, a := range e.Args {
			walk(a, visit)
		}
	case *model.Random:
		for _, a := range e.Args {
			walk(a, visit)
		}
	}
}

// recurrences finds those whose variables are not all over the same dimensions, or read roll-ups or other places of each other.
func (p *plan) recurrences() {
	steps := map[int][]*variable{}
	for _, v := range p.vars {
		if v.id >= 0 {
			steps[v.step] = append(steps[v.step], v)
		}
	}
	for step, vars := range steps {
		if vars[0].dir == model.Free {
			continue
		}
		alone := false
		inside := map[*variable]bool{}
		for _, v := range p.vars {
			if v.id >= 0 && v.step == step || v.id < 0 && p.dependsOn(v, vars) && p.readBy(v, vars) {
				inside[v] = true
			}
		}
		for v := range inside {
			if v.fold != nil || !slices.Equal(v.dims, vars[0].dims) {
				alone = true
			}
			for _, r := range v.reads {
				if inside[r.of] && !(r.same && r.plain) {
					alone = true
				}
			}
		}
		for v := range inside {
			v.step, v.dir, v.alone = step, vars[0].dir, alone
		}
	}
}

// dependsOn reports whether a variable of the plan's own reads one of a recurrence.
func (p *plan) dependsOn(v *variable, vars []*variable) bool {
	if v.fold != nil {
		return slices.Contains(vars, v.fold.of) || p.dependsOn(v.fold.of, vars) && v.fold.of.id < 0
	}
	for _, r := range v.reads {
		if slices.Contains(vars, r.of) || r.of.id < 0 && p.dependsOn(r.of, vars) {
			return true
		}
	}
	return false
}

// readBy reports whether variables read one of the plan's own, directly or through others of these.
func (p *plan) readBy(v *variable, vars []*variable) bool {
	seen := map[*variable]bool{}
	var reads func(w *variable) bool
	reads = func(w *variable) bool {
		if w == v {
			return true
		}
		if seen[w] {
			return false
		}
		seen[w] = true
		if w.fold != nil {
			return w.fold.of.id < 0 && reads(w.fold.of)
		}
		for _, r := range w.reads {
			if r.of == v || r.of.id < 0 && reads(r.of) {
				return true
			}
		}
		return false
	}
	for _, w := range vars {
		if reads(w) {
			return true
		}
	}
	return false
}

// together reports whether a reader can be computed in the sweep of what it reads.
func together(v *variable, r read) bool {
	if v.alone || r.of.alone {
		return v.alone && r.of.alone && v.step == r.of.step
	}
	if r.of.fold != nil || !r.same || !r.plain || r.of.data != nil || v.grain != r.of.grain || v.dir == model.Backward != (r.of.dir == model.Backward) {
		return false
	}
	if v.dir == model.Backward {
		return r.lag <= 0
	}
	return r.lag >= 0 && r.lag <= mostHistory
}

// mostHistory bounds how many rows of a block are kept at hand.
const mostHistory = 64

// levels says when each variable is computed, and which together.
func (p *plan) levels() {
	// A recurrence is of one level; its variables are looked at until nothing moves.
	for moved := true; moved; {
		moved = false
		set := func(v *variable, level int) {
			if level > v.level {
				v.level, moved = level, true
			}
		}
		for _, v := range p.vars {
			if v.fold != nil {
				set(v, v.fold.of.level) // in the sweep of what it folds
				continue
			}
			for _, r := range v.reads {
				if together(v, r) {
					set(v, r.of.level)
				} else {
					set(v, r.of.level+1)
				}
			}
		}
		for _, v := range p.vars {
			if v.dir == model.Free {
				continue
			}
			for _, w := range p.vars {
				if w.step == v.step && w.dir == v.dir {
					set(v, w.level)
				}
			}
		}
		if p.key++; p.key > 10_000 {
			break
		}
	}
	for _, v := range p.vars {
		if v.data != nil {
			v.stored = true
			if len(v.sinks) > 0 {
				p.join(v) // only to be rolled up
			}
			continue
		}
		if v.fold != nil {
			continue
		}
		p.join(v)
	}
	slices.SortStableFunc(p.sweeps, func(a, b *sweep) int { return cmp.Compare(a.level, b.level) })
	for i, s := range p.sweeps {
		for _, v := range s.vars {
			v.sweep = i
			v.stored = v.stored || v.wanted || s.alone
		}
	}
	for _, v := range p.vars {
		for _, r := range v.reads {
			if r.of.data != nil || r.of.fold != nil || v.alone && r.of.sweep == v.sweep {
				continue
			}
			if r.of.sweep != v.sweep {
				r.of.stored = true
			} else if lag := max(r.lag, -r.lag); lag > 0 {
				r.of.history = max(r.of.history, lag)
				p.sweeps[v.sweep].lags = true
			}
		}
	}
}

// join puts a variable into the sweep of its level, dimensions and grain.
func (p *plan) join(v *variable) {
	for _, s := range p.sweeps {
		if s.level != v.level || s.alone != v.alone || s.grain != v.grain && !s.alone || (s.dir == model.Backward) != (v.dir == model.Backward) {
			continue
		}
		if s.alone && s.step == v.step || !s.alone && slices.Equal(s.dims, v.dims) {
			s.vars = append(s.vars, v)
			return
		}
	}
	p.sweeps = append(p.sweeps, &sweep{level: v.level, dims: v.dims, grain: v.grain, dir: v.dir, alone: v.alone, step: v.step, vars: []*variable{v}})
}
