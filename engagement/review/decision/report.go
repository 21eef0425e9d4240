package decision

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Report states the review. version is that of the program. Sections stand in the order in which a person
// who must decide reads them, and the open questions come last.
func (r *Result) Report(version string) *report.Report {
	out := &report.Report{
		SchemaVersion: report.SchemaVersion, Tool: report.Tool{Name: "napkin", Version: version}, Kind: "review",
		Title: "Review of the decision: " + r.Record.Title, Subject: r.Record.Name, Verdict: r.verdict(),
	}
	for i := range r.Outcomes {
		out.Sections = append(out.Sections, r.outcomeSection(&r.Outcomes[i]))
	}
	for _, s := range []report.Appendix{
		r.constraintSection(), r.claimSection(), r.sensitivitySection(), r.breakEvenSection(), r.undoSection(), r.novelty(),
		r.preMortemSection(), r.gapSection(), r.noteSection(), r.rateSection(), r.questionSection(),
	} {
		if s.Text != "" || len(s.Rows) > 0 {
			out.Sections = append(out.Sections, s)
		}
	}
	return out
}

// probability prints a probability, never rounding an open one to certainty.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "unknown"
	case p > 0 && p < 0.005:
		return "below 1 %"
	case p < 1 && p > 0.995:
		return "above 99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

// twoDigits prints a break-even: what the model gives, to two digits.
func twoDigits(d quantity.Display, v float64) string {
	n := d.Number(v)
	if n == 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return d.Format(v)
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(n)))-1)
	return d.Format(math.Round(n/unit) * unit * (v / n))
}

// words of an order, for prose.
func (c *Comparison) lower() string {
	if c.Display().Dim == quantity.Of(quantity.Time) {
		return "shorter"
	}
	return "lower"
}

// separated says in one sentence what a pair's probability means, and never more than that.
func (c *Comparison) separated(p Pair) string {
	of := ""
	if p.Invalid > 0 {
		of = fmt.Sprintf(", of the %s of the draws in which both have a value", probability(1-p.Invalid))
	}
	a, b, less := p.A, p.B, p.Half()
	if less < 0.5 {
		a, b, less = b, a, 1-less
	}
	switch {
	case math.IsNaN(less):
		return fmt.Sprintf("On %s, %s and %s have no value in any draw together.", c.Name, p.A, p.B)
	case p.Same():
		return fmt.Sprintf("On %s, %s and %s are equal%s.", c.Name, p.A, p.B, of)
	case p.NeverOver():
		return fmt.Sprintf("%s is never %s for %s than for %s: equal with probability %s, %s with %s%s.",
			upperFirst(c.Name), c.higher(), a, b, probability(p.Equal), c.lower(), probability(1-p.Equal), of)
	case p.Noise():
		equal := ""
		if p.Equal >= 0.005 {
			less = max(p.Less, p.Greater)
			equal = fmt.Sprintf(", and P(equal) = %s", probability(p.Equal))
		}
		return fmt.Sprintf("On %s, %s and %s are within noise: P(%s %s) = %s%s%s.", c.Name, p.A, p.B, a, c.lower(), probability(less), equal, of)
	}
	return fmt.Sprintf("%s is %s for %s than for %s with probability %s%s.", upperFirst(c.Name), c.lower(), a, b, probability(max(p.Less, p.Greater)), of)
}

