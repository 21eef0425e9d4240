package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// TestLittleWork holds that a run whose work is little says so and gives no ratio, which would be one of hundreds.
func TestLittleWork(t *testing.T) {
	s := newSession(t)
	sql := filepath.Join(s.project, "001.sql")
	s.write(t, sql, "create table a (id bigint primary key);\n")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"closed form":    {[]string{"estimate", "1 + 1"}, "no ratio: there is no work to speak of beside the start"},
		"draws":          {[]string{"estimate", "exp(1 to 2)"}, "no ratio: the work is too little to tell from the start"},
		"one short file": {[]string{"review", sql}, "at least (reading SQL: 40 B at "},
		"as JSON":        {[]string{"review", "--json", sql}, "at least (reading SQL: 40 B at "},
		"JSON of draws":  {[]string{"estimate", "--json", "exp(1 to 2)"}, "no ratio: the work is too little to tell from the start"},
	} {
		code, _, stderr := s.run(t, c.args...)
		if code == exitError || !strings.Contains(stderr, c.says) || !strings.Contains(stderr, "\nlimit   10 ms ") || !strings.Contains(stderr, "starting the program: 1 process of 10 ms (published, ") || strings.Contains(stderr, "x the limit") {
			t.Errorf("%s: exit %d, %s", name, code, stderr)
		}
		if code, _, stderr = s.run(t, append(c.args, "--quiet")...); code == exitError || strings.Contains(stderr, "limit") {
			t.Errorf("%s, --quiet: exit %d, %s", name, code, stderr)
		}
	}
}

// TestLimitAsJSON reads the object that docs/architecture.md describes.
func TestLimitAsJSON(t *testing.T) {
	s := newSession(t)
	measured, _ := rate.Embedded().Get(rate.ProgramStart)
	measured.Origin, measured.Date, measured.Samples = rate.Measured, "2026-11-28", &rate.Samples{N: 11, Floor: 0.025}
	if _, err := workspace.ThisMachine(func(name string) string { return s.env[name] }).SaveRates([]rate.Rate{measured}); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"estimate": {"estimate", "--json", "exp(1 to 2)"},
		"measure":  {"rates", "measure", "--json", "--quick", "atomic.add"},
	} {
		code, stdout, stderr := s.run(t, args...)
		var document struct{ Limit limit.RunJSON }
		if err := json.Unmarshal([]byte(stdout), &document); err != nil || code != exitOK {
			t.Fatalf("%s: exit %d, %v, %s", name, code, err, stderr)
		}
		if l := document.Limit; l.Start != 0.025 || l.Work <= 0 || l.Seconds != l.Start+l.Work || l.Took <= 0 || l.Bound == "" || l.Says == "" || (l.Ratio > 0) != (name == "measure") {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestProcessStart(t *testing.T) {
	if began := processStart(); !began.Before(time.Now()) || time.Since(began) > time.Hour {
		t.Errorf("this process started %s ago", time.Since(began))
	}
}
