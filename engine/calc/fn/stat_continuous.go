package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/dist"
)

// The names of this category that Excel keeps for old workbooks share their bodies with the new ones where they mean the same.
var statContinuousTable = []*Func{
	{Name: "BETA.DIST", Category: statistical, Takes: "n n n b n? n?", Doc: "the beta distribution, or its density", Body: statBetaDist},
	{Name: "BETA.INV", Category: statistical, Takes: "n n n n? n?", Doc: "the inverse of the beta distribution", Body: statBetaInv},
	{Name: "BETADIST", Category: statCompatibility, Takes: "n n n n? n?", Doc: "the beta distribution", Body: statBetaDistOld},
	{Name: "BETAINV", Category: statCompatibility, Takes: "n n n n? n?", Doc: "the inverse of the beta distribution", Body: statBetaInv},
	{Name: "CHIDIST", Category: statCompatibility, Takes: "n n", Doc: "the upper tail of the chi-squared distribution", Body: statChisqRight},
	{Name: "CHIINV", Category: statCompatibility, Takes: "n n", Doc: "the inverse of the upper tail of the chi-squared distribution", Body: statChisqInvRight},
	{Name: "CHISQ.DIST", Category: statistical, Takes: "n n b", Doc: "the chi-squared distribution, or its density", Body: statChisqDist},
	{Name: "CHISQ.DIST.RT", Category: statistical, Takes: "n n", Doc: "the upper tail of the chi-squared distribution", Body: statChisqRight},
	{Name: "CHISQ.INV", Category: statistical, Takes: "n n", Doc: "the inverse of the chi-squared distribution", Body: statChisqInv},
	{Name: "CHISQ.INV.RT", Category: statistical, Takes: "n n", Doc: "the inverse of the upper tail of the chi-squared distribution", Body: statChisqInvRight},
	{Name: "EXPON.DIST", Category: statistical, Takes: "n n b", Doc: "the exponential distribution, or its density", Body: statExponDist},
	{Name: "EXPONDIST", Category: statCompatibility, Takes: "n n b", Doc: "the exponential distribution, or its density", Body: statExponDist},
	{Name: "F.DIST", Category: statistical, Takes: "n n n b", Doc: "the F distribution, or its density", Body: statFDist},
	{Name: "F.DIST.RT", Category: statistical, Takes: "n n n", Doc: "the upper tail of the F distribution", Body: statFRight},
	{Name: "F.INV", Category: statistical, Takes: "n n n", Doc: "the inverse of the F distribution", Body: statFInv},
	{Name: "F.INV.RT", Category: statistical, Takes: "n n n", Doc: "the inverse of the upper tail of the F distribution", Body: statFInvRight},
	{Name: "FDIST", Category: statCompatibility, Takes: "n n n", Doc: "the upper tail of the F distribution", Body: statFRight},
	{Name: "FINV", Category: statCompatibility, Takes: "n n n", Doc: "the inverse of the upper tail of the F distribution", Body: statFInvRight},
	{Name: "FISHER", Category: statistical, Takes: "n", Doc: "Fisher's transformation of a coefficient of correlation", Body: statFisher},
	{Name: "FISHERINV", Category: statistical, Takes: "n", Doc: "the inverse of Fisher's transformation", Body: statNumeric(math.Tanh)},
	{Name: "GAMMA", Category: statistical, Takes: "n", Doc: "the gamma function", Body: statGammaFunction},
	{Name: "GAMMA.DIST", Category: statistical, Takes: "n n n b", Doc: "the gamma distribution, or its density", Body: statGammaDist},
	{Name: "GAMMA.INV", Category: statistical, Takes: "n n n", Doc: "the inverse of the gamma distribution", Body: statGammaInv},
	{Name: "GAMMADIST", Category: statCompatibility, Takes: "n n n b", Doc: "the gamma distribution, or its density", Body: statGammaDist},
	{Name: "GAMMAINV", Category: statCompatibility, Takes: "n n n", Doc: "the inverse of the gamma distribution", Body: statGammaInv},
	{Name: "GAMMALN", Category: statistical, Takes: "n", Doc: "the logarithm of the gamma function", Body: statGammaLn},
	{Name: "GAMMALN.PRECISE", Category: statistical, Takes: "n", Doc: "the logarithm of the gamma function", Body: statGammaLn},
	{Name: "GAUSS", Category: statistical, Takes: "n", Doc: "the standard normal distribution between 0 and z", Body: statNumeric(statGauss)},
	{Name: "LOGINV", Category: statCompatibility, Takes: "n n n", Doc: "the inverse of the lognormal distribution", Body: statLogNormInv},
	{Name: "LOGNORM.DIST", Category: statistical, Takes: "n n n b", Doc: "the lognormal distribution, or its density", Body: statLogNormDist},
	{Name: "LOGNORM.INV", Category: statistical, Takes: "n n n", Doc: "the inverse of the lognormal distribution", Body: statLogNormInv},
	{Name: "LOGNORMDIST", Category: statCompatibility, Takes: "n n n", Doc: "the lognormal distribution", Body: statLogNormDistOld},
	{Name: "NORM.DIST", Category: statistical, Takes: "n n n b", Doc: "the normal distribution, or its density", Body: statNormDist},
	{Name: "NORM.INV", Category: statistical, Takes: "n n n", Doc: "the inverse of the normal distribution", Body: statNormInv},
	{Name: "NORM.S.DIST", Category: statistical, Takes: "n b", Doc: "the standard normal distribution, or its density", Body: statNormSDist},
	{Name: "NORM.S.INV", Category: statistical, Takes: "n", Doc: "the inverse of the standard normal distribution", Body: statNumeric(dist.NormalInverse)},
	{Name: "NORMDIST", Category: statCompatibility, Takes: "n n n b", Doc: "the normal distribution, or its density", Body: statNormDist},
	{Name: "NORMINV", Category: statCompatibility, Takes: "n n n", Doc: "the inverse of the normal distribution", Body: statNormInv},
	{Name: "NORMSDIST", Category: statCompatibility, Takes: "n", Doc: "the standard normal distribution", Body: statNumeric(dist.Normal)},
	{Name: "NORMSINV", Category: statCompatibility, Takes: "n", Doc: "the inverse of the standard normal distribution", Body: statNumeric(dist.NormalInverse)},
	{Name: "PHI", Category: statistical, Takes: "n", Doc: "the density of the standard normal distribution", Body: statNumeric(dist.NormalDensity)},
	{Name: "STANDARDIZE", Category: statistical, Takes: "n n n", Doc: "the distance of a value from the mean in standard deviations", Body: statStandardize},
	{Name: "T.DIST", Category: statistical, Takes: "n n b", Doc: "Student's t distribution, or its density", Body: statTDist},
	{Name: "T.DIST.2T", Category: statistical, Takes: "n n", Doc: "both tails of Student's t distribution", Body: statTBoth},
	{Name: "T.DIST.RT", Category: statistical, Takes: "n n", Doc: "the upper tail of Student's t distribution", Body: statTRight},
	{Name: "T.INV", Category: statistical, Takes: "n n", Doc: "the inverse of Student's t distribution", Body: statTInv},
	{Name: "T.INV.2T", Category: statistical, Takes: "n n", Doc: "the inverse of both tails of Student's t distribution", Body: statTInvBoth},
	{Name: "TDIST", Category: statCompatibility, Takes: "n n n", Doc: "one tail or both of Student's t distribution", Body: statTDistOld},
	{Name: "TINV", Category: statCompatibility, Takes: "n n", Doc: "the inverse of both tails of Student's t distribution", Body: statTInvBoth},
	{Name: "WEIBULL", Category: statCompatibility, Takes: "n n n b", Doc: "the Weibull distribution, or its density", Body: statWeibull},
	{Name: "WEIBULL.DIST", Category: statistical, Takes: "n n n b", Doc: "the Weibull distribution, or its density", Body: statWeibull},
}

