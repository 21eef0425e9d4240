package rehearse

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The marker is a table in a schema of its own, whose row names the database: a copy of a marked database
// under another name is not marked.
const (
	markerSchema = "napkin_scratch"
	markerText   = "napkin may make, fill and drop databases on this server"
)

// ErrNotScratch is wrapped by the error for a database without the marker.
var ErrNotScratch = errors.New("it is not marked as a scratch database")

// Marked says whether a database carries the marker. A database without it is no error.
func Marked(ctx context.Context, config *pgx.ConnConfig) (bool, error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, fmt.Errorf("look for the marker of a scratch database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var marked bool
	err = conn.QueryRow(ctx, "select exists (select 1 from "+markerSchema+".marker where database = current_database() and note = $1)", markerText).Scan(&marked)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "42P01" || refused.Code == "3F000" || refused.Code == "42501" || refused.Code == "42703") {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the marker of a scratch database: %w", err)
	}
	return marked, nil
}

// Mark writes the marker into an empty database: one without tables, views, sequences, functions and
// types of a user. The caller has asked the user, because from then on rehearsals make, fill and drop
// databases beside it and load its server. A database that is marked already stays so.
func Mark(ctx context.Context, config *pgx.ConnConfig) error {
	if marked, err := Marked(ctx, config); err != nil || marked {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("mark a scratch database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var name string
	var objects int
	err = conn.QueryRow(ctx, `select current_database(),
 (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
 + (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
 + (select count(*) from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')`).Scan(&name, &objects)
	if err != nil {
		return fmt.Errorf("mark a scratch database: %w", err)
	}
	if objects > 0 {
		return fmt.Errorf("the database %s is not empty: it holds %d tables, indexes, functions or types; make a new one for rehearsals (create database napkin_scratch) and mark that", name, objects)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("mark the database %s: %w", name, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after the commit
	for _, sql := range []string{"create schema " + markerSchema, "create table " + markerSchema + ".marker (database name not null, note text not null, made timestamptz not null default now())"} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("mark the database %s: %w", name, err)
		}
	}
	if _, err := tx.Exec(ctx, "insert into "+markerSchema+".marker values (current_database(), $1)", markerText); err != nil {
		return fmt.Errorf("mark the database %s: %w", name, err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("mark the database %s: %w", name, err)
	}
	return nil
}

// Neighbour is another database of a server.
type Neighbour struct {
	Name     string
	Sessions int // that are connected to it and can be seen
}

// Neighbours are the databases of a server beside the given one, without its templates and the empty one called postgres that
// every server has: what shares memory, disks and roles with rehearsals there. superuser says whether the user is one.
func Neighbours(ctx context.Context, config *pgx.ConnConfig) (all []Neighbour, superuser bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, false, fmt.Errorf("look at the server of a scratch database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, "select rolsuper from pg_roles where rolname = current_user").Scan(&superuser); err != nil {
		return nil, false, fmt.Errorf("look at the server of a scratch database: %w", err)
	}
	rows, err := conn.Query(ctx, `select datname, (select count(*) from pg_stat_activity a where a.datid = d.oid and a.pid <> pg_backend_pid())::int from pg_database d
 where not datistemplate and datname <> current_database() and not (datname = 'postgres' and not exists (select 1 from pg_stat_activity a where a.datid = d.oid)) and datname !~ $1 order by datname`, ofRehearsal)
	if err != nil {
		return nil, false, fmt.Errorf("list the databases of the server: %w", err)
	}
	all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Neighbour])
	if err != nil {
		return nil, false, fmt.Errorf("list the databases of the server: %w", err)
	}
	return all, superuser, nil
}

// ofRehearsal is what names of the databases that rehearsals make look like, as a regular expression: the process, a time, a number.
const ofRehearsal = "^napkin_rehearsal_[0-9]+_[0-9]+_[0-9]+$"
