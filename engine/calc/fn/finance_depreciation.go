package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var depreciations = []*Func{
	{Name: "SLN", Category: "Financial", Takes: "n n n", Doc: "The depreciation of a period in a straight line.", Body: sln},
	{Name: "SYD", Category: "Financial", Takes: "n n n n", Doc: "The depreciation of a period by the sum of the years' digits.", Body: syd},
	{Name: "DB", Category: "Financial", Takes: "n n n n n?", Doc: "The depreciation of a period by a fixed rate of what is left.", Body: db},
	{Name: "DDB", Category: "Financial", Takes: "n n n n n?", Doc: "The depreciation of a period by twice the linear rate, or another multiple, of what is left.", Body: ddb},
	{Name: "VDB", Category: "Financial", Takes: "n n n n n n? b?", Doc: "The depreciation between two points in time, declining and then in a straight line.", Body: vdb},
	{Name: "AMORLINC", Category: "Financial", Takes: "v v v v v v v?", Doc: "The depreciation of a period in the French linear system.", Body: strict(6, amorlinc)},
	{Name: "AMORDEGRC", Category: "Financial", Takes: "v v v v v v v?", Doc: "The depreciation of a period in the French declining system.", Body: strict(6, amordegrc)},
}

func sln(c *Call) cell.Value {
	if c.Num(2) == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num((c.Num(0) - c.Num(1)) / c.Num(2))
}

func syd(c *Call) cell.Value {
	cost, salvage, life, per := c.Num(0), c.Num(1), c.Num(2), c.Num(3)
	if salvage < 0 || life <= 0 || per <= 0 || per > life {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num((cost - salvage) * (life - per + 1) * 2 / (life * (life + 1)))
}

// db rounds the rate to three decimals, as Excel states. The first year has only the given months, and the rest of the
// last year is a period of its own.
func db(c *Call) cell.Value {
	cost, salvage, life, per := c.Num(0), c.Num(1), c.Num(2), c.Num(3)
	month := math.Trunc(financeOr(c, 4, 12))
	last := life
	if month < 12 {
		last++
	}
	if cost < 0 || salvage < 0 || life <= 0 || per <= 0 || per > last || month < 1 || month > 12 {
		return cell.Err(cell.ErrNum)
	}
	if cost == 0 {
		return cell.Num(0)
	}
	rate := math.Round((1-math.Pow(salvage/cost, 1/life))*1000) / 1000
	first := cost * rate * month / 12
	per = math.Trunc(per)
	if per <= 1 {
		return cell.Num(first)
	}
	left := (cost - first) * math.Pow(1-rate, per-2)
	if per > life {
		return cell.Num(left * rate * (12 - month) / 12)
	}
	return cell.Num(left * rate)
}

// declining returns the value after n whole periods of depreciation at factor/life of what is left, not below the salvage value, and
// the depreciation of the period that follows.
func declining(cost, salvage, life, n, factor float64) (value, next float64) {
	rate := min(factor/life, 1)
	value = max(cost*math.Pow(1-rate, n), min(salvage, cost))
	return value, max(min(value*rate, value-salvage), 0)
}

// ddb takes a period that is no whole number for the time up to it from a period earlier, and within a period spreads the depreciation evenly.
func ddb(c *Call) cell.Value {
	cost, salvage, life, per := c.Num(0), c.Num(1), c.Num(2), c.Num(3)
	factor := financeOr(c, 4, 2)
	if cost < 0 || salvage < 0 || life <= 0 || per <= 0 || per > life || factor <= 0 {
		return cell.Err(cell.ErrNum)
	}
	rate := min(factor/life, 1)
	value := cost
	if per > 1 { // within the first period as at its end
		value = cost * math.Pow(1-rate, per-1)
	}
	left := max(cost*math.Pow(1-rate, per), min(salvage, cost))
	return cell.Num(max(value-left, 0))
}

func vdb(c *Call) cell.Value {
	cost, salvage, life, start, end := c.Num(0), c.Num(1), c.Num(2), c.Num(3), c.Num(4)
	factor, noSwitch := financeOr(c, 5, 2), c.Bool(6, false)
	const longest = 1e6 // periods, more than anything is depreciated in
	if cost < 0 || salvage < 0 || life <= 0 || start < 0 || end < start || end > life || factor <= 0 || end > longest {
		return cell.Err(cell.ErrNum)
	}
	// Within a period the depreciation is spread evenly, so that the sum up to a point in time is a line with bends.
	sum, straight, line := 0.0, false, 0.0
	for i := 0.0; i < end; i++ {
		term := line
		if !straight {
			var value float64
			value, term = declining(cost, salvage, life, i, factor)
			if line = max(value-salvage, 0) / (life - i); !noSwitch && line > term {
				term, straight = line, true
			}
		}
		// The part of this period that lies between start and end.
		if share := min(end, i+1) - max(start, i); share > 0 {
			sum += term * share
		}
	}
	return cell.Num(sum)
}

// french reads the arguments of AMORLINC and AMORDEGRC. first is the part of a year up to the end of the first period.
type french struct {
	cost, salvage, rate float64
	period              int
	first               float64
}

func frenchOf(c *Call) (french, bool) {
	f := french{cost: c.Num(0), salvage: c.Num(3), rate: c.Num(5), period: c.Int(4)}
	k, ok := dayCountOf(c, 6)
	bought, ok1 := k.date(c.Num(1))
	end, ok2 := k.date(c.Num(2))
	if !ok || !ok1 || !ok2 || k.basis == dayCount360 || bought.serial > end.serial ||
		f.cost < 0 || f.salvage < 0 || f.salvage > f.cost || f.rate < 0 || c.Num(4) < 0 {
		return f, false
	}
	year := k.yearDays(bought, end)
	if k.basis == dayCountActual {
		year = 365
		if dayCountLeap(bought.year) {
			year = 366
		}
	}
	if k.basis == dayCountActual || k.basis == dayCount365 {
		bought, end = k.before29February(bought), k.before29February(end)
	}
	f.first = k.days(bought, end) / year
	if f.first == 0 {
		f.first = 1
	}
	return f, true
}

func amorlinc(c *Call) cell.Value {
	f, ok := frenchOf(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	left := f.cost - f.salvage
	first := min(f.cost*f.rate*f.first, left)
	if f.period == 0 {
		return cell.Num(first)
	}
	return cell.Num(max(min(f.cost*f.rate, left-first-f.cost*f.rate*float64(f.period-1)), 0))
}

// amordegrc multiplies the rate by a coefficient of the life, rounds each depreciation to whole units, takes half of
// what is left in the period before the last and the rest in the last.
func amordegrc(c *Call) cell.Value {
	f, ok := frenchOf(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	if f.rate == 0 {
		return cell.Err(cell.ErrNum)
	}
	life, coefficient := 1/f.rate, 0.0
	switch {
	case life > 6:
		coefficient = 2.5
	case life >= 5:
		coefficient = 2
	case life >= 3 && life <= 4:
		coefficient = 1.5
	default:
		return cell.Err(cell.ErrNum)
	}
	rate := f.rate * coefficient
	last := int(math.Ceil(life)) - 1
	left := f.cost
	for per := 0; ; per++ {
		term := rate * left
		switch {
		case per == 0:
			term = min(rate*f.cost*f.first, f.cost-f.salvage)
		case left < f.salvage || per > last:
			term = 0
		case per == last-1:
			term = left / 2
		case per == last:
			term = left
		}
		term = math.Round(term)
		if per == f.period || per > last {
			return cell.Num(term)
		}
		left -= term
	}
}
