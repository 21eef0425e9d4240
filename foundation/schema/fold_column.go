package schema

import "strings"

func (f *folder) addColumn(op *Op) {
	if op.Column == nil {
		return
	}
	t := f.touch(op)
	if have := t.Column(op.Column.Name); have != nil {
		if op.IfNotExists || op.Conditional {
			return
		}
		*have = *op.Column
	} else {
		copied := *op.Column
		t.Columns = append(t.Columns, &copied)
	}
	if op.Index != nil {
		if op.Index.Primary {
			f.setPrimary(t, op.Index, op)
		} else {
			f.addIndex(t, op.Index, op)
		}
	}
	if op.ForeignKey != nil {
		f.addForeignKey(t, op.ForeignKey, op)
	}
	if op.Check != nil {
		f.addCheck(t, op.Check, op)
	}
}

func (f *folder) dropColumn(op *Op) {
	t := f.existing(op)
	if t == nil {
		return
	}
	at := -1
	for i, c := range t.Columns {
		if sameName(c.Name, op.Name) {
			at = i
			break
		}
	}
	if at < 0 && !t.Incomplete && !op.IfExists && !op.Conditional {
		f.note(op.Place, "The column %s of %s that is dropped here is not known.", Unquote(op.Name), t.Name)
	}
	if at >= 0 {
		t.Columns = append(t.Columns[:at:at], t.Columns[at+1:]...)
	}
	f.dropIndexesUsing(t, Unquote(op.Name), op.Place)

	kept := t.ForeignKeys[:0]
	for _, fk := range t.ForeignKeys {
		if !contains(fk.Columns, op.Name) {
			kept = append(kept, fk)
		}
	}
	t.ForeignKeys = kept
	f.dropChecksOf(t, Unquote(op.Name))
	if contains(t.PrimaryKey, op.Name) {
		t.PrimaryKey = nil
	}
}

func (f *folder) dropIndexesUsing(t *Table, column string, at Place) {
	for i := 0; i < len(t.Indexes); {
		ix := t.Indexes[i]
		uses := contains(ix.Include, column) || mentions(ix.Where, column)
		plain := -1
		for k, c := range ix.Columns {
			if c.Name != "" && sameName(c.Name, column) {
				plain = k
			} else if mentions(c.Expr, column) {
				uses = true
			}
		}
		// "If columns are dropped from a table, the columns are also removed from any index of which
		// they are a part" (MySQL manual, ALTER TABLE). PostgreSQL drops the whole index.
		if f.s.Dialect == MySQL && plain >= 0 && len(ix.Columns) > 1 && !uses {
			ix.Columns = append(ix.Columns[:plain:plain], ix.Columns[plain+1:]...)
			i++
			continue
		}
		if plain < 0 && !uses {
			i++
			continue
		}
		f.dropIndexAt(t, i, at)
	}
}

func (f *folder) renameColumn(op *Op) {
	t := f.s.Table(op.Table)
	if t == nil {
		if op.IfExists || op.Conditional {
			return
		}
		t = f.touch(op)
	} else {
		t.Touched = append(t.Touched, op.Place)
	}
	old, renamed := Unquote(op.Name), Unquote(op.NewName)
	c := t.Column(old)
	switch {
	case c == nil && t.Column(renamed) != nil:
		return // it already has the new name: a conditional rename, or a dump that is ahead
	case c == nil:
		if !t.Incomplete && !op.Conditional {
			f.note(op.Place, "The column %s of %s that is renamed here is not known.", old, t.Name)
		}
		t.Columns = append(t.Columns, &Column{Name: renamed, Place: op.Place})
	case !strings.EqualFold(old, renamed) && t.Column(renamed) != nil:
		f.note(op.Place, "The column %s of %s exists already; the rename of %s was left out.", renamed, t.Name, old)
		return
	default:
		c.Name = renamed
	}
	renameIn(t.PrimaryKey, old, renamed)
	for _, ix := range t.Indexes {
		for k := range ix.Columns {
			if ix.Columns[k].Name != "" && sameName(ix.Columns[k].Name, old) {
				ix.Columns[k].Name = renamed
			}
			ix.Columns[k].Expr = replaceWord(ix.Columns[k].Expr, old, renamed)
		}
		renameIn(ix.Include, old, renamed)
		ix.Where = replaceWord(ix.Where, old, renamed)
	}
	for _, fk := range t.ForeignKeys {
		renameIn(fk.Columns, old, renamed)
	}
	for _, check := range t.Checks {
		check.Expr = replaceWord(check.Expr, old, renamed)
	}
	for _, other := range f.s.Tables {
		for _, fk := range other.ForeignKeys {
			if fk.RefTable != "" && contains(fk.RefColumns, old) && f.s.Table(fk.RefTable) == t {
				renameIn(fk.RefColumns, old, renamed)
			}
		}
	}
}

func renameIn(names []string, old, renamed string) {
	for i := range names {
		if sameName(names[i], old) {
			names[i] = renamed
		}
	}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if sameName(n, name) {
			return true
		}
	}
	return false
}

func (f *folder) changeColumn(op *Op) {
	t := f.s.Table(op.Table)
	if t == nil && (op.IfExists || op.Conditional) {
		return
	}
	t = f.touch(op)
	if op.Column == nil {
		return
	}
	name := op.Name
	if name == "" {
		name = op.Column.Name
	}
	c := t.Column(name)
	if c == nil {
		if op.Conditional {
			return
		}
		c = &Column{Name: Unquote(name), Place: op.Place}
		t.Columns = append(t.Columns, c)
		if !t.Incomplete {
			f.note(op.Place, "The column %s of %s that is changed here is not known.", c.Name, t.Name)
		}
	}
	change := op.Change
	if change == 0 {
		change = ChangeAll
	}
	if change&ChangeType != 0 {
		c.Type = op.Column.Type
	}
	if change&ChangeNull != 0 {
		c.NotNull = op.Column.NotNull
	}
	if change&ChangeDefault != 0 {
		c.Default = op.Column.Default
	}
	if change&ChangeAutoIncrement != 0 {
		c.AutoIncrement = op.Column.AutoIncrement
	}
	c.Place = op.Place
	// MODIFY may carry a key: MODIFY id int PRIMARY KEY.
	if op.Index != nil {
		if op.Index.Primary {
			f.setPrimary(t, op.Index, op)
		} else {
			f.addIndex(t, op.Index, op)
		}
	}
}