// higher is the opposite of lower.
func (c *Comparison) higher() string {
	if c.lower() == "shorter" {
		return "longer"
	}
	return "higher"
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (r *Result) verdict() report.Verdict {
	var failing, open, without, broken []string
	for _, c := range r.Constraints {
		who := c.Of()
		switch {
		case c.Invalid == 1:
			without = append(without, who)
		case c.Open():
			open = append(open, who)
		case c.Probability < noiseLow:
			failing = append(failing, who)
			subject := who
			if who != "the model" {
				subject = "option " + who // else a sentence began with another name than the record's
			}
			broken = append(broken, fmt.Sprintf("%s misses `%s` (line %d) with probability %s", subject, c.Text, c.Line, probability(1-c.Probability)))
		}
	}
	var refuted []string
	undecided, openClaims := 0, 0
	for _, c := range r.Claims {
		switch c.Judged {
		case Contradicted:
			refuted = append(refuted, fmt.Sprintf("`%s` (line %d)", c.Text, c.Line))
		case Undecided:
			if c.Measured || len(c.Runnable) == 0 {
				openClaims++
			} else {
				undecided++
			}
		}
	}
	h := &headline{}
	r.choice(h)
	h.count(len(refuted), "one claim is contradicted", "%d claims are contradicted")
	h.constraints(failing, "is missed", "are missed")
	h.constraints(without, "has no value in any draw", "have no value in any draw")
	h.constraints(open, "is open", "are open")
	h.count(openClaims, "one claim is open", "%d claims are open")
	h.count(undecided, "one claim needs an experiment", "%d claims need an experiment")
	v := report.Verdict{Headline: "The model contradicts nothing in the record."}
	switch {
	case len(h.parts) > 0:
		v.Headline = upperFirst(list(h.parts)) + "."
	case len(r.Options) == 1 && len(r.Constraints) == 0 && len(r.Claims) == 0:
		v.Headline = fmt.Sprintf("The model decides nothing: %s is its only option, and it states no constraint and no claim.", r.Options[0])
	}
	switch {
	case r.Choice.Unknown:
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("The record chooses %q (line %d), which is none of the model's options %s, so nothing is held against a choice; name the option in the front matter, as `chosen`.", r.Choice.Text, r.Choice.Line, list(r.Options)))
	case r.Choice.Other != "":
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("What is said of the chosen option is of %s, the one of the front matter.", r.Chosen))
	case r.Chosen == "":
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("The record chooses none of %s, so nothing is held against a choice. This review makes none.", list(r.Options)))
	default:
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("The record chooses %s.", r.Chosen))
	}
	v.Paragraphs = append(v.Paragraphs, h.paragraphs...)
	if len(refuted) > 0 {
		v.Paragraphs = append(v.Paragraphs, "Contradicted: "+strings.Join(refuted, "; ")+".")
	}
	if len(broken) > 0 {
		v.Paragraphs = append(v.Paragraphs, upperFirst(strings.Join(broken, "; "))+".")
	}
	var apart []string
	for i := range r.Outcomes {
		c := &r.Outcomes[i]
		for _, p := range c.Pairs {
			sentence := c.separated(p)
			if p.Uneven != nil {
				sentence = strings.TrimSuffix(sentence, ".") + ", on rates of different origin."
			}
			apart = append(apart, sentence)
		}
	}
	const shown = 4
	if len(apart) > shown {
		apart = append(apart[:shown], fmt.Sprintf("%d further comparisons stand below.", len(apart)-shown))
	}
	if len(apart) > 0 {
		v.Paragraphs = append(v.Paragraphs, strings.Join(apart, " "))
	}
	return v
}

