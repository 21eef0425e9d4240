package datadiff

import (
	"bufio"
	"io"
	"os"
	"testing"
	"time"
)

// SetPauses replaces the times between attempts until the test ends.
func SetPauses(t testing.TB, p ...time.Duration) {
	before := pauses
	pauses = p
	t.Cleanup(func() { pauses = before })
}

// TasksIn counts the tasks that a journal names as done, without touching it.
func TasksIn(path string) (tasks int, rows int64) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	r := bufio.NewReader(f)
	if _, err := io.CopyN(io.Discard, r, int64(len(journalMagic))); err != nil {
		return 0, 0
	}
	for {
		kind, payload, err := readRecord(r)
		if err != nil {
			return tasks, rows
		}
		if kind == recordTask {
			if done, err := parseTask(payload); err == nil {
				tasks++
				rows += int64(done.Rows[0])
			}
		}
	}
}

// LongestIncreasing is tested on all small cases.
var LongestIncreasing = longestIncreasing
