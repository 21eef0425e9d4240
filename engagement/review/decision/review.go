package decision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

// Thresholds. A probability between noiseLow and noiseHigh separates nothing. A claim is supported when it is
// true in at least 95 % of the draws, the end of the intervals that the language speaks of, and contradicted
// when it is true in at most 10 %: it is for the claim to be nearly always true, and a claim that one draw
// of twenty saves must not change its verdict with the seed.
const (
	noiseLow     = 0.2
	noiseHigh    = 0.8
	settled      = 0.95
	contradicted = 0.10
)

// MaxAssumptions is how many uncertain inputs an estimate bears: with more, "the assumptions compound"
// (sirupsen/napkin-math, the technique of at most six).
const MaxAssumptions = 6

// influential is the share of an outcome's uncertainty from which an input counts as an assumption.
const influential = 0.01

// topInputs is how many inputs are told of each outcome.
const topInputs = 3

// Options say how a record is reviewed.
type Options struct {
	Profile *rate.Profile
	// Experiments are the names of the rates of the profile that were measured for this review, and Refused those that
	// were to be and could not, with the reason. Both are nil where nobody asked for experiments.
	Experiments []string
	Refused     []measure.Refusal
	Now         time.Time // the day on which the age of prices is judged
	Samples     int       // draws; 0 is taken for 16,384
	Seed        uint64
}

func (o Options) estimate() estimate.Options {
	return estimate.Options{Samples: o.Samples, Seed: o.Seed, Now: o.Now}
}

// Result is a reviewed record.
type Result struct {
	Record  *Record
	Chosen  string // option, or empty where the record has not decided
	Choice  Choice // how it says so
	Options []string
	Model   *estimate.Result
	// Outcomes are what the options are compared by, in the order of the text.
	Outcomes    []Comparison
	Constraints []Constraint
	Claims      []Claim
	// Lacks are the constraints that could not be checked for an option, because it has no such outcome.
	Lacks []Lack
	// Assumptions are the labels of the uncertain inputs that carry at least 1 % of some outcome's spread.
	Assumptions []string
	// Missing are the sections that the record lacks, and PreMortem the failure modes for its tags.
	Missing   []Gap
	PreMortem []FailureMode

	profile *rate.Profile
	opt     Options
}

// Better says which end of an outcome is wanted.
type Better int

// Directions of an outcome.
const (
	Unknown Better = iota // nothing in the record says so
	Lower
	Higher
)

// Comparison is one outcome over all options.
type Comparison struct {
	Name        string
	Better      Better
	ByOption    map[string]estimate.Outcome
	Sensitivity map[string][]Sensitivity // by option, the most influential first, at most three
	Pairs       []Pair
	// Worth is what knowing each input before choosing by this outcome is worth at most, in the outcome's
	// unit; of amounts of money only.
	Worth []Worth
	// Heavy are the options of which a thousandth of the draws holds more than a tenth of the mean: draws do not tell
	// what knowing an input is worth then.
	Heavy []string
}

// Display is the unit in which the whole comparison is printed: that of the largest median.
func (c *Comparison) Display() quantity.Display {
	best, size := quantity.Display{}, -1.0
	for _, name := range slices.Sorted(maps.Keys(c.ByOption)) {
		if o := c.ByOption[name]; o.Median() > size {
			best, size = o.Display, o.Median()
		}
	}
	return best
}

// Sensitivity is one input of an outcome.
type Sensitivity struct {
	estimate.Influence
	// Left is the expected width of the 90 % interval when the input is known, as a share of the width now.
	Left float64
}

// Pair compares two options by one outcome over common draws: Less is the probability that A is below B.
type Pair struct {
	A, B string
	dist.Comparison
	// Flips are the inputs over which the order changes, and Steady those over which it does not
	// within what was searched.
	Flips  []Flip
	Steady []Flip
	// Uneven is not nil where the two rest on rates of different origin.
	Uneven *Uneven
}

// Same holds where both are equal in every draw in which they have a value.
func (p Pair) Same() bool { return p.Equal == 1 }

// NeverOver holds where the two are equal in some draws and one of them is above the other in none.
func (p Pair) NeverOver() bool { return p.Equal > 0 && !p.Same() && (p.Less == 0 || p.Greater == 0) }

