package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// grid prints rows in columns as wide as what is in them; columns in right are set to the right.
func grid(w io.Writer, rows [][]string, right ...int) {
	var widths []int
	for _, row := range rows {
		for i, s := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, s := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(s))
			if slices.Contains(right, i) {
				line.WriteString(pad + s + "  ")
			} else {
				line.WriteString(s + pad + "  ")
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// fitted cuts the last column of rows so that a grid of them is no wider than the terminal; a few characters of it stay.
func fitted(rows [][]string, width int) [][]string {
	last := len(rows[0]) - 1
	for i := range last {
		most := 0
		for _, row := range rows {
			most = max(most, utf8.RuneCountInString(row[i]))
		}
		width -= most + 2
	}
	for _, row := range rows {
		row[last] = clipped(row[last], max(width, 16))
	}
	return rows
}

// written is a value as a person reads it: texts between quotation marks.
func written(v cell.Value) string {
	switch v.Kind() {
	case cell.Empty:
		return "(empty)"
	case cell.Text:
		return `"` + v.Text() + `"`
	case cell.Error:
		return v.Code().String()
	}
	return cell.ToText(v).Text()
}

// apart writes two values that are not the same, each in so many characters, so that one sees it: numbers that are shown alike with all of their digits, and
// texts from a little before where they part.
func apart(a, b cell.Value, n int) (string, string) {
	s, t := written(a), written(b)
	if s == t && a.Kind() == cell.Number {
		return exactly(a), exactly(b)
	}
	if a.Kind() != cell.Text || b.Kind() != cell.Text || clipped(s, n) != clipped(t, n) {
		return clipped(s, n), clipped(t, n)
	}
	x, y := []rune(s), []rune(t)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	from := max(0, same-n/4)
	return clipped("..."+string(x[from:]), n), clipped("..."+string(y[from:]), n)
}

// exactly is a number with all the digits that it takes to read the same one again.
func exactly(v cell.Value) string { return strconv.FormatFloat(v.Float(), 'g', -1, 64) }

// valueJSON is a value in a document: a number, text, boolean, null, or {"error": "#N/A"}.
func valueJSON(v cell.Value) any {
	switch v.Kind() {
	case cell.Number:
		return v.Float()
	case cell.Text:
		return v.Text()
	case cell.Bool:
		return v.True()
	case cell.Error:
		return map[string]string{"error": v.Code().String()}
	}
	return nil
}

func countOf(n int64) string { return unit.Count(n).String() }

// clipped cuts a text to a number of characters.
func clipped(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-3, 0)]) + "..."
}

type shownJSON struct {
	Area   string  `json:"area"`
	Values [][]any `json:"values"`
}

// unknownJSON is functions that are not known, and how many formulas use them.
type unknownJSON struct {
	Functions []string `json:"functions"`
	Kept      int64    `json:"formulas_kept"`
	Computed  int64    `json:"formulas_computed"`
}

// unknownOf returns nil where all functions are known.
func unknownOf(b *opened) *unknownJSON {
	u := b.Unknown()
	if len(u.Functions) == 0 {
		return nil
	}
	return &unknownJSON{u.Functions, u.Kept, u.Computed}
}

type runJSON struct {
	Schema   int           `json:"schema_version"`
	File     string        `json:"file"`
	Cells    int64         `json:"cells"`
	Regions  int           `json:"regions"`
	Circular int64         `json:"circular"`
	Unknown  *unknownJSON  `json:"unknown_functions,omitempty"`
	Open     float64       `json:"open_seconds"`
	Calc     float64       `json:"recalculate_seconds"`
	Save     float64       `json:"save_seconds,omitempty"`
	Output   string        `json:"output,omitempty"`
	Shown    []shownJSON   `json:"shown,omitempty"`
	Limit    limit.RunJSON `json:"limit"`
}

