package scale

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Growth is how the time of work grows with the rows of its table.
type Growth string

// Growths.
const (
	Linear  Growth = "n"       // scans, rewrites, writes of rows
	Sorting Growth = "n log n" // index builds
)

// of is the growing term.
func (g Growth) of(n float64) float64 {
	if g == Sorting {
		return n * math.Log2(max(n, 2))
	}
	return n
}

// Sample is one run at one size.
type Sample struct {
	Rows    float64 `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// Model is T = Fixed + PerUnit x growth(n), in seconds.
type Model struct {
	Growth  Growth  `json:"growth"`
	Fixed   float64 `json:"fixed"`
	PerUnit float64 `json:"per_unit"`
}

// At is the time at n rows.
func (m Model) At(n float64) float64 { return m.Fixed + m.PerUnit*m.Growth.of(n) }

// Prediction is where the time at a size lies.
type Prediction struct {
	Rows float64 `json:"rows"` // the size it is for
	// Low and High bound nine of ten runs, Median is in their middle by ratio. All 0 where nothing is estimated.
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
	Model  Model   `json:"model"`
	// Parts are the standard deviations, as shares of the time, that the width is made of.
	Parts Uncertainty `json:"parts"`
	// NotEstimated says why there is no interval.
	NotEstimated string `json:"not_estimated,omitempty"`
}

// Uncertainty is the parts of a prediction's standard deviation in the logarithm of the time; 0.1 is ten
// percent.
type Uncertainty struct {
	Runs    float64 `json:"runs"`    // the next run against the line: spread of repeats and residuals
	Line    float64 `json:"line"`    // of the line itself at that size
	Model   float64 `json:"model"`   // that time grows by another law beyond the sizes that were run
	Machine float64 `json:"machine"` // of the ratio between the two machines
}

// Estimated says whether there is an interval.
func (p Prediction) Estimated() bool { return p.NotEstimated == "" }

// Ratio is the greatest time of the interval over the least.
func (p Prediction) Ratio() float64 {
	if p.Low <= 0 {
		return math.Inf(1)
	}
	return p.High / p.Low
}

// Duration returns a bound as a duration, for printing.
func Duration(seconds float64) time.Duration {
	return time.Duration(min(seconds, 9e9) * float64(time.Second))
}

// Machine says how much longer the same work takes on the production's machine than here.
type Machine struct {
	Ratio float64 `json:"ratio"` // production's time over the time here; 1 is the same machine
	// Spread is its standard deviation in the logarithm.
	Spread float64 `json:"spread"`
	Basis  string  `json:"basis"` // where the ratio is from, or that it is taken for granted
}

// SameMachine takes for granted that production is as fast as this machine.
var SameMachine = Machine{Ratio: 1, Basis: "production is taken to be as fast as this machine"}

// What a fit supposes beyond its samples.
const (
	// leastSpread of a run against the line: the same work in another database, with its pages elsewhere
	// and the caches in another state, differs by so much (docs/benchmarks/duration.md).
	leastSpread = 0.06
	// lawSpread is the standard deviation of the exponent of n: caches and sorts change what a row costs
	// as tables grow. It widens the interval by the logarithm of the extrapolation.
	lawSpread = 0.08
	// worstFit is the spread of residuals above which a line says nothing.
	worstFit = 0.6
)

// Fit predicts the time of work at n rows from its times at smaller sizes. The line has no negative part
// (non-negative least squares); each sample counts by its relative error, as times vary by a share and
// not by an amount. With one size there is no growth to see, and nothing is estimated. Samples of fewer
// rows than 1 or of no time are left out.
//
// The interval is that of a next run: Student's t of the residuals' degrees of freedom on the parts of
// [Uncertainty] in the logarithm, of which the last two are normal.
func Fit(samples []Sample, growth Growth, n float64, machine Machine) Prediction {
	p := Prediction{Rows: n, Model: Model{Growth: growth}}
	samples = slices.DeleteFunc(slices.Clone(samples), func(s Sample) bool { return !(s.Rows >= 1) || !(s.Seconds > 0) })
	sizes := map[float64]bool{}
	largest := 0.0
	for _, s := range samples {
		sizes[s.Rows] = true
		largest = max(largest, s.Rows)
	}
	switch {
	case len(sizes) == 0:
		p.NotEstimated = "it was not run"
		return p
	case len(sizes) == 1:
		p.NotEstimated = fmt.Sprintf("it was run at one size only, %.0f rows, so nothing says how it grows", largest)
		return p
	case !(n >= 1):
		p.NotEstimated = "the number of rows in production is not known"
		return p
	}
	m := line(samples, growth)
	residual, freedom := 0.0, len(samples)-2
	for _, s := range samples {
		r := math.Log(s.Seconds / m.At(s.Rows))
		residual += r * r
	}
	// Two sizes run once lie on the line exactly; then only what is supposed remains.
	spread := leastSpread * 2
	if freedom > 0 {
		spread = max(math.Sqrt(residual/float64(freedom)), leastSpread)
	} else {
		freedom = 1
	}
	p.Model = m
	if spread > worstFit {
		p.NotEstimated = fmt.Sprintf("the times at %d sizes do not lie on a line (they are off by %.0f %%); the machine may be too busy", len(sizes), spread*100)
		return p
	}
	other := Linear
	if growth == Linear {
		other = Sorting
	}
	beyond := math.Log(max(n/largest, 1))
	// Two laws that fit alike differ where they are extrapolated.
	laws := math.Abs(math.Log(line(samples, other).At(n)/m.At(n))) / 2
	p.Parts = Uncertainty{Runs: spread, Line: spread * m.leverage(samples, n), Model: math.Hypot(lawSpread*beyond, laws*min(beyond, 1)), Machine: machine.Spread}
	own := math.Hypot(p.Parts.Runs, p.Parts.Line)
	half := math.Hypot(student95(freedom)*own, 1.6449*math.Hypot(p.Parts.Model, p.Parts.Machine))
	p.Median = m.At(n) * machine.Ratio
	p.Low, p.High = p.Median*math.Exp(-half), p.Median*math.Exp(half)
	return p
}

// Constant predicts the time of work that does not grow with its table, as what it took at any size: from
// half the least to twice the most of the runs, because milliseconds vary by more than their own spread
// tells from a few of them.
func Constant(samples []Sample, n float64, machine Machine) Prediction {
	p := Prediction{Rows: n, Model: Model{Growth: Linear}}
	var seconds []float64
	for _, s := range samples {
		if s.Seconds > 0 {
			seconds = append(seconds, s.Seconds)
		}
	}
	if len(seconds) == 0 {
		p.NotEstimated = "it was not run"
		return p
	}
	slices.Sort(seconds)
	p.Model.Fixed = seconds[len(seconds)/2]
	p.Median = p.Model.Fixed * machine.Ratio
	p.Low, p.High = seconds[0]/2*machine.Ratio, seconds[len(seconds)-1]*2*machine.Ratio
	return p
}

// line fits with weights 1/T², by least squares without negative parts: of two coefficients one is
// negative at most, and then the best fit has it at zero (Lawson, Hanson: Solving Least Squares Problems,
// 1974).
func line(samples []Sample, growth Growth) Model {
	var w, wx, wy, wxx, wxy float64
	for _, s := range samples {
		x, y := growth.of(s.Rows), s.Seconds
		k := 1 / (y * y)
		w, wx, wy, wxx, wxy = w+k, wx+k*x, wy+k*y, wxx+k*x*x, wxy+k*x*y
	}
	m := Model{Growth: growth}
	if d := w*wxx - wx*wx; d > 1e-12*w*wxx {
		m.Fixed, m.PerUnit = (wy*wxx-wx*wxy)/d, (w*wxy-wx*wy)/d
	}
	switch {
	case m.PerUnit <= 0:
		m.Fixed, m.PerUnit = wy/w, 0
	case m.Fixed < 0:
		m.Fixed, m.PerUnit = 0, wxy/wxx
	}
	return m
}

// leverage is the standard deviation of the line at n over that of a sample: the square root of x'(X'WX)⁻¹x,
// as a share of the time there.
func (m Model) leverage(samples []Sample, n float64) float64 {
	var w, wx, wxx float64
	for _, s := range samples {
		x := m.Growth.of(s.Rows)
		y := m.At(s.Rows)
		k := 1 / (y * y)
		w, wx, wxx = w+k, wx+k*x, wxx+k*x*x
	}
	x := m.Growth.of(n)
	if m.Fixed == 0 && wxx > 0 { // one coefficient
		return x / math.Sqrt(wxx) / m.At(n)
	}
	d := w*wxx - wx*wx
	if d <= 0 {
		return 0
	}
	return math.Sqrt((wxx-2*wx*x+w*x*x)/d) / m.At(n)
}

// student95 is the 95th percentile of Student's t, which leaves nine tenths between it and its negative.
func student95(freedom int) float64 {
	table := []float64{6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753}
	if freedom <= len(table) {
		return table[max(freedom, 1)-1]
	}
	// The first terms of the expansion around the normal's 1.6449 (Abramowitz, Stegun, 26.7.5).
	z, v := 1.6449, float64(freedom)
	return z + (z*z*z+z)/(4*v) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*v*v)
}
