package repair_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/repair"
)

func init() { maps.Copy(scenarios, constraintScenarios) }

// constraintScenarios are those of constraints that are more than a list of columns.
var constraintScenarios = map[string]scenario{
	"a generated column follows one that is set aside": {
		schema: []string{"create table emp (id int primary key, boss int references emp (id), mail varchar(80) unique, lc varchar(80) generated always as (lower(mail)) stored)"},
		tables: []string{"emp"},
		source: []string{"insert into emp (id, boss, mail) values (1, 1, 'Boss@x'), (4, 4, 'D@x'), (5, 5, 'E@x')"},
		target: []string{"insert into emp (id, boss, mail) values (1, 1, 'Boss@x'), (2, null, 'New@x'), (3, 2, 'Newer@x'), (4, 4, 'E@x'), (5, 5, 'D@x')", "update emp set boss = 3 where id = 2"},
		parked: 2,
	},
	"a generated column of a row that refers to itself": {
		only:   "MariaDB", // elsewhere it is deleted at once
		schema: []string{"create table emp (id int primary key, boss int, mail varchar(80) unique, lc varchar(80) as (lower(mail)) stored, foreign key (boss) references emp (id))"},
		tables: []string{"emp"},
		source: []string{"insert into emp (id, boss, mail) values (1, 1, 'Boss@x')"},
		target: []string{"insert into emp (id, boss, mail) values (1, 1, 'Boss@x'), (2, 2, 'New@x')"},
		parked: 1,
	},
	"a generated column that is NOT NULL": {
		schema:  []string{"create table t (id int primary key, mail varchar(80) unique, lc varchar(80) generated always as (lower(mail)) stored not null)"},
		except:  "MariaDB", // which has none
		tables:  []string{"t"},
		source:  []string{"insert into t (id, mail) values (1, 'a'), (2, 'b')"},
		target:  []string{"insert into t (id, mail) values (1, 'b'), (2, 'a')"},
		skipped: []string{"the generated column lc, which is NOT NULL, may follow from mail", "wait for one another"},
	},
	"one default for each user": {
		except: "MariaDB", // which has no partial indexes
		schema: []string{"create table addr (id int primary key, usr int not null, def boolean, mail varchar(80))", "create unique index one on addr (usr) where def"},
		tables: []string{"addr"},
		source: []string{"insert into addr values (1, 1, true, 'a'), (2, 1, false, 'b'), (3, 2, false, 'c'), (4, 2, true, 'd'), (5, 3, true, 'e'), (6, 3, false, 'f'), (7, 4, true, 'x')"},
		target: []string{"insert into addr values (1, 1, false, 'a'), (2, 1, true, 'b'), (3, 2, true, 'c'), (4, 2, false, 'd'), (6, 3, true, 'f'), (7, 4, true, 'y')"},
	},
	"one row of each name is not deleted": {
		except: "MariaDB",
		schema: []string{"create table t (id int primary key, name varchar(40) not null, gone date, v int)", "create unique index one on t (name) where gone is null and not (v = -1)"},
		tables: []string{"t"},
		source: []string{"insert into t values (1, 'a', null, 0), (2, 'a', '2020-01-01', 0), (3, 'b', null, 0), (4, 'b', '2020-01-01', 0), (5, 'c', null, -1), (6, 'c', null, 2)"},
		target: []string{"insert into t values (1, 'a', '2020-01-01', 0), (2, 'a', null, 0), (3, 'b', '2020-01-01', 0), (4, 'b', null, 0), (5, 'c', null, 2), (6, 'c', null, -1)"},
	},
	"one row of each state": {
		except: "MariaDB",
		schema: []string{"create table t (id int primary key, name varchar(40) not null, state varchar(40))", "create unique index one on t (name) where state in ('open', 'new') or state = 'held'"},
		tables: []string{"t"},
		source: []string{"insert into t values (1, 'a', 'open'), (2, 'a', 'shut'), (3, 'b', 'held'), (4, 'b', 'shut'), (5, 'c', 'new')"},
		target: []string{"insert into t values (1, 'a', 'shut'), (2, 'a', 'new'), (3, 'b', 'shut'), (4, 'b', 'open'), (5, 'c', 'open')"},
	},
	"a predicate that is not read": {
		except: "MariaDB",
		schema: []string{"create table t (id int primary key, usr int, v int)", "create unique index one on t (usr) where v % 2 = 1"},
		tables: []string{"t"},
		source: []string{"insert into t values (1, 1, 1), (2, 1, 2), (3, 2, 4), (4, 2, 3), (5, 3, 5)"},
		target: []string{"insert into t values (1, 1, 2), (2, 1, 1), (3, 2, 3), (4, 2, 4), (5, 3, 6)"},
		parked: 2,
	},
	"a predicate that is not read, and nothing to set aside": {
		except:  "MariaDB",
		schema:  []string{"create table usr (id int primary key)", "create table t (id int primary key, usr int not null references usr (id), v int)", "create unique index one on t (usr) where v % 2 = 1"},
		tables:  []string{"usr", "t"},
		source:  []string{"insert into usr values (1), (2)", "insert into t values (1, 1, 1), (2, 1, 2), (3, 2, 3)"},
		target:  []string{"insert into usr values (1), (2)", "insert into t values (1, 1, 2), (2, 1, 1), (3, 2, 4)"},
		skipped: []string{"wait for one another", "wait for one another"},
	},
	"what a predicate looks at is not set aside": {
		except:  "MariaDB",
		schema:  []string{"create table t (id int primary key, name varchar(40) not null, u int unique)", "create unique index one on t (name) where u is null", "insert into t values (9, 'a', null), (8, 'b', null)"},
		tables:  []string{"t"},
		source:  []string{"insert into t values (1, 'a', 2), (2, 'b', 1)"},
		target:  []string{"insert into t values (1, 'a', 1), (2, 'b', 2)"},
		skipped: []string{"wait for one another", "wait for one another"},
	},
	"periods that do not overlap": {
		only:   "PostgreSQL",
		schema: []string{"create table t (id int primary key, room int4range, span int4range, v int, exclude using gist (room with =, span with &&))"},
		tables: []string{"t"},
		source: []string{"insert into t values (1, '[1,1]', '[1,5)', 0), (2, '[1,1]', '[5,9)', 0), (3, '[2,2]', '[4,8)', 0), (5, '[3,3]', '[1,8)', 0)"},
		target: []string{"insert into t values (1, '[1,1]', '[1,3)', 0), (2, '[1,1]', '[3,9)', 0), (4, '[2,2]', '[1,5)', 0), (5, '[3,3]', '[1,8)', 1)"},
		parked: 1,
	},
	"periods that do not overlap, NOT NULL": {
		only:    "PostgreSQL",
		schema:  []string{"create table t (id int primary key, a int not null, b int not null, exclude using gist (int4range(a, b) with &&))"},
		tables:  []string{"t"},
		source:  []string{"insert into t values (1, 1, 5), (2, 5, 9)"},
		target:  []string{"insert into t values (1, 1, 3), (2, 3, 9)"},
		skipped: []string{"wait for one another", "wait for one another"},
	},
	"a CHECK that a placeholder does not meet": {
		schema:  []string{"create table t (id int primary key, slug varchar(8) not null unique, check (slug >= 'a' and slug <= 'z'))", "create table n (id int primary key, v int)"},
		tables:  []string{"t", "n"},
		source:  []string{"insert into t values (1, 'b'), (2, 'c'), (3, 'a')", "insert into n values (1, 1)"},
		target:  []string{"insert into t values (1, 'a'), (2, 'b'), (3, 'c')", "insert into n values (1, 2)"},
		skipped: []string{"may refuse another value of slug", "wait for one another", "wait for one another"},
	},
	"a CHECK that NULL meets": {
		schema: []string{"create table t (id int primary key, slug varchar(8) unique, check (length(slug) < 3 and slug >= 'a'))"},
		tables: []string{"t"},
		source: []string{"insert into t values (1, 'b'), (2, 'a')"},
		target: []string{"insert into t values (1, 'a'), (2, 'b')"},
		parked: 1,
	},
	"a CHECK that NULL does not meet": {
		schema:  []string{"create table t (id int primary key, slug varchar(8) unique, v int, check (slug is not null or v > 100))"},
		tables:  []string{"t"},
		source:  []string{"insert into t values (1, 'b', 0), (2, 'a', 0)"},
		target:  []string{"insert into t values (1, 'a', 0), (2, 'b', 0)"},
		skipped: []string{"may refuse another value of slug", "wait for one another"},
	},
	"an enumeration has no placeholder": {
		only:    "MariaDB",
		schema:  []string{"create table t (id int primary key, e enum('char', 'text') not null unique)"},
		tables:  []string{"t"},
		source:  []string{"insert into t values (1, 'char'), (2, 'text')"},
		target:  []string{"insert into t values (1, 'text'), (2, 'char')"},
		skipped: []string{"wait for one another", "wait for one another"},
	},
	"a trigger that may refuse a placeholder": {
		only:    "SQLite",
		schema:  []string{"create table t (id int primary key, u int not null unique)", "create trigger small before update on t when new.u < 0 begin select raise(abort, 'too small'); end"},
		tables:  []string{"t"},
		source:  []string{"insert into t values (1, 1), (2, 2)"},
		target:  []string{"insert into t values (1, 2), (2, 1)"},
		skipped: []string{"the trigger small may refuse", "wait for one another"},
	},
}

