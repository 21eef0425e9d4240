package datadiff_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/netproxy"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// watched is a database that tells a test of each reading before it begins, and counts the rows.
type watched struct {
	dialect.Database
	before func(n int64, in dialect.Range) // n counts from 1
	calls  atomic.Int64
	rows   atomic.Int64
}

func (w *watched) Open(ctx context.Context) (dialect.Session, error) {
	s, err := w.Database.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &watchedSession{s, w}, nil
}

type watchedSession struct {
	dialect.Session
	w *watched
}

func (s *watchedSession) Stream(ctx context.Context, r *dialect.Relation, in dialect.Range, row dialect.RowFunc) error {
	s.w.before(s.w.calls.Add(1), in)
	return s.Session.Stream(ctx, r, in, func(cells []byte, key int) error {
		s.w.rows.Add(1)
		return row(cells, key)
	})
}

func (s *watchedSession) Fingerprints(ctx context.Context, r *dialect.Relation, h dialect.Hash, ranges []dialect.Range, emit func(int, dialect.Fingerprint) error) error {
	s.w.before(s.w.calls.Add(1), ranges[0])
	return s.Session.Fingerprints(ctx, r, h, ranges, func(i int, f dialect.Fingerprint) error {
		s.w.rows.Add(f.Rows)
		return emit(i, f)
	})
}

// watch is a side that calls before at each reading.
func (s *store) watch(table string, before func(n int64, in dialect.Range)) (datadiff.Side, *watched) {
	w := &watched{Database: s.db, before: before}
	side := s.side(table)
	side.Database = w
	return side, w
}

// through is the store over a proxy.
func (s *store) through(t *testing.T, o netproxy.Options) (*store, *netproxy.Proxy) {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	p, err := netproxy.Start(t.Context(), u.Host, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	u.Host = p.Address()
	return &store{kind: s.kind, url: u.String(), db: openURL(t, u.String(), database.Options{})}, p
}

const faultRows = 20_000

// faultTables makes a table of both sides with a row changed near the begin, one near the end, one
// missing in each; planted is what differs.
func faultTables(t *testing.T, name, key string, all ...*store) (planted []string) {
	t.Helper()
	for _, s := range all {
		series := fmt.Sprintf("generate_series(1, %d) n", faultRows)
		if s.kind == dialect.MySQL {
			series = fmt.Sprintf("(select seq n from seq_1_to_%d) s", faultRows)
		}
		s.exec(t, "drop table if exists "+name,
			"create table "+name+" (id bigint not null"+key+", v int not null, note varchar(40))",
			"insert into "+name+" select n, n % 1000, concat('note ', n) from "+series)
		if s.kind == dialect.Postgres {
			s.exec(t, "analyze "+name)
		} else {
			s.exec(t, "analyze table "+name)
		}
	}
	last := all[len(all)-1]
	last.exec(t, "update "+name+" set note = 'planted' where id in (17, 19000)", "delete from "+name+" where id = 10000",
		fmt.Sprintf("insert into %s values (%d, 1, 'planted')", name, faultRows+5))
	return []string{"changed 17", "changed 19000", "only in A 10000", fmt.Sprintf("only in B %d", faultRows+5)}
}

func wantLines(t *testing.T, got compared, err error, want []string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.lines)
	if !slices.Equal(got.lines, want) || got.Verdict != datadiff.Different {
		t.Fatalf("verdict %s, differences %q; want %q", got.Verdict, got.lines, want)
	}
}

// wantFailure wants an error that matches, and no answer.
func wantFailure(t *testing.T, got compared, err error, sentence string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, verdict %s, %q", got.Verdict, got.lines)
	}
	if got.Result != nil && got.Verdict != datadiff.Unknown {
		t.Errorf("verdict %s beside the error %v", got.Verdict, err)
	}
	if !regexp.MustCompile(sentence).MatchString(err.Error()) {
		t.Errorf("the error %q does not match %q", err, sentence)
	}
}

// child runs a function of this package in a process of its own: the test binary again, limited to the
// test named by run, with the given environment.
func child(t *testing.T, run string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+run+"$", "-test.v")
	cmd.Env = append(os.Environ(), env...)
	cmd.Env = append(cmd.Env, "NAPKIN_FAULT_CHILD="+run)
	return cmd
}

