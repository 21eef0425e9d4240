package repair_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of PostgreSQL
	_ "modernc.org/sqlite"             // and of SQLite

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/repair"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// relation describes a table in short: "orders: *id int!, total int!=, note text" has the key id (*); !
// is NOT NULL, = generated, @ identity.
func relation(t testing.TB, short string, more ...func(*dialect.Table)) *dialect.Relation {
	t.Helper()
	name, list, _ := strings.Cut(short, ": ")
	table := &dialect.Table{Name: dialect.TableName{Name: name}}
	r := &dialect.Relation{Table: table}
	for _, one := range strings.Split(list, "; ") {
		key := strings.HasPrefix(one, "*")
		column, typ, _ := strings.Cut(strings.TrimPrefix(one, "*"), " ")
		plain := strings.TrimRight(typ, "!=@")
		c := dialect.Column{Name: column, Type: plain, NotNull: strings.Contains(typ, "!"), Generated: strings.Contains(typ, "="), AlwaysIdentity: strings.Contains(typ, "@")}
		table.Columns = append(table.Columns, c)
		f := dialect.Field{Column: c, Form: map[string]dialect.Form{"int": dialect.Int, "bool": dialect.Int, "varchar(40)": dialect.Text, "varchar(2)": dialect.Text,
			"numeric(12,2)": dialect.Decimal, "uuid": dialect.UUID, "date": dialect.Date}[plain]}
		if f.Form == 0 {
			t.Fatalf("no form of %q", plain)
		}
		if key {
			r.Key = append(r.Key, f)
			table.PrimaryKey = append(table.PrimaryKey, column)
		} else {
			r.Columns = append(r.Columns, f)
		}
	}
	for _, m := range more {
		m(table)
	}
	return r
}

func unique(columns ...string) func(*dialect.Table) {
	return func(t *dialect.Table) {
		t.Indexes = append(t.Indexes, dialect.Index{Columns: columns, Unique: true})
	}
}

func refers(to string, columns ...string) func(*dialect.Table) {
	return func(t *dialect.Table) {
		t.ForeignKeys = append(t.ForeignKeys, dialect.ForeignKey{Name: "fk_" + to, Columns: columns, References: dialect.TableName{Name: to}})
	}
}

// side is a database that a test writes.
type side struct {
	db     *sql.DB
	target dialect.Database
}

type server struct {
	name string
	open func(t *testing.T) (source, target side)
}

func servers(t *testing.T) []server {
	pg := testserver.PostgresFor(t)
	n := 0
	return []server{
		{"PostgreSQL", func(t *testing.T) (source, target side) {
			var sides [2]side
			for i := range sides {
				n++
				schema := fmt.Sprintf("s%d", n)
				db := open(t, "pgx", pg.URL+"&search_path="+schema)
				exec(t, db, "create schema "+schema)
				sides[i] = side{db, double{kind: dialect.Postgres}}
			}
			return sides[0], sides[1]
		}},
		{"SQLite", func(t *testing.T) (source, target side) { return sqlite(t), sqlite(t) }},
	}
}

