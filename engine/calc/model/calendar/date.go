package calendar

import (
	"fmt"
	"strconv"
)

// Date is a date as it is written: to the day, the week, the month, the quarter or the year.
type Date struct {
	Grain  Grain
	Year   int
	Part   int  // month, quarter or week, from 1; 0 of a year
	Day    int  // of the month; 0 unless the grain is Day
	Fiscal bool // written with FY: the year is the one in which the fiscal year ends
}

// String writes the date: 2024-03-31, 2024-W05, 2024-03, 2024-Q1, FY2025-Q1, 2024, FY2025.
func (d Date) String() string {
	prefix := ""
	if d.Fiscal {
		prefix = "FY"
	}
	switch d.Grain {
	case Day:
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Part, d.Day)
	case Week:
		return fmt.Sprintf("%04d-W%02d", d.Year, d.Part)
	case Month:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Part)
	case Quarter:
		return fmt.Sprintf("%s%04d-Q%d", prefix, d.Year, d.Part)
	}
	return fmt.Sprintf("%s%04d", prefix, d.Year)
}

// ParseDate reads what [Date.String] writes. It reports false for anything else, also for dates that no calendar
// has: 2023-02-29, month 13, week 60. That a year has a week 53 is not checked.
func ParseDate(text string) (Date, bool) {
	var d Date
	if len(text) > 2 && text[:2] == "FY" {
		d.Fiscal, text = true, text[2:]
	}
	if len(text) < 4 || !digits(text[:4]) {
		return d, false
	}
	d.Year, _ = strconv.Atoi(text[:4])
	rest := text[4:]
	switch {
	case rest == "":
		d.Grain = Year
		return d, d.Year > 0
	case len(rest) == 3 && rest[:2] == "-Q" && rest[2] >= '1' && rest[2] <= '4':
		d.Grain, d.Part = Quarter, int(rest[2]-'0')
		return d, d.Year > 0
	case d.Fiscal || d.Year == 0:
		return d, false
	case len(rest) == 4 && rest[:2] == "-W" && digits(rest[2:]):
		d.Grain = Week
		d.Part, _ = strconv.Atoi(rest[2:])
		return d, d.Part >= 1 && d.Part <= 53
	case len(rest) == 3 && rest[0] == '-' && digits(rest[1:]):
		d.Grain = Month
		d.Part, _ = strconv.Atoi(rest[1:])
		return d, d.Part >= 1 && d.Part <= 12
	case len(rest) == 6 && rest[0] == '-' && rest[3] == '-' && digits(rest[1:3]) && digits(rest[4:]):
		d.Grain = Day
		d.Part, _ = strconv.Atoi(rest[1:3])
		d.Day, _ = strconv.Atoi(rest[4:])
		_, month, day := Civil(DayNumber(d.Year, d.Part, d.Day))
		return d, d.Part >= 1 && d.Part <= 12 && month == d.Part && day == d.Day
	}
	return d, false
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// day is the first day of a written date.
func (a *Axis) day(d Date) (int, error) {
	switch d.Grain {
	case Day:
		return DayNumber(d.Year, d.Part, d.Day), nil
	case Week:
		// Week 1 has the fourth day of January, so its fourth day is in the year; see Label.
		week := a.number(Week, DayNumber(d.Year, 1, 4)) + d.Part - 1
		if y, _, _ := Civil(a.start(Week, week) + 3); y != d.Year {
			return 0, fmt.Errorf("%d has no week %d", d.Year, d.Part)
		}
		return a.start(Week, week), nil
	case Month:
		return DayNumber(d.Year, d.Part, 1), nil
	}
	if a.fiscal == 1 {
		return DayNumber(d.Year, 3*max(d.Part-1, 0)+1, 1), nil
	}
	if !d.Fiscal {
		return 0, fmt.Errorf("the fiscal year does not start in January, so write FY%s for the fiscal %s", d, d.Grain)
	}
	return DayNumber(d.Year-1, a.fiscal+3*max(d.Part-1, 0), 1), nil
}

// DaysOf returns the days that a written date covers, as day numbers, to one past the last. They may lie outside of the axis.
func (a *Axis) DaysOf(d Date) (from, to int, err error) {
	from, err = a.day(d)
	if err != nil {
		return 0, 0, err
	}
	return from, a.start(d.Grain, a.number(d.Grain, from)+1), nil
}

// Find returns the period of a grain that a written date means: the one that contains it. A date that is longer than
// the periods of the grain is refused, as is one outside of the axis.
func (a *Axis) Find(g Grain, d Date) (int, error) {
	if !d.Grain.Nests(g) && d.Grain != g {
		if d.Grain == Week || g == Week && d.Grain > Week {
			return 0, fmt.Errorf("%s is not one %s; write a day, such as %s", d, g, a.Label(Day, 0))
		}
		return 0, fmt.Errorf("%s is a %s, and a %s is asked for, such as %s", d, d.Grain, g, a.Label(g, 0))
	}
	day, err := a.day(d)
	if err != nil {
		return 0, err
	}
	i := a.At(g, day)
	if i < 0 || i >= a.length[g] {
		return 0, fmt.Errorf("%s is outside of the time axis, which goes from %s to %s", d, a.Label(g, 0), a.Label(g, a.length[g]-1))
	}
	return i, nil
}

// Label names a period: 2024-03-31, 2024-W05, 2024-03, 2024-Q1, 2024; fiscal quarters and years as FY2025-Q1 and
// FY2025, after the year in which they end. A week belongs to the year of its fourth day (ISO 8601 for weeks that
// start on Monday).
func (a *Axis) Label(g Grain, period int) string {
	start, _ := a.WholeDays(g, period)
	year, month, day := Civil(start)
	d := Date{Grain: g, Year: year}
	switch g {
	case None:
		return ""
	case Day:
		d.Part, d.Day = month, day
	case Week:
		d.Year, _, _ = Civil(start + 3)
		d.Part = (start+3-DayNumber(d.Year, 1, 1))/7 + 1
	case Month:
		d.Part = month
	default:
		d.Fiscal = a.fiscal != 1
		if d.Fiscal {
			// The fiscal year that starts in `fiscal` of one year ends in the next.
			months := year*12 + month - a.fiscal
			d.Year, month = months/12+1, months%12+1
		}
		if g == Quarter {
			d.Part = (month-1)/3 + 1
		}
	}
	return d.String()
}

// Range returns the periods of a grain that a written date covers: the one that contains it, or all those in it where
// it is the longer. They may lie outside of the axis. Between weeks and months only dates of days can be said.
func (a *Axis) Range(g Grain, d Date) (from, to int, err error) {
	day, err := a.day(d)
	if err != nil {
		return 0, 0, err
	}
	if d.Grain.Nests(g) {
		from = a.At(g, day)
		return from, from, nil
	}
	if !g.Nests(d.Grain) {
		return 0, 0, fmt.Errorf("%s is not one %s; write a day or a %s", d, g, g)
	}
	end := a.start(d.Grain, a.number(d.Grain, day)+1)
	return a.At(g, day), a.At(g, end-1), nil
}
