package calcbench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Options are what to measure.
type Options struct {
	// Only names the parts to run, in any case; none means all but the part shapes.
	Only []string
	// Match is a part of the names of the shapes to measure, in any case; empty means all.
	Match string
	// Large adds the workbook of 10 million formulas to B2.
	Large bool
	// Products makes the model of B1 smaller than its 1,000 products, and 0 leaves it. Its bars are those of the whole.
	Products int
	// Stored adds to B1 variables that do not fit into memory, with 20 GB of disk.
	Stored bool
	// Runs is how often each piece of work is done; 0 means 5.
	Runs int
	// Command runs a workbook as the command does, in a process of its own: it is given FILE -o OUT.
	Command []string
	// Folder is where workbooks are made; it is emptied by the caller. Empty means a temporary folder that is removed.
	Folder string
	// Peers is the folder with the programs that run the engines of others; empty leaves out all but those on the path.
	Peers string
	// PeerTimeout stops a run of another engine; 0 means a minute.
	PeerTimeout time.Duration
	Profile     *rate.Profile
	// Say is told what comes next and its limit.
	Say func(format string, args ...any)
}

// Report is what was measured.
type Report struct {
	Rows        []Row        `json:"rows"`
	Comparisons []Comparison `json:"comparisons,omitempty"`
	// Missing is what was not measured, and why: engines that are not on the machine, a model for which there is no memory.
	Missing []string `json:"missing,omitempty"`
	// Load is the load of the machine over one minute, before and after; 0 where it is not known.
	LoadBefore float64 `json:"load_before"`
	LoadAfter  float64 `json:"load_after"`
}

// Missed reports whether a bar was missed.
func (r *Report) Missed() bool {
	missed := func(holds *bool) bool { return holds != nil && !*holds }
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return missed(row.Holds) }) ||
		slices.ContainsFunc(r.Comparisons, func(c Comparison) bool { return missed(c.Holds) })
}

// Part is the measurements of one bar.
type Part struct {
	Bar, Title string
	run        func(b *bench) error
	named      bool // it runs only where it is asked for by its name
}

// Parts returns all parts in their order.
func Parts() []Part {
	return []Part{
		{Bar: "B1", Title: "a model of a thousand million cells: roll-ups, a recurrence, memory", run: (*bench).models},
		{Bar: "B2", Title: "a workbook of row-local formulas: open, recalculate, write", run: (*bench).local},
		{Bar: "B3", Title: "chain, growing sum, lookup, conditional sums: no cliff, and the engines of others", run: (*bench).shapes},
		{Bar: "B4", Title: "edits, and 10,000 of them against a fresh engine", run: (*bench).edits},
		{Bar: "B5", Title: "the memory of the graph", run: (*bench).graph},
		{Bar: "shapes", Title: "workbooks of all shapes, doubled three times", run: (*bench).growth, named: true},
	}
}

// bench is one run.
type bench struct {
	Options
	ctx    context.Context
	report Report
	// LibreOffice: the CPU seconds of its start, and what it is.
	officeStart   float64
	officeVersion string
}

// Run measures. On an error what was measured so far is returned with it.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Runs <= 0 {
		o.Runs = 5
	}
	if o.PeerTimeout <= 0 {
		o.PeerTimeout = time.Minute
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Profile == nil {
		o.Profile = rate.Embedded()
	}
	for _, name := range o.Only {
		if !slices.ContainsFunc(Parts(), func(p Part) bool { return strings.EqualFold(p.Bar, name) }) {
			var have []string
			for _, p := range Parts() {
				have = append(have, p.Bar)
			}
			return &Report{}, fmt.Errorf("there is no part %s; there are %s", name, strings.Join(have, ", "))
		}
	}
	if o.Folder == "" {
		folder, err := os.MkdirTemp("", "napkin-calc-bench-")
		if err != nil {
			return &Report{}, err
		}
		defer os.RemoveAll(folder)
		o.Folder = folder
	}
	b := &bench{Options: o, ctx: ctx}
	b.report.LoadBefore = load()
	for _, p := range Parts() {
		if len(o.Only) == 0 && p.named || len(o.Only) > 0 && !slices.ContainsFunc(o.Only, func(name string) bool { return strings.EqualFold(p.Bar, name) }) {
			continue
		}
		if err := p.run(b); err != nil {
			return &b.report, fmt.Errorf("%s: %w", p.Bar, err)
		}
	}
	b.report.LoadAfter = load()
	return &b.report, nil
}

func (b *bench) say(format string, args ...any) { b.Say(format, args...) }

func (b *bench) path(name string) string { return filepath.Join(b.Folder, name) }

// load returns the load of the machine over the last minute.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var one float64
	if _, err := fmt.Sscan(string(text), &one); err != nil {
		return 0
	}
	return one
}
