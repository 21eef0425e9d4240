// Package unboundedmap finds maps that live as long as the process and only grow.
package unboundedmap

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is cache.unbounded-map.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "cache.unbounded-map",
		Title:    "Map of the process that only grows",
		Summary:  "A map that lives as long as the process gets an entry for each new key and never loses one, or keeps an empty inner map for each key that ever was.",
		Why:      "Keys that come from requests, tenants or channels have no last one. Each leaves an entry behind, so memory grows with the uptime until the process is killed, and the garbage collector walks all of it each time. It shows in production only, weeks after the release, as a restart that nobody can explain.",
		Cost:     "r x B x uptime; r new keys per second, B bytes of an entry",
		Fix:      "Bound it: an LRU of a fixed size, entries with an expiry, or a delete where the key's life ends. When an inner map becomes empty, delete its key in the outer one.",
		Wrong:    "The keys are few and known (countries, types, configured names). Maps whose entries are deleted, that are replaced, cleared, or whose size is checked are not reported, nor registries that are filled while the program starts.",
		Category: "unbounded-map",
		Examples: []rule.Example{{Lang: "go",
			Before: "delete(m.subscribers[channel], c)",
			After:  "delete(m.subscribers[channel], c)\nif len(m.subscribers[channel]) == 0 {\n\tdelete(m.subscribers, channel)\n}"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "The process is killed for its memory; all caches start cold at once.",
		Proof:    "Export the map's size as a gauge for a day: it must level off.",
		LangRefs: map[string][]report.Reference{
			"python": {{Title: "Python: functools.lru_cache", URL: "https://docs.python.org/3/library/functools.html#functools.lru_cache"}},
			"go":     {{Title: "Go: delete", URL: "https://go.dev/ref/spec#Deletion_of_map_elements"}},
		},
		Langs: []string{"go", "typescript", "python", "java", "ruby"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	groups := map[string][]*project.File{}
	var order []string
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App {
			continue
		}
		lang := client.Language(f.Lang)
		if short(f) {
			continue
		}
		key := f.Path
		switch lang {
		case "go":
			key = path.Dir(f.Path) // a package sees its variables
		case "typescript", "python", "java", "ruby":
		default:
			continue
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], f)
	}
	for _, key := range order {
		files := groups[key]
		if client.Language(files[0].Lang) == "go" {
			nested(p, files)
		}
		for _, f := range files {
			for _, c := range containers(f) {
				grows(p, f, files, c)
			}
			cached(p, f)
		}
	}
}

// short reports whether the code runs in processes that end soon, or in a browser's tab.
func short(f *project.File) bool {
	if strings.HasSuffix(f.Path, ".tsx") || strings.HasSuffix(f.Path, ".jsx") {
		return true
	}
	for _, d := range strings.Split(path.Dir(f.Path), "/") {
		if d == "cli" || strings.HasPrefix(d, "cli-") || strings.HasSuffix(d, "-cli") || d == "scripts" || strings.HasPrefix(d, ".") && d != "." || d == "components" || d == "hooks" || strings.HasPrefix(d, "storybook") {
			return true
		}
	}
	return false
}

// container is a map that lives as long as the process.
type container struct {
	name string
	decl syntax.Ref
}

var cacheLike = regexp.MustCompile(`(?i)(cache|memo|seen|visited|session|lock|mutex|limit|bucket|pending|inflight|in_flight|client|conn|socket|tracker|attempt|history|lookup|last|counter|subscri|listener|channel|known|recent|dedup|throttle|failure|retries)`)

