package calc

import (
	"slices"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// cache keeps what functions have built from areas of cells (indexes for lookups, groups, sorted orders) as long as
// none of their columns has changed. It is for several goroutines: who asks first builds, the others wait.
type cache struct {
	mu      sync.Mutex
	entries map[any]*built
	large   []*built // of many cells, whose memory is used again
	cells   int64    // of the areas of all entries
	asked   uint64   // counts questions
}

// largeCells is from how many cells on memory is used again.
const largeCells = 4096

// mostCached bounds the cells of the areas of which something is kept; what is made of a cell takes some 8 to 40 bytes. Formulas over
// growing or sliding ranges would keep something for each range.
const mostCached = 64 << 20

type built struct {
	once    sync.Once
	key     any
	areas   []cell.Area
	made    bool // false where who built it was stopped
	version uint64
	value   any
	cells   int64
	used    uint64 // the recalculation that asked last
	asked   uint64 // the question that asked last
}

// version returns the greatest version of the columns of areas.
func (b *Workbook) versionOf(areas []cell.Area) uint64 {
	v := uint64(0)
	for _, a := range areas {
		columns := b.sheets[a.Sheet].columns
		for c := a.C0; c <= a.C1 && int(c) < len(columns); c++ {
			v = max(v, columns[c].version)
		}
	}
	return v
}

// cached returns what build made of areas, for the present cells.
func (b *Workbook) cached(key any, areas []cell.Area, build func() any) any {
	version := b.versionOf(areas)
	c := &b.cache
	c.mu.Lock()
	if c.entries == nil {
		c.entries = map[any]*built{}
	}
	e := c.entries[key]
	if e == nil || e.version != version {
		for _, a := range areas {
			columns := b.sheets[a.Sheet].columns
			for col := a.C0; col <= a.C1 && int(col) < len(columns); col++ {
				columns[col].indexed = true
			}
		}
		if e != nil {
			c.cells -= e.cells
		}
		e = &built{key: key, areas: areas, version: version}
		for _, a := range areas {
			e.cells += a.Cells()
		}
		c.cells += e.cells
		c.entries[key] = e
		if e.cells >= largeCells {
			c.large = append(c.large, e)
		}
		c.shrink()
	}
	c.asked++
	e.used, e.asked = b.recalculations, c.asked
	c.mu.Unlock()
	e.once.Do(func() {
		defer func() {
			if !e.made {
				c.drop(key, e)
			}
		}()
		e.value = build()
		e.made = true
	})
	if !e.made {
		return build()
	}
	return e.value
}

// drop forgets what was not built to the end.
func (c *cache) drop(key any, e *built) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == e {
		c.cells -= e.cells
		delete(c.entries, key)
	}
}

// shrink drops what was not asked for lately, where too much is kept. Who uses it goes on to.
func (c *cache) shrink() {
	if c.cells <= mostCached {
		return
	}
	oldest := c.asked - min(c.asked, 16)
	for key, e := range c.entries {
		if e.asked <= oldest {
			c.cells -= e.cells
			delete(c.entries, key)
		}
	}
}

// recycle gives the memory of what is large and of cells that have changed since to what will be built next. Nothing may be in use.
func (b *Workbook) recycle() {
	c := &b.cache
	c.large = slices.DeleteFunc(c.large, func(e *built) bool {
		kept := c.entries[e.key] == e
		if kept && e.version == b.versionOf(e.areas) {
			return false
		}
		if kept {
			c.cells -= e.cells
			delete(c.entries, e.key)
		}
		if r, ok := e.value.(search.Recycler); ok {
			r.Recycle()
		}
		return true
	})
}

// sweep drops what none of the last recalculations asked for.
func (b *Workbook) sweep() {
	for key, e := range b.cache.entries {
		if e.used+8 < b.recalculations {
			b.cache.cells -= e.cells
			delete(b.cache.entries, key)
		}
	}
}