func sqlite(t *testing.T) side {
	t.Helper()
	n := len(fmt.Sprint(t.TempDir())) // a folder of its own for each call
	db := open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", n))+"?_pragma=foreign_keys(1)&_pragma=synchronous(0)")
	return side{db, double{kind: dialect.SQLite}}
}

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// read returns the rows of a table as cells by key.
func read(t *testing.T, db *sql.DB, r *dialect.Relation) map[string][]string {
	t.Helper()
	var list []string
	for _, f := range r.Fields() {
		list = append(list, "cast("+f.Column.Name+" as varchar(200))")
	}
	rows, err := db.Query("select " + strings.Join(list, ", ") + " from " + r.Table.Name.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string][]string{}
	for rows.Next() {
		values := make([]sql.NullString, len(list))
		to := make([]any, len(list))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		var key, cells []byte
		for i, f := range r.Fields() {
			c := cell(t, f.Form, values[i])
			if i < len(r.Key) {
				key = append(key, c...)
			} else {
				cells = append(cells, c...)
			}
		}
		all[string(key)] = append(all[string(key)], string(cells))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func cell(t *testing.T, form dialect.Form, v sql.NullString) []byte {
	t.Helper()
	switch {
	case !v.Valid:
		return canon.AppendNull(nil)
	case form == dialect.Int:
		var n int64
		if v.String == "true" || v.String == "false" {
			return canon.AppendBool(nil, v.String == "true")
		}
		if _, err := fmt.Sscan(v.String, &n); err != nil {
			t.Fatal(err)
		}
		return canon.AppendInt(nil, n)
	case form == dialect.Decimal:
		c, err := canon.AppendDecimal(nil, v.String)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return canon.AppendText(nil, v.String)
}

// differences are those of two readings of a table, by key.
func differences(r *dialect.Relation, source, target map[string][]string) (all []repair.Difference) {
	keys := maps.Clone(source)
	maps.Copy(keys, target)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		a, b := source[k], target[k]
		if len(r.Key) == 0 {
			counts := map[string]int64{}
			for _, row := range a {
				counts[row]++
			}
			for _, row := range b {
				counts[row]--
			}
			for _, row := range slices.Sorted(maps.Keys(counts)) {
				switch n := counts[row]; {
				case n > 0:
					all = append(all, repair.Difference{Kind: repair.Missing, Source: []byte(row), Rows: n})
				case n < 0:
					all = append(all, repair.Difference{Kind: repair.Extra, Target: []byte(row), Rows: -n})
				}
			}
			continue
		}
		switch {
		case len(a) == 0:
			all = append(all, repair.Difference{Kind: repair.Extra, Key: []byte(k), Target: []byte(b[0])})
		case len(b) == 0:
			all = append(all, repair.Difference{Kind: repair.Missing, Key: []byte(k), Source: []byte(a[0])})
		case a[0] != b[0]:
			all = append(all, repair.Difference{Kind: repair.Changed, Key: []byte(k), Source: []byte(a[0]), Target: []byte(b[0])})
		}
	}
	return all
}

// plan compares all tables and returns the statements and what is skipped.
func plan(t *testing.T, source, target side, relations []*dialect.Relation) (statements []string, skipped []repair.Skipped, sum repair.Summary) {
	t.Helper()
	p, err := repair.New(target.target, relations, func(s string) error {
		statements = append(statements, s)
		return nil
	}, func(s repair.Skipped) error {
		skipped = append(skipped, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range relations {
		for _, d := range differences(r, read(t, source.db, r), read(t, target.db, r)) {
			if err := p.Add(i, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sum, err = p.Finish(); err != nil {
		t.Fatal(err)
	}
	if sum.Statements != int64(len(statements)) {
		t.Errorf("%d statements, and the summary says %d", len(statements), sum.Statements)
	}
	return statements, skipped, sum
}

// apply is what the dialects' Apply does.
func apply(db *sql.DB, statements []string) error {
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range statements {
		result, err := tx.Exec(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, &dialect.UnmetError{Statement: s, Rows: n})
		}
	}
	return tx.Commit()
}

type scenario struct {
	only      string // a server, when the syntax is its own
	schema    []string
	relations func(t testing.TB) []*dialect.Relation
	source    []string
	target    []string
	skipped   []string // parts of reasons
	parked    int64
	holds     string // a part of some statement
}

func list(of ...*dialect.Relation) []*dialect.Relation { return of }

var scenarios = map[string]scenario{
	"insert, update, delete": {
		schema: []string{"create table t (id int primary key, a varchar(40), b numeric(12,2))"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; a varchar(40); b numeric(12,2)"))
		},
		source: []string{"insert into t values (1, 'same', 1.5), (2, 'it''s \\ new', null), (3, null, -7.25), (5, null, null)"},
		target: []string{"insert into t values (1, 'same', 1.5), (2, 'old', 3), (3, '', null), (4, 'extra', null)"},
	},
	"foreign keys, children and parents in one go": {
		schema: []string{"create table child (id int primary key, parent_id int not null, v int)", "create table parent (id int primary key, v int)",
			"alter table child add foreign key (parent_id) references parent (id)"},
		only: "PostgreSQL",
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "child: *id int!; parent_id int!; v int", refers("parent", "parent_id")), relation(t, "parent: *id int!; v int"))
		},
		source: []string{"insert into parent values (1, 1), (3, 3)", "insert into child values (10, 3, 0), (11, 1, 0), (12, 3, 5)"},
		target: []string{"insert into parent values (1, 1), (2, 2)", "insert into child values (10, 2, 0), (11, 1, 9), (13, 2, 0)"},
	},
	"foreign keys declared within": {
		schema: []string{"create table parent (id int primary key, v int)", "create table child (id int primary key, parent_id int not null references parent, v int)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "child: *id int!; parent_id int!; v int", refers("parent", "parent_id")), relation(t, "parent: *id int!; v int"))
		},
		source: []string{"insert into parent values (1, 1), (3, 3)", "insert into child values (10, 3, 0), (11, 1, 0), (12, 3, 5)"},
		target: []string{"insert into parent values (1, 1), (2, 2)", "insert into child values (10, 2, 0), (11, 1, 9), (13, 2, 0)"},
	},
	"a tree in one table": {
		schema: []string{"create table t (id int primary key, parent_id int references t (id), v int)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; parent_id int; v int", refers("t", "parent_id")))
		},
		source: []string{"insert into t values (9, null, 0), (8, 9, 0), (7, 8, 0), (1, 7, 0), (6, 6, 1)"},
		target: []string{"insert into t values (2, null, 0), (3, 2, 0), (4, 3, 0), (1, 4, 0), (5, 5, 1)"},
	},
	"a unique value moves on": {
		schema: []string{"create table t (id int primary key, u int not null unique)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; u int!", unique("u")))
		},
		source: []string{"insert into t values (1, 20), (2, 30), (3, 40), (6, 50)"},
		target: []string{"insert into t values (1, 10), (2, 20), (3, 30), (4, 40), (5, 50)"},
	},
	"unique values are swapped, nullable": {
		schema: []string{"create table t (id int primary key, u varchar(40) unique)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; u varchar(40)", unique("u")))
		},
		source: []string{"insert into t values (1, 'b'), (2, 'a'), (3, 'x')"},
		target: []string{"insert into t values (1, 'a'), (2, 'b'), (3, 'x')"},
		parked: 1, holds: "= NULL",
	},
	"unique values go round, NOT NULL": {
		schema: []string{"create table t (id int primary key, u int not null unique, w varchar(2) not null unique)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; u int!; w varchar(2)!", unique("u"), unique("w")))
		},
		source: []string{"insert into t values (1, 2, 'a'), (2, 3, 'c'), (3, 1, 'b'), (4, 5, 'd'), (5, 4, 'e')"},
		target: []string{"insert into t values (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd'), (5, 5, 'e')"},
		parked: 2,
	},
	"a unique pair of columns": {
		schema: []string{"create table t (id int primary key, a int not null, b varchar(40), unique (a, b))"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; a int!; b varchar(40)", unique("a", "b")))
		},
		source: []string{"insert into t values (1, 2, 'x'), (2, 1, 'x'), (3, 3, null)"},
		target: []string{"insert into t values (1, 1, 'x'), (2, 2, 'x'), (3, 3, 'y')"},
		parked: 1,
	},
	"generated columns": {
		schema: []string{"create table t (id int primary key, a int, d int generated always as (a * 2) stored)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "t: *id int!; a int; d int="))
		},
		source: []string{"insert into t (id, a) values (1, 1), (2, 5), (3, 7)"},
		target: []string{"insert into t (id, a) values (1, 1), (2, 2), (4, 8)"},
	},
	"identity": {
		only:      "PostgreSQL",
		schema:    []string{"create table t (id int generated always as identity primary key, a int)"},
		relations: func(t testing.TB) []*dialect.Relation { return list(relation(t, "t: *id int!@; a int")) },
		source:    []string{"insert into t overriding system value values (1, 1), (2, 5)"},
		target:    []string{"insert into t overriding system value values (1, 2), (3, 3)"},
		holds:     "OVERRIDING SYSTEM VALUE",
	},
	"composite keys": {
		schema: []string{"create table p (a int, b varchar(40), v int, primary key (a, b))",
			"create table c (id int primary key, a int, b varchar(40), foreign key (a, b) references p)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "p: *a int!; *b varchar(40)!; v int"), relation(t, "c: *id int!; a int; b varchar(40)", refers("p", "a", "b")))
		},
		source: []string{"insert into p values (1, 'x', 1), (1, 'y', 2)", "insert into c values (1, 1, 'y'), (2, null, 'q'), (3, 1, 'x')"},
		target: []string{"insert into p values (1, 'x', 0), (2, 'x', 2)", "insert into c values (1, 2, 'x'), (2, 2, 'x'), (4, 2, 'x')"},
	},
	"no key": {
		schema:    []string{"create table t (a int, b varchar(40))"},
		relations: func(t testing.TB) []*dialect.Relation { return list(relation(t, "t: a int; b varchar(40)")) },
		source:    []string{"insert into t values (1, 'x'), (1, 'x'), (2, null), (3, 'n'), (3, 'n')"},
		target:    []string{"insert into t values (1, 'x'), (1, 'x'), (1, 'x'), (1, 'x'), (2, null), (2, null), (4, null)"},
	},
	"rows of two tables refer to each other": {
		only: "SQLite", // where a table may refer to one that is made later
		schema: []string{"create table a (id int primary key, b_id int references b (id))",
			"create table b (id int primary key, a_id int not null references a (id))"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "a: *id int!; b_id int", refers("b", "b_id")), relation(t, "b: *id int!; a_id int!", refers("a", "a_id")))
		},
		source: []string{"insert into a values (1, null), (3, null)", "insert into b values (1, 1), (4, 3)", "update a set b_id = 1 where id = 1", "update a set b_id = 4 where id = 3"},
		target: []string{"insert into a values (2, null), (3, null)", "insert into b values (2, 2)", "update a set b_id = 2 where id = 2"},
		parked: 2,
	},
	"a swap that nothing can be parked for": {
		schema: []string{"create table users (id int primary key)", "create table profiles (id int primary key, user_id int not null unique references users)",
			"create table notes (id int primary key, v int)"},
		relations: func(t testing.TB) []*dialect.Relation {
			return list(relation(t, "users: *id int!"), relation(t, "profiles: *id int!; user_id int!", unique("user_id"), refers("users", "user_id")), relation(t, "notes: *id int!; v int"))
		},
		source:  []string{"insert into users values (1), (2)", "insert into profiles values (1, 2), (2, 1)", "insert into notes values (1, 1)"},
		target:  []string{"insert into users values (1), (2)", "insert into profiles values (1, 1), (2, 2)", "insert into notes values (1, 0)"},
		skipped: []string{"profiles (1), profiles (2) wait for one another", "profiles (1), profiles (2) wait for one another"},
	},
}

