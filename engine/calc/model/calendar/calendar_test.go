package calendar_test

import (
	"math"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

func date(t *testing.T, text string) calendar.Date {
	t.Helper()
	d, ok := calendar.ParseDate(text)
	if !ok {
		t.Fatalf("%q is no date", text)
	}
	return d
}

func axis(t *testing.T, grain calendar.Grain, from, to string, fiscal int) *calendar.Axis {
	t.Helper()
	a, err := calendar.New(calendar.Settings{Grain: grain, From: date(t, from), To: date(t, to), FiscalMonth: fiscal, WeekStart: time.Monday})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParseDate(t *testing.T) {
	for _, text := range []string{"2024-02-29", "2024-02", "2024-Q4", "2024-W53", "2024", "FY2025", "FY2025-Q1", "0001-01-01"} {
		if d, ok := calendar.ParseDate(text); !ok || d.String() != text {
			t.Errorf("%s is read as %s, %v", text, d, ok)
		}
	}
	for _, text := range []string{"", "2023-02-29", "2024-13", "2024-00", "2024-Q5", "2024-W54", "2024-W00", "24", "2024-1", "2024-01-32", "FY2024-01", "0000", "2024-01-", "FY", "2100-02-29"} {
		if d, ok := calendar.ParseDate(text); ok {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

func TestLengths(t *testing.T) {
	for _, c := range []struct {
		name     string
		axis     *calendar.Axis
		lengths  map[calendar.Grain]int
		first    map[calendar.Grain]string
		lastWeek string
	}{
		// 2024 is a leap year. Its 1 January is a Monday, 31 December a Tuesday of week 1 of 2025.
		{"a leap year", axis(t, calendar.Month, "2024-01", "2024-12", 1), map[calendar.Grain]int{calendar.Day: 366, calendar.Week: 53, calendar.Month: 12, calendar.Quarter: 4, calendar.Year: 1},
			map[calendar.Grain]string{calendar.Day: "2024-01-01", calendar.Week: "2024-W01", calendar.Month: "2024-01", calendar.Quarter: "2024-Q1", calendar.Year: "2024"}, "2025-W01"},
		// ISO 8601: 2020 has 53 weeks; week 53 ends on 3 January 2021.
		{"a year of 53 weeks", axis(t, calendar.Week, "2020-W01", "2020-W53", 1), map[calendar.Grain]int{calendar.Day: 371, calendar.Week: 53, calendar.Month: 14},
			map[calendar.Grain]string{calendar.Day: "2019-12-30", calendar.Month: "2019-12"}, "2020-W53"},
		{"a fiscal year from April", axis(t, calendar.Year, "FY2025", "FY2025", 4), map[calendar.Grain]int{calendar.Day: 365, calendar.Month: 12, calendar.Quarter: 4, calendar.Year: 1},
			map[calendar.Grain]string{calendar.Day: "2024-04-01", calendar.Quarter: "FY2025-Q1", calendar.Year: "FY2025"}, "2025-W14"},
		{"years in part", axis(t, calendar.Month, "2024-03", "2025-02", 1), map[calendar.Grain]int{calendar.Day: 365, calendar.Quarter: 5, calendar.Year: 2},
			map[calendar.Grain]string{calendar.Quarter: "2024-Q1", calendar.Year: "2024"}, "2025-W09"},
		{"before 1970", axis(t, calendar.Day, "1900-02-28", "1900-03-01", 1), map[calendar.Grain]int{calendar.Day: 2, calendar.Month: 2}, map[calendar.Grain]string{calendar.Month: "1900-02"}, "1900-W09"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for g, n := range c.lengths {
				if got := c.axis.Len(g); got != n {
					t.Errorf("%d %ss, want %d", got, g, n)
				}
			}
			for g, label := range c.first {
				if got := c.axis.Label(g, 0); got != label {
					t.Errorf("the first %s is %s, want %s", g, got, label)
				}
			}
			if got := c.axis.Label(calendar.Week, c.axis.Len(calendar.Week)-1); got != c.lastWeek {
				t.Errorf("the last week is %s, want %s", got, c.lastWeek)
			}
		})
	}
}

// TestAgainstStandardLibrary holds labels of weeks to those of package time.
func TestAgainstStandardLibrary(t *testing.T) {
	a := axis(t, calendar.Day, "1999-01-01", "2031-12-31", 1)
	for p := range a.Len(calendar.Day) {
		day, _ := a.Days(calendar.Day, p)
		year, week := time.Unix(int64(day)*86400, 0).UTC().ISOWeek()
		want := calendar.Date{Grain: calendar.Week, Year: year, Part: week}.String()
		if got := a.Label(calendar.Week, a.At(calendar.Week, day)); got != want {
			t.Fatalf("%s is in %s, want %s", a.Label(calendar.Day, p), got, want)
		}
	}
}

// TestLabelsAreFound holds for all grains and starts that the date of a label is its period.
func TestLabelsAreFound(t *testing.T) {
	for fiscal := 1; fiscal <= 12; fiscal++ {
		a := axis(t, calendar.Day, "2019-05-07", "2025-03-19", fiscal)
		for g := calendar.Day; g <= calendar.Year; g++ {
			next := 0
			for p := range a.Len(g) {
				d := date(t, a.Label(g, p))
				// The first day of the first period may lie before the axis, and its period does not.
				if got, err := a.Find(g, d); err != nil || got != p {
					t.Fatalf("%s is found at %d, %v; want %d", d, got, err, p)
				}
				from, to := a.Days(g, p)
				if p > 0 && from != next || to <= from {
					t.Fatalf("%s goes from %d to %d, and the one before to %d", d, from, to, next)
				}
				next = to
			}
		}
	}
}

func TestFindRefuses(t *testing.T) {
	a := axis(t, calendar.Month, "2024-04", "2025-03", 4)
	for _, c := range []struct {
		grain calendar.Grain
		date  string
	}{{calendar.Month, "2024"}, {calendar.Month, "FY2025"}, {calendar.Month, "2023-04"}, {calendar.Year, "2024"}, {calendar.Month, "2024-W20"}, {calendar.Week, "2024-05"}, {calendar.Week, "2024-W53"}, {calendar.Day, "2024-05"}} {
		if p, err := a.Find(c.grain, date(t, c.date)); err == nil {
			t.Errorf("%s is %s %d", c.date, c.grain, p)
		}
	}
	if p, err := a.Find(calendar.Month, date(t, "2024-05-17")); err != nil || p != 1 {
		t.Errorf("17 May is in month %d, %v", p, err)
	}
}

// TestSharesKeepTheTotal holds that converting a sum loses nothing, whatever the grains, and that weights add up to 1.
func TestSharesKeepTheTotal(t *testing.T) {
	a := axis(t, calendar.Day, "2024-02-07", "2025-08-19", 4)
	for from := calendar.Day; from <= calendar.Year; from++ {
		for to := calendar.Day; to <= calendar.Year; to++ {
			given := make([]float64, a.Len(from))
			for p := range a.Len(to) {
				weight := 0.0
				for _, s := range a.Shares(nil, from, to, p) {
					given[s.Period] += s.Part
					weight += s.Weight
				}
				if math.Abs(weight-1) > 1e-12 {
					t.Errorf("%s to %s: the weights of %s add up to %v", from, to, a.Label(to, p), weight)
				}
			}
			for p, x := range given {
				if math.Abs(x-1) > 1e-12 {
					t.Errorf("%s to %s: of %s %v is given away", from, to, a.Label(from, p), x)
				}
			}
		}
	}
}

func TestShares(t *testing.T) {
	a := axis(t, calendar.Month, "2024-01", "2024-12", 1)
	// Week 5 goes from 29 January to 4 February.
	list := a.Shares(nil, calendar.Week, calendar.Month, 0)
	if len(list) != 5 || list[4].Part != 3.0/7 || list[4].Weight != 3.0/31 || list[0].Part != 1 {
		t.Errorf("January: %+v", list)
	}
	if list = a.Shares(nil, calendar.Quarter, calendar.Month, 4); len(list) != 1 || list[0] != (calendar.Share{Period: 1, Part: 1.0 / 3, Weight: 1}) {
		t.Errorf("May: %+v", list)
	}
}

func TestRefused(t *testing.T) {
	for name, s := range map[string]calendar.Settings{
		"backwards": {Grain: calendar.Month, From: date(t, "2024-02"), To: date(t, "2024-01")},
		"too long":  {Grain: calendar.Year, From: date(t, "0001"), To: date(t, "9999")},
		"no grain":  {From: date(t, "2024-02"), To: date(t, "2024-03")},
		"no week":   {Grain: calendar.Week, From: date(t, "2024-W01"), To: date(t, "2024-W53"), WeekStart: time.Monday},
	} {
		if _, err := calendar.New(s); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
