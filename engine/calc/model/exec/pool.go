package exec

import (
	"fmt"
	"os"
	"sync"
	"unsafe"

	"github.com/zeebo/xxh3"

	"github.com/napkin-infra/napkin/engine/calc/model/exec/hugepage"
)

// pool is the memory of all arrays of a run: buffers that are used again, how much is kept, and the file for what there is no room for.
type pool struct {
	mu     sync.Mutex
	free   map[int][][]float64 // by length
	slab   []float64           // what buffers are cut from
	budget int64               // bytes that sealed chunks may take
	kept   int64
	open   int64 // bytes of chunks that are being filled
	coded  bool
	folder string
	file   *os.File
	end    int64
	// what was done, for the report
	spilled, touched int64
}

// take returns a buffer of n numbers with any content. Memory that was used before costs a hundredth of fresh memory.
func (p *pool) take(n int) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if list := p.free[n]; len(list) > 0 {
		b := list[len(list)-1]
		p.free[n] = list[:len(list)-1]
		return b
	}
	p.touched += int64(n) * 8
	if n > len(p.slab) {
		// The more is in use, the larger is what is got at once: huge pages pay for much memory, and little should stay little.
		size := min(max(int(p.touched/8/4), leastSlab), mostSlab)
		if n > size {
			b := make([]float64, n)
			hugepage.Advise(b)
			return b
		}
		p.slab = make([]float64, size)
		hugepage.Advise(p.slab)
	}
	b := p.slab[:n:n]
	p.slab = p.slab[n:]
	return b
}

// Buffers are cut from slabs of this many numbers.
const leastSlab, mostSlab = 1 << 17, 1 << 22

// give takes a buffer back.
func (p *pool) give(b []float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free[len(b)]) < 64 {
		p.free[len(b)] = append(p.free[len(b)], b)
	}
}

// takeIntegers is take for n integers.
func takeIntegers[I int8 | int16 | int32](p *pool, n int) []I {
	var i I
	b := p.take((n*int(unsafe.Sizeof(i)) + 7) / 8)
	return unsafe.Slice((*I)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// giveIntegers takes back what takeIntegers gave.
func giveIntegers[I int8 | int16 | int32](p *pool, s []I) {
	if len(s) > 0 {
		p.give(unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(s))), (len(s)*int(unsafe.Sizeof(s[0]))+7)/8))
	}
}

// bytesOf is the memory of integers or floats as bytes.
func bytesOf[T int8 | int16 | int32 | float64](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// content is the cells of a chunk in its form, as bytes.
func (c *chunk) content() []byte {
	switch c.form {
	case formFloat:
		return bytesOf(c.f)
	case formInt8:
		return bytesOf(c.i8)
	case formInt16:
		return bytesOf(c.i16)
	case formInt32:
		return bytesOf(c.i32)
	}
	return nil
}

// keep keeps a sealed chunk in memory, or writes it to the file.
func (p *pool) keep(c *chunk) error {
	b := c.content()
	if len(b) == 0 {
		return nil
	}
	p.mu.Lock()
	if p.kept+p.open+int64(len(b)) <= p.budget {
		p.kept += int64(len(b))
		p.mu.Unlock()
		return nil
	}
	if p.file == nil {
		f, err := os.CreateTemp(p.folder, "napkin-calc-*.tiles")
		if err != nil {
			p.mu.Unlock()
			return fmt.Errorf("the memory allowed is used up, and there is no file for the rest: %w", err)
		}
		// Without a name it goes away with the process, whatever ends that.
		_ = os.Remove(f.Name())
		p.file = f
	}
	at := c.at
	if len(b) > c.room { // otherwise it goes where it was before
		at, c.room = p.end, len(b)
		p.end += int64(len(b))
	}
	p.spilled += int64(len(b))
	p.mu.Unlock()
	c.sum = xxh3.Hash(b)
	if _, err := p.file.WriteAt(b, at); err != nil {
		return fmt.Errorf("write values to a file in %s, for which there is no room in memory: %w", p.folder, err)
	}
	c.spilled, c.at, c.bytes = true, at, len(b)
	p.release(c)
	return nil
}

// forget makes room for others where a sealed chunk was in memory.
func (p *pool) forget(c *chunk) {
	if !c.spilled {
		p.mu.Lock()
		p.kept -= int64(len(c.content()))
		p.mu.Unlock()
	}
}

// release takes back the memory of a chunk.
func (p *pool) release(c *chunk) {
	if c.form == formFloat && c.f != nil {
		p.give(c.f)
	}
	giveIntegers(p, c.i8)
	giveIntegers(p, c.i16)
	giveIntegers(p, c.i32)
	c.f, c.i8, c.i16, c.i32 = nil, nil, nil, nil
}

func (p *pool) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// reader reads chunks for one worker. Of what lies on disk it has the chunk at hand that it read last from each of a few arrays.
type reader struct {
	cached [8]cachedChunk
	next   int
}

type cachedChunk struct {
	of *chunk
	c  chunk
}

// chunk returns the chunk of a period and block, in memory. It is good until the reader has read eight others.
func (r *reader) chunk(a *array, period, block int) (*chunk, error) {
	c := a.chunk(period, block)
	if !c.spilled {
		return c, nil
	}
	for i := range r.cached {
		if r.cached[i].of == c {
			return &r.cached[i].c, nil
		}
	}
	return r.load(a.pool, c)
}

// load reads a chunk from the file.
func (r *reader) load(p *pool, c *chunk) (*chunk, error) {
	slot := &r.cached[r.next]
	r.next = (r.next + 1) % len(r.cached)
	slot.of = nil
	n := c.bytes
	slot.c.form, slot.c.base, slot.c.scale = c.form, c.base, c.scale
	var b []byte
	switch c.form {
	case formFloat:
		slot.c.f = grow(slot.c.f, n/8)
		b = bytesOf(slot.c.f)
	case formInt8:
		slot.c.i8 = grow(slot.c.i8, n)
		b = bytesOf(slot.c.i8)
	case formInt16:
		slot.c.i16 = grow(slot.c.i16, n/2)
		b = bytesOf(slot.c.i16)
	case formInt32:
		slot.c.i32 = grow(slot.c.i32, n/4)
		b = bytesOf(slot.c.i32)
	}
	if _, err := p.file.ReadAt(b, c.at); err != nil {
		return nil, fmt.Errorf("read values back from the file in %s: %w", p.folder, err)
	}
	if xxh3.Hash(b) != c.sum {
		return nil, fmt.Errorf("values in the file in %s are not those that were written: the disk or the file is damaged", p.folder)
	}
	slot.of = c
	return &slot.c, nil
}

func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}
