package explain

import (
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// Microseconds.
const (
	millisecond int64 = 1_000
	second            = 1_000 * millisecond
	minute            = 60 * second
	hour              = 60 * minute
	day               = 24 * hour

	quarter   = 15 * minute // time zones are multiples of it
	widestGap = 26 * hour   // between two time zones: UTC+14 and UTC-12
)

// clockUnits are what clocks are cut to, the finest first.
var clockUnits = [...]struct {
	micros int64
	name   string
}{{millisecond, "millisecond"}, {second, "second"}, {minute, "minute"}, {hour, "hour"}, {day, "day"}}

// clock counts the moments that are equal when no more than a unit is kept.
type clock struct {
	same      [len(clockUnits)]int64 // the unit is the same
	rounded   [len(clockUnits)]int64 // one is the other rounded to the unit
	quarters  int64                  // shifts by whole quarter hours, as between time zones
	low, high int64                  // the least and the greatest of those shifts
}

func (c *Column) addMoments(a, b []byte) {
	x, okX := momentOf(a)
	y, okY := momentOf(b)
	if !okX || !okY {
		return
	}
	c.moments++
	c.shift.add(y - x)
	c.keep(constantShift, a, b)
	if canon.Tag(a[0]) == canon.Date {
		return
	}
	c.clock.add(x, y)
}

// momentOf is the place in time of a date, a moment, or a text that spells one, in microseconds. ok is
// false for infinities and for what lies so far out that differences would overflow.
func momentOf(cell []byte) (micros int64, ok bool) {
	if canon.Tag(cell[0]) == canon.Text {
		return spelledMoment(canon.Content(cell))
	}
	v := canon.Moment(cell)
	if v == canon.NegativeInfinity || v == canon.PositiveInfinity {
		return 0, false
	}
	unit := int64(1)
	if canon.Tag(cell[0]) == canon.Date {
		unit = day
	}
	if bound := (int64(1) << 61) / unit; v > bound || v < -bound {
		return 0, false
	}
	return v * unit, true
}

// spellings of moments in texts, as SQLite's functions and the JSON of most languages write them. A
// fraction of the second is read behind each of them; a moment without a zone is taken as UTC.
var spellings = [...]string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05-07", "2006-01-02T15:04:05-0700",
}

func spelledMoment(text []byte) (micros int64, ok bool) {
	const shortest, longest = len("2006-01-02 15:04:05"), len("2006-01-02 15:04:05.000000000-07:00")
	if len(text) < shortest || len(text) > longest || text[4] != '-' || text[7] != '-' || text[13] != ':' {
		return 0, false
	}
	for _, layout := range spellings {
		if t, err := time.Parse(layout, string(text)); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

func (k *clock) add(x, y int64) {
	d := y - x
	for i, u := range clockUnits {
		if abs(d) > u.micros {
			continue
		}
		same := floorDiv(x, u.micros) == floorDiv(y, u.micros)
		if same {
			k.same[i]++
		}
		if 2*abs(d) <= u.micros && (x%u.micros == 0 || y%u.micros == 0) {
			k.rounded[i]++
		}
	}
	if d%quarter == 0 && abs(d) <= widestGap {
		if k.quarters == 0 || d < k.low {
			k.low = d
		}
		if k.quarters == 0 || d > k.high {
			k.high = d
		}
		k.quarters++
	}
}

func floorDiv(v, unit int64) int64 {
	q := v / unit
	if v%unit < 0 {
		q--
	}
	return q
}

func (k *clock) merge(other *clock) {
	for i := range clockUnits {
		k.same[i] += other.same[i]
		k.rounded[i] += other.rounded[i]
	}
	if other.quarters > 0 {
		if k.quarters == 0 {
			k.low, k.high = other.low, other.high
		}
		k.low, k.high = min(k.low, other.low), max(k.high, other.high)
		k.quarters += other.quarters
	}
}
