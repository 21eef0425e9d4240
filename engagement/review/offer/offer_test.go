package offer_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// before is the schema of the cases on PostgreSQL.
const before = `create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, code varchar(20), total int default 0, note text, "Kind" text, placed timestamptz not null default now());
create index orders_code on orders (code);
create table parts (id serial primary key, name text, constraint parts_name_key unique (name));
create table bare (a int, b int not null);
create view codes as select id, note from orders;
create type mood as enum ('sad', 'glad');
`

// one makes the offer for the only statement of a migration, or nil.
func one(t *testing.T, server, schemaText, migration string, facts *rewrite.Facts) *offer.Offer {
	t.Helper()
	dialect := schema.Postgres
	if strings.HasPrefix(server, "m") {
		dialect = schema.MySQL
	}
	s, err := predict.ParseServer(server, dialect)
	if err != nil {
		t.Fatal(err)
	}
	w := lint.NewWalker(lint.NewWorld(s, ""), hazards.All)
	var out *offer.Offer
	m := &offer.Maker{World: w.World, Catalog: facts}
	if err := w.Walk(t.Context(), layout.Parse("schema.sql", []byte(schemaText), layout.Plain, dialect, ""), false); err != nil {
		t.Fatal(err)
	}
	w.Offer = func(st *lint.Step) { out = m.Of(st) }
	file := layout.Parse("m.sql", []byte(migration), layout.Plain, dialect, "")
	if file.Err != nil {
		t.Fatal(file.Err)
	}
	if err := w.Walk(t.Context(), file, true); err != nil {
		t.Fatal(err)
	}
	return out
}

// served are statements that have a recipe, on PostgreSQL 15 with the schema above. Each is also carried out on a real
// server, see TestRecipeReachesTheSameSchema.
var served = []struct {
	name, statement string
	titles          string // of the changes
	steps           string // IDs
}{
	{"not null", "alter table orders alter column note set not null", "Set orders.note NOT NULL", "check validate set drop-check"},
	{"column in quotes", `alter table orders alter column "Kind" set not null`, `Set orders."Kind" NOT NULL`, "check validate set drop-check"},
	{"volatile default", "alter table orders add column k uuid not null default gen_random_uuid()", "Add the column orders.k", "add fill check-rows check validate set drop-check"},
	{"serial", "alter table orders add column n bigserial", "Add the column orders.n", "add fill check-rows check validate set drop-check"},
	{"column with a key", "alter table orders add column other bigint references customers on delete cascade, alter column note set not null",
		"Add the column orders.other; Add the foreign key orders_other_fkey to orders; Set orders.note NOT NULL", "1-add 2-add 2-validate 3-check 3-validate 3-set 3-drop-check"},
	{"unique column", "alter table orders add column u text unique", "Add the column orders.u; Make (u) unique in orders", "1-add 2-build 2-constraint"},
	{"checked column", "alter table orders add column c int default 1 check (c > 0)", "Add the column orders.c; Add the check orders_c_check to orders", "1-add 2-add 2-validate"},
	{"foreign key", "alter table orders add foreign key (customer_id) references customers (id) on delete set null on update cascade deferrable initially deferred",
		"Add the foreign key orders_customer_id_fkey to orders", "add validate"},
	{"named foreign key", `alter table only public.orders add constraint "toCustomer" foreign key (customer_id) references public.customers`, "Add the foreign key toCustomer to public.orders", "add validate"},
	{"check of one column", "alter table orders add check (total >= 0)", "Add the check orders_total_check to orders", "add validate"},
	{"check of two columns", "alter table orders add check (total >= 0 or note is null)", "Add the check orders_check to orders", "add validate"},
	{"unique", "alter table orders add unique (code, total)", "Make (code, total) unique in orders", "build constraint"},
	{"unique whose name is taken", "alter table parts add unique (name)", "Make (name) unique in parts", "build constraint"},
	{"primary key", "alter table bare add primary key (a, b)", "Make (a, b) the primary key of bare", "a_check a_validate a_set a_drop-check build constraint"},
	{"index", "create index on orders (lower(note) text_pattern_ops, total desc nulls last) include (code) with (fillfactor = 70) where total > 0",
		"Create the index orders_lower_total_code_idx on orders", "build"},
	{"unique index", "create unique index if not exists by_code on orders using btree (code collate \"C\") nulls not distinct", "Create the index by_code on orders", "build"},
	{"drop index", "drop index orders_code", "Drop the index orders_code", "drop"},
	{"reindex", "reindex index orders_code", "Build the index orders_code anew", "reindex"},
	{"type", "alter table orders alter column total type bigint using total::bigint", "Change the type of orders.total to bigint", "prove keep fill analyze check-rows swap drop"},
	{"drop column", "alter table orders drop column total", "Drop the column orders.total", "deploy drop"},
	{"drop table", "drop table parts", "Drop the table parts", "deploy rename wait drop"},
	{"update", "update orders set note = 'x'", "Update rows of orders", "fill"},
	{"update of NULL", "update orders set note = lower(code) where note is null and total > 1", "Update rows of orders", "fill"},
	{"rename value", "alter type mood rename value 'sad' to 'blue'", "Rename 'sad' of mood to 'blue'", "deploy rename"},
}

