package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var statPairTable = []*Func{
	{Name: "CORREL", Category: statistical, Takes: "A A", Doc: "the coefficient of correlation of pairs", Body: statOfPairs(statCorrel)},
	{Name: "COVAR", Category: statCompatibility, Takes: "A A", Doc: "the covariance of a population of pairs", Body: statOfPairs(statCovarianceP)},
	{Name: "COVARIANCE.P", Category: statistical, Takes: "A A", Doc: "the covariance of a population of pairs", Body: statOfPairs(statCovarianceP)},
	{Name: "COVARIANCE.S", Category: statistical, Takes: "A A", Doc: "the covariance of a sample of pairs", Body: statOfPairs(statCovarianceS)},
	{Name: "FORECAST", Category: statCompatibility, Takes: "n A A", Doc: "the value at x of the straight line through pairs", Body: statForecast},
	{Name: "FORECAST.LINEAR", Category: statistical, Takes: "n A A", Doc: "the value at x of the straight line through pairs", Body: statForecast},
	{Name: "INTERCEPT", Category: statistical, Takes: "A A", Doc: "the value at 0 of the straight line through pairs", Body: statOfPairs(statIntercept)},
	{Name: "PEARSON", Category: statistical, Takes: "A A", Doc: "the coefficient of correlation of pairs", Body: statOfPairs(statCorrel)},
	{Name: "PROB", Category: statistical, Takes: "A A n n?", Doc: "the probability of values between two limits", Body: statProb},
	{Name: "RSQ", Category: statistical, Takes: "A A", Doc: "the square of the coefficient of correlation", Body: statOfPairs(statRsq)},
	{Name: "SLOPE", Category: statistical, Takes: "A A", Doc: "the slope of the straight line through pairs", Body: statOfPairs(statSlope)},
	{Name: "STEYX", Category: statistical, Takes: "A A", Doc: "the standard error of what the straight line through pairs predicts", Body: statOfPairs(statSteyx)},
}

// statBlock is the cells of an argument. It may hold less than it stands for: what is beyond is empty.
type statBlock struct {
	rows, cols         int // as written
	heldRows, heldCols int
	cells              []cell.Box // row by row; texts have lost their number
}

// statBlockOf reads an argument. Errors in its cells stay there.
func statBlockOf(c *Call, v cell.Value) (b statBlock, code cell.ErrorCode) {
	switch v.Kind() {
	case cell.Ref:
		if len(v.Areas()) != 1 {
			return b, cell.ErrValue
		}
		a := v.Areas()[0]
		b.rows, b.cols = a.Rows(), a.Cols()
		a, ok := c.Clip(a)
		if !ok {
			return b, 0
		}
		if a.Cells() > MaxGrid {
			return b, cell.ErrNum
		}
		b.heldRows, b.heldCols = a.Rows(), a.Cols()
		b.cells = make([]cell.Box, a.Cells())
		c.Boxes(a, func(row, col int32, run []cell.Box) bool {
			at := int(row-a.R0)*b.heldCols + int(col-a.C0)
			for _, box := range run {
				b.cells[at] = box
				at += b.heldCols
			}
			return true
		})
		return b, 0
	case cell.Array:
		g := v.Grid()
		b = statBlock{g.Rows, g.Cols, g.Rows, g.Cols, make([]cell.Box, len(g.Cells))}
		for i, e := range g.Cells {
			b.cells[i] = statBoxOf(e)
		}
		return b, 0
	}
	n := cell.ToNumber(v, c.Dates())
	if n.IsError() {
		return b, n.Code()
	}
	return statBlock{1, 1, 1, 1, []cell.Box{n.Float()}}, 0
}

// statBoxOf is the box of a value, but for the text.
func statBoxOf(v cell.Value) cell.Box {
	switch v.Kind() {
	case cell.Number:
		return v.Float()
	case cell.Text:
		return cell.BoxText(0)
	case cell.Bool:
		return cell.BoxBool(v.True())
	case cell.Error:
		return cell.BoxError(v.Code())
	}
	return cell.BoxEmpty()
}

// at returns the cell in place k, counted row by row, of the block as written.
func (b *statBlock) at(k int) cell.Box {
	r, c := k/b.cols, k%b.cols
	if r >= b.heldRows || c >= b.heldCols {
		return cell.BoxEmpty()
	}
	return b.cells[r*b.heldCols+c]
}

// err returns the first error in the block.
func (b *statBlock) err() cell.ErrorCode {
	for _, x := range b.cells {
		if x != x && cell.BoxKind(x) == cell.Error {
			return cell.BoxedError(x)
		}
	}
	return 0
}

// statBlocksOf reads arguments i and i+1, which must have the same number of cells: #N/A where they have not. An error in
// a cell is returned.
func statBlocksOf(c *Call, i int) (x, y statBlock, code cell.ErrorCode) {
	if x, code = statBlockOf(c, c.Args[i]); code != 0 {
		return
	}
	if y, code = statBlockOf(c, c.Args[i+1]); code != 0 {
		return
	}
	if code = x.err(); code != 0 {
		return
	}
	if code = y.err(); code != 0 {
		return
	}
	if x.rows*x.cols != y.rows*y.cols {
		code = cell.ErrNA
	}
	return
}

