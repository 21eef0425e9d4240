package predict

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

func TestParseServer(t *testing.T) {
	for _, tt := range []struct {
		text    string
		dialect schema.Dialect
		want    string // the server, or a part of the error
	}{
		{"15", schema.Postgres, "PostgreSQL 15"},
		{"15.4 (Debian 15.4-1)", schema.Postgres, "PostgreSQL 15"},
		{"PostgreSQL 11.22", schema.Unknown, "PostgreSQL 11"},
		{"8.0.36", schema.MySQL, "MySQL 8.0.36"},
		{"mysql-5.7", schema.MySQL, "MySQL 5.7"},
		{"10.11", schema.MySQL, "MariaDB 10.11"},
		{"mariadb 11.4.2", schema.MySQL, "MariaDB 11.4.2"},
		{"9.6", schema.Postgres, "versions 10 to 18 are"},
		{"new", schema.Postgres, "is no version of a server"},
		{"mysql-8.0", schema.Postgres, "written for postgresql"},
	} {
		s, err := ParseServer(tt.text, tt.dialect)
		got := s.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%q: %s, not %s", tt.text, got, tt.want)
		}
	}
	if s, _ := ParseServer("8.0.28", schema.MySQL); s.AtLeast(8, 0, 29) || !s.AtLeast(8, 0, 28) || !s.AtLeast(5, 7, 99) {
		t.Error("8.0.28 is compared wrongly")
	}
}

// TestMySQLByVersion: the manuals' tables, where a version decides. No MySQL is measured.
func TestMySQLByVersion(t *testing.T) {
	table := &schema.Table{Name: "t", Columns: []*schema.Column{
		{Name: "id", Type: schema.ParseType("int"), NotNull: true}, {Name: "s", Type: schema.ParseType("varchar(20)")}, {Name: "w", Type: schema.ParseType("varchar(300)")},
		{Name: "n", Type: schema.ParseType("int")}, {Name: "e", Type: schema.ParseType("enum('a','b')")}}, PrimaryKey: []string{"id"}}
	s := &schema.Schema{Dialect: schema.MySQL, Tables: map[string]*schema.Table{"t": table}}
	for _, tt := range []struct{ sql, server, want string }{
		{"alter table t add c int", "mysql-5.7", "INPLACE, LOCK=NONE; RW"},
		{"alter table t add c int", "mysql-8.0.12", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t add c int first", "mysql-8.0.28", "INPLACE, LOCK=NONE; RW"},
		{"alter table t add c int first", "mysql-8.0.29", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t drop n", "mysql-8.0.28", "INPLACE, LOCK=NONE; RW"},
		{"alter table t drop n", "mariadb-10.4", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t drop n", "mariadb-10.3", "INPLACE, LOCK=NONE; RW"},
		{"alter table t modify s varchar(60)", "mysql-8.0.36", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t modify s varchar(64)", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t modify s varchar(64)", "mariadb-10.11", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t modify w varchar(400)", "mysql-8.0.36", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t modify w varchar(100)", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t modify n int not null", "mysql-8.0.36", "INPLACE, LOCK=NONE; RW"},
		{"alter table t modify n bigint", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t modify n integer(11)", "mysql-8.0.36", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t modify e enum('a','b','c')", "mysql-8.0.36", "INSTANT, LOCK=NONE; catalog"},
		{"alter table t modify e enum('b','a')", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t add index (n)", "mysql-8.0.36", "NOCOPY, LOCK=NONE; IX"},
		{"alter table t add fulltext (s)", "mysql-8.0.36", "INPLACE, LOCK=SHARED; IX"},
		{"alter table t drop primary key, add primary key (n)", "mysql-8.0.36", "INPLACE, LOCK=NONE; RW"},
		{"alter table t drop primary key", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t add c int, algorithm=copy", "mysql-8.0.36", "COPY, LOCK=SHARED; RW"},
		{"alter table t partition by hash (id)", "mariadb-10.11", "COPY, LOCK=SHARED; RW"},
	} {
		server, err := ParseServer(tt.server, schema.MySQL)
		if err != nil {
			t.Fatal(err)
		}
		script, err := split.Split("x.sql", []byte(tt.sql), split.Options{Dialect: schema.MySQL})
		if err != nil {
			t.Fatal(err)
		}
		actions := statement.Parse(&script.Statements[0], schema.MySQL)
		im := Of(&Context{Server: server, Schema: s, Statement: actions}, &actions[0])
		if got := im.Effect.String(); got != tt.want {
			t.Errorf("%s on %s: %s, not %s", tt.sql, server, got, tt.want)
		}
	}
}
