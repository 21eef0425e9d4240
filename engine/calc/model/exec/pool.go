package exec

import (
	"fmt"
	"os"
	"sync"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// pool is the memory of all arrays of a run: buffers that are used again, how much is kept, and the file for what there is no room for.
type pool struct {
	mu     sync.Mutex
	free   map[int][][]float64
	budget int64 // bytes that sealed chunks may take
	kept   int64
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
	if list := p.free[n]; len(list) > 0 {
		b := list[len(list)-1]
		p.free[n] = list[:len(list)-1]
		p.mu.Unlock()
		return b
	}
	p.touched += int64(n) * 8
	p.mu.Unlock()
	return make([]float64, n)
}

// give takes a buffer back.
func (p *pool) give(b []float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free[len(b)]) < 64 {
		p.free[len(b)] = append(p.free[len(b)], b)
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
	if p.kept+int64(len(b)) <= p.budget {
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
	at := p.end
	p.end += int64(len(b))
	p.spilled += int64(len(b))
	p.mu.Unlock()
	c.sum = xxh3.Hash(b)
	if _, err := p.file.WriteAt(b, at); err != nil {
		return fmt.Errorf("write values to a file in %s, for which there is no room in memory: %w", p.folder, err)
	}
	c.spilled, c.at, c.bytes = true, at, len(b)
	if c.form == formFloat {
		p.give(c.f)
	}
	c.f, c.i8, c.i16, c.i32 = nil, nil, nil, nil
	return nil
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
	if _, err := a.pool.file.ReadAt(b, c.at); err != nil {
		return nil, fmt.Errorf("read values back from the file in %s: %w", a.pool.folder, err)
	}
	if xxh3.Hash(b) != c.sum {
		return nil, fmt.Errorf("values in the file in %s are not those that were written: the disk or the file is damaged", a.pool.folder)
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
