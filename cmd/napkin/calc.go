package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// calcSchema is the version of the JSON forms of the verbs of calc.
const calcSchema = 1

func (f *face) calcVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calc",
		Short: "recalculate workbooks of millions of formulas, and models of up to billions of cells",
		Long: `Opens an .xlsx workbook, recalculates it, edits it and writes it back, with Excel's semantics. The rest of
the file stays as it is, byte for byte. A function that is not known is #NAME?, never a silent 0. And computes
models: texts of variables over dimensions and time. docs/calc.md says how it works, docs/functions.md lists
the functions of workbooks, docs/calc-model.md is the language of models.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(f.calcRunVerb(), f.calcCheckVerb(), f.calcExplainVerb(), f.calcProfileVerb(), f.calcExportVerb(), f.calcBenchVerb())
	return cmd
}

// bookFlags are the flags of all verbs that open a workbook.
type bookFlags struct {
	now     string
	seed    string
	threads int
	json    bool
	written bool // the workbook will be written, too
}

// keptXML is how much inflated XML is kept in memory from reading a workbook to writing it.
const keptXML = 128 << 20

func (o *bookFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.now, "now", "", "workbook: the `moment` that NOW and TODAY tell, as 2026-11-28 or 2026-11-28T14:30:00; without it, that of the call")
	flags.StringVar(&o.seed, "seed", "", "choose other random numbers; the same `word` gives the same")
	flags.IntVar(&o.threads, "threads", 0, "how many processors to use; 0 means all")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
}

// options returns the engine's options.
func (o *bookFlags) options(f *face, dates cell.Dates) (calc.Options, error) {
	now := f.now()
	if o.now != "" {
		var err error
		if now, err = time.ParseInLocation("2006-01-02T15:04:05", o.now, time.Local); err != nil {
			if now, err = time.ParseInLocation("2006-01-02", o.now, time.Local); err != nil {
				return calc.Options{}, fmt.Errorf("--now %s: write a moment as 2026-11-28 or 2026-11-28T14:30:00", o.now)
			}
		}
	}
	if o.threads < 0 {
		return calc.Options{}, fmt.Errorf("--threads %d: give 0 for all, or a number", o.threads)
	}
	hash := fnv.New64a()
	hash.Write([]byte(o.seed))
	return calc.Options{Now: dates.SerialOf(now), Seed: hash.Sum64(), Threads: o.threads}, nil
}

// opened is a workbook with the file that it is from.
type opened struct {
	*calc.Workbook
	file  *xlsx.File
	notes calc.Notes
	path  string
	took  time.Duration
}

// openBook opens a workbook, and tells what in it will not be calculated.
func (f *face) openBook(ctx context.Context, path string, o *bookFlags) (*opened, error) {
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".xls" || ext == ".xlsb" || ext == ".ods" || ext == ".csv" {
		return nil, fmt.Errorf("%s: only .xlsx and .xlsm workbooks are read; save it as one of these", path)
	}
	if isModel(path) {
		return nil, fmt.Errorf("%s is a model; `napkin calc run` computes it", path)
	}
	began := f.now()
	file, err := xlsx.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, err
	}
	options, err := o.options(f, file.Workbook().Dates)
	if err != nil {
		file.Close()
		return nil, err
	}
	if free, ok := procfs.Host.Memory("MemAvailable"); ok {
		options.Heap = int64(free) / 2 // the rest is for what lies between two looks at it, and for others
	}
	if o.written {
		file.Keep(keptXML)
	}
	stage := f.progress().Stage("reading "+filepath.Base(path), file.Bytes())
	book, notes, err := calc.Open(ctx, file, options, stage.Add)
	stage.End()
	if err != nil {
		file.Close()
		return nil, err
	}
	b := &opened{Workbook: book, file: file, notes: notes, path: path, took: f.now().Sub(began)}
	f.tell(b)
	return b, nil
}

// tell says what a workbook has that is not calculated.
func (f *face) tell(b *opened) {
	n := b.notes
	for _, u := range n.Unread {
		where := u.Cell
		if u.Sheet != "" {
			where = u.Sheet + "!" + u.Cell
		}
		f.note("%s keeps the value of the file: its formula cannot be read: %v", where, u.Err)
	}
	if n.More > 0 {
		f.note("and %s that cannot be read", plural(int64(n.More), "more formula"))
	}
	if n.DataTables > 0 {
		f.note("what-if tables keep the values of the file: %s", plural(n.DataTables, "cell"))
	}
	if len(n.Externals) > 0 {
		f.note("other workbooks that formulas name (%s) are not opened: their cells have the values that the file remembers", strings.Join(n.Externals, ", "))
	}
	if n.Displayed {
		f.note("the workbook asks for precision as displayed; it is calculated with full precision")
	}
}

func (f *face) calcRunVerb() *cobra.Command {
	var o bookFlags
	var m modelFlags
	var sets, shows []string
	var output string
	var keep bool
	cmd := &cobra.Command{
		Use:   "run FILE.xlsx | MODEL.nap",
		Short: "recalculate a workbook with cells set to other values and write it back, or compute a model",
		Long: `Of a workbook: sets cells (--set), recalculates all formulas and prints cells (--show) or what the workbook
