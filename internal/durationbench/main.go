// Command durationbench asks whether times that a rehearsal predicts hold at another size: bar B6 of
// docs/benchmarks/duration.md.
//
//	go run ./internal/durationbench -trials 8
//
// A table of three million rows, whose distributions are not those that the generator favours, is made
// on a private server, and its statistics are taken. Five kinds of work are run on copies of it, once for
// each trial: a rewrite, an index build, SET NOT NULL, VALIDATE and a backfill in batches. Then that server
// ends, and for each trial a rehearsal, which sees the statistics only, predicts them from at most a third of
// the rows. A trial is one kind of work in one rehearsal against one run. One server runs at a time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{}
	flag.IntVar(&b.trials, "trials", 8, "rehearsals, each of five kinds of work")
	flag.Int64Var(&b.rows, "rows", 3_000_000, "rows of the table; rehearsals have at most a third")
	flag.IntVar(&b.repeats, "repeats", 3, "how often a rehearsal times each size")
	flag.BoolVar(&b.dependent, "dependent", false, "columns that follow from each other, which statistics of single columns do not tell")
	flag.BoolVar(&b.sample, "sample", true, "statistics with the keys of indexes of several columns, counted in a sample of rows, as review stats --sample has them")
	flag.BoolVar(&b.verbose, "v", false, "print the times of every rehearsal")
	flag.Parse()
	if err := touch(); err != nil {
		fmt.Fprintln(os.Stderr, "durationbench: touch the free memory:", err)
	}
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "durationbench:", err)
		os.Exit(2)
	}
}

type bench struct {
	trials, repeats int
	rows            int64
	dependent       bool
	sample, verbose bool
	statistics      *scale.Statistics
}

// seconds is one run by both clocks.
type seconds struct{ wall, cpu float64 }

// table has widths that are skewed, documents, few and many distinct values in and out of order, and
// three indexes beside the key.
const table = `create table account (id bigint primary key, counter int not null, email text not null, region text, balance numeric(12,2) not null,
 settings jsonb not null, bio text, seen timestamptz not null, parent bigint);
create index account_seen on account (seen);
create index account_region on account (region, counter);
create index account_parent on account (parent) where parent is not null;`

// rows of it are drawn by hashes of their number, independent of each other as far as the column's own
// distribution goes; with the flag -dependent they all follow from the number by its remainders, so that one column tells the next.
const (
	rows = `insert into account select i, abs(hashint8extended(i, 1) %% 5000), 'u' || (i * 7919) %% 100000007 || '@' || md5((i %% 997)::text) || '.example',
 case when abs(hashint8extended(i, 2) %% 100) < 60 then 'eu-central' when abs(hashint8extended(i, 2) %% 100) < 85 then 'us-east' else 'r' || abs(hashint8extended(i, 3) %% 40) end,
 abs(hashint8extended(i, 4) %% 1000000) / 100.0,
 jsonb_build_object('theme', i %% 3, 'tags', repeat('x', (i %% 7)::int * (i %% 11)::int), 'beta', i %% 2 = 0),
 case when hashint8extended(i, 5) %% 4 = 0 then repeat(md5(i::text), 1 + (i %% 97 = 0)::int * 12 + (i %% 3)::int) end, timestamptz '2023-01-01' + i * interval '11 seconds', case when i %% 5 = 0 then i / 3 end
 from generate_series(1, %d::bigint) i`
	dependent = `insert into account select i, (i * 7919) %% 5000, 'u' || (i * 7919) %% 100000007 || '@' || md5((i %% 997)::text) || '.example',
 case when i %% 100 < 60 then 'eu-central' when i %% 100 < 85 then 'us-east' else 'r' || i %% 40 end, ((i * 31) %% 1000000) / 100.0,
 jsonb_build_object('theme', i %% 3, 'tags', repeat('x', (i %% 7)::int * (i %% 11)::int), 'beta', i %% 2 = 0),
 case when i %% 4 = 0 then repeat(md5(i::text), 1 + (i %% 97 = 0)::int * 12 + (i %% 3)::int) end, timestamptz '2023-01-01' + i * interval '11 seconds', case when i %% 5 = 0 then i / 3 end
 from generate_series(1, %d::bigint) i`
)

// kinds are the work that is predicted; a statement without a name prepares the next.
var kinds = []struct{ name, sql string }{
	{"rewrite", "alter table account alter column counter type bigint"},
	{"index build", "create index account_email on account (email)"},
	{"SET NOT NULL", "alter table account alter column region set not null"},
	{"", "alter table account add constraint account_balance check (balance >= 0) not valid"},
	{"VALIDATE", "alter table account validate constraint account_balance"},
	{"", "alter table account add column status text"},
	{"backfill", `do $$ declare at bigint := 0; last bigint := (select max(id) from account);
begin
  while at < last loop
    update account set status = 'active' where bio is not null and id > at and id <= at + (last / 100);
    commit;
    at := at + (last / 100);
  end loop;
end $$`},
}

