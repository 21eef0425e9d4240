package n1

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// preload writes the preloading call where the framework can and the place allows it.
func (x *facts) preload(p *rule.Pass, g *flow.Group, paths []string, f *rule.Finding) {
	f.Fix.Summary = "Load " + list(quote(paths), 6) + " together with the rows."
	f.Fix.Behaviour = "One more statement for each relation and query instead of one for each row; the rows of the relations are held in memory together."
	w, ok := p.Flow.Framework(g.Root.Model).(flow.EagerWriter)
	if !ok {
		return
	}
	if blob := x.blobs(g.Root.Model, paths); blob != "" {
		f.Fix.Summary += " Leave out the columns of `" + blob + "` that hold documents or files: loaded for all rows at once they fill the memory."
		return
	}
	root := g.Root
	if root.Single {
		return // the relation of one row: where to preload is for a person to see
	}
	text, ok := w.EagerCall(root, paths)
	if !ok {
		return
	}
	f.Fix.Summary = "Add `" + strings.TrimPrefix(strings.TrimPrefix(text, "."), "->") + "` to the query."
	at := g.Site.Node
	if !proven(p, g) {
		return // what is returned here may be no relation: a person must find the place
	}
	// Preloading belongs before the call that runs the query.
	for runs[at.Str()] && at.Receiver().Ok() {
		at = at.Receiver()
	}
	if g.Site.File.Lang == "php" && at.Kind() != syntax.Call {
		return // a class: with() would have to be a static call
	}
	if !at.Is(syntax.Call, syntax.Member, syntax.Name) || g.Site.File.Tree == nil {
		return
	}
	if at.Kind() == syntax.Call && at.Child(syntax.BlockArg).Ok() {
		return
	}
	src := g.Site.File.Source()
	if off := int(at.End()); off > len(src) || off == 0 {
		return
	}
	f.Edits = add(g.Site.File, src, at, text)
}

// add puts preloading calls behind a query: into a call of the same name that is there already, else
// behind the chain, on a line of its own where the chain has a line for each call.
func add(file *project.File, src []byte, at syntax.Ref, text string) []patch.Edit {
	var edits []patch.Edit
	rest := ""
	for _, c := range calls(text) {
		if e, ok := merge(file, src, at, c); ok {
			edits = append(edits, e)
		} else {
			rest += c.text
		}
	}
	if rest != "" {
		off := int(at.End())
		edits = append(edits, patch.Edit{Path: file.Path, Start: off, End: off, New: indent(src, at) + rest})
	}
	return edits
}

// call is one call of a text such as .select_related("a").prefetch_related("b").
type call struct{ text, name, args string }

// calls splits a chain of calls at the parentheses of depth zero.
func calls(text string) []call {
	var out []call
	depth, start, open := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			if depth == 0 {
				open = i
			}
			depth++
		case ')':
			if depth--; depth == 0 {
				name := strings.TrimLeft(text[start:open], ".->")
				out = append(out, call{text[start : i+1], name, text[open+1 : i]})
				start = i + 1
			}
		}
	}
	return out
}

// mergeable are calls that take more relations without changing what they were given.
var mergeable = map[string]bool{"includes": true, "preload": true, "eager_load": true, "select_related": true, "prefetch_related": true, "with": true}

// merge adds the arguments of a call to the same call in the chain.
func merge(file *project.File, src []byte, at syntax.Ref, c call) (patch.Edit, bool) {
	if !mergeable[c.name] {
		return patch.Edit{}, false
	}
	var have syntax.Ref
	for _, n := range at.Chain() {
		if n.Kind() == syntax.Call && n.Str() == c.name && n.Child(syntax.Arg).Ok() {
			have = n
		}
	}
	if !have.Ok() {
		return patch.Edit{}, false
	}
	args := c.args
	var first, last syntax.Ref
	for a := range have.All(syntax.Arg) {
		if a.Is(syntax.Splat, syntax.Nil, syntax.Lambda) || a.Kind() == syntax.Name && c.name == "with" {
			return patch.Edit{}, false
		}
		if !first.Ok() {
			first = a
		}
		last = a
	}
	switch file.Lang {
	case "php":
		args = strings.TrimSuffix(strings.TrimPrefix(args, "["), "]")
		if first == last && first.Is(syntax.List, syntax.Map) { // with(['a', 'b'])
			var elem syntax.Ref
			for e := range first.Children() {
				elem = e
			}
			if !elem.Ok() {
				return patch.Edit{}, false
			}
			last = elem
		} else if !last.Is(syntax.String) {
			return patch.Edit{}, false
		}
	case "ruby", "erb", "haml", "slim":
		// Symbols may not follow keywords, and a keyword given twice replaces the first.
		if strings.Contains(args, ": ") {
			return patch.Edit{}, false
		}
		if int(first.Start()) > len(src) {
			return patch.Edit{}, false
		}
		return patch.Edit{Path: file.Path, Start: int(first.Start()), End: int(first.Start()), New: args + ", "}, true
	}
	off := int(last.End())
	if off > len(src) {
		return patch.Edit{}, false
	}
	sep := ", "
	if line := lineStart(src, int(last.Start())); strings.TrimSpace(string(src[line:last.Start()])) == "" { // an argument a line
		sep = ",\n" + string(src[line:last.Start()])
	}
	return patch.Edit{Path: file.Path, Start: off, End: off, New: sep + args}, true
}

