package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

const (
	statistical       = "Statistical"
	statCompatibility = "Compatibility"
)

var statAggregateTable = []*Func{
	{Name: "AVEDEV", Category: statistical, Takes: "a ...", Doc: "the mean distance of numbers from their mean", Body: statAveDev},
	{Name: "AVERAGE", Category: statistical, Takes: "a ...", Doc: "the mean of numbers", Body: statAverage},
	{Name: "AVERAGEA", Category: statistical, Takes: "a ...", Doc: "the mean of values; text is 0, TRUE is 1", Body: statAverageA},
	{Name: "COUNT", Category: statistical, Takes: "a ...", Doc: "how many values are numbers", Body: statCount},
	{Name: "COUNTA", Category: statistical, Takes: "a ...", Doc: "how many values are not empty", Body: statCountA},
	{Name: "DEVSQ", Category: statistical, Takes: "a ...", Doc: "the sum of squares of deviations from the mean", Body: statDevSq},
	{Name: "GEOMEAN", Category: statistical, Takes: "a ...", Doc: "the geometric mean of positive numbers", Body: statGeoMean},
	{Name: "HARMEAN", Category: statistical, Takes: "a ...", Doc: "the harmonic mean of positive numbers", Body: statHarMean},
	{Name: "KURT", Category: statistical, Takes: "a ...", Doc: "the kurtosis of a sample, 0 for the normal distribution", Body: statKurt},
	{Name: "MAX", Category: statistical, Takes: "a ...", Doc: "the greatest number", Body: statMaximum},
	{Name: "MAXA", Category: statistical, Takes: "a ...", Doc: "the greatest value; text is 0, TRUE is 1", Body: statMaximumA},
	{Name: "MIN", Category: statistical, Takes: "a ...", Doc: "the least number", Body: statMinimum},
	{Name: "MINA", Category: statistical, Takes: "a ...", Doc: "the least value; text is 0, TRUE is 1", Body: statMinimumA},
	{Name: "SKEW", Category: statistical, Takes: "a ...", Doc: "the skewness of a sample", Body: statSkew},
	{Name: "SKEW.P", Category: statistical, Takes: "a ...", Doc: "the skewness of a population", Body: statSkewP},
	{Name: "STDEV", Category: statCompatibility, Takes: "a ...", Doc: "the standard deviation of a sample", Body: statVariance(statNumbersOnly, 1, true)},
	{Name: "STDEV.P", Category: statistical, Takes: "a ...", Doc: "the standard deviation of a population", Body: statVariance(statNumbersOnly, 0, true)},
	{Name: "STDEV.S", Category: statistical, Takes: "a ...", Doc: "the standard deviation of a sample", Body: statVariance(statNumbersOnly, 1, true)},
	{Name: "STDEVA", Category: statistical, Takes: "a ...", Doc: "the standard deviation of a sample; text is 0, TRUE is 1", Body: statVariance(statAllValues, 1, true)},
	{Name: "STDEVP", Category: statCompatibility, Takes: "a ...", Doc: "the standard deviation of a population", Body: statVariance(statNumbersOnly, 0, true)},
	{Name: "STDEVPA", Category: statistical, Takes: "a ...", Doc: "the standard deviation of a population; text is 0, TRUE is 1", Body: statVariance(statAllValues, 0, true)},
	{Name: "VAR", Category: statCompatibility, Takes: "a ...", Doc: "the variance of a sample", Body: statVariance(statNumbersOnly, 1, false)},
	{Name: "VAR.P", Category: statistical, Takes: "a ...", Doc: "the variance of a population", Body: statVariance(statNumbersOnly, 0, false)},
	{Name: "VAR.S", Category: statistical, Takes: "a ...", Doc: "the variance of a sample", Body: statVariance(statNumbersOnly, 1, false)},
	{Name: "VARA", Category: statistical, Takes: "a ...", Doc: "the variance of a sample; text is 0, TRUE is 1", Body: statVariance(statAllValues, 1, false)},
	{Name: "VARP", Category: statCompatibility, Takes: "a ...", Doc: "the variance of a population", Body: statVariance(statNumbersOnly, 0, false)},
	{Name: "VARPA", Category: statistical, Takes: "a ...", Doc: "the variance of a population; text is 0, TRUE is 1", Body: statVariance(statAllValues, 0, false)},
}

// statTotals sums up the numbers of all arguments, of references by their summaries.
func statTotals(c *Call) (t Summary) {
	for i, v := range c.Args {
		if v.Kind() == cell.Ref {
			for _, a := range v.Areas() {
				s := c.Summary(a)
				if t.Error = s.Error; t.Error != 0 {
					return t
				}
				if s.Numbers > 0 {
					t.extend(s.Min, s.Max)
					t.Numbers += s.Numbers
					t.Sum += s.Sum
				}
			}
			continue
		}
		if t.Error = c.NumbersOf(i, func(f float64) bool {
			t.extend(f, f)
			t.Numbers++
			t.Sum += f
			return true
		}); t.Error != 0 {
			return t
		}
	}
	return t
}

