package matrix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/pgoracle"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
)

// postgresBench measures on a private PostgreSQL.
type postgresBench struct {
	release  pgrelease.Release
	server   *scratch.Postgres
	template *pgoracle.Template
	// The database and sessions of the last row serve the next one where nothing of it was left.
	database *pgx.ConnConfig
	oracle   *pgoracle.Oracle
}

// observing is how the matrix observes: nobody else works on the server.
var observing = pgoracle.Options{ProbeTimeout: 5 * time.Millisecond, Interval: -1, Hold: true}

// PostgresBench starts a private server of a release, with the fixture in it.
func PostgresBench(release pgrelease.Release) func(context.Context) (Bench, error) {
	return func(ctx context.Context) (Bench, error) {
		// Nothing may lock, read or write but what is observed.
		server, err := scratch.StartPostgresOf(ctx, release.Programs, "autovacuum=off", "max_wal_size=4GB")
		if err != nil {
			return nil, err
		}
		b := &postgresBench{release: release, server: server}
		config, err := pgx.ParseConfig(server.URL)
		if err == nil {
			b.template, err = pgoracle.NewTemplate(ctx, config, Fixture(Postgres, FixtureRows(Postgres)))
		}
		if err != nil {
			_ = server.Stop()
			return nil, fmt.Errorf("prepare PostgreSQL %s: %w", release.Version, err)
		}
		return b, nil
	}
}

func (b *postgresBench) Server() Server {
	return Server{Major: b.release.Major, Version: b.server.Version, Origin: b.release.Origin}
}

func (b *postgresBench) Close() error {
	if b.oracle != nil {
		b.oracle.Close(context.Background())
	}
	return b.server.Stop()
}

// tries is how often a statement is run that runs in several transactions: its locks are seen by sampling.
const tries = 5

func (b *postgresBench) Measure(ctx context.Context, row Row) (Result, error) {
	var seen []effect.Effect
	var r Result
	for range tries {
		observation, err := b.once(ctx, row)
		if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
			return Result{Refused: refused.Code + " " + refused.Message}, nil
		}
		if err != nil {
			return Result{}, err
		}
		r = Result{Effect: observation.Effect, Notes: observation.Notes}
		if !observation.Effect.OutsideTransaction {
			return r, nil
		}
		if !observation.Unseen {
			seen = append(seen, observation.Effect)
		}
	}
	if len(seen) > 0 {
		r = Result{Effect: vote(seen)}
	}
	return r, nil
}

// vote takes for each kind of relation the lock that most runs saw, of two the stronger one, because a
// sample misses more than it invents. Work that one run saw was done.
func vote(seen []effect.Effect) effect.Effect {
	lock := func(of func(effect.Effect) effect.Lock) (best effect.Lock) {
		count := map[effect.Lock]int{}
		for _, e := range seen {
			count[of(e)]++
		}
		for l, n := range count {
			if n > count[best] || n == count[best] && l > best {
				best = l
			}
		}
		return best
	}
	result := seen[len(seen)-1]
	result.Target = lock(func(e effect.Effect) effect.Lock { return e.Target })
	result.Index = lock(func(e effect.Effect) effect.Lock { return e.Index })
	result.Parent = lock(func(e effect.Effect) effect.Lock { return e.Parent })
	result.Other = lock(func(e effect.Effect) effect.Lock { return e.Other })
	for _, e := range seen {
		result.Work |= e.Work
		result.Brief = max(result.Brief, e.Brief, e.Target, e.Index, e.Parent, e.Other)
	}
	if result.Brief <= result.Held() {
		result.Brief = effect.NoLock
	}
	return result
}

// once runs a row once.
func (b *postgresBench) once(ctx context.Context, row Row) (*pgoracle.Observation, error) {
	clean := row.Setup == "" && row.Session == ""
	if b.oracle == nil || !clean {
		if err := b.renew(ctx, row.Setup); err != nil {
			return nil, fmt.Errorf("prepare a database: %s", strings.TrimSpace(err.Error())) // no error of the statement
		}
	}
	if row.Session != "" {
		if err := b.oracle.Exec(ctx, row.Session); err != nil {
			return nil, fmt.Errorf("prepare the session: %s", err.Error())
		}
	}
	observation, kept, err := b.oracle.Try(ctx, pgoracle.Statement{SQL: row.SQL, Targets: row.Targets})
	// Rows that were written and rolled back are still in the table.
	if dirty := !clean || kept || err != nil || observation.Effect.RowsWritten > 0; dirty {
		if dropped := b.drop(ctx); err == nil {
			err = dropped
		}
	}
	return observation, err
}

// renew makes a database for the next statement.
func (b *postgresBench) renew(ctx context.Context, setup string) error {
	if err := b.drop(ctx); err != nil {
		return err
	}
	var err error
	if b.database, err = b.template.Copy(ctx, setup); err != nil {
		return err
	}
	b.oracle, err = pgoracle.Connect(ctx, b.database, observing)
	return err
}

func (b *postgresBench) drop(ctx context.Context) error {
	if b.oracle == nil {
		return nil
	}
	b.oracle.Close(ctx)
	b.oracle = nil
	return b.template.Drop(ctx, b.database)
}

// PostgresReleases returns a release for each of the major versions, an installed one where there is one,
// and gets those that are missing where get is set. Versions that are not to be had are returned too.
func PostgresReleases(ctx context.Context, store pgrelease.Store, majors []int, get bool) (releases []pgrelease.Release, missing []int, err error) {
	installed, err := pgrelease.Installed(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, major := range majors {
		if i := slices.IndexFunc(installed, func(r pgrelease.Release) bool { return r.Major == major }); i >= 0 {
			releases = append(releases, installed[i])
			continue
		}
		r, ok := store.Kept(major)
		if !ok && get {
			if r, err = store.Get(ctx, major); err != nil {
				return nil, nil, err
			}
			ok = true
		}
		if ok {
			releases = append(releases, r)
		} else {
			missing = append(missing, major)
		}
	}
	return releases, missing, nil
}
