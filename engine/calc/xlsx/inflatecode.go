package xlsx

import (
	"encoding/binary"
	"math/bits"
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
			if err == nil && ended {
				z.ended()
			}
			if err != nil || ended {
				return err
			}
			continue
		}
		ended, err := z.slow()
		if err == nil && ended {
			z.ended()
		}
		if err != nil || ended {
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
					ended = true
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
