package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestJinja(t *testing.T) { langtest.Golden(t, Jinja, "testdata/*.jinja") }

func FuzzJinja(f *testing.F) {
	langtest.Fuzz(f, Jinja, "testdata/*.jinja", lines(f, "testdata/*.jinja")...)
}

// lines are the single lines of templates: small seeds find more than large ones.
func lines(f *testing.F, pattern string) []string {
	f.Helper()
	files, _ := filepath.Glob(pattern)
	var out []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, strings.Split(string(src), "\n")...)
	}
	return out
}

// statements is the tree of a template on one line a statement, without the File and the lines.
func statements(t *testing.T, lower langtest.Lower, src string) (string, int) {
	t.Helper()
	tree := langtest.Tree(t, lower, src)
	var out []string
	for n := range tree.Root().Children() {
		var parts []string
		n.Walk(func(r syntax.Ref) bool {
			parts = append(parts, strings.TrimSuffix(r.Kind().String()+" "+r.Str(), " "))
			return true
		})
		out = append(out, strings.Join(parts, ", "))
	}
	return strings.Join(out, "; "), tree.Errors
}

func TestJinjaTolerance(t *testing.T) {
	tests := []struct {
		name, src, want string
		errors          int
	}{
		{"unknown tag", "{% foo a.b %}{{ c }}", "Call foo, Member b, Name a; Name c", 0},
		{"unknown block", "{% foo a %}{{ c }}{% endfoo %}{{ d }}", "Call foo, Name a, Lambda, Block, Name c; Name d", 0},
		{"unknown syntax", "{% foo a ! => %}{{ c }}", "Call foo, Name a, Unary !; Name c", 0},
		{"stray end", "{% endif %}{{ c }}", "Name c", 1},
		{"unclosed for", "{% for x in xs %}{{ x }}", "For, Name x, Name xs, Block; Name x", 1},
		{"crossed", "{% if a %}{% for x in xs %}{% endif %}{% endfor %}{{ c }}", "If, Name a, Block, For, Name x, Name xs, Block; Name c", 2},
		{"broken expression", "{{ a.b. }}{{ c }}", "Member b, Name a; Name c", 1},
		{"empty", "{{ }}{{ c }}", "Name c", 0},
		{"unclosed tag", "{{ a {% if b %}c{% endif %}", "If, Name b, Block", 1},
		{"else of nothing", "{% else %}{{ c }}", "Name c", 0},
		{"old with", "{% with a.b as c and d as e %}{% endwith %}", "With, Assign =, Name c, Member b, Name a, Assign =, Name e, Name d, Block", 0},
		{"whitespace control", "{%- if a -%}{{- b -}}{%- endif -%}", "If, Name a, Block, Name b", 0},
		{"keyword prefix", "{{ iffy.organic or notx }}", "Binary ||, Member organic, Name iffy, Name notx", 0},
		{"not a template", "a { b } {c: {d: 1}}", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, errors := statements(t, Jinja, tt.src)
			if got != tt.want || errors != tt.errors {
				t.Errorf("%s\n got %s (%d errors)\nwant %s (%d errors)", tt.src, got, errors, tt.want, tt.errors)
			}
		})
	}
}

func TestJinjaHostile(t *testing.T) {
	const n = 100_000
	langtest.Hostile(t, Jinja, map[string]string{
		"unclosed outputs": strings.Repeat("{{", n),
		"unclosed tags":    strings.Repeat("{% if a ", n),
		"nested ifs":       strings.Repeat("{% if a %}", n) + strings.Repeat("{% endif %}", n),
		"stray ends":       strings.Repeat("{% for x in y %}", n) + strings.Repeat("{% endif %}", n),
		"elifs":            "{% if a %}" + strings.Repeat("{% elif b %}", n) + "{% endif %}",
		"parentheses":      "{{ " + strings.Repeat("(", n) + " }}",
		"attributes":       "{{ a" + strings.Repeat(".b", n) + " }}",
		"filters":          "{{ a" + strings.Repeat("|f", n) + " }}",
		"not":              "{{ " + strings.Repeat("not ", n) + "a }}",
		"minus":            "{{ " + strings.Repeat("-", n) + "a }}",
		"sum":              "{{ a" + strings.Repeat("+a", n) + " }}",
		"ternary":          "{{ " + strings.Repeat("a if b else ", n) + "c }}",
		"dicts":            "{{ " + strings.Repeat("{a:", n) + " }}",
		"calls":            "{{ " + strings.Repeat("f(", n) + " }}",
		"raw":              strings.Repeat("{% raw %}", n),
	})
}