// statNumeric makes a body of a function of one number. NaN and infinities are #NUM!.
func statNumeric(f func(float64) float64) func(*Call) cell.Value {
	return func(c *Call) cell.Value { return cell.Num(f(c.Num(0))) }
}

func statNotNumber() cell.Value { return cell.Err(cell.ErrNum) }

func statGauss(z float64) float64 { return 0.5 * math.Erf(z/math.Sqrt2) }

func statFisher(c *Call) cell.Value {
	x := c.Num(0)
	if !(x > -1 && x < 1) {
		return statNotNumber()
	}
	return cell.Num(math.Log((1+x)/(1-x)) / 2) // as it is written, which Excel computes, with what that loses next to 0
}

func statGammaFunction(c *Call) cell.Value {
	x := c.Num(0)
	if x <= 0 && x == math.Trunc(x) {
		return statNotNumber()
	}
	return cell.Num(math.Gamma(x))
}

func statGammaLn(c *Call) cell.Value {
	x := c.Num(0)
	if x <= 0 {
		return statNotNumber()
	}
	lg, _ := math.Lgamma(x)
	return cell.Num(lg)
}

// statUnit returns what bounds at argument i and the next make of x: its distances from both in parts of the whole.
func statUnit(c *Call, x float64, i int) (lo, hi, below, above float64, ok bool) {
	lo, hi = c.NumOr(i, 0), c.NumOr(i+1, 1)
	return lo, hi, (x - lo) / (hi - lo), (hi - x) / (hi - lo), lo < hi
}

