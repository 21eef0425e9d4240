package main

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
)

func TestDiffNamesOfTables(t *testing.T) {
	s := twoFiles(t, `create table users (id integer primary key)`, `create table "x.y" (id integer primary key)`, `create table "a:b" (id integer primary key)`,
		`create table "c:d" (id integer primary key)`, `create table "a,b" (id integer primary key)`, `create table "main.x" (id integer primary key)`)
	for _, args := range [][]string{
		{"--table", "x.y"}, {"--table", `"x.y"`}, {"--table", `main."x.y"`}, {"--table", "x.y", "--schema", "main"}, {"--table", "main.users"}, {"--table", "main.users", "--schema", "main"},
		{"--table", "a:b"}, {"--table", `"a:b"`}, {"--table", `"a:b":"c:d"`}, {"--table", `"a,b"`}, {"--table", `"x.y":users`}, {"--table", "main.x"}, {"--all-tables"},
	} {
		if code, stdout, stderr := s.diff(t, args...); code != exitOK {
			t.Errorf("%q: exit %d\n%s\n%s", args, code, stdout, stderr)
		}
	}
	change(t, "b", `alter table "x.y" add column "more, or less" int`)
	for _, exclude := range []string{`"more, or less"`, `"x.y"."more, or less"`} {
		if code, stdout, _ := s.diff(t, "--table", "x.y,users", "--exclude", exclude); code != exitOK {
			t.Errorf("--exclude %s: exit %d\n%s", exclude, code, stdout)
		}
	}
	for word, say := range map[string]string{
		"x.z":     `A has no table x.z; there: "a,b", "a:b", "c:d", "main.x", users, "x.y"; a name that has a dot or a colon in it is written in double quotes`,
		"users:u": "B has no table u",
		`"x.z"`:   `A has no table "x.z"`,
	} {
		code, stdout, _ := s.diff(t, "--table", word)
		if said := strings.Join(strings.Fields(stdout), " "); code != exitError || !strings.Contains(said, say) {
			t.Errorf("%s: exit %d, want %q\n%s", word, code, say, stdout)
		}
	}
	code, stdout, stderr := s.diff(t, "--table", "users", "--table", "users:users,main.users")
	if code != exitOK || strings.Contains(stdout, "2 tables") || !strings.Contains(stderr, "more than once") {
		t.Errorf("a table that is named three times: exit %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestDiffNamesSchemasThatHoldATable(t *testing.T) {
	pg, maria := testserver.PostgresFor(t), testserver.MariaDBFor(t)
	t.Chdir(t.TempDir())
	s := newSession(t)
	fillServer(t, pg.URL, "create schema shop", "create table shop.users (id int primary key)", `create table public."users.old" (id int primary key)`)
	fillServer(t, maria.URL, "create database if not exists elsewhere", "create table if not exists elsewhere.clients (id int primary key)", "create table `users.old` (id int primary key)")
	for _, c := range []struct{ word, say string }{
		{"users", "A has no table users; there is shop.users"},
		{"users.old", "Equal"},
		{"users.old:clients", "B has no table clients; there is elsewhere.clients"},
	} {
		_, stdout, _ := s.run(t, "diff", pg.URL, maria.URL, "--table", c.word)
		if said := strings.Join(strings.Fields(stdout), " "); !strings.Contains(said, c.say) {
			t.Errorf("%s: want %q\n%s", c.word, c.say, stdout)
		}
	}
}
