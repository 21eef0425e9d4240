package mysql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ErrProtocol is the cause of errors about bytes that are not MySQL's protocol.
var ErrProtocol = errors.New("the server's answer is not MySQL's protocol")

const (
	bufferSize = 128 << 10
	maxPart    = 1<<24 - 1 // a packet of this length is continued by the next
	maxPacket  = 1<<30 + 1<<20
	keptPacket = 16 << 20 // a larger buffer is given up after its packet
)

// packetReader splits a stream into packets. Those that fit into its buffer are handed out from there,
// larger ones are put together in another.
type packetReader struct {
	src        io.Reader
	buf        []byte
	start, end int
	big        []byte
	sequence   byte
}

func newPacketReader(src io.Reader) *packetReader {
	return &packetReader{src: src, buf: make([]byte, bufferSize)}
}

// next returns the next packet; its bytes are valid until the next call. io.ErrUnexpectedEOF is
// returned for a stream that ends inside one, io.EOF for one that ends before it.
func (r *packetReader) next() ([]byte, error) {
	if err := r.fill(4); err != nil {
		return nil, err
	}
	h := r.buf[r.start:]
	n := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
	if h[3] != r.sequence {
		return nil, fmt.Errorf("packet %d comes where %d is due: %w", h[3], r.sequence, ErrProtocol)
	}
	r.sequence++
	if n > len(r.buf)-4 {
		return r.join(n)
	}
	if r.end-r.start < 4+n {
		if err := r.fill(4 + n); err != nil {
			return nil, midway(err)
		}
	}
	p := r.buf[r.start+4 : r.start+4+n : r.start+4+n]
	r.start += 4 + n
	return p, nil
}

// fill reads until n bytes lie in the buffer, which must be able to hold them.
func (r *packetReader) fill(n int) error {
	if r.end-r.start >= n {
		return nil
	}
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	for r.end < n {
		k, err := r.src.Read(r.buf[r.end:])
		r.end += k
		if err != nil && r.end < n {
			if r.end > 0 {
				err = midway(err)
			}
			return err
		}
	}
	return nil
}

// join reads a packet that does not fit into the buffer: of n bytes, the head of which is next, and of
// those that continue it.
func (r *packetReader) join(n int) ([]byte, error) {
	if cap(r.big) > keptPacket {
		r.big = nil
	}
	r.big = r.big[:0]
	for {
		r.start += 4
		if len(r.big)+n > maxPacket {
			return nil, fmt.Errorf("a packet of more than %d bytes: %w", maxPacket, ErrProtocol)
		}
		for left := n; left > 0; {
			if r.start == r.end {
				// Memory is taken as the bytes arrive, and not because a header promises them.
				step := min(left, 1<<20)
				r.big = slices.Grow(r.big, step)
				at := len(r.big)
				k, err := r.src.Read(r.big[at : at+step])
				r.big = r.big[:at+k]
				left -= k
				if err != nil && left > 0 {
					return nil, midway(err)
				}
				continue
			}
			k := min(left, r.end-r.start)
			r.big = append(r.big, r.buf[r.start:r.start+k]...)
			r.start += k
			left -= k
		}
		if n < maxPart {
			return r.big, nil
		}
		if err := r.fill(4); err != nil {
			return nil, midway(err)
		}
		h := r.buf[r.start:]
		n = int(h[0]) | int(h[1])<<8 | int(h[2])<<16
		if h[3] != r.sequence {
			return nil, fmt.Errorf("packet %d comes where %d is due: %w", h[3], r.sequence, ErrProtocol)
		}
		r.sequence++
	}
}

func midway(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Marks at the start of a packet.
const (
	markOK  = 0x00
	markEnd = 0xfe
	markErr = 0xff
)

// serverError reads a packet of an error.
func serverError(p []byte) error {
	if len(p) < 3 {
		return fmt.Errorf("an error of %d bytes: %w", len(p), ErrProtocol)
	}
	e := &mysql.MyError{Code: binary.LittleEndian.Uint16(p[1:]), State: "HY000"}
	text := p[3:]
	if len(text) >= 6 && text[0] == '#' {
		e.State, text = string(text[1:6]), text[6:]
	}
	e.Message = string(text)
	return e
}

// lengthEncoded reads a number of variable length and returns what stands behind it.
func lengthEncoded(p []byte) (n uint64, rest []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	size := 0
	switch c := p[0]; {
	case c < 0xfb:
		return uint64(c), p[1:], true
	case c == 0xfc:
		size = 2
	case c == 0xfd:
		size = 3
	case c == 0xfe:
		size = 8
	default: // 0xfb is NULL of the text protocol, 0xff an error
		return 0, nil, false
	}
	if len(p) < 1+size {
		return 0, nil, false
	}
	for i := size; i > 0; i-- {
		n = n<<8 | uint64(p[i])
	}
	return n, p[1+size:], true
}

// lengthEncodedBytes reads a byte string with its length before it.
func lengthEncodedBytes(p []byte) (value, rest []byte, ok bool) {
	n, rest, ok := lengthEncoded(p)
	if !ok || n > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:n:n], rest[n:], true
}
