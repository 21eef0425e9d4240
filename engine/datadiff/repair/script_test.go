package repair_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/repair"
)

// script plans the repair of tables and writes it as a script.
func script(t *testing.T, source, target *side, tables ...string) (text string, spool *repair.Spool, sum repair.Summary) {
	t.Helper()
	spool, err := repair.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { spool.Close() })
	var sources, targets []*dialect.Relation
	for _, name := range tables {
		a, b := pair(t, source, target, name)
		sources, targets = append(sources, a), append(targets, b)
	}
	p, err := repair.New(target.db, targets, around(t, target, targets...), spool.Emit, spool.Skip)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range targets {
		for _, d := range differences(r, source.read(t, sources[i]), target.read(t, r)) {
			if err := p.Add(i, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sum, err = p.Finish(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&repair.Script{Target: target.db, SourceName: "a", TargetName: "b\nDROP TABLE t;", Summary: sum}).Write(&b, spool); err != nil {
		t.Fatal(err)
	}
	return b.String(), spool, sum
}

// runClient gives a script to a client on its standard input.
func runClient(t *testing.T, client []string, script string) (output string, err error) {
	t.Helper()
	path, err := exec.LookPath(client[0])
	if err != nil {
		t.Skipf("%s is not installed", client[0])
	}
	cmd := exec.CommandContext(t.Context(), path, client[1:]...)
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestScriptRuns runs the scripts of all scenarios by the client of each product.
func TestScriptRuns(t *testing.T) {
	for _, server := range servers(t) {
		for name, c := range scenarios {
			if c.only != "" && c.only != server.name || c.except == server.name {
				continue
			}
			t.Run(server.name+"/"+name, func(t *testing.T) {
				source, target := server.open(t), server.open(t)
				source.exec(t, append(c.schema, c.source...)...)
				target.exec(t, append(c.schema, c.target...)...)
				text, _, _ := script(t, source, target, c.tables...)
				if out, err := runClient(t, target.client, text); err != nil {
					t.Fatalf("%v: %s\nof\n%s", err, out, text)
				}
				remain := 0
				for _, name := range c.tables {
					remain += len(left(t, source, target, name))
				}
				if remain != len(c.skipped) {
					t.Errorf("%d differences remain after\n%s", remain, text)
				}
			})
		}
	}
}

// TestScriptStops: where a statement finds no row, or fails, a script changes nothing, also when the client
// goes on after an error. A driver, which runs all of it as it is, ends like the client does.
func TestScriptStops(t *testing.T) {
	const schema, rows = "create table t (id int primary key, v int not null)", "insert into t values (1, 10), (2, 20), (3, 30)"
	for _, server := range servers(t) {
		for name, meanwhile := range map[string]string{
			"the first is gone":   "delete from t where id = 1",
			"the last is there":   "insert into t values (4, 44)",
			"one in the middle":   "update t set v = 21 where id = 2",
			"a statement fails":   "insert into t values (9, 40); create unique index u on t (v)",
			"nothing has moved":   "",
			"the same, run twice": "again",
		} {
			t.Run(server.name+"/"+name, func(t *testing.T) {
				for _, careless := range []bool{false, true} {
					source, target := server.open(t), server.open(t)
					source.exec(t, schema, "insert into t values (1, 11), (2, 22), (4, 40)")
					target.exec(t, schema, rows)
					text, _, _ := script(t, source, target, "t")
					client := target.client
					if careless {
						client = target.careless
					}
					if meanwhile == "again" {
						if out, err := runClient(t, client, text); err != nil {
							t.Fatalf("%v: %s", err, out)
						}
					} else if meanwhile != "" {
						target.exec(t, strings.Split(meanwhile, "; ")...)
					}
					_, r := pair(t, source, target, "t")
					before := target.read(t, r)
					out, err := runClient(t, client, text)
					if meanwhile == "" {
						if err != nil || len(left(t, source, target, "t")) > 0 {
							t.Errorf("careless %v: %v: %s", careless, err, out)
						}
						continue
					}
					if err == nil && !careless {
						t.Errorf("the client saw no error: %s", out)
					}
					if n := len(differences(r, before, target.read(t, r))); n > 0 {
						t.Errorf("careless %v: %d rows were changed\n%s\nof\n%s", careless, n, out, text)
					}
				}
			})
		}
	}
}

// TestScriptByDriver runs a script of SQLite without its client.
func TestScriptByDriver(t *testing.T) {
	for _, meanwhile := range []string{"select 1", "update t set v = 1 where id = 2"} {
		source, target := openSQLite(t), openSQLite(t)
		source.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 1), (2, 2)")
		target.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 0), (2, 0)")
		text, _, _ := script(t, source, target, "t")
		target.exec(t, meanwhile)
		err := target.run(text)
		if err != nil {
			_ = target.run("rollback")
		}
		if n := len(left(t, source, target, "t")); (err == nil) != (n == 0) || (n > 0) != (meanwhile != "select 1") {
			t.Errorf("after %s: %v, and %d rows differ", meanwhile, err, n)
		}
	}
}

// TestScriptAndApply: values that a server would cut, take for another or count upwards without the right
// settings arrive, or fail, alike by script and by Apply.
func TestScriptAndApply(t *testing.T) {
	all := servers(t)
	for _, c := range []struct {
		name, schemaA, schemaB string
		source, target         []string
		only                   string
		fails                  bool
	}{
		{"a text that does not fit", "create table t (id int primary key, s varchar(20))", "create table t (id int primary key, s varchar(5))",
			[]string{"insert into t values (1, 'abcdefghij'), (2, 'x')"}, nil, "MariaDB", true},
		{"a number that does not fit", "create table t (id int primary key, n bigint)", "create table t (id int primary key, n int)",
			[]string{"insert into t values (1, 5000000000)"}, []string{"insert into t values (1, 5)"}, "MariaDB", true},
		{"a zero as a number that counts", "create table t (id int primary key auto_increment, v int)", "create table t (id int primary key auto_increment, v int)",
			[]string{"insert into t values (5, 5), (6, 6)", "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", "insert into t values (0, 0)"}, []string{"insert into t values (5, 5)"}, "MariaDB", false},
		{"a value that the column rounds", "create table t (id int primary key, n decimal(10,4))", "create table t (id int primary key, n decimal(10,2))",
			[]string{"insert into t values (1, 1.2345), (2, 2)"}, []string{"insert into t values (1, 1.23), (2, 1)"}, "MariaDB", false},
		{"a parent that is missing", "create table p (id int primary key); create table t (id int primary key, p int)", "create table p (id int primary key); create table t (id int primary key, p int references p (id))",
			[]string{"insert into t values (1, 1)"}, nil, "SQLite", true},
	} {
		for _, server := range all {
			if server.name != c.only {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				var after [2]map[string][]string
				for i, way := range []string{"script", "apply"} {
					source, target := server.open(t), server.open(t)
					source.exec(t, append(strings.Split(c.schemaA, "; "), c.source...)...)
					target.exec(t, append(strings.Split(c.schemaB, "; "), c.target...)...)
					text, spool, _ := script(t, source, target, "t")
					var err error
					if way == "script" {
						var out string
						if out, err = runClient(t, target.client, text); err != nil {
							t.Log(out)
						}
					} else {
						err = target.db.Apply(t.Context(), spool.Statements(), nil)
					}
					if (err != nil) != c.fails {
						t.Errorf("%s: %v", way, err)
					}
					_, r := pair(t, source, target, "t")
					after[i] = target.read(t, r)
				}
				if got, want := fmt.Sprint(after[0]), fmt.Sprint(after[1]); got != want {
					t.Errorf("by script %s, applied %s", got, want)
				}
			})
		}
	}
}

// TestScriptText reads a script as a person does.
func TestScriptText(t *testing.T) {
	source, target := openSQLite(t), openSQLite(t)
	source.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 1)")
	target.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 0)", "create trigger loud after update on t begin select 1; end", "create trigger silent after delete on t begin select 1; end")
	text, spool, _ := script(t, source, target, "t")
	for _, want := range []string{repair.FirstLine + "\n--   b DROP TABLE t;\n", "-- 1 statement: 0 rows inserted, 1 updated, 0 deleted.\n", "-- WARNING: the trigger loud of t fires", "sqlite3 -bail", "\nPRAGMA foreign_keys = ON;\nBEGIN IMMEDIATE;\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "silent") || strings.Contains(text, " \n") {
		t.Errorf("it names what does not fire, or has blanks at the end of a line\n%s", text)
	}
	if err := spool.Skip(repair.Skipped{Table: dialect.TableName{Name: "t"}, Kind: repair.Missing, Key: "(a\nb)", Reason: "why"}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&repair.Script{Target: target.db}).Write(&b, spool); err != nil || !strings.Contains(b.String(), "\n-- NOT REPAIRED: insert t (a b): why\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if err := (&repair.Script{Target: target.db}).Write(full{}, spool); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
