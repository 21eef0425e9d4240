package xlsx

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"sync/atomic"
)

// zipWriter writes a zip file from the front. Parts that are compressed here have room in their header for sizes of 64
// bits, because how large they become is known only at their end.
type zipWriter struct {
	file *os.File
	w    *bufio.Writer
	at   int64 // how much was written
	done []*entry

	deflater *deflater // of the part before, to be used again
}

func newZipWriter(file *os.File) *zipWriter {
	return &zipWriter{file: file, w: bufio.NewWriterSize(file, 256<<10)}
}

func (z *zipWriter) Write(b []byte) (int, error) {
	n, err := z.w.Write(b)
	z.at += int64(n)
	return n, err
}

// sizes64 is the field with both sizes (APPNOTE.TXT 4.5.3), or room for it: the growth hint of ECMA-376 part 2, which is padding.
func sizes64(e *entry, needed bool) []byte {
	b := make([]byte, 20)
	le := binary.LittleEndian
	le.PutUint16(b[2:], 16)
	if needed {
		le.PutUint16(b, extraZip64)
		le.PutUint64(b[4:], uint64(e.size))
		le.PutUint64(b[12:], uint64(e.packed))
	} else {
		le.PutUint16(b, extraPadding)
		le.PutUint16(b[4:], 0xA028)
	}
	return b
}

// extraPadding marks bytes in a header that mean nothing.
const extraPadding = 0xA220

func (e *entry) large() bool { return e.size >= all32 || e.packed >= all32 }

// localHeader is the header of a part of known size. The room for 64 bits is there where it is asked for or needed.
func localHeader(e *entry, room bool) []byte {
	le := binary.LittleEndian
	b := make([]byte, sizeLocal, sizeLocal+len(e.raw)+20)
	extra := e.local
	if room || e.large() {
		extra = append(sizes64(e, e.large()), e.local...)
	}
	le.PutUint32(b, sigLocal)
	le.PutUint16(b[4:], version(e))
	le.PutUint16(b[6:], e.flags)
	le.PutUint16(b[8:], e.method)
	le.PutUint32(b[10:], e.time)
	le.PutUint32(b[14:], e.crc)
	le.PutUint32(b[18:], uint32(min(e.packed, all32)))
	le.PutUint32(b[22:], uint32(min(e.size, all32)))
	if e.large() {
		le.PutUint32(b[18:], all32)
		le.PutUint32(b[22:], all32)
	}
	le.PutUint16(b[26:], uint16(len(e.raw)))
	le.PutUint16(b[28:], uint16(len(extra)))
	return append(append(b, e.raw...), extra...)
}

// version is the version of the zip format that a reader needs: 4.5 for ZIP64, else 2.0.
func version(e *entry) uint16 {
	if e.large() || e.offset >= all32 {
		return 45
	}
	return 20
}

// copyOf is an entry for the new file.
func copyOf(e *entry, at int64) *entry {
	c := *e
	c.offset = at
	c.flags &^= flagDescriptor
	c.local = withoutExtra(e.local, extraZip64)
	c.extra = withoutExtra(e.extra, extraZip64)
	return &c
}

// copyRaw copies a part as it is.
func (z *zipWriter) copyRaw(ctx context.Context, r io.ReaderAt, e *entry) error {
	c := copyOf(e, z.at)
	if _, err := z.Write(localHeader(c, false)); err != nil {
		return err
	}
	src := io.NewSectionReader(r, e.data, e.packed)
	for left := e.packed; left > 0; {
		n := min(left, 4<<20)
		if _, err := io.CopyN(z, src, n); err != nil {
			return noEOF(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		left -= n
	}
	z.done = append(z.done, c)
	return nil
}

// newPart is a part that is being compressed, in a goroutine of its own. It is finished or dropped.
type newPart struct {
	zip    *zipWriter
	entry  *entry
	blocks chan []byte
	free   chan []byte
	done   chan struct{}
	buf    []byte
	failed atomic.Bool // there is an err, so that it is of no use to go on
	err    error       // of the goroutine, once done is closed
	start  int64
}

// begin opens a part with the name and attributes of e.
func (z *zipWriter) begin(e *entry) (*newPart, error) {
	c := copyOf(e, z.at)
	c.method, c.crc, c.size, c.packed = methodDeflate, 0, 0, 0
	p := &newPart{zip: z, entry: c, blocks: make(chan []byte, 2), free: make(chan []byte, 4), done: make(chan struct{}), start: z.at}
	for range 3 {
		p.free <- newPiece()
	}
	p.buf = newPiece()
	if _, err := z.Write(localHeader(c, true)); err != nil {
		return nil, err
	}
	go p.compress()
	return p, nil
}

// compress takes blocks until there are no more. After an error it goes on taking them, so that nobody waits for it.
func (p *newPart) compress() {
	defer close(p.done)
	first := p.zip.at
	if p.zip.deflater == nil {
		p.zip.deflater = new(deflater)
	}
	d := p.zip.deflater
	d.reset(p.zip)
	var err error
	for b := range p.blocks {
		if err == nil {
			text := b[historySize:]
			p.entry.crc = crc32.Update(p.entry.crc, crc32.IEEETable, text)
			p.entry.size += int64(len(text))
			err = d.write(b)
			p.failed.Store(err != nil)
		}
		p.free <- b[:historySize]
	}
	if err == nil {
		err = d.close()
	}
	p.entry.packed, p.err = p.zip.at-first, err
}

// write adds to the part.
func (p *newPart) write(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), cap(p.buf)-len(p.buf))
		p.buf = append(p.buf, b[:n]...)
		b = b[n:]
		if len(p.buf) == cap(p.buf) {
			if p.failed.Load() {
				return errStopped
			}
			p.blocks <- p.buf
			p.buf = <-p.free
		}
	}
	return nil
}

