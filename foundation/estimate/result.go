package estimate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Options say how a model is computed. The zero Options are the defaults.
type Options struct {
	// Samples is how many draws are taken where there is no closed form; 0 is taken for 16,384.
	Samples int
	// Seed chooses the draws.
	Seed uint64
	// Now is the day on which the age of prices is judged; the zero time passes no judgement.
	Now time.Time
	// AlwaysSample draws also where there is a closed form, to check one against the other.
	AlwaysSample bool
}

func (o Options) run() dist.RunOptions { return dist.RunOptions{Samples: o.Samples, Seed: o.Seed} }

// Result is a computed model.
type Result struct {
	Samples int
	Seed    uint64
	// Outcomes are the definitions and expressions outside of options, in the order of the text.
	Outcomes []Outcome
	Options  []Option
	// Constraints and Claims are the demands of the text. A constraint that names outcomes of options
	// stands here once for each option.
	Constraints []Verdict
	Claims      []Verdict
	Rates       []UsedRate
	// Notes are what a reader should know: what a conversion left out, draws without a value.
	Notes []string
	// Sampled is how many outcomes and verdicts have no closed form, and Inputs how many uncertain inputs
	// the model has.
	Sampled, Inputs int
}

// Outcome is one computed amount. Its distribution is in base units: seconds, bytes, dollars.
type Outcome struct {
	Name   string // of a definition, without its option; empty for an expression
	Option string // the option it belongs to, or empty
	Text   string // as written
	Line   int
	// Used holds for a definition that another statement uses: it is a step and no answer.
	Used bool
	// Input holds for an amount that is an uncertain input itself.
	Input   bool
	Dim     quantity.Dim
	Display quantity.Display
	Dist    dist.Dist
	ref     dist.Ref
}

// FullName is the name by which [Model] finds an outcome: "redis.cost" inside an option, and for an
// option of one outcome the option's name.
func (o Outcome) FullName() string {
	if o.Option != "" && o.Name != o.Option {
		return o.Option + "." + o.Name
	}
	return o.Name
}

// Low is the 5th percentile in base units.
func (o Outcome) Low() float64 { return o.Dist.Quantile(0.05) }

// Median is the 50th percentile in base units.
func (o Outcome) Median() float64 { return o.Dist.Quantile(0.5) }

// High is the 95th percentile in base units.
func (o Outcome) High() float64 { return o.Dist.Quantile(0.95) }

// Mean is the mean in base units; it is infinite where some draws are.
func (o Outcome) Mean() float64 { return o.Dist.Mean() }

// Fixed holds for an amount without uncertainty.
func (o Outcome) Fixed() bool { _, ok := o.Dist.(dist.Point); return ok }

// Exact holds where the distribution is known in closed form.
func (o Outcome) Exact() bool { _, sampled := o.Dist.(*dist.Sampled); return !sampled }

// Format prints an amount of base units in the unit of the outcome: a fixed one with the digits that it has,
// of an uncertain one three, and more where its interval is narrower than these tell apart.
func (o Outcome) Format(v float64) string {
	if o.Fixed() {
		return o.Display.Exact(v)
	}
	return o.Display.Precise(v, o.digits())
}

// FormatRange prints two amounts as "2 to 20 MB/s", with the unit once where both have the same and it stands behind.
func (o Outcome) FormatRange(low, high float64) string {
	a, b := o.Display.For(low), o.Display.For(high)
	from, to := o.Format(low), o.Format(high)
	if a.Name() == b.Name() && a.Symbol != "" && !strings.HasPrefix(a.Symbol, "$") && !strings.HasPrefix(a.Symbol, "/") {
		if cut := strings.LastIndexByte(from, ' '); cut > 0 && !strings.Contains(a.Symbol, " ") {
			from = from[:cut]
		}
	}
	return from + " to " + to
}

// digits is how many significant digits tell the ends of the interval apart, with two of their distance.
func (o Outcome) digits() int {
	low, high := o.Low(), o.High()
	width, size := high-low, math.Max(math.Abs(low), math.Abs(high))
	if !(width > 1e-11*size) || math.IsInf(size, 0) {
		return 3
	}
	return int(math.Ceil(math.Log10(size/width))) + 2
}

// String prints the median and the interval: "6.32 MB/s, 90 % between 2 MB/s and 20 MB/s".
func (o Outcome) String() string {
	if o.Fixed() {
		return o.Format(o.Median())
	}
	return fmt.Sprintf("%s, 90 %% between %s and %s", o.Format(o.Median()), o.Format(o.Low()), o.Format(o.High()))
}

// Option is one alternative with its outcomes.
type Option struct {
	Name     string
	Line     int
	Outcomes []Outcome
}

// Outcome returns the outcome of that name.
func (o Option) Outcome(name string) (Outcome, bool) {
	for _, out := range o.Outcomes {
		if out.Name == name {
			return out, true
		}
	}
	return Outcome{}, false
}

