package dist

import (
	"math"
	"math/bits"
	"slices"
	"sync"
)

// Sampled is the distribution that draws show. Quantiles are interpolated between draws, or are draws where single
// values are all that there is. Make it by [NewSampled] or [Graph.Sampled].
type Sampled struct {
	mean    float64
	invalid int  // draws without a value
	steps   bool // nothing lies between two draws

	// Draws lie in buckets that rise, and a bucket is sorted when a quantile or a probability within it is
	// asked for: most draws never are.
	low   uint64 // the order of the least draw
	shift uint   // of the order of a draw above the least, to its bucket
	start []int  // where each bucket begins, and the end of the last

	mu     sync.Mutex // guards the two below
	values []float64
	sorted []bool // by bucket
}

// maxBuckets keeps the table of buckets in the first level of the cache.
const maxBuckets = 1 << 11

// NewSampled returns the distribution of draws. Those that are no number, such as 0/0, are left out and
// counted.
func NewSampled(draws []float64) *Sampled {
	s := &Sampled{mean: math.NaN(), low: math.MaxUint64}
	var high uint64
	for _, v := range draws {
		if v != v { //nolint:gocritic // NaN differs from itself
			s.invalid++
			continue
		}
		o := orderOf(v)
		if o < s.low {
			s.low = o
		}
		if o > high {
			high = o
		}
	}
	n := len(draws) - s.invalid
	if n == 0 {
		return s
	}
	if s.invalid > 0 {
		valid := make([]float64, 0, n)
		for _, v := range draws {
			if v == v { //nolint:gocritic // as above
				valid = append(valid, v)
			}
		}
		draws = valid
	}
	s.mean = mean(draws)
	s.shift = uint(max(0, bits.Len64(high-s.low)-bits.Len(maxBuckets-1)))
	buckets := int((high-s.low)>>s.shift) + 1
	s.sorted = make([]bool, buckets)
	s.start = make([]int, buckets+1)
	var next [maxBuckets]int
	for _, v := range draws {
		next[(orderOf(v)-s.low)>>s.shift&(maxBuckets-1)]++
	}
	at := 0
	for b := range buckets {
		s.start[b] = at
		at += next[b]
		next[b] = s.start[b]
	}
	s.start[buckets] = at
	s.values = make([]float64, n)
	for _, v := range draws {
		b := (orderOf(v) - s.low) >> s.shift & (maxBuckets - 1)
		s.values[next[b]] = v
		next[b]++
	}
	return s
}

// mean is that of numbers, and infinite where one is. Sums are of differences to the first, so that the
// mean of equal numbers is that number.
func mean(v []float64) float64 {
	first := v[0]
	var sums [4]float64 // four at a time, because each addition waits for the one before it
	rest := v
	for ; len(rest) >= 4; rest = rest[4:] {
		sums[0] += rest[0] - first
		sums[1] += rest[1] - first
		sums[2] += rest[2] - first
		sums[3] += rest[3] - first
	}
	for _, x := range rest {
		sums[0] += x - first
	}
	m := first + (sums[0]+sums[1]+sums[2]+sums[3])/float64(len(v))
	if math.IsNaN(m) {
		return math.Inf(1)
	}
	return m
}

// orderOf maps numbers to integers in the same order, -0 before 0.
func orderOf(x float64) uint64 {
	b := math.Float64bits(x)
	// Negative numbers rise with falling bits.
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// sortBucket sorts the draws of a bucket if they are not. The mutex is held.
func (s *Sampled) sortBucket(b int) {
	if !s.sorted[b] {
		sortFloats(s.values[s.start[b]:s.start[b+1]])
		s.sorted[b] = true
	}
}

// at returns the i-th smallest draw. The mutex is held.
func (s *Sampled) at(i int) float64 {
	b, found := slices.BinarySearch(s.start, i)
	if !found {
		b--
	}
	for s.start[b+1] == s.start[b] { // of buckets that begin here the last has draws
		b++
	}
	s.sortBucket(b)
	return s.values[i]
}

// Quantile implements [Dist]; it is NaN when no draw has a value.
func (s *Sampled) Quantile(p float64) float64 {
	n := len(s.values)
	if n == 0 {
		return math.NaN()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.steps {
		return s.at(min(max(int(math.Ceil(p*float64(n)))-1, 0), n-1))
	}
	x := min(max(p*float64(n)-0.5, 0), float64(n-1))
	i := int(x)
	v := s.at(i)
	if i+1 >= n {
		return v
	}
	next := s.at(i + 1)
	if v == next || math.IsInf(next, 0) {
		return v
	}
	return v + (x-float64(i))*(next-v)
}

// CDF implements [Dist].
func (s *Sampled) CDF(x float64) float64 {
	n := len(s.values)
	if n == 0 {
		return math.NaN()
	}
	order := orderOf(x + 0) // 0 for -0
	if order < s.low {
		return 0
	}
	b := (order - s.low) >> s.shift
	if b >= uint64(len(s.sorted)) {
		return 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sortBucket(int(b))
	from, to := s.start[b], s.start[b+1]
	inside := Empirical{s.values[from:to]}
	if from == to {
		return float64(from) / float64(n)
	}
	return (float64(from) + math.Round(inside.CDF(x)*float64(to-from))) / float64(n)
}

// Mean implements [Dist].
func (s *Sampled) Mean() float64 { return s.mean }

// Kind implements [Dist].
func (s *Sampled) Kind() string { return "sampled" }

// Draws returns how many draws have a value.
func (s *Sampled) Draws() int { return len(s.values) }

// Invalid returns the share of draws that have no value, such as the square root of a negative number.
func (s *Sampled) Invalid() float64 {
	return float64(s.invalid) / float64(max(1, s.invalid+len(s.values)))
}

// Unbounded returns the share of draws that are infinite, such as the wait in a queue that only grows.
func (s *Sampled) Unbounded() float64 {
	if len(s.values) == 0 {
		return 0
	}
	return 1 - s.CDF(math.MaxFloat64)
}
