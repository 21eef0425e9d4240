package django

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// agree adds to the tables the keys that today's models state and the folded migrations have lost: a
// primary key, a unique or indexed field, the groups and constraints of Meta. Migrations may reach them
// in ways that are not followed (a key that moves to another column, SQL in between), and where the two
// disagree the absence of an index proves nothing.
func (fw *Framework) agree(i *info, t *schema.Table) {
	state := &modelState{name: i.model.Name, table: t.Name}
	for _, f := range i.fields {
		state.fields = append(state.fields, &fieldState{name: f.name, kind: f.kind, call: f.call, file: f.owner.File, app: i.app})
	}
	for _, f := range state.fields {
		if !f.stored() {
			continue
		}
		c := t.Column(f.column())
		if c == nil {
			continue
		}
		at := place(f.file, f.call)
		switch {
		case f.primary():
			if len(t.PrimaryKey) == 0 {
				t.PrimaryKey = []string{c.Name}
			}
			restore(t, &schema.Index{Columns: schema.PlainColumns(c.Name), Unique: true, Place: at})
		case f.one():
			restore(t, &schema.Index{Columns: schema.PlainColumns(c.Name), Unique: true, Place: at})
		case f.option("db_index") == "true":
			restore(t, &schema.Index{Columns: schema.PlainColumns(c.Name), Place: at})
		}
	}
	for _, g := range i.meta.unique {
		restore(t, &schema.Index{Columns: schema.PlainColumns(state.columns(texts(g))...), Unique: true, Place: place(i.model.File, g)})
	}
	for _, g := range i.meta.together {
		restore(t, &schema.Index{Columns: schema.PlainColumns(state.columns(texts(g))...), Place: place(i.model.File, g)})
	}
	for _, e := range i.meta.indexes {
		restore(t, indexOf(state, e, place(i.model.File, e)))
	}
	for _, e := range i.meta.constraints {
		restore(t, indexOf(state, e, place(i.model.File, e)))
	}
}

// restore adds an index that only the model states. What the table holds already, under whatever name,
// stays as it is.
func restore(t *schema.Table, ix *schema.Index) {
	if ix == nil || len(ix.Columns) == 0 {
		return
	}
	columns := make([]string, 0, len(ix.Columns))
	for _, k := range ix.Columns {
		if k.Name == "" || t.Column(k.Name) == nil {
			return // an expression: no rule asks for one that a model states
		}
		columns = append(columns, k.Name)
	}
	for _, have := range t.Indexes {
		if len(have.Columns) != len(columns) {
			continue
		}
		same := true
		for n, k := range have.Columns {
			same = same && strings.EqualFold(k.Name, columns[n])
		}
		if same {
			return
		}
	}
	ix.AutoNamed, ix.Implied = true, true
	t.Indexes = append(t.Indexes, ix)
}

// tableIn finds the table of a model in the databases, nil when it is a view or its columns are not all
// known.
func tableIn(dbs []*project.Database, name string) []*schema.Table {
	var out []*schema.Table
	for _, db := range dbs {
		if t := db.Schema.Table(name); t != nil && !t.View && !t.Incomplete {
			out = append(out, t)
		}
	}
	return out
}