// childOnly skips a test that is a child's work in the parent's run.
func childOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("NAPKIN_FAULT_CHILD") != t.Name() {
		t.Skip("it runs as the child of another test")
	}
}

func childStore(t *testing.T, variable string) *store {
	t.Helper()
	raw := os.Getenv(variable)
	u, err := database.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &store{kind: dialect.Kind(u.Kind), url: raw, db: openURL(t, raw, database.Options{})}
}

// TestKilledChild compares slowly, and notes each part that it begins in a file, until it is killed.
func TestKilledChild(t *testing.T) {
	childOnly(t)
	log, err := os.OpenFile(os.Getenv("FAULT_LOG"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	a, _ := childStore(t, "FAULT_A").watch("killed", func(int64, dialect.Range) {
		_, _ = log.WriteString(".")
		time.Sleep(40 * time.Millisecond)
	})
	_, err = compare(t, a, childStore(t, "FAULT_B").side("killed"), killedOptions(os.Getenv("FAULT_JOURNAL"), datadiff.PlanKind(os.Getenv("FAULT_PLAN"))))
	t.Errorf("the child was not killed: %v", err)
}

func killedOptions(journal string, plan datadiff.PlanKind) datadiff.Options {
	o := datadiff.Options{Journal: journal, Plan: plan, Workers: 2, RangeRows: 500}
	if plan != datadiff.Stream {
		o.RangeRows = 16 // ten parts of 128 ranges
	}
	return o
}

// A run that was killed goes on: finished parts are not read again, and what each run found is reported.
func TestKilled(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	want := faultTables(t, "killed", " primary key", a, b)
	faultTables(t, "killed_other", " primary key", a)
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		t.Run(string(plan), func(t *testing.T) {
			journal, log := filepath.Join(t.TempDir(), "run.journal"), filepath.Join(t.TempDir(), "log")
			cmd := child(t, "TestKilledChild", "FAULT_A="+a.url, "FAULT_B="+b.url, "FAULT_JOURNAL="+journal, "FAULT_LOG="+log, "FAULT_PLAN="+string(plan))
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for done := 0; done < 3; done, _ = datadiff.TasksIn(journal) {
				select {
				case err := <-ended:
					t.Fatalf("the child ended: %v\n%s", err, out.String())
				case <-time.After(2 * time.Millisecond):
				}
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			done, rows := datadiff.TasksIn(journal)
			if plan == datadiff.Stream {
				begun, err := os.ReadFile(log)
				if err != nil {
					t.Fatal(err)
				}
				if again := len(begun) - done; again > 2 {
					t.Errorf("%d parts were begun and %d are done: more than one for each of 2 connections is lost", len(begun), done)
				}
			}

			o := killedOptions(journal, plan)
			o.Resume = true
			for name, side := range map[string]datadiff.Side{"another table": a.side("killed_other")} {
				got, err := compare(t, side, b.side("killed"), o)
				if wantFailure(t, got, err, "compares .* and not"); !errors.Is(err, datadiff.ErrJournal) {
					t.Errorf("%s: %v", name, err)
				}
			}
			columns := o
			columns.Exclude = []string{"note"}
			got, err := compare(t, a.side("killed"), b.side("killed"), columns)
			wantFailure(t, got, err, "begun with other columns.* without --resume")
			missing := o
			missing.Journal += ".missing"
			got, err = compare(t, a.side("killed"), b.side("killed"), missing)
			wantFailure(t, got, err, "go on from the journal: .*no such file")

			o.Plan = "" // that of the journal
			side, w := a.watch("killed", func(int64, dialect.Range) {})
			got, err = compare(t, side, b.side("killed"), o)
			wantLines(t, got, err, want)
			left := faultRows - rows
			if plan != datadiff.Stream {
				left *= 2 // ranges that differ are read too
			}
			if w.rows.Load() > left || got.Rows[0] != faultRows {
				t.Errorf("%d rows were read again of %d, of which %d were done; the result counts %d", w.rows.Load(), faultRows, rows, got.Rows[0])
			}
			if _, err := os.Stat(journal); !os.IsNotExist(err) {
				t.Errorf("the journal of a finished run is there: %v", err)
			}
			t.Logf("%d parts done, %d rows; %d rows read by the second run", done, rows, w.rows.Load())
		})
	}
}

// Both servers restart in the middle, and the answer is right.
func TestServersRestart(t *testing.T) {
	pg, my := testserver.PostgresFor(t), testserver.MariaDBFor(t)
	a := &store{kind: dialect.Postgres, url: pg.URL, db: openURL(t, pg.URL, database.Options{})}
	b := &store{kind: dialect.MySQL, url: my.URL, db: openURL(t, my.URL, database.Options{})}
	want := faultTables(t, "restarted", " primary key", a, b)
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		t.Run(string(plan), func(t *testing.T) {
			var restarts sync.WaitGroup
			restart := func(s interface{ Restart(context.Context) error }) func(int64, dialect.Range) {
				return func(n int64, _ dialect.Range) {
					if n == 3 {
						restarts.Go(func() {
							if err := s.Restart(context.WithoutCancel(t.Context())); err != nil {
								t.Error(err)
							}
						})
						time.Sleep(50 * time.Millisecond)
					}
				}
			}
			sideA, _ := a.watch("restarted", restart(pg))
			sideB, _ := b.watch("restarted", restart(my))
			got, err := compare(t, sideA, sideB, datadiff.Options{Plan: plan, RangeRows: 32, Workers: 2})
			restarts.Wait()
			wantLines(t, got, err, want)
		})
	}
}

// Each range's first reading ends in a reset of the connection.
func TestResets(t *testing.T) {
	datadiff.SetPauses(t, 0, 0, 20*time.Millisecond)
	all := stores(t)
	for _, c := range []struct {
		name, key string
		plan      datadiff.PlanKind
		after     int64
	}{
		{"rows", " primary key", datadiff.Stream, 4000},
		{"hashes", " primary key", datadiff.Portable, 0}, // at once
		{"rows without a key", "", datadiff.Stream, 100_000},
	} {
		want := faultTables(t, "resets", c.key, all[dialect.Postgres], all[dialect.MySQL])
		if c.key == "" {
			want = nil // each row is its own key; the count is enough
		}
		for broken := range 2 {
			kinds := [2]dialect.Kind{dialect.Postgres, dialect.MySQL}
			t.Run(fmt.Sprintf("%s of %s", c.name, kinds[broken]), func(t *testing.T) {
				var sides [2]datadiff.Side
				var resets int
				for i, kind := range kinds {
					if i != broken {
						sides[i] = all[kind].side("resets")
						continue
					}
					far, proxy := all[kind].through(t, netproxy.Options{})
					seen := map[string]bool{}
					sides[i], _ = far.watch("resets", func(_ int64, in dialect.Range) {
						if seen[string(in.Lo)] {
							proxy.ResetAfter(-1)
							return
						}
						seen[string(in.Lo)] = true
						resets++
						if c.after == 0 {
							proxy.ResetAll()
							return
						}
						proxy.ResetAfter(c.after)
					})
				}
				got, err := compare(t, sides[0], sides[1], datadiff.Options{Plan: c.plan, RangeRows: 500, Workers: 1})
				if want == nil {
					if err != nil {
						t.Fatal(err)
					}
					if got.OnlyA != 3 || got.OnlyB != 3 {
						t.Errorf("%d rows only in A and %d only in B, want 3 and 3: %q", got.OnlyA, got.OnlyB, got.lines)
					}
				} else {
					wantLines(t, got, err, want)
				}
				if resets == 0 || got.Rows[0] != faultRows {
					t.Errorf("%d resets, %d rows", resets, got.Rows[0])
				}
			})
		}
	}
}

// A server that does not come back ends the run with a sentence, and no answer.
func TestServerGone(t *testing.T) {
	datadiff.SetPauses(t, 0, 10*time.Millisecond, 10*time.Millisecond)
	all := stores(t)
	faultTables(t, "gone", " primary key", all[dialect.Postgres], all[dialect.MySQL])
	for _, kind := range []dialect.Kind{dialect.Postgres, dialect.MySQL} {
		t.Run(string(kind), func(t *testing.T) {
			far, proxy := all[kind].through(t, netproxy.Options{})
			side, _ := far.watch("gone", func(n int64, _ dialect.Range) {
				if n == 5 {
					if err := proxy.Refuse(true); err != nil {
						t.Error(err)
					}
					proxy.ResetAll()
				}
			})
			other := all[dialect.Postgres]
			got, err := compare(t, side, other.side("gone"), datadiff.Options{Plan: datadiff.Stream, RangeRows: 500, Journal: filepath.Join(t.TempDir(), "j")})
			wantFailure(t, got, err, `tried 4 times`)
			if got.Result == nil || got.Journal == "" {
				t.Errorf("no journal to go on from: %+v", got.Result)
			}
			t.Log(err)
		})
	}
}

// A statement that exceeds the timeout at each attempt is an error.
func TestStatementTimeout(t *testing.T) {
	datadiff.SetPauses(t, 0)
	all := stores(t)
	faultTables(t, "timed", " primary key", all[dialect.Postgres], all[dialect.MySQL])
	all[dialect.Postgres].exec(t, "drop view if exists timed_slow", "create view timed_slow as select * from timed where pg_sleep(0.01) is not null")
	all[dialect.MySQL].exec(t, "create or replace view timed_slow as select * from timed where sleep(0.01) = 0")
	for _, kind := range []dialect.Kind{dialect.Postgres, dialect.MySQL} {
		t.Run(string(kind), func(t *testing.T) {
			s := &store{kind: kind, url: all[kind].url, db: openURL(t, all[kind].url, database.Options{StatementTimeout: 300 * time.Millisecond})}
			for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
				got, err := compare(t, s.side("timed_slow"), all[dialect.Postgres].side("timed"), datadiff.Options{Selection: datadiff.Selection{Key: []string{"id"}}, Plan: plan})
				wantFailure(t, got, err, "raise the (statement )?timeout")
				t.Log(err)
			}
		})
	}
}

