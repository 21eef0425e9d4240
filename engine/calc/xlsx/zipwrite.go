package xlsx

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"os"
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
