// Package bodyleak finds response bodies, files and readers of Go that are not closed.
package bodyleak

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is go.body-leak.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "go.body-leak",
		Title:    "Response body or file left open",
		Summary:  "An HTTP response, a file, a connection or a zip archive on disk is opened and on some path never closed.",
		Why:      "An open response keeps its connection out of the transport's pool, two goroutines and a file descriptor; an open file keeps a descriptor until a garbage collection happens to run its finalizer. The process has a fixed number of descriptors (often 1024): when they are gone, accept, open and dial all fail at once.",
		Cost:     "one descriptor for each call that leaves that way; L descriptors are gone after L such calls",
		Fix:      "Put `defer x.Close()` directly behind the error check of the call that opened it. In a loop, move the body of the loop into a function.",
		Wrong:    "The value is handed to something that closes it. Values that are returned, stored, passed to a function outside of the standard library, or closed by a helper whose name says so are not reported; neither are readers that hold no descriptor (gzip, zlib, flate, readers over memory).",
		Category: "resource-leak",
		Examples: []rule.Example{{Lang: "go",
			Before: "resp, err := http.Get(url)\nif err != nil {\n\treturn err\n}\nreturn json.NewDecoder(resp.Body).Decode(&v)",
			After:  "resp, err := http.Get(url)\nif err != nil {\n\treturn err\n}\ndefer resp.Body.Close()\nreturn json.NewDecoder(resp.Body).Decode(&v)"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "Too many open files: the process can neither accept nor connect.",
		Proof:    "Count /proc/PID/fd over a thousand calls of the path, before and after.",
		Refs: []report.Reference{
			{Title: "net/http: the client must close the response body", URL: "https://pkg.go.dev/net/http#pkg-overview"},
			{Title: "os.File", URL: "https://pkg.go.dev/os#File"},
		},
		Langs: []string{"go"},
	},
	File: check,
}

// opener is a call whose first result has to be closed.
type opener struct{ what, part string }

var openers = map[string]opener{
	"net/http.Get": {"response", "Body"}, "net/http.Post": {"response", "Body"}, "net/http.PostForm": {"response", "Body"}, "net/http.Head": {"response", "Body"},
	"net/http.DefaultClient.Do": {"response", "Body"}, "net/http.DefaultClient.Get": {"response", "Body"}, "net/http.DefaultClient.Post": {"response", "Body"},
	"os.Open": {"file", ""}, "os.Create": {"file", ""}, "os.OpenFile": {"file", ""}, "os.CreateTemp": {"file", ""}, "io/ioutil.TempFile": {"file", ""},
	"archive/zip.OpenReader": {"zip archive", ""},
	"net.Dial":               {"connection", ""}, "net.DialTimeout": {"connection", ""}, "crypto/tls.Dial": {"connection", ""}, "net/smtp.Dial": {"connection", ""},
}

func check(p *rule.Pass, f *project.File) {
	var names *client.Names
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		call := a.Child(syntax.Value)
		if call.Kind() != syntax.Call || !call.Receiver().Ok() {
			continue
		}
		if names == nil {
			names = client.NamesOf(f)
		}
		o, ok := openers[names.Callee(call)]
		if !ok {
			if o, ok = response(names, a, call); !ok {
				continue
			}
		}
		var targets []string
		for t := range a.All(syntax.Target) {
			targets = append(targets, t.Dotted())
		}
		if len(targets) != 2 || targets[0] == "" || targets[0] == "_" || strings.Contains(targets[0], ".") {
			continue
		}
		one(p, f, names, a, o, targets)
	}
}

// response recognises a Do of a client whose type is known, or of a request made in this function.
func response(n *client.Names, a, call syntax.Ref) (opener, bool) {
	o := opener{"response", "Body"}
	switch call.Str() {
	case "Do":
	case "Get", "Post", "PostForm", "Head":
		return o, n.TypeOf(call.Receiver()) == "net/http.Client"
	default:
		return o, false
	}
	if n.TypeOf(call.Receiver()) == "net/http.Client" {
		return o, true
	}
	arg := call.Arg(0).Dotted()
	fn := a.Enclosing(syntax.Func, syntax.Lambda)
	if arg == "" || call.Arg(1).Ok() {
		return o, false
	}
	for b := range fn.Descendants(syntax.Assign) {
		if b.Child(syntax.Target).Dotted() == arg && strings.HasPrefix(b.Child(syntax.Value).Str(), "NewRequest") && b.Child(syntax.Value).Receiver().Dotted() == "http" {
			// The answer must be used as one: other clients have a Do, too.
			for m := range fn.Descendants(syntax.Member) {
				if (m.Str() == "Body" || m.Str() == "StatusCode") && m.Receiver().Dotted() == a.Child(syntax.Target).Dotted() {
					return o, true
				}
			}
		}
	}
	return o, false
}

