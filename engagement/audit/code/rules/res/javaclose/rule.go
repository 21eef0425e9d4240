// Package javaclose finds streams, connections and statements of Java that are not closed on every path.
package javaclose

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is res.java-close.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "res.java-close",
		Title:    "Stream or connection not closed on every path",
		Summary:  "A file stream, socket, directory stream, JDBC connection, statement or result set is opened outside of try-with-resources and stays open when something throws, or always.",
		Why:      "Java closes a stream only when somebody says so. A read that throws between open and close leaks the descriptor; a leaked JDBC connection never returns to its pool. Both show up hours later, as 'Too many open files' or a pool that times out, far from the line that leaks.",
		Cost:     "one descriptor or connection for each call that leaves it open; L of them are gone after L such calls",
		Fix:      "Open it in the head of a try statement: try (var in = new FileInputStream(f)) { ... }.",
		Wrong:    "The value is given to an object that closes it. Values that are returned, stored in a field, passed on, or closed in a finally block are not reported; streams over memory need no close.",
		Category: "resource-leak",
		Examples: []rule.Example{{Lang: "java",
			Before: "InputStream in = new FileInputStream(file);\nprops.load(in);\nin.close();",
			After:  "try (InputStream in = new FileInputStream(file)) {\n  props.load(in);\n}"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "Too many open files, or a connection pool that is empty for good.",
		Proof:    "Count /proc/PID/fd (or the pool's active connections) over a thousand such calls, before and after.",
		Refs: []report.Reference{
			{Title: "The Java Tutorials: try-with-resources", URL: "https://docs.oracle.com/javase/tutorial/essential/exceptions/tryResourceClose.html"},
		},
		Langs: []string{"java"},
	},
	File: check,
}

var constructors = set("FileInputStream", "FileOutputStream", "FileReader", "FileWriter", "RandomAccessFile", "Socket", "ServerSocket", "ZipFile", "JarFile",
	"DatagramSocket")

// wrappers close what they wrap, and hold no descriptor of their own.
var wrappers = set("GZIPInputStream", "GZIPOutputStream", "ZipInputStream", "ZipOutputStream", "InflaterInputStream", "DeflaterOutputStream", "CipherInputStream", "DigestInputStream",
	"BufferedReader", "BufferedInputStream", "BufferedOutputStream", "BufferedWriter", "InputStreamReader", "OutputStreamWriter", "ObjectInputStream",
	"ObjectOutputStream", "DataInputStream", "DataOutputStream", "PrintWriter", "PrintStream", "Scanner", "TarArchiveInputStream", "CSVReader", "CSVWriter", "JarInputStream")

// factories are calls whose declared type says what they open.
var factories = map[string]map[string]bool{
	"Connection":            set("getConnection"),
	"PreparedStatement":     set("prepareStatement"),
	"CallableStatement":     set("prepareCall"),
	"Statement":             set("createStatement"),
	"ResultSet":             set("executeQuery", "getResultSet", "getGeneratedKeys"),
	"InputStream":           set("newInputStream", "getResourceAsStream", "openStream"),
	"OutputStream":          set("newOutputStream"),
	"BufferedReader":        set("newBufferedReader"),
	"BufferedWriter":        set("newBufferedWriter"),
	"CloseableHttpResponse": set("execute"),
	"CloseableHttpClient":   set("createDefault", "build"),
}

var directory = set("list", "walk", "lines", "find", "newDirectoryStream")

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

func check(p *rule.Pass, f *project.File) {
	for n := range f.Tree.Root().Descendants(syntax.Assign, syntax.Call) {
		if n.Kind() == syntax.Call {
			inline(p, f, n)
			continue
		}
		if n.Parent().Kind() == syntax.With || !n.Enclosing(syntax.Func, syntax.Lambda).Ok() {
			continue
		}
		v := n.Child(syntax.Value)
		what, ok := opens(n, v)
		target := n.Child(syntax.Target)
		if !ok || target.Kind() != syntax.Name || f.Role != project.App {
			continue
		}
		if field(n, target.Str()) {
			continue
		}
		assigned(p, f, n, target.Str(), what)
	}
}

