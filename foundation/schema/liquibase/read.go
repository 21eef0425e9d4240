package liquibase

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

const (
	maxIncludes   = 64
	maxProblems   = 100
	maxSubstitute = 4 << 10 // bytes of a name or a type with its properties put in
)

// reader applies one master.
type reader struct {
	set        *set
	log        Changelog
	visited    map[string]bool
	properties map[string]string
	sets       map[string]bool // change sets that were read, which Liquibase runs once
}

func (r *reader) problem(p Problem) {
	if len(r.log.Problems) < maxProblems {
		r.log.Problems = append(r.log.Problems, p)
	}
}

// file reads a changelog, or SQL, that is reached under a context.
func (r *reader) file(name string, depth int, context string) {
	if r.visited[name] || depth > maxIncludes || !inContext(context, r.log.Dialect) {
		return
	}
	r.visited[name] = true
	root := r.set.roots[name]
	if root == nil {
		if strings.HasSuffix(strings.ToLower(name), ".sql") {
			r.log.Files = append(r.log.Files, name)
			r.sqlFile(name)
		}
		return
	}
	r.log.Files = append(r.log.Files, name)
	for _, p := range r.set.problems[name] {
		r.problem(p)
	}
	for _, n := range root.children {
		if !applies(r.expand(n.attr("dbms")), r.log.Dialect) {
			continue
		}
		switch n.name {
		case "property":
			if inContext(n.context(), r.log.Dialect) && r.properties[n.attr("name")] == "" {
				r.properties[n.attr("name")] = n.attr("value")
			}
		case "include", "includeAll":
			expanded := *n
			expanded.attrs = map[string]string{}
			for k, v := range n.attrs {
				expanded.attrs[k] = r.expand(v)
			}
			to := r.set.included(name, &expanded)
			if len(to) == 0 && n.name == "include" && inContext(n.context(), r.log.Dialect) {
				r.problem(problem(n.at, strings.HasSuffix(expanded.attr("file"), ".groovy"), "The changelog %s includes %s, which was not read.", name, expanded.attr("file")))
			}
			for _, f := range to {
				r.file(f, depth+1, n.context())
			}
		case "changeSet":
			r.changeSet(name, n)
		}
	}
}

var property = regexp.MustCompile(`\$\{[^{}$]{1,200}\}`)

// expand puts in the properties; those that are not known stay as written.
func (r *reader) expand(s string) string {
	for range 3 { // properties may name others
		if !strings.Contains(s, "${") || len(s) > maxSubstitute {
			return s
		}
		next := property.ReplaceAllStringFunc(s, func(m string) string {
			if v, ok := r.properties[m[2:len(m)-1]]; ok && len(v) <= maxSubstitute {
				return v
			}
			return m
		})
		if next == s {
			return s
		}
		s = next
	}
	return s
}

func (r *reader) changeSet(file string, n *node) {
	id := n.attr("id") + "\x00" + n.attr("author") + "\x00" + file
	if r.sets[id] || !inContext(n.context(), r.log.Dialect) || n.attr("ignore") == "true" {
		return
	}
	conditional := false
	if pre := n.child("preConditions"); pre != nil {
		for _, c := range pre.children {
			if c.name == "dbms" && !applies(c.attr("type"), r.log.Dialect) {
				return
			}
		}
		switch pre.attr("onFail") {
		case "MARK_RAN", "CONTINUE":
			conditional = true
		}
	}
	r.sets[id] = true
	c := &changes{reader: r, file: file}
	for _, change := range n.children {
		if applies(r.expand(change.attr("dbms")), r.log.Dialect) {
			c.change(change)
		}
	}
	if len(c.ops) == 0 {
		return
	}
	for i := range c.ops {
		c.ops[i].Conditional = c.ops[i].Conditional || conditional
	}
	d := r.log.Dialect
	r.log.Migrations = append(r.log.Migrations, schema.Migration{
		Path: file, ID: file + "::" + n.attr("id") + "::" + n.attr("author"), Ops: c.ops,
		Transactional: n.attr("runInTransaction") != "false" && d != schema.MySQL && d != schema.Oracle,
	})
}

var (
	setLine  = regexp.MustCompile(`(?im)^[ \t]*--[ \t]*changeset[ \t]+\S.*$`)
	setDBMS  = regexp.MustCompile(`(?i)\bdbms:("[^"]*"|\S+)`)
	setWhere = regexp.MustCompile(`(?i)\bcontext(?:Filter)?:("[^"]*"|\S+)`)
)

// sqlFile reads SQL that a changelog includes. Formatted SQL is cut at its change sets, each of which may
// be for one product; the statements of a rollback are comments.
func (r *reader) sqlFile(name string) {
	text := string(r.set.files[name])
	heads := setLine.FindAllStringIndex(text, -1)
	if len(heads) == 0 {
		heads = [][]int{{0, 0}}
	}
	var ops []schema.Op
	line, counted := 1, 0
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		line += strings.Count(text[counted:h[0]], "\n")
		counted = h[0]
		head := text[h[0]:h[1]]
		if applies(firstMatch(setDBMS, head), r.log.Dialect) && inContext(firstMatch(setWhere, head), r.log.Dialect) {
			ops = append(ops, r.sql(name, text[h[0]:end], line)...)
		}
	}
	if len(ops) > 0 {
		r.log.Migrations = append(r.log.Migrations, schema.Migration{Path: name, Ops: ops, Transactional: r.log.Dialect != schema.MySQL})
	}
}

func firstMatch(re *regexp.Regexp, s string) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return strings.Trim(m[1], `"`)
	}
	return ""
}

// sql reads statements that begin on a line of a file.
func (r *reader) sql(name, text string, line int) []schema.Op {
	if strings.Contains(text, "${") && len(text) <= maxText {
		text = property.ReplaceAllStringFunc(text, r.expand)
	}
	ops, problems := sqlddl.ParseDDL(name, []byte(text), r.log.Dialect)
	shift := line - 1
	for i := range ops {
		move(&ops[i], shift)
	}
	for _, p := range problems {
		p.Place.Line, p.Place.EndLine = p.Place.Line+shift, p.Place.EndLine+shift
		r.problem(Problem{Place: p.Place, Text: p.Text})
	}
	return ops
}

// move shifts all places of an operation.
func move(op *schema.Op, shift int) {
	places := []*schema.Place{&op.Place}
	if op.Def != nil {
		places = append(places, &op.Def.Place)
		for _, c := range op.Def.Columns {
			places = append(places, &c.Place)
		}
		for _, ix := range op.Def.Indexes {
			places = append(places, &ix.Place)
		}
		for _, fk := range op.Def.ForeignKeys {
			places = append(places, &fk.Place)
		}
	}
	if op.Column != nil {
		places = append(places, &op.Column.Place)
	}
	if op.Index != nil {
		places = append(places, &op.Index.Place)
	}
	if op.ForeignKey != nil {
		places = append(places, &op.ForeignKey.Place)
	}
	moved := map[*schema.Place]bool{}
	for _, p := range places {
		if p.Line > 0 && !moved[p] {
			moved[p] = true
			p.Line, p.EndLine = p.Line+shift, p.EndLine+shift
		}
	}
}
