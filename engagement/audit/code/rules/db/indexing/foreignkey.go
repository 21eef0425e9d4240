package indexing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Origin says how a foreign key is known.
type Origin uint8

// Origins, from strongest to weakest.
const (
	ByConstraint Origin = iota // the database enforces it
	ByModel                    // a relation of a model uses it
	ByName                     // the column is named like a key of an existing table
)

// Key is a foreign key that no index serves.
type Key struct {
	*schema.ForeignKey
	Origin Origin
}

// Unindexed lists the foreign keys of a table that no index serves, those that only their name gives
// away last. Polymorphic pairs are included.
func Unindexed(db *project.Database, t *schema.Table) []Key {
	if t.View || t.PartitionOf != "" || t.Incomplete {
		return nil
	}
	var out []Key
	known := map[string]bool{}
	for _, fk := range t.ForeignKeys {
		for _, c := range fk.Columns {
			known[strings.ToLower(c)] = true
		}
	}
	seen := map[string]bool{}
	for _, fk := range t.UnindexedForeignKeys(db.Schema.Dialect) {
		id := strings.ToLower(strings.Join(fk.Columns, ","))
		if seen[id] || !present(t, fk.Columns) || partly(t, fk.Columns) {
			continue
		}
		if fk.Enforced || !db.Schema.Dialect.IndexesForeignKeys() || !enforced(t, fk.Columns) {
			seen[id] = true
			k := Key{ForeignKey: fk, Origin: ByConstraint}
			if !fk.Enforced {
				k.Origin = ByModel
			}
			out = append(out, k)
		}
	}
	for _, c := range t.Columns {
		if known[strings.ToLower(c.Name)] || len(t.IndexesLeading(c.Name)) > 0 || partly(t, []string{c.Name}) {
			continue
		}
		if kindOf := typeColumn(t, c); kindOf != nil {
			pair := []string{kindOf.Name, c.Name}
			if !known[strings.ToLower(kindOf.Name)] && len(t.IndexesLeading(pair...)) == 0 && !partly(t, pair) && !pairBehind(t, pair) {
				out = append(out, Key{ForeignKey: &schema.ForeignKey{Columns: pair, Polymorphic: true, Place: c.Place}, Origin: ByName})
			}
			continue
		}
		if ref := named(db.Schema, t, c); ref != nil {
			fk := &schema.ForeignKey{Columns: []string{c.Name}, RefTable: ref.table.Name, RefColumns: []string{ref.column}, Place: c.Place}
			out = append(out, Key{ForeignKey: fk, Origin: ByName})
		}
	}
	return out
}

// enforced reports whether a constraint on the same columns exists besides a relation of the code:
// the product then has an index for it.
func enforced(t *schema.Table, columns []string) bool {
	for _, fk := range t.ForeignKeys {
		if fk.Enforced && strings.EqualFold(strings.Join(fk.Columns, ","), strings.Join(columns, ",")) {
			return true
		}
	}
	return false
}

func present(t *schema.Table, columns []string) bool {
	for _, c := range columns {
		if t.Column(c) == nil {
			return false
		}
	}
	return len(columns) > 0
}

// partly reports whether a partial index leads with the columns: somebody chose which rows to serve.
func partly(t *schema.Table, columns []string) bool {
	return len(t.PartialIndexesLeading(columns...)) > 0
}

// pairBehind reports whether an index holds both columns behind a first one: what every query of the table
// fixes besides (a tenant, a group).
func pairBehind(t *schema.Table, pair []string) bool {
	for _, ix := range t.Indexes {
		n := 0
		for i, k := range ix.Columns {
			if i < 3 && (strings.EqualFold(k.Name, pair[0]) || strings.EqualFold(k.Name, pair[1])) {
				n++
			}
		}
		if n == 2 {
			return true
		}
	}
	return false
}

// typeColumn is the column beside an id that names the kind of row it points at: owner_type for owner_id.
func typeColumn(t *schema.Table, c *schema.Column) *schema.Column {
	words := cardinality.Words(c.Name)
	if n := len(words); n < 2 || words[n-1] != "id" && words[n-1] != "uuid" {
		return nil
	}
	stem := strings.Join(words[:len(words)-1], "_")
	for _, o := range t.Columns {
		w := cardinality.Words(o.Name)
		if n := len(w); n > 1 && w[n-1] == "type" && strings.Join(w[:n-1], "_") == stem && kind(o.Type) == "text" {
			return o
		}
	}
	return nil
}

