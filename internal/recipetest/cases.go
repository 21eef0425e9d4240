package recipetest

import "github.com/napkin-infra/napkin/engagement/review/rewrite"

func table(name string) rewrite.Name { return rewrite.Name{Schema: "public", Name: name} }

// Cases returns the cases of PostgreSQL, as they are on a major version. Those of a later version are among them.
func Cases(major int) []Case {
	var cases []Case
	for _, group := range [][]Case{constraintCases(major), indexCases(), columnCases(), typeCases(), nameCases(), partitionCases()} {
		cases = append(cases, group...)
	}
	return cases
}

func constraintCases(major int) []Case {
	o := table("orders")
	notNull := Case{Name: "not null", Change: rewrite.SetNotNull{Table: o, Column: "customer"}}
	if major < 12 {
		notNull.Deltas = []string{"column orders.customer", "constraint orders.orders_customer_napkin_not_null CHECK"}
	}
	return []Case{
		notNull,
		{Name: "not null begun", Since: 18, Lacks: true, Change: notNull.Change, Setup: []string{"ALTER TABLE orders ADD CONSTRAINT someone NOT NULL customer NOT VALID"}},
		{Name: "check", Change: rewrite.AddCheck{Table: o, Name: "orders_positive", Expression: "amount >= 0"}},
		{Name: "foreign key", Change: rewrite.AddForeignKey{Table: o, Name: "orders_customer_fkey", Columns: []string{"customer"}, To: table("customers"), After: "ON DELETE RESTRICT"}},
		{Name: "unique", Change: rewrite.AddUnique{Table: o, Name: "orders_key", Columns: []string{"customer", "id"}}},
		{Name: "primary key", Setup: []string{"ALTER TABLE orders DROP CONSTRAINT orders_pkey", "ALTER TABLE orders ALTER id DROP NOT NULL", "CREATE INDEX orders_id ON orders (id)"},
			Change: rewrite.AddPrimaryKey{Table: o, Columns: []string{"id"}}, Since: 12},
		{Name: "primary key not null", Setup: []string{"ALTER TABLE orders DROP CONSTRAINT orders_pkey", "CREATE INDEX orders_id ON orders (id)"},
			Change: rewrite.AddPrimaryKey{Table: o, Columns: []string{"id"}}},
	}
}

func indexCases() []Case {
	o := table("orders")
	return []Case{
		{Name: "create index", Change: rewrite.CreateIndex{Table: o, Index: rewrite.Index{Name: "orders_amount", Parts: []rewrite.Part{{Column: "amount", After: "DESC"}, {Expression: "lower(note)"}}, Include: []string{"customer"}, Where: "amount > 10"}}},
		{Name: "create index equal nulls", Since: 15, Change: rewrite.CreateIndex{Table: o, Index: rewrite.Index{Name: "orders_amount", Unique: true, NullsEqual: true, Parts: []rewrite.Part{{Column: "amount"}, {Column: "id"}}}}},
		{Name: "drop index", Change: rewrite.DropIndex{Table: o, Index: "orders_customer"}},
		{Name: "reindex", Change: rewrite.Reindex{Table: o, Index: "orders_customer"}, Setup: []string{"COMMENT ON INDEX orders_customer IS 'for the list'"}},
		{Name: "reindex key", Change: rewrite.Reindex{Table: o, Index: "orders_pkey"}, Since: 12},
	}
}

