package sqlddl

import (
	"bytes"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// evidence is text that one product's scripts hold and others' do not. The weight says how sure it is.
var evidence = []struct {
	text    string // lower case
	dialect schema.Dialect
	weight  int
}{
	{"engine=innodb", schema.MySQL, 8}, {"engine = innodb", schema.MySQL, 8}, {"engine=myisam", schema.MySQL, 8}, {"auto_increment", schema.MySQL, 6},
	{"mysql dump", schema.MySQL, 8}, {"utf8mb4", schema.MySQL, 6}, {"/*!4", schema.MySQL, 8}, {"unsigned", schema.MySQL, 2},
	{"on update current_timestamp", schema.MySQL, 4}, {" tinyint(", schema.MySQL, 2}, {"longtext", schema.MySQL, 3}, {"delimiter ", schema.MySQL, 2}, {"`", schema.MySQL, 1},
	{"postgresql database dump", schema.Postgres, 10}, {"pg_catalog", schema.Postgres, 8}, {"jsonb", schema.Postgres, 5}, {"timestamptz", schema.Postgres, 5},
	{"bigserial", schema.Postgres, 5}, {" serial ", schema.Postgres, 3}, {"serial primary key", schema.Postgres, 4}, {"plpgsql", schema.Postgres, 8}, {"using gin", schema.Postgres, 5},
	{"using btree", schema.Postgres, 2}, {"concurrently", schema.Postgres, 5}, {"nextval(", schema.Postgres, 3}, {"create extension", schema.Postgres, 8},
	{"::", schema.Postgres, 3}, {"with time zone", schema.Postgres, 2}, {"without time zone", schema.Postgres, 3}, {"bytea", schema.Postgres, 5}, {"alter column", schema.Postgres, 1},
	{" as enum", schema.Postgres, 3}, {"only public.", schema.Postgres, 5}, {"do $$", schema.Postgres, 8}, {"text[]", schema.Postgres, 4},
	{"autoincrement", schema.SQLite, 6}, {"pragma ", schema.SQLite, 8}, {"without rowid", schema.SQLite, 8}, {"sqlite_", schema.SQLite, 6},
	{"nvarchar", schema.SQLServer, 4}, {"[dbo]", schema.SQLServer, 8}, {"uniqueidentifier", schema.SQLServer, 5}, {"identity(1", schema.SQLServer, 4}, {"nonclustered", schema.SQLServer, 6},
	{"varchar2", schema.Oracle, 8}, {"mergetree", schema.ClickHouse, 10}, {"lowcardinality(", schema.ClickHouse, 8},
}

// detectBytes is how much of a file is looked at. Dumps state their product in the first lines.
const detectBytes = 256 << 10

// DetectDialect guesses the product that a text was written for, or returns Unknown without evidence.
func DetectDialect(src []byte) schema.Dialect {
	if len(src) > detectBytes {
		src = src[:detectBytes]
	}
	text := bytes.ToLower(src)
	score := map[schema.Dialect]int{}
	for _, e := range evidence {
		if n := bytes.Count(text, []byte(e.text)); n > 0 {
			score[e.dialect] += e.weight * min(n, 4)
		}
	}
	best, second := schema.Unknown, 0
	for _, d := range []schema.Dialect{schema.Postgres, schema.MySQL, schema.SQLite, schema.SQLServer, schema.Oracle, schema.ClickHouse} {
		if score[d] > score[best] {
			best, second = d, score[best]
		} else {
			second = max(second, score[d])
		}
	}
	if score[best] < 2 || score[best] == second {
		return schema.Unknown
	}
	return best
}

// folderDialects are the names of folders and of file name parts that say a product.
var folderDialects = map[string]schema.Dialect{
	"postgres": schema.Postgres, "postgresql": schema.Postgres, "pg": schema.Postgres, "psql": schema.Postgres, "pgsql": schema.Postgres, "cockroach": schema.Postgres, "cockroachdb": schema.Postgres,
	"timescaledb": schema.Postgres, "yugabyte": schema.Postgres,
	"mysql": schema.MySQL, "mariadb": schema.MySQL, "mysql5": schema.MySQL, "mysql8": schema.MySQL,
	"sqlite": schema.SQLite, "sqlite3": schema.SQLite, "d1": schema.SQLite,
	"sqlserver": schema.SQLServer, "sql_server": schema.SQLServer, "mssql": schema.SQLServer, "azuresql": schema.SQLServer,
	"oracle": schema.Oracle, "db2": schema.DB2, "h2": schema.H2, "hsqldb": schema.H2, "clickhouse": schema.ClickHouse,
}

// dialectOfName reads one path element: "postgres", "mysql-default", "schema_sqlite.sql".
func dialectOfName(name string) schema.Dialect {
	name = strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if d, ok := folderDialects[name]; ok {
		return d
	}
	for _, part := range strings.FieldsFunc(name, func(c rune) bool { return c == '-' || c == '_' || c == '.' }) {
		if d, ok := folderDialects[part]; ok && part != "pg" && part != "d1" {
			return d
		}
	}
	return schema.Unknown
}
