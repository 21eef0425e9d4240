package database

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// OpenPostgres connects to a PostgreSQL server. What the URL does not say is taken from PGPASSWORD,
// .pgpass and the other places that libpq reads.
func OpenPostgres(ctx context.Context, u URL, o Options) (*pgconn.PgConn, error) {
	if u.Kind != Postgres {
		return nil, fmt.Errorf("%s is not a PostgreSQL database", u)
	}
	config, err := pgconn.ParseConfig(u.raw.String())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", u, u.clean(err))
	}
	config.ConnectTimeout = o.connectTimeout()
	config.DialFunc = o.dial
	config.RuntimeParams["application_name"] = o.application()
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["datestyle"] = "ISO, YMD"
	config.RuntimeParams["intervalstyle"] = "postgres"
	config.RuntimeParams["extra_float_digits"] = "1"
	if !o.Write {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if o.StatementTimeout > 0 {
		config.RuntimeParams["statement_timeout"] = strconv.FormatInt(max(o.StatementTimeout.Milliseconds(), 1), 10)
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", u, u.clean(err))
	}
	return conn, nil
}

func (o Options) application() string {
	if o.Application == "" {
		return "napkin"
	}
	return o.Application
}

func (o Options) connectTimeout() time.Duration {
	if o.ConnectTimeout == 0 {
		return 10 * time.Second
	}
	return o.ConnectTimeout
}

// clean removes the password from the text of an error, and keeps the error.
func (u URL) clean(err error) error {
	password, _ := u.raw.User.Password()
	if password == "" {
		return err
	}
	return cleaned{err, password}
}

type cleaned struct {
	error
	password string
}

func (c cleaned) Error() string { return strings.ReplaceAll(c.error.Error(), c.password, "xxxxx") }
func (c cleaned) Unwrap() error { return c.error }