// printRun prints the cells that were asked for, or what the workbook is.
func (f *face) printRun(b *opened, r calc.Report, shows []string, output string, saved time.Duration, asJSON, formatted bool) error {
	regions, _ := b.Graph()
	var shown []shownJSON
	var areas [][]cell.Area
	for _, s := range shows {
		found, err := b.Find(s)
		if err != nil {
			return fmt.Errorf("--show %s: %w", s, err)
		}
		for i, a := range found {
			if used, ok := b.Used(a.Sheet); ok && !a.Single() {
				found[i].R1, found[i].C1 = min(a.R1, max(used.R1, a.R0)), min(a.C1, max(used.C1, a.C0))
			}
			if found[i].Cells() > 1_000_000 {
				return fmt.Errorf("--show %s: that is %s cells; at most a million are printed", s, countOf(found[i].Cells()))
			}
		}
		areas = append(areas, found)
	}
	if asJSON {
		for _, found := range areas {
			for _, a := range found {
				values := make([][]any, 0, a.Rows())
				for row := a.R0; row <= a.R1; row++ {
					var line []any
					for col := a.C0; col <= a.C1; col++ {
						line = append(line, valueJSON(b.Value(a.Sheet, row, col)))
					}
					values = append(values, line)
				}
				shown = append(shown, shownJSON{b.Sheets()[a.Sheet] + "!" + a.String(), values})
			}
		}
		return printJSON(f.stdout, runJSON{calcSchema, b.path, r.Cells, regions, r.Circular, unknownOf(b), b.took.Seconds(), r.Took.Seconds(), saved.Seconds(), output, shown,
			f.sofar(f.bookWork(b, r, output != "")).JSON()})
	}
	for i, found := range areas {
		for _, a := range found {
			f.printArea(b, a, len(areas) > 1 || len(found) > 1, i, formatted)
		}
	}
	if shows == nil {
		f.printBook(b, r, output, saved)
	} else if output != "" {
		f.note("wrote %s", output)
	}
	return nil
}

// printArea prints cells as a table without a head: what goes into another program as it is.
func (f *face) printArea(b *opened, a cell.Area, named bool, i int, formatted bool) {
	if named {
		if i > 0 {
			fmt.Fprintln(f.stdout)
		}
		fmt.Fprintf(f.stdout, "%s!%s\n", b.Sheets()[a.Sheet], a)
	}
	var rows [][]string
	var numbers []int
	for col := range a.Cols() {
		numbers = append(numbers, col)
	}
	for row := a.R0; row <= a.R1; row++ {
		var line []string
		for col := a.C0; col <= a.C1; col++ {
			v := b.Value(a.Sheet, row, col)
			if v.Kind() != cell.Number && v.Kind() != cell.Empty {
				numbers = slices.DeleteFunc(numbers, func(n int) bool { return n == int(col-a.C0) })
			}
			switch {
			case formatted:
				line = append(line, b.Shown(a.Sheet, row, col))
			case v.IsError():
				line = append(line, v.Code().String())
			default:
				line = append(line, cell.ToText(v).Text())
			}
		}
		rows = append(rows, line)
	}
	grid(f.stdout, rows, numbers...)
}

// printBook prints what the workbook is and what the run did.
func (f *face) printBook(b *opened, r calc.Report, output string, saved time.Duration) {
	rows := [][]string{{"SHEET", "USED", "FORMULAS", "REGIONS"}}
	cells, regions := map[string]int64{}, map[string]int64{}
	for _, region := range b.Regions() {
		cells[region.Sheet] += region.Cells
		regions[region.Sheet]++
	}
	for i, name := range b.Sheets() {
		used := "empty"
		if a, ok := b.Used(int32(i)); ok {
			used = a.String()
		}
		rows = append(rows, []string{clipped(name, 31), used, countOf(cells[name]), countOf(regions[name])})
	}
	grid(f.stdout, rows, 2, 3)
	n, bytes := b.Graph()
	fmt.Fprintf(f.stdout, "\nopened in %s, %s formulas recalculated in %s", unit.Duration(b.took), countOf(r.Cells), unit.Duration(r.Took))
	if output != "" {
		fmt.Fprintf(f.stdout, ", written to %s in %s", output, unit.Duration(saved))
	}
	fmt.Fprintf(f.stdout, "\n%s regions in %s; cells take %s\n", countOf(int64(n)), unit.Bytes(bytes), unit.Bytes(b.Bytes()))
}

