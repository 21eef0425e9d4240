//go:build cgo

package ruby

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

func lower(t testing.TB, src string) *syntax.Tree {
	t.Helper()
	tree, err := Lower(context.Background(), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.rb")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := lower(t, string(src))
			if broken := strings.Contains(file, "broken"); broken != (tree.Errors > 0) {
				t.Errorf("errors = %d", tree.Errors)
			}
			got := tree.Root().Dump()
			golden := strings.TrimSuffix(file, ".rb") + ".golden"
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
				t.Errorf("%s differs from %s; run with -update and read the diff:\n%s", file, golden, got)
			}
		})
	}
}

func TestStrings(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"double quoted", `"a\n\tb\\ \"q\""`, "a\n\tb\\ \"q\""},
		{"single quoted", `'a\nb \'q\' \\'`, `a\nb 'q' \`},
		{"unicode", `"\u00e9\u{41}\u{1F600}"`, "éA😀"},
		{"octal and hexadecimal", `"\x41\101"`, "AA"},
		{"interpolated", `"a#{x}b#{y}"`, "a{}b{}"},
		{"instance variable", `"a#@x"`, "a{}"},
		{"adjacent", `"a" 'b' "c"`, "abc"},
		{"percent q", `%q(a (b) c)`, "a (b) c"},
		{"percent", `%(a #{b})`, "a {}"},
		{"empty", `""`, ""},
		{"symbol", `:"a b"`, "a b"},
		{"heredoc", "<<A\n  x\n y\nA\n", "  x\n y\n"},
		{"squiggly", "<<~A\n    x\n\n      y\n  A\n", "x\n\n  y\n"},
		{"squiggly raw", "<<~'A'\n  x \\n #{y}\nA\n", "x \\n #{y}\n"},
		{"squiggly interpolation at the margin", "<<~A\n    x\n  #{y} z\nA\n", "  x\n{} z\n"},
		{"empty heredoc", "<<~A\nA\n", ""},
		{"heredoc without end", "<<~A\n  x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for s := range lower(t, tt.src).Root().Descendants(syntax.String) {
				if s.Str() != tt.want {
					t.Errorf("text = %q, want %q", s.Str(), tt.want)
				}
				return
			}
			if tt.want != "" {
				t.Error("no string")
			}
		})
	}
}

func TestHeredocStandsAtItsBody(t *testing.T) {
	tree := lower(t, "a\nrun(<<~SQL, 1)\n  SELECT 1\nSQL\n")
	for s := range tree.Root().Descendants(syntax.String) {
		if s.Line() != 3 {
			t.Errorf("line = %d, want 3", s.Line())
		}
	}
}

func TestFragmentPlacesItsPieces(t *testing.T) {
	file := "xx\n<a b>\n"
	tree, err := LowerFragment(context.Background(), Fragment{
		Lang: "x", File: []byte(file), Code: []byte("foo(a); b"),
		Map:     []Segment{{Code: 0, File: 4}, {Code: 4, File: 4, Len: 1}, {Code: 5, File: 5}, {Code: 8, File: 6, Len: 1}},
		Outputs: []Span{{8, 9}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]syntax.Ref{}
	for c := range tree.Root().Descendants(syntax.Call) {
		got[c.Str()] = c
	}
	for name, at := range map[string]uint32{"foo": 4, "a": 4, "b": 6} {
		if got[name].Start() != at {
			t.Errorf("%s stands at %d, want %d", name, got[name].Start(), at)
		}
	}
	if !got["b"].Has(syntax.FlagOutput) || got["foo"].Has(syntax.FlagOutput) {
		t.Error("only b is printed")
	}
}

// TestDeepNesting bounds both the stack and the time of hostile sources.
func TestDeepNesting(t *testing.T) {
	const n = 100_000
	for name, src := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"arrays":      strings.Repeat("[", n) + strings.Repeat("]", n),
		"chain":       "a" + strings.Repeat(".b", n),
		"sum":         "a" + strings.Repeat(" + a", n),
		"blocks":      strings.Repeat("a {", n) + strings.Repeat("}", n),
		"it":          strings.Repeat("a { [", n/4) + "it" + strings.Repeat("] }", n/4),
		"negations":   strings.Repeat("!", n) + "a",
		"assignments": strings.Repeat("a = ", n) + "1",
		"targets":     strings.Repeat("(", n) + "a, b" + strings.Repeat(")", n) + " = 1",
		"if":          strings.Repeat("if a\n", n/4) + strings.Repeat("end\n", n/4),
		"elsif":       "if a\n" + strings.Repeat("elsif b\n", n/4) + "end\n",
		"constants":   "A" + strings.Repeat("::B", n),
		"classes":     strings.Repeat("class A\n", n/4) + strings.Repeat("end\n", n/4),
		"unclosed":    strings.Repeat("foo(", n/4),
		"statements":  strings.Repeat("a = b\n", n),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			tree := lower(t, src)
			if len(tree.Nodes) == 0 {
				t.Error("no tree")
			}
			t.Logf("%d nodes, %d errors, %v", len(tree.Nodes), tree.Errors, time.Since(start))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Lower(ctx, []byte("a")); err == nil {
		t.Error("no error from a context that has ended")
	}
}

func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.rb")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		tree, err := Lower(ctx, src)
		if err != nil {
			return // the parser's recovery from errors can be slow; it must end with the context
		}
		for _, n := range tree.Nodes {
			if n.Start > n.End || int(n.End) > len(src) {
				t.Fatalf("%v at %d-%d of %d bytes", n.Kind, n.Start, n.End, len(src))
			}
		}
	})
}

func BenchmarkLower(b *testing.B) {
	src, err := os.ReadFile("testdata/model.rb")
	if err != nil {
		b.Fatal(err)
	}
	for _, mode := range []string{"parse", "lower"} {
		b.Run(mode, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if mode == "parse" {
					_, err = language().Parse(context.Background(), src)
				} else {
					_, err = Lower(context.Background(), src)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
