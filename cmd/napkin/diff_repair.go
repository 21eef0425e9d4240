package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/engine/datadiff/repair"
)

// repairing turns differences into statements while they are found.
type repairing struct {
	plan   *repair.Plan
	target int // the side that is repaired
	index  []int
	// resolve looks rows up again before they are planned, by pair; waiting are those that it is to look up.
	resolve []*repair.Resolver
	waiting []repair.Difference
	spool   *repair.Spool
	// script is the file that --repair is written to until it is whole; empty where it is written at once.
	script  string
	skipped []repair.Skipped
	// partly: --limit or --sample leave differences out.
	partly bool
	// failed is why there is no repair. The comparison goes on without it.
	failed error
}

// mostSkipped bounds the rows without a statement that are named.
const mostSkipped = 10

// newRepair begins a repair of the tables that have a job.
func (d *comparing) newRepair(ctx context.Context, jobs []*datadiff.Job) (_ *repairing, err error) {
	r := &repairing{target: 1, index: make([]int, len(jobs)), resolve: make([]*repair.Resolver, len(jobs)),
		partly: d.flags.limit.value > 0 || d.flags.sample.value > 0 && d.flags.sample.value < 1}
	if d.flags.direction.value == "b-to-a" {
		r.target = 0
	}
	target, source := d.sides[r.target], d.sides[1-r.target]
	var relations []*dialect.Relation
	var names []dialect.TableName
	for i, job := range jobs {
		r.index[i] = -1
		if job == nil {
			continue
		}
		sides := []*dialect.Relation{&job.Pairing().A, &job.Pairing().B}
		to := sides[r.target]
		if to.Table.View {
			d.note("%s is a view and is not repaired: its rows belong to other tables", to.Table.Name)
			continue
		}
		r.index[i] = len(relations)
		r.resolve[i] = repair.NewResolver(source.db, target.db, sides[1-r.target], to)
		relations, names = append(relations, to), append(names, to.Table.Name)
	}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if r.script, err = beginScript(d.flags.repair); err != nil {
		return nil, err
	}
	around, err := target.db.Around(ctx, names)
	if err != nil {
		return nil, err
	}
	if r.spool, err = repair.NewSpool(""); err != nil {
		return nil, err
	}
	r.plan, err = repair.New(target.db, relations, around, r.spool.Emit, r.skip)
	return r, err
}

// beginScript makes sure, before anything is compared, that the file of --repair can be written, and makes
// the one beside it that takes its place when it is whole. A file that is no script of a repair is not
// overwritten.
func beginScript(path string) (beside string, err error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return "", fmt.Errorf("write the repair: %s is a folder; name a file", path)
		}
		return "", nil // a pipe or a device
	}
	if err == nil && info.Size() > 0 {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("write the repair: %w", err)
		}
		defer file.Close() //nolint:errcheck // it was only read
		head := make([]byte, len(repair.FirstLine))
		if _, err := io.ReadFull(file, head); err != nil || string(head) != repair.FirstLine {
			return "", fmt.Errorf("write the repair: %s exists and is no script of a repair; remove it, or name another file", path)
		}
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".napkin-repair-*.sql")
	if err != nil {
		return "", fmt.Errorf("write the repair: %w", err)
	}
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("write the repair: %w", err)
	}
	return file.Name(), nil
}

// close removes what is left of an unfinished repair.
func (r *repairing) close() {
	if r.spool != nil {
		_ = r.spool.Close()
		r.spool = nil
	}
	if r.script != "" {
		_ = os.Remove(r.script)
		r.script = ""
	}
}

func (r *repairing) skip(row repair.Skipped) error {
	if len(r.skipped) < mostSkipped {
		r.skipped = append(r.skipped, row)
	}
	return r.spool.Skip(row)
}

