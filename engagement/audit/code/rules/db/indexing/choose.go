package indexing

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Selective rates how far equality on a column narrows a table: 0 for a flag, 3 for a key. It reads
// names and types, because no statistics are at hand.
func Selective(t *schema.Table, c *schema.Column) int {
	if Few(c) || Mark(c) {
		return 0
	}
	w := cardinality.Words(c.Name)
	if len(w) == 0 {
		return 1
	}
	switch w[len(w)-1] {
	case "id", "uuid", "guid", "key", "token", "hash", "sha", "sha1", "sha256", "digest", "fingerprint", "checksum", "email", "slug", "url", "uri", "username", "login", "code", "number", "reference", "md5", "ip", "address", "handle", "host", "hostname", "domain", "phone":
		return 3
	case "name", "title", "path", "filename", "label", "identifier", "subject":
		return 2
	case "year", "month", "day", "hour", "position", "rank", "count", "size", "version", "format", "locale", "language", "country", "currency", "category", "platform", "source", "provider", "method", "action", "event", "env", "environment", "gender", "scope", "mode", "channel", "attempts", "order", "weight":
		return 0
	}
	switch kind(c.Type) {
	case "uuid":
		return 3
	case "text":
		return 2
	}
	return 1
}

// Served reports whether an index narrows the query by one of its equality conditions: it leads with a
// column that is not a flag. Partial indexes count, for somebody chose their rows.
func Served(q *Query) bool {
	t := q.Table
	for _, c := range q.Conditions {
		if c.Or || c.Func != "" {
			continue
		}
		switch c.Op {
		case sqlquery.Eq, sqlquery.In, sqlquery.IsNull, sqlquery.Truth, sqlquery.Range:
		case sqlquery.Contains, sqlquery.Match:
			if held(t, c.Column.Name) {
				return true // which rows contain a value is as selective as which have it
			}
			continue
		default:
			continue
		}
		if (c.Op == sqlquery.IsNull || c.Op == sqlquery.Truth) && len(t.PartialIndexesLeading(c.Column.Name)) == 0 {
			continue
		}
		if c.Op == sqlquery.Range && len(t.IndexesLeading(c.Column.Name)) == 0 {
			continue
		}
		if leads(t, c.Column.Name) && (Selective(t, c.Column) > 0 || composite(q, c.Column.Name)) {
			return true
		}
	}
	return false
}

// flagged reports whether the query asks for the rows in which a flag is still off, the project has made
// an index for the flag, and sets it when a row is done: what is left to do, the rare side.
func flagged(p *rule.Pass, q *Query) bool {
	if q.SQL == nil {
		return false
	}
	for _, c := range q.Conditions {
		off := strings.EqualFold(c.Text, "false") || c.Text == "0"
		if !c.Or && c.Func == "" && c.Op == sqlquery.Eq && off && leads(q.Table, c.Column.Name) && drained(p, q.Table, c.Column.Name) {
			return true
		}
	}
	return false
}

// leads reports whether any index that can be searched begins with the column: a B-tree, partial or
// not, or one of another method on the column alone.
func leads(t *schema.Table, column string) bool {
	if len(t.IndexesLeading(column)) > 0 || len(t.PartialIndexesLeading(column)) > 0 {
		return true
	}
	for _, ix := range t.Indexes {
		if len(ix.Columns) > 0 && strings.EqualFold(ix.Columns[0].Name, column) {
			return true
		}
	}
	return false
}

// composite reports whether an index that begins with a flag goes on with another column that the
// query fixes.
func composite(q *Query, flag string) bool {
	for _, c := range q.Equal(true) {
		if strings.EqualFold(c.Name, flag) {
			continue
		}
		if len(q.Table.IndexesLeading(flag, c.Name)) > 0 && Selective(q.Table, c) > 0 {
			return true
		}
	}
	return false
}

// unique reports whether the query is fixed to one row by a unique index on columns that it fixes.
func unique(q *Query) bool {
	names := map[string]bool{}
	for _, c := range q.Equal(true) {
		names[strings.ToLower(c.Name)] = true
	}
	indexes := q.Table.Indexes
	if len(q.Table.PrimaryKey) > 0 {
		indexes = append(indexes[:len(indexes):len(indexes)], &schema.Index{Columns: schema.PlainColumns(q.Table.PrimaryKey...), Unique: true})
	}
	for _, ix := range indexes {
		if !ix.Unique || len(ix.Columns) == 0 {
			continue
		}
		all := true
		for _, k := range ix.Columns {
			all = all && k.Name != "" && names[strings.ToLower(k.Name)]
		}
		if all {
			return true
		}
	}
	return false
}

