package client

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Facts are all sites of a project.
type Facts struct {
	Sites []*Site
	// Defaults are the libraries for which the project sets a timeout for all calls, and where.
	Defaults map[string]string
	// Names of each file that was read, by path.
	Names map[string]*Names
	// Server files by path, for languages that also run in browsers.
	Server map[string]bool

	zeros   []*Site
	imports *importers
}

// Zeros are the calls of setters anywhere that name a timeout and give it zero: setReadTimeout(0).
func (f *Facts) Zeros() []*Site { return f.zeros }

// Find reads all application files of a project.
func Find(p *project.Project) *Facts {
	return p.Derive(findKey{}, func() any { return find(p) }).(*Facts)
}

type findKey struct{}

func find(p *project.Project) *Facts {
	facts := &Facts{Defaults: map[string]string{}, Names: map[string]*Names{}, Server: map[string]bool{}}
	own := constants(p)
	manifests := manifests(p)
	imports := importersOf(p)
	facts.imports = imports
	for _, f := range p.Files {
		switch f.Role {
		case project.Test, project.Generated, project.Vendored, project.Docs, project.Template:
			continue
		}
		if f.Tree == nil || testing(f.Path) {
			continue
		}
		lang := Language(f.Lang)
		facts.defaults(f, lang)
		if !known(f.Tree, lang) {
			continue
		}
		n := NamesOf(f)
		facts.Names[f.Path] = n
		if lang == "typescript" {
			facts.Server[f.Path] = onServer(f, n, manifests, imports)
		}
		s := &scan{file: f, lang: lang, names: n, facts: facts, own: own}
		s.run()
	}
	facts.djangoMail(p)
	requests{p}.settle(facts.Sites)
	return facts
}

// testing recognises tests by conventions that hold for one language each and that the roles of files
// leave open: Go packages called footest, .servertest.ts, folders like __e2e__. Folders whose name
// begins with a dot hold the tools of the project.
func testing(name string) bool {
	dirs := strings.Split(path.Dir(name), "/")
	for _, d := range dirs {
		if strings.HasPrefix(d, "__") && strings.Contains(d, "e2e") || strings.HasPrefix(d, ".") && d != "." {
			return true
		}
	}
	last := dirs[len(dirs)-1]
	base := path.Base(name)
	switch path.Ext(name) {
	case ".go":
		return strings.HasSuffix(last, "test") && len(last) > 5
	case ".ts", ".js", ".mts", ".cts":
		return strings.HasSuffix(strings.TrimSuffix(base, path.Ext(base)), "test") && strings.Contains(base, ".")
	}
	return false
}

// leaves are the last names of all callees of a language: a file that holds none of them in its
// string table has no site.
var leaves = map[string]map[string]bool{}

func known(t *syntax.Tree, lang string) bool {
	set := leaves[lang]
	for _, s := range t.Strings {
		if set[s] || strings.Contains(s, "imeout") {
			return true
		}
	}
	return false
}

// constants are the Ruby constants that the project defines itself.
func constants(p *project.Project) map[string]bool {
	own := map[string]bool{}
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "ruby" {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Class) {
			if !c.Enclosing(syntax.Class).Ok() {
				own[c.Str()] = true
			}
		}
	}
	// A patch of a library opens its class without making it the project's own.
	for _, k := range []string{"Net::HTTP", "HTTParty", "Faraday", "Excon", "RestClient", "Redis"} {
		delete(own, k)
	}
	return own
}

type scan struct {
	file  *project.File
	lang  string
	names *Names
	facts *Facts
	own   map[string]bool
}

func (s *scan) run() {
	t := s.file.Tree
	for i := range t.Nodes {
		n := t.At(syntax.NodeID(i))
		if n.Kind() != syntax.Call {
			continue
		}
		s.zero(n)
		callee := s.names.Callee(n)
		spec := lookup(s.lang, callee)
		if spec == nil || !s.applies(spec, callee, n) {
			continue
		}
		site := &Site{Spec: spec, Path: s.file.Path, Node: n}
		site.Variable, site.Statement = variable(n)
		site.State, site.Value = s.state(site)
		if callee == reactorClient && site.State == Unset && !connector(n) {
			site.State = Unknown
		}
		s.facts.Sites = append(s.facts.Sites, site)
	}
}

