package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/dist"
)

var statDiscreteTable = []*Func{
	{Name: "BINOM.DIST", Category: statistical, Takes: "n n n b", Doc: "the probability of a number of successes, or of at most so many", Body: statBinomDist},
	{Name: "BINOM.DIST.RANGE", Category: statistical, Takes: "n n n n?", Doc: "the probability of a range of numbers of successes", Body: statBinomRange},
	{Name: "BINOM.INV", Category: statistical, Takes: "n n n", Doc: "the least number of successes that reaches a probability", Body: statBinomInv},
	{Name: "BINOMDIST", Category: statCompatibility, Takes: "n n n b", Doc: "the probability of a number of successes, or of at most so many", Body: statBinomDist},
	{Name: "CRITBINOM", Category: statCompatibility, Takes: "n n n", Doc: "the least number of successes that reaches a probability", Body: statBinomInv},
	{Name: "HYPGEOM.DIST", Category: statistical, Takes: "n n n n b", Doc: "the probability of a number of successes in a sample, or of at most so many", Body: statHypGeomDist},
	{Name: "HYPGEOMDIST", Category: statCompatibility, Takes: "n n n n", Doc: "the probability of a number of successes in a sample", Body: statHypGeomDist},
	{Name: "NEGBINOM.DIST", Category: statistical, Takes: "n n n b", Doc: "the probability of a number of failures before a number of successes, or of at most so many", Body: statNegBinomDist},
	{Name: "NEGBINOMDIST", Category: statCompatibility, Takes: "n n n", Doc: "the probability of a number of failures before a number of successes", Body: statNegBinomDist},
	{Name: "PERMUT", Category: statistical, Takes: "n n", Doc: "the number of ordered choices without repetition", Body: statPermut},
	{Name: "PERMUTATIONA", Category: statistical, Takes: "n n", Doc: "the number of ordered choices with repetition", Body: statPermutationA},
	{Name: "POISSON", Category: statCompatibility, Takes: "n n b", Doc: "the probability of a number of events, or of at most so many", Body: statPoissonDist},
	{Name: "POISSON.DIST", Category: statistical, Takes: "n n b", Doc: "the probability of a number of events, or of at most so many", Body: statPoissonDist},
}

// statEntire is the number of argument i without its fraction.
func statEntire(c *Call, i int) float64 { return math.Trunc(c.Num(i)) }

func statBinomDist(c *Call) cell.Value {
	k, n := statEntire(c, 0), statEntire(c, 1)
	if c.Bool(3, false) {
		lower, _ := dist.Binomial(k, n, c.Num(2))
		return cell.Num(lower)
	}
	return cell.Num(dist.BinomialPoint(k, n, c.Num(2)))
}

func statBinomRange(c *Call) cell.Value {
	from := statEntire(c, 2)
	to := from
	if c.Has(3) {
		to = statEntire(c, 3)
	}
	return cell.Num(dist.BinomialRange(from, to, statEntire(c, 0), c.Num(1)))
}

func statBinomInv(c *Call) cell.Value {
	p, alpha := c.Num(1), c.Num(2)
	if !(p > 0 && p < 1 && alpha > 0 && alpha < 1) { // the ends are out, unlike what the page says
		return statNotNumber()
	}
	return cell.Num(dist.BinomialInverse(alpha, statEntire(c, 0), p))
}

// statHypGeomDist is of both names: the old one has no fifth argument, which is as good as FALSE.
func statHypGeomDist(c *Call) cell.Value {
	k, n, marked, total := statEntire(c, 0), statEntire(c, 1), statEntire(c, 2), statEntire(c, 3)
	if n <= 0 || marked <= 0 || total <= 0 || n > total || marked > total || k < max(0, n+marked-total) || k > min(n, marked) {
		return statNotNumber()
	}
	if c.Bool(4, false) {
		return cell.Num(dist.Hypergeometric(k, n, marked, total))
	}
	return cell.Num(dist.HypergeometricPoint(k, n, marked, total))
}

func statNegBinomDist(c *Call) cell.Value {
	failures, successes, p := statEntire(c, 0), statEntire(c, 1), c.Num(2)
	if successes < 1 {
		return statNotNumber()
	}
	if c.Bool(3, false) {
		if p == 0 || p == 1 { // which the probability of one number of failures allows
			return statNotNumber()
		}
		return cell.Num(dist.NegativeBinomial(failures, successes, p))
	}
	return cell.Num(dist.NegativeBinomialPoint(failures, successes, p))
}

func statPoissonDist(c *Call) cell.Value {
	k, mean := statEntire(c, 0), c.Num(1)
	if c.Num(0) < 0 {
		return statNotNumber()
	}
	if c.Bool(2, false) {
		return cell.Num(dist.Poisson(k, mean))
	}
	return cell.Num(dist.PoissonPoint(k, mean))
}

func statPermut(c *Call) cell.Value {
	n, k := statEntire(c, 0), statEntire(c, 1)
	if n <= 0 || k < 0 || k > n {
		return statNotNumber()
	}
	product := 1.0
	for ; k > 0 && !math.IsInf(product, 1); k-- {
		product *= n
		n--
	}
	return cell.Num(product)
}

func statPermutationA(c *Call) cell.Value {
	n, k := statEntire(c, 0), statEntire(c, 1)
	if n < 0 || k < 0 {
		return statNotNumber()
	}
	return cell.Num(math.Pow(n, k))
}
