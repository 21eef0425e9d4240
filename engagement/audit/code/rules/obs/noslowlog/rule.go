// Package noslowlog finds databases configured without a log of slow statements.
package noslowlog

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is obs.no-slow-log.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "obs.no-slow-log",
		Title:   "Database without a log of slow statements",
		Summary: "A database that Terraform or its own configuration file sets up logs no slow statements and has no performance insights.",
		Why: "The first question of every incident with a database is which statement. With the default settings the server does not remember: log_min_duration_statement and slow_query_log are off, " +
			"so the answer is only there if somebody looks while it happens.",
		Cost:     "an incident of unknown cause -> one line of log for each statement above the limit",
		Fix:      "Set log_min_duration_statement (PostgreSQL) or slow_query_log with long_query_time (MySQL), or switch performance insights on.",
		Wrong:    "An agent samples pg_stat_statements. Replicas take the setting of their source's parameter group and are not reported.",
		Category: "observability-no-slow-log",
		Examples: []rule.Example{{Lang: "terraform",
			Before: "resource \"aws_db_instance\" \"shop\" {\n  engine = \"postgres\"\n}",
			After:  "resource \"aws_db_instance\" \"shop\" {\n  engine                       = \"postgres\"\n  performance_insights_enabled = true\n}"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "`SELECT pg_sleep(1)` leaves a line in the log.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: log_min_duration_statement", URL: "https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-MIN-DURATION-STATEMENT"},
			{Title: "MySQL: the slow query log", URL: "https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html"},
		},
		Langs: []string{"terraform", "ini"},
	},
	Project: func(p *rule.Pass) {
		files := deploy.Files(p.Project, config.KindTerraform)
		for _, f := range files {
			if mentions.Match(f.Source()) {
				files = nil // some database logs; which group belongs to which is for a person
				break
			}
		}
		for _, f := range files {
			if tf := f.Doc.Terraform(); tf != nil {
				terraform(p, f, tf)
			}
		}
		for _, f := range p.Files {
			if f.Role == project.Test || f.Role == project.Docs || f.Role == project.Vendored || f.Size > 1<<18 {
				continue
			}
			switch strings.ToLower(path.Base(f.Path)) {
			case "postgresql.conf", "my.cnf", "mysqld.cnf", "mariadb.cnf":
				server(p, f)
			}
		}
	},
}

var mentions = regexp.MustCompile(`(?i)log_min_duration|slow_query_log|performance_insights_enabled\s*=\s*(true|var|local)|query_insights_enabled|slowquery|auto_explain|insights_config`)

func terraform(p *rule.Pass, f *project.File, tf *config.Terraform) {
	for _, kind := range []string{"aws_db_instance", "aws_rds_cluster", "google_sql_database_instance"} {
		for _, b := range tf.Resources(kind) {
			if b.Attr("replicate_source_db") != nil || b.Attr("master_instance_name") != nil || b.Attr("parameter_group_name") != nil && !known(b.Attr("parameter_group_name")) {
				continue
			}
			name := strings.Join(b.Labels, ".")
			fi := rule.Finding{
				Title:   fmt.Sprintf("%s logs no slow statements", name),
				Claim:   fmt.Sprintf("Nothing in the Terraform files gives `%s` a log of slow statements or performance insights: after an incident nobody can say which statement it was.", name),
				Primary: deploy.At(f, b.Span, name, ""), Subject: name, Evidence: 1, Confidence: deploy.Confidence(f, 0.6), Cause: "no-slow-log",
				Fix: report.Fix{Summary: "Switch performance insights on, or set the limit in a parameter group.", Behaviour: "The server keeps a sample of its active statements for seven days; the load of that is below a per cent."},
			}
			if kind == "aws_db_instance" && len(b.Attributes) > 0 {
				l := deploy.LinesOf(f)
				at := b.Attributes[0].Span.Start
				fi.Edits = []patch.Edit{l.InsertBefore(at, l.Indent(at)+"performance_insights_enabled = true")}
			}
			p.Report(fi)
		}
	}
}

// known reports a parameter group of this configuration, which the search above has read.
func known(a *config.Attribute) bool { return len(a.Refs) > 0 || strings.HasPrefix(a.Text, "default.") }

var (
	postgresSet = regexp.MustCompile(`(?mi)^\s*(log_min_duration_(statement|sample)|auto_explain\.log_min_duration|shared_preload_libraries\s*=.*(pg_stat_statements|pg_stat_monitor|auto_explain))`)
	mysqlSet    = regexp.MustCompile(`(?mi)^\s*(slow[-_]query[-_]log|log[-_]slow[-_]queries)`)
	anySet      = regexp.MustCompile(`(?m)^\s*[a-z_.-]+\s*=`)
)

func server(p *rule.Pass, f *project.File) {
	src := f.Source()
	set, line := mysqlSet, "slow_query_log = 1\nlong_query_time = 0.5\n"
	if strings.HasSuffix(f.Path, "postgresql.conf") {
		set, line = postgresSet, "log_min_duration_statement = 500 # ms\n"
	}
	if set.Match(src) || len(anySet.FindAll(src, 4)) < 3 {
		return // a fragment, or a file that says it
	}
	at := strings.Index(string(src), "[mysqld]")
	if set == mysqlSet {
		if at < 0 {
			return
		}
		at += strings.IndexByte(string(src[at:])+"\n", '\n') + 1
	} else {
		at = len(src)
		if !strings.HasSuffix(string(src), "\n") {
			line = "\n" + line
		}
	}
	if at > len(src) {
		return
	}
	p.Report(rule.Finding{
		Title:   "The database logs no slow statements",
		Claim:   fmt.Sprintf("`%s` tunes the server and sets no limit above which a statement is logged: after an incident nobody can say which statement it was.", path.Base(f.Path)),
		Primary: rule.LineAt(f, 1, 1, "", ""), Subject: path.Base(f.Path), Evidence: 1, Confidence: deploy.Confidence(f, 0.6), Cause: "no-slow-log",
		Fix:   report.Fix{Summary: "Log statements above half a second.", Behaviour: "One line of log for each statement above the limit."},
		Edits: []patch.Edit{{Path: f.Path, Start: at, End: at, New: line}},
	})
}
