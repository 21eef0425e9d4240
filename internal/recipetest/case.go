package recipetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	base "github.com/napkin-infra/napkin/foundation/database"
)

// Case is a change and the state that it is made in, on one version of the server.
type Case struct {
	Name   string
	Setup  []string // after the tables of all cases
	Change rewrite.Change
	// After are the requests from the step on whose ID is the key: a deployment, or the step after which the old code
	// would fail.
	Before *Requests
	After  map[string]Requests
	// Deltas are prefixes of lines of the snapshot in which the results may differ: those of Recipe.Differs.
	Deltas []string
	Skip   []string // columns whose values differ from run to run
	// Since is the first version that has a recipe for it: on an earlier one the change must be refused.
	Since int
	// Lacks says that versions before Since do not even have what Setup makes.
	Lacks bool
	// Moves says that a column is made anew, at the end of the table.
	Moves bool
}

// tables are those of all cases: rows orders of 50 customers.
func tables(rows int64) []string {
	return []string{
		"CREATE TYPE mood AS ENUM ('new', 'paid', 'void', 'sent')",
		"CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL)",
		"INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 50) AS n",
		"CREATE TABLE orders (id serial PRIMARY KEY, customer bigint, amount integer DEFAULT 0, note text, status mood DEFAULT 'new')",
		fmt.Sprintf("INSERT INTO orders (customer, amount, note, status) SELECT 1 + n %% 50, n %% 1000, 'note ' || n, (ARRAY['new','paid','void','sent'])[1 + n %% 4]::mood FROM generate_series(1, %d) AS n", rows),
		"CREATE INDEX orders_customer ON orders (customer)",
		"COMMENT ON COLUMN orders.amount IS 'in cents'",
		"GRANT SELECT, INSERT ON orders TO clerk",
		"GRANT UPDATE (amount) ON orders TO clerk",
	}
}

// Options of trials.
type Options struct {
	Rows    int64
	Writers int
	Readers int
	Rate    float64
	Ladder  rewrite.Ladder
	Batch   time.Duration
}

func (o Options) build() rewrite.Options { return rewrite.Options{Ladder: o.Ladder, Batch: o.Batch} }

// Stand is a case made ready on a server: the recipe, and the catalogs and rows before and after.
type Stand struct {
	Case
	Options   Options
	Recipe    rewrite.Recipe
	Facts     rewrite.Facts
	First     []string // the snapshot before
	Last      []string // the snapshot after the plain statement
	Rows      []string // checksums after the plain statement, without load
	Start     []string // checksums before
	databases *Databases
}

// Prepare makes a case ready. Its error is a [rewrite.Refusal] where the server's version has no recipe for it.
func Prepare(ctx context.Context, d *Databases, c Case, o Options) (*Stand, error) {
	s := &Stand{Case: c, Options: o, databases: d}
	address, err := s.Copy(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Back(address)
	u, err := base.Parse(address)
	if err != nil {
		return nil, err
	}
	if s.Facts, err = catalog.Read(ctx, u); err != nil {
		return nil, err
	}
	if s.Recipe, err = rewrite.Build(c.Change, s.Facts, o.build()); err != nil {
		return nil, err
	}
	if s.First, err = Snapshot(ctx, address, !c.Moves); err != nil {
		return nil, err
	}
	if s.Start, err = Checksums(ctx, address, c.Skip...); err != nil {
		return nil, err
	}
	if err := run(ctx, address, s.Recipe.Plain...); err != nil {
		return nil, fmt.Errorf("the plain statement of %s: %w", c.Name, err)
	}
	if s.Last, err = Snapshot(ctx, address, !c.Moves); err != nil {
		return nil, err
	}
	s.Rows, err = Checksums(ctx, address, c.Skip...)
	return s, err
}

// Refused returns the reason for which a case has no recipe on the version of the server, which must be one before
// Case.Since; its error says that a recipe is offered all the same.
func Refused(ctx context.Context, d *Databases, c Case, o Options) (reason string, err error) {
	if c.Lacks {
		return "This version has nothing that the case begins with.", nil
	}
	_, err = Prepare(ctx, d, c, o)
	if r := (*rewrite.Refusal)(nil); errors.As(err, &r) {
		return r.Reason, nil
	}
	if err == nil {
		err = fmt.Errorf("a recipe is offered for %q, which exists from version %d on", c.Name, c.Since)
	}
	return "", err
}

// Copy returns a database in the first state of the case. Give it back with [Stand.Back].
func (s *Stand) Copy(ctx context.Context) (string, error) {
	address, err := s.databases.take(ctx)
	if err != nil {
		return "", err
	}
	statements := append([]string{empty + strings.Join(tables(s.Options.Rows), ";\n")}, s.Setup...)
	if err := run(ctx, address, append(statements, analyze)...); err != nil {
		return "", fmt.Errorf("set up %s: %w", s.Name, err)
	}
	return address, nil
}

// Back gives databases back that [Stand.Copy] has lent.
func (s *Stand) Back(addresses ...string) { s.databases.give(addresses...) }

// Runner returns a runner on a database that takes deployments as done.
func (s *Stand) Runner(address string, observe func(execute.Event)) (execute.Runner, error) {
	u, err := base.Parse(address)
	return execute.Runner{URL: u, Observe: observe, People: func(context.Context, rewrite.Step) error { return nil }}, err
}

// Compare returns how a database differs from the result of the plain statement, but for what the case allows.
func (s *Stand) Compare(ctx context.Context, address string) ([]string, error) {
	got, err := Snapshot(ctx, address, !s.Moves)
	if err != nil {
		return nil, err
	}
	return s.beyond(Difference(s.Last, got)), nil
}

// beyond leaves out what the case allows.
func (s *Stand) beyond(lines []string) []string {
	var out []string
	for _, l := range lines {
		allowed := false
		for _, d := range s.Deltas {
			allowed = allowed || strings.HasPrefix(l[2:], d)
		}
		if !allowed {
			out = append(out, l)
		}
	}
	return out
}

// Stall is the longest that a step of the recipe may make a request wait for a lock.
func (s *Stand) Stall() time.Duration {
	var longest time.Duration
	for _, step := range s.Recipe.Steps {
		var wait time.Duration
		for _, l := range step.Locks {
			if r, w := l.Mode.Blocks(); r || w {
				wait += step.Ladder.Longest()
			}
		}
		longest = max(longest, wait)
	}
	return longest + s.Options.Batch + 500*time.Millisecond
}
