package indexing

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Unserved keeps the queries that an index on one more column would help: those for which no index begins
// with columns that they fix besides. An index that narrows them to some rows is taken to narrow enough.
func Unserved(list []*Query) []*Query {
	var out []*Query
	for _, q := range list {
		if !narrowed(q) {
			out = append(out, q)
		}
	}
	return out
}

// narrowed reports whether an index begins with columns that the query fixes by equality and that tell
// rows apart. A partial index counts where the conditions of the query imply its predicate.
func narrowed(q *Query) bool {
	if unique(q) {
		return true
	}
	fixed := map[string]*schema.Column{}
	for _, c := range q.Conditions {
		if !c.Or && c.Func == "" && (c.Op == sqlquery.Eq || c.Op == sqlquery.In) {
			fixed[strings.ToLower(c.Column.Name)] = c.Column
		}
	}
	indexes := q.Table.Indexes
	if len(q.Table.PrimaryKey) > 0 {
		indexes = append(indexes[:len(indexes):len(indexes)], &schema.Index{Columns: schema.PlainColumns(q.Table.PrimaryKey...)})
	}
	for _, ix := range indexes {
		if ix.Method != "" && ix.Method != "btree" || ix.Where != "" && !implied(q, ix.Where) {
			continue
		}
		for _, k := range ix.Columns {
			c := fixed[strings.ToLower(k.Name)]
			if k.Name == "" || c == nil {
				break
			}
			if Selective(q.Table, c) > 0 {
				return true
			}
		}
	}
	return false
}

// predicate is one term of the condition of a partial index: a column compared with NULL, a text, a
// number or a truth value.
var predicate = regexp.MustCompile(`(?i)^["` + "`" + `]?(\w+)["` + "`" + `]?(?:::\w+)?\s*(?:(is\s+not\s+null)|(is\s+null)|=\s*'?([^'\s]+)'?(?:::[\w ]+)?)$`)

// implied reports whether the conditions of a query state the predicate of a partial index, a conjunction
// of simple terms. What is not understood is not implied.
func implied(q *Query, where string) bool {
	for _, term := range regexp.MustCompile(`(?i)\s+and\s+`).Split(strings.NewReplacer("(", " ", ")", " ").Replace(where), -1) {
		m := predicate.FindStringSubmatch(strings.TrimSpace(term))
		if m == nil || !states(q, m[1], m[2] != "", m[3] != "", m[4]) {
			return false
		}
	}
	return true
}

// states reports whether a condition of the query implies one term: that the column is not NULL (any
// comparison does), is NULL, or equals a value.
func states(q *Query, column string, notNull, null bool, value string) bool {
	for _, c := range q.Conditions {
		if c.Or || c.Func != "" || !strings.EqualFold(c.Column.Name, column) {
			continue
		}
		switch {
		case null:
			if c.Op == sqlquery.IsNull {
				return true
			}
		case notNull:
			switch c.Op {
			case sqlquery.Eq, sqlquery.In, sqlquery.Range, sqlquery.Like:
				return true
			}
		case c.Op == sqlquery.Eq && value != "" && strings.EqualFold(strings.Trim(c.Text, "'\""), value):
			return true
		}
	}
	return false
}
