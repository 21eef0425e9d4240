package review

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Catalog is what a live database says of itself: its schema as DDL, and how much its tables hold.
type Catalog struct {
	Name     string // the URL, passwords masked
	Dialect  schema.Dialect
	Server   predict.Server
	TimeZone string
	DDL      string
	Sizes    map[string]lint.Size // estimates of the statistics, not counts
	Invalid  []string             // indexes that a failed build left
	Others   []string             // relations that are no tables: foreign tables, sequences
}

// ReadCatalog reads the catalog of a database in a read-only session. It reads no rows of tables.
func ReadCatalog(ctx context.Context, url string) (*Catalog, error) {
	u, err := database.Parse(url)
	if err != nil {
		return nil, err
	}
	options := database.Options{Application: "napkin review", StatementTimeout: time.Minute}
	switch u.Kind {
	case database.Postgres:
		conn, err := database.OpenPostgres(ctx, u, options)
		if err != nil {
			return nil, err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		c := &Catalog{Name: u.String(), Dialect: schema.Postgres, Sizes: map[string]lint.Size{}}
		if err := c.readPostgres(ctx, conn); err != nil {
			return nil, fmt.Errorf("read the catalog of %s: %w", u, err)
		}
		return c, nil
	case database.MySQL:
		return readMySQL(ctx, u, options)
	}
	return nil, fmt.Errorf("%s is a SQLite database; migrations are reviewed for PostgreSQL, MySQL and MariaDB", u)
}

func (c *Catalog) readPostgres(ctx context.Context, conn *pgconn.PgConn) error {
	// The session of this reading is at UTC; that of the role and database is what migrations get.
	rows, err := query(ctx, conn, `select current_setting('server_version_num'), coalesce((select setting from (select unnest(setconfig) as setting, setrole, setdatabase from pg_db_role_setting) s
	  where setting like 'TimeZone=%' and setdatabase in (0, (select oid from pg_database where datname = current_database())) order by setrole = 0, setdatabase = 0 limit 1),
	  'TimeZone=' || (select reset_val from pg_settings where name = 'TimeZone'))`)
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(rows[0][0])
	c.Server = predict.Server{Product: predict.PostgreSQL, Major: number / 10000, Minor: number % 10000, Patch: -1, MinorKnown: true}
	c.TimeZone = strings.TrimPrefix(rows[0][1], "TimeZone=")
	if c.DDL, err = postgresDDL(ctx, conn, number); err != nil {
		return err
	}
	rows, err = query(ctx, conn, `select quote_ident(n.nspname) || '.' || quote_ident(c.relname), greatest(c.reltuples, 0)::bigint, pg_table_size(c.oid) + pg_indexes_size(c.oid)
	  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and (c.reltuples > 0 or pg_table_size(c.oid) < 65536)`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		n, _ := strconv.ParseInt(row[1], 10, 64)
		size, _ := strconv.ParseInt(row[2], 10, 64)
		c.Sizes[row[0]] = lint.Size{Rows: n, Bytes: unit.Bytes(size)}
	}
	rows, err = query(ctx, conn, `select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where not i.indisvalid`)
	for _, row := range rows {
		c.Invalid = append(c.Invalid, row[0])
	}
	if err != nil {
		return err
	}
	rows, err = query(ctx, conn, `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
	  where c.relkind in ('f', 'S') and n.nspname not in ('pg_catalog', 'information_schema')`)
	for _, row := range rows {
		c.Others = append(c.Others, row[0])
	}
	return err
}

func query(ctx context.Context, conn *pgconn.PgConn, sql string) ([][]string, error) {
	result := conn.ExecParams(ctx, sql, nil, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, result.Err
	}
	out := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		out[i] = make([]string, len(row))
		for k, v := range row {
			out[i][k] = string(v)
		}
	}
	return out, nil
}
