package dbrate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// postgres is what the probes of PostgreSQL share.
type postgres struct {
	given *database.URL // nil: a private server
	write bool

	url    database.URL
	schema string
	rows   uint64
	conn   *pgconn.PgConn
	server *scratch.Postgres
	folder string
}

func postgresGroup(given *database.URL, write bool) measure.Group {
	p := &postgres{given: given, write: write || given == nil}
	const latency, throughput = rate.Latency, rate.Throughput
	probes := []measure.Probe{
		{Name: rate.PostgresConnect, Kind: latency, What: "opening a connection: fork, authentication, catalog caches", How: "a new connection, ready for a statement", Ceiling: 20e-6, Setup: p.connects},
		{Name: rate.PostgresPing, Kind: latency, What: "a statement that reads no table, over loopback or to the server given", How: "select of a constant by the simple protocol", Ceiling: 2e-6, Setup: p.ping},
		{Name: rate.PostgresPointRead, Kind: latency, What: "a client's read of one row by primary key, over loopback or from the server given", How: "a prepared select at a random place of a cached table, one at a time", Ceiling: 2e-6, Setup: writing(p.write, p.pointReads(1))},
		{Name: rate.PostgresPointSelect, Kind: latency, What: "server time of a read of one row by primary key, pages cached", How: "a prepared select at a random place of a cached table, 100 pipelined", Ceiling: 200e-9, Setup: writing(p.write, p.pointReads(100))},
		{Name: rate.IndexDescent, Kind: latency, What: "from the root of a B-tree to a row, all pages in memory", How: "one step of a nested loop over the primary key within a statement of PostgreSQL", Ceiling: 20e-9, Setup: writing(p.write, p.descents)},
		{Name: rate.PostgresScanRows, Kind: throughput, Of: "row", What: "rows examined by a sequential scan with a simple filter, one worker, cached", How: "count with a filter over a table of two integers", Ceiling: 5e9, Setup: writing(p.write, p.scan("narrow"))},
		{Name: rate.PostgresSeqScan, Kind: throughput, Of: "B", What: "sequential scan of a cached table with a simple filter, one worker", How: "count with a filter over a table of rows of some 150 bytes", Ceiling: 1e12, Setup: writing(p.write, p.scan("points"))},
		{Name: rate.PostgresSortRows, Kind: throughput, Of: "row", What: "rows sorted per second, in memory", How: "sort of integers in scattered order, with the scan that reads them", Ceiling: 5e8, Setup: writing(p.write, p.sort)},
		{Name: rate.PostgresIndexBuild, Kind: throughput, Of: "row", What: "rows per second of CREATE INDEX on an integer column", How: "CREATE INDEX on integers in scattered order, one worker", Ceiling: 5e8, Setup: writing(p.write, p.buildIndex)},
		{Name: rate.PostgresAsync, Kind: latency, What: "inserting one row with synchronous_commit=off, one client", How: "a prepared insert of one row, committed by itself, synchronous_commit=off", Ceiling: 3e-6, Setup: writing(p.write, p.commits(false))},
		{Name: rate.PostgresDurable, Kind: latency, What: "inserting one row and committing it durably, one client", How: "a prepared insert of one row, committed by itself", Ceiling: 5e-6, Setup: writing(p.write, p.commits(true))},
		{Name: rate.PostgresInsertRows, Kind: throughput, Of: "row", Each: insertBatch, What: "rows written by one statement with many rows, one index", How: "an INSERT of 1,000 rows, committed durably", Ceiling: 5e7, Setup: writing(p.write, p.inserts)},
		{Name: rate.PostgresCopyRows, Kind: throughput, Of: "row", Each: copyBatch, What: "rows loaded by COPY into a table with a primary key", How: "a COPY of 5,000 rows, committed durably", Ceiling: 5e7, Setup: writing(p.write, p.copies)},
		{Name: rate.PostgresDeleteRows, Kind: throughput, Of: "row", Each: copyBatch, What: "rows deleted or updated by one statement over many rows", How: "an UPDATE of 5,000 rows of a table with a primary key, committed durably; a DELETE is faster, since it leaves the indexes to the vacuum", Ceiling: 5e8, Setup: writing(p.write, p.updates)},
	}
	for i := range probes {
		switch probes[i].Name {
		case rate.PostgresPointSelect, rate.IndexDescent:
		default:
			probes[i].Single = true
		}
	}
	return measure.Group{Name: "postgres", Disk: true, Probes: probes, Open: p.open}
}

const (
	insertBatch = 1000
	copyBatch   = 5000
)