func (f *face) calcCheckVerb() *cobra.Command {
	var o bookFlags
	var tolerance float64
	var most int
	cmd := &cobra.Command{
		Use:   "check FILE.xlsx",
		Short: "recalculate a workbook and list every cell whose value is other than the file says",
		Long: `Recalculates all formulas and compares each with the value that the file holds. Exits with 1 where any differs: the
file was saved without being recalculated, by a program that calculates otherwise, or this one is wrong. Cells that depend on
NOW, TODAY or random numbers are counted and not compared, and so are those for which the file holds no value; where it
holds none at all, the exit code is 2.`,
		Example: "napkin calc check budget.xlsx\nnapkin calc check budget.xlsx --json --max 10000",
		Args:    oneFile("calc check"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if !(tolerance >= 0 && tolerance < 1) {
				return fmt.Errorf("--tolerance %g: give a share from 0 to below 1", tolerance)
			}
			if err := notNegative("--max", most); err != nil {
				return err
			}
			return f.calcCheck(cmd.Context(), args[0], &o, tolerance, most)
		},
	}
	o.add(cmd)
	cmd.Flags().Float64Var(&tolerance, "tolerance", 1e-9, "by which `share` of the greater one two numbers may differ; 1e-9 if not given")
	cmd.Flags().IntVar(&most, "max", 20, "list at most so many cells; 20 if not given")
	return cmd
}

type differenceJSON struct {
	Cell     string `json:"cell"`
	Formula  string `json:"formula"`
	File     any    `json:"file"`
	Computed any    `json:"computed"`
}

type checkJSON struct {
	Schema      int              `json:"schema_version"`
	File        string           `json:"file"`
	Compared    int64            `json:"compared"`
	Different   int64            `json:"different"`
	Moment      int64            `json:"not_compared"`
	Unsaved     int64            `json:"without_value"` // of those not compared
	Unread      int              `json:"unread"`
	Circular    int64            `json:"circular"`
	Unknown     *unknownJSON     `json:"unknown_functions,omitempty"`
	Differences []differenceJSON `json:"differences"`
	Limit       limit.RunJSON    `json:"limit"`
}

func (f *face) calcCheck(ctx context.Context, path string, o *bookFlags, tolerance float64, most int) error {
	b, err := f.openBook(ctx, path, o)
	if err != nil {
		return err
	}
	defer b.close()
	c, err := b.Check(ctx, tolerance, most)
	if err != nil {
		return err
	}
	f.circles(b, c.Report)
	f.unknown(b)
	switch {
	case c.Different > 0:
		f.code = exitFindings
	case c.Compared == 0 && c.Unsaved > 0:
		f.code = exitError // the answer could not be had
	}
	work := f.bookWork(b, c.Report, false)
	if o.json {
		doc := checkJSON{calcSchema, path, c.Compared, c.Different, c.Moment + c.Unsaved + c.Kept, c.Unsaved, len(b.notes.Unread) + b.notes.More, c.Circular, unknownOf(b), []differenceJSON{}, f.sofar(work).JSON()}
		for _, d := range c.Differences {
			doc.Differences = append(doc.Differences, differenceJSON{d.Sheet + "!" + d.At.String(), d.Formula, valueJSON(d.File), valueJSON(d.Computed)})
		}
		if err := printJSON(f.stdout, doc); err != nil {
			return err
		}
		f.napkinLine(work)
		return nil
	}
	if len(c.Differences) > 0 {
		rows := [][]string{{"CELL", "IN THE FILE", "COMPUTED", "FORMULA"}}
		for _, d := range c.Differences {
			file, computed := apart(d.File, d.Computed, 20)
			rows = append(rows, []string{clipped(d.Sheet, 20) + "!" + d.At.String(), file, computed, "=" + d.Formula})
		}
		grid(f.stdout, fitted(rows, f.width(f.stdout)))
		if rest := c.Different - int64(len(c.Differences)); rest > 0 {
			fmt.Fprintf(f.stdout, "and %s more; --max lists them\n", countOf(rest))
		}
		fmt.Fprintln(f.stdout)
	}
	switch {
	case c.Different == 0 && c.Compared == 0 && c.Unsaved > 0:
		fmt.Fprintln(f.stdout, "no formula could be compared: who wrote the file did not calculate.\n`napkin calc run FILE -o OTHER` writes the values.")
	case c.Compared == 0:
		fmt.Fprintln(f.stdout, "there are no formulas to compare")
	case c.Different == 0:
		fmt.Fprintf(f.stdout, "all %s have the value that the file says\n", plural(c.Compared, "formula"))
	default:
		fmt.Fprintf(f.stdout, "%s of %s formulas have another value than the file says\n", countOf(c.Different), countOf(c.Compared))
	}
	if c.Moment > 0 {
		fmt.Fprintf(f.stdout, "not compared, because of the moment or random numbers: %s\n", plural(c.Moment, "formula"))
	}
	if c.Kept > 0 {
		fmt.Fprintf(f.stdout, "not compared, because their functions are not known: %s\n", plural(c.Kept, "formula"))
	}
	if c.Unsaved > 0 {
		fmt.Fprintf(f.stdout, "%s were not compared, because the file holds no value for them\n", countOf(c.Unsaved))
	}
	f.napkinLine(work)
	return nil
}

