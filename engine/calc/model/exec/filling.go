package exec

import "fmt"

// filling fills an array in any order. It keeps as many chunks open as there is room for, and seals one that was not used lately
// when another is wanted, so that inputs larger than memory can be read. Cells that come period by period, or near each other in some
// other way, open each chunk once; those that jump about in an array that does not fit read and write chunks again and again.
type filling struct {
	a     *array
	fill  float64 // of cells that nobody sets
	slots []slot
	most  int     // slots there may be
	hand  int     // of the clock that finds the slot to give up
	of    []int32 // the slot of each chunk plus one, 0 for none
	read  reader
	err   error
	lost  float64 // what is written to after an error
	fail  func()  // called with the first error
}

// slot is an open chunk.
type slot struct {
	period, block int // of its first cell
	index         int
	used          bool // since the hand came by
}

const (
	// fillingShare is the part of the memory allowed that open chunks may take, or more if it takes that for values in the order of periods: open
	// chunks are whole float64, sealed ones small.
	fillingShare = 4
	// fewestOpen is how many chunks are open whatever memory is allowed.
	fewestOpen = 16
)

// filling begins to fill an array whose other cells are fill. After an error, which done returns, cells are lost; fail is called then.
func (a *array) filling(fill float64, fail func()) *filling {
	size := int64(a.rows) * int64(min(blockCells, a.positions)) * 8
	most := max(a.pool.budget/fillingShare/max(size, 1), min(2*int64(a.blocks), a.pool.budget/max(size, 1)), fewestOpen)
	return &filling{a: a, fill: fill, fail: fail, most: int(min(most, int64(len(a.chunks)))), of: make([]int32, len(a.chunks))}
}

// cell returns a cell to be read and written until the next call.
func (f *filling) cell(period, position int) *float64 {
	block := position / blockCells
	index := period/f.a.rows*f.a.blocks + block
	at := f.of[index]
	if at == 0 {
		if f.err == nil {
			if at, f.err = f.bring(index, period/f.a.rows*f.a.rows, block); f.err != nil {
				f.fail()
			}
		}
		if f.err != nil {
			return &f.lost
		}
	}
	f.slots[at-1].used = true
	return &f.a.chunks[index].f[period%f.a.rows*f.a.width(block)+position%blockCells]
}

// bring opens a chunk, in the place of another where there is no room.
func (f *filling) bring(index, period, block int) (int32, error) {
	c := &f.a.chunks[index]
	n := f.a.height(period) * f.a.width(block)
	at := len(f.slots)
	if at < f.most {
		f.slots = append(f.slots, slot{})
	} else {
		for f.slots[f.hand].used {
			f.slots[f.hand].used = false
			f.hand = (f.hand + 1) % f.most
		}
		at = f.hand
		f.hand = (f.hand + 1) % f.most
		if err := f.give(at); err != nil {
			return 0, err
		}
	}
	if c.form == formNone {
		c.f = f.a.pool.take(n)
		for i := range c.f {
			c.f[i] = f.fill
		}
	} else if err := f.a.pool.reopen(&f.read, c, n); err != nil {
		return 0, err
	}
	c.form = formOpen
	f.a.pool.hold(int64(n) * 8)
	f.slots[at] = slot{period: period, block: block, index: index}
	f.of[index] = int32(at + 1)
	return int32(at + 1), nil
}

// give seals the chunk of a slot.
func (f *filling) give(at int) error {
	s := f.slots[at]
	f.a.pool.hold(-int64(len(f.a.chunks[s.index].f)) * 8)
	f.of[s.index] = 0
	return f.a.seal(s.period, s.block)
}

// done seals what is open. Chunks that nobody wrote to hold the fill.
func (f *filling) done() error {
	for at := range f.slots {
		if err := f.give(at); err != nil && f.err == nil {
			f.err = err
		}
	}
	f.slots = nil
	for i := range f.a.chunks {
		if c := &f.a.chunks[i]; c.form == formNone {
			c.form, c.k = formConst, f.fill
		}
	}
	return f.err
}

// hold counts memory of open chunks, which sealed ones cannot have.
func (p *pool) hold(bytes int64) {
	p.mu.Lock()
	p.open += bytes
	p.mu.Unlock()
}

// reopen makes a sealed chunk of n cells one of float64 in memory, ready to be written.
func (p *pool) reopen(r *reader, c *chunk, n int) error {
	p.forget(c)
	if c.form == formFloat && !c.spilled {
		return nil
	}
	from := c
	if c.spilled {
		var err error
		if from, err = r.load(p, c); err != nil { // what the reader has may be older
			return fmt.Errorf("fill values in: %w", err)
		}
	}
	f := p.take(n)
	copy(f, from.cells(0, n, f))
	p.release(c)
	c.f, c.spilled = f, false
	return nil
}
