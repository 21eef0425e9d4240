//go:build cgo

package php

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestGolden(t *testing.T) { langtest.Golden(t, Lower, "testdata/*.php") }

func TestContextEnds(t *testing.T) { langtest.Cancelled(t, Lower, "<?php $x;") }

func FuzzLower(f *testing.F) {
	langtest.Fuzz(f, Lower, "testdata/*.php",
		"<?php enum A { const B = [1]; final public const C = 'x'; } (",
		"<?php <<<A\n{$x}\nA; \"$a[0]\"; use A\\{B as C};")
}

func lower(t testing.TB, src string) *syntax.Tree { return langtest.Tree(t, Lower, src) }

func TestStrings(t *testing.T) {
	tests := []struct{ src, want string }{
		{`'a\n\\ \''`, `a\n\ '`},
		{`"\x41\u{e9}\101\q\n\$a"`, "AéA\\q\n$a"},
		{`"a $x {$y->z} $a[0] ${q} $o->p"`, "a {} {} {} {} {}"},
		{"<<<A\n  x\n  {$y} z\n  A", "  x\n  {} z"},
		{"<<<'A'\n  $x\\n\n  A", `  $x\n`},
		{`""`, ""},
	}
	for _, tt := range tests {
		s := lower(t, "<?php "+tt.src+";\n").Root().Child(syntax.Stmt)
		if s.Kind() != syntax.String || s.Str() != tt.want {
			t.Errorf("%s = %v %q, want String %q", tt.src, s.Kind(), s.Str(), tt.want)
		}
	}
}

func TestEnumConstants(t *testing.T) {
	src := "<?php\nenum A: int {\n  case X = 1;\n  const\n    Y = self::X; // const Z = 1\n  private const ?int W = 2;\n  const M = ['a;' => 1,\n 'b'];\n  function f() {}\n}\nclass B { const C = 1; }\n"
	tree := lower(t, src)
	var got []string
	for n := range tree.Root().Descendants(syntax.Class, syntax.Field, syntax.Func) {
		got = append(got, n.Str())
	}
	if want := "A X Y W M f B C"; strings.Join(got, " ") != want || tree.Errors != 0 {
		t.Errorf("declared %v with %d errors, want %s", got, tree.Errors, want)
	}
}

func TestBrokenSourceKeepsTheRest(t *testing.T) {
	tree := lower(t, "<?php\nclass A {\n  function f( { }\n  function g() { return Order::where('x', 1)->get(); }\n}\n")
	if tree.Errors == 0 {
		t.Error("no error counted")
	}
	found := false
	for c := range tree.Root().Descendants(syntax.Call) {
		found = found || c.Str() == "where"
	}
	if !found {
		t.Errorf("the call behind the error is lost:\n%s", tree.Root().Dump())
	}
}

func TestDeepNesting(t *testing.T) {
	const n = 100_000
	shapes := map[string]string{
		"parentheses": "(" + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + ");",
		"arrays":      strings.Repeat("[", n) + "1" + strings.Repeat("]", n) + ";",
		"concat":      "$x = 'a'" + strings.Repeat(" . 'a'", n) + ";",
		"calls":       "$x" + strings.Repeat("->f()", n) + ";",
		"not":         strings.Repeat("!", n) + "$x;",
		"elseif":      "if ($a) b(); " + strings.Repeat("elseif ($a) b(); ", n),
		"else if":     strings.Repeat("if ($a) b(); else ", n) + "c();",
		"blocks":      strings.Repeat("{", n) + strings.Repeat("}", n),
		"echo":        "echo 1" + strings.Repeat(", 1", n) + ";",
		"fn":          "$x = " + strings.Repeat("fn() => ", n) + "1;",
		"string":      `"` + strings.Repeat("$x ", n) + `";`,
		"unclosed":    strings.Repeat("f(", n),
	}
	for name, src := range shapes {
		shapes[name] = "<?php " + src + "\n"
	}
	langtest.Hostile(t, Lower, shapes)
}

func TestInvalidBytes(t *testing.T) {
	for _, src := range []string{"", "\xef\xbb\xbf<?php $x = 1;\n", "\xff\xfe\x00", "<?php $x = '\xff';\r\n", "<?php function\x00f() {", "<?=", "no php"} {
		lower(t, src).Root().Dump()
	}
}
