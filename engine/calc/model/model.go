package model

import (
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Numbers of what a model has: places in the lists of [Model].
type (
	DimID int32
	MapID int32
	VarID int32
)

// Model is a checked model.
type Model struct {
	Name string
	// Scenarios are the names of those that were applied, in order.
	Scenarios []string
	// Time is the axis, or nil where nothing varies with time.
	Time *calendar.Axis
	Dims []*Dim
	Maps []*Map
	Vars []*Var
	// Steps has every variable once. A step reads only itself and the steps before it.
	Steps []Step
	// Outputs are what the model shows, in the order of its show statements.
	Outputs []Output
	// Samples is how many samples the model asks for, or 0; Seed is that of its random numbers.
	Samples int
	Seed    uint64
	// Percentiles to show of what is random, between 0 and 100, rising.
	Percentiles []float64
	// Source is the text, for errors at a place in it.
	Source lang.Source
}

// Dim is a dimension: a list of items.
type Dim struct {
	ID   DimID
	Name string
	Items
	whole *Items // before Options.Dims cut it; nil where it did not
}

// CutOff reports whether an item was cut off by Options.Dims: rows of it are passed over.
func (d *Dim) CutOff(name string) bool {
	if d.whole == nil {
		return false
	}
	_, known := d.Index(name)
	_, was := d.whole.Index(name)
	return was && !known
}

// Map leads the items of one dimension to those of another.
type Map struct {
	ID       MapID
	From, To DimID
	// Target has, for each item of From, an item of To, or -1 for an item that belongs to none. Such items are left out
	// of every group.
	Target []int32
	// Missing is how many items of From belong to none.
	Missing int
}

// VarKind says where a variable's values come from.
type VarKind uint8

// Kinds of variable.
const (
	// Input has Data, or an Expr that reads other inputs at most.
	Input VarKind = iota
	// Computed has an Expr.
	Computed
	// Rolled is a hidden variable that Check made: a roll-up for an output, or a formula that is applied to inputs
	// which were rolled up. It has an Expr.
	Rolled
)

// Storage is a hint of how a variable's values are kept best.
type Storage uint8

// Storages.
const (
	// Constant: one cell.
	Constant Storage = iota
	// Dense: most cells are expected to differ.
	Dense
	// Sparse: all cells but few are expected to be Fill. Check says so of data only; whether an expression over sparse
	// variables is sparse, an evaluator finds out by evaluating it on their fill values.
	Sparse
)

// Var is a variable.
type Var struct {
	ID   VarID
	Name string
	Kind VarKind
	// Dims are the dimensions over which it varies, each once. The first counts slowest in a cell's number.
	Dims []DimID
	// Grain is that of its periods; None when it does not vary with time.
	Grain calendar.Grain
	// Expr gives a cell from the cell's items and period. It is nil where Data is set.
	Expr Expr
	// Data is a table, a file or a query. It is nil where Expr is set.
	Data *Data
	// Fill is the value of cells which Data does not have.
	Fill float64
	// Outside is the value at periods before the first and after the last, and in place of an item that a mapping does
	// not have.
	Outside float64
	// Categories and OverTime say how the variable is rolled up where a reference or an output does not say.
	Categories, OverTime Agg
	Storage              Storage
	// Cells is the number of its cells: the product of the lengths of its dimensions and its time.
	Cells int64
	// Random is set when it depends on a draw, thus has another value in each sample.
	Random bool
	// Reads are the variables that Expr reads, each once.
	Reads []VarID
	// Place is where it is defined.
	Place lang.Span
}

// Direction is how a step is evaluated.
type Direction uint8

// Directions.
const (
	// Free: the step has one variable and it does not read itself. Cells may be computed in any order.
	Free Direction = iota
	// Forward: from the first period to the last, and within a period the variables in their order. References
	// within the step are to earlier periods, or to the same period of a variable that stands before.
	Forward
	// Backward: from the last period to the first, likewise.
	Backward
)

// Step is a variable, or variables of one grain that read each other in a recurrence.
type Step struct {
	Direction Direction
	Vars      []VarID
}

// Output is one table that the model shows.
type Output struct {
	// Title is the statement without its keyword: "revenue, cost by Region, year".
	Title string
	// By are the dimensions of the rows, and Grain is their grain, or None.
	By    []DimID
	Grain calendar.Grain
	// Columns are the figures of each row. All have the dimensions By, in this order, and the grain Grain.
	Columns []Column
}

// Column is one figure of an output.
type Column struct {
	// Title names it as the statement does: `revenue[Product=Basic]`.
	Title string
	// Of is the variable that is shown, and View the hidden one whose cells are the figures; they are the same where
	// nothing is rolled up.
	Of, View VarID
}

// Var returns the variable of that name, and nil when there is none.
func (m *Model) Var(name string) *Var {
	for _, v := range m.Vars {
		if v.Name == name && v.Kind != Rolled {
			return v
		}
	}
	return nil
}

// Dim returns the dimension of that name, and nil when there is none.
func (m *Model) Dim(name string) *Dim {
	for _, d := range m.Dims {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Periods is how many periods of a grain the model has: 1 of None.
func (m *Model) Periods(g calendar.Grain) int {
	if g == calendar.None || m.Time == nil {
		return 1
	}
	return m.Time.Len(g)
}

// CellNumber numbers the cells of a variable from 0: period * (items of all dimensions) + the items, of which those
// of the last dimension count fastest.
func (m *Model) CellNumber(v *Var, items []int32, period int) int64 {
	n := int64(period)
	for i, d := range v.Dims {
		n = n*int64(m.Dims[d].Len()) + int64(items[i])
	}
	return n
}

// CellAt is the inverse of CellNumber. It fills items, which has the length of v.Dims.
func (m *Model) CellAt(v *Var, number int64, items []int32) (period int) {
	for i := len(v.Dims) - 1; i >= 0; i-- {
		n := int64(m.Dims[v.Dims[i]].Len())
		items[i] = int32(number % n)
		number /= n
	}
	return int(number)
}
