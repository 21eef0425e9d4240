package repair

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Resolver reads rows again where a difference does not say enough to repair them:
//
//   - under a condition, a row that one side lacks may stand there without meeting it;
//   - where nothing keeps keys unique, or where several spellings are one value, more than one row may have
//     the key;
//   - a value may stand in the target in another spelling than it was compared in;
//   - of long values only the hash was kept.
//
// Both sides are looked up by key and without the condition. What does not fit is refused with a reason.
type Resolver struct {
	source, target dialect.Database
	from, to       dialect.Relation // without a condition
	conditional    bool
	ambiguous      bool
	respelt        bool
}

// BatchRows is the number of differences that are best resolved at once.
const BatchRows = 500

// mostRow is the size in bytes of a row that is still written as a statement. An UPDATE of one holds old and
// new values, in twice as many digits, and servers refuse statements above 16 MB.
const mostRow = 2 << 20

// NewResolver makes a resolver for the relations that were compared, from of the source and to of the
// target.
func NewResolver(source, target dialect.Database, from, to *dialect.Relation) *Resolver {
	r := &Resolver{source: source, target: target, from: *from, to: *to, conditional: from.Where != "" || to.Where != ""}
	r.from.Where, r.to.Where = "", ""
	r.ambiguous = !Distinct(from) || !Distinct(to)
	for i, f := range to.Fields() {
		other := respelt(target, f)
		r.respelt = r.respelt || other
		if i < len(to.Key) {
			r.ambiguous = r.ambiguous || other || respelt(source, from.Fields()[i])
		}
	}
	return r
}

// respelt says whether a field may hold values in several spellings that are compared as one.
func respelt(db dialect.Database, f dialect.Field) bool {
	if s, ok := db.(storer); ok {
		return s.Respelt(f)
	}
	return f.Form != db.Offers(f.Column)[0].Form
}

// storer is a database that reads values as they are stored in a way of its own.
type storer interface {
	Respelt(f dialect.Field) bool
	Stored(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error
}

// Needs says whether a difference is to be resolved before it is added to a plan. A row without a key
// cannot be looked up.
func (r *Resolver) Needs(d *Difference) bool {
	return len(r.to.Key) > 0 && (r.conditional || r.ambiguous || r.respelt || long(d.Source) > 0 || long(d.Target) > 0)
}

// long is the size of the long cells of a row.
func long(cells []byte) (size uint64) {
	for rest := cells; len(rest) > 0; {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return size
		}
		if canon.Tag(cell[0]) == canon.Digest {
			n, _ := binary.Uvarint(cell[1:])
			size += n
		}
		rest = next
	}
	return size
}

// found is what stands under a key.
type found struct {
	rows   int
	cells  []byte // of the columns beside the key, of one of the rows
	stored []byte
}

// Resolve looks differences up, changes them to what can be repaired, and hands them on one by one. Those
// that cannot be repaired get a reason.
func (r *Resolver) Resolve(ctx context.Context, all []Difference, add func(Difference) error) error {
	for len(all) > 0 {
		n, size := 0, uint64(0)
		var keys []dialect.Key
		for n < len(all) && n < BatchRows && (n == 0 || size < mostRow) {
			d := &all[n]
			n++
			if d.Refused != "" {
				continue
			}
			rowSize := max(long(d.Source), long(d.Target))
			if rowSize > mostRow {
				d.Refused = fmt.Sprintf("the row has %d MB, and statements are written for rows of up to %d MB", rowSize>>20, mostRow>>20)
				continue
			}
			size += rowSize
			keys = append(keys, dialect.Key(d.Key))
		}
		if err := r.lookUp(ctx, all[:n], keys); err != nil {
			return err
		}
		for _, d := range all[:n] {
			if err := add(d); err != nil {
				return err
			}
		}
		all = all[n:]
	}
	return nil
}

