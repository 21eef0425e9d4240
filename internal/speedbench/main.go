// Command speedbench compares the CPU time of napkin's audit with that of `ast-grep scan` with three
// rules on the same tree in the same run: a structural scanner that parses every file once is about the
// least that any tool of this kind can take.
//
//	go run ./internal/speedbench -napkin bin/napkin -peer internal/peer -tree FOLDER
//
// CPU time and not wall time is compared, so that other work on the machine matters little. Runs take
// turns, and the least of each counts. Cold means an empty cache of facts and a warm page cache. The
// audit writes into the .napkin folder of the tree; one that was not there before is removed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Bars of docs/benchmarks/audit.md.
const (
	maxColdToPeer = 1.5
	maxWarmToCold = 0.15
	maxMemory     = 400 * unit.MB
)

// cost is what a process took.
type cost struct {
	cpu    time.Duration
	memory unit.Bytes
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	napkin := flag.String("napkin", "bin/napkin", "the command to measure")
	peer := flag.String("peer", "internal/peer", "folder in which npm installed @ast-grep/cli")
	tree := flag.String("tree", "", "folder of sources")
	runs := flag.Int("runs", 3, "runs of each; the least CPU time counts")
	check := flag.Bool("check", false, "exit with 1 when a bar is missed")
	flag.Parse()
	missed, err := run(ctx, *napkin, *peer, *tree, *runs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "speedbench:", err)
		os.Exit(2)
	}
	if missed && *check {
		os.Exit(1)
	}
}

func run(ctx context.Context, napkin, peer, tree string, runs int) (missed bool, err error) {
	if tree == "" {
		return false, errors.New("say which folder of sources: -tree FOLDER")
	}
	language, files, size, err := survey(tree)
	if err != nil {
		return false, err
	}
	scanner, err := findScanner(peer)
	if err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "napkin-speed-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	rules := filepath.Join(work, "rules.yml")
	if err := os.WriteFile(rules, []byte(threeRules[language]), 0o644); err != nil {
		return false, err
	}
	state := filepath.Join(tree, ".napkin")
	if _, err := os.Lstat(state); errors.Is(err, fs.ErrNotExist) {
		defer os.RemoveAll(state)
	}
	var cold, warm, other cost
	for i := range max(runs, 1) {
		home := filepath.Join(work, fmt.Sprint("home", i))
		audit := func() (cost, error) {
			return measure(ctx, home, napkin, "audit", "--quiet", "--baseline=none", "-o", filepath.Join(work, "audit.json"), tree)
		}
		for _, step := range []struct {
			into *cost
			do   func() (cost, error)
		}{
			{&cold, audit}, {&warm, audit},
			{&other, func() (cost, error) {
				return measure(ctx, home, scanner, "scan", "--rule", rules, "--json=stream", tree)
			}},
		} {
			c, err := step.do()
			if err != nil {
				return false, err
			}
			keepLeast(step.into, c, i == 0)
		}
	}
	fmt.Printf("%s: %d files of %s, %s; least of %d runs\n", filepath.Base(tree), files, language, size, runs)
	return print(cold, warm, other), nil
}

// keepLeast keeps the least CPU time and the largest memory.
func keepLeast(into *cost, c cost, first bool) {
	if first || c.cpu < into.cpu {
		into.cpu = c.cpu
	}
	into.memory = max(into.memory, c.memory)
}

func print(cold, warm, other cost) (missed bool) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "run\tCPU\tmemory\tratio\tbar\t")
	row := func(name string, c cost, ratio, bar float64, of string) {
		verdict := "holds"
		if ratio > bar {
			verdict, missed = "missed", true
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s x %s\tat most %s: %s\t\n", name, unit.Duration(c.cpu), c.memory, unit.Digits(ratio), of, unit.Digits(bar), verdict)
	}
	fmt.Fprintf(table, "ast-grep scan, 3 rules\t%s\t%s\t\t\t\n", unit.Duration(other.cpu), other.memory)
	row("napkin audit, cold", cold, cold.cpu.Seconds()/other.cpu.Seconds(), maxColdToPeer, "ast-grep")
	row("napkin audit, again", warm, warm.cpu.Seconds()/cold.cpu.Seconds(), maxWarmToCold, "cold")
	row("napkin memory", cost{cpu: cold.cpu, memory: max(cold.memory, warm.memory)}, float64(max(cold.memory, warm.memory))/float64(maxMemory), 1, maxMemory.String())
	table.Flush()
	return missed
}

// measure runs a command with a home of its own and returns its CPU time and peak memory.
func measure(ctx context.Context, home, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME=", "XDG_STATE_HOME=", "XDG_CONFIG_HOME=")
	var said strings.Builder
	cmd.Stderr = &said
	err := cmd.Run()
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w\n%s", name, args[0], err, said.String())
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process used")
	}
	// Linux counts Maxrss in KiB.
	return cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: unit.Bytes(usage.Maxrss) * unit.KiB}, nil
}

// findScanner returns the native binary of ast-grep: the launcher beside it costs a Node start.
func findScanner(peer string) (string, error) {
	found, err := filepath.Glob(filepath.Join(peer, "node_modules/@ast-grep/cli-*/ast-grep"))
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("ast-grep is not installed in %s; run scripts/setup-test peer", peer)
	}
	return found[0], nil
}

// survey counts the sources of the tree and returns the language with most bytes.
func survey(tree string) (language string, files int, size unit.Bytes, err error) {
	type sum struct {
		files int
		size  unit.Bytes
	}
	sums := make(map[string]sum)
	err = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != tree && (name == "node_modules" || name == ".git") {
				return filepath.SkipDir
			}
			return nil
		}
		name, known := languages[filepath.Ext(path)]
		if !known || !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		s := sums[name]
		sums[name] = sum{s.files + 1, s.size + unit.Bytes(info.Size())}
		return nil
	})
	if err != nil {
		return "", 0, 0, err
	}
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	if len(names) == 0 {
		return "", 0, 0, fmt.Errorf("%s holds no source of a language that both read", tree)
	}
	sort.Slice(names, func(i, j int) bool { return sums[names[i]].size > sums[names[j]].size })
	return names[0], sums[names[0]].files, sums[names[0]].size, nil
}
