package fn

import "math"

// statFit is a plane of least squares.
type statFit struct {
	slopes   []float64 // by variable
	constant float64
	// centre is the value where the variables have the values centres: their means, or 0 without a constant.
	centre  float64
	centres []float64
	// errors and constantError are the standard errors of the coefficients, in units of that of y.
	errors              []float64
	constantError       float64
	explained, residual float64 // sums of squares
	rank                float64 // variables that count
	free                float64 // degrees of freedom
}

// statDependent is how much of a variable must be left over by those before it, lest it be taken for a combination of them.
const statDependent = 1e-12

// statLeastSquares fits y = constant + Σ slopes·x by Householder reflections of the variables, which are taken from their means
// first where there is a constant. A variable that depends on those before it has slope 0 and error 0, and takes no
// degree of freedom, as Excel has it since 2003.
func statLeastSquares(c *Call, y []float64, x [][]float64, constant bool) statFit {
	k, n := len(x), len(y)
	f := statFit{slopes: make([]float64, k), centres: make([]float64, k), errors: make([]float64, k)}
	y, f.centre = statCentred(y, constant)
	var (
		mirrors [][]float64 // mirror i has the rows from i on
		r       [][]float64 // column i has the rows to i
		kept    []int       // the variable of each column
	)
	for v := range x {
		var column []float64
		column, f.centres[v] = statCentred(x[v], constant)
		whole := statNorm(column)
		for i, m := range mirrors {
			c.Poll()
			statReflect(m, column[i:])
		}
		row := len(mirrors)
		if row >= n || statNorm(column[row:]) <= statDependent*whole {
			continue
		}
		m := append([]float64(nil), column[row:]...)
		length := math.Copysign(statNorm(m), m[0])
		m[0] += length
		scale := statNorm(m)
		for i := range m {
			m[i] /= scale
		}
		column[row] = -length
		mirrors, r, kept = append(mirrors, m), append(r, column[:row+1]), append(kept, v)
	}
	for i, m := range mirrors {
		statReflect(m, y[i:])
	}
	rank := len(kept)
	f.rank = float64(rank)
	f.free = float64(n - rank)
	if constant {
		f.free = max(f.free-1, 0)
	}
	f.explained, f.residual = statSquares(y[:rank]), statSquares(y[rank:])

	solution := append([]float64(nil), y[:rank]...)
	statSolveUpper(r, solution)
	for i, v := range kept {
		f.slopes[v] = solution[i]
	}
	// The rows of the inverse of R are the errors of the slopes.
	for i := range rank {
		c.Poll()
		unit := make([]float64, rank)
		unit[i] = 1
		statSolveUpper(r, unit)
		for j, v := range kept {
			f.errors[v] += unit[j] * unit[j]
		}
	}
	for v, e := range f.errors {
		f.errors[v] = math.Sqrt(e)
	}
	if constant {
		means := make([]float64, rank)
		f.constant = f.centre
		for i, v := range kept {
			means[i] = f.centres[v]
			f.constant -= f.slopes[v] * f.centres[v]
		}
		statSolveLower(r, means)
		f.constantError = math.Sqrt(1/float64(n) + statSquares(means))
	}
	return f
}

// statCentred returns x without its mean, and the mean; or a copy of x and 0.
func statCentred(x []float64, constant bool) ([]float64, float64) {
	out := append([]float64(nil), x...)
	if !constant {
		return out, 0
	}
	mean := 0.0
	for range 2 { // the second time for what rounding has left
		sum := 0.0
		for _, f := range out {
			sum += f
		}
		rest := sum / float64(len(x))
		mean += rest
		for i := range out {
			out[i] -= rest
		}
	}
	return out, mean
}

func statSquares(x []float64) float64 {
	sum := 0.0
	for _, f := range x {
		sum += f * f
	}
	return sum
}

func statNorm(x []float64) float64 { return math.Sqrt(statSquares(x)) }

// statReflect mirrors x at the plane to which the unit vector m is normal.
func statReflect(m, x []float64) {
	dot := 0.0
	for i, f := range m {
		dot += f * x[i]
	}
	for i, f := range m {
		x[i] -= 2 * dot * f
	}
}

// statSolveUpper solves R·b = b in place, R by columns.
func statSolveUpper(r [][]float64, b []float64) {
	for j := len(b) - 1; j >= 0; j-- {
		b[j] /= r[j][j]
		for i := range j {
			b[i] -= r[j][i] * b[j]
		}
	}
}

// statSolveLower solves Rᵀ·b = b in place.
func statSolveLower(r [][]float64, b []float64) {
	for j := range b {
		for i := range j {
			b[j] -= r[j][i] * b[i]
		}
		b[j] /= r[j][j]
	}
}
