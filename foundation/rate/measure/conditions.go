package measure

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// system reads what the kernel tells of a machine. Its roots are fields so that tests can tell another story.
type system struct {
	proc   procfs.FS
	cgroup string // "/sys/fs/cgroup"
}

var host = system{proc: procfs.Host, cgroup: "/sys/fs/cgroup"}

// describe returns the conditions that do not change during a run.
func describe(dir string) rate.Conditions {
	limit, _ := host.cpuLimit()
	if dir == "" {
		dir = os.TempDir()
	}
	return rate.Conditions{CPU: host.cpuModel(), Cores: runtime.GOMAXPROCS(0), Kernel: host.kernel(), Filesystem: filesystem(dir), CPULimit: limit}
}

func (s system) cpuModel() string {
	for line := range strings.Lines(s.proc.Read("cpuinfo")) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name", "Model", "cpu model":
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func (s system) kernel() string {
	release := strings.TrimSpace(s.proc.Read("sys/kernel/osrelease"))
	if release == "" {
		return runtime.GOOS
	}
	return "Linux " + release
}

// load returns the load average of the last minute.
func (s system) load() float64 {
	first, _, _ := strings.Cut(s.proc.Read("loadavg"), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return v
}

// ticks is CPU time of the whole machine in USER_HZ, which Linux fixes at 100 a second for user space.
type ticks struct {
	busy, steal, all float64
}

// cpuTicks reads the first line of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice.
// Guest time stands in user time too.
func (s system) cpuTicks() ticks {
	line, _, _ := strings.Cut(s.proc.Read("stat"), "\n")
	var t ticks
	fields := strings.Fields(line)
	for i, field := range fields {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || i > 8 {
			continue
		}
		t.all += v
		switch i {
		case 4, 5: // idle, iowait
		case 8:
			t.steal += v
		default:
			t.busy += v
		}
	}
	return t
}

// groups returns the folders of the process's control group and of those above it, the innermost first.
func (s system) groups() []string {
	var folders []string
	for line := range strings.Lines(s.proc.Read("self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root := s.cgroup
		switch {
		case parts[0] == "0" && parts[1] == "": // version 2
		case strings.Contains(","+parts[1]+",", ",cpu,"): // version 1: a hierarchy of its own
			root = filepath.Join(s.cgroup, "cpu")
		default:
			continue
		}
		// In a container the path may be that outside of it, which is not there; the root is its own then.
		for path := filepath.Clean("/" + parts[2]); ; path = filepath.Dir(path) {
			folders = append(folders, filepath.Join(root, path))
			if path == "/" {
				break
			}
		}
	}
	return folders
}

// cpuLimit returns the fewest cores that the control groups of the process allow, and false for no limit.
func (s system) cpuLimit() (cores float64, limited bool) {
	for _, folder := range s.groups() {
		quota, period := "", ""
		if data, err := os.ReadFile(filepath.Join(folder, "cpu.max")); err == nil {
			quota, period, _ = strings.Cut(strings.TrimSpace(string(data)), " ")
		} else if data, err := os.ReadFile(filepath.Join(folder, "cpu.cfs_quota_us")); err == nil {
			quota = strings.TrimSpace(string(data))
			data, _ := os.ReadFile(filepath.Join(folder, "cpu.cfs_period_us"))
			period = strings.TrimSpace(string(data))
		}
		q, err := strconv.ParseFloat(quota, 64) // "max" and -1 are no limit
		p, err2 := strconv.ParseFloat(period, 64)
		if err != nil || err2 != nil || q <= 0 || p <= 0 {
			continue
		}
		if c := q / p; !limited || c < cores {
			cores, limited = c, true
		}
	}
	return cores, limited
}

// throttled returns how often the control groups stopped the process at its limit.
func (s system) throttled() int {
	times := 0
	for _, folder := range s.groups() {
		data, err := os.ReadFile(filepath.Join(folder, "cpu.stat"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if value, ok := strings.CutPrefix(line, "nr_throttled "); ok {
				n, _ := strconv.Atoi(strings.TrimSpace(value))
				times += n
			}
		}
	}
	return times
}

// idle does nothing for a moment and returns the shares of it in which tasks of others waited for a CPU and for
// a disk.
func (s system) idle(ctx context.Context, moment time.Duration) (cpu, io float64) {
	cpuBefore, _, _ := s.proc.Pressure("cpu")
	ioBefore, _, _ := s.proc.Pressure("io")
	began := time.Now()
	select {
	case <-ctx.Done():
		return 0, 0 // nothing is measured any more
	case <-time.After(moment):
	}
	took := time.Since(began).Seconds()
	cpuAfter, _, _ := s.proc.Pressure("cpu")
	ioAfter, _, _ := s.proc.Pressure("io")
	return min(1, (cpuAfter-cpuBefore).Seconds()/took), min(1, (ioAfter-ioBefore).Seconds()/took)
}

// watch looks at the machine while a probe runs.
type watch struct {
	began     time.Time
	cpu, io   time.Duration
	ticks     ticks
	own       time.Duration
	throttled int
}

func startWatch() watch {
	w := watch{began: time.Now(), ticks: host.cpuTicks(), own: ownCPU(), throttled: host.throttled()}
	w.cpu, _, _ = host.proc.Pressure("cpu")
	w.io, _, _ = host.proc.Pressure("io")
	return w
}

// seen is what watches saw, one after the other. The zero seen is of no time.
type seen struct {
	took, own, cpu, io time.Duration
	ticks              ticks
	throttled          bool
}

// add ends a watch. Ticks are hundredths of a second, so that over a short probe the cores of others are known
// to some 5 %.
func (s *seen) add(w watch) {
	now := startWatch()
	s.took += now.began.Sub(w.began)
	s.own += now.own - w.own
	s.cpu += now.cpu - w.cpu
	s.io += now.io - w.io
	s.ticks.busy += now.ticks.busy - w.ticks.busy
	s.ticks.steal += now.ticks.steal - w.ticks.steal
	s.ticks.all += now.ticks.all - w.ticks.all
	s.throttled = s.throttled || now.throttled > w.throttled
}

// during returns c with what was seen.
func (s seen) during(c rate.Conditions) rate.Conditions {
	_, c.CPUAvg10, _ = host.proc.Pressure("cpu")
	_, c.IOAvg10, _ = host.proc.Pressure("io")
	c.Load = host.load()
	c.Throttled = s.throttled
	if took := s.took.Seconds(); took > 0 {
		c.PressureCPU = min(1, s.cpu.Seconds()/took)
		c.PressureIO = min(1, s.io.Seconds()/took)
		c.OtherCores = max(0, s.ticks.busy/100-s.own.Seconds()) / took
	}
	if s.ticks.all > 0 {
		c.Steal = s.ticks.steal / s.ticks.all
	}
	return c
}

// ownCPU is the CPU time of this process and of all below it, ended ones included: servers that the probes
// start are no other work. Where the kernel does not tell of processes it is that of this one.
func ownCPU() time.Duration {
	if sum, ok := host.proc.TreeCPU(os.Getpid()); ok {
		return sum
	}
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}