// TestOffer: each statement maps onto its changes, and they onto the steps of their recipe.
func TestOffer(t *testing.T) {
	for _, tt := range served {
		t.Run(tt.name, func(t *testing.T) {
			text := before
			if tt.name == "drop column" { // a view of unknown columns stands in the way
				text = strings.Replace(before, "create view codes as select id, note from orders;\n", "", 1)
			}
			if tt.name == "type" {
				text = strings.Replace(before, "create view codes as select id, note from orders;\n", "", 1)
			}
			o := one(t, "15", text, tt.statement+";\n", nil)
			if o == nil || o.Refusal != "" {
				t.Fatalf("no recipe: %+v", o)
			}
			var titles, steps []string
			for _, c := range o.Changes {
				titles = append(titles, c.Title())
			}
			for _, s := range o.Recipe.Steps {
				steps = append(steps, s.ID)
			}
			if got := strings.Join(titles, "; "); got != tt.titles {
				t.Errorf("changes %q, want %q", got, tt.titles)
			}
			if got := strings.Join(steps, " "); got != tt.steps {
				t.Errorf("steps %q, want %q", got, tt.steps)
			}
		})
	}
}

// TestRefusal: what a recipe would not carry is refused with the reason, and what harms nobody gets no offer.
func TestRefusal(t *testing.T) {
	const mysqlBefore = "create table orders (id bigint primary key, code varchar(20), total int, n int not null);\n"
	tests := []struct {
		name, server, schema, statement string
		want                            string // in the refusal; "none" for no offer, "recipe" for one
	}{
		{"harmless", "15", before, "alter table orders add column a int", "none"},
		{"new table", "15", before, "create table x (id int)", "none"},
		{"concurrently", "15", before, "create index concurrently a on orders (total)", "none"},
		{"exclusion", "15", before, "alter table orders add exclude using gist (code with =)", "type EXCLUDE"},
		{"deferrable unique", "15", before, "alter table orders add unique (code) deferrable", "does not carry (deferrable)"},
		{"unique with INCLUDE", "15", before, "alter table orders add unique (code) include (note)", "does not carry (include (note))"},
		{"tablespace of an index", "15", before, "create index a on orders (total) tablespace fast", "tablespace fast"},
		{"identity", "15", before, "alter table orders add column n bigint generated always as identity", "identity column"},
		{"a part without recipe", "15", before, "alter table orders alter column note set not null, owner to x", "statement of its own"},
		{"not null without default", "15", before, "alter table orders add column n int not null", "NOT NULL without a default fails"},
		{"cascade", "15", before, "alter table orders drop column total cascade", "CASCADE"},
		{"view", "15", before, "alter table orders drop column note", "used by the view codes"},
		{"rename without privileges", "15", before, "alter table orders rename to o", "--db"},
		{"rename column without privileges", "15", before, "alter table orders rename column note to n", "--db"},
		{"type of an enumeration", "15", before + "alter table parts add column m mood;", "alter table parts alter column m type text", "How the server prints"},
		{"type of a key", "15", before + "alter table orders add foreign key (customer_id) references customers;", "alter table orders alter column customer_id type numeric", "orders_customer_id_fkey"},
		{"update that counts", "15", before, "update orders set total = total + 1", "twice"},
		{"update by a join", "15", before, "update orders set note = c.email from customers c where c.id = orders.customer_id", "joins"},
		{"update with an alias", "15", before, "update orders o set note = 'x'", "another name"},
		{"update by its own average", "15", before, "update orders set total = 1 where total < (select avg(total) from orders)", "reads orders"},
		{"update by its own rows", "15", before, "update orders set note = (select max(o.code) from public.orders o) where note is null", "reads orders"},
		{"update by a view", "15", before, "update orders set note = 'x' where id in (select id from codes)", "may read"},
		{"update by what is not known", "15", before, "update orders set note = 'x' where id in (select id from nowhere)", "not known"},
		{"update by chance", "15", before, "update orders set note = 'x' where random() < 0.5", "random()"},
		{"update by another table", "15", before, "update orders set note = (select max(c.email) from customers c where c.id = orders.customer_id) where note is null", "recipe"},
		{"function by search_path", "15", before, "set search_path = sales; alter table public.orders add constraint k check (odd(total))", "odd"},
		{"type by search_path", "15", before, "set search_path = sales; alter table public.orders add column k kind not null default 'a'", "none"},
		{"delete", "15", before, "delete from orders where total > 3", "DELETE"},
		{"unknown table", "15", before, "drop table nowhere", "Give the schema"},
		{"old server", "10", before, "create index a on orders (total)", "PostgreSQL 11 and later"},
		{"partition", "15", before + "create table p (id int) partition by range (id); create table q (id int);", "alter table p attach partition q for values from (1) to (2)", "--db"},
		{"MySQL index", "mysql-8.0.36", mysqlBefore, "alter table orders add fulltext index f (code)", "FULLTEXT"},
		{"MySQL charset", "mysql-8.0.36", mysqlBefore, "alter table orders convert to character set utf8mb4", "gh-ost"},
		{"MySQL primary key", "mysql-8.0.36", mysqlBefore, "alter table orders drop primary key", "primary key"},
		{"MySQL drop of NOT NULL", "mysql-8.0.36", mysqlBefore, "alter table orders drop column n", "SHOW CREATE TABLE"},
		{"MySQL auto increment", "mysql-8.0.36", mysqlBefore, "alter table orders add column x int auto_increment unique", "key"},
		{"MySQL type", "mysql-8.0.36", mysqlBefore, "alter table orders modify column total bigint not null comment 'x'", "recipe"},
		{"MySQL foreign key", "mysql-8.0.36", mysqlBefore + "create table c (id bigint primary key);", "alter table orders add foreign key (id) references c (id)", "recipe"},
		{"MySQL check", "mysql-8.0.36", mysqlBefore, "alter table orders add check (total > 0)", "recipe"},
		{"MySQL rename", "mysql-8.0.36", mysqlBefore, "alter table orders rename column code to kode", "view"},
		{"MariaDB default of each row", "mariadb-10.11.6", mysqlBefore, "alter table orders add column u char(36) default (uuid())", "recipe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := one(t, tt.server, tt.schema, tt.statement+";\n", nil)
			switch {
			case tt.want == "none":
				if o != nil {
					t.Errorf("an offer for what harms nobody: %+v", o)
				}
			case o == nil:
				t.Error("no offer")
			case tt.want == "recipe":
				if o.Refusal != "" || len(o.Recipe.Steps) == 0 {
					t.Errorf("refused: %s", o.Refusal)
				}
			case !strings.Contains(o.Refusal, tt.want):
				t.Errorf("refusal %q, want one with %q (recipe %q)", o.Refusal, tt.want, o.Recipe.Title)
			}
		})
	}
}