// add takes a difference of the pair with the given index.
func (r *repairing) add(ctx context.Context, pair int, d datadiff.Difference) {
	if r.index[pair] < 0 || r.failed != nil {
		return
	}
	source, target := d.A, d.B
	if r.target == 0 {
		source, target = d.B, d.A
	}
	out := repair.Difference{Kind: repair.Changed, Key: d.Key}
	if d.State == datadiff.Moving {
		out.Refused = "it kept changing while it was compared"
	}
	if len(d.Key) == 0 && r.partly {
		out.Refused = "the table has no key, and only some of its differences were looked for, so that what this row is to the others is not known"
	}
	if source != nil {
		out.Source = source[len(d.Key):]
	}
	if target != nil {
		out.Target = target[len(d.Key):]
	}
	switch {
	case target == nil:
		out.Kind = repair.Missing
	case source == nil:
		out.Kind = repair.Extra
	case len(d.Key) == 0:
		// Without a key there is no row that changed: one is too many and another is missing.
		extra := out
		extra.Kind, extra.Source = repair.Extra, nil
		if r.failed = r.plan.Add(r.index[pair], extra); r.failed != nil {
			return
		}
		out.Kind, out.Target = repair.Missing, nil
	}
	if out.Refused != "" || !r.resolve[pair].Needs(&out) {
		r.failed = r.plan.Add(r.index[pair], out)
		return
	}
	out.Key, out.Source, out.Target = bytes.Clone(out.Key), bytes.Clone(out.Source), bytes.Clone(out.Target)
	if r.waiting = append(r.waiting, out); len(r.waiting) == repair.BatchRows {
		r.flush(ctx, pair)
	}
}

// flush looks up and plans the differences that wait for it.
func (r *repairing) flush(ctx context.Context, pair int) {
	if r.failed != nil || len(r.waiting) == 0 {
		return
	}
	r.failed = r.resolve[pair].Resolve(ctx, r.waiting, func(out repair.Difference) error { return r.plan.Add(r.index[pair], out) })
	clear(r.waiting)
	r.waiting = r.waiting[:0]
}

// write writes the script and puts it in its place.
func (r *repairing) write(path string, script *repair.Script) error {
	name := r.script
	if name == "" {
		name = path
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("write the repair: %w", err)
	}
	if err := errors.Join(script.Write(file, r.spool), file.Close()); err != nil {
		return fmt.Errorf("write the repair: %w", err)
	}
	if r.script == "" {
		return nil
	}
	if err := os.Rename(r.script, path); err != nil {
		return fmt.Errorf("write the repair: %w", err)
	}
	r.script = ""
	return nil
}

// mayApply refuses --apply where nobody can say yes to it, before anything is compared.
func (f *face) mayApply(flags *diffFlags) error {
	if !flags.apply || flags.yes {
		return nil
	}
	if f.noInput {
		return errors.New("--apply asks before it writes, and --no-input forbids asking; add --yes to apply without being asked")
	}
	if !f.interactive() {
		return errors.New("--apply asks before it writes, and there is no terminal to ask on; add --yes to apply without being asked, or write the repair with --repair FILE.sql")
	}
	return nil
}

// interactive holds when a person can answer a question.
func (f *face) interactive() bool {
	w, ok := f.stdin.(io.Writer)
	if !ok {
		return false
	}
	_, terminal := f.terminal(w)
	return terminal
}

// applyRepair completes the repair, and applies it when that was asked for. What goes wrong is part of the
// answer, which is shown all the same.
func (d *comparing) applyRepair(ctx context.Context) {
	if d.fix == nil {
		return
	}
	if d.summary.Interrupted {
		return
	}
	target := d.sides[d.fix.target]
	r := &render.Repair{Target: target.url.String()}
	d.summary.Repair = r
	fail := func(what string, err error) {
		switch {
		case ctx.Err() != nil:
			r.Error = what + ": interrupted, and nothing was changed"
		case errors.Is(err, dialect.ErrUncertain):
			r.Error = what + ": " + err.Error()
		default:
			r.Error = what + ", and nothing was changed: " + err.Error()
		}
	}
	sum, err := d.fix.finish()
	if err != nil {
		fail("there is no repair", err)
		return
	}
	r.Statements, r.Inserts, r.Updates, r.Deletes, r.Skipped, r.Notes = sum.Statements, sum.Inserts, sum.Updates, sum.Deletes, sum.Skipped, d.warnings(sum)
	switch {
	case d.flags.repair == "":
	case sum.Statements+sum.Skipped == 0:
		d.note("there is nothing to repair, so %s is not written", d.flags.repair)
	default:
		script := &repair.Script{Target: target.db, SourceName: d.sides[1-d.fix.target].url.String(), TargetName: target.url.String(), Summary: sum}
		if err := d.fix.write(d.flags.repair, script); err != nil {
			fail("there is no repair", err)
			return
		}
		r.File = d.flags.repair
	}
	switch {
	case !d.flags.apply:
		return
	case d.summary.Verdict == datadiff.Unknown:
		d.note("nothing is applied, because not every table could be compared")
		return
	case sum.Statements == 0 && sum.Skipped == 0:
		d.note("there is nothing to apply")
		return
	case sum.Statements == 0:
		d.note("there is nothing to apply: none of the rows that differ can be repaired")
		return
	case len(sum.Lasting) > 0:
		r.Error = "it is not applied, because the engine of " + strings.Join(sum.Lasting, ", ") + " has no transactions: if a statement failed, what was done before could not be undone; review the script of --repair and run that"
		return
	}
	switch yes, err := d.confirm(ctx, r, sum); {
	case err != nil:
		fail("it could not be applied", err)
		return
	case !yes:
		d.note("nothing was applied")
		return
	}
	stage := d.progress().Stage("applying the repair", sum.Statements)
	err = target.db.Apply(ctx, d.fix.spool.Statements(), func() { stage.Add(1) })
	stage.End()
	if err != nil {
		fail("it could not be applied", err)
		return
	}
	r.Applied = true
	d.again(ctx)
	if d.format == "ndjson" {
		d.note("the lines are the differences before the repair, which was applied; compared again: %s", r.Verdict)
	}
}

