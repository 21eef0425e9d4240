package rehearse_test

import (
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestRecipes: a recipe runs from the schema before its statement, and what stops one is told.
func TestRecipes(t *testing.T) {
	t.Parallel()
	if len(scratch.FindPostgres()) == 0 {
		testserver.PostgresFor(t) // skips, or fails in CI
	}
	parse := func(name, text string) *layout.Migration {
		return layout.Parse(name, []byte(text), layout.Plain, schema.Postgres, "")
	}
	orders := rewrite.Name{Name: "orders"}
	facts := rewrite.Facts{Server: rewrite.Server{Product: rewrite.PostgreSQL, Version: [3]int{15}}}
	build := func(c rewrite.Change) rewrite.Recipe {
		r, err := rewrite.Build(c, facts, rewrite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	o := rehearse.Options{
		Before:     []*layout.Migration{parse("schema.sql", "create table orders (id bigint primary key, code text);")},
		Migrations: []*layout.Migration{parse("m.sql", "alter table orders add column fresh int;\ncreate index on orders (fresh);\nalter table orders add check (id < 0);\ncreate index on orders (gone);\ndrop table orders;\n")},
		Seed:       1, MaxTime: time.Minute,
	}
	tool := build(rewrite.RewriteTable{Table: orders})
	outcomes, err := rehearse.Recipes(t.Context(), o, []rehearse.Trial{
		{Path: "m.sql", Line: 2, Recipe: build(rewrite.CreateIndex{Table: orders, Index: rewrite.Index{Name: "orders_fresh", Parts: []rewrite.Part{{Column: "fresh"}}}})},
		{Path: "m.sql", Line: 3, Recipe: build(rewrite.AddCheck{Table: orders, Name: "negative", Expression: "id < 0"})},
		{Path: "m.sql", Line: 4, Recipe: build(rewrite.CreateIndex{Table: orders, Index: rewrite.Index{Name: "orders_gone", Parts: []rewrite.Part{{Column: "gone"}}}})},
		{Path: "m.sql", Line: 4, Recipe: tool},
		{Path: "m.sql", Line: 9, Recipe: tool},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "break the rule", `column "gone" does not exist`, "done by a tool", "was not met"} {
		if got := outcomes[i].Why; want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("outcome %d: %q, want one with %q", i, got, want)
		}
	}
	if outcomes[0].Reads == 0 || outcomes[0].Writes == 0 {
		t.Errorf("no reader or no writer was there: %+v", outcomes[0])
	}
}
