package sqlddl_test

import (
	"fmt"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

func ExampleParseDDL() {
	ops, _ := sqlddl.ParseDDL("1_orders.sql", []byte(`CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE
);`), schema.Postgres)
	s := schema.Fold([]schema.Migration{{Path: "1_orders.sql", Ops: ops}}, schema.Postgres)
	for _, fk := range s.Table("orders").UnindexedForeignKeys(s.Dialect) {
		fmt.Printf("%s:%d: %v points at %s without an index\n", fk.Place.Path, fk.Place.Line, fk.Columns, fk.RefTable)
	}
	// Output: 1_orders.sql:3: [customer_id] points at customers without an index
}
