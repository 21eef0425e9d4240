// Package pooloversubscribed finds fleets whose pools exceed what the database accepts.
package pooloversubscribed

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.pool-oversubscribed.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.pool-oversubscribed",
		Title:    "Pools of all processes exceed max_connections",
		Summary:  "Replicas x processes x pool of a Rails deployment is more than the max_connections that the project sets for its database, with no pooler between.",
		Why:      "Each process keeps its own pool. The day load fills them all, the server refuses the connections beyond max_connections with \"too many clients already\": not the slow requests fail but the new ones, migrations and the operator's own psql with them. A rolling deploy adds its surge on top.",
		Cost:     "replicas x processes x pool against max_connections",
		Fix:      "Put a pooler in transaction mode between, run fewer processes, or raise max_connections with the memory that takes.",
		Wrong:    "The pools are never full at once, or a managed pooler stands between. Projects that name pgbouncer, RDS Proxy or another pooler are not reported.",
		Category: "pool-oversubscribed",
		Examples: []rule.Example{{Lang: "yaml", Before: "replicas: 8   # x 4 processes x 5 threads = 160 > 150", After: "replicas: 6   # 120, and 30 left for jobs and operators"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "At full load new connections are refused.",
		Proof:    "`SELECT count(*) FROM pg_stat_activity` at peak stays below 80 % of max_connections.",
		Refs:     []report.Reference{{Title: "PostgreSQL: max_connections", URL: "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS"}},
		Langs:    []string{"yaml", "ruby", "terraform"},
	},
	Project: func(p *rule.Pass) { Fleets(p, false) },
}

// Fleets reports the workloads whose pools exceed what the server accepts: those of a fixed number of
// replicas, or those that exceed it only when an autoscaler runs as many as it may.
func Fleets(p *rule.Pass, autoscaled bool) {
	limit, at := maxConnections(p.Project)
	dbs := deploy.RailsDatabases(p.Project)
	if limit == 0 || len(dbs) != 1 || pooler(p.Project) {
		return
	}
	objects := deploy.Objects(p.Project)
	for _, o := range objects {
		if o.Workload() && o.Kind != "DaemonSet" {
			check(p, objects, o, dbs[0], limit, at, autoscaled)
		}
	}
}

func check(p *rule.Pass, objects []deploy.Object, o deploy.Object, d deploy.Databases, limit int, at rule.Place, autoscaled bool) {
	c := o.Serves()
	if c == nil {
		return
	}
	if _, ok := c.Getenv("DATABASE_URL"); !ok {
		if _, rails := c.Getenv("RAILS_ENV"); !rails {
			return
		}
	}
	workers, threads := processes(p.Project, d.Root)
	if e, ok := c.Getenv("WEB_CONCURRENCY"); ok {
		if v, isInt := e.Int(); isInt {
			workers = v
		}
	}
	pool, _, variable := d.Pool()
	if e, ok := c.Getenv(variable); ok && variable != "" {
		if v, isInt := e.Int(); isInt {
			pool, threads = v, v
		}
	}
	perProcess := pool
	if threads > 0 && threads < pool {
		perProcess = threads // a thread holds one connection
	}
	replicas, span, scaled := 0, o.ReplicasSpan, false
	if o.Replicas != nil {
		replicas = *o.Replicas
	}
	place := deploy.At(o.File, span, o.Name, "")
	for _, h := range objects {
		if h.ScaleTarget == o.Name && h.MaxReplicas != nil && *h.MaxReplicas > replicas {
			replicas, scaled = *h.MaxReplicas, true
			place = deploy.At(h.File, h.Span, o.Name, "")
		}
	}
	total := replicas * workers * perProcess
	fixed := 0
	if o.Replicas != nil {
		fixed = *o.Replicas * workers * perProcess
	}
	if total <= limit || autoscaled != (scaled && fixed <= limit) {
		return
	}
	upTo := ""
	if scaled {
		upTo = "up to "
	}
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("`%s` may open %d connections, the server takes %d", o.Name, total, limit),
		Claim:     fmt.Sprintf("%s `%s` runs %s%d replicas x %d processes x %d connections = %d; max_connections is %d.", o.Kind, o.Name, upTo, replicas, workers, perProcess, total, limit),
		Primary:   place,
		Secondary: []rule.Place{at}, Subject: o.Name, Evidence: 2, Confidence: deploy.Confidence(o.File, 0.8),
		Cost: &report.Cost{Now: float64(total), Fixed: float64(limit), Unit: "connections", Event: "peak", Formula: "r x w x p -> m", Inputs: []report.Input{
			cost.Count("r", float64(replicas), "replicas", o.File.Path), cost.Count("w", float64(workers), "processes", "WEB_CONCURRENCY or puma.rb"),
			cost.Count("p", float64(perProcess), "connections", d.File.Path), cost.Count("m", float64(limit), "connections", at.File.Path)}},
		Fix: report.Fix{Summary: "Put a pooler between, or run fewer processes.", Behaviour: "A pooler in transaction mode needs prepared statements and session settings to be looked at."},
	})
}