func (f *face) calcExplainVerb() *cobra.Command {
	var o bookFlags
	cmd := &cobra.Command{
		Use:     "explain FILE.xlsx CELL",
		Short:   "tell where the value of a cell comes from, what reads it, and what it costs",
		Example: "napkin calc explain model.xlsx 'Summary!C7'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("say which cell of which workbook: napkin calc explain FILE.xlsx 'Sheet1!C7'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.calcExplain(cmd.Context(), args[0], args[1], &o)
		},
	}
	o.add(cmd)
	return cmd
}

type readJSON struct {
	Area     string  `json:"area"`
	Value    any     `json:"value,omitempty"`
	Filled   int64   `json:"filled"`
	Sum      float64 `json:"sum"`
	Formulas int     `json:"formula_regions"`
}

type explainJSON struct {
	Schema  int        `json:"schema_version"`
	Cell    string     `json:"cell"`
	Value   any        `json:"value"`
	Formula string     `json:"formula,omitempty"`
	Region  string     `json:"region"`
	How     string     `json:"how,omitempty"`
	Took    float64    `json:"region_seconds"`
	Reads   []readJSON `json:"reads"`
	ReadBy  []string   `json:"read_by"`
	Readers int        `json:"readers"`
	Stale   int64      `json:"stale_after_edit"`
	// What the value depends on besides the cells that are read.
	Circular bool          `json:"circular,omitempty"`
	Volatile bool          `json:"volatile,omitempty"`
	Dynamic  bool          `json:"dynamic,omitempty"`
	Perhaps  int           `json:"perhaps_readers,omitempty"`
	Limit    limit.RunJSON `json:"limit"`
}

// mostReads is how many areas explain lists that a formula reads.
const mostReads = 20

var hows = map[string]string{"tiles": "computed in tiles of 512 rows", "tree": "computed cell by cell", "array": "computed as one array"}

