package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// Example is one row that differs. As JSON it is a line of the NDJSON form, without the table.
type Example struct {
	Table string `json:"table,omitempty"`
	Kind  string `json:"kind"`  // "only in A", "only in B", "changed"
	State string `json:"state"` // "seen once", "confirmed", "moving"
	Key   Values `json:"key"`
	// Columns are, for a changed row, the columns that differ with both values; else all columns that are
	// not in the key, with the value of the side that has the row.
	Columns Sides `json:"columns"`
}

// newExample copies a difference into values that are printed by name.
func newExample(p *datadiff.Pairing, d datadiff.Difference) (Example, error) {
	e := Example{Kind: d.Kind.String(), State: d.State.String()}
	a, err := datadiff.Cells(d.A)
	if err != nil {
		return e, fmt.Errorf("a difference cannot be read: %w", err)
	}
	b, err := datadiff.Cells(d.B)
	if err != nil {
		return e, fmt.Errorf("a difference cannot be read: %w", err)
	}
	present := a
	if present == nil {
		present = b
	}
	if n := len(p.Columns); len(present) != n || a != nil && b != nil && len(a) != len(b) {
		return e, fmt.Errorf("a difference has %d values, and %d columns are compared", len(present), n)
	}
	for i, c := range p.Columns {
		if i < p.Key {
			e.Key = append(e.Key, Named{c.Name(), Value(bytes.Clone(present[i]))})
		}
		side := Side{Name: c.Name()}
		if a != nil {
			side.A = bytes.Clone(a[i])
		}
		if b != nil {
			side.B = bytes.Clone(b[i])
		}
		// A changed row may differ in its key too, where keys are equal only by a collation.
		if d.Kind == datadiff.Changed && !bytes.Equal(side.A, side.B) || d.Kind != datadiff.Changed && i >= p.Key {
			e.Columns = append(e.Columns, side)
		}
	}
	return e, nil
}

// Lines writes differences as NDJSON, one object a line.
type Lines struct {
	out *json.Encoder
}

// NewLines returns a writer of NDJSON. It does not buffer.
func NewLines(w io.Writer) *Lines {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &Lines{out}
}

// Add writes a difference of a table.
func (l *Lines) Add(table string, p *datadiff.Pairing, d datadiff.Difference) error {
	e, err := newExample(p, d)
	if err != nil {
		return err
	}
	e.Table = table
	if err := l.out.Encode(e); err != nil {
		return fmt.Errorf("write a difference: %w", err)
	}
	return nil
}
