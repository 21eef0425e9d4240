package recipetest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	base "github.com/napkin-infra/napkin/foundation/database"
)

// fresh returns a database that holds what the statements make.
func fresh(t *testing.T, statements ...string) string {
	t.Helper()
	d, _ := databases(t)
	address, err := d.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.give(address) })
	sql(t, address, append([]string{empty}, statements...)...)
	return address
}

func sql(t *testing.T, address string, statements ...string) {
	t.Helper()
	if err := run(t.Context(), address, statements...); err != nil {
		t.Fatal(err)
	}
}

// value returns the one text of a query.
func value(t *testing.T, address, query string) string {
	t.Helper()
	conn, err := connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := lines(t.Context(), conn, query)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

func factsOf(t *testing.T, address string) rewrite.Facts {
	t.Helper()
	u, err := base.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f, err := catalog.Read(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func recipeOf(t *testing.T, c rewrite.Change, f rewrite.Facts) rewrite.Recipe {
	t.Helper()
	r, err := rewrite.Build(c, f, rewrite.Options{Ladder: rewrite.Ladder{{Tries: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refusedAs fails the test unless the change is refused with a sentence that holds says.
func refusedAs(t *testing.T, c rewrite.Change, f rewrite.Facts, says string) {
	t.Helper()
	_, err := rewrite.Build(c, f, rewrite.Options{})
	var r *rewrite.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.Reason, says) {
		t.Errorf("%s: refused with %v, want a sentence that says %q", c.Title(), err, says)
	}
}

// carry carries a recipe out; before is called as each step begins.
func carry(t *testing.T, address string, r rewrite.Recipe, before func(step string)) error {
	t.Helper()
	u, err := base.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return execute.Runner{URL: u, People: func(context.Context, rewrite.Step) error { return nil }, Observe: func(e execute.Event) {
		if before != nil && e.What == execute.Started {
			before(e.ID)
		}
	}}.Run(t.Context(), r)
}

// byHand runs the statements of a recipe one after the other with the settings that a session has by itself, as a
// migration tool does, up to the first error; what a backfill does stands in for its batches.
func byHand(t *testing.T, address string, r rewrite.Recipe) error {
	t.Helper()
	for _, s := range r.Steps {
		statements := s.SQL
		if s.Kind == rewrite.Batches {
			statements = []string{"UPDATE " + s.Backfill.Table.String() + " SET " + s.Backfill.Set + " WHERE " + s.Backfill.Where}
		}
		if s.Transaction {
			statements = []string{strings.Join(slices.Concat([]string{"BEGIN"}, statements, []string{"COMMIT"}), ";\n")}
		}
		if err := run(t.Context(), address, statements...); err != nil {
			return err
		}
	}
	return nil
}

// as returns the address with another role.
func as(t *testing.T, address, role string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if password, has := u.User.Password(); has {
		u.User = url.UserPassword(role, password)
	} else {
		u.User = url.User(role)
	}
	return u.String()
}

// TestHiddenRows: a role from which policies hide rows does not carry out a recipe that copies values, whether that is
// known beforehand or not, and whoever runs it: no value is lost.
func TestHiddenRows(t *testing.T) {
	acc := table("acc")
	changes := map[string]rewrite.Change{
		"type":      rewrite.ChangeType{Table: acc, Column: "balance", To: "numeric"},
		"default":   rewrite.AddColumn{Table: acc, Column: "token", Type: "text", Default: "md5(random()::text)", Volatile: true},
		"serial":    rewrite.AddColumn{Table: acc, Column: "n", Type: "bigserial"},
		"generated": rewrite.AddGenerated{Table: acc, Column: "twice", Type: "bigint", Expression: "balance * 2", Stored: true},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			address := fresh(t,
				"DO $$BEGIN CREATE ROLE landlord LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN NULL; END$$",
				"GRANT ALL ON SCHEMA public TO landlord",
				"CREATE TABLE acc (id bigint PRIMARY KEY, tenant int NOT NULL, balance int)",
				"INSERT INTO acc SELECT n, n % 10, n FROM generate_series(1, 2000) AS n",
				"ALTER TABLE acc ENABLE ROW LEVEL SECURITY", "ALTER TABLE acc FORCE ROW LEVEL SECURITY",
				"CREATE POLICY p ON acc USING (tenant = 1)", "ALTER TABLE acc OWNER TO landlord")
			f := factsOf(t, address)
			refusedAs(t, c, f, "forces row security")
			for i := range f.Tables { // as migrations tell it
				f.Tables[i].RowSecurity, f.Tables[i].ForceRowSecurity = false, false
			}
			r := recipeOf(t, c, f)
			before := value(t, address, "SELECT attname::text FROM pg_attribute WHERE attrelid = 'acc'::regclass AND attnum > 0")
			for how, run := range map[string]func() error{
				"executor": func() error { return carry(t, as(t, address, "landlord"), r, nil) },
				"by hand":  func() error { return byHand(t, as(t, address, "landlord"), r) },
			} {
				if err := run(); err == nil || !strings.Contains(err.Error(), "Row security hides rows") {
					t.Errorf("%s: the recipe ends with %v", how, err)
				}
				if got := value(t, address, "SELECT count(balance)::text FROM acc"); got != "2000" {
					t.Errorf("%s: %s of 2000 balances are left", how, got)
				}
				if now := value(t, address, "SELECT attname::text FROM pg_attribute WHERE attrelid = 'acc'::regclass AND attnum > 0"); now != before {
					t.Errorf("%s: the columns are now %q", how, now)
				}
			}
		})
	}
}

// TestUnconverted: a row that has been written past the trigger ends the recipe before the swap.
func TestUnconverted(t *testing.T) {
	address := fresh(t, "CREATE TABLE acc (id bigint PRIMARY KEY, balance int)", "INSERT INTO acc SELECT n, n FROM generate_series(1, 500) AS n")
	r := recipeOf(t, rewrite.ChangeType{Table: table("acc"), Column: "balance", To: "numeric"}, factsOf(t, address))
	err := carry(t, address, r, func(step string) {
		if step == "analyze" {
			sql(t, address, "ALTER TABLE acc DISABLE TRIGGER USER", "UPDATE acc SET balance = -1 WHERE id = 7", "ALTER TABLE acc ENABLE TRIGGER USER")
		}
	})
	if err == nil || !strings.Contains(err.Error(), "do not have the value") {
		t.Errorf("the recipe ends with %v", err)
	}
	if got := value(t, address, "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'acc'::regclass AND attname = 'balance'"); got != "integer" {
		t.Errorf("the column is of type %s", got)
	}
	for i, s := range r.Steps {
		if s.ID == "swap" && r.Steps[i-1].ID != "check-rows" {
			t.Errorf("before the swap stands %s", r.Steps[i-1].ID)
		}
	}
}

// TestLaterTrigger: a trigger of the application whose name is late changes the row before the recipe copies it; one that
// is not known, or comes later, ends the recipe.
func TestLaterTrigger(t *testing.T) {
	setup := []string{"CREATE TABLE a (id int PRIMARY KEY, v int)", "INSERT INTO a SELECT n, n FROM generate_series(1, 300) AS n",
		"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := coalesce(NEW.v, 0) + 1000; RETURN NEW; END'"}
	const trigger = "CREATE TRIGGER zzz_calc BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()"
	change := rewrite.ChangeType{Table: table("a"), Column: "v", To: "bigint"}

	address := fresh(t, append(setup, trigger)...)
	inserted := false
	if err := carry(t, address, recipeOf(t, change, factsOf(t, address)), func(step string) {
		if !inserted && step == "fill" {
			inserted = true
			sql(t, address, "INSERT INTO a VALUES (50000, 5)")
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got := value(t, address, "SELECT v::text FROM a WHERE id = 50000"); got != "1005" {
		t.Errorf("the row holds %s, want 1005", got)
	}

	address = fresh(t, append(setup, trigger)...)
	f := factsOf(t, address)
	for i := range f.Tables {
		f.Tables[i].Triggers = nil
	}
	if err := carry(t, address, recipeOf(t, change, f), nil); err == nil || !strings.Contains(err.Error(), "fires after") {
		t.Errorf("with a trigger that is not known the recipe ends with %v", err)
	}

	address = fresh(t, setup...)
	if err := carry(t, address, recipeOf(t, change, factsOf(t, address)), func(step string) {
		if step == "swap" {
			sql(t, address, trigger)
		}
	}); err == nil || !strings.Contains(err.Error(), "fires after") {
		t.Errorf("with a trigger that comes later the recipe ends with %v", err)
	}
}
