package rails

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// describe writes a schema in a form that tests can compare: one line for each object.
func describe(s *schema.Schema) string {
	var sb strings.Builder
	for _, name := range s.Names() {
		t := s.Table(name)
		fmt.Fprintf(&sb, "table %s pk=%s view=%v\n", t.Name, strings.Join(t.PrimaryKey, ","), t.View)
		for _, c := range t.Columns {
			null := ""
			if c.NotNull {
				null = " not null"
			}
			fmt.Fprintf(&sb, "  %s %s%s :%d\n", c.Name, c.Type.Name, null, c.Place.Line)
		}
		for _, ix := range t.Indexes {
			if ix.Primary {
				continue
			}
			keys := make([]string, 0, len(ix.Columns))
			for _, k := range ix.Columns {
				text := k.Name + k.Expr
				if k.Desc {
					text += " desc"
				}
				keys = append(keys, text)
			}
			fmt.Fprintf(&sb, "  index %s (%s) unique=%v where=%q %s conc=%v :%d\n", ix.Name, strings.Join(keys, ", "), ix.Unique, ix.Where, ix.Method, ix.Concurrently, ix.Place.Line)
		}
		for _, k := range t.ForeignKeys {
			fmt.Fprintf(&sb, "  key (%s) -> %s enforced=%v poly=%v delete=%s :%d\n", strings.Join(k.Columns, ","), k.RefTable, k.Enforced, k.Polymorphic, k.OnDelete, k.Place.Line)
		}
	}
	return sb.String()
}

func databases(t *testing.T, files map[string]string) []*project.Database {
	t.Helper()
	return New().Schemas(load.FromFiles(files))
}

func TestSchemaDump(t *testing.T) {
	dbs := databases(t, map[string]string{
		"Gemfile": "gem 'pg'\n",
		"db/schema.rb": `ActiveRecord::Schema[7.1].define(version: 2024_01_02_000000) do
  enable_extension "plpgsql"
  create_table "users", force: :cascade do |t|
    t.string "email", null: false
    t.integer "age", limit: 8
    t.string "tags", default: [], array: true
    t.datetime "created_at", null: false
    t.index "lower((email)::text)", name: "users_lower_email", unique: true
    t.index ["created_at"], name: "recent", order: :desc, where: "(age > 3)"
  end
  create_table "posts", id: :uuid, default: -> { "gen_random_uuid()" }, force: :cascade do |t|
    t.bigint "user_id", null: false
    t.string "subject_type"
    t.bigint "subject_id"
    t.index ["subject_type", "subject_id"], name: "index_posts_on_subject", using: :gin
  end
  create_table "memberships", primary_key: ["user_id", "post_id"], force: :cascade do |t|
    t.bigint "user_id", null: false
    t.bigint "post_id", null: false
  end
  create_table "joins", id: false, force: :cascade do |t|
    t.bigint "a_id"
  end
  create_view "reports", sql_definition: "select 1"
  add_foreign_key "posts", "users", on_delete: :cascade
end
`,
	})
	if len(dbs) != 1 {
		t.Fatalf("%d databases, want 1", len(dbs))
	}
	want := `table joins pk= view=false
  a_id bigint :22
table memberships pk=user_id,post_id view=false
  user_id bigint not null :18
  post_id bigint not null :19
table posts pk=id view=false
  id uuid not null :11
  user_id bigint not null :12
  subject_type varchar :13
  subject_id bigint :14
  index index_posts_on_subject (subject_type, subject_id) unique=false where="" gin conc=false :15
  key (user_id) -> users enforced=true poly=false delete=cascade :25
table reports pk= view=true
table users pk=id view=false
  id bigint not null :3
  email varchar not null :4
  age bigint :5
  tags varchar :6
  created_at timestamp not null :7
  index users_lower_email (lower((email)::text)) unique=true where="" btree conc=false :8
  index recent (created_at desc) unique=false where="(age > 3)" btree conc=false :9
`
	if got := describe(dbs[0].Schema); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if dbs[0].Schema.Dialect != schema.Postgres || dbs[0].Source != "db/schema.rb" {
		t.Errorf("dialect %q source %q", dbs[0].Schema.Dialect, dbs[0].Source)
	}
}

