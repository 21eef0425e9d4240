package review

import (
	"context"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// readMySQL reads the tables of one database of MySQL or MariaDB, as the server writes them.
func readMySQL(ctx context.Context, u database.URL, options database.Options) (*Catalog, error) {
	conn, err := database.OpenMySQL(ctx, u, options)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c := &Catalog{Name: u.String(), Dialect: schema.MySQL, Sizes: map[string]lint.Size{}}
	fail := func(err error) (*Catalog, error) { return nil, fmt.Errorf("read the catalog of %s: %w", u, err) }
	version, err := conn.Execute("select version(), @@global.time_zone")
	if err != nil {
		return fail(err)
	}
	text, _ := version.GetString(0, 0)
	product := "mysql-"
	if strings.Contains(strings.ToLower(text), "mariadb") {
		product = "mariadb-"
	}
	if c.Server, err = predict.ParseServer(product+text, schema.MySQL); err != nil {
		return fail(err)
	}
	c.TimeZone, _ = version.GetString(0, 1)
	tables, err := conn.Execute("select table_name, table_rows, coalesce(data_length, 0) + coalesce(index_length, 0) from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by create_time, table_name")
	if err != nil {
		return fail(err)
	}
	// SHOW CREATE TABLE quotes as the session's sql_mode says; names in backquotes are what sqlddl reads.
	if _, err := conn.Execute("set session sql_mode = ''"); err != nil {
		return fail(err)
	}
	var b strings.Builder
	for i := range tables.RowNumber() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name, _ := tables.GetString(i, 0)
		rows, _ := tables.GetInt(i, 1)
		size, _ := tables.GetInt(i, 2)
		c.Sizes[name] = lint.Size{Rows: rows, Bytes: unit.Bytes(size)}
		made, err := conn.Execute("show create table `" + strings.ReplaceAll(name, "`", "``") + "`")
		if err != nil {
			return fail(err)
		}
		ddl, _ := made.GetString(0, 1)
		b.WriteString(ddl + ";\n")
	}
	c.DDL = b.String()
	return c, nil
}
