package sqlquery

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// brief prints what matters of a statement, so that the tables below read as a specification.
func brief(st *Statement) string {
	var b strings.Builder
	b.WriteString(string(st.Kind))
	for _, t := range st.Tables {
		fmt.Fprintf(&b, " from(%s", t.Name)
		if t.Alias != "" {
			b.WriteString(" " + t.Alias)
		}
		if t.Join != "" {
			b.WriteString(" " + t.Join)
		}
		b.WriteString(")")
	}
	for _, j := range st.JoinOn {
		fmt.Fprintf(&b, " on(%s.%s=%s.%s %s)", j.LeftTable, j.LeftColumn, j.RightTable, j.RightColumn, j.Kind)
	}
	for _, f := range st.Filters {
		b.WriteString(" " + briefFilter(f))
	}
	for _, g := range st.GroupBy {
		fmt.Fprintf(&b, " group(%s%s)", g.Column, g.Expr)
	}
	for _, k := range st.OrderBy {
		fmt.Fprintf(&b, " order(%s%s", k.Column, k.Expr)
		if k.Position > 0 {
			fmt.Fprintf(&b, "#%d", k.Position)
		}
		if k.Desc {
			b.WriteString(" desc")
		}
		if k.Nulls != "" {
			b.WriteString(" nulls " + k.Nulls)
		}
		b.WriteString(")")
	}
	for _, a := range st.Aggregates {
		fmt.Fprintf(&b, " %s(%s)", a.Func, a.Arg)
	}
	flags := []struct {
		on   bool
		name string
	}{{st.HasLimit, "limit=" + st.Limit}, {st.HasOffset, "offset=" + st.Offset}, {st.ForUpdate, "for-update"}, {st.SkipLocked, "skip-locked"}, {st.SelectStar, "star"},
		{st.Distinct, "distinct"}, {st.Union, "union"}, {st.OrAcrossColumns, "or-across"}, {st.NotInSubquery, "not-in"}, {st.OrderRandom, "random"}, {st.OnConflict, "upsert"},
		{st.Returning, "returning"}, {st.Dynamic, "dynamic"}, {st.Rows > 0, fmt.Sprintf("rows=%d", st.Rows)}}
	for _, f := range flags {
		if f.on {
			b.WriteString(" " + f.name)
		}
	}
	for _, sub := range st.Subqueries {
		fmt.Fprintf(&b, " {%s%s: %s}", sub.Role, strings.TrimRight(" "+sub.Name, " "), brief(sub))
	}
	return b.String()
}

func briefFilter(f Filter) string {
	var b strings.Builder
	if f.Not {
		b.WriteString("not ")
	}
	name := f.Column
	if f.Table != "" {
		name = f.Table + "." + name
	}
	if f.Func != "" {
		name = f.Func + "[" + name + "]"
	}
	fmt.Fprintf(&b, "%s %s %s", name, f.Op, f.Value)
	if f.LeadingWildcard {
		b.WriteString(" %x")
	}
	if f.Or {
		b.WriteString(" or")
	}
	if f.Having {
		b.WriteString(" having")
	}
	return "<" + b.String() + ">"
}

