package client

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// importers knows which files of JavaScript and TypeScript import which.
type importers struct {
	p       *project.Project
	of      map[string][]*project.File // by the path of the imported file
	sources []*project.File
}

// importersOf resolves relative imports exactly, and aliases (@scope/package/a/b, ~/a/b, @/a/b) by the
// end of the path, which has to be unique in two segments.
func importersOf(p *project.Project) *importers {
	im := &importers{p: p, of: map[string][]*project.File{}}
	exact := map[string]string{}
	ends := map[string][]string{}
	for _, f := range p.Files {
		if f.Tree == nil || Language(f.Lang) != "typescript" || f.Role == project.Vendored || f.Role == project.Generated {
			continue
		}
		im.sources = append(im.sources, f)
		stem := strings.TrimSuffix(strings.TrimSuffix(f.Path, path.Ext(f.Path)), "/index")
		exact[stem] = f.Path
		ends[tail(stem)] = append(ends[tail(stem)], f.Path)
	}
	for _, f := range im.sources {
		if f.Role == project.Test {
			continue
		}
		for i := range f.Tree.Root().Descendants(syntax.Import) {
			m := i.Str()
			if strings.HasSuffix(m, ".js") || strings.HasSuffix(m, ".ts") {
				m = m[:len(m)-3]
			}
			target := ""
			if strings.HasPrefix(m, ".") {
				target = exact[path.Join(path.Dir(f.Path), m)]
			} else if list := ends[tail(m)]; strings.Count(m, "/") >= 2 && len(list) == 1 {
				target = list[0]
			}
			if target != "" {
				im.of[target] = append(im.of[target], f)
			}
		}
	}
	return im
}

// tail is the last two segments of a path.
func tail(p string) string {
	dir, base := path.Split(p)
	return path.Base(path.Clean(dir)) + "/" + base
}

// browserOnly reports whether a file is imported, and by components and code of browsers only.
func (im *importers) browserOnly(name string) bool {
	return im.browser(name, map[string]bool{})
}

func (im *importers) browser(name string, seen map[string]bool) bool {
	list := im.of[name]
	if seen[name] || len(list) == 0 {
		return false
	}
	seen[name] = true
	for _, f := range list {
		if !view(f) && !im.browser(f.Path, seen) {
			return false
		}
	}
	return true
}

// view reports whether a file holds components, or lies where only browsers load it from.
func view(f *project.File) bool {
	switch path.Ext(f.Path) {
	case ".tsx", ".jsx", ".vue", ".svelte":
		return true
	}
	if strings.Contains(path.Base(f.Path), ".client.") {
		return true
	}
	for _, d := range strings.Split(strings.ToLower(path.Dir(f.Path)), "/") {
		if d == "client-only" || d == "components" || d == "hooks" {
			return true
		}
	}
	return false
}

// Dead reports whether the function around a node of JavaScript or TypeScript has no user: nothing in
// its file that is alive mentions it, and it is not exported or no file of the project imports its.
func (f *Facts) Dead(file *project.File, n syntax.Ref) bool {
	if Language(file.Lang) != "typescript" || f.imports == nil || entryFile(file.Path) {
		return false
	}
	return f.dead(file, n, map[syntax.Ref]bool{})
}

func (f *Facts) dead(file *project.File, n syntax.Ref, seen map[syntax.Ref]bool) bool {
	fn, stmt, name := named(n)
	if !fn.Ok() || name == "" || seen[fn] {
		return seen[fn]
	}
	seen[fn] = true
	if fn.Enclosing(syntax.Class).Ok() {
		return false
	}
	if exported(file, stmt) && (len(f.imports.of[file.Path]) > 0 || f.mentionedElsewhere(file, name)) {
		return false
	}
	for i := range file.Tree.Nodes {
		m := file.Tree.At(syntax.NodeID(i))
		if !m.Is(syntax.Name, syntax.Call, syntax.Member, syntax.Pair) || m.Str() != name || m.Role() == syntax.Target || m.Inside(fn) {
			continue
		}
		if !f.dead(file, m, seen) {
			return false
		}
	}
	return true
}

func (f *Facts) mentionedElsewhere(file *project.File, name string) bool {
	for _, g := range f.imports.sources {
		if g == file || g.Role == project.Test {
			continue
		}
		if g.Tree.Holds(name) {
			return true
		}
	}
	return false
}

// named returns the outermost function around a node that has a name, its statement and the name.
func named(n syntax.Ref) (fn, stmt syntax.Ref, name string) {
	for p := n.Parent(); p.Ok(); p = p.Parent() {
		switch {
		case p.Kind() == syntax.Func && p.Str() != "":
			fn, stmt, name = p, p, p.Str()
		case p.Kind() == syntax.Lambda && p.Parent().Kind() == syntax.Assign && p.Role() == syntax.Value:
			fn, stmt, name = p, p.Parent(), p.Parent().Child(syntax.Target).Str()
		case p.Kind() == syntax.Class:
			return p, p, ""
		}
	}
	return fn, stmt, name
}

// Function returns the function around a node that has a name, a lambda that is put into a variable
// included, and the name.
func Function(n syntax.Ref) (fn syntax.Ref, name string) {
	for p := n.Parent(); p.Ok(); p = p.Parent() {
		switch {
		case p.Kind() == syntax.Func && p.Str() != "":
			return p, p.Str()
		case p.Kind() == syntax.Lambda && p.Parent().Kind() == syntax.Assign && p.Role() == syntax.Value:
			return p, p.Parent().Child(syntax.Target).Str()
		}
	}
	return syntax.Ref{}, ""
}

// exported reads the words in front of a declaration, and the lists of exports of the file.
func exported(f *project.File, decl syntax.Ref) bool {
	src := f.Source()
	from := int(decl.Start())
	for from > 0 && src[from-1] != '\n' {
		from--
	}
	if strings.HasPrefix(strings.TrimSpace(string(src[from:decl.End()])), "export") {
		return true
	}
	text := string(src)
	return strings.Contains(text, "module.exports") || strings.Contains(text, "exports.") || strings.Contains(text, "export {") || strings.Contains(text, "export default")
}

// entryFile reports files that a framework or a command loads by their place.
func entryFile(name string) bool {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch stem {
	case "index", "main", "server", "app", "worker", "route", "page", "layout", "middleware", "instrumentation", "handler", "entry":
		return true
	}
	for _, d := range strings.Split(strings.ToLower(path.Dir(name)), "/") {
		switch d {
		case "pages", "routes", "api", "functions", "scripts", "bin", "lambda", "workers", "worker", "jobs", "app", "server", "middleware", "plugins", "cron":
			return true
		}
	}
	return !strings.Contains(name, "/")
}
