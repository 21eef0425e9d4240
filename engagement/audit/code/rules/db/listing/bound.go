package listing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Lists reports whether a query returns a list that nothing bounds: no limit, no page, no list of
// keys, and all of its conditions can be read.
func Lists(r *flow.Root) bool {
	if r == nil || r.Single || r.Limit > 0 || r.Paged || r.Dynamic || r.Model == nil || r.Owner != nil {
		return false
	}
	for _, f := range r.Filters {
		if f.Op == "in" {
			return false
		}
	}
	return listTerminals[r.Terminal]
}

var listTerminals = map[string]bool{"findMany": true, "find": true, "findBy": true, "findAll": true, "getMany": true, "execute": true, "all": true, "get": true}

// timeWords end the names of columns that hold a moment.
var timeWords = []string{"at", "date", "time", "timestamp", "created", "updated", "on"}

// Moment reports whether a column holds a time, by its type or its name.
func Moment(t *schema.Table, column string) bool {
	if t != nil {
		if c := t.Column(column); c != nil {
			switch c.Type.Name {
			case "timestamp", "timestamptz", "datetime", "date", "time", "timestamp with time zone", "timestamp without time zone":
				return true
			}
			return false
		}
	}
	lower := strings.ToLower(column)
	for _, w := range timeWords {
		if strings.HasSuffix(lower, w) {
			return true
		}
	}
	return false
}

// Grows reports whether a table gains rows with the use of the application: it notes when rows were
// made and belongs to something else. Settings and enumerations do neither.
func Grows(p *rule.Pass, r *flow.Root) (*schema.Table, bool) {
	t, _ := p.Table(r.Model.Table, r.Site().File.Path)
	if t == nil {
		return nil, false
	}
	made := false
	for _, c := range t.Columns {
		n := strings.ToLower(strings.ReplaceAll(c.Name, "_", ""))
		switch n {
		case "createdat", "insertedat", "createdon", "timestamp", "occurredat", "sentat", "startedat", "datecreated", "created", "eventtime", "loggedat", "enqueuedat":
			made = true
		}
	}
	return t, made && (len(t.ForeignKeys) > 0 || belongs(r.Model))
}

func belongs(m *flow.Model) bool {
	for _, r := range m.Relations {
		if r.Kind == flow.BelongsTo {
			return true
		}
	}
	return false
}

// Shape says what the conditions of a query leave of its table.
type Shape uint8

// Shapes.
const (
	Narrow Shape = iota // rows of one owner, one key, one window of time
	Since               // everything behind a moment
	Until               // everything before a moment
	Whole               // the whole table, or all rows in one state of few
)

// ShapeOf reads the conditions of a query on a table. column is the moment of Since and Until.
func ShapeOf(r *flow.Root, t *schema.Table) (shape Shape, column string) {
	shape = Whole
	for _, f := range r.Filters {
		if strings.Contains(f.Column, ".") {
			return Narrow, ""
		}
		switch f.Op {
		case "between", "range":
			return Narrow, ""
		case ">", "<":
			if !Moment(t, f.Column) {
				continue
			}
			if column != "" { // a window
				return Narrow, ""
			}
			column = f.Column
			shape = Until
			if f.Op == ">" {
				shape = Since
			}
		case "=":
			if !few(t, f.Column) && shape == Whole {
				shape = Narrow
			}
		case "like", "contains", "expr", "match":
			return Narrow, ""
		}
	}
	return shape, column
}

// few reports whether a column has a handful of values.
func few(t *schema.Table, column string) bool {
	if t != nil {
		if c := t.Column(column); c != nil && c.Type.Name == "boolean" {
			return true
		}
	}
	lower := strings.ToLower(column)
	for _, w := range []string{"status", "state", "type", "kind", "enabled", "active", "deleted", "archived", "role", "level"} {
		if strings.HasSuffix(lower, w) {
			return true
		}
	}
	return false
}
