package limit

import (
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Meter takes the time of a run. Begin it before the work.
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

// Outcome is the least time of a run beside the time it took.
type Outcome struct {
	Bound Bound
	Took  time.Duration
}

// Ratio returns how many times the limit the run took, and false when there is no limit to compare.
func (o Outcome) Ratio() (float64, bool) {
	if o.Bound.Seconds <= 0 {
		return 0, false
	}
	return o.Took.Seconds() / o.Bound.Seconds, true
}

// String renders the napkin line, two lines without a final newline:
//
//	limit   3.2 s    network: 1.1 GB at 350 MB/s (measured 2026-11-22, this machine)
//	took    4.1 s    1.28 x the limit
//
// Without a limit it is the second line alone, without the ratio.
func (o Outcome) String() string {
	took := unit.Duration(o.Took)
	ratio, ok := o.Ratio()
	if !ok {
		return "took    " + took
	}
	least := unit.Seconds(o.Bound.Seconds)
	width := max(len([]rune(least)), len([]rune(took)))
	var b strings.Builder
	b.WriteString("limit   " + pad(least, width) + "    " + o.Bound.By + "\n")
	b.WriteString("took    " + pad(took, width) + "    " + unit.Digits(ratio) + " x the limit")
	return b.String()
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-len([]rune(s))))
}
