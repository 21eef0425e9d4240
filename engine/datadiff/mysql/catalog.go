package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// errNoSchema is returned where neither the URL nor the name of a table says which database is meant.
var errNoSchema = errors.New("no database is named; put it behind the host in the URL, or before the table as database.table")

func (d *Database) inSchema(schema string) (string, error) {
	if schema == "" {
		schema = d.schema
	}
	if schema == "" {
		return "", errNoSchema
	}
	return schema, nil
}

// sqlString quotes a name for a question to the catalog; the session has NO_BACKSLASH_ESCAPES.
func sqlString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Tables implements [dialect.Database].
func (d *Database) Tables(ctx context.Context, schema string) ([]dialect.TableName, error) {
	schema, err := d.inSchema(schema)
	if err != nil {
		return nil, err
	}
	rows, err := d.ask(ctx, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_SCHEMA = "+sqlString(schema)+" ORDER BY TABLE_NAME")
	if err != nil {
		return nil, explain("list the tables of "+schema, err)
	}
	out := make([]dialect.TableName, len(rows))
	for i, r := range rows {
		out[i] = dialect.TableName{Schema: r[0].text, Name: r[1].text}
	}
	return out, nil
}

// Table implements [dialect.Database]. Left out are the columns in which MariaDB keeps the history of
// rows (ROW START and ROW END) where they are hidden: they tell when a row was written, not what.
func (d *Database) Table(ctx context.Context, name dialect.TableName) (*dialect.Table, error) {
	schema, err := d.inSchema(name.Schema)
	if err != nil {
		return nil, fmt.Errorf("look for the table %s: %w", name, err)
	}
	name.Schema = schema
	in := " WHERE TABLE_SCHEMA = " + sqlString(schema) + " AND TABLE_NAME = " + sqlString(name.Name)
	rows, err := d.ask(ctx, "SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH, TABLE_SCHEMA FROM information_schema.TABLES"+in)
	if err != nil {
		return nil, explain("", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: %w, or the account may not see it", name, dialect.ErrNoTable)
	}
	// The server knows the case of the names better, where it folds it.
	t := &dialect.Table{Name: dialect.TableName{Schema: rows[0][4].text, Name: rows[0][0].text}, View: strings.Contains(rows[0][1].text, "VIEW"), Rows: -1, Bytes: -1}
	if !rows[0][2].null {
		t.Rows = rows[0][2].number()
	}
	if !rows[0][3].null {
		t.Bytes = rows[0][3].number()
	}
	if t.Hidden, err = d.hidden(ctx, t.Name); err != nil {
		return nil, explain("", err)
	}
	for _, part := range []func(context.Context, string, *dialect.Table) error{d.columns, d.indexes, d.foreignKeys} {
		if err := part(ctx, in, t); err != nil {
			return nil, explain("", err)
		}
	}
	setWidths(t)
	return t, nil
}

func (d *Database) columns(ctx context.Context, in string, t *dialect.Table) error {
	rows, err := d.ask(ctx, "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, GENERATION_EXPRESSION, DATA_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS"+in+" ORDER BY ORDINAL_POSITION")
	if err != nil {
		return err
	}
	documents, err := d.documents(ctx, in, t)
	if err != nil {
		return err
	}
	for _, r := range rows {
		extra, generated := strings.ToUpper(r[4].text), r[6].text
		if history := strings.ToUpper(generated); (history == "ROW START" || history == "ROW END") && strings.Contains(extra, "INVISIBLE") {
			continue
		}
		typ := parseType(r[1].text)
		if typ.kind == kindText && documents[strings.ToLower(r[0].text)] {
			typ.kind = kindJSONText
		}
		c := dialect.Column{
			Name: r[0].text, Type: r[1].text, NotNull: r[2].text == "NO", Generated: generated != "",
			AutoIncrement: strings.Contains(extra, "AUTO_INCREMENT"), Collation: r[5].text, Code: typ.code(),
		}
		c.Default = d.defaultOf(r[3], extra, typ)
		c.Sorted = sorted(typ, c.Collation)
		c.Ranked = typ.kind == kindChar || typ.kind == kindText || typ.kind == kindUUID
		t.Columns = append(t.Columns, c)
	}
	return nil
}

// defaultOf is the expression of a default. MariaDB states one, and NULL as a word; MySQL states the
// value, and says apart when it is an expression.
func (d *Database) defaultOf(v value, extra string, t columnType) string {
	switch {
	case v.null || d.mariadb && strings.EqualFold(v.text, "NULL"):
		return ""
	case d.mariadb || strings.Contains(extra, "DEFAULT_GENERATED") || t.kind == kindInt || t.kind == kindDecimal || t.kind == kindFloat || t.kind == kindDouble || t.kind == kindBit:
		return v.text
	}
	return sqlString(v.text)
}

// documents are the columns that MariaDB's type JSON stands for: text with a check of json_valid.
func (d *Database) documents(ctx context.Context, in string, t *dialect.Table) (map[string]bool, error) {
	if !d.mariadb || t.View {
		return nil, nil
	}
	rows, err := d.ask(ctx, "SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"+strings.Replace(in, "TABLE_SCHEMA", "CONSTRAINT_SCHEMA", 1))
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, r := range rows {
		clause := strings.ToLower(r[0].text)
		if column, ok := strings.CutPrefix(clause, "json_valid("); ok {
			if column, ok = strings.CutSuffix(column, ")"); ok {
				out[unquote(column)] = true
			}
		}
	}
	return out, nil
}

// unquote is the inverse of [quote]; under ANSI_QUOTES the server prints double quotes.
func unquote(name string) string {
	if len(name) < 2 || name[0] != '`' && name[0] != '"' {
		return name
	}
	q := name[:1]
	return strings.ReplaceAll(name[1:len(name)-1], q+q, q)
}

func (d *Database) indexes(ctx context.Context, in string, t *dialect.Table) error {
	expression := "NULL" // of a functional index, which only MySQL has
	if !d.mariadb {
		expression = "EXPRESSION"
	}
	rows, err := d.ask(ctx, "SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE, "+expression+" FROM information_schema.STATISTICS"+in+" ORDER BY INDEX_NAME, SEQ_IN_INDEX")
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n][0].text == rows[0][0].text {
			n++
		}
		index := dialect.Index{Name: rows[0][0].text, Unique: rows[0][1].text == "0"}
		kind := rows[0][4].text
		whole := kind != "FULLTEXT" && kind != "SPATIAL" // over whole columns that are not NULL
		for _, r := range rows[:n] {
			if r[2].null {
				index.Columns = append(index.Columns, "("+r[5].text+")")
				whole = false
				continue
			}
			c := t.Column(r[2].text)
			if c == nil && index.Name == "PRIMARY" && !t.Hidden {
				continue // a column of the history, which MariaDB adds
			}
			if !r[3].null {
				index.Columns = append(index.Columns, "("+quote(r[2].text)+"("+r[3].text+"))")
				whole = false
				continue
			}
			index.Columns = append(index.Columns, r[2].text)
			whole = whole && c != nil && c.NotNull
		}
		rows = rows[n:]
		if index.Name == "PRIMARY" {
			if whole {
				t.PrimaryKey = index.Columns
			}
			continue
		}
		t.Indexes = append(t.Indexes, index)
		if index.Unique && whole {
			t.Unique = append(t.Unique, slices.Clone(index.Columns))
		}
	}
	return nil
}