// open starts or reaches the server and makes the tables.
func (p *postgres) open(ctx context.Context, env measure.Env) (func() error, error) {
	if p.given != nil {
		p.url = *p.given
	} else {
		var err error
		if p.folder, err = serverFolder(env.Dir); err != nil {
			return nil, err
		}
		p.server, err = scratch.StartPostgresIn(ctx, p.folder, "fsync=on", "full_page_writes=on", "synchronous_commit=on", "autovacuum=off", "max_wal_size=2GB")
		if err != nil {
			return nil, err
		}
		if p.url, err = database.Parse(p.server.URL); err != nil {
			return p.server.Stop, err
		}
	}
	tidy := func() error { return p.tidy(ctx) }
	var err error
	if p.conn, err = database.OpenPostgres(ctx, p.url, database.Options{Write: p.write}); err != nil {
		return tidy, err
	}
	if !p.write {
		return tidy, nil
	}
	p.schema, p.rows = ownName(), tableRows(env)
	return tidy, p.exec(ctx, fmt.Sprintf(`create schema %s; set search_path = %[1]s;
		set max_parallel_workers_per_gather = 0; set max_parallel_maintenance_workers = 0; set jit = off; set work_mem = '64MB';
		create table points (id bigint primary key, v bigint not null, pad text not null);
		insert into points select i, i * 7 + 3, repeat('x', 100) from generate_series(1, %d) i;
		create table narrow (id int not null, r int not null);
		insert into narrow select i, (i::bigint * %d %% %[2]d)::int from generate_series(1, %[2]d) i;
		create table commits (id bigint primary key, v bigint not null);
		create table bulk (id bigint primary key, v bigint not null)`, p.schema, p.rows, uint64(scatter)), "vacuum analyze points", "vacuum analyze narrow")
}

// tidy removes what open made. The connection may have been cut in the middle of a statement, so the schema is
// dropped over another.
func (p *postgres) tidy(ctx context.Context) (err error) {
	ctx, cancel := tidyContext(ctx)
	defer cancel()
	if p.conn != nil {
		_ = p.conn.Close(ctx)
	}
	if p.server != nil {
		return p.server.Stop()
	}
	if p.schema == "" {
		return nil
	}
	if p.conn, err = database.OpenPostgres(ctx, p.url, database.Options{Write: true}); err == nil {
		err = p.exec(ctx, "drop schema if exists "+p.schema+" cascade")
		_ = p.conn.Close(ctx)
	}
	if err != nil {
		return fmt.Errorf("the schema %s could not be dropped; drop it: %w", p.schema, err)
	}
	return nil
}

func (p *postgres) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := p.conn.Exec(ctx, s).ReadAll(); err != nil {
			return err
		}
	}
	return nil
}

// row runs a statement and returns the columns of its first row.
func (p *postgres) row(ctx context.Context, statement string) ([]string, error) {
	results, err := p.conn.Exec(ctx, statement).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || len(results[0].Rows) == 0 {
		return nil, fmt.Errorf("%s has no answer", statement)
	}
	var row []string
	for _, v := range results[0].Rows[0] {
		row = append(row, string(v))
	}
	return row, nil
}

func (p *postgres) number(ctx context.Context, statement string) (uint64, error) {
	row, err := p.row(ctx, statement)
	if err != nil {
		return 0, err
	}
	return number(row[0])
}

func (p *postgres) connects(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return connecting(func() (*pgconn.PgConn, uint64, error) {
		conn, err := database.OpenPostgres(ctx, p.url, database.Options{})
		if err != nil {
			return nil, 0, err
		}
		return conn, uint64(conn.PID()), nil
	}, func(conn *pgconn.PgConn) (uint64, error) {
		return (&postgres{conn: conn}).number(ctx, "select pg_backend_pid()")
	}, func(conn *pgconn.PgConn) { _ = conn.Close(ctx) }), nil
}

func (p *postgres) ping(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return counting(1, func(n uint64) (uint64, error) {
		return p.number(ctx, "select "+strconv.FormatUint(n, 10)+" + 1")
	}), nil
}

