package model

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Rows reads sources of data. Package data has one for files and databases.
type Rows interface {
	// Rows calls row for each row of the source with the fields of the given columns, in their order, as text; a number
	// has a decimal point. fields is overwritten by the next row. It ends with the first error that row returns.
	Rows(ctx context.Context, source *lang.DataSource, columns []string, row func(fields []string) error) error
}

// Options of a check. The zero value checks the model as it is written.
type Options struct {
	// Rows reads dimensions and mappings that the model takes from files and databases. Without it they are errors.
	Rows Rows
	// Scenarios are applied in order.
	Scenarios []string
	// Set are definitions that replace those of the model, after the scenarios: "churn = 3%".
	Set []string
	// Dims cuts dimensions to their first items: {"Store": 100}.
	Dims map[string]int
	// Show, if not nil, replaces what the model shows: "revenue by Region, year".
	Show []string
	// By, if not empty, shows everything by these dimensions and this grain in place of what the statements say:
	// "Product,year". Variables that do not vary so are left out.
	By string
}

// maxFaults bounds how many errors of one check are told.
const maxFaults = 20

// Check resolves a parsed model. The error is a [lang.Errors], except where the options or a source of data are wrong.
func Check(ctx context.Context, file *lang.File, o Options) (*Model, error) {
	c := &checker{ctx: ctx, o: o, file: file, m: &Model{Name: file.Name.Name, Source: file.Source}, vars: map[string]*variable{}, rolled: map[string]*variable{}, chained: map[[2]DimID]*Map{}, torn: map[[2]DimID]string{}}
	if err := c.check(); err != nil {
		return nil, err
	}
	if len(c.faults) > 0 {
		slices.SortStableFunc(c.faults, func(a, b *fault) int { return cmp.Compare(a.at.Start, b.at.Start) })
		var errs lang.Errors
		told := map[string]bool{} // a line of a table asks for its item in each column
		for _, f := range c.faults {
			e := f.source.ErrorAt(f.at, f.message, f.hint)
			if text := e.Error(); !told[text] && len(errs) < maxFaults {
				told[text] = true
				errs = append(errs, e)
			}
		}
		return nil, errs
	}
	return c.m, nil
}

// fault is an error before its place in the text is worked out.
type fault struct {
	source        lang.Source
	at            lang.Span
	message, hint string
}

func (f *fault) with(hint string) *fault { f.hint = hint; return f }

// variable is a variable while it is checked.
type variable struct {
	*Var
	decl   *lang.Variable // nil of hidden ones
	source lang.Source    // of its formula
	alias  string         // another name that means this variable inside of its formula
	base   *variable      // what `base` means in it, or nil
	// order has, for each name in the brackets, the dimension, or -1 for the grain.
	order    []DimID
	declared bool // dimensions are written
	retimed  bool // it is hidden, and applies a formula at another grain
	asked    lang.Span
}

type checker struct {
	ctx    context.Context
	o      Options
	file   *lang.File
	m      *Model
	full   []Items              // of each dimension, before it was cut
	vars   map[string]*variable // by name
	list   []*variable          // by VarID
	rolled map[string]*variable
	// The first so many mappings are written in the model; chained has those that follow from them, or nil where there
	// is none, and torn says why where several chains disagree.
	declared int
	chained  map[[2]DimID]*Map
	torn     map[[2]DimID]string
	faults   []*fault
	// pending are references to formulas that are to be rolled up, and queue are the roll-ups of which the formula is
	// to be rewritten.
	pending, queue []func()
}

// fail notes an error at a place of the model's own text.
func (c *checker) fail(at lang.Span, format string, args ...any) *fault {
	return c.failIn(c.file.Source, at, format, args...)
}

func (c *checker) failIn(source lang.Source, at lang.Span, format string, args ...any) *fault {
	f := &fault{source: source, at: at, message: fmt.Sprintf(format, args...)}
	c.faults = append(c.faults, f)
	return f
}

// check runs the stages. A stage that others build on ends the check where it failed.
func (c *checker) check() error {
	c.time()
	if err := c.dimensions(); err != nil {
		return err
	}
	if err := c.maps(); err != nil {
		return err
	}
	if len(c.faults) > 0 {
		return nil
	}
	if err := c.resolve(); err != nil || len(c.faults) > 0 || len(c.o.Scenarios) > 0 || len(c.o.Set) > 0 {
		return err
	}
	return c.scenarios()
}

