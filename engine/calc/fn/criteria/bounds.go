package criteria

import "slices"

// selective is how many times fewer cells than the line has must lie between two bounds, for finding them by their
// order to be quicker than testing all.
const selective = 8

// between is the bounds that tests of one column of numbers put together.
type between struct {
	parts []int
	// The numbers from rank lo to below hi of the column's order.
	lo, hi int
}

// bounds gathers the tests that are bounds of numbers in the column of part i.
func (l *line) bounds(i int) between {
	p := &l.parts[i]
	o := p.column.Numbers(l.src)
	b := between{hi: o.Len()}
	for j := range l.parts {
		other := &l.parts[j]
		if other.column != p.column || other.at != p.at || !other.bound() {
			continue
		}
		b.parts = append(b.parts, j)
		if other.order == '<' {
			b.hi = min(b.hi, o.RankDigits(other.number, other.orEqual))
		} else {
			b.lo = max(b.lo, o.RankDigits(other.number, !other.orEqual))
		}
	}
	b.hi = max(b.lo, b.hi)
	return b
}

// bound reports whether the test is an upper or lower bound of numbers.
func (p *part) bound() bool { return p.what == number && p.order != 0 }

// countBetween counts where all tests are bounds of the numbers of one column.
func (l *line) countBetween() (n int, ok bool) {
	p := &l.parts[0]
	if !p.bound() {
		return 0, false
	}
	b := l.bounds(0)
	if len(b.parts) != len(l.parts) {
		return 0, false
	}
	o := p.column.Numbers(l.src)
	return o.Ranked(p.at, p.at+l.n, b.hi) - o.Ranked(p.at, p.at+l.n, b.lo), true
}

// bounded returns the places of the line whose numbers lie between the narrowest bounds, in rising order, and the
// tests that these bounds are: nil where there are none, they are not narrow, or they leave as many places as most.
func (l *line) bounded(most int) (places []int32, parts []int) {
	var best between
	least := min(l.n/selective, most)
	for i := range l.parts {
		if !l.parts[i].bound() {
			continue
		}
		if b := l.bounds(i); b.parts[0] == i && b.hi-b.lo < least {
			best, least = b, b.hi-b.lo
		}
	}
	if best.parts == nil {
		return nil, nil
	}
	p := &l.parts[best.parts[0]]
	places = make([]int32, 0, best.hi-best.lo)
	for _, at := range p.column.Numbers(l.src).Positions(best.lo, best.hi) {
		if i := int(at) - p.at; i >= 0 && i < l.n {
			places = append(places, int32(i))
		}
	}
	slices.Sort(places)
	return places, best.parts
}
