package rawsql

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

func TestLoads(t *testing.T) {
	for _, tc := range []struct {
		name, lang, path, code string
		want                   []string
	}{
		{"Go: a query in a loop over rows, in another function", "go", "store/store.go", `package store

import "database/sql"

const byUser = "SELECT id FROM orders WHERE user_id = $1"

func orders(db *sql.DB, id int) error {
	rows, err := db.Query(byUser, id)
	if err != nil {
		return err
	}
	return rows.Close()
}

func All(db *sql.DB) {
	rows, _ := db.Query("SELECT id FROM users")
	for rows.Next() {
		orders(db, 1)
	}
	for _, id := range []int{1, 2} {
		db.Exec("DELETE FROM users WHERE id = $1", id)
	}
}

func Write(db *sql.DB, ids []int) {
	for _, id := range ids {
		db.ExecContext(nil, "UPDATE users SET seen = true WHERE id = $1", id)
	}
	db.Exec("SELECT pg_advisory_lock(1)")
}
`, []string{"query orders 8", "write users 27"}},
		{"Python: cursor and executemany", "python", "app.py", `def f(cursor, ids):
    for i in ids:
        cursor.execute("SELECT * FROM users WHERE id = %s", [i])
        cursor.executemany("INSERT INTO log (a) VALUES (%s)", rows)
        cursor.execute("SET search_path TO x")
`, []string{"query users 3"}},
		{"TypeScript: client.query and a tagged template", "typescript", "a.ts", "export async function f(client: any, ids: number[]) {\n  const { rows } = await client.query(`SELECT id FROM users`);\n  for (const r of ids) await client.query(\"SELECT count(*) FROM orders WHERE user_id = $1\", [r]);\n  return Promise.all(rows.map(async (r) => prisma.$executeRaw`UPDATE users SET n = 1 WHERE id = ${r.id}`));\n}\n",
			[]string{"aggregate orders 3", "write users 4"}},
		{"PHP: a facade", "php", "a.php", `<?php
function f($ids) {
    foreach ($ids as $id) {
        DB::select("SELECT * FROM users WHERE id = ?", [$id]);
        $cache->select("users of the day");
    }
}
`, []string{"query users 4"}},
		{"Java: JdbcTemplate", "java", "A.java", `class A {
  void f(java.util.List<Long> ids) {
    for (Long id : ids) {
      jdbcTemplate.queryForObject("SELECT name FROM users WHERE id = ?", String.class, id);
      jdbcTemplate.batchUpdate("UPDATE users SET a = 1 WHERE id = ?", args);
    }
  }
}
`, []string{"query users 4"}},
		{"Ruby: connection", "ruby", "a.rb", `def f(ids)
  ids.each { |i| connection.execute("DELETE FROM users WHERE id = #{i}") }
end
`, []string{"write users 2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !lang.Parsed(tc.lang) {
				t.Skipf("this build has no %s parser (cgo is off)", tc.lang)
			}
			p := load.FromFiles(map[string]string{tc.path: tc.code})
			for _, f := range p.Files {
				if f.Tree == nil || f.Tree.Errors > 0 {
					t.Fatalf("%s does not parse", f.Path)
				}
			}
			r := flow.Analyze(context.Background(), p, []flow.Framework{New()})
			var got []string
			for _, l := range r.Loads {
				kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
				got = append(got, fmt.Sprintf("%s %s %d", kind, l.Query.Model.Table, l.Site.Node.Line()))
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("loads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}
