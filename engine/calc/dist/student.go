package dist

import "math"

// Student returns the lower tail of Student's t distribution, and the upper one.
func Student(t, df float64) (lower, upper float64) {
	if !(df > 0) || math.IsNaN(t) {
		return math.NaN(), math.NaN()
	}
	far, near := studentTails(math.Abs(t), df)
	if t < 0 {
		return far, near
	}
	return near, far
}

// studentTails returns what is above t, and what is below, for t from 0 on.
func studentTails(t, df float64) (above, below float64) {
	// x = df/(df+t²) and y = t²/(df+t²), without overflow.
	var x, y float64
	if s := t / math.Sqrt(df); s < 1 {
		x = 1 / (1 + s*s)
		y = s * s * x
	} else {
		s = 1 / s
		y = 1 / (1 + s*s)
		x = s * s * y
	}
	outside, inside := Beta(x, y, df/2, 0.5)
	return outside / 2, 0.5 + inside/2
}

// StudentDensity is the density of Student's t distribution.
func StudentDensity(t, df float64) float64 {
	if !(df > 0) {
		return math.NaN()
	}
	// ln(1+t²/df)/2
	s := math.Abs(t) / math.Sqrt(df)
	var l float64
	if s > 1e8 {
		l = math.Log(s)
	} else {
		l = math.Log1p(s*s) / 2
	}
	c := -deviance(df/2, (df+1)/2) + stirling((df+1)/2) - stirling(df/2)
	power := df * l
	if s < 0.5 {
		// For great df the product of a great and a small number has lost digits that the deviance keeps.
		power = -deviance(df/2, (df+t*t)/2) + t*t/2
	}
	return math.Exp(c-power-l) / math.Sqrt(2*math.Pi)
}

// StudentInverse returns the t above which the probability is q, for q up to 0.5.
func StudentInverse(q, df float64) float64 {
	if !(q >= 0 && q <= 0.5 && df > 0) {
		return math.NaN()
	}
	if q == 0.5 {
		return 0
	}
	x, y := BetaInverse(2*q, 1-2*q, df/2, 0.5)
	return math.Sqrt(df * y / x)
}

// Fisher returns both tails of the F distribution, for x from 0 on.
func Fisher(x, df1, df2 float64) (lower, upper float64) {
	if !(x >= 0 && df1 > 0 && df2 > 0) {
		return math.NaN(), math.NaN()
	}
	d := df1*x + df2
	if math.IsInf(d, 1) {
		return 1, 0
	}
	return Beta(df1*x/d, df2/d, df1/2, df2/2)
}

// FisherDensity is the density of the F distribution. At 0 it is infinite for df1 below 2.
func FisherDensity(x, df1, df2 float64) float64 {
	switch {
	case !(x >= 0 && df1 > 0 && df2 > 0):
		return math.NaN()
	case x == 0:
		return betaEnd(df1/2, 1)
	}
	d := df2 + x*df1
	p, q := x*df1/d, df2/d
	if df1 >= 2 {
		return df1 * q / 2 * binomial((df1-2)/2, df2/2, p, q)
	}
	return df1 * df1 * q / (2 * p * (df1 + df2)) * binomial(df1/2, df2/2, p, q)
}

// FisherInverse returns the x whose lower tail is p and whose upper tail is q = 1-p.
func FisherInverse(p, q, df1, df2 float64) float64 {
	x, y := BetaInverse(p, q, df1/2, df2/2)
	return df2 / df1 * (x / y)
}
