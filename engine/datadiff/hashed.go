package datadiff

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

const (
	// firstRanges is how many ranges are hashed before the share that differs is trusted, and
	// mostDiffering the share from which hashing is given up: reading most ranges after hashing all of
	// them costs more than reading all.
	firstRanges   = 64
	mostDiffering = 0.15
	// subranges is into how many parts a range that differs is cut before its rows are read.
	subranges = 32
)

// hashed compares ranges by the hashes that the servers compute, and reads those that differ.
func (w *worker) hashed(ctx context.Context, ranges []dialect.Range) error {
	if w.hopeless() {
		return w.streamed(ctx, ranges)
	}
	differ, err := w.fingerprints(ctx, ranges)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.tested += len(ranges)
	w.differ += len(differ)
	w.mu.Unlock()
	rows := w.done.Rows // what is read below was counted by the hashes
	defer func() { w.done.Rows = rows }()
	if w.hopeless() {
		return w.streamed(ctx, differ)
	}
	if len(differ) > 0 && w.refines() {
		var parts []dialect.Range
		for _, rg := range differ {
			cut, err := w.subdivide(ctx, rg)
			if err != nil {
				return err
			}
			parts = append(parts, cut...)
		}
		if differ, err = w.fingerprints(ctx, parts); err != nil {
			return err
		}
	}
	for _, rg := range differ {
		if err := w.compare(ctx, rg); err != nil {
			return err
		}
	}
	return nil
}

// hopeless says whether so many ranges differ that reading all is cheaper.
func (w *worker) hopeless() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tested >= firstRanges && float64(w.differ) > mostDiffering*float64(w.tested)
}

// streamed reads ranges whose hashes would not help. Adjacent ones are read together.
func (w *worker) streamed(ctx context.Context, ranges []dialect.Range) error {
	together := max(1, streamRangeBytes/hashRangeBytes)
	for len(ranges) > 0 {
		n := 1
		for n < len(ranges) && n < together && !ranges[n].Null && string(ranges[n].Lo) == string(ranges[n-1].Hi) && ranges[n].Lo != nil {
			n++
		}
		joined := dialect.Range{Lo: ranges[0].Lo, Hi: ranges[n-1].Hi, Null: ranges[0].Null}
		if err := w.compare(ctx, joined); err != nil {
			return err
		}
		ranges = ranges[n:]
	}
	return nil
}

// fingerprints hashes ranges on both servers and returns those that differ.
func (w *worker) fingerprints(ctx context.Context, ranges []dialect.Range) (differ []dialect.Range, err error) {
	if len(ranges) == 0 {
		return nil, nil
	}
	var prints [2][]dialect.Fingerprint
	g, gctx := errgroup.WithContext(ctx)
	for side := range 2 {
		prints[side] = make([]dialect.Fingerprint, len(ranges))
		g.Go(func() error {
			err := w.retry(gctx, side, func(s dialect.Session) error {
				seen := 0
				err := s.Fingerprints(gctx, w.relation(side), w.hash, ranges, func(i int, f dialect.Fingerprint) error {
					prints[side][i] = f
					seen++
					return nil
				})
				if err == nil && seen != len(ranges) {
					err = fmt.Errorf("asked for the hashes of %d ranges and got %d", len(ranges), seen)
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("hash ranges of %s: %w", w.side[side].Name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	w.stage.Bytes(int64(len(ranges)) * fingerprintBytes)
	for i, rg := range ranges {
		a, b := prints[0][i], prints[1][i]
		w.done.Rows[0] += uint64(a.Rows)
		w.done.Rows[1] += uint64(b.Rows)
		if a != b {
			differ = append(differ, rg)
		} else {
			w.stage.Add(a.Rows)
		}
	}
	return differ, nil
}

// refines says whether hashing the parts of a range that differs is faster than reading it: the rows
// must take longer on the link than the exchange.
func (w *worker) refines() bool {
	for _, r := range w.plan.Rates {
		bytes := float64(w.plan.RangeRows) * r.Bytes
		if r.Bandwidth > 0 && bytes/r.Bandwidth > 2*r.RoundTrip.Seconds() {
			return true
		}
	}
	return false
}

// subdivide cuts a range into small parts: by arithmetic where the key is one integer, else by asking.
func (w *worker) subdivide(ctx context.Context, rg dialect.Range) ([]dialect.Range, error) {
	if rg.Null {
		return []dialect.Range{rg}, nil
	}
	if bounds, ok := w.arithmetic(rg); ok {
		return between(rg, bounds, false), nil
	}
	var bounds []dialect.Key
	rows := max(8, w.plan.RangeRows/subranges)
	err := w.retry(ctx, 0, func(s dialect.Session) (err error) {
		bounds, err = s.Bounds(ctx, w.relation(0), rg, rows, true)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cut a range of %s that differs: %w", w.side[0].Name, err)
	}
	if bounds, err = w.align(ctx, rg, bounds); err != nil {
		return nil, err
	}
	return between(rg, bounds, false), nil
}

// arithmetic cuts a closed range of one integer key evenly.
func (w *worker) arithmetic(rg dialect.Range) ([]dialect.Key, bool) {
	if w.pairing.Key != 1 || w.pairing.Columns[0].Form != dialect.Int || rg.Lo == nil || rg.Hi == nil {
		return nil, false
	}
	lo, okLo := smallInt(rg.Lo)
	hi, okHi := smallInt(rg.Hi)
	if !okLo || !okHi || hi-lo < subranges || hi-lo > 64*w.plan.RangeRows { // sparse: even parts would not be
		return nil, false
	}
	var keys []dialect.Key
	for i := int64(1); i < subranges; i++ {
		keys = append(keys, canon.AppendInt(nil, lo+(hi-lo)*i/subranges))
	}
	return keys, true
}

// smallInt is the value of an integer key that arithmetic cannot overflow.
func smallInt(k dialect.Key) (int64, bool) {
	const most = 1 << 56
	switch canon.Tag(k[0]) {
	case canon.PositiveInt:
		u := canon.Uint(k)
		return int64(u), u < most
	case canon.NegativeInt:
		v := canon.Int(k)
		return v, v > -most
	}
	return 0, false
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
