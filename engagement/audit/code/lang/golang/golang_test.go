package golang

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
)

func TestGolden(t *testing.T) { langtest.Golden(t, Lower, "testdata/*.go.src") }

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "package p") }

func FuzzLower(f *testing.F) { langtest.Fuzz(f, Lower, "testdata/*.go.src") }

func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	sources := map[string]string{}
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
		sources[name] = "package p\nfunc f() {\n_ = " + strings.Repeat(piece[0], depth) + "x" + strings.Repeat(piece[1], depth) + "\n}\n"
	}
	for name, piece := range map[string][2]string{
		"blocks":  {"{", "}"},
		"else if": {"if a {} else ", ""},
		"loops":   {"for {\n", "}\n"},
		"labels":  {"a: ", ""},
	} {
		sources[name] = "package p\nfunc f() {\n" + strings.Repeat(piece[0], depth) + "{ f() }\n" + strings.Repeat(piece[1], depth) + "\n}\n"
	}
	langtest.Hostile(t, Lower, sources)
}