// opens says what an assigned value opens.
func opens(a, v syntax.Ref) (string, bool) {
	if v.Kind() != syntax.Call {
		return "", false
	}
	if v.Has(syntax.FlagNew) {
		if constructors[v.Str()] {
			return v.Str(), len(v.Args()) > 0
		}
		if wrappers[v.Str()] {
			if inner, ok := opens(syntax.Ref{}, v.Arg(0)); ok {
				return inner, true
			}
		}
		return "", false
	}
	if !v.Receiver().Ok() {
		return "", false
	}
	t := strings.TrimSpace(a.Child(syntax.TypeRole).Str())
	if i := strings.Index(t, "<"); i > 0 {
		t = t[:i]
	}
	switch {
	case t == "" && a.Ok():
		return "", false // assigned again: the declaration is judged
	case v.Receiver().Str() == "Files" && directory[v.Str()]:
		return "Files." + v.Str(), t == "Stream" || t == "DirectoryStream" || t == "var"
	case factories[t][v.Str()]:
		if t == "Connection" && !dataSource(v.Receiver()) {
			return "", false // connections of brokers and transaction-bound ones are the framework's
		}
		return t, true
	}
	return "", false
}

func dataSource(r syntax.Ref) bool {
	s := strings.ToLower(r.Str())
	return strings.Contains(s, "datasource") || strings.Contains(s, "drivermanager") || s == "ds" || strings.HasSuffix(s, "pool")
}

// field reports whether a name without a declaration in the function is a field.
func field(a syntax.Ref, name string) bool {
	if a.Child(syntax.TypeRole).Ok() {
		return false
	}
	fn := a.Enclosing(syntax.Func, syntax.Lambda)
	for b := range fn.Descendants(syntax.Assign) {
		if b.Child(syntax.Target).Str() == name && b.Child(syntax.TypeRole).Ok() {
			return false
		}
	}
	return true
}

var reading = set("load", "readValue", "readAllBytes", "copy", "toString", "toByteArray", "readLines", "parse", "readTree", "fromJson", "store", "transferTo", "write", "readObject", "loadAs", "getTypeFactory")

func borrows(c syntax.Ref) bool {
	return !c.Has(syntax.FlagNew) && c.Receiver().Ok() && reading[c.Str()]
}

func assigned(p *rule.Pass, f *project.File, a syntax.Ref, name, what string) {
	r := lifetime.Of(lifetime.Value{Open: a, Name: name, Close: []string{"close", "disconnect"}, Borrows: borrows})
	out := rule.Finding{
		Primary:    rule.At(f, a, "opened here"),
		Subject:    name + " " + what,
		Evidence:   1,
		Confidence: 0.8,
		Fix:        report.Fix{Summary: fmt.Sprintf("Open `%s` in the head of a try statement (try-with-resources).", name)},
		Cost:       lost(what, "failing call"),
	}
	switch r.Fate {
	case lifetime.Never:
		out.Title = title(what+" is never closed", a)
		out.Claim = fmt.Sprintf("`%s` is opened here and nothing in the method closes it: %s", name, each(what))
		out.Severity = report.High
		out.Cost = lost(what, "call")
	case lifetime.Always, lifetime.Sometimes:
		if !r.Close.Ok() || !throws(a, r.Close) {
			return
		}
		out.Title = title(what+" stays open when something throws", a)
		out.Claim = fmt.Sprintf("`%s` is closed at line %d, outside of a finally block: an exception in between leaves it open.", name, r.Close.Line())
		out.Confidence = 0.65
		if r.Exit.Ok() {
			out.Claim = fmt.Sprintf("`%s` is closed at line %d, but line %d leaves before that, and so does every exception.", name, r.Close.Line(), r.Exit.Line())
			out.Confidence = 0.8
		}
	default:
		return
	}
	if e, ok := tryWith(f, a, r); ok {
		out.Edits = []patch.Edit{}
		out.Edits = append(out.Edits, e...)
		out.Fix.Behaviour = "The value is closed when the block ends, also by an exception; an exception of close itself is suppressed by one of the block."
	}
	weigh(p, f, a, what, &out)
	p.Report(out)
}

