package main

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// What an account may not see is no answer, and is told.
func TestDiffOfWhatIsNotSeen(t *testing.T) {
	maria := testserver.MariaDBFor(t)
	t.Chdir(t.TempDir())
	s := newSession(t)
	fillServer(t, maria.URL, "create table users (id int primary key, v int)", "insert into users values (1, 1)", "create table unseen (id int primary key)",
		"create database other", "create table other.users (id int primary key, v int)", "insert into other.users values (1, 2)",
		"create user partly@'%'", "grant select (id) on test.users to partly@'%'", "grant select on other.* to partly@'%'")
	a, b := strings.Replace(maria.URL, "napkin@", "partly@", 1), strings.Replace(maria.URL, "/test", "/other", 1)
	for _, c := range []struct {
		args string
		want int
		say  string
	}{
		{"--table users", exitError, "GRANT SELECT ON test.users"},
		{"--table users --schema-only", exitError, "GRANT SELECT ON test.users"},
		{"--table users --key id --columns id", exitOK, "Equal"},
		{"--all-tables", exitError, "GRANT SELECT ON `test`.*"},
	} {
		code, stdout, stderr := s.run(t, append([]string{"diff", a, b}, strings.Fields(c.args)...)...)
		if code != c.want || !strings.Contains(strings.Join(strings.Fields(stdout+stderr), " "), c.say) {
			t.Errorf("%s: exit %d\n%s\n%s", c.args, code, stdout, stderr)
		}
	}
}
