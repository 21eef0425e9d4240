//go:build cgo

package template

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
)

var rubyTemplates = map[string]langtest.Lower{"erb": ERB, "haml": HAML, "slim": Slim}

func TestRubyTemplates(t *testing.T) {
	for name, lower := range rubyTemplates {
		langtest.Golden(t, lower, "testdata/*."+name)
		if tree := langtest.Tree(t, lower, "a"); tree.Lang != name {
			t.Errorf("the language of %s is %s", name, tree.Lang)
		}
	}
}

func FuzzERB(f *testing.F)  { langtest.Fuzz(f, ERB, "testdata/*.erb") }
func FuzzHAML(f *testing.F) { langtest.Fuzz(f, HAML, "testdata/*.haml") }
func FuzzSlim(f *testing.F) { langtest.Fuzz(f, Slim, "testdata/*.slim") }

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
	sources := map[string]string{
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
	}
	for _, lower := range rubyTemplates {
		langtest.Hostile(t, lower, sources)
	}
}
