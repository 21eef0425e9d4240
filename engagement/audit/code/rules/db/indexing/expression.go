package indexing

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// stable are functions whose result depends on the value alone, so that an index can hold it.
var stable = map[string]bool{"lower": true, "upper": true, "trim": true, "btrim": true, "ltrim": true, "rtrim": true, "host": true, "md5": true, "reverse": true, "length": true, "->>": true, "#>>": true, "json_extract": true, "substring": true, "substr": true, "left": true, "right": true, "abs": true, "replace": true}

// ranged are functions of a time whose comparison can be written as a range of the plain column.
var ranged = map[string]bool{"date": true, "year": true, "month": true, "day": true, "date_trunc": true, "extract": true, "to_char": true, "date_format": true, "strftime": true, "hour": true, "week": true, "unix_timestamp": true, "to_date": true, "trunc": true}

// Ranged reports whether a function around a column can be replaced by a range.
func Ranged(c Condition) bool { return ranged[c.Func] || c.Func == "cast" && timed(c.Column) }

// Wrapped lists the conditions in which a function hides a column from every index, of the kind that
// keep chooses.
func Wrapped(p *rule.Pass, keep func(Condition) bool) []Wanted {
	var list []Wanted
	for _, q := range Audited(p) {
		if Narrowed(q) || hidden(q) {
			continue
		}
		for _, c := range q.Conditions {
			if c.Func == "" || c.Or || !keep(c) || Indexed(q.Table, c) || c.Column.Type.Name == "citext" {
				continue
			}
			switch c.Op {
			case sqlquery.Eq, sqlquery.In, sqlquery.Range:
			case sqlquery.Like:
				if c.Leading {
					continue
				}
			default:
				continue
			}
			if Few(c.Column) {
				continue
			}
			expr := expression(c)
			if expr == "" {
				continue
			}
			list = append(list, Wanted{
				Ask:     Ask{DB: q.DB, Table: q.Table, Columns: []schema.IndexColumn{{Expr: expr}}},
				Queries: []*Query{q}, On: c.Column.Name, Confidence: 0.8,
			})
			break
		}
	}
	return Gather(list)
}

// Stable reports whether an index can hold what the function makes of the column.
func Stable(c Condition) bool { return stable[c.Func] }

// expression is the key of an index that serves the condition, "" when it can not be written: a part
// of it is only known when the query runs.
func expression(c Condition) string {
	e := strings.TrimSpace(c.Expr)
	if e == "" {
		return c.Func + "(" + c.Column.Name + ")"
	}
	if strings.ContainsAny(e, "?$%:{}") && !strings.Contains(e, "::") || strings.Contains(e, "{}") {
		return ""
	}
	qualified := regexp.MustCompile(`(?i)["` + "`" + `]?\b\w+["` + "`" + `]?\.(["` + "`" + `]?` + regexp.QuoteMeta(c.Column.Name) + `\b)`)
	return qualified.ReplaceAllString(e, "$1")
}

// Indexed reports whether an index holds the function of the column.
func Indexed(t *schema.Table, c Condition) bool {
	for _, ix := range t.Indexes {
		for i, k := range ix.Columns {
			e := strings.ToLower(k.Expr)
			if i == 0 && e != "" && strings.Contains(e, c.Func) && strings.Contains(e, strings.ToLower(c.Column.Name)) {
				return true
			}
		}
		if len(ix.Columns) > 0 && strings.EqualFold(ix.Columns[0].Name, c.Column.Name) && !strings.EqualFold(ix.Method, "btree") && ix.Method != "" {
			return true // GIN, GiST, BRIN: made for more than equality
		}
	}
	for _, col := range t.Columns { // a generated column that holds it
		if col.Generated != "" && strings.Contains(strings.ToLower(col.Generated), strings.ToLower(c.Column.Name)) && len(t.IndexesLeading(col.Name)) > 0 {
			return true
		}
	}
	return false
}

// Inverted lists the conditions that only an inverted index serves and none does: containment in JSON
// and arrays, or patterns that begin with a wildcard.
func Inverted(p *rule.Pass, patterns bool) []Wanted {
	var list []Wanted
	for _, q := range Audited(p) {
		if Narrowed(q) || hidden(q) {
			continue
		}
		for _, c := range q.Conditions {
			ask := Ask{DB: q.DB, Table: q.Table, Method: "gin", Columns: []schema.IndexColumn{{Name: c.Column.Name}}}
			switch {
			case !patterns && c.Op == sqlquery.Contains && !c.Or && inverts(c.Column):
			case patterns && c.Op == sqlquery.Like && c.Leading && kind(c.Column.Type) == "text":
				ask.Columns[0].OpClass = "gin_trgm_ops"
			default:
				continue
			}
			if held(q.Table, c.Column.Name) {
				continue
			}
			list = append(list, Wanted{Ask: ask, Queries: []*Query{q}, Confidence: 0.75})
		}
	}
	return Gather(list)
}

// hidden reports whether conditions of the query were not read, one of which may find the rows.
func hidden(q *Query) bool { return !q.Whole && q.SQL == nil }

func inverts(c *schema.Column) bool {
	return c.Type.Array || c.Type.Name == "jsonb" || c.Type.Name == "hstore"
}

// held reports whether an index other than a B-tree holds the column or an expression of it.
func held(t *schema.Table, column string) bool {
	for _, ix := range t.Indexes {
		m := strings.ToLower(ix.Method)
		if m == "" || m == "btree" || m == "hash" || m == "brin" {
			continue
		}
		for _, k := range ix.Columns {
			if strings.EqualFold(k.Name, column) || strings.Contains(strings.ToLower(k.Expr), strings.ToLower(column)) {
				return true
			}
		}
	}
	return false
}
