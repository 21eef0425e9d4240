package calcbench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// message is a line that a program beside us prints: a part of the work that is done and its CPU seconds.
type message struct {
	Version string   `json:"version"`
	Phase   string   `json:"phase"` // open, recalculate, edit, save
	CPU     float64  `json:"cpu"`
	Value   *float64 `json:"value"`
	Cells   int64    `json:"cells"`
}

// told is what such a program said until it ended or was stopped.
type told struct {
	version string
	phases  map[string]message
	total   float64 // CPU seconds of the process
	stopped bool
}

// child runs a program beside us, in a process group of its own that is stopped after so many CPU seconds.
func (b *bench) child(name string, args ...string) (told, error) {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	said := &tail{}
	cmd.Stdout, cmd.Stderr = &out, said
	t := told{phases: map[string]message{}}
	if err := cmd.Start(); err != nil {
		return t, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	began := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var err error
	seen := 0.0
wait:
	for {
		select {
		case err = <-done:
			break wait
		case <-tick.C:
			seen = max(seen, groupCPU(cmd.Process.Pid))
			if !t.stopped && (seen > b.PeerTimeout.Seconds() || time.Since(began) > 10*b.PeerTimeout) {
				t.stopped = true
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			}
		}
	}
	t.total = max(seen, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if err != nil && !t.stopped {
		return t, fmt.Errorf("%s: %w %s", filepath.Base(name), err, lastLine(said.text))
	}
	for line := range bytes.Lines(out.Bytes()) {
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue // half a line of one that was stopped, or what a library prints
		}
		if m.Version != "" {
			t.version = m.Version
		}
		if m.Phase != "" {
			t.phases[m.Phase] = m
		}
	}
	return t, nil
}

// outcome picks the phase that is compared: one that the program ended, or what it had taken of it when it was stopped.
func (t told) outcome(phase, compared string) (outcome, error) {
	o := outcome{version: t.version, phase: compared, value: math.NaN()}
	if m, ok := t.phases[phase]; ok {
		o.cpu = m.CPU
		if m.Value != nil {
			o.value = *m.Value
		}
		return o, nil
	}
	if !t.stopped {
		return o, errors.New("it ended without an answer")
	}
	o.cpu, o.atLeast = t.total, true
	for _, m := range t.phases {
		o.cpu -= m.CPU
	}
	o.note = "stopped"
	return o, nil
}

// groupCPU returns the CPU seconds of the processes of a group that live, and 0 where the system does not tell.
func groupCPU(group int) float64 {
	const ticks = 100 // USER_HZ of Linux, on all its platforms
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	sum := 0.0
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// The name, in parentheses, may hold anything; fields are counted from behind it.
		_, rest, ok := strings.Cut(string(text), ") ")
		f := strings.Fields(rest)
		if !ok || len(f) < 15 || f[2] != strconv.Itoa(group) {
			continue
		}
		for _, i := range []int{11, 12, 13, 14} { // own and of children that ended
			n, _ := strconv.ParseFloat(f[i], 64)
			sum += n / ticks
		}
	}
	return sum
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