// finish orders what is left.
func (r *repairing) finish() (repair.Summary, error) {
	if r.failed != nil {
		return repair.Summary{}, r.failed
	}
	return r.plan.Finish()
}

// warnings are what a person is to know of a repair, and the first rows that it leaves out.
func (d *comparing) warnings(sum repair.Summary) (notes []string) {
	for _, t := range sum.Lasting {
		notes = append(notes, "the engine of "+t+" has no transactions: what is done there stays, though a later statement fails")
	}
	for _, t := range sum.Triggers {
		notes = append(notes, "the trigger "+t+" fires for these statements")
	}
	notes = append(notes, sum.Notes...)
	for i := range d.summary.Tables {
		if t := &d.summary.Tables[i]; t.Error != "" {
			notes = append(notes, t.Name+" could not be compared to its end, and what was not compared is not repaired")
		}
	}
	for _, row := range d.fix.skipped {
		notes = append(notes, fmt.Sprintf("not repaired: %s %s %s: %s", row.Kind, row.Table, row.Key, row.Reason))
	}
	if more := sum.Skipped - int64(len(d.fix.skipped)); more > 0 && len(d.fix.skipped) == mostSkipped {
		notes = append(notes, fmt.Sprintf("and up to %d more rows are not repaired; a script of --repair lists them all", more))
	}
	return notes
}

// confirm shows what would be written and what not, and asks for a yes.
func (d *comparing) confirm(ctx context.Context, r *render.Repair, sum repair.Summary) (yes bool, err error) {
	if d.quiet && d.flags.yes {
		return true, nil
	}
	fmt.Fprintf(d.stderr, "\nTo be written to %s, in one transaction:\n", r.Target)
	for _, t := range sum.Tables {
		if t.Inserts+t.Updates+t.Deletes+t.Skipped == 0 {
			continue
		}
		fmt.Fprintf(d.stderr, "  %s: insert %d, update %d, delete %d", t.Table, t.Inserts, t.Updates, t.Deletes)
		if t.Skipped > 0 {
			fmt.Fprintf(d.stderr, "; not repaired: %d", t.Skipped)
		}
		fmt.Fprintln(d.stderr)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(d.stderr, "  %s\n", render.Clean(n))
	}
	if d.flags.yes {
		return true, nil
	}
	fmt.Fprint(d.stderr, "Type yes to apply: ")
	typed := make(chan bool, 1)
	go func() { // it may wait until the end of the program, which does not wait for it
		answer, err := bufio.NewReader(d.stdin).ReadString('\n')
		typed <- err == nil && strings.TrimSpace(answer) == "yes"
	}()
	select {
	case yes = <-typed:
		return yes, nil
	case <-ctx.Done():
		fmt.Fprintln(d.stderr)
		return false, ctx.Err()
	}
}

// again compares the tables after the repair.
func (d *comparing) again(ctx context.Context) {
	after := render.Summary{OnlyA: d.summary.OnlyA, OnlyB: d.summary.OnlyB}
	for i := range d.pairs {
		p := &d.pairs[i]
		job, err := d.prepare(ctx, p, d.options(p))
		var res *datadiff.Result
		if err == nil {
			res, err = job.Run(ctx, nil)
		}
		after.Tables = append(after.Tables, render.NewTable(d.about(p), res, nil, err))
		if err != nil {
			d.note("%s: the comparison after the repair: %v", p, err)
		}
	}
	after.Conclude()
	d.summary.Repair.Verdict = after.Verdict
}
