package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (f *face) reviewVerb() *cobra.Command {
	var decision decisionFlags
	cmd := &cobra.Command{
		Use:   "review DECISION.md",
		Short: "review a decision record: its model, its constraints and its claims",
		Long: `Reviews a decision record: Markdown with the headings of MADR and the model of its options in a
fenced napkin block. Each option's outcomes are computed as intervals, each constraint gets the
probability that it holds, claims are held against the base rates of this machine, and the
report says what moves the outcomes, where the order of two options flips, what the record
leaves out and which questions are open. It never chooses. docs/decisions.md tells how a record
is written.`,
		Example: `napkin review docs/adr/0007-queue.md
napkin review 0007-queue.md --experiment          measure the rates that its claims rest on
napkin review 0007-queue.md -o review.html
napkin review 0007-queue.md --fail-on 0.1         for CI: exit 1 when the chosen option fails`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"md", "markdown"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if len(args) != 1 || !isDecision(args[0]) {
				return fmt.Errorf("review takes one decision record, a file whose name ends in .md or .markdown; see `%s --help`", cmd.CommandPath())
			}
			return f.reviewDecision(cmd, args[0], decision)
		},
	}
	decision.register(cmd)
	return cmd
}