func TestAnalyze(t *testing.T) {
	cases := []struct{ name, sql, want string }{
		{"plain", "SELECT * FROM users WHERE email = ? ORDER BY created_at DESC, id LIMIT 10 OFFSET 20",
			"select from(users) <users.email = parameter> order(created_at desc) order(id) limit=10 offset=20 star"},
		{"join", "select u.id, p.title from users u inner join posts as p on p.user_id = u.id where u.active = true and p.score >= $1",
			"select from(users u) from(posts p inner) on(posts.user_id=users.id inner) <users.active = literal> <posts.score range parameter>"},
		{"self join", "SELECT a.id FROM nodes a LEFT JOIN nodes b ON b.parent_id = a.id",
			"select from(nodes a) from(nodes b left) on(nodes.parent_id=nodes.id left)"},
		{"implicit join", `SELECT 1 FROM a, b WHERE a.x = b.y AND b.z IN (1, 2)`,
			"select from(a) from(b) on(a.x=b.y where) <b.z in literal>"},
		{"using", "SELECT 1 FROM a JOIN b USING (k)", "select from(a) from(b inner) on(a.k=b.k inner)"},
		{"quoted", `SELECT "public"."Run"."id" FROM "public"."Run" WHERE ("public"."Run"."batchId" = $1 AND "Run"."done" IS NULL)`,
			"select from(Run) <Run.batchId = parameter> <Run.done is null literal>"},
		{"backquoted", "SELECT `id` FROM `t` WHERE `a` = \"x\" AND LOWER(`b`) LIKE '%x'",
			"select from(t) <t.a = literal> <lower[t.b] like literal %x>"},
		{"functions", "SELECT id FROM e WHERE date(created_at) = '2020-01-01' AND data->>'k' = :v AND CAST(n AS text) = ? AND lower(coalesce(name, '')) = %s",
			"select from(e) <date[e.created_at] = literal> <->>[e.data] = parameter> <cast[e.n] = parameter> <lower[e.name] = parameter>"},
		{"cast", "SELECT id FROM e WHERE created_at::date = current_date AND id = $1::uuid",
			"select from(e) <cast[e.created_at] = expression> <e.id = parameter>"},
		{"arithmetic", "SELECT id FROM e WHERE created_at + interval '1 day' < now()",
			"select from(e) <+[e.created_at] range expression>"},
		{"ranges", "SELECT id FROM e WHERE a BETWEEN ? AND ? AND b > 1", "select from(e) <e.a range parameter> <e.b range literal>"},
		{"flipped", "SELECT id FROM e WHERE ? < a", "select from(e) <e.a range parameter>"},
		{"or across", "SELECT id FROM e WHERE a = ? OR b = ?", "select from(e) <e.a = parameter or> <e.b = parameter or> or-across"},
		{"or on one column", "SELECT id FROM e WHERE a IS NULL OR a < ?", "select from(e) <e.a is null literal or> <e.a range parameter or>"},
		{"keyset", "SELECT id FROM e WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT 5",
			"select from(e) <e.created_at range parameter> <e.id range parameter> order(created_at desc) order(id desc) limit=5"},
		{"in subquery", "SELECT id FROM e WHERE a NOT IN (SELECT a_id FROM f WHERE g = 1)",
			"select from(e) <not e.a in subquery> not-in {filter: select from(f) <f.g = literal>}"},
		{"exists", "SELECT id FROM e WHERE NOT EXISTS (SELECT 1 FROM f WHERE f.e_id = e.id)",
			"select from(e) <not  exists subquery> {filter: select from(f) on(f.e_id=e.id where)}"},
		{"any", "SELECT id FROM e WHERE id = ANY($1) AND ? = ANY(tags)", "select from(e) <e.id in parameter> <e.tags contains parameter>"},
		{"jsonb", "SELECT id FROM e WHERE tags @> $1 AND labels && $2", "select from(e) <e.tags contains parameter> <e.labels contains parameter>"},
		{"full text", "SELECT id FROM e WHERE MATCH(a, b) AGAINST (?)", "select from(e) <e.a match parameter> <e.b match parameter>"},
		{"is not null", "SELECT id FROM e WHERE a IS NOT NULL AND NOT b AND c IS DISTINCT FROM 1",
			"select from(e) <e.a is not null literal> <not e.b truth literal> <e.c <> literal>"},
		{"aggregates", "SELECT COUNT(*), max(a) FROM e GROUP BY b, date(c) HAVING count(*) > 1",
			"select from(e) group(b) group(date(c)) count(*) max(a)"},
		{"window is no aggregate", "SELECT count(*) OVER (PARTITION BY a) FROM e", "select from(e)"},
		{"distinct random", "SELECT DISTINCT a FROM e ORDER BY RANDOM() LIMIT 1", "select from(e) order(RANDOM()) limit=1 distinct random"},
		{"locking", "SELECT id FROM jobs WHERE state = 'queued' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1",
			"select from(jobs) <jobs.state = literal> order(id) limit=1 for-update skip-locked"},
		{"mysql limit", "SELECT a FROM e LIMIT 20, 10", "select from(e) limit=10 offset=20"},
		{"fetch", "SELECT a FROM e ORDER BY 1 FETCH FIRST 5 ROWS ONLY", "select from(e) order(1#1) limit=5"},
		{"top", "SELECT TOP 3 a FROM e", "select from(e) limit=3"},
		{"cte", "WITH x AS (SELECT id FROM e WHERE a = 1), y (k) AS MATERIALIZED (SELECT 2 FROM f) SELECT * FROM x JOIN y ON y.k = x.id",
			"select from(x) from(y inner) on(y.k=x.id inner) star {cte x: select from(e) <e.a = literal>} {cte y: select from(f)}"},
		{"derived", "SELECT d.n FROM (SELECT n FROM e WHERE a = 1) AS d WHERE d.n > 2",
			"select from( d) <n range literal> {from d: select from(e) <e.a = literal>}"},
		{"union", "SELECT a FROM e WHERE x = 1 UNION ALL SELECT b FROM f WHERE y = 2 ORDER BY 1 LIMIT 3",
			"select from(e) <e.x = literal> limit=3 union {union: select from(f) <f.y = literal> order(1#1) limit=3}"},
		{"parenthesised union", "(SELECT a FROM e) UNION (SELECT b FROM f)", "select from(e) union {union: select from(f)}"},
		{"insert", "INSERT INTO users (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING id",
			"insert from(users) upsert returning rows=2"},
		{"insert select", "INSERT INTO a (x) SELECT y FROM b WHERE z = 1", "insert from(a) {source: select from(b) <b.z = literal>}"},
		{"update", "UPDATE users u SET n = n + 1, m = ? FROM teams t WHERE t.id = u.team_id AND u.id = ?",
			"update from(users u) from(teams t) on(teams.id=users.team_id where) <users.id = parameter>"},
		{"delete", "DELETE FROM e USING f WHERE e.id = f.e_id AND f.x < now() LIMIT 100",
			"delete from(e) from(f) on(e.id=f.e_id where) <f.x range expression> limit=100"},
		{"ruby template", "SELECT * FROM #{table} WHERE id = #{id} AND name = '#{name}'", "select from(#{table}) <#{table}.id = parameter> <#{table}.name = literal> star dynamic"},
		{"python template", "SELECT a FROM {table} WHERE x = {x} AND y IN ({ids})", "select from({table}) <{table}.x = parameter> <{table}.y in parameter> dynamic"},
		{"concatenated pattern", "SELECT a FROM e WHERE n LIKE '%' || ? || '%' AND m LIKE ? || '%' AND k LIKE CONCAT('%', ?)",
			"select from(e) <e.n like parameter %x> <e.m like parameter> <e.k like parameter %x>"},
		{"format pattern", "SELECT a FROM e WHERE n LIKE '%s%%' AND m LIKE '%%%s%%' AND o ILIKE '%%x'", "select from(e) <e.n like literal> <e.m like literal %x> <e.o like literal %x>"},
		{"case in order", "SELECT a FROM e ORDER BY CASE WHEN b = 1 THEN 0 ELSE 1 END, c ASC NULLS LAST", "select from(e) order(CASE WHEN b = 1 THEN 0 ELSE 1 END) order(c nulls last)"},
		{"scalar subquery", "SELECT a, (SELECT count(*) FROM f WHERE f.e_id = e.id) FROM e", "select from(e) {select: select from(f) on(f.e_id=e.id where) count(*)}"},
		{"index hint", "SELECT a FROM e USE INDEX (i) WHERE b = 1", "select from(e) <e.b = literal>"},
		{"grouped or", "SELECT a FROM e WHERE x = 1 AND (y = 2 OR z = 3)", "select from(e) <e.x = literal> <e.y = literal or> <e.z = literal or> or-across"},
		{"not SQL", "Please select one from the list", ""},
		{"empty", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			st := Analyze(c.sql)
			if got := brief(&st); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
			}
		})
	}
}

