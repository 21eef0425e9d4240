package decision

import (
	"cmp"
	"math"
	"slices"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// What an input would be worth to know is worked out from one set of joint draws: they are put in order
// of the input and cut into bins of equal size; within a bin the input is as good as known. This is the
// single-loop estimate of partial perfect information of Strong and Oakley, "An efficient method for
// computing single-parameter partial expected value of perfect information", Medical Decision Making 33
// (2013). A bin of few draws overstates what is learnt; bins of 512 draws keep that below the digits shown.
const bins = 32

// inBins calls visit with the draws of each bin of an input.
func inBins(input []float64, visit func(draws []int)) {
	order := make([]int, len(input))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(input[a], input[b]) })
	for b := range bins {
		visit(order[b*len(order)/bins : (b+1)*len(order)/bins])
	}
}

// width is the distance of the 5th and 95th percentiles of the given draws, of their logarithms where
// ratio is set; it sorts them.
func width(v []float64, ratio bool) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	n := float64(len(v) - 1)
	low, high := v[int(0.05*n+0.5)], v[int(0.95*n+0.5)]
	if ratio {
		low, high = math.Log(low), math.Log(high)
	}
	return high - low
}

// valid returns the draws that have a value, in an array of its own.
func valid(draws []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(draws), math.IsNaN)
}

// sensitivity ranks the inputs of an outcome, with what is left of its interval when each is known.
func (e *evaluator) sensitivity(out estimate.Outcome) ([]Sensitivity, error) {
	ranked, err := e.model.Influences(e.ctx, e.opt, out)
	if err != nil {
		return nil, err
	}
	joint, err := e.model.Joint(e.ctx, e.opt, out)
	if err != nil {
		return nil, err
	}
	// Widths of a skewed outcome are ratios: else its few largest draws were all that counts.
	ratio := out.Low() > 0
	all := width(valid(joint.Outcomes[0]), ratio)
	list := make([]Sensitivity, len(ranked))
	for i, in := range ranked {
		list[i] = Sensitivity{Influence: in, Left: math.NaN()}
		for _, j := range joint.Inputs {
			if j.Label != in.Label {
				continue
			}
			sum, bounded := 0.0, 0.0
			inBins(j.Draws, func(draws []int) {
				v := make([]float64, len(draws))
				for k, at := range draws {
					v[k] = joint.Outcomes[0][at]
				}
				if v = valid(v); len(v) < len(draws)/2 {
					return
				}
				if w := width(v, ratio); !math.IsInf(w, 0) && !math.IsNaN(w) {
					sum, bounded = sum+w, bounded+1
				}
			})
			list[i].Left = math.Min(sum/bounded/all, 1)
		}
	}
	return list, nil
}

// Decisive is what knowing one input does for a constraint. Whoever decides now whether it holds is wrong
// with probability min(p, 1-p); with the input known, with the expectation of that over the input.
type Decisive struct {
	Label       string
	Display     quantity.Display
	WrongNow    float64
	WrongKnown  float64
	BelowFigure float64 // the input at which the constraint turns, or NaN
}

// decisive ranks the inputs that settle a constraint best, at most three.
func (e *evaluator) decisive(v estimate.Verdict) ([]Decisive, error) {
	joint, err := e.model.Joint(e.ctx, e.opt, v.Left, v.Right)
	if err != nil {
		return nil, err
	}
	holds := make([]bool, len(joint.Outcomes[0]))
	whole := make([]bool, len(holds)) // both sides have a value
	total, of := 0, 0
	for i, l := range joint.Outcomes[0] {
		r := joint.Outcomes[1][i]
		if whole[i] = !math.IsNaN(l) && !math.IsNaN(r); !whole[i] {
			continue
		}
		of++
		holds[i] = v.Op == "<" && l < r || v.Op == "<=" && l <= r || v.Op == ">" && l > r || v.Op == ">=" && l >= r
		if holds[i] {
			total++
		}
	}
	if of == 0 {
		return nil, nil
	}
	p := float64(total) / float64(of)
	var list []Decisive
	for _, in := range joint.Inputs {
		d := Decisive{Label: in.Label, Display: in.Display, WrongNow: math.Min(p, 1-p), BelowFigure: math.NaN()}
		before := math.NaN()
		inBins(in.Draws, func(draws []int) {
			n, have := 0, 0
			for _, at := range draws {
				if whole[at] {
					have++
				}
				if holds[at] {
					n++
				}
			}
			if have == 0 {
				return
			}
			q := float64(n) / float64(have)
			d.WrongKnown += math.Min(q, 1-q) * float64(have) / float64(of)
			if (before < 0.5) != (q < 0.5) && !math.IsNaN(before) && math.IsNaN(d.BelowFigure) {
				d.BelowFigure = in.Draws[draws[0]]
			}
			before = q
		})
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b Decisive) int { return cmp.Compare(a.WrongKnown, b.WrongKnown) })
	return list[:min(len(list), topInputs)], nil
}

// Worth is the expected value of partial perfect information: E[min over options of E[outcome | input]]
// is below min over options of E[outcome] by Value (Raiffa and Schlaifer, "Applied Statistical Decision
// Theory", 1961). It bounds what a measurement of the input may cost.
type Worth struct {
	Label string
	Value float64 // base units
}

// heavy is the share of a mean from which the thousandth part of the draws that are largest may not hold it: draws do
// not tell a mean that rests on those which they nearly never take.
const heavy = 0.1

// heavyTailed says whether draws do not show their mean.
func heavyTailed(draws []float64) bool {
	size := make([]float64, len(draws))
	sum := 0.0
	for i, v := range draws {
		size[i] = math.Abs(v)
		sum += size[i]
	}
	slices.Sort(size)
	top := 0.0
	for _, v := range size[len(size)-max(len(size)/1000, 1):] {
		top += v
	}
	return top > heavy*sum
}

func (e *evaluator) worth(c *Comparison) error {
	if c.Display().Dim[quantity.Money] != 1 || c.Better != Lower || len(c.ByOption) < 2 {
		return nil
	}
	var outs []estimate.Outcome
	for _, option := range e.result.Options {
		if out, ok := c.ByOption[option]; ok {
			outs = append(outs, out)
		}
	}
	joint, err := e.model.Joint(e.ctx, e.opt, outs...)
	if err != nil {
		return err
	}
	for i, o := range joint.Outcomes {
		if !outs[i].Fixed() && heavyTailed(o) {
			c.Heavy = append(c.Heavy, outs[i].Option)
		}
	}
	if len(c.Heavy) > 0 {
		return nil
	}
	least := func(draws []int) float64 {
		best := math.Inf(1)
		for _, o := range joint.Outcomes {
			sum := 0.0
			for _, at := range draws {
				sum += o[at]
			}
			best = math.Min(best, sum/float64(len(draws)))
		}
		return best
	}
	all := make([]int, len(joint.Outcomes[0]))
	for i := range all {
		all[i] = i
	}
	now := least(all)
	if math.IsInf(now, 0) || math.IsNaN(now) {
		return nil
	}
	for _, in := range joint.Inputs {
		known := 0.0
		inBins(in.Draws, func(draws []int) { known += least(draws) * float64(len(draws)) / float64(len(all)) })
		// Means of bins differ from those of all draws by rounding alone where the order never flips.
		if value := now - known; value > 1e-4*math.Abs(now) {
			c.Worth = append(c.Worth, Worth{in.Label, value})
		}
	}
	slices.SortStableFunc(c.Worth, func(a, b Worth) int { return cmp.Compare(b.Value, a.Value) })
	c.Worth = c.Worth[:min(len(c.Worth), topInputs)]
	return nil
}
