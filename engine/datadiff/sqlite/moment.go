package sqlite

import (
	"errors"
	"strconv"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

var (
	errDate     = errors.New("it is not spelt like 2026-11-27")
	errTime     = errors.New("it is not spelt like 12:00:00.123456")
	errMoment   = errors.New("it is not spelt like 2026-11-27 12:00:00.123456")
	errZone     = errors.New("it has a time zone, and the column is read without one")
	errFraction = errors.New("it has more digits than microseconds")
)

const (
	microsOfSecond = 1_000_000
	microsOfMinute = 60 * microsOfSecond
	microsOfHour   = 60 * microsOfMinute
	microsOfDay    = 24 * microsOfHour
)

// maxFraction bounds the digits behind the point, zeros at the end included: nanoseconds as many programs
// write them.
const maxFraction = 9

// largestYear keeps microseconds within an int64.
const largestYear = 290_000

func appendDate(dst, text []byte) ([]byte, error) {
	if v, ok := infinity(text); ok {
		return canon.AppendDate(dst, v), nil
	}
	days, n := scanDate(text)
	if n == 0 || n != len(text) {
		return dst, errDate
	}
	return canon.AppendDate(dst, days), nil
}

func appendTime(dst, text []byte) ([]byte, error) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	micros, n, err := scanTime(text)
	if err != nil {
		return dst, err
	}
	if n != len(text) {
		return dst, errTime
	}
	if negative {
		micros = -micros
	}
	return canon.AppendTime(dst, micros), nil
}

func appendTimestamp(dst, text []byte) ([]byte, error) {
	micros, zone, err := parseMoment(text)
	if err == nil && zone {
		err = errZone
	}
	if err != nil {
		return dst, err
	}
	return canon.AppendTimestamp(dst, micros), nil
}

func appendTimestampZone(dst, text []byte) ([]byte, error) {
	micros, _, err := parseMoment(text)
	if err != nil {
		return dst, err
	}
	return canon.AppendTimestampZone(dst, micros), nil
}

func infinity(text []byte) (int64, bool) {
	switch string(text) {
	case "infinity":
		return canon.PositiveInfinity, true
	case "-infinity":
		return canon.NegativeInfinity, true
	}
	return 0, false
}

// parseMoment reads a date, or a date and a time with a blank or a T between them, and behind the time Z
// or an offset from UTC, +02:00. micros is in UTC where there is one.
func parseMoment(text []byte) (micros int64, zone bool, err error) {
	if v, ok := infinity(text); ok {
		return v, false, nil
	}
	days, n := scanDate(text)
	if n == 0 {
		return 0, false, errMoment
	}
	micros = days * microsOfDay
	if n == len(text) {
		return micros, false, nil
	}
	if text[n] != ' ' && text[n] != 'T' {
		return 0, false, errMoment
	}
	text = text[n+1:]
	clock, n, err := scanTime(text)
	if errors.Is(err, errTime) || clock >= microsOfDay {
		return 0, false, errMoment
	}
	if err != nil {
		return 0, false, err
	}
	offset, zone, ok := parseZone(text[n:])
	if !ok {
		return 0, false, errMoment
	}
	return micros + clock - offset, zone, nil
}

// parseZone reads what stands behind a time: nothing, Z, or an offset of hours and minutes.
func parseZone(text []byte) (offset int64, zone, ok bool) {
	switch {
	case len(text) == 0:
		return 0, false, true
	case len(text) == 1 && text[0] == 'Z':
		return 0, true, true
	case len(text) != 3 && len(text) != 6, text[0] != '+' && text[0] != '-':
		return 0, false, false
	}
	hours, ok := number(text[1:3])
	minutes := int64(0)
	if ok && len(text) == 6 {
		minutes, ok = number(text[4:])
		ok = ok && text[3] == ':'
	}
	if !ok || hours > 23 || minutes > 59 {
		return 0, false, false
	}
	offset = hours*microsOfHour + minutes*microsOfMinute
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true, true
}