func containers(f *project.File) []container {
	var out []container
	add := func(name string, n syntax.Ref) {
		if name != "" && cacheLike.MatchString(name) {
			out = append(out, container{name, n})
		}
	}
	lang := client.Language(f.Lang)
	for n := range f.Tree.Root().Descendants(syntax.Assign, syntax.Field) {
		v := n.Child(syntax.Value)
		typ := n.Child(syntax.TypeRole).Str()
		if n.Kind() == syntax.Field {
			if lang == "java" && n.Has(syntax.FlagStatic) && (v.Str() == "HashMap" || v.Str() == "ConcurrentHashMap" || v.Str() == "LinkedHashMap" && len(v.Args()) == 0 || v.Str() == "newConcurrentMap" || v.Str() == "newHashMap") && !strings.HasPrefix(typ, "Map<Class") && !strings.Contains(typ, "<Method") {
				add(n.Str(), n)
			}
			continue
		}
		if n.Enclosing(syntax.Func, syntax.Lambda, syntax.Class).Ok() && lang != "ruby" {
			continue
		}
		t := n.Child(syntax.Target)
		switch lang {
		case "go":
			if v.Str() == "make" && strings.HasPrefix(v.Arg(0).Str(), "map[") || v.Kind() == syntax.Map && strings.HasPrefix(v.Child(syntax.TypeRole).Str(), "map[") && empty(v) || typ == "sync.Map" {
				add(t.Str(), n)
			}
		case "typescript":
			if (v.Str() == "Map" || v.Str() == "Set") && v.Has(syntax.FlagNew) && len(v.Args()) == 0 || v.Kind() == syntax.Map && empty(v) {
				add(t.Str(), n)
			}
		case "python":
			if v.Kind() == syntax.Map && empty(v) || v.Str() == "dict" && len(v.Args()) == 0 || v.Str() == "defaultdict" || v.Str() == "set" && len(v.Args()) == 0 {
				if t.Kind() == syntax.Name {
					add(t.Str(), n)
				}
			}
		case "ruby":
			if v.Kind() == syntax.Map && empty(v) || v.Str() == "new" && (v.Receiver().Str() == "Hash" || v.Receiver().Str() == "Concurrent::Map") {
				if d := t.Dotted(); strings.HasPrefix(d, "@@") || d != "" && d == strings.ToUpper(d) && !strings.HasPrefix(d, "@") {
					add(d, n)
				}
			}
		}
	}
	return out
}

func empty(m syntax.Ref) bool {
	for c := range m.Children() {
		if c.Role() == syntax.Elem || c.Kind() == syntax.Pair {
			return false
		}
	}
	return true
}

var evicting = regexp.MustCompile(`(?i)^(delete|delete_if|clear|pop|popitem|remove|removeif|retainall|evict|shift|reset|del|reject!|invalidate.*|keep_if|cleanup|prune|loadanddelete|compareanddelete)$`)

// grows reports a container that gets keys in functions and loses none anywhere in the files that see it.
func grows(p *rule.Pass, f *project.File, files []*project.File, c container) {
	var insert syntax.Ref
	var where *project.File
	for _, g := range files {
		for n := range g.Tree.Root().Descendants(syntax.Assign, syntax.Call, syntax.Unary, syntax.Other, syntax.Binary, syntax.Return) {
			switch n.Kind() {
			case syntax.Assign:
				for t := range n.All(syntax.Target) {
					switch {
					case is(t, c.name) && n != c.decl:
						return // replaced
					case t.Kind() == syntax.Index && is(t.Receiver(), c.name) && variable(t.Arg(0)) && inRequest(n) && !insert.Ok():
						insert, where = n, g
					}
				}
				// An alias may be cleared under its own name.
				if is(n.Child(syntax.Value), c.name) {
					return
				}
			case syntax.Call:
				if n.Receiver().Ok() && root(n.Receiver()) == c.name {
					if evicting.MatchString(n.Str()) {
						return
					}
					switch n.Str() {
					case "set", "put", "add", "computeIfAbsent", "putIfAbsent", "Store", "LoadOrStore", "setdefault", "store", "compute_if_absent", "fetch_or_store":
						if is(n.Receiver(), c.name) && variable(n.Arg(0)) && inRequest(n) && !insert.Ok() {
							insert, where = n, g
						}
					case "size", "length", "mappingCount", "count":
						return
					}
					continue
				}
				for a := range n.All(syntax.Arg) {
					if root(a) != c.name {
						continue
					}
					if n.Str() != "append" && is(a, c.name) || evicting.MatchString(n.Str()) {
						return // len(m), delete(m, k), or a function that may do anything
					}
				}
			case syntax.Unary:
				if n.Str() == "delete" && root(n.Child(syntax.Value)) == c.name {
					return
				}
			case syntax.Other:
				if strings.Contains(n.Str(), "delete") {
					for d := range n.Descendants(syntax.Index, syntax.Name) {
						if root(d) == c.name {
							return
						}
					}
				}
			case syntax.Binary:
				for d := range n.Descendants(syntax.Member) {
					if (d.Str() == "size" || d.Str() == "length") && is(d.Receiver(), c.name) {
						return
					}
				}
			case syntax.Return:
				if is(n.Child(syntax.Value), c.name) {
					return
				}
			}
		}
	}
	if !insert.Ok() {
		return
	}
	p.Report(rule.Finding{
		Title:      fmt.Sprintf("`%s` only grows", c.name),
		Claim:      fmt.Sprintf("`%s` lives as long as the process; line %d of `%s` adds an entry for each new key, and nothing ever removes one.", c.name, insert.Line(), path.Base(where.Path)),
		Primary:    rule.At(where, insert, "adds an entry"),
		Secondary:  []rule.Place{rule.At(f, c.decl, "lives as long as the process")},
		Subject:    c.name,
		Evidence:   1,
		Confidence: 0.65,
		Fix:        report.Fix{Summary: "Bound it (LRU, expiry), or delete the key where its life ends."},
		WrongIf:    "The keys are a small fixed set.",
	})
}

