// Command reviewbench compares the static lint of the review, and squawk beside it, with what a real
// PostgreSQL did.
//
//	go run ./internal/reviewbench truth             the statements of the matrix, and held-out sets measured now
//	go run ./internal/reviewbench -rehearse truth   the same, each statement linted and rehearsed as well (an hour)
//	go run ./internal/reviewbench history FOLDER    findings on a folder of migrations
//
// A statement does harm when reads or writes of a table wait while work is done that grows with it, as the
// oracle measured it on the installed PostgreSQL. A tool raises the alarm when it reports a lock hazard for
// the statement.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
)

func main() {
	squawk := flag.String("squawk", "internal/reviewbench/squawk/node_modules/@squawk-cli/linux-x64/bin/squawk", "the peer")
	only := flag.Bool("misses", false, "print each statement that the lint judges otherwise than the server")
	pick := flag.String("pick", "", "only statements whose name begins so")
	every := flag.Int("every", 1, "rehearse each nth statement only, and all that the lint judges otherwise than the server")
	again := flag.Bool("rehearse", false, "judge each statement after a rehearsal too")
	flag.Parse()
	var err error
	switch flag.Arg(0) {
	case "truth":
		err = truth(context.Background(), *squawk, *only, *again, *pick, *every)
	case "history":
		err = history(context.Background(), *squawk, flag.Arg(1))
	default:
		err = errors.New("say what: truth, or history FOLDER")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reviewbench:", err)
		os.Exit(1) //nolint:forbidigo // a benchmark is a command of its own
	}
}

// statementCase is one statement with what the server did.
type statementCase struct {
	name, before, session, sql string
	harm                       bool
}

// score counts alarms against harm.
type score struct{ hit, falseAlarm, miss, silent int }

func (s *score) add(alarm, harm bool) {
	switch {
	case alarm && harm:
		s.hit++
	case alarm:
		s.falseAlarm++
	case harm:
		s.miss++
	default:
		s.silent++
	}
}

func (s *score) String() string {
	return fmt.Sprintf("%d true, %d false alarms, %d misses, %d true silences: precision %.3f, recall %.3f", s.hit, s.falseAlarm, s.miss, s.silent,
		float64(s.hit)/float64(max(1, s.hit+s.falseAlarm)), float64(s.hit)/float64(max(1, s.hit+s.miss)))
}

func truth(ctx context.Context, squawk string, verbose, again bool, pick string, every int) error {
	releases, err := pgrelease.Installed(ctx)
	if err != nil {
		return err
	}
	if len(releases) == 0 {
		return errors.New("PostgreSQL is not installed; run scripts/setup-test")
	}
	release := releases[0]
	bench, err := matrix.PostgresBench(release)(ctx)
	if err != nil {
		return err
	}
	defer bench.Close()
	fmt.Fprintf(os.Stdout, "PostgreSQL %s, squawk %s\n", release.Version, version(ctx, squawk))
	var ground string
	if again {
		server, err := scratch.StartPostgresOf(ctx, release.Programs, "autovacuum=off", "max_wal_size=4GB")
		if err != nil {
			return err
		}
		defer func() { _ = server.Stop() }()
		if ground, err = markedDatabase(ctx, server.URL); err != nil {
			return err
		}
	}
	var all []statementCase
	for _, row := range matrix.Rows(matrix.Postgres) {
		if row.On(release.Major) {
			before := matrix.Fixture(matrix.Postgres, matrix.FixtureRows(matrix.Postgres)) + ";\n" + row.Setup + ";\n"
			all = append(all, statementCase{name: row.ID, before: before, session: row.Session, sql: row.SQL})
		}
	}
	first, firstRows := heldOutCases("held-out", heldOutSchema, heldOut)
	second, secondRows := heldOutCases("held-out-2", heldOutSchema2, heldOut2)
	for _, set := range []struct {
		what  string
		cases []statementCase
		rows  []matrix.Row
	}{{"the matrix", all, matrix.Rows(matrix.Postgres)}, {"the held-out set", first, firstRows}, {"the second held-out set", second, secondRows}} {
		picked := slices.DeleteFunc(set.cases, func(c statementCase) bool { return !strings.HasPrefix(c.name, pick) })
		if len(picked) == 0 {
			continue
		}
		if err := measure(ctx, bench, picked, set.rows); err != nil {
			return err
		}
		if err := compare(ctx, set.what, known(picked), squawk, release.Major, verbose, ground, every); err != nil {
			return err
		}
	}
	return nil
}