// Noise holds where the model does not tell the two apart: ties are no order, and half of them count for each.
func (p Pair) Noise() bool {
	return !p.Same() && !p.NeverOver() && p.Half() >= noiseLow && p.Half() <= noiseHigh
}

// pair finds the comparison of two options, the way in which it is asked for.
func (c *Comparison) pair(a, b string) (Pair, bool) {
	for _, p := range c.Pairs {
		switch {
		case p.A == a && p.B == b:
			return p, true
		case p.A == b && p.B == a:
			p.A, p.B, p.Less, p.Greater, p.Uneven = p.B, p.A, p.Greater, p.Less, nil // nobody asks it for its rates
			return p, true
		}
	}
	return Pair{}, false
}

// Flip is the break-even over one definition: all its crossings, or none of them within what was searched.
type Flip struct {
	Over string // full name of the definition
	estimate.BreakEven
	Input estimate.Outcome // the definition as it stands
}

// Inside are the crossings that lie within the input's 90 % range.
func (f Flip) Inside() []dist.Crossing {
	return slices.DeleteFunc(slices.Clone(f.Crossings), func(c dist.Crossing) bool { return f.Input.Fixed() || c.At < f.Input.Low() || c.At > f.Input.High() })
}

// where prints crossings of the input to two digits: "3 and 7".
func (f Flip) where(crossings []dist.Crossing) string {
	var at []string
	for _, c := range crossings {
		at = append(at, f.round(c.At))
	}
	return list(at)
}

func (f Flip) round(v float64) string { return twoDigits(f.Display, v) }

// Constraint is a demand on an option with what it rests on.
type Constraint struct {
	estimate.Verdict
	// Named are the options whose outcomes it names in full, where it is a demand on no single option.
	Named []string
	// Decisive are the inputs that would settle it best, the best first.
	Decisive []Decisive
}

// Open holds where the model does not say whether the constraint holds.
func (c Constraint) Open() bool { return c.Probability >= noiseLow && c.Probability <= noiseHigh }

// Of is whom it is a demand on: an option, those that it names, or the model as a whole.
func (c Constraint) Of() string {
	return cmp.Or(c.Option, list(c.Named), "the model")
}

// binds holds where a choice of an option has to keep it.
func (c Constraint) binds(option string) bool {
	switch {
	case option == "":
		return false
	case c.Option != "":
		return c.Option == option
	}
	return len(c.Named) == 0 || slices.Contains(c.Named, option)
}

// ClaimVerdict is what the rates say of a claim.
type ClaimVerdict string

// Verdicts on claims.
const (
	Supported    ClaimVerdict = "supported"
	Contradicted ClaimVerdict = "contradicted"
	Undecided    ClaimVerdict = "needs an experiment"
)

// Claim is a sentence of the record that rates can contradict.
type Claim struct {
	estimate.Verdict
	Judged ClaimVerdict
	Basis  []rate.Rate // the rates that it rests on
	// Measured holds where all of them were measured on this machine, and ByExperiment where they were for
	// this review.
	Measured, ByExperiment bool
	// Runnable are those that `--experiment` can measure here.
	Runnable []string
}

// Review reads the model of a record against a profile and evaluates it. The error is a [lang.Errors] for
// a model that cannot be read, a sentence for one that compares nothing, or that of the context.
func Review(ctx context.Context, rec *Record, opt Options) (*Result, error) {
	model, err := estimate.Parse(rec.Source, opt.Profile)
	if err != nil {
		return nil, err
	}
	r := &Result{Record: rec, Missing: gaps(rec), PreMortem: preMortem(rec.Front.Tags), profile: opt.Profile, opt: opt}
	for _, o := range model.File.Options {
		r.Options = append(r.Options, o.Name)
	}
	if len(r.Options) == 0 {
		return nil, fmt.Errorf("%s:%d: the model has no option; write `option NAME { cost = ... }` for each alternative", rec.Name, rec.Blocks[0].Line)
	}
	if r.Choice, err = rec.Chosen(r.Options); err != nil {
		return nil, err
	}
	r.Chosen = r.Choice.Option
	if r.Model, err = model.Evaluate(ctx, opt.estimate()); err != nil {
		return nil, err
	}
	e := &evaluator{ctx: ctx, opt: opt.estimate(), model: model, result: r, text: newDefinitions(model.File)}
	if err := e.comparisons(); err != nil {
		return nil, err
	}
	r.Lacks = e.text.lacks(r.Options)
	for _, v := range r.Model.Constraints {
		c := Constraint{Verdict: v}
		if v.Option == "" {
			c.Named = e.text.named(v.Line, v.Text)
		}
		if v.Probability > 1-settled && v.Probability < settled {
			if c.Decisive, err = e.decisive(v); err != nil {
				return nil, err
			}
		}
		r.Constraints = append(r.Constraints, c)
	}
	for _, v := range r.Model.Claims {
		r.Claims = append(r.Claims, judge(v, opt))
	}
	return r, nil
}