// scenarios checks the model with each of its scenarios, so that a wrong one is told before it is used.
func (c *checker) scenarios() error {
	for _, s := range c.file.Scenarios {
		o := c.o
		o.Scenarios = []string{s.Name.Name}
		m := &Model{Name: c.m.Name, Source: c.m.Source, Time: c.m.Time, Dims: c.m.Dims, Maps: slices.Clip(c.m.Maps)}
		d := &checker{
			ctx: c.ctx, o: o, file: c.file, m: m, full: c.full, vars: map[string]*variable{}, rolled: map[string]*variable{},
			declared: c.declared, chained: maps.Clone(c.chained), torn: map[[2]DimID]string{},
		}
		if err := d.resolve(); err != nil {
			return err
		}
		for _, f := range d.faults {
			f.message += " (in scenario " + s.Name.Name + ")"
		}
		c.faults = append(c.faults, d.faults...)
	}
	return nil
}

// resolve runs the stages that come after the axis, the dimensions and the mappings.
func (c *checker) resolve() error {
	defs, err := c.definitions()
	if err != nil {
		return err
	}
	c.declare(defs)
	if len(c.faults) > 0 {
		return nil
	}
	c.infer()
	for _, v := range slices.Clone(c.list) {
		c.define(v)
	}
	if len(c.faults) > 0 {
		return nil
	}
	c.inputs()
	for _, patch := range c.pending {
		patch()
	}
	shows, err := c.shows()
	if err != nil {
		return err
	}
	for _, s := range shows {
		c.output(s)
	}
	c.rewrite()
	c.simulation()
	if len(c.faults) > 0 {
		return nil
	}
	c.finish()
	return nil
}

// finish counts cells, finds what is read and what is random, and orders the variables.
func (c *checker) finish() {
	for _, v := range c.list {
		v.Cells = 1
		for _, d := range v.Dims {
			v.Cells = product(v.Cells, int64(c.m.Dims[d].Len()))
		}
		v.Cells = product(v.Cells, int64(c.m.Periods(v.Grain)))
		if v.Cells > maxCells {
			c.failIn(v.source, v.Place, "%s has more than 2^62 cells", v.Name).with("leave out a dimension, or map it to a smaller one")
		}
		v.Storage = storage(v.Var)
		seen := map[VarID]bool{}
		Walk(v.Expr, func(e Expr) {
			switch e := e.(type) {
			case *VarRef:
				if !seen[e.Var] {
					seen[e.Var] = true
					v.Reads = append(v.Reads, e.Var)
				}
			case *Random:
				v.Random = true
			}
		})
		c.m.Vars = append(c.m.Vars, v.Var)
	}
	c.steps()
	for _, s := range c.m.Steps {
		// Within a recurrence one random variable makes all of them random.
		random := false
		for _, id := range s.Vars {
			random = random || c.m.Vars[id].Random || slices.ContainsFunc(c.m.Vars[id].Reads, func(r VarID) bool { return c.m.Vars[r].Random })
		}
		for _, id := range s.Vars {
			c.m.Vars[id].Random = random
		}
	}
}

const maxCells = 1 << 62

// product multiplies counts; it stays above maxCells where that is exceeded.
func product(a, b int64) int64 {
	if a != 0 && b > maxCells/a {
		return math.MaxInt64
	}
	return a * b
}

// sparseShare is the share of cells below which a table is called sparse: a masked block of packed values takes less
// than a dense one up to about nineteen twentieths, a map up to a third.
const sparseShare = 0.25

func storage(v *Var) Storage {
	switch {
	case v.Cells == 1:
		return Constant
	case v.Data == nil:
		return Dense
	case v.Data.External != nil:
		return Sparse
	}
	covered := 0.0
	for _, b := range v.Data.Boxes {
		cells := 1.0
		for i := range b.Low {
			cells *= float64(b.High[i]-b.Low[i]) + 1
		}
		covered += cells
	}
	if covered < sparseShare*float64(v.Cells) {
		return Sparse
	}
	return Dense
}
