package fn

import (
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// dateWorkTable are the functions of working days.
var dateWorkTable = []*Func{
	{Name: "NETWORKDAYS", Category: "Date & Time", Takes: "v v a?", Doc: "the number of working days from one date to another, both included, without holidays", Body: noBooleans(2, func(c *Call) cell.Value {
		return netWorkDays(c, saturdaySunday, 2)
	})},
	{Name: "NETWORKDAYS.INTL", Category: "Date & Time", Takes: "v v v? a?", Doc: "NETWORKDAYS with other weekends: a number, or seven 0 and 1 from Monday on", Body: noBooleans(2, func(c *Call) cell.Value {
		w, failed := weekendOf(c, 2)
		if failed != 0 {
			return cell.Err(failed)
		}
		return netWorkDays(c, w, 3)
	})},
	{Name: "WORKDAY", Category: "Date & Time", Takes: "v v a?", Doc: "the date a number of working days after another, without holidays", Body: noBooleans(2, func(c *Call) cell.Value {
		return workDay(c, saturdaySunday, 2)
	})},
	{Name: "WORKDAY.INTL", Category: "Date & Time", Takes: "v v v? a?", Doc: "WORKDAY with other weekends: a number, or seven 0 and 1 from Monday on", Body: noBooleans(2, func(c *Call) cell.Value {
		w, failed := weekendOf(c, 2)
		if failed != 0 {
			return cell.Err(failed)
		}
		return workDay(c, w, 3)
	})},
}

// weekend tells for each day of the week, Sunday first, whether it is off.
type weekend [7]bool

var saturdaySunday = weekend{0: true, 6: true}

// workdays returns the number of working days of a week.
func (w weekend) workdays() int {
	n := 0
	for _, off := range w {
		if !off {
			n++
		}
	}
	return n
}

// weekendOf reads a weekend: 1 to 7 for two days, 1 being Saturday and Sunday, 11 to 17 for one, 11 being Sunday, or
// seven characters.
func weekendOf(c *Call, i int) (w weekend, failed cell.ErrorCode) {
	if !c.Has(i) {
		return saturdaySunday, 0
	}
	v := c.Args[i]
	if v.Kind() == cell.Text {
		s := v.Text()
		if len(s) != 7 {
			return w, cell.ErrValue
		}
		for day := range 7 {
			switch s[day] {
			case '0':
			case '1':
				w[(day+1)%7] = true
			default:
				return w, cell.ErrValue
			}
		}
		return w, 0
	}
	switch n := Trunc(cell.ToNumber(v, c.Dates()).Float()); {
	case n >= 1 && n <= 7:
		w[(n+5)%7], w[(n+6)%7] = true, true
	case n >= 11 && n <= 17:
		w[n-11] = true
	default:
		return w, cell.ErrNum
	}
	return w, 0
}

// holidaysOf returns the days of argument i that would be working days, each once, in order.
func holidaysOf(c *Call, w weekend, i int) (days []float64, failed cell.ErrorCode) {
	c.ValuesOf(i, func(v cell.Value, _ bool) bool {
		if v.IsBlank() {
			return true
		}
		if v.Kind() == cell.Bool {
			failed = cell.ErrValue
			return false
		}
		n := cell.ToNumber(v, c.Dates())
		if n.IsError() {
			failed = n.Code()
			return false
		}
		day := math.Floor(n.Float())
		if !isDate(c, day) {
			failed = cell.ErrNum
			return false
		}
		if !w[c.Dates().Weekday(day)] {
			days = append(days, day)
		}
		return true
	})
	slices.Sort(days)
	return slices.Compact(days), failed
}

// daysBetween returns how many of the sorted days lie from one to another, both included.
func daysBetween(days []float64, from, to float64) int {
	low, _ := slices.BinarySearch(days, from)
	high, _ := slices.BinarySearch(days, to+1)
	return max(high-low, 0)
}

func netWorkDays(c *Call, w weekend, list int) cell.Value {
	from, to := math.Floor(c.Num(0)), math.Floor(c.Num(1))
	if !isDate(c, from) || !isDate(c, to) {
		return cell.Err(cell.ErrNum)
	}
	off, failed := holidaysOf(c, w, list)
	if failed != 0 {
		return cell.Err(failed)
	}
	sign := 1.0
	if from > to {
		from, to, sign = to, from, -1
	}
	weeks := math.Floor((to - from + 1) / 7)
	n := int(weeks) * w.workdays()
	for day := from + 7*weeks; day <= to; day++ {
		if !w[c.Dates().Weekday(day)] {
			n++
		}
	}
	return cell.Num(sign * float64(n-daysBetween(off, from, to)))
}

func workDay(c *Call, w weekend, list int) cell.Value {
	day, n := math.Floor(c.Num(0)), c.Int(1)
	if !isDate(c, day) {
		return cell.Err(cell.ErrNum)
	}
	if w.workdays() == 0 {
		return cell.Err(cell.ErrValue)
	}
	off, failed := holidaysOf(c, w, list)
	if failed != 0 {
		return cell.Err(failed)
	}
	step := 1.0
	if n < 0 {
		n, step = -n, -1
	}
	// Each round passes over holidays, for which as many more days are needed, until there are none among those.
	for n > 0 {
		next := w.advance(c.Dates(), day, n, step)
		if step > 0 {
			n = daysBetween(off, day+1, next)
		} else {
			n = daysBetween(off, next, day-1)
		}
		day = next
	}
	if !isDate(c, day) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(day)
}

// advance returns the n-th working day after (step 1) or before (step -1) a day, n being at least 1, without regard to
// holidays.
func (w weekend) advance(dates cell.Dates, day float64, n int, step float64) float64 {
	perWeek := w.workdays()
	weeks := (n - 1) / perWeek
	day += step * 7 * float64(weeks)
	for n -= weeks * perWeek; n > 0; {
		day += step
		if !w[dates.Weekday(day)] {
			n--
		}
	}
	return day
}