func TestRepair(t *testing.T) {
	for _, server := range servers(t) {
		for name, c := range scenarios {
			if c.only != "" && c.only != server.name {
				continue
			}
			t.Run(server.name+"/"+name, func(t *testing.T) {
				source, target := server.open(t)
				for _, s := range []struct {
					side side
					rows []string
				}{{source, c.source}, {target, c.target}} {
					exec(t, s.side.db, c.schema...)
					exec(t, s.side.db, s.rows...)
				}
				relations := c.relations(t)
				statements, skipped, sum := plan(t, source, target, relations)
				if err := apply(target.db, statements); err != nil {
					t.Fatalf("%v\nof\n%s", err, strings.Join(statements, "\n"))
				}
				if len(skipped) != len(c.skipped) {
					t.Errorf("skipped are %v", skipped)
				}
				for i, s := range skipped {
					if i < len(c.skipped) && !strings.Contains(s.Reason, c.skipped[i]) {
						t.Errorf("skipped because %q, want %q", s.Reason, c.skipped[i])
					}
				}
				if sum.Parked != c.parked {
					t.Errorf("%d rows were parked, want %d:\n%s", sum.Parked, c.parked, strings.Join(statements, "\n"))
				}
				if !strings.Contains(strings.Join(statements, "\n"), c.holds) {
					t.Errorf("no statement has %q:\n%s", c.holds, strings.Join(statements, "\n"))
				}
				for _, r := range relations {
					if left := differences(r, read(t, source.db, r), read(t, target.db, r)); len(left) != len(c.skipped) && (len(c.skipped) == 0 || r.Table.Name.Name == "profiles") {
						t.Errorf("%s still has %d differences after\n%s", r.Table.Name, len(left), strings.Join(statements, "\n"))
					}
				}
			})
		}
	}
}

