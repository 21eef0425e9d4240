package schema

import (
	"fmt"
	"strings"
)

// PlainColumns makes index keys of column names.
func PlainColumns(names ...string) []IndexColumn {
	keys := make([]IndexColumn, len(names))
	for i, n := range names {
		keys[i] = IndexColumn{Name: Unquote(n)}
	}
	return keys
}

func (f *folder) addIndexOp(op *Op) {
	if op.UsingIndex != "" {
		f.adoptIndex(op)
		return
	}
	if op.Index == nil {
		return
	}
	t := f.touch(op)
	f.addIndex(t, op.Index, op)
}

// addIndex adds a copy of an index to a table. A copy, because the same operation may be folded again
// and later operations change the index in place.
func (f *folder) addIndex(t *Table, ix *Index, op *Op) {
	added := *ix
	added.Columns = append([]IndexColumn(nil), ix.Columns...)
	added.Include = append([]string(nil), ix.Include...)
	added.Name = bareName(ix.Name)
	added.Concurrently = added.Concurrently || op.Concurrently
	added.Constraint = added.Constraint || op.Kind == AddUnique
	if op.Kind == AddUnique {
		added.Unique = true
	}
	if added.Method == "" {
		added.Method = "btree"
	}
	if added.Place == (Place{}) {
		added.Place = op.Place
	}
	if len(added.Columns) == 0 {
		return
	}
	if added.Name == "" {
		added.AutoNamed = true
		added.Name = f.indexName(t, &added)
	} else {
		for i, have := range t.Indexes {
			if !sameName(have.Name, added.Name) {
				continue
			}
			if op.IfNotExists || op.Conditional {
				return
			}
			// The same name twice is an error in every product. A merged second definition of the table
			// is the usual reason; the later one stands.
			f.disown(have.Name, t)
			t.Indexes = append(t.Indexes[:i:i], t.Indexes[i+1:]...)
			break
		}
		if owner := f.owners[strings.ToLower(added.Name)]; owner != nil && owner != t && op.IfNotExists && f.s.Dialect != MySQL {
			return // index names are one name space per schema, and the statement is then a no-op
		}
	}
	if f.s.Dialect == MySQL && !added.Implied {
		// "This index may be silently dropped later if you create another index that can be used to
		// enforce the foreign key constraint" (MySQL manual, FOREIGN KEY Constraints).
		for i := 0; i < len(t.Indexes); i++ {
			if have := t.Indexes[i]; have.Implied && len(have.Columns) <= len(added.Columns) && sameKeys(have.Columns, added.Columns[:len(have.Columns)]) {
				f.disown(have.Name, t)
				t.Indexes = append(t.Indexes[:i:i], t.Indexes[i+1:]...)
				i--
			}
		}
	}
	t.Indexes = append(t.Indexes, &added)
	f.owners[strings.ToLower(added.Name)] = t
}

func (f *folder) addPrimaryKey(op *Op) {
	if op.UsingIndex != "" {
		f.adoptIndex(op)
		return
	}
	ix := op.Index
	if ix == nil {
		ix = &Index{Name: op.Name, Columns: PlainColumns(op.Columns...), Place: op.Place, Constraint: true}
	}
	f.setPrimary(f.touch(op), ix, op)
}

func (f *folder) setPrimary(t *Table, ix *Index, op *Op) {
	if len(ix.Columns) == 0 {
		return
	}
	for i, have := range t.Indexes {
		if have.Primary {
			f.disown(have.Name, t)
			t.Indexes = append(t.Indexes[:i:i], t.Indexes[i+1:]...)
			break
		}
	}
	primary := *ix
	primary.Primary, primary.Unique, primary.Constraint = true, true, true
	t.PrimaryKey = t.PrimaryKey[:0:0]
	for _, c := range primary.Columns {
		t.PrimaryKey = append(t.PrimaryKey, Unquote(c.Name))
		if column := t.Column(c.Name); column != nil {
			column.NotNull = true
		}
	}
	if primary.Name == "" || f.s.Dialect == MySQL {
		primary.Name, primary.AutoNamed = tableOnly(t)+"_pkey", true
		if f.s.Dialect == MySQL {
			primary.Name = "PRIMARY"
		}
	}
	f.addIndex(t, &primary, op)
	if f.s.Dialect == MySQL { // every table's is called PRIMARY: the name finds none
		delete(f.owners, "primary")
	}
}

func (f *folder) dropPrimary(t *Table, at Place) {
	for i, ix := range t.Indexes {
		if ix.Primary {
			f.dropIndexAt(t, i, at)
			break
		}
	}
	t.PrimaryKey = nil
}

