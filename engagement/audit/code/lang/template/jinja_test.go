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

var update = flag.Bool("update", false, "rewrite the golden files of Jinja and Blade")

type lowerFunc func(context.Context, []byte) (*syntax.Tree, error)

func golden(t *testing.T, pattern string, lower lowerFunc) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
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
			if tree.Errors > 0 {
				t.Errorf("%d errors in a valid template", tree.Errors)
			}
			got, name := tree.Root().Dump(), file+".golden"
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("tree differs from %s (run with -update and read the diff)\n%s", name, got)
			}
		})
	}
}

// hostile checks that a source is lowered in linear time, without a crash, to a sound tree.
func hostile(t *testing.T, lower lowerFunc, shapes map[string]string) {
	t.Helper()
	for name, src := range shapes {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			tree, err := lower(context.Background(), []byte(src))
			if err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(src), d)
			}
			t.Logf("%d bytes in %v", len(src), time.Since(start))
			sound(t, tree, len(src))
		})
	}
}

func sound(t *testing.T, tree *syntax.Tree, size int) {
	t.Helper()
	for i := range tree.Nodes {
		if n := &tree.Nodes[i]; n.Start > n.End || int(n.End) > size {
			t.Fatalf("node %d (%v) spans %d-%d of %d bytes", i, n.Kind, n.Start, n.End, size)
		}
	}
	if _, err := syntax.FromBinary(tree.AppendBinary(nil)); err != nil {
		t.Fatal(err)
	}
	tree.Root().Dump()
}

func TestJinja(t *testing.T) { golden(t, "*.jinja", Jinja) }

// statements is the tree of a template on one line a statement, without the File and the lines.
func statements(t *testing.T, lower lowerFunc, src string) (string, int) {
	t.Helper()
	tree, err := lower(context.Background(), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
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
	hostile(t, Jinja, map[string]string{
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

func FuzzJinja(f *testing.F) { fuzz(f, "*.jinja", Jinja) }

func fuzz(f *testing.F, pattern string, lower lowerFunc) {
	files, _ := filepath.Glob("testdata/" + pattern)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
		for _, line := range strings.Split(string(src), "\n") {
			f.Add([]byte(line))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		tree, err := lower(ctx, src)
		if err != nil {
			return // the parser's recovery from errors can be slow; it ends with the context
		}
		sound(t, tree, len(src))
	})
}
