package sqlgen

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Proof is the outcome of a comparison of the figures of a model with those of its SQL.
type Proof struct {
	Figures   int // compared
	Different int
	// Examples are the first figures that differ, in words.
	Examples []string
}

// Two figures are equal where they differ by at most this share of the greater one, or by this share of the greatest figure of
// their column: a database adds in another order.
const (
	ofFigure = 1e-9
	ofColumn = 1e-12
)

const mostExamples = 10

// Prove runs a script of a model and compares every figure that it shows with the tables of the engine. The tables are of a run
// without samples.
func Prove(ctx context.Context, s *Script, tables []result.Table, db *Database) (*Proof, error) {
	labels := make([]int, len(tables))
	for i := range tables {
		labels[i] = len(tables[i].Keys)
	}
	figures, err := db.Figures(ctx, s, labels)
	if err != nil {
		return nil, err
	}
	p := &Proof{}
	for i := range tables {
		t := &tables[i]
		if len(figures[i]) != len(t.Columns) {
			return nil, fmt.Errorf("show %s: %d columns of figures, and %s has %d", t.Title, len(t.Columns), db.Name(), len(figures[i]))
		}
		for k := range t.Columns {
			c, theirs := &t.Columns[k], figures[i][k]
			if len(theirs) != len(c.Values) {
				return nil, fmt.Errorf("show %s: %d rows, and %s has %d", t.Title, len(c.Values), db.Name(), len(theirs))
			}
			most := 0.0
			for _, v := range c.Values {
				if a := math.Abs(v); a > most && !math.IsInf(a, 0) {
					most = a
				}
			}
			for row, mine := range c.Values {
				p.Figures++
				if equal(mine, theirs[row], most) {
					continue
				}
				p.Different++
				if len(p.Examples) < mostExamples {
					p.Examples = append(p.Examples, fmt.Sprintf("%s of %s: %v, and %s has %v", c.Title, strings.Join(t.Rows[row], ", "), mine, db.Name(), theirs[row]))
				}
			}
		}
	}
	return p, nil
}

func equal(a, b, most float64) bool {
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	d := math.Abs(a - b)
	return d <= ofFigure*math.Max(math.Abs(a), math.Abs(b)) || d <= ofColumn*most
}