type reference struct {
	table  *schema.Table
	column string
}

// named resolves a column whose name says that it holds a key of another table: user_id, userId,
// author_user_id, previous_release_id, task_id of scheduled_tasks, registration_uuid. The types must
// agree, and the name must lead to exactly one table.
func named(s *schema.Schema, t *schema.Table, c *schema.Column) *reference {
	words := cardinality.Words(c.Name)
	if len(words) > 0 && words[0] == "parent" && (len(words) == 1 || len(words) == 2 && words[1] == "id") {
		if key := keyColumn(t, "id"); key != nil && key != c && sameKind(key.Type, c.Type) {
			return &reference{t, key.Name} // a tree
		}
	}
	if len(words) < 2 {
		return nil
	}
	key := words[len(words)-1]
	stem := words[:len(words)-1]
	switch key {
	case "id", "uuid", "guid":
	default:
		return nil
	}
	var best *reference
	bestName := ""
	bestScore, ties := 0, 0
	hint := stem[len(stem)-1] // what the table's name must hold: cheap to look for among many tables
	if len(hint) > 3 {
		hint = hint[:len(hint)-1]
	}
	for name, ref := range s.Tables {
		if ref.View || ref.PartitionOf != "" || !strings.Contains(name, hint) && hint != "perso" {
			continue
		}
		score := nameScore(stem, cardinality.Words(last(ref.Name)))
		if score == 0 || score < bestScore {
			continue
		}
		col := keyColumn(ref, key)
		if col == nil || !sameKind(col.Type, c.Type) {
			continue
		}
		if score == bestScore {
			if ties++; name > bestName {
				continue
			}
		} else {
			ties = 0
		}
		best, bestName, bestScore = &reference{ref, col.Name}, name, score
	}
	if ties > 0 && bestScore < 100 {
		return nil
	}
	return best
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// nameScore rates how well the words before "_id" name a table: the whole name (100 and more), its end
// (author_user for users), or the end of a longer table name (schedule for task_schedules).
func nameScore(stem, table []string) int {
	if len(table) == 0 {
		return 0
	}
	eq := func(a, b []string) bool {
		for i := range a {
			if a[i] != b[i] && (i != len(a)-1 || !samePlural(a[i], b[i])) {
				return false
			}
		}
		return true
	}
	switch n, m := len(stem), len(table); {
	case n == m && eq(stem, table):
		return 100
	case n > m && eq(stem[n-m:], table):
		return 50 + m
	case m > n && m-n <= 2 && eq(stem, table[m-n:]) && len(stem[n-1]) >= 4:
		return 20 + n - (m - n)
	}
	return 0
}

func samePlural(singular, plural string) bool {
	switch {
	case singular+"s" == plural, singular+"es" == plural:
		return true
	case strings.HasSuffix(singular, "y") && singular[:len(singular)-1]+"ies" == plural:
		return true
	case singular == "person" && plural == "people", singular == "child" && plural == "children":
		return true
	}
	return false
}

// keyColumn is the column of the referenced table that such a name means: the primary key for "id",
// a unique column of that name otherwise.
func keyColumn(t *schema.Table, key string) *schema.Column {
	if key == "id" {
		if len(t.PrimaryKey) == 1 {
			return t.Column(t.PrimaryKey[0])
		}
		return nil
	}
	for _, c := range t.Columns {
		if !strings.EqualFold(c.Name, key) {
			continue
		}
		if len(t.PrimaryKey) == 1 && strings.EqualFold(t.PrimaryKey[0], c.Name) {
			return c
		}
		for _, ix := range t.IndexesLeading(c.Name) {
			if ix.Unique && len(ix.Columns) == 1 {
				return c
			}
		}
	}
	return nil
}

func sameKind(a, b schema.Type) bool { return kind(a) == kind(b) && kind(a) != "" && !b.Array }

// kind groups types between which a key may point: whole numbers of any width, texts of any length.
func kind(t schema.Type) string {
	switch t.Name {
	case "bigint", "integer", "int", "mediumint", "smallint", "serial", "bigserial":
		return "number"
	case "uuid", "uniqueidentifier":
		return "uuid"
	case "text", "varchar", "char", "nvarchar", "character", "string", "citext":
		return "text"
	case "binary", "varbinary", "bytea", "blob":
		return "binary"
	}
	return ""
}
