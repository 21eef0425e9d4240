package datadiff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

const (
	// alignAtOnce is how many borders one statement ranks.
	alignAtOnce = 400
	// mostAstray is the share of the borders that may stand in another order on one side. With more, the
	// sides sort the key differently, and most rows would miss their partners in the ranges.
	mostAstray = 0.1
)

// align keeps those borders of a range that both sides hold for increasing, its own ends included. Text
// under collations is cut this way: whatever order a side has, borders that increase in it part its rows,
// each into one range. Rows that the two sides put into different ranges become orphans and meet at the
// end, so that the orders decide about speed and not about the result.
//
// None are left where too many are astray. Borders of keys that both sides surely sort alike are kept as
// they are.
func (r *run) align(ctx context.Context, in dialect.Range, bounds []dialect.Key) ([]dialect.Key, error) {
	if r.pairing.ordered || len(bounds) == 0 {
		return bounds, nil
	}
	// Characters outside ASCII may be missing in the character set of a side, which then compares them
	// under another collation than the rest.
	kept := slices.DeleteFunc(slices.Clone(bounds), func(k dialect.Key) bool { return !plainText(k) })
	plain := len(kept)
	for side := range r.side {
		var increasing []dialect.Key
		last := in.Lo
		for part := range slices.Chunk(kept, alignAtOnce) {
			more, err := r.increasing(ctx, side, last, part, in.Hi)
			if errors.Is(err, dialect.ErrCannot) {
				return nil, nil
			}
			if err != nil {
				return nil, fmt.Errorf("compare the order of keys of %s: %w", r.side[side].Name, err)
			}
			if increasing = append(increasing, more...); len(increasing) > 0 {
				last = increasing[len(increasing)-1]
			}
		}
		kept = increasing
	}
	if float64(len(kept)) < (1-mostAstray)*float64(plain) {
		return nil, nil
	}
	return kept, nil
}

// increasing returns the longest part of some borders that increases on a side, between two ends, either
// of which may be open.
func (r *run) increasing(ctx context.Context, side int, lo dialect.Key, bounds []dialect.Key, hi dialect.Key) ([]dialect.Key, error) {
	keys := slices.Clone(bounds)
	if lo != nil {
		keys = append(keys, lo)
	}
	if hi != nil {
		keys = append(keys, hi)
	}
	var ranks []int64
	err := r.retry(ctx, side, func(s dialect.Session) (err error) {
		ranks, err = s.Ranks(ctx, r.relation(side), keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	n := len(bounds)
	inside := make([]int, 0, n)
	for i := range bounds {
		if (lo == nil || ranks[i] > ranks[n]) && (hi == nil || ranks[i] < ranks[len(ranks)-1]) {
			inside = append(inside, i)
		}
	}
	out := make([]dialect.Key, 0, n)
	for _, i := range longestIncreasing(inside, ranks) {
		out = append(out, bounds[i])
	}
	return out, nil
}

// longestIncreasing returns the longest part of the places, in their order, whose ranks strictly increase
// (Fredman 1975: patience sorting with links back).
func longestIncreasing(places []int, ranks []int64) []int {
	var tops []int // tops[n] ends the best part of length n+1: the index in places
	back := make([]int, len(places))
	for i, p := range places {
		at, _ := slices.BinarySearchFunc(tops, ranks[p], func(top int, rank int64) int {
			if ranks[places[top]] < rank {
				return -1
			}
			return 1
		})
		back[i] = -1
		if at > 0 {
			back[i] = tops[at-1]
		}
		if at == len(tops) {
			tops = append(tops, i)
		} else {
			tops[at] = i
		}
	}
	if len(tops) == 0 {
		return nil
	}
	out := make([]int, 0, len(tops))
	for i := tops[len(tops)-1]; i >= 0; i = back[i] {
		out = append(out, places[i])
	}
	slices.Reverse(out)
	return out
}

// plainText says whether the texts of a key are of printable ASCII.
func plainText(key dialect.Key) bool {
	for rest := []byte(key); len(rest) > 0; {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return false
		}
		if canon.Tag(cell[0]) == canon.Text && slices.ContainsFunc(canon.Content(cell), func(b byte) bool { return b < ' ' || b > '~' }) {
			return false
		}
		rest = next
	}
	return true
}

// unrangedPlan makes a hash plan one that streams: a key that cannot be cut leaves one range, whose hash
// would tell little.
func (r *run) unrangedPlan() {
	if r.hash == 0 || r.plan.Rows <= tooLarge*r.plan.RangeRows {
		return
	}
	r.hash, r.plan.Kind = 0, Stream
	r.plan.Why = "the two sides sort the key differently, so that it cannot be cut into ranges to hash"
	r.opts.Progress.Note(r.plan.Why)
}
