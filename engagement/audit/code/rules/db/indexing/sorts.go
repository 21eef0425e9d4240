package indexing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Sorts lists the indexes that sorted lists ask for and no index serves.
func Sorts(p *rule.Pass) []Wanted {
	dbs := audited(p)
	keys := map[*schema.Table]map[string]bool{}
	var list []Wanted
	for _, q := range Queries(p) {
		if !usable(p, dbs, q) || q.SQL == nil && (q.Joined || q.Unresolved) || q.OrderUnknown || len(q.Order) == 0 || !q.Bounded && !q.Single || unique(q) {
			continue
		}
		if keys[q.Table] == nil {
			keys[q.Table] = keysOf(q)
		}
		// What else may narrow a list of one owner does not bring its order; the list of all may be no list.
		if w, ok := sorted(p, q, keys[q.Table]); ok && (q.Whole || q.SQL != nil || w.Tenant) {
			list = append(list, w)
		}
	}
	return Gather(list)
}

func sorted(p *rule.Pass, q *Query, keys map[string]bool) (Wanted, bool) {
	t := q.Table
	for _, c := range q.Conditions {
		if c.Or || c.Op == sqlquery.Like || c.Op == sqlquery.Match || c.Op == sqlquery.Contains {
			return Wanted{}, false // only what matches is sorted: finding it is what costs
		}
	}
	var equal, flags []string
	absent := map[string]bool{}
	for _, c := range q.Conditions {
		if c.Op == sqlquery.IsNull {
			absent[c.Column.Name] = true
		}
	}
	for _, c := range q.Equal(false) {
		if absent[c.Name] || Selective(t, c) == 0 {
			flags = append(flags, c.Name)
		} else {
			equal = append(equal, c.Name)
		}
	}
	if t.IndexForList(append(append([]string{}, equal...), flags...), q.Order) != nil || t.IndexForList(equal, q.Order) != nil {
		return Wanted{}, false
	}
	for _, ix := range t.Indexes { // a partial index in that order was made for such a list
		if ix.Where != "" && len(ix.Columns) > 0 && (strings.EqualFold(ix.Columns[0].Name, q.Order[0].Name) || len(equal) > 0 && strings.EqualFold(ix.Columns[0].Name, equal[0])) {
			return Wanted{}, false
		}
	}
	for _, k := range q.Order {
		if c := t.Column(k.Name); c == nil || !indexable(c) {
			return Wanted{}, false
		}
	}
	if q.DB.Schema.Dialect == schema.MySQL && len(equal) > 0 && len(t.IndexesLeading(equal...)) > 0 && primary(t, q.Order) {
		return Wanted{}, false // InnoDB keeps the primary key at the end of every index
	}
	columns := schema.PlainColumns(equal...)
	if len(equal) == 0 {
		if polls(q) != nil && !Served(q) && len(flags) > 0 {
			return Wanted{}, false // the rule about filters says it
		}
		if len(t.IndexesLeading(q.Order[0].Name)) > 0 || hasIn(q) {
			return Wanted{}, false // the order is an index: the flags are checked on the way
		}
		columns = schema.PlainColumns(flags...)
	}
	for _, k := range q.Order {
		if !contained(columns, k.Name) {
			columns = append(columns, k)
		}
	}
	if len(columns) > 4 {
		return Wanted{}, false
	}
	w := Wanted{Ask: Ask{DB: q.DB, Table: t, Columns: columns}, Queries: []*Query{q}, Confidence: 0.75}
	if len(equal) > 0 {
		if !Served(q) {
			if keyed(q, keys) || len(equal) == 0 {
				return Wanted{}, false // the index on the key comes first
			}
			if _, score := pick(q); score >= 2 {
				return Wanted{}, false // the rule about filters says it
			}
		}
		share := largest(p, q, equal)
		if !q.Bounded || !owned(q, equal) || share < feltShare {
			return Wanted{}, false // few rows have one value: sorting them costs little
		}
		w.Tenant, w.Share, w.Confidence = true, share, 0.6
	}
	return w, true
}

// A large owner (a tenant, a user) may have a hundredth of a table. Where a table has about as many rows
// as the one that its key points at, the children of one parent are few. Sorting fewer than a thousand
// rows takes less than a round trip.
const (
	ownersShare = 100
	ownersMost  = 1e5 // a table with more rows holds no owners
	feltShare   = 1000
)

// largest guesses the rows that a large owner has.
func largest(p *rule.Pass, q *Query, columns []string) float64 {
	rows := rowsOf(p, q.Table.Name)
	share := rows / ownersShare
	for _, name := range columns {
		parent := ""
		for _, fk := range q.Table.ForeignKeys {
			if len(fk.Columns) == 1 && strings.EqualFold(fk.Columns[0], name) {
				parent = fk.RefTable
			}
		}
		if c := q.Table.Column(name); parent == "" && c != nil {
			if ref := named(q.DB.Schema, q.Table, c); ref != nil {
				parent = ref.table.Name
			}
		}
		if of := rowsOf(p, parent); parent != "" && of > ownersMost {
			share = min(share, 100*rows/of)
		}
	}
	return share
}

// primary reports whether the order is that of the primary key.
func primary(t *schema.Table, order []schema.IndexColumn) bool {
	return len(order) == 1 && len(t.PrimaryKey) == 1 && strings.EqualFold(order[0].Name, t.PrimaryKey[0])
}

// owned reports whether one of the columns is a key of another table: its rows are as many as one
// owner has, which grows.
func owned(q *Query, columns []string) bool {
	for _, c := range columns {
		for _, fk := range q.Table.ForeignKeys {
			if len(fk.Columns) == 1 && strings.EqualFold(fk.Columns[0], c) {
				return true
			}
		}
		if col := q.Table.Column(c); col != nil && named(q.DB.Schema, q.Table, col) != nil {
			return true
		}
		if w := cardinality.Words(c); len(w) == 1 && w[0] == "tenant" || w[len(w)-1] == "id" && listed(q.Table, c) {
			return true
		}
	}
	return false
}

// listed reports whether an index that is not unique already holds the column's rows in some order: the
// project itself lists by it.
func listed(t *schema.Table, column string) bool {
	for _, ix := range t.Indexes {
		if !ix.Unique && len(ix.Columns) > 1 && strings.EqualFold(ix.Columns[0].Name, column) {
			return true
		}
	}
	return false
}

// hasIn reports whether the query narrows the rows in ways that its own index would serve: a list of
// keys or a range.
func hasIn(q *Query) bool {
	for _, c := range q.Conditions {
		if c.Op == sqlquery.In && Selective(q.Table, c.Column) > 1 && leads(q.Table, c.Column.Name) {
			return true
		}
	}
	return false
}
