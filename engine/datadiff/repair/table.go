package repair

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// table is a relation of the target and what orders its rows.
type table struct {
	rel    *dialect.Relation
	name   string          // quoted
	fields []dialect.Field // the key's and then the others
	quoted []string        // their names
	keys   int             // number of fields of the key

	unique   []constraint
	refers   []*reference // this table is the child
	referred []*reference // this table is the parent
	ordered  bool         // its rows cannot be streamed
	rank     int          // parents before children

	uninsertable string // why no row can be inserted
	undeletable  string // why no row is deleted
	follows      []follow
	lost         []string // columns that were not compared and can be written
	expressions  []string // unique indexes on expressions, which order nothing
	counter      string   // an auto-increment column
	carried      []string
	// native are the forms of the fields in which the target's values are exactly what it holds.
	native []dialect.Form
	// distinct: the target keeps two rows from having the same key.
	distinct bool
	written  [Changed + 1]bool // there are statements of the kind
}

// follow are columns that rows of tables which were not compared refer to, and change along with.
type follow struct {
	fields []int
	reason string
}

// constraint is a set of fields whose values stand for each other's: those of a unique index or of a foreign
// key.
type constraint struct {
	id     int
	fields []int
	folds  []bool // the field is compared without regard to case or accents
	// loose are, for an exclusion constraint, fields that it compares by another operator than =. Any two
	// values of them are taken to be in each other's way.
	loose []int
	// depends are fields that decide beside the others whether a row is in the way of another: those of the
	// predicate of a partial index, and of the expressions of an exclusion constraint.
	depends []int
	// holds is the predicate of a partial index; nil where there is none, or none that can be read. Then
	// every row is taken to meet it.
	holds condition
	// readable: depends are those of holds alone.
	readable bool
}

// reference is a foreign key between two tables of the plan.
type reference struct {
	name          string
	child, parent constraint
	from, to      *table
	// What happens to rows that refer to one that is deleted or changed; empty for nothing.
	onDelete, onUpdate string
}

func newTable(db dialect.Database, r *dialect.Relation) *table {
	t := &table{rel: r, name: db.QuoteTable(r.Table.Name), fields: r.Fields(), keys: len(r.Key)}
	for _, f := range t.fields {
		t.quoted = append(t.quoted, db.Quote(f.Column.Name))
		t.native = append(t.native, db.Offers(f.Column)[0].Form)
	}
	t.distinct = Distinct(r)
	for i := range r.Table.Columns {
		c := &r.Table.Columns[i]
		if c.AutoIncrement || c.AlwaysIdentity {
			t.counter = r.Table.Name.String() + "." + c.Name
		}
		if t.field(c.Name) < 0 && c.NotNull && c.Default == "" && !c.Generated && !c.AutoIncrement && !c.AlwaysIdentity {
			t.uninsertable = "the column " + c.Name + " was not compared, and it is NOT NULL and has no default"
		}
		if t.field(c.Name) < 0 && !c.Generated {
			t.lost = append(t.lost, c.Name)
		}
		if typ := strings.ToLower(c.Type); db.Kind() == dialect.MySQL && !c.Generated && (strings.HasPrefix(typ, "timestamp") || strings.HasPrefix(typ, "datetime")) {
			t.carried = append(t.carried, db.Quote(c.Name))
		}
	}
	if t.keys == 0 {
		// Its deletions wait for what becomes of its insertions.
		t.ordered = true
		reason := ""
		switch {
		case len(t.lost) > 0:
			reason = "the table has no key, so of rows that are equal in the compared columns any might be deleted, and with it what it holds in " + strings.Join(t.lost, ", ") + ", which was not compared; compare all columns, or name a key"
		case r.Where != "":
			reason = "the table has no key, so that it is not known whether the row stands on the other side without meeting the condition; compare without a condition, or name a key"
		}
		t.uninsertable, t.undeletable = reason, reason
	}
	return t
}

// Distinct says whether the catalog keeps two rows of a relation from having the same key.
func Distinct(r *dialect.Relation) bool {
	within := func(part []string) bool {
		return len(part) > 0 && !slices.ContainsFunc(part, func(name string) bool {
			return !slices.ContainsFunc(r.Key, func(f dialect.Field) bool { return f.Column.Name == name })
		})
	}
	return within(r.Table.PrimaryKey) || slices.ContainsFunc(r.Table.Unique, within)
}

// field is the position of a column among the fields, -1 when it is not read.
func (t *table) field(column string) int {
	for i, f := range t.fields {
		if f.Column.Name == column {
			return i
		}
	}
	for i, f := range t.fields {
		if strings.EqualFold(f.Column.Name, column) {
			return i
		}
	}
	return -1
}