is. With -o the result is written: the same file with new values, everything else byte for byte as it was.
The file itself is changed only if -o names it. A value of --set is a number, TRUE, FALSE, a formula that
begins with =, or text; quotation marks make text of anything: --set 'Sheet1!B2="5"'. A cell without a
sheet is on the first one.

Of a model (docs/calc-model.md; a .json file is one too): computes what it shows, with scenarios and
definitions replaced (--scenario, --set), dimensions cut short (--dim) or other figures shown (--show, --by).
With -o the tables are written: .csv and .parquet one file a table, .json, .md, and .html with charts.`,
		Example: `napkin calc run book.xlsx --set 'Inputs!B2=0.05' --show 'Summary!B2:B20'
napkin calc run book.xlsx --set 'B2=5' -o what-if.xlsx
napkin calc run plan.nap
napkin calc run plan.nap --scenario 'High churn' --set 'price = base * 1.1' -o plan.html
napkin calc run plan.nap --show 'revenue, margin by Region, year' --samples 10000
napkin calc run plan.nap --by Product,year --dim Store=100 -o figures.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("say which workbook or model: napkin calc run FILE.xlsx, napkin calc run MODEL.nap")
			case len(args) > 1:
				return fmt.Errorf("napkin calc run takes one workbook or model, and %q was given too", args[1])
			}
			return nil
		},
		ValidArgsFunction: completeInput("nap", "xlsx", "xlsm", "json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if err := refuse(cmd, args[0]); err != nil {
				return err
			}
			if isModel(args[0]) {
				return f.calcModel(cmd, args[0], &o, &m, sets, shows, output)
			}
			return f.calcRun(cmd.Context(), args[0], &o, sets, shows, output, keep)
		},
	}
	o.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&sets, "set", nil, "set a cell, or replace what a variable of a model is: `'B2=5'`, 'churn = 3%'; may be given several times")
	flags.StringArrayVar(&shows, "show", nil, "print the cells of an area or name, or of a model a `table`: 'revenue by Region, year'; may be given several times")
	flags.StringVarP(&output, "output", "o", "", "write the workbook, or the tables of a model, to this `file`")
	flags.BoolVar(&keep, "trust", false, "workbook: take the values of the file for fresh, and compute only what --set makes stale")
	m.add(cmd)
	return cmd
}

// oneFile refuses anything but one argument.
func oneFile(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("say which workbook: napkin %s FILE.xlsx", verb)
		case len(args) > 1:
			return fmt.Errorf("napkin %s takes one workbook, and %q was given too", verb, args[1])
		}
		return nil
	}
}