func (t *Summary) extend(least, greatest float64) {
	if t.Numbers == 0 || least < t.Min {
		t.Min = least
	}
	if t.Numbers == 0 || greatest > t.Max {
		t.Max = greatest
	}
}

func statAverage(c *Call) cell.Value {
	t := statTotals(c)
	switch {
	case t.Error != 0:
		return cell.Err(t.Error)
	case t.Numbers == 0:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(t.Sum / float64(t.Numbers))
}

func statMaximum(c *Call) cell.Value {
	t := statTotals(c)
	if t.Error != 0 {
		return cell.Err(t.Error)
	}
	return cell.Num(t.Max)
}

func statMinimum(c *Call) cell.Value {
	t := statTotals(c)
	if t.Error != 0 {
		return cell.Err(t.Error)
	}
	return cell.Num(t.Min)
}

// statCount passes over errors. What is written as an argument counts if it can be read as a number.
func statCount(c *Call) cell.Value {
	n := int64(0)
	for _, v := range c.Args {
		switch v.Kind() {
		case cell.Ref:
			for _, a := range v.Areas() {
				n += c.Summary(a).Numbers
			}
		case cell.Array:
			for _, e := range v.Grid().Cells {
				if e.Kind() == cell.Number {
					n++
				}
			}
		case cell.Number, cell.Bool, cell.Missing:
			n++
		case cell.Text:
			if _, ok := cell.ParseNumber(v.Text(), c.Dates()); ok {
				n++
			}
		}
	}
	return cell.Num(float64(n))
}

func statCountA(c *Call) cell.Value {
	n := int64(0)
	for _, v := range c.Args {
		switch v.Kind() {
		case cell.Ref:
			for _, a := range v.Areas() {
				n += c.Summary(a).Filled
			}
		case cell.Array:
			for _, e := range v.Grid().Cells {
				if e.Kind() != cell.Empty {
					n++
				}
			}
		case cell.Empty:
		default:
			n++
		}
	}
	return cell.Num(float64(n))
}

// statSource gives the values of all arguments as numbers to f, and returns the first error.
type statSource func(c *Call, f func(float64) bool) cell.ErrorCode

func statNumbersOnly(c *Call, f func(float64) bool) cell.ErrorCode { return c.Numbers(0, f) }

// statAllValues is the rule of the functions whose names end in A: in references and arrays text is 0 and TRUE is 1.
func statAllValues(c *Call, f func(float64) bool) (code cell.ErrorCode) {
	for i, v := range c.Args {
		switch v.Kind() {
		case cell.Ref:
			for _, a := range v.Areas() {
				a, ok := c.Clip(a)
				if !ok {
					continue
				}
				c.Boxes(a, func(_, _ int32, run []cell.Box) bool {
					for _, b := range run {
						switch cell.BoxKind(b) {
						case cell.Number:
							f(b)
						case cell.Bool:
							f(cell.Truth(cell.BoxedBool(b)).Float())
						case cell.Text:
							f(0)
						case cell.Error:
							code = cell.BoxedError(b)
							return false
						}
					}
					return true
				})
			}
		case cell.Array:
			for _, e := range v.Grid().Cells {
				switch e.Kind() {
				case cell.Number, cell.Bool, cell.Text:
					f(e.Float())
				case cell.Error:
					code = e.Code()
				}
				if code != 0 {
					return code
				}
			}
		default:
			code = c.NumbersOf(i, f)
		}
		if code != 0 {
			return code
		}
	}
	return 0
}

func statAverageA(c *Call) cell.Value {
	n, sum := 0, 0.0
	if code := statAllValues(c, func(f float64) bool { n++; sum += f; return true }); code != 0 {
		return cell.Err(code)
	}
	if n == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(sum / float64(n))
}

func statMaximumA(c *Call) cell.Value {
	return statExtremeA(c, func(s *Summary) float64 { return s.Max })
}

func statMinimumA(c *Call) cell.Value {
	return statExtremeA(c, func(s *Summary) float64 { return s.Min })
}

func statExtremeA(c *Call, of func(*Summary) float64) cell.Value {
	var t Summary
	if code := statAllValues(c, func(f float64) bool { t.extend(f, f); t.Numbers++; return true }); code != 0 {
		return cell.Err(code)
	}
	return cell.Num(of(&t))
}

// statSpread is what variances are made of.
type statSpread struct {
	n, mean, squares float64 // squares of deviations from the mean, summed up
}

// statSpreadOf reads the values twice, for the mean and for the deviations, whose own sum corrects both for rounding (T. Chan,
// G. Golub and R. LeVeque, "Algorithms for Computing the Sample Variance", 1983).
func statSpreadOf(c *Call, values statSource) (s statSpread, code cell.ErrorCode) {
	sum := 0.0
	if code = values(c, func(f float64) bool { s.n++; sum += f; return true }); code != 0 || s.n == 0 {
		return s, code
	}
	s.mean = sum / s.n
	rest := 0.0
	values(c, func(f float64) bool {
		d := f - s.mean
		rest += d
		s.squares += d * d
		return true
	})
	s.squares = max(s.squares-rest*rest/s.n, 0)
	s.mean += rest / s.n
	return s, 0
}

// statVariance makes a body. less is what the number of values is reduced by: 1 for a sample.
func statVariance(values statSource, less float64, root bool) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		s, code := statSpreadOf(c, values)
		switch {
		case code != 0:
			return cell.Err(code)
		case s.n <= less:
			return cell.Err(cell.ErrDiv)
		case root:
			return cell.Num(math.Sqrt(s.squares / (s.n - less)))
		}
		return cell.Num(s.squares / (s.n - less))
	}
}