// constraint finds the fields of columns. Not ok when one of them is not read, or is an expression.
func (t *table) constraint(kind dialect.Kind, columns []string) (c constraint, ok bool) {
	for _, name := range columns {
		i := t.field(name)
		if i < 0 {
			return c, false
		}
		c.fields = append(c.fields, i)
		c.folds = append(c.folds, folds(kind, t.fields[i]))
	}
	return c, len(c.fields) > 0
}

// exclusion finds the fields of an exclusion constraint. Rows that are equal in what it compares by = are taken
// to be in each other's way, whatever they hold in the rest.
func (t *table) exclusion(kind dialect.Kind, index dialect.Index) (c constraint) {
	for k, column := range index.Columns {
		i := t.field(column)
		switch {
		case i < 0:
			c.depends = append(c.depends, t.named(column)...)
		case index.Operators[k] == "=":
			c.fields = append(c.fields, i)
			c.folds = append(c.folds, folds(kind, t.fields[i]))
		default:
			c.loose = append(c.loose, i)
		}
	}
	return c
}

// folds says whether the product may take two values of a column for the same that differ in bytes.
func folds(kind dialect.Kind, f dialect.Field) bool {
	switch f.Form {
	case dialect.Text, dialect.TextTrimmed, dialect.Inexact, dialect.Stored:
	default:
		return false
	}
	switch kind {
	case dialect.MySQL:
		return !f.Column.Sorted
	case dialect.SQLite:
		return f.Column.Collation != "" && !strings.EqualFold(f.Column.Collation, "BINARY")
	}
	return strings.Contains(strings.ToLower(f.Column.Type), "citext")
}

// connect finds the constraints of all tables, which of them need an order, and the tables' ranks.
func (p *Plan) connect(around *dialect.Surroundings) {
	kind, ids := p.target.Kind(), 0
	seen := make([]bool, len(around.References)) // by the tables of the plan
	for _, t := range p.tables {
		lists := []dialect.Index{{Columns: t.rel.Table.PrimaryKey}}
		for _, columns := range t.rel.Table.Unique {
			lists = append(lists, dialect.Index{Columns: columns})
		}
		for _, index := range t.rel.Table.Indexes {
			if index.Unique || len(index.Operators) > 0 {
				lists = append(lists, index)
			}
		}
		known := map[string]bool{}
		for _, index := range lists {
			var c constraint
			ok := true
			if len(index.Operators) > 0 {
				c = t.exclusion(kind, index)
			} else {
				c, ok = t.constraint(kind, index.Columns)
			}
			if index.Where != "" {
				c.depends = append(c.depends, t.named(index.Where)...)
				c.holds = t.predicate(index.Where)
				c.readable = c.holds != nil && len(index.Operators) == 0
			}
			if index.Unique && slices.ContainsFunc(index.Columns, func(s string) bool { return strings.HasPrefix(s, "(") && t.rel.Table.Column(s) == nil }) {
				t.expressions = append(t.expressions, index.Name)
			}
			name := fmt.Sprint(slices.Sorted(slices.Values(c.fields)), c.loose, c.depends, index.Where)
			if !ok || known[name] || t.isKey(c) {
				continue
			}
			known[name] = true
			c.id, ids = ids, ids+1
			t.unique = append(t.unique, c)
			t.ordered = true
		}
	}
	for _, t := range p.tables {
		for _, fk := range t.rel.Table.ForeignKeys {
			parent := p.find(t, fk.References)
			if parent == nil {
				continue
			}
			columns := fk.RefColumns
			if len(columns) == 0 {
				columns = parent.rel.Table.PrimaryKey
			}
			child, ok := t.constraint(kind, fk.Columns)
			up, okUp := parent.constraint(kind, columns)
			if !ok || !okUp || len(child.fields) != len(up.fields) {
				p.note("the order that the foreign key " + fk.Name + " of " + t.rel.Table.Name.String() + " asks for is not known, because its columns were not all compared")
				continue
			}
			child.id, up.id, ids = ids, ids, ids+1
			for i := range child.folds {
				child.folds[i] = child.folds[i] || up.folds[i]
			}
			up.folds = child.folds
			r := &reference{name: fk.Name, child: child, parent: up, from: t, to: parent}
			for i, out := range around.References {
				if p.same(out.From, t) && p.same(out.To, parent) && slices.EqualFunc(out.Columns, fk.Columns, strings.EqualFold) {
					r.onDelete, r.onUpdate = out.OnDelete, out.OnUpdate
					seen[i] = t.rel.Where == ""
				}
			}
			t.refers = append(t.refers, r)
			parent.referred = append(parent.referred, r)
			t.ordered, parent.ordered = true, true
		}
	}
	for i, out := range around.References {
		if !seen[i] {
			p.outside(out)
		}
	}
	p.rank()
}

// same says whether a name is that of a table of the plan.
func (p *Plan) same(name dialect.TableName, t *table) bool {
	if p.target.Kind() == dialect.SQLite {
		return strings.EqualFold(name.Name, t.rel.Table.Name.Name)
	}
	return name == t.rel.Table.Name
}

