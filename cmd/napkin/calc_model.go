package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/compute"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/render"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// modelFlags are the flags of `calc run` that only a model takes.
type modelFlags struct {
	scenarios []string
	dims      []string
	by        string
	samples   int
	plain     bool
	digits    int
	most      int
}

// modelOnly and bookOnly are the flags that one kind of input takes, and the other refuses.
var (
	modelOnly = []string{"scenario", "dim", "by", "samples", "plain", "digits", "max"}
	bookOnly  = []string{"now", "trust", "formatted"}
)

func (o *modelFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.scenarios, "scenario", nil, "model: apply the scenario of this `name`; may be given several times, in order")
	flags.StringArrayVar(&o.dims, "dim", nil, "model: cut a dimension to its first items: `Store=100`; may be given several times")
	flags.StringVar(&o.by, "by", "", "model: show everything by these dimensions and this grain: `Product,year`")
	flags.IntVar(&o.samples, "samples", 0, "model: draw so many `samples`; 0 takes every distribution for its mean (default what the model says)")
	flags.BoolVar(&o.plain, "plain", false, "model: keep all values as 64-bit floating point, in no smaller form")
	flags.IntVar(&o.digits, "digits", render.Digits, "model: print numbers with so many significant `digits`; -v prints all they have")
	flags.IntVar(&o.most, "max", 40, "model: print at most so many `lines` of a table; 0 prints all")
	completeNames(cmd)
}

// completeNames completes flags that take names of a model.
func completeNames(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("scenario", completeModel(func(file *lang.File) (names []string) {
		for _, s := range file.Scenarios {
			names = append(names, s.Name.Name)
		}
		return names
	}))
	_ = cmd.RegisterFlagCompletionFunc("dim", completeModel(func(file *lang.File) (names []string) {
		for _, d := range file.Dimensions {
			names = append(names, d.Name.Name+"=")
		}
		return names
	}))
	_ = cmd.RegisterFlagCompletionFunc("by", completeModel(func(file *lang.File) (names []string) {
		for _, d := range file.Dimensions {
			names = append(names, d.Name.Name)
		}
		return append(names, "day", "week", "month", "quarter", "year")
	}))
}

