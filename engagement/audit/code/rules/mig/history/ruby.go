package history

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Call finds the call of a Rails migration that a change was read from; no node where there is none.
func (s *Step) Call(c Change, names ...string) syntax.Ref {
	if s.File.Lang != "ruby" || s.File.Tree == nil {
		return syntax.Ref{}
	}
	for n := range s.File.Tree.Root().Descendants(syntax.Call) {
		if n.Line() != c.Place.Line {
			continue
		}
		for _, name := range names {
			if n.Str() == name && n.Arg(0).Str() != "" {
				return n
			}
		}
	}
	return syntax.Ref{}
}

// Append adds an option behind the last argument of a call.
func Append(f *project.File, call syntax.Ref, option string) (patch.Edit, bool) {
	args := call.Args()
	if len(args) == 0 {
		return patch.Edit{}, false
	}
	last := args[len(args)-1]
	if last.Kind() == syntax.Map && !strings.HasSuffix(f.NodeText(last), "}") || last.Kind() == syntax.Splat {
		return patch.Edit{}, false
	}
	at := int(last.End())
	return patch.Edit{Path: f.Path, Start: at, End: at, New: ", " + option}, true
}

// Outside makes a Rails migration run without a transaction. ok is false when it holds more than the
// kinds: what ran before a failure would stay.
func (s *Step) Outside(kinds ...schema.OpKind) (edits []patch.Edit, ok bool) {
	for _, op := range s.Migration.Ops {
		known := false
		for _, k := range kinds {
			known = known || op.Kind == k
		}
		if !known {
			return nil, false
		}
	}
	if !s.Migration.Transactional {
		return nil, true
	}
	for class := range s.File.Tree.Root().Descendants(syntax.Class) {
		src := s.File.Source()
		at := int(class.Start())
		for at < len(src) && src[at] != '\n' {
			at++
		}
		if at >= len(src) {
			return nil, false
		}
		return []patch.Edit{{Path: s.File.Path, Start: at + 1, End: at + 1, New: "  disable_ddl_transaction!\n\n"}}, true
	}
	return nil, false
}

// Explained reports a call that stands below a rescue or except: it handles the failure of this very
// call, and would be idle if the failure moved to another migration.
func Explained(call syntax.Ref) bool {
	for n := call.Parent(); n.Ok(); n = n.Parent() {
		if n.Kind() == syntax.Try || n.Child(syntax.CatchRole).Ok() {
			return true
		}
	}
	return false
}

type productsKey struct{}

var adapters = map[string]string{"pg": "postgresql", "mysql2": "mysql", "trilogy": "mysql"}

// SeveralProducts reports a project whose Gemfile names the drivers of more than one database server:
// its migrations must run on all of them, and what only PostgreSQL knows would fail on the others.
func SeveralProducts(p *project.Project) bool {
	return p.Derive(productsKey{}, func() any {
		products := map[string]bool{}
		for _, f := range p.Files {
			if f.Tree == nil || path.Base(f.Path) != "Gemfile" && !strings.HasSuffix(f.Path, ".gemspec") {
				continue
			}
			for c := range f.Tree.Root().Descendants(syntax.Call) {
				if c.Str() == "gem" || strings.HasPrefix(c.Str(), "add_") {
					products[adapters[c.Arg(0).Str()]] = true
				}
			}
		}
		delete(products, "")
		return len(products) > 1
	}).(bool)
}

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// Quote writes a table's or constraint's name so that PostgreSQL takes it as it is.
func Quote(name string) string {
	parts := strings.Split(strings.ReplaceAll(name, `"`, ""), ".")
	for i, s := range parts {
		if !plain.MatchString(s) {
			parts[i] = `"` + s + `"`
		}
	}
	return strings.Join(parts, ".")
}
