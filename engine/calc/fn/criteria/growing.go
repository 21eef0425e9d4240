package criteria

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// Where a formula reads the column that it is filled down, as a balance by account does, no index can be made of the column: it changes from
// formula to formula. But each reads some rows more than the one before, and the rows before stay. So totals by the values of the tested
// columns are kept, and the new rows added to them.

// growing is the totals of the first rows of some columns.
type growing struct {
	last   int // rows of the last query
	grew   int // queries so far that each had a few rows more
	rows   int // that are in totals
	totals map[conditionKeys]cell.Box
	// conditions are columns that hold texts which may read as numbers: conditions that ask for a number are met by them too.
	conditions [mostGrowing]bool
	keys       [mostGrowing][]uint64 // of the rows that are being added
	values     []cell.Box
}

const (
	mostGrowing = 4  // conditions
	mostGrown   = 64 // rows that a query may have more than the last one
)

// conditionKeys are the keys of the values that conditions ask for, or of those of a row.
type conditionKeys [mostGrowing]uint64

// growingKey names the totals of a line by where its areas begin.
type growingKey struct {
	of     Total
	n      int
	starts [mostGrowing + 1]cell.Area
}

// narrow reports whether nothing is known around one of the areas, which are columns.
func (l *line) narrow(values bool) bool {
	for i := range l.parts {
		if a := l.parts[i].area; a.C0 == a.C1 && l.src.Reach(a) == a {
			return true
		}
	}
	return values && l.values.C0 == l.values.C1 && l.src.Reach(l.values) == l.values
}

// grown returns the total of the line, or the number of its places, from that of a line with a few rows less. It reports false where there is none, or the
// conditions ask for more than one value each.
func (l *line) grown(of Total) (cell.Box, bool) {
	if len(l.parts) > mostGrowing || l.parts[0].area.C0 != l.parts[0].area.C1 || search.Small(l.parts[0].area) || !l.narrow(of != Places) {
		return 0, false
	}
	key := growingKey{of: of, n: len(l.parts)}
	for i := range l.parts {
		p := &l.parts[i]
		if _, one := p.value(); !one {
			return 0, false
		}
		key.starts[i] = start(p.area)
	}
	if of != Places {
		key.starts[mostGrowing] = start(l.values)
	}
	g, ok := l.src.Growing(key, func() any { return &growing{last: l.n} }).(*growing)
	if !ok {
		return 0, false
	}
	switch {
	case l.n < g.last || l.n > g.last+mostGrown:
		*g = growing{last: l.n}
	case l.n > g.last:
		g.last = l.n
		g.grew++
	}
	if g.grew < patient {
		return 0, false
	}
	if g.totals == nil {
		g.totals = map[conditionKeys]cell.Box{}
	}
	l.grow(g, of)
	var asked conditionKeys
	for i := range l.parts {
		p := &l.parts[i]
		if g.conditions[i] && p.what == number {
			return 0, false
		}
		v, _ := p.value()
		var ok bool
		if asked[i], ok = search.KeyOf(l.src.Strings(), v); !ok {
			return of.none(), true // no cell holds such a text
		}
	}
	if total, ok := g.totals[asked]; ok {
		return total, true
	}
	return of.none(), true
}

// none is the total of nothing, or the number of no places.
func (t Total) none() cell.Box {
	if t == Places {
		return 0
	}
	return t.start()
}

func start(a cell.Area) cell.Area {
	a.R1, a.C1 = a.R0, a.C0
	return a
}

// value returns the one value that the test asks for, and false where others may meet it, too.
func (p *part) value() (cell.Value, bool) {
	if p.order != 0 || p.not {
		return cell.Value{}, false
	}
	switch p.what {
	case number:
		return cell.Num(p.number), true
	case text:
		return cell.Str(p.text), true
	case truth:
		return cell.Truth(p.yes), true
	case failure:
		return cell.Err(p.code), true
	}
	return cell.Value{}, false
}

// grow adds the rows of the line that are not yet in the totals.
func (l *line) grow(g *growing, of Total) {
	for g.rows < l.n {
		n := min(l.n-g.rows, 512)
		if len(g.values) < n {
			g.values = make([]cell.Box, n)
			for i := range l.parts {
				g.keys[i] = make([]uint64, n)
			}
		}
		part := func(a cell.Area) cell.Area {
			a.R0 += int32(g.rows)
			a.R1 = a.R0 + int32(n) - 1
			return a
		}
		for i := range l.parts {
			a := part(l.parts[i].area)
			l.src.Boxes(a, func(row, _ int32, run []cell.Box) bool {
				to, texts := g.keys[i][row-a.R0:][:len(run)], false
				for j, b := range run {
					if b == b {
						b += 0 // -0 is 0
					} else {
						texts = true
					}
					to[j] = math.Float64bits(b)
				}
				if texts {
					l.src.Strings().FoldKeys(to, cell.Plain, func(int) { g.conditions[i] = true })
				}
				return true
			})
		}
		if of != Places {
			a := part(l.values)
			l.src.Boxes(a, func(row, _ int32, run []cell.Box) bool {
				copy(g.values[row-a.R0:], run)
				return true
			})
		}
		for j := range n {
			var k conditionKeys
			for i := range l.parts {
				k[i] = g.keys[i][j]
			}
			total, ok := g.totals[k]
			switch {
			case of == Places:
				g.totals[k] = total + 1
				continue
			case !ok:
				total = of.start()
			}
			g.totals[k] = of.add(total, g.values[j])
		}
		g.rows += n
	}
}