// Wanted is an index that queries ask for, with those queries.
type Wanted struct {
	Ask     Ask
	Queries []*Query
	// Tenant: an index finds the rows of one owner already, but not in the order of the list.
	Tenant bool
	// Share is the likely number of rows of a large owner, where Tenant.
	Share float64
	// On is the column that the finding stands at, when it is not the first of the index.
	On string
	// Lost is the index that served the queries once.
	Lost *schema.DroppedIndex
	// Span: the query takes the rows of a stretch of time.
	Span bool
	// Poll: the query takes the next rows in a state, as a queue does.
	Poll       bool
	Confidence float64
}

// Gather joins wishes of one table that begin with the same column; the longest that starts with all
// others stands for them.
func Gather(list []Wanted) []Wanted {
	type key struct {
		t     *schema.Table
		first string
	}
	at := map[key]int{}
	var out []Wanted
	for _, w := range list {
		k := key{w.Ask.Table, strings.ToLower(w.Ask.Names()[0])}
		if len(w.Ask.Columns) > 1 && (w.Tenant || w.Span || w.Lost != nil) {
			k.first += "," + strings.ToLower(strings.Join(w.Ask.Names()[1:], ","))
		}
		if i, ok := at[k]; ok {
			o := &out[i]
			o.Queries = append(o.Queries, w.Queries...)
			o.Confidence = max(o.Confidence, w.Confidence)
			o.Poll = o.Poll || w.Poll
			if len(w.Ask.Columns) < len(o.Ask.Columns) && !o.Poll {
				o.Ask = w.Ask // the shorter one serves all
			}
			continue
		}
		at[k] = len(out)
		out = append(out, w)
	}
	for i := range out {
		sort.SliceStable(out[i].Queries, func(a, b int) bool { return heat(out[i].Queries[a]) > heat(out[i].Queries[b]) })
	}
	sort.SliceStable(out, func(a, b int) bool {
		return out[a].Confidence*float64(len(out[a].Queries)) > out[b].Confidence*float64(len(out[b].Queries))
	})
	return out
}

// keysOf lists the columns of a table that a rule about keys reports, in lower case.
func keysOf(q *Query) map[string]bool {
	out := map[string]bool{}
	for _, k := range Unindexed(q.DB, q.Table) {
		for _, c := range k.Columns {
			out[strings.ToLower(c)] = true
		}
	}
	return out
}

func usable(p *rule.Pass, dbs map[any]bool, q *Query) bool {
	return dbs[q.DB] && Grows(p, q.Table)
}

func audited(p *rule.Pass) map[any]bool {
	out := map[any]bool{}
	for _, db := range Databases(p) {
		out[db] = true
	}
	return out
}

// Filters lists the indexes that equality conditions ask for and no index serves.
func Filters(p *rule.Pass) []Wanted {
	dbs := audited(p)
	keys := map[*schema.Table]map[string]bool{}
	var list []Wanted
	for _, q := range Queries(p) {
		if !usable(p, dbs, q) {
			continue
		}
		if unique(q) || Served(q) || !q.Whole && unknownKeys(q) {
			continue
		}
		if keys[q.Table] == nil {
			keys[q.Table] = keysOf(q)
		}
		best, score := pick(q)
		if best == nil && spans(q) == nil || q.Bounded && !q.OrderUnknown && len(q.Order) > 0 && score < 2 && len(q.Table.IndexesLeading(q.Order[0].Name)) > 0 {
			continue
		}
		if keyed(q, keys[q.Table]) {
			continue
		}
		w := Wanted{Ask: Ask{DB: q.DB, Table: q.Table}, Queries: []*Query{q}}
		if best != nil {
			w.Ask.Columns = schema.PlainColumns(best.Name)
		}
		switch {
		case score >= 3:
			w.Confidence = 0.8
		case score == 2:
			w.Confidence = 0.7
		case score == 1 && timed(best):
			w.Confidence = 0.6
		case flagged(p, q):
			continue
		default:
			if poll := polls(q); poll != nil {
				w.Ask.Columns, w.Poll, w.Confidence = poll, true, 0.65
			} else if span := spans(q); span != nil {
				w.Ask.Columns, w.Span, w.Confidence = span, true, 0.6
			} else {
				continue
			}
		}
		list = append(list, w)
	}
	return Gather(append(list, lost(p, dbs)...))
}

