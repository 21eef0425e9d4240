// Package tfdb finds managed databases whose Terraform is not fit for production.
package tfdb

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.tf-db.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.tf-db",
		Title:   "Managed database is not set up for production",
		Summary: "A Terraform database has no standby, no point-in-time recovery, no deletion protection, a burstable class, gp2 storage or the default parameter group.",
		Why: "Each default is made for a trial: without a standby a failed zone or host is an outage until a restore is done; without backups or binary logs there is no point to restore to; without deletion protection one `terraform destroy` in the wrong folder ends the company's data; " +
			"a burstable class runs at a fraction of a core once its credits are spent, which is when load is highest; gp2 ties IOPS to size and spends credits too; and the default parameter group can not be changed, so that the first tuning needs a restart.",
		Cost:     "outage = time to restore without a standby; storage price gp2 -> gp3",
		Fix:      "Set what is missing. A change of class or zone happens in the maintenance window, or at once with apply_immediately and a fail-over.",
		Wrong:    "The database is not production's. Files, resources and variables that name development, staging or tests, read replicas, and attributes that come from variables without a default are not reported.",
		Category: "terraform-db",
		Examples: []rule.Example{{Lang: "terraform", Before: "storage_type = \"gp2\"\nmulti_az     = false", After: "storage_type        = \"gp3\"\nmulti_az            = true\ndeletion_protection = true"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "The loss of one zone, or one wrong destroy, takes the database away.",
		Proof:    "`aws rds reboot-db-instance --force-failover` on a copy: writes resume within two minutes.",
		Refs: []report.Reference{
			{Title: "Terraform: aws_db_instance", URL: "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance"},
			{Title: "Amazon RDS: Multi-AZ deployments", URL: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html"},
		},
		Langs: []string{"terraform"},
	},
	Project: func(p *rule.Pass) {
		folders := map[string][]*project.File{}
		var order []string
		for _, f := range deploy.Files(p.Project, config.KindTerraform) {
			dir := f.Path[:strings.LastIndex("/"+f.Path, "/")]
			if folders[dir] == nil {
				order = append(order, dir)
			}
			folders[dir] = append(folders[dir], f)
		}
		for _, dir := range order {
			var docs []*config.Terraform
			for _, f := range folders[dir] {
				docs = append(docs, f.Doc.Terraform())
			}
			for i, t := range config.LinkTerraform(docs...) {
				if t == nil {
					continue
				}
				for _, b := range t.Resources("") {
					check(p, folders[dir][i], b)
				}
			}
		}
	},
}

// fault is one thing that a database lacks.
type fault struct {
	text  string
	attr  string // what to set
	value string // as Terraform writes it; "" where a person must decide
	grave bool
}

var rehearsal = regexp.MustCompile(`(?i)(^|[^a-z])(dev|develop|development|stag|staging|stage|test|testing|qa|sandbox|preview|demo|ci|example|replica|read)([^a-z]|$)`)

func check(p *rule.Pass, f *project.File, b *config.Block) {
	if len(b.Labels) < 2 || rehearsal.MatchString(b.Labels[1]) || rehearsal.MatchString(f.Path) {
		return
	}
	for _, name := range []string{"identifier", "cluster_identifier", "name"} {
		if a := b.Attr(name); a != nil && rehearsal.MatchString(strings.ReplaceAll(a.Raw, "environment", "")) {
			return
		}
	}
	var faults []fault
	switch b.Labels[0] {
	case "aws_db_instance":
		if b.Attr("replicate_source_db") != nil {
			return
		}
		faults = instance(b)
	case "aws_rds_cluster":
		if off(b, "deletion_protection") {
			faults = append(faults, fault{"no deletion protection", "deletion_protection", "true", true})
		}
		if n, ok := b.Attr("backup_retention_period").Int(); b.Attr("backup_retention_period") == nil || ok && n < 2 {
			faults = append(faults, fault{"one day of backups (the default)", "backup_retention_period", "7", false})
		}
	case "google_sql_database_instance":
		if b.Attr("master_instance_name") != nil {
			return
		}
		faults = google(b)
	}
	if len(faults) == 0 {
		return
	}
	var texts, parts []string
	severity := report.Medium
	for _, x := range faults {
		texts, parts = append(texts, x.text), append(parts, x.attr)
		if x.grave {
			severity = report.High
		}
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s is not set up for production", b.Address()),
		Claim:   fmt.Sprintf("`%s` has %s.", b.Address(), strings.Join(texts, ", ")),
		Primary: deploy.At(f, b.Span, b.Address(), ""), Subject: b.Address(), Parts: parts, Evidence: 1, Confidence: deploy.Confidence(f, 0.75), Severity: severity,
		Fix:   report.Fix{Summary: "Set " + strings.Join(parts, ", ") + ".", Behaviour: "A standby doubles the price of the instance and adds a round trip between zones to each commit; the change of storage runs online; the change of class restarts the database."},
		Edits: edits(f, b, faults),
	})
}

