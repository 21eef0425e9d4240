package rehearse

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func TestReach(t *testing.T) {
	const nowhere, shared, everywhere = 0, 1, 2 // refused on no server, on a shared one, on a private one too
	for sql, want := range map[string]int{
		"drop database victim":                                                shared,
		"create role app":                                                     shared,
		"alter user app set work_mem = '1MB'":                                 shared,
		"create user mapping for app server s":                                nowhere,
		"grant app to bob":                                                    shared,
		"grant connect on database shop to bob":                               shared,
		"grant select on t to bob":                                            nowhere,
		"drop owned by app":                                                   shared,
		"comment on database shop is 'x'":                                     shared,
		"comment on table role is 'x'":                                        nowhere,
		"alter system set work_mem = '64kB'":                                  everywhere,
		"create tablespace fast location '/fast'":                             everywhere,
		"create subscription s connection 'host=a' publication p":             everywhere,
		"load 'auto_explain'":                                                 everywhere,
		"create extension if not exists dblink":                               everywhere,
		"create extension plpython3u":                                         everywhere,
		"create extension citext":                                             nowhere,
		"create or replace trusted language plx":                              everywhere,
		"create function f() returns int language plpython3u as 'return 1'":   everywhere,
		"create function f() returns int language plpgsql as 'begin end'":     nowhere,
		"copy t to '/tmp/t'":                                                  everywhere,
		"copy (select 'a' from t) to program 'id'":                            everywhere,
		"copy t from '/tmp/t' with (format csv)":                              everywhere,
		"copy t from stdin":                                                   nowhere,
		"select pg_terminate_backend(pid) from pg_stat_activity":              everywhere,
		"select pg_catalog.pg_cancel_backend(1)":                              everywhere,
		"select * from dblink('host=a', 'select 1') as t(a int)":              everywhere,
		"select pg_create_logical_replication_slot('a', 'pgoutput')":          everywhere,
		"alter table t add column a text default pg_read_file('/etc/passwd')": everywhere,
		"do $$ begin execute 'copy t to program ''id'''; end $$":              everywhere,
		"do $$ begin create role app; end $$":                                 shared,
		"do $$ begin update t set role = 1; end $$":                           nowhere,
		"create function f() returns void language plpgsql as $$ begin copy t to '/tmp/x'; end $$": everywhere,
		"insert into t values ('drop database victim', 'copy t to program ''id''')":                nowhere,
		"alter table t rename column database to role":                                             nowhere,
		"create index on t (a)": nowhere,
	} {
		m := layout.Parse("m.sql", []byte(sql), layout.Plain, "postgresql", "")
		for _, private := range []bool{false, true} {
			refused := want == everywhere || want == shared && !private
			if got := reach(&m.Script.Statements[0], private); (got != "") != refused {
				t.Errorf("%s, private %v: %q", sql, private, got)
			}
		}
	}
}

// TestNothingLeavesTheDatabase runs what would change the server, its files and other sessions: none of it happens, on a
// given server and on a private one.
func TestNothingLeavesTheDatabase(t *testing.T) {
	t.Parallel()
	server := testserver.PostgresFor(t)
	admin, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	for _, sql := range []string{"create database victim", "create role victimrole", "create database playground"} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return strings.Replace(server.URL, "/postgres?", "/"+name+"?", 1) }
	config, err := pgx.ParseConfig(in("playground"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Mark(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { // the server may run as another account
		t.Fatal(err)
	}
	file := filepath.Join(dir, "written")
	sql := "create table t (id int); drop database victim; drop role victimrole; alter system set work_mem = '64kB'; copy t to '" + file + "'; copy t to program 'touch " + file + `';
do $$ begin execute 'copy t to program ''touch ` + file + `'''; end $$; select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'; alter table t add a int`
	for _, url := range []string{in("playground"), ""} {
		result, err := Run(t.Context(), Options{Before: files(t, layout.Plain, "do $$ begin execute 'copy t to program ''touch "+file+"'''; end $$"), Migrations: files(t, layout.Plain, sql), Rows: oneSize, Repeats: 1, ScratchURL: url})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range result.Statements {
			harmless := i == 0 || i == len(result.Statements)-1 || url == "" && strings.HasPrefix(s.SQL, "drop ")
			if strings.Contains(s.Error, "it is not run in a rehearsal, because") == harmless {
				t.Errorf("url %q: %s: %q", url, s.SQL, s.Error)
			}
		}
		if len(result.Problems) != 1 || !strings.Contains(result.Problems[0].Sentence, "was left out") {
			t.Errorf("problems: %+v", result.Problems)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
	var there int
	if err := admin.QueryRow(t.Context(), "select (select count(*) from pg_database where datname = 'victim') + (select count(*) from pg_roles where rolname = 'victimrole')").Scan(&there); err != nil || there != 2 {
		t.Errorf("%d of the database and the role are there: %v", there, err)
	}
	var setting string
	if err := admin.QueryRow(t.Context(), "select coalesce((select setting from pg_file_settings where name = 'work_mem'), '')").Scan(&setting); err != nil || setting != "" {
		t.Errorf("work_mem %q, %v", setting, err)
	}
}
