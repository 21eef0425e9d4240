package main

import (
	"github.com/spf13/cobra"
)

func (f *face) reviewVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "what the statements of a migration lock, and the work they do meanwhile",
		Long: `Says what statements of migrations do to a database that is in use: which locks they take on which
tables, whom these keep waiting, and what work they do that grows with the table. The answers were measured on
real servers of each version.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(f.matrixVerb())
	return cmd
}
