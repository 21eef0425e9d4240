package recipetest

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// TestNarrowerType: values that the plain statement refuses are refused, before anything is changed, and never cut off:
// neither by the question nor by the trigger nor by the backfill.
func TestNarrowerType(t *testing.T) {
	p := table("post")
	setup := []string{"CREATE TABLE post (id bigint PRIMARY KEY, url text, bits bit varying(8), amount bigint)",
		"INSERT INTO post SELECT n, 'https://example.com/' || n, B'11110000', 3000000000 + n FROM generate_series(1, 300) AS n"}
	for _, c := range []rewrite.ChangeType{
		{Table: p, Column: "url", To: "varchar(10)"},
		{Table: p, Column: "url", To: "char(10)"},
		{Table: p, Column: "bits", To: "varbit(4)"},
		{Table: p, Column: "amount", To: "integer"},
		{Table: p, Column: "amount", To: "varchar(3)"},
	} {
		t.Run(c.Column+" to "+c.To, func(t *testing.T) {
			address := fresh(t, setup...)
			want := value(t, address, "SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM post AS p")
			r := recipeOf(t, c, factsOf(t, address))
			for _, plain := range r.Plain {
				if err := run(t.Context(), address, plain); err == nil {
					t.Error("the plain statement goes through")
				}
			}
			if err := carry(t, address, r, nil); err == nil || !strings.Contains(err.Error(), r.Preflight[1].Says) {
				t.Errorf("the recipe ends with %v, want the question answered", err)
			}
			r.Preflight = nil
			if err := byHand(t, address, r); err == nil {
				t.Error("without the question the recipe goes through")
			}
			if err := run(t.Context(), address, "INSERT INTO post SELECT 1000, url, bits, amount FROM post WHERE id = 1"); err == nil {
				t.Error("the trigger lets a value through that does not fit")
			}
			sql(t, address, "ALTER TABLE post DISABLE TRIGGER USER")
			if got := value(t, address, "SELECT md5(string_agg(ROW(id, url, bits, amount)::text, ',' ORDER BY id)) FROM post"); got != want {
				t.Error("the rows have changed")
			}
		})
	}
	address := fresh(t, setup...)
	refusedAs(t, rewrite.ChangeType{Table: p, Column: "url", To: "bigint"}, factsOf(t, address), "USING")
	// What fits goes through, blanks beyond the length included, and what is cut off by its own words is.
	sql(t, address, "UPDATE post SET url = left(url, 10) || '   '")
	if err := carry(t, address, recipeOf(t, rewrite.ChangeType{Table: p, Column: "url", To: "varchar(10)"}, factsOf(t, address)), nil); err != nil {
		t.Error(err)
	}
	if err := carry(t, address, recipeOf(t, rewrite.ChangeType{Table: p, Column: "url", To: "varchar(4)", Using: "url::varchar(4)"}, factsOf(t, address)), nil); err != nil {
		t.Error(err)
	}
	if got := value(t, address, "SELECT DISTINCT url FROM post"); got != "http" {
		t.Errorf("the URLs are %q", got)
	}
}