// list joins words as prose does.
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// outcomeSection compares the options by one outcome, with the constraint on it as the dashed rule.
func (r *Result) outcomeSection(c *Comparison) report.Appendix {
	d := c.Display()
	s := report.Appendix{Title: "Outcome: " + c.Name, Head: []string{"option", "median", "90 % of draws between", "from"}}
	iv := &report.Intervals{Title: upperFirst(c.Name) + " by option", Unit: d.Symbol}
	scale := d.Number(1)
	if d.Name() != d.Symbol { // a multiplier such as k: the chart shows plain units
		if scale = 1 / d.Factor; d.Factor == 0 {
			scale = 1
		}
	}
	whole := true
	for _, option := range r.Options {
		out, ok := c.ByOption[option]
		if !ok {
			s.Rows = append(s.Rows, []string{option, "not modelled", "", fmt.Sprintf("line %d has no %s", r.optionLine(option), c.Name)})
			continue
		}
		interval := d.Format(out.Low()) + " and " + d.Format(out.High())
		if out.Fixed() {
			interval = "no uncertainty given"
		}
		if math.IsNaN(out.Median()) {
			s.Rows = append(s.Rows, []string{option, "no value in any draw", "", fmt.Sprintf("line %d", out.Line)})
			whole = false
			continue
		}
		if sampled, ok := out.Dist.(*dist.Sampled); ok && sampled.Invalid() > 0 {
			interval += fmt.Sprintf(", of the %s that have a value", probability(1-sampled.Invalid()))
		}
		s.Rows = append(s.Rows, []string{option, d.Format(out.Median()), interval, fmt.Sprintf("line %d", out.Line)})
		if math.IsInf(out.High(), 0) || math.IsInf(out.Median(), 0) || math.IsInf(out.Low(), 0) || math.IsNaN(out.Median()) {
			whole = false
			continue
		}
		iv.Rows = append(iv.Rows, report.Interval{Label: option, Low: out.Low() * scale, Median: out.Median() * scale, High: out.High() * scale})
	}
	for _, con := range r.Constraints {
		name := con.Left.Text
		if (name == c.Name || strings.HasSuffix(name, "."+c.Name)) && con.Right.Fixed() && con.Right.Dim == d.Dim && iv.LimitName == "" {
			iv.LimitName, iv.Limit = con.Op+" "+d.Format(con.Right.Median())+" demanded", con.Right.Median()*scale
		}
	}
	if len(iv.Rows) > 0 && whole || len(iv.Rows) > 1 {
		s.Chart = iv
	}
	var said []string
	for _, p := range c.Pairs {
		said = append(said, c.separated(p))
		if p.Uneven != nil {
			said = append(said, p.Uneven.sentence(p, r.refusal))
		}
	}
	if c.Better == Unknown && len(c.Pairs) > 0 {
		said = append(said, fmt.Sprintf("Nothing in the record says whether a low or a high %s is wanted; a constraint would.", c.Name))
	}
	for _, w := range c.Worth {
		said = append(said, fmt.Sprintf("Knowing %s before choosing by %s is worth at most %s.", w.Label, c.Name, d.Format(w.Value)))
	}
	if len(c.Heavy) > 0 {
		said = append(said, fmt.Sprintf("What knowing an input is worth is not told: more than a tenth of the mean of %s lies in a thousandth of its draws.", list(c.Heavy)))
	}
	said = append(said, r.byMean(c)...)
	s.Text = strings.Join(said, " ")
	return s
}

// byMean tells where the option that is lower in most draws is the higher one by its mean, which is what is paid over
// many such decisions. Means that draws do not show are left out.
func (r *Result) byMean(c *Comparison) []string {
	if c.Display().Dim[quantity.Money] != 1 {
		return nil
	}
	var said []string
	for _, p := range c.Pairs {
		a, b := c.ByOption[p.A], c.ByOption[p.B]
		known := func(o estimate.Outcome) bool {
			return (o.Exact() || !slices.Contains(c.Heavy, o.Option)) && !math.IsInf(o.Mean(), 0) && !math.IsNaN(o.Mean())
		}
		if p.Noise() || !known(a) || !known(b) {
			continue
		}
		x, y := p.A, p.B
		if p.Half() < 0.5 {
			x, y, a, b = y, x, b, a
		}
		if a.Mean() > b.Mean()*(1+1e-9) {
			said = append(said, fmt.Sprintf("By the mean it is the other way round, %s for %s and %s for %s: in the draws in which %s is higher it is much higher.", a.Format(a.Mean()), x, b.Format(b.Mean()), y, x))
		}
	}
	return said
}

func (r *Result) optionLine(name string) int {
	for _, o := range r.Model.Options {
		if o.Name == name {
			return o.Line
		}
	}
	return 0
}

func sides(v estimate.Verdict) (left, right string) {
	side := func(o estimate.Outcome) string {
		if o.Fixed() {
			return o.Format(o.Median())
		}
		return o.Format(o.Low()) + " to " + o.Format(o.High())
	}
	return side(v.Left), side(v.Right)
}

