package criteria

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// Test is a condition on the cells of an area.
type Test struct {
	Area cell.Area
	Criterion
}

// Query is conditions on areas of one shape: what counts is the places at which all of them are met.
type Query struct {
	src   search.Source
	tests []Test
	// rows and cols are how far anything was ever held in one of the areas.
	rows, cols int
	full       cell.Area
}

// NewQuery returns a query of one or more tests, whose areas have the same shape.
func NewQuery(src search.Source, tests []Test) *Query {
	q := &Query{src: src, tests: tests, full: tests[0].Area}
	for _, t := range tests {
		q.include(t.Area)
	}
	return q
}

func (q *Query) include(a cell.Area) {
	if a, ok := q.src.Clip(a); ok {
		q.rows, q.cols = max(q.rows, a.Rows()), max(q.cols, a.Cols())
	}
}

// Count returns the number of places.
func (q *Query) Count() int64 {
	n := int64(0)
	q.lines(nil, func(l *line) bool {
		n += int64(l.count())
		return true
	})
	empties := true
	for i := range q.tests {
		empties = empties && q.tests[i].Empties()
	}
	if empties {
		n += q.full.Cells() - int64(q.rows)*int64(q.cols)
	}
	return n
}

// Total returns a total of the values at the places. The area of the values has the shape of the tests. The result is
// an error where one of the values is.
func (q *Query) Total(of Total, values cell.Area) cell.Value {
	q.include(values)
	total := of.start()
	q.lines(&values, func(l *line) bool {
		total = l.total(of, total)
		return !failed(total)
	})
	return value(total)
}

// Rows calls f with the row of each place, counted from the first of the areas, which are of one column.
func (q *Query) Rows(f func(i int)) {
	q.rows, q.cols = q.full.Rows(), q.full.Cols()
	q.lines(nil, func(l *line) bool {
		l.places(f)
		return true
	})
}

// lines cuts the areas into single columns, or takes them as they are where they are single rows.
func (q *Query) lines(values *cell.Area, f func(*line) bool) {
	if q.rows == 0 || q.cols == 0 {
		return
	}
	across := q.full.Rows() == 1 && q.full.Cols() > 1
	n, count := q.rows, q.cols
	if across {
		n, count = q.cols, 1
	}
	cut := func(a cell.Area, i int) cell.Area {
		if across {
			a.C1 = a.C0 + int32(n) - 1
			return a
		}
		a.C0 += int32(i)
		a.C1 = a.C0
		a.R1 = a.R0 + int32(n) - 1
		return a
	}
	for i := range count {
		l := &line{src: q.src, n: n, parts: make([]part, len(q.tests))}
		for j := range q.tests {
			l.parts[j] = part{area: cut(q.tests[j].Area, i), Criterion: &q.tests[j].Criterion}
		}
		if values != nil {
			l.values = cut(*values, i)
		}
		if !f(l) {
			return
		}
	}
}
