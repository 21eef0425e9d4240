package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those whose completion scripts napkin prints, with how each is told to load one.
var shells = []struct{ name, load string }{
	{"bash", "source <(napkin completion bash)  # in ~/.bashrc"},
	{"zsh", "napkin completion zsh > \"${fpath[1]}/_napkin\"  # once"},
	{"fish", "napkin completion fish > ~/.config/fish/completions/napkin.fish"},
	{"powershell", "napkin completion powershell | Out-String | Invoke-Expression"},
}

func (f *face) completionVerb() *cobra.Command {
	var names, examples []string
	for _, shell := range shells {
		names, examples = append(names, shell.name), append(examples, shell.load)
	}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print the completion script of a shell: bash, zsh, fish or powershell",
		Long: `Prints the script that lets a shell complete napkin's verbs, flags and rules. The examples
show how each shell loads it.`,
		Example:   strings.Join(examples, "\n"),
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one shell: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(f.stdout, true)
			case "zsh":
				return root.GenZshCompletion(f.stdout)
			case "fish":
				return root.GenFishCompletion(f.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(f.stdout)
			}
			return fmt.Errorf("there is no completion for %q; name one of %s", args[0], strings.Join(names, ", "))
		},
	}
}
