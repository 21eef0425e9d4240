package mysql

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Apply implements [dialect.Database]. Rows are counted that a statement finds: an UPDATE that leaves a
// row as it is has met it. Values that do not fit are errors and not cut; a zero is written to an
// AUTO_INCREMENT column as a zero, and a date that is none as it is.
func (d *Database) Apply(ctx context.Context, statements []string, progress func()) error {
	o := d.options
	o.Write = true
	c, err := d.connect(ctx, o)
	if err != nil {
		return err
	}
	defer c.close() // which also rolls back
	for _, s := range []string{
		"SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'",
		"START TRANSACTION",
	} {
		if _, err := c.exec(ctx, s); err != nil {
			return explain("begin to apply", err)
		}
	}
	for _, s := range statements {
		done := c.guard(ctx)
		result, err := c.lib.Execute(s)
		if err = done(err); err != nil {
			return explain("apply "+string(clip([]byte(s)))+"; nothing was applied", err)
		}
		if result.AffectedRows != 1 {
			return &dialect.UnmetError{Statement: s, Rows: int64(result.AffectedRows)}
		}
		if progress != nil {
			progress()
		}
	}
	if _, err := c.exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit what was applied; whether it was is not known: %w", err)
	}
	return nil
}