func columnCases() []Case {
	o := table("orders")
	without := orders("orders")
	without.Insert = "INSERT INTO orders (customer, amount) VALUES ($1, $2) RETURNING id::bigint"
	without.Insert = "WITH unused AS (SELECT $3::text) " + without.Insert
	without.Point = "SELECT id, customer, amount FROM orders WHERE id = $1"
	return []Case{
		{Name: "add column", Change: rewrite.AddColumn{Table: o, Column: "paid", Type: "boolean", Default: "false", NotNull: true}},
		{Name: "add column volatile", Change: rewrite.AddColumn{Table: o, Column: "token", Type: "text", Default: "md5(random()::text)", Volatile: true, NotNull: true}, Skip: []string{"orders.token"}, Since: 12},
		{Name: "add serial", Change: rewrite.AddColumn{Table: o, Column: "number", Type: "bigserial"}, Skip: []string{"orders.number"}, Since: 12},
		{Name: "add generated", Change: rewrite.AddGenerated{Table: o, Column: "gross", Type: "bigint", Expression: "amount * 119 / 100", Stored: true}, Since: 12,
			Deltas: []string{"column orders.gross", "trigger CREATE TRIGGER zz_gross_keep", "function orders_gross_keep"}},
		{Name: "add virtual", Change: rewrite.AddGenerated{Table: o, Column: "gross", Type: "bigint", Expression: "amount * 119 / 100"}, Since: 18},
		{Name: "set default", Change: rewrite.SetDefault{Table: o, Column: "amount", Default: "7"}},
		{Name: "drop default", Change: rewrite.SetDefault{Table: o, Column: "amount"}},
		{Name: "backfill", Change: rewrite.BackfillColumn{Table: o, Set: "status = 'paid'", Where: "status = 'void'"}},
		{Name: "drop column", Change: rewrite.DropColumn{Table: o, Column: "note"}, Setup: []string{"ALTER TABLE orders ALTER note SET NOT NULL", "CREATE INDEX orders_note ON orders (note, id)"},
			After: map[string]Requests{"deploy": without}},
		{Name: "drop table", Change: rewrite.DropTable{Table: table("lines")}, Setup: append(references, "CREATE TABLE parts (line bigint REFERENCES lines)")},
	}
}

// references is a table that refers to orders.
var references = []string{
	"CREATE TABLE lines (id bigint PRIMARY KEY, of integer NOT NULL REFERENCES orders ON DELETE CASCADE)",
	"INSERT INTO lines SELECT n, 1 + n % 100 FROM generate_series(1, 500) AS n",
}

func typeCases() []Case {
	o := table("orders")
	return []Case{
		{Name: "type of key", Moves: true, Since: 12, Change: rewrite.ChangeType{Table: o, Column: "id", From: "integer", To: "bigint"}, Deltas: []string{"sequence orders_id_seq"},
			Setup: append(references, "CREATE INDEX orders_customer_id ON orders (customer, id DESC)", "COMMENT ON COLUMN orders.id IS 'the number on the bill'")},
		{Name: "type of identity", Moves: true, Since: 12, Change: rewrite.ChangeType{Table: o, Column: "id", To: "bigint"},
			Setup: []string{"ALTER TABLE orders ALTER id DROP DEFAULT", "DROP SEQUENCE orders_id_seq", "ALTER TABLE orders ALTER id ADD GENERATED BY DEFAULT AS IDENTITY", "SELECT setval('orders_id_seq', (SELECT max(id) FROM orders))"}},
		{Name: "type of amount", Moves: true, Since: 12, Change: rewrite.ChangeType{Table: o, Column: "amount", To: "numeric(12,2)"},
			Setup: []string{"UPDATE orders SET amount = 0 WHERE amount IS NULL", "ALTER TABLE orders ALTER amount SET NOT NULL", "ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount >= 0)",
				"ALTER TABLE orders ADD CONSTRAINT amount_id UNIQUE (amount, id)", "CREATE INDEX large ON orders (customer) WHERE amount > 100", "ALTER TABLE orders ALTER amount SET STATISTICS 50",
				"CREATE INDEX doubled ON orders ((amount * 2))", "COMMENT ON INDEX large IS 'for the bill'"}},
		{Name: "type of the catalog", Change: rewrite.ChangeType{Table: o, Column: "name", To: "text"}, Setup: []string{"ALTER TABLE orders ADD name varchar(40)"}},
		{Name: "type of references", Moves: true, Change: rewrite.ChangeType{Table: o, Column: "customer", To: "integer"},
			Setup: []string{"ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers"}},
		{Name: "type beside not enforced", Moves: true, Since: 18, Lacks: true, Change: rewrite.ChangeType{Table: o, Column: "customer", To: "integer"},
			Setup: []string{"ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers ON DELETE RESTRICT NOT ENFORCED",
				"ALTER TABLE orders ADD CONSTRAINT few CHECK (customer < 7) NOT ENFORCED", "ALTER TABLE orders ALTER customer SET NOT NULL", "ALTER TABLE orders RENAME CONSTRAINT orders_customer_not_null TO someone"}},
		{Name: "add enum value", Change: rewrite.AddEnumValue{Type: table("mood"), Value: "lost", Before: "sent"}},
		{Name: "rename enum value", Change: rewrite.RenameEnumValue{Type: table("mood"), From: "void", To: "cancelled"}},
		{Name: "drop enum value", Moves: true, Change: rewrite.DropEnumValue{Type: table("mood"), Value: "void", Instead: "paid"},
			Setup: []string{"CREATE INDEX orders_status ON orders (status)"}},
	}
}

