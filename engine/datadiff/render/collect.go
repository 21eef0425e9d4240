package render

import (
	"bytes"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/explain"
)

// Collector keeps of the differences of one table what a summary shows: what the changed values of each
// column have in common, and a few examples of each kind. Its memory does not grow with the number of
// differences. It is used by one goroutine.
type Collector struct {
	pairing  *datadiff.Pairing
	columns  []*explain.Column
	examples map[datadiff.Kind][]Example
}

// examplesKept is how many rows of each kind are shown.
const examplesKept = 5

// NewCollector returns a collector for the differences of a pairing.
func NewCollector(p *datadiff.Pairing) *Collector {
	return &Collector{pairing: p, columns: make([]*explain.Column, len(p.Columns)), examples: map[datadiff.Kind][]Example{}}
}

// Add takes one difference. It keeps none of its bytes.
func (c *Collector) Add(d datadiff.Difference) error {
	if d.Kind == datadiff.Changed {
		if err := c.explain(d); err != nil {
			return err
		}
	}
	if len(c.examples[d.Kind]) < examplesKept {
		e, err := newExample(c.pairing, d)
		if err != nil {
			return err
		}
		c.examples[d.Kind] = append(c.examples[d.Kind], e)
	}
	return nil
}

// explain hands the cells that differ to the columns they belong to.
func (c *Collector) explain(d datadiff.Difference) error {
	a, b := d.A, d.B
	for i := 0; len(a) > 0 && len(b) > 0 && i < len(c.columns); i++ {
		x, restA, err := canon.Next(a)
		if err != nil {
			return err
		}
		y, restB, err := canon.Next(b)
		if err != nil {
			return err
		}
		if !bytes.Equal(x, y) {
			if c.columns[i] == nil {
				c.columns[i] = &explain.Column{}
			}
			c.columns[i].Add(x, y)
		}
		a, b = restA, restB
	}
	return nil
}

// facts are what the differences of a column have in common.
func (c *Collector) facts(column int) []Fact {
	if c == nil || c.columns[column] == nil {
		return nil
	}
	var facts []Fact
	for _, f := range c.columns[column].Findings() {
		facts = append(facts, Fact{Kind: string(f.Kind), Rows: f.Rows, AtLeast: f.AtLeast, Share: f.Share, Text: f.Text, Detail: f.Detail})
	}
	return facts
}

// shown are the examples, changed rows first.
func (c *Collector) shown() []Example {
	if c == nil {
		return nil
	}
	var all []Example
	for _, k := range []datadiff.Kind{datadiff.Changed, datadiff.OnlyA, datadiff.OnlyB} {
		all = append(all, c.examples[k]...)
	}
	return all
}
