package xlsx

import (
	"math/bits"
	"slices"
)

// A code of the encoder has its bits in the low part, the first one lowest, and their number in the high part.
const (
	codeShift = 24
	codeMask  = 1<<codeShift - 1
)

// treeBuilder makes codes of least redundancy. What it needs is kept from one block to the next.
type treeBuilder struct {
	items   []uint64 // by weight: the weight, and the symbol in the low bits
	weights []uint32
	lengths [numLits + numDists]uint8
	runs    []uint16 // the lengths as the block gives them: symbol, and above it the extra bits
}

// symbolBits is enough for each symbol.
const symbolBits = 9

// lengthsOf gives each symbol that occurs the length of its word, at most limit. There are at least two words, as some decoders want it.
func (t *treeBuilder) lengthsOf(counts []uint32, limit int, lengths []uint8) {
	items := t.items[:0]
	for symbol, n := range counts {
		lengths[symbol] = 0
		if n > 0 {
			items = append(items, uint64(n)<<symbolBits|uint64(symbol))
		}
	}
	for symbol := 0; len(items) < 2; symbol++ {
		if counts[symbol] == 0 {
			items = append(items, 1<<symbolBits|uint64(symbol))
		}
	}
	t.items = items
	slices.Sort(items)
	weights := t.weights[:0]
	for _, x := range items {
		weights = append(weights, uint32(x>>symbolBits))
	}
	t.weights = weights
	depths(weights)
	// Now weights are the lengths of the words, the longest first.
	var have [33]int
	for _, n := range weights {
		have[min(int(n), limit)]++
	}
	shorten(have[:limit+1])
	i := len(items)
	for n, k := range have[:limit+1] {
		for ; k > 0; k-- {
			i--
			lengths[items[i]&(1<<symbolBits-1)] = uint8(n)
		}
	}
}

// depths replaces weights, which rise, by the lengths of their words (Moffat and Katajainen, "In-place calculation of minimum-redundancy
// codes", 1995).
func depths(a []uint32) {
	n := len(a)
	a[0] += a[1]
	root, leaf := 0, 2
	for next := 1; next < n-1; next++ {
		if leaf >= n || a[root] < a[leaf] {
			a[next] = a[root]
			a[root] = uint32(next)
			root++
		} else {
			a[next] = a[leaf]
			leaf++
		}
		if leaf >= n || root < next && a[root] < a[leaf] {
			a[next] += a[root]
			a[root] = uint32(next)
			root++
		} else {
			a[next] += a[leaf]
			leaf++
		}
	}
	a[n-2] = 0
	for next := n - 3; next >= 0; next-- {
		a[next] = a[a[next]] + 1
	}
	free, used, depth := 1, 0, uint32(0)
	root = n - 2
	for next := n - 1; free > 0; {
		for root >= 0 && a[root] == depth {
			used++
			root--
		}
		for free > used {
			a[next] = depth
			next--
			free--
		}
		free = 2 * used
		depth++
		used = 0
	}
}

// shorten makes a code of words of which some were cut to the longest length that there is.
func shorten(have []int) {
	limit := len(have) - 1
	total := 0
	for n, k := range have {
		total += k << (limit - n)
	}
	total -= have[0] << limit
	for ; total > 1<<limit; total-- {
		have[limit]--
		n := limit - 1
		for have[n] == 0 {
			n--
		}
		have[n]--
		have[n+1] += 2
	}
}

// words gives the symbols of lengths their words, in the order that RFC 1951 (3.2.2) lays down.
func words(lengths []uint8, put func(symbol int, code uint32)) {
	var have, next [16]uint32
	for _, n := range lengths {
		have[n]++
	}
	have[0] = 0
	for n := 1; n < 16; n++ {
		next[n] = (next[n-1] + have[n-1]) << 1
	}
	for symbol, n := range lengths {
		if n > 0 {
			put(symbol, uint32(bits.Reverse16(uint16(next[n]))>>(16-n))|uint32(n)<<codeShift)
			next[n]++
		}
	}
}

// codes makes the codes of a block for what was counted, and writes the block's header.
func (d *deflater) codes() {
	t := &d.trees
	t.lengthsOf(d.lits[:], 15, t.lengths[:numLits])
	t.lengthsOf(d.dists[:], 15, t.lengths[numLits:])
	words(t.lengths[:numLits], func(symbol int, code uint32) {
		switch {
		case symbol < 256:
			d.litCode[symbol] = code
		case symbol == 256:
			d.endCode = code
		default:
			base := lengthBase[symbol-257]
			from, extra := int(base>>16)-3, base>>itemExtra&15
			for i := range min(1<<extra, 256-from) {
				d.lenCode[from+i] = code + uint32(i)<<(code>>codeShift) + extra<<codeShift
			}
		}
	})
	words(t.lengths[numLits:], func(symbol int, code uint32) { d.dstCode[symbol] = code })
	d.header()
}

// header writes the beginning of a block: the lengths of the words, in runs, which have a code themselves.
func (d *deflater) header() {
	t := &d.trees
	lits, dists := numLits, numDists
	for lits > 257 && t.lengths[lits-1] == 0 {
		lits--
	}
	for dists > 1 && t.lengths[numLits+dists-1] == 0 {
		dists--
	}
	copy(t.lengths[lits:], t.lengths[numLits:numLits+dists])
	t.runsOf(t.lengths[:lits+dists])
	var counts [19]uint32
	var lengths [19]uint8
	for _, r := range t.runs {
		counts[r&31]++
	}
	t.lengthsOf(counts[:], 7, lengths[:])
	var codes [19]uint32
	words(lengths[:], func(symbol int, code uint32) { codes[symbol] = code })
	n := len(codeOrder)
	for n > 4 && lengths[codeOrder[n-1]] == 0 {
		n--
	}
	d.put(0b100|uint64(lits-257)<<3|uint64(dists-1)<<8|uint64(n-4)<<13, 17)
	for _, symbol := range codeOrder[:n] {
		d.put(uint64(lengths[symbol]), 3)
	}
	for _, r := range t.runs {
		symbol := r & 31
		code := codes[symbol]
		d.put(uint64(code&codeMask), uint(code>>codeShift))
		if symbol >= 16 {
			d.put(uint64(r>>5), [3]uint{2, 3, 7}[symbol-16])
		}
	}
}

// runsOf fills t.runs with the lengths: 16 repeats the one before 3 to 6 times, 17 and 18 stand for 3 to 10 and 11 to 138 zeros.
func (t *treeBuilder) runsOf(lengths []uint8) {
	t.runs = t.runs[:0]
	for i := 0; i < len(lengths); {
		v, n := lengths[i], 1
		for i+n < len(lengths) && lengths[i+n] == v {
			n++
		}
		i += n
		if v == 0 {
			for n >= 11 {
				k := min(n, 138)
				t.runs = append(t.runs, 18|uint16(k-11)<<5)
				n -= k
			}
			if n >= 3 {
				t.runs = append(t.runs, 17|uint16(n-3)<<5)
				n = 0
			}
		} else {
			t.runs = append(t.runs, uint16(v))
			for n--; n >= 3; {
				k := min(n, 6)
				t.runs = append(t.runs, 16|uint16(k-3)<<5)
				n -= k
			}
		}
		for ; n > 0; n-- {
			t.runs = append(t.runs, uint16(v))
		}
	}
}
