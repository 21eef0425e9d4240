package sqlddl

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
)

func TestDiscover(t *testing.T) {
	cases := []struct {
		name  string
		paths string
		want  string
	}{
		{"golang-migrate, by number", "m/10_b.up.sql m/10_b.down.sql m/9_a.up.sql m/9_a.down.sql m/11_c.up.go m/11_c.down.go m/main.go",
			"m golang-migrate: m/9_a.up.sql m/10_b.up.sql +1 unread"},
		{"flyway", "db/V1_10__c.sql db/V1_9__b.sql db/R__view.sql db/V1.2__a.sql db/U1_10__c.sql", "db flyway: db/V1.2__a.sql db/V1_9__b.sql db/V1_10__c.sql db/R__view.sql"},
		{"flyway baseline", "db/V1_1__a.sql db/V1_2__b.sql db/B1_2__base.sql db/V1_3__c.sql", "db flyway: db/B1_2__base.sql db/V1_3__c.sql"},
		{"flyway vendors", "db/H2/V1__a.sql db/POSTGRESQL/V1__a.sql db/MYSQL/V1__a.sql",
			"db/H2 flyway h2 alternate of db: db/H2/V1__a.sql\ndb/MYSQL flyway mysql alternate of db: db/MYSQL/V1__a.sql\ndb/POSTGRESQL flyway postgresql of db: db/POSTGRESQL/V1__a.sql"},
		{"flyway common", "db/common/V2__b.sql db/mysql/V1__a.sql db/mysql/V3__c.sql", "db/mysql flyway mysql: db/mysql/V1__a.sql db/common/V2__b.sql db/mysql/V3__c.sql"},
		{"prisma", "p/migrations/20210102000000_b/migration.sql p/migrations/20200101000000_a/migration.sql", "p/migrations prisma: p/migrations/20200101000000_a/migration.sql p/migrations/20210102000000_b/migration.sql"},
		{"diesel", "migrations/2020-01-01-000000_a/up.sql migrations/2020-01-01-000000_a/down.sql migrations/2021-01-01-000000_b/up.sql",
			"migrations diesel: migrations/2020-01-01-000000_a/up.sql migrations/2021-01-01-000000_b/up.sql"},
		{"numbered", "db/0002_b.sql db/0001_a.sql db/0010_c.sql db/0011_d.go db/0011_d_test.go", "db numbered: db/0001_a.sql db/0002_b.sql db/0010_c.sql +1 unread"},
		{"play evolutions", "conf/2.sql conf/10.sql conf/1.sql", "conf numbered: conf/1.sql conf/2.sql conf/10.sql"},
		{"dump and scripts", "db/structure.sql sql/init.sql", "db sql dump: db/structure.sql\nsql sql: sql/init.sql"},
		{"scripts of several products", "sql/mysql-default/app.sql sql/h2-default/app.sql sql/mysql-other/app.sql",
			"sql/h2-default sql h2 alternate of sql: sql/h2-default/app.sql\nsql/mysql-default sql mysql of sql: sql/mysql-default/app.sql\nsql/mysql-other sql mysql of sql: sql/mysql-other/app.sql"},
		{"dialect in the file's name", "sql/schema-postgres.sql sql/schema-mysql.sql", "sql sql mysql alternate dump of sql: sql/schema-mysql.sql\nsql sql postgresql dump of sql: sql/schema-postgres.sql"},
		{"clickhouse is another store", "m/clickhouse/1_a.up.sql m/postgres/1_a.up.sql", "m/clickhouse golang-migrate clickhouse: m/clickhouse/1_a.up.sql\nm/postgres golang-migrate postgresql: m/postgres/1_a.up.sql"},
		{"nothing", "a.go b.txt", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			for _, s := range Discover(strings.Fields(c.paths)) {
				head := []string{s.Root, string(s.Tool)}
				if s.Dialect != schema.Unknown {
					head = append(head, string(s.Dialect))
				}
				if s.Alternate {
					head = append(head, "alternate")
				}
				if s.Dump {
					head = append(head, "dump")
				}
				if s.Group != "" {
					head = append(head, "of", s.Group)
				}
				line := strings.Join(head, " ") + ": " + strings.Join(s.Paths, " ")
				if len(s.Unread) > 0 {
					line += fmt.Sprintf(" +%d unread", len(s.Unread))
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestReadSource(t *testing.T) {
	files := map[string]string{"m/1_a.up.sql": "CREATE TABLE a (id bigserial PRIMARY KEY, b_id bigint REFERENCES b (id));", "m/3_c.up.sql": "CREATE INDEX ON a (b_id);"}
	source := Discover([]string{"m/1_a.up.sql", "m/2_b.up.sql", "m/3_c.up.sql"})[0]
	migrations, dialect, problems := ReadSource(source, schema.Unknown, func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("permission denied")
	})
	if dialect != schema.Postgres || len(migrations) != 2 || len(problems) != 1 || problems[0].Place.Path != "m/2_b.up.sql" {
		t.Fatalf("got %d migrations of %q and %v", len(migrations), dialect, problems)
	}
	before := schema.Fold(migrations[:1], dialect)
	if got := before.Table("a").UnindexedForeignKeys(dialect); len(got) != 1 || got[0].Place.Path != "m/1_a.up.sql" {
		t.Errorf("before the last migration: got %v, want the key on b_id", got)
	}
	after := schema.Fold(migrations, dialect)
	if got := after.Table("a").UnindexedForeignKeys(dialect); len(got) != 0 {
		t.Errorf("after the last migration: got %v, want none", got)
	}
}

func FuzzDiscover(f *testing.F) {
	f.Add("db/V1__a.sql\ndb/H2/B1__a.sql\n.sql\n/\nm/1_a.up.sql\nup.sql")
	f.Fuzz(func(t *testing.T, paths string) {
		for _, s := range Discover(strings.Split(paths, "\n")) {
			if len(s.Paths) == 0 {
				t.Errorf("the set %s is empty", s.Root)
			}
		}
	})
}
