package postgres

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Begin implements [dialect.Database].
func (d *Database) Begin() []string {
	return []string{
		"SET client_encoding = 'UTF8'", "SET standard_conforming_strings = on", "SET TimeZone = 'UTC'", "SET DateStyle = 'ISO, YMD'",
		"SET IntervalStyle = 'postgres'", "SET row_security = off", "BEGIN",
	}
}

// Apply implements [dialect.Database].
func (d *Database) Apply(ctx context.Context, statements iter.Seq2[string, error], progress func()) error {
	writing := d.options
	writing.Write = true
	conn, err := d.connect(ctx, writing)
	if err != nil {
		return err
	}
	defer closeConn(conn) //nolint:errcheck // the transaction is over by then, or is rolled back by it
	for _, s := range d.Begin() {
		if err := exec(ctx, conn, s); err != nil {
			return fmt.Errorf("begin to apply: %s: %w", s, err)
		}
	}
	for statement, err := range statements {
		if err != nil {
			return err
		}
		rows, err := affected(ctx, conn, statement)
		if err != nil {
			return fmt.Errorf("nothing was applied, because a statement failed: %s: %w", dialect.ClipStatement(statement), explain(err, ""))
		}
		if rows != 1 {
			return &dialect.UnmetError{Statement: dialect.ClipStatement(statement), Rows: rows}
		}
		if progress != nil {
			progress()
		}
	}
	results, err := conn.Exec(ctx, "commit").ReadAll()
	switch {
	case err != nil && conn.IsClosed():
		return fmt.Errorf("%w (%w)", dialect.ErrUncertain, err)
	case err != nil: // a constraint that is checked at the end
		return fmt.Errorf("nothing was applied, because the end of the transaction failed: %w", explain(err, ""))
	case len(results) != 1 || results[0].CommandTag.String() != "COMMIT":
		return fmt.Errorf("nothing was applied, because the server rolled the transaction back")
	}
	return nil
}

func affected(ctx context.Context, conn *pgconn.PgConn, statement string) (int64, error) {
	results, err := conn.Exec(ctx, statement).ReadAll()
	if err != nil {
		return 0, err
	}
	rows := int64(0)
	for _, r := range results {
		rows += r.CommandTag.RowsAffected()
	}
	return rows, nil
}

// Around implements [dialect.Database]. Rules that change what a statement does are among the triggers.
func (d *Database) Around(ctx context.Context, tables []dialect.TableName) (*dialect.Surroundings, error) {
	out := &dialect.Surroundings{}
	if len(tables) == 0 {
		return out, nil
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = "to_regclass(" + quoteText(quoteTable(t)) + ")"
	}
	// A foreign key of a partitioned table has a copy for each partition, which has a parent.
	in := "(" + strings.Join(names, ", ") + ")"
	last := ""
	action := func(code []byte) string {
		return map[string]string{"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}[string(code)]
	}
	err := d.queryCatalog(ctx, `select f.oid::text, f.conname, cn.nspname, c.relname, pn.nspname, p.relname, f.confdeltype::text, f.confupdtype::text, a.attname, b.attname
		from pg_catalog.pg_constraint f
		join pg_catalog.pg_class c on c.oid = f.conrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
		join pg_catalog.pg_class p on p.oid = f.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
		cross join lateral unnest(f.conkey, f.confkey) with ordinality k(own, other, position)
		join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.own
		join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.other
		where f.confrelid in `+in+` and f.contype = 'f' and f.conparentid = 0 order by f.conname collate "C", f.oid, k.position`, func(v [][]byte) error {
		if oid := string(v[0]); oid != last {
			last = oid
			out.References = append(out.References, dialect.Reference{
				Name: string(v[1]), From: dialect.TableName{Schema: string(v[2]), Name: string(v[3])},
				To: dialect.TableName{Schema: string(v[4]), Name: string(v[5])}, OnDelete: action(v[6]), OnUpdate: action(v[7]),
			})
		}
		r := &out.References[len(out.References)-1]
		r.Columns, r.RefColumns = append(r.Columns, string(v[8])), append(r.RefColumns, string(v[9]))
		return nil
	})
	if err == nil {
		// Bits of tgtype: 4 INSERT, 8 DELETE, 16 UPDATE.
		err = d.queryCatalog(ctx, `select g.tgname, n.nspname, c.relname, g.tgtype & 4 <> 0, g.tgtype & 16 <> 0, g.tgtype & 8 <> 0
			from pg_catalog.pg_trigger g join pg_catalog.pg_class c on c.oid = g.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			where g.tgrelid in `+in+` and not g.tgisinternal and g.tgenabled in ('O', 'A')
			union all select r.rulename, n.nspname, c.relname, r.ev_type = '3', r.ev_type = '2', r.ev_type = '4'
			from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			where r.ev_class in `+in+` and r.ev_type <> '1' and r.ev_enabled in ('O', 'A') order by 1`, func(v [][]byte) error {
			yes := func(b []byte) bool { return string(b) == "t" }
			out.Triggers = append(out.Triggers, dialect.Trigger{Name: string(v[0]), Table: dialect.TableName{Schema: string(v[1]), Name: string(v[2])}, Insert: yes(v[3]), Update: yes(v[4]), Delete: yes(v[5])})
			return nil
		})
	}
	if err == nil {
		err = d.queryCatalog(ctx, `with recursive typed(relation, attribute, type) as (
				select a.attrelid, a.attname, a.atttypid from pg_catalog.pg_attribute a where a.attrelid in `+in+` and a.attnum > 0 and not a.attisdropped
				union select t.relation, t.attribute, y.typbasetype from typed t join pg_catalog.pg_type y on y.oid = t.type where y.typbasetype <> 0)
			select k.conname, n.nspname, c.relname, '', pg_get_constraintdef(k.oid)
			from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			where k.conrelid in `+in+` and k.contype = 'c'
			union all select k.conname, n.nspname, c.relname, t.attribute, pg_get_constraintdef(k.oid)
			from typed t join pg_catalog.pg_constraint k on k.contypid = t.type and k.contype = 'c'
			join pg_catalog.pg_class c on c.oid = t.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace order by 1`, func(v [][]byte) error {
			out.Checks = append(out.Checks, dialect.Check{Name: string(v[0]), Table: dialect.TableName{Schema: string(v[1]), Name: string(v[2])}, Column: string(v[3]), Text: string(v[4])})
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read what refers to the tables of %s: %w", d.url, err)
	}
	return out, nil
}