func statBetaDist(c *Call) cell.Value {
	lo, hi, x, y, ok := statUnit(c, c.Num(0), 4)
	if !ok {
		return statNotNumber()
	}
	if c.Bool(3, false) {
		lower, _ := dist.Beta(x, y, c.Num(1), c.Num(2))
		return cell.Num(lower)
	}
	return cell.Num(dist.BetaDensity(x, y, c.Num(1), c.Num(2)) / (hi - lo))
}

func statBetaDistOld(c *Call) cell.Value {
	_, _, x, y, ok := statUnit(c, c.Num(0), 3)
	if !ok {
		return statNotNumber()
	}
	lower, _ := dist.Beta(x, y, c.Num(1), c.Num(2))
	return cell.Num(lower)
}

func statBetaInv(c *Call) cell.Value {
	p := c.Num(0)
	lo, hi, _, _, ok := statUnit(c, 0, 3)
	if !ok || !(p > 0 && p < 1) {
		return statNotNumber()
	}
	x, y := dist.BetaInverse(p, 1-p, c.Num(1), c.Num(2))
	if x < 0.5 {
		return cell.Num(lo + x*(hi-lo))
	}
	return cell.Num(hi - y*(hi-lo))
}

// statFreedom is the degrees of freedom of argument i, without a fraction, from 1 to 1E10.
func statFreedom(c *Call, i int) (float64, bool) {
	df := math.Trunc(c.Num(i))
	return df, df >= 1 && df <= 1e10
}

func statChisqDist(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		return statNotNumber()
	}
	if c.Bool(2, false) {
		lower, _ := dist.Gamma(c.Num(0)/2, df/2)
		return cell.Num(lower)
	}
	return cell.Num(dist.GammaDensity(c.Num(0)/2, df/2) / 2)
}

func statChisqRight(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		return statNotNumber()
	}
	_, upper := dist.Gamma(c.Num(0)/2, df/2)
	return cell.Num(upper)
}

func statChisqInv(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		return statNotNumber()
	}
	p := c.Num(0)
	return cell.Num(2 * dist.GammaInverse(p, 1-p, df/2))
}

func statChisqInvRight(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		return statNotNumber()
	}
	q := c.Num(0)
	return cell.Num(2 * dist.GammaInverse(1-q, q, df/2))
}

func statExponDist(c *Call) cell.Value {
	x, lambda := c.Num(0), c.Num(1)
	switch {
	case x < 0 || lambda <= 0:
		return statNotNumber()
	case c.Bool(2, false):
		return cell.Num(-math.Expm1(-lambda * x))
	}
	return cell.Num(lambda * math.Exp(-lambda*x))
}

// statTwoFreedoms are those of an F distribution, which are below 1E10.
func statTwoFreedoms(c *Call) (df1, df2 float64, ok bool) {
	df1, ok1 := statFreedom(c, 1)
	df2, ok2 := statFreedom(c, 2)
	return df1, df2, ok1 && ok2 && df1 < 1e10 && df2 < 1e10
}

func statFDist(c *Call) cell.Value {
	df1, df2, ok := statTwoFreedoms(c)
	if !ok {
		return statNotNumber()
	}
	if c.Bool(3, false) {
		lower, _ := dist.Fisher(c.Num(0), df1, df2)
		return cell.Num(lower)
	}
	return cell.Num(dist.FisherDensity(c.Num(0), df1, df2))
}

func statFRight(c *Call) cell.Value {
	df1, df2, ok := statTwoFreedoms(c)
	if !ok {
		return statNotNumber()
	}
	_, upper := dist.Fisher(c.Num(0), df1, df2)
	return cell.Num(upper)
}

func statFInv(c *Call) cell.Value { return statFInverse(c, c.Num(0), 1-c.Num(0)) }

func statFInvRight(c *Call) cell.Value { return statFInverse(c, 1-c.Num(0), c.Num(0)) }

func statFInverse(c *Call, p, q float64) cell.Value {
	df1, df2, ok := statTwoFreedoms(c)
	if !ok {
		return statNotNumber()
	}
	return cell.Num(dist.FisherInverse(p, q, df1, df2))
}

func statGammaDist(c *Call) cell.Value {
	x, shape, scale := c.Num(0), c.Num(1), c.Num(2)
	switch {
	case scale <= 0:
		return statNotNumber()
	case c.Bool(3, false):
		lower, _ := dist.Gamma(x/scale, shape)
		return cell.Num(lower)
	}
	return cell.Num(dist.GammaDensity(x/scale, shape) / scale)
}

