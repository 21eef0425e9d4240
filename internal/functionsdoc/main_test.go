package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/fn"
)

// TestPageIsCurrent fails when a function changed and docs/functions.md was not written anew.
func TestPageIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Page()) {
		t.Error("docs/functions.md is out of date; run `make docs`")
	}
}

// TestFunctionsAreWhole fails for a function whose row would leave its reader without an answer, and for one that the page
// says is missing.
func TestFunctionsAreWhole(t *testing.T) {
	if len(fn.All()) < 480 {
		t.Errorf("there are %d functions", len(fn.All()))
	}
	for _, f := range fn.All() {
		if f.Doc == "" || f.Category == "" {
			t.Errorf("%s: documentation %q, category %q", f.Name, f.Doc, f.Category)
		}
	}
	for _, m := range missing {
		for _, name := range strings.Fields(m.names) {
			if fn.Lookup(name) != nil {
				t.Errorf("%s is there, and listed as missing", name)
			}
		}
	}
}

func TestArguments(t *testing.T) {
	for takes, want := range map[string]string{
		"":              "",
		"n n?":          "number, [number]",
		"a ...":         "values ...",
		"n r ...":       "number, reference ...",
		"(r v) ...":     "(reference, value) ...",
		"r (r v)? ...":  "reference, (reference, value) ...",
		"t b? f A? v t": "text, [condition], function, [values], value, text",
	} {
		if got := arguments(takes); got != want {
			t.Errorf("%q is shown as %q, want %q", takes, got, want)
		}
	}
}
