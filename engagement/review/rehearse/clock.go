package rehearse

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clockTick is the unit of the times in /proc/PID/stat: 1/100 s on every Linux of ours.
const clockTick = 100

// ProcessorSeconds adds up the processor time of a process and all below it, with that of children that
// have ended. Those that live are read from /proc/PID/schedstat, which counts nanoseconds, and those that
// have ended from their parents. It is 0 where there is no /proc.
func ProcessorSeconds(root int) float64 {
	children := map[int][]int{}
	used := map[int]float64{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, parent, own, ended, ok := parseStat(string(text))
		if !ok {
			continue
		}
		if precise, err := os.ReadFile(filepath.Join(filepath.Dir(path), "schedstat")); err == nil {
			if fields := strings.Fields(string(precise)); len(fields) > 0 {
				if ns, err := strconv.ParseFloat(fields[0], 64); err == nil && ns > 0 {
					own = ns / 1e9
				}
			}
		}
		children[parent] = append(children[parent], pid)
		used[pid] = own + ended
	}
	var sum func(int) float64
	sum = func(pid int) float64 {
		t := used[pid]
		for _, c := range children[pid] {
			t += sum(c)
		}
		return t
	}
	return sum(root)
}

// parseStat reads the process, its parent, its own time and that of its children that have ended, in
// seconds (proc(5)).
func parseStat(text string) (pid, parent int, own, ended float64, ok bool) {
	head, rest, found := strings.Cut(text, " (")
	end := strings.LastIndex(rest, ") ")
	if !found || end < 0 {
		return 0, 0, 0, 0, false
	}
	f := strings.Fields(rest[end+2:])
	if len(f) < 15 {
		return 0, 0, 0, 0, false
	}
	var values [4]float64
	for i := range values { // utime, stime, cutime, cstime
		v, err := strconv.ParseFloat(f[11+i], 64)
		if err != nil {
			return 0, 0, 0, 0, false
		}
		values[i] = v / clockTick
	}
	pid, err := strconv.Atoi(head)
	if err != nil {
		return 0, 0, 0, 0, false
	}
	parent, err = strconv.Atoi(f[1])
	return pid, parent, values[0] + values[1], values[2] + values[3], err == nil
}

// stalled returns the time in seconds in which something on this machine waited for a processor, since it
// started; false where the kernel does not count it.
func stalled() (float64, bool) {
	text, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, false
	}
	_, total, found := strings.Cut(string(text), "total=")
	total, _, _ = strings.Cut(total, "\n")
	micros, err := strconv.ParseFloat(strings.TrimSpace(total), 64)
	return micros / 1e6, found && err == nil
}

// memory is the machine's, in bytes; 0 where it is not known.
func memory() float64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err != nil {
				return 0
			}
			return kib * 1024
		}
	}
	return 0
}
