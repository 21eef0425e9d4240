package rewrite_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestArgument(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"none", "f()\n", "f(z=1)\n"},
		{"one", "f(a)\n", "f(a, z=1)\n"},
		{"comma behind", "f(a,)\n", "f(a, z=1)\n"},
		{"lines", "f(\n    a,\n    b\n)\n", "f(\n    a,\n    b,\n    z=1\n)\n"},
		{"lines with a comma behind", "f(\n    a,\n)\n", "f(\n    a,\n    z=1,\n)\n"},
		{"closing bracket on the last line", "f(a,\n  b)\n", "f(a,\n  b, z=1)\n"},
		{"comment behind the last argument", "f(\n    a  # why\n)\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"a.py": c.source})
			f := p.File("a.py")
			for n := range f.Tree.Root().Descendants(syntax.Call) {
				e, ok := rewrite.Argument(f, n, "z=1")
				if !ok {
					if c.want != "" {
						t.Errorf("no edit, want %q", c.want)
					}
					return
				}
				got, err := patch.Apply(f.Raw(), []patch.Edit{e})
				if err != nil || string(got) != c.want {
					t.Errorf("got %q (%v), want %q", got, err, c.want)
				}
				return
			}
		})
	}
}

func TestGoImport(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"group", "package a\n\nimport (\n\t\"net/http\"\n)\n", "package a\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n"},
		{"single", "package a\n\nimport \"net/http\"\n", "package a\n\nimport \"net/http\"\nimport \"time\"\n"},
		{"there already", "package a\n\nimport \"time\"\n", "package a\n\nimport \"time\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := load.FromFiles(map[string]string{"a.go": c.source}).File("a.go")
			e, ok, needed := rewrite.GoImport(f, "time")
			if !ok {
				t.Fatal("no edit")
			}
			got := c.source
			if needed {
				b, err := patch.Apply(f.Raw(), []patch.Edit{e})
				if err != nil {
					t.Fatal(err)
				}
				got = string(b)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
