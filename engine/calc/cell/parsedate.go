package cell

import (
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
// day, then the first of the month: 1/2024, 2024-01, Jan-2024, January 2024. Years of one or two digits are
// 2000 to 2029 and 1930 to 1999.
//
// Times are 13:45, 13:45:10.5, 1:30 PM, 1 PM, 45:10.5 for minutes and seconds. Without AM or PM there may be more hours than a day
// has. Between the time and AM or PM there must be a space.
func ParseDateTime(s string, dates Dates, year int) (DateTime, bool) {
	s = TrimSpace(s)
	if len(s) > longestDate {
		return DateTime{}, false
	}
	if clock, ok := parseTime(s); ok {
		return DateTime{Clock: clock, HasTime: true}, true
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
		default:
			return 0, false
		}
		s = strings.TrimRight(s[:at], " ")
	}
	parts := strings.Split(s, ":")
	if len(parts) > 3 || len(parts) < 2 && half < 0 {
		return 0, false
	}
	last := len(parts) - 1
	fraction := 0.0
	if whole, decimals, ok := strings.Cut(parts[last], "."); ok {
		if last == 0 || decimals != "" && !onlyDigits(decimals) {
			return 0, false
		}
		fraction, _ = strconv.ParseFloat("0."+decimals, 64)
		parts[last] = whole
		if last == 1 {
			if half >= 0 {
				return 0, false
			}
			parts = append([]string{"0"}, parts...)
		}
	}
	var n [3]int
	for i, p := range parts {
		if !onlyDigits(p) || len(p) > 4 {
			return 0, false
		}
		n[i], _ = strconv.Atoi(p)
	}
	if n[1] > 59 || n[2] > 59 || half >= 0 && n[0] > 12 {
		return 0, false
	}
	if half >= 0 {
		n[0] = n[0]%12 + 12*half
	}
	return (float64(n[0]*3600+n[1]*60+n[2]) + fraction) / 86400, true
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
	if at >= 0 {
		return namedDate(words, month, at, dates, year)
	}
	if separators[0] != "/" && separators[0] != "-" || separators[len(separators)-1] != separators[0] {
		return 0, false
	}
	if len(words) == 3 {
		if len(words[0]) == 4 {
			return makeDate(words[0], number(words[1]), number(words[2]), dates)
		}
		return makeDate(words[2], number(words[0]), number(words[1]), dates)
	}
	switch {
	case len(words[0]) == 4:
		return makeDate(words[0], number(words[1]), 1, dates)
	case len(words[1]) == 4:
		return makeDate(words[1], number(words[0]), 1, dates)
	}
	return shortDate(number(words[0]), words[1], dates, year)
}

// dateWords splits a date at its separators: "/", "-", a space, or a comma with or without a space.
func dateWords(s string) (words, separators []string, ok bool) {
	isSeparator := func(c byte) bool { return c == '/' || c == '-' || c == ' ' || c == ',' }
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && !isSeparator(s[i]) {
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
		for i < len(s) && isSeparator(s[i]) {
			i++
		}
		separator := strings.ReplaceAll(s[start:i], " ", "")
		if separator == "" {
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
		return makeDate(words[2], month, number(words[1]), dates)
	case len(words) == 3 && at == 1 && len(words[0]) == 4:
		return makeDate(words[0], month, number(words[2]), dates)
	case len(words) == 3 && at == 1:
		return makeDate(words[2], month, number(words[0]), dates)
	case len(words) == 3:
		return 0, false
	}
	other := words[1-at]
	if len(other) == 4 {
		return makeDate(other, month, 1, dates)
	}
	return shortDate(month, other, dates, year)
}

// shortDate is a month and a number that is a day of the given year, or a year of the last century where there is no
// such day in any month.
func shortDate(month int, other string, dates Dates, year int) (float64, bool) {
	n := number(other)
	if n >= 32 && n <= 99 {
		return makeDate(other, month, 1, dates)
	}
	if year == 0 {
		return 0, false
	}
	return makeDate(strconv.Itoa(year), month, n, dates)
}

// makeDate is the serial number of a date whose year is given as digits.
func makeDate(digits string, month, day int, dates Dates) (float64, bool) {
	year := number(digits)
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
	return dates.Serial(year, month, day)
}

// number is the value of a few digits, or -1, which no part of a date is.
func number(s string) int {
	if len(s) > 4 || !onlyDigits(s) {
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

// monthNamed returns the month of a name in full or of three letters, in any case, or 0.
func monthNamed(s string) int {
	for i, name := range MonthNames {
		if strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) {
			return i + 1
		}
	}
	return 0
}
