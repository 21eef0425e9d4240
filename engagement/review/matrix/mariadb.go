package matrix

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/myoracle"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// mariadbBench measures on a private MariaDB.
type mariadbBench struct {
	server *scratch.MariaDB
	oracle *myoracle.Oracle
}

// clauseRows is the number of rows of tables on which only the acceptance of clauses is tried.
const clauseRows = 10

// MariaDBBench starts the private server that is installed.
func MariaDBBench(ctx context.Context) (Bench, error) {
	server, err := scratch.StartMariaDB(ctx)
	if err != nil {
		return nil, err
	}
	b := &mariadbBench{server: server}
	url, err := database.Parse(server.URL)
	if err == nil {
		b.oracle, err = myoracle.Connect(ctx, url)
	}
	if err != nil {
		_ = server.Stop()
		return nil, fmt.Errorf("prepare MariaDB %s: %w", server.Version, err)
	}
	b.oracle.Renew = b.renew
	return b, nil
}

// renew makes the database of the sessions anew.
func (b *mariadbBench) renew(_ context.Context, full bool) error {
	rows := clauseRows
	if full {
		rows = FixtureRows(MariaDB)
	}
	statements := append([]string{"set foreign_key_checks = 1, sql_mode = default", "drop database test", "create database test character set utf8mb4", "use test"},
		strings.Split(Fixture(MariaDB, rows), ";\n")...)
	return b.oracle.Exec(statements...)
}

func (b *mariadbBench) Server() Server {
	return Server{Major: mariadbMajor(b.server.Version), Version: b.server.Version, Origin: "installed"}
}

// mariadbMajor reads 1011 from 10.11.19.
func mariadbMajor(version string) int {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return 0
	}
	high, err := strconv.Atoi(parts[0])
	low, err2 := strconv.Atoi(parts[1])
	if err != nil || err2 != nil {
		return 0
	}
	return 100*high + low
}

func (b *mariadbBench) Close() error {
	b.oracle.Close()
	return b.server.Stop()
}

// seenTries is how often a statement is run whose waiting is only seen, as no clause says it. On a busy machine one
// run may make a moment long, so each must see it.
const seenTries = 3

func (b *mariadbBench) Measure(ctx context.Context, row Row) (Result, error) {
	var r Result
	reads, writes := 0, 0
	for range seenTries {
		observation, err := b.oracle.Observe(ctx, myoracle.Statement{SQL: row.SQL, Target: row.Targets[0], Session: row.Session})
		if refused := (*mysql.MyError)(nil); errors.As(err, &refused) {
			return Result{Refused: strconv.Itoa(int(refused.Code)) + " " + refused.Message}, nil
		}
		if err != nil {
			return Result{}, err
		}
		r = Result{Effect: observation.Effect}
		if r.Effect.Admits != effect.UnknownAdmits || r.Effect.Work == 0 {
			return r, nil
		}
		if r.Effect.WaitsRead {
			reads++
		}
		if r.Effect.WaitsWrite {
			writes++
		}
	}
	r.Effect.WaitsRead, r.Effect.WaitsWrite = reads == seenTries, writes == seenTries
	return r, nil
}