// indent is the new line and indentation of a call in a chain that has a line for each call; "" for a
// chain on one line.
func indent(src []byte, at syntax.Ref) string {
	if at.Kind() != syntax.Call || !at.Receiver().Ok() || at.Line() == at.EndLine() {
		return ""
	}
	// The last call's own text begins behind its receiver.
	from := int(at.Receiver().End())
	between := string(src[from:min(int(at.End()), len(src))])
	if lead := between[:len(between)-len(strings.TrimLeft(between, " \t\r\n"))]; strings.Contains(lead, "\n") && at.Receiver().EndLine() < at.EndLine() {
		return lead[strings.LastIndexByte(lead, '\n'):]
	}
	return ""
}

func lineStart(src []byte, off int) int {
	for off > 0 && src[off-1] != '\n' {
		off--
	}
	return off
}

// blobs names the first model of a to-many or one-to-one relation on the paths whose rows hold binary
// columns.
func (x *facts) blobs(m *flow.Model, paths []string) string {
	for _, p := range paths {
		at := m
		for seg := range strings.SplitSeq(p, ".") {
			rel := x.flow.Index.Relation(at, seg)
			if rel == nil {
				break
			}
			at = x.flow.Index.Model(rel.Target, rel.File)
			if at == nil {
				break
			}
			if rel.Kind != flow.BelongsTo && x.binary(at.Table) {
				return flow.LastSegment(at.Name)
			}
		}
	}
	return ""
}

// binary reports whether a table has a column of bytes.
func (x *facts) binary(table string) bool {
	for _, db := range x.Schemas {
		if db.Schema == nil || table == "" {
			continue
		}
		t := db.Schema.Table(table)
		if t == nil {
			continue
		}
		for _, c := range t.Columns {
			typ := strings.ToLower(c.Type.Name + " " + c.Type.Raw)
			if strings.Contains(typ, "bytea") || strings.Contains(typ, "blob") || strings.Contains(typ, "binary") {
				return true
			}
		}
	}
	return false
}

// proven reports whether the text at the group's site is known to be a query of the group's model: it
// begins at the model's class, or at a relation, and not at a parameter (which other callers fill with
// other models) or at a call of which only the result is known.
func proven(p *rule.Pass, g *flow.Group) bool {
	n := g.Site.Node
	chain := n.Chain()
	root := chain[0]
	if root.Kind() == syntax.Name && root.Str() != "" && root.Str()[0] >= 'A' && root.Str()[0] <= 'Z' {
		m := p.Flow.Index.Model(root.Str(), g.Site.File)
		if m == nil {
			return false
		}
		if g.Site.Note == "query" {
			return true
		}
		// A call of the application's own: only a scope is sure to give a relation back.
		return p.Flow.Index.ScopeOf(m, n.Str()) != nil
	}
	if g.Site.Note != "query" {
		return false
	}
	if root.Kind() == syntax.Name {
		for fn := n.Enclosing(syntax.Func, syntax.Lambda); fn.Ok(); fn = fn.Enclosing(syntax.Func, syntax.Lambda) {
			for prm := range fn.All(syntax.ParamRole) {
				if prm.Str() == root.Str() {
					return false
				}
			}
		}
	}
	return true
}

// runs are the calls at the end of a chain behind which nothing can be preloaded any more.
var runs = map[string]bool{
	"find_each": true, "find_in_batches": true, "in_batches": true, "each": true, "to_a": true, "load": true,
	"get": true, "paginate": true, "simplePaginate": true, "cursorPaginate": true, "chunk": true, "chunkById": true, "cursor": true,
	"lazy": true, "lazyById": true, "eachById": true, "iterator": true, "fetchAll": true, "getResultList": true,
}