// completeModel completes a flag from what stands in the model that the command line names.
func completeModel(names func(*lang.File) []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 || !isModel(args[0]) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		file, err := readModel(args[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(file), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeInput completes the name of a file that a verb takes.
func completeInput(endings ...string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

// isModel says by the ending whether a file is a model: .nap, or the same as .json.
func isModel(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".nap" || ext == ".json"
}

// refuse tells of a flag that the input does not take.
func refuse(cmd *cobra.Command, path string) error {
	names, kind, other := modelOnly, "a workbook", "models (.nap, .json)"
	if isModel(path) {
		names, kind, other = bookOnly, "a model", "workbooks (.xlsx)"
	}
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s is a flag of %s, and %s is %s", name, other, path, kind)
		}
	}
	return nil
}

// maxModel bounds the text of a model; larger tables belong into files.
const maxModel = 64 << 20

// readModel parses a model.
func readModel(path string) (*lang.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxModel {
		return nil, fmt.Errorf("%s has %s; a model is a text of at most %s, and larger tables stand in files beside it", path, unit.Bytes(info.Size()), unit.Bytes(maxModel).Binary())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(path), ".json") {
		return lang.ParseJSON(path, text)
	}
	return lang.Parse(lang.Source{Name: path, Text: string(text)})
}

// opening is what was asked of a model.
type opening struct {
	scenarios, dims, sets, shows []string
	by                           string
}

// loaded is a checked model.
type loaded struct {
	*model.Model
	file  *lang.File
	path  string
	rows  data.Files
	asked opening
	cut   []string // dimensions that are cut short, for the reader
}

// loadModel reads and checks a model.
func loadModel(ctx context.Context, path string, asked opening) (*loaded, error) {
	file, err := readModel(path)
	if err != nil {
		return nil, err
	}
	l := &loaded{file: file, path: path, asked: asked, rows: withParquet(data.Files{Dir: filepath.Dir(path)})}
	o := model.Options{Rows: l.rows, Scenarios: asked.scenarios, Set: asked.sets, By: asked.by, Show: asked.shows}
	for _, d := range asked.dims {
		name, count, ok := strings.Cut(d, "=")
		n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(count), "_", ""))
		name = strings.TrimSpace(name)
		if !ok || err != nil || n < 0 {
			return nil, fmt.Errorf("--dim %s: write a dimension and how many of its items stay, as in Store=100", d)
		}
		if o.Dims == nil {
			o.Dims = map[string]int{}
		}
		if _, twice := o.Dims[name]; twice {
			return nil, fmt.Errorf("--dim %s: %s is cut already", d, name)
		}
		o.Dims[name] = n
		l.cut = append(l.cut, fmt.Sprintf("%s to its first %s", name, plural(int64(n), "item")))
	}
	if l.Model, err = model.Check(ctx, file, o); err != nil {
		return nil, err
	}
	if l.Name == "" {
		l.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return l, nil
}

// modelSeed reads a seed: a whole number, or a word that stands for one.
func modelSeed(s string) uint64 {
	if n, err := strconv.ParseUint(s, 10, 53); err == nil {
		return n
	}
	hash := fnv.New64a()
	hash.Write([]byte(s))
	return hash.Sum64() >> 11
}

// calcModel computes a model.
func (f *face) calcModel(cmd *cobra.Command, path string, book *bookFlags, o *modelFlags, sets, shows []string, output string) error {
	ctx := cmd.Context()
	memory, err := book.bytes()
	if err != nil {
		return err
	}
	switch {
	case book.threads < 0:
		return fmt.Errorf("--threads %d: give 0 for all, or a number", book.threads)
	case o.samples < 0 || o.samples > 10_000_000:
		return fmt.Errorf("--samples %d: give a number from 0 to 10 million", o.samples)
	case o.digits < 1 || o.digits > 17:
		return fmt.Errorf("--digits %d: give a number from 1 to 17", o.digits)
	case o.most < 0:
		return fmt.Errorf("--max %d: give a number of lines, or 0 for all", o.most)
	}
	files, err := newModelFiles(output)
	if err != nil {
		return err
	}
	l, err := loadModel(ctx, path, opening{scenarios: o.scenarios, dims: o.dims, sets: sets, shows: shows, by: o.by})
	if err != nil {
		return err
	}
	if len(l.Outputs) == 0 {
		return fmt.Errorf("%s shows nothing; add a statement such as `show %s`, or give --show", path, firstVariable(l.Model))
	}
	if book.seed != "" {
		l.Seed = modelSeed(book.seed)
	}
	options := compute.Options{Rows: l.rows, Threads: book.threads, Memory: memory, Plain: o.plain}
	if cmd.Flags().Changed("samples") {
		options.Samples = o.samples
		if o.samples == 0 {
			options.Samples = -1
		}
	}
	result, work, err := f.compute(ctx, l, options)
	if err != nil {
		return err
	}
	d := &render.Document{Model: l.Name, File: filepath.Base(path), Scenarios: o.scenarios, Set: sets, Cut: l.cut, Seed: l.Seed, Tool: programVersion(), Result: &result.Result}
	if !slices.ContainsFunc(d.Tables, hasRandom) {
		d.Samples = 0
	}
	if err := files.write(d); err != nil {
		return err
	}
	if err := f.printModel(d, result.Stats, work, files.written, o, book.json); err != nil {
		return err
	}
	f.napkinLine(work)
	return nil
}

// firstVariable is an example of what a model may show.
func firstVariable(m *model.Model) string {
	for _, v := range slices.Backward(m.Vars) {
		if v.Kind == model.Computed {
			return v.Name
		}
	}
	return "revenue by year"
}

// compute evaluates a model: it states the limit first, and shows how far the work is.
func (f *face) compute(ctx context.Context, l *loaded, options compute.Options) (*compute.Result, limit.Item, error) {
	work := f.modelWork(l, options)
	f.stateLimit(work)
	report, end := f.stages()
	options.Progress = report
	result, err := compute.Run(ctx, l.Model, options)
	end()
	return result, work, err
}

// stages turns what an evaluator tells into progress. The second function ends it.
func (f *face) stages() (report func(compute.Stage, int64, int64), end func()) {
	reporter := f.progress()
	var mu sync.Mutex
	var name compute.Stage
	var now progress.Stage
	var known, told int64
	report = func(stage compute.Stage, done, all int64) {
		mu.Lock()
		defer mu.Unlock()
		if now == nil || stage != name {
			if now != nil {
				now.End()
			}
			name, known, told = stage, all, 0
			now = reporter.Stage(string(stage), all)
		}
		if all > known {
			now.Grow(all - known)
			known = all
		}
		if done > told {
			now.Add(done - told)
			told = done
		}
	}
	return report, func() {
		mu.Lock()
		defer mu.Unlock()
		if now != nil {
			now.End()
		}
	}
}

// modelWork is the least work of a run of a model. docs/calc-model.md says how it is found.
func (f *face) modelWork(l *loaded, o compute.Options) limit.Item {
	profile, err := workspace.ThisMachine(f.getenv).Profile()
	if err != nil {
		profile = rate.Embedded()
	}
	read, ok := profile.Get(rate.MemoryReadSequentialAll)
	touch, okTouch := profile.Get(rate.MemoryTouch)
	if !ok || !okTouch {
		return nil
	}
	least := compute.Least(l.Model, o)
	threads := o.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	work := limit.Series{}
	if file, ok := profile.Get(rate.FileReadCached); ok {
		bytes := int64(0)
		for _, s := range least.Sources {
			path := s.Location
			if !filepath.IsAbs(path) {
				path = filepath.Join(l.rows.Dir, path)
			}
			if info, err := os.Stat(path); s.Kind != "database" && err == nil {
				bytes += info.Size()
			}
		}
		if bytes > 0 {
			work = append(work, limit.Work{Name: "reading files", Amount: float64(bytes), Rate: file})
		}
	}
	return append(work,
		limit.Overlapped{
			limit.Work{Name: "reading inputs", Amount: 8 * float64(least.Given), Rate: read},
			limit.Work{Name: "computing " + plural(least.Computed, "cell"), Amount: 8 * float64(least.Computed), Rate: read},
		},
		limit.Work{Name: "memory used first", Amount: float64(least.Fresh()), Rate: touch, Lanes: threads})
}

// stateLimit says before the work what it cannot take less than.
func (f *face) stateLimit(work limit.Item) {
	if work == nil {
		return
	}
	if b := work.Least(); b.Seconds > 0 {
		f.note("this takes at least %s: %s", unit.Seconds(b.Seconds), b.By)
	}
}

// printModel prints tables, or the document as JSON, and notes.
func (f *face) printModel(d *render.Document, s compute.Stats, work limit.Item, written []string, o *modelFlags, asJSON bool) error {
	if asJSON {
		if err := printJSON(f.stdout, modelJSON{render.NewJSON(d), computedJSON(s), orNone(written), f.sofar(work).JSON()}); err != nil {
			return err
		}
	} else if written == nil {
		options := render.TextOptions{Width: f.width(f.stdout), Color: f.colored(f.stdout), Digits: o.digits, Full: f.verbose, Max: o.most}
		if err := render.Text(f.stdout, d, options); err != nil {
			return err
		}
	}
	for _, path := range written {
		f.note("wrote %s", path)
	}
	for _, note := range d.Notes {
		f.note("%s", note)
	}
	if s.ByCell {
		f.note("computed cell by cell, which is slow: %s", s.Why)
	}
	if d.Samples > 0 && !asJSON {
		f.note("%s samples, seed %d", countOf(int64(d.Samples)), d.Seed)
	}
	if s.Spilled > 0 {
		f.note("%s did not fit into memory and went to a temporary file; --memory allows more", unit.Bytes(s.Spilled))
	}
	if f.verbose {
		f.note("computed %s in %s, data of %s in memory", plural(s.Cells, "cell"), unit.Duration(s.Took), unit.Bytes(s.Stored))
		for _, sweep := range s.Sweeps {
			f.note("  %s: %s in %s, %s on the way", clipped(strings.Join(sweep.Vars, ", "), 60), plural(sweep.Cells, "cell"), unit.Duration(sweep.Took), plural(int64(sweep.Rollups), "roll-up"))
		}
	}
	return nil
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// modelJSON is the document of a run with what it did.
type modelJSON struct {
	render.JSON
	Computed statsJSON     `json:"computed"`
	Written  []string      `json:"written"`
	Limit    limit.RunJSON `json:"limit"`
}

type statsJSON struct {
	ByCell  string      `json:"cell_by_cell,omitempty"` // why, where the slow evaluator ran
	Cells   int64       `json:"cells"`
	Sweeps  []sweepJSON `json:"sweeps"`
	Spilled int64       `json:"spilled_bytes"`
	Touched int64       `json:"first_touched_bytes"`
	Stored  int64       `json:"stored_bytes"`
	Rows    int64       `json:"rows_read"`
	Took    float64     `json:"seconds"`
}

type sweepJSON struct {
	Vars    []string `json:"variables"`
	Cells   int64    `json:"cells"`
	Rollups int      `json:"rollups"`
	Read    int64    `json:"read_bytes"`
	Took    float64  `json:"seconds"`
}

func computedJSON(s compute.Stats) statsJSON {
	out := statsJSON{Cells: s.Cells, Sweeps: []sweepJSON{}, Spilled: s.Spilled, Touched: s.Touched, Stored: s.Stored, Rows: s.Rows, Took: s.Took.Seconds()}
	if s.ByCell {
		out.ByCell = s.Why
	}
	for _, w := range s.Sweeps {
		out.Sweeps = append(out.Sweeps, sweepJSON{orNone(w.Vars), w.Cells, w.Rollups, w.Read, w.Took.Seconds()})
	}
	return out
}
