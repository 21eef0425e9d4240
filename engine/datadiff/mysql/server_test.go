package mysql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// server is the URL of the one server of all tests, and absent the reason why there is none.
var server, absent string

// TestMain starts a MariaDB, unless NAPKIN_TEST_MYSQL names a server: MySQL 8 or MariaDB, a database that
// may be written to, an account with all rights.
func TestMain(m *testing.M) {
	os.Exit(withServer(m))
}

func withServer(m *testing.M) int {
	if server = os.Getenv("NAPKIN_TEST_MYSQL"); server != "" {
		return m.Run()
	}
	s, err := scratch.StartMariaDB(context.Background())
	switch {
	case errors.Is(err, scratch.ErrNotInstalled) && os.Getenv("CI") != "true":
		absent = err.Error()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	default:
		server = s.URL
		defer func() {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	return m.Run()
}

func serverURL(t testing.TB) string {
	t.Helper()
	if server == "" {
		t.Skip(absent)
	}
	return server
}
