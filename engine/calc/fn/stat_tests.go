package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/dist"
)

var statTestTable = []*Func{
	{Name: "CHISQ.TEST", Category: statistical, Takes: "A A", Doc: "the probability that observed frequencies differ so much from expected ones by chance", Body: statChisqTest},
	{Name: "CHITEST", Category: statCompatibility, Takes: "A A", Doc: "the probability that observed frequencies differ so much from expected ones by chance", Body: statChisqTest},
	{Name: "CONFIDENCE", Category: statCompatibility, Takes: "n n n", Doc: "half the width of the confidence interval of a mean, normal distribution", Body: statConfidenceNorm},
	{Name: "CONFIDENCE.NORM", Category: statistical, Takes: "n n n", Doc: "half the width of the confidence interval of a mean, normal distribution", Body: statConfidenceNorm},
	{Name: "CONFIDENCE.T", Category: statistical, Takes: "n n n", Doc: "half the width of the confidence interval of a mean, Student's t distribution", Body: statConfidenceT},
	{Name: "F.TEST", Category: statistical, Takes: "A A", Doc: "the probability that the variances of two samples differ so much by chance", Body: statFTest},
	{Name: "FTEST", Category: statCompatibility, Takes: "A A", Doc: "the probability that the variances of two samples differ so much by chance", Body: statFTest},
	{Name: "T.TEST", Category: statistical, Takes: "A A n n", Doc: "the probability that the means of two samples differ so much by chance", Body: statTTest},
	{Name: "TTEST", Category: statCompatibility, Takes: "A A n n", Doc: "the probability that the means of two samples differ so much by chance", Body: statTTest},
	{Name: "Z.TEST", Category: statistical, Takes: "a n n?", Doc: "the probability of a mean above that of the sample", Body: statZTest},
	{Name: "ZTEST", Category: statCompatibility, Takes: "a n n?", Doc: "the probability of a mean above that of the sample", Body: statZTest},
}

// statArgument is the source of the numbers of one argument.
func statArgument(i int) statSource {
	return func(c *Call, f func(float64) bool) cell.ErrorCode { return c.NumbersOf(i, f) }
}

func statChisqTest(c *Call) cell.Value {
	actual, expected, code := statBlocksOf(c, 0)
	if code != 0 {
		return cell.Err(code)
	}
	if actual.rows != expected.rows || actual.rows*actual.cols == 1 {
		return cell.Err(cell.ErrNA)
	}
	as, es := actual.numbers(&expected)
	chi := 0.0
	for i, e := range es {
		switch {
		case e == 0:
			return cell.Err(cell.ErrDiv)
		case e < 0:
			return cell.Err(cell.ErrNum)
		}
		chi += (as[i] - e) / e * (as[i] - e)
	}
	df := (actual.rows - 1) * (actual.cols - 1)
	if actual.rows == 1 || actual.cols == 1 {
		df = actual.rows*actual.cols - 1
	}
	_, upper := dist.Gamma(chi/2, float64(df)/2)
	return cell.Num(upper)
}

func statConfidenceNorm(c *Call) cell.Value {
	alpha, sd, n := c.Num(0), c.Num(1), math.Trunc(c.Num(2))
	if !(alpha > 0 && alpha < 1 && sd > 0 && n >= 1) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(-dist.NormalInverse(alpha/2) * sd / math.Sqrt(n))
}

func statConfidenceT(c *Call) cell.Value {
	alpha, sd, n := c.Num(0), c.Num(1), math.Trunc(c.Num(2))
	switch {
	case !(alpha > 0 && alpha < 1 && sd > 0 && n >= 1):
		return cell.Err(cell.ErrNum)
	case n == 1:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(dist.StudentInverse(alpha/2, n-1) * sd / math.Sqrt(n))
}

// statTwo is the spreads of the first two arguments.
func statTwo(c *Call) (x, y statSpread, code cell.ErrorCode) {
	if x, code = statSpreadOf(c, statArgument(0)); code != 0 {
		return
	}
	y, code = statSpreadOf(c, statArgument(1))
	return
}

func statFTest(c *Call) cell.Value {
	x, y, code := statTwo(c)
	switch {
	case code != 0:
		return cell.Err(code)
	case x.n < 2 || y.n < 2 || x.squares == 0 || y.squares == 0:
		return cell.Err(cell.ErrDiv)
	}
	lower, upper := dist.Fisher(x.squares/(x.n-1)/(y.squares/(y.n-1)), x.n-1, y.n-1)
	return cell.Num(min(2*min(lower, upper), 1))
}

func statTTest(c *Call) cell.Value {
	tails, kind := c.Int(2), c.Int(3)
	if tails < 1 || tails > 2 || kind < 1 || kind > 3 {
		return cell.Err(cell.ErrNum)
	}
	var t, df float64
	if kind == 1 {
		x, y, code := statBlocksOf(c, 0)
		if code != 0 {
			return cell.Err(code)
		}
		xs, ys := x.numbers(&y)
		for i := range xs {
			xs[i] -= ys[i]
		}
		d := statMomentsOf(xs, ys)
		df = d.n - 1
		t = d.meanX / math.Sqrt(d.xx/df/d.n)
	} else {
		x, y, code := statTwo(c)
		if code != 0 {
			return cell.Err(code)
		}
		if kind == 2 {
			df = x.n + y.n - 2
			t = (x.mean - y.mean) / math.Sqrt((x.squares+y.squares)/df*(1/x.n+1/y.n))
		} else {
			// Welch's test, whose degrees of freedom have a fraction.
			u, v := x.squares/(x.n-1)/x.n, y.squares/(y.n-1)/y.n
			df = (u + v) * (u + v) / (u*u/(x.n-1) + v*v/(y.n-1))
			t = (x.mean - y.mean) / math.Sqrt(u+v)
		}
		if x.n < 2 || y.n < 2 {
			df = 0
		}
	}
	if !(df > 0) || math.IsNaN(t) || math.IsInf(t, 0) {
		return cell.Err(cell.ErrDiv)
	}
	_, upper := dist.Student(math.Abs(t), df)
	return cell.Num(float64(tails) * upper)
}

func statZTest(c *Call) cell.Value {
	s, code := statSpreadOf(c, statArgument(0))
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n == 0:
		return cell.Err(cell.ErrNA)
	}
	sd := c.Num(2)
	if c.Has(2) {
		if sd <= 0 {
			return cell.Err(cell.ErrNum)
		}
	} else if sd = math.Sqrt(s.squares / (s.n - 1)); !(s.n > 1 && sd > 0) {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(dist.Normal((c.Num(1) - s.mean) / (sd / math.Sqrt(s.n))))
}
