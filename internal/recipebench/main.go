// Command recipebench carries out every recipe on private servers that it starts itself, under load and with a reader
// that comes back again and again to hold the table for seconds, and the plain statement beside it; then it cuts each
// recipe off at each of its steps, under load, and resumes it.
//
//	go run ./internal/recipebench -rows 100000 -rate 300
//	go run ./internal/recipebench -versions 11,12,13,14,15,16,17,18 -download
//
// Without -versions it runs on the highest PostgreSQL that is installed, and on MariaDB. With it, it runs on those
// versions of PostgreSQL alone; those that the machine lacks are fetched only when -download is given.
//
// It prints the tables of docs/benchmarks/recipes.md and ends with 1 if a request failed, a schema or a row differs, or
// a version was offered a recipe that it has not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/internal/recipetest"
)

func main() {
	if was, err := recipetest.Child(); was {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := bench{}
	flag.Int64Var(&b.rows, "rows", 100_000, "rows of the table")
	flag.Float64Var(&b.rate, "rate", 300, "requests per second of writers and readers together")
	flag.DurationVar(&b.hold, "hold", 1500*time.Millisecond, "how long the long reader holds the table each time")
	flag.StringVar(&b.only, "case", "", "only cases whose name contains this")
	flag.StringVar(&b.versions, "versions", "", "major versions of PostgreSQL, with commas between; the highest one that is installed, and MariaDB, when empty")
	flag.BoolVar(&b.download, "download", false, "fetch versions of PostgreSQL that this machine lacks")
	flag.Parse()
	bad, err := b.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "recipebench:", err)
		os.Exit(2)
	}
	if bad > 0 {
		fmt.Printf("\n%d trials showed what they must not\n", bad)
		os.Exit(1)
	}
}

type bench struct {
	rows int64
	rate float64
	hold time.Duration
	only string

	versions string
	download bool
}

func (b bench) options() recipetest.Options {
	return recipetest.Options{Rows: b.rows, Writers: 4, Readers: 4, Rate: b.rate, Batch: 200 * time.Millisecond,
		Ladder: rewrite.Ladder{{Tries: 500, LockTimeout: 100 * time.Millisecond, Sleep: 300 * time.Millisecond}}}
}

func (b bench) run(ctx context.Context) (bad int, err error) {
	releases, err := b.releases(ctx)
	if err != nil {
		return 0, err
	}
	var totals []total
	for _, r := range releases {
		t, wrong, err := b.release(ctx, r)
		bad += wrong
		totals = append(totals, t)
		if err != nil { // what has been measured until then is worth its line
			printTotals(totals)
			return bad, fmt.Errorf("PostgreSQL %s: %w", r.Version, err)
		}
	}
	printTotals(totals)
	if b.versions == "" {
		wrong, err := b.mariaDB(ctx)
		return bad + wrong, err
	}
	return bad, nil
}

// release carries out all cases on one version of PostgreSQL.
func (b bench) release(ctx context.Context, r pgrelease.Release) (t total, bad int, err error) {
	p, err := scratch.StartPostgresOf(ctx, r.Programs)
	if err != nil {
		return t, 0, err
	}
	t.version = p.Version
	defer func() {
		// A busy disk may make the end of a server slow, after all has been measured.
		if stopped := p.Stop(); stopped != nil {
			fmt.Fprintln(os.Stderr, "recipebench:", stopped)
		}
	}()
	d, err := recipetest.NewDatabases(ctx, p.URL)
	if err != nil {
		return t, 0, err
	}
	fmt.Printf("PostgreSQL %s, %d rows, %g requests/s, a reader that holds the table for %s and rests for 0.5 s; lock timeout 100 ms, batches of 200 ms\n\n", p.Version, b.rows, b.rate, b.hold)
	fmt.Println("| recipe | steps | took | tries more | batches | requests | failed | median | p99 | longest | allowed | cut off, resumed | cut off, taken back | plain: failed | plain: longest |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, c := range recipetest.Cases(r.Major) {
		if !strings.Contains(c.Name, b.only) {
			continue
		}
		var wrong []string
		if r.Major < c.Since {
			var says string
			says, err = recipetest.Refused(ctx, d, c, b.options())
			t.refused++
			fmt.Printf("| %s | refused: %s |\n", c.Name, says)
		} else {
			t.cases++
			wrong, err = b.postgres(ctx, d, c, &t)
		}
		if err != nil {
			return t, bad, fmt.Errorf("%s: %w", c.Name, err)
		}
		bad += len(wrong)
		for _, w := range wrong {
			fmt.Fprintf(os.Stderr, "PostgreSQL %s, %s: %s\n", p.Version, c.Name, w)
		}
	}
	fmt.Println()
	return t, bad, nil
}

