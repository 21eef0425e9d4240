package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/foundation/workspace"
	"github.com/napkin-infra/napkin/internal/recipetest"
)

// releases returns the versions to run on: those of the list, "11,12,18", or the highest one that is installed.
func (b bench) releases(ctx context.Context) ([]pgrelease.Release, error) {
	if b.versions == "" {
		installed, err := pgrelease.Installed(ctx)
		if err == nil && len(installed) == 0 {
			err = fmt.Errorf("PostgreSQL (postgresql): %w", scratch.ErrNotInstalled)
		}
		return installed[:min(1, len(installed))], err
	}
	var majors []int
	for _, word := range strings.Split(b.versions, ",") {
		major, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("-versions %q: %q is no major version; give numbers with commas between, such as 11,15,18", b.versions, word)
		}
		majors = append(majors, major)
	}
	store, err := pgrelease.DefaultStore(os.Getenv, workspace.ThisMachine(os.Getenv).Cache)
	if err != nil {
		return nil, err
	}
	found, missing, err := matrix.PostgresReleases(ctx, store, majors, b.download)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("PostgreSQL %v is not on this machine; -download (DOWNLOAD=yes with make) fetches it into %s", missing, store.Dir)
	}
	return found, err
}

// total is what all cases of one version have shown, a line of the last table.
type total struct {
	version               string
	cases, refused, steps int
	requests, tries       int           // of the runs that were not cut off
	longest, allowed      time.Duration // of the run that was not cut off and came nearest to what it is allowed
	failed                int           // requests, of all runs
	resumed, undone       int
	wrong                 int // runs after which schema or rows were not those that they must be
	plainFailed           int
	plainLongest          time.Duration
}

// uncut counts the run of a recipe that was not cut off.
func (t *total) uncut(r recipetest.Result, allowed time.Duration) {
	t.requests += r.Requests
	t.tries += r.Tries
	if t.allowed == 0 || float64(r.Longest)/float64(allowed) > float64(t.longest)/float64(t.allowed) {
		t.longest, t.allowed = r.Longest, allowed
	}
	t.judge(r)
}

// judge counts what no run may show.
func (t *total) judge(r recipetest.Result) {
	t.failed += len(r.Failed)
	t.wrong += min(1, len(r.Schema)+len(r.Rows))
}

// printTotals prints the table by version.
func printTotals(totals []total) {
	fmt.Println("\n| PostgreSQL | cases | refused | steps | requests | tries more | longest | allowed | failed | cut off, resumed | cut off, taken back | schema or rows wrong | plain: failed | plain: longest |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, t := range totals {
		fmt.Printf("| %s | %d | %d | %d | %d | %d | %s | %s | %d | %d | %d | %d | %d | %s |\n", t.version, t.cases, t.refused, t.steps, t.requests, t.tries,
			unit.Duration(t.longest), unit.Duration(t.allowed), t.failed, t.resumed, t.undone, t.wrong, t.plainFailed, unit.Duration(t.plainLongest))
	}
}
