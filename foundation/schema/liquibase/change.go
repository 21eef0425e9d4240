package liquibase

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// changes collects the operations of one change set.
type changes struct {
	*reader
	file string
	ops  []schema.Op
}

func (c *changes) get(n *node, name string) string { return c.expand(n.attr(name)) }

// list splits the names of columns.
func (c *changes) list(n *node, name string) []string {
	var out []string
	for _, part := range strings.Split(c.get(n, name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (c *changes) add(n *node, op schema.Op) {
	op.Place = n.at
	c.ops = append(c.ops, op)
}

// change reads one change. Those that only move rows, and those of Java classes, say nothing here.
func (c *changes) change(n *node) {
	table := c.get(n, "tableName")
	switch n.name {
	case "createTable":
		c.createTable(n, table)
	case "addColumn":
		for _, col := range n.children {
			if col.name == "column" {
				c.addColumn(col, table)
			}
		}
	case "dropColumn":
		if name := c.get(n, "columnName"); name != "" {
			c.add(n, schema.Op{Kind: schema.DropColumn, Table: table, Name: name})
		}
		for _, col := range n.children {
			if col.name == "column" {
				c.add(col, schema.Op{Kind: schema.DropColumn, Table: table, Name: c.get(col, "name")})
			}
		}
	case "renameColumn":
		c.add(n, schema.Op{Kind: schema.RenameColumn, Table: table, Name: c.get(n, "oldColumnName"), NewName: c.get(n, "newColumnName")})
	case "renameTable":
		c.add(n, schema.Op{Kind: schema.RenameTable, Table: c.get(n, "oldTableName"), NewName: c.get(n, "newTableName")})
	case "dropTable":
		c.add(n, schema.Op{Kind: schema.DropTable, Table: table})
	case "createView":
		view := c.get(n, "viewName")
		c.add(n, schema.Op{Kind: schema.CreateTable, Table: view, IfNotExists: true, Def: &schema.Table{Name: view, Place: n.at, View: true, Incomplete: true}})
	case "dropView":
		c.add(n, schema.Op{Kind: schema.DropTable, Table: c.get(n, "viewName"), IfExists: true})
	case "createIndex":
		ix := &schema.Index{Name: c.get(n, "indexName"), Unique: n.attr("unique") == "true", Place: n.at}
		for _, col := range n.children {
			if col.name == "column" {
				ix.Columns = append(ix.Columns, c.key(col))
			}
		}
		c.add(n, schema.Op{Kind: schema.AddIndex, Table: table, Index: ix})
	case "dropIndex":
		c.add(n, schema.Op{Kind: schema.DropIndex, Table: table, Name: c.get(n, "indexName")})
	case "addPrimaryKey":
		c.add(n, schema.Op{Kind: schema.AddPrimaryKey, Table: table, Index: c.constraint(n, c.get(n, "constraintName"), c.list(n, "columnNames"))})
	case "dropPrimaryKey":
		c.add(n, schema.Op{Kind: schema.DropPrimaryKey, Table: table})
	case "addUniqueConstraint":
		c.add(n, schema.Op{Kind: schema.AddUnique, Table: table, Index: c.constraint(n, c.get(n, "constraintName"), c.list(n, "columnNames"))})
	case "dropUniqueConstraint":
		c.add(n, schema.Op{Kind: schema.DropConstraint, Table: table, Name: c.get(n, "constraintName")})
	case "addForeignKeyConstraint":
		fk := &schema.ForeignKey{Name: c.get(n, "constraintName"), Columns: c.list(n, "baseColumnNames"), RefTable: c.get(n, "referencedTableName"), RefColumns: c.list(n, "referencedColumnNames"), Enforced: true, Place: n.at}
		fk.OnDelete = strings.ToLower(n.attr("onDelete"))
		if n.attr("deleteCascade") == "true" {
			fk.OnDelete = "cascade"
		}
		c.add(n, schema.Op{Kind: schema.AddForeignKey, Table: c.get(n, "baseTableName"), ForeignKey: fk})
	case "dropForeignKeyConstraint":
		c.add(n, schema.Op{Kind: schema.DropForeignKey, Table: c.get(n, "baseTableName"), Name: c.get(n, "constraintName")})
	case "modifyDataType":
		c.alter(n, table, schema.ChangeType, &schema.Column{Type: c.typeOf(c.get(n, "newDataType"))})
	case "addNotNullConstraint":
		c.alter(n, table, schema.ChangeNull, &schema.Column{NotNull: true})
	case "dropNotNullConstraint":
		c.alter(n, table, schema.ChangeNull, &schema.Column{})
	case "addDefaultValue":
		c.alter(n, table, schema.ChangeDefault, &schema.Column{Default: c.value(n)})
	case "dropDefaultValue":
		c.alter(n, table, schema.ChangeDefault, &schema.Column{})
	case "addAutoIncrement":
		c.alter(n, table, schema.ChangeAutoIncrement, &schema.Column{AutoIncrement: true})
	case "addLookupTable":
		c.lookupTable(n)
	case "sql":
		text, line := n.text, n.textLine
		if inner := n.child("sql"); inner != nil && text == "" {
			text, line = inner.text, inner.textLine
		}
		if text == "" {
			text, line = n.attr("sql"), n.at.Line
		}
		c.ops = append(c.ops, c.sql(c.file, text, line)...)
	case "sqlFile":
		name := c.set.find(c.file, c.get(n, "path"), n.attr("relativeToChangelogFile") == "true")
		if name == "" {
			c.problem(problem(n.at, false, "The changelog %s runs %s, which was not read.", c.file, c.get(n, "path")))
			return
		}
		if !c.visited[name] {
			c.visited[name] = true
			c.log.Files = append(c.log.Files, name)
		}
		c.ops = append(c.ops, c.sql(name, string(c.set.files[name]), 1)...)
	}
}

func (c *changes) alter(n *node, table string, what schema.Change, col *schema.Column) {
	col.Name, col.Place = c.get(n, "columnName"), n.at
	c.add(n, schema.Op{Kind: schema.ChangeColumn, Table: table, Name: col.Name, Column: col, Change: what})
}

// key reads one key of an index: a name, or an expression where it is said to be computed.
func (c *changes) key(n *node) schema.IndexColumn {
	name := strings.TrimSpace(c.get(n, "name"))
	k := schema.IndexColumn{Desc: n.attr("descending") == "true"}
	if bare, ok := cutSuffixFold(name, " desc"); ok {
		name, k.Desc = bare, true
	} else if bare, ok := cutSuffixFold(name, " asc"); ok {
		name = bare
	}
	if n.attr("computed") == "true" || strings.ContainsAny(name, "()") {
		k.Expr = name
		return k
	}
	k.Name = schema.Unquote(name)
	return k
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if len(s) > len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return strings.TrimSpace(s[:len(s)-len(suffix)]), true
	}
	return s, false
}

func (c *changes) constraint(n *node, name string, columns []string) *schema.Index {
	return &schema.Index{Name: name, Columns: schema.PlainColumns(columns...), Unique: true, Constraint: true, Place: n.at}
}

// inline is what stands at a column beside its type.
type inline struct {
	column     *schema.Column
	primary    bool
	primaryKey string // name
	unique     *schema.Index
	foreign    *schema.ForeignKey
}

func (c *changes) column(n *node) inline {
	name := schema.Unquote(c.get(n, "name"))
	in := inline{column: &schema.Column{Name: name, Type: c.typeOf(c.get(n, "type")), Default: c.value(n), AutoIncrement: c.get(n, "autoIncrement") == "true", Place: n.at}}
	if computed := c.get(n, "computed"); computed == "true" {
		in.column.Generated = in.column.Default
	}
	for _, k := range n.children {
		if k.name != "constraints" {
			continue
		}
		if c.get(k, "nullable") == "false" {
			in.column.NotNull = true
		}
		if c.get(k, "primaryKey") == "true" {
			in.primary, in.primaryKey, in.column.NotNull = true, c.get(k, "primaryKeyName"), true
		}
		if c.get(k, "unique") == "true" {
			in.unique = c.constraint(n, c.get(k, "uniqueConstraintName"), []string{name})
		}
		in.foreign = c.reference(k, name)
	}
	return in
}

// reference reads the foreign key of a column: references="table(column)", or two attributes.
func (c *changes) reference(k *node, column string) *schema.ForeignKey {
	fk := &schema.ForeignKey{Name: c.get(k, "foreignKeyName"), Columns: []string{column}, RefTable: c.get(k, "referencedTableName"), RefColumns: c.list(k, "referencedColumnNames"), Enforced: true, Place: k.at}
	if ref := c.get(k, "references"); ref != "" {
		table, columns, _ := strings.Cut(ref, "(")
		fk.RefTable = strings.TrimSpace(table)
		fk.RefColumns = nil
		for _, name := range strings.Split(strings.TrimRight(strings.TrimSpace(columns), ")"), ",") {
			if name = strings.TrimSpace(name); name != "" {
				fk.RefColumns = append(fk.RefColumns, name)
			}
		}
	}
	if c.get(k, "deleteCascade") == "true" {
		fk.OnDelete = "cascade"
	}
	if fk.RefTable == "" {
		return nil
	}
	return fk
}

func (c *changes) createTable(n *node, table string) {
	t := &schema.Table{Name: table, Place: n.at}
	pkName := ""
	for _, col := range n.children {
		if col.name != "column" {
			continue
		}
		in := c.column(col)
		t.Columns = append(t.Columns, in.column)
		if in.primary {
			t.PrimaryKey = append(t.PrimaryKey, in.column.Name)
			if in.primaryKey != "" {
				pkName = in.primaryKey
			}
		}
		if in.unique != nil {
			t.Indexes = append(t.Indexes, in.unique)
		}
		if in.foreign != nil {
			t.ForeignKeys = append(t.ForeignKeys, in.foreign)
		}
	}
	if len(t.PrimaryKey) > 0 {
		pk := c.constraint(n, pkName, t.PrimaryKey)
		pk.Primary = true
		t.Indexes = append([]*schema.Index{pk}, t.Indexes...)
	}
	c.add(n, schema.Op{Kind: schema.CreateTable, Table: table, Def: t, IfNotExists: n.attr("ifNotExists") == "true"})
}

func (c *changes) addColumn(n *node, table string) {
	in := c.column(n)
	c.add(n, schema.Op{Kind: schema.AddColumn, Table: table, Column: in.column})
	if in.primary {
		c.add(n, schema.Op{Kind: schema.AddPrimaryKey, Table: table, Index: c.constraint(n, in.primaryKey, []string{in.column.Name})})
	}
	if in.unique != nil {
		c.add(n, schema.Op{Kind: schema.AddUnique, Table: table, Index: in.unique})
	}
	if in.foreign != nil {
		c.add(n, schema.Op{Kind: schema.AddForeignKey, Table: table, ForeignKey: in.foreign})
	}
}

// lookupTable moves the values of a column into a table of their own and references it.
func (c *changes) lookupTable(n *node) {
	table, column := c.get(n, "newTableName"), c.get(n, "newColumnName")
	key := c.constraint(n, "", []string{column})
	key.Primary = true
	c.add(n, schema.Op{Kind: schema.CreateTable, Table: table, Def: &schema.Table{
		Name: table, Place: n.at, PrimaryKey: []string{column}, Indexes: []*schema.Index{key},
		Columns: []*schema.Column{{Name: column, NotNull: true, Type: c.typeOf(c.get(n, "newColumnDataType")), Place: n.at}},
	}})
	c.add(n, schema.Op{Kind: schema.AddForeignKey, Table: c.get(n, "existingTableName"), ForeignKey: &schema.ForeignKey{
		Name: c.get(n, "constraintName"), Columns: []string{c.get(n, "existingColumnName")}, RefTable: table, RefColumns: []string{column}, Enforced: true, Place: n.at,
	}})
}

// value is the default of a column in any of its forms.
func (c *changes) value(n *node) string {
	for _, form := range []string{"defaultValue", "defaultValueNumeric", "defaultValueBoolean", "defaultValueDate", "defaultValueComputed", "defaultValueSequenceNext"} {
		if v := c.get(n, form); v != "" {
			return v
		}
	}
	return ""
}

// typeOf reads a type; Liquibase has names of its own and those of Java.
func (c *changes) typeOf(raw string) schema.Type {
	name := raw
	if len(name) > len("java.sql.Types.") && strings.EqualFold(name[:len("java.sql.Types.")], "java.sql.Types.") {
		name = name[len("java.sql.Types."):]
	}
	switch strings.ToLower(name) {
	case "clob", "nclob", "longvarchar":
		name = "text"
	case "datetime":
		if c.log.Dialect != schema.MySQL {
			name = "timestamp"
		}
	case "currency":
		name = "decimal(18,2)"
	case "number":
		name = "numeric"
	}
	t := schema.ParseType(name)
	t.Raw = raw
	return t
}
