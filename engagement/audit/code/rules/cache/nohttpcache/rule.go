// Package nohttpcache finds handlers that serve files without telling caches how long they last.
package nohttpcache

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

// Rule is cache.no-http-cache.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "cache.no-http-cache",
		Title:    "Files served without Cache-Control",
		Summary:  "A handler streams media or static files and sets no Cache-Control header.",
		Why:      "Without Cache-Control a browser asks again on most views, and a CDN in front keeps nothing. Media whose address changes with its content could be fetched once; instead each view costs a request, a read from storage and the bytes on the wire.",
		Cost:     "v x B -> B; v views of the same file by one reader, B its size",
		Fix:      "Send Cache-Control: public, max-age=31536000, immutable for addresses that change with the content, private for what a login guards, and a short max-age for the rest.",
		Wrong:    "A proxy or CDN adds the header, or the content under one address changes and must be fresh. Handlers that set the header, an ETag of their own, or answer with a download are not reported.",
		Category: "no-cache-control",
		Examples: []rule.Example{{Lang: "go",
			Before: "c.DataFromReader(http.StatusOK, n, mime, r, nil)",
			After:  "c.DataFromReader(http.StatusOK, n, mime, r, map[string]string{\"Cache-Control\": \"private, max-age=604800\"})"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "Load the page twice: the second load must take its media from the disk cache.",
		Refs: []report.Reference{
			{Title: "MDN: Cache-Control", URL: "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Cache-Control"},
			{Title: "RFC 9111: HTTP caching", URL: "https://www.rfc-editor.org/rfc/rfc9111"},
		},
		Langs: []string{"go", "typescript", "ruby", "python"},
	},
	File: check,
}

var media = regexp.MustCompile(`(?i)(media|file|image|avatar|static|asset|attachment|blob|emoji|thumb|picture|photo|icon|upload|logo)`)

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	lang := client.Language(f.Lang)
	for n := range f.Tree.Root().Descendants(syntax.Call) {
		switch lang {
		case "go":
			goHandler(p, f, n)
		case "typescript":
			express(p, f, n)
		case "ruby":
			if n.Str() == "send_file" && !n.Receiver().Ok() && n.Keyword("disposition").Str() == "inline" && strings.Contains(f.Path, "controllers/") {
				report1(p, f, n, "send_file", 0.55, nil)
			}
		case "python":
			if n.Str() == "FileResponse" && n.Keyword("as_attachment").Str() != "true" && n.Keyword("as_attachment").Str() != "True" && imported(f, "FileResponse") && !strings.Contains(f.NodeText(n), "headers") {
				report1(p, f, n, "FileResponse", 0.5, nil)
			}
		}
	}
}

func imported(f *project.File, name string) bool {
	for i := range f.Tree.Root().Descendants(syntax.Import) {
		for _, a := range i.Args() {
			if a.Str() == name {
				return true
			}
		}
	}
	return false
}

func goHandler(p *rule.Pass, f *project.File, n syntax.Ref) {
	fn := n.Enclosing(syntax.Func)
	if !fn.Ok() || !n.Receiver().Ok() {
		return
	}
	args := n.Args()
	var edits []patch.Edit
	switch n.Str() {
	case "DataFromReader":
		if len(args) != 5 {
			return
		}
		switch last := args[4]; {
		case last.Kind() == syntax.Nil:
			edits = []patch.Edit{rewrite.Replace(f, last, `map[string]string{"Cache-Control": "private, max-age=604800"}`)}
		case last.Kind() == syntax.Map:
			if strings.Contains(f.NodeText(last), "attachment") {
				return
			}
			if e, ok := rewrite.Argument(f, last, `"Cache-Control": "private, max-age=604800"`); ok {
				edits = []patch.Edit{e}
			}
		default:
			return
		}
	case "ServeContent":
		if n.Receiver().Dotted() != "http" || len(args) != 5 {
			return
		}
		if e, ok := rewrite.Before(f, n, args[0].Dotted()+`.Header().Set("Cache-Control", "private, max-age=604800")`); ok && args[0].Dotted() != "" && n.Parent().Kind() == syntax.Block {
			edits = []patch.Edit{e}
		}
	default:
		return
	}
	if !media.MatchString(fn.Symbol() + " " + path.Base(f.Path) + " " + path.Base(path.Dir(f.Path))) {
		return
	}
	report1(p, f, n, f.NodeText(n.Receiver())+"."+n.Str(), 0.7, edits)
}

func express(p *rule.Pass, f *project.File, n syntax.Ref) {
	if n.Str() != "static" || n.Receiver().Dotted() != "express" || !n.Arg(0).Ok() {
		return
	}
	names := client.NamesOf(f)
	if names.Callee(n) != "express.static" || n.Keyword("maxAge").Ok() || n.Keyword("setHeaders").Ok() || n.Keyword("immutable").Ok() || n.Keyword("cacheControl").Ok() {
		return
	}
	var edits []patch.Edit
	switch len(n.Args()) {
	case 1:
		if e, ok := rewrite.Argument(f, n, `{ maxAge: "1h" }`); ok {
			edits = []patch.Edit{e}
		}
	case 2:
		if n.Arg(1).Kind() != syntax.Map {
			return
		}
		if e, ok := rewrite.Argument(f, n.Arg(1), `maxAge: "1h"`); ok {
			edits = []patch.Edit{e}
		}
	}
	report1(p, f, n, "express.static", 0.6, edits)
}

// silent reports whether the surroundings deal with caching, or the answer is a download.
func silent(n syntax.Ref) bool {
	scope := n.Enclosing(syntax.Func)
	if !scope.Ok() {
		scope = n
	}
	for s := range scope.Descendants(syntax.String, syntax.Call, syntax.Member, syntax.Name, syntax.Pair) {
		switch low := strings.ToLower(s.Str()); {
		case strings.Contains(low, "cache-control"), strings.Contains(low, "cachecontrol"), strings.Contains(low, "cache_control"), low == "expires", low == "expires_in", low == "etag", low == "fresh_when", low == "stale?", low == "http_cache_forever", strings.HasPrefix(low, "attachment;"), low == "attachment", strings.Contains(low, "no-store"):
			return true
		}
	}
	for d := range n.Enclosing(syntax.Func).All(syntax.Decorator) {
		if strings.Contains(strings.ToLower(d.Str()), "cache") {
			return true
		}
	}
	return false
}

func report1(p *rule.Pass, f *project.File, n syntax.Ref, call string, confidence float64, edits []patch.Edit) {
	if silent(n) {
		return
	}
	out := rule.Finding{
		Title:      "Files are served without Cache-Control",
		Claim:      fmt.Sprintf("`%s` sends the file without a Cache-Control header: every view fetches it again, and no CDN may keep it.", call),
		Primary:    rule.At(f, n, "no Cache-Control"),
		Subject:    call,
		Evidence:   1,
		Confidence: confidence,
		Fix:        report.Fix{Summary: "Set Cache-Control: a long max-age with immutable where the address changes with the content, private where a login guards it."},
		WrongIf:    "A proxy in front sets the header.",
		Edits:      edits,
	}
	if len(edits) > 0 {
		out.Fix.Behaviour = "Browsers keep the file for the given time without asking; a file that changes under the same address is seen late."
	}
	p.Report(out)
}
