package scale

import (
	"fmt"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Signature is what a statement did, per row of its table, as the server counted: what its work consists
// of and not how long it took.
type Signature struct {
	Passes  float64 `json:"passes"`       // sequential reads of the table
	Indexes float64 `json:"indexes"`      // indexes that were built
	Written float64 `json:"rows_written"` // rows inserted, updated or deleted, per row
	WAL     float64 `json:"wal_per_row"`  // bytes
	// WALShare is the WAL over the size of the table with its indexes: near 1 for a rewrite.
	WALShare float64 `json:"wal_share"`
	Rewrite  bool    `json:"rewrite"`
}

// String is the signature in words: "2 passes, 1 index built, WAL 95 % of the table".
func (s Signature) String() string {
	var parts []string
	add := func(n float64, one, many string) {
		switch {
		case n < 0.05:
		case math.Abs(n-1) < 0.05:
			parts = append(parts, "1 "+one)
		default:
			parts = append(parts, unit.Digits(n)+" "+many)
		}
	}
	add(s.Passes, "pass over the rows", "passes over the rows")
	if s.Rewrite {
		parts = append(parts, "rewrite")
	}
	add(s.Indexes, "index built", "indexes built")
	if s.Written >= 0.005 {
		parts = append(parts, unit.Digits(s.Written)+" rows written per row")
	}
	if s.WALShare >= 0.005 {
		parts = append(parts, fmt.Sprintf("WAL %s %% of the table", unit.Digits(s.WALShare*100)))
	}
	if len(parts) == 0 {
		return "no work that grows with the table"
	}
	return strings.Join(parts, ", ")
}

// Floor is the least time in which a server can do work of this signature on a table: reading it from
// disk, writing the result and the WAL, and the processor's work on each row go on at once, and the
// longest of them decides. Rates are those of the production's profile. Where the table fits the memory
// that caches it, nothing is read from disk, and its place takes a scan at the server's own rate.
func Floor(s Signature, t *Table, memory unit.Bytes, rates *rate.Profile) limit.Bound {
	get := func(name string) rate.Rate {
		r, _ := rates.Get(name)
		return r
	}
	var items limit.Overlapped
	work := func(name string, amount float64, of, rateName string) {
		if amount > 0 {
			items = append(items, limit.Work{Name: name, Amount: amount, Of: of, Rate: get(rateName)})
		}
	}
	if memory > 0 && t.Bytes() > memory {
		work("reading the table from disk", s.Passes*float64(t.Heap+t.Toast), "B", rate.DiskReadSequential)
	} else {
		work("reading the table", s.Passes*float64(t.Heap), "B", rate.PostgresSeqScan)
	}
	written := s.WAL * t.Rows
	if s.Rewrite {
		written += float64(t.Bytes())
	}
	// A disk that is known to read only is taken to write as fast at best.
	work("writing data and WAL", written, "B", diskWrite(rates))
	var cpu limit.Series
	rows := func(name string, n float64, rateName string) {
		if n > 0 {
			cpu = append(cpu, limit.Work{Name: name, Amount: n, Of: "rows", Rate: get(rateName)})
		}
	}
	rows("scanning rows", s.Passes*t.Rows, rate.PostgresScanRows)
	rows("sorting into indexes", s.Indexes*t.Rows, rate.PostgresIndexBuild)
	rows("writing rows", s.Written*t.Rows, rate.PostgresInsertRows)
	items = append(items, cpu)
	return items.Least()
}

// diskWriteSequential is the rate of sequential writes, which not every profile has.
const diskWriteSequential = "disk.write.sequential"

func diskWrite(rates *rate.Profile) string {
	if _, ok := rates.Get(diskWriteSequential); ok {
		return diskWriteSequential
	}
	return rate.DiskReadSequential
}

// Compare derives from two profiles how much longer the processor's work of a database takes in
// production than here: the mean ratio of the rates that both measured and that a processor decides.
// Without a profile of production, or without a common rate, the machines are taken to be the same.
func Compare(here, production *rate.Profile) Machine {
	if production == nil {
		return SameMachine
	}
	var logs []float64
	var names []string
	for _, r := range here.All() {
		p, ok := production.Get(r.Name)
		if !ok || !processorBound(r.Name) || r.Origin != rate.Measured || p.Origin != rate.Measured || r.Value <= 0 || p.Value <= 0 || r.Kind != p.Kind {
			continue
		}
		ratio := p.Value / r.Value
		if r.Kind == rate.Throughput {
			ratio = 1 / ratio
		}
		logs, names = append(logs, math.Log(ratio)), append(names, r.Name)
	}
	if len(logs) == 0 {
		m := SameMachine
		m.Basis = "the profiles have no measured rate of the processor in common, so " + m.Basis
		return m
	}
	mean, spread := 0.0, 0.0
	for _, l := range logs {
		mean += l / float64(len(logs))
	}
	for _, l := range logs {
		spread += (l - mean) * (l - mean) / float64(max(len(logs)-1, 1))
	}
	// One rate says nothing of how much they differ; a fifth is what rates of one machine differ by.
	return Machine{Ratio: math.Exp(mean), Spread: max(math.Sqrt(spread), 0.2/math.Sqrt(float64(len(logs)))), Basis: "measured on both machines: " + list(names)}
}

// processorBound holds for rates that memory and processor decide.
func processorBound(name string) bool {
	for _, prefix := range []string{"hash.", "memory.", "sort.", "compress.", "parse.", "serialise.", "postgres.seqscan", "postgres.sort", "postgres.index.build"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