// is reports whether an expression is the container: by name, on self or its class.
func is(n syntax.Ref, name string) bool {
	d := n.Dotted()
	if d == "" {
		return false
	}
	if n.Has(syntax.FlagSafe) {
		return false
	}
	return d == name || strings.HasPrefix(d, "self.") && d[5:] == name || n.Kind() == syntax.Member && n.Str() == name && strings.ToUpper(d[:1]) == d[:1]
}

// root is the variable that a chain of members, calls and indexes starts at.
func root(n syntax.Ref) string {
	for n.Is(syntax.Index, syntax.Member, syntax.Call) && n.Receiver().Ok() {
		n = n.Receiver()
	}
	return n.Str()
}

// variable reports whether a key can take many values: it holds a variable, and not only constants.
func variable(k syntax.Ref) bool {
	for n := range k.Descendants(syntax.Name, syntax.Call, syntax.Member) {
		s := n.Str()
		if s != "" && strings.ToUpper(s) != s && n.Kind() != syntax.Member {
			return true
		}
	}
	return false
}

var registering = regexp.MustCompile(`(?i)^(init|main|setup|register.*|define.*|add.*|load|configure.*|boot.*|install.*|declare.*|wrapper|decorator)$`)

// inRequest reports whether code runs while the program serves, and not while it starts.
func inRequest(n syntax.Ref) bool {
	fn := n.Enclosing(syntax.Func)
	if !fn.Ok() {
		return n.Enclosing(syntax.Lambda).Ok() && client.Language(n.T.Lang) == "typescript" && n.Enclosing(syntax.Assign).Ok()
	}
	return !registering.MatchString(fn.Str())
}

