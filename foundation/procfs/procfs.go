// Package procfs reads what Linux tells of a machine and of its processes in /proc: processor time, pressure,
// memory. What the kernel does not tell is said to be unknown; nothing here is an error, because no work
// depends on it, only how its times are to be understood.
package procfs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// FS is the folder of a proc file system. Its methods may be called from many goroutines.
type FS string

// Host is that of this machine.
const Host FS = "/proc"

// ticksPerSecond is USER_HZ, the unit of times in stat files: 100 a second on every Linux (proc(5)).
const ticksPerSecond = 100

// Read returns the content of a file, or "" where it cannot be read: not Linux, or hidden.
func (p FS) Read(name string) string {
	data, err := os.ReadFile(filepath.Join(string(p), name))
	if err != nil {
		return ""
	}
	return string(data)
}

// Memory returns a line of meminfo, such as MemTotal or MemAvailable; false where it is not known.
func (p FS) Memory(field string) (unit.Bytes, bool) {
	for line := range strings.Lines(p.Read("meminfo")) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return unit.Bytes(kib << 10), err == nil
		}
	}
	return 0, false
}

// Pressure returns the time since the start of the machine in which some task waited for a resource ("cpu", "io",
// "memory"), and the share of the last ten seconds in percent (PSI; kernel documentation, accounting/psi); false where
// the kernel does not count it.
func (p FS) Pressure(resource string) (total time.Duration, avg10 float64, ok bool) {
	for line := range strings.Lines(p.Read("pressure/" + resource)) {
		rest, some := strings.CutPrefix(line, "some ")
		if !some {
			continue
		}
		for _, field := range strings.Fields(rest) {
			key, value, _ := strings.Cut(field, "=")
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			switch key {
			case "avg10":
				avg10 = v
			case "total":
				total, ok = time.Duration(v)*time.Microsecond, true
			}
		}
	}
	return total, avg10, ok
}

// TreeCPU adds up the processor time of a process and of all below it, with that of ended ones whose parents waited
// for them; false where there is no such process. It is exact to hundredths of a second for a process of several
// threads, and to nanoseconds for one of a single thread, such as a session of PostgreSQL.
func (p FS) TreeCPU(root int) (time.Duration, bool) {
	folders, err := os.ReadDir(string(p))
	if err != nil {
		return 0, false
	}
	all := map[int]process{}
	for _, f := range folders {
		pid, err := strconv.Atoi(f.Name())
		if err != nil {
			continue
		}
		one, ok := parseStat(p.Read(f.Name() + "/stat"))
		if !ok {
			continue // it has just ended
		}
		if one.threads == 1 { // schedstat tells of the first thread alone
			first, _, _ := strings.Cut(p.Read(f.Name()+"/schedstat"), " ")
			if ns, err := strconv.ParseInt(first, 10, 64); err == nil && ns > 0 {
				one.own = time.Duration(ns)
			}
		}
		all[pid] = one
	}
	if _, ok := all[root]; !ok {
		return 0, false
	}
	var sum time.Duration
	for pid, one := range all {
		// Files are read one after the other, so that a number that was given anew may close a circle.
		for at, steps := pid, 0; at > 0 && steps < 64; steps++ {
			if at == root {
				sum += one.own + one.ended
				break
			}
			at = all[at].parent
		}
	}
	return sum, true
}

// process is a line of /proc/PID/stat.
type process struct {
	parent, threads int
	own, ended      time.Duration // of itself; of children that have ended
}

// parseStat reads a line of /proc/PID/stat (proc(5)).
func parseStat(text string) (process, bool) {
	// The second field is a name in parentheses, which may hold spaces and parentheses.
	end := strings.LastIndex(text, ") ")
	if end < 0 {
		return process{}, false
	}
	fields := strings.Fields(text[end+2:])
	if len(fields) < 18 {
		return process{}, false
	}
	var values [18]int64
	for _, i := range []int{1, 11, 12, 13, 14, 17} { // ppid, utime, stime, cutime, cstime, num_threads
		v, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return process{}, false
		}
		values[i] = v
	}
	seconds := func(ticks int64) time.Duration { return time.Duration(ticks) * time.Second / ticksPerSecond }
	return process{parent: int(values[1]), threads: int(values[17]), own: seconds(values[11] + values[12]), ended: seconds(values[13] + values[14])}, true
}
