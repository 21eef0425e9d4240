//go:build cgo

package treesitter

import (
	"bytes"
	"context"
	"testing"

	"github.com/smacker/go-tree-sitter/ruby"
)

// TestLayout fails when the binding's node no longer begins with the C node, or when the declared C
// structures no longer match the library's.
func TestLayout(t *testing.T) {
	l := NewLanguage("ruby", ruby.GetLanguage())
	src := []byte("class A\n  def b(x)\n    x.each { |y| y.c }\n  end\nend\n")
	tree, err := l.Parse(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	root := tree.Root()
	if root.Kind() != "program" || root.Start() != 0 || int(root.End()) != len(src) {
		t.Fatalf("root = %s %d-%d", root.Kind(), root.Start(), root.End())
	}
	class := root.FirstOf("class")
	if got := class.Child("name").Text(); got != "A" {
		t.Errorf("class name = %q, want A", got)
	}
	if n, _ := tree.Errors(); n != 0 {
		t.Errorf("errors = %d, want 0", n)
	}
	method := class.Child("body")
	if !method.Ok() {
		method = class
	}
	if got := method.FirstOf("method").Child("name").Text(); got != "b" {
		t.Errorf("method name = %q, want b", got)
	}
	if class.Parent() != root {
		t.Error("parent of the class is not the root")
	}
}

func TestErrorsAreCounted(t *testing.T) {
	l := NewLanguage("ruby", ruby.GetLanguage())
	tree, err := l.Parse(context.Background(), []byte("class A\n def ((( \n"))
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := tree.Errors(); n == 0 {
		t.Error("broken source has no error node")
	}
}

func BenchmarkParseAndFlatten(b *testing.B) {
	l := NewLanguage("ruby", ruby.GetLanguage())
	src := bytes.Repeat([]byte("class A\n  def b(x)\n    x.where(a: 1).includes(:c).each { |y| y.c }\n  end\nend\n"), 2000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := l.Parse(context.Background(), src); err != nil {
			b.Fatal(err)
		}
	}
}
