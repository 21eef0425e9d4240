// Package poolstarved finds processes with more threads than database connections.
package poolstarved

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.pool-starved.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.pool-starved",
		Title:    "More threads than database connections",
		Summary:  "A Sidekiq or Puma process of a Rails application runs more threads than its connection pool has connections.",
		Why:      "Each thread needs its own connection while it talks to the database. With 25 threads and a pool of 5, twenty wait; after checkout_timeout (5 seconds) they fail with ActiveRecord::ConnectionTimeoutError, and the jobs are retried into the same queue for the pool.",
		Cost:     "wait = (threads / pool - 1) x time that a connection is held",
		Fix:      "Give the pool as many connections as the largest process has threads. Connections are opened when they are needed, so a larger pool costs nothing where it is not used.",
		Wrong:    "The variable that the pool reads is set for that process where it runs. Values that a deployment file of the project sets are taken into account.",
		Category: "pool-starved",
		Examples: []rule.Example{{Lang: "yaml", Before: "# sidekiq.yml: concurrency 25\npool: <%= ENV.fetch(\"RAILS_MAX_THREADS\") { 5 } %>", After: "pool: <%= ENV.fetch(\"DB_POOL\") { 25 } %>"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "Under load the threads beyond the pool fail after five seconds.",
		Proof:    "ActiveRecord::Base.connection_pool.stat in the process: waiting stays 0 under full load.",
		Refs: []report.Reference{
			{Title: "Rails guides: database pooling", URL: "https://guides.rubyonrails.org/configuring.html#database-pooling"},
			{Title: "Sidekiq: concurrency", URL: "https://github.com/sidekiq/sidekiq/wiki/Advanced-Options"},
		},
		Langs: []string{"yaml", "ruby"},
	},
	Project: func(p *rule.Pass) {
		for _, d := range deploy.RailsDatabases(p.Project) {
			pool, from, variable := d.Pool()
			if pool == 0 {
				continue
			}
			sidekiq(p, d, pool, from, variable)
			puma(p, d, pool, from, variable)
		}
	},
}

func sidekiq(p *rule.Pass, d deploy.Databases, pool int, from *config.Field, variable string) {
	f := p.File(d.Root + "config/sidekiq.yml")
	if f == nil || f.Doc == nil || len(f.Doc.YAML()) == 0 {
		return
	}
	root := f.Doc.YAML()[0]
	field := first(root.Get("production"), root.Get(":production"), root)
	if field == nil {
		return
	}
	threads, ok := config.Setting{Value: field.Value.Text()}.Int()
	if !ok {
		return
	}
	if variable != "" {
		if deploy.EnvName(field.Value.Text()) == variable {
			return // one variable sets both
		}
		if set, known := deploy.EnvOf(p.Project, variable, func(c string) bool { return strings.Contains(c, "sidekiq") }); known {
			pool = set
		}
	}
	if threads <= pool {
		return
	}
	report1(p, d, deploy.At(f, field.Span, "", ""), "Sidekiq", threads, pool, from)
}

func first(nodes ...*config.Node) *config.Field {
	for _, n := range nodes {
		for _, k := range []string{"concurrency", ":concurrency"} {
			if f := n.Field(k); f != nil {
				return f
			}
		}
	}
	return nil
}

func puma(p *rule.Pass, d deploy.Databases, pool int, from *config.Field, variable string) {
	for _, name := range []string{"config/puma.rb", "config/puma/production.rb"} {
		f := p.File(d.Root + name)
		if f == nil || f.Tree == nil {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() != "threads" || c.Receiver().Ok() || len(c.Args()) == 0 {
				continue
			}
			args := c.Args()
			threads, env, ok := deploy.Literal(f, args[len(args)-1])
			if !ok || env != "" && env == variable || threads <= pool {
				continue
			}
			report1(p, d, rule.At(f, c, ""), "Puma", threads, pool, from)
		}
	}
}

func report1(p *rule.Pass, d deploy.Databases, primary rule.Place, server string, threads, pool int, from *config.Field) {
	where := "Rails' default of 5"
	var second []rule.Place
	var edits []patch.Edit
	if from != nil {
		where = fmt.Sprintf("%s:%d", path.Base(d.File.Path), from.Span.Start)
		second = []rule.Place{deploy.At(d.File, from.Span, "", "the pool")}
		edits = enlarge(d.File, from, pool, threads)
	}
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("%s runs %d threads on %d connections", server, threads, pool),
		Claim:     fmt.Sprintf("%s runs %d threads in a process whose pool has %d connections (%s): the others wait five seconds and fail.", server, threads, pool, where),
		Primary:   primary,
		Secondary: second, Subject: server, Evidence: 1, Confidence: deploy.Confidence(primary.File, 0.75),
		Fix:   report.Fix{Summary: fmt.Sprintf("Give the pool %d connections.", threads), Behaviour: "A process may open up to as many connections as it has threads; check max_connections of the server."},
		Edits: edits,
	})
}

// enlarge replaces the number in the pool's line.
func enlarge(f *project.File, from *config.Field, pool, threads int) []patch.Edit {
	l := deploy.LinesOf(f)
	text := l.Text(from.Span.Start)
	number := regexp.MustCompile(`\b` + strconv.Itoa(pool) + `\b`)
	if len(number.FindAllString(text, -1)) != 1 || from.Span.Start != from.Span.End {
		return nil
	}
	return []patch.Edit{l.Replace(from.Span.Start, from.Span.End, number.ReplaceAllString(text, strconv.Itoa(threads)))}
}
