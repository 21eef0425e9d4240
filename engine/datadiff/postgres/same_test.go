package postgres

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// Two servers that describe themselves alike are two, and two connections to one server are one.
func TestSame(t *testing.T) {
	server, copied := testserver.PostgresFor(t), testserver.PostgresFor(t)
	// Another database of the server is not within reach of one statement.
	template := strings.Replace(server.URL, "/postgres?", "/template1?", 1)
	var of [4]*Database
	for i, raw := range []string{server.URL, server.URL, copied.URL, template} {
		u, err := database.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if of[i], err = Open(t.Context(), u, database.Options{}); err != nil {
			t.Fatal(err)
		}
		defer of[i].Close()
	}
	of[2].server, of[3].server = of[0].server, of[0].server
	for i, want := range []bool{true, true, false, false} {
		if same, err := of[0].Same(t.Context(), of[i]); same != want || err != nil {
			t.Errorf("the server %d is the same: %v, %v", i, same, err)
		}
		if same, err := of[i].Same(t.Context(), of[0]); same != want || err != nil {
			t.Errorf("the server %d is the same: %v, %v", i, same, err)
		}
	}
}
