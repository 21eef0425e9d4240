// Command auditbench measures the audit on real bugs that real projects fixed: how many it finds in
// the commit before the fix, how many of those fall silent on the fix, and how much else it says.
//
//	go run ./internal/auditbench -cases cases.jsonl -repos DIR
//
// Each line of the cases file is one bug (see [Case]). Repositories are git clones below DIR, bare or
// not, laid out as DIR/owner+name/repo, DIR/owner+name, DIR/owner/name or DIR/name; cases whose
// repository or commits are not there are named and left out of the figures. Trees are taken
// straight from git's objects, audited with default settings, and their results are kept by build and commit, so that a
// second run with the same build only compares. The rule by which a finding matches a case is in
// match.go and printed with the result.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "auditbench:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string) (int, error) {
	flags := flag.NewFlagSet("auditbench", flag.ContinueOnError)
	casesFile := flags.String("cases", "", "JSONL file of cases")
	repos := flags.String("repos", "", "folder of git clones")
	only := flags.String("case", "", "run one case and show what came near")
	jobs := flags.Int("jobs", runtime.GOMAXPROCS(0), "repositories worked on at once")
	store := flags.String("store", defaultStore(), "folder for trees, facts and results between runs")
	jsonFile := flags.String("json", "", "write the figures and every case as JSON to this file")
	against := flags.String("against", "", "a file that -json wrote before: show which cases changed since")
	check := flags.Bool("check", false, "exit with 1 when a bar is missed")
	if err := flags.Parse(args); err != nil {
		return 2, nil // the flag package has said what is wrong
	}
	if *casesFile == "" || *repos == "" {
		flags.Usage()
		return 2, fmt.Errorf("-cases and -repos are needed")
	}
	cases, err := readCases(*casesFile)
	if err != nil {
		return 2, err
	}
	if *only != "" {
		cases = selectCase(cases, *only)
		if len(cases) == 0 {
			return 2, fmt.Errorf("there is no case %q in %s", *only, *casesFile)
		}
	}
	build, err := buildID()
	if err != nil {
		return 2, err
	}
	unlock, err := lockStore(*store)
	if err != nil {
		return 2, err
	}
	defer unlock()
	b := &bench{store: *store, build: build, audit: auditTree, log: os.Stderr}
	outcomes, err := b.all(ctx, cases, *repos, *jobs)
	if err != nil {
		return 2, err
	}
	s := summarize(outcomes)
	if *only != "" {
		writeDetails(os.Stdout, outcomes[0])
		return 0, nil
	}
	writeMarkdown(os.Stdout, outcomes, s)
	if *against != "" {
		if err := writeChanges(os.Stdout, *against, outcomes, s); err != nil {
			return 2, err
		}
	}
	if *jsonFile != "" {
		if err := writeJSON(*jsonFile, outcomes, s); err != nil {
			return 2, err
		}
	}
	if *check && !s.passes() {
		return 1, nil
	}
	return 0, nil
}

func defaultStore() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "napkin", "auditbench")
}

// all runs every case, one repository after the other within each job, and returns the outcomes in
// the order of the cases.
func (b *bench) all(ctx context.Context, cases []Case, repos string, jobs int) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(cases))
	byRepo := map[string][]int{}
	var order []string
	for i, c := range cases {
		if byRepo[c.Repo] == nil {
			order = append(order, c.Repo)
		}
		byRepo[c.Repo] = append(byRepo[c.Repo], i)
	}
	var g errgroup.Group
	g.SetLimit(max(jobs, 1))
	for _, name := range order {
		g.Go(func() error {
			repo := findRepo(repos, name)
			for _, i := range byRepo[name] {
				if err := ctx.Err(); err != nil {
					return err
				}
				o, err := b.one(ctx, repo, cases[i])
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err != nil { // one clone that is broken must not cost the others
					o = &Outcome{Case: cases[i], Missing: err.Error()}
					b.say("%s %s: %s", cases[i].ID, name, o.Missing)
				}
				outcomes[i] = o
			}
			b.done(name)
			return nil
		})
	}
	return outcomes, g.Wait()
}