// pointReads reads rows one at a time, or a number of them pipelined.
func (p *postgres) pointReads(pipelined int) setup {
	return func(ctx context.Context, _ measure.Env) (measure.Work, error) {
		name := "point" + strconv.Itoa(pipelined)
		if _, err := p.conn.Prepare(ctx, name, "select v from points where id = $1", nil); err != nil {
			return measure.Work{}, err
		}
		at := uint64(0)
		next := func() [][]byte {
			id := point(at, p.rows)
			at++
			return [][]byte{strconv.AppendUint(nil, id, 10)}
		}
		read := func(r *pgconn.ResultReader) (uint64, error) {
			result := r.Read()
			if result.Err != nil {
				return 0, result.Err
			}
			if len(result.Rows) != 1 {
				return 0, fmt.Errorf("a read by primary key gave %d rows", len(result.Rows))
			}
			return number(string(result.Rows[0][0]))
		}
		one := func() (uint64, error) { return read(p.conn.ExecPrepared(ctx, name, next(), nil, nil)) }
		many := func(n int) (sum uint64, err error) {
			pipeline := p.conn.StartPipeline(ctx)
			for range n {
				pipeline.SendQueryPrepared(name, next(), nil, nil)
			}
			if err := pipeline.Sync(); err != nil {
				return 0, errors.Join(err, pipeline.Close())
			}
			for range n {
				results, err := pipeline.GetResults()
				if err != nil {
					return 0, errors.Join(err, pipeline.Close())
				}
				reader, ok := results.(*pgconn.ResultReader)
				if !ok {
					return 0, errors.Join(fmt.Errorf("a pipelined read gave %T", results), pipeline.Close())
				}
				v, err := read(reader)
				if err != nil {
					return 0, errors.Join(err, pipeline.Close())
				}
				sum += v
			}
			return sum, pipeline.Close()
		}
		return measure.Work{
			Run: func(n int) (uint64, error) {
				var sum uint64
				for n > 0 {
					batch := min(n, pipelined)
					n -= batch
					v, err := uint64(0), error(nil)
					if pipelined == 1 {
						v, err = one()
					} else {
						v, err = many(batch)
					}
					if err != nil {
						return 0, err
					}
					sum += v
				}
				return sum, nil
			},
			Verify: pointCounter(p.rows),
		}, nil
	}
}

// descents walks the primary key from within one statement; offset 0 keeps the planner from turning the walk
// into a join of whole tables.
func (p *postgres) descents(ctx context.Context, _ measure.Env) (measure.Work, error) {
	at := uint64(0)
	return measure.Work{
		Run: func(n int) (uint64, error) {
			sum, err := p.number(ctx, fmt.Sprintf(`select sum(p.v) from generate_series(%d::bigint, %d) g,
				lateral (select v from points where id = g * %d %% %d + 1 offset 0) p`, at, at+uint64(n)-1, uint64(scatter), p.rows))
			at += uint64(n)
			return sum, err
		},
		Verify: pointCounter(p.rows),
	}, nil
}

// each gives a probe's work the amount of one operation, which only the server knows.
func each(w measure.Work, amount float64) measure.Work {
	w.Each = amount
	return w
}

func (p *postgres) scan(table string) setup {
	return func(ctx context.Context, _ measure.Env) (measure.Work, error) {
		amount, filter, want := float64(p.rows), "r < "+strconv.FormatUint(p.rows/2, 10), p.rows/2
		if table == "points" {
			bytes, err := p.number(ctx, "select pg_relation_size('points')")
			if err != nil {
				return measure.Work{}, err
			}
			// Rows 1 to rows/2 hold at most stored(rows/2).
			amount, filter = float64(bytes), "v <= "+strconv.FormatUint(stored(p.rows/2), 10)
		}
		return each(measure.Work{
			Run: func(n int) (sum uint64, err error) {
				for range n {
					v, err := p.number(ctx, "select count(*) from "+table+" where "+filter)
					if err != nil {
						return 0, err
					}
					sum += v
				}
				return sum, nil
			},
			Verify: func(n int, sum uint64) error { return sameSum(sum, uint64(n)*want) },
		}, amount), nil
	}
}

// sort asks for one row of the sorted list by its place, which only a sort knows, without bounding the sort.
func (p *postgres) sort(ctx context.Context, _ measure.Env) (measure.Work, error) {
	turn := uint64(0)
	return each(measure.Work{
		Run: func(int) (uint64, error) {
			turn++
			return p.number(ctx, fmt.Sprintf("select r from (select r, row_number() over (order by r) k from narrow) s where k + 0 = %d", turn))
		},
		Verify: func(_ int, sum uint64) error { return sameSum(sum, turn-1) },
	}, float64(p.rows)), nil
}

func (p *postgres) buildIndex(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return each(measure.Work{
		Prepare: func() error { return p.exec(ctx, "drop index if exists narrow_r") },
		Run:     func(int) (uint64, error) { return p.rows, p.exec(ctx, "create index narrow_r on narrow (r)") },
		Verify: func(_ int, _ uint64) error {
			entries, err := p.number(ctx, "select c.reltuples::bigint from pg_class c join pg_index i on i.indexrelid = c.oid where c.oid = 'narrow_r'::regclass and i.indisvalid")
			if err != nil {
				return err
			}
			return sameSum(entries, p.rows)
		},
		Close: func() error {
			if err := ctx.Err(); err != nil {
				return err // the schema goes as a whole
			}
			return p.exec(ctx, "drop index if exists narrow_r")
		},
	}, float64(p.rows)), nil
}