func one(p *rule.Pass, f *project.File, names *client.Names, a syntax.Ref, o opener, targets []string) {
	r := lifetime.Of(lifetime.Value{Open: a, Name: targets[0], Close: []string{"Close", "Shutdown", "Quit", "Hijack"}, Part: o.part, Errors: targets[1:],
		Borrows: func(c syntax.Ref) bool { return borrows(names, c) }})
	closer := targets[0]
	if o.part != "" {
		closer += "." + o.part
	}
	out := rule.Finding{
		Primary:    rule.At(f, a, o.what+" opened here"),
		Subject:    targets[0] + " " + o.what,
		Evidence:   1,
		Confidence: 0.85,
		Fix:        report.Fix{Summary: fmt.Sprintf("Add `defer %s.Close()` behind the error check.", closer)},
		Cost:       lifetime.Descriptors("call"),
	}
	switch r.Fate {
	case lifetime.Never:
		out.Title = "A " + o.what + " is never closed"
		out.Claim = fmt.Sprintf("`%s` is opened here and no path of the function closes it: each call keeps a descriptor, of which the process has %s by default.", closer, lifetime.DescriptorLimit)
	case lifetime.Sometimes:
		out.Title = "A " + o.what + " stays open on an early return"
		out.Claim = fmt.Sprintf("`%s` is closed at line %d, but line %d leaves before that.", closer, r.Close.Line(), r.Exit.Line())
		out.Secondary = []rule.Place{rule.At(f, r.Exit, "leaves with the "+o.what+" open")}
		out.Confidence = 0.75
		out.Severity = report.Medium
		out.Cost = lifetime.Descriptors("early exit")
	default:
		return
	}
	if fn := a.Enclosing(syntax.Func, syntax.Lambda); fn.Str() == "main" || f.Role != project.App || oneShot(f) || trigger.Of(p.Project, p.Flow.Entries, f, a).Minor() {
		out.Confidence, out.Severity = 0.4, report.Low
	}
	if a.Enclosing(syntax.For, syntax.While).Ok() && a.Enclosing(syntax.For, syntax.While).Inside(a.Enclosing(syntax.Func, syntax.Lambda)) {
		out.Fix.Summary = fmt.Sprintf("Close `%s` at the end of each turn, best by moving the body of the loop into a function with a defer.", closer)
	} else if e, ok := rewrite.AfterCheck(f, a, targets[1], "defer "+closer+".Close()"); ok {
		out.Edits = []patch.Edit{e}
		out.Fix.Behaviour = "The " + o.what + " is closed when the function returns."
		if r.Fate == lifetime.Sometimes {
			out.Fix.Behaviour += " It is then closed twice on the path that closed it already, which is harmless."
		}
	}
	p.Report(out)
}

// oneShot reports whether the file belongs to a command that ends soon.
func oneShot(f *project.File) bool {
	for _, d := range strings.Split(f.Path, "/") {
		switch d {
		case "cli", "tools", "scripts", "fly", "ctl", "examples":
			return true
		}
	}
	return false
}

// borrows lists the functions of the standard library that read or write what they are given and
// leave closing to the caller.
func borrows(n *client.Names, c syntax.Ref) bool {
	callee := n.Callee(c)
	pkg, name := "", callee
	if i := strings.LastIndex(callee, "."); i > 0 {
		pkg, name = callee[:i], callee[i+1:]
	}
	switch pkg {
	case "io", "io/ioutil", "bufio", "encoding/json", "encoding/xml", "encoding/csv", "encoding/gob", "fmt", "archive/tar", "gopkg.in/yaml.v2", "gopkg.in/yaml.v3", "net/http/httputil", "compress/gzip", "compress/zlib", "compress/bzip2", "image", "image/png", "image/jpeg", "log", "html/template", "text/template", "bytes", "strings", "crypto/sha256":
		return name != "NopCloser" && name != "MultiReader" && name != "TeeReader" && name != "NewReader" && name != "NewScanner" && name != "NewWriter" && name != "NewDecoder" && name != "NewEncoder" || kept(c)
	case "":
		return name == "len" || name == "cap" || name == "print" || name == "println" || name == "panic"
	}
	return false
}

// kept reports whether a wrapper stays in the function: it is used at once, or put into a variable
// that is not returned.
func kept(c syntax.Ref) bool {
	p := c.Parent()
	if p.Kind() == syntax.Call && c.Role() == syntax.Receiver {
		return true
	}
	if p.Kind() != syntax.Assign {
		return false
	}
	fate := lifetime.Of(lifetime.Value{Open: p, Name: p.Child(syntax.Target).Dotted(), Close: []string{"Close", "Flush"}, Borrows: func(c syntax.Ref) bool {
		r := c.Receiver().Dotted()
		return r == "io" || r == "ioutil" || r == "fmt" || r == "bufio"
	}})
	return fate.Fate != lifetime.Given
}
