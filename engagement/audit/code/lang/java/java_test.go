//go:build cgo

package java

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestGolden(t *testing.T) { langtest.Golden(t, Lower, "testdata/*.java") }

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "class A {}") }

func FuzzLower(f *testing.F) { langtest.Fuzz(f, Lower, "testdata/*.java") }

func TestStrings(t *testing.T) {
	for _, tc := range []struct{ source, want string }{
		{`""`, ""},
		{`"a\tb\\n\"q\""`, "a\tb\\n\"q\""},
		{`"\u00e9\uuu0041\101\60x\0"`, "éAA0x\x00"},
		{`'\n'`, "\n"},
		{"\"\"\"\n      SELECT *\n        FROM x\n      \"\"\"", "SELECT *\n  FROM x\n"},
		{"\"\"\"\n    a  \n\n    b\\\n    c\"\"\"", "a\n\nbc"},
	} {
		tree := langtest.Tree(t, Lower, "class A { Object s = "+tc.source+"; }")
		var got []string
		for s := range tree.Root().Descendants(syntax.String) {
			got = append(got, s.Str())
		}
		if len(got) != 1 || got[0] != tc.want {
			t.Errorf("%s = %q, want %q", tc.source, got, tc.want)
		}
	}
}

func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	sources := map[string]string{}
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
		sources[name] = "class A { void m() { y = " + strings.Repeat(piece[0], depth) + "x" + strings.Repeat(piece[1], depth) + "; } }"
	}
	for name, piece := range map[string][2]string{
		"blocks":  {"{", "}"},
		"else if": {"if (a) {} else ", ""},
		"classes": {"class A { void m() {", "}}"},
	} {
		sources[name] = "class A { void m() { " + strings.Repeat(piece[0], depth) + "f();" + strings.Repeat(piece[1], depth) + " } }"
	}
	langtest.Hostile(t, Lower, sources)
}
