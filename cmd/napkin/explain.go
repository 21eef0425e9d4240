package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/foundation/report"
)

func (f *face) explainVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "explain a rule: what it finds, what it costs, how to fix it; or list the rules",
		Long:  "Prints the page of a rule as Markdown. Without a rule, or with a family such as db, it lists the rules.",
		Example: `napkin explain db.n1-relation
napkin explain db
napkin explain --json db.n1-relation`,
		Args: atMostOne("one rule is explained at a time, and %d were given; give a family (db) or a pattern (db.n1-*) to list several"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(ruleIDs(), hazardIDs()...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			pattern := "*"
			if len(args) == 1 {
				pattern = args[0]
				markdown, ok := audit.Explain(pattern)
				if !ok {
					markdown, ok = review.Explain(pattern)
				}
				if ok && !asJSON {
					_, err := fmt.Fprintln(f.stdout, strings.TrimRight(markdown, "\n"))
					return err
				}
			}
			matching := catalogue(pattern)
			if len(matching) == 0 {
				return audit.CheckOnly([]string{pattern}, audit.Rules())
			}
			if asJSON {
				return printJSON(f.stdout, map[string]any{"schema_version": report.SchemaVersion, "rules": matching})
			}
			var rows [][2]string
			for _, rule := range matching {
				title := rule.Title
				if !rule.Implemented {
					title += " (not implemented yet)"
				}
				rows = append(rows, [2]string{rule.ID, title})
			}
			columns(f.stdout, rows, f.width(f.stdout))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func hazardIDs() []string {
	docs := hazards.Docs()
	ids := make([]string, len(docs))
	for i := range docs {
		ids[i] = docs[i].ID
	}
	return ids
}

// explained is a rule as `napkin explain --json` prints it; docs/report-json.md describes the fields.
type explained struct {
	ID          string             `json:"id"`
	Title       string             `json:"title"`
	Summary     string             `json:"summary"`
	Severity    report.Severity    `json:"severity"`
	Effort      report.Effort      `json:"effort"`
	Cost        string             `json:"cost"`
	Langs       []string           `json:"langs"`
	Category    string             `json:"category"`
	Implemented bool               `json:"implemented"`
	Reason      string             `json:"reason,omitempty"` // why it is not implemented
	Why         string             `json:"why"`
	Cliff       string             `json:"cliff"`
	Fix         string             `json:"fix"`
	Proof       string             `json:"proof"`
	WrongIf     string             `json:"wrong_if"`
	References  []report.Reference `json:"references"`
	Help        string             `json:"help"` // the page, in Markdown
}

// catalogue returns the rules that match a pattern, those that are only planned behind the others.
func catalogue(pattern string) []explained {
	var out []explained
	for _, r := range rules.All {
		d := &r.Doc
		if !audit.MatchRule(pattern, d.ID) {
			continue
		}
		page, _ := audit.Explain(d.ID)
		out = append(out, explained{
			ID: d.ID, Title: d.Title, Summary: d.Summary, Severity: d.Severity, Effort: d.Effort, Cost: d.Cost,
			Langs: append([]string{}, d.Langs...), Category: d.Category, Implemented: true,
			Why: d.Why, Cliff: d.Cliff, Fix: d.Fix, Proof: d.Proof, WrongIf: d.Wrong,
			References: append([]report.Reference{}, d.Refs...), Help: page,
		})
	}
	for _, d := range hazards.Docs() {
		if !audit.MatchRule(pattern, d.ID) {
			continue
		}
		out = append(out, explained{
			ID: d.ID, Title: d.Title, Summary: d.Summary, Severity: d.Severity, Effort: d.Effort, Cost: d.Lock + "; " + d.Work,
			Langs: []string{"sql"}, Category: "migration-review", Implemented: true, Why: d.Why, Fix: d.Fix, WrongIf: d.Wrong,
			References: append([]report.Reference{}, d.Refs...), Help: d.Page(),
		})
	}
	for _, p := range rules.NotYet {
		if audit.MatchRule(pattern, p.ID) {
			page, _ := audit.Explain(p.ID)
			out = append(out, explained{ID: p.ID, Title: p.What, Langs: []string{}, Reason: p.Reason, References: []report.Reference{}, Help: page})
		}
	}
	return out
}

// checkOnly refuses patterns that name no rule; one of a planned rule is told why.
func checkOnly(patterns []string) error {
	for _, pattern := range patterns {
		for _, p := range rules.NotYet {
			if p.ID == pattern {
				return fmt.Errorf("%s is in the catalogue and not implemented yet: %s", p.ID, p.Reason)
			}
		}
	}
	return audit.CheckOnly(patterns, audit.Rules())
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