func nameCases() []Case {
	renamed := orders("orders")
	renamed.Insert = "INSERT INTO orders (customer, cents, note) VALUES ($1, $2, $3) RETURNING id::bigint"
	renamed.Update = "UPDATE orders SET cents = $2 WHERE id = $1"
	renamed.Point = "SELECT id, customer, cents, note FROM orders WHERE id = $1"
	renamed.Range = "SELECT count(cents) FROM orders WHERE id BETWEEN $1 AND $2"
	return []Case{
		{Name: "rename column", Change: rewrite.RenameColumn{Table: table("orders"), From: "amount", To: "cents"}, After: map[string]Requests{"deploy": renamed}},
		{Name: "rename table", Change: rewrite.RenameTable{Table: table("orders"), To: "bills"}, After: map[string]Requests{"deploy": orders("bills")}},
	}
}

func partitionCases() []Case {
	archive := []string{
		"CREATE TABLE archive (LIKE orders INCLUDING DEFAULTS, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
		"CREATE INDEX archive_note ON archive (note)",
	}
	attach := rewrite.AttachPartition{Table: table("archive"), Partition: table("orders"), Bound: rewrite.Bound{From: []string{"0"}, To: []string{"1000000000"}}}
	attached := append(archive[:1:1], "ALTER TABLE archive ATTACH PARTITION orders FOR VALUES FROM (0) TO (1000000000)")
	return []Case{
		{Name: "attach partition", Change: attach, Setup: archive},
		{Name: "attach beside default", Change: attach, Setup: append(archive[:1:1], "CREATE TABLE rest PARTITION OF archive DEFAULT", "INSERT INTO archive (id) VALUES (-1)")},
		{Name: "detach partition", Change: rewrite.DetachPartition{Table: table("archive"), Partition: table("orders")}, Setup: attached, Deltas: []string{"constraint orders.orders_id_check"}},
		{Name: "detach beside default", Change: rewrite.DetachPartition{Table: table("archive"), Partition: table("orders")}, Setup: append(attached, "CREATE TABLE rest PARTITION OF archive DEFAULT", "INSERT INTO archive (id) VALUES (-1)")},
		{Name: "foreign key of partitions", Since: 18, Change: rewrite.AddForeignKey{Table: table("archive"), Name: "archive_customer_fkey", Columns: []string{"customer"}, To: table("customers")}, Setup: attached},
		{Name: "index of partitions", Change: rewrite.CreateIndex{Table: table("archive"), Index: rewrite.Index{Name: "archive_amount", Parts: []rewrite.Part{{Column: "amount"}}}}, Setup: append(attached, "CREATE TABLE more PARTITION OF archive FOR VALUES FROM (-10) TO (0)")},
	}
}
