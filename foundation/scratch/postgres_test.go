package scratch_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func TestPostgres(t *testing.T) {
	p, other := testserver.PostgresFor(t), testserver.PostgresFor(t)
	for _, server := range []*scratch.Postgres{p, other} {
		conn, err := pgx.Connect(t.Context(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "create table t (a int primary key)"); err != nil {
			t.Errorf("two servers do not have a database each: %v", err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if server.Version == "" || server.Version[0] < '1' || server.Version[0] > '9' {
			t.Errorf("version %q", server.Version)
		}
	}
}
