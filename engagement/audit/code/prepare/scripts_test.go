package prepare_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
)

func TestScriptsOfOneFolder(t *testing.T) {
	p := load.FromFiles(map[string]string{
		"sql/schema-entities.sql":     "CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint NOT NULL);\nCREATE TABLE users (id bigserial PRIMARY KEY);\n",
		"sql/schema-entities-idx.sql": "CREATE INDEX idx_orders_user_id ON orders (user_id);\n",
		"sql/addon-postgres.sql":      "CREATE INDEX idx_users ON users USING gin (id);\n",
		"sql/schema-other.sql":        "CREATE TABLE gauges (id bigserial PRIMARY KEY);\n",
		"upgrade/1/schema_update.sql": "ALTER TABLE orders ADD COLUMN note text;\n",
	})
	prepare.Run(t.Context(), p)
	got := map[string]int{}
	for _, db := range p.Schemas {
		got[db.Source] = len(db.Schema.Tables)
	}
	if len(got) != 2 || got["sql/schema-entities.sql"] != 2 || got["sql/schema-other.sql"] != 1 {
		t.Fatalf("databases and their tables: %v", got)
	}
	orders, db := p.Table("orders", "")
	if !orders.HasIndexPrefix([]string{"user_id"}) {
		t.Error("the index of the second file is not in the schema")
	}
	if len(db.Files) != 3 {
		t.Errorf("files of the schema: %v", db.Files)
	}
}