// unknownKeys says that a query with conditions that were not understood may be served by one of them.
// A query for one row by a key of its own (a token, an address) needs no others.
func unknownKeys(q *Query) bool {
	if q.SQL != nil {
		return q.SQL.Dynamic
	}
	_, score := pick(q)
	return !q.Single || q.Joined || score < 3
}

// keyed reports whether one of the query's conditions is on a key that the rule about keys reports:
// its index serves the query.
func keyed(q *Query, keys map[string]bool) bool {
	for _, c := range q.Equal(true) {
		if keys[strings.ToLower(c.Name)] {
			return true
		}
	}
	return false
}

// pick is the most selective column that the query fixes, nil when there is none.
func pick(q *Query) (*schema.Column, int) {
	var best *schema.Column
	score := -1
	for _, c := range q.Conditions {
		if c.Or || c.Func != "" || c.Op != sqlquery.Eq && c.Op != sqlquery.In && c.Op != sqlquery.IsNull {
			continue
		}
		s := Selective(q.Table, c.Column)
		if c.Op == sqlquery.IsNull || !indexable(c.Column) || c.Literal && q.SQL == nil && c.Op == sqlquery.Eq && s < 3 {
			s = 0 // a value that the code states is a kind of row, not one row
		}
		if s > score {
			best, score = c.Column, s
		}
	}
	return best, score
}

// indexable reports whether a B-tree can hold the column in full.
func indexable(c *schema.Column) bool {
	switch c.Type.Name {
	case "json", "jsonb", "blob", "longblob", "mediumblob", "longtext", "mediumtext", "xml", "geometry", "geography", "tsvector", "hstore", "vector", "point":
		return false
	}
	return !c.Type.Array
}

// polls returns the keys for a query that takes the next rows in a state: status = x ORDER BY ...
// LIMIT n.
func polls(q *Query) []schema.IndexColumn {
	if !q.Bounded && !q.Single || len(q.Order) == 0 || q.OrderUnknown {
		return nil
	}
	eq := q.Equal(false)
	if len(eq) == 0 || q.Table.IndexForList(names(eq), q.Order) != nil || len(q.Table.IndexesLeading(q.Order[0].Name)) > 0 {
		return nil
	}
	var keys []schema.IndexColumn
	for _, c := range eq {
		if len(q.Table.IndexesLeading(c.Name)) > 0 {
			return nil
		}
		keys = append(keys, schema.IndexColumn{Name: c.Name})
	}
	return append(keys, q.Order...)
}

func names(columns []*schema.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}

// spans returns the keys for a query that takes the rows of a stretch of time and fixes nothing but
// flags: those, then the time.
func spans(q *Query) []schema.IndexColumn {
	var keys []schema.IndexColumn
	var span *schema.Column
	for _, c := range q.Conditions {
		switch {
		case c.Or || c.Func != "":
			return nil
		case c.Op == sqlquery.Range && timed(c.Column):
			if span != nil && span != c.Column {
				return nil
			}
			span = c.Column
		case c.Op == sqlquery.Eq || c.Op == sqlquery.Truth:
			if Selective(q.Table, c.Column) > 0 {
				return nil
			}
			if !contained(keys, c.Column.Name) {
				keys = append(keys, schema.IndexColumn{Name: c.Column.Name})
			}
		}
	}
	if span == nil || len(keys) > 2 || anywhere(q.Table, span.Name) {
		return nil
	}
	return append(keys, schema.IndexColumn{Name: span.Name})
}

func timed(c *schema.Column) bool {
	switch c.Type.Name {
	case "timestamp", "timestamptz", "datetime", "date", "timestamp with time zone", "datetime2", "datetimeoffset":
		return true
	}
	return false
}

// anywhere reports whether any index holds the column, in whatever place.
func anywhere(t *schema.Table, column string) bool {
	for _, ix := range t.Indexes {
		for _, k := range ix.Columns {
			if strings.EqualFold(k.Name, column) || k.Expr != "" && strings.Contains(strings.ToLower(k.Expr), strings.ToLower(column)) {
				return true
			}
		}
	}
	return false
}

func contained(columns []schema.IndexColumn, name string) bool {
	for _, c := range columns {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}
