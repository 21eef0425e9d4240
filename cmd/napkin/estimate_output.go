package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// estimatePage lays out a computed estimate.
type estimatePage struct {
	model   *estimate.Model
	result  *estimate.Result
	opt     estimate.Options
	over    string // the definition of --break-even
	from    int    // the first line that is of interest; the prompt shows the last one only
	width   int
	colored bool
	verbose bool
	b       strings.Builder
}

// topInputs is how many inputs of an answer are shown without --verbose.
const topInputs = 5

func (p *estimatePage) bold(s string) string {
	if p.colored {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

func (p *estimatePage) dim(s string) string {
	if p.colored {
		return "\x1b[2m" + s + "\x1b[0m"
	}
	return s
}

// text renders the page. The error is that of an interrupted computation.
func (p *estimatePage) text(ctx context.Context) (string, error) {
	answers, steps := p.split()
	single := len(answers) == 1 && len(steps) == 0
	for i, o := range answers {
		if i > 0 {
			p.b.WriteString("\n")
		}
		if err := p.answer(ctx, o, !single); err != nil {
			return "", err
		}
	}
	if len(steps) > 0 {
		p.heading("Steps and inputs")
		p.outcomes(steps)
	}
	if err := p.options(ctx); err != nil {
		return "", err
	}
	p.verdicts("Constraints", p.result.Constraints)
	p.verdicts("Claims", p.result.Claims)
	p.rates()
	return p.b.String(), nil
}

// split separates answers from steps: expressions, and definitions that nothing else uses and that are
// no inputs, are answers. Where no such thing is, everything is an answer.
func (p *estimatePage) split() (answers, steps []estimate.Outcome) {
	for _, o := range p.result.Outcomes {
		switch {
		case o.Line < p.from:
		case o.Name == "" || !o.Used && !o.Input && !(o.Fixed() && len(p.result.Options) > 0):
			answers = append(answers, o)
		default:
			steps = append(steps, o)
		}
	}
	if len(answers) == 0 && len(p.result.Options) == 0 && len(p.result.Constraints)+len(p.result.Claims) == 0 {
		return steps, nil
	}
	return answers, steps
}

func (p *estimatePage) heading(text string) {
	if p.b.Len() > 0 {
		p.b.WriteString("\n")
	}
	p.b.WriteString(p.bold(text) + "\n")
}

// answer prints one amount with its shape and its inputs.
func (p *estimatePage) answer(ctx context.Context, o estimate.Outcome, titled bool) error {
	if titled {
		title := o.Name
		if title == "" {
			title = o.Text
		}
		p.b.WriteString(p.bold(shorten(title, p.width)) + "\n")
	}
	if o.Fixed() {
		p.b.WriteString("  " + p.bold(o.Format(o.Median())) + "\n")
		return nil
	}
	how := "closed form: " + o.Dist.Kind()
	if !o.Exact() {
		how = fmt.Sprintf("%s draws, seed %d", unit.Count(p.result.Samples), p.result.Seed)
	}
	line := fmt.Sprintf("  %s   90 %% between %s and %s", p.bold(o.Format(o.Median())), o.Format(o.Low()), o.Format(o.High()))
	p.b.WriteString(line + p.dim("   "+how) + "\n")
	p.histogram(o)
	influences, err := p.model.Influences(ctx, p.opt, o)
	if err != nil {
		return err
	}
	if len(influences) > 1 || p.verbose {
		p.influences(o, influences)
	}
	return nil
}

// blocks are the eighths of a character cell, from empty to full.
var blocks = []rune(" ▁▂▃▄▅▆▇█")

const histogramRows = 4

// histogram draws the shape of an outcome over an axis with its 5th, 50th and 95th percentiles.
func (p *estimatePage) histogram(o estimate.Outcome) {
	columns := max(20, min(p.width-4, 100))
	if p.width < 120 {
		columns = max(20, min(p.width-4, 64))
	}
	h := o.Histogram(columns)
	if len(h.Bins) == 0 {
		return
	}
	most := slices.Max(h.Bins)
	for row := histogramRows - 1; row >= 0; row-- {
		var line strings.Builder
		for _, v := range h.Bins {
			eighths := int(math.Round(v/most*histogramRows*8)) - row*8
			line.WriteRune(blocks[min(max(eighths, 0), 8)])
		}
		if text := strings.TrimRight(line.String(), " "); text != "" {
			p.b.WriteString("  " + text + "\n")
		}
	}
	axis := []rune(strings.Repeat("─", columns))
	labels := []rune(strings.Repeat(" ", columns))
	end := 0
	for _, mark := range []float64{o.Low(), o.Median(), o.High()} {
		if math.IsInf(mark, 0) {
			continue
		}
		at := h.Bin(mark)
		axis[at] = '┼'
		text := []rune(o.Display.Digits(mark))
		start := min(max(at-len(text)/2, end), columns-len(text))
		if start < end {
			continue
		}
		copy(labels[start:], text)
		end = start + len(text) + 1
	}
	scale := o.Display.Symbol
	if h.Log {
		scale = strings.TrimSpace(scale + " (log)")
	}
	p.b.WriteString("  " + string(axis) + "\n  " + p.dim(strings.TrimRight(string(labels), " ")+"  "+scale) + "\n")
}

// influences prints the inputs that move an answer, with the answer at the ends of each.
func (p *estimatePage) influences(o estimate.Outcome, list []estimate.Influence) {
	shown := list
	if len(shown) > topInputs && !p.verbose {
		shown = shown[:topInputs]
	}
	rows := [][]string{{"WHAT MOVES IT", "SHARE", "OVER ITS RANGE", "IF IT WERE KNOWN"}}
	together := 1.0
	for _, i := range list {
		together -= i.Share
	}
	for _, i := range shown {
		known := ""
		if !math.IsNaN(i.KnownLow) && !math.IsNaN(i.KnownHigh) {
			known = o.FormatRange(i.KnownLow, i.KnownHigh)
		}
		rows = append(rows, []string{shorten(i.Label, max(16, p.width/3)), fmt.Sprintf("%.0f %%", 100*i.Share), o.FormatRange(i.Low, i.High), known})
	}
	if together >= 0.015 && !list[0].Exact {
		rows = append(rows, []string{"(inputs together)", fmt.Sprintf("%.0f %%", 100*together), "", ""})
	}
	p.table(rows)
	if rest := len(list) - len(shown); rest > 0 {
		p.b.WriteString(p.dim(fmt.Sprintf("  and %d more; -v shows all", rest)) + "\n")
	}
}

// table prints rows in columns, the first row faint; the last columns are dropped where the width is too
// small.
func (p *estimatePage) table(rows [][]string) { p.columns(rows, fitting(rows, p.width)) }

// wholeTable prints rows in columns, and where the width is too small each row in lines of its own, so that
// nothing is left out.
func (p *estimatePage) wholeTable(rows [][]string) {
	if n := fitting(rows, p.width); n == len(rows[0]) {
		p.columns(rows, n)
		return
	}
	for _, row := range rows[1:] {
		p.b.WriteString("  " + wrapped(row[0], p.width, "  ") + "\n")
		var parts []string
		for i, cell := range row[1:] {
			if cell != "" {
				parts = append(parts, strings.ToLower(rows[0][i+1])+" "+cell)
			}
		}
		if len(parts) > 0 {
			p.b.WriteString("      " + wrapped(strings.Join(parts, ", "), p.width, "      ") + "\n")
		}
	}
}

// cellWidths are the widths of the columns of rows.
func cellWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// fitting is how many columns of rows fit a width, at least two.
func fitting(rows [][]string, width int) int {
	widths := cellWidths(rows)
	columns := len(widths)
	for columns > 2 && columnsWidth(widths[:columns]) > width {
		columns--
	}
	return columns
}

func (p *estimatePage) columns(rows [][]string, columns int) {
	widths := cellWidths(rows)
	for i, row := range rows {
		line := ""
		for j, cell := range row[:columns] {
			line += "  " + cell + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
		}
		line = strings.TrimRight(line, " ")
		if i == 0 {
			line = p.dim(line)
		}
		p.b.WriteString(line + "\n")
	}
}

// outcomes prints amounts in a table.
func (p *estimatePage) outcomes(list []estimate.Outcome) {
	rows := [][]string{{"NAME", "MEDIAN", "90 % BETWEEN"}}
	for _, o := range list {
		name, between := o.Name, ""
		if name == "" {
			name = o.Text
		}
		if !o.Fixed() {
			between = o.FormatRange(o.Low(), o.High())
		}
		rows = append(rows, []string{name, o.Format(o.Median()), between})
	}
	p.wholeTable(rows)
}

// options prints each option with its outcomes, then compares those that two options share.
func (p *estimatePage) options(ctx context.Context) error {
	for _, option := range p.result.Options {
		if option.Line < p.from {
			continue
		}
		p.heading("Option " + option.Name)
		p.outcomes(option.Outcomes)
	}
	comparisons, err := p.comparisons(ctx)
	if err != nil || len(comparisons) == 0 {
		return err
	}
	p.heading("Comparison")
	for _, c := range comparisons {
		p.b.WriteString("  " + wrapped(c.sentence(p.over), p.width, "  ") + "\n")
	}
	return nil
}

// comparison is one outcome that two options have.
type comparison struct {
	first, second string
	dist.Comparison
	even *estimate.BreakEven
}

func (p *estimatePage) comparisons(ctx context.Context) ([]comparison, error) {
	var list []comparison
	if len(p.result.Options) > 0 && p.result.Options[len(p.result.Options)-1].Line < p.from {
		return nil, nil
	}
	for i, first := range p.result.Options {
		for _, second := range p.result.Options[i+1:] {
			for _, pair := range sharedOutcomes(first, second) {
				c := comparison{first: pair[0].FullName(), second: pair[1].FullName()}
				var err error
				if c.Comparison, err = p.model.Compare(ctx, p.opt, c.first, c.second); err != nil {
					return nil, err
				}
				if p.over != "" {
					even, err := p.model.BreakEven(ctx, p.opt, c.first, c.second, p.over)
					if err != nil {
						return nil, err
					}
					c.even = &even
				}
				list = append(list, c)
			}
		}
	}
	if p.over != "" && len(list) == 0 {
		return nil, fmt.Errorf("--break-even %s: there are no two options with an outcome of the same name and kind to compare", p.over)
	}
	return list, nil
}

// sharedOutcomes pairs the outcomes of two options that have the same name and dimension; options of one
// outcome each are compared by it.
func sharedOutcomes(first, second estimate.Option) (pairs [][2]estimate.Outcome) {
	if len(first.Outcomes) == 1 && len(second.Outcomes) == 1 && first.Outcomes[0].Dim == second.Outcomes[0].Dim {
		return [][2]estimate.Outcome{{first.Outcomes[0], second.Outcomes[0]}}
	}
	for _, a := range first.Outcomes {
		if b, ok := second.Outcome(a.Name); ok && a.Dim == b.Dim {
			pairs = append(pairs, [2]estimate.Outcome{a, b})
		}
	}
	return pairs
}

func (c comparison) sentence(over string) string {
	text := fmt.Sprintf("%s is below %s with a probability of %s", c.first, c.second, probability(c.Less))
	switch {
	case math.IsNaN(c.Less):
		return fmt.Sprintf("%s and %s have no value in any draw together.", c.first, c.second)
	case c.Equal == 1:
		text = fmt.Sprintf("%s and %s are equal", c.first, c.second)
	case c.Equal > 0:
		text += fmt.Sprintf(" and equal to it with %s", probability(c.Equal))
	}
	if c.Invalid > 0 {
		text += fmt.Sprintf(" (%s of the draws, in which one of them has no value, left out)", probability(c.Invalid))
	}
	if c.even == nil {
		return text + "."
	}
	even := *c.even
	searched := even.Display.Format(even.From) + " to " + even.Display.Format(even.To)
	switch {
	case !(even.From < even.To):
		return text + fmt.Sprintf("; %s has no range in which they could cross.", over)
	case !even.Found:
		return text + fmt.Sprintf("; they do not cross for %s from %s.", over, searched)
	}
	var at []string
	for _, cross := range even.Crossings {
		said := even.Display.Format(cross.At)
		if cross.High-cross.Low > 1e-6*math.Abs(cross.At) {
			said += fmt.Sprintf(" (open between %s and %s)", even.Display.Format(cross.Low), even.Display.Format(cross.High))
		}
		at = append(at, said)
	}
	return text + fmt.Sprintf("; break-even at %s = %s. The lower one is %s (searched from %s).", over, strings.Join(at, " and "), even.Lower(c.first, c.second, even.Display.Format), searched)
}

// probability prints a probability without claiming certainty that draws cannot show.
func probability(v float64) string {
	switch {
	case v == 0 || v == 1:
		return fmt.Sprintf("%.0f %%", 100*v)
	case v < 0.001:
		return "less than 0.1 %"
	case v > 0.999:
		return "more than 99.9 %"
	case v < 0.1 || v > 0.9:
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

func (p *estimatePage) verdicts(title string, list []estimate.Verdict) {
	list = slices.DeleteFunc(slices.Clone(list), func(v estimate.Verdict) bool { return v.Line < p.from })
	if len(list) == 0 {
		return
	}
	p.heading(title)
	rows := [][]string{{"", "HOLDS WITH", "FOR", "LEFT SIDE", "RIGHT SIDE"}}
	for _, v := range list {
		rows = append(rows, []string{v.Text, probability(v.Probability), v.Option, short(v.Left), short(v.Right)})
	}
	p.wholeTable(rows)
}

// short prints an amount for a narrow column.
func short(o estimate.Outcome) string {
	if o.Fixed() {
		return o.Format(o.Median())
	}
	return o.Format(o.Median()) + " (" + o.FormatRange(o.Low(), o.High()) + ")"
}

func (p *estimatePage) rates() {
	if len(p.result.Rates) == 0 || p.from > 0 && !p.lastUsesRates() {
		return
	}
	p.heading("Base rates")
	rows := [][]string{{"NAME", "VALUE", "RANGE", "FROM"}}
	for _, r := range p.result.Rates {
		value, between := r.Rate, span(r.Rate)
		if r.Samples != nil && r.Samples.Median > 0 {
			value.Value = r.Samples.Median // that is computed with
		}
		if r.Low == r.High {
			between = ""
		}
		rows = append(rows, []string{r.Name, value.String(), between, r.Provenance})
	}
	p.wholeTable(rows)
	for _, r := range p.result.Rates {
		if r.Stale != "" {
			p.b.WriteString("  " + wrapped(r.Name+": "+r.Stale, p.width, "  ") + "\n")
		}
		if p.verbose {
			p.b.WriteString("  " + wrapped(r.Name+": "+r.Source, p.width, "  ") + "\n")
		}
	}
}

// lastUsesRates says whether the lines of interest name a rate.
func (p *estimatePage) lastUsesRates() bool {
	for _, s := range p.model.File.Statements {
		if s.Line < p.from {
			continue
		}
		for _, r := range p.result.Rates {
			if strings.Contains(s.Text, r.Name) {
				return true
			}
		}
	}
	return false
}

func wrapped(text string, width int, indent string) string {
	return strings.ReplaceAll(wrap(text, min(width, 100)-len(indent)), "\n", "\n"+indent)
}

// shorten cuts a text to a number of characters.
func shorten(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:max(1, width-1)]) + "…"
}

// document is the result as JSON, with the influences on each answer and the comparisons of options.
func (p *estimatePage) document(ctx context.Context) (*estimate.Document, error) {
	d := p.result.Document()
	add := func(to *estimate.OutcomeJSON, o estimate.Outcome) error {
		list, err := p.model.Influences(ctx, p.opt, o)
		for _, i := range list {
			to.Influences = append(to.Influences, i.JSON())
		}
		return err
	}
	for i, o := range p.result.Outcomes {
		if err := add(&d.Outcomes[i], o); err != nil {
			return nil, err
		}
	}
	for i, option := range p.result.Options {
		for j, o := range option.Outcomes {
			if err := add(&d.Options[i].Outcomes[j], o); err != nil {
				return nil, err
			}
		}
	}
	comparisons, err := p.comparisons(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range comparisons {
		j := estimate.ComparisonOf(c.first, c.second, c.Comparison)
		if c.even != nil {
			j.BreakEven = c.even.JSON(p.over)
		}
		d.Comparisons = append(d.Comparisons, j)
	}
	return d, nil
}