func (f *face) calcRun(ctx context.Context, path string, o *bookFlags, sets, shows []string, output string, trust bool) error {
	o.written = output != ""
	b, err := f.openBook(ctx, path, o)
	if err != nil {
		return err
	}
	defer b.file.Close()
	for _, s := range sets {
		if err := b.set(s); err != nil {
			return fmt.Errorf("--set %s: %w", s, err)
		}
	}
	if !trust {
		b.All()
	}
	report, err := b.Recalculate(ctx)
	if err != nil {
		return err
	}
	f.circles(b, report)
	saved := time.Duration(0)
	if output != "" {
		began := f.now()
		stage := f.progress().Stage("writing "+filepath.Base(output), b.file.Bytes())
		err := b.Save(ctx, b.file, output, stage.Add)
		stage.End()
		if err != nil {
			return err
		}
		saved = f.now().Sub(began)
	}
	if err := f.printRun(b, report, shows, output, saved, o.json); err != nil {
		return err
	}
	f.napkinLine(f.bookWork(b, report, output != ""))
	return nil
}

// circles tells of cells that depend on themselves.
func (f *face) circles(b *opened, r calc.Report) {
	if r.Circular == 0 {
		return
	}
	var cells []string
	for i, c := range r.Circles {
		if i == 5 {
			cells = append(cells, "...")
			break
		}
		cells = append(cells, b.Sheets()[c.Sheet]+"!"+c.String())
	}
	if r.Circular == 1 {
		f.note("1 cell depends on itself: %s", cells[0])
		return
	}
	f.note("%s depend on themselves: %s", plural(r.Circular, "cell"), strings.Join(cells, ", "))
}

// set carries out a --set.
func (b *opened) set(s string) error {
	where, value, ok := cutSet(s)
	if !ok {
		return errors.New("write CELL=VALUE, as in 'Inputs!B2=0.05'")
	}
	areas, err := b.Find(where)
	if err != nil {
		return err
	}
	if len(areas) != 1 || !areas[0].Single() {
		return fmt.Errorf("%s is not one cell", where)
	}
	a := areas[0]
	switch {
	case strings.HasPrefix(value, "="):
		return b.SetFormula(a.Sheet, a.R0, a.C0, value[1:], false)
	case len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"':
		return b.Set(a.Sheet, a.R0, a.C0, cell.Str(strings.ReplaceAll(value[1:len(value)-1], `""`, `"`)))
	}
	return b.Set(a.Sheet, a.R0, a.C0, typedValue(value, b.file.Workbook().Dates))
}

// cutSet cuts at the first "=" behind the reference, whose sheet may be between apostrophes.
func cutSet(s string) (where, value string, ok bool) {
	from := 0
	if strings.HasPrefix(s, "'") {
		from = max(strings.Index(s, "'!"), 0)
	}
	i := strings.IndexByte(s[from:], '=')
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSpace(s[:from+i]), s[from+i+1:], true
}

// typedValue is what a value means that somebody types into a cell.
func typedValue(s string, dates cell.Dates) cell.Value {
	switch {
	case s == "":
		return cell.Value{}
	case strings.EqualFold(s, "TRUE"), strings.EqualFold(s, "FALSE"):
		return cell.Truth(len(s) == 4)
	}
	if e, ok := cell.ParseError(s); ok {
		return cell.Err(e)
	}
	if v, ok := cell.ParseNumber(s, dates); ok {
		return cell.Num(v)
	}
	return cell.Str(s)
}

// bookWork is the least work of a run over a workbook: its XML is read and perhaps written, and each computed cell is written once.
func (f *face) bookWork(b *opened, r calc.Report, written bool) limit.Item {
	profile, err := workspace.ThisMachine(f.getenv).Profile()
	if err != nil {
		profile = rate.Embedded()
	}
	parse, ok := profile.Get(rate.ParseXML)
	if !ok {
		return nil
	}
	memory, _ := profile.Get(rate.MemoryWriteSequential)
	work := limit.Series{limit.Work{Name: "reading XML", Amount: float64(b.file.Bytes()), Rate: parse},
		limit.Work{Name: "memory", Amount: 8 * float64(r.Cells), Rate: memory}}
	if written {
		if compress, ok := profile.Get(rate.CompressDeflate); ok {
			work = append(work, limit.Work{Name: "compressing XML", Amount: float64(b.file.Bytes()), Rate: compress})
		}
	}
	return work
}
