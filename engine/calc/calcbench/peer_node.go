package calcbench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// findNode looks for an npm package beside the scripts in peers/node.
func findNode(pkg string) func(b *bench) error {
	return func(b *bench) error {
		if _, err := exec.LookPath("node"); err != nil {
			return errors.New("not on this machine: there is no node")
		}
		if _, err := os.Stat(filepath.Join(b.Peers, "node", "node_modules", pkg, "package.json")); b.Peers == "" || err != nil {
			return errors.New("not on this machine: scripts/setup-test calc installs it")
		}
		return nil
	}
}

// sheetJSON is a workbook for a program that reads none: what its cells hold, by rows.
type sheetJSON struct {
	Rows [][]any `json:"rows"`
	// Edit is row, column and value of an input that all formulas depend on; Show the cell whose value is told.
	Edit [3]float64 `json:"edit"`
	Show [2]int32   `json:"show"`
}

// runNode loads the sheet with evaluation suspended, and then evaluates it. HyperFormula also tells of one edit on which all formulas depend.
func runNode(script string) func(b *bench, t *task) (outcome, error) {
	return func(b *bench, t *task) (outcome, error) {
		said, err := b.script(script, t)
		if err != nil {
			return outcome{}, err
		}
		if _, ok := said.phases["open"]; !ok {
			return said.outcome("recalculate", phaseLoad) // stopped while it loaded
		}
		o, err := said.outcome("recalculate", phaseRecalculate)
		if edit, ok := said.phases["edit"]; ok {
			if edit.Value == nil || math.Abs(*edit.Value-t.edited) > 1e-9*math.Abs(t.edited) {
				return o, fmt.Errorf("not compared: after an edit its last formula is not %v", t.edited)
			}
			o.note = "an edit that all depend on: " + unit.Seconds(edit.CPU)
		}
		return o, err
	}
}

// script runs a script of peers/node on the workbook of a task.
func (b *bench) script(name string, t *task) (told, error) {
	input := t.path + ".json"
	if _, err := os.Stat(input); err != nil {
		if err := b.writeJSON(t, input); err != nil {
			return told{}, err
		}
	}
	return b.child("node", "--max-old-space-size=8192", "--stack-size=60000", filepath.Join(b.Peers, "node", name), input)
}

// writeJSON writes the first sheet of a workbook.
func (b *bench) writeJSON(t *task, path string) error {
	rows, err := b.rowsOf(t.path)
	if err != nil {
		return err
	}
	doc := sheetJSON{Rows: rows, Show: [2]int32{int32(t.lastRow - 1), t.lastCol}}
	if s := t.shape; s != nil {
		doc.Edit = [3]float64{float64(s.editRow), float64(s.editCol), s.edit}
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	return errors.Join(json.NewEncoder(w).Encode(doc), w.Flush(), out.Close())
}

// rowsOf returns what the cells of the first sheet of a workbook hold.
func (b *bench) rowsOf(path string) ([][]any, error) {
	file, err := xlsx.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows := &rowSink{strings: file.Strings()}
	err = file.Read(b.ctx, func(int) xlsx.Sink { return rows }, nil)
	return rows.rows, err
}

// rowSink collects cells as a person would type them.
type rowSink struct {
	rows    [][]any
	strings *cell.Strings
}

// Cell implements [xlsx.Sink].
func (s *rowSink) Cell(c *xlsx.Cell) error {
	for len(s.rows) <= int(c.Row) {
		s.rows = append(s.rows, nil)
	}
	row := s.rows[c.Row]
	for len(row) <= int(c.Col) {
		row = append(row, nil)
	}
	switch v := s.strings.Value(c.Value); {
	case c.Formula.Kind != xlsx.NoFormula:
		row[c.Col] = "=" + string(c.Formula.Text)
	case v.Kind() == cell.Number:
		row[c.Col] = v.Float()
	case v.Kind() == cell.Text:
		row[c.Col] = v.Text()
	}
	s.rows[c.Row] = row
	return nil
}

// HiddenRow implements [xlsx.Sink].
func (s *rowSink) HiddenRow(int32) error { return nil }

// End implements [xlsx.Sink].
func (s *rowSink) End(*xlsx.SheetEnd) error { return nil }
