package explain

import "github.com/napkin-infra/napkin/engine/datadiff/canon"

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
	x, y := canon.Moment(a), canon.Moment(b)
	if infinite(x) || infinite(y) {
		return
	}
	unit := int64(1)
	if canon.Tag(a[0]) == canon.Date {
		unit = day
	}
	// Half of the range is plenty, and its differences do not overflow.
	if bound := (int64(1) << 61) / unit; x > bound || x < -bound || y > bound || y < -bound {
		return
	}
	x, y = x*unit, y*unit
	c.moments++
	c.shift.add(y - x)
	c.keep(constantShift, a, b)
	if unit == day {
		return
	}
	c.clock.add(x, y)
}

func infinite(v int64) bool { return v == canon.NegativeInfinity || v == canon.PositiveInfinity }

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
