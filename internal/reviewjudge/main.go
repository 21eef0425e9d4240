// Command reviewjudge judges the statements of the review's matrix a second time, by other means: a
// statement does work that grows with the table if its time does, from a small to a large table, and keeps
// others waiting if another session is seen to wait. It reads no lock table, no counter, no message and no
// file of the server. It prints where it disagrees with the matrix.
//
// With -join it puts the matrices of several products, as `napkin review matrix run` writes them, into one
// file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
)

const (
	small = 1_000
	runs  = 3
	// A statement grows if it takes grown longer and grownTimes as long on the large tables.
	grown      = 2 * time.Millisecond
	grownTimes = 2.0
)

func main() {
	large := flag.Int("rows", 40_000, "rows of the large tables; the small ones have 1,000")
	only := flag.String("only", "", "judge only these statements, by name with commas between")
	into := flag.String("join", "", "write the matrices in the files that follow into this one")
	flag.Parse()
	if *into != "" {
		if err := join(*into, flag.Args()); err != nil {
			fmt.Fprintln(os.Stderr, "reviewjudge:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), *large, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "reviewjudge:", err)
		os.Exit(1)
	}
}

func join(into string, files []string) error {
	all := &matrix.Data{SchemaVersion: matrix.SchemaVersion}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		d, err := matrix.Read(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, section := range d.Measured {
			// A machine that lacks versions must not take them from the program.
			if had := matrix.Embedded().Section(section.Product); had != nil && len(section.Servers) < len(had.Servers) {
				return fmt.Errorf("%s holds %d versions of %s, and the program %d; make review-matrix DOWNLOAD=yes fetches those that this machine lacks", file, len(section.Servers), section.Product, len(had.Servers))
			}
			all.Measured = append(all.Measured, section)
		}
	}
	text, err := all.Write()
	if err != nil {
		return err
	}
	return os.WriteFile(into, text, 0o644)
}

func run(ctx context.Context, large int, only []string) error {
	installed, err := pgrelease.Installed(ctx)
	if err != nil {
		return err
	}
	if len(installed) == 0 {
		return scratch.ErrNotInstalled
	}
	server, err := scratch.StartPostgresOf(ctx, installed[0].Programs, "autovacuum=off", "max_wal_size=8GB", "shared_buffers=1GB", "checkpoint_timeout=1h")
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }() // what was judged is printed by then
	lesser, err := newJudge(ctx, server.URL, "lesser", small)
	if err != nil {
		return err
	}
	greater, err := newJudge(ctx, server.URL, "greater", large)
	if err != nil {
		return err
	}
	var disputed []dispute
	judged := 0
	for _, row := range matrix.Rows(matrix.Postgres) {
		answer, ok := matrix.Embedded().Lookup(matrix.Postgres, row.ID, installed[0].Major)
		if !ok || !row.On(installed[0].Major) || answer.Refused != "" || len(only) > 0 && !slices.Contains(only, row.ID) {
			continue
		}
		d, err := compare(ctx, lesser, greater, row, answer.Effect)
		if err != nil {
			return fmt.Errorf("%s: %w", row.ID, err)
		}
		if judged++; judged%50 == 0 {
			fmt.Fprintln(os.Stderr, judged, "statements judged")
		}
		if d != nil {
			fmt.Println(d)
			disputed = append(disputed, *d)
		}
	}
	first := judged - len(disputed)
	fmt.Printf("PostgreSQL %s, tables of %d and %d rows: %d statements, %d agree, %.1f %%\n", server.Version, small, large, judged, first, 100*float64(first)/float64(judged))
	if len(disputed) == 0 {
		return nil
	}
	return appeal(ctx, server.URL, lesser, large*appealed, disputed, judged)
}

// appealed is how many times larger the tables are on which disputed statements are judged again: the scan
// of a narrow table is short.
const appealed = 10

func appeal(ctx context.Context, url string, lesser *judge, rows int, disputed []dispute, judged int) error {
	greatest, err := newJudge(ctx, url, "greatest", rows)
	if err != nil {
		return err
	}
	agree := judged
	for _, d := range disputed {
		again, err := compare(ctx, lesser, greatest, d.row, d.effect)
		if err != nil {
			return fmt.Errorf("%s: %w", d.row.ID, err)
		}
		if again != nil {
			agree--
			fmt.Println(again)
		}
	}
	fmt.Printf("the disputed ones again on tables of %d rows: %d of %d agree, %.1f %%\n", rows, agree, judged, 100*float64(agree)/float64(judged))
	return nil
}

// dispute is a statement on which judge and matrix disagree.
type dispute struct {
	row        matrix.Row
	effect     effect.Effect
	fast, slow time.Duration
	waits      bool
}

func (d dispute) String() string {
	return fmt.Sprintf("%s: the matrix says harm %v (%s); here %v, then %v, others wait: %v", d.row.ID, d.effect.Harm(), d.effect, d.fast, d.slow, d.waits)
}

// compare judges a statement on two sizes, and returns nil where that agrees with the matrix.
func compare(ctx context.Context, lesser, greater *judge, row matrix.Row, e effect.Effect) (*dispute, error) {
	fast, _, err := lesser.judge(ctx, row)
	if err != nil {
		return nil, err
	}
	slow, waits, err := greater.judge(ctx, row)
	if err != nil {
		return nil, err
	}
	grows := slow-fast > grown && float64(slow) > grownTimes*float64(fast)
	if (grows && waits) == e.Harm() {
		return nil, nil
	}
	return &dispute{row, e, fast, slow, waits}, nil
}

// judge runs statements on tables of one size.
type judge struct {
	config *pgx.ConnConfig // of the server
	name   string          // of the template
	rows   int
	copies int
	// A database in which nothing was left serves the next statement.
	subject, other *pgx.Conn
	tables         []table
}

// table is one that others use.
type table struct {
	name   string
	viewed bool // a materialized view, which nobody writes
}

func newJudge(ctx context.Context, url, name string, rows int) (*judge, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	j := &judge{config: config, name: name, rows: rows}
	if err := j.admin(ctx, "create database "+name); err != nil {
		return nil, err
	}
	conn, err := j.connect(ctx, name)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	return j, exec(ctx, conn, matrix.Fixture(matrix.Postgres, rows), "vacuum analyze")
}

func (j *judge) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	c := j.config.Copy()
	c.Database = database
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, c)
}

