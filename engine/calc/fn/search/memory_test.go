package search

import "testing"

// TestClass holds that a slice taken from a class is long enough, by an eighth at most too long, and goes back to the class that it came from.
func TestClass(t *testing.T) {
	before := -1
	for n := leastKept; n < 1<<30; n += 1 + n/97 {
		number, capacity := class(n)
		if capacity < n || capacity > n+n/8+1 {
			t.Fatalf("%d elements get %d", n, capacity)
		}
		if number < before || number > before+1 || number >= len(Ints.classes) {
			t.Fatalf("%d elements are of class %d, those before of %d", n, number, before)
		}
		before = number
		if again, same := class(capacity); again != number || same != capacity {
			t.Fatalf("class %d of %d is %d of %d for its own capacity", number, capacity, again, same)
		}
	}
}

// TestMemory holds that zeros are zeros, whatever their memory held before.
func TestMemory(t *testing.T) {
	var m Memory[int32]
	for _, n := range []int{0, 1, leastKept - 1, leastKept, leastKept + 1, 5000} {
		for range 3 {
			s := m.Zeros(n)
			if len(s) != n {
				t.Fatalf("%d elements, want %d", len(s), n)
			}
			for i, v := range s {
				if v != 0 {
					t.Fatalf("element %d of %d is %d", i, n, v)
				}
				s[i] = 7
			}
			m.Give(s)
			if s = m.Take(n); len(s) != n {
				t.Fatalf("%d elements, want %d", len(s), n)
			}
			m.Give(s)
		}
	}
}
