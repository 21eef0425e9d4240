package calcbench

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Comparison is one engine of others beside ours on the same workbook.
type Comparison struct {
	Bar     string `json:"bar"`
	What    string `json:"what"`
	Engine  string `json:"engine"`
	Version string `json:"version,omitempty"`
	// Phase is what is compared: "recalculate", or more where the engine cannot do that alone.
	Phase string `json:"phase"`
	// CPU is what the engine took for the phase, in seconds; with AtLeast it was stopped, or computed in part, before it was done.
	CPU     float64 `json:"cpu_seconds"`
	AtLeast bool    `json:"at_least,omitempty"`
	Ours    float64 `json:"ours_cpu_seconds"`
	Ratio   float64 `json:"ratio"`
	Target  float64 `json:"target"`
	Holds   *bool   `json:"holds,omitempty"` // nil where a run that was stopped early leaves it open
	Note    string  `json:"note,omitempty"`
}

// task is a workbook for all engines.
type task struct {
	bar, what, path string
	shape           *shape
	only            string  // one engine; all where empty
	least           float64 // how many times faster than each
	// The formulas are in these rows, from 1, and columns, from 0, and search so many rows. Excelize computes each every-th row.
	firstRow, lastRow int
	data              int
	firstCol, lastCol int32
	every             int
	value             float64 // of the last formula
	edited            float64 // the same after the edit of the shape
	// What we take in CPU seconds.
	open, recalculate, save float64
	whole                   float64 // where not 0: the whole process
}

// ours returns what we take for a phase.
func (t *task) ours(phase string) float64 {
	switch phase {
	case phaseRecalculate:
		return t.recalculate
	case phaseLoad:
		return t.open + t.recalculate
	}
	if t.whole > 0 {
		return t.whole
	}
	return t.open + t.recalculate + t.save
}

// The phases that are compared.
const (
	phaseRecalculate = "recalculate"
	phaseLoad        = "load and recalculate"
	phaseWhole       = "open, recalculate, write"
)

// outcome is what an engine took.
type outcome struct {
	version string
	phase   string
	cpu     float64
	atLeast bool
	value   float64 // of the last formula; NaN where it was stopped
	open    bool    // it says nothing of the bar
	note    string
}

// engine is a program of others.
type engine struct {
	name string
	// find reports why the engine cannot run here, or nil.
	find func(b *bench) error
	run  func(b *bench, t *task) (outcome, error)
}

var engines = []engine{
	{"excelize", findExcelize, runExcelize},
	{"HyperFormula", findNode("hyperformula"), runNode("hyperformula.mjs")},
	{"IronCalc", findNode("@ironcalc/wasm"), runNode("ironcalc.mjs")},
	{"LibreOffice", findOffice, runOffice},
}

// beside runs the engines of others on a workbook. One that fails is told of, and the others go on.
func (b *bench) beside(t task) error {
	for _, e := range engines {
		if t.only != "" && t.only != e.name {
			continue
		}
		if err := e.find(b); err != nil {
			if text := fmt.Sprintf("%s: %v", e.name, err); !slices.Contains(b.report.Missing, text) {
				b.say("%s", text)
				b.report.Missing = append(b.report.Missing, text)
			}
			continue
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		b.say("%s %s, by %s", t.bar, t.what, e.name)
		o, err := e.run(b, &t)
		if ctxErr := b.ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		c := Comparison{Bar: t.bar, What: t.what, Engine: e.name, Version: o.version, Phase: o.phase, CPU: o.cpu, AtLeast: o.atLeast, Target: t.least, Note: o.note}
		if err == nil {
			err = t.check(o)
		}
		if err != nil {
			c.Note = err.Error()
		} else {
			c.Ours = t.ours(o.phase)
			c.Ratio = c.CPU / c.Ours
			if holds := c.Ratio >= t.least; !o.open && (holds || !c.AtLeast) {
				c.Holds = &holds
			}
		}
		b.report.Comparisons = append(b.report.Comparisons, c)
	}
	return nil
}

// check compares the value of the last formula with ours.
func (t *task) check(o outcome) error {
	if math.IsNaN(o.value) || math.Abs(o.value-t.value) <= 1e-9*math.Abs(t.value) {
		return nil
	}
	return fmt.Errorf("not compared: its last formula is %v and ours %v", o.value, t.value)
}

var errNoPeers = errors.New("not on this machine: make bench-calc builds it")