// Verdict is a constraint or claim with both of its sides.
type Verdict struct {
	Text        string
	Line        int
	Option      string // the option it is a demand on, or empty
	Op          string // < <= > >=
	Left, Right Outcome
	// Probability that it holds, of the draws in which both sides have a value, which are those that the intervals
	// of its sides are of; 0 where there are none.
	Probability float64
	// Invalid is the share of the draws in which a side has no value.
	Invalid float64
	// Conditions are the words behind `at` of a claim.
	Conditions string
	// Rates are the base rates that it uses.
	Rates []string
}

// Broken returns the constraints and claims that fail with a probability above risk. One option is chosen in the
// end: those on options are among them only where no option keeps all of its own.
func (r *Result) Broken(risk float64) []Verdict {
	var broken, ofOptions []Verdict
	failing := map[string]bool{}
	for _, v := range slices.Concat(r.Constraints, r.Claims) {
		switch {
		case 1-v.Probability <= risk:
		case v.Option == "":
			broken = append(broken, v)
		default:
			ofOptions = append(ofOptions, v)
			failing[v.Option] = true
		}
	}
	if len(failing) == len(r.Options) {
		broken = append(broken, ofOptions...)
	}
	return broken
}

// Evaluate computes the model. The error is that of the context, or of a number of samples out of
// range.
func (m *Model) Evaluate(ctx context.Context, opt Options) (*Result, error) {
	run := opt.run()
	r := &Result{Samples: run.Samples, Seed: opt.Seed, Notes: append([]string(nil), m.notes...)}
	if r.Samples == 0 {
		r.Samples = dist.DefaultSamples
	}
	s := &sampler{model: m, always: opt.AlwaysSample, index: map[dist.Ref]int{}}
	for _, o := range m.outcomes {
		s.want(o.ref)
	}
	for _, d := range m.demands {
		s.want(d.left.ref)
		s.want(d.right.ref)
		if !m.exactDemand(d) {
			s.sample(d.difference)
		}
	}
	if err := s.run(ctx, run); err != nil {
		return nil, err
	}
	r.Sampled = len(s.refs)
	inputs := map[dist.Ref]bool{}
	for _, o := range m.outcomes {
		for _, in := range m.graph.Inputs(o.ref) {
			inputs[in.Ref] = true
		}
	}
	r.Inputs = len(inputs)
	for _, o := range m.File.Options {
		r.Options = append(r.Options, Option{Name: o.Name, Line: o.Line})
	}
	for _, o := range m.outcomes {
		out := m.outcome(*o, s)
		if remark := invalid(out); remark != "" {
			r.Notes = append(r.Notes, remark)
		}
		placed := false
		for i := range r.Options {
			if r.Options[i].Name == out.Option {
				r.Options[i].Outcomes = append(r.Options[i].Outcomes, out)
				placed = true
			}
		}
		if !placed {
			r.Outcomes = append(r.Outcomes, out)
		}
	}
	for _, d := range m.demands {
		v := m.verdict(d, s)
		if v.Invalid > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("line %d: %q has no value in %s of the draws; its probability is of the others", v.Line, v.Text, percent(v.Invalid)))
		}
		if d.statement.Kind == lang.Claim {
			r.Claims = append(r.Claims, v)
		} else {
			r.Constraints = append(r.Constraints, v)
		}
	}
	for _, used1 := range m.rates {
		r.Rates = append(r.Rates, used(used1, opt.Now))
	}
	return r, nil
}

