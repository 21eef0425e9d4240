package graph

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// TestTree holds that the tree finds what a list finds, whatever was packed, inserted and removed.
func TestTree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func() rect {
		r, c := random.Int32N(1000), random.Int32N(50)
		return rect{r, c, r + random.Int32N(1+random.Int32N(400)), c + random.Int32N(4)}
	}
	list := map[int32]rect{}
	var packed []entry
	for i := range int32(300) {
		list[i] = some()
		packed = append(packed, entry{list[i], i})
	}
	tree := pack(packed)
	next := int32(300)
	for range 3000 {
		switch random.IntN(3) {
		case 0:
			list[next] = some()
			tree.insert(list[next], next)
			next++
		case 1:
			for id, at := range list {
				if !tree.remove(at, id) {
					t.Fatalf("%v is not found to be removed", at)
				}
				delete(list, id)
				break
			}
		}
		q := some()
		var got, want []int32
		tree.find(q, func(id int32) bool { got = append(got, id); return true })
		for id, at := range list {
			if at.meets(q) {
				want = append(want, id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%v meets %v, want %v", q, got, want)
		}
	}
}

// refs reads the references of a formula in a cell.
func refs(t *testing.T, text string, at string) []eval.Ref {
	t.Helper()
	row, col, _ := cell.ParseAddress(at)
	e, err := formula.Parse(text, row, col)
	if err != nil {
		t.Fatal(err)
	}
	var out []eval.Ref
	formula.Walk(e, func(e formula.Expr) bool {
		if r, ok := e.(*formula.Ref); ok {
			out = append(out, eval.Ref{First: -1, Last: -1, R0: r.R0, C0: r.C0, R1: r.R1, C1: r.C1})
		}
		return true
	})
	return out
}

func area(s string) cell.Area {
	e, err := formula.Parse(s, 0, 0)
	if err != nil {
		panic(err)
	}
	r := e.(*formula.Ref)
	return cell.Area{R0: r.R0.At(0), C0: r.C0.At(0), R1: r.R1.At(0), C1: r.C1.At(0)}
}

// TestReaders holds that the cells which read a change are found for each pattern of references.
func TestReaders(t *testing.T) {
	for _, c := range []struct{ formula, over, changed, want string }{
		{"A1", "B1:B100", "A7", "B7"},
		{"A1", "B1:B100", "A7:A9", "B7:B9"},
		{"A1:A3", "B1:B100", "A7", "B5:B7"},
		{"$A$1:A1", "B1:B100", "A7", "B7:B100"},
		{"A1:$A$100", "B1:B100", "A7", "B1:B7"},
		{"$A$1:$A$100", "B1:B100", "A7", "B1:B100"},
		{"$A$1", "B1:B100", "A2", ""},
		{"A:A", "B1:B100", "A5", "B1:B100"},
		{"A$1", "B2:D100", "C1", "D2:D100"},
		{"$A2", "B2:D100", "A7", "B7:D7"},
		{"A2", "B2:D100", "B7:B8", "C7:D8"}, // it reads its left neighbour: what follows is in it
		{"B1", "B2:B100", "B50", "B51:B100"},
		{"$A$3:A1", "B1:B10", "A2", "B1:B2"},
	} {
		first := area(c.over)
		n := &Node{Area: first, Reads: refs(t, c.formula, cell.Address(first.R0, first.C0))}
		got := ""
		if a, ok := readers(&n.Reads[0], n, area(c.changed)); ok {
			got = a.String()
		}
		if got != c.want {
			t.Errorf("of %s with =%s, a change of %s is read by %q, want %q", c.over, c.formula, c.changed, got, c.want)
		}
	}
}

// TestPlan holds the order in which regions are computed, and how.
func TestPlan(t *testing.T) {
	type region struct{ over, formula string }
	for name, c := range map[string]struct {
		regions []region
		want    []Wave
	}{
		"in order":           {[]region{{"C1:C9", "B1"}, {"B1:B9", "A1"}}, []Wave{Free, Free}},
		"down":               {[]region{{"B2:B9", "B1+A2"}}, []Wave{Down}},
		"up":                 {[]region{{"B1:B9", "B2"}}, []Wave{Up}},
		"right":              {[]region{{"B1:J1", "A1"}, {"B2:J2", "A1+B1"}}, []Wave{Down, Free}},
		"to the right":       {[]region{{"B1:J1", "A2"}, {"B2:J2", "A1+B1"}}, []Wave{Right}},
		"left neighbours":    {[]region{{"B1:J9", "A1"}}, []Wave{Down}}, // any row by itself, from the left
		"two that alternate": {[]region{{"B2:B9", "C1"}, {"C2:C9", "B2"}}, []Wave{Down}},
		"prefix of itself":   {[]region{{"B2:B9", "SUM(B$1:B1)"}}, []Wave{Down}},
		"no circle":          {[]region{{"B1:B4", "C5"}, {"C1:C9", "B9"}}, []Wave{Free, Free}},
		"crossing":           {[]region{{"B4:B40", "C5"}, {"C4:C40", "B1"}}, []Wave{Tangled}},
		"a real circle":      {[]region{{"B1", "C1"}, {"C1", "B1"}}, []Wave{Tangled}},
	} {
		g := New(1)
		var nodes []Node
		for _, r := range c.regions {
			a := area(r.over)
			nodes = append(nodes, Node{Area: a, Reads: refs(t, r.formula, cell.Address(a.R0, a.C0))})
		}
		g.Load(nodes)
		d := g.NewDirty()
		d.All()
		var got []Wave
		for _, s := range d.Plan() {
			got = append(got, s.Wave)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: waves %v, want %v", name, got, c.want)
		}
	}
}
