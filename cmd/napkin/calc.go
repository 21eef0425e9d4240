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
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// calcSchema is the version of the JSON forms of the verbs of calc.
const calcSchema = 1

func (f *face) calcVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calc",
		Short: "recalculate workbooks of millions of formulas, and models of up to billions of cells",
		Long: `Opens an .xlsx workbook, recalculates it, edits it and writes it back, with Excel's semantics. The rest of
the file stays as it is, byte for byte. A formula with a function that is not known keeps the value of the file,
and is told of, for as long as nothing that it reads is set; then it is #NAME?, never a silent 0. And computes
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
	memory  string
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
	flags.StringVar(&o.memory, "memory", "4GiB", "keep values in so much memory, and the rest in a temporary file; a `size`")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
}

// bytes returns the memory for values.
func (o *bookFlags) bytes() (int64, error) {
	memory, err := unit.ParseBytes(o.memory)
	if err != nil || memory < 1<<20 {
		return 0, fmt.Errorf("--memory %s: give a size of at least 1 MiB, such as 4GiB", o.memory)
	}
	return int64(memory), nil
}

// options returns the engine's options.
func (o *bookFlags) options(f *face, dates cell.Dates) (calc.Options, error) {
	now := f.now()
	if o.now != "" {
		var ok bool
		if now, ok = moment(o.now); !ok {
			return calc.Options{}, fmt.Errorf("--now %s: write a moment as 2026-11-28 or 2026-11-28T14:30:00", o.now)
		}
	}
	if o.threads < 0 {
		return calc.Options{}, fmt.Errorf("--threads %d: give 0 for all, or a number", o.threads)
	}
	memory, err := o.bytes()
	if err != nil {
		return calc.Options{}, err
	}
	hash := fnv.New64a()
	hash.Write([]byte(o.seed))
	return calc.Options{Now: dates.SerialOf(now), Seed: hash.Sum64(), Threads: o.threads, Memory: memory}, nil
}

// moment reads a date with or without a time of day.
func moment(s string) (time.Time, bool) {
	s = strings.Replace(s, "T", " ", 1)
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// opened is a workbook with the file that it is from.
type opened struct {
	*calc.Workbook
	file  *xlsx.File
	notes calc.Notes
	path  string
	took  time.Duration
}

func (b *opened) close() {
	b.Close() //nolint:errcheck // what was to be kept is written
	b.file.Close()
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
	var keep, formatted bool
	cmd := &cobra.Command{
		Use:   "run FILE.xlsx | MODEL.nap",
		Short: "recalculate a workbook with cells set to other values and write it back, or compute a model",
		Long: `Of a workbook: sets cells (--set), recalculates all formulas and prints cells (--show) or what the workbook
is. With -o the result is written: the same file with new values, everything else byte for byte as it was.
The file itself is changed only if -o names it. A value of --set is what one types into a cell in Excel: a
number, also as 5% or 1,000.5, a date as 2026-11-28 or 2026-11-28T14:30, TRUE, FALSE, an error as #N/A, a
formula that begins with =, nothing to empty the cell, or text; quotation marks make text of anything:
--set 'Sheet1!B2="5"'. A cell without a sheet is on the first one. An area is filled: all its cells get the
value, or the formula of the first one as if it was filled down and to the right.

Of a model (docs/calc-model.md; a .json file is one too): computes what it shows, with scenarios and
definitions replaced (--scenario, --set), dimensions cut short (--dim) or other figures shown (--show, --by).
With -o the tables are written: .csv and .parquet one file a table, .json, .md, and .html with charts.`,
		Example: `napkin calc run book.xlsx --set 'Inputs!B2=0.05' --show 'Summary!B2:B20'
napkin calc run book.xlsx --set 'B2=5' -o what-if.xlsx
napkin calc run book.xlsx --set 'Plan!C2:C13=3%' --set 'Plan!D2:D13==D1*(1+C2)' --show 'Plan!D13'
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
			if cmd.Flags().Changed("output") && output == "" {
				return errors.New("-o: name a file")
			}
			if isModel(args[0]) {
				return f.calcModel(cmd, args[0], &o, &m, sets, shows, output)
			}
			if formatted && o.json {
				return errors.New("--formatted is of the table that a person reads; --json has the values")
			}
			return f.calcRun(cmd.Context(), args[0], &o, sets, shows, output, keep, formatted)
		},
	}
	o.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&sets, "set", nil, "set a cell, or replace what a variable of a model is: `'B2=5'`, 'churn = 3%'; may be given several times")
	flags.StringArrayVar(&shows, "show", nil, "print the cells of an area or name, or of a model a `table`: 'revenue by Region, year'; may be given several times")
	flags.StringVarP(&output, "output", "o", "", "write the workbook, or the tables of a model, to this `file`")
	flags.BoolVar(&keep, "trust", false, "workbook: take the values of the file for fresh, and compute only what --set makes stale and what has no value there")
	flags.BoolVar(&formatted, "formatted", false, "workbook: print cells as their number formats show them: dates as dates")
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

func (f *face) calcRun(ctx context.Context, path string, o *bookFlags, sets, shows []string, output string, trust, formatted bool) error {
	o.written = output != ""
	if err := sameKind(path, output); err != nil {
		return err
	}
	b, err := f.openBook(ctx, path, o)
	if err != nil {
		return err
	}
	defer b.close()
	for _, s := range sets {
		if err := f.set(b, s); err != nil {
			return fmt.Errorf("--set %s: %w", clipped(s, 60), err)
		}
	}
	for _, s := range shows { // before anything is written
		if _, err := b.Find(s); err != nil {
			return fmt.Errorf("--show %s: %w", s, err)
		}
	}
	if trust {
		f.trust(b)
	} else {
		b.All()
	}
	report, err := b.Recalculate(ctx)
	if err != nil {
		return err
	}
	if n := b.Spilled(); n > 0 {
		f.note("%s of cells did not fit into memory and went to a temporary file; --memory allows more", unit.Bytes(n))
	}
	f.circles(b, report)
	f.unknown(b)
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
	if err := f.printRun(b, report, shows, output, saved, o.json, formatted); err != nil {
		return err
	}
	f.napkinLine(f.bookWork(b, report, output != ""))
	return nil
}

