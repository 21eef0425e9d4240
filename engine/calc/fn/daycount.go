package fn

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The bases of day counts, as the functions on securities number them.
const (
	dayCountUS     = 0 // 30/360 of the NASD
	dayCountActual = 1 // actual/actual
	dayCount360    = 2 // actual/360
	dayCount365    = 3 // actual/365
	dayCountEurope = 4 // 30/360 as in Europe
)

// dayCounter measures the time between dates of securities by one of the conventions.
type dayCounter struct {
	dates cell.Dates
	basis int
}

// dayCountDate is a date as a number and as a year, month and day.
type dayCountDate struct {
	serial           int
	year, month, day int
}

// dayCountOf returns the counter whose basis is argument i, 0 where it is left out, and false where there is no such basis.
func dayCountOf(c *Call, i int) (dayCounter, bool) {
	basis := c.Int(i)
	return dayCounter{c.Dates(), basis}, basis >= dayCountUS && basis <= dayCountEurope
}

// date reads a serial number without its fraction, and reports false where it is no date.
func (k dayCounter) date(serial float64) (dayCountDate, bool) {
	y, m, d, ok := k.dates.Civil(serial)
	return dayCountDate{int(serial), y, m, d}, ok
}

// civil is the date of a day that there is.
func (k dayCounter) civil(year, month, day int) dayCountDate {
	serial, _ := k.dates.Serial(year, month, day)
	return dayCountDate{int(serial), year, month, day}
}

// shift moves a date by months. Where the month is too short, or where the date is to stay at the end of
// months, it is the last day.
func (k dayCounter) shift(d dayCountDate, months int, monthEnd bool) dayCountDate {
	n := d.year*12 + d.month - 1 + months
	year, month := n/12, n%12+1
	last := dayCountMonthLength(year, month)
	day := min(d.day, last)
	if monthEnd {
		day = last
	}
	return k.civil(year, month, day)
}

func dayCountLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func dayCountMonthLength(year, month int) int {
	switch month {
	case 2:
		if dayCountLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// monthEnd reports whether d is the last day of its month.
func (d dayCountDate) monthEnd() bool { return d.day >= dayCountMonthLength(d.year, d.month) }

// before29February returns d, or the day before it where it is the 29 February.
func (k dayCounter) before29February(d dayCountDate) dayCountDate {
	if d.month == 2 && d.day == 29 {
		return k.civil(d.year, 2, 28)
	}
	return d
}

// days returns the days from a to b.
func (k dayCounter) days(a, b dayCountDate) float64 {
	switch k.basis {
	case dayCountUS:
		return float64(dayCountNASD(a, b, false))
	case dayCountEurope:
		return float64(dayCount30(a, b, min(a.day, 30), min(b.day, 30)))
	}
	return float64(b.serial - a.serial)
}

// dayCountNASD counts by the US convention: the end of February is the 30th at the start, and at the end too if it is so at
// both; the 31st is the 30th, at the end only if the start is so. Between two dates of coupons, which stand
// for whole months, the end is adjusted in any case.
func dayCountNASD(a, b dayCountDate, coupons bool) int {
	first, last := a.day, b.day
	february := a.month == 2 && a.monthEnd()
	if b.month == 2 && b.monthEnd() && (february || coupons) {
		last = 30
	}
	if last == 31 && (first >= 30 || coupons) {
		last = 30
	}
	if first == 31 || february {
		first = 30
	}
	return dayCount30(a, b, first, last)
}

func dayCount30(a, b dayCountDate, first, last int) int {
	return (b.year-a.year)*360 + (b.month-a.month)*30 + last - first
}

// yearDays returns the days of a year for the time from a to b. For actual/actual they are the average of the calendar years that it
// touches, or, within one year, 366 where a 29 February lies in it.
func (k dayCounter) yearDays(a, b dayCountDate) float64 {
	switch k.basis {
	case dayCount365:
		return 365
	case dayCountActual:
	default:
		return 360
	}
	within := a.year == b.year || b.year == a.year+1 && (b.month < a.month || b.month == a.month && b.day <= a.day)
	if !within {
		days := k.civil(b.year+1, 1, 1).serial - k.civil(a.year, 1, 1).serial
		return float64(days) / float64(b.year-a.year+1)
	}
	leap := a.year == b.year && dayCountLeap(a.year)
	if a.year != b.year {
		leap = dayCountLeap(a.year) && a.month <= 2 || dayCountLeap(b.year) && (b.month > 2 || b.month == 2 && b.day == 29)
	}
	if leap {
		return 366
	}
	return 365
}

// period returns the days of the coupon period from a to b.
func (k dayCounter) period(a, b dayCountDate, frequency int) float64 {
	switch k.basis {
	case dayCountActual:
		return float64(b.serial - a.serial)
	case dayCount365:
		return 365 / float64(frequency)
	}
	return 360 / float64(frequency)
}

// coupons are the dates of coupons around a day, counted back from the maturity.
type coupons struct {
	dayCounter
	frequency        int
	months           int // of a period
	settlement, last dayCountDate
	n                int // coupons after the settlement, the one at the maturity included
}

// couponsOf lays out the coupons of a security between settlement and maturity, which must come after it.
func (k dayCounter) coupons(settlement, maturity dayCountDate, frequency int) coupons {
	s := coupons{dayCounter: k, frequency: frequency, months: 12 / frequency, settlement: settlement, last: maturity}
	s.n = max((maturity.year*12+maturity.month-settlement.year*12-settlement.month)/s.months, 1)
	for s.at(s.n).serial > settlement.serial {
		s.n++
	}
	return s
}

// at returns the date n periods before the maturity.
func (s *coupons) at(n int) dayCountDate { return s.shift(s.last, -n*s.months, s.last.monthEnd()) }

// previous and next are the dates of the coupons at or before, and after, the settlement.
func (s *coupons) previous() dayCountDate { return s.at(s.n) }
func (s *coupons) next() dayCountDate     { return s.at(s.n - 1) }

// length returns the days of the period with the settlement in it.
func (s *coupons) length() float64 { return s.period(s.previous(), s.next(), s.frequency) }

// elapsed returns the days from the start of the period to the settlement.
func (s *coupons) elapsed() float64 { return s.days(s.previous(), s.settlement) }

// left returns the days from the settlement to the next coupon. By the US convention it is what remains of the period.
func (s *coupons) left() float64 {
	if s.basis == dayCountUS {
		return float64(dayCountNASD(s.previous(), s.next(), true)) - s.elapsed()
	}
	return s.days(s.settlement, s.next())
}
