package measure

import "time"

// monotonic returns a clock that a change of the machine's date does not move: time.Since of a time.Time that
// time.Now made compares monotonic readings.
func monotonic() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}
