package recipetest

import "github.com/napkin-infra/napkin/engagement/review/rewrite"

func table(name string) rewrite.Name { return rewrite.Name{Schema: "public", Name: name} }

// Cases returns the cases of PostgreSQL.
func Cases() []Case {
	o := table("orders")
	return []Case{
		{Name: "not null", Change: rewrite.SetNotNull{Table: o, Column: "customer"}, Since: 12},
		{Name: "check", Change: rewrite.AddCheck{Table: o, Name: "orders_positive", Expression: "amount >= 0"}},
		{Name: "foreign key", Change: rewrite.AddForeignKey{Table: o, Name: "orders_customer_fkey", Columns: []string{"customer"}, To: table("customers"), After: "ON DELETE RESTRICT"}},
		{Name: "unique", Change: rewrite.AddUnique{Table: o, Name: "orders_key", Columns: []string{"customer", "id"}}},
		{Name: "primary key", Setup: []string{"ALTER TABLE orders DROP CONSTRAINT orders_pkey", "ALTER TABLE orders ALTER id DROP NOT NULL", "CREATE INDEX orders_id ON orders (id)"},
			Change: rewrite.AddPrimaryKey{Table: o, Columns: []string{"id"}}, Since: 12},
		{Name: "create index", Change: rewrite.CreateIndex{Table: o, Index: rewrite.Index{Name: "orders_amount", Parts: []rewrite.Part{{Column: "amount", After: "DESC"}, {Expression: "lower(note)"}}, Include: []string{"customer"}, Where: "amount > 10"}}},
		{Name: "drop index", Change: rewrite.DropIndex{Table: o, Index: "orders_customer"}},
		{Name: "reindex", Change: rewrite.Reindex{Table: o, Index: "orders_customer"}, Setup: []string{"COMMENT ON INDEX orders_customer IS 'for the list'"}},
		{Name: "reindex key", Change: rewrite.Reindex{Table: o, Index: "orders_pkey"}, Since: 12},
	}
}
