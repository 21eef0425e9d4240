//go:build cgo

package template

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

var updateRuby = flag.Bool("update-ruby", false, "rewrite the golden files of ERB, HAML and Slim")

var rubyTemplates = map[string]func(context.Context, []byte) (*syntax.Tree, error){"erb": ERB, "haml": HAML, "slim": Slim}

func TestRubyTemplatesGolden(t *testing.T) {
	for name, lower := range rubyTemplates {
		files, err := filepath.Glob("testdata/*." + name)
		if err != nil || len(files) == 0 {
			t.Fatalf("no testdata for %s: %v", name, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				src, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				tree, err := lower(context.Background(), src)
				if err != nil {
					t.Fatal(err)
				}
				if tree.Errors != 0 || tree.Lang != name {
					t.Errorf("errors = %d, language %s", tree.Errors, tree.Lang)
				}
				got, golden := tree.Root().Dump(), file+".golden"
				if *updateRuby {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs from its golden file; run with -update-ruby and read the diff:\n%s", file, got)
				}
			})
		}
	}
}

// TestERBCode shows what the Ruby parser is given.
func TestERBCode(t *testing.T) {
	tests := []struct{ name, src, code string }{
		{"statement", "a<% b %>c", "    b \n  "},
		{"output", "<%= b -%>\nx", "    b  \n \n "},
		{"comment in a tag", "<% b # c %><% d %>", "   b # c \n    d \n "},
		{"comment tag", "<%# b %>c", "         "},
		{"literal", "<%% b %>", "        "},
		{"raw", "<%== b %>", "     b \n "},
		{"unclosed", "<% b", "   b"},
		{"unclosed at the end", "x<%", "   "},
		{"trimmed", "<%- b -%>", "    b  \n "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, _, _ := scanERB([]byte(tt.src))
			if string(code) != tt.code {
				t.Errorf("code = %q, want %q", code, tt.code)
			}
		})
	}
}

// TestIndentedRuby shows how indentation becomes blocks.
func TestIndentedRuby(t *testing.T) {
	tests := []struct{ name, haml, slim, code string }{
		{"loop", "- a.each do |b|\n  = b", "- a.each do |b|\n  = b", "a.each do |b|\nb\nend\n"},
		{"branches", "- if a\n  = b\n- elsif c\n  = d\n- else\n  = e\n= f", "- if a\n  = b\n- elsif c\n  = d\n- else\n  = e\n= f", "if a\nb\nelsif c\nd\nelse\ne\nend\nf\n"},
		{"closed by dedent", "- if a\n  - if b\n    = c\n= d", "- if a\n  - if b\n    = c\n= d", "if a\nif b\nc\nend\nend\nd\n"},
		{"modifier opens nothing", "- a if b\n= c", "- a if b\n= c", "a if b\nc\n"},
		{"assigned condition", "- a = if b\n  - 1\n= c", "- a = if b\n  - 1\n= c", "a = if b\n1\nend\nc\n"},
		{"tag with code", "%p= a", "p = a", "a\n"},
		{"text", "%p a #{b} \\#{c}", "p a #{b} \\#{c}", "b\n"},
		{"attributes", "%p{a: b, c: \"}\"}= d", "p a=b(1, \"}\") c=\"d\"", ""},
		{"nested comment", "-# a\n  = b\n= c", "/ a\n  = b\n= c", "c\n"},
		{"continued", "= a b,\n  c\n= d", "= a b,\n  c\n= d", "a b,\nc\nd\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.code == "" {
				tt.code = "[a: b, c: \"}\"]\nd\n"
				if got := string(scanHAML([]byte(tt.haml)).Code); got != tt.code {
					t.Errorf("HAML = %q, want %q", got, tt.code)
				}
				tt.code = "b(1, \"}\")\n"
			} else if got := string(scanHAML([]byte(tt.haml)).Code); got != tt.code {
				t.Errorf("HAML = %q, want %q", got, tt.code)
			}
			if got := string(scanSlim([]byte(tt.slim)).Code); got != tt.code {
				t.Errorf("Slim = %q, want %q", got, tt.code)
			}
		})
	}
}

func TestRubyTemplatesHostile(t *testing.T) {
	const n = 20_000
	for name, src := range map[string]string{
		"tags":     strings.Repeat("<% a do %>", n),
		"brackets": "%a" + strings.Repeat("{", n),
		"openers":  strings.Repeat("%a{\n", n),
		"quotes":   strings.Repeat("a b=\"\n", n),
		"inline":   strings.Repeat("a: ", n),
		"text":     strings.Repeat("#{", n),
		"indent": func() string {
			var sb strings.Builder
			for i := range 2000 {
				sb.WriteString(strings.Repeat(" ", i) + "- a do\n")
			}
			return sb.String()
		}(),
		"else": strings.Repeat("- else\n", n),
	} {
		for lang, lower := range rubyTemplates {
			t.Run(name+" "+lang, func(t *testing.T) {
				start := time.Now()
				if _, err := lower(context.Background(), []byte(src)); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d > 10*time.Second {
					t.Errorf("took %v", d)
				}
			})
		}
	}
}

func fuzzRuby(f *testing.F, name string) {
	files, _ := filepath.Glob("testdata/*." + name)
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
		tree, err := rubyTemplates[name](ctx, src)
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

func FuzzERB(f *testing.F)  { fuzzRuby(f, "erb") }
func FuzzHAML(f *testing.F) { fuzzRuby(f, "haml") }
func FuzzSlim(f *testing.F) { fuzzRuby(f, "slim") }
