package sqlite

import (
	"context"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
)

// session is a connection to the file. Its attached files are those of joins, under the name of other.
type session struct {
	d    *Database
	c    *conn
	dead error // the first error
	// inSnapshot: a transaction is open, in which no file can be attached.
	inSnapshot bool
}

var _ dialect.Session = (*session)(nil)

// Close implements dialect.Session.
func (s *session) Close() error {
	s.c.close()
	if s.dead == nil {
		s.dead = errClosed
	}
	return nil
}

var errClosed = fmt.Errorf("the session is closed")

// run does what a method asks for and keeps the session from being used after an error. The caller knows
// what it asked for, of which table of which file, and says so.
func (s *session) run(f func() error) error {
	if s.dead != nil {
		return fmt.Errorf("the session ended before: %w", s.dead)
	}
	s.dead = f()
	return s.dead
}

// Stream implements dialect.Session.
func (s *session) Stream(ctx context.Context, r *dialect.Relation, in dialect.Range, row dialect.RowFunc) error {
	return s.run(func() error { return s.stream(ctx, r, in, row) })
}

func (s *session) stream(ctx context.Context, r *dialect.Relation, in dialect.Range, row dialect.RowFunc) error {
	condition, err := s.d.within(r, in)
	if err != nil {
		return err
	}
	return s.rows(ctx, r, "SELECT "+columns(r.Fields(), "")+s.d.from(r)+condition, row)
}

// rows runs a statement that answers with the fields of a relation.
func (s *session) rows(ctx context.Context, r *dialect.Relation, sql string, row dialect.RowFunc) error {
	rd, err := newReader(r)
	if err != nil {
		return err
	}
	return s.c.query(ctx, sql, func(st *stmt) error {
		cells, key, err := rd.read(st)
		if err != nil {
			return err
		}
		return row(cells, key)
	})
}

// Fingerprints implements dialect.Session. The rows of all ranges are read.
func (s *session) Fingerprints(ctx context.Context, r *dialect.Relation, h dialect.Hash, ranges []dialect.Range, emit func(i int, f dialect.Fingerprint) error) error {
	return s.run(func() error {
		if h != dialect.Portable {
			return fmt.Errorf("SQLite has no hash of its own: %w", dialect.ErrCannot)
		}
		var hasher portable.Hasher
		for i, in := range ranges {
			var f dialect.Fingerprint
			if err := s.stream(ctx, r, in, func(cells []byte, _ int) error { return add(&f, &hasher, cells) }); err != nil {
				return err
			}
			if err := emit(i, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func add(f *dialect.Fingerprint, h *portable.Hasher, cells []byte) error {
	v, err := h.Row(cells)
	if err != nil {
		return err
	}
	lo, carry := bits.Add64(f.Lo, v, 0)
	f.Rows, f.Lo, f.Hi = f.Rows+1, lo, f.Hi+carry
	return nil
}

// lookedUp is the number of keys that one statement looks up.
const lookedUp = 500

// Fetch implements dialect.Session. Where a value of the key may be spelt in more ways than can be listed,
// all rows are read.
func (s *session) Fetch(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	return s.run(func() error {
		for len(keys) > 0 {
			n := min(len(keys), lookedUp)
			tuples, ok, err := s.d.tuples(r.Key, keys[:n])
			if err != nil {
				return err
			}
			if !ok {
				return s.rows(ctx, r, "SELECT "+columns(r.Fields(), "")+s.d.from(r), dialect.Among(keys, row))
			}
			sql := "SELECT " + columns(r.Fields(), "") + s.d.from(r) + " AND " +
				tuple(columns(r.Key, ""), len(r.Key)) + " IN (VALUES " + strings.Join(tuples, ", ") + ")"
			if len(tuples) > 0 {
				if err := s.rows(ctx, r, sql, dialect.Among(keys[:n], row)); err != nil {
					return err
				}
			}
			keys = keys[n:]
		}
		return nil
	})
}

// tuples are the literals of keys in all their spellings; ok is false where they cannot be listed. A key
// with NULL has no row that SQL finds equal, and is looked for by reading.
func (d *Database) tuples(fields []dialect.Field, keys []dialect.Key) (tuples []string, ok bool, err error) {
	for _, key := range keys {
		spelt := []string{""}
		rest := []byte(key)
		for i, f := range fields {
			cell, next, err := canon.Next(rest)
			if err != nil {
				return nil, false, err
			}
			literals, ok, err := d.spellings(f, cell)
			if err != nil || !ok || canon.Tag(cell[0]) == canon.Null {
				return nil, false, err
			}
			longer := make([]string, 0, len(spelt)*len(literals))
			for _, head := range spelt {
				for _, l := range literals {
					if i > 0 {
						l = head + ", " + l
					}
					longer = append(longer, l)
				}
			}
			spelt, rest = longer, next
		}
		for _, t := range spelt {
			tuples = append(tuples, "("+t+")")
		}
	}
	return tuples, true, nil
}

// RoundTrip implements dialect.Session.
func (s *session) RoundTrip(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	err := s.run(func() error { return s.c.exec(ctx, "SELECT 1") })
	return time.Since(start), err
}