// A table that is altered while it is read gives no answer.
func TestAlteredMeanwhile(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	for _, c := range []struct{ name, ddl, sentence string }{
		{"column added", "alter table altered add column more int", "columns of .* changed while it was read"},
		{"column dropped", "alter table altered drop column note", "(not there|changed while)"},
		{"column renamed", "alter table altered rename column note to remark", "(not there|changed while)"},
		{"table dropped", "drop table altered", "no such table"},
	} {
		for side, s := range []*store{a, b} {
			for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
				t.Run(fmt.Sprintf("%s in %s %s", c.name, s.kind, plan), func(t *testing.T) {
					for _, s := range all {
						if s.kind == dialect.SQLite {
							continue
						}
						s.exec(t, "drop table if exists altered", "create table altered (id int primary key, v int, note varchar(20))")
					}
					a.exec(t, "insert into altered select n, n, 'n' from generate_series(1, 6000) n", "analyze altered")
					b.exec(t, "insert into altered select seq, seq, 'n' from seq_1_to_6000", "analyze table altered")
					watchedSide, _ := s.watch("altered", func(n int64, _ dialect.Range) {
						if n == 3 {
							s.exec(t, c.ddl)
						}
					})
					sides := [2]datadiff.Side{a.side("altered"), b.side("altered")}
					sides[side] = watchedSide
					got, err := compare(t, sides[0], sides[1], datadiff.Options{Plan: plan, RangeRows: 10, Workers: 1})
					wantFailure(t, got, err, c.sentence)
				})
			}
		}
	}
}

