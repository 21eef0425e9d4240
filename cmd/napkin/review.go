package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// reviewFlags are the flags of `napkin review`.
type reviewFlags struct {
	outputFlags
	rehearseFlags
	rewriteFlags
	schema  string
	db      string
	server  string
	zone    string
	from    string
	since   string
	dialect choice
	tool    choice
	failOn  choice

	decision decisionFlags
}

func (f *face) reviewVerb() *cobra.Command {
	tools := []string{string(layout.Auto)}
	for _, t := range layout.Tools() {
		tools = append(tools, string(t))
	}
	flags := reviewFlags{
		outputFlags: outputFlags{format: choice{value: "text", allowed: []string{"text", "json", "markdown", "html", "sarif"}}},
		failOn:      choice{value: "high", allowed: []string{"critical", "high", "medium", "low", "none"}},
		dialect:     choice{value: "auto", allowed: []string{"auto", "postgresql", "mysql"}},
		tool:        choice{value: string(layout.Auto), allowed: tools},
	}
	cmd := &cobra.Command{
		Use:   "review MIGRATION... | DECISION.md",
		Short: "review database migrations, or a decision record, before they are carried out",
		Long: `Reads migrations of PostgreSQL, MySQL or MariaDB (SQL files, or the folder of a migration tool)
and reports what would block or break an application in use, lose data or fail. No server is
needed and nothing is executed.

What is known of the database decides: earlier migrations of the folder build the schema, and
--schema or --db give it. A table that the same change creates is silent, and so is one that
--db knows to be small. With --from or --since only new migrations are judged.

For each statement that blocks or breaks others the report holds a recipe that reaches the same
schema while the application goes on, or the reason why there is none. --rewrite writes the
recipes as files of a migration tool.

A decision record is Markdown with the headings of MADR and the model of its options in a fenced
napkin block. Each option's outcomes are computed as intervals, each constraint gets the
probability that it holds, claims are held against the base rates of this machine, and the
report says what moves the outcomes, where the order of two options flips and which questions
are open. It never chooses. docs/decisions.md tells how a record is written.`,
		Example: `napkin review migrations/20260101_add_index.sql
napkin review --since main migrations
napkin review --from 0042_orders.sql --server-version 15 migrations
napkin review --db postgres://reader@db/shop --fail-on medium -o review.sarif migrations/new.sql
napkin review --since main --rewrite safe --rewrite-as goose migrations
napkin review docs/adr/0007-queue.md --experiment`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("say what to review: migration files, the folder that holds them, or a decision record; see `napkin review --help`")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.runReview(cmd, args, &flags) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&flags.schema, "schema", "", "the schema before the migrations: the `file` of pg_dump --schema-only or mysqldump --no-data")
	fs.StringVar(&flags.db, "db", "", "read schema, sizes and version from the catalog of this database: a `URL` such as postgres://reader@host/name; no rows are read")
	fs.StringVar(&flags.server, "server-version", "", "the `version` of the server: 15, mysql-8.0.36, mariadb-10.11; that of --db, else the newest known, when not given")
	fs.Var(&flags.dialect, "dialect", "the `product` that the files are written for: auto, postgresql or mysql (also MariaDB)")
	fs.Var(&flags.tool, "tool", "the migration `tool`, whose rules of transactions hold: "+strings.Join(tools, ", "))
	fs.StringVar(&flags.zone, "timezone", "", "the time `zone` of the sessions that run the migrations; it decides whether timestamp to timestamptz rewrites a table")
	fs.StringVar(&flags.from, "from", "", "judge this migration and those behind it, by `file` or the start of its name; those before it build the schema")
	fs.StringVar(&flags.since, "since", "", "judge the migrations that are new or changed since this git `ref`; the others build the schema")
	fs.Var(&flags.failOn, "fail-on", "exit with 1 when a finding is of this `severity` or worse: critical, high, medium, low or none")
	fs.Var(&flags.format, "format", "the `form` of the report: text, json, markdown, html or, of migrations, sarif")
	fs.BoolVar(&flags.json, "json", false, "the same as --format json")
	fs.StringVarP(&flags.output, "output", "o", "", "write the report to `file` instead of standard output; its ending chooses the format: .txt, .json, .md, .html or, of migrations, .sarif")
	flags.defineRewrite(cmd)
	flags.decision.register(fs)
	flags.defineRehearsal(cmd)
	cmd.AddCommand(f.statsVerb(), f.scratchVerb(), f.matrixVerb())
	configurable(fs, userFile, "format")
	for name, c := range map[string]*choice{"format": &flags.format, "fail-on": &flags.failOn, "dialect": &flags.dialect, "tool": &flags.tool} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (f *face) runReview(cmd *cobra.Command, args []string, flags *reviewFlags) error {
	// Before settings are read: those of the environment are for all calls, and no mistake in this one.
	if err := misplaced(cmd, args); err != nil {
		return err
	}
	if err := f.configure(cmd, ""); err != nil {
		return err
	}
	if slices.ContainsFunc(args, isDecision) {
		if len(args) > 1 {
			return fmt.Errorf("review takes one decision record at a time, or migrations; %d arguments were given", len(args))
		}
		return f.reviewDecision(cmd, args[0], &flags.outputFlags, &flags.decision)
	}
	format, err := flags.chooseFormat(cmd.Flags().Changed("format"), endings, ".txt, .json, .md, .html or .sarif")
	if err != nil {
		return err
	}
	if format == formatPDF {
		return fmt.Errorf("--output %s: a review is written as text, JSON, Markdown, HTML or SARIF", flags.output)
	}
	if err := flags.checkRehearsal(); err != nil {
		return err
	}
	load, err := flags.load(cmd)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the current folder: %w", err)
	}
	paths, err := placed(here, args)
	if err != nil {
		return err
	}
	flags.root = here
	opt := review.Options{
		FS: files{}, Paths: paths, Tool: layout.Tool(flags.tool.value), Server: flags.server, TimeZone: flags.zone, From: filepath.ToSlash(flags.from),
		Version: programVersion(), Today: f.now(), Load: load,
	}
	if flags.dialect.value != "auto" {
		opt.Dialect = schema.Dialect(flags.dialect.value)
	}
	if err := f.reviewSchema(cmd.Context(), flags, &opt); err != nil {
		return err
	}
	if flags.since != "" {
		if flags.from != "" {
			return errors.New("--from and --since both say which migrations are new; give one")
		}
		if opt.Only, err = changedSince(cmd.Context(), here, paths, flags.since); err != nil {
			return err
		}
	}
	var how rehearse.Options
	if flags.rehearse {
		if flags.rehearse, err = f.rehearsable(opt); err != nil {
			return err
		}
	}
	if flags.rehearse {
		if how, err = f.rehearsalOptions(cmd.Context(), &flags.rehearseFlags, &opt, flags.db); err != nil {
			return err
		}
	}
	reviewed, err := review.Review(cmd.Context(), opt)
	if err != nil {
		if records := folderOfRecords(args); records != nil && cmd.Context().Err() == nil {
			return records
		}
		return err
	}
	r := reviewed.Report
	// What is in the way of writing is said before a rehearsal that takes minutes.
	if _, err := flags.planRecipes(reviewed.Offers); err != nil {
		return err
	}
	if flags.rehearse && reviewed.Judged() > 0 {
		if err := f.rehearsal(cmd.Context(), how, reviewed); err != nil {
			return err
		}
	}
	interrupted := f.code == exitInterrupted
	if !interrupted { // files would look as if they had been rehearsed
		if err := f.writeRecipes(&flags.rewriteFlags, reviewed.Offers, flags.rehearse); err != nil {
			return err
		}
	}
	if err := f.printReview(r, format, flags.output); err != nil {
		return err
	}
	f.napkinLine(reported(r.Limit))
	if !interrupted && failing(r, flags.failOn.value, false) {
		f.code = exitFindings
	}
	return nil
}

