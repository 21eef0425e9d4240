package patch

// maxTrace bounds the memory of compare: beyond this edit distance the middle is one change.
const maxTrace = 2000

// compare returns the changes between two lists of lines, in order (Myers, "An O(ND) Difference
// Algorithm and Its Variations", 1986). Patches change few lines, so the distance D is small and the
// cost close to linear.
func compare(a, b []string) []change {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	midA, midB := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(midA) == 0 && len(midB) == 0 {
		return nil
	}
	changes := myers(midA, midB)
	for i := range changes {
		c := &changes[i]
		c.from, c.to, c.newFrom, c.newTo = c.from+head, c.to+head, c.newFrom+head, c.newTo+head
	}
	return changes
}

func myers(a, b []string) []change {
	whole := []change{{0, len(a), 0, len(b)}}
	if len(a) == 0 || len(b) == 0 {
		return whole
	}
	limit := min(len(a)+len(b), maxTrace)
	v := make([]int, 2*limit+3)
	mid := limit + 1
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), v[mid-d-1:mid+d+2]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			if k == -d || (k != d && v[mid+k-1] < v[mid+k+1]) {
				x = v[mid+k+1]
			} else {
				x = v[mid+k-1] + 1
			}
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			v[mid+k] = x
			if x >= len(a) && y >= len(b) {
				return backtrack(trace, len(a), len(b))
			}
		}
	}
	return whole
}

// backtrack walks the furthest points back from the end and joins neighbouring steps into changes.
func backtrack(trace [][]int, x, y int) []change {
	var rev []change
	for d := len(trace) - 1; d > 0; d-- {
		v := trace[d] // v[k+d+1] is the furthest x on diagonal k before step d
		k := x - y
		down := k == -d || (k != d && v[k-1+d+1] < v[k+1+d+1])
		prevK := k - 1
		if down {
			prevK = k + 1
		}
		prevX := v[prevK+d+1]
		prevY := prevX - prevK
		step := change{prevX, prevX + 1, prevY, prevY}
		if down {
			step = change{prevX, prevX, prevY, prevY + 1}
		}
		if n := len(rev); n > 0 && rev[n-1].from == step.to && rev[n-1].newFrom == step.newTo {
			rev[n-1].from, rev[n-1].newFrom = step.from, step.newFrom
		} else {
			rev = append(rev, step)
		}
		x, y = prevX, prevY
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}
