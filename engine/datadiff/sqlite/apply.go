package sqlite

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Apply implements dialect.Database. The file is locked for writing from the first statement on. Foreign
// keys are not checked, which is what SQLite does unless an application asks for it; triggers run.
func (d *Database) Apply(ctx context.Context, statements []string, progress func()) (err error) {
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
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin to write to %s: %w", d.url, err)
	}
	defer func() {
		if err != nil {
			// Closing the connection, which follows, rolls back if this cannot.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	for _, s := range statements {
		result, err := conn.ExecContext(ctx, s)
		if err != nil {
			return fmt.Errorf("apply to %s: %w; nothing was applied: %s", d.url, err, s)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return fmt.Errorf("apply to %s: %w", d.url, err)
		}
		if n != 1 {
			return &dialect.UnmetError{Statement: s, Rows: n}
		}
		if progress != nil {
			progress()
		}
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit to %s: %w; nothing was applied", d.url, err)
	}
	return nil
}
