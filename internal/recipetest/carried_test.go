package recipetest

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// TestMarksCarried: what an exchange of a column takes over beside the data: replica identity, CLUSTER, options, comments
// of constraints; and the collation becomes what the plain statement makes it.
func TestMarksCarried(t *testing.T) {
	const marks = `SELECT line FROM (
		SELECT concat(relname, ' identity ', relreplident) AS line FROM pg_class WHERE oid = 'c'::regclass
		UNION ALL SELECT concat(indexrelid::regclass, ' identity ', indisreplident, ' cluster ', indisclustered) FROM pg_index WHERE indrelid = 'c'::regclass
		UNION ALL SELECT concat(attname, ' ', attoptions, ' ', attcollation::regcollation) FROM pg_attribute WHERE attrelid = 'c'::regclass AND attnum > 0 AND NOT attisdropped
		UNION ALL SELECT concat(conname, ' ', obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE conrelid = 'c'::regclass AND contype <> 'n'
	) AS l ORDER BY line`
	setup := []string{"CREATE TABLE c (id int PRIMARY KEY, k int NOT NULL CONSTRAINT c_k_key UNIQUE, name varchar(30) COLLATE \"C\", v int CONSTRAINT v_small CHECK (v < 100000), w int)",
		"INSERT INTO c SELECT n, n, n::text, n, n FROM generate_series(1, 200) AS n",
		"ALTER TABLE c REPLICA IDENTITY USING INDEX c_k_key", "ALTER TABLE c CLUSTER ON c_k_key", "ALTER TABLE c ALTER v SET (n_distinct = -0.5)",
		"COMMENT ON CONSTRAINT c_k_key ON c IS 'con'", "COMMENT ON CONSTRAINT v_small ON c IS 'small'", "COMMENT ON CONSTRAINT c_pkey ON c IS 'key'"}
	plain, safe := fresh(t, setup...), fresh(t, setup...)
	c := table("c")
	for _, change := range []rewrite.ChangeType{{Table: c, Column: "v", To: "bigint"}, {Table: c, Column: "id", To: "bigint"}, {Table: c, Column: "k", To: "bigint"}, {Table: c, Column: "name", To: "varchar(10)"}} {
		if _, major := databases(t); major < 12 && (change.Column == "id" || change.Column == "k") {
			continue
		}
		r := recipeOf(t, change, factsOf(t, safe))
		sql(t, plain, r.Plain...)
		if err := carry(t, safe, r, nil); err != nil {
			t.Fatal(err)
		}
		if want, got := value(t, plain, marks), value(t, safe, marks); got != want {
			t.Errorf("%s: marks are\n%s\nwant\n%s", r.Title, got, want)
		}
	}
	// Migrations do not tell the marks: then the server refuses the first step.
	address := fresh(t, setup...)
	f := factsOf(t, address)
	for i := range f.Tables {
		for k := range f.Tables[i].Indexes {
			f.Tables[i].Indexes[k].ReplicaIdentity, f.Tables[i].Indexes[k].Clustered = false, false
		}
	}
	if err := carry(t, address, recipeOf(t, rewrite.ChangeType{Table: c, Column: "k", To: "bigint"}, f), nil); err == nil || !strings.Contains(err.Error(), "replica identity") {
		t.Errorf("with a mark that is not known the recipe ends with %v", err)
	}
}

// TestNamedByFunctions: a column that a trigger function names is neither renamed nor dropped, and a table whose rows a
// function takes gets no view in its place.
func TestNamedByFunctions(t *testing.T) {
	const create = "CREATE TABLE o (id int PRIMARY KEY, note text, other text)"
	o := table("o")
	f := factsOf(t, fresh(t, create, "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := coalesce(NEW.note, ''''); RETURN NEW; END'",
		"CREATE TRIGGER touch BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION touch()"))
	refusedAs(t, rewrite.RenameColumn{Table: o, From: "note", To: "remark"}, f, "touch()")
	refusedAs(t, rewrite.DropColumn{Table: o, Column: "note"}, f, "touch()")
	recipeOf(t, rewrite.RenameColumn{Table: o, From: "other", To: "rest"}, f)
	recipeOf(t, rewrite.DropColumn{Table: o, Column: "other"}, f)
	f = factsOf(t, fresh(t, create, "CREATE FUNCTION label(o) RETURNS text LANGUAGE sql AS 'SELECT $1.other'"))
	refusedAs(t, rewrite.RenameTable{Table: o, To: "p"}, f, "label(o)")
	refusedAs(t, rewrite.RenameColumn{Table: o, From: "note", To: "remark"}, f, "label(o)")
}

// TestReindexAtOnce: from PostgreSQL 12 on an index is built anew by one statement, which stops nobody.
func TestReindexAtOnce(t *testing.T) {
	address := fresh(t, "CREATE TABLE o (id int PRIMARY KEY, note text)", "CREATE INDEX by_note ON o (note)")
	if _, major := databases(t); major < 12 {
		t.Skip("PostgreSQL 11 has no REINDEX CONCURRENTLY")
	}
	r := recipeOf(t, rewrite.Reindex{Table: table("o"), Index: "by_note"}, factsOf(t, address))
	if len(r.Steps) != 1 || r.Steps[0].SQL[0] != "REINDEX INDEX CONCURRENTLY public.by_note" {
		t.Errorf("the steps are %+v", r.Steps)
	}
	if reads, writes := r.Steps[0].Blocks(); reads || writes {
		t.Error("it says that it blocks")
	}
	if err := carry(t, address, r, nil); err != nil {
		t.Error(err)
	}
}