// isDurable asks the server for the settings that a durable commit needs (PostgreSQL documentation, "Write Ahead
// Log", fsync and synchronous_commit).
func (p *postgres) isDurable(ctx context.Context) error {
	row, err := p.row(ctx, "select current_setting('fsync'), current_setting('synchronous_commit')")
	if err != nil {
		return err
	}
	if row[0] != "on" || row[1] == "off" {
		return fmt.Errorf("commits of this server are not durable: fsync is %s and synchronous_commit is %s", row[0], row[1])
	}
	return durableFolder(p.folder, p.given == nil)
}

func (p *postgres) commits(durable bool) setup {
	return func(ctx context.Context, _ measure.Env) (measure.Work, error) {
		level := "off"
		if durable {
			if err := p.isDurable(ctx); err != nil {
				return measure.Work{}, err
			}
			level = "on"
		}
		name := "commit_" + level
		if err := p.exec(ctx, "truncate commits"); err != nil {
			return measure.Work{}, err
		}
		if _, err := p.conn.Prepare(ctx, name, "insert into commits values ($1::bigint, $1::bigint * 7 + 3)", nil); err != nil {
			return measure.Work{}, err
		}
		if err := p.exec(ctx, "set synchronous_commit = "+level); err != nil {
			return measure.Work{}, err
		}
		id := uint64(0)
		return measure.Work{
			Run: func(n int) (uint64, error) {
				for range n {
					id++
					if r := p.conn.ExecPrepared(ctx, name, [][]byte{strconv.AppendUint(nil, id, 10)}, nil, nil).Read(); r.Err != nil {
						return 0, r.Err
					}
				}
				return stored(id), nil
			},
			Verify: func(_ int, sum uint64) error {
				v, err := p.number(ctx, "select v from commits where id = (select max(id) from commits)")
				if err != nil {
					return err
				}
				return sameSum(v, sum)
			},
			Close: func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				rows, err := p.number(ctx, "select count(*) from commits")
				if err == nil && rows != id {
					err = fmt.Errorf("%d commits left %d rows", id, rows)
				}
				return errors.Join(err, p.exec(ctx, "set synchronous_commit = on"))
			},
		}, nil
	}
}

// bulkWork loads batches of rows into an empty table and counts them there.
func (p *postgres) bulkWork(ctx context.Context, load func(first uint64) error, batch uint64) (measure.Work, error) {
	if err := p.isDurable(ctx); err != nil {
		return measure.Work{}, err
	}
	if err := p.exec(ctx, "truncate bulk"); err != nil {
		return measure.Work{}, err
	}
	loaded := uint64(0)
	return measure.Work{
		Run: func(n int) (uint64, error) {
			for range n {
				if err := load(loaded + 1); err != nil {
					return 0, err
				}
				loaded += batch
			}
			return loaded, nil
		},
		Verify: func(_ int, sum uint64) error {
			v, err := p.number(ctx, "select count(*) from bulk where v = id * 7 + 3")
			if err != nil {
				return err
			}
			return sameSum(v, sum)
		},
	}, nil
}

func (p *postgres) inserts(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return p.bulkWork(ctx, func(first uint64) error { return p.exec(ctx, insertStatement("bulk", first)) }, insertBatch)
}

// insertStatement writes a batch of rows as one statement, in the SQL that all products share.
func insertStatement(table string, first uint64) string {
	var b strings.Builder
	b.WriteString("insert into " + table + " values ")
	for i := range uint64(insertBatch) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(%d,%d)", first+i, stored(first+i))
	}
	return b.String()
}

func (p *postgres) copies(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return p.bulkWork(ctx, func(first uint64) error {
		var b strings.Builder
		for i := range uint64(copyBatch) {
			fmt.Fprintf(&b, "%d\t%d\n", first+i, stored(first+i))
		}
		_, err := p.conn.CopyFrom(ctx, strings.NewReader(b.String()), "copy bulk from stdin")
		return err
	}, copyBatch)
}

func (p *postgres) updates(ctx context.Context, _ measure.Env) (measure.Work, error) {
	if err := p.isDurable(ctx); err != nil {
		return measure.Work{}, err
	}
	return measure.Work{
		Prepare: func() error {
			return p.exec(ctx, fmt.Sprintf("truncate bulk; insert into bulk select i, i from generate_series(1, %d) i", 2*copyBatch))
		},
		Run: func(int) (uint64, error) {
			results, err := p.conn.Exec(ctx, fmt.Sprintf("update bulk set v = v * 7 + 3 where id <= %d", copyBatch)).ReadAll()
			if err != nil {
				return 0, err
			}
			return uint64(results[0].CommandTag.RowsAffected()), nil
		},
		Verify: func(_ int, sum uint64) error {
			changed, err := p.number(ctx, "select count(*) from bulk where v = id * 7 + 3")
			if err != nil {
				return err
			}
			return errors.Join(sameSum(sum, copyBatch), sameSum(changed, copyBatch))
		},
	}, nil
}