func (r *Result) constraintSection() report.Appendix {
	s := report.Appendix{Title: "Constraints", Head: []string{"constraint", "option", "is", "holds with", "verdict"}}
	for _, c := range r.Constraints {
		left, right := sides(c.Verdict)
		verdict := "holds"
		switch {
		case c.Open():
			verdict = "open: within noise"
		case c.Probability < noiseLow:
			verdict = "misses"
		}
		if c.binds(r.Chosen) && c.Of() != "the model" {
			verdict += " (chosen)"
		}
		if !c.Right.Fixed() { // else the constraint's own text says what is demanded
			left += " against " + right
		}
		holds := probability(c.Probability)
		if c.Invalid == 1 {
			holds, verdict = "no value in any draw", "not checked"
		} else if c.Invalid > 0 {
			holds += fmt.Sprintf(", of the %s of the draws that have a value", probability(1-c.Invalid))
		}
		s.Rows = append(s.Rows, []string{fmt.Sprintf("`%s` (line %d)", c.Text, c.Line), c.Of(), left, holds, verdict})
	}
	for _, l := range r.Lacks {
		verdict := "not checked"
		if l.Option == r.Chosen {
			verdict += " (chosen)"
		}
		s.Rows = append(s.Rows, []string{fmt.Sprintf("`%s` (line %d)", l.Text, l.Line), l.Option, "no " + list(l.Names), "", verdict})
	}
	if len(s.Rows) == 0 {
		s.Text = "The model states no constraint, so no option can be ruled out. Write what must hold, such as `constraint p99 <= 200 ms`."
	}
	return s
}

func (r *Result) claimSection() report.Appendix {
	s := report.Appendix{Title: "Claims", Head: []string{"claim", "verdict", "left side", "right side", "true with", "rests on"}}
	for _, c := range r.Claims {
		left, right := sides(c.Verdict)
		var basis []string
		for _, b := range c.Basis {
			basis = append(basis, b.Name+": "+evidence(b))
		}
		if len(basis) == 0 {
			basis = []string{"no base rate: figures of the record only"}
		}
		text := "`" + c.Text + "`"
		if c.Conditions != "" {
			text += " at " + c.Conditions
		}
		verdict := string(c.Judged)
		switch {
		case c.ByExperiment && c.Judged == Undecided:
			verdict = "open, also by experiment"
		case c.ByExperiment:
			verdict += ", by experiment"
		case c.Measured && c.Judged == Undecided:
			verdict = "open, by measured rates"
		case c.Measured:
			verdict += ", by measured rates"
		case len(c.Basis) > 0 && c.Judged != Undecided:
			verdict += ", by published rates"
		}
		s.Rows = append(s.Rows, []string{fmt.Sprintf("%s (line %d)", text, c.Line), verdict, left, c.Op + " " + right, probability(c.Probability), strings.Join(basis, "; ")})
	}
	return s
}

// evidence is a rate with what it was measured from.
func evidence(r rate.Rate) string {
	text := fmt.Sprintf("%s (%s to %s), %s", r, r.Format(r.Low), r.Format(r.High), r.Provenance())
	s := r.Samples
	if s == nil || r.Origin != rate.Measured {
		return text
	}
	text += fmt.Sprintf(", %d samples, best %s, median %s, p95 %s", s.N, r.Format(s.Floor), r.Format(s.Median), r.Format(s.P95))
	if s.Sustained > 0 {
		return text + fmt.Sprintf("; the claim is judged by what is sustained, the mean of all samples: %s (%s to %s with 95 %% confidence)", r.Format(s.Sustained), r.Format(s.SustainedLow), r.Format(s.SustainedHigh))
	}
	return text + "; no mean was kept, so the claim is judged by the range of single samples"
}

func (r *Result) sensitivitySection() report.Appendix {
	s := report.Appendix{Title: "What moves the outcomes", Head: []string{"outcome", "input", "share of the spread", "outcome over the input's range", "width left if known"}}
	for i := range r.Outcomes {
		c := &r.Outcomes[i]
		for _, option := range r.Options {
			for _, in := range c.Sensitivity[option] {
				if in.Share < influential {
					continue
				}
				out := c.ByOption[option]
				known := "no figure"
				if !math.IsNaN(in.Left) {
					known = probability(in.Left)
				}
				over := "no value at some of it"
				if !math.IsNaN(in.Low) && !math.IsNaN(in.High) {
					over = out.FormatRange(in.Low, in.High)
				}
				s.Rows = append(s.Rows, []string{option + "." + c.Name, in.Label, probability(in.Share), over, known})
			}
		}
	}
	if len(s.Rows) > 0 {
		s.Text = "The three inputs that carry most of each outcome's spread. The range of the outcome is with the input at its 5th and 95th percentile and all others at their medians; the last column is the expected width of the 90 % interval once the input is known, as a share of its width now, on a logarithmic scale where it is positive."
	}
	if n := len(r.Assumptions); n > MaxAssumptions {
		s.Text = strings.TrimSpace(s.Text + fmt.Sprintf("\n\nThe outcomes rest on %d uncertain inputs, and more than %d compound: %s. Measure or merge some.", n, MaxAssumptions, list(r.Assumptions)))
	}
	return s
}

