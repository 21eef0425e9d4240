// Command excelize computes formulas of the first sheet of a workbook by excelize, and prints a line of JSON for each part of the work with its CPU
// seconds. It is a module of its own, so that the product does not depend on excelize.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/xuri/excelize/v2"
)

func main() {
	columns := flag.String("columns", "A:A", "columns with formulas")
	first := flag.Int("first", 1, "first row")
	last := flag.Int("last", 1, "last row")
	every := flag.Int("every", 1, "compute each so manyth row, the last one among them")
	output := flag.String("o", "", "write the workbook to this file")
	flag.Parse()
	if err := run(flag.Arg(0), *columns, *first, *last, *every, *output); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type message struct {
	Version string   `json:"version,omitempty"`
	Phase   string   `json:"phase,omitempty"`
	CPU     float64  `json:"cpu,omitempty"`
	Value   *float64 `json:"value,omitempty"`
	Cells   int64    `json:"cells,omitempty"`
}

func run(path, columns string, first, last, every int, output string) error {
	out := json.NewEncoder(os.Stdout)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/xuri/excelize/v2" {
				out.Encode(message{Version: strings.TrimPrefix(d.Version, "v")})
			}
		}
	}
	before := used()
	f, err := excelize.OpenFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	left, right, _ := strings.Cut(columns, ":")
	from, err := excelize.ColumnNameToNumber(left)
	if err != nil {
		return err
	}
	to, err := excelize.ColumnNameToNumber(right)
	if err != nil {
		return err
	}
	// A sheet is read when the first of its cells is asked for.
	if _, err := f.GetCellFormula(sheet, left+strconv.Itoa(last)); err != nil {
		return err
	}
	now := used()
	out.Encode(message{Phase: "open", CPU: now - before})
	before = now
	var text string
	var cells int64
	for row := first + (last-first)%every; row <= last; row += every {
		for col := from; col <= to; col++ {
			cell, err := excelize.CoordinatesToCellName(col, row)
			if err != nil {
				return err
			}
			if text, err = f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true}); err != nil {
				return fmt.Errorf("%s: %w", cell, err)
			}
			cells++
		}
	}
	now = used()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	out.Encode(message{Phase: "recalculate", CPU: now - before, Value: &value, Cells: cells})
	before = now
	if output != "" {
		if err := f.SaveAs(output); err != nil {
			return err
		}
		out.Encode(message{Phase: "save", CPU: used() - before})
	}
	return nil
}

// used returns the CPU seconds that this process has taken.
func used() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
