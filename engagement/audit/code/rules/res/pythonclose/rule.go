// Package pythonclose finds files, sockets, sessions and connections of Python that are not closed on
// every path.
package pythonclose

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is res.python-close.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "res.python-close",
		Title:    "File, connection or executor not closed on every path",
		Summary:  "A file, socket, archive, database connection, session or thread pool is opened without with and stays open when something raises, or always.",
		Why:      "A with statement closes whatever happens; a close at the end of a function only when nothing raised. CPython frees a local file when its frame goes, but a traceback keeps the frame, a reference cycle keeps both, and connections, sockets and thread pools are not freed by a collection at all: each failing call leaves one behind.",
		Cost:     "one descriptor, connection or pool of threads for each failing call",
		Fix:      "Open it in a with statement (contextlib.closing for what is not a context manager).",
		Wrong:    "The value is given to an object that closes it. Values that are returned, yielded, stored on self, passed on, or closed in a finally block are not reported.",
		Category: "resource-leak",
		Examples: []rule.Example{{Lang: "python",
			Before: "f = open(path)\ndata = json.load(f)\nf.close()",
			After:  "with open(path) as f:\n    data = json.load(f)"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "Too many open files, or a database that refuses connections.",
		Proof:    "Run with python -X dev: each leak prints a ResourceWarning.",
		Refs: []report.Reference{
			{Title: "Python: the with statement", URL: "https://docs.python.org/3/reference/compound_stmts.html#the-with-statement"},
			{Title: "Python: ResourceWarning", URL: "https://docs.python.org/3/library/exceptions.html#ResourceWarning"},
		},
		Langs: []string{"python"},
	},
	File: check,
}

type resource struct {
	what  string
	heavy bool // not freed with the last reference, or costly while it lives
}

var openers = map[string]resource{
	"open": {"file", false}, "io.open": {"file", false}, "codecs.open": {"file", false}, "gzip.open": {"file", false}, "bz2.open": {"file", false}, "lzma.open": {"file", false},
	"zipfile.ZipFile": {"archive", false}, "tarfile.open": {"archive", false}, "tempfile.TemporaryFile": {"file", false}, "os.fdopen": {"file", false},
	"socket.socket": {"socket", false}, "socket.create_connection": {"socket", false},
	"psycopg2.connect": {"connection", true}, "psycopg.connect": {"connection", true}, "MySQLdb.connect": {"connection", true}, "pymysql.connect": {"connection", true}, "sqlite3.connect": {"connection", true}, "pyodbc.connect": {"connection", true}, "pymssql.connect": {"connection", true}, "snowflake.connector.connect": {"connection", true},
	"smtplib.SMTP": {"mail connection", true}, "smtplib.SMTP_SSL": {"mail connection", true}, "ftplib.FTP": {"connection", true}, "imaplib.IMAP4_SSL": {"mail connection", true}, "imaplib.IMAP4": {"mail connection", true},
	"aiohttp.ClientSession": {"session", true}, "httpx.Client": {"client", true}, "httpx.AsyncClient": {"client", true},
	"concurrent.futures.ThreadPoolExecutor": {"thread pool", true}, "concurrent.futures.ProcessPoolExecutor": {"process pool", true}, "multiprocessing.Pool": {"process pool", true},
	"paramiko.SSHClient": {"SSH connection", true},
}

// committing are connections whose with statement ends a transaction and leaves them open (Python: sqlite3,
// "How to use the connection context manager"; psycopg2: "with statement").
var committing = map[string]bool{"sqlite3.connect": true, "psycopg2.connect": true, "pyodbc.connect": true}

// opened is the call that opens, behind an await.
func opened(a syntax.Ref) syntax.Ref {
	call := a.Child(syntax.Value)
	for call.Kind() == syntax.Await {
		call = call.Child(syntax.Value)
	}
	return call
}

var closers = []string{"close", "quit", "shutdown", "terminate", "aclose", "logout", "detach", "__exit__", "disconnect", "release"}

var borrowing = map[string]bool{"load": true, "reader": true, "writer": true, "DictReader": true, "DictWriter": true, "safe_load": true, "copyfileobj": true, "dump": true, "safe_dump": true, "readlines": true, "len": true, "print": true, "list": true, "enumerate": true, "isinstance": true, "sum": true, "sorted": true, "fsync": true, "read_csv": true, "parse": true}

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	names := client.NamesOf(f)
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		call := opened(a)
		if call.Kind() != syntax.Call || a.Parent().Kind() == syntax.With {
			continue
		}
		res, ok := openers[names.Callee(call)]
		target := a.Child(syntax.Target)
		if !ok || target.Kind() != syntax.Name || !a.Enclosing(syntax.Func).Ok() {
			continue
		}
		if global(a, target.Str()) {
			continue
		}
		one(p, f, a, target.Str(), res)
	}
}

// global reports whether a function declares the name global or nonlocal.
func global(a syntax.Ref, name string) bool {
	for n := range a.Enclosing(syntax.Func).Descendants(syntax.Other) {
		if strings.HasPrefix(n.Str(), "global") || strings.HasPrefix(n.Str(), "nonlocal") {
			for c := range n.Children() {
				if c.Str() == name {
					return true
				}
			}
		}
	}
	return false
}

