package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
)

func (f *face) explainVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "explain a rule: what it finds, what it costs, how to fix it; or list the rules",
		Long:  "Prints the page of a rule as Markdown. Without a rule, or with a family such as db, it lists the rules.",
		Example: `napkin explain db.n1-relation
napkin explain db`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			pattern := "*"
			if len(args) == 1 {
				pattern = args[0]
				if markdown, ok := audit.Explain(pattern); ok && !asJSON {
					_, err := fmt.Fprintln(f.stdout, strings.TrimRight(markdown, "\n"))
					return err
				}
			}
			var matching []report.RuleInfo
			for _, rule := range audit.Rules() {
				if audit.MatchRule(pattern, rule.ID) {
					matching = append(matching, rule)
				}
			}
			if len(matching) == 0 {
				return audit.CheckOnly([]string{pattern}, audit.Rules())
			}
			if asJSON {
				return printJSON(f.stdout, map[string]any{"schema_version": report.SchemaVersion, "rules": matching})
			}
			var rows [][2]string
			for _, rule := range matching {
				rows = append(rows, [2]string{rule.ID, rule.Title})
			}
			columns(f.stdout, rows, f.width(f.stdout))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
