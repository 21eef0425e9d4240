package workspace

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"; it needs no C
)

// Run is one saved run of a command.
type Run struct {
	ID      int64
	Kind    string // "audit", "review", ...
	Scope   string // what the run was narrowed to (the rules of --only); empty for everything
	Started time.Time
	Took    time.Duration
	Limit   time.Duration // the least time of its work; 0 when there was none
	Partial bool          // interrupted: what it lacks is not gone
	Report  []byte        // the report as JSON
}

// kept is how many runs of one kind and scope stay; older ones are removed when one is saved.
const kept = 20

// maxReport bounds what is unpacked from a database that someone else may have put into the tree.
const maxReport = 256 << 20

// schema is applied whenever a database is opened. A change adds statements that are safe to repeat
// and raises user_version.
const schema = `
create table if not exists runs (
	id integer primary key,
	kind text not null,
	scope text not null,
	started text not null,
	took_ns integer not null,
	limit_ns integer not null,
	partial integer not null,
	report blob not null
);
create index if not exists runs_by_kind on runs (kind, scope, id);
pragma user_version = 1;`

// openRuns opens the database of runs at path. Two processes may write at once: each waits up to five
// seconds for the other.
func openRuns(ctx context.Context, path string) (*sql.DB, error) {
	source := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: url.Values{
		"_pragma": {"busy_timeout(5000)", "trusted_schema(0)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	var version int
	if err := db.QueryRowContext(ctx, "pragma user_version").Scan(&version); err != nil {
		db.Close()
		return nil, describe(path, err)
	}
	if version > 1 {
		db.Close()
		return nil, fmt.Errorf("open %s: it was written by a newer version of napkin; remove it to start afresh", path)
	}
	if version == 1 {
		return db, nil
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		db.Close()
		return nil, describe(path, err)
	}
	return db, nil
}

// describe turns SQLite's errors into sentences that say what to do.
func describe(path string, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "readonly") || strings.Contains(text, "unable to open") || strings.Contains(text, "disk I/O error") && os.IsPermission(err):
		return fmt.Errorf("open %s: %w: %w", path, ErrReadOnly, err)
	case strings.Contains(text, "not a database") || strings.Contains(text, "malformed"):
		return fmt.Errorf("open %s: it is damaged; remove it and earlier runs are forgotten: %w", path, err)
	}
	return fmt.Errorf("use %s: %w", path, err)
}

// SaveRun stores r and returns its id. The oldest runs of the same kind and scope make room.
func (w *Workspace) SaveRun(ctx context.Context, r Run) (int64, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(r.Report); err != nil {
		return 0, fmt.Errorf("save the run: %w", err)
	}
	if err := zip.Close(); err != nil {
		return 0, fmt.Errorf("save the run: %w", err)
	}
	db, err := w.database(ctx, true)
	if err != nil {
		return 0, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, describe(w.dir, err)
	}
	defer tx.Rollback()
	result, err := tx.ExecContext(ctx,
		`insert into runs (kind, scope, started, took_ns, limit_ns, partial, report) values (?, ?, ?, ?, ?, ?, ?)`,
		r.Kind, r.Scope, r.Started.UTC().Format(time.RFC3339Nano), int64(r.Took), int64(r.Limit), r.Partial, packed.Bytes())
	if err != nil {
		return 0, describe(w.dir, err)
	}
	if _, err := tx.ExecContext(ctx, `delete from runs where kind = ?1 and scope = ?2 and id not in
		(select id from runs where kind = ?1 and scope = ?2 order by id desc limit ?3)`, r.Kind, r.Scope, kept); err != nil {
		return 0, describe(w.dir, err)
	}
	if err := tx.Commit(); err != nil {
		return 0, describe(w.dir, err)
	}
	return result.LastInsertId()
}

// LastRun returns the latest complete run of that kind whose scope is one of the given (none means the
// empty scope), with its report. Without one it returns nil and no error; so it does where there is no workspace.
func (w *Workspace) LastRun(ctx context.Context, kind string, scopes ...string) (*Run, error) {
	db, err := w.database(ctx, false)
	if db == nil || err != nil {
		return nil, err
	}
	if len(scopes) == 0 {
		scopes = []string{""}
	}
	args := []any{kind}
	for _, scope := range scopes {
		args = append(args, scope)
	}
	row := db.QueryRowContext(ctx, `select id, kind, scope, started, took_ns, limit_ns, partial, report from runs
		where kind = ? and not partial and scope in (?`+strings.Repeat(", ?", len(scopes)-1)+`) order by id desc limit 1`, args...)
	r, err := scanRun(row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last run: %w", describe(w.dir, err))
	}
	return r, nil
}

func scanRun(row *sql.Row) (*Run, error) {
	var r Run
	var started string
	var packed []byte
	if err := row.Scan(&r.ID, &r.Kind, &r.Scope, &started, (*int64)(&r.Took), (*int64)(&r.Limit), &r.Partial, &packed); err != nil {
		return nil, err
	}
	var err error
	if r.Started, err = time.Parse(time.RFC3339Nano, started); err != nil {
		return nil, err
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack its report: %w", err)
	}
	r.Report, err = io.ReadAll(io.LimitReader(unzip, maxReport))
	if err != nil {
		return nil, fmt.Errorf("unpack its report: %w", err)
	}
	return &r, nil
}
