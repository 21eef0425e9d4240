package mysql

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// clock is a date with a time as MySQL stores it: its parts, which need not be a date at all.
type clock struct {
	year, month, day, hour, minute, second int
	micros                                 int
}

// exists says whether there is such a day. MySQL stores zeros for month and day, and with
// ALLOW_INVALID_DATES also February 31st. The year 0 is left out with them: MySQL counts 365 days in it
// where the calendar has 366, and other products call it 1 BC.
func (c clock) exists() bool {
	return c.year > 0 && c.month > 0 && c.month <= 12 && c.day > 0 && c.day <= daysIn(c.year, c.month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// days since 1970-01-01 in the Gregorian calendar: H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms", days_from_civil. The year is at least 1.
func (c clock) days() int64 {
	y, m := int64(c.year), int64(c.month)
	if m <= 2 {
		y--
		m += 12
	}
	era, dayOfYear := y/400, (153*(m-3)+2)/5+int64(c.day)-1
	y -= era * 400
	return era*146_097 + y*365 + y/4 - y/100 + dayOfYear - 719_468
}

const dayMicros = 86_400 * 1_000_000

func (c clock) ofDay() int64 {
	return (int64(c.hour)*3600+int64(c.minute)*60+int64(c.second))*1_000_000 + int64(c.micros)
}

// appendText prints the parts as MySQL prints them, the fraction without zeros at its end.
func (c clock) appendText(dst []byte, dateOnly bool) []byte {
	dst = fmt.Appendf(dst, "%04d-%02d-%02d", c.year, c.month, c.day)
	if dateOnly {
		return dst
	}
	dst = fmt.Appendf(dst, " %02d:%02d:%02d", c.hour, c.minute, c.second)
	return appendFraction(dst, c.micros)
}

func appendFraction(dst []byte, micros int) []byte {
	if micros == 0 {
		return dst
	}
	dst = fmt.Appendf(dst, ".%06d", micros)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// moment appends a DATE, DATETIME or TIMESTAMP: a length, and as many parts as are not zero.
func (f *cellReader) moment(dst, p []byte) (cells, rest []byte, err error) {
	if len(p) < 1 || len(p) < 1+int(p[0]) {
		return dst, nil, errCut
	}
	n := int(p[0])
	v, rest := p[1:1+n], p[1+n:]
	var c clock
	switch n {
	case 11:
		c.micros = int(binary.LittleEndian.Uint32(v[7:]))
		fallthrough
	case 7:
		c.hour, c.minute, c.second = int(v[4]), int(v[5]), int(v[6])
		fallthrough
	case 4:
		c.year, c.month, c.day = int(binary.LittleEndian.Uint16(v)), int(v[2]), int(v[3])
	case 0:
	default:
		return dst, nil, fmt.Errorf("a moment of %d bytes: %w", n, ErrProtocol)
	}
	if c.hour > 23 || c.minute > 59 || c.second > 59 || c.micros > 999_999 || c.month > 12 || c.day > 31 || c.year > 9999 {
		return dst, nil, fmt.Errorf("a moment of the parts %v: %w", c, ErrProtocol)
	}
	switch f.form {
	case dialect.Date, dialect.Timestamp, dialect.TimestampZone:
	default:
		return dst, nil, f.unexpected()
	}
	if !c.exists() {
		var buf [40]byte
		return canon.AppendInexact(dst, c.appendText(buf[:0], f.form == dialect.Date)), rest, nil
	}
	switch f.form {
	case dialect.Date:
		return canon.AppendDate(dst, c.days()), rest, nil
	case dialect.Timestamp:
		return canon.AppendTimestamp(dst, c.days()*dayMicros+c.ofDay()), rest, nil
	}
	return canon.AppendTimestampZone(dst, c.days()*dayMicros+c.ofDay()), rest, nil
}

// time appends a TIME, which may be negative and longer than a day.
func (f *cellReader) time(dst, p []byte) (cells, rest []byte, err error) {
	if len(p) < 1 || len(p) < 1+int(p[0]) {
		return dst, nil, errCut
	}
	n := int(p[0])
	v, rest := p[1:1+n], p[1+n:]
	if f.form != dialect.Time {
		return dst, nil, f.unexpected()
	}
	var micros int64
	switch n {
	case 12:
		micros = int64(binary.LittleEndian.Uint32(v[8:]))
		fallthrough
	case 8:
		micros += (int64(binary.LittleEndian.Uint32(v[1:]))*86_400 + int64(v[5])*3600 + int64(v[6])*60 + int64(v[7])) * 1_000_000
		if v[0] != 0 {
			micros = -micros
		}
	case 0:
	default:
		return dst, nil, fmt.Errorf("a time of %d bytes: %w", n, ErrProtocol)
	}
	return canon.AppendTime(dst, micros), rest, nil
}

// clockOf is the inverse: the parts of microseconds since 1970-01-01.
func clockOf(micros int64) clock {
	t := time.UnixMicro(micros).UTC()
	return clock{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000}
}
