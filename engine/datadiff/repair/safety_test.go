package repair_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/repair"
)

func reasons(skipped []repair.Skipped) string {
	var all []string
	for _, s := range skipped {
		all = append(all, s.Kind.String()+" "+s.Table.Name+" "+s.Key+": "+s.Reason)
	}
	return strings.Join(all, "\n")
}

// rows counts those of a table.
func rows(t *testing.T, s *side, table string) (n int) {
	t.Helper()
	_, r := pair(t, s, s, table)
	for _, same := range s.read(t, r) {
		n += len(same)
	}
	return n
}

// TestCascades: a row whose deletion or change would take rows along that were not compared is skipped, and
// one to which a row refers that came later is not deleted.
func TestCascades(t *testing.T) {
	for _, server := range servers(t) {
		for _, action := range []string{"cascade", "set null"} {
			t.Run(server.name+"/"+action, func(t *testing.T) {
				source, target := server.open(t), server.open(t)
				for _, s := range []*side{source, target} {
					s.exec(t, "create table par (id int primary key, code int not null unique, v int)",
						"create table chi (id int primary key, par_id int, code int, foreign key (par_id) references par (id) on delete "+action+", foreign key (code) references par (code) on update "+action+")",
						"insert into par values (1, 10, 0), (3, 30, 0)")
				}
				source.exec(t, "update par set code = 11, v = 1 where id = 1")
				target.exec(t, "insert into par values (2, 20, 0)", "insert into chi values (1, 2, 10), (2, 2, null), (3, 1, 30)")

				statements, skipped, _ := plan(t, source, target, "par")
				if len(statements) != 0 || len(skipped) != 2 || !strings.Contains(reasons(skipped), "chi, which was not compared as a whole, refer to this table with ON DELETE "+strings.ToUpper(action)) ||
					!strings.Contains(reasons(skipped), "ON UPDATE "+strings.ToUpper(action)) {
					t.Errorf("of the parent alone: %q, skipped %s", statements, reasons(skipped))
				}

				statements, skipped, _ = plan(t, source, target, "par", "chi")
				if len(skipped) > 0 {
					t.Errorf("of both: skipped %s", reasons(skipped))
				}
				target.exec(t, "insert into chi values (9, 2, null)") // by somebody else
				var unmet *dialect.UnmetError
				if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); !errors.As(err, &unmet) || rows(t, target, "chi") != 4 || rows(t, target, "par") != 3 {
					t.Errorf("a row that refers came later: %v; %d rows refer", err, rows(t, target, "chi"))
				}
				target.exec(t, "delete from chi where id = 9")
				if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil {
					t.Fatalf("%v\n%s", err, strings.Join(statements, "\n"))
				}
				if n := len(left(t, source, target, "par")) + len(left(t, source, target, "chi")); n > 0 {
					t.Errorf("%d differences remain", n)
				}
			})
		}
		t.Run(server.name+"/a tree", func(t *testing.T) {
			source, target := server.open(t), server.open(t)
			for _, s := range []*side{source, target} {
				s.exec(t, "create table t (id int primary key, up int, foreign key (up) references t (id) on delete cascade)", "insert into t values (1, null)")
			}
			target.exec(t, "insert into t values (2, 1), (3, 2), (4, 4), (5, 3)")
			statements, skipped, _ := plan(t, source, target, "t")
			if len(skipped) > 0 {
				t.Errorf("skipped %s", reasons(skipped))
			}
			if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil || rows(t, target, "t") != 1 {
				t.Errorf("%v\n%s", err, strings.Join(statements, "\n"))
			}
		})
	}
}

// TestOrphans: SQLite checks foreign keys too while a repair is applied.
func TestOrphans(t *testing.T) {
	source, target := openSQLite(t), openSQLite(t)
	for _, s := range []*side{source, target} {
		s.exec(t, "create table par (id int primary key)", "create table chi (id int primary key, p int references par (id))")
	}
	target.exec(t, "insert into par values (1)", "insert into chi values (1, 1)")
	statements, _, _ := plan(t, source, target, "par")
	if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err == nil || rows(t, target, "par") != 1 {
		t.Errorf("a row was deleted that another refers to: %v", err)
	}
}