// TestShortForm: the short form says of each step its locks, its transaction, its wait, and the point of no return.
func TestShortForm(t *testing.T) {
	o := one(t, "15", strings.Replace(before, "create view codes as select id, note from orders;\n", "", 1), "alter table orders drop column total;\n", nil)
	sql := o.SQL()
	for _, want := range []string{"-- m.sql:1: Drop the column orders.total, in 2 steps.", "-- 1. Bring out code that does not use orders.total. A deployment", "In one transaction, lock timeout 100 ms, at most 30 tries. ACCESS EXCLUSIVE on orders for a moment. No way back from here.", "ALTER TABLE orders DROP COLUMN total;"} {
		if !strings.Contains(sql, want) {
			t.Errorf("%q is missing in:\n%s", want, sql)
		}
	}
	if got := o.Rollout(); !strings.HasPrefix(got, "Step 1 is a deployment: Bring out code that does not use orders.total. There is no way back from step 2.") {
		t.Errorf("rollout: %s", got)
	}
	if got := one(t, "15", before, "create index a on orders (total);\n", nil).Rollback(); got != "Take back, from the last step that was done: step 1 by DROP INDEX CONCURRENTLY IF EXISTS a." {
		t.Errorf("rollback: %s", got)
	}
}

// TestSearchPath: names are written with the schema in which the migration finds them.
func TestSearchPath(t *testing.T) {
	const sales = "create schema sales; create table sales.orders (id bigint primary key, total int);\n"
	for _, tt := range []struct{ schema, migration, want string }{
		{sales, "set search_path = sales; alter table orders alter column total set not null;", "ALTER TABLE sales.orders ADD"},
		{sales, "set search_path to sales, public; create index total on orders (total);", "ON sales.orders (total)"},
		{sales, "alter table orders alter column total set not null;", "ALTER TABLE sales.orders ADD"},
		{sales, "set search_path = sales; update orders set total = 1;", "UPDATE sales.orders SET"},
		{sales, "set search_path = other; alter table orders alter column total set not null;", "is not known"},
		{sales + before, "set search_path = sales; alter table orders alter column total set not null;", "several tables"},
		{before, "set search_path = public; alter table orders alter column total set not null;", "ALTER TABLE public.orders ADD"},
		{before, "alter table orders alter column total set not null;", "ALTER TABLE orders ADD"},
	} {
		o := one(t, "15", tt.schema, tt.migration+"\n", nil)
		if o == nil || !strings.Contains(o.SQL()+o.Refusal, tt.want) {
			t.Errorf("%s: want %q in %+v", tt.migration, tt.want, o)
		}
	}
}
