package split

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// joined is what a script cuts into, for comparison.
func joined(s *Script) string {
	texts := make([]string, len(s.Statements))
	for i, st := range s.Statements {
		texts[i] = st.Text
	}
	return strings.Join(texts, "\n--8<--\n")
}

func TestStatements(t *testing.T) {
	const pg, my = schema.Postgres, schema.MySQL
	tests := []struct {
		name    string
		dialect schema.Dialect
		src     string
		want    []string
	}{
		{"two on one line", pg, "SELECT 1; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"no terminator at the end", pg, "SELECT 1;\nSELECT 2 -- and\n", []string{"SELECT 1", "SELECT 2"}},
		{"lone semicolons", pg, ";;SELECT 1;;;", []string{"SELECT 1"}},
		{"a semicolon in a string", pg, "SELECT 'a;b'; SELECT 2", []string{"SELECT 'a;b'", "SELECT 2"}},
		{"a doubled quote", pg, "SELECT 'it''s; so'; SELECT 2", []string{"SELECT 'it''s; so'", "SELECT 2"}},
		{"a backslash is plain text", pg, `SELECT '\'; SELECT 2`, []string{`SELECT '\'`, "SELECT 2"}},
		{"a backslash in an E string", pg, `SELECT E'\';'; SELECT 2`, []string{`SELECT E'\';'`, "SELECT 2"}},
		{"strings without conformance", pg, `SET standard_conforming_strings = off; SELECT '\';'; SET standard_conforming_strings TO on; SELECT '\'; SELECT 3`,
			[]string{"SET standard_conforming_strings = off", `SELECT '\';'`, "SET standard_conforming_strings TO on", `SELECT '\'`, "SELECT 3"}},
		{"a quoted name", pg, `SELECT "a;""b"; SELECT 2`, []string{`SELECT "a;""b"`, "SELECT 2"}},
		{"unicode names and strings", pg, `SELECT U&"d\0061t;" , U&'\0441;'; SELECT 2`, []string{`SELECT U&"d\0061t;" , U&'\0441;'`, "SELECT 2"}},
		{"dollar quotes", pg, "DO $$ BEGIN x; END $$; SELECT 2", []string{"DO $$ BEGIN x; END $$", "SELECT 2"}},
		{"dollar quotes with a tag, nested", pg, "DO $a$ x; $b$ ; $b$ ; $a$; SELECT 2", []string{"DO $a$ x; $b$ ; $b$ ; $a$", "SELECT 2"}},
		{"a dollar inside a name", pg, "SELECT a$b$; SELECT c$b$", []string{"SELECT a$b$", "SELECT c$b$"}},
		{"parameters", pg, "SELECT $1; SELECT $2", []string{"SELECT $1", "SELECT $2"}},
		{"nested comments", pg, "/* a /* ; */ ; */ SELECT 1; SELECT /* ; */ 2", []string{"SELECT 1", "SELECT /* ; */ 2"}},
		{"a line comment", pg, "SELECT 1 -- ; no\n; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"carriage returns", pg, "SELECT 1;\r\nSELECT\r\n2;\r\n", []string{"SELECT 1", "SELECT\r\n2"}},
		{"an SQL body", pg, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2",
			[]string{"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END", "SELECT 2"}},
		{"a rule", pg, "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", []string{"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"}},
		{"an open parenthesis ends with its statement", pg, "SELECT (1; SELECT 2", []string{"SELECT (1", "SELECT 2"}},
		{"gexec sends", pg, "SELECT 'x'\n\\gexec\nSELECT 2;", []string{"SELECT 'x'", "SELECT 2"}},
		{"commands of psql", pg, "\\set ON_ERROR_STOP on\n\\i other.sql\nSELECT 1;\n\\connect db\nSELECT 2;", []string{"SELECT 1", "SELECT 2"}},
		{"copy data", pg, "COPY t (a) FROM stdin;\n1;'\n2\n\\.\nSELECT 2;", []string{"COPY t (a) FROM stdin", "SELECT 2"}},
		{"copy from a file has no data", pg, "COPY t FROM '/x';\nSELECT 2;", []string{"COPY t FROM '/x'", "SELECT 2"}},
		{"a template", pg, "ALTER TABLE ${schema}.t ADD c int; SELECT 2", []string{"ALTER TABLE ${schema}.t ADD c int", "SELECT 2"}},
		{"mysql escapes", my, `SELECT 'a\';b', "c\";"; SELECT 2`, []string{`SELECT 'a\';b', "c\";"`, "SELECT 2"}},
		{"mysql comments", my, "# ; \nSELECT 1; -- ;\nSELECT 5--1;", []string{"SELECT 1", "SELECT 5--1"}},
		{"mysql comments do not nest", my, "/* /* */ SELECT 1;", []string{"SELECT 1"}},
		{"versioned comments are code", my, "/*!40101 SET NAMES utf8 */; SELECT 1", []string{"SET NAMES utf8", "SELECT 1"}},
		{"delimiter", my, "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\nDELIMITER ;\nSELECT 2;", []string{"CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2"}},
		{"delimiter of slashes", my, "DELIMITER //\nSELECT 1; SELECT 2//\ndelimiter ;\nSELECT 3;", []string{"SELECT 1; SELECT 2", "SELECT 3"}},
		{"a routine without delimiter", my, "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN IF a THEN SET b = 1; END IF; END; SELECT 2",
			[]string{"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN IF a THEN SET b = 1; END IF; END", "SELECT 2"}},
		{"a backquoted name", my, "SELECT `a;b`; SELECT 2", []string{"SELECT `a;b`", "SELECT 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Split("x.sql", []byte(tt.src), Options{Dialect: tt.dialect})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := joined(s), strings.Join(tt.want, "\n--8<--\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, st := range s.Statements {
				if tt.src[st.Start.Offset:st.End.Offset] != st.Text {
					t.Errorf("range %d-%d is not %q", st.Start.Offset, st.End.Offset, st.Text)
				}
			}
		})
	}
}

func TestPositions(t *testing.T) {
	src := "\uFEFF-- é\r\nSELECT 'ä\n' ;\r\n  /* x */ ALTER TABLE t\n\tADD c int;"
	s, err := Split("x.sql", []byte(src), Options{Dialect: schema.Postgres})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range s.Statements {
		got = append(got, fmt.Sprintf("%d:%d-%d:%d", st.Start.Line, st.Start.Column, st.End.Line, st.End.Column))
	}
	if want := "2:1-3:2 4:11-5:11"; strings.Join(got, " ") != want {
		t.Errorf("positions are %v, not %s", got, want)
	}
	if len(s.Comments) != 2 || s.Comments[0].Start.Line != 1 || !s.Comments[0].First || s.Comments[1].Start.Column != 3 {
		t.Errorf("comments are %+v", s.Comments)
	}
	if tok := s.Statements[1].Tokens[3]; tok.Line != 5 || tok.Column != 2 || !tok.First || tok.Text != "ADD" {
		t.Errorf("the token ADD is %+v", tok)
	}
}

// TestForeign holds what must be said of text that is not plain SQL.
func TestForeign(t *testing.T) {
	tests := []struct {
		name, src string
		kind      Kind
		want      string
	}{
		{"empty", "", Empty, "The file is empty"},
		{"comments only", "-- nothing\n", Empty, "no statement"},
		{"byte order mark", "\uFEFFSELECT 1;", ByteOrderMark, "psql skips it"},
		{"include", "\\i other.sql\nSELECT 1;", PsqlCommand, `\i other.sql is a command of psql`},
		{"copy data", "COPY t FROM stdin;\n1\n2\n\\.\n", CopyData, "2 lines of data behind COPY ... FROM stdin were skipped"},
		{"copy without data", "COPY t FROM stdin;\n", CopyData, "No data stand behind"},
		{"latin 1", "SELECT 'caf\xe9';", NotUTF8, "not UTF-8"},
		{"template", "DROP TABLE ${t};", Template, "${t} is filled in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Split("x.sql", []byte(tt.src), Options{Dialect: schema.Postgres})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range s.Notices {
				if n.Kind == tt.kind && strings.Contains(n.Text, tt.want) {
					return
				}
			}
			t.Errorf("no notice of %s says %q: %+v", tt.kind, tt.want, s.Notices)
		})
	}
}

