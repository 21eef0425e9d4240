package xlsx

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// deflater compresses the XML of sheets (RFC 1951). It exists because compressing is the largest part of writing a workbook, and sheets have a form
// that a compressor for anything does not count on: what repeats stands at the same distance again and again, with digits that do not repeat
// between. So the distance of the last match is tried before any table, and within a number nothing is searched. That takes three
// quarters of the time of the fastest level of a general compressor, and gives less.
//
// It takes pieces of text, and makes each one block. Pieces have room for historySize bytes before their text.
type deflater struct {
	w   io.Writer
	out []byte // full bytes that are ready
	err error

	bits  uint64 // bits behind out
	count uint

	total   uint32 // bytes of text before the piece, without what 32 bits do not hold
	known   int    // bytes of history that are text of this stream
	history [historySize]byte
	// few and many are where 6 and 16 bytes were last, counted as total is, by their hash.
	few, many [1 << tableBits]uint32
	// won is how often in a row the place of many was the best one.
	won   [1 << tableBits]uint8
	asked uint8

	matches []match
	lits    [numLits]uint32
	dists   [numDists]uint32
	litCode [256]uint32
	lenCode [256]uint32 // of the match lengths from 3 on, with their extra bits
	dstCode [numDists]uint32
	endCode uint32
	trees   treeBuilder
}

// newPiece makes room for a piece, in which there is no text yet.
func newPiece() []byte { return make([]byte, historySize, historySize+deflatePiece) }

// match is a number of bytes that stand for themselves and a copy of earlier text behind them. The last one of a block has no copy.
type match struct {
	literals uint32
	length   uint16 // less 3
	distance uint16 // less 1
}

const (
	deflatePiece = 2 * blockSize
	tableBits    = 12
	leastMatch   = 4 // at the distance of the match before
	surely       = 3 // times that a place was the best one; then the others are asked only now and then
	leastFound   = 6 // elsewhere: shorter ones take no less than their bytes do
	mostStep     = 4
	mostMatch    = 258
	numLits      = 286
	numDists     = 30
	outSize      = 64 << 10
)

func (d *deflater) reset(w io.Writer) {
	d.w, d.err = w, nil
	d.out, d.bits, d.count = d.out[:0], 0, 0
	d.total, d.known = 0, 0
}

// write compresses the text piece[historySize:], and changes what stands before it. A piece of at most deflatePiece bytes is one block.
func (d *deflater) write(piece []byte) error {
	if len(piece) == historySize || d.err != nil {
		return d.err
	}
	copy(piece, d.history[:])
	d.search(piece)
	d.block(piece)
	d.remember(piece)
	return d.err
}

// skip takes note of text that stands in the stream already.
func (d *deflater) skip(piece []byte) {
	copy(piece, d.history[:])
	d.remember(piece)
}

// copyBlock adds a block of another stream, which has the same text before it: the bits of b from one to another, behind which there are eight
// bytes more. It reports false for a block that is not compressed.
func (d *deflater) copyBlock(b []byte, from, to int) (bool, error) {
	header := load64(b, from>>3) >> (from & 7)
	if header>>1&3 == 0 {
		return false, nil
	}
	d.put(header&0b110, 3) // it is not the last block any more
	d.grow((to-from)/8 + 16)
	out, n := d.out[:cap(d.out)], len(d.out)
	const most = 48
	for from += 3; from < to; from += most {
		k := min(to-from, most)
		d.bits |= load64(b, from>>3) >> (from & 7) & (1<<k - 1) << d.count
		d.count += uint(k)
		binary.LittleEndian.PutUint64(out[n:], d.bits)
		n += int(d.count >> 3)
		d.bits >>= d.count & 56
		d.count &= 7
	}
	d.out = out[:n]
	if len(d.out) >= outSize {
		return true, d.drain()
	}
	return true, nil
}

// grow makes room for so many bytes more.
func (d *deflater) grow(n int) {
	if cap(d.out)-len(d.out) < n {
		d.out = append(make([]byte, 0, len(d.out)+n+outSize), d.out...)
	}
}

// remember keeps the end of a piece as the history of the next one.
func (d *deflater) remember(piece []byte) {
	n := len(piece) - historySize
	d.total += uint32(n)
	d.known = min(d.known+n, historySize)
	copy(d.history[:], piece[n:])
}

// close ends the stream.
func (d *deflater) close() error {
	// A last block of the fixed code with nothing but its end.
	d.put(0b011, 10)
	d.flush()
	if d.count > 0 {
		d.out = append(d.out, byte(d.bits))
		d.count = 0
	}
	return d.drain()
}

