// Package liquibase reads schema changes from Liquibase changelogs: XML, YAML, JSON, and SQL files that
// these include.
//
// It guarantees linear time in what is read, exact lines and no panics on any input: depth, elements and
// the length of substituted values are bounded, entities are not expanded, no file is read twice and
// nothing is fetched. What was not understood becomes a [Problem] and the rest is read.
//
// It does not run anything. Of changes that are for one product only (dbms, or a context that names a
// product) those of the chosen product count; change sets in the contexts of tests and demonstrations
// are left out. Change sets with preconditions that may skip them are marked conditional.
package liquibase

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// File is one changelog, or a SQL file that one may include.
type File struct {
	Path string
	Text []byte
}

// Problem is a part of a changelog that was not understood, or a file that it names and that is not
// among those given.
type Problem struct {
	Place schema.Place
	Text  string
	// Fatal: changes of the schema are missing from the result.
	Fatal bool
}

// Changelog is what one master file applies: itself and all that it includes.
type Changelog struct {
	Master     string
	Files      []string // in the order in which they were met
	Dialect    schema.Dialect
	Migrations []schema.Migration // one for each change set that changes the schema, in order
	Problems   []Problem
}

var changelogText = regexp.MustCompile(`(?m)<(?:\w+:)?databaseChangeLog[\s>/]|^\s*[{]?\s*"?databaseChangeLog"?\s*:`)

// headBytes is how far into a file its root may stand: behind a licence.
const headBytes = 16 << 10

// IsChangelog tells a changelog in XML, YAML or JSON by its root.
func IsChangelog(name string, text []byte) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".xml", ".yaml", ".yml", ".json":
		return changelogText.Match(text[:min(len(text), headBytes)])
	}
	return false
}

// Read reads the changelogs among files. Each that no other includes is a master of its own. With
// schema.Unknown the product of each is one that its change sets name.
func Read(files []File, dialect schema.Dialect) []Changelog {
	s := &set{files: map[string][]byte{}, roots: map[string]*node{}, problems: map[string][]Problem{}}
	for _, f := range files {
		s.files[f.Path] = f.Text
	}
	for p := range s.files {
		s.paths = append(s.paths, p)
	}
	sort.Strings(s.paths)
	var logs []string
	for _, p := range s.paths {
		if IsChangelog(p, s.files[p]) {
			logs = append(logs, p)
			s.roots[p], s.problems[p] = parse(p, s.files[p])
		}
	}
	included := map[string]bool{}
	for _, p := range logs {
		for _, n := range s.roots[p].children {
			for _, to := range s.included(p, n) {
				included[to] = included[to] || to != p
			}
		}
	}
	var out []Changelog
	done := map[string]bool{}
	read := func(master string) {
		d := dialect
		if d == schema.Unknown {
			d = s.product(master)
		}
		r := &reader{set: s, log: Changelog{Master: master, Dialect: d}, visited: map[string]bool{}, properties: map[string]string{}, sets: map[string]bool{}}
		r.file(master, 0, "")
		for _, f := range r.log.Files {
			done[f] = true
		}
		out = append(out, r.log)
	}
	for _, p := range logs {
		if !included[p] {
			read(p)
		}
	}
	for _, p := range logs { // changelogs that include each other in a circle
		if !done[p] {
			read(p)
		}
	}
	return out
}

// set is all files that were given.
type set struct {
	files    map[string][]byte
	paths    []string // sorted
	roots    map[string]*node
	problems map[string][]Problem
}

// included lists the files that an include or includeAll of a changelog names.
func (s *set) included(from string, n *node) []string {
	switch n.name {
	case "include":
		if to := s.find(from, n.attr("file"), n.attr("relativeToChangelogFile") == "true"); to != "" {
			return []string{to}
		}
	case "includeAll":
		return s.folder(from, n.attr("path"), n.attr("relativeToChangelogFile") == "true")
	}
	return nil
}

// clean drops what Liquibase allows before a path on the class path.
func clean(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")
	for _, scheme := range []string{"classpath*:", "classpath:", "file:"} {
		name = strings.TrimPrefix(name, scheme)
	}
	return strings.Trim(path.Clean("/"+name), "/")
}

