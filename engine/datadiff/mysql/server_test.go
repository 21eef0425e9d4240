package mysql

import (
	"os"
	"testing"
)

// serverURL names the server that the tests use: a database that they may write to, by an account with
// all rights, MySQL 8 or MariaDB.
func serverURL(t testing.TB) string {
	u := os.Getenv("NAPKIN_TEST_MYSQL")
	if u == "" {
		t.Skip("NAPKIN_TEST_MYSQL names no server: mysql://root@127.0.0.1:3306/test")
	}
	return u
}
