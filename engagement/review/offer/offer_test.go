package offer_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/internal/testserver"
)

const before = `
CREATE TABLE orgs (id bigint PRIMARY KEY, "Code" text NOT NULL UNIQUE);
CREATE TABLE users (id bigint PRIMARY KEY, email text, ORG_ID bigint, "orgCode" text);
CREATE TABLE "Event" (id bigint NOT NULL, "userId" bigint NOT NULL, at timestamptz);
CREATE SCHEMA app;
CREATE TABLE app.items (id int, label varchar(40));
`

// offered walks over one statement and returns what is offered for its first action.
func offered(t *testing.T, sql string) (rewrite.Recipe, string, bool) {
	t.Helper()
	w := lint.NewWorld(predict.Server{Product: predict.PostgreSQL, Major: 15, Patch: -1}, "")
	walker := lint.NewWalker(w, nil)
	if err := walker.Walk(t.Context(), layout.Parse("before.sql", []byte(before), layout.Plain, schema.Postgres, ""), false); err != nil {
		t.Fatal(err)
	}
	var recipe rewrite.Recipe
	var reason string
	var ok bool
	walker.Hazards = []*lint.Hazard{{Doc: lint.Doc{ID: "test"}, Statement: func(p *lint.Pass) {
		recipe, reason, ok = offer.For(p.World, p.Step, &p.Step.Actions[0], &p.Step.Impacts[0])
	}}}
	if err := walker.Walk(t.Context(), layout.Parse("new.sql", []byte(sql), layout.Plain, schema.Postgres, ""), true); err != nil {
		t.Fatal(err)
	}
	return recipe, reason, ok
}

// TestOffered carries out the statement in one database and the recipe in another: the same schema comes of both.
func TestOffered(t *testing.T) {
	server := testserver.PostgresFor(t)
	admin, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.WithoutCancel(t.Context()))
	for i, sql := range []string{
		`ALTER TABLE users ALTER COLUMN email SET NOT NULL`,
		`ALTER TABLE Users ALTER "orgCode" SET NOT NULL`,
		`ALTER TABLE users ADD CONSTRAINT Users_Org FOREIGN KEY (Org_Id) REFERENCES orgs`,
		`ALTER TABLE users ADD FOREIGN KEY ("orgCode") REFERENCES orgs ("Code") ON DELETE SET NULL`,
		`ALTER TABLE "Event" ADD FOREIGN KEY ("userId") REFERENCES public.users (id) ON DELETE CASCADE`,
		`ALTER TABLE users ADD CONSTRAINT "Long" CHECK ((length(email) > 3) AND (id > 0))`,
		`ALTER TABLE users ADD UNIQUE (email, org_id)`,
		`ALTER TABLE app.items ADD CONSTRAINT items_label UNIQUE (label)`,
		`ALTER TABLE "Event" ADD PRIMARY KEY (id)`,
		`ALTER TABLE app.Items ADD PRIMARY KEY (id)`,
		`CREATE INDEX ON users (email)`,
		`CREATE UNIQUE INDEX "eventUser" ON "Event" ("userId", at) WHERE at IS NOT NULL`,
		`CREATE INDEX Items_Label ON app.items USING hash (Label)`,
		`ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()`,
	} {
		t.Run(sql, func(t *testing.T) {
			recipe, reason, ok := offered(t, sql)
			if !ok {
				t.Fatalf("nothing is offered: %q", reason)
			}
			plain := prepare(t, admin, server.URL, "plain", i)
			wanted := func() string {
				conn := connect(t, plain)
				if _, err := conn.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
				return picture(t, conn)
			}()
			address := prepare(t, admin, server.URL, "recipe", i)
			parsed, err := database.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			runner := execute.Runner{URL: parsed}
			if err := runner.Run(t.Context(), recipe); err != nil {
				t.Fatal(err)
			}
			if got := picture(t, connect(t, address)); got != wanted {
				t.Errorf("the recipe gives\n%s\nthe statement gives\n%s", got, wanted)
			}
			if fix := offer.Fix("", &recipe); !strings.Contains(fix.SQL, "-- 1. ") || fix.Rollback == "" {
				t.Errorf("the fix is written as %+v", fix)
			}
		})
	}
}

func prepare(t *testing.T, admin *pgx.Conn, server, kind string, i int) string {
	t.Helper()
	name := kind + "_" + string(rune('a'+i))
	if _, err := admin.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	if _, err := connect(t, u.String()).Exec(t.Context(), before+`insert into orgs select n, n::text from generate_series(1, 2500) n;
insert into users select n, (n + 10000)::text, null, n::text from generate_series(1, 2500) n`); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// picture lists columns, constraints and indexes as the server writes them.
func picture(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
select 'column ' || attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || coalesce(pg_get_expr(adbin, adrelid), '')
from pg_attribute join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
where c.relkind = 'r' and attnum > 0 and not attisdropped and relnamespace::regnamespace::text in ('public', 'app')
union all select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated from pg_constraint where connamespace::regnamespace::text in ('public', 'app')
union all select 'index ' || indexrelid::regclass || ' ' || pg_get_indexdef(indexrelid) || ' ' || indisvalid from pg_index join pg_class c on c.oid = indexrelid where relnamespace::regnamespace::text in ('public', 'app')
order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestNotOffered holds that a clause which a recipe would lose is a reason, and that silence is no reason.
func TestNotOffered(t *testing.T) {
	for sql, want := range map[string]string{
		`ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (org_id) REFERENCES orgs DEFERRABLE`:                   "DEFERRABLE",
		`ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (org_id) REFERENCES orgs ON UPDATE CASCADE`:            "ON UPDATE",
		`ALTER TABLE users ADD CHECK (id > 0)`:                                                                 "no name",
		`ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NO INHERIT`:                                         "NO INHERIT",
		`CREATE INDEX i ON users (email text_pattern_ops)`:                                                     "operator class",
		`CREATE INDEX i ON users (lower(email))`:                                                               "expression",
		`CREATE INDEX i ON users (email DESC)`:                                                                 "DESC",
		`CREATE INDEX i ON users (email) WITH (fillfactor = 70)`:                                               "WITH",
		`CREATE INDEX a_name_that_is_so_long_that_the_server_would_cut_it_off_after_63_bytes ON users (email)`: "longer than 63 bytes",
		`ALTER TABLE users ADD COLUMN token uuid CHECK (token IS NOT NULL) DEFAULT gen_random_uuid()`:          "constraints",
		`ALTER TABLE users ALTER COLUMN id TYPE numeric`:                                                       "",
		`ALTER TABLE unknown ADD PRIMARY KEY (id)`:                                                             "Give the schema",
	} {
		_, reason, ok := offered(t, sql)
		if ok || !strings.Contains(reason, want) || want == "" && reason != "" {
			t.Errorf("%s: offered %v, reason %q, want %q", sql, ok, reason, want)
		}
	}
}