func statGammaInv(c *Call) cell.Value {
	p, scale := c.Num(0), c.Num(2)
	if scale <= 0 {
		return statNotNumber()
	}
	return cell.Num(dist.GammaInverse(p, 1-p, c.Num(1)) * scale)
}

func statNormDist(c *Call) cell.Value {
	mean, sd := c.Num(1), c.Num(2)
	z := (c.Num(0) - mean) / sd
	switch {
	case sd <= 0:
		return statNotNumber()
	case c.Bool(3, false):
		return cell.Num(dist.Normal(z))
	}
	return cell.Num(dist.NormalDensity(z) / sd)
}

func statNormInv(c *Call) cell.Value {
	sd := c.Num(2)
	if sd <= 0 {
		return statNotNumber()
	}
	return cell.Num(c.Num(1) + sd*dist.NormalInverse(c.Num(0)))
}

func statNormSDist(c *Call) cell.Value {
	if c.Bool(1, false) {
		return cell.Num(dist.Normal(c.Num(0)))
	}
	return cell.Num(dist.NormalDensity(c.Num(0)))
}

func statLogNormDist(c *Call) cell.Value {
	x, sd := c.Num(0), c.Num(2)
	if x <= 0 || sd <= 0 {
		return statNotNumber()
	}
	z := (math.Log(x) - c.Num(1)) / sd
	if c.Bool(3, false) {
		return cell.Num(dist.Normal(z))
	}
	return cell.Num(dist.NormalDensity(z) / (x * sd))
}

func statLogNormDistOld(c *Call) cell.Value {
	x, sd := c.Num(0), c.Num(2)
	if x <= 0 || sd <= 0 {
		return statNotNumber()
	}
	return cell.Num(dist.Normal((math.Log(x) - c.Num(1)) / sd))
}

func statLogNormInv(c *Call) cell.Value {
	p, sd := c.Num(0), c.Num(2)
	if !(p > 0 && p < 1 && sd > 0) {
		return statNotNumber()
	}
	return cell.Num(math.Exp(c.Num(1) + sd*dist.NormalInverse(p)))
}

func statStandardize(c *Call) cell.Value {
	sd := c.Num(2)
	if sd <= 0 {
		return statNotNumber()
	}
	return cell.Num((c.Num(0) - c.Num(1)) / sd)
}

func statTDist(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		if df == 0 && !c.Bool(2, false) {
			return cell.Err(cell.ErrDiv)
		}
		return statNotNumber()
	}
	if c.Bool(2, false) {
		lower, _ := dist.Student(c.Num(0), df)
		return cell.Num(lower)
	}
	return cell.Num(dist.StudentDensity(c.Num(0), df))
}

func statTRight(c *Call) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok {
		return statNotNumber()
	}
	_, upper := dist.Student(c.Num(0), df)
	return cell.Num(upper)
}

func statTBoth(c *Call) cell.Value { return statTTails(c, 2) }

func statTDistOld(c *Call) cell.Value {
	tails := c.Int(2)
	if tails < 1 || tails > 2 {
		return statNotNumber()
	}
	return statTTails(c, float64(tails))
}

func statTTails(c *Call, tails float64) cell.Value {
	df, ok := statFreedom(c, 1)
	if !ok || c.Num(0) < 0 {
		return statNotNumber()
	}
	_, upper := dist.Student(c.Num(0), df)
	return cell.Num(tails * upper)
}

func statTInv(c *Call) cell.Value {
	p := c.Num(0)
	df, ok := statFreedom(c, 1)
	if !ok || !(p > 0 && p < 1) {
		return statNotNumber()
	}
	if p < 0.5 {
		return cell.Num(-dist.StudentInverse(p, df))
	}
	return cell.Num(dist.StudentInverse(1-p, df))
}

func statTInvBoth(c *Call) cell.Value {
	p := c.Num(0)
	df, ok := statFreedom(c, 1)
	if !ok || !(p > 0 && p <= 1) {
		return statNotNumber()
	}
	return cell.Num(dist.StudentInverse(p/2, df))
}

func statWeibull(c *Call) cell.Value {
	x, shape, scale := c.Num(0), c.Num(1), c.Num(2)
	if x < 0 || shape <= 0 || scale <= 0 {
		return statNotNumber()
	}
	power := math.Pow(x/scale, shape)
	if c.Bool(3, false) {
		return cell.Num(-math.Expm1(-power))
	}
	return cell.Num(shape / scale * math.Pow(x/scale, shape-1) * math.Exp(-power))
}
