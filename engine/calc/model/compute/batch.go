package compute

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// mostBatch is how many samples are drawn at once at most: as many as a tile has cells.
const mostBatch = 512

// batchCells is how many cells that differ by sample are computed at once; their values fit into the caches.
const batchCells = 1 << 18

// batchSize is how many samples of a model are drawn at once. It depends on the model alone, so that a sample has the same bits
// however many are drawn.
func batchSize(m *model.Model) int {
	cells := int64(1)
	for _, v := range m.Vars {
		if v.Random {
			cells += v.Cells
		}
	}
	size := mostBatch
	for size > 1 && int64(size)*cells > batchCells {
		size /= 2
	}
	return size
}

// batched is a model whose random variables have a dimension more, the last one: its items are samples. What a run costs beside
// the cells (its plan, its arrays, its tiles of few cells) is so shared by all of them.
func batched(m *model.Model, size int) *model.Model {
	out := *m
	id := model.DimID(len(m.Dims))
	out.Dims = append(slices.Clone(m.Dims), &model.Dim{ID: id, Name: "sample", Items: model.RangeItems("", 0, size)})
	out.Vars = slices.Clone(m.Vars)
	b := batch{m: m, samples: id}
	for i, v := range m.Vars {
		if !v.Random {
			continue
		}
		one := *v
		one.Dims = append(slices.Clone(v.Dims), id)
		one.Cells *= int64(size)
		one.Expr = b.expr(v.Expr)
		out.Vars[i] = &one
	}
	return &out
}

type batch struct {
	m       *model.Model
	samples model.DimID
}

// expr rewrites an expression: what it reads of random variables is that of the same sample.
func (b *batch) expr(e model.Expr) model.Expr {
	switch e := e.(type) {
	case *model.VarRef:
		if !b.m.Vars[e.Var].Random {
			return e
		}
		out := *e
		out.Dims = append(slices.Clone(e.Dims), model.DimRef{Kind: model.Same})
		return &out
	case *model.Unary:
		return &model.Unary{Op: e.Op, X: b.expr(e.X)}
	case *model.Binary:
		return &model.Binary{Op: e.Op, L: b.expr(e.L), R: b.expr(e.R)}
	case *model.If:
		return &model.If{Cond: b.expr(e.Cond), Then: b.expr(e.Then), Else: b.expr(e.Else)}
	case *model.Call:
		return &model.Call{Func: e.Func, Args: b.list(e.Args)}
	case *model.Fold:
		out := *e
		out.X = b.expr(e.X)
		return &out
	case *model.Random:
		out := *e
		out.Args, out.Batch, out.Samples = b.list(e.Args), true, b.samples
		return &out
	}
	return e
}

func (b *batch) list(list []model.Expr) []model.Expr {
	out := make([]model.Expr, len(list))
	for i, e := range list {
		out[i] = b.expr(e)
	}
	return out
}