// scanDate reads a date at the beginning of a text and returns its length, 0 where there is none. A year
// is spelt in one way, so that a look-up finds it.
func scanDate(text []byte) (days int64, n int) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		n++
	}
	from := n
	for n < len(text) && n-from < 6 && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n-from < 4 || len(text) < n+6 || text[n] != '-' || text[n+3] != '-' {
		return 0, 0
	}
	year, _ := number(text[from:n])
	month, ok := number(text[n+1 : n+3])
	day, ok2 := number(text[n+4 : n+6])
	if n-from > 4 && text[from] == '0' || negative && year == 0 {
		return 0, 0
	}
	if negative {
		year = -year
	}
	if !ok || !ok2 || year > largestYear || year < -largestYear || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, 0
	}
	return daysOf(year, month, day), n + 6
}

// scanTime reads hours, two digits or as many more as they need, minutes and, where they are, seconds with
// a fraction.
func scanTime(text []byte) (micros int64, n int, err error) {
	for n < len(text) && n < 7 && text[n] != ':' {
		n++
	}
	hours, ok := number(text[:n])
	if !ok || n < 2 || n > 2 && text[0] == '0' || len(text) < n+3 {
		return 0, 0, errTime
	}
	minutes, ok := number(text[n+1 : n+3])
	if !ok || text[n] != ':' || minutes > 59 {
		return 0, 0, errTime
	}
	n += 3
	micros = hours*microsOfHour + minutes*microsOfMinute
	if n == len(text) || text[n] != ':' {
		return micros, n, nil
	}
	if len(text) < n+3 {
		return 0, 0, errTime
	}
	seconds, ok := number(text[n+1 : n+3])
	if !ok || seconds > 59 {
		return 0, 0, errTime
	}
	n += 3
	micros += seconds * microsOfSecond
	if n == len(text) || text[n] != '.' {
		return micros, n, nil
	}
	n++
	from := n
	for unit := int64(microsOfSecond / 10); n < len(text) && text[n] >= '0' && text[n] <= '9'; n++ {
		if n-from >= 6 && text[n] != '0' || n-from >= maxFraction {
			return 0, 0, errFraction
		}
		micros += int64(text[n]-'0') * unit
		unit /= 10
	}
	if n == from {
		return 0, 0, errTime
	}
	return micros, n, nil
}

// number reads digits only.
func number(text []byte) (v int64, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, len(text) > 0
}

// daysOf is the day since 1970-01-01 of a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible
// Low-Level Date Algorithms").
func daysOf(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// dateOf is the inverse of daysOf.
func dateOf(days int64) (year, month, day int64) {
	days += 719468
	era := floorDiv(days, 146097)
	d := days - era*146097
	yearOfEra := (d - d/1460 + d/36524 - d/146096) / 365
	dayOfYear := d - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*m+2)/5 + 1
	month = (m+2)%12 + 1
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

func daysIn(year, month int64) int64 {
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

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// writeDate and the functions below write moments as the functions above read them.
func writeDate(dst []byte, days int64) []byte {
	switch days {
	case canon.PositiveInfinity:
		return append(dst, "infinity"...)
	case canon.NegativeInfinity:
		return append(dst, "-infinity"...)
	}
	year, month, day := dateOf(days)
	if year < 0 {
		dst, year = append(dst, '-'), -year
	}
	dst = append(padded(dst, year, 4), '-')
	dst = append(padded(dst, month, 2), '-')
	return padded(dst, day, 2)
}

func writeTime(dst []byte, micros int64) []byte {
	if micros < 0 {
		dst, micros = append(dst, '-'), -micros
	}
	dst = append(padded(dst, micros/microsOfHour, 2), ':')
	dst = append(padded(dst, micros/microsOfMinute%60, 2), ':')
	dst = padded(dst, micros/microsOfSecond%60, 2)
	fraction, digits := micros%microsOfSecond, 6
	if fraction == 0 {
		return dst
	}
	for fraction%10 == 0 {
		fraction, digits = fraction/10, digits-1
	}
	return padded(append(dst, '.'), fraction, digits)
}

func writeTimestamp(dst []byte, micros int64) []byte {
	if micros == canon.PositiveInfinity || micros == canon.NegativeInfinity {
		return writeDate(dst, micros)
	}
	days := floorDiv(micros, microsOfDay)
	return writeTime(append(writeDate(dst, days), ' '), micros-days*microsOfDay)
}

// padded appends a number that is not negative with zeros before it.
func padded(dst []byte, v int64, width int) []byte {
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], v, 10)
	for n := len(digits); n < width; n++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
