package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
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
	var asJSON bool
	show := &cobra.Command{
		Use:   "show [WORD...]",
		Short: "list the rates whose name holds one of the words, or all",
		Long: `Lists the base rates with their range (nine of ten installations lie within it) and where
they come from: measured on this machine, or published. -v prints each one's source.`,
		Example: "napkin rates show postgres redis\nnapkin rates show -v fsync",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			profile, err := workspace.ThisMachine(f.getenv).Profile()
			if err != nil {
				return err
			}
			rates, err := profile.Match(args...)
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
	measure := &cobra.Command{
		Use:   "measure",
		Short: "measure memory, system call, loopback, disk and hash rates of this machine in two seconds",
		Long: `Runs six probes and keeps their rates for every later run on this machine: sequential read
of memory, a system call, a TCP round trip over loopback, fsync, sequential read of a cached
file, SHA-1. A file of 32 MiB is written in the user's state folder and removed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.measure(cmd, asJSON)
		},
	}
	for _, sub := range []*cobra.Command{show, measure} {
		sub.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
		cmd.AddCommand(sub)
	}
	return cmd
}

func (f *face) measure(cmd *cobra.Command, asJSON bool) error {
	machine := workspace.ThisMachine(f.getenv)
	if machine.State == "" {
		return fmt.Errorf("measure: neither HOME nor XDG_STATE_HOME is set, so there is no folder to keep the rates in; set one")
	}
	if err := os.MkdirAll(machine.State, 0o755); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	f.note("writing a file of 32 MiB in %s, removed at the end", machine.State)
	stage := f.progress().Stage("measuring this machine", 0)
	meter := limit.Begin()
	measured, err := rate.Measure(cmd.Context(), machine.State, f.now())
	stage.End()
	if cmd.Context().Err() != nil {
		return errInterrupted
	}
	if err != nil {
		f.note("%v", err)
	}
	if len(measured) == 0 {
		return fmt.Errorf("nothing could be measured on this machine")
	}
	path, err := machine.SaveRates(measured)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(f.stdout, map[string]any{"schema_version": ratesSchema, "rates": measured})
	}
	f.printRates(measured)
	f.note("kept in %s", path)
	if !f.quiet {
		fmt.Fprintf(f.stderr, "\n%s\n", meter.Against(limit.Series{}))
	}
	return nil
}

// printRates prints a table of rates; with --verbose each with what it is and its source below it.
func (f *face) printRates(rates []rate.Rate) {
	width := f.width(f.stdout)
	table, widths := ratesTable(rates, true)
	if columnsWidth(widths[:4])-2 > width {
		table, widths = ratesTable(rates, false) // the date stands in -v and in the JSON too
	}
	if over := columnsWidth(widths[:4]) - 2 - width; over > 0 {
		// The origin stands there too; without its column the others fit a narrow terminal.
		for _, row := range table {
			row[3] = ""
		}
		widths[3] = 0
	}
	indent := columnsWidth(widths[:4])
	// What a rate is stands beside it where there is room for a few words, else below it under -v.
	beside := width-indent >= 40
	for i, row := range table {
		var line strings.Builder
		for j, cell := range row[:4] {
			line.WriteString(cell + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)+2))
		}
		if beside {
			line.WriteString(strings.ReplaceAll(wrap(row[4], width-indent), "\n", "\n"+strings.Repeat(" ", indent)))
		}
		fmt.Fprintln(f.stdout, strings.TrimRight(line.String(), " "))
		if f.verbose && i > 0 {
			text := rates[i-1].Source + " (" + rates[i-1].Provenance() + ")"
			if !beside {
				text = strings.ToUpper(row[4][:1]) + row[4][1:] + ". " + text
			}
			fmt.Fprintf(f.stdout, "    %s\n", strings.ReplaceAll(wrap(text, min(width, 100)-4), "\n", "\n    "))
		}
	}
}

// ratesTable lays out the rates, with the date of each where asked, and measures its columns.
func ratesTable(rates []rate.Rate, dated bool) (table [][]string, widths []int) {
	table = [][]string{{"RATE", "VALUE", "RANGE", "FROM", "WHAT"}}
	for _, r := range rates {
		from := string(r.Origin)
		if dated {
			from += " " + r.Date
		}
		table = append(table, []string{r.Name, r.String(), span(r), from, r.What})
	}
	widths = make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return table, widths
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
