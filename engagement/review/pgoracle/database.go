package pgoracle

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// Template is a database of a private server that copies are made of, one for each statement. It may be used by
// several goroutines.
type Template struct {
	config *pgx.ConnConfig // of the server
	name   string
	copies *atomic.Int64
}

// templates numbers templates within this process; servers are private.
var templates atomic.Int64

// NewTemplate makes a database on a private server ([scratch.StartPostgres]) and runs setup in it.
// Statistics are gathered at the end, as the number of rows is what work is measured against.
func NewTemplate(ctx context.Context, server *pgx.ConnConfig, setup string) (*Template, error) {
	t := &Template{config: server, name: "template_" + strconv.FormatInt(templates.Add(1), 10), copies: new(atomic.Int64)}
	err := t.admin(ctx, "create database "+t.name)
	if err == nil {
		err = run1(ctx, t.in(t.name), setup, "vacuum analyze")
	}
	if err != nil {
		return nil, fmt.Errorf("make the template of scratch databases: %w", err)
	}
	return t, nil
}

// Copy makes a database like the template, with more setup if any, and returns how to connect to it.
func (t *Template) Copy(ctx context.Context, setup string) (*pgx.ConnConfig, error) {
	name := t.name + "_" + strconv.FormatInt(t.copies.Add(1), 10)
	if err := t.admin(ctx, "create database "+name+" template "+t.name); err != nil {
		return nil, fmt.Errorf("make a scratch database: %w", err)
	}
	config := t.in(name)
	if setup != "" {
		if err := run1(ctx, config, setup, "analyze"); err != nil {
			return nil, fmt.Errorf("set a scratch database up: %w", err)
		}
	}
	return config, nil
}

// Drop removes a copy. Sessions in it must have ended.
func (t *Template) Drop(ctx context.Context, copied *pgx.ConnConfig) error {
	if err := t.admin(ctx, "drop database "+pgx.Identifier{copied.Database}.Sanitize()); err != nil {
		return fmt.Errorf("remove a scratch database: %w", err)
	}
	return nil
}

func (t *Template) in(database string) *pgx.ConnConfig {
	c := t.config.Copy()
	c.Database = database
	return c
}

func (t *Template) admin(ctx context.Context, sql string) error { return run1(ctx, t.config, sql) }

// run1 runs statements in a session of their own.
func run1(ctx context.Context, config *pgx.ConnConfig, statements ...string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if sql == "" {
			continue
		}
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", firstLine(sql), err)
		}
	}
	return nil
}
