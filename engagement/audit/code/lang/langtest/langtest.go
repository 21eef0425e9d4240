// Package langtest holds what the tests of all lowerings share: golden trees, hostile sources, and the
// invariants of a tree that its readers rely on.
package langtest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Lower turns one source into a tree.
type Lower func(context.Context, []byte) (*syntax.Tree, error)

var update = flag.Bool("update", false, "rewrite the golden trees")

// patience bounds one source. It is far above what a linear lowering takes on a busy machine and far
// below what a quadratic one takes on the hostile sources.
const patience = time.Minute

// Golden compares the tree of each file that matches pattern with the file of the same name and
// ".golden". A file whose name begins with "broken" must have errors, every other one none.
func Golden(t *testing.T, lower Lower, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden sources at %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := Tree(t, lower, string(src))
			if broken := strings.HasPrefix(strings.ToLower(filepath.Base(file)), "broken"); broken != (tree.Errors > 0) {
				t.Errorf("%d errors", tree.Errors)
			}
			Sound(t, tree, len(src))
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
				t.Errorf("the tree differs from %s; run with -update and read the difference:\n%s", golden, got)
			}
		})
	}
}

// Tree lowers a source that must be lowered.
func Tree(t testing.TB, lower Lower, src string) *syntax.Tree {
	t.Helper()
	tree, err := lower(t.Context(), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Hostile lowers sources that nest or repeat without end. It fails by a stack that overflows, by
// quadratic time, and by an unsound tree.
func Hostile(t *testing.T, lower Lower, sources map[string]string) {
	t.Helper()
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			tree, err := lower(ctx, []byte(src))
			if err != nil {
				t.Fatalf("%d bytes: %v", len(src), err)
			}
			t.Logf("%d bytes in %v: %d nodes, %d errors", len(src), time.Since(start), len(tree.Nodes), tree.Errors)
			Sound(t, tree, len(src))
		})
	}
}

// Cancelled fails when a lowering goes on after its context has ended.
func Cancelled(t *testing.T, lower Lower, src string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lower(ctx, []byte(src)); err == nil {
		t.Error("no error from a context that has ended")
	}
}

// Fuzz lowers arbitrary bytes, beginning with the files that match pattern and with seeds. A parser's
// recovery from errors can be slow, so a lowering may give up with an error when its context ends.
func Fuzz(f *testing.F, lower Lower, pattern string, seeds ...string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("no sources at %s: %v", pattern, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		tree, err := lower(ctx, src)
		if err != nil {
			return
		}
		Sound(t, tree, len(src))
		back, err := syntax.FromBinary(tree.AppendBinary(nil))
		if err != nil || !bytes.Equal(back.AppendBinary(nil), tree.AppendBinary(nil)) {
			t.Fatalf("the tree does not survive its binary form: %v", err)
		}
	})
}

// Sound fails when a tree of a source of size bytes breaks an invariant that readers rely on: parents
// stand before their children, no branch is deeper than the bound, and every span lies within the source.
func Sound(t testing.TB, tree *syntax.Tree, size int) {
	t.Helper()
	depth := make([]int, len(tree.Nodes))
	for i, n := range tree.Nodes {
		if i > 0 {
			if n.Parent < 0 || int(n.Parent) >= i {
				t.Fatalf("node %d has parent %d", i, n.Parent)
			}
			depth[i] = depth[n.Parent] + 1
		}
		if depth[i] > syntax.MaxDepth {
			t.Fatalf("node %d is %d deep", i, depth[i])
		}
		if n.Start > n.End || int(n.End) > size {
			t.Fatalf("node %d (%s) covers %d-%d of %d bytes", i, n.Kind, n.Start, n.End, size)
		}
	}
	tree.Root().Walk(func(syntax.Ref) bool { return true })
}
