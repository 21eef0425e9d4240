// Command ratebench measures how well `napkin rates measure` agrees with itself: two runs in a row, then one
// beside four processes that keep CPUs busy, and one with --quick. It prints the table of
// docs/benchmarks/rates.md.
//
//	go run ./internal/ratebench -dir FOLDER
//
// The bar: a CPU-bound rate of the second and of the disturbed run is within 15 % of the first, or one of the
// two says that it is noisy; a full run takes less than 60 seconds, a quick one less than 20.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	"github.com/napkin-infra/napkin/foundation/database/dbrate"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// spinArgument makes the command one of the busy processes.
const spinArgument = "spin"

// tolerance is the bar of agreement.
const tolerance = 0.15

func main() {
	if len(os.Args) > 1 && os.Args[1] == spinArgument {
		beBusy()
		return
	}
	dir := flag.String("dir", "", "the folder whose disk is measured")
	busy := flag.Int("busy", 4, "processes beside the third run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *dir, *busy); err != nil {
		fmt.Fprintln(os.Stderr, "ratebench:", err)
		os.Exit(2)
	}
}

// run is one measurement with the time that it took.
type run struct {
	name string
	took time.Duration
	measure.Result
}

func (r run) get(name string) (rate.Rate, bool) {
	i := slices.IndexFunc(r.Rates, func(r rate.Rate) bool { return r.Name == name })
	if i < 0 {
		return rate.Rate{}, false
	}
	return r.Rates[i], true
}

func bench(ctx context.Context, dir string, busy int) error {
	runs := []run{{name: "first"}, {name: "second"}, {name: "beside busy processes"}, {name: "quick"}}
	for i := range runs {
		stop := func() {}
		if i == 2 {
			var err error
			if stop, err = spin(ctx, busy); err != nil {
				return err
			}
		}
		err := runs[i].measure(ctx, dir, i == 3)
		stop()
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: %d rates in %s\n", runs[i].name, len(runs[i].Rates), unit.Duration(runs[i].took))
	}
	conditions(runs[0])
	walls(runs)
	agreement(runs[:3])
	return nil
}

// spin starts processes that only compute, until stop is called or this process ends: both close their
// standard input. A shell starts them and ends, so that they are not below this process, whose own children
// are not counted as other work.
func spin(ctx context.Context, n int) (stop func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	shell := exec.CommandContext(ctx, "/bin/sh", "-c", `exec 3<&0; for i in $(seq "$1"); do "$0" `+spinArgument+` <&3 >/dev/null 2>&1 & done`, os.Args[0], fmt.Sprint(n))
	shell.Stdin = read
	if err := shell.Run(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start %d busy processes: %w", n, err)
	}
	return func() { write.Close() }, nil
}

// beBusy computes until standard input ends.
func beBusy() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // an error ends it as well
		os.Exit(0)
	}()
	for x := uint64(1); x != 0; {
		x = x*6364136223846793005 + 1442695040888963407
	}
}

func (r *run) measure(ctx context.Context, dir string, quick bool) error {
	databases, err := dbrate.Groups(dbrate.Options{})
	if err != nil {
		return err
	}
	began := time.Now()
	r.Result, err = measure.Run(ctx, measure.Options{Groups: append(measure.Groups(), databases...), Dir: dir, Quick: quick, Today: began})
	r.took = time.Since(began)
	return err
}

func conditions(r run) {
	if len(r.Rates) == 0 {
		return
	}
	c := r.Rates[0].Conditions
	fmt.Printf("%s, %d cores, %s, %s, load %s at the beginning; measured %s.\n\n", c.CPU, c.Cores, c.Kernel, c.Filesystem, unit.Digits(c.Load), r.Rates[0].Date)
}

func walls(runs []run) {
	fmt.Println("| run | rates | wall time | quiet | noisy | invalid | refused |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, r := range runs {
		verdicts := map[rate.Verdict]int{}
		for _, m := range r.Rates {
			verdicts[m.Verdict]++
		}
		fmt.Printf("| %s | %d | %s | %d | %d | %d | %d |\n", r.name, len(r.Rates), unit.Duration(r.took), verdicts[rate.Quiet], verdicts[rate.Noisy], verdicts[rate.Invalid], len(r.Refused))
	}
	fmt.Println()
}

// clocks are how the probes are timed, by name of the rate.
func clocks() map[string]measure.Clock {
	clocks := map[string]measure.Clock{}
	for _, g := range measure.Groups() {
		for _, p := range g.Probes {
			clocks[p.Name] = p.Clock
		}
	}
	return clocks
}

// agreement compares the runs with the first. Work that waits for the disk or another process has no bar.
func agreement(runs []run) {
	clock := clocks()
	fmt.Println("| CPU-bound rate | first | second | change | busy | change | within the bar |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
	held, bound, quietMisses := 0, 0, 0
	for _, first := range runs[0].Rates {
		if clock[first.Name] == measure.Wall {
			continue
		}
		bound++
		row, ok := fmt.Sprintf("| `%s` | %s", first.Name, cell(first)), true
		for _, other := range runs[1:] {
			r, found := other.get(first.Name)
			if !found {
				row, ok = row+" | refused | ", false
				continue
			}
			change := r.Value/first.Value - 1
			agrees := math.Abs(change) <= tolerance
			says := r.Verdict != rate.Quiet || first.Verdict != rate.Quiet
			if !agrees && !says {
				quietMisses++
			}
			ok = ok && (agrees || says)
			row += fmt.Sprintf(" | %s | %+.1f %%", cell(r), 100*change)
		}
		word := "no"
		if ok {
			word, held = "yes", held+1
		}
		fmt.Println(row + " | " + word + " |")
	}
	fmt.Printf("\n%d of %d CPU-bound rates are within %.0f %% in both runs or say that they are noisy; %d comparisons are off without saying so.\n", held, bound, 100*tolerance, quietMisses)
}

func cell(r rate.Rate) string {
	if r.Verdict == rate.Quiet {
		return r.String()
	}
	return r.String() + " (" + string(r.Verdict) + ")"
}
