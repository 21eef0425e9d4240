package hugepage

import "testing"

// TestAdvise asks under memory of every size and place; what is in it stays.
func TestAdvise(t *testing.T) {
	memory := make([]float64, 1<<20)
	for i := range memory {
		memory[i] = float64(i)
	}
	for _, part := range [][]float64{nil, memory[:1], memory[1:], memory[:1<<18], memory[3 : 3+1<<18+5], memory} {
		Advise(part)
	}
	for i, x := range memory {
		if x != float64(i) {
			t.Fatalf("element %d is %v", i, x)
		}
	}
}
