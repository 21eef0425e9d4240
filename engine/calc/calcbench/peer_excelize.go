package calcbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// findExcelize looks for the program of peers/excelize, which is a module of its own.
func findExcelize(b *bench) error {
	_, err := os.Stat(excelizeProgram(b))
	if b.Peers == "" || err != nil {
		return errNoPeers
	}
	return nil
}

func excelizeProgram(b *bench) string { return filepath.Join(b.Peers, "excelize", "excelize") }

// runExcelize opens the workbook, asks for the value of each formula, or of each so manyth, and writes it back.
func runExcelize(b *bench, t *task) (outcome, error) {
	out := b.path("excelize.xlsx")
	defer os.Remove(out)
	args := []string{"-columns", cell.ColumnName(t.firstCol) + ":" + cell.ColumnName(t.lastCol), "-first", strconv.Itoa(t.firstRow), "-last", strconv.Itoa(t.lastRow),
		"-every", strconv.Itoa(t.every)}
	if t.whole > 0 {
		args = append(args, "-o", out)
	}
	said, err := b.child(excelizeProgram(b), append(args, t.path)...)
	if err != nil {
		return outcome{}, err
	}
	o, err := said.outcome("recalculate", phaseRecalculate)
	if err != nil {
		return o, err
	}
	if !o.atLeast && t.every > 1 {
		// Each formula is computed by itself, so that all take as many times as long.
		o.cpu *= float64(t.every)
		o.note = fmt.Sprintf("each %dth formula computed, times %d", t.every, t.every)
	}
	if t.whole > 0 {
		o.phase = phaseWhole
		o.cpu += said.phases["open"].CPU + said.phases["save"].CPU
	}
	return o, nil
}
