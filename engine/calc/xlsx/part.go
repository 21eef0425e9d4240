package xlsx

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// blockSize is how much of a part is inflated at once: two blocks and what reads them fit into the cache of a core.
const blockSize = 64 << 10

// inflaters are kept, because each has 180 KiB of buffers.
var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// partReader inflates a part and checks its size and checksum at the end. It gives io.EOF only for a part that is
// whole.
type partReader struct {
	e     *entry
	raw   *io.LimitedReader
	flate *inflater // nil where the part is stored
	crc   uint32
	n     int64
}

func (f *File) openPart(e *entry) *partReader {
	p := &partReader{e: e, raw: &io.LimitedReader{R: io.NewSectionReader(f.r, e.data, e.packed), N: e.packed}}
	if e.method == methodDeflate {
		p.flate = inflaters.Get().(*inflater)
		p.flate.reset(p.raw)
	}
	return p
}

// close gives the inflater back. The reader must not be used after it.
func (p *partReader) close() {
	if p.flate != nil {
		p.flate.src = nil
		inflaters.Put(p.flate)
		p.flate = nil
	}
}

// Read fills b as far as the part goes.
func (p *partReader) Read(b []byte) (int, error) {
	var src io.Reader = p.raw
	if p.flate != nil {
		src = p.flate
	}
	n, err := 0, error(nil)
	for n < len(b) && err == nil {
		var k int
		k, err = src.Read(b[n:])
		n += k
	}
	p.n += int64(n)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b[:n])
	switch {
	case p.n > p.e.size:
		return n, fmt.Errorf("it inflates to more than the %d bytes that the list of parts says", p.e.size)
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		return n, p.finish()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, fmt.Errorf("its compressed data are cut off after %d of %d bytes", p.n, p.e.size)
	case errors.Is(err, errCorrupt):
		return n, fmt.Errorf("its compressed data are damaged after %d of %d bytes", p.n, p.e.size)
	}
	return n, err
}

// finish returns io.EOF where all is as the list of parts says.
func (p *partReader) finish() error {
	switch {
	case p.n != p.e.size:
		return fmt.Errorf("it inflates to %d bytes, the list of parts says %d", p.n, p.e.size)
	case p.raw.N != 0 || p.flate != nil && p.flate.rest() != 0:
		return fmt.Errorf("its compressed data end before the %d bytes that the list of parts says", p.e.packed)
	case p.crc != p.e.crc:
		return fmt.Errorf("its checksum is %08x, the list of parts says %08x: the file is damaged", p.crc, p.e.crc)
	}
	return io.EOF
}

// readSmall returns a part as a whole.
func (f *File) readSmall(e *entry) ([]byte, error) {
	if e.size > MaxSmallPart {
		return nil, f.partError(e.name, fmt.Errorf("it has %d bytes inflated, at most %d can be", e.size, MaxSmallPart))
	}
	p := f.openPart(e)
	defer p.close()
	// One byte more, so that the end is met in the first call.
	b := make([]byte, e.size+1)
	n, err := p.Read(b)
	if err == nil {
		err = fmt.Errorf("it inflates to more than the %d bytes that the list of parts says", e.size)
	}
	if !errors.Is(err, io.EOF) {
		return nil, f.partError(e.name, err)
	}
	return b[:n], nil
}

// block is a piece of a part on its way from the inflater to the scanner.
type block struct {
	data  []byte
	err   error  // io.EOF after the last piece
	marks []mark // ends of blocks of the deflate stream, in this piece or a little behind it
}

// pipe inflates a part in a goroutine of its own, so that one sheet keeps two cores at work.
type pipe struct {
	blocks chan block
	free   chan []byte
	keeps  bool // blocks are kept, and not used again
	stop   context.CancelFunc
	done   chan struct{}
}

// openPipe starts to inflate. Progress, where not nil, is told of every block. The caller must close the pipe.
func (f *File) openPipe(ctx context.Context, e *entry, progress func(int64)) *pipe {
	ctx, cancel := context.WithCancel(ctx)
	p := &pipe{blocks: make(chan block, 3), free: make(chan []byte, 4), stop: cancel, done: make(chan struct{})}
	kept := f.kept[e]
	if kept != nil && kept.whole.Load() {
		p.keeps = true
		go func() {
			defer close(p.done)
			kept.replay(ctx, p, progress)
		}()
		return p
	}
	p.keeps = kept.keep()
	go func() {
		defer close(p.done)
		r := f.openPart(e)
		defer r.close()
		var blocks []block
		for made := 0; ; {
			var buf []byte
			select {
			case buf = <-p.free:
			default:
				if made < 4 || p.keeps {
					made++
					buf = make([]byte, blockSize)
				} else {
					select {
					case buf = <-p.free:
					case <-ctx.Done():
						return
					}
				}
			}
			n, err := r.Read(buf[:blockSize])
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			b := block{data: buf[:n], err: err}
			if r.flate != nil {
				b.marks = r.flate.blocks()
			}
			if p.keeps {
				blocks = append(blocks, b)
				if errors.Is(err, io.EOF) {
					kept.blocks = blocks
					kept.whole.Store(true)
				}
			}
			if progress != nil {
				progress(int64(n))
			}
			select {
			case p.blocks <- b:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return p
}

// next returns the next piece, which is the caller's until it gives it back.
func (p *pipe) next(ctx context.Context) block {
	select {
	case b := <-p.blocks:
		return b
	case <-ctx.Done():
		return block{err: ctx.Err()}
	}
}

func (p *pipe) giveBack(b []byte) {
	if cap(b) == blockSize && !p.keeps {
		p.free <- b[:blockSize]
	}
}

// close stops the goroutine and waits for it.
func (p *pipe) close() {
	p.stop()
	<-p.done
}
