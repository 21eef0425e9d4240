package database

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver
)

// OpenSQLite opens the file of a SQLite database. A file that is not there is an error, and never made.
func OpenSQLite(ctx context.Context, u URL, o Options) (*sql.DB, error) {
	if u.Kind != SQLite {
		return nil, fmt.Errorf("%s is not a SQLite database", u)
	}
	if _, err := os.Stat(u.Path); err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	query := url.Values{"_pragma": {"busy_timeout(10000)"}, "mode": {"ro"}}
	if o.Write {
		query.Set("mode", "rw")
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: u.Path}).EscapedPath(), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	return db, nil
}
