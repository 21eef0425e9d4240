package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var statFitTable = []*Func{
	{Name: "GROWTH", Category: statistical, Takes: "A A? A? b?", Doc: "values of the exponential curve through known ones", Body: statGrowth},
	{Name: "LINEST", Category: statistical, Takes: "A A? b? b?", Doc: "the coefficients of the straight line or plane through known values, and its statistics", Body: statLinEst},
	{Name: "LOGEST", Category: statistical, Takes: "A A? b? b?", Doc: "the coefficients of the exponential curve through known values, and its statistics", Body: statLogEst},
	{Name: "TREND", Category: statistical, Takes: "A A? A? b?", Doc: "values of the straight line or plane through known ones", Body: statTrend},
}

// statLayout is how the x of a fit lie in their block.
type statLayout uint8

const (
	statSingle   statLayout = iota // one variable, all over the block
	statByColumn                   // a variable in each column
	statByRow                      // a variable in each row
)

// statDesign is known values and what they depend on.
type statDesign struct {
	y      []float64
	x      [][]float64 // by variable
	layout statLayout
	known  statBlock // the x as given
}

// statNumbersIn returns the block's cells row by row, all of which must be numbers: #VALUE!.
func statNumbersIn(b *statBlock) ([]float64, cell.ErrorCode) {
	if code := b.err(); code != 0 {
		return nil, code
	}
	if b.heldRows != b.rows || b.heldCols != b.cols {
		return nil, cell.ErrValue
	}
	for _, f := range b.cells {
		if f != f {
			return nil, cell.ErrValue
		}
	}
	return b.cells, 0
}

// statCounted is 1, 2, 3... in the shape of b, which is what x is where it is left out.
func statCounted(b *statBlock) statBlock {
	out := statBlock{b.rows, b.cols, b.rows, b.cols, make([]cell.Box, b.rows*b.cols)}
	for i := range out.cells {
		out.cells[i] = float64(i + 1)
	}
	return out
}

// split returns the variables of a block.
func (b *statBlock) split(l statLayout) [][]float64 {
	if l == statSingle {
		return [][]float64{b.cells}
	}
	k, n, next, along := b.cols, b.rows, 1, b.cols
	if l == statByRow {
		k, n, next, along = b.rows, b.cols, b.cols, 1
	}
	out := make([][]float64, k)
	for v := range out {
		out[v] = make([]float64, n)
		for i := range n {
			out[v][i] = b.cells[v*next+i*along]
		}
	}
	return out
}

// statDesignOf reads the first two arguments. x of the same shape as y is one variable; beside a column of y it is a variable in
// each column, below a row of y one in each row; anything else is #REF!.
func statDesignOf(c *Call, logarithms bool) (d statDesign, code cell.ErrorCode) {
	y, code := statBlockOf(c, c.Args[0])
	if code != 0 {
		return d, code
	}
	if d.y, code = statNumbersIn(&y); code != 0 {
		return d, code
	}
	if !c.Has(1) {
		d.known = statCounted(&y)
	} else if d.known, code = statBlockOf(c, c.Args[1]); code != 0 {
		return d, code
	}
	switch x := &d.known; {
	case x.rows == y.rows && x.cols == y.cols:
		d.layout = statSingle
	case y.rows*y.cols == 1: // neither a column nor a row
		return d, cell.ErrRef
	case y.cols == 1 && x.rows == y.rows:
		d.layout = statByColumn
	case y.rows == 1 && x.cols == y.cols:
		d.layout = statByRow
	default:
		return d, cell.ErrRef
	}
	if _, code = statNumbersIn(&d.known); code != 0 {
		return d, code
	}
	d.x = d.known.split(d.layout)
	if logarithms {
		logs := make([]float64, len(d.y))
		for i, f := range d.y {
			if f <= 0 {
				return d, cell.ErrNum
			}
			logs[i] = math.Log(f)
		}
		d.y = logs
	}
	return d, 0
}

func statLinEst(c *Call) cell.Value { return statEstimate(c, false) }

func statLogEst(c *Call) cell.Value { return statEstimate(c, true) }

// statEstimate lays out the coefficients from the last to the first, then the constant, and below them the statistics.
func statEstimate(c *Call, logarithms bool) cell.Value {
	d, code := statDesignOf(c, logarithms)
	if code != 0 {
		return cell.Err(code)
	}
	constant := c.Bool(2, true)
	f := statLeastSquares(c, d.y, d.x, constant)
	value := func(x float64) cell.Value {
		if logarithms {
			x = math.Exp(x)
		}
		return cell.Num(x)
	}
	k := len(d.x)
	rows := 1
	if c.Bool(3, false) {
		rows = 5
	}
	g := cell.NewGrid(rows, k+1)
	for i := range k {
		g.Set(0, k-1-i, value(f.slopes[i]))
	}
	g.Set(0, k, value(f.constant))
	if rows == 1 {
		return cell.Arr(g)
	}
	for i := range g.Cells[k+1:] {
		g.Cells[k+1+i] = cell.Err(cell.ErrNA)
	}
	s := 0.0
	if f.free > 0 {
		s = math.Sqrt(f.residual / f.free)
	}
	for i := range k {
		g.Set(1, k-1-i, cell.Num(s*f.errors[i]))
	}
	if constant {
		g.Set(1, k, cell.Num(s*f.constantError))
	}
	g.Set(2, 0, cell.Num(f.explained/(f.explained+f.residual)))
	g.Set(2, 1, cell.Num(s))
	ratio := math.NaN()
	if f.free > 0 {
		ratio = f.explained / f.rank / (f.residual / f.free)
	}
	g.Set(3, 0, cell.Num(ratio))
	g.Set(3, 1, cell.Num(f.free))
	g.Set(4, 0, cell.Num(f.explained))
	g.Set(4, 1, cell.Num(f.residual))
	return cell.Arr(g)
}

func statTrend(c *Call) cell.Value { return statPredict(c, false) }

func statGrowth(c *Call) cell.Value { return statPredict(c, true) }

// statPredict returns the values of the fit at new x: in the shape of a single variable's x, otherwise in a column or a row.
func statPredict(c *Call, logarithms bool) cell.Value {
	d, code := statDesignOf(c, logarithms)
	if code != 0 {
		return cell.Err(code)
	}
	at := d.known
	if c.Has(2) {
		if at, code = statBlockOf(c, c.Args[2]); code != 0 {
			return cell.Err(code)
		}
	}
	l := d.layout
	if len(d.x) == 1 {
		l = statSingle
	}
	rows, cols := at.rows, at.cols
	switch l {
	case statByColumn:
		if at.cols != len(d.x) {
			return cell.Err(cell.ErrRef)
		}
		cols = 1
	case statByRow:
		if at.rows != len(d.x) {
			return cell.Err(cell.ErrRef)
		}
		rows = 1
	}
	if _, code = statNumbersIn(&at); code != 0 {
		return cell.Err(code)
	}
	f := statLeastSquares(c, d.y, d.x, c.Bool(3, true))
	xs := at.split(l)
	g := cell.NewGrid(rows, cols)
	for i := range g.Cells {
		sum := f.centre
		for v, x := range xs {
			sum += f.slopes[v] * (x[i] - f.centres[v])
		}
		if logarithms {
			sum = math.Exp(sum)
		}
		g.Cells[i] = cell.Num(sum)
	}
	return cell.Arr(g)
}
