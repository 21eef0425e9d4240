package clientnotimeout

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// edits writes the timeout into the code where that is mechanical.
func edits(p *project.Project, facts *client.Facts, f *project.File, s *client.Site, at situation) ([]patch.Edit, bool) {
	n, spec := s.Node, s.Spec
	one := func(e patch.Edit, ok bool) ([]patch.Edit, bool) { return []patch.Edit{e}, ok }
	if at.context != "" {
		if n.Receiver().Dotted() != "net" || len(n.Args()) != 2 {
			return nil, false // tls.Dial returns another type than the Dialer's method
		}
		to := n.Arg(0).Start()
		return []patch.Edit{{Path: f.Path, Start: int(n.Start()), End: int(to), New: "(&net.Dialer{}).DialContext(" + at.context + ", "}}, true
	}
	if s.State == client.Infinite {
		return finite(f, s)
	}
	if len(spec.Statements) > 0 {
		if s.Statement.Kind() != syntax.Assign || s.Variable == "" || s.Statement.Role() != syntax.Stmt && s.Statement.Parent().Kind() != syntax.Block && s.Statement.Parent().Kind() != syntax.File {
			return nil, false
		}
		v := f.NodeText(s.Statement.Child(syntax.Target))
		if v == "" || strings.ContainsAny(v, " \n") || s.Statement.Str() == "||=" {
			return nil, false
		}
		var lines []string
		for _, l := range spec.Statements {
			lines = append(lines, strings.ReplaceAll(l, "{}", v))
		}
		return one(rewrite.After(f, s.Statement, lines...))
	}
	if spec.Lang == "go" && spec.Library == "http.DefaultClient" {
		return shared(p, facts, f, n)
	}
	if spec.Argument == "" {
		return nil, false
	}
	switch spec.Lang {
	case "typescript", "php":
		return option(f, n, spec, argument(p, facts, s))
	case "go":
		e, ok := rewrite.Argument(f, n, spec.Argument)
		if !ok {
			return nil, false
		}
		return withTime(f, []patch.Edit{e})
	}
	if args := n.Args(); spec.Lang == "ruby" && len(args) > 1 && args[len(args)-1].Is(syntax.Name, syntax.Call, syntax.Member) {
		return nil, false // the last argument may be the hash of options: keywords behind it are one argument too many
	}
	return one(rewrite.Argument(f, n, spec.Argument))
}

// argument is what to add to a call: the expressions of another client of the same library in the
// project where those come from its configuration, else the figures of the library's entry.
func argument(p *project.Project, facts *client.Facts, s *client.Site) string {
	if s.Spec.Lang != "php" || s.Spec.OptionsAt == 0 {
		return s.Spec.Argument
	}
	for _, w := range facts.Sites {
		options := w.Node.Arg(s.Spec.OptionsAt - 1)
		if w.State != client.Bounded || w.Spec != s.Spec || options.Kind() != syntax.Map {
			continue
		}
		g := p.File(w.Path)
		var parts []string
		for o := range options.Children() {
			if o.Kind() != syntax.Pair || o.Str() != "timeout" && o.Str() != "connect_timeout" {
				continue
			}
			if v := g.NodeText(o.Child(syntax.Value)); strings.HasPrefix(v, "config(") {
				parts = append(parts, "'"+o.Str()+"' => "+v)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, ", ")
		}
	}
	return s.Spec.Argument
}