func (r *Result) breakEvenSection() report.Appendix {
	s := report.Appendix{Title: "Where the order flips", Head: []string{"outcome", "input", "now", "flips at", "who is lower"}}
	var steady []string
	for i := range r.Outcomes {
		c := &r.Outcomes[i]
		for _, p := range c.Pairs {
			for _, f := range p.Flips {
				now := f.Input.Display.Format(f.Input.Median())
				if !f.Input.Fixed() {
					now = f.Input.FormatRange(f.Input.Low(), f.Input.High())
				}
				s.Rows = append(s.Rows, []string{c.Name, f.Over, now, f.places(), f.Lower(p.A, p.B, f.round)})
			}
			var over []string
			for _, f := range p.Steady {
				over = append(over, f.Over)
			}
			if len(over) > 0 && !p.Same() {
				steady = append(steady, fmt.Sprintf("%s of %s and %s over %s", c.Name, p.A, p.B, list(over)))
			}
		}
	}
	if len(steady) > 0 {
		s.Text = "The order stays the same: " + strings.Join(steady, "; ") + "."
	}
	if s.Text != "" || len(s.Rows) > 0 {
		s.Text = strings.TrimSpace("One input is varied at a time: over its range widened ten times, a share up to 100 %, a range that holds zero by its width on both sides, and a fixed input from a thousandth to a thousand times. The order is that of the more likely one.\n\n" + s.Text)
	}
	return s
}

// places says where the order flips, and whether the input may get there.
func (f Flip) places() string {
	where, inside := f.where(f.Crossings), len(f.Inside())
	switch {
	case f.Input.Fixed() && len(f.Crossings) == 1 && f.Input.Median() != 0:
		return where + fmt.Sprintf(" (%.2g × now)", f.At/f.Input.Median())
	case f.Input.Fixed():
		return where
	case inside == 0:
		return where + " (outside its range)"
	case inside == len(f.Crossings):
		return where + " (inside its range)"
	}
	return where + fmt.Sprintf(" (%s inside its range)", f.where(f.Inside()))
}

func (r *Result) undoSection() report.Appendix {
	f := r.Record.Front
	s := report.Appendix{Title: "Taking it back"}
	for _, fact := range []struct{ what, said string }{
		{"cost to undo", f.Undo}, {"data in a new format", f.DataFormat}, {"point of no return", f.PointOfNoReturn},
	} {
		said := fact.said
		if said == "" {
			said = "the record does not say"
		}
		s.Rows = append(s.Rows, []string{fact.what, said})
	}
	return s
}

// tokens is how many new technologies an organisation can afford at once.
const tokens = 3

func (r *Result) novelty() report.Appendix {
	s := report.Appendix{Title: "New to the team"}
	new := r.Record.Front.New
	switch n := len(new); {
	case new == nil:
		s.Text = "The record does not declare which technologies the team has not run yet (`new-technologies` in the front matter)."
	case n == 0:
		s.Text = "The record declares no technology as new to the team."
	default:
		s.Text = fmt.Sprintf("The record declares %d as new to the team: %s. Each spends one of the about %d innovation tokens that a team has (Dan McKinley, Choose Boring Technology, 2015, https://mcfunley.com/choose-boring-technology).", n, list(new), tokens)
	}
	return s
}

func (r *Result) preMortemSection() report.Appendix {
	s := report.Appendix{Title: "Pre-mortem: a year later it went wrong", Head: []string{"what happened", "what shows it early", "told by"}}
	for _, m := range r.PreMortem {
		s.Rows = append(s.Rows, []string{m.Story, m.Sign, m.Source + " (" + m.URL + ")"})
	}
	if len(s.Rows) > 0 {
		known := slices.DeleteFunc(slices.Clone(r.Record.Front.Tags), func(tag string) bool { return !knownTag(tag) })
		s.Text = "Failure modes for the declared tags: " + list(known) + "."
	}
	return s
}

