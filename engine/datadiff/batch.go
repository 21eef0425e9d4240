package datadiff

import (
	"bytes"
	"errors"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// longCell is the length from which a cell is kept as its hash only. A repair reads the values themselves
// again, of rows that have a key.
const longCell = 64 << 10

// errTooLarge ends the reading of a range that holds more than a batch may.
var errTooLarge = errors.New("the range holds more rows than planned")

// batch holds the rows of one range of one side, one behind the other.
type batch struct {
	data []byte
	rows []rowEnd
	read int64 // bytes of the cells as read, before long ones were cut

	maxRows, maxBytes int
}

// rowEnd is where a row ends in the data of its batch, and where its key does.
type rowEnd struct{ end, key uint32 }

func (b *batch) reset() {
	b.data, b.rows, b.read = b.data[:0], b.rows[:0], 0
	if cap(b.data) > 2*b.maxBytes { // one huge row does not stay
		b.data = nil
	}
}

// add is a dialect.RowFunc.
func (b *batch) add(cells []byte, key int) error {
	if len(b.rows) >= b.maxRows || len(b.data) >= b.maxBytes {
		return errTooLarge
	}
	start := len(b.data)
	b.read += int64(len(cells))
	if len(cells) > longCell {
		var err error
		if b.data, err = canon.Shorten(b.data, cells, key, longCell); err != nil {
			return err
		}
	} else {
		b.data = append(b.data, cells...)
	}
	b.rows = append(b.rows, rowEnd{uint32(len(b.data)), uint32(start + key)})
	return nil
}

// row returns the cells of row i and the length of its key.
func (b *batch) row(i int) (cells []byte, key int) {
	start := b.start(i)
	r := b.rows[i]
	return b.data[start:r.end:r.end], int(r.key) - start
}

func (b *batch) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(b.rows[i-1].end)
}

func (b *batch) cells(i int) []byte {
	c, _ := b.row(i)
	return c
}

func (b *batch) key(i int) []byte {
	c, k := b.row(i)
	return c[:k]
}

// matched receives what the comparison of two batches found. The bytes are valid until it returns.
type matched interface {
	// changed: two rows of one key that differ.
	changed(a, b []byte, key int) error
	// alone: a row without a partner; side is 0 for A and 1 for B.
	alone(side int, cells []byte, key int) error
}

// matcher compares the batches of one range. Rows may come in any order; the same order on both sides
// is fast. unique says that no two rows of a side share a key.
//
// Servers that read a range along the same index give the rows in the same order, and then equal ranges
// are equal bytes: that is the case worth being fast in, one comparison of memory. Elsewhere the rows
// are walked in step; where they part, a look a few rows ahead finds rows that were added or lost; and
// what is left over on both sides is matched by the hash of the key.
type matcher struct {
	unique bool
	// same says whether two different rows of one key count as equal (tolerances); nil for never.
	same func(a, b []byte) bool

	left  [2][]int32
	heads map[canon.Hash128]int32
	next  []int32
	used  []bool
}

// ahead is how far the walk looks for the row where both sides meet again.
const ahead = 8

func (m *matcher) match(a, b *batch, out matched) error {
	if bytes.Equal(a.data, b.data) {
		return nil
	}
	m.left[0], m.left[1] = m.left[0][:0], m.left[1][:0]
	i, j := 0, 0
	for i < len(a.rows) && j < len(b.rows) {
		ra, ka := a.row(i)
		rb, kb := b.row(j)
		if bytes.Equal(ra, rb) {
			i++
			j++
			continue
		}
		if bytes.Equal(ra[:ka], rb[:kb]) && m.unique {
			if err := m.differ(ra, rb, ka, out); err != nil {
				return err
			}
			i++
			j++
			continue
		}
		di, dj := m.meet(a, b, i, j)
		for range di {
			m.left[0] = append(m.left[0], int32(i))
			i++
		}
		for range dj {
			m.left[1] = append(m.left[1], int32(j))
			j++
		}
	}
	for ; i < len(a.rows); i++ {
		m.left[0] = append(m.left[0], int32(i))
	}
	for ; j < len(b.rows); j++ {
		m.left[1] = append(m.left[1], int32(j))
	}
	return m.rest(a, b, out)
}

func (m *matcher) differ(ra, rb []byte, key int, out matched) error {
	if m.same != nil && m.same(ra, rb) {
		return nil
	}
	return out.changed(ra, rb, key)
}

// meet says how many rows of each side to lay aside so that both sides stand at the same key again;
// one of each when none is found near.
func (m *matcher) meet(a, b *batch, i, j int) (di, dj int) {
	ka, kb := a.key(i), b.key(j)
	for d := 1; d <= ahead; d++ {
		if i+d < len(a.rows) && bytes.Equal(a.key(i+d), kb) {
			return d, 0
		}
		if j+d < len(b.rows) && bytes.Equal(b.key(j+d), ka) {
			return 0, d
		}
	}
	return 1, 1
}

// rest matches the rows laid aside. Of rows that share a key, equal ones cancel first; then one of A
// and one of B are a changed row; and then some are alone.
func (m *matcher) rest(a, b *batch, out matched) error {
	la, lb := m.left[0], m.left[1]
	if len(la) == 0 || len(lb) == 0 {
		return m.alone(a, b, la, lb, out)
	}
	if m.heads == nil {
		m.heads = make(map[canon.Hash128]int32)
	}
	clear(m.heads)
	m.next = append(m.next[:0], make([]int32, len(lb))...)
	m.used = append(m.used[:0], make([]bool, len(lb))...)
	for n := len(lb) - 1; n >= 0; n-- {
		h := canon.Hash(b.key(int(lb[n])))
		m.next[n] = -1
		if head, ok := m.heads[h]; ok {
			m.next[n] = head
		}
		m.heads[h] = int32(n)
	}
	// First equal rows, so that (k,1)(k,2) against (k,2)(k,1) is no difference.
	rest := la[:0]
	for _, i := range la {
		ra, ka := a.row(int(i))
		n, ok := m.heads[canon.Hash(ra[:ka])]
		for ; ok && n >= 0; n = m.next[n] {
			if !m.used[n] && bytes.Equal(b.cells(int(lb[n])), ra) {
				break
			}
		}
		if ok && n >= 0 {
			m.used[n] = true
		} else {
			rest = append(rest, i)
		}
	}
	lone := rest[:0]
	for _, i := range rest {
		ra, ka := a.row(int(i))
		n, ok := m.heads[canon.Hash(ra[:ka])]
		for ; ok && n >= 0; n = m.next[n] {
			if !m.used[n] && bytes.Equal(b.key(int(lb[n])), ra[:ka]) {
				break
			}
		}
		if !ok || n < 0 {
			lone = append(lone, i)
			continue
		}
		m.used[n] = true
		if err := m.differ(ra, b.cells(int(lb[n])), ka, out); err != nil {
			return err
		}
	}
	loneB := lb[:0]
	for n, j := range lb {
		if !m.used[n] {
			loneB = append(loneB, j)
		}
	}
	return m.alone(a, b, lone, loneB, out)
}

func (m *matcher) alone(a, b *batch, la, lb []int32, out matched) error {
	for _, i := range la {
		c, k := a.row(int(i))
		if err := out.alone(0, c, k); err != nil {
			return err
		}
	}
	for _, j := range lb {
		c, k := b.row(int(j))
		if err := out.alone(1, c, k); err != nil {
			return err
		}
	}
	return nil
}