func (f *face) calcExplain(ctx context.Context, path, where string, o *bookFlags) error {
	b, err := f.openBook(ctx, path, o)
	if err != nil {
		return err
	}
	defer b.close()
	at, err := b.oneCell(where)
	if err != nil {
		return err
	}
	b.Profile()
	b.All()
	r, err := b.Recalculate(ctx)
	if err != nil {
		return err
	}
	f.unknown(b)
	x := b.Explain(at.Sheet, at.R0, at.C0)
	circular := r.InCircle(at.Sheet, at.R0, at.C0)
	work := f.bookWork(b, r, false)
	if o.json {
		doc := explainJSON{Schema: calcSchema, Cell: x.Sheet + "!" + x.At.String(), Value: valueJSON(x.Value), Formula: x.Formula, Region: x.Region.String(), How: x.How,
			Took: x.Took.Seconds(), Reads: []readJSON{}, ReadBy: []string{}, Readers: x.Readers, Stale: x.Stale, Circular: circular, Volatile: x.Volatile, Dynamic: x.Dynamic, Perhaps: x.Perhaps, Limit: f.sofar(work).JSON()}
		for _, read := range x.Reads {
			doc.Reads = append(doc.Reads, readJSON{read.Sheet + "!" + read.Area.String(), valueJSON(read.Value), read.Filled, read.Sum, read.Formulas})
		}
		for _, region := range x.ReadBy {
			doc.ReadBy = append(doc.ReadBy, region.Sheet+"!"+region.Area.String())
		}
		if err := printJSON(f.stdout, doc); err != nil {
			return err
		}
		f.napkinLine(work)
		return nil
	}
	width := f.width(f.stdout)
	fmt.Fprintf(f.stdout, "%s!%s  %s\n", x.Sheet, x.At, clipped(written(x.Value), 3*width))
	if x.Formula != "" {
		fmt.Fprintf(f.stdout, "\n%s\n", wrap("="+x.Formula, width))
		share := plural(x.Region.Cells(), "cell") + " share this formula (" + x.Region.String() + ")"
		if x.Region.Single() {
			share = "no other cell shares this formula"
		}
		fmt.Fprintf(f.stdout, "\n%s, %s in %s\n", share, hows[x.How], unit.Duration(x.Took))
	} else if x.Value.Kind() == cell.Empty {
		fmt.Fprintln(f.stdout, "\nan empty cell")
	} else {
		fmt.Fprintln(f.stdout, "\na constant")
	}
	if circular {
		f.circles(b, r)
		if b.file.Workbook().Calc.Iterate {
			fmt.Fprintln(f.stdout, "\nit depends on itself: computed again and again, as the workbook asks for")
		} else {
			fmt.Fprintln(f.stdout, "\nit depends on itself, so it is 0")
		}
	}
	if x.Volatile {
		fmt.Fprintln(f.stdout, "\nit depends on the moment or on random numbers, and is computed at each recalculation")
	}
	if len(x.Reads) > 0 {
		rows := [][]string{{"READS", "HOLDS", "FROM"}}
		for i, read := range x.Reads {
			if i == mostReads && !f.verbose {
				break
			}
			holds := written(read.Value)
			if !read.Area.Single() {
				holds = fmt.Sprintf("%s filled, sum %s", countOf(read.Filled), cell.FormatGeneral(read.Sum))
			}
			from := "constants"
			if read.Formulas > 0 {
				from = plural(int64(read.Formulas), "formula region")
			}
			rows = append(rows, []string{clipped(read.Sheet, 31) + "!" + read.Area.String(), clipped(holds, 30), from})
		}
		fmt.Fprintln(f.stdout)
		grid(f.stdout, rows)
		if more := len(x.Reads) - len(rows) + 1; more > 0 {
			fmt.Fprintf(f.stdout, "and %d more areas; -v lists them\n", more)
		}
	}
	if x.Dynamic {
		fmt.Fprintln(f.stdout, "\nwhat else it reads depends on values (OFFSET, INDIRECT)")
	}
	fmt.Fprintln(f.stdout)
	switch {
	case x.Readers == 0 && x.Perhaps == 0:
		fmt.Fprintln(f.stdout, "nothing reads it")
	case x.Readers == 0:
		fmt.Fprintln(f.stdout, "no formula names it")
	default:
		rows := [][]string{{"READ BY", "CELLS", "FORMULA"}}
		for i, region := range x.ReadBy {
			if i == 10 && !f.verbose {
				break
			}
			rows = append(rows, []string{clipped(region.Sheet, 31) + "!" + region.Area.String(), countOf(region.Cells), "=" + region.Formula})
		}
		grid(f.stdout, fitted(rows, width), 1)
		if more := x.Readers - len(rows) + 1; more > 0 {
			fmt.Fprintf(f.stdout, "and %d more regions\n", more)
		}
		fmt.Fprintf(f.stdout, "\nan edit makes %s stale\n", plural(x.Stale, "cell"))
	}
	switch x.Perhaps {
	case 0:
	case 1:
		fmt.Fprintln(f.stdout, "1 region reads what only values tell (OFFSET, INDIRECT), perhaps this cell")
	default:
		fmt.Fprintf(f.stdout, "%s regions read what only values tell (OFFSET, INDIRECT), perhaps this cell\n", countOf(int64(x.Perhaps)))
	}
	f.napkinLine(work)
	return nil
}

