package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// diffFlags are the flags of `napkin diff`.
type diffFlags struct {
	outputFlags
	tables           names
	allTables        bool
	schemaA, schemaB string

	key, columns, exclude names
	mapping               namePairs
	tolerance             tolerances
	where, whereA, whereB string

	snapshot           bool
	recheck            window
	sample, confidence share
	limit              whole
	plan               choice
	workers, rangeRows whole
	megabytes          count // per second
	resume             bool

	explain, schemaOnly bool
	repair              string
	direction           choice
	apply, yes          bool
}

func newDiffFlags() diffFlags {
	return diffFlags{
		outputFlags: outputFlags{format: choice{value: "text", allowed: []string{"text", "json", "ndjson", "markdown", "html"}}},
		recheck:     window{value: defaultRecheck},
		confidence:  share{value: 0.95},
		plan:        choice{value: "auto", allowed: []string{"auto", "stream", "native", "portable", "join"}},
		direction:   choice{value: "a-to-b", allowed: []string{"a-to-b", "b-to-a"}},
	}
}

func (f *face) diffVerb() *cobra.Command {
	flags := newDiffFlags()
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "compare two databases exactly: which rows differ, and what the differences have in common",
		Long: `Compares the rows of tables of two databases, of the same product or of two, and says which differ and
what the differences of each column have in common. A and B are URLs: postgres://user@host/name,
mysql://user@host/name (MariaDB too), sqlite:FILE. Passwords may stand in the URL, in PGPASSWORD,
.pgpass or MYSQL_PWD; they are never printed. Both sides are only read, unless --apply is given, and
nothing is locked, unless --snapshot is given and a side is MySQL or MariaDB.

Values are compared as values: 1.10 is 1.1, a bigint is an integer, a moment is a moment in UTC. Nothing
is rounded, and NULL is no text. Between two SQLite files, like columns are compared as they are stored:
1 is not '1'. What a comparison takes for granted is said in its notes. The plan (streaming rows, hashing on the servers, a join on one server)
is chosen by rates that are measured first; --explain prints it and reads no row.

Rows are told apart by the primary key, else by a unique index whose columns are NOT NULL, else whole
rows are compared as a multiset; --key overrides that. With several tables, a column in --key, --columns,
--exclude, --map and --tolerance may be written TABLE.COLUMN to mean that table alone.

On tables that are written to, a difference is a supposition: the two sides are read at different
moments. Between two servers rows that differ are therefore read again until both sides kept their values
for the time of --recheck, which must exceed the delay of a replica; what was equal by then is counted as
transient and is no difference.

A column that stands on one side only is a difference, unless its side computes it from others; --exclude
leaves it out, --map pairs it with one of another name. Other differences of the schemas are shown, and
are differences only with --schema-only. A table that could not be read to its end is never called equal:
the exit code is then 2, even where others differ.`,
		Example: `napkin diff postgres://db1/shop postgres://db2/shop --all-tables
napkin diff mysql://root@old/shop postgres://new/shop --table users --exclude updated_at
napkin diff sqlite:a.db sqlite:b.db --table users:people --map mail=email
napkin diff A B --table orders --where "created_at >= '2026-01-01'" --explain
napkin diff A B --table orders --sample 5% --confidence 99%
napkin diff A B --table orders --repair fix.sql
napkin diff A B --table orders --format ndjson | jq .key`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("two databases are compared, and %d were given; write napkin diff A B, each a URL such as postgres://host/name or sqlite:FILE", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.runDiff(cmd, args, &flags) },
	}
	flags.define(cmd)
	return cmd
}