// off reports an attribute that is false or absent, where absent means false.
func off(b *config.Block, name string) bool {
	a := b.Attr(name)
	if a == nil {
		return true
	}
	v, ok := a.Bool()
	return ok && !v
}

var burstable = regexp.MustCompile(`^db\.t\d`)

func instance(b *config.Block) []fault {
	var out []fault
	if off(b, "multi_az") {
		out = append(out, fault{"no standby in a second zone", "multi_az", "true", true})
	}
	if off(b, "deletion_protection") {
		out = append(out, fault{"no deletion protection", "deletion_protection", "true", true})
	}
	if a := b.Attr("backup_retention_period"); a == nil {
		out = append(out, fault{"no backup retention stated (the provider's default is 0: no point-in-time recovery)", "backup_retention_period", "7", true})
	} else if n, ok := a.Int(); ok && n == 0 {
		out = append(out, fault{"no backups and so no point-in-time recovery", "backup_retention_period", "7", true})
	}
	if a := b.Attr("instance_class"); a != nil && a.Known && burstable.MatchString(a.Text) {
		out = append(out, fault{"a burstable class (" + a.Text + ")", "instance_class", "", false})
	}
	if a := b.Attr("storage_type"); a != nil && a.Known && a.Text == "gp2" {
		out = append(out, fault{"gp2 storage", "storage_type", `"gp3"`, false})
	}
	if a := b.Attr("parameter_group_name"); a == nil || a.Known && strings.HasPrefix(a.Text, "default.") {
		out = append(out, fault{"the default parameter group", "parameter_group_name", "", false})
	}
	return out
}

func google(b *config.Block) []fault {
	var out []fault
	for _, s := range b.Nested("settings") {
		if a := s.Attr("availability_type"); a == nil || a.Known && a.Text == "ZONAL" {
			out = append(out, fault{"no standby in a second zone", "availability_type", "", true})
		}
		backups := s.Nested("backup_configuration")
		if len(backups) == 0 || off(backups[0], "enabled") {
			out = append(out, fault{"no backups", "backup_configuration", "", true})
		} else if off(backups[0], "point_in_time_recovery_enabled") && off(backups[0], "binary_log_enabled") {
			out = append(out, fault{"no point-in-time recovery", "point_in_time_recovery_enabled", "", false})
		}
		if a := s.Attr("tier"); a != nil && (a.Text == "db-f1-micro" || a.Text == "db-g1-small") {
			out = append(out, fault{"a shared core (" + a.Text + ")", "tier", "", false})
		}
	}
	return out
}

func edits(f *project.File, b *config.Block, faults []fault) []patch.Edit {
	l := deploy.LinesOf(f)
	if b.Span.Start == b.Span.End {
		return nil
	}
	var out []patch.Edit
	var add []string
	indent := "  "
	for _, x := range faults {
		if x.value == "" {
			return nil // part of the finding needs a decision: a patch would not end it
		}
		if a := b.Attr(x.attr); a != nil {
			if a.Span.Start != a.Span.End || !strings.Contains(l.Text(a.Span.Start), "=") {
				return nil
			}
			head, _, _ := strings.Cut(l.Text(a.Span.Start), "=")
			out = append(out, l.Replace(a.Span.Start, a.Span.End, head+"= "+x.value))
		} else {
			add = append(add, indent+x.attr+" = "+x.value)
		}
	}
	if len(add) > 0 {
		out = append(out, l.InsertBefore(b.Span.End, add...))
	}
	return out
}
