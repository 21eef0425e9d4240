//go:build cgo

package java

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
	files, err := filepath.Glob("testdata/*.java")
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
			if broken := strings.HasPrefix(filepath.Base(file), "Broken"); broken != (tree.Errors > 0) {
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

func TestStrings(t *testing.T) {
	for _, tc := range []struct{ source, want string }{
		{`""`, ""},
		{`"a\tb\\n\"q\""`, "a\tb\\n\"q\""},
		{`"\u00e9\uuu0041\101\60x\0"`, "éAA0x\x00"},
		{`'\n'`, "\n"},
		{"\"\"\"\n      SELECT *\n        FROM x\n      \"\"\"", "SELECT *\n  FROM x\n"},
		{"\"\"\"\n    a  \n\n    b\\\n    c\"\"\"", "a\n\nbc"},
	} {
		tree, err := Lower(context.Background(), []byte("class A { Object s = "+tc.source+"; }"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for s := range tree.Root().Descendants(syntax.String) {
			got = append(got, s.Str())
		}
		if len(got) != 1 || got[0] != tc.want {
			t.Errorf("%s = %q, want %q", tc.source, got, tc.want)
		}
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
		"casts":       {"(A) ", ""},
		"lambdas":     {"x -> ", ""},
		"sum":         {"", " + 1"},
		"ternary":     {"a ? b : ", ""},
		"unclosed":    {"f(new int[]{", ""},
	} {
		t.Run(name, func(t *testing.T) {
			deep(t, "class A { void m() { y = "+strings.Repeat(piece[0], depth)+"x"+strings.Repeat(piece[1], depth)+"; } }")
		})
	}
	for name, piece := range map[string][2]string{
		"blocks":  {"{", "}"},
		"else if": {"if (a) {} else ", ""},
		"classes": {"class A { void m() {", "}}"},
	} {
		t.Run(name, func(t *testing.T) {
			deep(t, "class A { void m() { "+strings.Repeat(piece[0], depth)+"f();"+strings.Repeat(piece[1], depth)+" } }")
		})
	}
}

func deep(t *testing.T, src string) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tree, err := Lower(ctx, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %v: %d nodes, %d errors", len(src), time.Since(start), len(tree.Nodes), tree.Errors)
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

func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.java")
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
			t.Skip("the parser gave up: ", err)
		}
		check(t, tree, len(src))
	})
}