func (b bench) mariaDB(ctx context.Context) (bad int, err error) {
	m, err := scratch.StartMariaDB(ctx)
	if err != nil {
		return bad, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	fmt.Printf("\nMariaDB %s, %d rows, %g requests/s\n\n", m.Version, b.rows, b.rate)
	fmt.Println("| recipe | steps | requests | failed | median | p99 | longest | cut off, resumed |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, c := range recipetest.MariaCases() {
		if !strings.Contains(c.Name, b.only) {
			continue
		}
		wrong, err := b.maria(ctx, m.URL, c)
		if err != nil {
			return bad, fmt.Errorf("%s: %w", c.Name, err)
		}
		bad += len(wrong)
		for _, w := range wrong {
			fmt.Fprintf(os.Stderr, "%s: %s\n", c.Name, w)
		}
	}
	return bad, nil
}

// postgres measures one case and prints its line.
func (b bench) postgres(ctx context.Context, d *recipetest.Databases, c recipetest.Case, t *total) (wrong []string, err error) {
	s, err := recipetest.Prepare(ctx, d, c, b.options())
	if err != nil {
		return nil, err
	}
	recipe, err := s.Trial(ctx, b.besideReader(ctx, func(address string, observe func(execute.Event)) error {
		return s.Resume(ctx, address, observe)
	}))
	if err != nil {
		return nil, err
	}
	t.uncut(recipe, s.Stall())
	wrong = faults("under load", recipe)
	plain, err := s.Trial(ctx, b.besideReader(ctx, func(address string, _ func(execute.Event)) error {
		return recipetest.RunPlain(ctx, address, s.Recipe.Plain)
	}))
	if err != nil {
		return nil, fmt.Errorf("the plain statement: %w", err)
	}
	t.plainFailed += len(plain.Failed)
	t.plainLongest = max(t.plainLongest, plain.Longest)
	resumed, undone, faulty, err := b.cutOff(ctx, s, t)
	if err != nil {
		return nil, err
	}
	t.steps += len(s.Recipe.Steps)
	t.resumed += resumed
	t.undone += undone
	fmt.Printf("| %s | %d | %s | %d | %d | %d | %d | %s | %s | %s | %s | %d | %d | %d | %s |\n", c.Name, len(s.Recipe.Steps), unit.Duration(recipe.Took), recipe.Tries, recipe.Batches,
		recipe.Requests, len(recipe.Failed), unit.Duration(recipe.Median), unit.Duration(recipe.P99), unit.Duration(recipe.Longest), unit.Duration(s.Stall()), resumed, undone, len(plain.Failed), unit.Duration(plain.Longest))
	return append(wrong, faulty...), nil
}

// cutOff cuts a recipe off at each of its steps twice: under load, and resumes it; and without load, and takes it back
// where that is allowed. By turns the session is ended and the process killed.
func (b bench) cutOff(ctx context.Context, s *recipetest.Stand, t *total) (resumed, undone int, wrong []string, err error) {
	random := rand.New(rand.NewPCG(5, 6))
	for step := range s.Recipe.Steps {
		when := fmt.Sprintf("cut off at step %d", step)
		kill, cut := step%2 == 1, false
		r, err := s.Trial(ctx, func(address string, observe func(execute.Event)) (err error) {
			if kill {
				cut, err = s.Kill(ctx, address, step, recipetest.Moment(random))
			} else {
				cut, err = s.Terminate(ctx, address, step, recipetest.Moment(random), observe)
			}
			if err != nil {
				return err
			}
			return s.Resume(ctx, address, observe)
		})
		if err != nil {
			return 0, 0, nil, fmt.Errorf("%s: %w", when, err)
		}
		t.judge(r)
		wrong = append(wrong, faults(when, r)...)
		if cut {
			resumed++
		}
		back, err := s.CutOff(ctx, step, !kill, true, recipetest.Moment(random))
		if err != nil {
			return 0, 0, nil, fmt.Errorf("%s, without load: %w", when, err)
		}
		if back.Undone {
			undone++
		}
		t.wrong += min(1, len(back.Differ))
		for _, l := range back.Differ {
			wrong = append(wrong, fmt.Sprintf("%s, undone: %v: %s", when, back.Undone, l))
		}
	}
	return resumed, undone, wrong, nil
}

// besideReader has a reader take the table again and again while the work goes on.
func (b bench) besideReader(ctx context.Context, work func(string, func(execute.Event)) error) func(string, func(execute.Event)) error {
	return func(address string, observe func(execute.Event)) error {
		ctx, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		ready := make(chan struct{})
		go func() {
			defer close(ended)
			for first := true; ctx.Err() == nil; first = false {
				// Under another name or without the table there is nothing to hold.
				release, err := recipetest.Hold(ctx, address, b.hold)
				if first {
					close(ready)
				}
				if err == nil {
					wait(ctx, b.hold)
					release()
				}
				wait(ctx, 500*time.Millisecond)
			}
		}()
		<-ready
		err := work(address, observe)
		cancel()
		<-ended
		return err
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func faults(when string, r recipetest.Result) []string {
	var out []string
	if len(r.Failed) > 0 {
		out = append(out, fmt.Sprintf("%s: %d requests failed, the first: %s", when, len(r.Failed), r.Failed[0]))
	}
	for _, l := range append(r.Schema, r.Rows...) {
		out = append(out, when+": "+l)
	}
	return out
}

func (b bench) maria(ctx context.Context, server string, c recipetest.Case) (wrong []string, err error) {
	o := b.options()
	o.Ladder = rewrite.Ladder{{Tries: 20, LockTimeout: time.Second, Sleep: time.Second}}
	steps, resumed := 1, 0
	var first recipetest.Result
	for cut := -1; cut < steps; cut++ {
		r, n, err := recipetest.MariaTrial(ctx, server, c, o, cut)
		if err != nil {
			return nil, err
		}
		steps = n
		if cut == -1 {
			first = r
		} else {
			resumed++
		}
		wrong = append(wrong, faults(fmt.Sprintf("cut off at step %d", cut), r)...)
	}
	fmt.Printf("| %s | %d | %d | %d | %s | %s | %s | %d |\n", c.Name, steps, first.Requests, len(first.Failed), unit.Duration(first.Median), unit.Duration(first.P99), unit.Duration(first.Longest), resumed)
	return wrong, nil
}
