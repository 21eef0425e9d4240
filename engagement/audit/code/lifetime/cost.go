package lifetime

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/foundation/report"
)

// DescriptorLimit is the number of open files that Linux allows a process by default (the soft limit
// RLIMIT_NOFILE, getrlimit(2)).
const DescriptorLimit = "1,024"

// Descriptors is the cost of a leak: one descriptor for each event, none after the fix. A leak takes no
// time, so it has no milliseconds; what it ends in is the outage mode of the rule.
func Descriptors(event string) *report.Cost { return Lost("descriptors", event) }

// Lost is the cost of losing one of something countable at each event: a descriptor, a connection of a
// pool, a goroutine.
func Lost(unit, event string) *report.Cost {
	return &report.Cost{Now: 1, Fixed: 0, Unit: unit, Event: event, Formula: "k -> 0", Inputs: []report.Input{cost.Count("k", 1, unit, "lost for each "+event)}}
}
