package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// dateTable are the functions of dates and times, but for those that count by years and by working days.
var dateTable = []*Func{
	{Name: "DATE", Category: "Date & Time", Takes: "n n n", Doc: "the date of a year, month and day", Body: dateOf},
	{Name: "DATEVALUE", Category: "Date & Time", Takes: "t", Doc: "the date in a text", Body: func(c *Call) cell.Value {
		d, ok := cell.ParseDateTime(c.Str(0), c.Dates(), thisYear(c))
		if !ok {
			return cell.Err(cell.ErrValue)
		}
		return cell.Num(d.Day + wholeDays(d))
	}},
	{Name: "DAY", Category: "Date & Time", Takes: "n", Doc: "the day of the month of a date", Body: civilPart(func(_, _, day int) int { return day })},
	{Name: "DAYS", Category: "Date & Time", Takes: "n n", Doc: "the number of days from the second date to the first", Body: func(c *Call) cell.Value {
		end, start := math.Floor(c.Num(0)), math.Floor(c.Num(1))
		if !isDate(c, end) || !isDate(c, start) {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(end - start)
	}},
	{Name: "EDATE", Category: "Date & Time", Takes: "v v", Doc: "the date a number of months after another", Body: noBooleans(2, func(c *Call) cell.Value {
		return monthsAfter(c, func(_, day, last int) int { return min(day, last) })
	})},
	{Name: "EOMONTH", Category: "Date & Time", Takes: "v v", Doc: "the last day of the month a number of months after a date", Body: noBooleans(2, func(c *Call) cell.Value {
		return monthsAfter(c, func(_, _, last int) int { return last })
	})},
	{Name: "HOUR", Category: "Date & Time", Takes: "n", Doc: "the hour of a time, 0 to 23", Body: clockPart(func(s int) int { return s / 3600 })},
	{Name: "ISOWEEKNUM", Category: "Date & Time", Takes: "n", Doc: "the number of the week of a date by ISO 8601", Body: func(c *Call) cell.Value {
		return isoWeek(c, math.Floor(c.Num(0)))
	}},
	{Name: "MINUTE", Category: "Date & Time", Takes: "n", Doc: "the minute of a time, 0 to 59", Body: clockPart(func(s int) int { return s / 60 % 60 })},
	{Name: "MONTH", Category: "Date & Time", Takes: "n", Doc: "the month of a date, 1 to 12", Body: civilPart(func(_, month, _ int) int { return month })},
	{Name: "NOW", Category: "Date & Time", Takes: "", Doc: "the date and time of the recalculation", Volatile: true, Body: func(c *Call) cell.Value {
		return cell.Num(c.Now())
	}},
	{Name: "SECOND", Category: "Date & Time", Takes: "n", Doc: "the second of a time, 0 to 59", Body: clockPart(func(s int) int { return s % 60 })},
	{Name: "TIME", Category: "Date & Time", Takes: "n n n", Doc: "the time of an hour, minute and second, as a fraction of a day", Body: timeOf},
	{Name: "TIMEVALUE", Category: "Date & Time", Takes: "t", Doc: "the time in a text, as a fraction of a day", Body: func(c *Call) cell.Value {
		d, ok := cell.ParseDateTime(c.Str(0), c.Dates(), thisYear(c))
		if !ok {
			return cell.Err(cell.ErrValue)
		}
		return cell.Num(d.Clock - math.Floor(d.Clock))
	}},
	{Name: "TODAY", Category: "Date & Time", Takes: "", Doc: "the date of the recalculation", Volatile: true, Body: func(c *Call) cell.Value {
		return cell.Num(math.Floor(c.Now()))
	}},
	{Name: "WEEKDAY", Category: "Date & Time", Takes: "n n?", Doc: "the number of the day of the week, from Sunday on or as told", Body: weekdayOf},
	{Name: "WEEKNUM", Category: "Date & Time", Takes: "v v?", Doc: "the number of the week of a date, with weeks from Sunday on or as told", Body: noBooleans(2, weekNumber)},
	{Name: "YEAR", Category: "Date & Time", Takes: "n", Doc: "the year of a date", Body: civilPart(func(year, _, _ int) int { return year })},
}

// noBooleans makes numbers of the first n arguments, but of no booleans, for the functions that were in the Analysis
// ToolPak before they were in Excel itself: there TRUE is #VALUE!.
func noBooleans(n int, body func(*Call) cell.Value) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		for i, v := range c.Args[:min(n, len(c.Args))] {
			switch v.Kind() {
			case cell.Missing:
				continue
			case cell.Bool:
				return cell.Err(cell.ErrValue)
			}
			if c.Args[i] = cell.ToNumber(v, c.Dates()); c.Args[i].IsError() {
				return c.Args[i]
			}
		}
		return body(c)
	}
}

// wholeDays is how many days the time beside a date is; a time alone has no date that they could be added to.
func wholeDays(d cell.DateTime) float64 {
	if d.HasDate {
		return math.Floor(d.Clock)
	}
	return 0
}

// isDate reports whether the workbook's calendar has the day.
func isDate(c *Call, serial float64) bool { return serial >= 0 && serial < c.Dates().End() }