// connector reports whether a client of Reactor Netty becomes the connector of a WebClient where it is
// made. One that is returned or handed on may be completed elsewhere.
func connector(n syntax.Ref) bool {
	into := func(n syntax.Ref) bool {
		for p := n.Parent(); p.Ok() && !p.Is(syntax.Func, syntax.Lambda, syntax.Class); p = p.Parent() {
			if p.Kind() == syntax.Call && p.Str() == "ReactorClientHttpConnector" {
				return true
			}
		}
		return false
	}
	if into(n) {
		return true
	}
	for p := n.Parent(); p.Is(syntax.Call) && p.Receiver().Ok(); p = p.Parent() {
		n = p
	}
	name, _ := variable(n)
	fn := n.Enclosing(syntax.Func)
	if name == "" || !fn.Ok() {
		return false
	}
	for x := range fn.Descendants(syntax.Name) {
		if x.Str() == name && into(x) {
			return true
		}
	}
	return false
}

// applies sorts out calls of the same name that are something else.
func (s *scan) applies(spec *Spec, callee string, n syntax.Ref) bool {
	switch {
	case s.lang == "ruby":
		first, _, _ := strings.Cut(callee, ".")
		root, _, _ := strings.Cut(first, "::")
		return !s.own[first] && !s.own[root]
	case spec.Callee == "file_get_contents":
		return remote(n.Arg(0))
	case callee == "fetch":
		if n.Receiver().Ok() {
			return false
		}
		// A path without a host is a request of a browser to its own origin.
		return !strings.HasPrefix(n.Arg(0).Str(), "/") && n.Arg(0).Ok()
	case callee == "java.net.Socket":
		return n.Arg(0).Ok()
	case callee == "org.springframework.web.client.RestTemplate":
		return true
	case spec.Library == "psycopg" || spec.Library == "pg" && s.lang == "ruby":
		return !strings.Contains(n.Arg(0).Str(), "connect_timeout")
	case callee == "redis.Redis" || callee == "redis.StrictRedis":
		return !n.Keyword("connection_pool").Ok()
	case spec.Library == "PyMongo" || spec.Library == "mongodb":
		return !strings.Contains(strings.ToLower(n.Arg(0).Str()), "timeoutms")
	case callee == "net.Dial":
		return !strings.HasPrefix(n.Arg(0).Str(), "unix") && !strings.HasPrefix(n.Arg(0).Str(), "udp")
	case callee == "net/http.Client":
		return n.Has(syntax.FlagNew)
	case callee == "requests" || callee == "http.request" && s.lang != "typescript":
		return false
	}
	return true
}

// remote reports whether a PHP stream name is surely that of another machine.
func remote(n syntax.Ref) bool {
	text := ""
	for d := range n.Descendants(syntax.String) {
		text = d.Str()
		break
	}
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}

// variable returns the dotted name that a value is assigned to, and the assignment.
func variable(n syntax.Ref) (string, syntax.Ref) {
	for c, p := n, n.Parent(); p.Ok(); c, p = p, p.Parent() {
		switch p.Kind() {
		case syntax.Await, syntax.Unary, syntax.Binary:
			continue
		case syntax.Assign:
			if c.Role() == syntax.Value {
				return p.Child(syntax.Target).Dotted(), p
			}
		case syntax.Field:
			return "self." + p.Str(), p
		}
		return "", syntax.Ref{}
	}
	return "", syntax.Ref{}
}

// zero records setReadTimeout(0) and the like on receivers of any type.
func (s *scan) zero(n syntax.Ref) {
	if len(n.Str()) < len("callTimeout") { // every call passes here
		return
	}
	name := normal(n.Str())
	switch name {
	case "setreadtimeout", "setconnecttimeout", "setsotimeout", "setsockettimeout", "readtimeout", "connecttimeout", "calltimeout", "setconnectionrequesttimeout":
	default:
		return
	}
	v := n.Arg(0)
	if !n.Receiver().Ok() || v.Kind() != syntax.Number || !infinite(v, s.lang) || s.lang == "ruby" {
		return
	}
	if name == "setsotimeout" && v.Str() != "0" {
		return
	}
	s.facts.zeros = append(s.facts.zeros, &Site{Path: s.file.Path, Node: n, State: Infinite, Value: v,
		Spec: &Spec{Lang: s.lang, Library: "explicit zero", Kind: HTTP, Wait: forEver}})
}

// infinite reports whether a literal as a timeout means no limit.
func infinite(v syntax.Ref, lang string) bool {
	switch v.Kind() {
	case syntax.Nil:
		return true
	case syntax.Number:
		t := strings.Trim(v.Str(), "0_.lLfFdD")
		return t == ""
	case syntax.Bool:
		return v.Str() == "false" && lang != "python"
	case syntax.Name:
		return lang == "typescript" && v.Str() == "Infinity"
	case syntax.Unary:
		return v.Str() == "-" && v.Child(syntax.Value).Str() == "1" && lang == "java"
	}
	return false
}
