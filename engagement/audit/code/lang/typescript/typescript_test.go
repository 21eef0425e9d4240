//go:build cgo

package typescript

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
)

func TestGolden(t *testing.T) {
	langtest.Golden(t, Lower, "testdata/*.ts")
	langtest.Golden(t, LowerTSX, "testdata/*.tsx")
	langtest.Golden(t, LowerJavaScript, "testdata/*.js")
}

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "a") }

func FuzzLower(f *testing.F)           { langtest.Fuzz(f, Lower, "testdata/*.ts") }
func FuzzLowerTSX(f *testing.F)        { langtest.Fuzz(f, LowerTSX, "testdata/*.tsx") }
func FuzzLowerJavaScript(f *testing.F) { langtest.Fuzz(f, LowerJavaScript, "testdata/*.js") }

func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	sources := map[string]string{}
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
		sources[name] = strings.Repeat(piece[0], depth) + "x" + strings.Repeat(piece[1], depth)
	}
	langtest.Hostile(t, Lower, sources)
}
