package calendar

import (
	"fmt"
	"time"
)

// Axis is a range of days and the periods of each grain in it. Make one with [New].
type Axis struct {
	grain     Grain
	first     int // day number of the first day
	end       int // day number after the last day
	fiscal    int // month in which the year starts, 1 to 12
	weekStart time.Weekday
	base      [Year + 1]int // number of the first period of each grain, in periods since the epoch
	length    [Year + 1]int
}

// Settings of an axis.
type Settings struct {
	// Grain of From and To, and the grain that variables have unless they say another.
	Grain Grain
	// From and To are the first and the last period.
	From, To Date
	// FiscalMonth is the month in which the fiscal year starts, 1 to 12; 0 is January.
	FiscalMonth int
	// WeekStart is the first day of a week. The zero value is Sunday; the language's default is Monday.
	WeekStart time.Weekday
}

// maxYears bounds an axis: more than any plan has, and few enough that periods fit an int32.
const maxYears = 1000

// New makes an axis. The error says what is wrong with the range.
func New(s Settings) (*Axis, error) {
	if s.FiscalMonth == 0 {
		s.FiscalMonth = 1
	}
	if s.Grain == None || s.FiscalMonth < 1 || s.FiscalMonth > 12 {
		return nil, fmt.Errorf("a time axis has a grain from day to year and a fiscal year that starts in month 1 to 12")
	}
	a := &Axis{grain: s.Grain, fiscal: s.FiscalMonth, weekStart: s.WeekStart}
	from, err := a.day(s.From)
	if err != nil {
		return nil, err
	}
	to, err := a.day(s.To)
	if err != nil {
		return nil, err
	}
	a.first = a.start(s.Grain, a.number(s.Grain, from))
	a.end = a.start(s.Grain, a.number(s.Grain, to)+1)
	if a.end <= a.first {
		return nil, fmt.Errorf("the time axis ends before it begins: %s to %s", s.From, s.To)
	}
	if a.end-a.first > maxYears*366 {
		return nil, fmt.Errorf("the time axis is longer than %d years", maxYears)
	}
	for g := Day; g <= Year; g++ {
		a.base[g] = a.number(g, a.first)
		a.length[g] = a.number(g, a.end-1) - a.base[g] + 1
	}
	return a, nil
}

// Grain is the grain in which the axis was given.
func (a *Axis) Grain() Grain { return a.grain }

// FiscalMonth is the month in which the fiscal year starts, 1 for January.
func (a *Axis) FiscalMonth() int { return a.fiscal }

// Len is the number of periods of a grain that lie in the axis wholly or in part; of None it is 1.
func (a *Axis) Len(g Grain) int {
	if g == None {
		return 1
	}
	return a.length[g]
}

// Days returns the days of a period that lie in the axis, as day numbers since 1 January 1970, to one past the last.
func (a *Axis) Days(g Grain, period int) (from, to int) {
	n := a.base[g] + period
	return max(a.start(g, n), a.first), min(a.start(g, n+1), a.end)
}

// WholeDays returns all days of a period, also those outside of the axis.
func (a *Axis) WholeDays(g Grain, period int) (from, to int) {
	n := a.base[g] + period
	return a.start(g, n), a.start(g, n+1)
}

// At returns the period of a grain that contains a day, which may lie outside of the axis: then the period is negative
// or not below Len.
func (a *Axis) At(g Grain, day int) int { return a.number(g, day) - a.base[g] }

// Parts returns the periods of a finer grain that make up a period, to one past the last. fine must nest in g.
func (a *Axis) Parts(g Grain, period int, fine Grain) (from, to int) {
	first, end := a.Days(g, period)
	return a.At(fine, first), a.At(fine, end-1) + 1
}

// Within returns the period of a coarser grain that a period lies in. g must nest in coarse.
func (a *Axis) Within(g Grain, period int, coarse Grain) int {
	first, _ := a.Days(g, period)
	return a.At(coarse, first)
}

// number counts the periods of a grain from the epoch to the one that contains a day.
func (a *Axis) number(g Grain, day int) int {
	switch g {
	case Day:
		return day
	case Week:
		return floorDiv(day-a.weekOffset(), 7)
	}
	year, month, _ := Civil(day)
	months := (year-1970)*12 + month - 1
	switch g {
	case Month:
		return months
	case Quarter:
		return floorDiv(months-(a.fiscal-1), 3)
	}
	return floorDiv(months-(a.fiscal-1), 12)
}

// start is the first day of a period that number counts.
func (a *Axis) start(g Grain, n int) int {
	switch g {
	case Day:
		return n
	case Week:
		return n*7 + a.weekOffset()
	case Quarter:
		n = n*3 + a.fiscal - 1
	case Year:
		n = n*12 + a.fiscal - 1
	}
	return DayNumber(1970+floorDiv(n, 12), n-12*floorDiv(n, 12)+1, 1)
}

// weekOffset is a day on which a week starts: 1 January 1970 was a Thursday.
func (a *Axis) weekOffset() int { return int(a.weekStart) - int(time.Thursday) }

func floorDiv(x, y int) int {
	q := x / y
	if x%y < 0 {
		q--
	}
	return q
}

// DayNumber counts days from 1 January 1970; months and days may be out of their range as in [time.Date].
func DayNumber(year, month, day int) int {
	return int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Civil returns the date of a day number.
func Civil(day int) (year, month, dayOfMonth int) {
	t := time.Unix(int64(day)*86400, 0).UTC()
	return t.Year(), int(t.Month()), t.Day()
}
