package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// dateYearTable are the functions that measure time by years and months of one kind or another.
var dateYearTable = []*Func{
	{Name: "DATEDIF", Category: "Date & Time", Takes: "n n t", Doc: "the full years (Y), months (M) or days (D) between two dates, or what is left over (YM, MD, YD)", Body: dateDif},
	{Name: "DAYS360", Category: "Date & Time", Takes: "n n b?", Doc: "the days between two dates in a year of twelve months of 30 days, by the American method or the European one (TRUE)", Body: dateDays360},
	{Name: "YEARFRAC", Category: "Date & Time", Takes: "v v v?", Doc: "the years between two dates, by a basis from 0 to 4", Body: noBooleans(3, dateYearFrac)},
}

// civilDay is a date in its parts.
type civilDay struct {
	serial           float64
	year, month, day int
}

// dayArg returns the date of argument i.
func (c *Call) dayArg(i int) (d civilDay, ok bool) { return c.dayAt(c.Num(i)) }

// dayAt returns the date of a serial number.
func (c *Call) dayAt(serial float64) (d civilDay, ok bool) {
	d.serial = math.Floor(serial)
	d.year, d.month, d.day, ok = c.Dates().Civil(d.serial)
	return d, ok
}

// lastOfFebruary reports whether d is that in the Gregorian calendar, or the day that the older calendar has too many.
func (d civilDay) lastOfFebruary() bool { return d.month == 2 && d.day >= cell.DaysIn(d.year, 2) }

// days30Between is the number of days from a to b in months of 30 days.
func days30Between(a, b civilDay) float64 {
	return float64((b.year-a.year)*360 + (b.month-a.month)*30 + b.day - a.day)
}

func dateDif(c *Call) cell.Value {
	a, ok1 := c.dayArg(0)
	b, ok2 := c.dayArg(1)
	if !ok1 || !ok2 || a.serial > b.serial {
		return cell.Err(cell.ErrNum)
	}
	months := (b.year-a.year)*12 + b.month - a.month
	if b.day < a.day {
		months--
	}
	n := 0
	switch strings.ToUpper(c.Str(2)) {
	case "Y":
		n = months / 12
	case "M":
		n = months
	case "D":
		return cell.Num(b.serial - a.serial)
	case "YM":
		n = months % 12
	case "MD":
		// Excel borrows the days of the month before the end, even where it is shorter than what is borrowed for, so that
		// the result can be negative.
		n = b.day - a.day
		if n < 0 {
			y, m := b.year, b.month-1
			if m == 0 {
				y, m = y-1, 12
			}
			n += daysIn(c, y, m)
		}
	case "YD":
		// The end is moved to the first year, or the one after it.
		year := a.year
		if b.month < a.month || b.month == a.month && b.day < a.day {
			year++
		}
		end := dayOf(c, year, b.month, b.day)
		if end.IsError() {
			return end
		}
		return cell.Num(end.Float() - a.serial)
	default:
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(float64(n))
}

// dateDays360 rounds times to seconds, so that the last half of a second of a day belongs to the next one.
func dateDays360(c *Call) cell.Value {
	const half = 0.5 / 86400
	a, ok1 := c.dayAt(c.Num(0) + half)
	b, ok2 := c.dayAt(c.Num(1) + half)
	if !ok1 || !ok2 {
		return cell.Err(cell.ErrNum)
	}
	if c.Bool(2, false) {
		a.day, b.day = min(a.day, 30), min(b.day, 30)
		return cell.Num(days30Between(a, b))
	}
	if a.day == 31 || a.lastOfFebruary() {
		a.day = 30
	}
	if b.day == 31 && a.day == 30 {
		b.day = 30
	}
	return cell.Num(days30Between(a, b))
}

// dateYearFrac follows D. Wheeler, "YEARFRAC Incompatibilities between Excel 2007 and OOXML" (2008), which gives the rules that Excel
// really has.
func dateYearFrac(c *Call) cell.Value {
	a, ok1 := c.dayArg(0)
	b, ok2 := c.dayArg(1)
	basis := c.Int(2)
	if !ok1 || !ok2 || basis < 0 || basis > 4 {
		return cell.Err(cell.ErrNum)
	}
	if a.serial > b.serial {
		a, b = b, a
	}
	days := b.serial - a.serial
	switch basis {
	case 0:
		return cell.Num(dateYearDays30(a, b) / 360)
	case 1:
		if days == 0 {
			return cell.Num(0)
		}
		return cell.Num(days / dateYearLength(c, a, b))
	case 2:
		return cell.Num(days / 360)
	case 3:
		return cell.Num(days / 365)
	}
	a.day, b.day = min(a.day, 30), min(b.day, 30)
	return cell.Num(days30Between(a, b) / 360)
}

// dateYearDays30 is [days30Between] by the American rules as YEARFRAC has them, where the end of February counts on both sides.
func dateYearDays30(a, b civilDay) float64 {
	switch {
	case a.day == 31:
		a.day, b.day = 30, min(b.day, 30)
	case a.day == 30:
		b.day = min(b.day, 30)
	case a.lastOfFebruary():
		a.day = 30
		if b.lastOfFebruary() {
			b.day = 30
		}
	}
	return days30Between(a, b)
}

// dateYearLength is the length of a year between two dates: of the one year where they are no more than one apart, else
// the average of the years that they touch.
func dateYearLength(c *Call, a, b civilDay) float64 {
	within := a.year == b.year || a.year+1 == b.year && (a.month > b.month || a.month == b.month && a.day >= b.day)
	if !within {
		first, _ := c.Dates().Serial(a.year, 1, 1)
		last, _ := c.Dates().Serial(b.year+1, 1, 1)
		return (last - first) / float64(b.year-a.year+1)
	}
	leapDay := func(year int) bool {
		march, _ := c.Dates().Serial(year, 3, 1)
		return cell.IsLeap(year) && a.serial < march && b.serial >= march
	}
	if a.year == b.year && cell.IsLeap(a.year) || leapDay(a.year) || leapDay(b.year) || b.month == 2 && b.day == 29 {
		return 366
	}
	return 365
}
