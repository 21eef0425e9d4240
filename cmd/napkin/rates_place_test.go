package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/database/dbrate"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

func measuredHere(name string, seconds float64) rate.Rate {
	return rate.Rate{Name: name, Kind: rate.Latency, Value: seconds, Low: seconds / 2, High: seconds * 2, What: "a probe", Origin: rate.Measured, Source: "A probe.", Date: "2026-11-20", Verdict: rate.Quiet}
}

// TestRatesSayWhereTheyWereMeasured holds the rates of a server that was given, and those of a folder, to their place.
func TestRatesSayWhereTheyWereMeasured(t *testing.T) {
	urls := []string{"redis://me:secret@10.0.0.7:17777"}
	databases, err := dbrate.Groups(dbrate.Options{URLs: urls})
	if err != nil {
		t.Fatal(err)
	}
	rates := []rate.Rate{measuredHere(rate.RedisPing, 1e-3), measuredHere(rate.Fsync, 1e-3), measuredHere(rate.MemoryReadRandom, 1e-7), measuredHere(rate.PostgresDurable, 1e-3)}
	place(rates, append(measure.Groups(), databases...), urls, "/var/tmp")
	for i, want := range []string{"measured 2026-11-20, server 10.0.0.7:17777", "measured 2026-11-20, this machine, disk of /var/tmp", "measured 2026-11-20, this machine", "measured 2026-11-20, this machine, disk of /var/tmp"} {
		if got := rates[i].Provenance(); got != want {
			t.Errorf("%s: %s, want %s", rates[i].Name, got, want)
		}
	}
}

// TestRatesShowComparesLikeWithLike has a point read over loopback, of which the published figure has a network in it,
// one of a server given, and a ping.
func TestRatesShowComparesLikeWithLike(t *testing.T) {
	s := newSession(t)
	var out, notes strings.Builder
	w := s.world(&out, &notes)
	state := filepath.Join(w.getenv("HOME"), ".local", "state")
	if dir := w.getenv("XDG_STATE_HOME"); dir != "" {
		state = dir
	}
	remote := measuredHere(rate.MySQLPointRead, 400e-6)
	remote.Where = "server db:3306"
	data, err := json.Marshal([]rate.Rate{measuredHere(rate.RedisPointRead, 20e-6), remote, measuredHere(rate.RedisPing, 20e-6)})
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, filepath.Join(state, "napkin", "rates.json"), string(data))
	code, stdout, stderr := s.run(t, "rates", "show", "point.read", "redis.ping")
	for _, line := range strings.Split(stdout, "\n") {
		flat := strings.Join(strings.Fields(line), " ")
		switch {
		case strings.HasPrefix(flat, rate.RedisPointRead) && !strings.Contains(flat, "500 µs loopback, published over a network"),
			strings.HasPrefix(flat, rate.MySQLPointRead) && !strings.Contains(flat, "0.8 server db:3306"),
			strings.HasPrefix(flat, rate.RedisPing) && !strings.HasSuffix(flat, "0.5"):
			t.Errorf("%q", flat)
		}
	}
	if code != exitOK || strings.Count(stdout, "point.read") < 3 {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for old, bad := range map[string]string{`"low":0.00001`: `"low":1`, `"verdict":"quiet"`: `"verdict":"splendid"`, `"date":"2026-11-20"`: `"date":"never"`} {
		s.write(t, filepath.Join(state, "napkin", "rates.json"), strings.Replace(string(data), old, bad, 1))
		if code, stdout, stderr := s.run(t, "rates", "show"); strings.Contains(string(data), old) && (code == exitOK || !strings.Contains(stderr, "run `napkin rates measure` again")) {
			t.Errorf("%s: exit %d\n%.200s%s", bad, code, stdout, stderr)
		}
	}
}

func TestForeignOutputIsShort(t *testing.T) {
	if got := firstLines("a\nb\nc\nd\ne", foreignLines); got != "a\nb\nc\n(and 2 more lines)" {
		t.Errorf("%q", got)
	}
	s := newSession(t)
	if code, _, stderr := s.run(t, "rates", "measure", "--dir", filepath.Join(s.project, "none"), "syscall"); code != exitError || strings.Count(stderr, "there is no such folder") != 1 {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(s.project, "none")); err == nil {
		t.Error("the folder was made")
	}
}
