//go:build cgo

package ruby

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestGolden(t *testing.T) { langtest.Golden(t, Lower, "testdata/*.rb") }

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "a") }

func FuzzLower(f *testing.F) { langtest.Fuzz(f, Lower, "testdata/*.rb") }

func lower(t testing.TB, src string) *syntax.Tree { return langtest.Tree(t, Lower, src) }

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

func TestDeepNesting(t *testing.T) {
	const n = 100_000
	langtest.Hostile(t, Lower, map[string]string{
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
