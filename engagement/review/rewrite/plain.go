package rewrite

import (
	"fmt"
	"strings"
)

// alter returns ALTER TABLE with the words of the facts' product.
func alter(f Facts, t Name, format string, args ...any) []string {
	return []string{"ALTER TABLE " + f.name(t) + " " + fmt.Sprintf(format, args...)}
}

// name writes the name of a table for the product.
func (f Facts) name(n Name) string {
	if f.Server.Product == PostgreSQL {
		return n.String()
	}
	return mysqlName(n)
}

// quote writes an identifier for the product.
func (f Facts) quote(s string) string {
	if f.Server.Product == PostgreSQL {
		return quote(s)
	}
	return mysqlQuote(s)
}

func (f Facts) quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = f.quote(n)
	}
	return strings.Join(quoted, ", ")
}

func (f Facts) postgres() bool { return f.Server.Product == PostgreSQL }

func (c SetNotNull) plain(f Facts) []string {
	if !f.postgres() {
		t, _ := f.Table(c.Table)
		col, _ := t.Column(c.Column)
		return alter(f, c.Table, "MODIFY COLUMN %s %s", f.quote(c.Column), mysqlNotNull(col))
	}
	return alter(f, c.Table, "ALTER COLUMN %s SET NOT NULL", quote(c.Column))
}

func (c AddColumn) plain(f Facts) []string {
	return alter(f, c.Table, "ADD COLUMN %s", c.definition(f))
}

// definition is what follows ADD COLUMN.
func (c AddColumn) definition(f Facts) string {
	s := f.quote(c.Column) + " " + c.Type
	if c.NotNull {
		s += " NOT NULL"
	}
	if c.Default != "" {
		s += " DEFAULT " + c.Default
	}
	return s
}

func (c AddGenerated) plain(f Facts) []string {
	how := "VIRTUAL"
	if c.Stored {
		how = "STORED"
	}
	return alter(f, c.Table, "ADD COLUMN %s %s GENERATED ALWAYS AS (%s) %s", f.quote(c.Column), c.Type, c.Expression, how)
}

func (c AddForeignKey) plain(f Facts) []string {
	return alter(f, c.Table, "ADD CONSTRAINT %s %s", f.quote(c.Name), c.definition(f))
}

func (c AddForeignKey) definition(f Facts) string {
	s := "FOREIGN KEY (" + f.quoteAll(c.Columns) + ") REFERENCES " + f.name(c.To)
	if len(c.ToColumns) > 0 {
		s += " (" + f.quoteAll(c.ToColumns) + ")"
	}
	if c.After != "" {
		s += " " + c.After
	}
	return s
}

// unproven is plain for rows written from now on: without a look at those that are there.
func (c AddForeignKey) unproven(f Facts) string {
	s := c.plain(f)[0]
	if strings.HasSuffix(c.After, notEnforced) {
		return s
	}
	return s + " NOT VALID"
}

func (c AddCheck) plain(f Facts) []string {
	return alter(f, c.Table, "ADD CONSTRAINT %s CHECK (%s)", f.quote(c.Name), c.Expression)
}

func (c AddUnique) plain(f Facts) []string {
	return alter(f, c.Table, "ADD CONSTRAINT %s UNIQUE (%s)", f.quote(c.Name), f.quoteAll(c.Columns))
}

func (c AddPrimaryKey) plain(f Facts) []string {
	if !f.postgres() {
		return alter(f, c.Table, "ADD PRIMARY KEY (%s)", f.quoteAll(c.Columns))
	}
	return alter(f, c.Table, "ADD CONSTRAINT %s PRIMARY KEY (%s)", quote(c.name()), quoteAll(c.Columns))
}

func (c AddPrimaryKey) name() string {
	if c.Name != "" {
		return c.Name
	}
	return derive(c.Table.Name, "pkey")
}

func (c CreateIndex) plain(f Facts) []string {
	if !f.postgres() {
		return alter(f, c.Table, "ADD %s", mysqlIndex(c.Index))
	}
	return []string{indexStatement(c.Index, c.Table, false)}
}

func (c DropIndex) plain(f Facts) []string {
	if !f.postgres() {
		return alter(f, c.Table, "DROP INDEX %s", f.quote(c.Index))
	}
	return []string{"DROP INDEX " + c.Table.beside(c.Index).String()}
}

func (c Reindex) plain(f Facts) []string {
	if !f.postgres() {
		return alter(f, c.Table, "FORCE")
	}
	return []string{"REINDEX INDEX " + c.Table.beside(c.Index).String()}
}