// run makes the table and its statistics; then each trial runs the work and rehearses it, one right after the other, because a shared machine is
// faster in one quarter of an hour than in the next.
func (b *bench) run(ctx context.Context) (err error) {
	server, err := scratch.StartPostgres(ctx, "shared_buffers=512MB", "max_wal_size=2GB", "checkpoint_timeout=1h", "autovacuum=off")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	admin, err := pgx.Connect(ctx, server.URL)
	if err != nil {
		return err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	if err := b.source(ctx, admin); err != nil {
		return err
	}
	before, err := migration("schema.sql", table)
	if err != nil {
		return err
	}
	script := ""
	for _, k := range kinds {
		script += k.sql + ";\n"
	}
	work, err := migration("work.sql", script)
	if err != nil {
		return err
	}
	tally := newTally()
	for trial := range b.trials {
		actual, err := b.measure(ctx, admin, server.Pid(), trial)
		if err != nil {
			return err
		}
		if err := b.predict(ctx, before, work, trial, actual, tally); err != nil {
			return err
		}
		tally.print(os.Stdout)
	}
	return nil
}

// measure runs the work once in a copy of the table.
func (b *bench) measure(ctx context.Context, admin *pgx.Conn, pid, trial int) ([]seconds, error) {
	if err := execute(ctx, admin, "create database run template source strategy file_copy", "checkpoint"); err != nil {
		return nil, err
	}
	times, err := b.once(ctx, admin, pid)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "run %d: %.2f\n", trial+1, times)
	return times, execute(ctx, admin, "drop database run")
}

func (b *bench) source(ctx context.Context, admin *pgx.Conn) error {
	if err := execute(ctx, admin, "create database source"); err != nil {
		return err
	}
	conn, err := in(ctx, admin, "source")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	fill := rows
	if b.dependent {
		fill = dependent
	}
	if err := execute(ctx, conn, table, fmt.Sprintf(fill, b.rows), "vacuum analyze"); err != nil {
		return err
	}
	b.statistics, err = scale.Read(ctx, conn.PgConn(), scale.Options{Sample: b.sample})
	if err != nil {
		return err
	}
	t := b.statistics.Table("account")
	fmt.Fprintf(os.Stderr, "source: %.0f rows, heap %s, indexes %s\n", t.Rows, t.Heap, t.IndexBytes)
	return nil
}

// once runs all the work in the database run.
func (b *bench) once(ctx context.Context, admin *pgx.Conn, pid int) ([]seconds, error) {
	conn, err := in(ctx, admin, "run")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var times []seconds
	for _, k := range kinds {
		cpu, _ := procfs.Host.TreeCPU(pid)
		began := time.Now()
		if err := execute(ctx, conn, k.sql); err != nil {
			return nil, err
		}
		if k.name != "" {
			wall := time.Since(began)
			after, _ := procfs.Host.TreeCPU(pid)
			times = append(times, seconds{wall.Seconds(), (after - cpu).Seconds()})
		}
	}
	return times, nil
}

// predict rehearses the work and compares with the run.
func (b *bench) predict(ctx context.Context, before, work []*layout.Migration, trial int, actual []seconds, tally *tally) error {
	began := time.Now()
	result, err := rehearse.Run(ctx, rehearse.Options{Before: before, Migrations: work, Statistics: b.statistics, Rows: b.rows / 3, Repeats: b.repeats, MaxTime: time.Hour, Seed: uint64(trial) + 1})
	if err != nil {
		return err
	}
	if result.Partial != "" || len(result.Problems) > 0 {
		return fmt.Errorf("the rehearsal was not whole: %s %v", result.Partial, result.Problems)
	}
	i := 0
	for j, k := range kinds {
		if k.name == "" {
			continue
		}
		s := result.Statements[j]
		if !s.Ran() {
			return fmt.Errorf("%s: %s", k.name, s.Error)
		}
		growth := s.Duration.Model.Growth
		tally.add(k.name, "cpu", scale.Fit(s.CPU, growth, float64(b.rows), scale.SameMachine), actual[i].cpu)
		tally.add(k.name, "wall", scale.Fit(s.Wall, growth, float64(b.rows), scale.SameMachine), actual[i].wall)
		if b.verbose {
			fmt.Fprintf(os.Stderr, "%s: actual %.3f, rehearsed %.4f\n", k.name, actual[i].cpu, s.CPU)
		}
		i++
	}
	fmt.Fprintf(os.Stderr, "rehearsal %d took %.0f s, clock %s, pressure %.2f\n", trial+1, time.Since(began).Seconds(), result.Clock.Name, result.Clock.Pressure)
	tally.pressure = append(tally.pressure, result.Clock.Pressure)
	return nil
}

func migration(name, text string) ([]*layout.Migration, error) {
	h, err := layout.Read(fstest.MapFS{name: {Data: []byte(text)}}, []string{name}, layout.Options{Tool: layout.Plain, Dialect: schema.Postgres})
	if err != nil {
		return nil, err
	}
	return h.Migrations, nil
}

func execute(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.PgConn().Exec(ctx, s).ReadAll(); err != nil {
			return fmt.Errorf("%.60s: %w", s, err)
		}
	}
	return nil
}

func in(ctx context.Context, admin *pgx.Conn, name string) (*pgx.Conn, error) {
	config := admin.Config().Copy()
	config.Database = name
	return pgx.ConnectConfig(ctx, config)
}
