package main

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/database"
)

// statsVerb is `napkin review stats`.
func (f *face) statsVerb() *cobra.Command {
	var db, output string
	var values, sample bool
	var interval window
	cmd := &cobra.Command{
		Use:   "stats --db URL -o FILE",
		Short: "save the statistics of a PostgreSQL database for rehearsals elsewhere",
		Long: `Reads sizes, schema, settings and the shapes of columns over a read-only connection and writes
them to a file, so that a rehearsal needs no connection to production. The file holds no values of
users but the least and greatest of numbers and times; texts are known by their lengths.
--values adds the most common values and the bounds of histograms. --sample reads rows of tables
that have indexes of several columns and counts how many keys these have; only the counts are kept.`,
		Example: "napkin review stats --db postgres://reader@db/shop -o stats.json\nnapkin review --rehearse --stats stats.json --from 0042 migrations",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if db == "" {
				return errors.New("say which database: --db postgres://user@host/name")
			}
			if output == "" {
				return errors.New("say where to: -o stats.json")
			}
			s, err := readStatistics(cmd.Context(), db, scale.Options{Values: values, Sample: sample, Interval: interval.value, Now: f.now()})
			if cmd.Context().Err() != nil {
				return errInterrupted
			}
			if err != nil {
				return err
			}
			if err := s.Save(output); err != nil {
				return err
			}
			for _, n := range s.Notes {
				f.note("%s", n)
			}
			what := "no values of users but the bounds of numbers and times"
			if values {
				what = "values of users: keep it as you keep the database"
			}
			f.note("wrote the statistics of %d tables of PostgreSQL %s to %s; it holds %s", len(s.Tables), s.Server.Version, output, what)
			f.napkinLine(nil) // it waits for a server whose rates are not those of this machine
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&db, "db", "", "the `URL` of the database, postgres://user@host/name")
	fs.StringVarP(&output, "output", "o", "", "write to this `file`, which only you may read")
	fs.BoolVar(&values, "values", false, "keep the most common values and the bounds of histograms too; they are data of users")
	fs.BoolVar(&sample, "sample", false, "count the keys of indexes of several columns in a sample of rows, at most 40 MB and 20 s for each index")
	fs.Var(&interval, "interval", "watch rates of reading and writing for this `time`; else they are means since the server's counters were reset")
	return cmd
}

// scratchVerb is `napkin review scratch mark URL`.
func (f *face) scratchVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scratch",
		Short: "mark a database whose server may be used for rehearsals",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var yes bool
	mark := &cobra.Command{
		Use:   "mark URL",
		Short: "mark an empty database: rehearsals may make, fill and drop databases on its server",
		Long: `Writes a marker into an empty PostgreSQL database. From then on --scratch-url takes it: a rehearsal
makes databases called napkin_rehearsal_* on its server, fills them, runs migrations in them and
drops them. Never mark a database on a server that others depend on: the load is heavy. The other
databases of the server are named before you are asked. Take a user that may make databases and
nothing else; statements that reach beyond their database are left out, but code can hide them.`,
		Example: "napkin review scratch mark postgres://me@testserver/napkin_scratch",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one database: napkin review scratch mark postgres://user@host/name")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			u, err := database.Parse(args[0])
			if err != nil {
				return err
			}
			config, err := pgx.ParseConfig(args[0])
			if err != nil || u.Kind != database.Postgres {
				return fmt.Errorf("%s is not the URL of a PostgreSQL database", u)
			}
			others, superuser, err := rehearse.Neighbours(cmd.Context(), config)
			if err != nil {
				return err
			}
			f.note("rehearsals may then make, fill and drop databases on the server of %s, and put a heavy load on it", u)
			if len(others) > 0 {
				f.note("the server also holds %s; the load slows them, and whoever uses them. A server of its own is better", neighbours(others))
			}
			if superuser {
				f.note("the user is a superuser, so that code of a migration could reach beyond its database; better is one that may make databases only: create role napkin_scratch login createdb")
			}
			if !yes {
				if err := f.asked("mark it"); err != nil {
					return err
				}
			}
			if err := rehearse.Mark(cmd.Context(), config); err != nil {
				return err
			}
			f.note("%s is marked; use it with --scratch-url", u)
			return nil
		},
	}
	mark.Flags().BoolVar(&yes, "yes", false, "mark without being asked")
	cmd.AddCommand(mark)
	return cmd
}

// neighbours names databases and how many sessions use them.
func neighbours(all []rehearse.Neighbour) string {
	const named = 10
	var parts []string
	for i, n := range all {
		if i == named {
			parts = append(parts, fmt.Sprintf("%d more", len(all)-named))
			break
		}
		text := strconv.Quote(n.Name)
		if n.Sessions > 0 {
			text += fmt.Sprintf(" (in use by %d)", n.Sessions)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// asked returns nil when a person at the terminal types yes.
func (f *face) asked(what string) error {
	refused := fmt.Errorf("nothing was done; to %s, type yes when asked, or give --yes", what)
	if f.noInput || !f.stdinTerminal() {
		return refused
	}
	fmt.Fprintf(f.stderr, "Type yes to %s: ", what)
	line, err := bufio.NewReader(f.stdin).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "yes" {
		return refused
	}
	return nil
}
