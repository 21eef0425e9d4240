package audit

import (
	"math"
	"runtime/debug"

	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/foundation/unit"
)

const (
	// heapGrowth is by how many percent the heap may grow between two collections. An audit makes much
	// garbage beside facts that live to its end, and the default of 100 spends a quarter of its time on
	// marking these again and again.
	heapGrowth = 200
	// leastLimit is the heap up to which that holds: with the parsers' memory and the program itself a
	// run then stays below 400 MB.
	leastLimit = 290 * unit.MB
	// perSource is what trees and facts take for each byte of source at most, as measured, and as much
	// again for garbage. A limit that the facts alone come near would keep the collector busy without end.
	perSource = 8
)

// boundMemory lets the heap grow fast up to a limit and slowly from there, and returns what undoes it.
// It leaves a limit alone that the user set (GOMEMLIMIT). Audits that run at once in one process share
// the limit of the last.
func boundMemory(l *inventory.Listing) (undo func()) {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return func() {}
	}
	var source unit.Bytes
	for i := range l.Entries {
		if e := &l.Entries[i]; e.Skip == "" && lang.Parsed(e.Lang) {
			source += unit.Bytes(e.Size)
		}
	}
	limit := debug.SetMemoryLimit(int64(max(leastLimit, perSource*source)))
	growth := debug.SetGCPercent(heapGrowth)
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(growth)
	}
}