// TestMoved: a statement whose row has changed since changes nothing.
func TestMoved(t *testing.T) {
	for _, server := range servers(t) {
		t.Run(server.name, func(t *testing.T) {
			for _, meanwhile := range []string{"update t set a = 'new' where id = 1", "update t set a = null where id = 2", "delete from t where id = 1", "insert into t values (3, 'first', 1)", "update t set b = 9 where id = 2"} {
				source, target := server.open(t)
				for _, s := range []side{source, target} {
					exec(t, s.db, "create table t (id int primary key, a varchar(40), b int)")
				}
				exec(t, source.db, "insert into t values (1, 'x', 1), (3, 'z', 3)")
				exec(t, target.db, "insert into t values (1, 'y', 1), (2, 'extra', 2)")
				r := relation(t, "t: *id int!; a varchar(40); b int")
				statements, _, _ := plan(t, source, target, list(r))
				exec(t, target.db, meanwhile)
				before := read(t, target.db, r)
				var unmet *dialect.UnmetError
				if err := apply(target.db, statements); !errors.As(err, &unmet) || unmet.Rows != 0 {
					t.Errorf("after %s: %v", meanwhile, err)
				}
				if left := differences(r, before, read(t, target.db, r)); len(left) > 0 {
					t.Errorf("after %s, something was applied", meanwhile)
				}
			}
		})
	}
}

