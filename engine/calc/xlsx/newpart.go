package xlsx

import (
	"errors"
	"hash/crc32"
	"io"
	"sync/atomic"
)

// newPart is a part that is being compressed, in a goroutine of its own. It is finished or dropped.
//
// A part that is the copy of an old one but for some changes takes over the blocks of the old one's deflate stream where it can, without compressing
// anything: a block in which nothing changes, and of which nothing changes in the 32 KiB before it either, as its matches may
// point there.
type newPart struct {
	zip    *zipWriter
	entry  *entry
	blocks chan packing
	free   chan []byte
	done   chan struct{}
	buf    []byte
	failed atomic.Bool // there is an err, so that it is of no use to go on
	err    error       // of the goroutine, once done is closed
	start  int64

	// What follows is about the old part.
	old   io.ReaderAt
	whole *entry
	marks []mark // the ends of its blocks that are not yet reached
	in    int64  // how much of its text was copied or replaced
	last  int64  // end of the last change in it
	block mark   // where the present block of it begins
	clean bool   // the present block can be taken over, so far
	held  int    // pieces of the present block that wait for its end
}

// packing is text on its way to the compressor, behind room for history.
type packing struct {
	text []byte
	kind packingKind
	// Bits of the old stream that stand for the text of this piece and those that wait.
	from, to int64
}

type packingKind uint8

const (
	pieceNew  packingKind = iota // is to be compressed, as are those that wait
	pieceWait                    // what becomes of it will be known at the end of the block
	pieceOld                     // the end of a block that is taken over
)

// mostWaiting is how many pieces wait for the end of their block; a longer block is compressed.
const mostWaiting = 4

// begin opens a part with the name and attributes of e.
func (z *zipWriter) begin(e *entry) (*newPart, error) {
	c := copyOf(e, z.at)
	c.method, c.crc, c.size, c.packed = methodDeflate, 0, 0, 0
	p := &newPart{zip: z, entry: c, blocks: make(chan packing, 2), free: make(chan []byte, mostWaiting+3), done: make(chan struct{}), start: z.at}
	for range mostWaiting + 2 {
		p.free <- nil
	}
	p.buf = newPiece()
	if _, err := z.Write(localHeader(c, true)); err != nil {
		return nil, err
	}
	go p.compress()
	return p, nil
}

// reuse lets the part take over blocks of the part of which it is a changed copy.
func (p *newPart) reuse(r io.ReaderAt, e *entry) {
	p.old, p.whole, p.clean, p.last = r, e, e.method == methodDeflate, -historySize
}

// write adds text that the old part has too.
func (p *newPart) write(b []byte) error {
	if len(b) < cap(p.buf)-len(p.buf) && (len(p.marks) == 0 || p.marks[0].text > p.in+int64(len(b))) {
		p.in += int64(len(b))
		p.buf = append(p.buf, b...)
		return nil
	}
	for len(b) > 0 {
		n := len(b)
		if err := p.arrive(); err != nil {
			return err
		}
		if len(p.marks) > 0 {
			n = int(min(int64(n), p.marks[0].text-p.in))
		}
		if err := p.add(b[:n]); err != nil {
			return err
		}
		p.in += int64(n)
		b = b[n:]
	}
	return p.arrive()
}

// change adds text that replaces so much of the old part.
func (p *newPart) change(old int, text []byte) error {
	p.in += int64(old)
	p.last, p.clean = p.in, false
	if len(text) < cap(p.buf)-len(p.buf) {
		p.buf = append(p.buf, text...)
		return nil
	}
	return p.add(text)
}

// arrive passes by the ends of blocks of the old part up to the present place.
func (p *newPart) arrive() error {
	for len(p.marks) > 0 && p.marks[0].text <= p.in {
		m := p.marks[0]
		p.marks = p.marks[1:]
		// A mark that came too late was passed by, and the block behind it is not had from its beginning.
		fresh := m.text == p.in && p.last+historySize <= m.text
		var err error
		switch {
		case p.clean && m.text == p.in:
			err = p.send(packing{kind: pieceOld, from: p.block.bit, to: m.bit})
		case fresh:
			err = p.send(packing{})
		}
		if err != nil {
			return err
		}
		p.block, p.clean, p.held = m, fresh, 0
	}
	return nil
}