// An account that may not read one column is told so, and compares the others.
func TestColumnForbidden(t *testing.T) {
	all := stores(t)
	pg, my := all[dialect.Postgres], all[dialect.MySQL]
	want := faultTables(t, "forbidden", " primary key", pg, my)
	pg.exec(t, "drop role if exists limited", "create role limited login", "grant select (id, note) on forbidden to limited")
	u := strings.Replace(pg.url, "napkin@", "limited@", 1)
	s := &store{kind: dialect.Postgres, url: u, db: openURL(t, u, database.Options{})}
	t.Cleanup(func() { pg.exec(t, "drop owned by limited", "drop role limited") })
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		got, err := compare(t, s.side("forbidden"), my.side("forbidden"), datadiff.Options{Plan: plan})
		wantFailure(t, got, err, "GRANT SELECT")
		t.Log(err)
		got, err = compare(t, s.side("forbidden"), my.side("forbidden"), datadiff.Options{Plan: plan, Selection: datadiff.Selection{Exclude: []string{"v"}}})
		wantLines(t, got, err, want)
	}
}

// TestDiskFullChild runs where no file may exceed 8 KiB.
func TestDiskFullChild(t *testing.T) {
	childOnly(t)
	a, b := childStore(t, "FAULT_A"), childStore(t, "FAULT_B")
	datadiff.SetPauses(t, time.Hour)
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 8 << 10, Max: 8 << 10}); err != nil {
		t.Fatal(err)
	}
	got, err := compare(t, a.side("spilled"), b.side("spilled"), datadiff.Options{Plan: datadiff.Stream, Memory: 4096, TempDir: t.TempDir()})
	wantFailure(t, got, err, "TMPDIR")
}

