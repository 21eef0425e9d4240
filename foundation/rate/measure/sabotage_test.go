package measure

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// honest is a probe that a test breaks.
func honest() Probe {
	return Probe{Name: "test", Kind: rate.Latency, What: "a test", How: "a loop", Clock: Wall, Ceiling: cycle,
		Setup: simple(func(n int) uint64 {
			var sum uint64
			for i := range uint64(n) {
				sum += mix(i)
			}
			return sum
		}, func(n int) uint64 {
			var sum uint64
			for i := range uint64(n) {
				sum += mix(i)
			}
			return sum
		})}
}

func alone(p Probe) Group { return Group{Name: "test", Probes: []Probe{p}} }

func runOne(t *testing.T, g Group, dir string) Result {
	t.Helper()
	result, err := Run(t.Context(), Options{Groups: []Group{g}, Dir: dir, Quick: true, Today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestSabotage holds that a probe which does not do its work gives a sentence and never a rate.
func TestSabotage(t *testing.T) {
	if r := runOne(t, alone(honest()), ""); len(r.Rates) != 1 {
		t.Fatalf("the probe that the cases break gives %+v", r.Refused)
	}
	for name, c := range map[string]struct {
		sabotage func(*Probe)
		says     string
	}{
		"no-op": {func(p *Probe) {
			p.Setup = simple(func(int) uint64 { return 0 }, func(n int) uint64 { return mix(uint64(n)) })
		}, "does not verify"},
		"no-op with a no-op check": {func(p *Probe) {
			p.Setup = simple(func(int) uint64 { return 0 }, func(int) uint64 { return 0 })
		}, "does nothing"},
		"stops early": {func(p *Probe) {
			p.Setup = simple(func(n int) uint64 { return uint64(min(n, 10)) }, func(n int) uint64 { return uint64(n) })
		}, "checksum 000000000000000a"},
		"wrong checksum": {func(p *Probe) {
			p.Setup = simple(func(n int) uint64 { return uint64(n) }, func(n int) uint64 { return uint64(n) + 1 })
		}, "does not verify"},
		"above the ceiling": {func(p *Probe) {
			p.Kind, p.Of, p.Each, p.Ceiling = rate.Throughput, "B", 1<<20, coreBandwidth // a MiB for each turn of the loop
		}, "which no hardware can do"},
		"below the ceiling of a latency": {func(p *Probe) { p.Ceiling = 1 }, "which no hardware can do"},
		"set-up fails": {func(p *Probe) {
			p.Setup = func(context.Context, Env) (Work, error) { return Work{}, errors.New("no such thing") }
		}, "no such thing"},
		"fails on the way": {func(p *Probe) {
			turns := 0
			p.Setup = func(context.Context, Env) (Work, error) {
				return Work{Verify: func(int, uint64) error { return nil }, Run: func(int) (uint64, error) {
					if turns++; turns > 12 {
						return 0, syscall.ENOSPC
					}
					time.Sleep(time.Millisecond)
					return 0, nil
				}}, nil
			}
		}, "no space left"},
	} {
		p := honest()
		c.sabotage(&p)
		result := runOne(t, alone(p), "")
		if len(result.Rates) != 0 || len(result.Refused) != 1 || !strings.Contains(result.Refused[0].Reason.Error(), c.says) {
			t.Errorf("%s: rates %v, refused %v; want a refusal with %q", name, result.Rates, result.Refused, c.says)
		}
	}
}

// TestClockJumps holds that a clock which runs backwards is an error, and that one which leaps moves no value.
// The clocks of the harness are monotonic, so neither is expected of them.
func TestClockJumps(t *testing.T) {
	measureWith := func(step func(call int) time.Duration) (rate.Rate, error) {
		now, calls := time.Duration(0), 0
		clock := func() time.Duration {
			calls++
			now += step(calls)
			return now
		}
		h := harness{probe: honest(), turns: 1, budget: time.Second, clocks: clocks{clock, clock, clock}}
		h.probe.Single = true
		if err := h.round(t.Context(), Env{}); err != nil {
			return rate.Rate{}, err
		}
		return h.judge(rate.Conditions{})
	}
	steady, err := measureWith(func(int) time.Duration { return time.Millisecond })
	if err != nil {
		t.Fatal(err)
	}
	leap, err := measureWith(func(call int) time.Duration {
		if call == 9 {
			return 500 * time.Millisecond
		}
		return time.Millisecond
	})
	if err != nil || leap.Value != steady.Value {
		t.Errorf("a leap of the clock makes %v of %v, %v", leap.Value, steady.Value, err)
	}
	if _, err := measureWith(func(call int) time.Duration {
		if call%20 == 9 {
			return -time.Hour
		}
		return time.Millisecond
	}); err == nil || !strings.Contains(err.Error(), "ran backwards") {
		t.Errorf("a clock that runs backwards: %v", err)
	}
	// What changes the date changes no monotonic reading; time.Time prints that it carries one.
	if text := time.Now().String(); !strings.Contains(text, " m=") {
		t.Errorf("time.Now has no monotonic reading: %s", text)
	}
}

// diskNames are the rates that need a disk, and fileNames those of the page cache.
var (
	diskNames = []string{rate.DiskWriteSequential, rate.DiskReadSequential, rate.DiskReadRandom, rate.DiskReadParallel, rate.Fsync}
	fileNames = []string{rate.FileReadCached, rate.FileWriteCached}
)

// refusals runs the disk probes in a folder and returns why each was refused; a rate is an error for those
// that must have none.
func refusals(t *testing.T, dir string, must []string) map[string]string {
	t.Helper()
	result := runOne(t, Group{Name: "disk", Probes: diskProbes()}, dir)
	reasons := map[string]string{}
	for _, r := range result.Refused {
		reasons[r.Name] = r.Reason.Error()
	}
	for _, name := range must {
		if reasons[name] == "" {
			t.Errorf("%s was measured in %s", name, dir)
		}
	}
	return reasons
}

func TestFolderOnMemory(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "napkin-test-*")
	if err != nil || filesystem(dir) != "tmpfs" {
		t.Skipf("/dev/shm is no tmpfs that can be written: %v", err)
	}
	defer os.RemoveAll(dir)
	for name, reason := range refusals(t, dir, diskNames) {
		if !strings.Contains(reason, "memory and not a disk") {
			t.Errorf("%s: %s", name, reason)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind", len(left))
	}
}

// TestDirectRefused opens a file of a file system that has no O_DIRECT: procfs.
func TestDirectRefused(t *testing.T) {
	if filesystem("/proc") == "" {
		t.Skip("no /proc here")
	}
	file, err := openDirect("/proc/self/comm")
	if err == nil {
		file.Close()
		t.Skip("this kernel's procfs takes O_DIRECT")
	}
	if !strings.Contains(err.Error(), "the cache would be measured and not the disk") {
		t.Error(err)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Getuid() == 0 {
		// Root writes through permissions; /proc is a folder that takes no file from anyone.
		for name, reason := range refusals(t, "/proc", append(diskNames, fileNames...)) {
			if !strings.Contains(reason, "--dir") {
				t.Errorf("%s: %s", name, reason)
			}
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for name, reason := range refusals(t, dir, append(diskNames, fileNames...)) {
		if !strings.Contains(reason, "permission denied") {
			t.Errorf("%s: %s", name, reason)
		}
	}
}

// TestFullDisk limits the size of files in a child process, for which no rights are needed: each probe's file
// stops growing half way, as on a disk that is full.
func TestFullDisk(t *testing.T) {
	const variable = "NAPKIN_TEST_FULL_DISK"
	if dir := os.Getenv(variable); dir != "" {
		signal.Ignore(syscall.SIGXFSZ) // so that a write fails, as it does on a full disk
		for name, reason := range refusals(t, dir, append(diskNames, fileNames...)) {
			if !strings.Contains(reason, "free some space") && !strings.Contains(reason, "too large") {
				t.Errorf("%s: %s", name, reason)
			}
		}
		return
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -f 512 && exec "$0" -test.run='^TestFullDisk$'`, os.Args[0])
	child.Env = append(os.Environ(), variable+"="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind", len(left))
	}
	fullTmpfs(t)
}

// fullTmpfs is a file system of 4 MiB, which only root can make. The page cache's probes find it full.
func fullTmpfs(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("not root: a small file system is not mounted, and only the limit of a file's size was tried")
		return
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=4m", "napkin", dir).CombinedOutput(); err != nil {
		t.Logf("a small file system cannot be mounted here (%v, %s); only the limit of a file's size was tried", err, out)
		return
	}
	defer func() { _ = exec.Command("umount", dir).Run() }()
	reasons := refusals(t, dir, fileNames)
	for _, name := range fileNames {
		if !strings.Contains(reasons[name], "no space left") {
			t.Errorf("%s: %s", name, reasons[name])
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind on the full file system", len(left))
	}
}

// TestControlGroup reads files of control groups as kernels write them, in testdata: making a group needs
// rights that tests do not have.
func TestControlGroup(t *testing.T) {
	for name, c := range map[string]struct {
		cores     float64
		limited   bool
		throttled int
	}{
		"v2":        {1.5, true, 12}, // the group allows two cores, the one above it one and a half
		"v1":        {0.5, true, 3},
		"unlimited": {0, false, 0},
		"missing":   {0, false, 0},
	} {
		s := system{proc: procfs.FS(filepath.Join("testdata", name, "proc")), cgroup: filepath.Join("testdata", name, "cgroup")}
		cores, limited := s.cpuLimit()
		if cores != c.cores || limited != c.limited || s.throttled() != c.throttled {
			t.Errorf("%s: %v cores, limited %v, throttled %d; want %+v", name, cores, limited, s.throttled(), c)
		}
	}
}

// TestVerdicts holds the rules that docs/rates.md tells.
func TestVerdicts(t *testing.T) {
	even := make([]float64, 100)
	for i := range even {
		even[i] = 1 + float64(i)/1e4
	}
	slow := make([]float64, 100)
	for i := range slow {
		slow[i] = 1
		if i > 20 {
			slow[i] = 1.4
		}
	}
	for name, c := range map[string]struct {
		probe   Probe
		disk    bool
		samples []float64
		width   float64
		during  rate.Conditions
		want    rate.Verdict
	}{
		"nothing else ran":                {Probe{}, false, even, 0.01, rate.Conditions{}, rate.Quiet},
		"CPU work beside others":          {Probe{Clock: ThreadCPU}, false, even, 0.01, rate.Conditions{OtherCores: 2}, rate.Quiet},
		"shared memory beside others":     {Probe{Clock: ThreadCPU, Shared: true}, false, even, 0.01, rate.Conditions{OtherCores: 0.5}, rate.Noisy},
		"waiting beside others":           {Probe{}, false, even, 0.01, rate.Conditions{OtherCores: 0.5}, rate.Noisy},
		"a wide interval":                 {Probe{}, false, even, 0.2, rate.Conditions{}, rate.Noisy},
		"half of the slices slowed":       {Probe{Clock: ThreadCPU}, false, slow, 0.01, rate.Conditions{}, rate.Noisy},
		"the control group throttled":     {Probe{Clock: ThreadCPU}, false, even, 0.01, rate.Conditions{Throttled: true}, rate.Noisy},
		"the hypervisor stole":            {Probe{Clock: ThreadCPU}, false, even, 0.01, rate.Conditions{Steal: 0.1}, rate.Noisy},
		"others wait for the disk":        {Probe{}, true, even, 0.01, rate.Conditions{IdleIO: 0.2}, rate.Noisy},
		"others' disk, loopback measured": {Probe{}, false, even, 0.01, rate.Conditions{IdleIO: 0.2}, rate.Quiet},
		"an interval of any size":         {Probe{}, false, even, 2, rate.Conditions{}, rate.Invalid},
		"few samples":                     {Probe{}, false, even[:5], 0.01, rate.Conditions{}, rate.Invalid},
	} {
		h := harness{probe: c.probe, disk: c.disk}
		if got := h.verdict(c.samples, c.samples[len(c.samples)/10], c.width, c.during); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
