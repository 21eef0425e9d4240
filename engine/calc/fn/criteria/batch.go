package criteria

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// Batch answers many queries over the same areas, or over areas that begin with the same rows and grow, whose conditions all ask for
// equality with one value. It may be used by several goroutines, each by an [Asker] of its own.
type Batch struct {
	line     *line
	group    grouped
	lo, hi   int // of the longest area in the grouping
	of       Total
	values   *search.Column
	valuesAt int
}

// What is made of the places of a query besides the totals of their values. They are for [NewBatch] only.
const (
	Places  Total = 100 + iota // their number
	Average                    // of their numbers
)

// NewBatch returns a batch for areas of one column each and of one shape: those of the conditions, and that of the values, which
// is of no use for [Places]. It returns nil where the areas are so small or lie so that they are better read.
func NewBatch(src search.Source, of Total, tests []cell.Area, values cell.Area) *Batch {
	q := &Query{src: src, tests: make([]Test, len(tests)), full: tests[0]}
	for i, a := range tests {
		// Which number it asks for does not matter.
		q.tests[i] = Test{Area: a, Criterion: Criterion{what: number}}
		q.include(a)
	}
	var with *cell.Area
	if of != Places {
		with = &values
		q.include(values)
	}
	var b *Batch
	q.lines(with, func(l *line) bool {
		if search.Small(l.parts[0].area) {
			return false
		}
		b = &Batch{line: l, of: of}
		for i := range l.parts {
			p := &l.parts[i]
			p.column, p.at = search.ColumnOf(src, p.area)
			p.column.Expect()
			p.grouped, p.groups = true, []int32{0}
		}
		b.group, _ = l.grouped(true)
		b.lo, b.hi = b.group.at, b.group.at+l.n
		if with != nil {
			b.values, b.valuesAt = search.ColumnOf(src, l.values)
			b.values.Expect()
		}
		return false
	})
	return b
}

// Asker asks a batch. It is for one goroutine.
type Asker struct {
	b       *Batch
	line    line          // of the batch, read by the asker's own goroutine
	known   [][]textGroup // by the condition and the number of the text, of those that are not plain
	special []int
	wanted  []int32
	keys    []uint64
	groups  []int32
	reached reached
}

// textGroup is the group that a text asks for.
type textGroup struct {
	text  uint32 // 1 + its number
	group int32
}

// rememberedTexts is for how many texts it is remembered what they ask for.
const rememberedTexts = 1 << 10

// The groups of conditions that are met by no cell, and of those that ask for something else than one group.
const (
	noGroup int32 = -1
	others  int32 = -2
)

// Asker returns a new asker, which reads by a source of its own.
func (b *Batch) Asker(src search.Source) *Asker {
	a := &Asker{b: b, line: *b.line, known: make([][]textGroup, len(b.line.parts))}
	a.line.src = src
	return a
}

// Begin begins n queries.
func (a *Asker) Begin(n int) {
	if cap(a.keys) < n {
		a.keys, a.groups, a.wanted = make([]uint64, n), make([]int32, n), make([]int32, n)
	}
	a.keys, a.groups, a.wanted = a.keys[:n], a.groups[:n], a.wanted[:n]
	clear(a.groups)
}

// Condition gives the queries their values for the condition on the area with this number: as many as there are queries, or one for
// all. All areas are to be given theirs, in order.
func (a *Asker) Condition(i int, values []cell.Box) {
	a.find(i, values)
	wanted := a.wanted
	if len(values) == 1 {
		for j := range wanted {
			wanted[j] = wanted[0]
		}
	}
	if i == 0 && a.b.group.own {
		copy(a.groups, wanted)
		return
	}
	s := &a.b.group.steps[i]
	for j, want := range wanted {
		wanted[j] = min(a.groups[j], want)
		a.keys[j] = s.key(max(a.groups[j], 0), max(want, 0))
	}
	s.GroupsOf(a.groups, a.keys)
	for j, bad := range wanted {
		if bad < 0 {
			a.groups[j] = bad
		}
	}
}

// find sets wanted to the groups of the column's own index that values ask for.
func (a *Asker) find(i int, values []cell.Box) {
	p, src := &a.line.parts[i], a.line.src
	x := p.column.Index(src)
	keys, wanted := a.keys[:len(values)], a.wanted[:len(values)]
	numbers, texts := false, false
	for j, v := range values {
		switch cell.BoxKind(v) {
		case cell.Number:
			numbers = true
		case cell.Empty:
			v, numbers = 0, true // for which an empty cell asks
		case cell.Text:
			texts = true
		}
		if v == v {
			v += 0 // -0 is 0
		}
		keys[j] = math.Float64bits(v)
	}
	a.special = a.special[:0]
	if texts {
		src.Strings().FoldKeys(keys, cell.Plain, func(j int) { a.special = append(a.special, j) })
	}
	x.GroupsOf(wanted, keys)
	for _, j := range a.special {
		wanted[j] = a.text(i, cell.BoxedText(values[j]))
	}
	if !numbers || !x.Texts() {
		return
	}
	for j, key := range keys {
		f := math.Float64frombits(key)
		if f != f {
			continue
		}
		switch like := p.column.NumericTexts(src, f); {
		case len(like) == 0:
		case len(like) == 1 && wanted[j] < 0:
			wanted[j] = like[0]
		default:
			wanted[j] = others
		}
	}
}