func TestMigrationsFold(t *testing.T) {
	dbs := databases(t, map[string]string{
		"config/database.yml": "default: &default\n  adapter: <%= ENV.fetch('A', 'postgresql') %>\n<% if x %>\n<% end %>\nproduction:\n  <<: *default\n",
		"db/migrate/20200101000000_start.rb": `class Start < ActiveRecord::Migration[6.0]
  def change
    create_table :users do |t|
      t.string :email, index: { unique: true }
      t.references :account, foreign_key: { to_table: :companies, on_delete: :nullify }
      t.belongs_to :owner, polymorphic: true, null: false
      t.references :team, index: false
      t.timestamps
    end
    create_table :companies
    create_join_table :users, :companies
  end
end
`,
		"db/migrate/20200102000000_more.rb": `class More < ActiveRecord::Migration[7.0]
  disable_ddl_transaction!
  TABLES = %i[users companies].freeze
  def up
    safety_assured do
      TABLES.each do |table|
        add_column table, :slug, :string
        add_index table, :slug, algorithm: :concurrently
      end
    end
    change_table :users, bulk: true do |t|
      t.rename :email, :mail
      t.remove :team_id
      t.index [:mail, :slug], name: "both"
    end
    execute <<~SQL
      CREATE INDEX CONCURRENTLY by_time ON users (created_at)
        WHERE slug IS NOT NULL;
    SQL
    add_flags :users
  end
  def add_flags(table)
    add_column table, :flag, :boolean, default: false, null: false
  end
  def down
    drop_table :users
  end
end
`,
		"db/migrate/20200103000000_last.rb": `class Last < ActiveRecord::Migration[7.0]
  def change
    rename_table :companies, :firms
    remove_index :users, column: [:mail, :slug], name: "both"
    reversible do |dir|
      dir.up { add_column :users, :upped, :jsonb }
      dir.down { remove_column :users, :mail }
    end
    remove_reference :users, :owner, polymorphic: true
  end
end
`,
	})
	if len(dbs) != 1 {
		t.Fatalf("%d databases, want 1", len(dbs))
	}
	want := `table companies_users pk= view=false
  user_id bigint not null :11
  company_id bigint not null :11
table firms pk=id view=false
  id bigint not null :10
  slug varchar :7
  index index_companies_on_slug (slug) unique=false where="" btree conc=true :8
table users pk=id view=false
  id bigint not null :3
  mail varchar :4
  account_id bigint :5
  created_at timestamp not null :8
  updated_at timestamp not null :8
  slug varchar :7
  flag boolean not null :23
  upped jsonb :6
  index index_users_on_email (mail) unique=true where="" btree conc=false :4
  index index_users_on_account_id (account_id) unique=false where="" btree conc=false :5
  index index_users_on_slug (slug) unique=false where="" btree conc=true :8
  index by_time (created_at) unique=false where="slug IS NOT NULL" btree conc=true :17
  key (account_id) -> firms enforced=true poly=false delete=set null :5
`
	if got := describe(dbs[0].Schema); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if m := dbs[0].Migrations; len(m) != 3 || !m[0].Transactional || m[1].Transactional {
		t.Errorf("transactional flags are wrong: %+v", m)
	}
}

func TestReferencesBeforeRails5HaveNoIndex(t *testing.T) {
	dbs := databases(t, map[string]string{"db/migrate/20100101000000_start.rb": `class Start < ActiveRecord::Migration
  def self.up
    create_table :users do |t|
      t.references :account
      t.timestamps
    end
    add_index :users, :name, :unique => true
  end
end
`, "Gemfile.lock": "GEM\n  specs:\n    mysql2 (0.5.2)\n"})
	want := `table users pk=id view=false
  id integer not null :3
  account_id integer :4
  created_at timestamp :5
  updated_at timestamp :5
  index index_users_on_name (name) unique=true where="" btree conc=false :7
`
	if got := describe(dbs[0].Schema); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if d := dbs[0].Schema.Dialect; d != schema.MySQL {
		t.Errorf("dialect %q, want mysql", d)
	}
}

