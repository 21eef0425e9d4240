package pgoracle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/pgoracle"
	"github.com/napkin-infra/napkin/internal/testserver"
)

const setup = `
create table parent (id int primary key, name text);
insert into parent select i, 'p' || i from generate_series(1, 1000) i;
create table t (id int primary key, a int, s varchar(20), parent_id int, checked int constraint checked_there check (checked is not null));
create index t_a on t (a);
insert into t select i, i, 's' || i, i, i from generate_series(1, 1000) i;
create table range (id int, v int) partition by range (id);
create table range_1 partition of range for values from (0) to (1000);
create table range_rest partition of range default;
insert into range select i, i from generate_series(1, 3000) i;
create materialized view m as select id, name from parent;
create unique index m_id on m (id);
`

// fast is how the tests observe: nobody else works on the server.
var fast = pgoracle.Options{ProbeTimeout: 5 * time.Millisecond, Interval: -1, Hold: true}

func template(t *testing.T) *pgoracle.Template {
	t.Helper()
	server := testserver.PostgresFor(t, "autovacuum=off")
	config, err := pgx.ParseConfig(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := pgoracle.NewTemplate(t.Context(), config, setup)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func connect(t *testing.T, tmpl *pgoracle.Template, options pgoracle.Options) *pgoracle.Oracle {
	t.Helper()
	config, err := tmpl.Copy(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	o, err := pgoracle.Connect(t.Context(), config, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close(t.Context()) })
	return o
}

// TestObserve holds the oracles to what PostgreSQL's manual says of statements that each need another of
// them.
func TestObserve(t *testing.T) {
	tmpl := template(t)
	for _, c := range []struct{ name, sql, target, want string }{
		{"catalog only", "alter table t add column b int default 7", "t", "AX; catalog"},
		{"rewrite", "alter table t add column b float default random()", "t", "AX; RW+IX"},
		{"an index under a new identity", "alter table t alter column id type bigint", "t", "AX; RW+IX"},
		{"an index that keeps its file", "alter table t alter column s type varchar(40)", "t", "AX; catalog"},
		{"scan", "alter table t alter column a set not null", "t", "AX; SC"},
		{"a scan that a constraint saves", "alter table t alter column checked set not null", "t", "AX; catalog"},
		{"foreign key", "alter table t add foreign key (parent_id) references parent", "t", "SRX, P:SRX; SC"},
		{"foreign key not valid", "alter table t add foreign key (parent_id) references parent not valid", "t", "SRX, P:SRX; catalog"},
		{"index", "create index on t (s)", "t", "S; IX"},
		{"index beside writers", "create index concurrently on t (s)", "t", "SUX; IX"},
		{"one index anew", "reindex index t_a", "t", "S, I:AX; IX"},
		{"a new empty file", "truncate t", "t", "AX; catalog"},
		{"no words, only counters", "create table range_2 partition of range for values from (5000) to (6000)", "range", "AX, O:AX; SC"},
		{"no words, only files", "vacuum full t", "t", "AX; RW+IX"},
		{"materialized view", "refresh materialized view m", "m", "AX, O:AS; RW+SC+IX"},
		{"update of all rows", "update t set a = 1", "t", "RX; DML"},
		{"update of one row", "update t set a = 1 where id = 5", "t", "RX; catalog"},
		{"comment", "comment on table t is 'x'", "t", "SUX; catalog"},
		{"a table of its own", "create table u (id int primary key)", "u", "no lock; catalog"},
		{"no target named", "alter table t alter column a set not null", "", "AX; SC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := connect(t, tmpl, fast)
			s := pgoracle.Statement{SQL: c.sql}
			if c.target != "" {
				s.Targets = []string{c.target}
			}
			got, err := o.Observe(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			e := got.Effect
			e.Brief = effect.NoLock // seen by luck
			if e.String() != c.want {
				t.Errorf("%s: %s, want %s\nwords %q\nnotes %q\n%+v", c.sql, e, c.want, got.Words, got.Notes, got.Tables)
			}
			if len(got.Notes) > 0 && c.target != "" {
				t.Errorf("notes: %q", got.Notes)
			}
		})
	}
}

func TestProbesAgree(t *testing.T) {
	o := connect(t, template(t), fast)
	for sql, want := range map[string][2]bool{ // reads and writes wait
		"lock table t in share mode":               {false, true},
		"lock table t in access exclusive mode":    {true, true},
		"lock table t in row exclusive mode":       {false, false},
		"select count(*) from t":                   {false, false},
		"alter table t disable row level security": {true, true},
	} {
		got, _, err := o.Try(t.Context(), pgoracle.Statement{SQL: sql, Targets: []string{"t"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got.Probes {
			waits := want[0]
			if p.Write {
				waits = want[1]
			}
			if p.Tries != 1 || (p.Blocked > 0) != waits {
				t.Errorf("%s: probe %+v, want that it waits: %v", sql, p, waits)
			}
		}
		if len(got.Probes) != 2 {
			t.Errorf("%s: %d probes", sql, len(got.Probes))
		}
	}
}

func TestTransaction(t *testing.T) {
	o := connect(t, template(t), fast)
	ctx := t.Context()
	if err := o.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	first, err := o.Observe(ctx, pgoracle.Statement{SQL: "create index on t (s)", Targets: []string{"t"}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.Observe(ctx, pgoracle.Statement{SQL: "update t set a = 2", Targets: []string{"t"}})
	if err != nil {
		t.Fatal(err)
	}
	if first.Effect.Target != effect.Share || second.Effect.Target != effect.Share || second.Effect.RowsWritten != 1000 {
		t.Errorf("the lock of the first statement stays: %s, then %s", first.Effect, second.Effect)
	}
	_, err = o.Observe(ctx, pgoracle.Statement{SQL: "vacuum t", Targets: []string{"t"}})
	if !errors.Is(err, pgoracle.ErrOutside) {
		t.Errorf("VACUUM in a transaction: %v", err)
	}
	if err := o.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if o.Rollback(ctx) == nil || o.Commit(ctx) == nil {
		t.Error("no transaction is open, and one was ended")
	}
	third, err := o.Observe(ctx, pgoracle.Statement{SQL: "update t set a = 2", Targets: []string{"t"}})
	if err != nil || third.Effect.Target != effect.RowExclusive {
		t.Errorf("after the rollback: %v, %v", third, err)
	}
}

func TestFailure(t *testing.T) {
	o := connect(t, template(t), fast)
	_, err := o.Observe(t.Context(), pgoracle.Statement{SQL: "alter table t add column a int", Targets: []string{"t"}})
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "42701" {
		t.Fatalf("%v", err)
	}
	got, err := o.Observe(t.Context(), pgoracle.Statement{SQL: "alter table t drop column parent_id", Targets: []string{"t"}})
	if err != nil || got.Effect.Target != effect.AccessExclusive {
		t.Errorf("after a failure: %v, %v", got, err)
	}
}

// TestRehearsalOptions holds that the slow options of a rehearsal see the same of a longer statement.
func TestRehearsalOptions(t *testing.T) {
	o := connect(t, template(t), pgoracle.Options{})
	if err := o.Exec(t.Context(), "insert into t select i, i, 's', 1, 1 from generate_series(2000, 60000) i; analyze t"); err != nil {
		t.Fatal(err)
	}
	got, err := o.Observe(t.Context(), pgoracle.Statement{SQL: "vacuum full t", Targets: []string{"t"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Effect.String() != "AX; RW+IX" || got.Samples == 0 || !slices.ContainsFunc(got.Probes, func(p pgoracle.Probe) bool { return p.Tries > 0 }) {
		t.Errorf("%s, %d samples, probes %+v, notes %s", got.Effect, got.Samples, got.Probes, strings.Join(got.Notes, "; "))
	}
}