func (c ChangeType) plain(f Facts) []string {
	if !f.postgres() {
		return alter(f, c.Table, "MODIFY COLUMN %s %s", f.quote(c.Column), c.To)
	}
	s := fmt.Sprintf("ALTER COLUMN %s TYPE %s", quote(c.Column), c.To)
	if c.Using != "" {
		s += " USING " + c.Using
	}
	return alter(f, c.Table, "%s", s)
}

func (c RenameColumn) plain(f Facts) []string {
	return alter(f, c.Table, "RENAME COLUMN %s TO %s", f.quote(c.From), f.quote(c.To))
}

func (c RenameTable) plain(f Facts) []string {
	if !f.postgres() {
		return []string{"RENAME TABLE " + f.name(c.Table) + " TO " + f.name(c.Table.beside(c.To))}
	}
	return alter(f, c.Table, "RENAME TO %s", quote(c.To))
}

func (c DropColumn) plain(f Facts) []string {
	return alter(f, c.Table, "DROP COLUMN %s", f.quote(c.Column))
}

func (c DropTable) plain(f Facts) []string {
	s := "DROP TABLE " + f.name(c.Table)
	if t, _ := f.Table(c.Table); len(t.Referenced) > 0 && f.postgres() {
		s += " CASCADE" // of the foreign keys that refer to it
	}
	return []string{s}
}

func (c AttachPartition) plain(f Facts) []string {
	return alter(f, c.Table, "ATTACH PARTITION %s %s", c.Partition, c.Bound)
}

// String writes the bound as ATTACH PARTITION wants it.
func (b Bound) String() string {
	switch {
	case len(b.From) > 0:
		return fmt.Sprintf("FOR VALUES FROM (%s) TO (%s)", strings.Join(b.From, ", "), strings.Join(b.To, ", "))
	case len(b.In) > 0:
		return fmt.Sprintf("FOR VALUES IN (%s)", strings.Join(b.In, ", "))
	case b.Modulus > 0:
		return fmt.Sprintf("FOR VALUES WITH (MODULUS %d, REMAINDER %d)", b.Modulus, b.Remainder)
	}
	return "DEFAULT"
}

func (c DetachPartition) plain(f Facts) []string {
	return alter(f, c.Table, "DETACH PARTITION %s", c.Partition)
}

func (c AddEnumValue) plain(Facts) []string {
	s := "ALTER TYPE " + c.Type.String() + " ADD VALUE IF NOT EXISTS " + literal(c.Value)
	if c.Before != "" {
		s += " BEFORE " + literal(c.Before)
	}
	return []string{s}
}

func (c RenameEnumValue) plain(Facts) []string {
	return []string{"ALTER TYPE " + c.Type.String() + " RENAME VALUE " + literal(c.From) + " TO " + literal(c.To)}
}

// plain of a value that goes: a type without it, and the columns changed to that type, under lock.
func (c DropEnumValue) plain(f Facts) []string {
	e, _ := f.Enum(c.Type)
	old := c.Type.beside(derive(c.Type.Name, "napkin", "old"))
	out := []string{
		"ALTER TYPE " + c.Type.String() + " RENAME TO " + quote(old.Name),
		"CREATE TYPE " + c.Type.String() + " AS ENUM (" + enumList(e.without(c.Value)) + ")",
	}
	for _, u := range e.Uses {
		t, _ := f.Table(u.Table)
		col, _ := t.Column(u.Column)
		if col.Default != "" {
			out = append(out, alter(f, u.Table, "ALTER COLUMN %s DROP DEFAULT", quote(u.Column))...)
		}
		out = append(out, alter(f, u.Table, "ALTER COLUMN %s TYPE %s USING %s", quote(u.Column), c.Type, c.using(u.Column))...)
		if col.Default != "" {
			out = append(out, alter(f, u.Table, "ALTER COLUMN %s SET DEFAULT %s", quote(u.Column), c.newDefault(col.Default))...)
		}
	}
	return append(out, "DROP TYPE "+old.String())
}

func (c BackfillColumn) plain(f Facts) []string {
	s := "UPDATE " + f.name(c.Table) + " SET " + c.Set
	if c.Where != "" {
		s += " WHERE " + c.Where
	}
	return []string{s}
}

func (c SetDefault) plain(f Facts) []string {
	if c.Default == "" {
		return alter(f, c.Table, "ALTER COLUMN %s DROP DEFAULT", f.quote(c.Column))
	}
	return alter(f, c.Table, "ALTER COLUMN %s SET DEFAULT %s", f.quote(c.Column), c.Default)
}

func (c RewriteTable) plain(f Facts) []string {
	if !f.postgres() {
		return []string{"OPTIMIZE TABLE " + f.name(c.Table)}
	}
	if c.Cluster != "" {
		return []string{"CLUSTER " + c.Table.String() + " USING " + quote(c.Cluster)}
	}
	return []string{"VACUUM (FULL) " + c.Table.String()}
}
