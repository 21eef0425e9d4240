package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// ratesSchema is the version of the JSON form of rates.
const ratesSchema = 1

func (f *face) ratesVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rates",
		Short: "show the base rates that costs are computed from, or measure them here",
		Long: `Costs are computed from base rates: round trips, scans, index descents, prices. A table of
published rates ships with napkin; those that measure finds on this machine stand before them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(f.ratesShowVerb(), f.ratesMeasureVerb())
	return cmd
}

func (f *face) ratesShowVerb() *cobra.Command {
	var asJSON bool
	show := &cobra.Command{
		Use:   "show [WORD...]",
		Short: "compare the rates measured here with the published ones; only names that hold a word, or all",
		Long: `Lists the base rates: what was measured on this machine beside what is published, and their
ratio, measured over published. Below 1 is faster for a time and slower for an amount per
second. A wide terminal also shows the range (nine of ten installations or samples lie within
it), where the figure comes from and what it is. -v prints each one's source.

A measurement over loopback has no ratio to a published figure that has a network in it, and one of
another server or disk than this machine's says which.

A measurement that other work disturbed is marked noisy: an order of magnitude. One that is
marked invalid is listed and never used. Prices and measurements older than 180 days are marked old.`,
		Example: "napkin rates show postgres redis\nnapkin rates show -v fsync",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			rates, err := f.shownRates(args)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(f.stdout, map[string]any{"schema_version": ratesSchema, "rates": rates})
			}
			f.printRates(rates)
			return nil
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return show
}

// shownRate is a rate as a run uses it, beside the published one where it was measured.
type shownRate struct {
	rate.Rate
	Published *rate.Rate `json:"published,omitempty"`
	Ratio     float64    `json:"ratio,omitempty"`  // measured over published
	Unlike    bool       `json:"unlike,omitempty"` // measured over loopback, published over a network: there is no ratio
	Stale     bool       `json:"stale,omitempty"`  // a price or measurement of long ago
}

// beside puts rates beside the published ones.
func (f *face) beside(rates []rate.Rate) []shownRate {
	shown := make([]shownRate, len(rates))
	for i, r := range rates {
		shown[i] = shownRate{Rate: r, Stale: r.Stale(f.now())}
		if p, ok := rate.Embedded().Get(r.Name); ok && r.Origin == rate.Measured && p.Kind == r.Kind && p.Of == r.Of && p.Value > 0 {
			shown[i].Published = &p
			// A network beside loopback is another thing, and no ratio of the same.
			if shown[i].Unlike = p.Network && !strings.HasPrefix(r.Where, serverPlace); !shown[i].Unlike {
				shown[i].Ratio = r.Value / p.Value
			}
		}
	}
	return shown
}

func (f *face) shownRates(words []string) ([]shownRate, error) {
	measured, err := workspace.ThisMachine(f.getenv).Rates()
	if err != nil {
		return nil, err
	}
	rates, err := rate.Embedded().With(measured...).Match(words...)
	return f.beside(rates), err
}

// printRates prints rates side by side; with --verbose each with what it is and its source below it. The
// first columns fit 80 columns; the others stand where there is room.
func (f *face) printRates(rates []shownRate) {
	width := f.width(f.stdout)
	table := [][]string{{"RATE", "MEASURED", "PUBLISHED", "RATIO", "", "RANGE", "DATE", "WHAT"}}
	for _, r := range rates {
		table = append(table, append(columnsOf(r), span(r.Rate), r.Date, r.What))
	}
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	columns := 5
	if columnsWidth(widths[:7])+40 <= width {
		columns = 7 // and what a rate is beside it
	}
	indent := columnsWidth(widths[:columns])
	for i, row := range table {
		var line strings.Builder
		for j, cell := range row[:columns] {
			line.WriteString(cell + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)+2))
		}
		if columns == 7 {
			line.WriteString(strings.ReplaceAll(wrap(row[7], width-indent), "\n", "\n"+strings.Repeat(" ", indent)))
		}
		fmt.Fprintln(f.stdout, strings.TrimRight(line.String(), " "))
		if f.verbose && i > 0 {
			r := rates[i-1]
			text := strings.ToUpper(r.What[:1]) + r.What[1:] + ". " + r.Source + " (" + r.Provenance() + ")"
			if r.Conditions != nil {
				text += " " + conditions(r.Rate)
			}
			fmt.Fprintf(f.stdout, "    %s\n", strings.ReplaceAll(wrap(text, min(width, 100)-4), "\n", "\n    "))
		}
	}
}

// columnsOf are the name, the two values, their ratio and what a reader must be warned of.
func columnsOf(r shownRate) []string {
	measured, published, ratio, warning := "-", "-", "", ""
	switch {
	case r.Origin != rate.Measured:
		published = r.String()
	case r.Unlike:
		measured, published, warning = r.String(), r.Published.String(), "loopback, published over a network"
	case r.Published != nil:
		measured, published, ratio = r.String(), r.Published.String(), unit.Digits(r.Ratio)
	default:
		measured = r.String()
	}
	warnings := slices.DeleteFunc([]string{string(r.Verdict), map[bool]string{true: "old"}[r.Stale], warning, r.Where}, func(w string) bool { return w == "" || w == string(rate.Quiet) })
	warning = strings.Join(warnings, "; ")
	return []string{r.Name, measured, published, ratio, warning}
}

// conditions says in a sentence what a machine was and did while a rate was measured.
func conditions(r rate.Rate) string {
	c, s := r.Conditions, r.Samples
	text := fmt.Sprintf("On %s, %d cores, %s", c.CPU, c.Cores, c.Kernel)
	if c.Filesystem != "" {
		text += ", " + c.Filesystem
	}
	if c.CPULimit > 0 {
		text += ", limited to " + unit.Digits(c.CPULimit) + " cores"
	}
	text += fmt.Sprintf("; others kept %s cores busy, a task waited for a CPU %s %% and for a disk %s %% of the time, %s %% was stolen",
		unit.Digits(c.OtherCores), unit.Digits(100*c.PressureCPU), unit.Digits(100*c.PressureIO), unit.Digits(100*c.Steal))
	if s != nil {
		text += fmt.Sprintf("; floor %s, median %s, 95th percentile %s", r.Format(s.Floor), r.Format(s.Median), r.Format(s.P95))
	}
	return text + "; " + string(r.Verdict) + "."
}

// span prints the range of a rate, with the unit once where both ends have the same.
func span(r rate.Rate) string {
	low, high := r.Format(r.Low), r.Format(r.High)
	if i := strings.IndexAny(high, " /"); i > 0 {
		low = strings.TrimSuffix(low, high[i:])
	}
	return low + " to " + high
}

// columnsWidth is the width of columns with two spaces behind each.
func columnsWidth(widths []int) int {
	sum := 0
	for _, w := range widths {
		sum += w + 2
	}
	return sum
}
