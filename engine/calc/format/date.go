package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// resolveDate tells minutes from months, and finds the decimals of seconds.
func (s *section) resolveDate() error {
	var out []token
	last := byte(0) // the letter of the date token before
	for i := 0; i < len(s.tokens); i++ {
		t := s.tokens[i]
		switch t.kind {
		case date:
			switch {
			case t.char == 'm' && t.count <= 2 && (last == 'h' || last == 's' || s.secondsFollow(i)):
				t.char = 'M'
			case t.char == 'm' && t.count > 5, t.char != 'm' && t.count > 4:
				t.count = 4
			}
			s.time = s.time || t.char == 'h' || t.char == 'M' || t.char == 's'
			last = t.char
		case elapsed:
			s.time, last = true, t.char
			if t.char == 'm' {
				t.char = 'M'
			}
		case halfDay:
			s.time, s.half = true, true
		case point:
			n := 0
			for i+1+n < len(s.tokens) && s.tokens[i+1+n].kind == digit && s.tokens[i+1+n].char == '0' {
				n++
			}
			if n > 3 {
				return fmt.Errorf("more than three decimals of seconds")
			}
			if n > 0 {
				t = token{kind: decimals, count: n}
				s.decimals = max(s.decimals, n)
				s.time = true
				i += n
			}
		case digit:
			return fmt.Errorf("a placeholder for digits in a date")
		}
		out = append(out, t)
	}
	// Where a unit is shown as a total, it is everywhere.
	for _, total := range out {
		for i, t := range out {
			if total.kind == elapsed && t.kind == date && t.char == total.char {
				out[i].kind = elapsed
			}
		}
	}
	s.tokens = out
	s.literally(point, comma, percent, slash, denominator, exponent)
	return nil
}

// secondsFollow reports whether the next part of a date after token i is seconds.
func (s *section) secondsFollow(i int) bool {
	for _, t := range s.tokens[i+1:] {
		if t.kind == date || t.kind == elapsed {
			return t.char == 's'
		}
	}
	return false
}

// showDate writes a serial number. The time is rounded to what is shown of it, seconds at the least, which can make it
// the next day.
func (s *section) showDate(x float64, system cell.Dates) (string, bool) {
	minus := ""
	if x < 0 && system == cell.Dates1904 {
		minus, x = "-", -x
	}
	if !(x >= 0 && x < system.End()) {
		return "", false
	}
	unit := math.Pow(10, float64(s.decimals)) // parts of a second
	day := math.Floor(x)
	ticks := math.Floor((x-day)*86400*unit + 1e-4)
	if s.time {
		ticks = math.Round((x-day)*86400*unit + 1e-6)
	}
	if ticks >= 86400*unit {
		day, ticks = day+1, 0
		if day >= system.End() {
			return "", false
		}
	}
	year, month, dayOfMonth, _ := system.Civil(day)
	weekday := system.Weekday(day)
	seconds := math.Floor(ticks / unit)
	hour, minute, second := int(seconds)/3600, int(seconds)/60%60, int(seconds)%60

	var out strings.Builder
	out.WriteString(minus)
	for _, t := range s.tokens {
		switch {
		case t.kind == literal:
			out.WriteString(t.text)
		case t.kind == halfDay:
			out.WriteString(halfOf(t.text, hour >= 12))
		case t.kind == decimals:
			part := math.Floor(math.Mod(ticks, unit) / math.Pow(10, float64(s.decimals-t.count)))
			out.WriteString("." + pad(int(part), t.count))
		case t.kind == elapsed:
			total := day*86400 + seconds
			switch t.char {
			case 'h':
				total = math.Floor(total / 3600)
			case 'M':
				total = math.Floor(total / 60)
			}
			out.WriteString(pad(int(total), t.count))
		case t.char == 'y' && t.count <= 2:
			out.WriteString(pad(year%100, 2))
		case t.char == 'y':
			out.WriteString(pad(year, 4))
		case t.char == 'm' && t.count == 3:
			out.WriteString(cell.MonthNames[month-1][:3])
		case t.char == 'm' && t.count == 4:
			out.WriteString(cell.MonthNames[month-1])
		case t.char == 'm' && t.count == 5:
			out.WriteString(cell.MonthNames[month-1][:1])
		case t.char == 'm':
			out.WriteString(pad(month, t.count))
		case t.char == 'd' && t.count == 3:
			out.WriteString(cell.WeekdayNames[weekday][:3])
		case t.char == 'd' && t.count == 4:
			out.WriteString(cell.WeekdayNames[weekday])
		case t.char == 'd':
			out.WriteString(pad(dayOfMonth, t.count))
		case t.char == 'h' && s.half:
			out.WriteString(pad((hour+11)%12+1, min(t.count, 2)))
		case t.char == 'h':
			out.WriteString(pad(hour, min(t.count, 2)))
		case t.char == 'M':
			out.WriteString(pad(minute, t.count))
		case t.char == 's':
			out.WriteString(pad(second, min(t.count, 2)))
		}
	}
	return out.String(), true
}

// halfOf returns the half of AM/PM or A/P that stands for the time. AM and PM are always capitals.
func halfOf(pair string, afternoon bool) string {
	first, second, _ := strings.Cut(pair, "/")
	if len(first) == 2 {
		first, second = "AM", "PM"
	}
	if afternoon {
		return second
	}
	return first
}

// pad writes n with at least so many digits.
func pad(n, digits int) string {
	s := strconv.Itoa(n)
	if len(s) < digits {
		s = strings.Repeat("0", digits-len(s)) + s
	}
	return s
}
