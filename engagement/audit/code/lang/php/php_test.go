//go:build cgo

package php

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
	files, err := filepath.Glob("testdata/*.php")
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
			if tree.Errors > 0 {
				t.Errorf("%d error nodes in valid source", tree.Errors)
			}
			got := tree.Root().Dump()
			golden := strings.TrimSuffix(file, ".php") + ".tree"
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
				t.Errorf("tree differs from %s (run with -update and read the diff)\n%s", golden, got)
			}
		})
	}
}

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

// TestDeepNesting fails by stack overflow or by taking quadratic time.
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
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			tree, err := Lower(ctx, []byte("<?php "+src+"\n"))
			t.Logf("%s in %v", name, time.Since(start))
			if err != nil {
				t.Fatal(err)
			}
			tree.Root().Walk(func(syntax.Ref) bool { return true })
		})
	}
}

func TestInvalidBytes(t *testing.T) {
	for _, src := range []string{"", "\xef\xbb\xbf<?php $x = 1;\n", "\xff\xfe\x00", "<?php $x = '\xff';\r\n", "<?php function\x00f() {", "<?=", "no php"} {
		lower(t, src).Root().Dump()
	}
}

func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.php")
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(src)
		}
	}
	f.Add([]byte("<?php enum A { const B = [1]; final public const C = 'x'; } ("))
	f.Add([]byte("<?php <<<A\n{$x}\nA; \"$a[0]\"; use A\\{B as C};"))
	f.Fuzz(func(t *testing.T, src []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		tree, err := Lower(ctx, src)
		if err != nil {
			return // the parser's recovery from errors can be slow; it ends with the context
		}
		tree.Root().Dump()
		for i := range tree.Nodes {
			if n := &tree.Nodes[i]; n.Start > n.End || int(n.End) > len(src) {
				t.Fatalf("node %d spans %d-%d of %d bytes", i, n.Start, n.End, len(src))
			}
		}
		back, err := syntax.FromBinary(tree.AppendBinary(nil))
		if err != nil || !bytes.Equal(back.AppendBinary(nil), tree.AppendBinary(nil)) {
			t.Fatalf("the tree does not survive its binary form: %v", err)
		}
	})
}
