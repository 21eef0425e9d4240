// Package rate holds base rates: how many bytes, rows, operations or round trips a second of ordinary
// hardware and software is good for, and what an hour of it costs.
//
// A [Profile] is a named table of rates. [Embedded] is the table that ships with the program: round
// figures from public documentation, price lists and well-known benchmarks, each with its range, its
// source and its date. Package measure below this one finds the rates of the machine at hand;
// [Profile.With] lays them over the published ones. Every rate says which of the two it is, and whoever
// prints a figure derived from a rate prints that too. A measured rate carries how far it can be trusted,
// its [Verdict], and what the machine was busy with meanwhile, its [Conditions].
//
// A published rate is an order of magnitude, not a promise: its range is meant to hold nine of ten
// ordinary installations. A latency is time per operation in seconds, a throughput is an amount per
// second, a price is US dollars per unit.
package rate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Origin says where a rate comes from.
type Origin string

// Origins of a rate.
const (
	Measured  Origin = "measured"  // by a probe on this machine
	Published Origin = "published" // from the embedded table
	Given     Origin = "given"     // by the user, on the command line or in a configuration file
)

// Kind says what a rate's value means.
type Kind string

// Kinds of rate.
const (
	Latency    Kind = "latency"    // seconds per operation
	Throughput Kind = "throughput" // amount per second
	Size       Kind = "size"       // bytes each
	Price      Kind = "price"      // US dollars per unit
)

