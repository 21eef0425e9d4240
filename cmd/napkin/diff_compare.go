package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// comparing is one run of `napkin diff`.
type comparing struct {
	*face
	flags   *diffFlags
	format  string
	browser string // for a PDF
	urls    []string
	sides   [2]diffSide
	// oneServer: both sides are on one.
	oneServer bool
	pairs     []tablePair
	summary   render.Summary
	output    *answerFile // where NDJSON goes while rows are compared
	fix       *repairing  // nil when nothing is repaired
}

// about is what the answer needs to know of a pair beside its result.
func (d *comparing) about(p *tablePair) render.About {
	return render.About{A: p.shown[0], B: p.shown[1], Sample: d.flags.sample.value, Confidence: d.flags.confidence.value,
		Recheck: d.recheck() > 0, Schema: p.schema}
}

// recheck is the window in which rows that differ are read again. The default is for two servers: on
// one, both sides are read within the same moments and no replica is behind.
func (d *comparing) recheck() time.Duration {
	if !d.flags.recheck.given && d.oneServer {
		return 0
	}
	return d.flags.recheck.value
}

// prepare plans the comparison of a pair.
func (d *comparing) prepare(ctx context.Context, p *tablePair, o datadiff.Options) (*datadiff.Job, error) {
	var sides [2]datadiff.Side
	for i, s := range d.sides {
		sides[i] = datadiff.Side{Database: s.db, Table: p.name[i], Name: s.url.String() + " " + p.shown[i], Meter: s.meter}
	}
	return datadiff.Prepare(ctx, sides[0], sides[1], o)
}

// options are those of a pair, without a journal.
func (d *comparing) options(p *tablePair) datadiff.Options {
	o := datadiff.Options{
		Selection: d.flags.selection(p.sides[0], p.sides[1], len(d.pairs) > 1),
		Workers:   int(d.flags.workers.value), RangeRows: d.flags.rangeRows.value, Snapshot: d.flags.snapshot,
		Recheck: d.recheck(), Sample: d.flags.sample.value, Limit: d.flags.limit.value, Progress: d.progress(),
	}
	if d.flags.plan.value != "auto" {
		o.Plan = datadiff.PlanKind(d.flags.plan.value)
	}
	return o
}

// compare compares the pairs one after the other. A pair that fails is told of and the others go on; an
// interrupt ends all. The error is one that leaves no answer.
func (d *comparing) compare(ctx context.Context) error {
	d.summary.SchemaVersion, d.summary.SchemaOnly = render.SchemaVersion, d.flags.schemaOnly
	d.summary.Tool = report.Tool{Name: "napkin", Version: programVersion()}
	if d.flags.schemaOnly {
		d.compareSchemas()
		return nil
	}
	jobs, err := d.plan(ctx)
	if err != nil {
		return err
	}
	if d.flags.repair != "" || d.flags.apply {
		if d.fix, err = d.newRepair(ctx, jobs); err != nil {
			return err
		}
	}
	if d.format == "ndjson" {
		if d.output, err = d.create(d.flags.output); err != nil {
			return err
		}
	}
	for i := range d.pairs {
		if ctx.Err() != nil {
			break
		}
		table, err := d.run(ctx, i, jobs[i])
		if err != nil {
			return err
		}
		d.summary.Tables = append(d.summary.Tables, table)
	}
	d.summary.Interrupted = ctx.Err() != nil
	d.summary.Conclude()
	return nil //nolint:nilerr // an interrupted run ends in a summary of what was done
}

// plan prepares a job for each pair; those that cannot be compared have none, and the pair knows why.
func (d *comparing) plan(ctx context.Context) ([]*datadiff.Job, error) {
	space := workspace.At(".")
	defer space.Close()
	jobs := make([]*datadiff.Job, len(d.pairs))
	found := 0
	for i := range d.pairs {
		p := &d.pairs[i]
		if p.err != nil {
			continue
		}
		o := d.options(p)
		o.Journal = d.journal(space, p)
		if o.Journal != "" {
			_, err := os.Stat(o.Journal)
			switch {
			case err == nil && d.flags.resume:
				o.Resume = true
				found++
			case err == nil:
				d.note("%s: the journal of a run that was cut off is begun anew; --resume would have gone on from it", p)
			}
		}
		jobs[i], p.err = d.prepare(ctx, p, o)
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
	}
	if d.flags.resume && found == 0 {
		return nil, fmt.Errorf("there is no journal of this comparison in %s, so there is nothing to go on from; run the same without --resume", filepath.Join(space.Dir(), journalFolder))
	}
	return jobs, nil
}

// journalFolder is where the journals of unfinished comparisons lie in the workspace.
const journalFolder = "diff"

// journal is the path of the journal of a pair, or empty where none can be written.
func (d *comparing) journal(space *workspace.Workspace, p *tablePair) string {
	folder, err := space.Folder(journalFolder)
	if err != nil {
		d.note("%v; an interrupted comparison cannot be resumed", err)
		return ""
	}
	h := fnv.New64a()
	for i, s := range d.sides {
		fmt.Fprintf(h, "%s\x00%s\x00", s.url, p.name[i])
	}
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, p.shown[0])
	return filepath.Join(folder, fmt.Sprintf("%.40s-%016x.journal", name, h.Sum64()))
}

// run compares one pair. The error is one that leaves no answer at all: the output cannot be written.
func (d *comparing) run(ctx context.Context, i int, job *datadiff.Job) (render.Table, error) {
	p := &d.pairs[i]
	if job == nil {
		return render.NewTable(d.about(p), nil, nil, p.err), nil
	}
	collector := render.NewCollector(job.Pairing())
	var lines *render.Lines
	if d.output != nil {
		lines = render.NewLines(d.output)
	}
	var failed error
	res, err := job.Run(ctx, func(diff datadiff.Difference) error {
		failed = collector.Add(diff)
		if failed == nil && lines != nil {
			failed = lines.Add(p.String(), job.Pairing(), diff)
		}
		if failed == nil && d.fix != nil {
			d.fix.add(ctx, i, diff)
		}
		return failed
	})
	if failed != nil {
		return render.Table{}, failed
	}
	if d.fix != nil {
		d.fix.flush(ctx, i)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		err = errInterrupted
	case err != nil && res != nil && !d.mayPass(err):
		d.forget(res)
	}
	return render.NewTable(d.about(p), res, collector, err), nil
}

// mayPass says whether an error is one after which the same comparison may succeed: then it is gone on
// with. A value that cannot be read and a right that is missing are there again the next time.
func (d *comparing) mayPass(err error) bool {
	return d.sides[0].db.Temporary(err) || d.sides[1].db.Temporary(err) || errors.Is(err, syscall.ENOSPC)
}

// forget removes the journal of a run that there is no going on with.
func (d *comparing) forget(res *datadiff.Result) {
	if res.Journal == "" {
		return
	}
	if err := os.Remove(res.Journal); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.note("remove the journal of an ended comparison: %v", err)
		return
	}
	res.Journal = ""
}

// compareSchemas answers from the catalogs alone.
func (d *comparing) compareSchemas() {
	for i := range d.pairs {
		p := &d.pairs[i]
		t := render.NewTable(d.about(p), nil, nil, p.err)
		if p.err == nil {
			t.Verdict = datadiff.Equal
			if p.weighty() {
				t.Verdict = datadiff.Different
			}
		}
		d.summary.Tables = append(d.summary.Tables, t)
	}
	d.summary.Conclude()
}
