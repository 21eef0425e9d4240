package calcbench

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// growthDoublings is how often a shape is doubled, and mostGrowth how much longer twice as many cells may take in the mean of the doublings: a quarter
// more than twice, for sorting and for caches that are left.
const (
	growthDoublings = 3
	mostGrowth      = 2.5
)

// leastEdits is how many edits are measured at least.
const leastEdits = 3

// growthShape is a kind of workbook as people make them, or as engines fear them.
type growthShape struct {
	name string
	n    int // of the smallest workbook: rows, mostly
	// The workbook is a table, or else what book says.
	table tableShape
	book  func(n int) xlsxtest.Options
	// inputs are the cells with numbers that formulas read, and edit is the one that is changed alone.
	inputs func(n int) []cell.Area
	edit   func(n int) cell.Area
	// squared says why the time grows with the square of n, where it does.
	squared string
}

// The phases that are measured.
var growthPhases = [...]string{"open", "first", "all", "edit"}

// measured is what a shape took at one size.
type measured struct {
	cells, edited int64
	regions       int
	cpu           [len(growthPhases)]float64
}

// growth measures every shape at 1, 2, 4 and 8 times its size.
func (b *bench) growth() error {
	for i := range growthShapes {
		s := &growthShapes[i]
		if !strings.Contains(strings.ToLower(s.name), strings.ToLower(b.Match)) {
			continue
		}
		var at [growthDoublings + 1]measured
		for k := range at {
			if err := b.growthAt(s, s.n<<k, &at[k]); err != nil {
				return fmt.Errorf("%s, n = %d: %w", s.name, s.n<<k, err)
			}
		}
		b.grown(s, at[:])
	}
	return nil
}

// grown adds the rows of a shape, and one for the phase that grew most.
func (b *bench) grown(s *growthShape, at []measured) {
	last := &at[growthDoublings]
	worst, slowest := 0.0, ""
	for p, phase := range growthPhases {
		var times []string
		for k := 1; k < len(at); k++ {
			times = append(times, fmt.Sprintf("%.1f", at[k].cpu[p]/at[k-1].cpu[p]))
		}
		if mean := math.Cbrt(last.cpu[p] / at[0].cpu[p]); mean > worst {
			worst, slowest = mean, phase
		}
		cells := last.cells
		if phase == "edit" {
			cells = last.edited
		}
		row := Row{Bar: "shapes", What: s.name + ": " + phase, CPU: last.cpu[p], Runs: b.Runs}
		if phase != "open" {
			least := b.cellsLimit(cells, cells).Least()
			row.Limit, row.By = least.Seconds, least.By
		}
		row.Note = fmt.Sprintf("n = %d, %d regions, %d cells, %.0f ns each; doublings %s", s.n<<growthDoublings, last.regions, cells,
			last.cpu[p]*1e9/float64(max(cells, 1)), strings.Join(times, ", "))
		b.add(row)
		b.say("%s: %.3g s; %s", row.What, row.CPU, row.Note)
	}
	row := Row{Bar: "shapes", What: "twice the cells: " + s.name, Amount: worst, Of: "times", Note: "in the mean: " + slowest}
	if s.squared != "" {
		row.Note += "; " + s.squared
	} else {
		holds := worst <= mostGrowth
		row.Target, row.Holds = fmt.Sprintf("at most %v times", mostGrowth), &holds
	}
	b.add(row)
}

func (b *bench) growthAt(s *growthShape, n int, m *measured) error {
	path := b.path("growth.xlsx")
	defer os.Remove(path)
	options := s.table.options(n)
	if s.book != nil {
		options = s.book(n)
	}
	if err := xlsxtest.Create(path, options); err != nil {
		return err
	}
	var k *book
	least := func(p int, runs int, before, do func() error) error {
		c, err := best(b.ctx, runs, before, do)
		m.cpu[p] = c.cpu
		return err
	}
	reopen := func() (err error) {
		if k != nil {
			k.file.Close()
		}
		k, err = b.open(path)
		return err
	}
	defer func() {
		if k != nil {
			k.file.Close()
		}
	}()
	if err := least(0, b.Runs, nil, reopen); err != nil {
		return err
	}
	m.regions, _ = k.Graph()
	err := least(1, b.Runs, reopen, func() error {
		k.All()
		r, err := k.Recalculate(b.ctx)
		m.cells = r.Cells
		if err == nil && r.Circular > 0 {
			err = fmt.Errorf("%d cells are in circles", r.Circular)
		}
		return err
	})
	if err != nil {
		return err
	}
	inputs := s.inputs(n)
	err = least(2, b.Runs, nil, func() error {
		for _, a := range inputs {
			for col := a.C0; col <= a.C1; col++ {
				for row := a.R0; row <= a.R1; row++ {
					if err := b.nudge(k, cell.At(a.Sheet, row, col)); err != nil {
						return err
					}
				}
			}
		}
		_, err := k.Recalculate(b.ctx)
		return err
	})
	if err != nil {
		return err
	}
	// One edit takes too little to be measured alone.
	edits := 0
	err = least(3, b.Runs, nil, func() error {
		edits = 0
		for began := time.Now(); edits < leastEdits || time.Since(began) < 20*time.Millisecond; edits++ {
			if err := b.nudge(k, s.edit(n)); err != nil {
				return err
			}
			r, err := k.Recalculate(b.ctx)
			if err != nil {
				return err
			}
			m.edited = r.Cells
		}
		return nil
	})
	m.cpu[3] /= float64(edits)
	return err
}

// nudge changes the number in a cell by one, up and down in turn.
func (b *bench) nudge(k *book, at cell.Area) error {
	v := k.Value(at.Sheet, at.R0, at.C0)
	if v.Kind() != cell.Number {
		return fmt.Errorf("%s holds no number", at)
	}
	x := v.Float() + 1
	if int64(v.Float())%2 != 0 {
		x = v.Float() - 1
	}
	return k.Set(at.Sheet, at.R0, at.C0, cell.Num(x))
}
