package dbrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

func sqliteGroup() measure.Group {
	const latency = rate.Latency
	return measure.Group{Name: "sqlite", Disk: true, Probes: []measure.Probe{
		{Name: rate.SQLitePointRead, Kind: latency, What: "a read of one row by primary key from SQLite in the same process", How: "a prepared select at a random place of a cached table, through database/sql and the translation of SQLite to Go", Ceiling: 200e-9, Setup: sqlitePoints},
		{Name: rate.SQLiteDurable, Kind: latency, Single: true, What: "inserting one row into SQLite and committing it durably (WAL, synchronous=FULL)", How: "a prepared insert of one row, committed by itself, WAL and synchronous=FULL", Ceiling: 2e-6, Setup: sqliteCommits("FULL")},
		{Name: rate.SQLiteNormal, Kind: latency, What: "inserting one row into SQLite and committing it (WAL, synchronous=NORMAL): kept at a crash of the program, not of the machine", How: "a prepared insert of one row, committed by itself, WAL and synchronous=NORMAL", Ceiling: 500e-9, Setup: sqliteCommits("NORMAL")},
		{Name: rate.SQLiteInsertRows, Kind: rate.Throughput, Of: "row", Each: insertBatch, What: "rows inserted into SQLite within one transaction", How: "1,000 prepared inserts in one transaction, committed durably", Ceiling: 2e7, Single: true, Setup: sqliteLoads},
	}}
}

// sqliteFile makes a database below a folder, with one connection.
func sqliteFile(ctx context.Context, dir, synchronous string) (db *sql.DB, remove func() error, err error) {
	folder, err := os.MkdirTemp(dir, "napkin-sqlite-*")
	if err != nil {
		return nil, nil, fmt.Errorf("make a SQLite database to measure with: %w; choose another folder with --dir", err)
	}
	query := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(" + synchronous + ")"}}
	db, err = sql.Open("sqlite", "file://"+(&url.URL{Path: filepath.Join(absolute(folder), "rates.db")}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(folder))
	}
	db.SetMaxOpenConns(1)
	remove = func() error { return errors.Join(db.Close(), os.RemoveAll(folder)) }
	if _, err := db.ExecContext(ctx, "create table t (id integer primary key, v integer not null)"); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make a SQLite database below %s: %w", dir, err), remove())
	}
	return db, remove, nil
}

func absolute(path string) string {
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

// sqliteNumber returns the only value of a statement.
func sqliteNumber(ctx context.Context, db *sql.DB, statement string) (uint64, error) {
	var v uint64
	err := db.QueryRowContext(ctx, statement).Scan(&v)
	return v, err
}

func sqlitePoints(ctx context.Context, env measure.Env) (measure.Work, error) {
	db, remove, err := sqliteFile(ctx, env.Dir, "NORMAL")
	if err != nil {
		return measure.Work{}, err
	}
	rows := tableRows(env) / 4
	work := measure.Work{Close: remove}
	if _, err := db.ExecContext(ctx, "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) insert into t select i, i * 7 + 3 from n", rows); err != nil {
		return work, err
	}
	statement, err := db.PrepareContext(ctx, "select v from t where id = ?")
	if err != nil {
		return work, err
	}
	var v uint64
	work = points(rows, func(id uint64) (uint64, error) {
		err := statement.QueryRowContext(ctx, id).Scan(&v)
		return v, err
	})
	work.Close = func() error { return errors.Join(statement.Close(), remove()) }
	return work, nil
}

func sqliteCommits(synchronous string) setup {
	return func(ctx context.Context, env measure.Env) (measure.Work, error) {
		if synchronous == "FULL" {
			if err := measure.OnDisk(env.Dir); err != nil {
				return measure.Work{}, err
			}
		}
		db, remove, err := sqliteFile(ctx, env.Dir, synchronous)
		if err != nil {
			return measure.Work{}, err
		}
		work := measure.Work{Close: remove}
		level, err := sqliteNumber(ctx, db, "pragma synchronous")
		if want := map[string]uint64{"NORMAL": 1, "FULL": 2}[synchronous]; err != nil || level != want {
			return work, errors.Join(fmt.Errorf("synchronous is %d, want %d", level, want), err)
		}
		statement, err := db.PrepareContext(ctx, "insert into t values (?, ?)")
		if err != nil {
			return work, err
		}
		id := uint64(0)
		work.Run = func(n int) (uint64, error) {
			for range n {
				id++
				if _, err := statement.ExecContext(ctx, id, stored(id)); err != nil {
					return 0, err
				}
			}
			return stored(id) + id<<32, nil
		}
		work.Verify = func(_ int, sum uint64) error {
			v, err := sqliteNumber(ctx, db, "select (select v from t where id = m) + (m << 32) from (select max(id) m from t)")
			if err != nil {
				return err
			}
			return sameSum(v, sum)
		}
		work.Close = func() error { return errors.Join(statement.Close(), remove()) }
		return work, nil
	}
}

func sqliteLoads(ctx context.Context, env measure.Env) (measure.Work, error) {
	if err := measure.OnDisk(env.Dir); err != nil {
		return measure.Work{}, err
	}
	db, remove, err := sqliteFile(ctx, env.Dir, "FULL")
	if err != nil {
		return measure.Work{}, err
	}
	loaded := uint64(0)
	batch := func() error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		statement, err := tx.PrepareContext(ctx, "insert into t values (?, ?)")
		if err != nil {
			return err
		}
		defer statement.Close()
		for i := range uint64(insertBatch) {
			if _, err := statement.ExecContext(ctx, loaded+i+1, stored(loaded+i+1)); err != nil {
				return err
			}
		}
		loaded += insertBatch
		return tx.Commit()
	}
	return measure.Work{
		Run: func(n int) (uint64, error) {
			for range n {
				if err := batch(); err != nil {
					return 0, err
				}
			}
			return loaded, nil
		},
		Verify: func(_ int, sum uint64) error {
			v, err := sqliteNumber(ctx, db, "select count(*) from t where v = id * 7 + 3")
			if err != nil {
				return err
			}
			return sameSum(v, sum)
		},
		Close: remove,
	}, nil
}