// text returns the group that a text asks for which may be no text to be found but a condition.
func (a *Asker) text(i int, id uint32) int32 {
	if a.known[i] == nil {
		a.known[i] = make([]textGroup, rememberedTexts)
	}
	known := &a.known[i][id%rememberedTexts]
	if known.text != id+1 {
		*known = textGroup{id + 1, a.asked(i, cell.Str(a.line.src.Strings().Text(id)))}
	}
	return known.group
}

// asked returns the group that a condition asks for.
func (a *Asker) asked(i int, v cell.Value) int32 {
	l := &a.line
	k := Parse(v, l.src.Dates())
	if k.what == never || k.order != 0 || k.not || k.Empties() {
		return others
	}
	p := part{Criterion: &k, column: l.parts[i].column, at: l.parts[i].at}
	p.group(l)
	switch len(p.groups) {
	case 0:
		return noGroup
	case 1:
		return p.groups[0]
	}
	return others
}

// Unknown is the result of a query that is to be answered in another way: because of its conditions, or because it is an error. It is no value of a cell.
var Unknown = cell.BoxError(0)

// Answer sets dst to the results of the queries, some of them [Unknown]. The areas of the first query have so many rows, and those of each
// further one as many or, where they grow, one more.
func (a *Asker) Answer(dst []cell.Box, rows int, growing bool) {
	b := a.b
	x := b.group.index()
	r := reader{Batch: b, line: &a.line}
	for i, g := range a.groups[:len(dst)] {
		hi := min(b.lo+rows, b.hi)
		if growing {
			hi = min(hi+i, b.hi)
		}
		switch {
		case g == others:
			dst[i] = Unknown
		case g < 0:
			dst[i] = b.none()
		case !growing && b.of == Places:
			dst[i] = float64(x.Count(g, b.lo, hi))
		case x.Whole(g, b.lo, hi):
			dst[i] = r.whole(g)
		default:
			from, to := a.reached.positions(x, g, b.lo, hi)
			dst[i] = r.part(g, from, to)
		}
	}
}

// none is the result where no place meets the conditions.
func (b *Batch) none() cell.Box {
	if b.of == Average {
		return Unknown
	}
	return 0
}

// reader reads totals of groups. Which are kept it finds out when it needs them.
type reader struct {
	*Batch
	line                                     *line
	all, running, allNumbers, runningNumbers []cell.Box
}

// whole is the result for all places of a group.
func (r *reader) whole(g int32) cell.Box {
	switch r.of {
	case Places:
		return float64(r.group.index().Count(g, r.lo, r.hi))
	case Average:
		r.need(&r.allNumbers, Count, false)
		r.need(&r.all, Sum, false)
		return average(r.all[g], r.allNumbers[g])
	}
	r.need(&r.all, r.of, false)
	return result(r.all[g])
}

// part is the result for some places of a group, by their places among the sorted positions.
func (r *reader) part(g int32, from, to int) cell.Box {
	switch {
	case r.of == Places:
		return float64(to - from)
	case from == to:
		return r.none()
	case from != r.group.index().Start(g): // running totals begin with the group
		return Unknown
	case r.of == Average:
		r.need(&r.runningNumbers, Count, true)
		r.need(&r.running, Sum, true)
		return average(r.running[to-1], r.runningNumbers[to-1])
	}
	r.need(&r.running, r.of, true)
	return result(r.running[to-1])
}

func (r *reader) need(list *[]cell.Box, of Total, running bool) {
	switch {
	case *list != nil:
	case running:
		*list = r.line.runningTotals(of, &r.group, r.values, r.valuesAt)
	default:
		*list = r.line.totals(of, &r.group, r.values, r.valuesAt)
	}
}

// result is a total as a cell shows it.
func result(total cell.Box) cell.Box {
	switch {
	case total-total == 0:
		return total + 0
	case cell.BoxKind(total) == cell.Empty:
		return 0
	}
	return Unknown
}

func average(sum, n cell.Box) cell.Box {
	if sum-sum != 0 || n-n != 0 || n == 0 {
		return Unknown
	}
	if sum /= n; sum-sum != 0 {
		return Unknown
	}
	return sum + 0
}

// reached is how many positions of groups lie before a bound that rises from query to query.
type reached struct {
	bound int
	seen  []int32 // -1 where it was not asked for
}

// mostAhead is how far the bound is moved step by step.
const mostAhead = 1 << 12

// positions returns the places among the sorted positions of those of a group from lo to below hi.
func (r *reached) positions(x *search.Index, g int32, lo, hi int) (from, to int) {
	if !x.Begins(g, lo) {
		list, at := x.Positions(g, lo, hi)
		return at, at + len(list)
	}
	if r.seen == nil || hi < r.bound || hi > r.bound+mostAhead {
		if r.seen == nil {
			r.seen = make([]int32, x.Groups())
		}
		for i := range r.seen {
			r.seen[i] = -1
		}
		r.bound = hi
	}
	for _, passed := range x.Each()[r.bound:hi] {
		if r.seen[passed] >= 0 {
			r.seen[passed]++
		}
	}
	r.bound = hi
	from = x.Start(g)
	if r.seen[g] < 0 {
		list, _ := x.Positions(g, 0, hi)
		r.seen[g] = int32(len(list))
	}
	return from, from + int(r.seen[g])
}
