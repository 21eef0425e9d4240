package xlsx

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
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

	state  inflateState
	final  bool
	stored int // bytes left of a stored block

	lit  [litSize]uint32
	dist [distSize]uint32
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

// An item of a table has the number of bits to take in its low 5 bits, and in its high half a literal, the base of a length or distance, or the
// place of a second table.
const (
	itemLiteral = 1 << 15
	itemEnd     = 1 << 14
	itemTable   = 1 << 13
	itemBad     = 1 << 12
	itemExtra   = 8 // shift of the number of extra bits, of a length or distance
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
}

// Read gives the next bytes. It is io.EOF at the end of the stream, io.ErrUnexpectedEOF where src ends before it.
func (z *inflater) Read(b []byte) (int, error) {
	for z.give == z.fill {
		if z.state == inflateDone {
			return 0, io.EOF
		}
		if z.fill > historySize+pieceSize-maxStep {
			copy(z.out, z.out[z.fill-historySize:z.fill])
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
		z.state = inflateHeader
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

// lengthBase and distBase are RFC 1951, 3.2.5: the base in the high half, the number of extra bits in the low one.
var lengthBase, distBase = func() (l [29]uint32, d [30]uint32) {
	base := uint32(3)
	for i := range l {
		extra := uint32(max(i/4-1, 0))
		l[i] = base<<16 | extra<<itemExtra
		base += 1 << extra
	}
	l[28] = 258 << 16
	base = 1
	for i := range d {
		extra := uint32(max(i/2-1, 0))
		d[i] = base<<16 | extra<<itemExtra
		base += 1 << extra
	}
	return l, d
}()

func (z *inflater) tables(lits, dists []uint8) error {
	z.state = inflateCodes
	if lits[256] == 0 {
		return errCorrupt
	}
	err := build(z.lit[:], litBits, lits, func(symbol int) uint32 {
		switch {
		case symbol < 256:
			return uint32(symbol)<<16 | itemLiteral
		case symbol == 256:
			return itemEnd
		case symbol-257 < len(lengthBase):
			return lengthBase[symbol-257]
		}
		return itemBad
	})
	if err != nil {
		return err
	}
	return build(z.dist[:], distBits, dists, func(symbol int) uint32 {
		if symbol < len(distBase) {
			return distBase[symbol]
		}
		return itemBad
	})
}

// build makes the table of a code from the lengths of its words: a main part for words of up to width bits, and behind
// it a second one for each beginning that longer words have. A code must use every word, except that there may be one
// of a single word, or none.
func build(table []uint32, width int, lengths []uint8, item func(symbol int) uint32) error {
	var counts, next [16]int
	for _, n := range lengths {
		counts[n]++
	}
	counts[0] = 0
	code, total := 0, 0
	for n := 1; n < 16; n++ {
		code = (code + counts[n-1]) << 1
		next[n] = code
		total += counts[n] << (15 - n)
	}
	words := 0
	for _, n := range counts {
		words += n
	}
	if total > 1<<15 || total < 1<<15 && words > 1 || words == 1 && counts[1] != 1 {
		return errCorrupt
	}
	main := table[:1<<width]
	for i := range main {
		main[i] = itemBad
	}
	free := len(main)
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		length := int(n)
		reversed := int(bits.Reverse16(uint16(next[length])) >> (16 - length))
		next[length]++
		value := item(symbol)
		if length <= width {
			for i := reversed; i < len(main); i += 1 << length {
				main[i] = value | uint32(length)
			}
			continue
		}
		start := reversed & (len(main) - 1)
		if main[start]&itemTable == 0 {
			// Words are given out by length, so the table must have room for the longest with this beginning: 15 bits.
			if free+1<<(15-width) > len(table) {
				return errCorrupt
			}
			main[start] = uint32(free)<<16 | itemTable | uint32(width)
			for i := range 1 << (15 - width) {
				table[free+i] = itemBad
			}
			free += 1 << (15 - width)
		}
		second := table[main[start]>>16:][:1<<(15-width)]
		for i := reversed >> width; i < len(second); i += 1 << (length - width) {
			second[i] = value | uint32(length-width)
		}
	}
	return nil
}

// codes decodes until out is full, the block ends, or src does.
func (z *inflater) codes() error {
	for z.fill <= historySize+pieceSize-maxStep {
		if z.end-z.pos < 32 && !z.eof {
			if err := z.load(); err != nil {
				return err
			}
		}
		if z.end-z.pos >= 32 {
			ended, err := z.fast()
			if err != nil || ended {
				return err
			}
			continue
		}
		if ended, err := z.slow(); err != nil || ended {
			return err
		}
	}
	return nil
}

// slow decodes one literal or match near the end of src.
func (z *inflater) slow() (ended bool, err error) {
	for z.count <= 48 && z.pos < z.end {
		z.bits |= uint64(z.in[z.pos]) << z.count
		z.pos++
		z.count += 8
	}
	item, err := z.lookup(z.lit[:], litBits)
	if err != nil {
		return false, err
	}
	switch {
	case item&itemLiteral != 0:
		z.out[z.fill] = byte(item >> 16)
		z.fill++
		return false, nil
	case item&itemEnd != 0:
		z.state = inflateHeader
		return true, nil
	}
	extra := uint(item >> itemExtra & 15)
	if extra > z.count {
		return false, z.short()
	}
	length := int(item>>16 + z.take(extra))
	for z.count <= 48 && z.pos < z.end {
		z.bits |= uint64(z.in[z.pos]) << z.count
		z.pos++
		z.count += 8
	}
	if item, err = z.lookup(z.dist[:], distBits); err != nil {
		return false, err
	}
	if extra = uint(item >> itemExtra & 15); extra > z.count {
		return false, z.short()
	}
	from := z.fill - int(item>>16+z.take(extra))
	if from < 0 {
		return false, errCorrupt
	}
	for range length {
		z.out[z.fill] = z.out[from]
		z.fill++
		from++
	}
	return false, nil
}

// lookup takes a word of a code and returns its item.
func (z *inflater) lookup(table []uint32, width uint) (uint32, error) {
	item := table[z.bits&(1<<width-1)]
	if item&itemTable != 0 {
		if width > z.count {
			return 0, z.short()
		}
		z.take(width)
		item = table[uint64(item>>16)+z.bits&(1<<(15-width)-1)]
	}
	n := uint(item & 31)
	if item&itemBad != 0 || n > z.count {
		return 0, z.short()
	}
	z.take(n)
	return item, nil
}

// fast decodes while there are bytes of input to load at once, twice in a turn, and room for a whole match. What it does in one turn
// takes at most 15+5 bits of a length and 15+13 of a distance, or 15 of a second literal; 56 are there.
func (z *inflater) fast() (ended bool, err error) {
	in, out := z.in[:z.end], z.out
	pos, fill := z.pos, z.fill
	register, count := z.bits, z.count
	lit, dist := &z.lit, &z.dist
	const limit = historySize + pieceSize - maxStep
	for fill <= limit && pos+16 <= len(in) {
		register |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
		pos += int(63-count) >> 3
		count |= 56

		item := lit[register&(1<<litBits-1)]
		if item&itemLiteral != 0 {
			register >>= item & 31
			count -= uint(item & 31)
			out[fill] = byte(item >> 16)
			fill++
			item = lit[register&(1<<litBits-1)]
			if item&itemLiteral != 0 {
				register >>= item & 31
				count -= uint(item & 31)
				out[fill] = byte(item >> 16)
				fill++
				item = lit[register&(1<<litBits-1)]
				if item&itemLiteral != 0 {
					register >>= item & 31
					count -= uint(item & 31)
					out[fill] = byte(item >> 16)
					fill++
					continue
				}
			}
			// At most 22 bits are gone; a match takes 48 at most, so the register is filled again.
			register |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
			pos += int(63-count) >> 3
			count |= 56
		}
		if item&(itemTable|itemEnd|itemBad) != 0 {
			if item&itemTable != 0 {
				register >>= litBits
				count -= litBits
				item = lit[uint64(item>>16)+register&(1<<(15-litBits)-1)]
			}
			if item&itemBad != 0 {
				err = errCorrupt
				break
			}
			if item&(itemLiteral|itemEnd) != 0 {
				register >>= item & 31
				count -= uint(item & 31)
				if item&itemEnd != 0 {
					z.state, ended = inflateHeader, true
					break
				}
				out[fill] = byte(item >> 16)
				fill++
				continue
			}
		}
		register >>= item & 31
		count -= uint(item & 31)
		extra := item >> itemExtra & 15
		length := int(item>>16) + int(register&(1<<extra-1))
		register >>= extra
		count -= uint(extra)

		item = dist[register&(1<<distBits-1)]
		if item&(itemTable|itemBad) != 0 {
			if item&itemTable != 0 {
				register >>= distBits
				count -= distBits
				item = dist[uint64(item>>16)+register&(1<<(15-distBits)-1)]
			}
			if item&itemBad != 0 {
				err = errCorrupt
				break
			}
		}
		register >>= item & 31
		count -= uint(item & 31)
		extra = item >> itemExtra & 15
		distance := int(item>>16) + int(register&(1<<extra-1))
		register >>= extra
		count -= uint(extra)

		from := fill - distance
		if from < 0 {
			err = errCorrupt
			break
		}
		stop := fill + length
		if distance >= 8 {
			// Words may be written beyond the match: there is room, and what follows overwrites them.
			for {
				binary.LittleEndian.PutUint64(out[fill:], binary.LittleEndian.Uint64(out[from:]))
				fill += 8
				from += 8
				if fill >= stop {
					break
				}
			}
		} else {
			for fill < stop {
				out[fill] = out[from]
				fill++
				from++
			}
		}
		fill = stop
	}
	z.pos, z.fill, z.bits, z.count = pos, fill, register, count
	if count < 64 {
		z.bits &= 1<<count - 1
	}
	return ended, err
}
