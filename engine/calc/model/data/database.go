package data

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/foundation/database"
)

// query runs the query of a source in a read-only session.
func query(ctx context.Context, dir string, source *lang.DataSource, columns []string, row func(fields []string) error) error {
	url, err := database.Parse(source.Location)
	if err != nil {
		return err
	}
	q := rows{source: url.String(), columns: columns, row: row}
	options := database.Options{Application: "napkin calc"}
	switch url.Kind {
	case database.SQLite:
		if !filepath.IsAbs(url.Path) {
			url.Path = filepath.Join(dir, url.Path)
		}
		db, err := database.OpenSQLite(ctx, url, options)
		if err != nil {
			return err
		}
		defer db.Close()
		return q.sqlite(ctx, db, source.Query)
	case database.Postgres:
		conn, err := database.OpenPostgres(ctx, url, options)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // a session that only read
		return q.postgres(ctx, conn, source.Query)
	}
	conn, err := database.OpenMySQL(ctx, url, options)
	if err != nil {
		return err
	}
	defer conn.Close()
	return q.mysql(ctx, conn, source.Query)
}

// rows hands on the rows of a result.
type rows struct {
	source  string // without a password
	columns []string
	row     func(fields []string) error

	at     []int
	fields []string
	n      int64
}

// names takes the names of the result's columns.
func (q *rows) names(names []string) (err error) {
	q.at, err = find("the query of "+q.source, names, q.columns)
	q.fields = make([]string, len(q.at))
	return err
}

// one hands on a row.
func (q *rows) one(field func(i int) string) error {
	q.n++
	for i, k := range q.at {
		q.fields[i] = field(k)
	}
	if err := q.row(q.fields); err != nil {
		return fmt.Errorf("row %d of the query of %s: %w", q.n, q.source, err)
	}
	return nil
}

func (q *rows) sqlite(ctx context.Context, db *sql.DB, text string) error {
	result, err := db.QueryContext(ctx, text)
	if err != nil {
		return fmt.Errorf("query %s: %w", q.source, err)
	}
	defer result.Close()
	names, err := result.Columns()
	if err != nil {
		return err
	}
	if err := q.names(names); err != nil {
		return err
	}
	values := make([]sql.NullString, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for result.Next() {
		if err := result.Scan(targets...); err != nil {
			return fmt.Errorf("query %s: %w", q.source, err)
		}
		if err := q.one(func(i int) string { return values[i].String }); err != nil {
			return err
		}
	}
	if err := result.Err(); err != nil {
		return fmt.Errorf("query %s: %w", q.source, err)
	}
	return nil
}

func (q *rows) postgres(ctx context.Context, conn *pgconn.PgConn, text string) error {
	all := conn.Exec(ctx, text)
	var failed error
	for all.NextResult() {
		result := all.ResultReader()
		fields := result.FieldDescriptions()
		if len(fields) == 0 {
			_, _ = result.Close()
			continue
		}
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = f.Name
		}
		if failed == nil {
			failed = q.names(names)
		}
		for result.NextRow() {
			if failed == nil {
				values := result.Values()
				failed = q.one(func(i int) string { return string(values[i]) })
			}
			if failed != nil {
				break
			}
		}
		if failed != nil {
			// The rest is not read: closing the session ends it.
			return failed
		}
	}
	if err := all.Close(); err != nil {
		return fmt.Errorf("query %s: %w", q.source, err)
	}
	return failed
}

func (q *rows) mysql(ctx context.Context, conn *client.Conn, text string) error {
	var result mysql.Result
	err := conn.ExecuteSelectStreaming(text, &result, func(row []mysql.FieldValue) error {
		if q.n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return q.one(func(i int) string {
			if row[i].Type == mysql.FieldValueTypeNull {
				return ""
			}
			return fieldText(row[i])
		})
	}, func(result *mysql.Result) error {
		names := make([]string, len(result.Fields))
		for i, f := range result.Fields {
			names[i] = string(f.Name)
		}
		return q.names(names)
	})
	if err != nil {
		return fmt.Errorf("query %s: %w", q.source, err)
	}
	return nil
}

// fieldText writes a value as the text protocol sends it.
func fieldText(v mysql.FieldValue) string {
	if v.Type == mysql.FieldValueTypeString {
		return string(v.AsString())
	}
	return fmt.Sprint(v.Value())
}