func (j *judge) admin(ctx context.Context, sql string) error {
	conn, err := j.connect(ctx, "postgres")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return exec(ctx, conn, sql)
}

func exec(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if sql == "" {
			continue
		}
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			return err
		}
	}
	return nil
}

// renew makes a copy of the template.
func (j *judge) renew(ctx context.Context, row matrix.Row) error {
	if err := j.drop(ctx); err != nil {
		return err
	}
	j.copies++
	name := fmt.Sprintf("%s_%d", j.name, j.copies)
	if err := j.admin(ctx, "create database "+name+" template "+j.name); err != nil {
		return err
	}
	var err error
	if j.subject, err = j.connect(ctx, name); err != nil {
		return err
	}
	if j.other, err = j.connect(ctx, name); err != nil {
		return err
	}
	// What a setup fills grows with the rest.
	setup := strings.ReplaceAll(row.Setup, "(1, 1000)", fmt.Sprintf("(1, %d)", j.rows))
	if setup != "" {
		setup += "; analyze"
	}
	for _, sql := range strings.Split(setup, "; analyze") {
		if err := exec(ctx, j.subject, sql); err != nil {
			return err
		}
	}
	if err := exec(ctx, j.other, "analyze", "set lock_timeout = '10ms'"); err != nil {
		return err
	}
	rows, err := j.other.Query(ctx, "select c.oid::regclass::text, relkind = 'm' from pg_class c where relkind in ('r', 'p', 'm') and relnamespace::regnamespace::text in ('public', 'other') order by 1")
	if err != nil {
		return err
	}
	j.tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) { return t, row.Scan(&t.name, &t.viewed) })
	return err
}

