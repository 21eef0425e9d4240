package limit

import "time"

// Meter takes the time of a piece of work. Begin it before the work.
type Meter struct {
	began time.Time
	now   func() time.Time
}

// Begin starts the clock.
func Begin() *Meter { return begin(time.Now) }

func begin(now func() time.Time) *Meter { return &Meter{began: now(), now: now} }

// Against stops the clock and compares the time that passed with the least time of the work, which
// may be known only now.
func (m *Meter) Against(work Item) Outcome {
	return Outcome{Bound: work.Least(), Took: m.now().Sub(m.began)}
}

// Outcome is the least time of a piece of work beside the time it took. That of a whole run is a [Run].
type Outcome struct {
	Bound Bound
	Took  time.Duration
}
