package cell

import (
	"math"
	"time"
)

// Dates is how a workbook counts days: a date is the number of days since its epoch, the time of day a fraction.
type Dates uint8

const (
	// Dates1900 counts from 1 January 1900 as day 1, and takes 1900 for a leap year as Lotus 1-2-3 did: day 60 is
	// 29 February 1900, which never was.
	Dates1900 Dates = iota
	// Dates1904 counts from 1 January 1904 as day 0.
	Dates1904
)

// The serial number just after the last date, 31 December 9999, in either system.
const (
	endSerial1900 = 2958466
	endSerial1904 = endSerial1900 - 1462
)

// End returns the first serial number that is no date any more.
func (d Dates) End() float64 {
	if d == Dates1904 {
		return endSerial1904
	}
	return endSerial1900
}

// Serial returns the number of days of a date, which may have a month or day beyond its range as in [time.Date]:
// month 13 is January of the next year. It reports false before the epoch and after the year 9999.
func (d Dates) Serial(year, month, day int) (float64, bool) {
	days := float64(daysFromCivil(year, month, day))
	if d == Dates1904 {
		s := days - float64(daysFromCivil(1904, 1, 1))
		return s, s >= 0 && s < endSerial1904
	}
	// Day 60 is asked for as 29 February 1900, which time.Date and we take for 1 March.
	if year == 1900 && month == 2 && day == 29 {
		return 60, true
	}
	s := days - float64(daysFromCivil(1899, 12, 31))
	if s >= 60 {
		s++
	}
	return s, s >= 0 && s < endSerial1900
}

// Civil returns the date of a serial number, whose fraction is left out. Day 0 of the 1900 system is 0 January 1900 and
// day 60 is 29 February 1900, as Excel shows them. It reports false outside of the system.
func (d Dates) Civil(serial float64) (year, month, day int, ok bool) {
	if !(serial >= 0 && serial < d.End()) {
		return 0, 0, 0, false
	}
	n := int(math.Floor(serial))
	if d == Dates1904 {
		year, month, day = civilFromDays(n + daysFromCivil(1904, 1, 1))
		return year, month, day, true
	}
	switch {
	case n == 0:
		return 1900, 1, 0, true
	case n == 60:
		return 1900, 2, 29, true
	case n > 60:
		n--
	}
	year, month, day = civilFromDays(n + daysFromCivil(1899, 12, 31))
	return year, month, day, true
}

// Weekday returns the day of the week of a serial number, 0 for Sunday, as Excel has it: in the 1900 system the days
// before March 1900 are one off, so that the rest are right.
func (d Dates) Weekday(serial float64) int {
	n := int(math.Floor(serial))
	if d == Dates1904 {
		n += 1462
	}
	return ((n+6)%7 + 7) % 7
}

// SerialOf returns the serial number of a moment, in the wall clock of its location.
func (d Dates) SerialOf(t time.Time) float64 {
	s, _ := d.Serial(t.Year(), int(t.Month()), t.Day())
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return s + float64(clock)/float64(24*time.Hour)
}

// daysFromCivil counts days from 1 January 1970 in the Gregorian calendar; months and days may be out of range.
func daysFromCivil(year, month, day int) int {
	return int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func civilFromDays(n int) (year, month, day int) {
	t := time.Unix(int64(n)*86400, 0).UTC()
	return t.Year(), int(t.Month()), t.Day()
}
