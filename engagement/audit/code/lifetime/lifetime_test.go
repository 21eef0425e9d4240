package lifetime_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestFates(t *testing.T) {
	names := map[lifetime.Fate]string{lifetime.Given: "given", lifetime.Always: "always", lifetime.Sometimes: "sometimes", lifetime.Never: "never"}
	for _, c := range []struct{ name, body, want string }{
		{"dropped", "x.Read()", "never"},
		{"deferred", "defer x.Close()\nif a { return nil }", "always"},
		{"deferred in a closure", "defer func() { x.Close() }()", "always"},
		{"early return", "if a { return nil }\nx.Close()", "sometimes"},
		{"check of the open", "if err != nil { return err }\nx.Close()", "always"},
		{"error of something else", "if err != nil { return err }\nerr = other()\nif err != nil { return err }\nx.Close()", "sometimes"},
		{"closed on the early path", "if a {\n x.Close()\n return nil\n}\nx.Close()", "always"},
		{"returned", "return x", "given"},
		{"stored", "s.x = x", "given"},
		{"passed", "use(x)", "given"},
		{"sent", "ch <- x", "given"},
		{"in a literal", "return &T{x: x}", "given"},
		{"goroutine", "go func() { x.Read() }()", "given"},
		{"closed by a helper", "closeQuietly(x)", "always"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"a.go": "package a\n\nfunc f() error {\nx, err := open()\n" + c.body + "\nreturn nil\n}\n"})
			var open syntax.Ref
			for a := range p.File("a.go").Tree.Root().Descendants(syntax.Assign) {
				open = a
				break
			}
			got := lifetime.Of(lifetime.Value{Open: open, Name: "x", Close: []string{"Close"}, Errors: []string{"err"}})
			if names[got.Fate] != c.want {
				t.Errorf("fate = %s, want %s", names[got.Fate], c.want)
			}
		})
	}
}
