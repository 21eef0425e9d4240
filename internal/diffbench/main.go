// Command diffbench measures the diff on real servers that it starts itself, against the bars of
// docs/benchmarks/datadiff.md, and beside reladiff where that is installed.
//
//	go run ./internal/diffbench -rows 10000000 -peer FOLDER/bin/reladiff identical changes slow outlier words predict
//
// What is compared is CPU time: that of both servers with all their processes, and that of the client,
// a process of its own. Wall time is given beside it. Tables are made by formulas of the row's number,
// the same in all products, so that every planted change is known and can be undone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == childArgument {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{}
	flag.Int64Var(&b.rows, "rows", 10_000_000, "rows of the narrow table")
	flag.StringVar(&b.peer, "peer", "", "the reladiff command; empty measures without a peer")
	flag.IntVar(&b.runs, "runs", 3, "runs of each case; the least CPU time counts")
	flag.Parse()
	cases := flag.Args()
	if len(cases) == 0 {
		cases = []string{"identical", "changes", "slow", "outlier", "words", "predict"}
	}
	if err := b.run(ctx, cases); err != nil {
		fmt.Fprintln(os.Stderr, "diffbench:", err)
		os.Exit(2)
	}
}

type bench struct {
	rows int64
	peer string
	runs int
	servers
}

func (b *bench) run(ctx context.Context, cases []string) (err error) {
	known := map[string]func(context.Context) error{
		"identical": b.identical, "changes": b.changes, "slow": b.slow, "outlier": b.outlier, "words": b.words, "predict": b.predict,
	}
	for _, c := range cases {
		if known[c] == nil {
			return fmt.Errorf("there is no case %q", c)
		}
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	if slices.ContainsFunc(cases, func(c string) bool { return c == "identical" || c == "changes" || c == "slow" }) {
		fmt.Printf("loading %d rows into %s and %s\n", b.rows, b.pgVersion(), b.myVersion())
		if err := b.load(ctx, "narrow", b.rows); err != nil {
			return err
		}
	}
	for _, c := range cases {
		fmt.Printf("\n== %s\n", c)
		if err := known[c](ctx); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	return nil
}

// request is what the child is asked to compare, and outcome what it answers.
type request struct {
	A, B    string
	TableA  string
	TableB  string
	Plan    string
	Workers int
	Keys    bool // answer with the keys that differ
}

type outcome struct {
	Plan      string
	Verdict   string
	Rows      [2]int64
	OnlyA     int64
	OnlyB     int64
	Changed   int64
	Keys      []int64
	Least     float64
	By        string
	Predicted float64
	Planning  float64 // seconds until the plan and the limit stood
	Took      float64 // and from then on
	LinkBytes [2]int64
	Estimates []string
	Error     string
	// Filled in by the parent.
	Client float64 // CPU seconds
	Server float64
	Memory int64
	Wall   float64
}

const childArgument = "compare-in-a-child"

func (o outcome) String() string {
	s := fmt.Sprintf("plan %-8s %s  planned in %.2f s  wall %.2f s  limit %.2f s (%.2f x)  predicted %.2f s (%.2f x)  CPU servers %.2f + client %.2f s  memory %d MB  link %.1f MB",
		o.Plan, o.Verdict, o.Planning, o.Took, o.Least, o.Took/o.Least, o.Predicted, o.Predicted/o.Took, o.Server, o.Client, o.Memory>>20, float64(o.LinkBytes[0]+o.LinkBytes[1])/1e6)
	if o.OnlyA+o.OnlyB+o.Changed > 0 {
		s += fmt.Sprintf("  only A %d, only B %d, changed %d", o.OnlyA, o.OnlyB, o.Changed)
	}
	return s
}

func parseOutcome(text []byte) (outcome, error) {
	var o outcome
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("the child answered %q: %w", strings.TrimSpace(string(text)), err)
	}
	if o.Error != "" {
		return o, errors.New(o.Error)
	}
	return o, nil
}