// TestSessionsDiffer: a conversion by a setting of the session is refused, and one that says what it goes by is the same
// for a writer elsewhere.
func TestSessionsDiffer(t *testing.T) {
	acc := table("acc")
	address := fresh(t, "CREATE TABLE acc (id bigint PRIMARY KEY, ts timestamptz, day date, sum double precision)", "INSERT INTO acc VALUES (1, '2026-01-01 12:00Z', '2026-01-01', 0.1)")
	f := factsOf(t, address)
	for _, c := range []rewrite.ChangeType{
		{Table: acc, Column: "ts", To: "timestamp"}, {Table: acc, Column: "ts", To: "date", Using: "ts::date"}, {Table: acc, Column: "day", To: "timestamptz"},
		{Table: acc, Column: "ts", To: "text"}, {Table: acc, Column: "sum", To: "text"},
	} {
		refusedAs(t, c, f, "setting")
	}
	hidden := recipeOf(t, rewrite.ChangeType{Table: acc, Column: "ts", To: "timestamp", Using: "date_trunc('hour', ts)::timestamp"}, f)
	if err := carry(t, address, hidden, nil); err == nil || !strings.Contains(err.Error(), "IMMUTABLE") {
		t.Errorf("an expression that goes by the zone of the session ends with %v", err)
	}
	if got := value(t, address, "SELECT count(*)::text FROM pg_attribute WHERE attrelid = 'acc'::regclass AND attnum > 0"); got != "4" {
		t.Errorf("there are %s columns", got)
	}
	r := recipeOf(t, rewrite.ChangeType{Table: acc, Column: "ts", To: "timestamp", Using: "acc.ts AT TIME ZONE 'UTC'"}, f)
	if err := carry(t, address, r, func(step string) {
		if step == "fill" {
			sql(t, address, "SET TimeZone = 'America/New_York'; INSERT INTO acc VALUES (2, '2026-01-01 12:00Z')")
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got := value(t, address, "SELECT DISTINCT ts::text FROM acc"); got != "2026-01-01 12:00:00" {
		t.Errorf("one instant has become %q", got)
	}
}

// TestFailsAtOnce: what the server refuses of a change it refuses before anything has been changed.
func TestFailsAtOnce(t *testing.T) {
	items := table("items")
	setup := []string{"CREATE TABLE kinds (id integer PRIMARY KEY)",
		"CREATE TABLE items (id bigint PRIMARY KEY, name varchar(20) DEFAULT 'a''b', code text CHECK (code ~ '^[0-9]'), tag varchar(20), kind integer REFERENCES kinds, at timestamp DEFAULT now()::timestamp)",
		"CREATE INDEX by_tag ON items (tag varchar_pattern_ops)", "INSERT INTO items SELECT n, n::text, n::text, n::text FROM generate_series(1, 100) AS n"}
	address := fresh(t, setup...)
	f := factsOf(t, address)
	refusedAs(t, rewrite.ChangeType{Table: items, Column: "name", To: "int", Using: "length(name)"}, f, "default")
	refusedAs(t, rewrite.ChangeType{Table: items, Column: "kind", To: "text"}, f, "foreign key")
	for name, c := range map[string]rewrite.ChangeType{
		"check":   {Table: items, Column: "code", To: "int", Using: "length(code)"},
		"index":   {Table: items, Column: "tag", To: "int", Using: "length(tag)"},
		"default": {Table: items, Column: "at", To: "int", Using: "extract(year from at)::int"},
	} {
		t.Run(name, func(t *testing.T) {
			first, err := Snapshot(t.Context(), address, true)
			if err != nil {
				t.Fatal(err)
			}
			if err := byHand(t, address, recipeOf(t, c, f)); err == nil {
				t.Error("the recipe goes through")
			}
			now, err := Snapshot(t.Context(), address, true)
			if err != nil {
				t.Fatal(err)
			}
			if d := Difference(first, now); len(d) > 0 {
				t.Errorf("it leaves behind:\n%s", strings.Join(d, "\n"))
			}
		})
	}
}

// TestBuiltAnew: where the server would build an index or read the table under lock for a type that holds the old values,
// the recipe does not send the statement.
func TestBuiltAnew(t *testing.T) {
	o := table("codes")
	for name, more := range map[string]string{
		"expression": "CREATE INDEX low ON codes (lower(code))",
		"partial":    "CREATE INDEX part ON codes (id) WHERE code > 'a'",
		"check":      "ALTER TABLE codes ADD CHECK (code <> '')",
		"collation":  "ALTER TABLE codes ALTER code TYPE varchar(20) COLLATE \"C\"",
	} {
		t.Run(name, func(t *testing.T) {
			address := fresh(t, "CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(20))", "INSERT INTO codes SELECT n, n::text FROM generate_series(1, 100) AS n", more)
			r := recipeOf(t, rewrite.ChangeType{Table: o, Column: "code", To: "varchar(40)"}, factsOf(t, address))
			for _, s := range r.Steps {
				if s.ID == "type" {
					t.Errorf("the recipe is the statement: %s", s.SQL)
				}
			}
			if err := carry(t, address, r, nil); err != nil {
				t.Error(err)
			}
		})
	}
	address := fresh(t, "CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(20))", "CREATE VIEW seen AS SELECT code FROM codes")
	refusedAs(t, rewrite.ChangeType{Table: o, Column: "code", To: "varchar(40)"}, factsOf(t, address), "view")
}
