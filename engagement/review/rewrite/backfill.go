package rewrite

import (
	"fmt"
	"strings"
	"time"
)

// Backfill changes rows in short transactions, in the order of the primary key.
//
// A batch is a range of the key, so that it reads a bounded number of rows whether or not they still need
// the change. Under PostgreSQL it locks only rows that nobody else holds (SKIP LOCKED) and comes back for
// the rest: it never waits for a row, hence it cannot be part of a deadlock.
type Backfill struct {
	Server Server
	Table  Name
	Key    []Column // name and type of each column of the primary key
	Set    string   // what follows SET
	Where  string   // true for rows that still need the change
	// Target is how long a batch shall take; the runner sizes batches by it. Rows of a batch are locked for that
	// long.
	Target time.Duration
	// Rows is the size of the first batch; it grows and shrinks from there.
	Rows int
}

// Sizes of batches, in rows: the first one is small, because nothing is known yet, and the largest keeps the
// memory of the server and the burst of changes to replicas moderate.
const (
	firstBatch = 1000
	MaxBatch   = 100_000
	MinBatch   = 50
)

func (b Backfill) quote(s string) string { return Facts{Server: b.Server}.quote(s) }

func (b Backfill) key() string {
	names := make([]string, len(b.Key))
	for i, c := range b.Key {
		names[i] = b.quote(c.Name)
	}
	return strings.Join(names, ", ")
}

// after is the condition for rows beyond a key; parameters count from first. In PostgreSQL a text parameter
// is cast to the type of the column; MySQL compares a row by its expansion, because it uses no index for a
// comparison of rows.
func (b Backfill) compare(operator string, first int) string {
	if b.Server.Product == PostgreSQL {
		params := make([]string, len(b.Key))
		for i, c := range b.Key {
			params[i] = fmt.Sprintf("$%d::%s", first+i, c.Type)
		}
		return fmt.Sprintf("(%s) %s (%s)", b.key(), operator, strings.Join(params, ", "))
	}
	var parts []string
	strict := strings.TrimSuffix(operator, "=")
	for i := range b.Key {
		var and []string
		for _, c := range b.Key[:i] {
			and = append(and, b.quote(c.Name)+" = ?")
		}
		op := strict
		if i == len(b.Key)-1 {
			op = operator
		}
		and = append(and, b.quote(b.Key[i].Name)+" "+op+" ?")
		parts = append(parts, "("+strings.Join(and, " AND ")+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// BoundSQL asks for the key of the last row of the next batch: the row that is rows further than the key
// given, or no row where fewer are left. After is false for the first batch, which has no key to start at.
// Columns come as text.
func (b Backfill) BoundSQL(after bool, rows int) string {
	where := ""
	if after {
		where = " WHERE " + b.compare(">", 1)
	}
	columns := b.key()
	if b.Server.Product == PostgreSQL {
		texts := make([]string, len(b.Key))
		for i, c := range b.Key {
			texts[i] = quote(c.Name) + "::text"
		}
		columns = strings.Join(texts, ", ")
	}
	// The output column and the input column have one name; ORDER BY shall sort by the column itself.
	order := make([]string, len(b.Key))
	for i, c := range b.Key {
		order[i] = "t." + b.quote(c.Name)
	}
	return fmt.Sprintf("SELECT %s FROM %s AS t%s ORDER BY %s LIMIT 1 OFFSET %d",
		columns, Facts{Server: b.Server}.name(b.Table), where, strings.Join(order, ", "), rows-1)
}

// between is the condition of a batch: beyond the first key if after, up to the second if upTo. Parameters
// are the columns of the one key, then those of the other.
func (b Backfill) between(after, upTo bool) string {
	var parts []string
	first := 1
	if after {
		parts = append(parts, b.compare(">", first))
		first += len(b.Key)
	}
	if upTo {
		parts = append(parts, b.compare("<=", first))
	}
	if b.Where != "" {
		parts = append(parts, "("+b.Where+")")
	}
	if len(parts) == 0 {
		return "true"
	}
	return strings.Join(parts, " AND ")
}

// UpdateSQL changes the rows of a batch that nobody else has locked.
func (b Backfill) UpdateSQL(after, upTo bool) string {
	table := Facts{Server: b.Server}.name(b.Table)
	if b.Server.Product != PostgreSQL {
		return fmt.Sprintf("UPDATE %s SET %s WHERE %s", table, b.Set, b.between(after, upTo))
	}
	// ctid names the very row version that the inner query has locked. The condition stands outside as well,
	// because partitions of one table use the same ctids.
	in := b.between(after, upTo)
	return fmt.Sprintf("UPDATE %s SET %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE %s FOR NO KEY UPDATE SKIP LOCKED)) AND %s",
		table, b.Set, table, in, in)
}

// LeftSQL asks whether the batch has rows that still need the change.
func (b Backfill) LeftSQL(after, upTo bool) string {
	return fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s)", Facts{Server: b.Server}.name(b.Table), b.between(after, upTo))
}

// newBackfill returns the backfill of a table, or a refusal where it has no key to go by.
func newBackfill(f Facts, o Options, table Name, set, where string) (*Backfill, error) {
	t, known := f.Table(table)
	if !known {
		return nil, &Refusal{fmt.Sprintf("The rows of %s must be changed in batches, and its primary key is not known. Give the schema, so that batches can go by the key.", table)}
	}
	if f.postgres() {
		if why := (postgres{f, o}).rowsHidden(table); why != "" {
			return nil, &Refusal{why}
		}
	}
	pk, has := t.PrimaryKey()
	if !has {
		return nil, &Refusal{fmt.Sprintf("The rows of %s must be changed in batches, and it has no primary key to go by. Add one first.", table)}
	}
	b := &Backfill{Server: f.Server, Table: table, Set: set, Where: where, Target: o.batch(), Rows: firstBatch}
	for _, name := range pk.Columns() {
		c, ok := t.Column(name)
		if !ok {
			return nil, &Refusal{fmt.Sprintf("The type of %s, a column of the primary key, is not known; batches cannot go by it.", column(table, name))}
		}
		b.Key = append(b.Key, c)
	}
	return b, nil
}

// backfillStep returns the step of a backfill. Done must hold the further conditions of the steps before.
func backfillStep(b *Backfill, id, title string, done string) Step {
	return Step{
		ID: id, Title: title, Kind: Batches, Backfill: b,
		Locks:  []Lock{{b.Table, rowLock(b.Server), ForBatch}},
		Ladder: patient(),
		Done:   done,
		Says: "Ranges of the primary key, each its own transaction. Rows of a batch are locked while it is written; other rows and all readers go on. " +
			"Stop it at any time: run again, it passes over the rows that have been changed.",
	}
}

func rowLock(s Server) Mode {
	if s.Product == PostgreSQL {
		return RowExclusive
	}
	return MetadataShared
}
