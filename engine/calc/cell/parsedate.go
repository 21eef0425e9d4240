package cell

import (
	"math"
	"strconv"
	"strings"
)

// DateTime is what a text says of a date and a time.
type DateTime struct {
	Day              float64 // the serial number of the date
	Clock            float64 // the time in days; it can be more than one where there is no AM or PM
	HasDate, HasTime bool    // what the text has; the other is 0
}

// ParseDateTime reads a date, a time or both with a space between them, as Excel in English (United States) does. A date
// without a year is of the given year, or is none where that is 0.
//
// Dates are 1/2/2024 (month first), 1-2-24, 2024-01-02, 2024/1/2, 2-Jan-2024, 2 January 2024, Jan 2, 2024, and without a
// day, then the first of the month: 1/2024, 2024-01, Jan-2024, January 2024. Three letters of a month's name are enough, and
// between letters and digits there need be nothing. Years of one or two digits are 2000 to 2029 and 1930 to 1999.
//
// Times are 13:45, 13:45:10.5, 13:, 45:10.5 for minutes and seconds, 1:30 PM, 1 PM. Without AM or PM one of the parts may
// be greater than its clock goes. Between the time and AM or PM there must be a space. Seconds are rounded to thousandths.
//
// There can be spaces before a time, but not before a date, unless it is a day and the name of a month.
func ParseDateTime(s string, dates Dates, year int) (DateTime, bool) {
	indented := strings.TrimLeft(s, " \t\r\n") != s
	s = TrimSpace(s)
	if len(s) > longestDate {
		return DateTime{}, false
	}
	if clock, ok := parseTime(s); ok {
		return DateTime{Clock: clock, HasTime: true}, true
	}
	if indented && !isDayAndMonth(s) {
		return DateTime{}, false
	}
	// The time is what follows a space; there can be others, before AM and between the parts of the date.
	for at := len(s) - 1; at > 0; at-- {
		if s[at] != ' ' {
			continue
		}
		clock, ok := parseTime(s[at+1:])
		if !ok {
			continue
		}
		day, ok := parseDate(strings.TrimRight(s[:at], " "), dates, year)
		if ok && day+clock < dates.End() {
			return DateTime{day, clock, true, true}, true
		}
	}
	day, ok := parseDate(s, dates, year)
	return DateTime{Day: day, HasDate: true}, ok
}

// isDayAndMonth reports whether s is a day and the name of a month, as 2-Jan.
func isDayAndMonth(s string) bool {
	words, _, ok := dateWords(s)
	return ok && len(words) == 2 && part(words[0]) > 0 && monthNamed(words[1]) > 0
}

// longestDate is more than any date and time needs, with some room for spaces.
const longestDate = 80

// parseTime reads a time as a fraction of a day.
func parseTime(s string) (float64, bool) {
	half := -1 // 0 for AM, 1 for PM
	if at := strings.LastIndexByte(s, ' '); at > 0 {
		switch strings.ToUpper(s[at+1:]) {
		case "AM", "A":
			half = 0
		case "PM", "P":
			half = 1
		}
		if half >= 0 {
			s = s[:at]
		}
	}
	parts := strings.Split(s, ":")
	last := len(parts) - 1
	if last > 2 || last < 1 && half < 0 {
		return 0, false
	}
	fraction := 0.0
	if whole, decimals, ok := strings.Cut(parts[last], "."); ok {
		if last == 0 || last == 1 && half >= 0 || !onlyDigits(strings.TrimRight(decimals, " ")) {
			return 0, false
		}
		fraction, _ = strconv.ParseFloat("0."+strings.TrimRight(decimals, " "), 64)
		fraction = math.Round(fraction*1000) / 1000
		parts[last] = whole
		if last == 1 {
			parts = []string{"0", parts[0], whole}
		}
	} else if half < 0 && strings.Trim(parts[last], " ") == "" {
		parts[last] = "0"
	}
	var n [3]int
	beyond := 0
	for i, p := range parts {
		p = strings.Trim(p, " ")
		if !onlyDigits(p) || len(p) > 4 || len(p) > 2 && p[0] == '0' {
			return 0, false
		}
		n[i], _ = strconv.Atoi(p)
		if n[i] > [...]int{23, 59, 59}[i] {
			beyond++
		}
	}
	if half >= 0 {
		if beyond > 0 || n[0] > 12 {
			return 0, false
		}
		n[0] = n[0]%12 + 12*half
	}
	return (float64(n[0]*3600+n[1]*60+n[2]) + fraction) / 86400, beyond <= 1
}