// heldOutCases are the statements of a held-out set as cases and, in the same order, as rows to be measured.
func heldOutCases(set, schema string, statements []struct{ sql, target string }) ([]statementCase, []matrix.Row) {
	cases := make([]statementCase, len(statements))
	rows := make([]matrix.Row, len(statements))
	for i, h := range statements {
		name := fmt.Sprintf("%s.%d", set, i+1)
		cases[i] = statementCase{name: name, before: schema, sql: h.sql}
		rows[i] = matrix.Row{ID: name, SQL: h.sql, Targets: []string{h.target}, Setup: schema}
	}
	return cases, rows
}

// measure runs each statement and keeps whether it does harm; one that the server refuses loses its SQL.
func measure(ctx context.Context, bench matrix.Bench, cases []statementCase, rows []matrix.Row) error {
	byID := map[string]matrix.Row{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	for i := range cases {
		c := &cases[i]
		r, err := bench.Measure(ctx, byID[c.name])
		if err != nil {
			return fmt.Errorf("measure %s: %w", c.name, err)
		}
		if r.Refused != "" {
			fmt.Fprintf(os.Stdout, "  refused by the server and left out: %s: %s\n", c.name, r.Refused)
			c.sql = ""
		}
		c.harm = r.Effect.Harm()
	}
	return nil
}

func known(cases []statementCase) []statementCase {
	var out []statementCase
	for _, c := range cases {
		if c.sql != "" {
			out = append(out, c)
		}
	}
	return out
}

func compare(ctx context.Context, what string, cases []statementCase, squawk string, major int, verbose bool, ground string, every int) error {
	var ours, theirs, after score
	began := time.Now()
	wrong := map[int]bool{}
	for i, c := range cases {
		reviewed, err := review.Review(ctx, lintOptions(c, major))
		alarm := err == nil && alarmed(reviewed.Report)
		if err != nil {
			return fmt.Errorf("lint %s: %w", c.name, err)
		}
		ours.add(alarm, c.harm)
		wrong[i] = alarm != c.harm
		if verbose && alarm != c.harm {
			fmt.Fprintf(os.Stdout, "  alarm %v, harm %v: %s: %s\n", alarm, c.harm, c.name, c.sql)
		}
	}
	took := time.Since(began)
	folder, err := os.MkdirTemp("", "reviewbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	alarms, err := squawkAlarms(ctx, squawk, folder, cases, major)
	if err != nil {
		return err
	}
	for i, c := range cases {
		theirs.add(alarms[i], c.harm)
	}
	if ground != "" {
		began := time.Now()
		for i, c := range cases {
			if i%max(every, 1) != 0 && !wrong[i] {
				continue
			}
			alarm, err := rehearsedAlarm(ctx, c, major, ground)
			if err != nil {
				return fmt.Errorf("rehearse %s: %w", c.name, err)
			}
			after.add(alarm, c.harm)
			if verbose && alarm != c.harm {
				fmt.Fprintf(os.Stdout, "  after rehearsal: alarm %v, harm %v: %s: %s\n", alarm, c.harm, c.name, c.sql)
			}
		}
		fmt.Fprintf(os.Stdout, "%s, after rehearsal:\n  napkin  %s (%s)\n", what, &after, time.Since(began).Round(time.Second))
	}
	fmt.Fprintf(os.Stdout, "%s, %d statements:\n  napkin  %s (%s)\n  squawk  %s\n", what, len(cases), &ours, took.Round(time.Millisecond), &theirs)
	return nil
}

// lintOptions are those of the review of one statement.
func lintOptions(c statementCase, major int) review.Options {
	session := c.session
	if session != "" {
		session += ";\n"
	}
	return review.Options{
		FS: fstest.MapFS{"m.sql": {Data: []byte(session + c.sql + ";\n")}}, Paths: []string{"m.sql"}, Dialect: "postgresql", Server: fmt.Sprint(major),
		Schema: []byte(c.before), SchemaName: "schema.sql", Today: time.Now(),
	}
}

// alarmed says whether an open finding reports that someone waits for work.
func alarmed(r *report.Report) bool {
	return slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Status != report.StatusSuppressed && harmful(&f) })
}

// rehearsedRows are just enough for a rehearsal to decide, and few enough for hundreds of them.
const rehearsedRows = lint.SmallRows + 500

// rehearsedAlarm judges a statement by the lint, rehearses it, and says whether an alarm is left.
func rehearsedAlarm(ctx context.Context, c statementCase, major int, ground string) (bool, error) {
	opt := lintOptions(c, major)
	reviewed, err := review.Review(ctx, opt)
	if err != nil {
		return false, err
	}
	result, err := review.Rehearse(ctx, reviewed, rehearse.Options{ScratchURL: ground, Rows: rehearsedRows, Repeats: 1, Seed: 1})
	if err != nil {
		return false, err
	}
	review.AddRehearsal(reviewed, result)
	return alarmed(reviewed.Report), nil
}

