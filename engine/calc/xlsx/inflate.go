package xlsx

import (
	"errors"
	"io"
)

// inflater decodes a deflate stream (RFC 1951). It exists because inflating is the largest part of reading a workbook: it does
// several codes per refill of a 64-bit register and copies matches by words, which takes half the time of the
// library's decoder. The design follows the notes of Fabian Giesen ("Reading bits in far too many ways", 2018).
//
// The output lies in a buffer that keeps the last 32 KiB before the present piece, as matches point there.
type inflater struct {
	src io.Reader
	in  []byte // buf[inPos:inEnd] is not yet in the register
	pos int
	end int
	eof bool  // src has no more
	err error // of src

	bits  uint64
	count uint // bits in the register that are known

	out  []byte // out[:outEnd] is decoded, out[:given] was given away
	fill int
	give int

	base   int64  // bytes of text before out
	loaded int64  // bytes that were read from src
	marks  []mark // ends of blocks that nobody has asked for

	state  inflateState
	final  bool
	stored int // bytes left of a stored block

	lit  [litSize]uint32
	dist [distSize]uint32
}

// mark is the end of a block of a deflate stream.
type mark struct {
	text int64 // bytes of text up to there
	bit  int64 // bits of the stream up to there
}

// ended takes note of the end of a block.
func (z *inflater) ended() {
	z.state = inflateHeader
	z.marks = append(z.marks, mark{z.base + int64(z.fill), (z.loaded-int64(z.end-z.pos))*8 - int64(z.count)})
}

// blocks returns the ends of the blocks that were decoded since it was asked last.
func (z *inflater) blocks() []mark {
	m := z.marks
	z.marks = nil
	return m
}

type inflateState uint8

const (
	inflateHeader inflateState = iota
	inflateStored
	inflateCodes
	inflateDone
)

const (
	historySize = 32 << 10
	pieceSize   = blockSize
	// maxStep is the most that one turn of the fast loop writes: a literal or two, and a match rounded up to words.
	maxStep = 2 + 258 + 16

	litBits  = 11
	distBits = 9
	// Behind the main part there is a table for each beginning that at least two of the 286 or 32 words have.
	litSize  = 1<<litBits + 143*16
	distSize = 1<<distBits + 16*64
)

var errCorrupt = errors.New("corrupt deflate data")

func (z *inflater) reset(src io.Reader) {
	if z.in == nil {
		z.in = make([]byte, blockSize)
		z.out = make([]byte, historySize+pieceSize+maxStep)
	}
	z.src, z.pos, z.end, z.eof, z.err = src, 0, 0, false, nil
	z.bits, z.count, z.fill, z.give = 0, 0, 0, 0
	z.state, z.final, z.stored = inflateHeader, false, 0
	z.base, z.loaded, z.marks = 0, 0, nil
}

