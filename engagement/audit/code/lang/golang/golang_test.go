package golang

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.go.src")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden sources", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree, err := Lower(context.Background(), src)
			if err != nil {
				t.Fatal(err)
			}
			if broken := strings.HasPrefix(filepath.Base(file), "broken"); broken != (tree.Errors > 0) {
				t.Errorf("Errors = %d", tree.Errors)
			}
			got := tree.Root().Dump()
			golden := strings.TrimSuffix(file, ".src") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s; see what -update changes in it", golden)
			}
		})
	}
}

// TestDeepNesting lowers sources that nest without end. What it must catch is quadratic time and a
// stack that overflows.
func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	for name, piece := range map[string][2]string{
		"parentheses": {"(", ")"},
		"calls":       {"f(", ")"},
		"chain":       {"", ".a()"},
		"members":     {"a.", ""},
		"not":         {"!", ""},
		"pointers":    {"*", ""},
		"sum":         {"", " + 1"},
		"slices":      {"[]", "{}"},
		"channels":    {"chan ", ""},
		"literals":    {"[]T{", "}"},
		"functions":   {"func() { ", " }()"},
		"unclosed":    {"f([]T{", ""},
	} {
		t.Run(name, func(t *testing.T) {
			deep(t, "package p\nfunc f() {\n_ = "+strings.Repeat(piece[0], depth)+"x"+strings.Repeat(piece[1], depth)+"\n}\n")
		})
	}
	for name, piece := range map[string][2]string{
		"blocks":  {"{", "}"},
		"else if": {"if a {} else ", ""},
		"loops":   {"for {\n", "}\n"},
		"labels":  {"a: ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			deep(t, "package p\nfunc f() {\n"+strings.Repeat(piece[0], depth)+"{ f() }\n"+strings.Repeat(piece[1], depth)+"\n}\n")
		})
	}
}

func deep(t *testing.T, src string) {
	start := time.Now()
	tree, err := Lower(context.Background(), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	d := time.Since(start)
	t.Logf("%d bytes in %v: %d nodes, %d errors", len(src), d, len(tree.Nodes), tree.Errors)
	if d > 30*time.Second {
		t.Errorf("took %v", d)
	}
	check(t, tree, len(src))
}

// check fails when a tree breaks an invariant that readers rely on.
func check(t *testing.T, tree *syntax.Tree, size int) {
	t.Helper()
	depth := make([]int, len(tree.Nodes))
	for i, n := range tree.Nodes {
		if i > 0 {
			if n.Parent < 0 || int(n.Parent) >= i {
				t.Fatalf("node %d has parent %d", i, n.Parent)
			}
			depth[i] = depth[n.Parent] + 1
			if n.Role == syntax.RoleNone {
				t.Fatalf("node %d (%s) has no role", i, n.Kind)
			}
		}
		if depth[i] > syntax.MaxDepth {
			t.Fatalf("node %d is %d deep", i, depth[i])
		}
		if n.Start > n.End || int(n.End) > size {
			t.Fatalf("node %d (%s) covers %d-%d of %d bytes", i, n.Kind, n.Start, n.End, size)
		}
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Lower(ctx, []byte("package p")); err == nil {
		t.Error("no error from a cancelled context")
	}
}

func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.go.src")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, err := Lower(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		check(t, tree, len(src))
	})
}