func notNegative(flag string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s %d: give a number from 0 on", flag, n)
	}
	return nil
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return countOf(n) + " " + what + "s"
}

func (f *face) calcProfileVerb() *cobra.Command {
	var o bookFlags
	var most int
	cmd := &cobra.Command{
		Use:     "profile FILE.xlsx",
		Short:   "tell which formulas of a workbook take the time",
		Example: "napkin calc profile model.xlsx --max 50",
		Args:    oneFile("calc profile"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if err := notNegative("--max", most); err != nil {
				return err
			}
			return f.calcProfile(cmd.Context(), args[0], &o, most)
		},
	}
	o.add(cmd)
	cmd.Flags().IntVar(&most, "max", 20, "list at most so many regions; 20 if not given")
	return cmd
}

type profileJSON struct {
	Schema  int           `json:"schema_version"`
	File    string        `json:"file"`
	Cells   int64         `json:"cells"`
	Calc    float64       `json:"recalculate_seconds"`
	Regions []regionJSON  `json:"regions"`
	Limit   limit.RunJSON `json:"limit"`
}

type regionJSON struct {
	Area    string  `json:"area"`
	Formula string  `json:"formula"`
	Cells   int64   `json:"cells"`
	Seconds float64 `json:"seconds"`
	How     string  `json:"how"`
}

func (f *face) calcProfile(ctx context.Context, path string, o *bookFlags, most int) error {
	b, err := f.openBook(ctx, path, o)
	if err != nil {
		return err
	}
	defer b.close()
	b.Profile()
	b.All()
	r, err := b.Recalculate(ctx)
	if err != nil {
		return err
	}
	f.circles(b, r)
	f.unknown(b)
	regions := b.Regions()
	work := f.bookWork(b, r, false)
	if o.json {
		doc := profileJSON{Schema: calcSchema, File: path, Cells: r.Cells, Calc: r.Took.Seconds(), Regions: []regionJSON{}, Limit: f.sofar(work).JSON()}
		for _, g := range regions[:min(most, len(regions))] {
			doc.Regions = append(doc.Regions, regionJSON{g.Sheet + "!" + g.Area.String(), g.Formula, g.Cells, g.Took.Seconds(), g.How})
		}
		if err := printJSON(f.stdout, doc); err != nil {
			return err
		}
		f.napkinLine(work)
		return nil
	}
	rows := [][]string{{"TOOK", "SHARE", "CELLS", "EACH", "HOW", "REGION", "FORMULA"}}
	for _, g := range regions[:min(most, len(regions))] {
		share := 0.0
		if r.Took > 0 {
			share = 100 * g.Took.Seconds() / r.Took.Seconds()
		}
		rows = append(rows, []string{unit.Duration(g.Took), fmt.Sprintf("%.0f %%", share), countOf(g.Cells), unit.Duration(g.Took / time.Duration(max(g.Cells, 1))), g.How,
			clipped(g.Sheet, 20) + "!" + g.Area.String(), "=" + g.Formula})
	}
	grid(f.stdout, fitted(rows, f.width(f.stdout)), 0, 1, 2, 3)
	fmt.Fprintf(f.stdout, "\n%s formulas in %s regions recalculated in %s\n", countOf(r.Cells), countOf(int64(len(regions))), unit.Duration(r.Took))
	f.napkinLine(work)
	return nil
}