// Read gives the next bytes. It is io.EOF at the end of the stream, io.ErrUnexpectedEOF where src ends before it.
func (z *inflater) Read(b []byte) (int, error) {
	for z.give == z.fill {
		if z.state == inflateDone {
			return 0, io.EOF
		}
		if z.fill > historySize+pieceSize-maxStep {
			copy(z.out, z.out[z.fill-historySize:z.fill])
			z.base += int64(z.fill - historySize)
			z.fill, z.give = historySize, historySize
		}
		if err := z.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(b, z.out[z.give:z.fill])
	z.give += n
	return n, nil
}

// rest is how many bytes of src were taken that the stream does not have.
func (z *inflater) rest() int { return z.end - z.pos + int(z.count/8) }

// load puts more bytes of src behind those that are waiting.
func (z *inflater) load() error {
	if z.eof {
		if z.err != nil {
			return z.err
		}
		return io.ErrUnexpectedEOF
	}
	z.end = copy(z.in, z.in[z.pos:z.end])
	z.pos = 0
	for z.end < len(z.in) && !z.eof {
		n, err := z.src.Read(z.in[z.end:])
		z.end += n
		z.loaded += int64(n)
		if err != nil {
			z.eof = true
			if !errors.Is(err, io.EOF) {
				z.err = err
			}
		}
	}
	return nil
}

// need makes sure that n bits are known, n at most 48.
func (z *inflater) need(n uint) error {
	for z.count < n {
		if z.pos == z.end {
			if err := z.load(); err != nil {
				return err
			}
			if z.pos == z.end {
				return io.ErrUnexpectedEOF
			}
		}
		z.bits |= uint64(z.in[z.pos]) << z.count
		z.pos++
		z.count += 8
	}
	return nil
}

// take removes n bits from the register, which are known.
func (z *inflater) take(n uint) uint32 {
	v := uint32(z.bits & (1<<n - 1))
	z.bits >>= n
	z.count -= n
	return v
}

// decode fills out as far as it goes.
func (z *inflater) decode() error {
	for z.fill <= historySize+pieceSize-maxStep {
		var err error
		switch z.state {
		case inflateHeader:
			if z.final {
				z.state = inflateDone
				continue
			}
			err = z.header()
		case inflateStored:
			err = z.copyStored()
		case inflateCodes:
			err = z.codes()
		case inflateDone:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// header begins a block.
func (z *inflater) header() error {
	if err := z.need(3); err != nil {
		return err
	}
	z.final = z.take(1) == 1
	switch z.take(2) {
	case 0:
		z.take(z.count & 7)
		if err := z.need(32); err != nil {
			return err
		}
		size := z.take(16)
		if z.take(16) != ^size&0xffff {
			return errCorrupt
		}
		z.stored, z.state = int(size), inflateStored
		return nil
	case 1:
		var lengths [288 + 32]uint8
		for i := range lengths {
			switch {
			case i < 144, 280 <= i && i < 288:
				lengths[i] = 8
			case i < 256:
				lengths[i] = 9
			case i < 280:
				lengths[i] = 7
			default:
				lengths[i] = 5
			}
		}
		return z.tables(lengths[:288], lengths[288:])
	case 2:
		return z.dynamic()
	}
	return errCorrupt
}

// copyStored copies bytes that are not coded.
func (z *inflater) copyStored() error {
	limit := min(z.fill+z.stored, historySize+pieceSize)
	for ; z.fill < limit && z.count > 0; z.stored-- {
		z.out[z.fill] = byte(z.take(8))
		z.fill++
	}
	for z.fill < limit {
		if z.pos == z.end {
			if err := z.load(); err != nil {
				return err
			}
			if z.pos == z.end {
				return io.ErrUnexpectedEOF
			}
		}
		n := copy(z.out[z.fill:limit], z.in[z.pos:z.end])
		z.fill, z.pos, z.stored = z.fill+n, z.pos+n, z.stored-n
	}
	if z.stored == 0 {
		z.ended()
	}
	return nil
}

// codeOrder is the order in which a block gives the lengths of the code of lengths.
var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block.
func (z *inflater) dynamic() error {
	if err := z.need(14); err != nil {
		return err
	}
	lits, dists, n := int(z.take(5))+257, int(z.take(5))+1, int(z.take(4))+4
	if lits > 286 {
		return errCorrupt
	}
	var codes [19]uint8
	for _, i := range codeOrder[:n] {
		if err := z.need(3); err != nil {
			return err
		}
		codes[i] = uint8(z.take(3))
	}
	if err := build(z.dist[:], 7, codes[:], func(symbol int) uint32 { return uint32(symbol) << 16 }); err != nil {
		return err
	}
	var lengths [286 + 32]uint8
	for i := 0; i < lits+dists; {
		// At the very end of a stream fewer bits than asked for may be there; zeros stand for the rest.
		if err := z.need(14); err != nil && z.count == 0 {
			return err
		}
		item := z.dist[z.bits&127]
		used := uint(item & 31)
		if item&itemBad != 0 || used > z.count {
			return z.short()
		}
		z.take(used)
		symbol := item >> 16
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		var repeat int
		var value uint8
		extra := [3]uint{2, 3, 7}[symbol-16]
		if extra > z.count {
			return z.short()
		}
		switch symbol {
		case 16:
			if i == 0 {
				return errCorrupt
			}
			repeat, value = 3+int(z.take(2)), lengths[i-1]
		case 17:
			repeat = 3 + int(z.take(3))
		default:
			repeat = 11 + int(z.take(7))
		}
		if i+repeat > lits+dists {
			return errCorrupt
		}
		for ; repeat > 0; repeat-- {
			lengths[i] = value
			i++
		}
	}
	return z.tables(lengths[:lits], lengths[lits:lits+dists])
}

// short is the error where the bits in the register do not make a code.
func (z *inflater) short() error {
	if z.eof && z.pos == z.end {
		if z.err != nil {
			return z.err
		}
		return io.ErrUnexpectedEOF
	}
	return errCorrupt
}
