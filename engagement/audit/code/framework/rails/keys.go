package rails

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// CodeForeignKeys adds to the tables the foreign keys that only the models know: each belongs_to
// without a constraint becomes a key with Enforced false, a polymorphic one a key over (type, id).
// The place of a key is its belongs_to. Columns that the table does not have are left out.
func (fw *Framework) CodeForeignKeys(ix *flow.Index, dbs []*project.Database) {
	var models []*flow.Model
	seen := map[*flow.Model]bool{}
	for _, m := range ix.Models {
		if m.Framework == fw.Name() && !seen[m] {
			seen[m] = true
			models = append(models, m)
		}
	}
	sort.Slice(models, func(i, j int) bool {
		if models[i].File.Path != models[j].File.Path {
			return models[i].File.Path < models[j].File.Path
		}
		return models[i].Node.Start() < models[j].Node.Start()
	})
	for _, m := range models {
		t := tableOf(m, dbs)
		if t == nil || t.View {
			continue
		}
		names := make([]string, 0, len(m.Relations))
		for n := range m.Relations {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			if rel := m.Relations[n]; rel.Kind == flow.BelongsTo {
				addCodeKey(ix, t, rel)
			}
		}
	}
}

func addCodeKey(ix *flow.Index, t *schema.Table, rel *flow.Relation) {
	column := rel.ForeignKey
	if column == "" {
		column = rel.Name + "_id"
	}
	if t.Column(column) == nil {
		return
	}
	fk := &schema.ForeignKey{Columns: []string{column}, Place: schema.Place{Path: rel.File.Path, Line: rel.Node.Line(), EndLine: rel.Node.EndLine()}}
	if rel.Polymorphic {
		typ := rel.ForeignType
		if typ == "" {
			typ = rel.Name + "_type"
		}
		if t.Column(typ) == nil {
			return
		}
		fk.Columns, fk.Polymorphic = []string{typ, column}, true
	} else {
		target := ix.Model(rel.Target, rel.File)
		if target == nil {
			return
		}
		fk.RefTable, fk.RefColumns = target.Table, []string{"id"}
		if k := rel.Node.Keyword("primary_key"); k.Kind() == syntax.String {
			fk.RefColumns = []string{k.Str()}
		}
	}
	for _, have := range t.ForeignKeys {
		if strings.EqualFold(strings.Join(have.Columns, ","), strings.Join(fk.Columns, ",")) {
			return
		}
	}
	t.ForeignKeys = append(t.ForeignKeys, fk)
}

// tableOf finds the table of a model in the database of the nearest application around its file.
func tableOf(m *flow.Model, dbs []*project.Database) *schema.Table {
	var best *schema.Table
	depth := -1
	for _, db := range dbs {
		if db.Schema == nil {
			continue
		}
		d := len(db.Root)
		if db.Root != "" && !strings.HasPrefix(m.File.Path, db.Root+"/") {
			d = 0
		}
		if t := db.Schema.Table(m.Table); t != nil && d > depth {
			best, depth = t, d
		}
	}
	return best
}
