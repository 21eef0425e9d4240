package client

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Names resolves what a file calls things to what they are.
type Names struct {
	lang      string
	local     map[string]string // local name -> qualified name
	wildcards []string          // Java: packages imported whole
	defined   map[string]bool   // functions, classes, parameters and variables of the file
	types     map[string][]binding
}

// binding is one thing known about the type of a variable.
type binding struct {
	scope syntax.Ref // function, class or file in which it holds
	typ   string
}

// Language folds the dialects of one language.
func Language(lang string) string {
	switch lang {
	case "tsx", "javascript", "jsx", "vue", "svelte":
		return "typescript"
	}
	return lang
}

// NamesOf reads the imports, declarations and variable types of a file.
func NamesOf(f *project.File) *Names {
	n := &Names{lang: Language(f.Lang), local: map[string]string{}, defined: map[string]bool{}, types: map[string][]binding{}}
	t := f.Tree
	for i := range t.Nodes {
		r := t.At(syntax.NodeID(i))
		switch r.Kind() {
		case syntax.Import:
			n.addImport(r)
		case syntax.Func, syntax.Class, syntax.Param:
			if r.Str() != "" {
				n.defined[r.Str()] = true
			}
		case syntax.Assign:
			for c := range r.All(syntax.Target) {
				if c.Kind() == syntax.Name {
					n.defined[c.Str()] = true
				}
			}
		}
	}
	for i := range t.Nodes {
		n.addType(t.At(syntax.NodeID(i)))
	}
	return n
}

var goVersion = regexp.MustCompile(`^v\d+$`)

// goPackage guesses the name of a Go package from its import path.
func goPackage(p string) string {
	base := path.Base(p)
	if goVersion.MatchString(base) {
		base = path.Base(path.Dir(p))
	}
	if i := strings.LastIndex(base, ".v"); i > 0 {
		base = base[:i]
	}
	base = strings.TrimSuffix(strings.TrimPrefix(base, "go-"), "-go")
	return strings.ReplaceAll(base, "-", "_")
}

