package execute

import (
	"context"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// class is what an error of the server means for a run.
type class int

const (
	fatal       class = iota
	again             // a lock that did not come, a deadlock: try again
	absent            // a table, column or type does not exist
	unsupported       // the server cannot run the statement in this way
)

// session is a connection of a run. It is used by one goroutine.
type session interface {
	// claim takes the advisory lock of a key and returns whether it got it; it does not wait.
	claim(ctx context.Context, key string) (bool, error)
	// ask returns the one boolean of a query.
	ask(ctx context.Context, sql string) (bool, error)
	// row returns the first row, as text, or false where there is none.
	row(ctx context.Context, sql string, args []string) ([]string, bool, error)
	// row1 is ask with parameters.
	row1(ctx context.Context, sql string, args []string) (bool, error)
	// change runs one statement in a transaction of its own and returns how many rows it changed.
	change(ctx context.Context, sql string, args []string) (int64, error)
	// apply runs statements, in one transaction or each by itself, with a limit on the wait for each lock (0: none).
	// After an error no transaction is open.
	apply(ctx context.Context, sql []string, transaction bool, lockTimeout time.Duration) error
	classify(err error) class
	// holder says which transaction has held locks on the tables for longest, or nothing.
	holder(ctx context.Context, locks []rewrite.Lock) string
	close()
}

func open(ctx context.Context, u database.URL) (session, error) {
	switch u.Kind {
	case database.Postgres:
		return openPostgres(ctx, u)
	case database.MySQL:
		return openMySQL(ctx, u)
	}
	return nil, fmt.Errorf("run a recipe on %s: recipes run on PostgreSQL, MySQL and MariaDB", u)
}

// ending bounds what is sent to a server after a context has ended: a ROLLBACK, a question for the report.
func ending(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}
