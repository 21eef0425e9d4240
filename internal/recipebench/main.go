// Command recipebench carries out every recipe on private servers that it starts itself, under load and with a reader
// that comes back again and again to hold the table for seconds, and the plain statement beside it; then it cuts each
// recipe off at each of its steps, under load, and resumes it.
//
//	go run ./internal/recipebench -rows 100000 -rate 300
//
// It prints the tables of docs/benchmarks/recipes.md and ends with 1 if a request failed, a schema or a row differs.
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
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	"github.com/napkin-infra/napkin/foundation/scratch"
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := bench{}
	flag.Int64Var(&b.rows, "rows", 100_000, "rows of the table")
	flag.Float64Var(&b.rate, "rate", 300, "requests per second of writers and readers together")
	flag.DurationVar(&b.hold, "hold", 1500*time.Millisecond, "how long the long reader holds the table each time")
	flag.StringVar(&b.only, "case", "", "only cases whose name contains this")
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
}

func (b bench) options() recipetest.Options {
	return recipetest.Options{Rows: b.rows, Writers: 4, Readers: 4, Rate: b.rate, Batch: 200 * time.Millisecond,
		Ladder: rewrite.Ladder{{Tries: 500, LockTimeout: 100 * time.Millisecond, Sleep: 300 * time.Millisecond}}}
}

func (b bench) run(ctx context.Context) (bad int, err error) {
	p, err := scratch.StartPostgres(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	fmt.Printf("PostgreSQL %s, %d rows, %g requests/s, a reader that holds the table for %s and rests for 0.5 s; lock timeout 100 ms, batches of 200 ms\n\n", p.Version, b.rows, b.rate, b.hold)
	fmt.Println("| recipe | steps | took | tries more | batches | requests | failed | median | p99 | longest | allowed | cut off, resumed | plain: failed | plain: longest |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, c := range recipetest.Cases() {
		if !strings.Contains(c.Name, b.only) {
			continue
		}
		wrong, err := b.postgres(ctx, p.URL, c)
		if err != nil {
			return bad, fmt.Errorf("%s: %w", c.Name, err)
		}
		bad += len(wrong)
		for _, w := range wrong {
			fmt.Fprintf(os.Stderr, "%s: %s\n", c.Name, w)
		}
	}
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
func (b bench) postgres(ctx context.Context, server string, c recipetest.Case) (wrong []string, err error) {
	s, err := recipetest.Prepare(ctx, server, c, b.options())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	recipe, err := s.Trial(ctx, b.besideReader(ctx, func(address string, observe func(execute.Event)) error {
		return s.Resume(ctx, address, observe)
	}))
	if err != nil {
		return nil, err
	}
	wrong = faults("under load", recipe)
	plain, err := s.Trial(ctx, b.besideReader(ctx, func(address string, _ func(execute.Event)) error {
		return recipetest.RunPlain(ctx, address, s.Recipe.Plain)
	}))
	if err != nil {
		return nil, fmt.Errorf("the plain statement: %w", err)
	}
	resumed := 0
	random := rand.New(rand.NewPCG(5, 6))
	for step := range s.Recipe.Steps {
		delay := recipetest.Moment(random)
		r, err := s.Trial(ctx, func(address string, observe func(execute.Event)) error {
			cut := false
			var err error
			if step%2 == 0 {
				cut, err = s.Terminate(ctx, address, step, delay, observe)
			} else {
				cut, err = s.Kill(ctx, address, step, delay)
			}
			if err != nil {
				return err
			}
			if cut {
				resumed++
			}
			return s.Resume(ctx, address, observe)
		})
		if err != nil {
			return nil, fmt.Errorf("cut off at step %d: %w", step, err)
		}
		wrong = append(wrong, faults(fmt.Sprintf("cut off at step %d", step), r)...)
	}
	fmt.Printf("| %s | %d | %s | %d | %d | %d | %d | %s | %s | %s | %s | %d | %d | %s |\n", c.Name, len(s.Recipe.Steps), unit.Duration(recipe.Took), recipe.Tries, recipe.Batches,
		recipe.Requests, len(recipe.Failed), unit.Duration(recipe.Median), unit.Duration(recipe.P99), unit.Duration(recipe.Longest), unit.Duration(s.Stall()), resumed, len(plain.Failed), unit.Duration(plain.Longest))
	return wrong, nil
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