func (flags *diffFlags) define(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.Var(&flags.tables, "table", "compare this `table`; schema.table names one outside the default schema, a:b one that is called a in A and b in B; a name that holds a dot, a colon or a comma stands in double quotes, as in '\"x.y\"'; may be repeated")
	fs.BoolVar(&flags.allTables, "all-tables", false, "compare all tables of the schema, but no views, paired by name; one that stands on one side only is a difference")
	fs.StringVar(&flags.schemaA, "schema", "", "the `schema` of the tables (the database, for MySQL), instead of the default one")
	fs.StringVar(&flags.schemaB, "schema-b", "", "the `schema` in B, when it is another than in A")
	fs.Var(&flags.key, "key", "tell rows apart by this `column`; may be repeated, in the order of the key")
	fs.Var(&flags.columns, "columns", "compare only this `column` beside the key; may be repeated")
	fs.Var(&flags.exclude, "exclude", "do not compare this `column` of either side; may be repeated")
	fs.Var(&flags.mapping, "map", "the column a of A is called b in B, as `a=b`; may be repeated")
	fs.Var(&flags.tolerance, "tolerance", "numbers of a column that are at most so far apart are equal, as `column=1e-9`; may be repeated")
	fs.StringVar(&flags.where, "where", "", "compare only rows that meet this `condition`, in SQL")
	fs.StringVar(&flags.whereA, "where-a", "", "the `condition` for A alone")
	fs.StringVar(&flags.whereB, "where-b", "", "the `condition` for B alone")
	fs.BoolVar(&flags.snapshot, "snapshot", false, "read each side at one point in time; MySQL and MariaDB are locked for that moment (FLUSH TABLES WITH READ LOCK, which needs the right RELOAD)")
	fs.Var(&flags.recheck, "recheck", "read rows that differ again until both sides kept their values for this `time`; longer than a replica's delay; 0 reads nothing again; 250ms between two servers, else 0")
	fs.Var(&flags.sample, "sample", "compare only this `share` of the key's ranges, such as 5% or 0.05, drawn at random by each run; says what follows for the rest")
	fs.Var(&flags.confidence, "confidence", "how sure the statement of --sample is to be, a `share` such as 95%")
	fs.Var(&flags.limit, "limit", "end after this `number` of differences in a table")
	fs.Var(&flags.plan, "plan", "use this `plan` instead of the fastest: stream, native, portable or join")
	fs.BoolVar(&flags.explain, "explain", false, "print the plan, the predicted time and what bounds it; reads no row")
	fs.Var(&flags.workers, "workers", "the `number` of connections to each side; chosen when not given")
	fs.Var(&flags.rangeRows, "range-rows", "the `number` of rows that are compared at once")
	_ = fs.MarkHidden("range-rows")
	fs.Var(&flags.megabytes, "max-mb-per-s", "receive at most this `number` of megabytes a second, of both sides together")
	fs.BoolVar(&flags.resume, "resume", false, "go on from the journal of a run that was cut off, with the same tables, columns, conditions and sample")
	fs.BoolVar(&flags.schemaOnly, "schema-only", false, "compare the schemas and read no row; exit 1 when they differ in more than looks")
	fs.StringVar(&flags.repair, "repair", "", "write SQL that makes the target equal to this `file`, guarded by old values and in the order of foreign keys; what could lose data is left out and listed; nothing is applied")
	fs.Var(&flags.direction, "direction", "the `word` that says which side is repaired: a-to-b makes B like A, b-to-a makes A like B")
	fs.BoolVar(&flags.apply, "apply", false, "apply the repair in one transaction, after it was shown and you typed yes, and compare again; it is whole or nothing")
	fs.BoolVar(&flags.yes, "yes", false, "apply without being asked")
	fs.Var(&flags.format, "format", "the `form` of the answer: text, json, ndjson (a line for each difference), markdown or html")
	fs.BoolVar(&flags.json, "json", false, "the same as --format json")
	fs.StringVarP(&flags.output, "output", "o", "", "write the answer to `file` instead of standard output (- means standard output); its ending chooses the format when --format is not given: .txt, .json, .ndjson, .md, .html, or .pdf where a Chromium is installed")
	configurable(fs, userFile, "format", "workers", "max-mb-per-s")
	configurable(fs, projectFile, "exclude", "tolerance", "recheck", "confidence")
	for name, c := range map[string]*choice{"format": &flags.format, "plan": &flags.plan, "direction": &flags.direction} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp))
	}
}

// diffEndings are the file endings that choose a format.
var diffEndings = map[string]string{
	".txt": "text", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".md": "markdown", ".markdown": "markdown",
	".html": "html", ".htm": "html", ".pdf": formatPDF,
}

// check refuses combinations that have no answer.
func (flags *diffFlags) check(format string) error {
	refuse := func(wrong bool, text string) error {
		if wrong {
			return fmt.Errorf("%s", text)
		}
		return nil
	}
	for _, err := range []error{
		refuse(len(flags.tables) > 0 && flags.allTables, "--table and --all-tables exclude each other; give one"),
		refuse(flags.where != "" && (flags.whereA != "" || flags.whereB != ""), "--where is for both sides; give either it or --where-a and --where-b"),
		refuse(flags.explain && format != "text" && format != "json", "--explain prints text or JSON, not "+format),
		refuse(flags.schemaOnly && format == "ndjson", "NDJSON is a line for each row that differs, and --schema-only reads none; use --json"),
		refuse(flags.schemaOnly && (flags.repair != "" || flags.apply), "--schema-only reads no rows, so there is nothing to repair"),
		refuse(flags.explain && (flags.repair != "" || flags.apply || flags.schemaOnly), "--explain reads no rows; leave out --repair, --apply and --schema-only"),
		refuse(flags.yes && !flags.apply, "--yes answers the question of --apply, which was not given"),
		refuse(flags.apply && flags.limit.value > 0, "--apply repairs all that differs; leave out --limit, or write part of it with --repair"),
		refuse(flags.apply && flags.sample.value > 0 && flags.sample.value < 1, "--apply repairs all that differs; leave out --sample, or write part of it with --repair"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *face) runDiff(cmd *cobra.Command, args []string, flags *diffFlags) error {
	if err := f.configure(cmd, "."); err != nil {
		return err
	}
	format, err := flags.chooseFormat(cmd.Flags().Changed("format"), diffEndings, ".txt, .json, .ndjson, .md, .html or .pdf")
	if err != nil {
		return err
	}
	if err := flags.check(format); err != nil {
		return err
	}
	if err := f.mayApply(flags); err != nil {
		return err
	}
	ctx := cmd.Context()
	d := &comparing{face: f, flags: flags, format: format, urls: args}
	if format == formatPDF {
		if d.browser, err = f.chromium(flags.output); err != nil {
			return err
		}
	}
	defer d.close()
	if err := d.open(ctx); err != nil {
		return d.stopped(ctx, err)
	}
	if err := d.choose(ctx); err != nil {
		return d.stopped(ctx, err)
	}
	if flags.explain {
		return d.explain(ctx)
	}
	if err := d.compare(ctx); err != nil {
		return err
	}
	d.applyRepair(ctx)
	return d.finish(ctx)
}

// stopped turns an error that an interrupt caused into the one for that.
func (d *comparing) stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// exitOf is the exit code for a verdict.
func exitOf(v datadiff.Verdict) int {
	switch v {
	case datadiff.Equal:
		return exitOK
	case datadiff.Different:
		return exitFindings
	}
	return exitError
}
