package main

import (
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/engine/datadiff/schemadiff"
)

// schemas compares the catalogs of a pair.
func (d *comparing) schemas(p *tablePair) []render.Change {
	var out []render.Change
	sides := [2]schemadiff.Side{}
	for i := range sides {
		sides[i] = schemadiff.Side{Kind: d.sides[i].db.Kind(), Table: p.sides[i]}
	}
	for _, c := range schemadiff.Compare(sides[0], sides[1]) {
		out = append(out, render.Change{Kind: string(c.Kind), Object: c.Object, A: c.A, B: c.B, Severity: c.Severity.String(), Text: c.Text})
	}
	return out
}

// weighty holds when the schemas of a pair differ in more than looks. A column that only B has is more,
// though B may fill it by itself: the rows of A say nothing of what it holds, unless B computes it.
func (p *tablePair) weighty() bool {
	for _, c := range p.schema {
		if c.Severity != schemadiff.Cosmetic.String() {
			return true
		}
		if column := p.sides[1].Column(c.Object); c.Kind == string(schemadiff.OnlyB) && (column == nil || !column.Generated) {
			return true
		}
	}
	return false
}