// trust takes the values of a file for fresh, where it holds any.
func (f *face) trust(b *opened) {
	if b.file.Workbook().Calc.FullOnLoad {
		f.note("the workbook says of itself that its values are not fresh; --trust takes them nevertheless")
	}
	switch n := b.Unvalued(); n {
	case 0:
	case 1:
		f.note("1 region of formulas has cells without a value in the file, and is computed")
	default:
		f.note("%s regions of formulas have cells without a value in the file, and are computed", countOf(int64(n)))
	}
}

// sameKind refuses an output that would not be what its name says: a workbook is written as the kind of file that it is.
func sameKind(path, output string) error {
	is, wanted := strings.ToLower(filepath.Ext(path)), strings.ToLower(filepath.Ext(output))
	switch {
	case output == "-":
		return errors.New("-o -: a workbook is written to a file only; name one")
	case output == "" || wanted == is || is == "":
		return nil
	}
	return fmt.Errorf("-o %s: a workbook is written as the kind of file that it is; name a file that ends with %s", output, is)
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

// unknown tells of formulas whose functions are not known.
func (f *face) unknown(b *opened) {
	u := b.Unknown()
	names := strings.Join(u.Functions, ", ")
	if len(u.Functions) > mostNames {
		names = strings.Join(u.Functions[:mostNames], ", ") + ", ..."
	}
	switch u.Kept {
	case 0:
	case 1:
		f.note("functions that napkin does not know (%s): 1 formula keeps the value of the file", names)
	default:
		f.note("functions that napkin does not know (%s): %s formulas keep the values of the file", names, countOf(u.Kept))
	}
	switch u.Computed {
	case 0:
	case 1:
		f.note("functions that napkin does not know (%s) are #NAME? in 1 formula that reads what was set, or that has no fresh value in the file", names)
	default:
		f.note("functions that napkin does not know (%s) are #NAME? in %s formulas that read what was set, or that have no fresh value in the file", names, countOf(u.Computed))
	}
}

// mostNames is how many names a note tells.
const mostNames = 8

// set carries out a --set.
func (f *face) set(b *opened, s string) error {
	where, value, ok := cutSet(s)
	if !ok {
		return errors.New("write CELL=VALUE, as in 'Inputs!B2=0.05'")
	}
	areas, err := b.Find(where)
	if err != nil {
		return err
	}
	if n := cellsOf(areas); n > mostSet {
		return fmt.Errorf("%s is %s cells; at most a million are set at once", where, countOf(n))
	}
	first, texts := areas[0], int64(0)
	for _, area := range areas {
		for row := area.R0; row <= area.R1; row++ {
			for col := area.C0; col <= area.C1; col++ {
				moved := value
				if strings.HasPrefix(value, "=") && (row != first.R0 || col != first.C0) {
					text, err := formula.Move(value[1:], first.R0, first.C0, row, col)
					if err != nil {
						return err
					}
					moved = "=" + text
				}
				before := b.Value(area.Sheet, row, col).Kind()
				if err := b.enter(cell.At(area.Sheet, row, col), moved); err != nil {
					return err
				}
				if before == cell.Number && moved[:min(1, len(moved))] != `"` && b.Value(area.Sheet, row, col).Kind() == cell.Text {
					texts++
				}
			}
		}
	}
	switch {
	case texts == 0 || strings.HasPrefix(value, "="):
	case texts == 1:
		f.note("%s held a number; %s is none, and makes it a text", where, clipped(written(cell.Str(value)), 40))
	default:
		f.note("%s of %s held numbers; %s is none, and makes them texts", plural(texts, "cell"), where, clipped(written(cell.Str(value)), 40))
	}
	return nil
}

// mostSet is how many cells one --set may name.
const mostSet = 1_000_000

func cellsOf(areas []cell.Area) (n int64) {
	for _, a := range areas {
		n += a.Cells()
	}
	return n
}

// enter puts what somebody types into a cell.
func (b *opened) enter(a cell.Area, value string) error {
	switch {
	case strings.HasPrefix(value, "="):
		return b.EnterFormula(a.Sheet, a.R0, a.C0, value[1:])
	case len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"':
		return b.Set(a.Sheet, a.R0, a.C0, cell.Str(strings.ReplaceAll(value[1:len(value)-1], `""`, `"`)))
	}
	return b.Set(a.Sheet, a.R0, a.C0, typedValue(value, b.file.Workbook().Dates))
}

// oneCell returns the cell that a reference or a name means.
func (b *opened) oneCell(text string) (cell.Area, error) {
	areas, err := b.Find(text)
	switch {
	case err != nil:
		return cell.Area{}, err
	case len(areas) == 1 && areas[0].Single():
		return areas[0], nil
	case len(areas) == 1 && !strings.Contains(text, ":"):
		return cell.Area{}, fmt.Errorf("%s is %s!%s, which is not one cell", text, b.Sheets()[areas[0].Sheet], areas[0])
	}
	return cell.Area{}, fmt.Errorf("%s is not one cell", text)
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
	if t, ok := moment(s); ok {
		return cell.Num(dates.SerialOf(t))
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
