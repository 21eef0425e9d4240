package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// auditFlags are the flags of `napkin audit`.
type auditFlags struct {
	outputFlags
	only         list
	failOn       choice
	baseline     string
	rtt          duration
	rows         rows
	rps          count
	includeTests bool
}

func (f *face) auditVerb() *cobra.Command {
	flags := auditFlags{
		outputFlags: outputFlags{format: choice{value: "text", allowed: []string{"text", "json", "markdown", "html", "sarif"}}},
		failOn:      choice{value: "none", allowed: []string{"critical", "high", "medium", "low", "none"}},
	}
	cmd := &cobra.Command{
		Use:   "audit [PATH]",
		Short: "audit a code base: what breaks first, what it costs, how to fix it",
		Long: `Reads the code base at PATH (the current folder when none is given) and reports what will
break first and at what load. The report is printed, and is kept in PATH/.napkin as HTML,
Markdown, JSON and SARIF beside the patches. Nothing of the code base is executed.

Costs are computed from base rates and from what is known of the load. Say what you know
with --rtt, --rows and --rps: costs and the order of findings follow.`,
		Example: `napkin audit .
napkin audit --rows orders=1e7 --rows users=300k --rtt 0.8ms --rps 200 .
napkin audit --fail-on high --baseline main.json -o audit.sarif .
napkin audit --only 'db.n1-*' --only ops .`,
		Args: atMostOne("one code base is audited at a time, and %d were given; run napkin audit for each"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := "."
			if len(args) == 1 {
				root = args[0]
			}
			return f.runAudit(cmd, root, &flags)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.Var(&flags.format, "format", "the `form` of the report: text, json, markdown, html or sarif")
	fs.BoolVar(&flags.json, "json", false, "the same as --format json")
	fs.StringVarP(&flags.output, "output", "o", "", "write the report to `file` instead of standard output (- means standard output); its ending chooses the format when --format is not given: .txt, .json, .md, .html, .sarif, or .pdf where a Chromium is installed")
	fs.Var(&flags.only, "only", "look only for this `rule`, family (db) or pattern (db.n1-*); may be repeated")
	fs.Var(&flags.failOn, "fail-on", "exit with 1 when a finding is of this `severity` or worse: critical, high, medium or low; with --baseline only new findings count")
	fs.StringVar(&flags.baseline, "baseline", "", "compare with this earlier report: the JSON `file`, or the audited folder that holds it; none for no comparison; the last run of this folder when not given")
	fs.Var(&flags.rtt, "rtt", "round trip between application and database, a `time` such as 0.8ms")
	fs.Var(&flags.rows, "rows", "rows of a table as `table=count`, such as orders=1e7 or users=300k; may be repeated")
	fs.Var(&flags.rps, "rps", "requests per second to an entry point that users read from, a `number` such as 200; forms and admin pages count as a part of it")
	fs.BoolVar(&flags.includeTests, "include-tests", false, "audit test code as well")
	configurable(fs, userFile, "format", "baseline")
	configurable(fs, projectFile, "only", "fail-on", "rtt", "rows", "rps", "include-tests")
	_ = cmd.RegisterFlagCompletionFunc("only", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
	})
	for name, c := range map[string]*choice{"format": &flags.format, "fail-on": &flags.failOn} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (f *face) runAudit(cmd *cobra.Command, root string, flags *auditFlags) error {
	info, err := os.Stat(root)
	if err != nil {
		return fmt.Errorf("audit %s: %w; give the root of a code base", root, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("audit %s: it is a file; give the folder of the code base", root)
	}
	if err := f.configure(cmd, root); err != nil {
		return err
	}
	format, err := flags.chooseFormat(cmd.Flags().Changed("format"), endings, ".txt, .json, .md, .html, .sarif or .pdf")
	if err != nil {
		return err
	}
	var browser string
	if format == formatPDF {
		if browser, err = f.chromium(flags.output); err != nil {
			return err
		}
	}
	if err := checkOnly(flags.only); err != nil {
		return fmt.Errorf("--only: %w", err)
	}
	space := workspace.At(root)
	defer space.Close()
	base, err := f.earlier(cmd.Context(), space, flags)
	if err != nil {
		return err
	}
	machine := workspace.ThisMachine(f.getenv)
	profile, err := machine.Profile()
	if err != nil {
		f.note("%v; published rates are used", err)
	}
	options := audit.Options{
		Root: root, Only: flags.only, RTT: flags.rtt.value, Rows: flags.rows.values, RPS: flags.rps.value,
		Progress: f.progress(), Profile: profile, Version: programVersion(), IncludeTests: flags.includeTests,
	}
	if machine.Cache != "" {
		options.CacheDir = filepath.Join(machine.Cache, "audit")
	}
	began := f.now()
	result, err := f.audit(cmd.Context(), options)
	if err != nil {
		return fmt.Errorf("audit %s: %w", root, err)
	}
	out := outcome{result: result, base: base, began: began, took: f.now().Sub(began), scope: strings.Join(flags.only, ",")}
	// A report may be partial without an interrupt, when the code base is larger than a bound of the
	// audit; that run is as whole as any other of this code base will be.
	out.interrupted = result.Partial && cmd.Context().Err() != nil
	if out.interrupted {
		f.code = exitInterrupted
	}
	if base != nil && base.asked {
		audit.Compare(result.Report, base.report, base.name, flags.only)
	}
	rendered, err := out.render(flags.only)
	if err != nil {
		return err
	}
	f.keep(context.WithoutCancel(cmd.Context()), space, &out, rendered)
	if format == formatPDF {
		err = printPDF(context.WithoutCancel(cmd.Context()), browser, rendered["html"], flags.output)
	} else {
		err = f.print(&out, rendered, format, flags.output)
	}
	if err != nil {
		return err
	}
	f.napkinLine(reported(result.Report.Limit))
	if f.code == exitOK && failing(result.Report, flags.failOn.value, base != nil && base.asked) {
		f.code = exitFindings
	}
	return nil
}

// endings are the file endings that choose a format.
var endings = map[string]string{
	".txt": "text", ".json": "json", ".md": "markdown", ".markdown": "markdown",
	".html": "html", ".htm": "html", ".sarif": "sarif", ".pdf": formatPDF,
}

// failing holds when a finding that counts is of the severity or worse.
func failing(r *report.Report, severity string, onlyNew bool) bool {
	if severity == "none" {
		return false
	}
	worst := report.Severity(severity).Rank()
	for _, finding := range r.Findings {
		counts := finding.Status != report.StatusSuppressed && (!onlyNew || finding.Status == report.StatusNew)
		if counts && finding.Severity.Rank() <= worst {
			return true
		}
	}
	return false
}

func ruleIDs() []string {
	var ids []string
	for _, r := range audit.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// list is a repeatable flag; commas separate several values too.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Type() string   { return "list" }

func (l *list) Set(s string) error {
	for _, item := range strings.Split(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			*l = append(*l, item)
		}
	}
	return nil
}

type duration struct{ value time.Duration }

func (d *duration) Type() string { return "time" }

func (d *duration) String() string {
	if d.value == 0 {
		return ""
	}
	return unit.Duration(d.value)
}

func (d *duration) Set(s string) error {
	value, err := unit.ParseDuration(s)
	if err == nil && value <= 0 {
		err = errors.New("a round trip takes more than no time")
	}
	d.value = value
	return err
}

type count struct{ value float64 }

func (c *count) Type() string { return "count" }

func (c *count) String() string {
	if c.value == 0 {
		return ""
	}
	return unit.Count(c.value).String()
}

func (c *count) Set(s string) error {
	value, err := parseCount(s)
	if err == nil && value <= 0 {
		err = errors.New("give a number above zero")
	}
	c.value = value
	return err
}

// largest bounds the counts that a user may give: no table and no load is larger, and products of
// figures below it stay finite.
const largest = 1e15

func parseCount(s string) (float64, error) {
	value, err := unit.ParseCount(s)
	if err == nil && !(float64(value) <= largest) {
		err = errors.New("no table and no load is that large; give a number up to 1e15")
	}
	return float64(value), err
}

// rows is the repeatable --rows table=count. Tables that a higher layer named stay as they are.
type rows struct{ values map[string]float64 }

func (r *rows) String() string { return "" }
func (r *rows) Type() string   { return "list of table=count" }

func (r *rows) Set(s string) error { return r.set(s, true) }

// SetLower adds tables that are not there yet.
func (r *rows) SetLower(s string) error { return r.set(s, false) }

func (r *rows) set(s string, override bool) error {
	table, number, found := strings.Cut(s, "=")
	table = strings.TrimSpace(table)
	if !found || table == "" {
		return errors.New("write table=count, for example orders=1e7")
	}
	value, err := parseCount(number)
	if err != nil {
		return err
	}
	if r.values == nil {
		r.values = make(map[string]float64)
	}
	if _, there := r.values[table]; override || !there {
		r.values[table] = value
	}
	return nil
}
