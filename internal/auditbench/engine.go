package main

import (
	"context"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
)

// auditTree runs the audit as a user does who gives no options. The units of comparison are the
// single claims, because one visible finding may fold many of them; those that only the appendix
// lists are marked hidden and match nothing.
func auditTree(ctx context.Context, root, cache string) (*TreeResult, error) {
	r, err := audit.Run(ctx, audit.Options{Root: root, CacheDir: cache})
	if err != nil {
		return nil, err
	}
	out := &TreeResult{Findings: []Finding{}}
	for _, row := range r.Report.Coverage.Rows {
		out.Lines += row.Lines
	}
	visible := map[string]*report.Finding{}
	for i := range r.Report.Findings {
		if f := &r.Report.Findings[i]; f.Status != report.StatusSuppressed {
			visible[f.Fingerprint] = f
		}
	}
	out.Visible = len(visible)
	for _, a := range r.Atoms {
		f := Finding{Rule: a.Rule, Category: a.Category, Fingerprint: a.Fingerprint, Table: a.Table, Columns: a.Columns, Places: []Span{span(a.Primary)}}
		for _, p := range a.Secondary {
			f.Places = append(f.Places, span(p))
		}
		if v := visible[a.Finding]; v != nil {
			f.Title, f.Patch = v.Title, v.Fix.Patch
		} else {
			f.Hidden = true
		}
		out.Findings = append(out.Findings, f)
	}
	return out, nil
}

func span(p report.Place) Span {
	return Span{Path: p.Path, Start: p.StartLine, End: max(p.EndLine, p.StartLine)}
}