// TestDomain: a placeholder meets no check of a domain, whatever its name.
func TestDomain(t *testing.T) {
	open := postgresServer(t).open
	source, target := open(t), open(t)
	for _, s := range []*side{source, target} {
		s.exec(t, "create domain text_t as varchar(5)", "create domain word as text check (value ~ '^[a-z]+$')", "create table t (id int primary key, a text_t not null unique)", "create table w (id int primary key, a word unique)")
	}
	source.exec(t, "insert into t values (1, 'a'), (2, 'b')", "insert into w values (1, 'a'), (2, 'b')")
	target.exec(t, "insert into t values (1, 'b'), (2, 'a')", "insert into w values (1, 'b'), (2, 'a')")
	statements, skipped, sum := plan(t, source, target, "t", "w")
	if len(skipped) != 2 || skipped[0].Table.Name != "t" || sum.Parked != 1 {
		t.Errorf("%d parked, skipped %s", sum.Parked, reasons(skipped))
	}
	if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil || len(left(t, source, target, "w")) > 0 {
		t.Errorf("%v\n%s", err, strings.Join(statements, "\n"))
	}
}

// TestExpressionIndex: what orders nothing is named.
func TestExpressionIndex(t *testing.T) {
	source, target := openSQLite(t), openSQLite(t)
	for _, s := range []*side{source, target} {
		s.exec(t, "create table t (id int primary key, a text)", "create unique index upper_a on t (upper(a))")
	}
	source.exec(t, "insert into t values (1, 'x')")
	if _, _, sum := plan(t, source, target, "t"); !strings.Contains(strings.Join(sum.Notes, "\n"), "unique indexes on expressions of t: upper_a") {
		t.Errorf("notes %q", sum.Notes)
	}
}

