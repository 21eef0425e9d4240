package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestCover holds that the index finds what a list finds, while entries are taken, numbered and forgotten.
func TestCover(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	some := func() rect {
		r, c := random.Int32N(300), random.Int32N(20)
		return rect{r, c, r + random.Int32N(1+random.Int32N(100)), c + random.Int32N(4)}
	}
	for _, n := range []int32{0, 1, 5, 16, 17, 400} {
		var list []rect
		var entries []entry
		for i := range n {
			list = append(list, some())
			entries = append(entries, entry{list[i], i})
		}
		c := newCover(entries)
		taken, number := make([]bool, n), make([]int32, n)
		for i := range number {
			number[i] = noNumber
		}
		next := int32(0)
		for range 40 * n {
			i := random.Int32N(n)
			switch {
			case !taken[i]:
				taken[i] = true
				c.take(i)
			case number[i] == noNumber:
				number[i] = next
				c.number(i, next)
				next++
			default:
				number[i] = noNumber
				c.forget(i)
			}
			q := some()
			least, free := int32(noNumber), false
			for i, at := range list {
				if at.meets(q) {
					least, free = min(least, number[i]), free || !taken[i]
				}
			}
			if got := c.least(q, noNumber); got != least {
				t.Fatalf("%d entries: the least number in %v is %d, want %d", n, q, got, least)
			}
			got, ok := c.next(q)
			if ok != free || ok && (taken[got] || !list[got].meets(q)) {
				t.Fatalf("%d entries: in %v is %v (%v), want one that is not taken: %v", n, q, got, ok, free)
			}
		}
	}
}

// TestRemains holds that a search meets each entry until it is done with, and never after.
func TestRemains(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	tree := &rtree{}
	list := map[int32]rect{}
	for i := range int32(500) {
		r := random.Int32N(1000)
		list[i] = rect{r, 0, r + random.Int32N(50), 3}
		tree.insert(list[i], i)
	}
	left := tree.remaining(500)
	for range 2000 {
		r := random.Int32N(1000)
		q := rect{r, random.Int32N(8), r + random.Int32N(30), 9}
		var got, want []int32
		for id, at := range list {
			if at.meets(q) {
				want = append(want, id)
			}
		}
		left.find(q, func(id int32) bool {
			got = append(got, id)
			if id%3 == 0 {
				delete(list, id)
			}
			return id%3 == 0
		})
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%v meets %v, want %v", q, got, want)
		}
	}
}

// TestPlanOfAny holds for random regions that the steps are the strongly connected components, each after what it reads.
func TestPlanOfAny(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 11))
		g := New(2)
		var nodes []Node
		for col := range int32(4) {
			for row := int32(0); row < 40; {
				a := cell.Area{Sheet: random.Int32N(2), R0: row, C0: col, R1: row + random.Int32N(1+random.Int32N(9)), C1: col}
				row = a.R1 + 1
				text := fmt.Sprintf("SUM(%s:%s)", cell.Address(random.Int32N(40), random.Int32N(6)), cell.Address(random.Int32N(40), random.Int32N(6)))
				if random.IntN(2) == 0 {
					text = fmt.Sprintf("%s+%s", cell.Address(random.Int32N(40), random.Int32N(6)), cell.Address(max(a.R0-1, 0), col))
				}
				n := Node{Area: a, Reads: refs(t, text, cell.Address(a.R0, a.C0)), Whole: random.IntN(20) == 0}
				if random.IntN(4) == 0 {
					n.Reads[0].First, n.Reads[0].Last = 0, 1
				}
				nodes = append(nodes, n)
			}
		}
		g.Load(nodes)
		d := g.NewDirty()
		for range 1 + random.IntN(30) {
			id := ID(random.IntN(len(nodes)))
			a := nodes[id].Area
			a.R0 += random.Int32N(a.R1 - a.R0 + 1)
			d.Node(id, a)
		}
		ids := d.IDs()
		reads := make([][]bool, len(nodes)) // also through others
		for i := range reads {
			reads[i] = make([]bool, len(nodes))
		}
		for _, id := range ids {
			for _, a := range d.Of(id) {
				for k := range nodes[id].Reads {
					r := &nodes[id].Reads[k]
					first, last := sheetsOf(r, a.Sheet)
					for _, m := range ids {
						other := d.Of(m)
						if nodes[m].Whole {
							other = []cell.Area{nodes[m].Area}
						}
						for _, b := range other {
							if first <= b.Sheet && b.Sheet <= last && footprint(r, a).meets(rectOf(b)) {
								reads[id][m] = true
							}
						}
					}
				}
			}
		}
		direct := make([][]bool, len(nodes))
		for i := range reads {
			direct[i] = slices.Clone(reads[i])
		}
		for _, k := range ids {
			for _, i := range ids {
				for _, j := range ids {
					reads[i][j] = reads[i][j] || reads[i][k] && reads[k][j]
				}
			}
		}
		stepOf := map[ID]int{}
		steps := d.Plan()
		for i, s := range steps {
			for _, id := range s.Nodes {
				if _, ok := stepOf[id]; ok {
					t.Fatalf("seed %d: node %d is planned twice", seed, id)
				}
				stepOf[id] = i
			}
			if free := len(s.Nodes) == 1 && !direct[s.Nodes[0]][s.Nodes[0]]; free != (s.Wave == Free) {
				t.Fatalf("seed %d: nodes %v are computed in wave %d", seed, s.Nodes, s.Wave)
			}
		}
		if len(stepOf) != len(ids) {
			t.Fatalf("seed %d: %d nodes are planned, of %d", seed, len(stepOf), len(ids))
		}
		for _, i := range ids {
			for _, j := range ids {
				if together := i == j || reads[i][j] && reads[j][i]; together != (stepOf[i] == stepOf[j]) {
					t.Fatalf("seed %d: nodes %d and %d are in steps %d and %d", seed, i, j, stepOf[i], stepOf[j])
				}
				if direct[i][j] && stepOf[j] > stepOf[i] {
					t.Fatalf("seed %d: node %d is computed before %d, which it reads", seed, i, j)
				}
			}
		}
	}
}