func (d *deflater) drain() error {
	if d.err == nil && len(d.out) > 0 {
		_, d.err = d.w.Write(d.out)
	}
	d.out = d.out[:0]
	return d.err
}

// put adds up to 48 bits.
func (d *deflater) put(v uint64, n uint) {
	d.bits |= v << d.count
	d.count += n
	d.flush()
}

// flush moves full bytes out of the register.
func (d *deflater) flush() {
	for ; d.count >= 8; d.count -= 8 {
		d.out = append(d.out, byte(d.bits))
		d.bits >>= 8
	}
}

func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// numeric are the bytes of numbers.
var numeric = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	t['.'] = true
	return t
}()

// search fills d.matches, and counts what they will take.
//
// Text is mostly compared with what stands at the distance of the last match: in a sheet that goes on where one digit differs, as in the cell above, or
// one letter, as in the cell before. Which of them is the better one is asked where markup begins that does not match.
func (d *deflater) search(b []byte) {
	d.matches = d.matches[:0]
	clear(d.lits[:])
	clear(d.dists[:])
	least := historySize - d.known
	last := 0 // distance of the match before
	from := historySize
	i := from
	for limit := len(b) - 24; i < limit; {
		n := 0
		if last > 0 {
			k := step(load64(b, i) ^ load64(b, i-last))
			if k <= mostStep {
				i += k
				if b[i] != '<' {
					n = leastMatch + common(b, i+leastMatch, i-last+leastMatch)
				}
			}
		}
		if n == 0 && !numeric[b[i]] {
			n, last = d.best(b, i, least, last)
		}
		if n == 0 {
			// The longer nothing was found, the less is looked for.
			for i += 1 + (i-from)>>5; i < limit && numeric[b[i-1]] && numeric[b[i]]; i++ {
			}
			continue
		}
		for i > from && i-last > least && b[i-1] == b[i-last-1] {
			i, n = i-1, n+1
		}
		for n > 0 {
			k := min(n, mostMatch)
			if n > k && n-k < 3 {
				k -= 3
			}
			d.matched(b[from:i], k, last)
			i += k
			n -= k
			from = i
		}
	}
	d.matched(b[from:], 0, 0)
	d.lits[256]++
}

// step is how many bytes differ before four that do not, of eight of which x is the difference; more than mostStep where there are no four.
func step(x uint64) int {
	switch {
	case x<<32 == 0:
		return 0
	case x>>8<<32 == 0:
		return 1
	case x>>16<<32 == 0:
		return 2
	case x>>24<<32 == 0:
		return 3
	case x>>32 == 0:
		return 4
	}
	return mostStep + 1
}

// best returns the length of the best match for what stands at i, and its distance; 0 and last where there is none. Earlier places with the same
// bytes are looked up by few and by many of them: the former are often in the cell before, the latter in the cell above.
func (d *deflater) best(b []byte, i, least, last int) (length, distance int) {
	w, v := load64(b, i), load64(b, i+8)
	here := d.total + uint32(i)
	few := &d.few[w<<16*0x9E3779B97F4A7C15>>(64-tableBits)]
	slot := (w*0x9E3779B97F4A7C15 ^ v) * 0xD6E8FEB86659FD93 >> (64 - tableBits)
	many, won := &d.many[slot], &d.won[slot]
	distances := [3]int{int(int32(here - *many)), last, int(int32(here - *few))}
	*few, *many = here, here
	distance = last
	most := 0
	for k, far := range distances {
		if far <= 0 || far > min(i-least, historySize) || far == distance && length > 0 {
			continue
		}
		x := w ^ load64(b, i-far)
		if x<<32 != 0 || far != last && x<<16 != 0 {
			continue
		}
		n := bits.TrailingZeros64(x) >> 3
		if x == 0 {
			n += common(b, i+8, i+8-far)
		}
		if k == 0 && n >= 16 && *won >= surely {
			if d.asked++; d.asked%8 != 0 {
				return n, far
			}
		}
		// What comes after one byte that differs is worth as much: it will be found.
		score := n
		if i+n+8 < len(b) {
			score += common(b, i+n+1, i+n+1-far)
		}
		if score > most || score == most && far < distance {
			most, length, distance = score, n, far
		}
	}
	if distance != distances[0] {
		*won = 0
	} else if *won < surely {
		*won++
	}
	return length, distance
}