// parseDate reads a date as a serial number.
func parseDate(s string, dates Dates, year int) (float64, bool) {
	words, separators, ok := dateWords(s)
	if !ok || len(words) < 2 || len(words) > 3 {
		return 0, false
	}
	month, at := 0, -1
	for i, w := range words {
		if m := monthNamed(w); m > 0 && at < 0 {
			month, at = m, i
		} else if !onlyDigits(w) {
			return 0, false
		}
	}
	// A comma can only stand before the year: Jan 2, 2024.
	first, last := separators[0], separators[len(separators)-1]
	switch {
	case first == ",":
		return 0, false
	case last == "," && at == 0:
	case first != last && first != "" && last != "":
		return 0, false
	}
	if at >= 0 {
		return namedDate(words, month, at, dates, year)
	}
	if first == " " {
		return 0, false
	}
	if len(words) == 3 {
		if len(words[0]) == 4 {
			return makeDate(words[0], part(words[1]), part(words[2]), dates)
		}
		return makeDate(words[2], part(words[0]), part(words[1]), dates)
	}
	switch {
	case len(words[0]) == 4:
		return makeDate(words[0], part(words[1]), 1, dates)
	case len(words[1]) == 4:
		return makeDate(words[1], part(words[0]), 1, dates)
	}
	return dayOrYear(part(words[0]), words[1], dates, year)
}

// dateWords splits a date at its separators, which are "/", "-", "," or a space, the first three with spaces around them
// or not, and where digits meet letters, which is the separator "".
func dateWords(s string) (words, separators []string, ok bool) {
	class := func(c byte) int {
		switch {
		case c == '/', c == '-', c == ',', c == ' ':
			return 0
		case c >= '0' && c <= '9':
			return 1
		}
		return 2
	}
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && class(s[i]) != 0 && class(s[i]) == class(s[start]) {
			i++
		}
		words = append(words, s[start:i])
		if i == start || len(words) > 3 {
			return nil, nil, false
		}
		if i == len(s) {
			return words, separators, true
		}
		start = i
		for i < len(s) && class(s[i]) == 0 {
			i++
		}
		separator := strings.ReplaceAll(s[start:i], " ", "")
		if separator == "" && i > start {
			separator = " "
		}
		separators = append(separators, separator)
		if len(separator) > 1 {
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// namedDate is a date whose month, at one of the places of words, is written as a word.
func namedDate(words []string, month, at int, dates Dates, year int) (float64, bool) {
	switch {
	case len(words) == 3 && at == 0:
		return makeDate(words[2], month, part(words[1]), dates)
	case len(words) == 3 && at == 1 && len(words[0]) == 4:
		return makeDate(words[0], month, part(words[2]), dates)
	case len(words) == 3 && at == 1:
		return makeDate(words[2], month, part(words[0]), dates)
	case len(words) == 3:
		return 0, false
	}
	other := words[1-at]
	switch {
	case len(other) == 4:
		return makeDate(other, month, 1, dates)
	case at == 0:
		return dayOrYear(month, other, dates, year)
	case year == 0:
		return 0, false
	}
	return makeDate(strconv.Itoa(year), month, part(other), dates)
}

// dayOrYear is a month and a number after it: a day of the given year where the month has that many, else a year, so that
// Feb-28 is a day and Feb-30 is in 1930.
func dayOrYear(month int, other string, dates Dates, year int) (float64, bool) {
	n, most := part(other), DaysIn(max(year, 4), month)
	switch {
	case n > most:
		return makeDate(other, month, 1, dates)
	case year == 0:
		return 0, false
	}
	return makeDate(strconv.Itoa(year), month, n, dates)
}

// makeDate is the serial number of a date whose year is given as digits.
func makeDate(digits string, month, day int, dates Dates) (float64, bool) {
	year, _ := strconv.Atoi(digits)
	switch {
	case len(digits) == 3 || len(digits) > 4:
		return 0, false
	case len(digits) < 3 && year < 30:
		year += 2000
	case len(digits) < 3:
		year += 1900
	}
	if month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) && !(dates == Dates1900 && year == 1900 && month == 2 && day == 29) {
		return 0, false
	}
	if year < 1900 { // the day before the calendar begins is 0 January 1900
		return 0, false
	}
	return dates.Serial(year, month, day)
}

// part is a month or a day in one or two digits, or -1, which none is.
func part(s string) int {
	if len(s) > 2 || !onlyDigits(s) {
		return -1
	}
	n, _ := strconv.Atoi(s)
	return n
}

// DaysIn returns the number of days of a month in the Gregorian calendar, which has no 29 February 1900.
func DaysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if IsLeap(year) {
			return 29
		}
		return 28
	}
	return 31
}

// IsLeap reports whether the year has 366 days in the Gregorian calendar.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// MonthNames and WeekdayNames are the names that dates are read and written with; Sunday comes first.
var (
	MonthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December"}
	WeekdayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// monthNamed returns the month of a name or of the first three or more letters of it, in any case, or 0.
func monthNamed(s string) int {
	for i, name := range MonthNames {
		if len(s) >= 3 && len(s) <= len(name) && strings.EqualFold(s, name[:len(s)]) {
			return i + 1
		}
	}
	return 0
}