// TestRandom: whatever the rows of two tables with foreign keys, a tree and unique values are, they
// become those of the source, or what is left is said.
func TestRandom(t *testing.T) {
	relations := func() []*dialect.Relation {
		return list(
			relation(t, "item: *id int!; parent_id int; owner_id int!; code varchar(40); place int!", unique("code"), unique("place"), refers("item", "parent_id"), refers("owner", "owner_id")),
			relation(t, "owner: *id int!; name varchar(40)!; best_id int", unique("name"), refers("item", "best_id")))
	}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		source, target := sqlite(t), sqlite(t)
		for _, s := range []side{source, target} {
			exec(t, s.db, "create table owner (id int primary key, name varchar(40) not null unique, best_id int references item (id))",
				"create table item (id int primary key, parent_id int references item (id), owner_id int not null references owner (id), code varchar(40) unique, place int not null unique)")
			owners, items := r.Perm(12)[:6], r.Perm(30)[:20]
			names, codes, places := r.Perm(12), r.Perm(30), r.Perm(30)
			for i, id := range owners {
				exec(t, s.db, fmt.Sprintf("insert into owner values (%d, 'n%d', null)", id, names[i]))
			}
			for i, id := range items {
				parent, code := "null", "null"
				if i > 0 && r.IntN(3) > 0 {
					parent = fmt.Sprint(items[r.IntN(i)])
				}
				if r.IntN(4) > 0 {
					code = fmt.Sprintf("'c%d'", codes[i])
				}
				exec(t, s.db, fmt.Sprintf("insert into item values (%d, %s, %d, %s, %d)", id, parent, owners[r.IntN(len(owners))], code, places[i]))
			}
			for _, id := range owners {
				if r.IntN(2) == 0 {
					exec(t, s.db, fmt.Sprintf("update owner set best_id = %d where id = %d", items[r.IntN(len(items))], id))
				}
			}
		}
		statements, skipped, _ := plan(t, source, target, relations())
		if len(skipped) > 0 {
			t.Errorf("seed %d: skipped are %v", seed, skipped)
		}
		if err := apply(target.db, statements); err != nil {
			t.Fatalf("seed %d: %v\nof\n%s", seed, err, strings.Join(statements, "\n"))
		}
		for _, rel := range relations() {
			if left := differences(rel, read(t, source.db, rel), read(t, target.db, rel)); len(left) > 0 {
				t.Errorf("seed %d: %s still has %d differences", seed, rel.Table.Name, len(left))
			}
		}
	}
}

func number(v int64) []byte { return canon.AppendInt(nil, v) }

