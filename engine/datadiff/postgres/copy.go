package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// CopyReader splits the stream of COPY ... TO STDOUT (FORMAT binary) into rows. It is an io.Writer for
// pgconn's CopyTo: whatever the pieces that it is given, each row is handed over once, whole.
//
// It is not safe for concurrent use.
type CopyReader struct {
	// Row receives the fields of one row; a field that is nil is NULL. The slices are valid until Row
	// returns. An error ends the reading and is returned by Write.
	Row func(fields [][]byte) error

	fields [][]byte
	carry  []byte // the beginning of a row whose end has not come yet
	state  copyState
	err    error
}

type copyState uint8

const (
	atHeader copyState = iota
	atRow
	atEnd
)

var (
	copySignature = []byte("PGCOPY\n\xff\r\n\x00")

	// ErrCopyFormat is the cause of errors about a stream that is no binary COPY.
	ErrCopyFormat = errors.New("the stream is not PostgreSQL's binary COPY format")
	// ErrCopyEnds is returned by Close when the stream ended before its trailer: rows are missing.
	ErrCopyEnds = errors.New("the stream of COPY ended before its trailer")
)

// needMore says that a row is not whole yet.
var errNeedMore = errors.New("more bytes are needed")

// Write takes the next piece of the stream. After an error it returns the same one again.
func (c *CopyReader) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	in := p
	if len(c.carry) > 0 {
		c.carry = append(c.carry, p...)
		in = c.carry
	}
	rest, err := c.consume(in)
	if err != nil {
		c.err = err
		return 0, err
	}
	// rest may be the end of carry itself; append copies forward, which is safe for overlaps.
	c.carry = append(c.carry[:0], rest...)
	return len(p), nil
}

// Close checks that the stream was whole.
func (c *CopyReader) Close() error {
	if c.err != nil {
		return c.err
	}
	if c.state != atEnd {
		return ErrCopyEnds
	}
	return nil
}

func (c *CopyReader) consume(in []byte) (rest []byte, err error) {
	for {
		var n int
		switch c.state {
		case atHeader:
			n, err = header(in)
		case atRow:
			n, err = c.row(in)
		case atEnd:
			if len(in) > 0 {
				return nil, fmt.Errorf("%d bytes behind its trailer: %w", len(in), ErrCopyFormat)
			}
			return nil, nil
		}
		if errors.Is(err, errNeedMore) {
			return in, nil
		}
		if err != nil {
			return nil, err
		}
		if c.state == atHeader {
			c.state = atRow
		}
		in = in[n:]
	}
}

func header(in []byte) (int, error) {
	known := min(len(in), len(copySignature))
	if !bytes.Equal(in[:known], copySignature[:known]) {
		return 0, ErrCopyFormat
	}
	const fixed = 11 + 4 + 4
	if len(in) < fixed {
		return 0, errNeedMore
	}
	if flags := binary.BigEndian.Uint32(in[11:]); flags>>16 != 0 { // the upper half is critical
		return 0, fmt.Errorf("unknown flags %#x in its header: %w", flags, ErrCopyFormat)
	}
	extension := int64(binary.BigEndian.Uint32(in[15:]))
	if extension > 1<<20 {
		return 0, fmt.Errorf("a header of %d bytes: %w", extension, ErrCopyFormat)
	}
	if int64(len(in)) < fixed+extension {
		return 0, errNeedMore
	}
	return fixed + int(extension), nil
}

// row hands over the row at the start of in and returns its length.
func (c *CopyReader) row(in []byte) (int, error) {
	if len(in) < 2 {
		return 0, errNeedMore
	}
	n := int(int16(binary.BigEndian.Uint16(in)))
	if n == -1 {
		c.state = atEnd
		return 2, nil
	}
	if n < 0 {
		return 0, fmt.Errorf("a row of %d fields: %w", n, ErrCopyFormat)
	}
	c.fields = c.fields[:0]
	at := 2
	for range n {
		if len(in)-at < 4 {
			return 0, errNeedMore
		}
		size := int(int32(binary.BigEndian.Uint32(in[at:])))
		at += 4
		if size == -1 {
			c.fields = append(c.fields, nil)
			continue
		}
		if size < 0 {
			return 0, fmt.Errorf("a field of %d bytes: %w", size, ErrCopyFormat)
		}
		if len(in)-at < size {
			return 0, errNeedMore
		}
		c.fields = append(c.fields, in[at:at+size:at+size])
		at += size
	}
	return at, c.Row(c.fields)
}