// lost is the cost of a leak of one value: a place in the pool for JDBC, a descriptor for all others.
func lost(what, event string) *report.Cost {
	if what == "Connection" {
		return lifetime.Lost("connections", event)
	}
	return lifetime.Descriptors(event)
}

// each says what one call that leaks takes.
func each(what string) string {
	switch what {
	case "Connection":
		return "each call takes a connection out of its pool for good."
	case "PreparedStatement", "CallableStatement", "Statement", "ResultSet":
		return "it stays with its connection until that is closed."
	}
	return "each call keeps a descriptor, of which the process has " + lifetime.DescriptorLimit + " by default."
}

// title names the method of the place.
func title(what string, n syntax.Ref) string {
	if fn := n.Enclosing(syntax.Func); fn.Str() != "" {
		return what + " in " + fn.Str()
	}
	return what
}

// weigh lowers what the runtime mends or few wait for: files have a cleaner that closes them when they
// are collected, streams of the class path often have no descriptor at all, and code that runs once
// leaks once.
func weigh(p *rule.Pass, f *project.File, n syntax.Ref, what string, out *rule.Finding) {
	out.Cliff = "Too many open files: the process can neither accept nor connect."
	switch what {
	case "Connection":
		out.Cliff = "The connection pool is empty for good."
	case "PreparedStatement", "CallableStatement", "Statement", "ResultSet":
		out.Cliff = "Cursors and memory of the connections pile up in the database until it refuses more."
	}
	switch {
	case classPath(n):
		out.Severity, out.Confidence = report.Low, min(out.Confidence, 0.6)
		out.Claim += " A stream of the class path holds a descriptor only when the jar is not shared."
	case cleaned[what] && out.Severity != report.Low:
		out.Severity = report.Medium
		out.Claim += " A collection of garbage may close it before that; nothing says when."
	}
	switch k := trigger.Of(p.Project, p.Flow.Entries, f, n); {
	case k.Minor():
		out.Severity, out.Confidence = report.Low, min(out.Confidence, 0.55)
	case k == trigger.Schedule && out.Severity == report.High:
		out.Severity = report.Medium
	}
}

// cleaned are the classes that the collector closes (java.lang.ref.Cleaner since Java 9).
var cleaned = set("FileInputStream", "FileOutputStream", "FileReader", "FileWriter", "RandomAccessFile", "ZipFile", "JarFile", "InputStream", "OutputStream", "BufferedReader", "BufferedWriter", "Socket")

// classPath reports whether a value is a resource of the class path.
func classPath(n syntax.Ref) bool {
	for c := range n.Descendants(syntax.Call) {
		if c.Str() == "getResourceAsStream" || c.Str() == "getResource" {
			return true
		}
	}
	return false
}

// throws reports whether anything between an open and its close can throw: any call can.
func throws(a, close syntax.Ref) bool {
	for c := range a.Enclosing(syntax.Func, syntax.Lambda).Descendants(syntax.Call, syntax.Throw) {
		if c.Start() > a.End() && c.End() < close.Start() {
			return true
		}
	}
	return false
}

