// Command cmd runs the benchmark of the calculation with a CPU profile, for who looks where the time goes. The command of the product is
// `napkin calc bench`.
//
//	go run ./internal/calcbench/cmd -only B3 -profile cpu.prof
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/calcbench"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "calcbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	only := flag.String("only", "", "parts to run, with commas between")
	runs := flag.Int("runs", 5, "runs of each piece of work")
	large := flag.Bool("large", false, "10 million formulas too")
	products := flag.Int("products", 0, "products of the model of B1; 0 means all")
	stored := flag.Bool("stored", false, "variables of the model that do not fit into memory, too")
	peers := flag.String("peers", "", "folder of the programs that run the engines of others")
	folder := flag.String("folder", "", "folder in which workbooks are made and kept")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	o := calcbench.Options{Runs: *runs, Large: *large, Products: *products, Stored: *stored, Peers: *peers, Folder: *folder,
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	if rates, err := workspace.ThisMachine(os.Getenv).Profile(); err == nil {
		o.Profile = rates
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	report, err := calcbench.Run(ctx, o)
	report.Print(os.Stdout)
	return err
}