func (r *Result) gapSection() report.Appendix {
	s := report.Appendix{Title: "Missing from the record", Head: []string{"missing", "so that"}}
	for _, g := range r.Missing {
		s.Rows = append(s.Rows, []string{g.What, g.Why})
	}
	return s
}

func (r *Result) rateSection() report.Appendix {
	s := report.Appendix{Title: "Rates and prices used", Head: []string{"name", "value", "range", "from"}}
	for _, used := range r.Model.Rates {
		from := used.Provenance + ": " + used.Source
		switch {
		case slices.Contains(r.opt.Experiments, used.Name):
			from = "measured by this review; " + from
		case r.refusal(used.Name) != nil:
			from = fmt.Sprintf("not measured by this review, because %v; %s", r.refusal(used.Name), from)
		case used.Stale != "":
			from = used.Stale + "; " + from
		}
		between := used.Format(used.Low) + " to " + used.Format(used.High)
		if used.Low == used.High {
			between = "one price"
		}
		s.Rows = append(s.Rows, []string{used.Name, used.String(), between, from})
	}
	return s
}

// noteSection is what the estimate remarks on the model: draws without a value or a bound, and units left out.
func (r *Result) noteSection() report.Appendix {
	s := report.Appendix{Title: "Notes on the model"}
	for _, note := range r.Model.Notes {
		s.Text += "\n\n" + upperFirst(note) + "."
	}
	s.Text = strings.TrimSpace(s.Text)
	return s
}

// settledBy are the outcomes on which the model tells two options apart.
func (r *Result) settledBy(a, b string) []string {
	var names []string
	for i := range r.Outcomes {
		if p, ok := r.Outcomes[i].pair(a, b); ok && !p.Noise() && !p.Same() && !math.IsNaN(p.Half()) {
			names = append(names, r.Outcomes[i].Name)
		}
	}
	return names
}

// tradeQuestions ask what counts for more where each of two options is the better one on some outcome.
func (r *Result) tradeQuestions(ask func(question, from string)) {
	for i, a := range r.Options {
		for _, b := range r.Options[i+1:] {
			var forA, forB []string
			for k := range r.Outcomes {
				c := &r.Outcomes[k]
				p, ok := c.pair(a, b)
				if !ok || c.Better == Unknown || p.Noise() || p.Same() || math.IsNaN(p.Half()) {
					continue
				}
				if (p.Half() > 0.5) == (c.Better == Lower) {
					forA = append(forA, c.Name)
				} else {
					forB = append(forB, c.Name)
				}
			}
			if len(forA) > 0 && len(forB) > 0 {
				ask(fmt.Sprintf("What counts for more, %s, where %s is the better, or %s, where %s is? The model does not say.", list(forA), a, list(forB), b), fmt.Sprintf("options of lines %d and %d", r.optionLine(a), r.optionLine(b)))
			}
		}
	}
}