// stop waits for the compression to end.
func (p *newPart) stop() error {
	p.blocks <- p.buf
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

// close writes the list of parts.
func (z *zipWriter) close(comment []byte) error {
	le := binary.LittleEndian
	first := z.at
	for _, e := range z.done {
		var wide []byte
		if e.large() || e.offset >= all32 {
			wide = le.AppendUint16(wide, extraZip64)
			wide = le.AppendUint16(wide, 24)
			wide = le.AppendUint64(wide, uint64(e.size))
			wide = le.AppendUint64(wide, uint64(e.packed))
			wide = le.AppendUint64(wide, uint64(e.offset))
		}
		b := make([]byte, sizeCentral)
		le.PutUint32(b, sigCentral)
		le.PutUint16(b[4:], e.madeBy)
		le.PutUint16(b[6:], version(e))
		le.PutUint16(b[8:], e.flags)
		le.PutUint16(b[10:], e.method)
		le.PutUint32(b[12:], e.time)
		le.PutUint32(b[16:], e.crc)
		le.PutUint32(b[20:], uint32(min(e.packed, all32)))
		le.PutUint32(b[24:], uint32(min(e.size, all32)))
		le.PutUint16(b[28:], uint16(len(e.raw)))
		le.PutUint16(b[30:], uint16(len(wide)+len(e.extra)))
		le.PutUint16(b[32:], uint16(len(e.comment)))
		le.PutUint16(b[36:], e.internal)
		le.PutUint32(b[38:], e.external)
		le.PutUint32(b[42:], uint32(min(e.offset, all32)))
		if wide != nil {
			le.PutUint32(b[20:], all32)
			le.PutUint32(b[24:], all32)
			le.PutUint32(b[42:], all32)
		}
		b = append(append(append(append(b, e.raw...), wide...), e.extra...), e.comment...)
		if _, err := z.Write(b); err != nil {
			return err
		}
	}
	if _, err := z.Write(endRecords(len(z.done), first, z.at, comment)); err != nil {
		return err
	}
	return z.w.Flush()
}

// endRecords are the records behind a list of count parts that lies from first to end.
func endRecords(count int, first, end int64, comment []byte) []byte {
	le := binary.LittleEndian
	var b []byte
	n := uint16(min(count, all16))
	length, offset := uint32(min(end-first, all32)), uint32(min(first, all32))
	if count >= all16 || first >= all32 || end-first >= all32 {
		b = make([]byte, sizeEnd64+sizeLocator64)
		le.PutUint32(b, sigEnd64)
		le.PutUint64(b[4:], sizeEnd64-12)
		le.PutUint16(b[12:], 45)
		le.PutUint16(b[14:], 45)
		le.PutUint64(b[24:], uint64(count))
		le.PutUint64(b[32:], uint64(count))
		le.PutUint64(b[40:], uint64(end-first))
		le.PutUint64(b[48:], uint64(first))
		le.PutUint32(b[sizeEnd64:], sigLocator64)
		le.PutUint64(b[sizeEnd64+8:], uint64(end))
		le.PutUint32(b[sizeEnd64+16:], 1)
		n, length, offset = all16, all32, all32
	}
	tail := make([]byte, sizeEnd)
	le.PutUint32(tail, sigEnd)
	le.PutUint16(tail[8:], n)
	le.PutUint16(tail[10:], n)
	le.PutUint32(tail[12:], length)
	le.PutUint32(tail[16:], offset)
	le.PutUint16(tail[20:], uint16(len(comment)))
	return append(append(b, tail...), comment...)
}