func TestErrors(t *testing.T) {
	const pg, my = schema.Postgres, schema.MySQL
	tests := []struct {
		name    string
		dialect schema.Dialect
		src     string
		want    string // the whole sentence
		before  int    // statements before the error
	}{
		{"dollar quote", pg, "SELECT 1;\nDO $body$ BEGIN", "x.sql:2:4: this dollar quote has no end; a closing $body$ is missing", 1},
		{"string", pg, "SELECT 1; SELECT 'a", "x.sql:1:18: this string has no end; a closing ' is missing", 1},
		{"rows of COPY", pg, "SELECT 1;\nCOPY t FROM stdin;\n1\nDROP TABLE x;\n", `x.sql:3:1: the data behind COPY ... FROM stdin have no end mark \. on a line of its own: all that follows (2 lines) is taken for data`, 2},
		{"name", pg, "SELECT \"a", "x.sql:1:8: this quoted name has no end; a closing \" is missing", 0},
		{"comment", pg, "\n\n /* a /* b */", "x.sql:3:2: this comment has no end; close it with */", 0},
		{"mysql comment", my, "/* a", "x.sql:1:1: this comment has no end; close it with */", 0},
		{"backquote", my, "SELECT `a", "x.sql:1:8: this quoted name has no end; a closing ` is missing", 0},
		{"utf-16", pg, "\xff\xfeS\x00", "x.sql:1:1: the file is UTF-16 text; databases read UTF-8: save it as UTF-8 without a byte order mark", 0},
		{"zero byte", pg, "SELECT\n\x00", "x.sql:2:1: a zero byte stands here, which no database accepts in SQL text; the file is binary, or UTF-16 without a byte order mark", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Split("x.sql", []byte(tt.src), Options{Dialect: tt.dialect})
			var located *Error
			if !errors.As(err, &located) || err.Error() != tt.want {
				t.Fatalf("error %v, not %s", err, tt.want)
			}
			if len(s.Statements) != tt.before {
				t.Errorf("%d statements before it, not %d", len(s.Statements), tt.before)
			}
		})
	}
}

