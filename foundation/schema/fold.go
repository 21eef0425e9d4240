package schema

import (
	"fmt"
	"strings"
)

// Fold applies migrations in order and returns the schema that they leave behind. It never fails:
//
//   - An operation on a table that nothing creates creates it, marked [Table.Incomplete], with a note.
//   - A second creation of a table is merged into the first, and a sentence goes to Conflicts.
//   - A dropped column takes along the indexes and constraints that use it; MySQL shortens composite
//     indexes instead, as the product does.
//   - A dropped table takes along the foreign keys that point at it (not in SQLite, which leaves them).
//   - On products that index foreign keys by themselves, such an index is added, marked
//     [Index.Implied], unless one that serves exists.
//
// Migrations of another dialect than the one given are left out. With Unknown, all are taken and the
// first dialect that a migration states becomes the schema's. The input is not changed.
func Fold(migrations []Migration, dialect Dialect) *Schema {
	ordered, notes := Order(migrations)
	if dialect == Unknown {
		for i := range ordered {
			if ordered[i].Dialect != Unknown {
				dialect = ordered[i].Dialect
				break
			}
		}
	}
	f := &folder{
		s:      &Schema{Dialect: dialect, Tables: map[string]*Table{}, Notes: notes},
		owners: map[string]*Table{},
	}
	for i := range ordered {
		m := &ordered[i]
		if m.Dialect != Unknown && m.Dialect != dialect {
			f.note(Place{Path: m.Path, Line: 1, EndLine: 1}, "This migration is for %s and was left out of the %s schema.", m.Dialect, dialect)
			continue
		}
		for j := range m.Ops {
			f.path = m.Path
			f.apply(&m.Ops[j])
		}
	}
	f.inheritFromParents()
	return f.s
}

// folder holds the state of one fold.
type folder struct {
	s    *Schema
	path string // of the migration at hand
	// owners finds the table of an index by the index's lower-case name: PostgreSQL's DROP INDEX does
	// not say it, and a scan of all tables per drop would be quadratic.
	owners map[string]*Table
}

// maxNotes bounds the notes of a fold: a dump of garbage must not fill memory with sentences.
const maxNotes = 1000

func (f *folder) note(at Place, format string, args ...any) {
	if len(f.s.Notes) < maxNotes {
		f.s.Notes = append(f.s.Notes, Note{at, fmt.Sprintf(format, args...)})
	}
}

func (f *folder) conflict(format string, args ...any) {
	if len(f.s.Conflicts) < maxNotes {
		f.s.Conflicts = append(f.s.Conflicts, fmt.Sprintf(format, args...))
	}
}

func (f *folder) apply(op *Op) {
	switch op.Kind {
	case CreateTable:
		f.createTable(op)
	case DropTable:
		f.dropTable(op)
	case RenameTable:
		f.renameTable(op)
	case AddColumn:
		f.addColumn(op)
	case DropColumn:
		f.dropColumn(op)
	case RenameColumn:
		f.renameColumn(op)
	case ChangeColumn:
		f.changeColumn(op)
	case AddIndex, AddUnique:
		f.addIndexOp(op)
	case AddPrimaryKey:
		f.addPrimaryKey(op)
	case DropIndex:
		f.dropIndex(op)
	case RenameIndex, RenameConstraint:
		f.renameIndex(op)
	case AddForeignKey:
		if op.ForeignKey != nil {
			t := f.touch(op)
			f.addForeignKey(t, op.ForeignKey, op)
		}
	case AddCheck:
		if op.Check != nil {
			f.addCheck(f.touch(op), op.Check, op)
		}
	case DropForeignKey:
		f.dropForeignKey(op)
	case DropPrimaryKey:
		if t := f.existing(op); t != nil {
			f.dropPrimary(t, op.Place)
		}
	case DropConstraint:
		f.dropConstraint(op)
	case ValidateForeign:
		if t := f.s.Table(op.Table); t != nil {
			for _, fk := range t.ForeignKeys {
				if sameName(fk.Name, op.Name) {
					fk.NotValid = false
				}
			}
			f.validateCheck(t, op.Name)
		}
	case AttachPartition:
		if t := f.s.Table(op.Table); t != nil {
			t.PartitionOf, t.DefaultPartition = op.RefTable, op.Default
		}
	}
}

