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
	const text = "alter table orders add column fresh int; create index on orders (fresh);\nalter table orders add check (id < 0);\ncreate index on orders (gone);\ndrop table orders;\n"
	o := rehearse.Options{
		Before:     []*layout.Migration{parse("schema.sql", "create table orders (id bigint primary key, code text);")},
		Migrations: []*layout.Migration{parse("m.sql", text)},
		Seed:       1, MaxTime: time.Minute,
	}
	tool := build(rewrite.RewriteTable{Table: orders})
	at := func(words string) int { return strings.Index(text, words) }
	cases := []struct {
		offset      int
		recipe      rewrite.Recipe
		state       rehearse.State
		why, broken string
	}{
		// The statement before it stands on the same line.
		{at("create index on orders (fresh)"), build(rewrite.CreateIndex{Table: orders, Index: rewrite.Index{Name: "orders_fresh", Parts: []rewrite.Part{{Column: "fresh"}}}}), rehearse.Passed, "", ""},
		{at("alter table orders add check"), build(rewrite.AddCheck{Table: orders, Name: "negative", Expression: "id < 0"}), rehearse.Passed, "", "break the rule"},
		{at("create index on orders (gone)"), build(rewrite.CreateIndex{Table: orders, Index: rewrite.Index{Name: "orders_gone", Parts: []rewrite.Part{{Column: "gone"}}}}), rehearse.Failed, `column "gone" does not exist`, ""},
		{at("create index on orders (gone)"), tool, rehearse.NotRun, "done by a tool", ""},
		{len(text), tool, rehearse.NotRun, "was not met", ""},
	}
	var trials []rehearse.Trial
	for _, c := range cases {
		trials = append(trials, rehearse.Trial{Path: "m.sql", Offset: c.offset, Recipe: c.recipe})
	}
	outcomes, err := rehearse.Recipes(t.Context(), o, trials)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		got := outcomes[i]
		if got.State != c.state || (got.Why == "") != (c.why == "") || !strings.Contains(got.Why, c.why) || (got.Broken == "") != (c.broken == "") || !strings.Contains(got.Broken, c.broken) {
			t.Errorf("outcome %d: %+v, want %s with %q and %q", i, got, c.state, c.why, c.broken)
		}
	}
	if outcomes[0].Reads == 0 || outcomes[0].Writes == 0 {
		t.Errorf("no reader or no writer was there: %+v", outcomes[0])
	}
}
