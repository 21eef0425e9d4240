// Package review is the engagement that answers whether a migration is safe on a production database, and
// what to run instead.
//
// [Lint] judges migrations without a server, by the schema that earlier migrations, a dump or a catalog
// give. It runs nothing and changes nothing.
package review

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/suppress"
)

// Options say what to judge and what is known of the database.
type Options struct {
	FS    fs.FS
	Paths []string // migrations and folders in FS
	// Tool and Dialect are found out when empty.
	Tool    layout.Tool
	Dialect schema.Dialect
	// Server is the version as a person writes it ("15", "mysql-8.0.36"); empty for that of the catalog, else
	// the newest that is known.
	Server   string
	TimeZone string // of the sessions that run the migrations; empty when not known
	// Schema is a dump of the schema before the migrations, with the name that it is quoted under.
	Schema     []byte
	SchemaName string
	// Catalog is what a live database says, see [ReadCatalog]; nil for none.
	Catalog *Catalog
	// Facts are what recipes need of that database, see [ReadFacts]; nil for none.
	Facts *rewrite.Facts
	// Load is what the application asks of a table, for the lock budget; nil when not known.
	Load *budget.Load
	// From is the first migration to judge, by path or by the start of its name; those before it build the
	// schema. Only, when not nil, says the same of each path. Without both all are judged.
	From string
	Only func(path string) bool
	// Version is the program's, for the report; Today the day by which suppressions expire.
	Version string
	Today   time.Time
}

// settle takes the dialect from the catalog, or from a version that names its product, where it is not given.
func (o *Options) settle() {
	if o.Dialect != schema.Unknown {
		return
	}
	if o.Catalog != nil {
		o.Dialect = o.Catalog.Dialect
		return
	}
	if name := strings.ToLower(strings.TrimSpace(o.Server)); strings.HasPrefix(name, "mysql") || strings.HasPrefix(name, "mariadb") {
		o.Dialect = schema.MySQL
	} else if strings.HasPrefix(name, "postgres") {
		o.Dialect = schema.Postgres
	}
}

// Result is a report with the offers behind it, in the order of the statements.
type Result struct {
	Report *report.Report
	Offers []*offer.Offer

	linter *linter
}

// Judged is the number of migrations that were judged; 0 when none is new.
func (r *Result) Judged() int { return len(r.linter.judged) }

// Lint judges migrations. The report is whole or there is an error: an unreadable file is a finding of the
// report, a path that does not exist is an error.
func Lint(ctx context.Context, opt Options) (*report.Report, error) {
	r, err := Review(ctx, opt)
	if err != nil {
		return nil, err
	}
	return r.Report, nil
}

// Review judges migrations as [Lint] does, and returns what is offered in place of statements beside the report.
func Review(ctx context.Context, opt Options) (*Result, error) {
	meter := limit.Begin()
	opt.settle()
	h, err := layout.Read(opt.FS, opt.Paths, layout.Options{Tool: opt.Tool, Dialect: opt.Dialect})
	if err != nil {
		return nil, err
	}
	l := &linter{opt: opt, history: h}
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	if err := l.walk(ctx); err != nil {
		return nil, err
	}
	r := l.report()
	r.Limit = l.limit(meter)
	return &Result{Report: r, Offers: l.offered, linter: l}, nil
}

type linter struct {
	opt     Options
	history *layout.History
	server  predict.Server
	assumed bool // nobody said the version
	walker  *lint.Walker
	judged  []*layout.Migration
	bytes   int
	offers  map[*lint.Step]*offer.Offer
	offered []*offer.Offer
	bare    map[string]bare          // by fingerprint
	ran     *rehearse.Result         // nil before a rehearsal
	steps   []*lint.Step             // that are judged, in order
	times   map[*lint.Step]lint.Time // of their work by base rates, where known
}

// prepare settles the server and builds the schema before the migrations.
func (l *linter) prepare(ctx context.Context) error {
	switch {
	case l.opt.Server != "":
		server, err := predict.ParseServer(l.opt.Server, l.history.Dialect)
		if err != nil {
			return err
		}
		l.server = server
	case l.opt.Catalog != nil:
		l.server = l.opt.Catalog.Server
	default:
		l.assumed = true
		l.server = predict.Newest(predict.PostgreSQL)
		if l.history.Dialect == schema.MySQL {
			l.server = predict.Newest(predict.MySQL)
		}
	}
	zone := l.opt.TimeZone
	if zone == "" && l.opt.Catalog != nil {
		zone = l.opt.Catalog.TimeZone
	}
	world := lint.NewWorld(l.server, zone)
	l.walker = lint.NewWalker(world, hazards.All)
	l.walker.Separate = l.separate()
	base := func(name string, text []byte) error {
		m := layout.Parse(name, text, layout.Plain, l.history.Dialect, "")
		l.bytes += len(text)
		if m.Err != nil {
			return fmt.Errorf("read the schema: %w", m.Err)
		}
		return l.walker.Walk(ctx, m, false)
	}
	if len(l.opt.Schema) > 0 {
		if err := base(l.opt.SchemaName, l.opt.Schema); err != nil {
			return err
		}
	}
	if c := l.opt.Catalog; c != nil {
		if err := base(c.Name, []byte(c.DDL)); err != nil {
			return err
		}
		world.Learn(c.Sizes, c.Invalid, c.Others...)
	}
	world.Whole = len(l.opt.Schema) > 0 || l.opt.Catalog != nil
	l.offering()
	world.TimeZone = zone // a dump's SET timezone is not the migration's
	return nil
}

// separate says whether each file is a change by itself: a whole folder is the history of years, while
// files that are named, or are new by --from or --since, are deployed together.
func (l *linter) separate() bool {
	if l.opt.From != "" || l.opt.Only != nil {
		return false
	}
	for _, p := range l.opt.Paths {
		if info, err := fs.Stat(l.opt.FS, p); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

func (l *linter) walk(ctx context.Context) error {
	found := l.opt.From == ""
	for _, m := range l.history.Migrations {
		l.bytes += len(m.Source)
		if !found && (m.Path == l.opt.From || strings.HasSuffix(m.Path, "/"+l.opt.From) || strings.Contains("/"+m.Path, "/"+l.opt.From)) {
			found = true
		}
		judge := found && (l.opt.Only == nil || l.opt.Only(m.Path))
		if judge {
			l.judged = append(l.judged, m)
		}
		if err := l.walker.Walk(ctx, m, judge); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("review: no migration is called %s; give the path of a file that is among those reviewed, or the start of its name", l.opt.From)
	}
	l.walker.Finish()
	return nil
}

// Explain returns the page of a hazard as Markdown.
func Explain(id string) (markdown string, ok bool) {
	for _, d := range hazards.Docs() {
		if d.ID == id {
			return d.Page(), true
		}
	}
	return "", false
}

// suppressions are those in comments of the judged files.
func (l *linter) suppressions() ([]suppress.Suppression, []suppress.Problem) {
	var all []suppress.Suppression
	var problems []suppress.Problem
	for _, m := range l.judged {
		found, wrong := suppress.ParseInline(m.Path, m.Source)
		all = append(all, found...)
		problems = append(problems, wrong...)
	}
	return all, problems
}