// shared sends a call of http.DefaultClient through one client of the package that has a timeout. The
// variable is declared behind the imports of the package's first file that needs it.
func shared(p *project.Project, facts *client.Facts, f *project.File, n syntax.Ref) ([]patch.Edit, bool) {
	const variable = "httpClient"
	r := n.Receiver()
	if d := r.Dotted(); d != "http" && d != "http.DefaultClient" {
		return nil, false
	}
	dir := path.Dir(f.Path)
	var home *project.File
	for _, s := range facts.Sites {
		if path.Dir(s.Path) == dir && s.Spec.Library == "http.DefaultClient" && s.State == client.Unset && (home == nil || s.Path < home.Path) {
			home = p.File(s.Path)
		}
	}
	if home == nil {
		return nil, false
	}
	for _, g := range p.Files {
		if path.Dir(g.Path) != dir || g.Lang != "go" || g.Tree == nil {
			continue
		}
		if g.Tree.Holds(variable) {
			return nil, false
		}
	}
	at, ok := behindImports(home)
	if !ok {
		return nil, false
	}
	declare := patch.Edit{Path: home.Path, Start: at, End: at, New: "\n\n// " + variable + " bounds every request of this package.\nvar " + variable + " = &http.Client{Timeout: 30 * time.Second}"}
	edits, ok := withTime(home, []patch.Edit{rewrite.Replace(f, r, variable), declare})
	if !ok {
		return nil, false
	}
	if r.Dotted() == "http" {
		// The package may have been named for this call alone.
		other := f == home
		for m := range f.Tree.Root().Descendants(syntax.Name) {
			other = other || m.Str() == "http" && m != r && !m.Inside(n)
		}
		if !other {
			return nil, false
		}
	}
	return edits, true
}

// behindImports returns the offset behind the last import declaration of a Go file.
func behindImports(f *project.File) (int, bool) {
	var last syntax.Ref
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		last = n
	}
	if !last.Ok() {
		return 0, false
	}
	src := f.Source()
	at := int(last.End())
	for line := int(last.Start()); line > 0; line-- {
		if src[line-1] == '\n' {
			if strings.HasPrefix(string(src[line:at]), "import ") {
				return at, true
			}
			break
		}
	}
	end := strings.Index(string(src[at:]), "\n)")
	if end < 0 {
		return 0, false
	}
	return at + end + 2, true
}

// option adds a key to the map of options of a call, or the map itself.
func option(f *project.File, n syntax.Ref, spec *client.Spec, argument string) ([]patch.Edit, bool) {
	args := n.Args()
	at := spec.OptionsAt
	switch {
	case at == 0, len(args) < at-1:
		return nil, false
	case len(args) >= at:
		if !args[at-1].Is(syntax.Map) {
			return nil, false
		}
		e, ok := rewrite.Argument(f, args[at-1], argument)
		if i := strings.Index(e.New, argument); ok && strings.Contains(e.New, "\n") && i > 0 {
			// A literal over several lines has one key on each.
			indent := e.New[strings.LastIndex(e.New[:i], "\n"):i]
			e.New = strings.Replace(e.New, argument, strings.Join(keys(argument), ","+indent), 1)
		}
		return []patch.Edit{e}, ok
	}
	text := "{ " + argument + " }"
	if spec.Lang == "php" {
		text = "[" + argument + "]"
		if strings.HasPrefix(argument, "stream_context_create") {
			text = argument
			if len(args) == 1 {
				text = "false, " + text
			}
		}
	} else if at == 1 && len(args) == 0 && !strings.HasSuffix(strings.TrimSpace(f.NodeText(n)), ")") {
		return nil, false
	}
	if strings.HasPrefix(argument, "stream_context_create") && len(args) > 2 {
		return nil, false
	}
	e, ok := rewrite.Argument(f, n, text)
	return []patch.Edit{e}, ok
}

// keys splits the text of several keys of a literal at the commas outside of brackets.
func keys(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range text {
		switch c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(text[from:i]))
				from = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// finite replaces a literal that means for ever.
func finite(f *project.File, s *client.Site) ([]patch.Edit, bool) {
	v := s.Value
	if !v.Ok() || !v.Is(syntax.Number, syntax.Nil, syntax.Bool) {
		return nil, false
	}
	text := ""
	switch s.Spec.Lang {
	case "java":
		if len(s.Node.Args()) > 1 {
			return nil, false // the unit stands beside it
		}
		text = "60_000"
	case "typescript":
		text = "60_000"
	case "python", "ruby", "php":
		text = "60"
	case "go":
		e := rewrite.Replace(f, v, "60 * time.Second")
		return withTime(f, []patch.Edit{e})
	}
	return []patch.Edit{rewrite.Replace(f, v, text)}, text != ""
}

func withTime(f *project.File, edits []patch.Edit) ([]patch.Edit, bool) {
	e, ok, needed := rewrite.GoImport(f, "time")
	if !ok {
		return nil, false
	}
	if needed {
		edits = append(edits, e)
	}
	return edits, true
}
