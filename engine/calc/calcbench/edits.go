package calcbench

import (
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// The bars of B4.
const (
	mostEdit    = time.Millisecond
	mostSummed  = 5 * time.Millisecond
	mostNothing = 100 * time.Microsecond
)

// edits is B4.
func (b *bench) edits() error {
	k, err := b.million()
	if err != nil {
		return err
	}
	defer k.file.Close()
	if err := b.eachEdit(k, "one edit below 1 M formulas, 4 of them stale", 4, 0, mostEdit); err != nil {
		return err
	}
	if err := k.SetFormula(0, 0, 8, "SUM(G:G)", false); err != nil {
		return err
	}
	if _, err := k.Recalculate(b.ctx); err != nil {
		return err
	}
	// The sum reads the chunk of 65,536 cells that the edit is in.
	if err := b.eachEdit(k, "the same with SUM(G:G) on top", 5, 65_536, mostSummed); err != nil {
		return err
	}
	const times = 1000
	row := Row{Bar: "B4", What: "recalculate with nothing to do", Note: fmt.Sprintf("each of %d", times)}
	b.announce(&row, b.work("one read of the list of what is stale", 1, rate.MemoryReadRandom, "read"))
	c, err := best(b.ctx, b.Runs, nil, func() error {
		for range times {
			if r, err := k.Recalculate(b.ctx); err != nil || r.Cells > 0 {
				return fmt.Errorf("%d cells were computed: %w", r.Cells, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	row.CPU, row.Wall, row.Runs = c.cpu/times, c.wall/times, b.Runs
	b.add(row).within(mostNothing)
	return b.parity(parityEdits)
}

// eachEdit measures an edit and the recalculation after it, of many in different rows. So many cells are stale each time, and so many are read
// beside theirs.
func (b *bench) eachEdit(k *book, what string, stale, read int64, most time.Duration) error {
	const times = 100
	row := Row{Bar: "B4", What: what, Note: fmt.Sprintf("each of %d", times)}
	b.announce(&row, b.cellsLimit(2*stale+read, stale))
	at := int32(0)
	c, err := best(b.ctx, b.Runs, nil, func() error {
		for range times {
			at = (at + 9973) % localRows
			if err := k.Set(0, at, 0, cell.Num(float64(at)+0.25)); err != nil {
				return err
			}
			r, err := k.Recalculate(b.ctx)
			if err != nil {
				return err
			}
			if r.Cells != stale {
				return fmt.Errorf("an edit of row %d made %d cells stale, not %d", at+1, r.Cells, stale)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	row.CPU, row.Wall, row.Runs = c.cpu/times, c.wall/times, b.Runs
	b.add(row).within(most)
	return nil
}