// judge settles a claim by the rates that it uses.
func judge(v estimate.Verdict, opt Options) Claim {
	c := Claim{Verdict: v, Judged: Undecided, Measured: len(v.Rates) > 0, ByExperiment: len(v.Rates) > 0}
	switch {
	case v.Probability >= settled:
		c.Judged = Supported
	case v.Probability <= contradicted:
		c.Judged = Contradicted
	}
	for _, name := range v.Rates {
		r, _ := opt.Profile.Get(name)
		c.Basis = append(c.Basis, r)
		c.Measured = c.Measured && r.Origin == rate.Measured
		c.ByExperiment = c.ByExperiment && slices.Contains(opt.Experiments, name)
		if Runnable(name) {
			c.Runnable = append(c.Runnable, name)
		}
	}
	return c
}

// Failures are the sentences for which a review fails: a claim that is contradicted, and a constraint of
// the chosen option that fails with a probability above failOn or that could not be checked for it, and two
// choices in one record.
func (r *Result) Failures(failOn float64) []string {
	var all []string
	if r.Choice.Other != "" {
		all = append(all, r.Choice.twice())
	}
	for _, c := range r.Constraints {
		if fails := 1 - c.Probability; c.binds(r.Chosen) && fails > failOn {
			if c.Invalid == 1 {
				all = append(all, fmt.Sprintf("line %d: `%s` has no value in any draw for the chosen option %s", c.Line, c.Text, r.Chosen))
				continue
			}
			all = append(all, fmt.Sprintf("line %d: the chosen option %s fails `%s` with probability %s", c.Line, r.Chosen, c.Text, probability(fails)))
		}
	}
	for _, l := range r.Lacks {
		if l.Option == r.Chosen {
			all = append(all, l.sentence())
		}
	}
	for _, c := range r.Claims {
		if c.Judged == Contradicted {
			all = append(all, fmt.Sprintf("line %d: the claim `%s` is contradicted", c.Line, c.Text))
		}
	}
	return all
}

// evaluator works out what the estimate does not give by itself.
type evaluator struct {
	ctx    context.Context //nolint:containedctx // of one call of Review
	opt    estimate.Options
	model  *estimate.Model
	result *Result
	text   definitions
}

// comparisons finds the outcomes that options share, and compares them.
func (e *evaluator) comparisons() error {
	r := e.result
	names := map[string]int{}
	var order []string
	for _, o := range r.Model.Options {
		ends := 0
		for _, out := range o.Outcomes {
			if out.Name == "" || e.text.step[out.FullName()] {
				continue
			}
			ends++
			key := outcomeName(o, out)
			if names[key] == 0 {
				order = append(order, key)
			}
			names[key]++
		}
		if ends == 0 {
			return fmt.Errorf("%s:%d: option %s has no outcome; define what it costs or takes, such as `cost = $50/month`", r.Record.Name, o.Line, o.Name)
		}
	}
	assumed := map[string]bool{}
	for _, name := range order {
		if names[name] < 2 && len(r.Model.Options) > 1 && !e.text.demanded[name] {
			continue
		}
		c := Comparison{Name: name, ByOption: map[string]estimate.Outcome{}, Sensitivity: map[string][]Sensitivity{}}
		for _, o := range r.Model.Options {
			for _, out := range o.Outcomes {
				if outcomeName(o, out) == name {
					c.ByOption[o.Name] = out
				}
			}
		}
		if err := c.sameDimension(r.Record.Name, r.Options); err != nil {
			return err
		}
		c.Better = e.better(name, c.Display().Dim)
		for _, option := range r.Options {
			out, ok := c.ByOption[option]
			if !ok || out.Fixed() {
				continue
			}
			list, err := e.sensitivity(out)
			if err != nil {
				return err
			}
			for _, s := range list {
				if s.Share >= influential {
					assumed[s.Label] = true
				}
			}
			c.Sensitivity[option] = list[:min(len(list), topInputs)]
		}
		if err := e.pairs(&c); err != nil {
			return err
		}
		if err := e.worth(&c); err != nil {
			return err
		}
		r.Outcomes = append(r.Outcomes, c)
	}
	if len(r.Outcomes) == 0 {
		return fmt.Errorf("%s: the options share no outcome, so nothing can be compared; give each of %s a definition of the same name", r.Record.Name, strings.Join(r.Options, ", "))
	}
	r.Assumptions = slices.Sorted(maps.Keys(assumed))
	return nil
}