// dayOf is the serial number of a day counted from the first of a month, so that days beyond the month, the 29 February
// 1900 of the older calendar included, are those that Excel has there. Its error is #NUM! outside of the calendar.
func dayOf(c *Call, year, month, day int) cell.Value {
	first, _ := c.Dates().Serial(year, month, 1)
	s := first + float64(day-1)
	if !isDate(c, s) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(s)
}

// daysIn is the number of days of a month, in the workbook's calendar.
func daysIn(c *Call, year, month int) int {
	if c.Dates() == cell.Dates1900 && year == 1900 && month == 2 {
		return 29
	}
	return cell.DaysIn(year, month)
}

// nearInt drops the fraction of argument i, but for one that is next to nothing short of 1, as DATE and TIME do: for them
// 0.9999999 is 1 and 0.999999 is 0.
func nearInt(c *Call, i int) int {
	const next = 5e-7
	f := c.Num(i)
	if r := math.Round(f); math.Abs(f-r) < next {
		return Trunc(r)
	}
	return Trunc(f)
}

func dateOf(c *Call) cell.Value {
	year, month, day := nearInt(c, 0), nearInt(c, 1), nearInt(c, 2)
	if year < 0 || year > 9999 {
		return cell.Err(cell.ErrNum)
	}
	if year < 1900 {
		year += 1900
	}
	// Months beyond the calendar are an error even where days lead back into it.
	if year*12+month-1 >= 10000*12 {
		return cell.Err(cell.ErrNum)
	}
	return dayOf(c, year, month, day)
}

// civilPart is a function of the parts of a date.
func civilPart(part func(year, month, day int) int) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		y, m, d, ok := c.Dates().Civil(c.Num(0))
		if !ok {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(float64(part(y, m, d)))
	}
}

// clockPart is a function of the seconds of the day, to which a time is rounded.
func clockPart(part func(seconds int) int) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		x := c.Num(0)
		if !isDate(c, x) {
			return cell.Err(cell.ErrNum)
		}
		seconds := int(math.Round((x-math.Floor(x))*86400)) % 86400
		return cell.Num(float64(part(seconds)))
	}
}

func timeOf(c *Call) cell.Value {
	const most = 32767
	h, m, s := nearInt(c, 0), nearInt(c, 1), nearInt(c, 2)
	if h > most || m > most || s > most {
		return cell.Err(cell.ErrNum)
	}
	seconds := h*3600 + m*60 + s
	if seconds < 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(float64(seconds%86400) / 86400)
}

// monthsAfter is EDATE and EOMONTH, which differ in the day of the month that they take.
func monthsAfter(c *Call, take func(month, day, last int) int) cell.Value {
	y, m, d, ok := c.Dates().Civil(math.Floor(c.Num(0)))
	months := c.Int(1)
	if !ok || months < -12*10000 || months > 12*10000 {
		return cell.Err(cell.ErrNum)
	}
	n := y*12 + m - 1 + months
	if n < 0 {
		return cell.Err(cell.ErrNum)
	}
	y, m = n/12, n%12+1
	return dayOf(c, y, m, take(m, d, daysIn(c, y, m)))
}

// weekStart returns the first day of the week, 0 for Sunday, that the types 11 to 17 of WEEKDAY and WEEKNUM stand for.
func weekStart(kind int) (int, bool) { return (kind - 10) % 7, kind >= 11 && kind <= 17 }

func weekdayOf(c *Call) cell.Value {
	serial, kind := math.Floor(c.Num(0)), 1
	if c.given(1) {
		kind = c.Int(1)
	}
	if !isDate(c, serial) {
		return cell.Err(cell.ErrNum)
	}
	day := c.Dates().Weekday(serial)
	switch kind {
	case 1:
		return cell.Num(float64(day + 1))
	case 2:
		return cell.Num(float64((day+6)%7 + 1))
	case 3:
		return cell.Num(float64((day + 6) % 7))
	}
	start, ok := weekStart(kind)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(float64((day-start+7)%7 + 1))
}

func weekNumber(c *Call) cell.Value {
	serial, kind := math.Floor(c.Num(0)), 1
	if c.given(1) {
		kind = c.Int(1)
	}
	year, _, _, ok := c.Dates().Civil(serial)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	start := 0
	switch kind {
	case 1:
	case 2:
		start = 1
	case 21:
		return isoWeek(c, serial)
	default:
		if start, ok = weekStart(kind); !ok {
			return cell.Err(cell.ErrNum)
		}
	}
	january, _ := c.Dates().Serial(year, 1, 1)
	before := (c.Dates().Weekday(january) - start + 7) % 7
	return cell.Num(math.Floor((serial-january+float64(before))/7) + 1)
}

// isoWeek is the week that the Thursday of the date's own week, which begins on Monday, has in its year.
func isoWeek(c *Call, serial float64) cell.Value {
	if !isDate(c, serial) {
		return cell.Err(cell.ErrNum)
	}
	thursday := serial - float64((c.Dates().Weekday(serial)+6)%7) + 3
	year, _, _, ok := c.Dates().Civil(thursday)
	switch {
	case thursday < 1 && c.Dates() == cell.Dates1900:
		return cell.Num(52) // of 1899
	case thursday < 0:
		return cell.Num(53) // of 1903
	case !ok: // after 9999
		return cell.Num(1)
	}
	january, _ := c.Dates().Serial(year, 1, 1)
	return cell.Num(math.Floor((thursday-january)/7) + 1)
}
