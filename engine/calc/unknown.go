package calc

import (
	"maps"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// Formulas with functions that are not known (of add-ins and macros, GETPIVOTDATA, cubes) cannot be computed, but the program that wrote the file
// may have known them. Such a cell keeps the value of the file for as long as nothing that it reads is edited; from then on, and where the file
// holds no value or says that its values are to be computed anew, it is #NAME?.

// unknown calls f for each node with functions that are not known.
func (b *Workbook) unknown(f func(id graph.ID, n *graph.Node, functions []string)) {
	if !slices.ContainsFunc(b.templates, func(t *template) bool { return len(t.formula.Unknown) > 0 }) {
		return
	}
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		if names := b.templates[n.Formula].formula.Unknown; len(names) > 0 {
			f(id, n, names)
		}
		return true
	})
}

// keep takes formulas with functions that are not known out of what All has made stale, but for the cells that were stale before and those for
// which the file holds nothing: others have its value, or were computed when they lost it.
func (b *Workbook) keep(before map[graph.ID][]cell.Area) {
	if !b.fresh {
		return
	}
	b.unknown(func(id graph.ID, n *graph.Node, _ []string) {
		b.dirty.Done(id)
		for _, a := range before[id] {
			b.dirty.Mark(id, a)
		}
		for c := range cellsOf(n) {
			if cell.BoxKind(b.box(c.sheet, c.row, c.col)) == cell.Empty {
				b.dirty.Mark(id, cell.At(c.sheet, c.row, c.col))
			}
		}
	})
}

// give takes note of the cells of a node that lose the values of the file.
func (b *Workbook) give(id graph.ID) {
	n := b.graph.Node(id)
	if len(b.templates[n.Formula].formula.Unknown) == 0 {
		return
	}
	if b.given == nil {
		b.given = map[at]bool{}
	}
	for _, a := range b.dirty.Of(id) {
		for c := range cellsOf(&graph.Node{Area: a, Whole: n.Whole}) {
			b.given[c] = true
		}
	}
}

// keeps reports whether a cell with a formula of the template has the value of the file.
func (b *Workbook) keeps(t *template, sheet, row, col int32) bool {
	return len(t.formula.Unknown) > 0 && b.fresh && !b.given[at{sheet, row, col}]
}

// cellsOf goes through the cells that are computed of a node: all of them, of an array formula the first.
func cellsOf(n *graph.Node) func(func(at) bool) {
	a := n.Area
	if n.Whole {
		a = cell.At(a.Sheet, a.R0, a.C0)
	}
	return func(yield func(at) bool) {
		for row := a.R0; row <= a.R1; row++ {
			for col := a.C0; col <= a.C1; col++ {
				if !yield(at{a.Sheet, row, col}) {
					return
				}
			}
		}
	}
}

// Unknown is what a workbook has of formulas with functions that are not known.
type Unknown struct {
	Functions []string // their names, in order
	Kept      int64    // cells that keep the values of the file
	Computed  int64    // cells that do not: what they read was edited, or the file has no fresh value for them. They are #NAME? or what is made of that
}

// Unknown tells which functions of the workbook are not known, and what became of the formulas that use them.
func (b *Workbook) Unknown() Unknown {
	var out Unknown
	names := map[string]bool{}
	b.unknown(func(_ graph.ID, n *graph.Node, functions []string) {
		for _, name := range functions {
			names[name] = true
		}
		for c := range cellsOf(n) {
			if b.keeps(b.templates[n.Formula], c.sheet, c.row, c.col) {
				out.Kept++
			} else {
				out.Computed++
			}
		}
	})
	out.Functions = slices.Sorted(maps.Keys(names))
	return out
}