func (n *Names) addImport(r syntax.Ref) {
	module := strings.TrimPrefix(r.Str(), "node:")
	args := r.Args()
	join := func(name string) string { return module + "." + name }
	switch n.lang {
	case "go":
		name := goPackage(module)
		for _, a := range args {
			name = a.Str()
		}
		n.local[name] = module
		return
	case "java":
		for _, a := range args {
			if a.Str() == "*" {
				n.wildcards = append(n.wildcards, module)
				return
			}
			n.local[a.Str()] = join(a.Str())
		}
		if len(args) == 0 {
			n.local[module[strings.LastIndex(module, ".")+1:]] = module
		}
		return
	case "php":
		for _, a := range args {
			n.local[a.Str()] = strings.TrimPrefix(module, `\`)
		}
		if len(args) == 0 {
			n.local[module[strings.LastIndex(module, `\`)+1:]] = strings.TrimPrefix(module, `\`)
		}
		return
	}
	if len(args) == 0 && n.lang == "python" {
		first, _, _ := strings.Cut(module, ".")
		n.local[first] = first
	}
	for _, a := range args {
		if a.Kind() == syntax.Pair {
			switch v := a.Child(syntax.Value).Str(); {
			case v == "*", v == "default" && n.lang == "typescript":
				n.local[a.Str()] = module
			default:
				n.local[a.Str()] = join(v)
			}
		} else if a.Str() != "*" {
			n.local[a.Str()] = join(a.Str())
		}
	}
}

// qualify replaces the first segment of a dotted name by what was imported under it. A name that was
// not imported is "" except where the language needs no import.
func (n *Names) qualify(dotted string) string {
	if dotted == "" {
		return ""
	}
	switch n.lang {
	case "ruby":
		return strings.TrimPrefix(dotted, "::")
	case "php":
		if strings.HasPrefix(dotted, `\`) {
			return dotted[1:]
		}
		first, rest, more := strings.Cut(dotted, `\`)
		if q, ok := n.local[first]; ok {
			if more {
				return q + `\` + rest
			}
			return q
		}
		return dotted
	}
	first, rest, more := strings.Cut(dotted, ".")
	q, ok := n.local[first]
	if !ok {
		if n.lang == "java" && !more {
			for _, w := range n.wildcards {
				if known := w + "." + first; javaClasses[known] {
					return known
				}
			}
			if javaClasses["java.lang."+first] {
				return "java.lang." + first
			}
		}
		if n.lang == "java" {
			return dotted // written in full
		}
		if !more && !n.defined[first] {
			return first
		}
		return ""
	}
	if more {
		return q + "." + rest
	}
	return q
}

// Callee returns the qualified name of what a call calls: "requests.get", "pg.Pool" for a
// constructor, "T#m" for a method of a value whose type is known, "" when it is not known.
func (n *Names) Callee(c syntax.Ref) string {
	if c.Kind() != syntax.Call {
		return ""
	}
	recv := c.Receiver()
	if c.Has(syntax.FlagNew) || !recv.Ok() {
		if c.Str() == "" {
			return ""
		}
		return n.qualify(c.Str())
	}
	if t := n.TypeOf(recv); t != "" {
		return t + "#" + c.Str()
	}
	d := recv.Dotted()
	if d == "" {
		return ""
	}
	if n.lang == "php" {
		if c.Has(syntax.FlagStatic) {
			return n.qualify(d) + "::" + c.Str()
		}
		return ""
	}
	if q := n.qualify(d); q != "" {
		first, _, _ := strings.Cut(d, ".")
		if _, imported := n.local[first]; !imported && n.lang != "ruby" && n.lang != "java" {
			return "" // a method of a local value of unknown type
		}
		return q + "." + c.Str()
	}
	return ""
}

// TypeOf returns the qualified type of a variable, member or constructor call, "" when unknown.
func (n *Names) TypeOf(r syntax.Ref) string {
	switch r.Kind() {
	case syntax.Await:
		return n.TypeOf(r.Child(syntax.Value))
	case syntax.Unary:
		if r.Str() == "&" || r.Str() == "*" {
			return n.TypeOf(r.Child(syntax.Value))
		}
	case syntax.Call:
		if s := lookup(n.lang, n.Callee(r)); s != nil && s.Yields != "" {
			return s.Yields
		}
		if !r.Has(syntax.FlagNoArgs) {
			return ""
		}
	case syntax.Name, syntax.Member:
	default:
		return ""
	}
	d := r.Dotted()
	if d == "" {
		return ""
	}
	list := n.types[d]
	if len(list) == 0 && n.lang == "java" {
		list = n.types["self."+d]
	}
	best, depth := "", -1
	for _, b := range list {
		if !r.Inside(b.scope) {
			continue
		}
		k := 0
		for p := b.scope; p.Ok(); p = p.Parent() {
			k++
		}
		if k >= depth {
			best, depth = b.typ, k
		}
	}
	return best
}

// addType records what an assignment, parameter or field says of a type.
func (n *Names) addType(r syntax.Ref) {
	switch r.Kind() {
	case syntax.Assign:
		v := r.Child(syntax.Value)
		typ := n.declared(r.Child(syntax.TypeRole))
		if typ == "" {
			typ = n.made(v)
		}
		if typ == "" {
			return
		}
		target := r.Child(syntax.Target)
		d := target.Dotted()
		if d == "" {
			return
		}
		scope := r.Enclosing(syntax.Func, syntax.Lambda, syntax.File)
		if target.Kind() != syntax.Name || strings.HasPrefix(d, "@") {
			if scope = r.Enclosing(syntax.Class); !scope.Ok() {
				scope = r.T.Root()
			}
		}
		if strings.HasPrefix(d, "$") {
			scope = r.T.Root()
		}
		n.types[d] = append(n.types[d], binding{scope, typ})
	case syntax.Param:
		if typ := n.declared(r.Child(syntax.TypeRole)); typ != "" && r.Str() != "" {
			n.types[r.Str()] = append(n.types[r.Str()], binding{r.Parent(), typ})
		}
	case syntax.Field:
		typ := n.declared(r.Child(syntax.TypeRole))
		if typ == "" {
			typ = n.made(r.Child(syntax.Value))
		}
		if typ != "" && r.Str() != "" {
			scope := r.Enclosing(syntax.Class)
			n.types["self."+r.Str()] = append(n.types["self."+r.Str()], binding{scope, typ})
			if n.lang == "java" || n.lang == "python" {
				n.types[r.Str()] = append(n.types[r.Str()], binding{scope, typ})
			}
		}
	}
}

// made returns the type of a value that a known constructor makes.
func (n *Names) made(v syntax.Ref) string {
	for v.Is(syntax.Await, syntax.Unary) {
		v = v.Child(syntax.Value)
	}
	if v.Kind() != syntax.Call {
		return ""
	}
	if s := lookup(n.lang, n.Callee(v)); s != nil {
		return s.Yields
	}
	return ""
}

// declared returns the qualified form of a written type that some library knows.
func (n *Names) declared(t syntax.Ref) string {
	s := strings.Trim(t.Str(), "*&?[]\"' ")
	if i := strings.IndexAny(s, "<["); i > 0 {
		s = s[:i]
	}
	if s == "" {
		return ""
	}
	if q := n.qualify(s); types[n.lang+" "+q] {
		return q
	}
	return ""
}