// add puts text into pieces.
func (p *newPart) add(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), cap(p.buf)-len(p.buf))
		p.buf = append(p.buf, b[:n]...)
		b = b[n:]
		if len(p.buf) < cap(p.buf) {
			continue
		}
		x := packing{}
		if p.clean && p.held < mostWaiting {
			x.kind = pieceWait
			p.held++
		} else {
			p.clean = false
		}
		if err := p.send(x); err != nil {
			return err
		}
	}
	return nil
}

// send gives the present piece away.
func (p *newPart) send(x packing) error {
	if p.failed.Load() {
		return errStopped
	}
	x.text = p.buf
	p.blocks <- x
	if p.buf = <-p.free; p.buf == nil {
		p.buf = newPiece()
	}
	return nil
}

// compress takes pieces until there are no more. After an error it goes on taking them, so that nobody waits for it.
func (p *newPart) compress() {
	defer close(p.done)
	first := p.zip.at
	if p.zip.deflater == nil {
		p.zip.deflater = new(deflater)
	}
	d := p.zip.deflater
	d.reset(p.zip)
	var waiting [][]byte
	var err error
	for x := range p.blocks {
		text := x.text[historySize:]
		p.entry.crc = crc32.Update(p.entry.crc, crc32.IEEETable, text)
		p.entry.size += int64(len(text))
		waiting = append(waiting, x.text)
		if x.kind == pieceWait {
			continue
		}
		if err == nil {
			err = p.settle(d, x, waiting)
			p.failed.Store(err != nil)
		}
		for _, b := range waiting {
			p.free <- b[:historySize]
		}
		waiting = waiting[:0]
	}
	if err == nil {
		err = d.close()
	}
	p.entry.packed, p.err = p.zip.at-first, err
}

// settle takes over a block of the old part, or compresses the pieces.
func (p *newPart) settle(d *deflater, x packing, pieces [][]byte) error {
	if x.kind == pieceOld {
		if taken, err := p.takeOver(d, x); err != nil {
			return err
		} else if taken {
			for _, b := range pieces {
				d.skip(b)
			}
			return nil
		}
	}
	for _, b := range pieces {
		if err := d.write(b); err != nil {
			return err
		}
	}
	return nil
}

// takeOver copies bits of the old part. It reports false for a block that is not compressed, which has a place on a boundary of bytes.
func (p *newPart) takeOver(d *deflater, x packing) (bool, error) {
	const word = 8 // is read at once
	first := x.from / 8
	b := make([]byte, (x.to+7)/8-first+word)
	if n, err := p.old.ReadAt(b[:len(b)-word], p.whole.data+first); n < len(b)-word {
		return false, noEOF(err)
	}
	return d.copyBlock(b, int(x.from-8*first), int(x.to-8*first))
}

// stop waits for the compression to end.
func (p *newPart) stop() error {
	p.blocks <- packing{text: p.buf}
	close(p.blocks)
	<-p.done
	return p.err
}

// fail ends the part after err, and returns the reason: that of the file where err only says that this failed.
func (p *newPart) fail(err error) error {
	if e := p.stop(); e != nil && errors.Is(err, errStopped) {
		return e
	}
	return err
}

// finish ends the part and puts its sizes into its header.
func (p *newPart) finish() error {
	if err := p.stop(); err != nil {
		return err
	}
	if err := p.zip.w.Flush(); err != nil {
		return err
	}
	_, err := p.zip.file.WriteAt(localHeader(p.entry, true), p.start)
	p.zip.done = append(p.zip.done, p.entry)
	return err
}

// drop ends the part and takes it away again.
func (p *newPart) drop() error {
	err := p.stop()
	if err == nil {
		err = p.zip.w.Flush()
	}
	if err == nil {
		err = p.zip.file.Truncate(p.start)
	}
	if err == nil {
		_, err = p.zip.file.Seek(p.start, io.SeekStart)
	}
	p.zip.at = p.start
	return err
}