func TestStoresOfARepository(t *testing.T) {
	create := "class M < ActiveRecord::Migration[7.0]\n  def change\n    create_table :TABLE do |t|\n      t.bigint :x_id\n    end\n  end\nend\n"
	table := func(name string) string { return strings.ReplaceAll(create, "TABLE", name) }
	dump := func(version, name string) string {
		return "ActiveRecord::Schema[7.1].define(version: " + version + ") do\n  create_table \"" + name + "\" do |t|\n    t.bigint \"x_id\"\n  end\nend\n"
	}
	dbs := databases(t, map[string]string{
		"config/database.yml":                          "production:\n  primary:\n    adapter: trilogy\n  queue:\n    adapter: sqlite3\n",
		"db/schema.rb":                                 dump("2024_01_01_000000", "users"),
		"db/migrate/20240101000000_a.rb":               table("users"),
		"db/migrate/20240201000000_b.rb":               table("later"),
		"db/queue_schema.rb":                           dump("1", "jobs"),
		"db/queue_migrate/20240101000000_q.rb":         table("jobs"),
		"engines/shop/db/migrate/20230101000000_c.rb":  table("carts"),
		"other/config/database.yml":                    "production:\n  url: postgres://x\n",
		"other/db/structure.sql":                       "CREATE TABLE public.orders (\n  id bigint NOT NULL,\n  user_id bigint\n);\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20240101000000');\n",
		"spec/dummy/db/schema.rb":                      dump("1", "dummies"),
		"vendor/gems/x/db/migrate/20240101000000_v.rb": table("vendored"),
	})
	var got []string
	for _, db := range dbs {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%d|%d", db.Root, db.Source, db.Schema.Dialect, strings.Join(db.Schema.Names(), ","), len(db.Migrations), len(db.Schema.Conflicts)))
	}
	want := "|db/schema.rb|mysql|users|3|1\n|db/queue_schema.rb|sqlite|jobs|1|1\nother|other/db/structure.sql|postgresql|orders|0|0"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if c := dbs[0].Schema.Conflicts; len(c) == 1 && !strings.Contains(c[0], "db/migrate/20240201000000_b.rb") {
		t.Errorf("conflict does not name the later migration: %s", c[0])
	}
}

func TestCodeForeignKeys(t *testing.T) {
	p := load.FromFiles(map[string]string{
		"db/schema.rb": `ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "users" do |t|
  end
  create_table "posts" do |t|
    t.bigint "author_id"
    t.bigint "user_id"
    t.bigint "subject_id"
    t.string "subject_type"
  end
  add_foreign_key "posts", "users"
end
`,
		"app/models/user.rb": "class User < ApplicationRecord\nend\n",
		"app/models/post.rb": `class Post < ApplicationRecord
  belongs_to :user
  belongs_to :author, class_name: "User"
  belongs_to :subject, polymorphic: true
  belongs_to :ghost, class_name: "User"
end
`,
	})
	fw := New()
	dbs := fw.Schemas(p)
	r := flow.Analyze(context.Background(), p, []flow.Framework{fw})
	fw.CodeForeignKeys(r.Index, dbs)
	fw.CodeForeignKeys(r.Index, dbs) // twice changes nothing
	var got []string
	for _, k := range dbs[0].Schema.Table("posts").ForeignKeys {
		got = append(got, fmt.Sprintf("%s->%s %v %v %s:%d", strings.Join(k.Columns, ","), k.RefTable, k.Enforced, k.Polymorphic, k.Place.Path, k.Place.Line))
	}
	want := "user_id->users true false db/schema.rb:10\nauthor_id->users false false app/models/post.rb:3\nsubject_type,subject_id-> false true app/models/post.rb:4"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}