// inline finds a stream that is opened in the arguments of a call that reads it and closes nothing.
func inline(p *rule.Pass, f *project.File, n syntax.Ref) {
	if f.Role != project.App {
		return
	}
	what, name := "", ""
	switch {
	case n.Has(syntax.FlagNew) && constructors[n.Str()] && n.Role() == syntax.Arg && len(n.Args()) > 0:
		outer := n.Parent()
		for outer.Has(syntax.FlagNew) && wrappers[outer.Str()] && outer.Role() == syntax.Arg {
			outer = outer.Parent()
		}
		if !borrows(outer) || outer.Str() == "parse" || outer.Str() == "readValue" || outer.Str() == "readTree" || n.Str() == "Socket" {
			return // parsers of Jackson close their source, others may
		}
		what, name = n.Str(), outer.Str()
	case n.Receiver().Str() == "Files" && directory[n.Str()] && n.Receiver().Kind() == syntax.Name && n.Role() == syntax.Receiver:
		what, name = "Files."+n.Str(), "the stream pipeline"
	default:
		return
	}
	out := rule.Finding{
		Title:      title(what+" is never closed", n),
		Claim:      fmt.Sprintf("The `%s` opened here is used by %s and closed by nobody: %s", what, name, each(what)),
		Primary:    rule.At(f, n, "opened here"),
		Subject:    what + " in " + name,
		Evidence:   1,
		Confidence: 0.75,
		Cost:       lost(what, "call"),
		Fix:        report.Fix{Summary: "Open it in the head of a try statement and use the variable."},
	}
	weigh(p, f, n, what, &out)
	p.Report(out)
}

// tryWith moves a straight run of statements from the open to the close into try-with-resources.
func tryWith(f *project.File, a syntax.Ref, r lifetime.Result) ([]patch.Edit, bool) {
	if !r.Close.Ok() || r.Close.Parent() != a.Parent() || a.Parent().Kind() != syntax.Block || !a.Child(syntax.TypeRole).Ok() || r.Exit.Ok() {
		return nil, false
	}
	src := f.Source()
	// Variables declared in the run must not be used behind it.
	declared := map[string]bool{}
	for s := range a.Parent().Children() {
		if s.Start() <= a.Start() || s.Start() >= r.Close.Start() {
			continue
		}
		if s.Kind() == syntax.Assign && s.Child(syntax.TypeRole).Ok() {
			declared[s.Child(syntax.Target).Str()] = true
		}
	}
	for s := range a.Parent().Children() {
		if s.Start() <= r.Close.Start() {
			continue
		}
		for n := range s.Descendants(syntax.Name) {
			if declared[n.Str()] || n.Str() == a.Child(syntax.Target).Str() {
				return nil, false
			}
		}
	}
	start, end := int(a.Start()), int(a.End())
	// The declaration's node may begin at the variable: take the whole line.
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	indent := string(src[start:])[:len(string(src[start:]))-len(strings.TrimLeft(string(src[start:]), " \t"))]
	start += len(indent)
	for end < len(src) && src[end] != '\n' {
		end++
	}
	head := strings.TrimSpace(string(src[start:end]))
	if !strings.HasSuffix(head, ";") || strings.Count(head, ";") != 1 || strings.Contains(head, "//") {
		return nil, false
	}
	closeStart := int(r.Close.Start())
	for closeStart > 0 && src[closeStart-1] != '\n' {
		closeStart--
	}
	closeEnd := int(r.Close.End())
	for closeEnd < len(src) && src[closeEnd] != '\n' {
		closeEnd++
	}
	body := string(src[end+1 : closeStart])
	if strings.Contains(body, `"""`) || strings.TrimSpace(string(src[closeStart:closeEnd])) != f.NodeText(r.Close)+";" {
		return nil, false
	}
	step := "    "
	if !strings.Contains(indent, "    ") {
		step = "  "
	}
	if strings.Contains(indent, "\t") {
		step = "\t"
	}
	var sb strings.Builder
	sb.WriteString("try (" + strings.TrimPrefix(strings.TrimSuffix(head, ";"), "final ") + ") {\n")
	for _, l := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if strings.TrimSpace(l) != "" {
			l = step + l
		}
		sb.WriteString(l + "\n")
	}
	sb.WriteString(indent + "}")
	return []patch.Edit{{Path: f.Path, Start: start, End: closeEnd, New: sb.String()}}, true
}
