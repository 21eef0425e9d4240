package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/foundation/database/dbrate"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// measureFlags are those of `napkin rates measure`.
type measureFlags struct {
	quick  bool
	dir    string
	urls   []string
	yes    bool
	asJSON bool
}

func (f *face) ratesMeasureVerb() *cobra.Command {
	var flags measureFlags
	cmd := &cobra.Command{
		Use:   "measure [WORD...]",
		Short: "measure the base rates of this machine in under a minute; only names that hold a word, or all",
		Long: `Measures memory, CPU, system calls, loopback network, disk and databases, and keeps the rates
for every later run on this machine. With words only the rates whose name holds one are
measured, and the others stay as they were.

PostgreSQL, MariaDB and Redis are started privately where their programs are installed, with
their data on the disk that is measured; SQLite runs within napkin. A server given by --url
stands in for the private one of its product. It is only connected to and pinged, unless
--yes allows more: a schema, tables or keys named napkin_rates_..., removed at the end.

Every probe proves its own work by a checksum. A rate that other work disturbed is kept as
noisy; it is an order of magnitude. Files of at most 256 MiB are written below --dir, one at a
time, and removed. Ctrl-C keeps nothing.`,
		Example: "napkin rates measure\nnapkin rates measure --quick\nnapkin rates measure fsync disk --dir /var/lib/postgresql\nnapkin rates measure postgres --url postgres://app@db.internal/shop --yes",
		RunE: func(cmd *cobra.Command, words []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.measure(cmd.Context(), words, flags)
		},
	}
	cmd.Flags().BoolVar(&flags.quick, "quick", false, "take a third of the time; intervals are wider")
	cmd.Flags().StringVar(&flags.dir, "dir", "", "the `folder` whose disk is measured; the user's state folder where none is given")
	cmd.Flags().StringArrayVar(&flags.urls, "url", nil, "the `URL` of a server to measure: postgres://, mysql:// or redis://; may be repeated")
	cmd.Flags().BoolVar(&flags.yes, "yes", false, "allow probes to write into the servers of --url, in places of their own that they remove")
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	return cmd
}

func (f *face) measure(ctx context.Context, words []string, flags measureFlags) error {
	machine := workspace.ThisMachine(f.getenv)
	if machine.State == "" {
		return errors.New("measure: neither HOME nor XDG_STATE_HOME is set, so there is no folder to keep the rates in; set one")
	}
	if err := os.MkdirAll(machine.State, 0o755); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	databases, err := dbrate.Groups(dbrate.Options{URLs: flags.urls, Write: flags.yes})
	if err != nil {
		return fmt.Errorf("measure: --url: %w", err)
	}
	groups := measure.Groups()
	if f.program.Path != "" {
		groups = append(groups, measure.Start(f.program))
	}
	options := measure.Options{Groups: append(groups, databases...), Words: words, Dir: flags.dir, Quick: flags.quick, Today: f.now()}
	if options.Dir == "" {
		options.Dir = machine.State
	}
	// Servers are started in folders of their own, where a relative path means another one.
	if options.Dir, err = filepath.Abs(options.Dir); err != nil {
		return fmt.Errorf("measure: --dir %s: %w", flags.dir, err)
	}
	if info, err := os.Stat(options.Dir); err != nil || !info.IsDir() {
		return fmt.Errorf("measure: --dir %s: there is no such folder", flags.dir)
	}
	count, err := options.Count()
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	if len(flags.urls) > 0 && flags.yes {
		f.note("probes will make a schema, tables or keys named napkin_rates_... on the servers given, and remove them")
	}
	f.note("measuring %d rates; files of at most 256 MiB are written below %s and removed", count, options.Dir)
	stage := f.progress().Stage("measuring this machine", int64(count))
	options.Done = func() { stage.Add(1) }
	result, err := measure.Run(ctx, options)
	stage.End()
	if ctx.Err() != nil {
		return fmt.Errorf("%w: nothing was kept, earlier rates stand as they were", errInterrupted)
	}
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	for _, r := range result.Refused {
		f.note("not measured: %s: %s", r.Name, firstLines(r.Reason.Error(), foreignLines))
	}
	given := ""
	if flags.dir != "" {
		given = options.Dir
	}
	place(result.Rates, options.Groups, flags.urls, given)
	if len(result.Rates) == 0 {
		return errors.New("measure: nothing could be measured; the reasons stand above")
	}
	keep := machine.SaveRates
	if len(words) > 0 {
		keep = machine.AddRates
	}
	path, err := keep(result.Rates)
	if err != nil {
		return err
	}
	work := limit.Work{Name: "samples", Amount: float64(count), Of: "probes",
		Rate: rate.Rate{Kind: rate.Latency, Value: result.Sampled.Seconds() / float64(count), Origin: rate.Given, Source: "the time that a probe is given for its samples"}}
	if err := f.printMeasured(result, path, work, flags.asJSON); err != nil {
		return err
	}
	f.napkinLine(work)
	return nil
}

// serverPlace begins what a rate says of a server that was given by its URL.
const serverPlace = "server "

// place says of each rate that is not of this machine and its usual folder where it was measured: the server whose
// URL was given, without its user and password, or the folder whose disk was.
func place(rates []rate.Rate, groups []measure.Group, urls []string, dir string) {
	hosts := map[string]string{}
	for _, text := range urls {
		scheme, _, _ := strings.Cut(text, ":")
		product := map[string]string{"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "redis": "redis", "rediss": "redis"}[scheme]
		hosts[product] = serverPlace + "given"
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			hosts[product] = serverPlace + u.Host
		}
	}
	for i := range rates {
		for _, g := range groups {
			if !slices.ContainsFunc(g.Probes, func(p measure.Probe) bool { return p.Name == rates[i].Name }) {
				continue
			}
			switch host := hosts[g.Name]; {
			case host != "":
				rates[i].Where = host
			case dir != "" && g.Disk:
				rates[i].Where = "this machine, disk of " + dir
			}
		}
	}
}

// foreignLines is how much of what another program says is printed.
const foreignLines = 3

// firstLines returns the first lines of a text, and how many it has left out.
func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) <= n {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines[:n], "\n") + fmt.Sprintf("\n(and %d more lines)", len(lines)-n)
}

// refusedRate is a rate that could not be measured, in JSON.
type refusedRate struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (f *face) printMeasured(result measure.Result, path string, work limit.Item, asJSON bool) error {
	shown := f.beside(result.Rates)
	if asJSON {
		refused := make([]refusedRate, len(result.Refused))
		for i, r := range result.Refused {
			refused[i] = refusedRate{r.Name, r.Reason.Error()}
		}
		if err := printJSON(f.stdout, map[string]any{"schema_version": ratesSchema, "rates": shown, "refused": refused, "limit": f.sofar(work).JSON()}); err != nil {
			return err
		}
	} else {
		f.printRates(shown)
	}
	verdicts := map[rate.Verdict]int{}
	for _, r := range result.Rates {
		verdicts[r.Verdict]++
	}
	f.note("%d %s kept in %s: %d quiet, %d noisy, %d invalid", len(result.Rates), map[bool]string{true: "rate", false: "rates"}[len(result.Rates) == 1], path, verdicts[rate.Quiet], verdicts[rate.Noisy], verdicts[rate.Invalid])
	return nil
}
