// Package cronoverlap finds scheduled jobs that may run several times at once.
package cronoverlap

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.cron-overlap.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "job.cron-overlap",
		Title:   "Scheduled job may overlap with itself",
		Summary: "A job that runs at least once an hour is started again while its last run still goes: a CronJob with the default `concurrencyPolicy: Allow`, or a Laravel task without `withoutOverlapping`, or with one that expires before the next start.",
		Why: "A run is as long as its data is large and its database is slow. The day it takes longer than its period, a second copy starts beside the first, both compete for the same rows and get slower, and a third follows: " +
			"the load grows by one copy a period until something breaks, and rows are worked on twice.",
		Cost:     "run time / period copies at once",
		Fix:      "Let the scheduler skip a start while the last run goes, and bound the run with a deadline.",
		Wrong:    "The run is always shorter than its period, or locks by itself. Jobs with a deadline shorter than the period, jobs that run daily or more rarely, and commands that send a fixed number of statements (no loop, no call of anything but the query builder) are not reported in the main body.",
		Category: "job-cron-overlap",
		Examples: []rule.Example{{Lang: "yaml",
			Before: "kind: CronJob\nspec:\n  schedule: \"*/5 * * * *\"",
			After:  "kind: CronJob\nspec:\n  schedule: \"*/5 * * * *\"\n  concurrencyPolicy: Forbid"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "A run that is slower than its period gets a second copy beside it, and both get slower.",
		Proof:    "Make a run sleep for two periods: the starts in between are skipped.",
		LangRefs: map[string][]report.Reference{
			"yaml": {{Title: "Kubernetes: CronJob, concurrency policy", URL: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy"}},
			"php":  {{Title: "Laravel: preventing task overlaps", URL: "https://laravel.com/docs/scheduling#preventing-task-overlaps"}},
		},
		Langs: []string{"yaml", "php"},
	},
	Project: func(p *rule.Pass) {
		for _, o := range deploy.Objects(p.Project) {
			if o.Kind == "CronJob" {
				cronJob(p, o)
			}
		}
		for _, f := range p.Files {
			if f.Lang == "php" && f.Tree != nil && f.Role == project.App {
				laravel(p, f)
			}
		}
	},
}

func cronJob(p *rule.Pass, o deploy.Object) {
	spec := o.Node.Get("spec")
	field := spec.Field("schedule")
	if field == nil || spec.Templated || spec.Has("concurrencyPolicy") && o.ConcurrencyPolicy != "Allow" {
		return
	}
	if off, ok := spec.Get("suspend").Bool(); ok && off {
		return
	}
	period, ok := Period(o.Schedule)
	if !ok || (o.ActiveDeadlineSeconds != nil && time.Duration(*o.ActiveDeadlineSeconds)*time.Second <= period) {
		return
	}
	confidence := 0.75
	switch {
	case period > time.Hour:
		confidence = 0.4
	case period > 15*time.Minute:
		confidence = 0.6
	}
	l := deploy.LinesOf(o.File)
	var edits []patch.Edit
	if l.Block(*field) && field.Span.Start == field.Span.End {
		line := l.Indent(field.Span.Start) + "concurrencyPolicy: Forbid"
		if old := spec.Field("concurrencyPolicy"); old != nil {
			edits = []patch.Edit{l.Replace(old.Span.Start, old.Span.End, line)}
		} else {
			edits = []patch.Edit{l.InsertAfter(field.Span.End, line)}
		}
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("CronJob `%s` may overlap with itself", o.Name),
		Claim:   fmt.Sprintf("CronJob `%s` starts every %s with the default `concurrencyPolicy: Allow`: a run that takes longer has a second one beside it.", o.Name, words(period)),
		Primary: deploy.At(o.File, field.Span, o.Name, ""), Subject: "concurrencyPolicy", Evidence: 1, Confidence: deploy.Confidence(o.File, confidence),
		Fix:   report.Fix{Summary: "Set `concurrencyPolicy: Forbid`.", Behaviour: "A start that comes while the last run still goes is skipped; bound the run with activeDeadlineSeconds, or a hung run blocks all later ones."},
		Edits: edits,
	})
}

var step = regexp.MustCompile(`^\*/(\d+)$`)

// Period is the time between two starts of a cron schedule of five fields, for the common forms; ok
// is false for others.
func Period(schedule string) (time.Duration, bool) {
	switch strings.TrimSpace(schedule) {
	case "@hourly":
		return time.Hour, true
	case "@daily", "@midnight":
		return 24 * time.Hour, true
	case "@weekly":
		return 7 * 24 * time.Hour, true
	}
	f := strings.Fields(schedule)
	if len(f) != 5 {
		return 0, false
	}
	minute, hour := f[0], f[1]
	every := func(field string, unit time.Duration, whole int) (time.Duration, bool) {
		if field == "*" {
			return unit, true
		}
		if m := step.FindStringSubmatch(field); m != nil {
			n, err := strconv.Atoi(m[1])
			return time.Duration(n) * unit, err == nil && n > 0
		}
		if n := strings.Count(field, ",") + 1; n > 1 {
			return time.Duration(whole) * unit / time.Duration(n), true
		}
		return 0, false
	}
	if d, ok := every(minute, time.Minute, 60); ok {
		return d, true
	}
	if d, ok := every(hour, time.Hour, 24); ok {
		return d, true
	}
	if strings.Contains(hour, "-") {
		return time.Hour, true
	}
	return 24 * time.Hour, true
}

func words(d time.Duration) string {
	switch {
	case d == time.Minute:
		return "minute"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d == time.Hour:
		return "hour"
	case d < 24*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d == 24*time.Hour:
		return "day"
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// frequencies are Laravel's words for at most an hour.
var frequencies = map[string]time.Duration{
	"everyMinute": time.Minute, "everyTwoMinutes": 2 * time.Minute, "everyThreeMinutes": 3 * time.Minute, "everyFourMinutes": 4 * time.Minute,
	"everyFiveMinutes": 5 * time.Minute, "everyTenMinutes": 10 * time.Minute, "everyFifteenMinutes": 15 * time.Minute, "everyThirtyMinutes": 30 * time.Minute,
}