// questionSection ends the review: what nobody knows yet, and where each question comes from.
func (r *Result) questionSection() report.Appendix {
	s := report.Appendix{Title: "Open questions", Head: []string{"question", "comes from"}}
	ask := func(question, from string) { s.Rows = append(s.Rows, []string{question, from}) }
	for _, c := range r.Claims {
		from := fmt.Sprintf("claim of line %d", c.Line)
		refused := slices.DeleteFunc(slices.Clone(c.Rates), func(name string) bool { return r.refusal(name) == nil })
		switch {
		case len(refused) > 0:
			ask(fmt.Sprintf("Is `%s` true on the machine that it is for? %s could not be measured: %v.", c.Text, refused[0], r.refusal(refused[0])), from+"; experiment on "+list(refused))
		case c.Judged == Undecided && c.ByExperiment:
			ask(fmt.Sprintf("Is `%s` true? By what was measured it holds in %s of the draws.", c.Text, probability(c.Probability)), from+"; experiment on "+list(c.Rates))
		case c.Judged == Undecided && len(c.Runnable) > 0:
			ask(fmt.Sprintf("Is `%s` true on the machine that it is for? Run this review there with `--experiment`.", c.Text), from+"; rate "+list(c.Runnable))
		case c.Judged == Undecided:
			ask(fmt.Sprintf("Is `%s` true? The sides overlap: it holds in %s of the draws.", c.Text, probability(c.Probability)), from)
		case !c.Measured && len(c.Basis) > 0 && len(c.Runnable) == 0:
			ask(fmt.Sprintf("Does `%s` hold with your own figures? It was judged by published ones.", c.Text), from+"; "+list(c.Rates))
		case !c.Measured && len(c.Basis) > 0:
			ask(fmt.Sprintf("Does `%s` come out the same on your own machine? It was judged by published rates.", c.Text), from+"; "+list(c.Rates))
		}
	}
	for _, c := range r.Constraints {
		if len(c.Decisive) == 0 || !c.Open() {
			continue
		}
		d := c.Decisive[0]
		text := fmt.Sprintf("What is %s? `%s` holds for %s with probability %s; knowing it lowers the risk of judging wrongly from %s to %s", d.Label, c.Text, c.Of(), probability(c.Probability), probability(d.WrongNow), probability(d.WrongKnown))
		if !math.IsNaN(d.BelowFigure) {
			text += ", and it turns near " + twoDigits(d.Display, d.BelowFigure)
		}
		ask(text+".", fmt.Sprintf("constraint of line %d", c.Line))
	}
	for i := range r.Outcomes {
		c := &r.Outcomes[i]
		for _, p := range c.Pairs {
			if p.Uneven != nil {
				ask(fmt.Sprintf("How do %s and %s compare on %s by rates of one origin? Measure %s where the others come from.", p.A, p.B, c.Name, p.Uneven.names()), fmt.Sprintf("lines %d and %d", c.ByOption[p.A].Line, c.ByOption[p.B].Line))
			}
			lines := fmt.Sprintf("lines %d and %d", c.ByOption[p.A].Line, c.ByOption[p.B].Line)
			switch {
			case len(r.settledBy(p.A, p.B)) > 0:
				continue
			case p.Same():
				ask(fmt.Sprintf("What besides %s decides between %s and %s? They are equal on it.", c.Name, p.A, p.B), lines)
				continue
			case !p.Noise():
				continue
			}
			by := ""
			for _, f := range p.Flips {
				if inside := f.Inside(); len(inside) > 0 {
					by = fmt.Sprintf(" The order flips at %s = %s, inside its range.", f.Over, f.where(inside))
					break
				}
			}
			ask(fmt.Sprintf("What besides %s decides between %s and %s? The model tells them apart on no outcome: P(%s %s) is %s.%s", c.Name, p.A, p.B, p.A, c.lower(), probability(p.Half()), by), lines)
		}
		for _, option := range r.Options {
			if _, ok := c.ByOption[option]; !ok {
				ask(fmt.Sprintf("What is %s of %s? The others have it.", c.Name, option), fmt.Sprintf("option of line %d", r.optionLine(option)))
			}
		}
	}
	r.tradeQuestions(ask)
	for _, l := range r.losses() {
		ask(fmt.Sprintf("What speaks for %s that the model does not hold, and is it worth more than what %s is better by on %s?", r.Chosen, l.To, list(l.Outcomes)), fmt.Sprintf("options of lines %d and %d", r.optionLine(r.Chosen), r.optionLine(l.To)))
	}
	for _, used := range r.Model.Rates {
		if used.Stale != "" {
			ask(fmt.Sprintf("Is the price %s still %s? %s.", used.Name, used.String(), upperFirst(used.Stale)), "rate "+used.Name)
		}
	}
	f := r.Record.Front
	if f.Undo == "" || f.PointOfNoReturn == "" {
		ask("What does it cost to take the decision back, and until when can it be?", "front matter: `undo`, `point-of-no-return`")
	}
	if n := len(r.Assumptions); n > MaxAssumptions {
		ask(fmt.Sprintf("Which of the %d uncertain inputs can be measured this week?", n), "section What moves the outcomes")
	}
	if len(s.Rows) == 0 {
		s.Text = "None that the model, its rates or the record raise."
	}
	return s
}