// TestTriggersAndEngines: what acts beside the statements is named.
func TestTriggersAndEngines(t *testing.T) {
	for _, server := range servers(t) {
		source, target := server.open(t), server.open(t)
		source.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 1)")
		target.exec(t, "create table t (id int primary key, v int)", "insert into t values (1, 0)")
		switch server.name {
		case "PostgreSQL":
			target.exec(t, "create function f() returns trigger language plpgsql as 'begin return new; end'", "create trigger loud before update on t for each row execute function f()",
				"create trigger silent before delete on t for each row execute function f()")
		case "MariaDB":
			target.exec(t, "create trigger loud before update on t for each row set @x = 1", "create trigger silent before delete on t for each row set @x = 1", "alter table t engine = Aria")
		default:
			target.exec(t, "create trigger \"loud\" update on t begin select 1; end", "create trigger silent before delete on t begin select 1; end")
		}
		_, _, sum := plan(t, source, target, "t")
		if len(sum.Triggers) != 1 || !strings.HasPrefix(sum.Triggers[0], "loud of ") {
			t.Errorf("%s: triggers %v", server.name, sum.Triggers)
		}
		if lasting := strings.Join(sum.Lasting, ","); (server.name == "MariaDB") != strings.HasSuffix(lasting, ".t (Aria)") {
			t.Errorf("%s: without transactions %q", server.name, lasting)
		}
	}
}

// TestKeptTogether: a row is not deleted where what takes its place cannot be inserted.
func TestKeptTogether(t *testing.T) {
	s := openSQLite(t)
	digest := append([]byte{byte(canon.Digest), 99}, make([]byte, 16)...)
	word := canon.AppendText(nil, "x")
	s.exec(t, "create table bag (n int, a text)", "create table mail (id int primary key, a text unique, b text)")
	_, r := pair(t, s, s, "bag")
	statements, skipped := collect(t, s, r,
		repair.Difference{Kind: repair.Extra, Target: append(number(1), word...)},
		repair.Difference{Kind: repair.Missing, Source: append(number(1), digest...)},
		repair.Difference{Kind: repair.Missing, Source: append(number(2), word...)})
	if len(statements) != 1 || !strings.HasPrefix(statements[0], "INSERT") || !strings.Contains(reasons(skipped), "so it is kept") {
		t.Errorf("without a key: %q, skipped %s", statements, reasons(skipped))
	}
	_, r = pair(t, s, s, "mail")
	statements, skipped = collect(t, s, r,
		repair.Difference{Kind: repair.Extra, Key: number(1), Target: append(bytes.Clone(word), word...)},
		repair.Difference{Kind: repair.Extra, Key: number(3), Target: append(canon.AppendText(nil, "y"), word...)},
		repair.Difference{Kind: repair.Missing, Key: number(2), Source: append(bytes.Clone(word), digest...)})
	if len(statements) != 1 || !strings.Contains(statements[0], "= 3") || !strings.Contains(reasons(skipped), "it holds a unique value of mail (2), which is not inserted, so it is kept") {
		t.Errorf("with a unique value: %q, skipped %s", statements, reasons(skipped))
	}
}

