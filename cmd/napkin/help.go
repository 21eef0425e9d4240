package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help prints the page of a verb in our own order: what it does, how it is called, examples, verbs,
// flags, and where the settings come from.
func (f *face) help(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	width := f.width(out)
	bold := func(s string) string { return s }
	if f.colored(out) {
		bold = func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintf(out, "%s\n\n", reflow(text, width))
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		own := usage
		usage = cmd.CommandPath() + " VERB [flags]"
		if strings.Contains(cmd.Use, " ") { // it does something itself
			usage = own + "\n  " + usage
		}
	}
	fmt.Fprintf(out, "%s\n  %s\n", bold("Usage"), usage)
	if cmd.Example != "" {
		fmt.Fprintf(out, "\n%s\n", bold("Examples"))
		for _, line := range strings.Split(strings.TrimSpace(cmd.Example), "\n") {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	var verbs [][2]string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			verbs = append(verbs, [2]string{sub.Name(), sub.Short})
		}
	}
	if len(verbs) > 0 {
		fmt.Fprintf(out, "\n%s\n", bold("Verbs"))
		columns(out, verbs, width)
	}
	f.flagHelp(out, bold("Flags"), cmd.LocalNonPersistentFlags(), width)
	f.flagHelp(out, bold("Flags of every verb"), cmd.Root().PersistentFlags(), width)
	switch cmd.Name() {
	case "audit":
		fmt.Fprintf(out, "\n%s\n", reflow("Every flag but "+strings.Join(flagsOnly(cmd), ", ")+" is also read from the environment (--fail-on from NAPKIN_FAIL_ON), from the table ["+cmd.Name()+"] of napkin.toml at the root of the project, and from config.toml in the user's configuration folder, in that order. Exit codes: 0 done, 1 findings at or above --fail-on, 2 an error, 130 interrupted.", width))
	case "diff":
		fmt.Fprintf(out, "\n%s\n", reflow("--exclude, --tolerance, --recheck, --confidence, --format, --workers and --max-mb-per-s are also read from the environment (--max-mb-per-s from NAPKIN_MAX_MB_PER_S) and from the table [diff] of config.toml in the user's configuration folder, the first four also from napkin.toml in the current folder. Exit codes: 0 equal, 1 different, 2 could not tell (also for one of several tables, and for a wrong command line), 130 interrupted.", width))
	}
}

// flagsOnly names the flags that no setting stands for.
func flagsOnly(cmd *cobra.Command) []string {
	var names []string
	for _, flags := range []*pflag.FlagSet{cmd.LocalNonPersistentFlags(), cmd.Root().PersistentFlags()} {
		flags.VisitAll(func(flag *pflag.Flag) {
			if !flag.Hidden && len(flag.Annotations[configAnnotation]) == 0 {
				names = append(names, "--"+flag.Name)
			}
		})
	}
	return names
}

func (f *face) flagHelp(out io.Writer, title string, flags *pflag.FlagSet, width int) {
	var rows [][2]string
	flags.SortFlags = false
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, text := pflag.UnquoteUsage(flag)
		name := "    --" + flag.Name
		if flag.Shorthand != "" {
			name = "-" + flag.Shorthand + ", --" + flag.Name
		}
		if flag.Value.Type() != "bool" {
			name += " " + strings.ToUpper(value)
		}
		rows = append(rows, [2]string{name, text})
	})
	if len(rows) > 0 {
		fmt.Fprintf(out, "\n%s\n", title)
		columns(out, rows, width)
	}
}

// columns prints names and texts side by side, the texts wrapped to the width.
func columns(out io.Writer, rows [][2]string, width int) {
	left := 0
	for _, row := range rows {
		left = max(left, utf8.RuneCountInString(row[0]))
	}
	for _, row := range rows {
		indent := strings.Repeat(" ", left+4)
		text := strings.ReplaceAll(wrap(row[1], max(width-left-4, 20)), "\n", "\n"+indent)
		fmt.Fprintf(out, "  %s%s  %s\n", row[0], strings.Repeat(" ", left-utf8.RuneCountInString(row[0])), text)
	}
}

// reflow joins the lines of each paragraph and wraps them anew, at most 100 columns wide.
func reflow(text string, width int) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = wrap(strings.Join(strings.Fields(p), " "), min(width, 100))
	}
	return strings.Join(paragraphs, "\n\n")
}

// wrap breaks a text at spaces into lines of at most width columns; longer words stand alone.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
