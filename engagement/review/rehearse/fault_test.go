package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// oneSize is a number of rows that is too small for a tenth and a third of it, so that a rehearsal has one size:
// these tests are about faults, and TestRehearsal about sizes.
const oneSize = 2

// TestFaults has each bad statement beside a good one, which must be rehearsed all the same. The files are
// rehearsed one behind the other on one server, as a history with all of these faults is.
func TestFaults(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	cases := []struct {
		name  string
		tool  layout.Tool
		bad   string
		error string // in the bad statement
		note  string
	}{
		{"a missing extension", layout.Plain, "create extension postgis", "the extension is not installed on the scratch server", ""},
		{"a missing role", layout.Plain, "grant select on orders to app_reader", "", "the role app_reader is not on the scratch server; it was made there without rights"},
		{"a missing role, in a transaction", layout.GolangMigrate, "grant select on orders to app_writer", "", "the role app_writer is not on"},
		{"a tablespace", layout.Plain, "create index on orders (total) tablespace fast", "a private server has no tablespaces", ""},
		{"a table that nothing makes", layout.Plain, "alter table nowhere add a int", "what stands before the migration does not make it", ""},
		{"a failure in a transaction", layout.GolangMigrate, "alter table nowhere add a int", "what stands before", ""},
		{"rows that break a constraint", layout.Plain, "alter table orders add check (total < 0)", "the generated rows break the constraint", ""},
		{"data of COPY", layout.Plain, "copy orders from stdin;\n1\t1\t1\tx\t2020-01-01\n\\.\n", "reads data from its client", ""},
		{"a block that commits", layout.Plain, "do $$ begin update orders set total = 1; commit; end $$", "", ""},
	}
	var migrations []*layout.Migration
	for i, c := range cases {
		good := fmt.Sprintf("alter table orders add good_%d int;", i)
		if !strings.HasSuffix(c.bad, "\n") {
			good = "; " + good
		}
		migrations = append(migrations, files(t, c.tool, c.bad+good)...)
	}
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, shop), Migrations: migrations, Rows: oneSize, Repeats: 1, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Statements) != 2*len(cases) {
		t.Fatalf("%d statements, want %d", len(result.Statements), 2*len(cases))
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bad, good := result.Statements[2*i], result.Statements[2*i+1]
			if c.error == "" && bad.Error != "" || !strings.Contains(bad.Error, c.error) {
				t.Errorf("the bad statement says %q, want %q", bad.Error, c.error)
			}
			if good.Error != "" || good.Effect.Target == 0 {
				t.Errorf("the good statement was not observed: %q, %s", good.Error, good.Effect)
			}
			if !strings.Contains(strings.Join(result.Notes, "\n"), c.note) {
				t.Errorf("no note says %q: %q", c.note, result.Notes)
			}
		})
	}
	server.gone(t)
}

func TestSchemaFaults(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	before := files(t, layout.Plain, "create extension postgis; create table place (id int primary key, at geometry);"+shop)
	result, err := Run(t.Context(), Options{Before: before, Migrations: files(t, layout.Plain, "alter table orders add a int"), Rows: oneSize, Repeats: 1, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Problems) != 2 || !strings.Contains(result.Problems[0].Sentence, "is not installed on the scratch server") {
		t.Errorf("problems: %+v", result.Problems)
	}
	if !result.Statements[0].Ran() {
		t.Errorf("the rest did not go on: %s", result.Statements[0].Error)
	}
}

// atStage does something when a stage of that name begins.
func atStage(name string, do func()) progress.Reporter {
	done := false
	return progress.Events(func(e progress.Event) {
		if !done && strings.HasPrefix(e.Stage, name) {
			done = true
			do()
		}
	})
}

// TestServerKilled ends the server between two sizes; the first, with its sleep, is over by then.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, "alter table orders alter total type bigint; select pg_sleep(0.1)"),
		Statistics: shopStatistics(100_000), Rows: 3000, Repeats: 1, started: server.started,
		Progress: atStage("rehearsing at 1000", func() {
			// All processes of the server, as when memory runs out.
			if err := exec.CommandContext(context.Background(), "pkill", "-KILL", "-P", strconv.Itoa(server.server.Pid())).Run(); err != nil {
				t.Error(err)
			}
		})})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Partial, "the scratch server ended during the rehearsal") {
		t.Errorf("partial: %q", result.Partial)
	}
	// What was found at the first size stands.
	if len(result.Statements) != 2 || result.Statements[0].Effect.Target == 0 || result.Statements[0].Duration.Estimated() {
		t.Errorf("%+v", result.Statements[0])
	}
	server.gone(t)
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	began := time.Now()
	_, err := Run(ctx, Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, "select pg_sleep(60); alter table orders add a int"), Rows: oneSize, Repeats: 1, started: server.started,
		Progress: atStage("rehearsing", func() { time.AfterFunc(300*time.Millisecond, cancel) })})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	server.gone(t)
}