// lookUp reads what stands under the keys of differences and judges them. A key that cannot be looked up
// refuses its own row and no other.
func (r *Resolver) lookUp(ctx context.Context, all []Difference, keys []dialect.Key) error {
	if len(keys) == 0 {
		return nil
	}
	source, err := lookUp(ctx, r.source, &r.from, keys, false)
	db := r.source
	var target map[string]found
	if err == nil {
		db = r.target
		target, err = lookUp(ctx, r.target, &r.to, keys, r.respelt)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil || db.Temporary(err):
		return fmt.Errorf("look up rows that a repair needs: %w", err)
	case len(keys) == 1:
		for i := range all {
			if all[i].Refused == "" {
				all[i].Refused = "it cannot be looked up: " + err.Error()
			}
		}
		return nil
	default:
		for i := range all {
			if all[i].Refused == "" {
				if err := r.lookUp(ctx, all[i:i+1], []dialect.Key{dialect.Key(all[i].Key)}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for i := range all {
		if d := &all[i]; d.Refused == "" {
			r.judge(d, source[string(d.Key)], target[string(d.Key)])
		}
	}
	return nil
}

// lookUp reads the rows of keys, and how they are stored where that is asked for.
func lookUp(ctx context.Context, db dialect.Database, rel *dialect.Relation, keys []dialect.Key, stored bool) (map[string]found, error) {
	session, err := db.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close() //nolint:errcheck // it has only read
	wanted := make(map[string]bool, len(keys))
	for _, k := range keys {
		wanted[string(k)] = true
	}
	rows := map[string]found{}
	if err := session.Fetch(ctx, rel, keys, func(cells []byte, key int) error {
		if k := string(cells[:key]); wanted[k] {
			rows[k] = found{rows: rows[k].rows + 1, cells: bytes.Clone(cells[key:])}
		}
		return nil
	}); err != nil || !stored {
		return rows, err
	}
	keep := func(cells []byte, key int) error {
		k := string(cells[:key])
		if f, ok := rows[k]; ok {
			f.stored = bytes.Clone(cells[key:])
			rows[k] = f
		}
		return nil
	}
	if s, ok := db.(storer); ok {
		return rows, s.Stored(ctx, rel, keys, keep)
	}
	native := &dialect.Relation{Table: rel.Table, Key: rel.Key}
	for _, f := range rel.Fields() {
		f.Form = db.Offers(f.Column)[0].Form
		native.Columns = append(native.Columns, f)
	}
	return rows, session.Fetch(ctx, native, keys, keep)
}

var (
	errSeveralSource = errors.New("several rows of the source have its key, so that it is not known which is meant")
	errSeveralTarget = errors.New("several rows of the target have its key, so that it is not known which is meant")
	errMovedSource   = errors.New("the source's row is not what was compared any more")
	errMovedTarget   = errors.New("the target's row is not what was compared any more, or is not found by its key")
	errAway          = errors.New("the other side has the same row, which does not meet its condition")
)

// judge settles what a difference is now that both sides are known.
func (r *Resolver) judge(d *Difference, source, target found) {
	refuse := func(err error) { d.Refused = err.Error() }
	switch {
	case source.rows > 1:
		refuse(errSeveralSource)
		return
	case target.rows > 1:
		refuse(errSeveralTarget)
		return
	case d.Kind != Extra && (source.rows == 0 || !alike(d.Source, source.cells)):
		refuse(errMovedSource)
		return
	case d.Kind != Missing && (target.rows == 0 || !alike(d.Target, target.cells)):
		refuse(errMovedTarget)
		return
	case d.Kind == Missing && target.rows > 0 && !r.conditional:
		refuse(errMovedTarget)
		return
	case d.Kind == Extra && source.rows > 0 && !r.conditional:
		refuse(errMovedSource)
		return
	}
	if source.rows > 0 {
		d.Source = source.cells
	}
	if target.rows > 0 {
		d.Target, d.Stored = target.cells, target.stored
	}
	if source.rows > 0 && target.rows > 0 {
		// Without the condition, the row stands on both sides.
		d.Kind = Changed
		if bytes.Equal(source.cells, target.cells) {
			refuse(errAway)
		}
	}
}

// alike says whether whole cells are those of a row whose long ones may be hashes.
func alike(short, whole []byte) bool {
	for len(short) > 0 && len(whole) > 0 {
		a, restA, errA := canon.Next(short)
		b, restB, errB := canon.Next(whole)
		if errA != nil || errB != nil {
			return false
		}
		if canon.Tag(a[0]) == canon.Digest {
			b, errB = canon.Shorten(nil, b, 0, 0)
		}
		if errB != nil || !bytes.Equal(a, b) {
			return false
		}
		short, whole = restA, restB
	}
	return len(short) == len(whole)
}