// outcomeName is the name by which options are compared. `option a = ...` has its one outcome under the
// option's own name.
func outcomeName(o estimate.Option, out estimate.Outcome) string {
	if out.Name == o.Name {
		return "value"
	}
	return out.Name
}

func (c *Comparison) sameDimension(file string, options []string) error {
	var first *estimate.Outcome
	for _, option := range options {
		out, ok := c.ByOption[option]
		if !ok {
			continue
		}
		if first == nil {
			first = &out
		} else if first.Dim != out.Dim {
			return fmt.Errorf("%s:%d: %s is %s and %s (line %d) is %s; outcomes of one name are compared, so they are of one kind", file, out.Line, out.FullName(), out.Dim, first.FullName(), first.Line, first.Dim)
		}
	}
	return nil
}

// better is the direction that constraints ask for, else lower for money and time.
func (e *evaluator) better(name string, dim quantity.Dim) Better {
	if b := e.text.wanted[name]; b != Unknown {
		return b
	}
	if dim[quantity.Money] == 1 || dim == quantity.Of(quantity.Time) {
		return Lower
	}
	return Unknown
}

func (e *evaluator) pairs(c *Comparison) error {
	options := e.result.Options
	for i, a := range options {
		for _, b := range options[i+1:] {
			left, ok := c.ByOption[a]
			right, both := c.ByOption[b]
			if !ok || !both {
				continue
			}
			compared, err := e.model.Compare(e.ctx, e.opt, left.FullName(), right.FullName())
			if err != nil {
				return err
			}
			p := Pair{A: a, B: b, Comparison: compared, Uneven: e.uneven(left.FullName(), right.FullName())}
			for _, over := range e.text.leaves(left.FullName(), right.FullName()) {
				if err := e.flip(&p, left, right, over); err != nil {
					return err
				}
			}
			c.Pairs = append(c.Pairs, p)
		}
	}
	return nil
}

// flipSamples suffice for the two digits that are shown; each break-even is some hundred runs.
const flipSamples = 16384

func (e *evaluator) flip(p *Pair, left, right estimate.Outcome, over string) error {
	opt := e.opt
	opt.Samples = flipSamples
	found, err := e.model.BreakEven(e.ctx, opt, left.FullName(), right.FullName(), over)
	if err := e.ctx.Err(); err != nil {
		return err
	}
	if err != nil {
		return nil //nolint:nilerr // a definition that the ends of a range were computed from cannot be varied
	}
	f := Flip{Over: over, BreakEven: found, Input: e.outcome(over)}
	switch {
	case found.Found:
		p.Flips = append(p.Flips, f)
	case found.From < found.To:
		p.Steady = append(p.Steady, f)
	}
	return nil
}

// outcome finds a definition of the evaluated model.
func (e *evaluator) outcome(full string) estimate.Outcome {
	for _, out := range e.result.Model.Outcomes {
		if out.FullName() == full {
			return out
		}
	}
	for _, o := range e.result.Model.Options {
		for _, out := range o.Outcomes {
			if out.FullName() == full {
				return out
			}
		}
	}
	return estimate.Outcome{}
}

// refusal is why a rate could not be measured for this review, or nil.
func (r *Result) refusal(name string) error {
	for _, refused := range r.opt.Refused {
		if refused.Name == name {
			return refused.Reason
		}
	}
	return nil
}

// IsModelError says whether an error is one of the model's text, with excerpts.
func IsModelError(err error) bool {
	var errs lang.Errors
	return errors.As(err, &errs)
}
