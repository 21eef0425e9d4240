package rate

import "time"

// Verdict says how far a measured rate can be trusted.
type Verdict string

// Verdicts on a measurement.
const (
	Quiet   Verdict = "quiet"   // nothing disturbed it: a second measurement will agree within 15 %
	Noisy   Verdict = "noisy"   // other work disturbed it, or its samples disagree; an order of magnitude
	Invalid Verdict = "invalid" // too few or too wild samples; kept to be looked at, never used
)

// Samples sums up the samples of a measurement, in the unit of the rate's value. There is no mean of work that
// does not wait: one sample that waited for a neighbour would move it.
type Samples struct {
	N      int     `json:"n"`
	Floor  float64 `json:"floor"` // the fastest sample
	Median float64 `json:"median"`
	P95    float64 `json:"p95"` // nineteen of twenty samples were at least as fast
	// ValueLow and ValueHigh hold the rate's value with 95 % confidence, by bootstrap.
	ValueLow  float64 `json:"value_low"`
	ValueHigh float64 `json:"value_high"`
	// Rounds are the values of work on shared caches or memory that was set up and measured several times, in
	// the order of time; the rate's value is their median, and ValueLow and ValueHigh enclose them all.
	Rounds []float64 `json:"rounds,omitempty"`
	// Sustained is what all samples took together, divided by their number: what a client gets that does one
	// operation after the other, the slow ones included. SustainedLow and SustainedHigh hold it with 95 %
	// confidence, by the central limit theorem. They are of operations that wait for a disk or another
	// process, each a sample of its own; else 0.
	Sustained     float64 `json:"sustained,omitempty"`
	SustainedLow  float64 `json:"sustained_low,omitempty"`
	SustainedHigh float64 `json:"sustained_high,omitempty"`
}

// Conditions is what a machine was and did while a rate was measured on it. What the operating system
// does not tell is left at zero.
type Conditions struct {
	CPU        string  `json:"cpu,omitempty"` // model name
	Cores      int     `json:"cores"`         // that the process may use at once
	Kernel     string  `json:"kernel,omitempty"`
	Filesystem string  `json:"filesystem,omitempty"` // of the folder that disk probes use: "ext4"
	CPULimit   float64 `json:"cpu_limit,omitempty"`  // cores that the control group allows; 0 is no limit
	Load       float64 `json:"load"`                 // load average of the last minute

	// The following two are of a moment before the measurement in which the process did nothing: what others
	// do. Shares of the time, 0 to 1, in which some task waited for a CPU or for a disk (PSI).
	IdleCPU float64 `json:"idle_cpu"`
	IdleIO  float64 `json:"idle_io"`

	// The following are of the time of the measurement itself.
	OtherCores  float64 `json:"other_cores"`         // cores kept busy by processes that napkin did not start
	Steal       float64 `json:"steal"`               // share of the CPU time that the hypervisor gave to others, 0 to 1
	PressureCPU float64 `json:"pressure_cpu"`        // share of the time in which some task waited for a CPU, those of the probe included
	PressureIO  float64 `json:"pressure_io"`         // the same of a disk
	CPUAvg10    float64 `json:"cpu_avg10"`           // PSI cpu some avg10 at the end of the measurement, percent
	IOAvg10     float64 `json:"io_avg10"`            // PSI io some avg10, percent
	Throttled   bool    `json:"throttled,omitempty"` // the control group stopped the process at its CPU limit meanwhile
}

// StaleAfter is the age from which a price or a measurement is called old: price lists change a few times a
// year, and so do machines.
const StaleAfter = 180 * 24 * time.Hour

// Stale says whether r is a published price or a measurement whose date is more than [StaleAfter] before now, or a
// measurement of a day that has not come.
func (r Rate) Stale(now time.Time) bool {
	price := r.Kind == Price && r.Origin == Published
	if !price && r.Origin != Measured {
		return false
	}
	date, err := time.Parse(time.DateOnly, r.Date)
	if err != nil {
		return false
	}
	age := now.Sub(date)
	return age > StaleAfter || r.Origin == Measured && age < -48*time.Hour
}
