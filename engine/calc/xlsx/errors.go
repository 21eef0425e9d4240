package xlsx

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Error is what is wrong in a workbook, and where.
type Error struct {
	File  string // path of the workbook
	Part  string // name of the part, such as xl/worksheets/sheet1.xml; "" where it is the file as a whole
	Sheet string // name of the sheet; "" where it is none
	Cell  string // "C7"; "" where it is none
	Err   error
}

// Error says the place first, as "sheet Budget, cell C7: ...".
func (e *Error) Error() string {
	var where string
	switch {
	case e.Cell != "":
		where = fmt.Sprintf("sheet %s, cell %s (%s of %s)", e.Sheet, e.Cell, e.Part, e.File)
	case e.Sheet != "":
		where = fmt.Sprintf("sheet %s (%s of %s)", e.Sheet, e.Part, e.File)
	case e.Part != "":
		where = fmt.Sprintf("part %s of %s", e.Part, e.File)
	default:
		where = e.File
	}
	return where + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNotWorkbook is the cause of an [Error] where the file is of another kind: encrypted, binary, old, or none at all.
var ErrNotWorkbook = errors.New("not a workbook that can be read")

// kindError is an ErrNotWorkbook with a sentence of its own.
type kindError string

func (e kindError) Error() string        { return string(e) }
func (e kindError) Is(target error) bool { return target == ErrNotWorkbook }

// partError puts a place to an error that has none yet.
func (f *File) partError(part string, err error) error {
	return f.place(err, Error{Part: part})
}

func (f *File) place(err error, at Error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) || errors.Is(err, errStopped) {
		return err
	}
	at.File, at.Err = f.path, err
	return &at
}

// cellError is an error of the scanner in a cell, to which the sheet is added further up.
type cellError struct {
	row, col int32
	err      error
}

func (e *cellError) Error() string { return cell.Address(e.row, e.col) + ": " + e.err.Error() }
func (e *cellError) Unwrap() error { return e.err }

// errStopped says that the other side of a pipe has gone; whoever went knows why.
var errStopped = errors.New("stopped")

// osError says what to do about the commonest faults of a file system.
func osError(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("no space left on the disk, the original file is as it was: %w", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no right to write there, the original file is as it was: %w", err)
	}
	return err
}