// find resolves a path that a changelog names: beside the changelog, else by the end of the path,
// because a class path joins the resource folders of several modules. The nearest file wins.
func (s *set) find(from, name string, relative bool) string {
	if name == "" {
		return ""
	}
	if relative || !strings.Contains(name, "/") {
		if beside := path.Join(path.Dir(from), strings.ReplaceAll(name, `\`, "/")); s.files[beside] != nil {
			return beside
		}
		if relative {
			return ""
		}
	}
	name = clean(name)
	best, shared := "", -1
	for _, p := range s.paths {
		if p == name || strings.HasSuffix(p, "/"+name) {
			if n := common(p, from); n > shared {
				best, shared = p, n
			}
		}
	}
	if best == "" {
		if beside := path.Join(path.Dir(from), name); s.files[beside] != nil {
			return beside
		}
	}
	return best
}

func (s *set) folder(from, name string, relative bool) []string {
	var out []string
	want := clean(name)
	if relative {
		want = strings.Trim(path.Join(path.Dir(from), strings.ReplaceAll(name, `\`, "/")), "/")
	}
	if want == "" || want == "." {
		return nil
	}
	for _, p := range s.paths {
		dir := path.Dir(p) + "/"
		in := strings.HasPrefix(dir, want+"/") || !relative && strings.Contains(dir, "/"+want+"/")
		if in && p != from {
			out = append(out, p)
		}
	}
	return out
}

// common counts the bytes that two paths share at their beginning.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// product is the product that the change sets of a master are written for; of several, PostgreSQL, then
// MySQL, as for folders of SQL that serve several.
func (s *set) product(master string) schema.Dialect {
	named := map[schema.Dialect]bool{}
	var count func(file string, seen map[string]bool, depth int)
	var walk func(n *node)
	walk = func(n *node) {
		for _, d := range append(products(n.attr("dbms")), products(n.context())...) {
			named[d] = true
		}
		for _, c := range n.children {
			walk(c)
		}
	}
	count = func(file string, seen map[string]bool, depth int) {
		root := s.roots[file]
		if seen[file] || root == nil || depth > maxIncludes {
			return
		}
		seen[file] = true
		walk(root)
		for _, n := range root.children {
			for _, to := range s.included(file, n) {
				count(to, seen, depth+1)
			}
		}
	}
	count(master, map[string]bool{}, 0)
	for _, d := range []schema.Dialect{schema.Postgres, schema.MySQL, schema.SQLServer, schema.Oracle, schema.DB2, schema.SQLite, schema.H2} {
		if named[d] {
			return d
		}
	}
	return schema.Unknown
}

var productNames = map[string]schema.Dialect{
	"postgresql": schema.Postgres, "postgres": schema.Postgres, "cockroachdb": schema.Postgres, "edb": schema.Postgres, "mysql": schema.MySQL, "mariadb": schema.MySQL, "sqlite": schema.SQLite,
	"h2": schema.H2, "hsqldb": schema.H2, "mssql": schema.SQLServer, "sqlserver": schema.SQLServer, "oracle": schema.Oracle, "db2": schema.DB2,
}

// words splits a list of products or an expression of contexts.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return c == ',' || c == ' ' || c == '(' || c == ')' || c == ';'
	})
}

// products lists the products that a dbms attribute or a context names, without those it excludes.
func products(s string) []schema.Dialect {
	var out []schema.Dialect
	for _, w := range words(s) {
		if d, ok := productNames[w]; ok {
			out = append(out, d)
		}
	}
	return out
}

// applies reports whether a change for the products of a dbms attribute runs on a product. An unknown
// product takes what is not for others alone.
func applies(dbms string, d schema.Dialect) bool {
	list := words(dbms)
	if len(list) == 0 {
		return true
	}
	only := false
	for _, w := range list {
		if name, not := strings.CutPrefix(w, "!"); not {
			if d != schema.Unknown && productNames[name] == d {
				return false
			}
			continue
		}
		if w == "all" {
			return true
		}
		only = true
		if p, ok := productNames[w]; ok && (p == d || d == schema.Unknown) {
			return true
		}
	}
	return !only
}

var trialContexts = map[string]bool{"test": true, "tests": true, "testing": true, "demo": true, "faker": true, "sample": true, "testdata": true, "test-data": true}

// inContext reports whether a change set of a context counts: not where all its words name tests, nor
// where its only word is another product.
func inContext(context string, d schema.Dialect) bool {
	list := words(context)
	if len(list) == 0 {
		return true
	}
	if len(list) == 1 {
		name, not := strings.CutPrefix(list[0], "!")
		if _, ok := productNames[name]; ok {
			return applies(list[0], d)
		}
		return not || !trialContexts[name]
	}
	for _, w := range list {
		if !trialContexts[w] && w != "or" && w != "and" {
			return true
		}
	}
	return false
}

func problem(at schema.Place, fatal bool, format string, args ...any) Problem {
	return Problem{Place: at, Fatal: fatal, Text: fmt.Sprintf(format, args...)}
}
