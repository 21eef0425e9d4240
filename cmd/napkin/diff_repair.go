package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	// script is the file of --repair, nil without one; statements are kept for --apply.
	script     *repair.Script
	file       *os.File
	statements []string
	keep       bool
	moving     int64 // rows that kept changing, for which no statement is written
	skipped    []repair.Skipped
}

// mostSkipped bounds the rows without a statement that are named.
const mostSkipped = 10

// newRepair begins a repair of the tables that have a job.
func (d *comparing) newRepair(jobs []*datadiff.Job) (*repairing, error) {
	r := &repairing{target: 1, keep: d.flags.apply, index: make([]int, len(jobs))}
	if d.flags.direction.value == "b-to-a" {
		r.target = 0
	}
	var relations []*dialect.Relation
	for i, job := range jobs {
		r.index[i] = -1
		if job == nil {
			continue
		}
		relation := []*dialect.Relation{&job.Pairing().A, &job.Pairing().B}[r.target]
		if relation.Table.View {
			d.note("%s is a view and is not repaired: its rows belong to other tables", relation.Table.Name)
			continue
		}
		r.index[i] = len(relations)
		relations = append(relations, relation)
	}
	target, source := d.sides[r.target], d.sides[1-r.target]
	if d.flags.repair != "" {
		file, err := os.Create(d.flags.repair)
		if err != nil {
			return nil, fmt.Errorf("write the repair: %w", err)
		}
		r.file = file
		if r.script, err = repair.NewScript(file, target.db.Kind(), source.url.String(), target.url.String()); err != nil {
			return nil, errors.Join(fmt.Errorf("write the repair: %w", err), file.Close())
		}
	}
	var err error
	if r.plan, err = repair.New(target.db, relations, r.emit, r.skip); err != nil {
		if r.file != nil {
			err = errors.Join(err, r.file.Close())
		}
		return nil, err
	}
	return r, nil
}

func (r *repairing) emit(sql string) error {
	if r.keep {
		r.statements = append(r.statements, sql)
	}
	if r.script == nil {
		return nil
	}
	if err := r.script.Emit(sql); err != nil {
		return fmt.Errorf("write the repair: %w", err)
	}
	return nil
}

func (r *repairing) skip(row repair.Skipped) error {
	if len(r.skipped) < mostSkipped {
		r.skipped = append(r.skipped, row)
	}
	if r.script == nil {
		return nil
	}
	if err := r.script.Skip(row); err != nil {
		return fmt.Errorf("write the repair: %w", err)
	}
	return nil
}

// add takes a difference of the pair with the given index.
func (r *repairing) add(pair int, d datadiff.Difference) error {
	if r.index[pair] < 0 {
		return nil
	}
	if d.State == datadiff.Moving {
		r.moving++
		return nil
	}
	source, target := d.A, d.B
	if r.target == 0 {
		source, target = d.B, d.A
	}
	out := repair.Difference{Kind: repair.Changed, Key: d.Key}
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
		if err := r.plan.Add(r.index[pair], extra); err != nil {
			return err
		}
		out.Kind, out.Target = repair.Missing, nil
	}
	return r.plan.Add(r.index[pair], out)
}

// finish orders what is left and completes the file.
func (r *repairing) finish() (repair.Summary, error) {
	sum, err := r.plan.Finish()
	sum.Skipped += r.moving
	if r.moving > 0 {
		sum.Notes = append(sum.Notes, fmt.Sprintf("rows that kept changing are not repaired (%d)", r.moving))
	}
	if r.script == nil {
		return sum, err
	}
	// A script without its last line says itself that it is incomplete.
	if err == nil {
		err = r.script.Close(sum)
	}
	if err = errors.Join(err, r.file.Close()); err != nil {
		return sum, fmt.Errorf("write the repair: %w", err)
	}
	return sum, nil
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

// applyRepair completes the repair, and applies it when that was asked for.
func (d *comparing) applyRepair(ctx context.Context) error {
	if d.fix == nil {
		return nil
	}
	if d.summary.Interrupted {
		if d.fix.file != nil {
			_ = d.fix.file.Close() // it says itself that it is incomplete
		}
		return nil
	}
	sum, err := d.fix.finish()
	if err != nil {
		return err
	}
	target := d.sides[d.fix.target]
	r := &render.Repair{Target: target.url.String(), File: d.flags.repair, Statements: sum.Statements, Inserts: sum.Inserts,
		Updates: sum.Updates, Deletes: sum.Deletes, Skipped: sum.Skipped, Notes: sum.Notes}
	for _, row := range d.fix.skipped {
		r.Notes = append(r.Notes, fmt.Sprintf("not repaired: %s %s %s: %s", row.Kind, row.Table, row.Key, row.Reason))
	}
	d.summary.Repair = r
	switch {
	case !d.flags.apply:
		return nil
	case d.summary.Verdict == datadiff.Unknown:
		d.note("nothing is applied, because not every table could be compared")
		return nil
	case sum.Statements == 0:
		d.note("there is nothing to apply")
		return nil
	}
	if !d.confirm(target.url.String(), sum) {
		d.note("nothing was applied")
		return nil
	}
	stage := d.progress().Stage("applying the repair", sum.Statements)
	err = target.db.Apply(ctx, d.fix.statements, func() { stage.Add(1) })
	stage.End()
	if err != nil {
		return fmt.Errorf("apply the repair to %s: %w", target.url, err)
	}
	r.Applied = true
	return d.again(ctx)
}

// confirm shows what would be written and asks for a yes.
func (d *comparing) confirm(target string, sum repair.Summary) bool {
	if d.quiet && d.flags.yes {
		return true
	}
	fmt.Fprintf(d.stderr, "\nTo be written to %s, in one transaction:\n", target)
	for i := range d.summary.Tables {
		t := &d.summary.Tables[i]
		if n := t.Differences; n.All() > 0 {
			missing, extra := n.OnlyA, n.OnlyB
			if d.fix.target == 0 {
				missing, extra = extra, missing
			}
			fmt.Fprintf(d.stderr, "  %s: insert %d, update %d, delete %d\n", t.Name, missing, n.Changed, extra)
		}
	}
	fmt.Fprintf(d.stderr, "  %d statements; %d rows are not repaired\n", sum.Statements, sum.Skipped)
	if d.flags.yes {
		return true
	}
	fmt.Fprint(d.stderr, "Type yes to apply: ")
	answer, err := bufio.NewReader(d.stdin).ReadString('\n')
	return err == nil && strings.TrimSpace(answer) == "yes"
}

// again compares the tables after the repair.
func (d *comparing) again(ctx context.Context) error {
	var after render.Summary
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
	return nil
}
