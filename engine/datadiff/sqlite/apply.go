package sqlite

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Begin implements dialect.Database. Foreign keys are checked, so that no row is left that refers to
// nothing. The file is locked for writing from here on.
func (d *Database) Begin() []string {
	return []string{"PRAGMA foreign_keys = ON", "BEGIN IMMEDIATE"}
}

// Apply implements dialect.Database. Triggers run.
func (d *Database) Apply(ctx context.Context, statements iter.Seq2[string, error], progress func()) (err error) {
	options := d.options
	options.Write = true
	db, err := database.OpenSQLite(ctx, d.url, options)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open %s for writing: %w", d.url, err)
	}
	defer func() { _ = conn.Close() }()
	for _, s := range d.Begin() {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("begin to write to %s: %s: %w", d.url, s, err)
		}
	}
	defer func() {
		if err != nil {
			// Closing the connection, which follows, rolls back if this cannot.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	for s, err := range statements {
		if err != nil {
			return err
		}
		result, err := conn.ExecContext(ctx, s)
		if err != nil {
			return fmt.Errorf("apply to %s: %w; nothing was applied: %s", d.url, err, dialect.ClipStatement(s))
		}
		n, err := result.RowsAffected()
		if err != nil {
			return fmt.Errorf("apply to %s: %w", d.url, err)
		}
		if n != 1 {
			return &dialect.UnmetError{Statement: dialect.ClipStatement(s), Rows: n}
		}
		if progress != nil {
			progress()
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on it is not interrupted: a commit is whole or none.
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("commit to %s: %w; nothing was applied", d.url, err)
	}
	return nil
}

// Around implements dialect.Database.
func (d *Database) Around(ctx context.Context, tables []dialect.TableName) (*dialect.Surroundings, error) {
	out := &dialect.Surroundings{}
	c, err := openConn(d.path, d.options.StatementTimeout)
	if err != nil {
		return nil, err
	}
	defer c.close()
	mine := func(name string) (dialect.TableName, bool) {
		for _, t := range tables {
			if strings.EqualFold(t.Name, name) {
				return t, true
			}
		}
		return dialect.TableName{}, false
	}
	last := ""
	err = c.query(ctx, "SELECT t.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_delete, f.on_update FROM main.sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY t.name, f.id, f.seq", func(s *stmt) error {
		to, ok := mine(s.string(2))
		if !ok {
			return nil
		}
		if id := s.string(0) + "\x00" + s.string(1); id != last {
			last = id
			out.References = append(out.References, dialect.Reference{
				From: dialect.TableName{Name: s.string(0)}, To: to,
				OnDelete: dialect.ReferenceAction(s.string(5)), OnUpdate: dialect.ReferenceAction(s.string(6)),
			})
		}
		r := &out.References[len(out.References)-1]
		r.Columns = append(r.Columns, s.string(3))
		if to := s.string(4); to != "" {
			r.RefColumns = append(r.RefColumns, to)
		}
		return nil
	})
	if err == nil {
		err = c.query(ctx, "SELECT name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY name", func(s *stmt) error {
			if table, ok := mine(s.string(1)); ok {
				g := dialect.Trigger{Name: s.string(0), Table: table}
				g.Insert, g.Update, g.Delete = fires(s.string(2), g.Name)
				out.Triggers = append(out.Triggers, g)
			}
			return nil
		})
	}
	if err == nil {
		err = c.query(ctx, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' ORDER BY name", func(s *stmt) error {
			if table, ok := mine(s.string(0)); ok {
				for _, text := range checks(s.string(1)) {
					out.Checks = append(out.Checks, dialect.Check{Table: table, Text: text})
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read what refers to the tables of %s: %w", d.url, err)
	}
	return out, nil
}

// fires reads from the text of CREATE TRIGGER what it fires for: the first word behind its name that says
// so. Where that is not understood, it is taken to fire for everything.
func fires(sql, name string) (onInsert, onUpdate, onDelete bool) {
	_, rest, _ := strings.Cut(sql, name)
	for _, word := range strings.Fields(strings.ToUpper(strings.TrimLeft(rest, "\"`]'"))) {
		switch word {
		case "INSERT":
			return true, false, false
		case "UPDATE":
			return false, true, false
		case "DELETE":
			return false, false, true
		case "BEFORE", "AFTER", "INSTEAD", "OF":
		default:
			return true, true, true
		}
	}
	return true, true, true
}
