package cronoverlap

import (
	"testing"
	"time"
)

func TestPeriod(t *testing.T) {
	for schedule, want := range map[string]time.Duration{
		"* * * * *": time.Minute, "*/5 * * * *": 5 * time.Minute, "0,30 * * * *": 30 * time.Minute, "7 * * * *": time.Hour,
		"0 */6 * * *": 6 * time.Hour, "10 3 * * *": 24 * time.Hour, "@hourly": time.Hour, "0 8-18 * * *": time.Hour,
	} {
		if got, ok := Period(schedule); !ok || got != want {
			t.Errorf("Period(%q) = %v, %v; want %v", schedule, got, ok, want)
		}
	}
	for _, schedule := range []string{"", "* * * *", "@reboot"} {
		if got, ok := Period(schedule); ok {
			t.Errorf("Period(%q) = %v", schedule, got)
		}
	}
}
