package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Temporary implements [dialect.Database]: by the classes of SQLSTATE (the manual's appendix A) and the
// errors of the network.
func (d *Database) Temporary(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		switch server.Code {
		case "55P03", "57014": // lock_not_available, query_canceled: the statement's timeout too
			return true
		}
		// Connection, transaction rollback (deadlock), insufficient resources, operator intervention.
		return strings.HasPrefix(server.Code, "08") || strings.HasPrefix(server.Code, "40") ||
			strings.HasPrefix(server.Code, "53") || strings.HasPrefix(server.Code, "57P0")
	}
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.As(err, &network)
}

// explain adds to an error of the server what can be done about it; table may be empty.
func explain(err error, table string) error {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return err
	}
	switch server.Code {
	case "42501":
		if strings.Contains(server.Message, "row-level security") {
			return fmt.Errorf("a policy of row-level security hides rows of %s from this account; use one with BYPASSRLS: %w", table, err)
		}
		if table != "" {
			return fmt.Errorf("this account may not read %s; let its owner run GRANT SELECT ON %s: %w", table, table, err)
		}
		return fmt.Errorf("this account lacks a right: %w", err)
	case "42P01":
		return fmt.Errorf("%w (dropped or renamed since its catalog was read?): %w", dialect.ErrNoTable, err)
	case "42703":
		return fmt.Errorf("a column of %s is not there (dropped or renamed since its catalog was read?): %w", table, err)
	case "42883":
		return fmt.Errorf("a column of %s has a type without the operator that is needed: %w", table, err)
	}
	return err
}
