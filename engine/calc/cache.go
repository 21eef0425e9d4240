package calc

import (
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// cache keeps what functions have built from areas of cells (indexes for lookups, groups, sorted orders) as long as
// none of their columns has changed. It is for several goroutines: who asks first builds, the others wait.
type cache struct {
	mu      sync.Mutex
	entries map[any]*built
}

type built struct {
	once    sync.Once
	version uint64
	value   any
	used    uint64 // the recalculation that asked last
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
		e = &built{version: version}
		c.entries[key] = e
	}
	e.used = b.recalculations
	c.mu.Unlock()
	e.once.Do(func() { e.value = build() })
	return e.value
}

// sweep drops what none of the last recalculations asked for.
func (b *Workbook) sweep() {
	for key, e := range b.cache.entries {
		if e.used+8 < b.recalculations {
			delete(b.cache.entries, key)
		}
	}
}