// TestRefusedUUID: MariaDB's type refuses some UUIDs, and one of them is left out for itself.
func TestRefusedUUID(t *testing.T) {
	source, target := postgresServer(t).open(t), mariaServer(t).open(t)
	for _, s := range []*side{source, target} {
		s.exec(t, "create table t (id int primary key, u uuid)", "create table k (u uuid primary key)")
	}
	source.exec(t, "insert into t select n, ('eccbc87e-4b5c-' || to_hex(n / 16) || '2fe-' || to_hex(n % 16) || '830-8fd9f2a7baf3')::uuid from generate_series(0, 255) n", "insert into k select u from t")
	target.exec(t, "insert into t values (0, null), (255, null), (136, null), (128, null)")
	statements, skipped, _ := plan(t, source, target, "t", "k")
	if len(skipped) != 2*64 || !strings.Contains(skipped[0].Reason, "MariaDB refuses eccbc87e-4b5c-82fe-0830-8fd9f2a7baf3 as a value of the column u") {
		t.Errorf("%d skipped: %s", len(skipped), reasons(skipped))
	}
	if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil || len(left(t, source, target, "t")) != 64 || rows(t, target, "k") != 192 {
		t.Errorf("%v; %d rows are other", err, len(left(t, source, target, "t")))
	}
}

// TestGeometry: a geometry is found again by its text and its reference system.
func TestGeometry(t *testing.T) {
	s := mariaServer(t).open(t)
	s.exec(t, "create table t (id int primary key, g point)", "insert into t values (1, ST_GeomFromText('POINT(1 2)', 4326)), (2, ST_GeomFromText('POINT(1 2)')), (3, ST_GeomFromText('POINT(1 2)')), (4, null)")
	_, r := pair(t, s, s, "t")
	statements, skipped := collect(t, s, r,
		repair.Difference{Kind: repair.Extra, Key: number(1), Target: canon.AppendInexact(nil, []byte("SRID=4326;POINT(1 2)"))},
		repair.Difference{Kind: repair.Extra, Key: number(2), Target: canon.AppendInexact(nil, []byte("POINT(1 2)"))},
		repair.Difference{Kind: repair.Extra, Key: number(4), Target: canon.AppendNull(nil)})
	if len(skipped) > 0 {
		t.Fatal(reasons(skipped))
	}
	if err := s.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil || rows(t, s, "t") != 1 {
		t.Errorf("%v\n%s", err, strings.Join(statements, "\n"))
	}
	statements, _ = collect(t, s, r, repair.Difference{Kind: repair.Extra, Key: number(3), Target: canon.AppendInexact(nil, []byte("SRID=4326;POINT(1 2)"))})
	if err := s.db.Apply(t.Context(), dialect.Statements(statements...), nil); err == nil {
		t.Error("a geometry of another reference system was deleted")
	}
}