// nested reports maps of maps in Go whose inner entries are deleted while the empty inner maps stay.
func nested(p *rule.Pass, files []*project.File) {
	type place struct {
		f *project.File
		n syntax.Ref
	}
	inner, outer, fills := map[string]place{}, map[string]bool{}, map[string]bool{}
	var order []string
	for _, f := range files {
		for n := range f.Tree.Root().Descendants(syntax.Call, syntax.Assign) {
			if n.Kind() == syntax.Assign {
				for t := range n.All(syntax.Target) {
					if t.Is(syntax.Member) {
						outer[t.Str()] = outer[t.Str()] || n.Enclosing(syntax.Func).Ok() && !strings.HasPrefix(n.Enclosing(syntax.Func).Str(), "New") // replaced as a whole
					}
					if t.Kind() == syntax.Index && t.Receiver().Kind() == syntax.Member {
						fills[t.Receiver().Str()] = true
					}
				}
				continue
			}
			if n.Str() != "delete" || n.Receiver().Ok() {
				continue
			}
			switch a := n.Arg(0); {
			case a.Kind() == syntax.Index && a.Receiver().Kind() == syntax.Member:
				name := a.Receiver().Str()
				if _, ok := inner[name]; !ok {
					inner[name] = place{f, n}
					order = append(order, name)
				}
			case a.Kind() == syntax.Member:
				outer[a.Str()] = true
			}
		}
	}
	for _, name := range order {
		at := inner[name]
		if outer[name] || !fills[name] || !variable(at.n.Arg(0).Arg(0)) {
			continue
		}
		m, k := at.f.NodeText(at.n.Arg(0).Receiver()), at.f.NodeText(at.n.Arg(0).Arg(0))
		out := rule.Finding{
			Title:      fmt.Sprintf("Empty maps stay in `%s`", name),
			Claim:      fmt.Sprintf("The last entry of `%s[%s]` is deleted here, its empty map stays in `%s` for ever: nothing deletes the key `%s` itself.", m, k, name, k),
			Primary:    rule.At(at.f, at.n, "the inner map may become empty"),
			Subject:    name,
			Evidence:   1,
			Confidence: 0.75,
			Fix:        report.Fix{Summary: fmt.Sprintf("Delete the key when its map is empty: if len(%s[%s]) == 0 { delete(%s, %s) }.", m, k, m, k)},
			WrongIf:    "The outer keys are a small fixed set.",
		}
		if at.n.Parent().Kind() == syntax.Block {
			if e, ok := rewrite.After(at.f, at.n, fmt.Sprintf("if len(%s[%s]) == 0 {", m, k), fmt.Sprintf("\tdelete(%s, %s)", m, k), "}"); ok {
				out.Edits = []patch.Edit{e}
				out.Fix.Behaviour = "A key whose inner map is empty disappears; code that reads it finds a nil map, which behaves as an empty one except that it can not be written to."
			}
		}
		p.Report(out)
	}
}

// cached reports Python functions with parameters whose results are kept without a limit.
func cached(p *rule.Pass, f *project.File) {
	if f.Lang != "python" {
		return
	}
	for fn := range f.Tree.Root().Descendants(syntax.Func) {
		for d := range fn.All(syntax.Decorator) {
			if !(d.Str() == "lru_cache" && d.Keyword("maxsize").Kind() == syntax.Nil || d.Str() == "lru_cache" && d.Arg(0).Kind() == syntax.Nil) {
				continue
			}
			var params []string
			for q := range fn.All(syntax.ParamRole) {
				if q.Str() != "self" && q.Str() != "cls" && !finite(q) {
					params = append(params, q.Str())
				}
			}
			if len(params) == 0 {
				continue
			}
			v := d.Keyword("maxsize")
			if !v.Ok() {
				v = d.Arg(0)
			}
			p.Report(rule.Finding{
				Title:      fmt.Sprintf("Results of `%s` are kept without a limit", fn.Str()),
				Claim:      fmt.Sprintf("`lru_cache(maxsize=None)` keeps one result for each (%s) that `%s` was ever called with.", strings.Join(params, ", "), fn.Str()),
				Primary:    rule.LineAt(f, d.Line(), fn.Line(), fn.Symbol(), "no limit"),
				Subject:    fn.Str(),
				Cause:      "lru-cache-unbounded",
				Evidence:   1,
				Confidence: 0.55,
				Severity:   report.Low,
				Fix:        report.Fix{Summary: "Give the cache a size: maxsize=1024.", Behaviour: "Beyond 1,024 different arguments the least recently used result is computed again."},
				Edits:      []patch.Edit{rewrite.Replace(f, v, "1024")},
				WrongIf:    "The arguments take few values.",
			})
		}
	}
}

// finite reports whether a parameter's type has few values.
func finite(q syntax.Ref) bool {
	t := q.Child(syntax.TypeRole).Str()
	return t == "bool" || strings.HasPrefix(t, "type") || strings.HasPrefix(t, "Type") || strings.Contains(t, "Literal[") || strings.HasSuffix(t, "Enum")
}
