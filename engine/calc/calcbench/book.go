package calcbench

import (
	"fmt"
	"os"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// make writes a workbook, once, and returns where it is.
func (b *bench) make(name string, o xlsxtest.Options) (string, error) {
	path := b.path(name + ".xlsx")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := b.ctx.Err(); err != nil {
		return "", err
	}
	b.say("making %s", name)
	return path, xlsxtest.Create(path, o)
}

// book is an open workbook.
type book struct {
	*calc.Workbook
	file *xlsx.File
}

// open opens a workbook. One that has formulas which are not calculated is an error: it would be fast for nothing.
func (b *bench) open(path string) (*book, error) {
	file, err := xlsx.Open(path)
	if err != nil {
		return nil, err
	}
	w, notes, err := calc.Open(b.ctx, file, calc.Options{}, nil)
	if err == nil && len(notes.Unread) > 0 {
		err = fmt.Errorf("%s: %s cannot be read: %w", path, notes.Unread[0].Cell, notes.Unread[0].Err)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &book{w, file}, nil
}

// million opens the workbook of a million row-local formulas and computes it.
func (b *bench) million() (*book, error) {
	path, err := b.make("local-1M", xlsxtest.Options{Shape: xlsxtest.Local, Rows: localRows})
	if err != nil {
		return nil, err
	}
	k, err := b.open(path)
	if err != nil {
		return nil, err
	}
	if err := k.recalculate(b, 4*localRows); err != nil {
		k.file.Close()
		return nil, err
	}
	return k, nil
}

// recalculate makes everything stale and computes it.
func (k *book) recalculate(b *bench, want int64) error {
	k.All()
	r, err := k.Recalculate(b.ctx)
	if err == nil && (r.Cells != want || r.Circular > 0) {
		err = fmt.Errorf("%d cells were computed and %d are in circles, of %d", r.Cells, r.Circular, want)
	}
	return err
}
