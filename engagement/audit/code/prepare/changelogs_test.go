package prepare_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/foundation/schema"
)

const (
	orders  = `<databaseChangeLog><changeSet id="1" author="a"><createTable tableName="orders"><column name="id" type="bigint"/><column name="user_id" type="bigint"/></createTable></changeSet></databaseChangeLog>`
	byUser  = `<databaseChangeLog><changeSet id="1" author="a"><createIndex indexName="by_user" tableName="orders"><column name="user_id"/></createIndex></changeSet></databaseChangeLog>`
	masters = `<databaseChangeLog><include file="db/changelog/parts/1.xml"/></databaseChangeLog>`
	dump    = "-- MySQL dump 10.13\n-- Host: localhost    Database: shop\nCREATE TABLE orders (id bigint, user_id bigint);\nCREATE TABLE old_orders (id bigint);\n"
)

func TestChangelogsStateTheSchema(t *testing.T) {
	for name, c := range map[string]struct {
		files   map[string]string
		sources string // of the databases
		indexed bool
	}{
		"a master": {map[string]string{
			"app/src/main/resources/db/changelog/master.xml": masters, "app/src/main/resources/db/changelog/parts/1.xml": orders, "shop.sql": dump,
		}, "changelog app/src/main/resources/db/changelog/master.xml", false},
		"an index of a module that no master includes": {map[string]string{
			"app/src/main/resources/db/changelog/master.xml": masters, "app/src/main/resources/db/changelog/parts/1.xml": orders, "mod/src/main/resources/db/changelog/mod.xml": byUser,
		}, "changelog app/src/main/resources/db/changelog/master.xml", true},
		"a dump beside Flyway":  {map[string]string{"db/migration/V1__a.sql": "CREATE TABLE orders (id bigint, user_id bigint);\n", "db/shop.sql": dump}, "migrations in db/migration", false},
		"a backup without head": {map[string]string{"db/migration/V1__a.sql": "CREATE TABLE orders (id bigint, user_id bigint);\n", "demo-backups/a.sql": "CREATE TABLE orders (id bigint);\n"}, "migrations in db/migration", false},
		"a dump by itself":      {map[string]string{"db/shop.sql": dump}, "db/shop.sql", false},
	} {
		p := load.FromFiles(c.files)
		prepare.Run(t.Context(), p)
		var sources []string
		for _, db := range p.Schemas {
			sources = append(sources, db.Source)
		}
		if got := strings.Join(sources, ", "); got != c.sources {
			t.Errorf("%s: databases %q, want %q", name, got, c.sources)
			continue
		}
		table, _ := p.Table("orders", "")
		if table == nil || table.HasIndexPrefix([]string{"user_id"}) != c.indexed {
			t.Errorf("%s: orders = %+v", name, table)
		}
	}
}

func TestChangelogOfTheProductThatIsConnectedTo(t *testing.T) {
	p := load.FromFiles(map[string]string{
		"db/changelog/master.xml":                         `<databaseChangeLog><changeSet id="1" author="a" dbms="postgresql"><dropTable tableName="x"/></changeSet>` + orders[len("<databaseChangeLog>"):],
		"src/main/resources/application.properties":       "spring.datasource.url=jdbc:mariadb://localhost/shop\n",
		"src/test/resources/application-tests.properties": "spring.datasource.url=jdbc:h2:mem:x\n",
	})
	prepare.Run(t.Context(), p)
	if len(p.Schemas) != 1 || p.Schemas[0].Schema.Dialect != schema.MySQL {
		t.Fatalf("schemas: %+v", p.Schemas)
	}
}

func TestUnreadChangelogIsSaid(t *testing.T) {
	p := load.FromFiles(map[string]string{
		"grails-app/db/changelog/a.groovy": "databaseChangeLog = {\n}\n", "db/changelog/b.xml": orders[:len(orders)-20],
	})
	prepare.Run(t.Context(), p)
	if len(p.UnreadSchemas) != 2 || !strings.Contains(strings.Join(p.Problems, "\n"), "2 files that change the schema were not read") {
		t.Errorf("unread %v, notes %v", p.UnreadSchemas, p.Problems)
	}
}
