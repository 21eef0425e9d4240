// Command estimatebench computes the same models by napkin and by Squiggle, at the same number of
// samples, and prints the CPU seconds of both: once as commands, with their start, and once in one process
// that has done it before. scripts/setup-test estimate installs Squiggle.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
)

func main() {
	folder := flag.String("folder", "internal/estimatebench", "folder of the models and of Squiggle")
	program := flag.String("napkin", "bin/napkin", "the command to measure")
	samples := flag.Int("samples", 100_000, "draws")
	runs := flag.Int("runs", 5, "runs, of which the median counts")
	flag.Parse()
	for _, model := range []string{"model", "sum"} {
		if err := compare(*folder, *program, model, *samples, *runs); err != nil {
			fmt.Fprintln(os.Stderr, "estimatebench:", err)
			os.Exit(1)
		}
	}
}

func compare(folder, program, model string, samples, runs int) error {
	ours := filepath.Join(folder, model+".napkin")
	theirs := filepath.Join(folder, model+".squiggle")
	inProcess, quantiles, err := library(ours, samples, runs)
	if err != nil {
		return err
	}
	var peer struct {
		CPU       []float64 `json:"cpu"`
		Quantiles []float64 `json:"quantiles"`
	}
	script := filepath.Join(folder, "peer.mjs")
	out, _, err := command("node", script, theirs, strconv.Itoa(samples), strconv.Itoa(runs+2))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, &peer); err != nil {
		return fmt.Errorf("read the answer of Squiggle: %w", err)
	}
	var oursCommand, theirsCommand []float64
	for range runs {
		_, cpu, err := command(program, "estimate", "--quiet", "--sampled", "--json", "--samples", strconv.Itoa(samples), ours)
		if err != nil {
			return err
		}
		oursCommand = append(oursCommand, cpu)
		if _, cpu, err = command("node", script, theirs, strconv.Itoa(samples), "1"); err != nil {
			return err
		}
		theirsCommand = append(theirsCommand, cpu)
	}
	fmt.Printf("%s, %d samples: q05, q50, q95 by napkin %.5g, by Squiggle %.5g\n", model, samples, quantiles, peer.Quantiles)
	print := func(what string, a, b []float64) {
		fmt.Printf("  %-12s napkin %6.1f ms (%.1f to %.1f), Squiggle %6.1f ms (%.1f to %.1f) of CPU: %.1f times less\n", what,
			1e3*median(a), 1e3*slices.Min(a), 1e3*slices.Max(a), 1e3*median(b), 1e3*slices.Min(b), 1e3*slices.Max(b), median(b)/median(a))
	}
	print("in process", inProcess, peer.CPU[2:])
	print("command", oursCommand, theirsCommand)
	return nil
}

// library computes a model in this process and returns the CPU seconds of each run after two that warm up.
func library(path string, samples, runs int) (cpu, quantiles []float64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	for i := range runs + 2 {
		before := used(syscall.RUSAGE_SELF)
		m, err := estimate.Parse(lang.Source{Text: string(text)}, nil)
		if err != nil {
			return nil, nil, err
		}
		r, err := m.Evaluate(context.Background(), estimate.Options{Samples: samples, Seed: uint64(i)})
		if err != nil {
			return nil, nil, err
		}
		last := r.Outcomes[len(r.Outcomes)-1]
		quantiles = []float64{last.Low(), last.Median(), last.High()}
		if i >= 2 {
			cpu = append(cpu, used(syscall.RUSAGE_SELF)-before)
		}
	}
	return cpu, quantiles, nil
}

// command runs a program and returns what it printed and its CPU seconds.
func command(name string, args ...string) ([]byte, float64, error) {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("run %s: %w", name, err)
	}
	return out, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), nil
}

func used(who int) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func median(v []float64) float64 {
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