// markedDatabase makes a scratch database on a server and marks it.
func markedDatabase(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create database scratch"); err != nil {
		return "", err
	}
	marked := strings.Replace(url, "/postgres?", "/scratch?", 1)
	config, err := pgx.ParseConfig(marked)
	if err != nil {
		return "", err
	}
	return marked, rehearse.Mark(ctx, config)
}

func harmful(f *report.Finding) bool {
	facts := map[string]string{}
	for _, x := range f.Facts {
		facts[x.Name] = x.Value
	}
	blocks := facts["blocks"] == "reads and writes" || facts["blocks"] == "writes"
	return blocks && facts["work"] != "catalog only"
}

// blocking are the rules of squawk 2.66 that are about waiting for work under a lock. Left out are those of
// style, types, names and compatibility, and those about locks that are short (dropping an index, detaching a
// partition, timeouts): they would count as false alarms here and are none.
var blocking = map[string]bool{
	"adding-field-with-default": true, "adding-foreign-key-constraint": true, "adding-not-nullable-field": true, "adding-required-field": true, "adding-serial-primary-key-field": true,
	"ban-alter-domain-with-add-constraint": true, "changing-column-type": true, "constraint-missing-not-valid": true, "disallowed-unique-constraint": true,
	"require-concurrent-index-creation": true, "require-concurrent-reindex": true,
}

type complaint struct {
	File string `json:"file"`
	Rule string `json:"rule_name"`
}

func runSquawk(ctx context.Context, squawk string, args ...string) ([]complaint, error) {
	out, err := exec.CommandContext(ctx, squawk, append([]string{"--reporter", "json"}, args...)...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("run squawk: %w; scripts/setup-test squawk installs it", err)
	}
	var found []complaint
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("read what squawk says: %w", err)
	}
	return found, nil
}

func squawkAlarms(ctx context.Context, squawk, folder string, cases []statementCase, major int) ([]bool, error) {
	args := []string{fmt.Sprintf("--pg-version=%d.0", major)}
	for i, c := range cases {
		path := filepath.Join(folder, fmt.Sprintf("%04d.sql", i))
		session := c.session
		if session != "" {
			session += ";\n"
		}
		if err := os.WriteFile(path, []byte(session+c.sql+";\n"), 0o600); err != nil {
			return nil, err
		}
		args = append(args, path)
	}
	found, err := runSquawk(ctx, squawk, args...)
	if err != nil {
		return nil, err
	}
	alarms := make([]bool, len(cases))
	for _, f := range found {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(f.File), "%d.sql", &i); err == nil && blocking[f.Rule] {
			alarms[i] = true
		}
	}
	return alarms, nil
}

func version(ctx context.Context, squawk string) string {
	out, err := exec.CommandContext(ctx, squawk, "--version").Output()
	if err != nil {
		return "is missing"
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "squawk ")
}

// history counts the findings of both tools on a folder of migrations.
func history(ctx context.Context, squawk, folder string) error {
	if folder == "" {
		return errors.New("say which folder of migrations")
	}
	began := time.Now()
	r, err := review.Lint(ctx, review.Options{FS: os.DirFS(folder), Paths: []string{"."}, Dialect: "postgresql", Server: "15", Today: time.Now()})
	if err != nil {
		return err
	}
	took := time.Since(began)
	places, bare := 0, 0
	var args []string
	for _, f := range r.Findings {
		places++
		for _, p := range f.Secondary {
			if p.Fingerprint != "" {
				places++
			}
		}
		facts := map[string]string{}
		for _, x := range f.Facts {
			facts[x.Name] = x.Value
		}
		if facts["lock"] == "" || facts["work"] == "" {
			bare++
		}
	}
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".sql") && !strings.HasSuffix(path, "down.sql") {
			args = append(args, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	theirs, err := runSquawk(ctx, squawk, append([]string{"--pg-version=15.0"}, args...)...)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d files\n  napkin  %d findings at %d places in %s, %d without lock or work\n  squawk  %d findings\n  %.1f %% of squawk's findings, %.1f %% by places\n",
		len(args), len(r.Findings), places, took.Round(time.Millisecond), bare, len(theirs), 100*float64(len(r.Findings))/float64(max(1, len(theirs))), 100*float64(places)/float64(max(1, len(theirs))))
	return nil
}