// outside forbids what would change rows of a table that was not compared, or not wholly.
func (p *Plan) outside(out dialect.Reference) {
	for _, t := range p.tables {
		// MySQL may spell the name otherwise here than in the table's own entry.
		own := t.rel.Table.Name
		if !p.same(out.To, t) && !(p.target.Kind() == dialect.MySQL && strings.EqualFold(out.To.Schema, own.Schema) && strings.EqualFold(out.To.Name, own.Name)) {
			continue
		}
		refers := "rows of " + out.From.String() + ", which was not compared as a whole, refer to this table with "
		if out.OnDelete != "" && t.undeletable == "" {
			t.undeletable = refers + "ON DELETE " + out.OnDelete + ", so that deleting one here could change them; compare that table too, and without a condition"
		}
		columns := out.RefColumns
		if len(columns) == 0 {
			columns = t.rel.Table.PrimaryKey
		}
		f := follow{reason: refers + "ON UPDATE " + out.OnUpdate + ", so that changing " + strings.Join(columns, ", ") + " here could change them; compare that table too, and without a condition"}
		for _, name := range columns {
			if i := t.field(name); i >= 0 {
				f.fields = append(f.fields, i)
			}
		}
		if out.OnUpdate != "" {
			t.follows = append(t.follows, f)
		}
	}
}

// isKey says whether a constraint is that of the key itself, whose values differences do not exchange
// unless the product folds them.
func (t *table) isKey(c constraint) bool {
	if t.keys == 0 || len(c.fields) != t.keys || len(c.loose)+len(c.depends) > 0 || slices.Contains(c.folds, true) {
		return false
	}
	for _, i := range c.fields {
		if i >= t.keys {
			return false
		}
	}
	return true
}

// find is the table of the plan that a foreign key refers to.
func (p *Plan) find(from *table, name dialect.TableName) *table {
	for _, fold := range []bool{false, true} {
		for _, t := range p.tables {
			n := t.rel.Table.Name
			same := n.Name == name.Name || fold && strings.EqualFold(n.Name, name.Name)
			schema := name.Schema
			if schema == "" {
				schema = from.rel.Table.Name.Schema
			}
			if same && (n.Schema == schema || n.Schema == "" || schema == "") {
				return t
			}
		}
	}
	return nil
}

// rank numbers the tables so that parents come before children, and notes the circles in which there is
// no such order.
func (p *Plan) rank() {
	const visiting, visited = 1, 2
	state := map[*table]int{}
	var path []*table
	next := 0
	var visit func(t *table)
	visit = func(t *table) {
		state[t] = visiting
		path = append(path, t)
		for _, r := range t.refers {
			switch {
			case r.to == t || state[r.to] == visited:
			case state[r.to] == visiting:
				var names []string
				for _, on := range path[slices.Index(path, r.to):] {
					names = append(names, on.rel.Table.Name.String())
				}
				p.note("the tables " + strings.Join(append(names, names[0]), " -> ") + " refer to each other in a circle; their rows are ordered one by one")
			default:
				visit(r.to)
			}
		}
		path = path[:len(path)-1]
		state[t] = visited
		t.rank, next = next, next+1
	}
	for _, t := range p.tables {
		if state[t] == 0 {
			visit(t)
		}
	}
}

// split appends the cells of a whole row.
func (t *table) split(dst [][]byte, key, columns []byte) ([][]byte, error) {
	for _, part := range [][]byte{key, columns} {
		for len(part) > 0 {
			cell, rest, err := canon.Next(part)
			if err != nil {
				return dst, err
			}
			dst, part = append(dst, cell), rest
		}
	}
	if len(dst) != len(t.fields) {
		return dst, fmt.Errorf("it has %d cells, and the table %d columns", len(dst), len(t.fields))
	}
	return dst, nil
}

// Bounds of the name of a row.
const (
	describedMax   = 80 // runes of a value
	describedCells = 6
)

// describe names a row by its key, or by all its values where there is none.
func (t *table) describe(kind Kind, old, now [][]byte) string {
	cells := old
	if kind == Missing {
		cells = now
	}
	if t.keys > 0 {
		cells = cells[:t.keys]
	}
	var parts []string
	for i, c := range cells {
		if i == describedCells {
			parts = append(parts, "…")
			break
		}
		s := []rune(canon.Format(c))
		if len(s) > describedMax {
			s = append(s[:describedMax-1], '…')
		}
		parts = append(parts, string(s))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// fold appends a text cell so that values which a collation may take for equal get the same bytes: no
// marks, no case, no blanks at the end. It may join more than the collation does, which costs an order
// that was not needed.
func fold(dst, cell []byte) []byte {
	switch canon.Tag(cell[0]) {
	case canon.Text, canon.Inexact:
	default:
		return append(dst, cell...)
	}
	s := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFKD.String(string(canon.Content(cell))))
	return canon.AppendText(dst, strings.TrimRight(s, " "))
}
