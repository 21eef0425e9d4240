package mysql

import (
	"testing"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// Two servers that describe themselves alike, as pods of two clusters do, are two, and two connections to
// one server are one.
func TestSame(t *testing.T) {
	d, again := open(t), open(t)
	u, err := database.Parse(testserver.MariaDBFor(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), u, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.server = d.server
	for _, c := range []struct {
		a, b *Database
		want bool
	}{{d, d, true}, {d, again, true}, {again, d, true}, {d, other, false}, {other, d, false}} {
		if same, err := c.a.Same(t.Context(), c.b); same != c.want || err != nil {
			t.Errorf("%s and %s are one: %v, %v", c.a.url, c.b.url, same, err)
		}
	}
}
