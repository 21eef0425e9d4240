package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func TestVersionRange(t *testing.T) {
	for _, c := range []struct {
		majors []int
		want   string
	}{{[]int{11}, "11"}, {[]int{11, 12, 13, 15}, "11-13, 15"}, {nil, ""}} {
		if got := versionRange(c.majors); got != c.want {
			t.Errorf("%v is %q, want %q", c.majors, got, c.want)
		}
	}
}

func TestMatrixShow(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want []string
		not  []string
		code int
	}{
		"versions differ": {[]string{"not-null.set-proved-by-check"}, []string{"! 11 ", "  12-18 "}, nil, exitOK},
		"one version":     {[]string{"--server-version", "15", "type.int-to-bigint-indexed"}, []string{"! 15 ", "RW+IX"}, []string{"11"}, exitOK},
		"only harm":       {[]string{"--harm", "add-column"}, []string{"add-column.volatile-default"}, []string{"add-column.plain"}, exitOK},
		"MariaDB":         {[]string{"--product", "mariadb", "partition.by-hash"}, []string{"! 1011 ", "INSTANT", "RW"}, nil, exitOK},
		"no such":         {[]string{"no-such-statement"}, nil, nil, exitError},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := newSession(t).run(t, append([]string{"review", "matrix", "show"}, c.args...)...)
			if code != c.code {
				t.Fatalf("exit code %d\n%s", code, stderr)
			}
			for _, w := range c.want {
				if !strings.Contains(stdout, w) {
					t.Errorf("no %q in\n%s", w, stdout)
				}
			}
			for _, n := range c.not {
				if strings.Contains(stdout, n) {
					t.Errorf("%q in\n%s", n, stdout)
				}
			}
		})
	}
	_, stdout, _ := newSession(t).run(t, "review", "matrix", "show", "--json", "vacuum.full")
	var d matrix.Data
	if err := json.Unmarshal([]byte(stdout), &d); err != nil || len(d.Measured) != 1 || len(d.Measured[0].Results) != 2 {
		t.Errorf("%v\n%s", err, stdout)
	}
}

// TestMatrixRunGoesOn interrupts a run and holds that the next one measures only what was not.
func TestMatrixRunGoesOn(t *testing.T) {
	version, _, _ := strings.Cut(testserver.PostgresFor(t).Version, ".")
	s := newSession(t)
	file := filepath.Join(t.TempDir(), "measured.json")
	args := []string{"review", "matrix", "run", "--server-version", version, "-o", file, "default.", "not-null."}
	lines := func() int {
		text, _ := os.ReadFile(file + ".partial") // not there yet
		return strings.Count(string(text), "\n")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil && lines() < 2 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	code, _, stderr := s.runContext(ctx, args...)
	kept := lines()
	if code != exitInterrupted || !strings.Contains(stderr, "goes on from there") || kept < 2 {
		t.Fatalf("interrupted: exit %d with %d statements kept\n%s", code, kept, stderr)
	}
	before, err := os.ReadFile(file + ".partial")
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := s.run(t, args...); code != exitOK {
		t.Fatalf("the same again: exit %d\n%s", code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := matrix.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.Measured[0].Results); n <= kept {
		t.Errorf("%d statements, of which %d were measured before", n, kept)
	}
	// The amount of the write-ahead log differs from run to run, so it tells that a result was kept.
	for _, line := range strings.Split(strings.TrimSpace(string(before)), "\n") {
		var e struct{ Result matrix.Result }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			continue // cut off by the interrupt
		}
		for _, o := range d.Measured[0].Results {
			if o.ID == e.Result.Row && o.Runs[0].Effect != e.Result.Effect {
				t.Errorf("%s was measured again: %+v, before %+v", o.ID, o.Runs[0].Effect, e.Result.Effect)
			}
		}
	}
	if lines() != 0 {
		t.Error("the journal is left behind")
	}
}