// Rate is one figure with its range and its source. Low and High bound the central nine tenths of
// what one meets; for a measured rate they are the 5th and the 95th percentile of the probe's samples.
type Rate struct {
	Name   string  `json:"name"` // dotted, from general to special: "disk.read.random"
	Kind   Kind    `json:"kind"`
	Value  float64 `json:"value"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Of     string  `json:"of,omitempty"` // what is counted or bought, or what a size is of: "B", "row", "GB"; empty for a latency
	What   string  `json:"what"`         // one line for a reader
	Origin Origin  `json:"origin"`
	Source string  `json:"source"` // a sentence: who says so, or how it was measured
	Date   string  `json:"date"`   // YYYY-MM-DD of the measurement or of the look-up

	// Network holds for a published figure that has a network between client and server in it, beside which a
	// measurement over loopback is another thing.
	Network bool `json:"network,omitempty"`

	// Where says what was measured where it is not this machine and its usual folder: "server db.internal:5432",
	// "this machine, disk of /var/tmp". There are no passwords in it.
	Where string `json:"where,omitempty"`

	// What a measurement adds. Profiles kept before there were samples and verdicts lack them.
	Samples    *Samples    `json:"samples,omitempty"`
	Verdict    Verdict     `json:"verdict,omitempty"`
	Conditions *Conditions `json:"conditions,omitempty"`
}

// Duration returns the time that n operations or n of what is counted take, one after the other. It is
// zero for a size or a price.
func (r Rate) Duration(n float64) time.Duration {
	return time.Duration(r.Seconds(n) * float64(time.Second))
}

// Seconds is [Rate.Duration] in seconds, for amounts beyond what time.Duration holds.
func (r Rate) Seconds(n float64) float64 {
	switch {
	case r.Kind == Latency:
		return n * r.Value
	case r.Kind == Throughput && r.Value > 0:
		return n / r.Value
	}
	return 0
}

// Format prints v as a value of this rate's kind: "0.5 ms" as "500 µs", "350 MB/s", "$0.09/GB".
func (r Rate) Format(v float64) string {
	switch r.Kind {
	case Latency:
		return unit.Seconds(v)
	case Throughput:
		return unit.Rate{PerSecond: v, Of: r.Of}.String()
	case Size:
		return unit.Bytes(v).String()
	case Price:
		return unit.Money(v).String() + "/" + r.Of
	}
	return unit.Digits(v)
}

// String prints the value with its unit.
func (r Rate) String() string { return r.Format(r.Value) }

// Provenance says in a few words where the figure comes from: "measured 2026-11-22, this machine".
func (r Rate) Provenance() string {
	switch r.Origin {
	case Measured:
		said := "measured " + r.Date + ", " + cmp.Or(r.Where, "this machine")
		if r.Verdict == Noisy || r.Verdict == Invalid {
			said += ", " + string(r.Verdict)
		}
		return said
	case Given:
		return "given: " + r.Source
	}
	return "published, " + r.Date
}

// Profile is a table of rates by name. It is not changed after it was made and may be shared between
// goroutines. The nil Profile is empty.
type Profile struct {
	rates map[string]Rate
}

// NewProfile returns the profile of the given rates; of two with one name the later stands.
func NewProfile(rates ...Rate) *Profile {
	return (*Profile)(nil).With(rates...)
}

// With returns a profile in which the given rates stand before those of p.
func (p *Profile) With(rates ...Rate) *Profile {
	merged := &Profile{rates: make(map[string]Rate, len(rates))}
	if p != nil {
		for name, r := range p.rates {
			merged.rates[name] = r
		}
	}
	for _, r := range rates {
		merged.rates[r.Name] = r
	}
	return merged
}

// Get returns the rate of that name.
func (p *Profile) Get(name string) (Rate, bool) {
	if p == nil {
		return Rate{}, false
	}
	r, ok := p.rates[name]
	return r, ok
}

// All returns the rates ordered by name.
func (p *Profile) All() []Rate {
	if p == nil {
		return nil
	}
	all := make([]Rate, 0, len(p.rates))
	for _, r := range p.rates {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// Match returns the rates whose name holds one of the given words, or all for no words, ordered by
// name. An unknown word is an error that names what was looked for.
func (p *Profile) Match(words ...string) ([]Rate, error) {
	all := p.All()
	if len(words) == 0 {
		return all, nil
	}
	used := make([]bool, len(words))
	var matched []Rate
	for _, r := range all {
		hit := false
		for i, word := range words {
			if strings.Contains(r.Name, word) {
				used[i], hit = true, true
			}
		}
		if hit {
			matched = append(matched, r)
		}
	}
	for i, word := range words {
		if !used[i] {
			return nil, fmt.Errorf("no rate has %q in its name; `napkin rates show` lists them all", word)
		}
	}
	return matched, nil
}

// Check says what cannot be in a rate that was read from a file, or nil.
func (r Rate) Check() error {
	switch {
	case r.Name == "":
		return errors.New("it has no name")
	case !(r.Value > 0) || math.IsInf(r.Value, 0):
		return fmt.Errorf("%s has the value %g", r.Name, r.Value)
	case r.Kind != Latency && r.Kind != Throughput && r.Kind != Size && r.Kind != Price:
		return fmt.Errorf("%s is of the kind %q, which there is not", r.Name, r.Kind)
	case !(r.Low >= 0 && r.High >= r.Low):
		return fmt.Errorf("%s has the range from %g to %g", r.Name, r.Low, r.High)
	case r.Verdict != "" && r.Verdict != Quiet && r.Verdict != Noisy && r.Verdict != Invalid:
		return fmt.Errorf("%s has the verdict %q, which there is not", r.Name, r.Verdict)
	}
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil && r.Date != "" {
		return fmt.Errorf("%s has the date %q", r.Name, r.Date)
	}
	return nil
}

// RoundTrip returns a copy of p in which the round trip to the database and other servers in the
// same data centre is the given one.
func (p *Profile) RoundTrip(rtt time.Duration, source string) *Profile {
	r, _ := p.Get(TCPRoundTrip)
	r.Name, r.Kind, r.Origin, r.Source = TCPRoundTrip, Latency, Given, source
	r.Value, r.Low, r.High = rtt.Seconds(), rtt.Seconds(), rtt.Seconds()
	return p.With(r)
}
