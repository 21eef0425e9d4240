package datadiff_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Two files that should hold the same rows.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var sides [2]datadiff.Side
	for i, rows := range []string{"(1, 'ann', 1.10), (2, 'bob', 2), (3, 'cy', 3)", "(1, 'ann', 1.1), (2, 'Bob', 2), (4, 'dee', 4)"} {
		path := filepath.Join(dir, fmt.Sprint(i, ".db"))
		file, err := sql.Open("sqlite", path)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := file.ExecContext(ctx, "create table users (id integer primary key, name text, amount numeric(10,2)); insert into users values "+rows); err != nil {
			log.Fatal(err)
		}
		file.Close()
		u, err := database.Parse("sqlite:" + path)
		if err != nil {
			log.Fatal(err)
		}
		db, err := sqlite.Open(ctx, u, database.Options{})
		if err != nil {
			log.Fatal(err)
		}
		defer db.Close()
		sides[i] = datadiff.Side{Database: db, Table: dialect.TableName{Name: "users"}, Name: "users"}
	}
	job, err := datadiff.Prepare(ctx, sides[0], sides[1], datadiff.Options{})
	if err != nil {
		log.Fatal(err)
	}
	result, err := job.Run(ctx, func(d datadiff.Difference) error {
		fmt.Println(d.Kind, canon.Format(d.Key))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Verdict, result.Differences())
	// Output:
	// changed 2
	// only in A 3
	// only in B 4
	// different 3
}
