// Package limit states the least time that a piece of work can take and compares it with what it took.
//
// [Work] is an amount of one resource at a base rate. Work in series adds up ([Series]); work that
// overlaps takes as long as its longest part ([Overlapped]). The result, a [Bound], names the one
// piece of work that decides, with its arithmetic. [Meter] compares it with the time that the work took,
// and [Run] a whole run of a program, which every command ends with as the napkin line.
//
// A limit is as good as its rates, and says where they come from. It is a floor for the method at
// hand: a ratio of 1.3 means that a perfect implementation of the same work would save a quarter of
// the time. It does not know of better methods.
package limit

import (
	"fmt"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Item is work, alone or combined.
type Item interface {
	// Least returns the least time of the item and what bounds it.
	Least() Bound
}

// Bound is a least time and the work that decides it. The zero Bound is no work. A Bound that is known from
// elsewhere is an [Item] too.
type Bound struct {
	Seconds float64
	// By names the deciding work with its arithmetic: "network: 1.1 GB at 350 MB/s (measured
	// 2026-11-22, this machine)". It is empty for no work.
	By string
	// part is the length of the deciding work itself, which in a series is less than Seconds.
	part float64
}

// Least implements [Item].
func (b Bound) Least() Bound {
	if b.part == 0 {
		b.part = b.Seconds
	}
	return b
}

// Work is an amount of something at a base rate: bytes or rows for a throughput, operations for a
// latency.
type Work struct {
	Name   string // what is worked on, for the reader: "network", "parsing source"
	Amount float64
	Of     string // what Amount counts when the rate does not say: "round trip"
	Rate   rate.Rate
	// Lanes is how many such pieces run at once: cores, connections, disks. Less than one means one.
	Lanes int
}

// Least implements [Item].
func (w Work) Least() Bound {
	lanes := max(w.Lanes, 1)
	seconds := w.Rate.Seconds(w.Amount) / float64(lanes)
	if seconds <= 0 || math.IsNaN(seconds) {
		return Bound{}
	}
	return Bound{Seconds: seconds, By: w.String(), part: seconds}
}

// String prints the arithmetic of w.
func (w Work) String() string {
	of := w.Of
	if of == "" {
		of = w.Rate.Of
	}
	amount := unit.Count(w.Amount).String() + " " + of
	if of == "B" {
		amount = unit.Bytes(w.Amount).String()
	}
	preposition := "at"
	if w.Rate.Kind == rate.Latency {
		preposition = "of"
	}
	lanes := ""
	if w.Lanes > 1 {
		lanes = fmt.Sprintf(" x %d", w.Lanes)
	}
	return fmt.Sprintf("%s: %s %s %s%s (%s)", w.Name, strings.TrimSpace(amount), preposition, w.Rate, lanes, w.Rate.Provenance())
}

// Series is work of which each piece waits for the one before.
type Series []Item

// Least implements [Item]: times add up, and the longest single piece of work is named.
func (s Series) Least() Bound {
	var sum Bound
	for _, item := range s {
		b := item.Least()
		sum.Seconds += b.Seconds
		if b.part > sum.part {
			sum.part, sum.By = b.part, b.By
		}
	}
	return sum
}

// Overlapped is work that goes on at the same time on different resources.
type Overlapped []Item

// Least implements [Item]: the longest item decides.
func (o Overlapped) Least() Bound {
	var longest Bound
	for _, item := range o {
		if b := item.Least(); b.Seconds > longest.Seconds {
			longest = b
		}
	}
	return longest
}