// touch returns the table of an operation, creating it when nothing did so before.
func (f *folder) touch(op *Op) *Table {
	t := f.s.Table(op.Table)
	if t == nil {
		name := Key(op.Table)
		t = &Table{Name: bareName(op.Table), Place: op.Place, CreatedIn: f.path, Incomplete: true}
		f.s.Put(name, t)
		f.note(op.Place, "Nothing creates the table %s before this %s; it was taken to exist.", t.Name, op.Kind)
	}
	t.Touched = append(t.Touched, op.Place)
	return t
}

// existing returns the table of an operation that takes something away, or nil with a note.
func (f *folder) existing(op *Op) *Table {
	t := f.s.Table(op.Table)
	if t == nil {
		if !op.IfExists && !op.Conditional {
			f.note(op.Place, "The table %s of this %s is not known.", bareName(op.Table), op.Kind)
		}
		return nil
	}
	t.Touched = append(t.Touched, op.Place)
	return t
}

// bareName is a name as written, without its quotes.
func bareName(name string) string {
	parts := splitName(name)
	for i := range parts {
		parts[i] = Unquote(parts[i])
	}
	return strings.Join(parts, ".")
}

func (f *folder) createTable(op *Op) {
	def := op.Def
	if def == nil {
		def = &Table{}
	}
	name := op.Table
	if name == "" {
		name = def.Name
	}
	key := Key(name)
	old := f.s.Tables[key]
	if old != nil && op.Force {
		f.remove(key, old)
		old = nil
	}
	if old != nil && op.IfNotExists && !old.Incomplete {
		return
	}
	t := old
	if t == nil {
		t = &Table{Name: bareName(name), Place: op.Place, CreatedIn: f.path}
		f.s.Put(key, t)
	} else if !old.Incomplete && !old.View && !def.View {
		f.conflict("%s:%d and %s:%d both create the table %s; their definitions were merged.",
			old.Place.Path, old.Place.Line, op.Place.Path, op.Place.Line, old.Name)
		old.Touched = append(old.Touched, op.Place)
	} else {
		old.Place, old.CreatedIn, old.Incomplete = op.Place, f.path, false
	}
	t.View = def.View
	t.Incomplete = def.Incomplete
	if def.PartitionOf != "" {
		t.PartitionOf, t.DefaultPartition = def.PartitionOf, def.DefaultPartition
	}
	t.Partitioned = t.Partitioned || def.Partitioned
	for _, source := range op.Inherits {
		f.copyColumns(t, source, op, false)
	}
	if op.Like != "" {
		f.copyColumns(t, op.Like, op, op.LikeIndexes)
	}
	for _, c := range def.Columns {
		if have := t.Column(c.Name); have != nil {
			*have = *c
			continue
		}
		copied := *c
		t.Columns = append(t.Columns, &copied)
	}
	if len(def.PrimaryKey) > 0 && !hasPrimary(def.Indexes) {
		f.setPrimary(t, &Index{Columns: PlainColumns(def.PrimaryKey...), Place: op.Place, Constraint: true}, op)
	}
	for _, ix := range def.Indexes {
		if ix.Primary {
			f.setPrimary(t, ix, op)
		} else {
			f.addIndex(t, ix, op)
		}
	}
	for _, fk := range def.ForeignKeys {
		f.addForeignKey(t, fk, op)
	}
	for _, check := range def.Checks {
		f.addCheck(t, check, op)
	}
}

func (f *folder) copyColumns(t *Table, source string, op *Op, indexes bool) {
	from := f.s.Table(source)
	if from == nil || from == t {
		t.Incomplete = true
		f.note(op.Place, "The columns of %s come from %s, which is not known.", t.Name, bareName(source))
		return
	}
	t.Incomplete = t.Incomplete || from.Incomplete
	for _, c := range from.Columns {
		if t.Column(c.Name) == nil {
			copied := *c
			copied.Place = op.Place
			t.Columns = append(t.Columns, &copied)
		}
	}
	if !indexes {
		return
	}
	for _, ix := range from.Indexes {
		copied := *ix
		copied.Columns = append([]IndexColumn(nil), ix.Columns...)
		copied.Place = op.Place
		if f.s.Dialect != MySQL {
			copied.Name = "" // PostgreSQL chooses new names for the copies
		}
		if copied.Primary {
			f.setPrimary(t, &copied, op)
		} else {
			f.addIndex(t, &copied, op)
		}
	}
}

