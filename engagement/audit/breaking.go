package audit

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// breaks estimates the request rate at which the dearest request path among the findings keeps one
// process's database connections busy.
func (a *auditor) breaks(r *report.Report) string {
	var dearest *report.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Cost == nil || f.Cost.Unit != "ms" || f.Cost.Event != "request" || f.Cost.Now < 5 || !certain(*f) {
			continue
		}
		if dearest == nil || f.Cost.Now-f.Cost.Fixed > dearest.Cost.Now-dearest.Cost.Fixed {
			dearest = f
		}
	}
	if dearest == nil {
		return ""
	}
	n, what := a.lanes()
	rate := func(ms float64) string { return significant(float64(n) / (math.Max(ms, 0.1) / 1000)) }
	subject := "it"
	if dearest != &r.Findings[0] {
		subject = fmt.Sprintf("%s (%s)", strings.TrimSuffix(dearest.Title, "."), where(dearest.Primary))
	}
	return fmt.Sprintf("At what load: %s takes %s of database time per request, so %s are all busy at about %s requests/s of it; after the fix at %s.",
		subject, report.Quantity(dearest.Cost.Now, "ms"), what, rate(dearest.Cost.Now), rate(dearest.Cost.Fixed))
}

// lanes is how many statements one process sends at a time, as far as the configuration tells, and what
// bounds them.
func (a *auditor) lanes() (n int, what string) {
	for _, d := range deploy.RailsDatabases(a.project) {
		if size, from, _ := d.Pool(); size > 0 {
			at := "the default of Rails"
			if from != nil {
				at = fmt.Sprintf("%s:%d", d.File.Path, from.Span.Start)
			}
			return size, fmt.Sprintf("the %d connections of a process (%s)", size, at)
		}
	}
	for _, f := range a.project.Files {
		if f.Doc == nil || f.Role == project.Test || !strings.HasPrefix(path.Base(f.Path), "application") {
			continue
		}
		if s, ok := f.Doc.Settings().Relaxed("spring.datasource.hikari.maximum-pool-size"); ok {
			if size, ok := s.Int(); ok && size > 0 {
				return size, fmt.Sprintf("the %d connections of a process (%s:%d)", size, f.Path, s.Span.Start)
			}
		}
	}
	const assumed = 10
	if slices.Contains(a.project.Frameworks, "laravel") {
		return assumed, fmt.Sprintf("%d PHP workers (assumed)", assumed)
	}
	return assumed, fmt.Sprintf("the %d connections of a pool (assumed)", assumed)
}
