package indexing

import (
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

func database(t *testing.T, ddl string) *project.Database {
	t.Helper()
	ops, problems := sqlddl.ParseDDL("schema.sql", []byte(ddl), schema.Postgres)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &project.Database{Schema: schema.Fold([]schema.Migration{{Path: "schema.sql", Ops: ops}}, schema.Postgres)}
}

func TestUnindexed(t *testing.T) {
	parents := "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE task_schedules (id bigint PRIMARY KEY);\nCREATE TABLE scanners (id bigint PRIMARY KEY, uuid text UNIQUE);\nCREATE TABLE old_groups (id bigint PRIMARY KEY);\nCREATE TABLE new_groups (id bigint PRIMARY KEY);\n"
	tests := []struct{ name, columns, want string }{
		{"named like the table", "user_id bigint", "user_id"},
		{"camel case", `"userId" bigint`, "userId"},
		{"a role before the table", "reviewed_by_user_id bigint", "reviewed_by_user_id"},
		{"an irregular plural", "person_id bigint", "person_id"},
		{"the end of a table's name", "schedule_id bigint", "schedule_id"},
		{"two tables end so", "group_id bigint", ""},
		{"another key than id", "scanner_uuid text", "scanner_uuid"},
		{"another type", "user_id text", ""},
		{"no such table", "order_id bigint", ""},
		{"a tree", "parent_id bigint", "parent_id"},
		{"not a key", "user_count bigint", ""},
		{"indexed", "user_id bigint UNIQUE", ""},
		{"a constraint of any name", "owner bigint REFERENCES users (id)", "owner"},
		{"a pair", "subject_id bigint, subject_type text", "subject_type,subject_id"},
		{"a pair that is indexed", "subject_id bigint, subject_type text, UNIQUE (subject_type, subject_id)", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := database(t, parents+"CREATE TABLE children (id bigint PRIMARY KEY, "+tt.columns+");")
			var got []string
			for _, k := range Unindexed(db, db.Schema.Table("children")) {
				got = append(got, strings.Join(k.Columns, ","))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("keys without an index: %q, want %q", s, tt.want)
			}
		})
	}
}

func TestSQL(t *testing.T) {
	db := database(t, `CREATE TABLE orders (id bigint PRIMARY KEY, "userId" bigint, at timestamptz); CREATE TABLE logs (id bigint) PARTITION BY RANGE (id); CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (1) TO (2);`)
	orders, logs := db.Schema.Table("orders"), db.Schema.Table("logs")
	mysql := &project.Database{Schema: &schema.Schema{Dialect: schema.MySQL}}
	tests := []struct {
		ask  Ask
		want string
	}{
		{Ask{DB: db, Table: orders, Columns: schema.PlainColumns("userId", "at")}, `CREATE INDEX CONCURRENTLY "index_orders_on_userId_and_at" ON orders ("userId", at);`},
		{Ask{DB: db, Table: orders, Columns: []schema.IndexColumn{{Name: "at", Desc: true}}, Unique: true}, `CREATE UNIQUE INDEX CONCURRENTLY index_orders_on_at ON orders (at DESC);`},
		{Ask{DB: db, Table: orders, Columns: []schema.IndexColumn{{Expr: "lower(email)"}}}, `CREATE INDEX CONCURRENTLY index_orders_on_lower_email ON orders ((lower(email)));`},
		{Ask{DB: db, Table: orders, Columns: []schema.IndexColumn{{Name: "at", OpClass: "gin_trgm_ops"}}, Method: "gin"}, `CREATE INDEX CONCURRENTLY index_orders_on_at ON orders USING gin (at gin_trgm_ops);`},
		{Ask{DB: db, Table: logs, Columns: schema.PlainColumns("id")}, `CREATE INDEX index_logs_on_id ON logs (id);`},
		{Ask{DB: mysql, Table: orders, Columns: schema.PlainColumns("userId", "order")}, "CREATE INDEX index_orders_on_userId_and_order ON orders (userId, `order`) ALGORITHM=INPLACE LOCK=NONE;"},
	}
	for _, tt := range tests {
		if got := tt.ask.SQL(); got != tt.want {
			t.Errorf("SQL = %s\nwant  %s", got, tt.want)
		}
	}
	long := Ask{DB: db, Table: orders, Columns: schema.PlainColumns(strings.Repeat("a", 40), strings.Repeat("b", 40))}
	other := Ask{DB: db, Table: orders, Columns: schema.PlainColumns(strings.Repeat("a", 40), strings.Repeat("b", 41))}
	if n := long.IndexName(); len(n) > 63 || n == other.IndexName() {
		t.Errorf("the name %q is too long or not its own", n)
	}
}

func TestSelective(t *testing.T) {
	db := database(t, `CREATE TABLE x (id bigint PRIMARY KEY, token text, status text, is_open boolean, title text, year integer, kind mood, at timestamptz)`)
	table := db.Schema.Table("x")
	want := map[string]int{"id": 3, "token": 3, "status": 0, "is_open": 0, "title": 2, "year": 0, "kind": 0, "at": 1}
	for _, c := range table.Columns {
		if got := Selective(table, c); got != want[c.Name] {
			t.Errorf("%s rates %d, want %d", c.Name, got, want[c.Name])
		}
	}
}

func TestExpression(t *testing.T) {
	db := database(t, `CREATE TABLE x (id bigint PRIMARY KEY, email text, data jsonb)`)
	table := db.Schema.Table("x")
	tests := []struct{ column, function, expr, want string }{
		{"email", "lower", "", "lower(email)"},
		{"email", "lower", "lower(u.email)", "lower(email)"},
		{"data", "->>", "d.data->>'key'", "data->>'key'"},
		{"data", "->>", "data->>$1", ""},
		{"data", "->>", "data->>{}", ""},
	}
	for _, tt := range tests {
		c := Condition{Column: table.Column(tt.column), Func: tt.function, Expr: tt.expr}
		if got := expression(c); got != tt.want {
			t.Errorf("expression(%q) = %q, want %q", tt.expr, got, tt.want)
		}
	}
	if !slices.ContainsFunc([]Condition{{Func: "lower"}}, Stable) || slices.ContainsFunc([]Condition{{Func: "random"}}, Stable) {
		t.Error("lower() can be indexed, random() can not")
	}
}