// common is how many bytes from i on are the same as those from j on, which is before i.
func common(b []byte, i, j int) int {
	from := i
	for i+8 <= len(b) {
		if x := load64(b, i) ^ load64(b, j); x != 0 {
			return i - from + bits.TrailingZeros64(x)>>3
		}
		i, j = i+8, j+8
	}
	for i < len(b) && b[i] == b[j] {
		i, j = i+1, j+1
	}
	return i - from
}

// matched takes note of literals and, where length is not 0, of a match behind them.
func (d *deflater) matched(literals []byte, length, distance int) {
	for _, c := range literals {
		d.lits[c]++
	}
	m := match{literals: uint32(len(literals))}
	if length > 0 {
		m.length, m.distance = uint16(length-3), uint16(distance-1)
		d.lits[lengthSymbol[m.length]]++
		d.dists[distanceSymbol(m.distance)]++
	}
	d.matches = append(d.matches, m)
}

// lengthSymbol are the symbols of match lengths from 3 on.
var lengthSymbol = func() (t [256]uint16) {
	for symbol, base := range lengthBase {
		from := int(base>>16) - 3
		for i := from; i < min(from+1<<(base>>itemExtra&15), 256); i++ {
			t[i] = uint16(257 + symbol)
		}
	}
	return t
}()

// distanceSymbols are the symbols of distances less 1 below 256, and of those above by their high bits.
var distanceSymbols = func() (t [512]uint8) {
	for symbol, base := range distBase {
		from := int(base>>16) - 1
		for i := from; i < from+1<<(base>>itemExtra&15); i++ {
			if i < 256 {
				t[i] = uint8(symbol)
			} else {
				t[256+i>>7] = uint8(symbol)
			}
		}
	}
	return t
}()

func distanceSymbol(d uint16) uint8 {
	if d < 256 {
		return distanceSymbols[d]
	}
	return distanceSymbols[256+d>>7]
}

// block writes the matches that were found in a piece.
func (d *deflater) block(b []byte) {
	d.codes()
	// The worst case of all that follows, so that nothing below asks for room: 15 bits for a literal, 48 for a match (15 and 5 for its length, 15 and
	// 13 for its distance), and eight bytes that are written at once.
	d.grow((len(b)-historySize)*2 + len(d.matches)*8 + 64)
	out, n := d.out[:cap(d.out)], len(d.out)
	register, count := d.bits, d.count
	from := historySize
	for i := range d.matches {
		m := &d.matches[i]
		literals := b[from : from+int(m.literals)]
		from += len(literals)
		for len(literals) >= 3 {
			x, y, z := d.litCode[literals[0]], d.litCode[literals[1]], d.litCode[literals[2]]
			literals = literals[3:]
			register |= uint64(x&codeMask) << (count & 63)
			count += uint(x >> codeShift)
			register |= uint64(y&codeMask) << (count & 63)
			count += uint(y >> codeShift)
			register |= uint64(z&codeMask) << (count & 63)
			count += uint(z >> codeShift)
			binary.LittleEndian.PutUint64(out[n:], register)
			n += int(count >> 3)
			register >>= count & 56
			count &= 7
		}
		for _, c := range literals {
			x := d.litCode[c]
			register |= uint64(x&codeMask) << (count & 63)
			count += uint(x >> codeShift)
		}
		if i == len(d.matches)-1 {
			register |= uint64(d.endCode&codeMask) << (count & 63)
			count += uint(d.endCode >> codeShift)
		}
		binary.LittleEndian.PutUint64(out[n:], register)
		n += int(count >> 3)
		register >>= count & 56
		count &= 7
		if i == len(d.matches)-1 {
			break
		}
		from += int(m.length) + 3
		x := d.lenCode[m.length&255]
		register |= uint64(x&codeMask) << (count & 63)
		count += uint(x >> codeShift)
		symbol := distanceSymbol(m.distance)
		x = d.dstCode[symbol]
		register |= uint64(x&codeMask) << (count & 63)
		count += uint(x >> codeShift)
		base := distBase[symbol]
		register |= uint64(uint32(m.distance)+1-base>>16) << (count & 63)
		count += uint(base >> itemExtra & 15)
		binary.LittleEndian.PutUint64(out[n:], register)
		n += int(count >> 3)
		register >>= count & 56
		count &= 7
	}
	d.out, d.bits, d.count = out[:n], register, count
	if len(d.out) >= outSize {
		_ = d.drain()
	}
}