// adoptIndex makes a constraint of an index that exists; PostgreSQL renames it to the constraint's name.
func (f *folder) adoptIndex(op *Op) {
	t := f.touch(op)
	ix := t.Index(op.UsingIndex)
	if ix == nil {
		f.note(op.Place, "The index %s that becomes a constraint here is not known.", op.UsingIndex)
		return
	}
	ix.Unique, ix.Constraint = true, true
	if op.Name != "" {
		f.disown(ix.Name, t)
		ix.Name = Unquote(op.Name)
		f.owners[strings.ToLower(ix.Name)] = t
	}
	if op.Kind == AddPrimaryKey {
		ix.Primary = true
		t.PrimaryKey = nil
		for _, c := range ix.Columns {
			t.PrimaryKey = append(t.PrimaryKey, c.Name)
		}
	}
}

func (f *folder) dropIndexAt(t *Table, i int, at Place) {
	ix := t.Indexes[i]
	f.disown(ix.Name, t)
	t.Indexes = append(t.Indexes[:i:i], t.Indexes[i+1:]...)
	if ix.Primary {
		t.PrimaryKey = nil
	}
	t.Dropped = append(t.Dropped, DroppedIndex{Index: ix, Place: at})
}

func (f *folder) disown(name string, t *Table) {
	if key := strings.ToLower(name); f.owners[key] == t {
		delete(f.owners, key)
	}
}

func (f *folder) dropIndex(op *Op) {
	name := lastName(op.Name)
	var t *Table
	if op.Table != "" {
		t = f.s.Table(op.Table)
	} else if name != "" {
		t = f.owners[strings.ToLower(name)]
	}
	if t == nil {
		if !op.IfExists && !op.Conditional {
			f.note(op.Place, "The index %s that is dropped here is not known.", name)
		}
		return
	}
	t.Touched = append(t.Touched, op.Place)
	if name != "" {
		for i, ix := range t.Indexes {
			if sameName(ix.Name, name) {
				f.dropIndexAt(t, i, op.Place)
				return
			}
		}
	}
	if len(op.Columns) > 0 {
		want := PlainColumns(op.Columns...)
		for i, ix := range t.Indexes {
			if !ix.Primary && sameKeyNames(ix.Columns, want) {
				f.dropIndexAt(t, i, op.Place)
				return
			}
		}
	}
	if !op.IfExists && !op.Conditional && !t.Incomplete {
		f.note(op.Place, "The index %s of %s that is dropped here is not known.", describe(name, op.Columns), t.Name)
	}
}

func describe(name string, columns []string) string {
	if name != "" {
		return name
	}
	return "on (" + strings.Join(columns, ", ") + ")"
}

func lastName(name string) string {
	parts := splitName(name)
	return Unquote(parts[len(parts)-1])
}

func (f *folder) renameIndex(op *Op) {
	name, renamed := lastName(op.Name), lastName(op.NewName)
	t := f.owners[strings.ToLower(name)]
	if op.Table != "" {
		t = f.s.Table(op.Table)
	}
	if t == nil {
		return
	}
	t.Touched = append(t.Touched, op.Place)
	if ix := t.Index(name); ix != nil {
		f.disown(ix.Name, t)
		ix.Name, ix.AutoNamed = renamed, false
		f.owners[strings.ToLower(renamed)] = t
	}
	for _, fk := range t.ForeignKeys {
		if sameName(fk.Name, name) {
			fk.Name, fk.AutoNamed = renamed, false
		}
	}
	for _, check := range t.Checks {
		if sameName(check.Name, name) {
			check.Name, check.AutoNamed = renamed, false
		}
	}
}

func (f *folder) addForeignKey(t *Table, fk *ForeignKey, op *Op) {
	added := *fk
	added.Name = bareName(fk.Name)
	added.Columns = append([]string(nil), fk.Columns...)
	for i := range added.Columns {
		added.Columns[i] = Unquote(added.Columns[i])
	}
	added.RefColumns = append([]string(nil), fk.RefColumns...)
	for i := range added.RefColumns {
		added.RefColumns[i] = Unquote(added.RefColumns[i])
	}
	added.RefTable = bareName(fk.RefTable)
	if added.Place == (Place{}) {
		added.Place = op.Place
	}
	if added.Name == "" && added.Enforced {
		added.AutoNamed = true
		added.Name = f.foreignKeyName(t, &added)
	}
	for i, have := range t.ForeignKeys {
		same := added.Name != "" && sameName(have.Name, added.Name)
		same = same || !have.Enforced && equalNames(have.Columns, added.Columns)
		if same {
			t.ForeignKeys = append(t.ForeignKeys[:i:i], t.ForeignKeys[i+1:]...)
			break
		}
	}
	t.ForeignKeys = append(t.ForeignKeys, &added)
	if added.Enforced && f.s.Dialect.IndexesForeignKeys() && !t.HasIndexPrefix(added.Columns) {
		ix := &Index{Name: added.Name, Columns: PlainColumns(added.Columns...), Place: added.Place, Implied: true}
		if added.AutoNamed && len(added.Columns) > 0 {
			ix.Name = added.Columns[0]
		}
		if t.Index(ix.Name) != nil {
			ix.Name = ""
		}
		f.addIndex(t, ix, op)
	}
}

func equalNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameName(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (f *folder) dropForeignKey(op *Op) {
	t := f.existing(op)
	if t == nil {
		return
	}
	name := lastName(op.Name)
	for i, fk := range t.ForeignKeys {
		match := name != "" && sameName(fk.Name, name)
		match = match || len(op.Columns) > 0 && equalNames(fk.Columns, op.Columns)
		match = match || name == "" && len(op.Columns) == 0 && op.RefTable != "" && Key(fk.RefTable) == Key(op.RefTable)
		if match {
			t.ForeignKeys = append(t.ForeignKeys[:i:i], t.ForeignKeys[i+1:]...)
			return
		}
	}
}

// dropConstraint drops whatever bears the name. A name that is not known is most often a check of a
// source that keeps none, so that nothing is noted.
func (f *folder) dropConstraint(op *Op) {
	t := f.existing(op)
	if t == nil {
		return
	}
	name := lastName(op.Name)
	for i, ix := range t.Indexes {
		if sameName(ix.Name, name) {
			f.dropIndexAt(t, i, op.Place)
			return
		}
	}
	for i, fk := range t.ForeignKeys {
		if sameName(fk.Name, name) {
			t.ForeignKeys = append(t.ForeignKeys[:i:i], t.ForeignKeys[i+1:]...)
			return
		}
	}
	for i, check := range t.Checks {
		if sameName(check.Name, name) {
			t.Checks = append(t.Checks[:i:i], t.Checks[i+1:]...)
			return
		}
	}
}

func tableOnly(t *Table) string { return lastPart(t.Name) }

// indexName is the name that the product chooses. PostgreSQL: table_column_column_idx, or _key for a
// constraint; MySQL: the first column, then column_2.
func (f *folder) indexName(t *Table, ix *Index) string {
	var name string
	if f.s.Dialect == MySQL {
		name = ix.Columns[0].Name
		if name == "" {
			name = "functional_index"
		}
		return free(name, "_", 2, func(n string) bool { return t.Index(n) != nil })
	}
	parts := []string{tableOnly(t)}
	for _, c := range ix.Columns {
		if c.Name != "" {
			parts = append(parts, c.Name)
		} else if i := strings.IndexByte(c.Expr, '('); i > 0 {
			parts = append(parts, strings.ToLower(strings.TrimSpace(c.Expr[:i])))
		} else {
			parts = append(parts, "expr")
		}
	}
	name = strings.Join(parts, "_")
	suffix := "_idx"
	if ix.Constraint && ix.Unique {
		suffix = "_key"
	}
	return free(clip(name, suffix), "", 1, func(n string) bool { return f.owners[strings.ToLower(n)] != nil })
}

// maxIdentifier is PostgreSQL's limit of a name in bytes (NAMEDATALEN - 1).
const maxIdentifier = 63

func clip(name, suffix string) string {
	if len(name)+len(suffix) > maxIdentifier {
		name = name[:maxIdentifier-len(suffix)]
	}
	return name + suffix
}

func free(name, between string, from int, taken func(string) bool) string {
	if !taken(name) {
		return name
	}
	for i := from; i < from+1000; i++ {
		if n := fmt.Sprintf("%s%s%d", name, between, i); !taken(n) {
			return n
		}
	}
	return name
}

func (f *folder) foreignKeyName(t *Table, fk *ForeignKey) string {
	taken := func(n string) bool {
		for _, have := range t.ForeignKeys {
			if sameName(have.Name, n) {
				return true
			}
		}
		return false
	}
	if f.s.Dialect == MySQL {
		return free(tableOnly(t)+"_ibfk_", "", 1, func(n string) bool { return strings.HasSuffix(n, "_ibfk_") || taken(n) })
	}
	return free(clip(strings.Join(append([]string{tableOnly(t)}, fk.Columns...), "_"), "_fkey"), "", 1, taken)
}