func TestFragments(t *testing.T) {
	st := AnalyzeWhere("score > ? AND LOWER(name) = ? AND stories.user_id IN (?)")
	if got, want := brief(&st), "fragment <score range parameter> <lower[name] = parameter> <stories.user_id in parameter>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if st.Placeholders != 3 {
		t.Errorf("got %d placeholders, want 3", st.Placeholders)
	}
	want := []OrderKey{{Column: "created_at", Desc: true}, {Table: "t", Column: "id"}, {Expr: "lower(name)"}}
	if got := AnalyzeOrder("created_at DESC, t.id, lower(name)"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSelectedColumns(t *testing.T) {
	st := Analyze("SELECT u.id, name AS n, lower(x), count(*) FROM users u")
	if want := []string{"id", "name"}; !reflect.DeepEqual(st.Columns, want) {
		t.Errorf("got %v, want %v", st.Columns, want)
	}
	up := Analyze("UPDATE a SET x = 1, \"y\" = y + 1 WHERE id = 3")
	if want := []string{"x", "y"}; !reflect.DeepEqual(up.Columns, want) {
		t.Errorf("got %v, want %v", up.Columns, want)
	}
}

func TestLooksLikeSQL(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1 FROM a": true, " select id\nfrom t": true, "(SELECT a FROM b)": true, "UPDATE t SET a = 1": true, "delete from t": true, "WITH a AS (SELECT 1) SELECT 2": true,
		"Select one": false, "update your profile": false, "delete": false, "with love": false, "": false, "Insert coin": false, "insert into t values (1)": true,
	} {
		if got := LooksLikeSQL(text); got != want {
			t.Errorf("LooksLikeSQL(%q) = %v", text, got)
		}
	}
}

