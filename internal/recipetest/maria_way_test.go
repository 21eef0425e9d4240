package recipetest

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	base "github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestFirstWay: the way that a step tries first is one that the server can go, because a migration tool that runs the file
// ends at the first error.
func TestFirstWay(t *testing.T) {
	t.Parallel()
	m := testserver.MariaDBFor(t)
	o := rewrite.Name{Name: "orders"}
	cases := append(MariaCases(),
		Case{Name: "drop indexed column", Change: rewrite.DropColumn{Table: o, Column: "customer"}},
		Case{Name: "drop column that is needed", Change: rewrite.DropColumn{Table: o, Column: "needed"}},
		Case{Name: "primary key", Change: rewrite.AddPrimaryKey{Table: rewrite.Name{Name: "bare"}, Columns: []string{"id"}}},
		Case{Name: "volatile column", Change: rewrite.AddColumn{Table: o, Column: "token", Type: "varchar(36)", Default: "uuid()", Volatile: true, NotNull: true}})
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			address := database(m.URL, "first_way")
			if err := mariaRun(t.Context(), m.URL, "DROP DATABASE IF EXISTS first_way", "CREATE DATABASE first_way"); err != nil {
				t.Fatal(err)
			}
			setup := append(mariaTables(100), "UPDATE orders SET customer = 1 WHERE customer IS NULL", "ALTER TABLE orders ADD needed int NOT NULL", "CREATE TABLE bare (id int NOT NULL, n int)")
			if err := mariaRun(t.Context(), address, setup...); err != nil {
				t.Fatal(err)
			}
			u, err := base.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			f, err := catalog.Read(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			r, err := rewrite.Build(c.Change, f, rewrite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range r.Steps {
				statements := s.SQL
				switch s.Kind {
				case rewrite.Batches:
					statements = []string{s.Backfill.UpdateSQL(false, false)}
				case rewrite.Statements:
				default:
					continue
				}
				if err := mariaRun(t.Context(), address, statements...); err != nil {
					t.Errorf("%s: %v", s.ID, err)
				}
			}
		})
	}
}
