package database

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// OpenPostgres connects to a PostgreSQL server. What the URL does not say is taken from PGPASSWORD,
// .pgpass and the other places that libpq reads. The session's encoding is UTF-8, its time zone UTC, and
// its styles of dates, intervals and floats are those of a fresh server, whatever its configuration says.
func OpenPostgres(ctx context.Context, u URL, o Options) (*pgconn.PgConn, error) {
	if u.Kind != Postgres {
		return nil, fmt.Errorf("%s is not a PostgreSQL database", u)
	}
	config, err := pgconn.ParseConfig(u.raw.String())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", u, u.clean(err, os.Getenv("PGPASSWORD")))
	}
	// The timeout of the driver is one of each address; that of the options is one of all.
	ctx, cancel := context.WithTimeout(ctx, o.connectTimeout())
	defer cancel()
	config.ConnectTimeout = 0
	config.DialFunc = o.dial
	settings := map[string]string{
		"application_name":   o.application(),
		"client_encoding":    "UTF8",
		"timezone":           "UTC",
		"datestyle":          "ISO, YMD",
		"intervalstyle":      "postgres",
		"extra_float_digits": "1",
	}
	if !o.Write {
		settings["default_transaction_read_only"] = "on"
	}
	if o.StatementTimeout > 0 {
		settings["statement_timeout"] = strconv.FormatInt(max(o.StatementTimeout.Milliseconds(), 1), 10)
	}
	// The server takes the names of settings in any case, and the last of two.
	maps.DeleteFunc(config.RuntimeParams, func(name, _ string) bool { return settings[strings.ToLower(name)] != "" })
	maps.Copy(config.RuntimeParams, settings)
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, u.connectError(err, config.Password)
	}
	return conn, nil
}
