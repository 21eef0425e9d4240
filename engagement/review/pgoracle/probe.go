package pgoracle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Probe is what another session found when it tried to use a table.
type Probe struct {
	Relation uint32
	Write    bool
	Tries    int
	Blocked  int // of the tries, those that waited for a lock until lock_timeout
}

// lockNotAvailable is the code of "canceling statement due to lock timeout".
const lockNotAvailable = "55P03"

// try reads no row or writes none, which takes all locks that reading and writing take, those on indexes
// included. Another error than that of the timeout means that the lock was had.
func (o *Oracle) try(ctx context.Context, rel *Relation, write bool) (blocked bool, err error) {
	sql := fmt.Sprintf("select 1 from %s limit 1", rel.quote())
	if write {
		// Without columns and without rows; triggers of the statement are undone. An INSERT locks indexes at its
		// first row only since version 14, a DELETE when it is planned.
		sql = fmt.Sprintf("begin; insert into %[1]s select where false; delete from %[1]s where false; rollback", rel.quote())
	}
	_, err = o.probe.PgConn().Exec(ctx, sql).ReadAll()
	var refused *pgconn.PgError
	if err == nil || !errors.As(err, &refused) {
		return false, err
	}
	if write {
		if _, err := o.probe.PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
			return false, err
		}
	}
	return refused.Code == lockNotAvailable, nil
}

// subjects are the relations to probe: the targets, the parents of their foreign keys, and what else is
// locked so that it could keep others waiting.
func (r *run) subjects() []*Relation {
	var oids []uint32
	oids = append(oids, r.targets...)
	for _, t := range r.targets {
		for _, p := range []*picture{r.before, r.after} {
			if p != nil {
				oids = append(oids, p.parents[t]...)
			}
		}
	}
	for _, l := range r.locks {
		if l.Lock.BlocksWrites() {
			oids = append(oids, l.Relation)
		}
	}
	slices.Sort(oids)
	var list []*Relation
	for _, oid := range slices.Compact(oids) {
		if rel := r.before.relations[oid]; rel != nil && (rel.Kind == 'r' || rel.Kind == 'p' || rel.Kind == 'm') {
			list = append(list, rel)
		}
	}
	return list
}

// probeAll tries each once, while the transaction of the statement holds its locks.
func (o *Oracle) probeAll(ctx context.Context, r *run) error {
	for _, rel := range r.subjects() {
		for _, write := range []bool{false, true} {
			blocked, err := o.try(ctx, rel, write)
			if err != nil {
				return fmt.Errorf("probe %s: %w", rel.Name, err)
			}
			p := Probe{Relation: rel.OID, Write: write, Tries: 1}
			if blocked {
				p.Blocked = 1
			}
			r.probes = append(r.probes, p)
		}
	}
	return nil
}

// probeUntil tries again and again until done is closed.
func (o *Oracle) probeUntil(ctx context.Context, r *run, done <-chan struct{}) error {
	subjects := r.subjects()
	probes := make([]Probe, 2*len(subjects))
	for i := range probes {
		probes[i] = Probe{Relation: subjects[i/2].OID, Write: i%2 == 1}
	}
	defer func() { r.probes = probes }()
	for {
		for i := range probes {
			rel := subjects[i/2]
			select {
			case <-done:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			default:
			}
			blocked, err := o.try(ctx, rel, probes[i].Write)
			if err != nil {
				return fmt.Errorf("probe %s: %w", rel.Name, err)
			}
			probes[i].Tries++
			if blocked {
				probes[i].Blocked++
			}
		}
		// A probe that holds a lock of a writer makes the statement wait; it must get its turn.
		select {
		case <-done:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}

// holdAtMost is how long a transaction is held open for a statement whose locks are not seen.
const holdAtMost = 300 * time.Millisecond

// hold locks the targets as a writer does. The function that it returns lets them go when a lock of the
// observed statement was seen.
func (o *Oracle) hold(ctx context.Context, r *run) (release func() error, err error) {
	o.mu.Lock()
	o.locked = make(chan struct{})
	locked := o.locked
	o.mu.Unlock()
	sql := "begin"
	for _, oid := range r.targets {
		if rel := r.before.relations[oid]; rel != nil && (rel.Kind == 'r' || rel.Kind == 'p') {
			sql += fmt.Sprintf("; lock table only %s in row exclusive mode", rel.quote())
		}
	}
	if _, err := o.probe.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return nil, fmt.Errorf("hold the tables of the statement: %w", err)
	}
	return func() error {
		select {
		case <-locked:
		case <-time.After(holdAtMost):
		case <-ctx.Done():
		}
		if _, err := o.probe.PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
			return fmt.Errorf("let go of the tables of the statement: %w", err)
		}
		return nil
	}, nil
}
