package cell_test

import (
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestSerial(t *testing.T) {
	for _, c := range []struct {
		name             string
		dates            cell.Dates
		year, month, day int
		want             float64
		ok               bool
	}{
		{"first day", cell.Dates1900, 1900, 1, 1, 1, true},
		{"the day before it", cell.Dates1900, 1900, 1, 0, 0, true},
		{"before all", cell.Dates1900, 1899, 12, 30, 0, false},
		{"28 February 1900", cell.Dates1900, 1900, 2, 28, 59, true},
		{"29 February 1900", cell.Dates1900, 1900, 2, 29, 60, true},
		{"1 March 1900", cell.Dates1900, 1900, 3, 1, 61, true},
		{"1 January 2000", cell.Dates1900, 2000, 1, 1, 36526, true},
		{"last day", cell.Dates1900, 9999, 12, 31, 2958465, true},
		{"after all", cell.Dates1900, 10000, 1, 1, 0, false},
		{"month 13", cell.Dates1900, 1999, 13, 1, 36526, true},
		{"month 0", cell.Dates1900, 2000, 0, 1, 36495, true},
		{"day 0", cell.Dates1900, 2000, 1, 0, 36525, true},
		{"first day of 1904", cell.Dates1904, 1904, 1, 1, 0, true},
		{"before 1904", cell.Dates1904, 1903, 12, 31, 0, false},
		{"1 January 2000 from 1904", cell.Dates1904, 2000, 1, 1, 35064, true},
		{"last day from 1904", cell.Dates1904, 9999, 12, 31, 2957003, true},
	} {
		got, ok := c.dates.Serial(c.year, c.month, c.day)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestCivil(t *testing.T) {
	for _, c := range []struct {
		name             string
		dates            cell.Dates
		serial           float64
		year, month, day int
		weekday          int
	}{
		{"day 0", cell.Dates1900, 0, 1900, 1, 0, 6},
		{"day 1, a Sunday for Excel", cell.Dates1900, 1, 1900, 1, 1, 0},
		{"day 60", cell.Dates1900, 60.9, 1900, 2, 29, 3},
		{"1 March 1900, a Thursday", cell.Dates1900, 61, 1900, 3, 1, 4},
		{"1 January 2000, a Saturday", cell.Dates1900, 36526.5, 2000, 1, 1, 6},
		{"day 0 of 1904, a Friday", cell.Dates1904, 0, 1904, 1, 1, 5},
		{"1 January 2000 from 1904", cell.Dates1904, 35064, 2000, 1, 1, 6},
		{"last day, a Friday", cell.Dates1900, 2958465.99, 9999, 12, 31, 5},
	} {
		y, m, d, ok := c.dates.Civil(c.serial)
		if !ok || y != c.year || m != c.month || d != c.day {
			t.Errorf("%s: %d-%d-%d, %v", c.name, y, m, d, ok)
		}
		if got := c.dates.Weekday(c.serial); got != c.weekday {
			t.Errorf("%s: weekday %d, want %d", c.name, got, c.weekday)
		}
	}
	for _, serial := range []float64{-1, 2958466} {
		if _, _, _, ok := cell.Dates1900.Civil(serial); ok {
			t.Errorf("%v is a date", serial)
		}
	}
	for _, dates := range []cell.Dates{cell.Dates1900, cell.Dates1904} {
		for serial := 0.0; serial < dates.End(); serial += 97 {
			y, m, d, _ := dates.Civil(serial)
			if back, ok := dates.Serial(y, m, d); !ok || back != serial {
				t.Fatalf("%v is %d-%d-%d, which is %v", serial, y, m, d, back)
			}
		}
	}
}

func TestSerialOf(t *testing.T) {
	at := time.Date(2024, 6, 15, 18, 0, 0, 0, time.FixedZone("", 7200))
	if got := cell.Dates1900.SerialOf(at); got != 45458.75 {
		t.Errorf("in 1900: %v", got)
	}
	if got := cell.Dates1904.SerialOf(at); got != 43996.75 {
		t.Errorf("in 1904: %v", got)
	}
}
