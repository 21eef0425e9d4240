package mysql

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Begin implements [dialect.Database]. Values that do not fit are errors and not cut; a zero is written
// to an AUTO_INCREMENT column as a zero, and a date that is none as it is. A foreign key is checked also
// where the server's default is not to.
func (d *Database) Begin() []string {
	return []string{
		"SET NAMES utf8mb4",
		"SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'",
		"SET SESSION time_zone = '+00:00', foreign_key_checks = 1, unique_checks = 1",
		"START TRANSACTION",
	}
}

// Apply implements [dialect.Database]. Rows are counted that a statement finds: an UPDATE that leaves a
// row as it is has met it. A table whose engine has no transactions is refused.
func (d *Database) Apply(ctx context.Context, statements iter.Seq2[string, error], progress func()) error {
	o := d.options
	o.Write = true
	c, err := d.connect(ctx, o)
	if err != nil {
		return err
	}
	defer c.close() // which also rolls back
	for _, s := range d.Begin() {
		if _, err := c.exec(ctx, s); err != nil {
			return explain("begin to apply: "+s, err)
		}
	}
	for s, err := range statements {
		if err != nil {
			return err
		}
		done := c.guard(ctx)
		result, err := c.lib.Execute(s)
		if err = done(err); err != nil {
			return explain("apply "+dialect.ClipStatement(s)+"; nothing was applied", err)
		}
		if result.AffectedRows != 1 {
			return &dialect.UnmetError{Statement: dialect.ClipStatement(s), Rows: int64(result.AffectedRows)}
		}
		if progress != nil {
			progress()
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := c.exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("%w (%w)", dialect.ErrUncertain, err)
	}
	return nil
}

// tableChecks reads the CHECK constraints of tables; MySQL has none before 8.0.16.
func (d *Database) tableChecks(ctx context.Context, among func(schema, table string) string) ([]dialect.Check, error) {
	of := "c.TABLE_NAME FROM information_schema.CHECK_CONSTRAINTS c WHERE " + among("c.CONSTRAINT_SCHEMA", "c.TABLE_NAME")
	if !d.mariadb {
		if !d.atLeast(8, 0, 16) {
			return nil, nil
		}
		of = "t.TABLE_NAME FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME " +
			"WHERE t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES' AND " + among("t.TABLE_SCHEMA", "t.TABLE_NAME")
	}
	rows, err := d.ask(ctx, "SELECT c.CONSTRAINT_NAME, c.CONSTRAINT_SCHEMA, c.CHECK_CLAUSE, "+of+" ORDER BY 1")
	if err != nil {
		return nil, err
	}
	out := make([]dialect.Check, 0, len(rows))
	for _, v := range rows {
		out = append(out, dialect.Check{Name: v[0].text, Table: dialect.TableName{Schema: v[1].text, Name: v[3].text}, Text: v[2].text})
	}
	return out, nil
}

// Around implements [dialect.Database]. information_schema tells only of what the account may see:
// triggers need the right TRIGGER, other tables any right on them.
func (d *Database) Around(ctx context.Context, tables []dialect.TableName) (*dialect.Surroundings, error) {
	out := &dialect.Surroundings{Lasting: map[dialect.TableName]string{}}
	if len(tables) == 0 {
		return out, nil
	}
	among := func(schema, table string) string {
		parts := make([]string, len(tables))
		for i, t := range tables {
			parts[i] = "(" + schema + " = " + sqlString(t.Schema) + " AND " + table + " = " + sqlString(t.Name) + ")"
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	rows, err := d.ask(ctx, "SELECT k.CONSTRAINT_SCHEMA, k.CONSTRAINT_NAME, k.TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE, k.TABLE_SCHEMA "+
		"FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME "+
		"WHERE "+among("k.REFERENCED_TABLE_SCHEMA", "k.REFERENCED_TABLE_NAME")+" ORDER BY k.CONSTRAINT_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION")
	if err != nil {
		return nil, explain("read which tables refer to those that are repaired", err)
	}
	last := ""
	for _, v := range rows {
		if id := v[0].text + "\x00" + v[2].text + "\x00" + v[1].text; id != last {
			last = id
			out.References = append(out.References, dialect.Reference{
				Name: v[1].text, From: dialect.TableName{Schema: v[9].text, Name: v[2].text}, To: dialect.TableName{Schema: v[4].text, Name: v[5].text},
				OnDelete: dialect.ReferenceAction(v[7].text), OnUpdate: dialect.ReferenceAction(v[8].text),
			})
		}
		r := &out.References[len(out.References)-1]
		r.Columns, r.RefColumns = append(r.Columns, v[3].text), append(r.RefColumns, v[6].text)
	}
	rows, err = d.ask(ctx, "SELECT TRIGGER_NAME, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, EVENT_MANIPULATION FROM information_schema.TRIGGERS WHERE "+among("EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")+" ORDER BY TRIGGER_NAME")
	if err != nil {
		return nil, explain("read the triggers of the tables that are repaired", err)
	}
	for _, v := range rows {
		out.Triggers = append(out.Triggers, dialect.Trigger{
			Name: v[0].text, Table: dialect.TableName{Schema: v[1].text, Name: v[2].text},
			Insert: v[3].text == "INSERT", Update: v[3].text == "UPDATE", Delete: v[3].text == "DELETE",
		})
	}
	if out.Checks, err = d.tableChecks(ctx, among); err != nil {
		return nil, explain("read the CHECK constraints of the tables that are repaired", err)
	}
	rows, err = d.ask(ctx, "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE "+
		"WHERE "+among("t.TABLE_SCHEMA", "t.TABLE_NAME")+" AND t.TABLE_TYPE <> 'VIEW' AND (e.TRANSACTIONS IS NULL OR e.TRANSACTIONS <> 'YES')")
	if err != nil {
		return nil, explain("read the engines of the tables that are repaired", err)
	}
	for _, v := range rows {
		out.Lasting[dialect.TableName{Schema: v[0].text, Name: v[1].text}] = v[2].text
	}
	return out, nil
}
