package limit

import (
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Resolution is the least time of work from which a ratio says something. Starts of one program differ by some
// milliseconds from each other, so that of less work a ratio would tell of the start.
const Resolution = 10 * time.Millisecond

// Start is the start of a program: the least time that any run of it takes. The rate is [rate.ProgramStart]; of
// a measurement its fastest sample stands, of a published one the low end of its range.
func Start(r rate.Rate) Item {
	switch {
	case r.Samples != nil && r.Samples.Floor > 0:
		r.Value = r.Samples.Floor
	case r.Low > 0:
		r.Value = r.Low
	}
	return Work{Name: "starting the program", Amount: 1, Of: "process", Rate: r}
}

// Run is one run of a program beside its least time, which is that of starting it and of its work. It is what
// the napkin line says.
type Run struct {
	Start Item // of the program; see [Start]
	// Work is what was done after the start; nil where nobody knows its least time.
	Work Item
	Took time.Duration // since the program was started
}

// Least returns the least time of the run. It is no work where that of its work is not known.
func (r Run) Least() Bound {
	if r.Work == nil {
		return Bound{}
	}
	return Series{r.Start, r.Work}.Least()
}

// Ratio returns how many times the limit the run took, and false where there is nothing to compare: the least
// time of the work is not known or below [Resolution].
func (r Run) Ratio() (float64, bool) {
	if r.Work == nil || r.Work.Least().Seconds < Resolution.Seconds() {
		return 0, false
	}
	return r.Took.Seconds() / r.Least().Seconds, true
}

// String renders the napkin line, two lines without a final newline:
//
//	limit   3.2 s    network: 1.1 GB at 350 MB/s (measured 2026-11-22, this machine)
//	took    4.1 s    1.28 x the limit
//
// Of work that is too little to compare the second line says so. Where the limit is not known it is the
// second line alone.
func (r Run) String() string {
	took := unit.Duration(r.Took)
	if r.Work == nil {
		return "took    " + took
	}
	limit := r.Least()
	if limit.Seconds <= 0 {
		return "took    " + took
	}
	least := unit.Seconds(limit.Seconds)
	width := max(len([]rune(least)), len([]rune(took)))
	var b strings.Builder
	b.WriteString("limit   " + pad(least, width) + "    " + limit.By + "\n")
	b.WriteString("took    " + pad(took, width) + "    " + r.verdict())
	return b.String()
}

// verdict says how close the run came to its limit, or why that cannot be said.
func (r Run) verdict() string {
	if ratio, ok := r.Ratio(); ok {
		return unit.Digits(ratio) + " x the limit"
	}
	work := r.Work.Least()
	if work.Seconds <= 0 {
		return "no ratio: there is no work to speak of beside the start"
	}
	return "no ratio: the work is too little to tell from the start, " + unit.Seconds(work.Seconds) + " at least (" + work.By + ")"
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-len([]rune(s))))
}

// RunJSON is a [Run] as documents print it. Times are in seconds.
type RunJSON struct {
	Seconds float64 `json:"seconds"`         // the least time of the run: start and work
	Bound   string  `json:"bound,omitempty"` // the longest part of it, with its arithmetic
	Start   float64 `json:"start_seconds"`   // the part of starting the program
	Work    float64 `json:"work_seconds"`    // the part of the work
	Took    float64 `json:"took_seconds"`
	Ratio   float64 `json:"ratio,omitempty"` // took over seconds; absent where the work is too little to compare or has no known limit
	Says    string  `json:"says"`            // the ratio, or why there is none, in words
}

// JSON returns the form for documents.
func (r Run) JSON() RunJSON {
	j := RunJSON{Took: r.Took.Seconds(), Says: "the limit of the work is not known"}
	if r.Work == nil {
		return j
	}
	least := r.Least()
	j.Seconds, j.Bound, j.Start, j.Work, j.Says = least.Seconds, least.By, r.Start.Least().Seconds, r.Work.Least().Seconds, r.verdict()
	j.Ratio, _ = r.Ratio()
	return j
}
