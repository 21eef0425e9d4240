// Package lang knows the source languages: which file is which, and how each is lowered to a
// [syntax.Tree].
//
// Each language lives in its own folder and registers nothing by itself: the table here is the one
// list. A language whose parser needs cgo is missing from a build without it, and [Lower] says so.
package lang

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// ErrNoParser is returned by Lower for a language that this build can not parse.
var ErrNoParser = errors.New("no parser for this language in this build")

// Func lowers one file.
type Func func(ctx context.Context, src []byte) (*syntax.Tree, error)

// lowerings is filled by the files with and without build tags of this package.
var lowerings = map[string]Func{}

// Lower lowers the source of a language.
func Lower(ctx context.Context, language string, src []byte) (*syntax.Tree, error) {
	f := lowerings[language]
	if f == nil {
		return nil, ErrNoParser
	}
	return f(ctx, src)
}

// Parsed reports whether this build can lower the language.
func Parsed(language string) bool { return lowerings[language] != nil }

var byExtension = map[string]string{
	".rb": "ruby", ".rake": "ruby", ".jbuilder": "ruby", ".ru": "ruby", ".builder": "ruby", ".gemspec": "ruby",
	".py": "python",
	".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
	".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
	".php":  "php",
	".java": "java",
	".go":   "go",
	".erb":  "erb", ".haml": "haml", ".slim": "slim",
	".jinja": "jinja", ".jinja2": "jinja", ".j2": "jinja",
	".sql": "sql", ".prisma": "prisma",
	".yml": "yaml", ".yaml": "yaml", ".tf": "terraform", ".conf": "conf", ".toml": "toml", ".json": "json", ".xml": "xml",
	".properties": "properties", ".env": "env", ".html": "html", ".htm": "html",
}

// lowered are the languages that a build with all parsers lowers.
var lowered = []string{"ruby", "python", "typescript", "tsx", "javascript", "php", "java", "go", "erb", "haml", "slim", "jinja", "blade"}

// foreign are the programming and view languages that no build reads. They are known by name so that a
// report can say what it did not see.
var foreign = map[string]string{
	".rs": "rust", ".cs": "c#", ".fs": "f#", ".vb": "visual basic", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".scala": "scala",
	".kt": "kotlin", ".groovy": "groovy", ".clj": "clojure", ".cljs": "clojure", ".swift": "swift", ".m": "objective-c", ".mm": "objective-c",
	".c": "c", ".h": "c", ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".hpp": "c++", ".hh": "c++", ".dart": "dart", ".hs": "haskell", ".ml": "ocaml",
	".pl": "perl", ".pm": "perl", ".lua": "lua", ".jl": "julia", ".r": "r", ".zig": "zig", ".nim": "nim", ".cr": "crystal", ".d": "d",
	".cfm": "coldfusion", ".cfc": "coldfusion", ".cbl": "cobol", ".pas": "pascal", ".sol": "solidity", ".elm": "elm",
	".vue": "vue", ".svelte": "svelte", ".cshtml": "razor", ".razor": "razor", ".heex": "heex", ".leex": "heex", ".twig": "twig", ".ejs": "ejs",
	".hbs": "handlebars", ".handlebars": "handlebars", ".mustache": "mustache", ".pug": "pug", ".liquid": "liquid", ".jsp": "jsp", ".ftl": "freemarker",
	".gotmpl": "go template", ".gohtml": "go template",
}

var unparsed = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range foreign {
		out[name] = true
	}
	return out
}()

// Missing reports a language of source that this build has no parser for: [Lower] would return
// [ErrNoParser].
func Missing(language string) bool {
	return !Parsed(language) && (unparsed[language] || slices.Contains(lowered, language))
}

// InOtherBuild reports a language that another build of napkin, with cgo, has a parser for.
func InOtherBuild(language string) bool { return Missing(language) && !unparsed[language] }

// Of returns the language of a file by its path and the first bytes of its content (which may be
// nil), or "" for files that are no source or configuration. A language may be one that napkin has no
// parser for, see [Missing].
func Of(p string, head []byte) string {
	base := strings.ToLower(path.Base(p))
	switch {
	case base == "dockerfile" || strings.HasPrefix(base, "dockerfile.") || strings.HasSuffix(base, ".dockerfile") || base == "containerfile":
		return "dockerfile"
	case base == "rakefile" || base == "gemfile" || base == "capfile":
		return "ruby"
	case strings.HasSuffix(base, ".blade.php"):
		return "blade"
	case base == "nginx.conf" || strings.HasSuffix(base, ".nginx"):
		return "nginx"
	case base == "procfile":
		return "procfile"
	}
	ext := path.Ext(base)
	if (ext == ".yaml" || ext == ".yml") && head == nil {
		return "yaml"
	}
	if ext == ".erb" && (strings.HasSuffix(base, ".yml.erb") || strings.HasSuffix(base, ".yaml.erb")) {
		return "yaml"
	}
	if ext == ".html" || ext == ".htm" || ext == ".txt" {
		s := string(head)
		if strings.Contains(s, "{%") || (strings.Contains(s, "{{") || strings.Contains(p, "/templates/")) && !browserTemplate(base, s) {
			return "jinja"
		}
		if ext == ".txt" {
			return ""
		}
	}
	if known := byExtension[ext]; known != "" {
		return known
	}
	return foreign[ext]
}

// browserTemplate recognises templates that Angular or Vue render in the browser: their braces are not
// Jinja's, and no server runs their loops.
func browserTemplate(base, head string) bool {
	if strings.HasSuffix(base, ".component.html") {
		return true
	}
	for _, mark := range []string{"*ngIf", "*ngFor", "[(ngModel)]", "(click)=", "[class.", "ng-repeat=", "ng-if=", "v-if=", "v-for=", "v-model=", "@click="} {
		if strings.Contains(head, mark) {
			return true
		}
	}
	return false
}
