package flow

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// imported is where a name of a file comes from.
type imported struct {
	module string // as written
	name   string // the name there; "" for the module itself
}

// importsOf returns what the names of a file stand for.
func (ix *Index) importsOf(f *project.File) map[string]imported {
	if m, ok := ix.imports[f]; ok {
		return m
	}
	if ix.imports == nil {
		ix.imports = map[*project.File]map[string]imported{}
	}
	m := map[string]imported{}
	ix.imports[f] = m
	if f == nil || f.Tree == nil {
		return m
	}
	switch family(f.Lang) {
	case "typescript", "python":
	default:
		return m // other languages name packages and classes, not functions
	}
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		for a := range n.All(syntax.Arg) {
			switch a.Kind() {
			case syntax.Name:
				m[a.Str()] = imported{n.Str(), a.Str()}
			case syntax.Pair:
				m[a.Str()] = imported{n.Str(), a.Child(syntax.Value).Str()}
			}
		}
	}
	return m
}

// Imported returns the module that a name of a TypeScript or Python file was imported from, as it is
// written there, and the name it has in that module. module is "" for a name that is not imported.
func (ix *Index) Imported(f *project.File, name string) (module, original string) {
	m := ix.importsOf(f)[name]
	return m.module, m.name
}

// importedFunction returns the function that a name of the file was imported as, or nil when the
// name is not imported or its module is not in the project.
func (ix *Index) importedFunction(f *project.File, name string) *Method {
	from, ok := ix.importsOf(f)[name]
	if !ok {
		return nil
	}
	original := from.name
	if original == "default" || original == "" {
		original = name
	}
	var best *Method
	bestScore := 0
	for _, m := range ix.Functions[original] {
		if !sameFamily(m.File.Lang, f.Lang) {
			continue
		}
		if s := moduleScore(from.module, f.Path, m.File.Path); s > bestScore {
			best, bestScore = m, s
		}
	}
	return best
}

// moduleScore says how well a file answers an import: 0 not at all. A relative module must name the
// file or its folder exactly; of any other the trailing segments count.
func moduleScore(module, from, file string) int {
	stem := strings.TrimSuffix(file, path.Ext(file))
	if strings.HasSuffix(from, ".py") {
		relative := strings.HasPrefix(module, ".")
		module = strings.ReplaceAll(strings.TrimLeft(module, "."), ".", "/")
		stem = strings.TrimSuffix(stem, "/__init__")
		if relative && module == "" {
			module = dir(from)
		}
	} else {
		stem = strings.TrimSuffix(stem, "/index")
		module = strings.TrimSuffix(strings.TrimSuffix(module, ".js"), ".ts")
		module = strings.TrimSuffix(module, "/index")
		if strings.HasPrefix(module, ".") {
			target := path.Join(dir(from), module)
			switch {
			case stem == target:
				return 1000
			case strings.HasPrefix(stem, target+"/"): // re-exported by the folder's index
				return 500
			}
			return 0
		}
	}
	want, have := strings.Split(module, "/"), strings.Split(stem, "/")
	score := 0
	for i := 1; i <= len(want) && i <= len(have) && want[len(want)-i] == have[len(have)-i]; i++ {
		score += 100
	}
	if score > 0 {
		return score + commonPrefix(from, file)
	}
	last := want[len(want)-1] // a package of the same repository: its folder bears its name
	for _, s := range have {
		if s == last && s != "src" && s != "server" && s != "lib" {
			return 1 + commonPrefix(from, file)
		}
	}
	return 0
}
