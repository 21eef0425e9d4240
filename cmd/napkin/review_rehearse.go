package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// rehearseFlags are those of `napkin review --rehearse`.
type rehearseFlags struct {
	rehearse   bool
	stats      string
	scratchURL string
	rows       whole
	maxTime    window
	rates      string
}

func (flags *rehearseFlags) defineRehearsal(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&flags.rehearse, "rehearse", false, "run the migrations on a private scratch server (PostgreSQL) against generated rows: locks as measured, and times at production's size")
	fs.StringVar(&flags.stats, "stats", "", "rows like those of production: the `file` of napkin review stats; those of --db when not given")
	fs.StringVar(&flags.scratchURL, "scratch-url", "", "rehearse on the server of this `URL` instead; it must be marked by napkin review scratch mark")
	fs.Var(&flags.rows, "rows", "the greatest `number` of rows of a table in the rehearsal; a million when not given")
	fs.Var(&flags.maxTime, "max-time", "end the rehearsal after this `time`; 10min when not given")
	fs.StringVar(&flags.rates, "production-rates", "", "base rates of production's machine: the `file` that napkin rates show --json printed there; taken to be like this machine when not given")
}

// checkRehearsal refuses flags of a rehearsal without one.
func (flags *rehearseFlags) checkRehearsal() error {
	if !flags.rehearse && (flags.stats != "" || flags.scratchURL != "" || flags.rows.value != 0 || flags.maxTime.given || flags.rates != "") {
		return errors.New("--stats, --scratch-url, --rows, --max-time and --production-rates are for a rehearsal; add --rehearse")
	}
	return nil
}

// rehearsalOptions says how to rehearse. Where nobody told production's version it is taken into opt from the
// statistics, or is that of the server that the rehearsal uses, so that lint and rehearsal judge the same.
func (f *face) rehearsalOptions(ctx context.Context, flags *rehearseFlags, opt *review.Options, db string) (how rehearse.Options, err error) {
	how = rehearse.Options{ScratchURL: flags.scratchURL, Rows: flags.rows.value, MaxTime: flags.maxTime.value, Queue: true, Seed: 1, Progress: f.progress()}
	switch {
	case flags.stats != "":
		how.Statistics, err = scale.Load(flags.stats)
	case db != "":
		how.Statistics, err = readStatistics(ctx, db, scale.Options{Now: f.now()})
	default:
		f.note("without --stats or --db production's rows are not known, so no time in production is estimated")
	}
	if err != nil {
		return how, err
	}
	if how.Here, err = workspace.ThisMachine(f.getenv).Profile(); err != nil {
		return how, err
	}
	if flags.rates != "" {
		if how.Production, err = loadRates(flags.rates); err != nil {
			return how, err
		}
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if store, err := pgrelease.DefaultStore(f.getenv, cache); err == nil {
			how.Store = &store
		}
	}
	switch {
	case opt.Server != "" || opt.Catalog != nil || opt.Dialect == schema.MySQL:
	case how.Statistics != nil:
		opt.Server = fmt.Sprint(how.Statistics.Server.Major())
	default:
		opt.Server, err = rehearse.ServerVersion(ctx, how)
		f.note("the version of production is not known; PostgreSQL %s is judged and rehearsed, say --server-version for another", opt.Server)
	}
	return how, err
}

// rehearsable says in one sentence when there is nothing to rehearse for a product that rehearsals do not know.
func (f *face) rehearsable(opt review.Options) (bool, error) {
	product, err := review.Product(opt)
	if err == nil && product == schema.MySQL {
		f.note("rehearsals are for PostgreSQL only; the lint of these migrations for MySQL and MariaDB follows")
		return false, nil
	}
	return true, err
}

// rehearsal rehearses what the lint judged and adds it to the report. An interrupt leaves what was found by then, and the
// exit code says so.
func (f *face) rehearsal(ctx context.Context, how rehearse.Options, reviewed *review.Result) error {
	result, err := review.Rehearse(ctx, reviewed, how)
	reviewed.Report.Limit = nil // that of the lint says nothing of a rehearsal
	if ctx.Err() == nil && err != nil {
		return err
	}
	if result != nil && len(result.Statements) > 0 || ctx.Err() == nil {
		review.AddRehearsal(reviewed, result)
	}
	if ctx.Err() == nil {
		err = review.RehearseRecipes(ctx, how, reviewed, result)
	}
	if ctx.Err() != nil {
		review.Interrupted(reviewed)
		f.code, err = exitInterrupted, nil
	}
	return err
}

func readStatistics(ctx context.Context, url string, o scale.Options) (*scale.Statistics, error) {
	u, err := database.Parse(url)
	if err != nil {
		return nil, err
	}
	if u.Kind != database.Postgres {
		return nil, fmt.Errorf("statistics of %s: they are read from PostgreSQL only", u)
	}
	conn, err := database.OpenPostgres(ctx, u, database.Options{StatementTimeout: time.Minute})
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return scale.Read(ctx, conn, o)
}

// loadRates reads what `napkin rates show --json` prints.
func loadRates(path string) (*rate.Profile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--production-rates: %w", err)
	}
	var file struct {
		Rates []rate.Rate `json:"rates"`
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Rates) == 0 {
		return nil, fmt.Errorf("--production-rates %s: it holds no base rates; write it on production's machine with `napkin rates show --json`", path)
	}
	return rate.NewProfile(file.Rates...), nil
}
