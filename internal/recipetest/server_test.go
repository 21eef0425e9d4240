package recipetest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// shared is the server of all tests on PostgreSQL, with the databases on it.
var shared struct {
	testserver.Shared[*scratch.Postgres]
	prepare sync.Once
	d       *Databases
	err     error
}

func TestMain(m *testing.M) {
	if was, err := Child(); was {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	shared.Start = func(ctx context.Context) (*scratch.Postgres, error) { return scratch.StartPostgres(ctx) }
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// databases returns those of the shared server, and its major version.
func databases(t *testing.T) (*Databases, int) {
	t.Helper()
	p := shared.For(t)
	shared.prepare.Do(func() { shared.d, shared.err = NewDatabases(context.Background(), p.URL) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	digits, _, _ := strings.Cut(p.Version, ".")
	major, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("the version %q: %v", p.Version, err)
	}
	return shared.d, major
}
