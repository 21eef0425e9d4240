package indexing

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Kept reports whether the rows of a table stay when the application deletes them: its model only marks
// them, no code in sight deletes them for good, and no cascade of a table that loses rows reaches them.
func Kept(p *rule.Pass, db *project.Database, table string) bool { return kept(p, db, table, 0) }

// maxCascade bounds how far a chain of cascades is followed; schemas may hold cycles.
const maxCascade = 4

func kept(p *rule.Pass, db *project.Database, table string, depth int) bool {
	if p.Flow == nil || p.Flow.Index == nil {
		return false
	}
	t := db.Schema.Table(table)
	if t == nil {
		return false
	}
	m := p.Flow.Index.TableModel(last(t.Name), p.File(t.Place.Path))
	if m == nil || !marks(p.Flow.Index, m) {
		return false
	}
	gone := p.Derive(purgedOf{}, func() any { return purged(p) }).(map[string]bool)
	if in(gone, t.Name) || gone[strings.ToLower(flow.LastSegment(m.Name))] {
		return false
	}
	if c := m.Class; c != nil && (slices.Contains(c.Mixins, "Discard::Model") || manages(p.Flow.Index, c) && c.Methods["delete"] == nil) && Deletes(p, t.Name) {
		return false // discard leaves destroy as it is, a manager leaves delete
	}
	for _, fk := range t.ForeignKeys {
		if fk.OnDelete != "cascade" || schema.Key(fk.RefTable) == schema.Key(t.Name) || depth >= maxCascade {
			continue
		}
		if Deletes(p, fk.RefTable) && !kept(p, db, fk.RefTable, depth+1) {
			return false
		}
	}
	return true
}

// in reports whether a set of names of things holds a table, by its name or the end of it in the singular.
func in(set map[string]bool, table string) bool {
	name := last(table)
	if set[strings.ToLower(name)] {
		return true
	}
	words := cardinality.Words(name)
	for from := range words { // spree_users is deleted as user
		if set[strings.Join(singulars(words[from:]), "")] {
			return true
		}
	}
	return false
}

// marks reports whether deleting a row of a model only marks it, by what the class or one that it
// inherits from declares: Sequelize's paranoid, Laravel's SoftDeletes, paranoia and discard in Rails, a
// Django manager that hides what is_deleted marks.
func marks(ix *flow.Index, m *flow.Model) bool {
	if m.Class == nil {
		return declares(m.Node)
	}
	return declares(m.Node) || inherits(ix, m.Class, 0)
}

func inherits(ix *flow.Index, c *flow.Class, depth int) bool {
	if c == nil || depth > 6 {
		return false
	}
	if declares(c.Node) || manages(ix, c) {
		return true
	}
	for _, name := range append(c.Mixins[:len(c.Mixins):len(c.Mixins)], c.Super...) {
		switch plain := strings.ToLower(strings.ReplaceAll(flow.LastSegment(name), "_", "")); {
		case plain == "softdeletes", name == "Discard::Model",
			strings.HasPrefix(plain, "softdeletable"), strings.HasPrefix(plain, "softdeletemodel"), strings.HasPrefix(plain, "safedeletem"):
			return true
		}
		if inherits(ix, ix.Class(name, c.File), depth+1) {
			return true
		}
	}
	return false
}

// declares looks for the declaration of soft deletion in a model's own source.
func declares(n syntax.Ref) bool {
	if !n.Ok() {
		return false
	}
	for c := range n.Descendants(syntax.Pair, syntax.Call, syntax.Name) {
		switch {
		case c.Is(syntax.Pair) && c.Str() == "paranoid" && c.Child(syntax.Value).Str() == "true",
			c.Is(syntax.Call) && c.Str() == "acts_as_paranoid",
			c.Str() == "DeletedAt" && c.Role() == syntax.Decorator:
			return true
		}
	}
	return false
}

// manages reports whether a Django model with a column is_deleted is read through a manager that filters by it.
func manages(ix *flow.Index, c *flow.Class) bool {
	if c.File == nil || c.File.Lang != "python" {
		return false
	}
	manager, ok := c.Fields["objects"]
	if !ok {
		return false
	}
	for call := range manager.Descendants(syntax.Call) {
		mc := ix.Class(call.Str(), c.File)
		if mc == nil {
			continue
		}
		for s := range mc.Node.Descendants(syntax.Pair) {
			switch key, _, _ := strings.Cut(s.Str(), "__"); key {
			case "is_deleted", "deleted", "deleted_at":
				return true
			}
		}
	}
	return false
}

// purgedOf is the key under which the names of things that are deleted for good are kept.
type purgedOf struct{}

// purged lists what the code deletes although the model only marks: force: true, forceDelete,
// really_destroy!, DELETE FROM. Names are in lower case.
func purged(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App && f.Role != project.Script {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Call) {
			if !final(n) {
				continue
			}
			for r, i := n.Receiver(), 0; r.Ok() && i < 8; i++ {
				name := r.Str()
				if r.Is(syntax.Self) || name == "this" || name == "self" {
					name = r.Enclosing(syntax.Class).Str()
				}
				if words := cardinality.Words(flow.LastSegment(name)); len(words) > 0 {
					out[strings.Join(singulars(words), "")] = true
					out[singulars(words[len(words)-1:])[0]] = true
				}
				r = r.Receiver()
			}
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			if len(n.Str()) > 14 && strings.Contains(strings.ToLower(n.Str()), "delete from") {
				if st := sqlquery.Analyze(n.Str()); st.Kind == sqlquery.Delete && len(st.Tables) > 0 {
					out[strings.ToLower(last(st.Tables[0].Name))] = true
				}
			}
		}
	}
	return out
}

// final reports whether a call deletes rows whatever the model says.
func final(n syntax.Ref) bool {
	switch n.Str() {
	case "forceDelete", "forceDestroy", "really_destroy!", "really_delete", "hard_delete", "hardDelete", "_raw_delete", "delete_all!", "destroy_fully!":
		return true
	case "destroy", "destroy!", "destroy_all", "delete", "delete_all":
		if n.T.Lang == "ruby" {
			return strings.HasPrefix(n.Str(), "delete") // no callback runs that would mark the row
		}
		for pair := range n.Descendants(syntax.Pair) {
			if (pair.Str() == "force" || pair.Str() == "force_policy") && !strings.EqualFold(pair.Child(syntax.Value).Str(), "false") {
				return true
			}
		}
	}
	return false
}

// Audit reports whether a column only records who did something to a row (created_by_id, archivedById):
// it may be NULL, and the person that it names is in a table of people.
func Audit(t *schema.Table, k Key) bool {
	if len(k.Columns) != 1 || k.RefTable == "" {
		return false
	}
	c := t.Column(k.Columns[0])
	if c == nil || c.NotNull || !cardinality.People(k.RefTable) {
		return false
	}
	words := cardinality.Words(c.Name)
	for i, w := range words {
		if w == "by" && i > 0 && strings.HasSuffix(words[i-1], "ed") && len(words)-i <= 3 {
			return true
		}
	}
	return false
}
