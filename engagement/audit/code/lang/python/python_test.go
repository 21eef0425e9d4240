//go:build cgo

package python

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestGolden(t *testing.T) { langtest.Golden(t, Lower, "testdata/*.py") }

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "x = 1\n") }

func FuzzLower(f *testing.F) {
	langtest.Fuzz(f, Lower, "testdata/*.py", "f'{x:{y}}' 'a'\nif a: b\nelif c: d")
}

func lower(t testing.TB, src string) *syntax.Tree { return langtest.Tree(t, Lower, src) }

func TestStrings(t *testing.T) {
	tests := []struct{ src, want string }{
		{`'a'`, "a"},
		{`"a" 'b' """c"""`, "abc"},
		{`r"\d+\n"`, `\d+\n`},
		{`"\x41\u00e9\U0001F600\101\q\n"`, "Aé😀A\\q\n"},
		{`f"{{x}} {y!r:>{w}} {z}"`, "{x} {} {}"},
		{`rb'\0'`, `\0`},
		{"\"a\\\nb\"", "ab"},
		{`"\x4"`, `\x4`},
		{`"{}"`, "{}"},
		{`''`, ""},
	}
	for _, tt := range tests {
		s := lower(t, tt.src+"\n").Root().Child(syntax.Stmt)
		if s.Kind() != syntax.String || s.Str() != tt.want {
			t.Errorf("%s = %v %q, want String %q", tt.src, s.Kind(), s.Str(), tt.want)
		}
	}
}

func TestBrokenSourceKeepsTheRest(t *testing.T) {
	tree := lower(t, "def f(:\n    pass\n\nclass A:\n    def g(self):\n        return self.items.filter(x=1)\n")
	if tree.Errors == 0 {
		t.Error("no error counted")
	}
	found := false
	for c := range tree.Root().Descendants(syntax.Call) {
		found = found || c.Str() == "filter"
	}
	if !found {
		t.Errorf("the call behind the error is lost:\n%s", tree.Root().Dump())
	}
}

func TestDeepNesting(t *testing.T) {
	const n = 100_000
	shapes := map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"lists":       strings.Repeat("[", n) + "1" + strings.Repeat("]", n),
		"sum":         "x = 1" + strings.Repeat(" + 1", n),
		"calls":       "x" + strings.Repeat(".f()", n),
		"not":         strings.Repeat("not ", n) + "x",
		"comparison":  "a" + strings.Repeat(" < a", n),
		"elif":        "if a:\n  b\n" + strings.Repeat("elif a:\n  b\n", n),
		"string":      strings.Repeat("'a' ", n),
		"lambda":      "x = " + strings.Repeat("lambda: ", n) + "1",
		"unclosed":    strings.Repeat("f(", n),
	}
	for name, src := range shapes {
		shapes[name] = src + "\n"
	}
	langtest.Hostile(t, Lower, shapes)
}

func TestInvalidBytes(t *testing.T) {
	for _, src := range []string{"", "\xef\xbb\xbfx = 1\n", "\xff\xfe\x00", "x = '\xff'\r\n", "def\x00f():\r\n\tpass"} {
		lower(t, src).Root().Dump()
	}
}
