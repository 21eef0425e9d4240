package fn

import (
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathMatrix are the functions of matrices, and those that make arrays.
var mathMatrix = []*Func{
	{Name: "MDETERM", Category: "Math", Takes: "A", Doc: "the determinant of a square matrix", Body: mathDeterminant},
	{Name: "MINVERSE", Category: "Math", Takes: "A", Doc: "the inverse of a square matrix; #NUM! where it has none", Body: mathInverse},
	{Name: "MMULT", Category: "Math", Takes: "A A", Doc: "the product of two matrices", Body: mathMultiply},
	{Name: "MUNIT", Category: "Math", Takes: "n", Doc: "the unit matrix of a size", Body: mathUnit},
	{Name: "RAND", Category: "Math", Takes: "", Doc: "a random number from 0 to below 1", Volatile: true, Body: func(c *Call) cell.Value { return cell.Num(c.Rand()) }},
	{Name: "RANDARRAY", Category: "Math", Takes: "n? n? n? n? b?", Doc: "an array of random numbers: rows, columns, least, greatest, whether integers", Volatile: true, Body: mathRandArray},
	{Name: "RANDBETWEEN", Category: "Math", Takes: "v v", Doc: "a random integer between two numbers, both included", Volatile: true, Body: strict(2, mathRandBetween)},
	{Name: "SEQUENCE", Category: "Math", Takes: "n n? n? n?", Doc: "an array of numbers in sequence: rows, columns, start, step", Body: mathSequence},
}

// matrix is numbers, row after row.
type matrix struct {
	rows, cols int
	x          []float64
}

// matrix reads argument i, whose cells must all be numbers.
func (c *Call) matrix(i int) (matrix, cell.ErrorCode) {
	rows, cols, ok := shape(c.Args[i])
	g, code := c.Grid(i)
	if code != 0 {
		return matrix{}, code
	}
	if !ok || rows != g.Rows || cols != g.Cols {
		// The rest is empty cells, which are no numbers.
		return matrix{}, cell.ErrValue
	}
	m := matrix{g.Rows, g.Cols, make([]float64, len(g.Cells))}
	for j, v := range g.Cells {
		if j%pollCells == 0 {
			c.Poll()
		}
		switch v.Kind() {
		case cell.Number:
			m.x[j] = v.Float()
		case cell.Error:
			return m, v.Code()
		default:
			return m, cell.ErrValue
		}
	}
	return m, 0
}

func (m matrix) row(r int) []float64 { return m.x[r*m.cols : (r+1)*m.cols] }

func (m matrix) swap(r, s int) {
	a, b := m.row(r), m.row(s)
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

func (m matrix) value(c *Call) cell.Value {
	g := cell.NewGrid(m.rows, m.cols)
	for i, x := range m.x {
		if i%pollCells == 0 {
			c.Poll()
		}
		g.Cells[i] = cell.Num(x)
	}
	return cell.Arr(g)
}

// pivot returns the row from k on that has the greatest element in column k.
func (m matrix) pivot(k int) int {
	best := k
	for r := k + 1; r < m.rows; r++ {
		if math.Abs(m.row(r)[k]) > math.Abs(m.row(best)[k]) {
			best = r
		}
	}
	return best
}

func mathDeterminant(c *Call) cell.Value {
	m, code := c.matrix(0)
	if code != 0 {
		return cell.Err(code)
	}
	if m.rows != m.cols {
		return cell.Err(cell.ErrValue)
	}
	// Elimination with partial pivoting; the determinant is the product of the pivots.
	det := 1.0
	for k := range m.rows {
		p := m.pivot(k)
		if p != k {
			m.swap(p, k)
			det = -det
		}
		top := m.row(k)
		if top[k] == 0 {
			return cell.Num(0)
		}
		det *= top[k]
		for r := k + 1; r < m.rows; r++ {
			c.Poll()
			low := m.row(r)
			f := low[k] / top[k]
			for j := k; f != 0 && j < m.cols; j++ {
				low[j] -= float64(f * top[j])
			}
		}
	}
	return cell.Num(det)
}

func mathInverse(c *Call) cell.Value {
	m, code := c.matrix(0)
	if code != 0 {
		return cell.Err(code)
	}
	if m.rows != m.cols {
		return cell.Err(cell.ErrValue)
	}
	// What makes the matrix the unit matrix makes the unit matrix its inverse.
	out := unit(m.rows)
	for k := range m.rows {
		p := m.pivot(k)
		m.swap(p, k)
		out.swap(p, k)
		top, made := m.row(k), out.row(k)
		f := top[k]
		if f == 0 {
			return cell.Err(cell.ErrNum)
		}
		for j := range top {
			top[j] /= f
			made[j] /= f
		}
		for r := range m.rows {
			if r == k {
				continue
			}
			c.Poll()
			low, other := m.row(r), out.row(r)
			f := low[k]
			for j := 0; f != 0 && j < m.cols; j++ {
				low[j] -= float64(f * top[j])
				other[j] -= float64(f * made[j])
			}
		}
	}
	return out.value(c)
}

func mathMultiply(c *Call) cell.Value {
	a, code := c.matrix(0)
	if code != 0 {
		return cell.Err(code)
	}
	b, code := c.matrix(1)
	if code != 0 {
		return cell.Err(code)
	}
	if a.cols != b.rows {
		return cell.Err(cell.ErrValue)
	}
	if int64(a.rows)*int64(b.cols) > MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	out := matrix{a.rows, b.cols, make([]float64, a.rows*b.cols)}
	for r := range a.rows {
		to := out.row(r)
		for k, f := range a.row(r) {
			c.Poll()
			for j, x := range b.row(k) {
				to[j] += float64(f * x)
			}
		}
	}
	if slices.ContainsFunc(out.x, func(x float64) bool { return math.IsInf(x, 0) || math.IsNaN(x) }) {
		return cell.Err(cell.ErrNum) // the whole product, as in Excel
	}
	return out.value(c)
}

func unit(n int) matrix {
	m := matrix{n, n, make([]float64, n*n)}
	for i := range n {
		m.x[i*n+i] = 1
	}
	return m
}

func mathUnit(c *Call) cell.Value {
	n := c.Int(0)
	switch {
	case n < 1:
		return cell.Err(cell.ErrValue)
	case n > 4096: // the square of it is MaxGrid
		return cell.Err(cell.ErrNum)
	}
	return unit(n).value(c)
}

// size reads the rows and columns of an array to be made, 1 where they are left out.
func (c *Call) size() (rows, cols int, code cell.ErrorCode) {
	rows, cols = c.IntOr(0, 1), c.IntOr(1, 1)
	switch {
	case rows < 0 || cols < 0 || rows > cell.MaxRows || cols > cell.MaxCols:
		return 0, 0, cell.ErrValue
	case rows == 0 || cols == 0:
		return 0, 0, cell.ErrCalc
	case rows*cols > MaxGrid:
		return 0, 0, cell.ErrNum
	}
	return rows, cols, 0
}

func mathSequence(c *Call) cell.Value {
	rows, cols, code := c.size()
	if code != 0 {
		return cell.Err(code)
	}
	start, step := c.NumOr(2, 1), c.NumOr(3, 1)
	g := cell.NewGrid(rows, cols)
	for i := range g.Cells {
		c.Poll()
		g.Cells[i] = cell.Num(start + float64(float64(i)*step))
	}
	return cell.Arr(g)
}

func mathRandArray(c *Call) cell.Value {
	rows, cols, code := c.size()
	if code != 0 {
		return cell.Err(code)
	}
	least, most, whole := c.NumOr(2, 0), c.NumOr(3, 1), c.Bool(4, false)
	if least > most || whole && (least != math.Trunc(least) || most != math.Trunc(most)) {
		return cell.Err(cell.ErrValue)
	}
	g := cell.NewGrid(rows, cols)
	for i := range g.Cells {
		c.Poll()
		if whole {
			g.Cells[i] = cell.Num(c.between(least, most))
		} else {
			g.Cells[i] = cell.Num(least + float64(c.Rand()*(most-least)))
		}
	}
	return cell.Arr(g)
}

// between is a random integer from least to most, which are integers.
func (c *Call) between(least, most float64) float64 {
	return min(least+math.Floor(c.Rand()*(most-least+1)), most)
}

func mathRandBetween(c *Call) cell.Value {
	least, most := math.Ceil(c.Num(0)), math.Floor(c.Num(1))
	if least > most {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(c.between(least, most))
}
