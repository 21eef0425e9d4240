package recipetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	base "github.com/napkin-infra/napkin/foundation/database"
)

// Case is a change and the state that it is made in.
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
	// Since is the first version that has a recipe for it.
	Since int
	// Moves says that a column is made anew, at the end of the table.
	Moves bool
}

// tables are those of all cases: rows orders of 50 customers.
func tables(rows int64) []string {
	return []string{
		"DO $$BEGIN CREATE ROLE clerk; EXCEPTION WHEN duplicate_object THEN NULL; END$$",
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

// Stand is a case made ready on a server: a template of its first state, the recipe, and the catalogs before and
// after.
type Stand struct {
	Case
	Server  string
	Options Options
	Recipe  rewrite.Recipe
	Facts   rewrite.Facts
	First   []string // the snapshot before
	Last    []string // the snapshot after the plain statement
	Rows    []string // checksums after the plain statement, without load
	Start   []string // checksums before
	name    string
	count   int
}

// Prepare makes a case ready. The names of its databases begin with that of the case.
func Prepare(ctx context.Context, server string, c Case, o Options) (*Stand, error) {
	s := &Stand{Case: c, Server: server, Options: o, name: "t_" + strings.NewReplacer("-", "_", " ", "_").Replace(c.Name)}
	first, err := create(ctx, server, s.name, "")
	if err != nil {
		return nil, err
	}
	if err := run(ctx, first, append(tables(o.Rows), append(c.Setup, "ANALYZE")...)...); err != nil {
		return nil, fmt.Errorf("set up %s: %w", c.Name, err)
	}
	u, err := base.Parse(first)
	if err != nil {
		return nil, err
	}
	if s.Facts, err = catalog.Read(ctx, u); err != nil {
		return nil, err
	}
	if s.Recipe, err = rewrite.Build(c.Change, s.Facts, o.build()); err != nil {
		return nil, err
	}
	if s.First, err = Snapshot(ctx, first, !c.Moves); err != nil {
		return nil, err
	}
	if s.Start, err = Checksums(ctx, first, c.Skip...); err != nil {
		return nil, err
	}
	plain, err := s.Copy(ctx)
	if err != nil {
		return nil, err
	}
	if err := run(ctx, plain, s.Recipe.Plain...); err != nil {
		return nil, fmt.Errorf("the plain statement of %s: %w", c.Name, err)
	}
	if s.Last, err = Snapshot(ctx, plain, !c.Moves); err != nil {
		return nil, err
	}
	if s.Rows, err = Checksums(ctx, plain, c.Skip...); err != nil {
		return nil, err
	}
	return s, nil
}

// Copy returns a new database in the first state of the case.
func (s *Stand) Copy(ctx context.Context) (string, error) {
	s.count++
	return create(ctx, s.Server, fmt.Sprintf("%s_%d", s.name, s.count), s.name)
}

// Close removes the databases of the case.
func (s *Stand) Close(ctx context.Context) error {
	names := []string{s.name}
	for i := 1; i <= s.count; i++ {
		names = append(names, fmt.Sprintf("%s_%d", s.name, i))
	}
	return drop(ctx, s.Server, names...)
}

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
