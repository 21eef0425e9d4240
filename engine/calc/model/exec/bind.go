package exec

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// binder makes nodes of expressions.
type binder struct {
	x     *executor
	r     *run
	v     *variable
	place map[*variable]int
}

func (b *binder) node(e model.Expr) (node, error) {
	switch e := e.(type) {
	case *model.Const:
		return &number{e.Value}, nil
	case *bound:
		return b.reference(e)
	case *model.Unary:
		n, err := b.node(e.X)
		return &unary{e.Op, n}, err
	case *model.Binary:
		l, err := b.node(e.L)
		if err != nil {
			return nil, err
		}
		r, err := b.node(e.R)
		return &binary{e.Op, l, r}, err
	case *model.If:
		n := &choice{}
		var err error
		if n.condition, err = b.node(e.Cond); err != nil {
			return nil, err
		}
		if n.then, err = b.node(e.Then); err != nil {
			return nil, err
		}
		n.otherwise, err = b.node(e.Else)
		return n, err
	case *model.Call:
		n := &call{f: e.Func}
		for _, a := range e.Args {
			arg, err := b.node(a)
			if err != nil {
				return nil, err
			}
			n.args = append(n.args, arg)
		}
		return n, nil
	case *model.ItemIs:
		return &item{b.r.space.dim(e.Dim), int(e.Item)}, nil
	case *model.ItemNumber:
		return &item{b.r.space.dim(e.Dim), -1}, nil
	case *model.TimePart:
		n := &part{}
		for period := range b.r.periods {
			n.byPeriod = append(n.byPeriod, e.Part.Of(b.x.m.Time, e.Grain, period))
		}
		return n, nil
	case *model.Hash:
		return b.hash(e), nil
	case *model.Random:
		n := &draw{e: e}
		for _, a := range e.Args {
			arg, err := b.node(a)
			if err != nil {
				return nil, err
			}
			n.args = append(n.args, arg)
		}
		for _, d := range e.Independent {
			n.dims = append(n.dims, b.r.space.dim(d))
			n.sizes = append(n.sizes, uint64(b.x.m.Dims[d].Len()))
		}
		n.batch = -1
		if e.Batch {
			n.batch = b.r.space.dim(e.Samples)
		}
		return n, nil
	}
	return nil, &Unsupported{b.v.name, fmt.Sprintf("an expression of type %T", e)}
}

func (b *binder) hash(e *model.Hash) node {
	n := &hash{start: model.HashStart(e.Seed), model: e}
	for _, d := range e.Dims {
		n.dims = append(n.dims, b.r.space.dim(d))
		n.keys = append(n.keys, model.NameKey(b.x.m.Dims[d].Name))
	}
	if e.OverTime {
		for period := range b.r.periods {
			day, _ := b.x.m.Time.WholeDays(e.Grain, period)
			n.days = append(n.days, uint64(int64(day)))
		}
	}
	return n
}

func (b *binder) reference(e *bound) (node, error) {
	of := e.of
	if i, ok := b.place[of]; ok && !b.r.s.alone {
		if r := readOf(b.v, e); r.lag == 0 {
			return &own{i}, nil
		} else {
			return &earlier{i, r.lag, of.outside}, nil
		}
	}
	m, ok := b.x.p.mapTo(&b.r.space, e)
	if !ok {
		return nil, &Unsupported{b.v.name, "a reference to " + of.name + " by a dimension that is not at hand"}
	}
	n := &stored{of: of, m: m, mapID: len(b.r.maps), times: b.x.p.timesOf(e, b.v.grain), outside: of.outside}
	b.r.maps = append(b.r.maps, m)
	if of.values == nil {
		return nil, fmt.Errorf("%s reads %s, which is not computed yet: a mistake in the plan", b.v.name, of.name)
	}
	if !m.same && !of.open && int64(of.periods)*int64(of.positions) <= min(mostFlat, b.x.o.Memory/8/flatShare) {
		var err error
		if n.flat, err = b.x.flat(of); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// flat returns all values of a variable in one piece, which are made once. It is for variables that are done.
func (x *executor) flat(v *variable) ([]float64, error) {
	if v.flat != nil {
		return v.flat, nil
	}
	out := make([]float64, v.periods*v.positions)
	x.pool.hold(int64(len(out)) * 8)
	var r reader
	for period := range v.periods {
		for block := range v.values.blocks {
			c, err := r.chunk(v.values, period, block)
			if err != nil {
				return nil, err
			}
			w := v.values.width(block)
			at := period*v.positions + block*blockCells
			dst := out[at : at+w]
			copy(dst, c.cells(period%v.values.rows*w, w, dst))
		}
	}
	v.flat = out
	return out, nil
}
