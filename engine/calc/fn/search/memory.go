package search

import (
	"math/bits"
	"sync"
)

// Recycler is something kept by [Source.Cached] that can give its memory back for the next of its kind. Memory that was used before is many times
// cheaper than memory that the system must provide, and an index is made anew whenever a cell of its column changes. Recycle may only be called
// when nobody uses it any more, and once.
type Recycler interface{ Recycle() }

// Memory keeps slices that are needed no more until the garbage collector comes for them. The zero Memory is ready for use, by several goroutines.
type Memory[T any] struct{ classes [8 * 32]sync.Pool }

// The memory of indexes, and of what is made of them.
var (
	Ints  Memory[int32]
	Words Memory[uint64]
	Boxes Memory[float64]
)

// leastKept is the length of the smallest slice that is worth keeping.
const leastKept = 1 << 10

// class returns the number of the least class of slices of n elements or more, and their capacity. There are eight for each doubling.
func class(n int) (number, capacity int) {
	if n <= leastKept {
		return 0, leastKept
	}
	shift := bits.Len(uint(n-1)) - 4 // three bits behind the first one
	step := (n - 1) >> shift         // 8 to 15
	return 8*(shift-7) + step - 7, (step + 1) << shift
}

// Take returns a slice of n elements, which hold anything.
func (m *Memory[T]) Take(n int) []T {
	if n < leastKept {
		return make([]T, n)
	}
	number, capacity := class(n)
	if p, ok := m.classes[number].Get().(*[]T); ok {
		return (*p)[:n]
	}
	return make([]T, n, capacity)
}

// Zeros returns a slice of n zeros.
func (m *Memory[T]) Zeros(n int) []T {
	if n < leastKept {
		return make([]T, n)
	}
	number, capacity := class(n)
	if p, ok := m.classes[number].Get().(*[]T); ok {
		clear((*p)[:n])
		return (*p)[:n]
	}
	return make([]T, n, capacity)
}

// Give takes a slice back, which must not be used any more.
func (m *Memory[T]) Give(s []T) {
	if cap(s) < leastKept {
		return
	}
	if number, capacity := class(cap(s)); capacity == cap(s) { // others are none of ours
		s = s[:0]
		m.classes[number].Put(&s)
	}
}