func (j *judge) drop(ctx context.Context) error {
	if j.subject == nil {
		return nil
	}
	_ = j.subject.Close(ctx)
	_ = j.other.Close(ctx)
	j.subject = nil
	return j.admin(ctx, fmt.Sprintf("drop database %s_%d", j.name, j.copies))
}

// judge returns the least time of a statement, and whether somebody had to wait for it.
func (j *judge) judge(ctx context.Context, row matrix.Row) (least time.Duration, waits bool, err error) {
	for i := range runs {
		if j.subject == nil || i == 0 && (row.Setup != "" || row.Session != "") {
			if err := j.renew(ctx, row); err != nil {
				return 0, false, fmt.Errorf("prepare: %w", err)
			}
		}
		took, waited, err := j.once(ctx, row, i == 0)
		if err != nil {
			return 0, false, err
		}
		waits = waits || waited
		if least == 0 || took < least {
			least = took
		}
	}
	if row.Setup != "" || row.Session != "" || row.Family() == "rows" { // dead rows make scans longer
		return least, waits, j.drop(ctx)
	}
	return least, waits, nil
}

func (j *judge) once(ctx context.Context, row matrix.Row, probe bool) (time.Duration, bool, error) {
	if err := exec(ctx, j.subject, row.Session, "begin"); err != nil {
		return 0, false, err
	}
	began := time.Now()
	err := exec(ctx, j.subject, row.SQL)
	took := time.Since(began)
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == "25001" {
		return j.outside(ctx, row)
	}
	if err != nil {
		return 0, false, err
	}
	waited := false
	for i := 0; probe && i < len(j.tables) && !waited; i++ {
		if waited, err = j.waits(ctx, j.tables[i]); err != nil {
			return 0, false, err
		}
	}
	return took, waited, exec(ctx, j.subject, "rollback")
}

// outside runs a statement that refuses to run in a transaction, and watches whether others wait most of the
// time.
func (j *judge) outside(ctx context.Context, row matrix.Row) (time.Duration, bool, error) {
	if err := exec(ctx, j.subject, "rollback"); err != nil {
		return 0, false, err
	}
	if err := j.renew(ctx, row); err != nil {
		return 0, false, err
	}
	type seen struct {
		waited time.Duration
		err    error
	}
	done, result := make(chan struct{}), make(chan seen)
	go func() {
		var s seen
		for {
			for _, t := range j.tables {
				began := time.Now()
				blocked, err := j.waits(ctx, t)
				if blocked {
					s.waited += time.Since(began)
				}
				select {
				case <-done:
					result <- s
					return
				default:
				}
				if s.err = err; err != nil {
					<-done
					result <- s
					return
				}
			}
		}
	}()
	began := time.Now()
	err := exec(ctx, j.subject, row.SQL)
	took := time.Since(began)
	close(done)
	s := <-result
	if err == nil {
		err = s.err
	}
	if err == nil {
		err = j.drop(ctx)
	}
	return took, 4*s.waited >= took, err
}

// waits says whether a reader or a writer of a table waits.
func (j *judge) waits(ctx context.Context, t table) (bool, error) {
	statements := []string{"select 1 from " + t.name + " limit 1"}
	if !t.viewed {
		statements = append(statements, "begin", "delete from "+t.name+" where false", "insert into "+t.name+" select where false", "rollback")
	}
	err := exec(ctx, j.other, statements...)
	refused := (*pgconn.PgError)(nil)
	if err == nil || !errors.As(err, &refused) {
		return false, err
	}
	return refused.Code == "55P03", exec(ctx, j.other, "rollback")
}
