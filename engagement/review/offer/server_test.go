package offer_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/recipetest"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestRecipeReachesTheSameSchema carries out each statement in one database and its recipe in another: with the names
// that the server gives, both end in the same schema, whether the facts come from migrations or from the catalog.
func TestRecipeReachesTheSameSchema(t *testing.T) {
	p := testserver.PostgresFor(t)
	for i, tt := range served {
		text := before
		if tt.name == "drop column" || tt.name == "type" {
			text = strings.Replace(before, "create view codes as select id, note from orders;\n", "", 1)
		}
		// A column that goes by an exchange keeps an ordinary form; what else a recipe says that it leaves otherwise is
		// no part of these.
		for _, from := range []string{"migrations", "catalog"} {
			t.Run(tt.name+" from "+from, func(t *testing.T) {
				sameSchema(t, p.URL, fmt.Sprintf("%d%s", i, from), text, tt.statement, from == "catalog")
			})
		}
	}
}

// TestRecipeOfPartsReachesTheSameSchema: the parts without recipe end in the same schema by themselves.
func TestRecipeOfPartsReachesTheSameSchema(t *testing.T) {
	p := testserver.PostgresFor(t)
	for i, tt := range apart {
		t.Run(tt.name, func(t *testing.T) { sameSchema(t, p.URL, fmt.Sprint(i), before, tt.statement, i%2 == 0) })
	}
}

// rows are in the tables of the schema before.
const rows = "insert into customers select g from generate_series(1, 50) g; insert into orders (id, customer_id, code, total, note, \"Kind\") select g, g, g, g, 'a' || g, 'k' from generate_series(1, 50) g; insert into parts (name) select g from generate_series(1, 9) g; insert into bare values (1, 2);"

// sameSchema carries out a statement in one database and its recipe in another and compares the schemas.
func sameSchema(t *testing.T, server, name, text, change string, fromCatalog bool) {
	t.Helper()
	plain, safe := create(t, server, "p"+name), create(t, server, "s"+name)
	execAll(t, plain, text+rows, change)
	execAll(t, safe, text+rows)
	u, err := database.Parse(safe)
	if err != nil {
		t.Fatal(err)
	}
	var facts *rewrite.Facts
	if fromCatalog {
		f, err := catalog.Read(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		facts = &f
	}
	o := one(t, "15", text, change+";\n", facts)
	if o == nil || o.Refusal != "" {
		t.Fatalf("no recipe: %+v", o)
	}
	run(t, u, o)
	want, err := recipetest.Snapshot(t.Context(), plain, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := recipetest.Snapshot(t.Context(), safe, false)
	if err != nil {
		t.Fatal(err)
	}
	if d := recipetest.Difference(want, got); len(d) > 0 && len(o.Recipe.Differs) == 0 {
		t.Errorf("the schema differs:\n%s", strings.Join(d, "\n"))
	}
}

// run carries out a recipe, and once more, which must find it done.
func run(t *testing.T, u database.URL, o *offer.Offer) {
	t.Helper()
	r := execute.Runner{URL: u, People: func(context.Context, rewrite.Step) error { return nil }}
	if err := r.Run(t.Context(), o.Recipe); err != nil {
		t.Fatal(err)
	}
	last := o.Recipe.Steps[len(o.Recipe.Steps)-1]
	next, err := r.State(t.Context(), o.Recipe)
	if err != nil || last.Done != "" && next != len(o.Recipe.Steps) {
		t.Errorf("after the last of %d steps the recipe stands at %d: %v", len(o.Recipe.Steps), next, err)
	}
}

func create(t *testing.T, server, name string) string {
	t.Helper()
	execAll(t, server, "CREATE DATABASE "+name)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func execAll(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for _, s := range statements {
		if _, err := conn.PgConn().Exec(t.Context(), s).ReadAll(); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