func (f *folder) dropTable(op *Op) {
	t := f.s.Table(op.Table)
	if t == nil {
		if !op.IfExists && !op.Conditional {
			f.note(op.Place, "The table %s that is dropped here is not known.", bareName(op.Table))
		}
		return
	}
	key := f.keyOf(op.Table, t)
	if f.s.Dialect != SQLite {
		for _, other := range f.s.Tables {
			if other == t {
				continue
			}
			kept := other.ForeignKeys[:0]
			for _, fk := range other.ForeignKeys {
				if fk.RefTable == "" || f.s.Table(fk.RefTable) != t {
					kept = append(kept, fk)
				}
			}
			other.ForeignKeys = kept
		}
	}
	f.remove(key, t)
}

// keyOf is the key under which a table that was found is held; it differs from the name asked for
// when that name was qualified and the table's is not, or the other way round.
func (f *folder) keyOf(name string, t *Table) string {
	if key := Key(name); f.s.Tables[key] == t {
		return key
	}
	if key := Key(t.Name); f.s.Tables[key] == t {
		return key
	}
	for key, other := range f.s.Tables {
		if other == t {
			return key
		}
	}
	return Key(name)
}

func (f *folder) remove(key string, t *Table) {
	for _, ix := range t.Indexes {
		f.disown(ix.Name, t)
	}
	f.s.Remove(key)
}

func (f *folder) renameTable(op *Op) {
	t := f.s.Table(op.Table)
	to := Key(op.NewName)
	if t == nil {
		if f.s.Tables[to] == nil && !op.IfExists && !op.Conditional {
			t = f.touch(op)
		} else {
			return
		}
	}
	t.Touched = append(t.Touched, op.Place)
	from := f.keyOf(op.Table, t)
	if !strings.Contains(to, ".") && strings.Contains(from, ".") {
		to = from[:strings.LastIndexByte(from, '.')+1] + to
	}
	if to == from {
		t.Name = bareName(op.NewName)
		return
	}
	if other := f.s.Tables[to]; other != nil && other != t {
		if op.Conditional {
			return
		}
		f.remove(to, other)
	}
	for _, other := range f.s.Tables {
		for _, fk := range other.ForeignKeys {
			if fk.RefTable != "" && f.s.Table(fk.RefTable) == t {
				fk.RefTable = bareName(op.NewName)
			}
		}
		if other.PartitionOf != "" && f.s.Table(other.PartitionOf) == t {
			other.PartitionOf = bareName(op.NewName)
		}
	}
	f.s.Remove(from)
	t.Name = bareName(op.NewName)
	f.s.Put(to, t)
}

// inheritFromParents gives partitions what their parent has: columns, and indexes that PostgreSQL
// creates on every partition.
func (f *folder) inheritFromParents() {
	// Partitions may have partitions: each pass goes one level further down. Names come in order, so that
	// the result does not depend on the map's.
	const levels = 3
	names := f.s.Names()
	for range levels {
		for _, name := range names {
			if t := f.s.Tables[name]; t.PartitionOf != "" {
				f.inherit(t)
			}
		}
	}
}

func (f *folder) inherit(t *Table) {
	parent := f.s.Table(t.PartitionOf)
	if parent == nil || parent == t {
		t.Incomplete = true
		return
	}
	for _, c := range parent.Columns {
		if t.Column(c.Name) == nil {
			copied := *c
			t.Columns = append(t.Columns, &copied)
		}
	}
	if len(t.PrimaryKey) == 0 {
		t.PrimaryKey = append([]string(nil), parent.PrimaryKey...)
	}
	for _, ix := range parent.Indexes {
		if !hasEqualIndex(t, ix) {
			copied := *ix
			t.Indexes = append(t.Indexes, &copied)
		}
	}
}

func hasEqualIndex(t *Table, ix *Index) bool {
	for _, have := range t.Indexes {
		if have.Unique == ix.Unique && have.Where == ix.Where && sameKeys(have.Columns, ix.Columns) {
			return true
		}
	}
	return false
}
