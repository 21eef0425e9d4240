package matrix

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// Result is what one statement did on one server.
type Result struct {
	Row     string        `json:"row"`
	Digest  string        `json:"digest"` // of the row
	Major   int           `json:"major"`
	Effect  effect.Effect `json:"effect"`
	Refused string        `json:"refused,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
}

// Bench measures statements on one server. One goroutine uses it.
type Bench interface {
	// Server says what is measured on.
	Server() Server
	// Measure runs a row. An error means that it could not be measured; a statement that the server
	// refuses is a result.
	Measure(ctx context.Context, row Row) (Result, error)
	// Close stops the server.
	Close() error
}

// Options of [Measure].
type Options struct {
	Product Product
	// Benches start one server each; those of a version that is not there are left out by the caller.
	Benches []func(context.Context) (Bench, error)
	// Only says which rows to measure; nil means all.
	Only func(Row) bool
	// Concurrency is how many servers run at once; 0 means 2.
	Concurrency int
	// Journal is a file that results are appended to as they come. Those that it holds of the same rows
	// and versions are not measured again, so that a run that was cut off goes on. Empty means none.
	Journal  string
	Progress progress.Reporter
	Now      func() time.Time
}

// settings are those of the servers, for the provenance.
const settings = "private server, fsync off, autovacuum off, locale C"

// Measure runs the statements of a product on servers. When ctx ends, it returns its error, and the journal
// holds what was measured.
func Measure(ctx context.Context, o Options) (*Section, error) {
	known, keep, err := openJournal(o.Journal)
	if err != nil {
		return nil, err
	}
	defer keep.Close()
	report := progress.OrSilent(o.Progress)
	var rows []Row
	for _, row := range Rows(o.Product) {
		if o.Only == nil || o.Only(row) {
			rows = append(rows, row)
		}
	}
	stage := report.Stage("measuring statements", int64(len(rows)*len(o.Benches)))
	defer stage.End()
	perServer := make([][]Result, len(o.Benches))
	servers := make([]Server, len(o.Benches))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(o.Concurrency, 2))
	for i, start := range o.Benches {
		group.Go(func() error {
			bench, err := start(ctx)
			if err != nil {
				return err
			}
			servers[i] = bench.Server()
			perServer[i], err = measureOn(ctx, bench, o.Product, rows, known, keep, stage)
			if stopped := bench.Close(); err == nil {
				err = stopped
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return assemble(o, rows, servers, perServer), nil
}

// measureOn measures rows on one server, but for those that the journal knows.
func measureOn(ctx context.Context, bench Bench, p Product, rows []Row, known map[key]Result, keep io.Writer, stage progress.Stage) ([]Result, error) {
	var results []Result
	server := bench.Server()
	for _, row := range rows {
		stage.Add(1)
		if !row.On(server.Major) {
			continue
		}
		digest := row.digest(p)
		if r, ok := known[key{digest, server.Version}]; ok {
			results = append(results, r)
			continue
		}
		r, err := bench.Measure(ctx, row)
		if err != nil {
			return nil, fmt.Errorf("measure %s on %s: %w", row.ID, server.Version, err)
		}
		r.Row, r.Digest, r.Major = row.ID, digest, server.Major
		results = append(results, r)
		line, err := json.Marshal(entry{server.Version, r})
		if err != nil {
			return nil, err
		}
		if _, err := keep.Write(append(line, '\n')); err != nil {
			return nil, fmt.Errorf("keep what was measured: %w", err)
		}
	}
	return results, nil
}

// assemble puts the results of all servers in order.
func assemble(o Options, rows []Row, servers []Server, perServer [][]Result) *Section {
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	s := &Section{Product: o.Product, Date: now().UTC().Format(time.DateOnly), Digest: Digest(o.Product), Rows: FixtureRows(o.Product), Settings: settings, Servers: servers}
	slices.SortFunc(s.Servers, func(a, b Server) int { return a.Major - b.Major })
	byRow := map[string][]Result{}
	for _, results := range perServer {
		for _, r := range results {
			byRow[r.Row] = append(byRow[r.Row], r)
		}
	}
	for _, row := range rows {
		results := byRow[row.ID]
		slices.SortFunc(results, func(a, b Result) int { return a.Major - b.Major })
		outcome := Outcome{ID: row.ID}
		for _, r := range results {
			outcome.merge(r)
		}
		if len(outcome.Runs) > 0 {
			s.Results = append(s.Results, outcome)
		}
	}
	return s
}

// key names a result in the journal.
type key struct{ digest, version string }

// entry is a line of the journal.
type entry struct {
	Version string `json:"version"`
	Result  Result `json:"result"`
}

// openJournal reads what the journal knows and opens it for more. A last line that was cut off is dropped.
func openJournal(path string) (map[key]Result, io.WriteCloser, error) {
	known := map[key]Result{}
	if path == "" {
		return known, nothing{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("read what was measured before: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			known[key{e.Result.Digest, e.Version}] = e.Result
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("keep what is measured: %w", err)
	}
	if n := len(text); n > 0 && text[n-1] != '\n' {
		if _, err := file.WriteString("\n"); err != nil {
			_ = file.Close()
			return nil, nil, fmt.Errorf("keep what is measured: %w", err)
		}
	}
	return known, &appender{file: file}, nil
}