// reviewSchema reads what --schema and --db give.
func (f *face) reviewSchema(ctx context.Context, flags *reviewFlags, opt *review.Options) error {
	if flags.schema != "" && flags.db != "" {
		return errors.New("--schema and --db both give the schema; give one")
	}
	if flags.schema != "" {
		text, err := os.ReadFile(flags.schema)
		if err != nil {
			return fmt.Errorf("--schema %s: %w; give the file of a dump", flags.schema, errors.Unwrap(err))
		}
		opt.Schema, opt.SchemaName = text, filepath.Base(flags.schema)
	}
	if flags.db != "" {
		catalog, err := review.ReadCatalog(ctx, flags.db)
		if err != nil {
			return fmt.Errorf("--db: %w", err)
		}
		opt.Catalog = catalog
		if opt.Facts, err = review.ReadFacts(ctx, flags.db); err != nil {
			return fmt.Errorf("--db: %w", err)
		}
	}
	return nil
}

// printReview writes the report to standard output or to the file of --output.
func (f *face) printReview(r *report.Report, format, output string) error {
	var out bytes.Buffer
	var err error
	switch format {
	case "json":
		err = report.JSON(&out, r)
	case "sarif":
		err = report.SARIF(&out, r)
	case "markdown":
		err = report.Markdown(&out, r)
	case "html":
		err = report.HTML(&out, r)
	default:
		shown := *r
		shown.Limit = nil
		options := report.TextOptions{SQL: true, Width: f.width(f.stdout), Color: output == "" && f.colored(f.stdout)}
		if f.verbose {
			options.Top = -1
		}
		err = report.Text(&out, &shown, options)
	}
	if err != nil {
		return fmt.Errorf("render the report as %s: %w", format, err)
	}
	if output == "" {
		_, err := f.stdout.Write(out.Bytes())
		return err
	}
	if err := os.WriteFile(output, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// placed are the paths that the user named, as they are printed: below the folder where the user stands relative to it, else
// absolute, so that each can be opened from there.
func placed(here string, args []string) ([]string, error) {
	var out []string
	for _, a := range args {
		whole, err := filepath.Abs(a)
		if err != nil {
			return nil, fmt.Errorf("review %s: %w", a, err)
		}
		if relative, err := filepath.Rel(here, whole); err == nil && filepath.IsLocal(relative) {
			whole = relative
		}
		out = append(out, filepath.ToSlash(whole))
	}
	return out, nil
}

// files is the file system of the machine: names are relative to the folder where the user stands, or absolute.
type files struct{}

func (files) Open(name string) (fs.File, error) { return os.Open(filepath.FromSlash(name)) }

func (files) Stat(name string) (fs.FileInfo, error) { return os.Stat(filepath.FromSlash(name)) }

// at is the place of a path of the report on the disk.
func at(here, p string) string {
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(here, p)
}

// changedSince asks git which files are new or changed since a ref, untracked ones among them. The ref may come
// from a stranger, the name of a branch in CI: it is resolved to a commit before git sees it anywhere else. paths are
// those of the review; all of them lie in the repository of the first.
func changedSince(ctx context.Context, here string, paths []string, ref string) (func(string) bool, error) {
	real := func(p string) string {
		p = at(here, p)
		if resolved, err := filepath.EvalSymlinks(p); err == nil {
			return resolved
		}
		return p
	}
	var whole []string
	for _, p := range paths {
		whole = append(whole, real(p))
	}
	folder := whole[0]
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		folder = filepath.Dir(folder)
	}
	top, err := git(ctx, folder, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("--since %s: %s is not in a git repository; name the new migrations, or give --from", ref, folder)
	}
	top = filepath.FromSlash(strings.TrimSuffix(strings.TrimSuffix(top, "\n"), "\r"))
	commit, err := git(ctx, top, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--since %s: git knows no commit, branch or tag of that name here; a shallow clone may lack it (git fetch)", ref)
	}
	changed := map[string]bool{}
	for _, args := range [][]string{
		{"--literal-pathspecs", "diff", "-z", "--name-only", "--no-relative", "--diff-filter=d", strings.TrimSpace(commit), "--"},
		{"--literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard", "--"},
	} {
		out, err := git(ctx, top, append(args, whole...)...)
		if err != nil {
			return nil, fmt.Errorf("--since %s: %w", ref, err)
		}
		for _, p := range strings.Split(out, "\x00") {
			if p != "" {
				changed[filepath.Join(top, filepath.FromSlash(p))] = true
			}
		}
	}
	return func(p string) bool { return changed[real(p)] }, nil
}

// git runs git in a folder. The error holds the first line of what it said.
func git(ctx context.Context, folder string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = folder
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("git is not installed")
	}
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", fmt.Errorf("git %s: %s", args[0], cmp.Or(said, err.Error()))
	}
	return string(out), nil
}
