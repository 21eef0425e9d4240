package client

import "strings"

// byCallee finds a spec by language and qualified callee; types holds the types whose methods are
// calls; javaClasses the classes that a wildcard import can mean.
var (
	byCallee    = map[string]*Spec{}
	types       = map[string]bool{}
	javaClasses = map[string]bool{}
)

func init() {
	for _, list := range [][]Spec{python, ruby, typescript, php, java, golang} {
		for i := range list {
			add(&list[i])
		}
	}
}

func add(s *Spec) {
	for i, o := range s.Options {
		s.Options[i] = normal(o)
	}
	for _, callee := range strings.Fields(s.Callee) {
		byCallee[s.Lang+" "+callee] = s
		addLeaf(s.Lang, callee)
		class := callee
		if owner, _, ok := strings.Cut(callee, "#"); ok {
			types[s.Lang+" "+owner] = true
			class = owner
		}
		if s.Lang == "java" {
			javaClasses[class] = true
			if i := strings.LastIndex(class, "."); i > 0 {
				javaClasses[class[:i]] = true
			}
		}
	}
	if s.Yields != "" {
		types[s.Lang+" "+s.Yields] = true
		javaClasses[s.Yields] = true
	}
}

// addLeaf notes the last name of a callee, as it can stand in the string table of a file.
func addLeaf(lang, callee string) {
	if leaves[lang] == nil {
		leaves[lang] = map[string]bool{}
	}
	leaves[lang][callee[strings.LastIndexAny(callee, ".#:\\/")+1:]] = true
	// Literals of Go and classes of PHP keep their qualifier.
	leaves[lang][callee] = true
	leaves[lang][callee[strings.LastIndex(callee, "/")+1:]] = true
}

func lookup(lang, callee string) *Spec {
	if callee == "" {
		return nil
	}
	return byCallee[lang+" "+callee]
}

var separators = strings.NewReplacer("_", "", "-", "", ":", "", ".", "")

// normal folds the spellings of an option: connect_timeout, connectTimeout, :connect_timeout,
// CURLOPT_CONNECTTIMEOUT, setConnectTimeout.
func normal(s string) string {
	s = strings.ToLower(s)
	s = separators.Replace(s)
	s = strings.TrimPrefix(s, "curlopt")
	return strings.TrimSuffix(s, "=")
}

// each joins an owner with names: each("requests.", "get post").
func each(owner, names string) string {
	var out []string
	for _, n := range strings.Fields(names) {
		out = append(out, owner+n)
	}
	return strings.Join(out, " ")
}

const (
	forEver = "for ever"
	verbs   = "get post put patch delete head options request"
)