// collect plans differences that were made up.
func collect(t testing.TB, db dialect.Database, r *dialect.Relation, all ...repair.Difference) (statements []string, skipped []repair.Skipped) {
	t.Helper()
	p, err := repair.New(db, list(r), func(s string) error { statements = append(statements, s); return nil }, func(s repair.Skipped) error { skipped = append(skipped, s); return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if err := p.Add(0, d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	return statements, skipped
}

func TestSkipped(t *testing.T) {
	digest := append([]byte{byte(canon.Digest), 99}, make([]byte, 16)...)
	for name, c := range map[string]struct {
		relation *dialect.Relation
		d        repair.Difference
		reason   string
	}{
		"a long value":        {relation(t, "t: *id int!; a varchar(40)"), repair.Difference{Kind: repair.Missing, Key: number(1), Source: digest}, "only its hash was kept"},
		"a long old value":    {relation(t, "t: *id int!; a varchar(40)"), repair.Difference{Kind: repair.Extra, Key: number(1), Target: digest}, "only its hash was kept"},
		"generated only":      {relation(t, "t: *id int!; a int="), repair.Difference{Kind: repair.Changed, Key: number(1), Source: number(1), Target: number(2)}, "only generated columns differ"},
		"identity":            {relation(t, "t: *id int!; a int!@"), repair.Difference{Kind: repair.Changed, Key: number(1), Source: number(1), Target: number(2)}, "GENERATED ALWAYS AS IDENTITY"},
		"changed, no key":     {relation(t, "t: a int"), repair.Difference{Kind: repair.Changed, Source: number(1), Target: number(2)}, "without a key"},
		"no literal":          {relation(t, "t: *id int!; a int"), repair.Difference{Kind: repair.Missing, Key: number(1), Source: []byte{byte(canon.JSONNull)}}, "cannot be written"},
		"a column not read":   {relation(t, "t: *id int!; a int", func(t *dialect.Table) { t.Columns = append(t.Columns, dialect.Column{Name: "z", NotNull: true}) }), repair.Difference{Kind: repair.Missing, Key: number(1), Source: number(1)}, "the column z was not compared"},
		"the child of such a": {relation(t, "t: *id int!; a int!", refers("t", "a")), repair.Difference{Kind: repair.Missing, Key: number(1), Source: digest}, "only its hash was kept"},
	} {
		t.Run(name, func(t *testing.T) {
			statements, skipped := collect(t, double{kind: dialect.Postgres}, c.relation, c.d)
			if len(statements) != 0 || len(skipped) != 1 || !strings.Contains(skipped[0].Reason, c.reason) {
				t.Errorf("%q, skipped %v", statements, skipped)
			}
		})
	}
}

// TestNeeded: a row that needs one that is skipped is skipped too, and others are not.
func TestNeeded(t *testing.T) {
	digest := append([]byte{byte(canon.Digest), 99}, make([]byte, 16)...)
	r := relation(t, "t: *id int!; up int; a varchar(40)", refers("t", "up"))
	row := func(up int64, a []byte) []byte { return append(number(up), a...) }
	word := canon.AppendText(nil, "x")
	statements, skipped := collect(t, double{kind: dialect.Postgres}, r,
		repair.Difference{Kind: repair.Missing, Key: number(3), Source: row(2, word)},
		repair.Difference{Kind: repair.Missing, Key: number(2), Source: row(1, word)},
		repair.Difference{Kind: repair.Missing, Key: number(1), Source: row(1, digest)},
		repair.Difference{Kind: repair.Missing, Key: number(4), Source: row(9, word)})
	if len(statements) != 1 || len(skipped) != 3 || skipped[0].Reason != "it needs t (2), which is not repaired" {
		t.Errorf("%q, skipped %v", statements, skipped)
	}
}

// TestMany: a chain and a circle as long as a large repair.
func TestMany(t *testing.T) {
	const n = 100_000
	var all []repair.Difference
	for i := range int64(n) {
		all = append(all, repair.Difference{Kind: repair.Changed, Key: number(i), Source: number((i + 1) % n), Target: number(i)})
	}
	statements, skipped := collect(t, double{kind: dialect.Postgres}, relation(t, "t: *id int!; u int!", unique("u")), all...)
	if len(statements) != n+1 || len(skipped) != 0 {
		t.Errorf("%d statements, %d skipped", len(statements), len(skipped))
	}
}

func TestScript(t *testing.T) {
	path := filepath.Join(t.TempDir(), "repair.sql")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := repair.NewScript(file, dialect.Postgres, "postgres://a/b", "postgres://u:xxxxx@c/d\nDROP TABLE t;")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Emit("DELETE FROM t WHERE id = 1"), s.Skip(repair.Skipped{Table: dialect.TableName{Name: "t"}, Kind: repair.Missing, Key: "(a\nb)", Reason: "why"}),
		s.Close(repair.Summary{Statements: 1, Deletes: 1, Skipped: 1, Notes: []string{"a note"}})); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--   postgres://u:xxxxx@c/d DROP TABLE t;\n", "-- 1 statements: 0 rows inserted, 0 updated, 1 deleted (0 in two steps); 1 not repaired  ", "\nBEGIN;\nDELETE FROM t WHERE id = 1;\n-- NOT REPAIRED: insert t (a b): why\nCOMMIT;\n-- Note: a note\n", "Review before applying"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "INCOMPLETE") {
		t.Error("the script says that it is incomplete")
	}
}
