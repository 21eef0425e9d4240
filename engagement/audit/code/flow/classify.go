package flow

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Classify sets the class of an entry from its kind, name and place where the framework has not set it.
func Classify(e *EntryPoint) {
	if e.Class != EntryUnknown {
		return
	}
	place := classOfPlace(e.Site.File, e.Site.Node)
	verb, _, _ := strings.Cut(e.Name, " ")
	switch {
	case place == EntrySeed, place == EntryInstall && e.Kind != "request":
		e.Class = place
	case verb == "command" || e.Kind == "command":
		e.Class = EntryCommand
	case e.Kind == "request" && (place == EntryAdmin || verb == "admin" || adminName(e.Name)):
		e.Class = EntryAdmin
	case e.Kind == "request" && writes(e.Name):
		e.Class = EntryWrite
	case e.Kind == "request":
		e.Class = EntryRead
	case e.Kind != "" && place == EntryCommand && verb != "job":
		e.Class = EntryCommand
	case e.Kind != "":
		e.Class = EntryTask
	}
}

// changing are the verbs and words of requests that change something.
var changing = map[string]bool{
	"POST": true, "PUT": true, "PATCH": true, "DELETE": true, "mutation": true, "action": true, "mutate": true,
	"post": true, "put": true, "patch": true, "delete": true, "create": true, "update": true, "destroy": true, "partial_update": true,
	"store": true, "save": true, "remove": true, "add": true, "edit": true, "new": true, "bulk": true, "upload": true, "import": true, "login": true, "logout": true,
	"perform_mutation": true,
}

// writes reports whether an entry's name is that of a request which changes something: its verb, or the
// first word of its action.
func writes(name string) bool {
	verb, rest, spaced := strings.Cut(name, " ")
	if spaced {
		switch verb {
		case "GET", "HEAD", "OPTIONS", "query", "page", "loader", "field", "subscription":
			if i := strings.LastIndexAny(rest, "#@."); i < 0 || verb != "GET" {
				return false
			}
		}
		if changing[verb] {
			return true
		}
	}
	if i := strings.LastIndexAny(name, "#@."); i >= 0 {
		return changing[firstWord(name[i+1:])]
	}
	return false
}

// firstWord cuts deleteAll, delete_all and delete-all down to delete.
func firstWord(s string) string {
	for i, c := range s {
		if c == '_' || c == '-' || i > 0 && c >= 'A' && c <= 'Z' {
			return strings.ToLower(s[:i])
		}
	}
	return s
}

func adminName(name string) bool {
	for _, part := range words(name) {
		if adminWords[part] {
			return true
		}
	}
	return false
}

var (
	adminWords   = map[string]bool{"admin": true, "admins": true, "backend": true, "backoffice": true, "superuser": true, "sysadmin": true, "staff": true, "administration": true, "administrator": true}
	seedWords    = map[string]bool{"seed": true, "seeds": true, "seeder": true, "seeders": true, "sample": true, "samples": true, "demo": true, "demos": true, "dummy": true, "fake": true, "fakes": true, "fixtures": true, "bogus": true, "factories": true, "examples": true}
	installWords = map[string]bool{"install": true, "installs": true, "installer": true, "migrations": true, "migration": true, "migrate": true, "migrator": true, "migrators": true, "upgrade": true, "upgrades": true, "upgrader": true, "bootstrap": true}
	commandWords = map[string]bool{"commands": true, "command": true, "scripts": true, "script": true, "tools": true, "bin": true, "console": true, "rake": true, "cli": true}
)

// words splits a path or a qualified name into lower-case words: also setupDummyAccount and seed_data.
func words(s string) []string {
	var out []string
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(s[start:end]))
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
		case c >= 'A' && c <= 'Z':
			if i > start && (s[i-1] < 'A' || s[i-1] > 'Z') {
				flush(i)
				start = i
			}
		default:
			flush(i)
			start = i + 1
		}
	}
	flush(len(s))
	return out
}

// classOfPlace is what the path and the enclosing class of a place tell of how often its code runs.
// EntryUnknown when they tell nothing.
func classOfPlace(f *project.File, n syntax.Ref) EntryClass {
	if f == nil {
		return EntryUnknown
	}
	switch f.Role {
	case project.Seed:
		return EntrySeed
	case project.Migration:
		return EntryInstall
	}
	text := f.Path
	if n.Ok() {
		if c := n.Enclosing(syntax.Class); c.Ok() {
			text += "/" + LastSegment(c.Str())
		}
	}
	class := EntryUnknown
	if f.Role == project.Script {
		class = EntryCommand
	}
	better := func(c EntryClass) {
		if c > class {
			class = c
		}
	}
	for _, w := range words(text) {
		switch {
		case seedWords[w]:
			better(EntrySeed)
		case installWords[w]:
			better(EntryInstall)
		case commandWords[w]:
			better(EntryCommand)
		case adminWords[w]:
			better(EntryAdmin)
		}
	}
	if class == EntryUnknown || class == EntryAdmin || class == EntryCommand {
		if developmentOnly(n) {
			return EntrySeed
		}
	}
	return class
}

// developmentOnly reports whether a place stands in a branch that only runs on a developer's machine:
// if app()->environment('local'), if Rails.env.development?, if settings.DEBUG.
func developmentOnly(n syntax.Ref) bool {
	for at, up := n, n.Parent(); up.Ok(); at, up = up, up.Parent() {
		if up.Kind() == syntax.If && at.Role() == syntax.Body && developmentTest(up.Child(syntax.Cond)) {
			return true
		}
	}
	return false
}

func developmentTest(cond syntax.Ref) bool {
	if cond.Kind() == syntax.Binary && (cond.Str() == "&&" || cond.Str() == "and") {
		return developmentTest(cond.Child(syntax.Left)) || developmentTest(cond.Child(syntax.Right))
	}
	switch cond.Kind() {
	case syntax.Call:
		switch cond.Str() {
		case "development?", "isLocal", "runningUnitTests":
			return true
		case "environment", "isEnvironment":
			for _, a := range cond.Args() {
				for s := range a.Descendants(syntax.String) {
					if s.Str() == "local" || s.Str() == "development" || s.Str() == "dev" {
						return true
					}
				}
				if a.Kind() == syntax.String && (a.Str() == "local" || a.Str() == "development" || a.Str() == "dev") {
					return true
				}
			}
		}
	case syntax.Member, syntax.Name:
		return cond.Str() == "DEBUG" || cond.Str() == "development?"
	case syntax.Binary:
		if cond.Str() == "==" || cond.Str() == "===" {
			r := cond.Child(syntax.Right)
			l := strings.ToUpper(cond.Child(syntax.Left).Str())
			return r.Kind() == syntax.String && (r.Str() == "development" || r.Str() == "local") && strings.HasSuffix(l, "ENV")
		}
	}
	return false
}