// numbers returns the pairs of cells that are both numbers.
func (x *statBlock) numbers(y *statBlock) (xs, ys []float64) {
	add := func(a, b cell.Box) {
		if a == a && b == b {
			xs, ys = append(xs, a), append(ys, b)
		}
	}
	if x.rows == y.rows {
		for r := range min(x.heldRows, y.heldRows) {
			for c := range min(x.heldCols, y.heldCols) {
				add(x.cells[r*x.heldCols+c], y.cells[r*y.heldCols+c])
			}
		}
		return xs, ys
	}
	for r := range x.heldRows {
		for c := range x.heldCols {
			add(x.cells[r*x.heldCols+c], y.at(r*x.cols+c))
		}
	}
	return xs, ys
}

// statPairs is the moments of pairs of numbers.
type statPairs struct {
	n, meanX, meanY float64
	xx, yy, xy      float64 // products of deviations from the means, summed up
}

// statPairsOf reads two arguments from i on. Pairs in which one is no number are passed over.
func statPairsOf(c *Call, i int) (statPairs, cell.ErrorCode) {
	x, y, code := statBlocksOf(c, i)
	if code != 0 {
		return statPairs{}, code
	}
	return statMomentsOf(x.numbers(&y)), 0
}

// statMomentsOf goes over the pairs twice, as [statSpreadOf] does.
func statMomentsOf(xs, ys []float64) (p statPairs) {
	p.n = float64(len(xs))
	if p.n == 0 {
		return p
	}
	for i, x := range xs {
		p.meanX += x
		p.meanY += ys[i]
	}
	p.meanX /= p.n
	p.meanY /= p.n
	restX, restY := 0.0, 0.0
	for i, x := range xs {
		dx, dy := x-p.meanX, ys[i]-p.meanY
		restX += dx
		restY += dy
		p.xx += dx * dx
		p.yy += dy * dy
		p.xy += dx * dy
	}
	p.xx = max(p.xx-restX*restX/p.n, 0)
	p.yy = max(p.yy-restY*restY/p.n, 0)
	p.xy -= restX * restY / p.n
	p.meanX += restX / p.n
	p.meanY += restY / p.n
	return p
}

// statOfPairs makes a body of a figure that is NaN, and so #DIV/0!, where there are too few pairs or they do not differ.
func statOfPairs(f func(p statPairs) float64) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		p, code := statPairsOf(c, 0)
		if code != 0 {
			return cell.Err(code)
		}
		return statQuotient(f(p))
	}
}

func statQuotient(f float64) cell.Value {
	if math.IsNaN(f) {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(f)
}

func statCorrel(p statPairs) float64 {
	if p.n == 0 || p.xx == 0 || p.yy == 0 {
		return math.NaN()
	}
	return min(max(p.xy/math.Sqrt(p.xx)/math.Sqrt(p.yy), -1), 1)
}

func statRsq(p statPairs) float64 {
	if p.n == 0 || p.xx == 0 || p.yy == 0 {
		return math.NaN()
	}
	return min(p.xy/p.xx*(p.xy/p.yy), 1)
}

func statCovarianceP(p statPairs) float64 { return p.xy / p.n }

func statCovarianceS(p statPairs) float64 {
	if p.n < 2 {
		return math.NaN()
	}
	return p.xy / (p.n - 1)
}

// The functions of a straight line have y as their first argument, and so pairs of (y, x).

func statSlope(p statPairs) float64 {
	if p.n == 0 || p.yy == 0 {
		return math.NaN()
	}
	return p.xy / p.yy
}

func statIntercept(p statPairs) float64 { return p.meanX - statSlope(p)*p.meanY }

func statSteyx(p statPairs) float64 {
	if p.n < 3 || p.yy == 0 {
		return math.NaN()
	}
	return math.Sqrt(max(p.xx-p.xy/p.yy*p.xy, 0) / (p.n - 2))
}

func statForecast(c *Call) cell.Value {
	p, ok := c.Memo.(*statPairs)
	if !ok {
		read, code := statPairsOf(c, 1)
		if code != 0 {
			return cell.Err(code)
		}
		p = &read
		c.Memo = p
	}
	return statQuotient(p.meanX + statSlope(*p)*(c.Num(0)-p.meanY))
}

func statProb(c *Call) cell.Value {
	x, p, code := statBlocksOf(c, 0)
	if code != 0 {
		return cell.Err(code)
	}
	xs, ps := x.numbers(&p)
	lo := c.Num(2)
	hi := c.NumOr(3, lo)
	sum, whole := 0.0, 0.0
	for i, p := range ps {
		if !(p > 0 && p <= 1) {
			return cell.Err(cell.ErrNum)
		}
		whole += p
		if lo <= xs[i] && xs[i] <= hi {
			sum += p
		}
	}
	if math.Abs(whole-1) > 1e-7 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(sum)
}