func (d *Database) foreignKeys(ctx context.Context, in string, t *dialect.Table) error {
	rows, err := d.ask(ctx, "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE"+in+" AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION")
	if err != nil {
		return err
	}
	for i, r := range rows {
		if i == 0 || rows[i-1][0].text != r[0].text {
			t.ForeignKeys = append(t.ForeignKeys, dialect.ForeignKey{Name: r[0].text, References: dialect.TableName{Schema: r[2].text, Name: r[3].text}})
		}
		fk := &t.ForeignKeys[len(t.ForeignKeys)-1]
		fk.Columns, fk.RefColumns = append(fk.Columns, r[1].text), append(fk.RefColumns, r[4].text)
	}
	return nil
}

// setWidths gives columns of a fixed size that size, and shares what the statistics say of the rest
// among the others, none of them more than it can hold.
func setWidths(t *dialect.Table) {
	fixed, open := 0, 0
	for i := range t.Columns {
		if w := fixedWidth(t.Columns[i]); w > 0 {
			t.Columns[i].Width = w
			fixed += w
		} else {
			open++
		}
	}
	if open == 0 || t.Rows <= 0 || t.Bytes <= 0 {
		return
	}
	const overhead = 20 // of a row of InnoDB
	share := max(int(t.Bytes/t.Rows)-fixed-overhead, open) / open
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Width == 0 {
			c.Width = share
			if most := typeOf(*c).length; most > 0 {
				c.Width = min(share, most)
			}
		}
	}
}

func fixedWidth(c dialect.Column) int {
	t := typeOf(c)
	switch t.kind {
	case kindInt:
		name, _, _ := strings.Cut(strings.ToLower(c.Type), "(")
		name, _, _ = strings.Cut(name, " ")
		return map[string]int{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}[name]
	case kindDecimal:
		return t.length/2 + 2
	case kindFloat:
		return 4
	case kindDouble, kindDatetime, kindBit:
		return 8
	case kindYear:
		return 1
	case kindDate:
		return 3
	case kindTimestamp, kindTime:
		return 6
	case kindUUID:
		return 16
	case kindBinary:
		return t.length
	case kindEnum:
		return 8
	}
	return 0
}
