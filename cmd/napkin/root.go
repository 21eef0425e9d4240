package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the linker in releases.
var version = ""

// face is one run of the command: the world and the flags that all verbs have.
type face struct {
	world
	quiet   bool
	verbose bool
	noInput bool
	color   choice
	args    []string // the command line
	code    int      // exit code of a verb that succeeded
}

// run executes the command line and returns its exit code.
func run(ctx context.Context, w world, args []string) int {
	out := &checked{Writer: w.stdout}
	f := &face{world: w, args: args, color: choice{value: "auto", allowed: []string{"auto", "always", "never"}}}
	f.stdout = out
	if f.started.IsZero() {
		f.started = f.now()
	}
	f.terminal = func(to io.Writer) (int, bool) {
		if to == io.Writer(out) {
			to = out.Writer
		}
		return w.terminal(to)
	}
	root := f.root()
	root.SetArgs(negative(args))
	root.SetOut(out)
	root.SetErr(w.stderr)
	verb, err := root.ExecuteContextC(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("write the answer: %w", out.err)
	}
	if err != nil {
		return f.fail(verb, err)
	}
	return f.code
}

func (f *face) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "napkin",
		Short: "the principal infrastructure engineer that your team does not have",
		Long: `napkin reads a code base and reports what will break first, at what load, and what to
do about it, with the arithmetic of each finding and a patch where one is possible.
It compares two databases exactly and says what their differences have in common.
It only reads; nothing of yours is executed or changed unless you ask for it.`,
		Example: `napkin audit .                  audit the code base in this folder
napkin diff A B --all-tables    compare the tables of two databases
napkin explain db.n1-relation   what a rule looks for, and why
napkin estimate "3M req/day * 2 kB in MB/s"
napkin review DECISION.md       hold a decision record against its model
napkin rates show               the base rates that costs are computed from`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       versionLine(),
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpFunc(f.help)
	root.SetFlagErrorFunc(flagError)
	root.Flags().Bool("version", false, "print the version")
	flags := root.PersistentFlags()
	flags.BoolP("help", "h", false, "print this help")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print nothing but the answer and errors")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print more: all findings, sources, notes")
	flags.BoolVar(&f.noInput, "no-input", false, "never wait for an answer: a verb that would ask fails instead")
	flags.Var(&f.color, "color", "`when` to use colours: auto, always or never; auto means on a terminal without NO_COLOR")
	configurable(flags, userFile, "quiet", "verbose", "color")
	root.AddCommand(f.auditVerb(), f.diffVerb(), f.reviewVerb(), f.estimateVerb(), f.explainVerb(), f.ratesVerb(), f.calcVerb(), f.completionVerb(), &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(f.stdout, versionLine())
			return nil
		},
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [VERB]",
		Short: "print the help of a verb",
		RunE: func(cmd *cobra.Command, args []string) error {
			verb, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("there is no verb %q; `napkin help` lists them", strings.Join(args, " "))
			}
			return verb.Help()
		},
	})
	return root
}

// versionLine prints the version, or what the build knows of its origin.
func versionLine() string {
	v := programVersion()
	return fmt.Sprintf("napkin %s (%s %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

// interrupted is the error of a verb that Ctrl-C ended with nothing to show.
var errInterrupted = errors.New("interrupted")

// fail prints err for the person who must act and returns the exit code.
func (f *face) fail(verb *cobra.Command, err error) int {
	if errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		text := "interrupted before there was anything to show"
		if own := err.Error(); strings.HasPrefix(own, errInterrupted.Error()+": ") {
			text = own // what the verb did about it
		}
		fmt.Fprintln(f.stderr, "napkin: "+text)
		return exitInterrupted
	}
	text := err.Error()
	// Cobra's own sentences name what is wrong but not what to do.
	if name, ok := strings.CutPrefix(text, `unknown command "`); ok {
		name, _, _ = strings.Cut(name, `"`)
		text = fmt.Sprintf("there is no verb %q%s", name, didYouMean(verb, name))
	}
	fmt.Fprintln(f.stderr, "napkin:", text)
	return exitError
}

func didYouMean(cmd *cobra.Command, name string) string {
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return "; `" + cmd.CommandPath() + " --help` lists them"
}

// noArguments and atMostOne refuse arguments that a verb would ignore.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("`%s` takes no argument, and %q was given; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
}

func atMostOne(message string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf(message, len(args))
		}
		return nil
	}
}

// flagError adds to pflag's message the nearest flag or where the flags are listed.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		if near := nearestFlag(cmd, name); near != "" {
			return fmt.Errorf("there is no flag --%s; did you mean --%s?", name, near)
		}
		return fmt.Errorf("there is no flag %s; `%s --help` lists the flags", dashed(name), cmd.CommandPath())
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		var number *strconv.NumError
		if errors.As(err, &number) {
			want := "a number"
			switch kind := invalid.GetFlag().Value.Type(); {
			case strings.HasPrefix(kind, "uint"):
				want = "a whole number that is not negative"
			case strings.HasPrefix(kind, "int"):
				want = "a whole number"
			}
			return fmt.Errorf("--%s %s: give %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
		return fmt.Errorf("--%s %s: %w", invalid.GetFlag().Name, invalid.GetValue(), errors.Unwrap(err))
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		return fmt.Errorf("%s needs a value; see `%s --help`", dashed(missing.GetSpecifiedName()), cmd.CommandPath())
	}
	return err
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func nearestFlag(cmd *cobra.Command, name string) string {
	best, distance := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := levenshtein.Distance(f.Name, name, nil); d < distance {
			best, distance = f.Name, d
		}
	})
	return best
}