// single makes a graph of formulas in cells of their own.
func single(t *testing.T, n int, text func(row int) []string) *Graph {
	g := New(1)
	var nodes []Node
	for row := 1; row <= n; row++ {
		for col, text := range text(row) {
			a := cell.At(0, int32(row-1), int32(1+col))
			nodes = append(nodes, Node{Area: a, Reads: refs(t, text, cell.Address(a.R0, a.C0)), Formula: int32(len(nodes))})
		}
	}
	g.Load(nodes)
	return g
}

// TestWork holds that planning, and finding what an edit makes stale, are work in proportion to the formulas, however many others each of
// them reads.
func TestWork(t *testing.T) {
	for name, text := range map[string]func(n, row int) []string{
		"all of all":       func(n, row int) []string { return []string{"A1", fmt.Sprintf("SUM(B1:B%d)", n)} },
		"growing":          func(_, row int) []string { return []string{"A1", fmt.Sprintf("SUM(B1:B%d)", row)} },
		"growing itself":   func(_, row int) []string { return []string{fmt.Sprintf("A1+SUM(B1:B%d)", max(row-1, 1))} },
		"shrinking itself": func(n, row int) []string { return []string{fmt.Sprintf("A1+SUM(B%d:B%d)", row+1, n+1)} },
		"chain":            func(_, row int) []string { return []string{fmt.Sprintf("A%d+B%d", row, max(row-1, 1))} },
		"circle":           func(n, _ int) []string { return []string{fmt.Sprintf("A1+SUM(B1:B%d)", n)} },
	} {
		var plan, spreading [2]int
		for i, n := range []int{1000, 4000} {
			g := single(t, n, func(row int) []string { return text(n, row) })
			d := g.NewDirty()
			d.Changed(cell.At(0, 0, 0))
			spreading[i] = d.flush()
			if d.Len() < n-1 {
				t.Fatalf("%s: %d of %d nodes are dirty", name, d.Len(), g.Len())
			}
			p := newPlanner(d)
			p.plan()
			plan[i] = p.sheets[0].cells.work
		}
		// An index of four times as many has a level more. Edges one by one would be sixteen times as many.
		if plan[1] > 6*plan[0] || spreading[1] > 6*spreading[0] {
			t.Errorf("%s: planning takes %v visits and an edit %v for four times as many cells", name, plan, spreading)
		}
	}
}

// TestSpreadBehind holds that an edit near the end of columns that read each other row after row does not make all of them stale.
func TestSpreadBehind(t *testing.T) {
	const n, at = 100_000, 90_000
	g := New(1)
	g.Load([]Node{{Area: area("B2:B100000"), Reads: refs(t, "C1+A2", "B2")}, {Area: area("C2:C100000"), Reads: refs(t, "B2", "C2")}})
	d := g.NewDirty()
	d.Changed(cell.At(0, at, 0))
	ids := d.IDs()
	cells := int64(0)
	for _, id := range ids {
		for _, a := range d.Of(id) {
			cells += a.Cells()
		}
		if list := d.Of(id); len(list) != 1 || list[0].R0 < at || list[0].R1 != n-1 {
			t.Errorf("of node %d %v is dirty", id, list)
		}
	}
	if len(ids) != 2 || cells > 2*(n-at) {
		t.Errorf("%d cells of nodes %v are dirty", cells, ids)
	}
}