// TestLinear reads 10 MB statements of shapes that invite quadratic work. A quadratic reader does not
// come back from this within the test's time.
func TestLinear(t *testing.T) {
	const size = 10 << 20
	fill := func(unit string) string { return strings.Repeat(unit, size/len(unit)) }
	tests := []struct {
		name    string
		dialect schema.Dialect
		src     string
	}{
		{"one insert", schema.Postgres, "INSERT INTO t VALUES " + fill("(1, 'a'), ") + "(1, 'a');"},
		{"one string", schema.Postgres, "SELECT '" + fill("x''") + "';"},
		{"dollars", schema.Postgres, "SELECT " + fill("$ ")},
		{"one line of statements", schema.Postgres, fill("SELECT 1;")},
		{"open comments", schema.Postgres, fill("/*")},
		{"open templates", schema.Postgres, "SELECT " + fill("{{ ")},
		{"delimiters", schema.MySQL, "DELIMITER $$\n" + fill("$$")},
		{"end", schema.MySQL, "CREATE PROCEDURE p() " + fill("BEGIN ")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Split("x.sql", []byte(tt.src), Options{Dialect: tt.dialect})
			if err == nil && len(s.Statements) == 0 && tt.name != "delimiters" {
				t.Error("no statement was found")
			}
			for _, st := range s.Statements {
				if len(st.Tokens) > MaxTokens {
					t.Fatalf("%d tokens are kept", len(st.Tokens))
				}
			}
		})
	}
}

// FuzzSplit holds the promises to every input: no panic, ranges in order, texts as they stand.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"SELECT 1;", "DO $$ x; $$;", "E'\\''", "COPY t FROM stdin;\n1\n\\.\n", "DELIMITER //\nx//", "/*!40101 a */;", "\\gexec", "CREATE FUNCTION f() BEGIN ATOMIC; END;", "\uFEFF;", "{{a}}${b}"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, src string, mysql bool) {
		dialect := schema.Postgres
		if mysql {
			dialect = schema.MySQL
		}
		s, _ := Split("x.sql", []byte(src), Options{Dialect: dialect})
		last := 0
		for _, st := range s.Statements {
			if st.Start.Offset < last || st.End.Offset < st.Start.Offset || src[st.Start.Offset:st.End.Offset] != st.Text || len(st.Tokens) == 0 {
				t.Fatalf("statement %+v", st)
			}
			last = st.End.Offset
			for _, tok := range st.Tokens {
				if src[tok.Start:tok.End()] != tok.Text || tok.Line < 1 || tok.Column < 1 {
					t.Fatalf("token %+v", tok)
				}
				tok.Value()
				if body, at, ok := tok.Body(); ok && src[at:at+len(body)] != body {
					t.Fatalf("body of %+v", tok)
				}
			}
		}
	})
}