// TestTimeIsBounded gives time enough for the first statement on a busy machine; the second takes all that is left.
func TestTimeIsBounded(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, "alter table orders add a int; select pg_sleep(60); alter table orders add b int"), Rows: oneSize, Repeats: 1, MaxTime: 8 * time.Second, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Partial, "--max-time") || !result.Statements[0].Ran() || result.Statements[2].Ran() {
		t.Errorf("partial %q; %q, %q", result.Partial, result.Statements[0].Error, result.Statements[2].Error)
	}
	server.gone(t)
}

// TestGivenServer uses a server by URL: refused without the marker, cleaned of what was made there.
func TestGivenServer(t *testing.T) {
	t.Parallel()
	server := testserver.PostgresFor(t)
	admin, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	for _, sql := range []string{"create database shop", "create database playground", "create role ordinary login createdb", "grant create on database playground to ordinary"} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	in := func(user, name string) string {
		return strings.Replace(strings.Replace(server.URL, "/postgres?", "/"+name+"?", 1), "napkin@", user+"@", 1)
	}
	config := func(user, name string) *pgx.ConnConfig {
		c, err := pgx.ParseConfig(in(user, name))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	try := func(ctx context.Context, url, sql string, watch progress.Reporter) (*Result, error) {
		return Run(ctx, Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, sql), Rows: oneSize, Repeats: 1, ScratchURL: url, Progress: watch})
	}
	run := func(url, sql string) (*Result, error) { return try(t.Context(), url, sql, nil) }
	databases := func() (n int) {
		if err := admin.QueryRow(t.Context(), "select count(*) from pg_database where datname like 'napkin_rehearsal%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := run(in("napkin", "shop"), "alter table orders add a int"); !errors.Is(err, ErrNotScratch) || !strings.Contains(err.Error(), "napkin review scratch mark") {
		t.Errorf("a database without the marker: %v", err)
	}
	shopConn, err := pgx.ConnectConfig(t.Context(), config("napkin", "shop"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shopConn.Exec(t.Context(), "create table orders (id int)"); err != nil {
		t.Fatal(err)
	}
	shopConn.Close(t.Context())
	if err := Mark(t.Context(), config("napkin", "shop")); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("a database with a table is marked: %v", err)
	}
	if err := Mark(t.Context(), config("ordinary", "playground")); err != nil {
		t.Fatal(err)
	}
	if err := Mark(t.Context(), config("ordinary", "playground")); err != nil {
		t.Errorf("marked twice: %v", err)
	}
	// A copy of a marked database is not marked.
	if _, err := admin.Exec(t.Context(), "create database copied template playground"); err != nil {
		t.Fatal(err)
	}
	if marked, err := Marked(t.Context(), config("napkin", "copied")); err != nil || marked {
		t.Errorf("a copy is marked: %v, %v", marked, err)
	}
	result, err := run(in("ordinary", "playground"), "alter table orders add a int; set log_min_messages = debug1; create index on orders (total)")
	if err != nil {
		t.Fatal(err)
	}
	if e := result.Statements[1].Error; !strings.Contains(e, "rights that the user of the scratch database does not have") {
		t.Errorf("a statement for superusers: %q", e)
	}
	if s := result.Statements[2]; !s.Ran() || s.Effect.Target == 0 {
		t.Errorf("the rest: %q", s.Error)
	}
	if result.Clock.Name != "wall" {
		t.Errorf("clock %+v of a server that is no process of ours", result.Clock)
	}
	if n := databases(); n != 0 {
		t.Errorf("%d databases stay behind", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	interrupt := atStage("rehearsing", func() { time.AfterFunc(300*time.Millisecond, cancel) })
	if _, err := try(ctx, in("ordinary", "playground"), "select pg_sleep(60)", interrupt); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if n := databases(); n != 0 {
		t.Errorf("%d databases stay behind an interrupt", n)
	}
}

// TestLeftovers: databases of a run that is dead go, those of one that goes on and those that somebody uses stay.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	server := testserver.PostgresFor(t)
	admin, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	names := []string{"playground", "napkin_rehearsal_1_1_1", "napkin_rehearsal_1_1_2", "napkin_rehearsal_2_2_1", "napkin_rehearsal_3_3_1", "napkin_rehearsal_mine"}
	for _, name := range names {
		if _, err := admin.Exec(t.Context(), "create database "+name); err != nil {
			t.Fatal(err)
		}
	}
	config := func(name string) *pgx.ConnConfig {
		c := admin.Config().Copy()
		c.Database = name
		return c
	}
	if err := Mark(t.Context(), config("playground")); err != nil {
		t.Fatal(err)
	}
	going := config("postgres")
	going.RuntimeParams["application_name"] = "napkin_rehearsal_2_2"
	for _, c := range []*pgx.ConnConfig{going, config("napkin_rehearsal_3_3_1")} {
		conn, err := pgx.ConnectConfig(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
	}
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, "alter table orders add a int"), Rows: oneSize, Repeats: 1,
		ScratchURL: strings.Replace(server.URL, "/postgres?", "/playground?", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, "had left: napkin_rehearsal_1_1_1, napkin_rehearsal_1_1_2") {
		t.Errorf("notes %q", notes)
	}
	var left string
	if err := admin.QueryRow(t.Context(), "select string_agg(datname, ' ' order by datname) from pg_database where datname like 'napkin%'").Scan(&left); err != nil || left != "napkin_rehearsal_2_2_1 napkin_rehearsal_3_3_1 napkin_rehearsal_mine" {
		t.Errorf("left are %q, %v", left, err)
	}
}

// TestNamesInQuotes: a table whose name needs quotes is rehearsed as any other.
func TestNamesInQuotes(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, `create table "Order Items" (id int primary key, "select" int);`),
		Migrations: files(t, layout.Plain, `alter table "Order Items" alter "select" type bigint; alter table "Order Items" rename to "Lines ""x"""; alter table "Lines ""x""" add b int`), Rows: oneSize, Repeats: 1, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range result.Statements {
		if !s.Ran() || s.Effect.Target == 0 {
			t.Errorf("%s: %q, %s", s.SQL, s.Error, s.Effect)
		}
	}
	if s := result.Statements[0]; s.Table != "public.Order Items" {
		t.Errorf("the table is %q", s.Table)
	}
}

// TestQueueBehindATimeout: those that waited until the statement gave up have waited.
func TestQueueBehindATimeout(t *testing.T) {
	t.Parallel()
	server := tracked(t)
	result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, shop), Migrations: files(t, layout.Plain, "set lock_timeout = '1s'; alter table orders add a int"), Rows: oneSize, Repeats: 1, Queue: true, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	q := result.Statements[1].Queue
	if q == nil || q.Waited > 1.8 || q.Longest < 0.3 || q.Blocked == 0 || q.Blocked == q.Probes {
		t.Errorf("%+v", q)
	}
}

func TestSentences(t *testing.T) {
	if got := sentence(errors.New("one\ntwo"), nil); got != "one" {
		t.Errorf("%q", got)
	}
	if got := shorten("abcdef", 3); got != "abc ..." {
		t.Errorf("%q", got)
	}
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]float64{"128MB": 128 << 20, "8kB": 8 << 10, "2GB": 2 << 30} {
		if got, ok := parseMemory(text); !ok || got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}
