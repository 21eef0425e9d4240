package measure

import (
	"context"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/foundation/rate"
)

func sortProbes() []Probe {
	const numbers, words = 1 << 14, 1 << 12
	return []Probe{
		{Name: rate.SortIntegers, Kind: rate.Throughput, Of: "B", What: "sorting 64-bit integers in random order by comparison, one core", How: "slices.Sort of 16,384 integers, with the copy that it sorts", Clock: ThreadCPU, Each: numbers * 8, Ceiling: coreBandwidth / 10,
			Setup: sorting(func() []uint64 {
				list := make([]uint64, numbers)
				for i := range list {
					list[i] = mix(uint64(i))
				}
				return list
			}, func(v uint64) uint64 { return v })},
		{Name: rate.SortStrings, Kind: rate.Throughput, Of: "item", What: "sorting strings of 12 letters in random order, one core", How: "slices.Sort of 4,096 strings, with the copy that it sorts", Clock: ThreadCPU, Each: words, Ceiling: 5e9,
			Setup: sorting(func() []string {
				list := make([]string, words)
				for i := range list {
					list[i] = word(uint64(i), 12)
				}
				return list
			}, func(s string) uint64 { return firstWord([]byte(s[:8])) })},
	}
}

// sorting sorts a copy of a list again and again. What proves it is a sum weighted by the place, which an
// unsorted list does not have; that the last result is in order is checked element by element.
func sorting[T ~uint64 | ~string](list func() []T, key func(T) uint64) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		unsorted := list()
		sorted := slices.Clone(unsorted)
		weighted := func() uint64 {
			var sum uint64
			for _, i := range []int{0, len(sorted) / 3, len(sorted) / 2, len(sorted) - 1} {
				sum = sum*31 + key(sorted[i])
			}
			return sum
		}
		// A merge sort of our own makes what the library's must make.
		expected := mergeSort(slices.Clone(unsorted))
		return Work{
			Run: func(n int) (uint64, error) {
				var sum uint64
				for range n {
					copy(sorted, unsorted)
					slices.Sort(sorted)
					sum += weighted()
				}
				return sum, nil
			},
			Verify: func(n int, sum uint64) error {
				if !slices.Equal(sorted, expected) {
					return fmt.Errorf("the list is not sorted")
				}
				return sameSum(sum, times(weighted())(n))
			},
		}, nil
	}
}

func mergeSort[T ~uint64 | ~string](list []T) []T {
	if len(list) < 2 {
		return list
	}
	a, b := mergeSort(slices.Clone(list[:len(list)/2])), mergeSort(slices.Clone(list[len(list)/2:]))
	merged := list[:0]
	for len(a) > 0 && len(b) > 0 {
		if b[0] < a[0] {
			merged, b = append(merged, b[0]), b[1:]
		} else {
			merged, a = append(merged, a[0]), a[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// word returns letters that the number decides.
func word(i uint64, letters int) string {
	b := make([]byte, letters)
	x := mix(i + 1)
	for j := range b {
		b[j] = 'a' + byte(x%26)
		if x /= 26; x == 0 {
			x = mix(i + uint64(j))
		}
	}
	return string(b)
}
