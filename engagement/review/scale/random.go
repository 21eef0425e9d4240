package scale

import (
	"math/bits"
	"sort"
)

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// 2014): a bijection of 64 bits whose output looks random.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// named derives a seed for something that has a name.
func named(seed uint64, names ...string) uint64 {
	for _, name := range names {
		for i := range len(name) {
			seed = mix(seed ^ uint64(name[i]))
		}
		seed = mix(seed + 1)
	}
	return seed
}

// share turns a hash into a number from 0 to below 1.
func share(hash uint64) float64 { return float64(hash>>11) / (1 << 53) }

// permutation is a bijection of 0..n-1 that is computed and not stored: four rounds of a balanced Feistel
// network over the next even number of bits, repeated until the result is in the wanted set, which keeps
// it a bijection of that set (Black, Rogaway: Ciphers with arbitrary finite domains, 2002).
type permutation struct {
	half uint
	seed uint64
}

func newPermutation(n int64, seed uint64) permutation {
	return permutation{half: uint(bits.Len64(uint64(max(n-1, 1)))+1) / 2, seed: seed}
}

func (p permutation) next(x uint64) uint64 {
	mask := uint64(1)<<p.half - 1
	left, right := x>>p.half, x&mask
	for round := range uint64(4) {
		left, right = right, left^mix(p.seed+round<<56^right)&mask
	}
	return left<<p.half | right
}

// picker says which of a column's values a row holds. Values have an index from 0 in their order. Rows
// take ranks so that each rank is taken once, hence the numbers of distinct values and their frequencies
// come out exactly.
type picker struct {
	n, d        int64 // rows and distinct values
	seed        uint64
	correlation float64
	stay        float64 // the share of rows whose place is their rank
	reverse     bool
	shuffle     permutation
	segments    []segment // nil: all values are equally common
}

// segment is a run of values, in the order of the values, that share ranks evenly.
type segment struct {
	upto   float64 // the share of the ranks up to its end
	first  int64
	values int64
	common int // index of the common value that it is, or -1
}

// newPicker lays out d values over n rows. A share c of rows that stand in order among others that do not
// has the correlation c, because the others' ranks do not depend on their places.
func newPicker(n, d int64, correlation float64, seed uint64) *picker {
	n, d = max(n, 1), max(min(d, n), 1)
	p := &picker{n: n, d: d, seed: seed, correlation: correlation, shuffle: newPermutation(n, mix(seed))}
	p.settle()
	return p
}

// settle decides how many rows stand in order. The server's correlation takes equal values in the order of
// their rows (analyze.c, compare_scalars), so that a column of few values has one without any order: the sum
// of the squares of their shares. In reverse order that of its cubes remains twice. Between them it is a line.
func (p *picker) settle() {
	squares, cubes := 0.0, 0.0
	add := func(share, values float64) {
		squares, cubes = squares+share*share/values, cubes+share*share*share/(values*values)
	}
	from := 0.0
	for _, s := range p.segments {
		add(s.upto-from, float64(s.values))
		from = s.upto
	}
	if p.segments == nil {
		add(1, float64(p.d))
	}
	p.reverse = p.correlation < squares
	if p.reverse {
		p.stay = (squares - p.correlation) / max(1+squares-2*cubes, 1e-9)
	} else {
		p.stay = (p.correlation - squares) / max(1-squares, 1e-9)
	}
	p.stay = min(max(p.stay, 0), 1)
}

func abs(f float64) float64 { return max(f, -f) }

// weigh gives the first values their frequencies among the rows that are not NULL; the rest is shared
// evenly. Where a common value stands in the order of values is not known, so they are spread.
func (p *picker) weigh(frequencies []float64) {
	m := int64(len(frequencies))
	if m == 0 || p.d < 2 || m > p.d {
		if m > p.d {
			p.d = m
		} else {
			return
		}
	}
	sum := 0.0
	for _, f := range frequencies {
		sum += f
	}
	others := p.d - m
	rest := max(1-sum, 0)
	if others == 0 {
		rest = 0
	}
	total := sum + rest
	slots := make([]int, m) // which common value stands in which place
	for i := range slots {
		slots[i] = i
	}
	sort.Slice(slots, func(i, j int) bool { return mix(p.seed^uint64(slots[i])) < mix(p.seed^uint64(slots[j])) })
	at, done, first := 0.0, int64(0), int64(0)
	add := func(mass float64, values int64, common int) {
		if values > 0 {
			at += mass / total
			p.segments = append(p.segments, segment{upto: at, first: first, values: values, common: common})
			first += values
		}
	}
	for j, k := range slots {
		upto := others * int64(j+1) / (m + 1)
		add(rest*float64(upto-done)/float64(max(others, 1)), upto-done, -1)
		add(frequencies[k], 1, k)
		done = upto
	}
	add(rest*float64(others-done)/float64(max(others, 1)), others-done, -1)
	p.segments[len(p.segments)-1].upto = 1
	p.settle()
}

// moves says whether the row does not stand where its rank is.
func (p *picker) moves(row uint64) bool { return share(mix(p.seed^mix(row))) >= p.stay }

// rank is the place of the row's value among all rows' values: a permutation of the rows.
func (p *picker) rank(row int64) int64 {
	if r := uint64(row); p.moves(r) {
		for {
			if r = p.shuffle.next(r); r < uint64(p.n) && p.moves(r) {
				break
			}
		}
		row = int64(r)
	}
	if p.reverse {
		return p.n - 1 - row
	}
	return row
}

// pick returns the index of the row's value, and which of the common values it is, or -1.
func (p *picker) pick(row int64) (index int64, common int) {
	rank := p.rank(row % p.n)
	if p.segments == nil {
		if p.d == p.n {
			return rank, -1
		}
		hi, lo := bits.Mul64(uint64(rank), uint64(p.d))
		index, _ := bits.Div64(hi, lo, uint64(p.n))
		return int64(index), -1
	}
	at := (float64(rank) + 0.5) / float64(p.n)
	i := sort.Search(len(p.segments)-1, func(i int) bool { return p.segments[i].upto > at })
	s, from := p.segments[i], 0.0
	if i > 0 {
		from = p.segments[i-1].upto
	}
	within := int64(float64(s.values) * (at - from) / max(s.upto-from, 1e-300))
	return s.first + min(max(within, 0), s.values-1), s.common
}