func TestDiskFull(t *testing.T) {
	all := stores(t)
	faultTables(t, "spilled", "", all[dialect.Postgres], all[dialect.MySQL])
	all[dialect.MySQL].exec(t, "update spilled set v = v + 1")
	out, err := child(t, "TestDiskFullChild", "FAULT_A="+all[dialect.Postgres].url, "FAULT_B="+all[dialect.MySQL].url).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
	datadiff.SetPauses(t, time.Hour) // nothing is to be tried again
	got, err := compare(t, all[dialect.Postgres].side("spilled"), all[dialect.MySQL].side("spilled"), datadiff.Options{Memory: 4096, TempDir: filepath.Join(t.TempDir(), "missing")})
	wantFailure(t, got, err, "TMPDIR")
}

// A run that is interrupted leaves its journal, and neither goroutines nor sessions.
func TestInterrupted(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	want := faultTables(t, "interrupted", " primary key", a, b)
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		t.Run(string(plan), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			side, _ := a.watch("interrupted", func(n int64, _ dialect.Range) {
				if n == 8 {
					go cancel()
				}
			})
			o := datadiff.Options{Plan: plan, RangeRows: 20, Workers: 2, Journal: filepath.Join(t.TempDir(), "j")}
			job, err := datadiff.Prepare(ctx, side, b.side("interrupted"), o)
			if err != nil {
				t.Fatal(err)
			}
			before := runtime.NumGoroutine()
			res, err := job.Run(ctx, nil)
			if !errors.Is(err, context.Canceled) || res == nil || res.Verdict != datadiff.Unknown || res.Journal != o.Journal {
				t.Fatalf("%+v, %v", res, err)
			}
			deadline := time.Now().Add(10 * time.Second)
			for runtime.NumGoroutine() > before || sessions(t, a) > 1 || sessions(t, b) > 1 {
				if time.Now().After(deadline) {
					buf := make([]byte, 1<<20)
					t.Fatalf("%d goroutines, there were %d; %d and %d sessions\n%s", runtime.NumGoroutine(), before, sessions(t, a), sessions(t, b), buf[:runtime.Stack(buf, true)])
				}
				time.Sleep(20 * time.Millisecond)
			}
			o.Resume = true
			got, err := compare(t, a.side("interrupted"), b.side("interrupted"), o)
			wantLines(t, got, err, want)
		})
	}
}

// sessions counts those of the engine on a server, that of the catalog included.
func sessions(t *testing.T, s *store) int {
	t.Helper()
	u, err := database.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	if s.kind == dialect.Postgres {
		conn, err := database.OpenPostgres(t.Context(), u, database.Options{Application: "counter"})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context()))
		res, err := conn.Exec(t.Context(), "select count(*) from pg_stat_activity where application_name = 'napkin'").ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(string(res[0].Rows[0][0]))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	conn, err := database.OpenMySQL(t.Context(), u, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	res, err := conn.Execute("select count(*) from information_schema.processlist where user = 'napkin' and id <> connection_id()")
	if err != nil {
		t.Fatal(err)
	}
	n, err := res.GetInt(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestLimit(t *testing.T) {
	all := stores(t)
	faultTables(t, "limited", " primary key", all[dialect.Postgres], all[dialect.MySQL])
	all[dialect.MySQL].exec(t, "update limited set v = -1")
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		for _, recheck := range []time.Duration{0, 50 * time.Millisecond} {
			got, err := compare(t, all[dialect.Postgres].side("limited"), all[dialect.MySQL].side("limited"), datadiff.Options{Plan: plan, Limit: 3, Recheck: recheck})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.lines) != 3 || !got.Limited || got.Verdict != datadiff.Different {
				t.Errorf("%s: %q, limited %v, verdict %s", plan, got.lines, got.Limited, got.Verdict)
			}
		}
	}
}
