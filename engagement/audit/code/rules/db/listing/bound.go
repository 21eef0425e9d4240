package listing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
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

// Kept reports a model whose rows people keep by hand, or that mirrors the program's own classes: by the
// size of its table, or by its name where all that it belongs to is such a list as well. The name of a
// table need not show its words (core_objecttype).
func Kept(p *rule.Pass, m *flow.Model) bool {
	if !p.Grows(m.Table) {
		return true
	}
	if p.Grows(snake(m.Name)) {
		return false
	}
	for _, rel := range m.Relations {
		if rel.Kind == flow.BelongsTo && rel.Target != "ContentType" && p.Grows(snake(flow.LastSegment(rel.Target))) {
			return false
		}
	}
	return true
}

func snake(name string) string { return strings.Join(cardinality.Words(name), "_") }

// Bounded reports whether something in a query or beside it keeps its rows few although it has no
// limit: a list of keys, a condition that picks (contains, LIKE, a sub-query, one column against
// another), or a statement in the same function that takes the rows out of the query's own filter, so
// that each run meets only what came since the last.
func Bounded(r *flow.Root) bool {
	for _, f := range r.Filters {
		switch f.Op {
		case "in", "contains", "like", "expr", "match", "between", "range":
			return true
		}
	}
	for _, s := range r.Sites {
		if s.File == nil || !s.Node.Ok() {
			continue
		}
		if picks(s.Node) || drained(r, s.Node) {
			return true
		}
	}
	return false
}

// picks reports a chain whose conditions compare a column with another one or ask for rows elsewhere.
func picks(n syntax.Ref) bool {
	for _, link := range n.Chain() {
		switch link.Str() {
		case "filter", "exclude", "where", "whereHas", "whereExists", "whereColumn", "whereRaw":
		default:
			continue
		}
		if link.Str() == "whereHas" || link.Str() == "whereExists" || link.Str() == "whereColumn" {
			return true
		}
		for _, a := range link.Args() {
			for c := range a.Descendants(syntax.Call) {
				switch c.Str() {
				case "F", "Exists", "OuterRef", "Subquery":
					return true
				}
			}
		}
	}
	return false
}

// drained reports whether the function around a query writes a column that the query filters on, for all
// of its rows at once.
func drained(r *flow.Root, n syntax.Ref) bool {
	fn := n.Enclosing(syntax.Func)
	if !fn.Ok() || len(r.Filters) == 0 {
		return false
	}
	for c := range fn.Descendants(syntax.Call) {
		if c.Str() != "update" && c.Str() != "update_all" && c.Str() != "updateMany" {
			continue
		}
		for _, f := range r.Filters {
			column := f.Column[strings.LastIndexByte(f.Column, '.')+1:]
			for _, a := range c.Args() {
				if a.Kind() == syntax.Pair && a.Str() == column || a.Kind() == syntax.Map && a.Keyword(column).Ok() {
					return true
				}
			}
		}
	}
	return false
}

// Collected reports whether a loop puts each row itself into a list that was there before the loop: the
// list holds all rows in the end, however they came.
func Collected(loop syntax.Ref) bool {
	names := map[string]bool{}
	for target := range loop.All(syntax.Target) {
		for x := range target.Descendants(syntax.Name) {
			names[x.Str()] = true
		}
	}
	body := loop.Child(syntax.Body)
	if block := loop.Block(); block.Ok() && loop.Kind() == syntax.Call {
		body = block.Child(syntax.Body)
		for p := range block.All(syntax.ParamRole) {
			names[p.Str()] = true
		}
	}
	for c := range body.Descendants(syntax.Call, syntax.Binary, syntax.Assign) {
		var list, value syntax.Ref
		switch {
		case c.Kind() == syntax.Call && (c.Str() == "append" || c.Str() == "push" || c.Str() == "<<" || c.Str() == "add"):
			list, value = c.Receiver(), c.Arg(0)
		case c.Kind() == syntax.Binary && c.Str() == "<<":
			list, value = c.Child(syntax.Left), c.Child(syntax.Right)
		case c.Kind() == syntax.Assign && c.Child(syntax.Target).Kind() == syntax.Index: // $list[] = $row
			list, value = c.Child(syntax.Target).Receiver(), c.Child(syntax.Value)
		}
		if value.Kind() == syntax.Name && names[value.Str()] && list.Is(syntax.Name, syntax.Member) && !emptied(body, list.Dotted()) {
			return true
		}
	}
	return false
}

// emptied reports whether a loop's body starts a list anew or clears it.
func emptied(body syntax.Ref, list string) bool {
	for a := range body.Descendants(syntax.Assign, syntax.Call) {
		if a.Kind() == syntax.Assign && a.Child(syntax.Target).Dotted() == list || a.Kind() == syntax.Call && a.Str() == "clear" && a.Receiver().Dotted() == list {
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
			if !Moment(t, f.Column) || f.Op == ">" && deadline(f.Column) { // what has not run out yet
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

// deadline reports a column that holds the end of something.
func deadline(column string) bool {
	lower := strings.ToLower(column)
	for _, w := range []string{"expire", "expiry", "valid", "due", "until", "deadline", "end"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
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