// invalid is the remark on draws that have no value or no bound.
func invalid(o Outcome) string {
	s, ok := o.Dist.(*dist.Sampled)
	if !ok {
		return ""
	}
	name := o.FullName()
	if name == "" {
		name = o.Text
	}
	var parts []string
	if share := s.Invalid(); share > 0 {
		parts = append(parts, fmt.Sprintf("has no value in %s of the draws", percent(share)))
	}
	if share := s.Unbounded() + s.CDF(math.Inf(-1)); share > 0 {
		parts = append(parts, fmt.Sprintf("is unbounded in %s of the draws", percent(share)))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("line %d: %s %s", o.Line, name, strings.Join(parts, " and "))
}

// percent prints a share, never rounding a small one to none.
func percent(share float64) string {
	if share < 0.001 {
		return "less than 0.1 %"
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

// sampler evaluates what has no closed form, all of it in one run over common draws.
type sampler struct {
	model  *Model
	always bool
	refs   []dist.Ref
	index  map[dist.Ref]int
	draws  [][]float64
	ready  map[dist.Ref]dist.Dist
}

func (s *sampler) want(ref dist.Ref) {
	d, ok := s.model.graph.Exact(ref)
	if _, point := d.(dist.Point); !ok || s.always && !point {
		s.sample(ref)
	}
}

func (s *sampler) sample(ref dist.Ref) {
	if _, have := s.index[ref]; !have {
		s.index[ref] = len(s.refs)
		s.refs = append(s.refs, ref)
	}
}

func (s *sampler) run(ctx context.Context, opt dist.RunOptions) error {
	s.ready = map[dist.Ref]dist.Dist{}
	if len(s.refs) == 0 {
		return nil
	}
	var err error
	s.draws, err = s.model.graph.Run(ctx, opt, s.refs...)
	if err != nil {
		return fmt.Errorf("evaluate the estimate: %w", err)
	}
	return nil
}

// distribution is the exact or the sampled one.
func (s *sampler) distribution(ref dist.Ref) dist.Dist {
	i, sampled := s.index[ref]
	if !sampled {
		d, _ := s.model.graph.Exact(ref)
		return d
	}
	if d, ok := s.ready[ref]; ok {
		return d
	}
	d := s.model.graph.Sampled(ref, s.draws[i])
	s.ready[ref] = d
	return d
}

func (m *Model) outcome(o outcome, s *sampler) Outcome {
	out := Outcome{
		Text: o.statement.Text, Line: o.statement.Line, Option: o.statement.Option, Used: o.used,
		Dim: o.dim, Dist: s.distribution(o.ref), ref: o.ref,
	}
	_, out.Input = m.inputs[o.ref]
	out.Name = o.statement.Name
	if rest, ok := strings.CutPrefix(out.Name, out.Option+"."); ok && out.Option != "" {
		out.Name = rest
	}
	out.Display = o.display(out.Dist)
	return out
}

// display chooses the unit by the median, or by the upper end where that is zero or unbounded.
func (m meaning) display(d dist.Dist) quantity.Display {
	if m.strict {
		return quantity.In(m.near)
	}
	size := math.Abs(d.Quantile(0.5))
	if size == 0 || math.IsInf(size, 0) || math.IsNaN(size) {
		size = math.Abs(d.Quantile(0.05))
		if high := math.Abs(d.Quantile(0.95)); size == 0 && !math.IsInf(high, 0) {
			size = high
		}
	}
	return quantity.Choose(size, m.dim, m.near)
}

// exactDemand says whether the probability of a demand has a closed form.
func (m *Model) exactDemand(d *demand) bool {
	if difference, ok := m.graph.Exact(d.difference); ok {
		_, fixed := difference.(dist.Point)
		return fixed || dist.Continuous(difference)
	}
	ratio, ok := m.graph.Exact(d.ratio)
	right, exact := m.graph.Exact(d.right.ref)
	// A ratio of positive amounts compares them; one of negative amounts turns the comparison.
	return ok && positive(ratio) && dist.Continuous(ratio) && exact && right.Quantile(0.5) > 0
}

// positive says whether a distribution is of positive values alone, by its family.
func positive(d dist.Dist) bool {
	switch d.(type) {
	case dist.Lognormal, dist.TwoPiece:
		return true
	}
	return false
}

func (m *Model) verdict(d *demand, s *sampler) Verdict {
	v := Verdict{
		Text: d.statement.Text, Line: d.statement.Line, Option: d.option, Op: d.statement.Op, Conditions: d.statement.Conditions,
		Left: m.outcome(d.left, s), Right: m.outcome(d.right, s),
	}
	v.Left.Name, v.Right.Name = "", ""
	v.Left.Text, v.Right.Text = m.text(d.statement.Left), m.text(d.statement.Right)
	v.Left.Option, v.Right.Option = d.option, d.option
	for _, name := range m.File.Rates {
		if slices.ContainsFunc(m.rateRefs[name], func(ref dist.Ref) bool {
			return m.graph.DependsOn(d.left.ref, ref) || m.graph.DependsOn(d.right.ref, ref)
		}) {
			v.Rates = append(v.Rates, name)
		}
	}
	strict := v.Op == "<" || v.Op == ">"
	less := v.Op == "<" || v.Op == "<="
	if i, sampled := s.index[d.difference]; sampled && !m.exactDemand(d) {
		holds, valid := 0, 0
		for _, x := range s.draws[i] {
			if math.IsNaN(x) {
				continue
			}
			valid++
			if less && (x < 0 || x == 0 && !strict) || !less && (x > 0 || x == 0 && !strict) {
				holds++
			}
		}
		v.Invalid = 1 - float64(valid)/float64(len(s.draws[i]))
		v.Probability = float64(holds) / float64(max(valid, 1))
		return v
	}
	below := 0.0
	if difference, ok := m.graph.Exact(d.difference); ok {
		if x, fixed := difference.(dist.Point); fixed {
			holds := x < 0 && less || x > 0 && !less || x == 0 && !strict
			if holds {
				v.Probability = 1
			}
			return v
		}
		below = difference.CDF(0)
	} else {
		ratio, _ := m.graph.Exact(d.ratio)
		below = ratio.CDF(1)
	}
	v.Probability = below
	if !less {
		v.Probability = 1 - below
	}
	return v
}

func (m *Model) text(n *lang.Node) string {
	return strings.Join(strings.Fields(m.File.Source.Text[n.Span.Start:n.Span.End]), " ")
}
