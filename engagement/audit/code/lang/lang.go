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

// Of returns the language of a file by its path and the first bytes of its content (which may be
// nil), or "" when napkin does not read such files.
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
	return byExtension[ext]
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
