package review

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rehearse runs the migrations that [Lint] judges on a scratch server. What stands before them is the
// schema or catalog of opt and the migrations that are not judged. The fields Before and Migrations of how
// are set here. It is for PostgreSQL only.
func Rehearse(ctx context.Context, opt Options, how rehearse.Options) (*rehearse.Result, error) {
	if opt.Catalog != nil && opt.Dialect == schema.Unknown {
		opt.Dialect = opt.Catalog.Dialect
	}
	h, err := layout.Read(opt.FS, opt.Paths, layout.Options{Tool: opt.Tool, Dialect: opt.Dialect})
	if err != nil {
		return nil, err
	}
	if h.Dialect == schema.MySQL {
		return nil, fmt.Errorf("rehearse: the migrations are written for MySQL or MariaDB, and a rehearsal knows PostgreSQL only; the lint says what is known of them")
	}
	l := &linter{opt: opt, history: h}
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	if err := l.walk(ctx); err != nil {
		return nil, err
	}
	base := func(name string, text []byte) {
		how.Before = append(how.Before, layout.Parse(name, text, layout.Plain, schema.Postgres, ""))
	}
	if len(opt.Schema) > 0 {
		base(opt.SchemaName, opt.Schema)
	}
	if opt.Catalog != nil {
		base(opt.Catalog.Name, []byte(opt.Catalog.DDL))
	}
	judged := map[*layout.Migration]bool{}
	for _, m := range l.judged {
		if m.Err != nil {
			return nil, fmt.Errorf("rehearse: %w", m.Err)
		}
		judged[m] = true
	}
	for _, m := range h.Migrations {
		if !judged[m] {
			how.Before = append(how.Before, m)
		}
	}
	how.Migrations = l.judged
	return rehearse.Run(ctx, how)
}

// AddRehearsal puts what a rehearsal found into the report of the lint.
func AddRehearsal(r *report.Report, result *rehearse.Result) {
	r.Sections = append(r.Sections, result.Sections()...)
	if result.Partial != "" {
		r.Coverage.Notes = append(r.Coverage.Notes, "The rehearsal is not whole: "+result.Partial+".")
	}
	for _, p := range result.Problems {
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+p.String())
	}
	for _, n := range result.Notes {
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+n+".")
	}
}
