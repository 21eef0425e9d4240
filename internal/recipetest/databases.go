package recipetest

import (
	"context"
	"fmt"
	"sync"
)

// Databases are those of one private server, lent to one trial after the other. A database is made ready by
// emptying its schema public and filling it again, which takes a tenth of the time of a new database: the server
// copies some three hundred files for each of those. Its methods may be called concurrently.
type Databases struct {
	server string
	mu     sync.Mutex
	free   []string
	made   int
}

// NewDatabases prepares a PostgreSQL server, whose URL is that of a superuser, for trials.
func NewDatabases(ctx context.Context, server string) (*Databases, error) {
	d := &Databases{server: server}
	return d, run(ctx, server, "CREATE ROLE clerk")
}

// take lends a database, in whatever state the last trial has left it.
func (d *Databases) take(ctx context.Context) (string, error) {
	d.mu.Lock()
	if n := len(d.free); n > 0 {
		defer d.mu.Unlock()
		address := d.free[n-1]
		d.free = d.free[:n-1]
		return address, nil
	}
	d.made++
	name := fmt.Sprintf("trial_%d", d.made)
	d.mu.Unlock()
	return database(d.server, name), run(ctx, d.server, "CREATE DATABASE "+name)
}

// give takes a database back. Sessions may still be at work in it: filling it again ends them.
func (d *Databases) give(addresses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = append(d.free, addresses...)
}

// empty ends the sessions of a database and forgets all that it holds. It is sent together with the first tables, as
// one transaction.
const empty = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
`

// analyze gives the planner statistics of the tables of the schema public alone; ANALYZE without names would read
// the catalogs too.
const analyze = `DO $$DECLARE t regclass; BEGIN
	FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP EXECUTE 'ANALYZE ' || t; END LOOP;
END$$`