func one(p *rule.Pass, f *project.File, a syntax.Ref, name string, res resource) {
	r := lifetime.Of(lifetime.Value{Open: a, Name: name, Close: closers, Borrows: func(c syntax.Ref) bool { return borrowing[c.Str()] }})
	out := rule.Finding{
		Primary:    rule.At(f, a, "opened here"),
		Subject:    name + " " + res.what,
		Evidence:   1,
		Confidence: 0.75,
		Severity:   report.Medium,
		Cost:       lifetime.Lost(unit(res.what), "failing call"),
		Fix:        report.Fix{Summary: fmt.Sprintf("Open `%s` in a with statement.", name)},
	}
	if committing[client.NamesOf(f).Callee(opened(a))] {
		out.Fix.Summary = fmt.Sprintf("Open `%s` with contextlib.closing(...): its own with statement ends a transaction and closes nothing.", name)
	}
	if !res.heavy {
		out.Severity = report.Low
		out.Cliff = " "
	}
	switch {
	case r.Fate == lifetime.Never && closes(a, name):
		return
	case r.Fate == lifetime.Never:
		out.Title = "A " + res.what + " is never closed"
		out.Claim = fmt.Sprintf("`%s` is opened here and nothing in the function closes it.", name)
		out.Cost = lifetime.Lost(unit(res.what), "call")
	case r.Fate == lifetime.Given || !r.Close.Ok() || !raises(a, r.Close):
		return
	case r.Fate == lifetime.Sometimes:
		out.Title = "A " + res.what + " stays open on an early exit"
		out.Claim = fmt.Sprintf("`%s` is closed at line %d, but line %d leaves before that, and so does every exception.", name, r.Close.Line(), r.Exit.Line())
		out.Secondary = []rule.Place{rule.At(f, r.Exit, "leaves with the "+res.what+" open")}
	default:
		out.Title = "A " + res.what + " stays open when something raises"
		out.Claim = fmt.Sprintf("`%s` is closed at line %d, outside of a finally block: an exception in between leaves it open.", name, r.Close.Line())
		out.Confidence = 0.6
	}
	if e, ok := with(f, a, r); ok {
		out.Edits = []patch.Edit{e}
		out.Fix.Behaviour = "The " + res.what + " is closed when the block ends, also by an exception."
	}
	if trigger.Of(p.Project, p.Flow.Entries, f, a).Minor() {
		out.Severity, out.Confidence = report.Low, min(out.Confidence, 0.55)
	}
	p.Report(out)
}

// unit is what one of a resource takes.
func unit(what string) string {
	switch what {
	case "thread pool", "process pool":
		return what + "s"
	}
	return "descriptors"
}

// closes reports whether the function releases the name in some other way: del, a context manager.
func closes(a syntax.Ref, name string) bool {
	for n := range a.Enclosing(syntax.Func).Descendants(syntax.Call) {
		if (n.Str() == "closing" || n.Str() == "enter_context" || n.Str() == "push" || n.Str() == "addCleanup") && n.Arg(0).Str() == name {
			return true
		}
	}
	return false
}

func raises(a, close syntax.Ref) bool {
	for c := range a.Enclosing(syntax.Func).Descendants(syntax.Call, syntax.Throw) {
		if c.Start() > a.End() && c.End() < close.Start() {
			return true
		}
	}
	return false
}

// with turns an open and its straight run of statements up to the close into a with statement.
func with(f *project.File, a syntax.Ref, r lifetime.Result) (patch.Edit, bool) {
	if !r.Close.Ok() || r.Close.Parent() != a.Parent() || a.Parent().Kind() != syntax.Block || a.Str() != "=" || r.Close.Str() != "close" || r.Exit.Ok() {
		return patch.Edit{}, false
	}
	call := a.Child(syntax.Value)
	if call.Kind() != syntax.Call || call.Str() != "open" && !strings.HasSuffix(call.Str(), "File") {
		return patch.Edit{}, false // others are no context managers, or mean something else by it
	}
	src := f.Source()
	start, end := lineStart(src, int(a.Start())), lineEnd(src, int(a.End()))
	closeStart, closeEnd := lineStart(src, int(r.Close.Start())), lineEnd(src, int(r.Close.End()))
	indent := string(src[start:int(a.Start())])
	if strings.TrimSpace(indent) != "" || strings.TrimSpace(string(src[closeStart:closeEnd])) != f.NodeText(r.Close) || end+1 >= closeStart {
		return patch.Edit{}, false
	}
	body := string(src[end+1 : closeStart])
	if strings.Contains(body, `"""`) || strings.Contains(body, "'''") || strings.TrimSpace(body) == "" || strings.TrimSpace(string(src[int(a.End()):end])) != "" {
		return patch.Edit{}, false
	}
	step := "    "
	if strings.Contains(indent, "\t") {
		step = "\t"
	}
	var sb strings.Builder
	sb.WriteString(indent + "with " + f.NodeText(call) + " as " + a.Child(syntax.Target).Str() + ":\n")
	for _, l := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if strings.TrimSpace(l) != "" {
			l = step + l
		}
		sb.WriteString(l + "\n")
	}
	return patch.Edit{Path: f.Path, Start: start, End: closeEnd, New: strings.TrimSuffix(sb.String(), "\n")}, true
}

func lineStart(src []byte, at int) int {
	for at > 0 && src[at-1] != '\n' {
		at--
	}
	return at
}

func lineEnd(src []byte, at int) int {
	for at < len(src) && src[at] != '\n' {
		at++
	}
	return at
}