// processes reads the worker processes and threads of puma.rb.
func processes(p *project.Project, root string) (workers, threads int) {
	f := p.File(root + "config/puma.rb")
	if f == nil || f.Tree == nil {
		return 1, 0
	}
	workers = 1
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		args := c.Args()
		if c.Receiver().Ok() || len(args) == 0 {
			continue
		}
		switch c.Str() {
		case "workers":
			if v, _, ok := deploy.Literal(f, args[0]); ok {
				workers = v
			}
		case "threads":
			if v, _, ok := deploy.Literal(f, args[len(args)-1]); ok {
				threads = v
			}
		}
	}
	return max(workers, 1), threads
}

var option = regexp.MustCompile(`max_connections\s*=\s*(\d+)`)

// maxConnections is what the project sets for its PostgreSQL or MySQL server, and where.
func maxConnections(p *project.Project) (int, rule.Place) {
	for _, f := range deploy.Files(p, config.KindTerraform, config.KindCompose, config.KindKubernetes, config.KindINI) {
		if t := f.Doc.Terraform(); t != nil {
			for _, b := range t.Resources("") {
				for _, par := range b.Nested("parameter") {
					if par.Attr("name") != nil && par.Attr("name").Text == "max_connections" {
						if v, ok := par.Attr("value").Int(); ok {
							return v, deploy.At(f, par.Span, b.Address(), "max_connections")
						}
					}
				}
			}
		}
		if c := f.Doc.Compose(); c != nil && !deploy.Rehearsal(f) {
			for i := range c.Services {
				s := &c.Services[i]
				if m := option.FindStringSubmatch(s.Command.Text()); m != nil && deploy.EngineOf(s.Image) != nil {
					v, err := strconv.Atoi(m[1])
					if err == nil {
						return v, deploy.At(f, s.Command.Span, s.Name, "max_connections")
					}
				}
			}
		}
		if f.Doc.Kind == config.KindINI {
			if s, ok := f.Doc.Settings().Get("max_connections"); ok {
				if v, isInt := s.Int(); isInt {
					return v, deploy.At(f, s.Span, "", "max_connections")
				}
			}
		}
	}
	return 0, rule.Place{}
}

var poolers = regexp.MustCompile(`(?i)(pgbouncer|pgcat|odyssey|proxysql|aws_db_proxy|rds[-_]proxy|pgpool|supavisor)`)

// pooler reports a project that names a connection pooler in its deployment.
func pooler(p *project.Project) bool {
	for _, f := range deploy.Files(p, config.KindTerraform, config.KindCompose, config.KindKubernetes, config.KindINI, config.KindYAML, config.KindDockerfile) {
		if poolers.MatchString(f.Path) {
			return true
		}
		if src := f.Source(); len(src) < 1<<20 && poolers.Match(src) && !strings.HasSuffix(f.Path, "database.yml") {
			return true
		}
	}
	return false
}
