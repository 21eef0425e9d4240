// Package testserver gives tests the private servers of [scratch], stopped when the test ends.
// scripts/setup-test installs what they need.
package testserver

import (
	"errors"
	"os"
	"testing"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// PostgresFor starts a server that is stopped when the test ends. Where none is installed it skips the
// test with the reason; in CI (CI=true) that is a failure, because there everything must run. Settings
// are as for [scratch.StartPostgres].
func PostgresFor(t testing.TB, settings ...string) *scratch.Postgres {
	t.Helper()
	p, err := scratch.StartPostgres(t.Context(), settings...)
	return orSkip(t, p, err)
}

// MariaDBFor is [PostgresFor] with MariaDB. Settings are as for [scratch.StartMariaDB].
func MariaDBFor(t testing.TB, settings ...string) *scratch.MariaDB {
	t.Helper()
	m, err := scratch.StartMariaDB(t.Context(), settings...)
	return orSkip(t, m, err)
}

// RedisFor is [PostgresFor] with Redis. Settings are as for [scratch.StartRedis].
func RedisFor(t testing.TB, settings ...string) *scratch.Redis {
	t.Helper()
	r, err := scratch.StartRedis(t.Context(), settings...)
	return orSkip(t, r, err)
}

// server is what the helpers for tests ask of a running server.
type server interface{ Stop() error }

// orSkip ends the test where the start failed, and stops the server when the test ends. Where none is
// installed the test is skipped with the reason; in CI (CI=true) that is a failure, because there
// everything must run.
func orSkip[S server](t testing.TB, s S, err error) S {
	t.Helper()
	orEnd(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// orEnd ends the test where the start of a server has failed.
func orEnd(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, scratch.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err, "(scripts/setup-test installs it when run as root)")
	}
	if err != nil {
		t.Fatal(err)
	}
}