func TestHostileTextIsReadInLinearTime(t *testing.T) {
	n := 200_000
	for name, text := range map[string]string{
		"parentheses": "SELECT " + strings.Repeat("(", n),
		"conditions":  "SELECT a FROM b WHERE " + strings.Repeat("(a = 1 OR ", n),
		"subqueries":  strings.Repeat("SELECT a FROM b WHERE a IN (", n/8),
		"unions":      "SELECT 1" + strings.Repeat(" UNION SELECT 1", n/4),
		"ors":         "SELECT a FROM b WHERE a = 1" + strings.Repeat(" OR c = 1", n/4),
		"quotes":      "SELECT " + strings.Repeat("'\"`$a$", n),
		"joins":       "SELECT 1 FROM a" + strings.Repeat(" JOIN b ON", n/4),
		"functions":   "SELECT a FROM b WHERE " + strings.Repeat("f(", n),
	} {
		start := time.Now()
		Analyze(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(text))
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, seed := range []string{"SELECT * FROM a WHERE b = ? ORDER BY c", "WITH x AS (SELECT 1) DELETE FROM a USING b WHERE a.x IN (SELECT 1)", "INSERT INTO a (b) VALUES ('%s')",
		"UPDATE a SET (b, c) = (SELECT 1, 2)", "((((", "SELECT $a$ FROM #{x} WHERE {y} = ANY(", "a = 1 OR b BETWEEN 1 AND", "SELECT a FROM b LIMIT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		st := Analyze(sql)
		st.Walk(func(s *Statement) {
			if s == nil {
				t.Error("a subquery is nil")
			}
		})
		AnalyzeWhere(sql)
		AnalyzeOrder(sql)
		LooksLikeSQL(sql)
	})
}
