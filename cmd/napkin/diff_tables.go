package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/link"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// diffSide is one of the two databases, open.
type diffSide struct {
	url    database.URL
	db     dialect.Database
	meter  *link.Meter // nil for SQLite, which has no connection
	schema string      // empty for the default one
}

// tablePair is a table of A and the table of B that it is compared with.
type tablePair struct {
	name [2]dialect.TableName
	// shown is what the tables are called in the answer.
	shown [2]string
	// word is how --table named the pair; empty for one that was listed.
	word string
	// sides are what the catalogs say; nil where err stands.
	sides  [2]*dialect.Table
	schema []render.Change
	err    error
}

func (p *tablePair) String() string { return render.TableName(p.shown[0], p.shown[1]) }

// openDatabase opens a database by the dialect of its URL.
func openDatabase(ctx context.Context, u database.URL, o database.Options) (dialect.Database, error) {
	switch u.Kind {
	case database.Postgres:
		return postgres.Open(ctx, u, o)
	case database.MySQL:
		return mysql.Open(ctx, u, o)
	case database.SQLite:
		return sqlite.Open(ctx, u, o)
	}
	return nil, fmt.Errorf("databases of kind %q cannot be compared", u.Kind)
}

// open opens both databases at once.
func (d *comparing) open(ctx context.Context) error {
	for i, text := range d.urls {
		u, err := database.Parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", sideName(i), err)
		}
		d.sides[i] = diffSide{url: u, schema: d.flags.schemaA}
	}
	if d.flags.schemaB != "" {
		d.sides[1].schema = d.flags.schemaB
	}
	throttle := link.NewThrottle(d.flags.megabytes.value * 1e6)
	var g errgroup.Group
	for i := range d.sides {
		g.Go(func() error {
			s := &d.sides[i]
			o := database.Options{Application: "napkin diff"}
			if s.url.Kind != database.SQLite {
				s.meter = link.NewMeter(throttle)
				o.Wrap = s.meter.Wrap
			}
			db, err := openDatabase(ctx, s.url, o)
			if err != nil {
				return fmt.Errorf("%s: %w", sideName(i), err)
			}
			s.db = db
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	same, err := d.sides[0].db.Same(ctx, d.sides[1].db)
	if err != nil {
		return err
	}
	d.oneServer = same
	d.summary.A = render.Database{URL: d.sides[0].url.String(), Product: d.sides[0].db.Product()}
	d.summary.B = render.Database{URL: d.sides[1].url.String(), Product: d.sides[1].db.Product()}
	return nil
}

func sideName(i int) string { return []string{"A", "B"}[i] }

// close closes what is open; errors have no one left to act on them.
func (d *comparing) close() {
	if d.fix != nil {
		d.fix.close()
	}
	for _, s := range d.sides {
		if s.db != nil {
			_ = s.db.Close()
		}
	}
}

// choose pairs the tables that are to be compared and reads their catalogs.
func (d *comparing) choose(ctx context.Context) error {
	var err error
	if len(d.flags.tables) > 0 {
		err = d.named()
	} else {
		err = d.listed(ctx)
	}
	if err != nil {
		return err
	}
	var tables []*dialect.Table
	stage := d.progress().Stage("reading catalogs", int64(len(d.pairs)))
	defer stage.End()
	for i := range d.pairs {
		p := &d.pairs[i]
		p.err = d.catalog(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if p.err == nil {
			p.schema = d.schemas(p)
			tables = append(tables, p.sides[0], p.sides[1])
		}
		stage.Add(1)
	}
	d.once()
	if slices.ContainsFunc(d.pairs, func(p tablePair) bool { return p.err != nil }) {
		return nil // what a table that cannot be read would have is not known
	}
	return d.flags.unused(tables)
}

// listed pairs the tables of both databases by name: all of them, or the one that there is.
func (d *comparing) listed(ctx context.Context) error {
	var names [2][]dialect.TableName
	for i, s := range d.sides {
		list, err := s.db.Tables(ctx, s.schema)
		if err != nil {
			return fmt.Errorf("list the tables of %s: %w", s.url, err)
		}
		why, err := s.db.Unlisted(ctx, s.schema)
		if err != nil {
			return fmt.Errorf("list the tables of %s: %w", s.url, err)
		}
		if why != "" {
			d.summary.Unseen = append(d.summary.Unseen, sideName(i)+": "+why)
		}
		names[i] = list
	}
	taken := make([]bool, len(names[1]))
	for _, fold := range []bool{false, true} {
		for k, a := range names[0] {
			if a.Name == "" {
				continue
			}
			j := slices.IndexFunc(names[1], func(b dialect.TableName) bool {
				return b.Name == a.Name || fold && strings.EqualFold(b.Name, a.Name)
			})
			if j < 0 || taken[j] {
				continue
			}
			taken[j] = true
			d.pairs = append(d.pairs, tablePair{name: [2]dialect.TableName{a, names[1][j]}, shown: [2]string{dialect.QuoteName(a.Name), dialect.QuoteName(names[1][j].Name)}})
			names[0][k].Name = ""
		}
	}
	slices.SortFunc(d.pairs, func(x, y tablePair) int { return strings.Compare(x.shown[0], y.shown[0]) })
	for _, a := range names[0] {
		if a.Name != "" {
			d.summary.OnlyA = append(d.summary.OnlyA, dialect.QuoteName(a.Name))
		}
	}
	for j, b := range names[1] {
		if !taken[j] {
			d.summary.OnlyB = append(d.summary.OnlyB, dialect.QuoteName(b.Name))
		}
	}
	if d.flags.allTables {
		if len(d.pairs) == 0 && len(d.summary.OnlyA)+len(d.summary.OnlyB) == 0 {
			return errors.New("neither database has a table in this schema; name another with --schema")
		}
		return nil
	}
	if len(d.pairs) == 1 && len(d.summary.OnlyA)+len(d.summary.OnlyB) == 0 {
		return nil
	}
	if len(d.pairs) == 0 {
		return fmt.Errorf("say which tables to compare with --table a:b: no table of A (%s) has its name in B (%s)", some(d.summary.OnlyA), some(d.summary.OnlyB))
	}
	common := make([]string, 0, len(d.pairs))
	for _, p := range d.pairs {
		common = append(common, p.shown[0])
	}
	return fmt.Errorf("say which tables to compare, with --table or --all-tables; both sides have %s", some(common))
}

// some lists names, not all of them when they are many.
func some(names []string) string {
	const most = 20
	switch n := len(names); {
	case n == 0:
		return "it has none"
	case n > most:
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(names, ", ")
}
