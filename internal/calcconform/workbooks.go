package calcconform

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// Workbook is what came of one workbook: how many of its formulas have the value that the file holds for them.
type Workbook struct {
	Path        string // within the folder
	Application string // which wrote it, as it says itself
	Formulas    int64  // that were compared
	Different   int64
	Skipped     int64 // without a value in the file, of the moment, or of functions that are not known
	Err         error // why it could not be opened or calculated
}

// ByExcel reports whether the file says that Microsoft Excel wrote it. Some other programs say so too.
func (w *Workbook) ByExcel() bool { return strings.Contains(w.Application, "Excel") }

// perWorkbook is how long one workbook may take.
const perWorkbook = time.Minute

// tolerance is by which share two numbers may differ, as in napkin calc check.
const tolerance = 1e-9

// RunWorkbooks calculates all workbooks in a folder and those below, and compares with what the files hold. It stops with ctx.
func RunWorkbooks(ctx context.Context, folder string) ([]Workbook, error) {
	var out []Workbook
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch strings.ToLower(filepath.Ext(path)) {
		case ".xlsx", ".xlsm":
		default:
			return nil
		}
		w := Workbook{Path: strings.TrimPrefix(path, folder+"/"), Application: application(path)}
		w.Err = w.check(ctx, path)
		out = append(out, w)
		return ctx.Err()
	})
	return out, err
}

func (w *Workbook) check(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, perWorkbook)
	defer cancel()
	f, err := xlsx.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b, _, err := calc.Open(ctx, f, calc.Options{}, nil)
	if err != nil {
		return err
	}
	c, err := b.Check(ctx, tolerance, 0)
	w.Formulas, w.Different, w.Skipped = c.Compared, c.Different, c.Moment+c.Unsaved+c.Kept
	return err
}

// application reads the name of the program from the properties of a file, and returns "" where there is none.
func application(path string) string {
	z, err := zip.OpenReader(path)
	if err != nil {
		return ""
	}
	defer z.Close()
	part, err := z.Open("docProps/app.xml")
	if err != nil {
		return ""
	}
	defer part.Close()
	var doc struct{ Application string }
	const most = 1 << 20
	if xml.NewDecoder(io.LimitReader(part, most)).Decode(&doc) != nil {
		return ""
	}
	return doc.Application
}

// WriteWorkbooks writes a table of the workbooks that differ or could not be calculated, and the sums.
func WriteWorkbooks(out io.Writer, list []Workbook) {
	slices.SortStableFunc(list, func(a, b Workbook) int { return int(b.Different - a.Different) })
	var all, excel Workbook
	opened, withFormulas := 0, 0
	for _, w := range list {
		if w.Err != nil {
			fmt.Fprintf(out, "%s: %v\n", w.Path, w.Err)
			continue
		}
		opened++
		if w.Formulas > 0 {
			withFormulas++
		}
		all.Formulas, all.Different = all.Formulas+w.Formulas, all.Different+w.Different
		if w.ByExcel() {
			excel.Formulas, excel.Different = excel.Formulas+w.Formulas, excel.Different+w.Different
		}
		if w.Different > 0 {
			fmt.Fprintf(out, "%6d of %6d differ  %s (%s)\n", w.Different, w.Formulas, w.Path, w.Application)
		}
	}
	fmt.Fprintf(out, "\n%d of %d workbooks opened, %d with formulas: %d of %d formulas agree (%.2f %%); of those saved by Excel %d of %d (%.2f %%)\n",
		opened, len(list), withFormulas, all.Formulas-all.Different, all.Formulas, all.percent(), excel.Formulas-excel.Different, excel.Formulas, excel.percent())
}

// percent is the part of the formulas that agree.
func (w *Workbook) percent() float64 {
	return 100 * float64(w.Formulas-w.Different) / float64(max(w.Formulas, 1))
}
