package laravel

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// CodeForeignKeys adds to the tables the foreign keys that only the models know: each belongsTo and
// hasMany without a constraint becomes a key with Enforced false, morphTo one over (type, id). Columns
// that the table does not have are left out.
func (fw *Framework) CodeForeignKeys(ix *flow.Index, dbs []*project.Database) {
	var models []*flow.Model
	seen := map[*flow.Model]bool{}
	for _, m := range ix.Models {
		if m.Framework == fw.Name() && !seen[m] && m.Class != nil && !m.Abstract {
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
	for _, belongs := range []bool{true, false} { // the side that holds the key says more of it
		for _, m := range models {
			names := make([]string, 0, len(m.Relations))
			for n := range m.Relations {
				names = append(names, n)
			}
			sort.Strings(names)
			for _, n := range names {
				rel := m.Relations[n]
				if rel.ForeignKey == "" || rel.Through != "" || (rel.Kind == flow.BelongsTo) != belongs {
					continue
				}
				holder, target := m, ix.Model(rel.Target, rel.File)
				if !belongs {
					holder, target = target, m
				}
				if holder == nil || !rel.Polymorphic && target == nil {
					continue
				}
				addCodeKey(tableOf(holder, dbs), rel, target)
			}
		}
	}
}

func addCodeKey(t *schema.Table, rel *flow.Relation, target *flow.Model) {
	if t == nil || t.View || t.Column(rel.ForeignKey) == nil {
		return
	}
	fk := &schema.ForeignKey{Columns: []string{rel.ForeignKey}, Place: schema.Place{Path: rel.File.Path, Line: rel.Node.Line(), EndLine: rel.Node.EndLine()}}
	if rel.ForeignType != "" {
		if t.Column(rel.ForeignType) == nil {
			return
		}
		fk.Columns, fk.Polymorphic = []string{rel.ForeignType, rel.ForeignKey}, true
	} else {
		if len(t.PrimaryKey) == 1 && strings.EqualFold(t.PrimaryKey[0], rel.ForeignKey) {
			return // the key of the row itself: user_settings.user_id
		}
		fk.RefTable, fk.RefColumns = target.Table, []string{"id"}
		for c := range rel.Node.Child(syntax.Body).Descendants(syntax.Call) {
			if k := c.Arg(2); c.Str() == "belongsTo" && k.Kind() == syntax.String {
				fk.RefColumns = []string{k.Str()}
			}
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
