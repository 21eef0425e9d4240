package matrix

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
)

func TestRows(t *testing.T) {
	for p, least := range map[Product]int{Postgres: 250, MariaDB: 90} {
		if n := len(Rows(p)); n < least {
			t.Errorf("%s has %d statements, want at least %d", p, n, least)
		}
		seen := map[string]string{}
		for _, row := range Rows(p) {
			if other := seen[row.SQL+row.Setup+row.Session]; other != "" {
				t.Errorf("%s and %s are the same", other, row.ID)
			}
			seen[row.SQL+row.Setup+row.Session] = row.ID
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no head":            "select 1",
		"no family":          "--: plain target=t\nselect 1",
		"no target":          "--: a.b\nselect 1",
		"no statement":       "--: a.b target=t",
		"two of one name":    "--: a.b target=t\nselect 1\n--: a.b target=t\nselect 2",
		"a semicolon":        "--: a.b target=t\nselect 1;",
		"an unknown word":    "--: a.b target=t until=14\nselect 1",
		"an unknown comment": "--: a.b target=t\n-- why\nselect 1",
		"no version":         "--: a.b target=t since=x\nselect 1",
	} {
		if rows, err := parse(text); err == nil {
			t.Errorf("%s: read as %+v", name, rows)
		}
	}
}

// TestEmbeddedIsOfTheseStatements fails when a statement or the fixture changes and the matrix was not
// measured again: make review-matrix.
func TestEmbeddedIsOfTheseStatements(t *testing.T) {
	for _, p := range []Product{Postgres, MariaDB} {
		s := Embedded().Section(p)
		if s == nil {
			t.Errorf("nothing was measured on %s", p)
			continue
		}
		if s.Digest != Digest(p) {
			t.Errorf("%s: the measurements are of other statements (%s, now %s); run make review-matrix", p, s.Digest, Digest(p))
		}
		if len(s.Results) != len(Rows(p)) {
			t.Errorf("%s: %d statements of %d were measured", p, len(s.Results), len(Rows(p)))
		}
	}
	var majors []int
	for _, s := range Embedded().Section(Postgres).Servers {
		majors = append(majors, s.Major)
	}
	if want := []int{11, 12, 13, 14, 15, 16, 17, 18}; !slices.Equal(majors, want) {
		t.Errorf("measured on %v, want %v", majors, want)
	}
	text, err := Embedded().Write()
	if err != nil || !bytes.Equal(text, measured) {
		t.Errorf("written again the file differs: %v", err)
	}
}

func TestLookup(t *testing.T) {
	d := Data{SchemaVersion: 1, Measured: []Section{{Product: Postgres, Results: []Outcome{{ID: "a.b", Runs: []Run{
		{Majors: []int{11}, Effect: effect.Effect{Work: effect.Scan}}, {Majors: []int{13, 15}}}}}}}}
	for asked, want := range map[int]Answer{
		10: {Effect: effect.Effect{Work: effect.Scan}, Major: 11},
		11: {Effect: effect.Effect{Work: effect.Scan}, Major: 11, Exact: true},
		12: {Effect: effect.Effect{Work: effect.Scan}, Major: 11},
		14: {Major: 13},
		15: {Major: 15, Exact: true},
		99: {Major: 15},
	} {
		if got, ok := d.Lookup(Postgres, "a.b", asked); !ok || got != want {
			t.Errorf("%d: %+v, want %+v", asked, got, want)
		}
	}
	if _, ok := d.Lookup(Postgres, "a.c", 15); ok {
		t.Error("a statement that was not measured has an answer")
	}
	if _, ok := d.Lookup(MariaDB, "a.b", 15); ok {
		t.Error("a product that was not measured has an answer")
	}
}

// sample is what the test against a live server measures: on PostgreSQL one of twelve, and what versions have
// changed; on MariaDB, where each takes longer, one of eighteen.
func sample(p Product) func(Row) bool {
	chosen := map[string]bool{}
	every := map[Product]int{Postgres: 12, MariaDB: 18}[p]
	for i, row := range Rows(p) {
		if i%every == 0 {
			chosen[row.ID] = true
		}
	}
	if p == Postgres {
		for _, id := range []string{"add-column.volatile-default", "type.int-to-bigint", "not-null.set-proved-by-check", "foreign-key.add",
			"index.create-concurrently", "index.reindex", "partition.attach-checked", "vacuum.full", "table.truncate"} {
			chosen[id] = true
		}
	}
	return func(r Row) bool { return chosen[r.ID] }
}

// bench returns the installed server, or skips.
func bench(t *testing.T, p Product) func(context.Context) (Bench, error) {
	t.Helper()
	if p == MariaDB {
		return MariaDBBench
	}
	releases, err := pgrelease.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(releases) == 0 {
		return func(context.Context) (Bench, error) { return nil, scratch.ErrNotInstalled }
	}
	return PostgresBench(releases[0])
}

func TestSampleAgainstLiveServer(t *testing.T) {
	for _, p := range []Product{Postgres, MariaDB} {
		t.Run(string(p), func(t *testing.T) {
			s, err := Measure(t.Context(), Options{Product: p, Benches: []func(context.Context) (Bench, error){bench(t, p)}, Only: sample(p)})
			if errors.Is(err, scratch.ErrNotInstalled) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for _, o := range s.Results {
				live := o.Runs[0]
				kept, ok := Embedded().Lookup(p, o.ID, live.Majors[0])
				if !ok || !kept.Exact {
					continue // the installed version is none of those that were measured
				}
				compared++
				was, is := kept.Effect.Class(), live.Effect.Class()
				was.Brief, is.Brief = effect.NoLock, effect.NoLock // seen by luck
				if is.OutsideTransaction {                         // so are the locks on partitions and indexes, of which each is held for a while
					was.Other, is.Other, was.Index, is.Index = effect.NoLock, effect.NoLock, effect.NoLock, effect.NoLock
				}
				was.WaitsRead, is.WaitsRead, was.WaitsWrite, is.WaitsWrite = false, false, false, false
				if was != is || (kept.Refused == "") != (live.Refused == "") {
					t.Errorf("%s: %s %s, and the matrix says %s %s", o.ID, live.Effect, live.Refused, kept.Effect, kept.Refused)
				}
			}
			if compared == 0 {
				t.Skipf("%v is none of the versions that were measured", s.Servers)
			}
		})
	}
}

// counting is a bench that needs no server.
type counting struct {
	measured *[]string
	failAt   string
}

func (c counting) Server() Server { return Server{Major: 15, Version: "15.1"} }
func (c counting) Close() error   { return nil }
func (c counting) Measure(_ context.Context, row Row) (Result, error) {
	if row.ID == c.failAt {
		return Result{}, errors.New("the server is gone")
	}
	*c.measured = append(*c.measured, row.ID)
	return Result{Effect: effect.Effect{RowsRead: 7}}, nil
}

func TestJournal(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "partial")
	var measured []string
	o := Options{Product: Postgres, Journal: journal, Only: func(r Row) bool { return r.Family() == "default" }}
	run := func(failAt string) (*Section, error) {
		o.Benches = []func(context.Context) (Bench, error){func(context.Context) (Bench, error) { return counting{&measured, failAt}, nil }}
		return Measure(t.Context(), o)
	}
	if _, err := run("default.drop"); err == nil || !strings.Contains(err.Error(), "default.drop") {
		t.Fatalf("%v", err)
	}
	file, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"version":"15.1","resu`); err != nil { // cut off
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := run("")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"default.set", "default.set-volatile", "default.drop"}; !slices.Equal(measured, want) || len(s.Results) != 3 {
		t.Errorf("measured %v with %d results, want %v once each", measured, len(s.Results), want)
	}
	if s, err = run(""); err != nil || len(s.Results) != 3 || len(measured) != 3 || s.Results[0].Runs[0].Effect.RowsRead != 7 {
		t.Errorf("the journal holds all, and %v were measured: %+v, %v", measured, s, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"measured":[{"product":"postgres","results":[{"id":"a.b","runs":[{"majors":[11],"effect":{"target":"AX"}}]}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Read(text)
		if err != nil {
			return
		}
		again, err := d.Write()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(again); err != nil {
			t.Errorf("what was written is not read: %v", err)
		}
	})
}
