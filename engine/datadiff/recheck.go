package datadiff

import (
	"bytes"
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// recheck reads rows that differ again until it is known what they are. On tables that are written to, a
// difference is a supposition: the sides were read at two moments, and a replica is behind.
//
// A row is confirmed when both sides kept their values for the whole window. It was transient when both
// sides agree once, or when B moved to a value that A had before: then B follows. What does neither until
// the patience ends is moving.
//
// That a row is gone is concluded from a look-up that did not find it. Where a product could spell the
// key in another way, a row that was read before and is not found now is looked for by reading all keys
// once more: if it is there, nothing is concluded from the look-up, and the difference stays as it was seen.
type recheck struct {
	*run
	items map[string]*suspect // by the cells of the key
	bytes int
}

type suspect struct {
	last   [2]canon.Hash128
	hadA   []canon.Hash128 // values of A that were seen
	firstB canon.Hash128
	since  time.Time // both sides have been as they are for this long
	state  suspicion
	rows   [2][]byte // as read last, while the key is of one row
	had    [2]bool   // a row was there when the ranges were read
	found  [2]bool   // and when it was looked up last
}

type suspicion uint8

const (
	pending suspicion = iota
	gone
	sure
	unfound // a reading gives the row, and a look-up does not
)

const (
	// patience is how many windows a row may move before it is given up as moving.
	patience = 10
	// leastPatience bounds it from below, so that a short window does not give up on a busy row at once.
	leastPatience = 5 * time.Second
	// fetchRows is more than one statement looks up: a product that must read all rows for a look-up reads
	// them once for so many.
	fetchRows    = 2000
	recheckBytes = 64 << 20
	suspectSize  = 200
)

func newRecheck(r *run) *recheck { return &recheck{run: r, items: map[string]*suspect{}} }

// collect takes a difference into the set of those to read again.
func (c *recheck) collect(d Difference) error {
	s := c.items[string(d.Key)]
	if s == nil {
		if int64(len(c.items)) >= c.opts.RecheckRows || c.bytes > recheckBytes {
			return nil
		}
		s = &suspect{}
		c.items[string(d.Key)] = s
	}
	s.had[0], s.had[1] = s.had[0] || d.A != nil, s.had[1] || d.B != nil
	c.bytes += len(d.Key) + len(d.A) + len(d.B) + suspectSize
	return nil
}

func (c *recheck) settleAll(ctx context.Context) error {
	if len(c.items) == 0 {
		return nil
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	return c.doubt(ctx)
}

// settle reads the rows until all are settled or the patience ends.
func (c *recheck) settle(ctx context.Context) error {
	stage := c.opts.Progress.Stage("reading rows that differ again", int64(len(c.items)))
	defer stage.End()
	window := c.opts.Recheck
	began := time.Now()
	for first := true; ; first = false {
		keys := c.pending()
		if len(keys) == 0 {
			return nil
		}
		settled, err := c.read(ctx, keys, first)
		if err != nil {
			return err
		}
		stage.Add(int64(settled))
		if settled == len(keys) || time.Since(began) > max(patience*window, leastPatience) {
			return nil
		}
		if err := sleep(ctx, min(max(window/3, 20*time.Millisecond), time.Second)); err != nil {
			return err
		}
	}
}

// doubt looks for rows that were read and are not found any more. Keys that both products sort as their
// values are looked up as they were read, and a row that is not found is gone.
func (c *recheck) doubt(ctx context.Context) error {
	if c.pairing.sorted {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	var there [2][]dialect.Key
	for side := range there {
		lost := map[string]struct{}{}
		for k, s := range c.items {
			if s.had[side] && !s.found[side] {
				lost[k] = struct{}{}
			}
		}
		if len(lost) == 0 {
			continue
		}
		g.Go(func() (err error) {
			there[side], err = c.stillThere(ctx, side, lost)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for side, keys := range there {
		for _, k := range keys {
			c.items[string(k)].state = unfound
		}
		// One that is found now came back in between.
		for part := range slices.Chunk(keys, fetchRows) {
			rows, err := c.fetch(ctx, side, part)
			if err != nil {
				return err
			}
			for k := range rows {
				c.items[k].state = pending
			}
		}
	}
	return nil
}

// stillThere reads all keys of a side and returns those of the wanted that it has.
func (c *recheck) stillThere(ctx context.Context, side int, wanted map[string]struct{}) (found []dialect.Key, err error) {
	r := *c.relation(side)
	r.Columns = nil
	ranges := []dialect.Range{{}}
	if slices.ContainsFunc(r.Key, func(f dialect.Field) bool { return !f.Column.NotNull }) {
		ranges = append(ranges, dialect.Range{Null: true})
	}
	stage := c.opts.Progress.Stage("reading the keys of "+c.side[side].Name+" for rows that were not found again", 0)
	defer stage.End()
	err = c.retry(ctx, side, func(s dialect.Session) error {
		found = nil
		for _, in := range ranges {
			err := s.Stream(ctx, &r, in, func(cells []byte, key int) error {
				stage.Add(1)
				if _, ok := wanted[string(cells[:key])]; ok {
					found = append(found, bytes.Clone(cells[:key]))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// pending lists the keys that are not settled, in an order that a server reads well.
func (c *recheck) pending() []dialect.Key {
	var keys []dialect.Key
	for k, s := range c.items {
		if s.state == pending {
			keys = append(keys, dialect.Key(k))
		}
	}
	slices.SortFunc(keys, func(a, b dialect.Key) int { return bytes.Compare(a, b) })
	return keys
}

// read reads the keys of both sides and says how many were settled by it.
func (c *recheck) read(ctx context.Context, keys []dialect.Key, first bool) (settled int, err error) {
	for part := range slices.Chunk(keys, fetchRows) {
		var rows [2]map[string][][]byte
		g, gctx := errgroup.WithContext(ctx)
		for side := range 2 {
			g.Go(func() (err error) {
				rows[side], err = c.fetch(gctx, side, part)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return settled, err
		}
		now := time.Now()
		for _, k := range part {
			s := c.items[string(k)]
			c.judge(s, [2][][]byte{rows[0][string(k)], rows[1][string(k)]}, now, first)
			if s.state != pending {
				settled++
			}
		}
	}
	return settled, nil
}

// judge looks at what was read for one key.
func (c *recheck) judge(s *suspect, rows [2][][]byte, now time.Time, first bool) {
	hash := [2]canon.Hash128{combined(rows[0]), combined(rows[1])}
	s.rows = [2][]byte{}
	for side := range rows {
		s.found[side] = len(rows[side]) > 0
		if len(rows[side]) == 1 {
			s.rows[side] = rows[side][0]
		}
	}
	switch {
	case hash[0] == hash[1], s.rows[0] != nil && s.rows[1] != nil && c.within(s.rows[0], s.rows[1]):
		s.state = gone
	case first:
		s.last, s.firstB, s.since = hash, hash[1], now
		s.hadA = append(s.hadA, hash[0])
	case hash == s.last:
		if now.Sub(s.since) >= c.opts.Recheck {
			s.state = sure
		}
	default:
		if hash[1] != s.firstB && slices.Contains(s.hadA, hash[1]) {
			s.state = gone
			return
		}
		s.last, s.since = hash, now
		if !slices.Contains(s.hadA, hash[0]) {
			s.hadA = append(s.hadA, hash[0])
		}
	}
}

// combined hashes the rows of one key in whatever order they came.
func combined(rows [][]byte) canon.Hash128 {
	var sum canon.Hash128
	for _, r := range rows {
		h := canon.Hash(r)
		sum.Hi += h.Hi
		sum.Lo += h.Lo
	}
	if len(rows) > 0 {
		sum.Lo += uint64(len(rows))
	}
	return sum
}

// verdict says what became of a difference.
func (c *recheck) verdict(d Difference) (Difference, bool) {
	s := c.items[string(d.Key)]
	if s == nil {
		return d, false
	}
	switch s.state {
	case gone:
		return d, true
	case sure:
		d.State = Confirmed
	case unfound:
		return d, false
	default:
		d.State = Moving
	}
	if c.pairing.Unique && (s.rows[0] != nil || s.rows[1] != nil) {
		// The values of the last reading, which may be newer.
		d.A, d.B = s.rows[0], s.rows[1]
		switch {
		case d.A != nil && d.B != nil:
			d.Kind = Changed
		case d.A != nil:
			d.Kind = OnlyA
		default:
			d.Kind = OnlyB
		}
	}
	return d, false
}