// TestNotCompared: what a table holds beside the compared columns is not lost without a word.
func TestNotCompared(t *testing.T) {
	s := openSQLite(t)
	s.exec(t, "create table bag (a int, b int, note text)", "create table keyed (id int primary key, b int, note text)")
	_, r := pair(t, s, s, "bag")
	r.Columns = r.Columns[:2]
	row := append(number(1), number(2)...)
	statements, skipped := collect(t, s, r, repair.Difference{Kind: repair.Extra, Target: row}, repair.Difference{Kind: repair.Missing, Source: row})
	if len(statements) != 0 || strings.Count(reasons(skipped), "what it holds in note, which was not compared") != 2 {
		t.Errorf("without a key: %q, skipped %s", statements, reasons(skipped))
	}
	_, r = pair(t, s, s, "bag")
	r.Where = "a > 0"
	if statements, skipped := collect(t, s, r, repair.Difference{Kind: repair.Extra, Target: append(row, canon.AppendNull(nil)...)}); len(statements) != 0 || !strings.Contains(reasons(skipped), "without meeting the condition") {
		t.Errorf("without a key, under a condition: %q, skipped %s", statements, reasons(skipped))
	}
	_, r = pair(t, s, s, "keyed")
	r.Columns = r.Columns[:1]
	p, err := repair.New(s.db, []*dialect.Relation{r}, around(t, s, r), func(repair.Statement) error { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Add(0, repair.Difference{Kind: repair.Extra, Key: number(1), Target: number(2)}), p.Add(0, repair.Difference{Kind: repair.Missing, Key: number(3), Source: number(2)})); err != nil {
		t.Fatal(err)
	}
	if sum, err := p.Finish(); err != nil || len(sum.Notes) != 2 || !strings.Contains(strings.Join(sum.Notes, "\n"), "deleted rows of keyed hold values in columns that were not compared: note") {
		t.Errorf("%v, notes %q", err, sum.Notes)
	}
}

// TestRefused: a row that is not to be written keeps those that need it.
func TestRefused(t *testing.T) {
	s := openSQLite(t)
	s.exec(t, "create table par (id int primary key, v int)", "create table chi (id int primary key, p int references par (id))")
	_, par := pair(t, s, s, "par")
	_, chi := pair(t, s, s, "chi")
	var skipped []repair.Skipped
	p, err := repair.New(s.db, []*dialect.Relation{par, chi}, around(t, s, par, chi), func(st repair.Statement) error { return fmt.Errorf("a statement: %s", st.SQL) },
		func(row repair.Skipped) error { skipped = append(skipped, row); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Add(0, repair.Difference{Kind: repair.Extra, Key: number(1), Target: number(2)}),
		p.Add(1, repair.Difference{Kind: repair.Extra, Key: number(7), Target: number(1), Refused: "it kept changing"})); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(); err != nil || len(skipped) != 2 || !strings.Contains(reasons(skipped), "it needs chi (7), which is not repaired") {
		t.Errorf("%v, skipped %s", err, reasons(skipped))
	}
}

// TestOddValues: values that stand in the target in a spelling of their own, that have no equality or that
// are long are found again and written.
func TestOddValues(t *testing.T) {
	all := servers(t)
	for _, c := range []struct {
		server, name, schemaA, schemaB string
		source, target                 []string
		skipped                        string
	}{
		{"PostgreSQL", "xml", "create table t (id int primary key, x xml, v int)", "", []string{"insert into t values (1, '<a>1</a>', 1), (2, '<b/>', 2)"}, []string{"insert into t values (1, '<a>2</a>', 1), (2, '<b/>', 3), (3, '<c/>', 3)"}, ""},
		{"PostgreSQL", "point", "create table t (id int primary key, x point, v int)", "", []string{"insert into t values (1, '(1,2)', 1)"}, []string{"insert into t values (1, '(1,3)', 1), (3, '(0,0)', 3)"}, ""},
		{"PostgreSQL", "a UUID in text", "create table t (id int primary key, u uuid)", "create table t (id int primary key, u text)",
			[]string{"insert into t values (1, '6ccd780c-baba-1026-9564-5b8c656024db')"}, []string{"insert into t values (1, '00000000-BABA-1026-9564-5B8C656024DB'), (2, '6CCD780C-BABA-1026-9564-5B8C656024DB')"}, ""},
		{"MariaDB", "a UUID in text", "create table t (id int primary key, u uuid)", "create table t (id int primary key, u char(36) collate utf8mb4_bin)",
			[]string{"insert into t values (1, '6ccd780c-baba-1026-9564-5b8c656024db')"}, []string{"insert into t values (1, '00000000-BABA-1026-9564-5B8C656024DB'), (2, '6CCD780C-BABA-1026-9564-5B8C656024DB')"}, ""},
		{"MariaDB", "geometry", "create table t (id int primary key, g point, v int)", "", []string{"insert into t values (1, point(1, 2), 1), (4, point(0, 0), 4)"},
			[]string{"insert into t values (1, point(1, 2), 2), (3, point(5, 5), 3), (4, point(0, 1), 4)"}, "a geometry cannot be written"},
		{"SQLite", "moments and UUIDs", "create table t (u uuid primary key, d datetime, z timestamptz, n time, v int)", "",
			[]string{"insert into t values ('6ccd780c-baba-1026-9564-5b8c656024db', '2024-01-01 10:00:00', '2024-01-01 10:00:00+00:00', '10:00:00', 1)", "insert into t values ('00000000-0000-0000-0000-0000000000aa', '2024-01-01 10:00:00', null, null, 1)"},
			[]string{"insert into t values ('6CCD780C-BABA-1026-9564-5B8C656024DB', '2024-01-01T11:00:00', '2024-01-01T10:30:00Z', '10:01', 2)", "insert into t values ('00000000-0000-0000-0000-0000000000BB', '2024-01-01T10:00', '2024-01-01T10:30Z', '10:01', 2)"}, ""},
		{"SQLite", "moments without a key", "create table t (d datetime, v int)", "", []string{"insert into t values ('2024-01-01 10:00:00', 1)"}, []string{"insert into t values ('2024-01-01T11:00', 1)"}, ""},
		{"SQLite", "two spellings of one key", "create table t (u uuid primary key, v int)", "", []string{"insert into t values ('00000000-0000-0000-0000-0000000000aa', 1)"},
			[]string{"insert into t values ('00000000-0000-0000-0000-0000000000AA', 2), ('00000000-0000-0000-0000-0000000000aa', 3)"}, "several rows of the target have its key"},
		{"SQLite", "a document that is a string", "create table t (id int primary key, j json)", "create table t (id int primary key, j text)", []string{`insert into t values (1, '"abc"'), (2, '"12"'), (3, '"a\"b"')`}, []string{"insert into t values (1, '[]')"}, ""},
		{"PostgreSQL", "a document that is a string", "create table t (id int primary key, j jsonb)", "create table t (id int primary key, j text)", []string{`insert into t values (1, '"abc"'), (2, '"12"')`}, []string{"insert into t values (1, '[ ]')"}, ""},
		{"MariaDB", "a document that is a string", "create table t (id int primary key, j json)", "", []string{`insert into t values (1, '"abc"'), (2, '"12"')`}, []string{"insert into t values (1, '[ ]')"}, ""},
		{"MariaDB", "a document that is a string, in text", "create table t (id int primary key, j json)", "create table t (id int primary key, j text)", []string{`insert into t values (1, '"abc"'), (2, '"12"')`}, []string{"insert into t values (1, '[ ]')"}, ""},
	} {
		for _, server := range all {
			if server.name != c.server {
				continue
			}
			t.Run(server.name+"/"+c.name, func(t *testing.T) {
				source, target := server.open(t), server.open(t)
				if c.schemaB == "" {
					c.schemaB = c.schemaA
				}
				source.exec(t, append([]string{c.schemaA}, c.source...)...)
				target.exec(t, append([]string{c.schemaB}, c.target...)...)
				statements, skipped, _ := plan(t, source, target, "t")
				if !strings.Contains(reasons(skipped), c.skipped) || (c.skipped == "") != (len(skipped) == 0) {
					t.Errorf("skipped %s", reasons(skipped))
				}
				if err := target.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil {
					t.Fatalf("%v\n%.2000s", err, strings.Join(statements, "\n"))
				}
				if n := len(left(t, source, target, "t")); n != len(skipped) {
					t.Errorf("%d differences remain after\n%.2000s", n, strings.Join(statements, "\n"))
				}
			})
		}
	}
}

// TestResolver: rows are looked up without the condition, and with their long values.
func TestResolver(t *testing.T) {
	source, target := openSQLite(t), openSQLite(t)
	for _, s := range []*side{source, target} {
		s.exec(t, "create table t (id int primary key, st int, x text)")
	}
	source.exec(t, "insert into t values (1, 1, 'a'), (2, 2, 'b'), (4, 1, 'd')")
	target.exec(t, "insert into t values (1, 1, 'a'), (2, 1, 'b'), (3, 1, 'c'), (4, 2, 'd')")
	from, to := pair(t, source, target, "t")
	from.Where, to.Where = "st = 1", "st = 1"
	row := func(st int64, x string) []byte { return canon.AppendText(number(st), x) }
	resolve := func(d repair.Difference) (out repair.Difference) {
		r := repair.NewResolver(source.db, target.db, from, to)
		if !r.Needs(&d) {
			t.Error("it is not looked up")
		}
		if err := r.Resolve(t.Context(), []repair.Difference{d}, func(d repair.Difference) error { out = d; return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if d := resolve(repair.Difference{Kind: repair.Extra, Key: number(2), Target: row(1, "b")}); d.Kind != repair.Changed || !bytes.Equal(d.Source, row(2, "b")) || d.Refused != "" {
		t.Errorf("a row that stands in the source: %+v", d)
	}
	if d := resolve(repair.Difference{Kind: repair.Missing, Key: number(4), Source: row(1, "d")}); d.Kind != repair.Changed || !bytes.Equal(d.Target, row(2, "d")) || d.Refused != "" {
		t.Errorf("a row that stands in the target: %+v", d)
	}
	if d := resolve(repair.Difference{Kind: repair.Extra, Key: number(3), Target: row(1, "c")}); d.Kind != repair.Extra || d.Refused != "" {
		t.Errorf("a row that the source does not have: %+v", d)
	}
	if d := resolve(repair.Difference{Kind: repair.Extra, Key: number(3), Target: row(1, "moved")}); d.Refused == "" {
		t.Errorf("a row that has changed: %+v", d)
	}
	from.Where, to.Where = "", "st = 2"
	if d := resolve(repair.Difference{Kind: repair.Missing, Key: number(1), Source: row(1, "a")}); !strings.Contains(d.Refused, "does not meet its condition") {
		t.Errorf("a row that is equal there: %+v", d)
	}
	digest := append([]byte{byte(canon.Digest)}, 0x80, 0x80, 0x80, 0x08) // a length of 16 MB
	if d := resolve(repair.Difference{Kind: repair.Missing, Key: number(9), Source: append(append(number(1), digest...), make([]byte, 16)...)}); !strings.Contains(d.Refused, "the row has 16 MB") {
		t.Errorf("a huge row: %+v", d)
	}
}

// TestDocumentsAsKey: PostgreSQL's json has no equality, by which a row could be named.
func TestDocumentsAsKey(t *testing.T) {
	s := postgresServer(t).open(t)
	s.exec(t, "create table t (j json, v int)", `insert into t values ('{"a": 1}', 1), ('{"a": 2}', 2)`)
	_, r := pair(t, s, s, "t")
	r.Key, r.Columns = r.Columns[:1], r.Columns[1:]
	doc := func(text string) []byte {
		cell, err := canon.AppendJSON(nil, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	statements, skipped := collect(t, s, r,
		repair.Difference{Kind: repair.Changed, Key: doc(`{"a":1}`), Source: number(5), Target: number(1)},
		repair.Difference{Kind: repair.Extra, Key: doc(`{"a":2}`), Target: number(2)},
		repair.Difference{Kind: repair.Missing, Key: doc(`{"a":3}`), Source: number(3)})
	if err := s.db.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil || len(skipped) > 0 || rows(t, s, "t") != 2 {
		t.Errorf("%v, skipped %s\n%s", err, reasons(skipped), strings.Join(statements, "\n"))
	}
}

// TestTooMany: rows that are held until their order is known are bounded.
func TestTooMany(t *testing.T) {
	s := openSQLite(t)
	s.exec(t, "create table t (id int primary key, a text unique)")
	_, r := pair(t, s, s, "t")
	p, err := repair.New(s.db, []*dialect.Relation{r}, around(t, s, r), func(repair.Statement) error { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for text := strings.Repeat("x", 60_000); err == nil && n < 10_000; n++ {
		err = p.Add(0, repair.Difference{Kind: repair.Missing, Key: number(n), Source: canon.AppendText(nil, text+fmt.Sprint(n))})
	}
	if !errors.Is(err, repair.ErrTooMany) || n < 4000 {
		t.Errorf("after %d rows: %v", n, err)
	}
}
