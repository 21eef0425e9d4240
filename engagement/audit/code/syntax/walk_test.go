package syntax_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestWordsIn(t *testing.T) {
	w := syntax.NewWords("lock_timeout", "reshape", "_x")
	for text, want := range map[string]bool{
		"":                          false,
		"SET LOCK_TIMEOUT = '2s'":   true,
		"lock_timeout":              true,
		"lock_timeou":               false,
		"a reshap":                  false,
		"aReShApe":                  true,
		"lock-timeout":              false,
		"A_X":                       true,
		"größe, Lock_timeout, mehr": true,
	} {
		if got := w.In(text); got != want {
			t.Errorf("In(%q) = %v, want %v", text, got, want)
		}
	}
}

func tree() *syntax.Tree {
	b := syntax.NewBuilder("test", []byte("0123456789\n"))
	for range 60 {
		b.Open(syntax.Func, syntax.Stmt, 0, 9)
		b.SetStr(b.Open(syntax.Call, syntax.Stmt, 1, 8), "f")
		b.Leaf(syntax.Name, syntax.Receiver, "a", 1, 2)
		b.Leaf(syntax.String, syntax.Arg, "b", 3, 4)
		b.Close()
		b.Leaf(syntax.Call, syntax.Stmt, "g", 5, 6)
		b.Close()
	}
	return b.Finish()
}

// TestDescendantsAreThoseOfAWalk holds the look-up by kind against a walk, from every node.
func TestDescendantsAreThoseOfAWalk(t *testing.T) {
	tr := tree()
	for _, kinds := range [][]syntax.Kind{{syntax.Call}, {syntax.String, syntax.Call}, {syntax.Func, syntax.Name, syntax.Func}, {syntax.Lambda}, {}} {
		for id := range tr.Nodes {
			var want, got []syntax.NodeID
			tr.At(syntax.NodeID(id)).Walk(func(n syntax.Ref) bool {
				if n.Is(kinds...) {
					want = append(want, n.ID)
				}
				return true
			})
			for n := range tr.At(syntax.NodeID(id)).Descendants(kinds...) {
				got = append(got, n.ID)
			}
			if len(got) != len(want) {
				t.Fatalf("%v below %d: %d nodes, want %d", kinds, id, len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%v below %d: node %d is %d, want %d", kinds, id, i, got[i], want[i])
				}
			}
		}
	}
}

func TestHolds(t *testing.T) {
	tr := tree()
	for s, want := range map[string]bool{"": true, "a": true, "f": true, "c": false, "aa": false} {
		if got := tr.Holds(s); got != want {
			t.Errorf("Holds(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestWalkPassesByWhatItIsToldTo(t *testing.T) {
	seen := map[syntax.Kind]int{}
	tree().Root().Walk(func(n syntax.Ref) bool {
		seen[n.Kind()]++
		return n.Kind() != syntax.Call
	})
	if seen[syntax.Name] != 0 || seen[syntax.Call] != 120 || seen[syntax.Func] != 60 {
		t.Errorf("seen = %v", seen)
	}
}

func TestDamagedOrderIsRefused(t *testing.T) {
	for name, damage := range map[string]func(*syntax.Tree){
		"a child of a later node":  func(t *syntax.Tree) { t.Nodes[5].Parent = 2 },
		"a sibling left out":       func(t *syntax.Tree) { t.Nodes[3].Next = 5 },
		"a first child far behind": func(t *syntax.Tree) { t.Nodes[1].First = 4 },
		"a link to itself":         func(t *syntax.Tree) { t.Nodes[4].Next = 4 },
		"a link too many":          func(t *syntax.Tree) { t.Nodes[4].First = 5 },
	} {
		tr := tree()
		if _, err := syntax.FromBinary(tr.AppendBinary(nil)); err != nil {
			t.Fatalf("a sound tree: %v", err)
		}
		damage(tr)
		if _, err := syntax.FromBinary(tr.AppendBinary(nil)); err == nil {
			t.Errorf("%s: the tree was taken", name)
		}
	}
}
