//go:build cgo

package typescript

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

var entries = map[string]func(context.Context, []byte) (*syntax.Tree, error){
	".ts": Lower, ".tsx": LowerTSX, ".js": LowerJavaScript,
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*s*")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden sources", err)
	}
	for _, file := range files {
		lower := entries[filepath.Ext(file)]
		if lower == nil {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree, err := lower(context.Background(), src)
			if err != nil {
				t.Fatal(err)
			}
			if broken := strings.HasPrefix(filepath.Base(file), "broken"); broken != (tree.Errors > 0) {
				t.Errorf("Errors = %d", tree.Errors)
			}
			got := tree.Root().Dump()
			golden := file + ".golden"
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

// TestDeepNesting lowers sources that nest without end. The bound is generous: what it must catch is
// quadratic time and a stack that overflows.
func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	for name, piece := range map[string][2]string{
		"parentheses": {"(", ")"},
		"arrays":      {"[", "]"},
		"calls":       {"f(", ")"},
		"chain":       {"", ".a()"},
		"members":     {"a", ".a"},
		"non-null":    {"a", "!"},
		"not":         {"!", ""},
		"await":       {"await ", ""},
		"arrows":      {"x => ", ""},
		"blocks":      {"{", "}"},
		"else if":     {"if (a) {} else ", ""},
		"templates":   {"`${", "}`"},
		"classes":     {"class A { m() {", "}}"},
		"sum":         {"", " + 1"},
		"ternary":     {"a ? b : ", ""},
		"unclosed":    {"f({a: [", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := []byte(strings.Repeat(piece[0], depth) + "x" + strings.Repeat(piece[1], depth))
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			tree, err := Lower(ctx, src)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes in %v: %d nodes, %d errors", len(src), time.Since(start), len(tree.Nodes), tree.Errors)
			check(t, tree, len(src))
		})
	}
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

func fuzz(f *testing.F, lower func(context.Context, []byte) (*syntax.Tree, error)) {
	files, _ := filepath.Glob("testdata/*.*s*")
	for _, file := range files {
		if entries[filepath.Ext(file)] == nil {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, err := lower(context.Background(), src)
		if err != nil {
			t.Skip("the parser gave up: ", err)
		}
		check(t, tree, len(src))
	})
}

func FuzzLower(f *testing.F)           { fuzz(f, Lower) }
func FuzzLowerTSX(f *testing.F)        { fuzz(f, LowerTSX) }
func FuzzLowerJavaScript(f *testing.F) { fuzz(f, LowerJavaScript) }
