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
	runs := flag.Int("runs", 3, "runs of each; medians are compared")
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
	present, files, size, err := survey(tree)
	if err != nil {
		return false, err
	}
	language := present[0]
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
	// ast-grep parses only files of the languages of its rules, napkin all that it can: where a tree is
	// of several, the same for three rules of each tells how much of the difference that is.
	everyRule := filepath.Join(work, "every.yml")
	var all []string
	for _, name := range present {
		all = append(all, threeRules[name])
	}
	if err := os.WriteFile(everyRule, []byte(strings.Join(all, "---\n")), 0o644); err != nil {
		return false, err
	}
	// The runs work on a copy: the audit writes its report into the tree, and one step edits a file.
	copied := filepath.Join(work, filepath.Base(filepath.Clean(tree)))
	if err := copyTree(tree, copied); err != nil {
		return false, err
	}
	edited, err := largest(copied, language)
	if err != nil {
		return false, err
	}
	var cold, warm, touched, other, every series
	for i := range max(runs, 1) {
		home := filepath.Join(work, fmt.Sprint("home", i))
		audit := func() (cost, error) {
			return measure(ctx, home, napkin, "audit", "--quiet", "--baseline=none", "-o", filepath.Join(work, "audit.json"), copied)
		}
		for _, step := range []struct {
			into *series
			do   func() (cost, error)
		}{
			{&cold, audit}, {&warm, audit},
			{&touched, func() (cost, error) {
				if err := appendLine(edited); err != nil {
					return cost{}, err
				}
				return audit()
			}},
			{&other, func() (cost, error) {
				return measure(ctx, home, scanner, "scan", "--rule", rules, "--json=stream", copied)
			}},
			{&every, func() (cost, error) {
				return measure(ctx, home, scanner, "scan", "--rule", everyRule, "--json=stream", copied)
			}},
		} {
			c, err := step.do()
			if err != nil {
				return false, err
			}
			*step.into = append(*step.into, c)
		}
	}
	fmt.Printf("%s: %d files of %s, %s; %d runs of each, taking turns; CPU seconds of all threads\n\n", filepath.Base(tree), files, language, size, runs)
	return print(cold, warm, touched, other, every), nil
}

// series are the runs of one step.
type series []cost

func (s series) seconds() (median, low, high float64) {
	v := make([]float64, len(s))
	for i, c := range s {
		v[i] = c.cpu.Seconds()
	}
	sort.Float64s(v)
	return v[len(v)/2], v[0], v[len(v)-1]
}

func (s series) memory() unit.Bytes {
	var most unit.Bytes
	for _, c := range s {
		most = max(most, c.memory)
	}
	return most
}

func print(cold, warm, touched, other, every series) (missed bool) {
	fmt.Println("| run | CPU s, median (least to most) | peak memory | ratio | bar |")
	fmt.Println("| --- | --- | --- | --- | --- |")
	row := func(name string, s, to series, of string, bar float64) {
		median, low, high := s.seconds()
		ratio, verdict := "", ""
		if to != nil {
			base, _, _ := to.seconds()
			r := median / base
			ratio = fmt.Sprintf("%.2f x %s", r, of)
			if bar > 0 {
				verdict = fmt.Sprintf("at most %g: holds", bar)
				if r > bar {
					verdict, missed = fmt.Sprintf("at most %g: missed", bar), true
				}
			}
		}
		fmt.Printf("| %s | %.2f (%.2f to %.2f) | %s | %s | %s |\n", name, median, low, high, s.memory(), ratio, verdict)
	}
	row("ast-grep scan, 3 rules", other, nil, "", 0)
	row("ast-grep scan, 3 rules of each language", every, nil, "", 0)
	row("napkin audit, cold", cold, other, "ast-grep", maxColdToPeer)
	row("the same, to the rules of each language", cold, every, "ast-grep", 0)
	row("napkin audit, nothing changed", warm, cold, "cold", maxWarmToCold)
	row("napkin audit, one file changed", touched, cold, "cold", 0)
	most := max(cold.memory(), warm.memory(), touched.memory())
	verdict := "holds"
	if most > maxMemory {
		verdict, missed = "missed", true
	}
	fmt.Printf("\nPeak memory of napkin %s; bar %s: %s\n", most, maxMemory, verdict)
	return missed
}

// copyTree copies the regular files of a tree; links and version control stay behind. Times are set an
// hour back, as those of a tree that was checked out a while ago.
func copyTree(from, to string) error {
	old := time.Now().Add(-time.Hour)
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir():
			if name := entry.Name(); path != from && (name == "node_modules" || name == ".git" || name == ".napkin") {
				return filepath.SkipDir
			}
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
		return os.Chtimes(target, old, old)
	})
}

// largest returns the largest source file of a language that is not a test.
func largest(tree, language string) (string, error) {
	best, size := "", int64(-1)
	err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || languages[filepath.Ext(path)] != language || strings.Contains(path, "test") {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() > size && info.Size() < 400<<10 {
			best, size = path, info.Size()
		}
		return err
	})
	return best, err
}

func appendLine(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("\n")
	return errors.Join(err, f.Close())
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

// survey counts the sources of the tree and returns its languages, the one with most bytes first, and
// the files and bytes of that.
func survey(tree string) (present []string, files int, size unit.Bytes, err error) {
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
		return nil, 0, 0, err
	}
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, 0, 0, fmt.Errorf("%s holds no source of a language that both read", tree)
	}
	sort.Slice(names, func(i, j int) bool { return sums[names[i]].size > sums[names[j]].size })
	return names, sums[names[0]].files, sums[names[0]].size, nil
}
