package measure

import (
	"time"

	"golang.org/x/sys/unix"
)

// systemClocks reads the kernel's clocks: CLOCK_MONOTONIC by way of the runtime, and the CPU time clocks,
// which have nanoseconds where getrusage may have ticks.
func systemClocks() clocks {
	return clocks{wall: monotonic(), thread: cpuClock(unix.CLOCK_THREAD_CPUTIME_ID), process: cpuClock(unix.CLOCK_PROCESS_CPUTIME_ID)}
}

func cpuClock(id int32) func() time.Duration {
	return func() time.Duration {
		var t unix.Timespec
		if unix.ClockGettime(id, &t) != nil {
			return 0 // all samples are 0 then, which judge refuses
		}
		return time.Duration(t.Nano())
	}
}
