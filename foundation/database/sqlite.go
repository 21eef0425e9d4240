package database

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// OpenSQLite opens the file of a SQLite database. A file that is not there is an error, and never made.
//
// Without [Options.Write] the file is opened with mode=ro. A database in WAL mode needs the files -wal
// and -shm beside it, which SQLite makes where they are missing, also for a reader; so in a folder that
// cannot be written such a database opens only while they are there. It is not opened as immutable then:
// that skips what stands in the WAL and all locks, and would read a changing file wrongly in silence.
func OpenSQLite(ctx context.Context, u URL, o Options) (*sql.DB, error) {
	if u.Kind != SQLite {
		return nil, fmt.Errorf("%s is not a SQLite database", u)
	}
	ctx, cancel := context.WithTimeout(ctx, o.connectTimeout())
	defer cancel()
	info, err := os.Stat(u.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: not a file", u)
	}
	query := url.Values{"_pragma": {"busy_timeout(10000)"}, "mode": {"ro"}}
	if o.Write {
		query.Set("mode", "rw")
	} else {
		query.Add("_pragma", "query_only(1)")
	}
	name := "file:"
	if strings.HasPrefix(u.Path, "/") {
		name = "file://" // else a path of two slashes would begin with the name of a host
	}
	db, err := sql.Open("sqlite", name+(&url.URL{Path: u.Path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	// Opening reads nothing; this reads the header, and finds files that are no databases.
	var tables int
	if err := db.QueryRowContext(ctx, "select count(*) from sqlite_schema").Scan(&tables); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w; is it a SQLite database? If it is in WAL mode and its folder cannot be written, copy it and its -wal to one that can", u, err)
	}
	return db, nil
}
