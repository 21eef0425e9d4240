package datadiff

import (
	"bytes"
	"context"
	"slices"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// partners looks up the rows that are left over where not all ranges were read: of a sample, and of a run
// that ended at its limit. The partner of such a row may lie in a range that was not read, where the sides
// do not surely sort the key alike.
type partners struct {
	*sink
	ctx  context.Context
	rows [2][]leftOver
}

type leftOver struct{ key, cells []byte }

func (p *partners) alone(side int, cells []byte, key int) error {
	p.rows[side] = append(p.rows[side], leftOver{bytes.Clone(cells[:key]), bytes.Clone(cells)})
	if len(p.rows[side]) < fetchRows {
		return nil
	}
	return p.lookUp(side)
}

// lookUp settles the rows of a side: equal to a row of the other one, changed, or alone.
func (p *partners) lookUp(side int) error {
	rows := p.rows[side]
	p.rows[side] = nil
	keys := make([]dialect.Key, 0, len(rows))
	for _, r := range rows {
		keys = append(keys, r.key)
	}
	slices.SortFunc(keys, func(a, b dialect.Key) int { return bytes.Compare(a, b) })
	keys = slices.CompactFunc(keys, func(a, b dialect.Key) bool { return bytes.Equal(a, b) })
	found, err := p.fetch(p.ctx, 1-side, keys)
	if err != nil {
		return err
	}
	for _, r := range rows {
		others := found[string(r.key)]
		if i := slices.IndexFunc(others, func(o []byte) bool { return bytes.Equal(o, r.cells) }); i >= 0 {
			found[string(r.key)] = slices.Delete(others, i, i+1)
			continue
		}
		if len(others) == 1 && p.pairing.Unique {
			a, b := r.cells, others[0]
			if side == 1 {
				a, b = b, a
			}
			err = p.changed(a, b, len(r.key))
		} else {
			err = p.sink.alone(side, r.cells, len(r.key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// close settles what is left.
func (p *partners) close() error {
	for side := range p.rows {
		if len(p.rows[side]) > 0 {
			if err := p.lookUp(side); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch looks up keys on a side and returns the rows of each.
func (r *run) fetch(ctx context.Context, side int, keys []dialect.Key) (rows map[string][][]byte, err error) {
	err = r.retry(ctx, side, func(s dialect.Session) error {
		rows = map[string][][]byte{}
		var short []byte
		return s.Fetch(ctx, r.relation(side), keys, func(cells []byte, key int) (err error) {
			if len(cells) > longCell {
				if short, err = canon.Shorten(short[:0], cells, key, longCell); err != nil {
					return err
				}
				cells = short
			}
			k := string(cells[:key])
			rows[k] = append(rows[k], bytes.Clone(cells))
			return nil
		})
	})
	return rows, err
}