func statDevSq(c *Call) cell.Value {
	s, code := statSpreadOf(c, statNumbersOnly)
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n == 0:
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(s.squares)
}

func statAveDev(c *Call) cell.Value {
	s, code := statSpreadOf(c, statNumbersOnly)
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n == 0:
		return cell.Err(cell.ErrNum)
	}
	sum := 0.0
	c.Numbers(0, func(f float64) bool { sum += math.Abs(f - s.mean); return true })
	return cell.Num(sum / s.n)
}

// statMoment returns the sum of a power of the deviations from the mean in units of scale.
func statMoment(c *Call, s statSpread, scale float64, power int) float64 {
	sum := 0.0
	c.Numbers(0, func(f float64) bool {
		d := (f - s.mean) / scale
		p := d * d * d
		if power == 4 {
			p *= d
		}
		sum += p
		return true
	})
	return sum
}

func statSkew(c *Call) cell.Value {
	s, code := statSpreadOf(c, statNumbersOnly)
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n < 3 || s.squares == 0:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(s.n / ((s.n - 1) * (s.n - 2)) * statMoment(c, s, math.Sqrt(s.squares/(s.n-1)), 3))
}

func statSkewP(c *Call) cell.Value {
	s, code := statSpreadOf(c, statNumbersOnly)
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n < 3 || s.squares == 0:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(statMoment(c, s, math.Sqrt(s.squares/s.n), 3) / s.n)
}

func statKurt(c *Call) cell.Value {
	s, code := statSpreadOf(c, statNumbersOnly)
	switch {
	case code != 0:
		return cell.Err(code)
	case s.n < 4 || s.squares == 0:
		return cell.Err(cell.ErrDiv)
	}
	n := s.n
	fourth := statMoment(c, s, math.Sqrt(s.squares/(n-1)), 4)
	return cell.Num(n*(n+1)/((n-1)*(n-2)*(n-3))*fourth - 3*(n-1)*(n-1)/((n-2)*(n-3)))
}

// statGeoMean multiplies, with the exponent kept apart, so that means of few numbers are as exact as roots are.
func statGeoMean(c *Call) cell.Value {
	n, product, exponent, positive := 0.0, 1.0, 0, true
	code := c.Numbers(0, func(f float64) bool {
		n++
		m, e := math.Frexp(f)
		product *= m
		exponent += e
		product, e = math.Frexp(product)
		exponent += e
		positive = positive && f > 0
		return true
	})
	switch {
	case code != 0:
		return cell.Err(code)
	case n == 0 || !positive:
		return cell.Err(cell.ErrNum)
	case n == 1:
		return cell.Num(math.Ldexp(product, exponent))
	case -1000 < exponent && exponent < 1000:
		return cell.Num(math.Pow(math.Ldexp(product, exponent), 1/n))
	}
	// What of the exponent cannot be shared out evenly stays small, and so does its error.
	whole := math.Floor(float64(exponent) / n)
	rest := (math.Log2(product) + (float64(exponent) - whole*n)) / n
	return cell.Num(math.Ldexp(math.Exp2(rest), int(whole)))
}

func statHarMean(c *Call) cell.Value {
	n, sum, positive := 0.0, 0.0, true
	code := c.Numbers(0, func(f float64) bool {
		n++
		sum += 1 / f
		positive = positive && f > 0
		return true
	})
	switch {
	case code != 0:
		return cell.Err(code)
	case n == 0 || !positive:
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(n / sum)
}
