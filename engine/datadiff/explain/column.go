package explain

import (
	"bytes"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// Column accumulates the changed pairs of one column. The zero value is ready. It is not safe for
// concurrent use: give each goroutine its own and [Column.Merge] them.
type Column struct {
	pairs  int64
	counts [ruleCount]int64
	kept   [ruleCount][]Pair

	numbers int64 // pairs of two numbers
	delta   sketch[number]
	factor  sketch[ratio]
	rounded rounding

	moments int64 // pairs of two moments
	shift   sketch[int64]
	clock   clock

	prefixA, prefixB lengths // of the shorter one, where A or B is the shorter

	keysA, keysB names // keys of documents that stand only in A or B

	bufA, bufB []byte
}

// Pair is an example: two canonical cells.
type Pair struct{ A, B []byte }

// Bounds of what is kept and examined.
const (
	keptPairs   = 3       // examples for each rule
	keptBytes   = 1 << 10 // of a cell in an example
	examinedMax = 1 << 16 // bytes of a text or document beyond which only the cheap rules are tried
)

// Add counts one pair of cells that differ. The cells are not kept and not changed. Bytes that are no
// cell, and a pair that is equal, count as a pair that no rule explains.
func (c *Column) Add(a, b []byte) {
	c.pairs++
	if !whole(a) || !whole(b) || bytes.Equal(a, b) {
		return
	}
	ta, tb := canon.Tag(a[0]), canon.Tag(b[0])
	switch {
	case ta == canon.Null || tb == canon.Null:
		c.addNull(a, b)
	case ta == canon.Digest || tb == canon.Digest:
		// Of a long value only the hash is left.
	case numeric(ta) && numeric(tb):
		c.addNumbers(a, b)
	case ta != tb:
		// One column has two kinds only when it holds documents.
		if scalarAsText(a, b) || scalarAsText(b, a) {
			c.hit(numbersAsText, a, b)
		}
	case ta == canon.Date || ta == canon.Time || ta == canon.Timestamp || ta == canon.TimestampZone:
		c.addMoments(a, b)
	case ta == canon.Text || ta == canon.Inexact:
		c.addTexts(a, b)
	case ta == canon.Bytes:
		c.addBytes(a, b, canon.Content(a), canon.Content(b))
	case ta == canon.UUID:
		c.addBytes(a, b, a[1:], b[1:])
	}
	if isDocument(ta) && isDocument(tb) {
		c.addDocuments(a, b)
	}
}

// whole says whether the bytes are exactly one cell.
func whole(cell []byte) bool {
	_, rest, err := canon.Next(cell)
	return err == nil && len(rest) == 0
}

func (c *Column) addNull(a, b []byte) {
	if canon.Tag(a[0]) == canon.Null {
		c.hit(nullA, a, b)
		if isEmpty(b) {
			c.hit(nullEmpty, a, b)
		}
		return
	}
	c.hit(nullB, a, b)
	if isEmpty(a) {
		c.hit(emptyNull, a, b)
	}
}

func isEmpty(cell []byte) bool {
	switch canon.Tag(cell[0]) {
	case canon.Text, canon.Bytes, canon.Inexact:
		return len(canon.Content(cell)) == 0
	}
	return false
}

// hit counts a pair for a rule and keeps it while examples are wanted.
func (c *Column) hit(r rule, a, b []byte) {
	c.counts[r]++
	c.keep(r, a, b)
}

// keep keeps a pair as an example.
func (c *Column) keep(r rule, a, b []byte) {
	if len(c.kept[r]) < keptPairs && len(a) <= keptBytes && len(b) <= keptBytes {
		c.kept[r] = append(c.kept[r], Pair{bytes.Clone(a), bytes.Clone(b)})
	}
}

// Merge adds what another accumulator of the same column has counted. The other is not changed.
func (c *Column) Merge(other *Column) {
	c.pairs += other.pairs
	for r := range c.counts {
		c.counts[r] += other.counts[r]
		c.kept[r] = append(c.kept[r], other.kept[r][:min(len(other.kept[r]), keptPairs-len(c.kept[r]))]...)
	}
	c.numbers += other.numbers
	c.delta.merge(&other.delta)
	c.factor.merge(&other.factor)
	c.rounded.merge(&other.rounded)
	c.moments += other.moments
	c.shift.merge(&other.shift)
	c.clock.merge(&other.clock)
	c.prefixA.merge(other.prefixA)
	c.prefixB.merge(other.prefixB)
	c.keysA.merge(&other.keysA)
	c.keysB.merge(&other.keysB)
}

// Pairs is the number of pairs added.
func (c *Column) Pairs() int64 { return c.pairs }
