package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Securities with a first or last period that is shorter or longer than the others. The formulas are those of Excel's pages on these
// functions, which follow the Standard Securities Calculation Methods: an odd period is divided into periods of normal length,
// counted from its regular end, and each is measured by its own length.
var oddPeriods = []*Func{
	{Name: "ODDFPRICE", Category: "Financial", Takes: "v v v v v v v v v?", Doc: "The price for 100 of face value of a security with an odd first period.", Body: strict(8, oddfprice)},
	{Name: "ODDFYIELD", Category: "Financial", Takes: "v v v v v v v v v?", Doc: "The yield of a security with an odd first period.", Body: strict(8, oddfyield)},
	{Name: "ODDLPRICE", Category: "Financial", Takes: "v v v v v v v v?", Doc: "The price for 100 of face value of a security with an odd last period.", Body: strict(7, oddlprice)},
	{Name: "ODDLYIELD", Category: "Financial", Takes: "v v v v v v v v?", Doc: "The yield of a security with an odd last period.", Body: strict(7, oddlyield)},
}

// oddFirst is a security with an odd first period. Times are in periods.
type oddFirst struct {
	first    float64 // of the first interest, as a multiple of a regular one
	accrued  float64 // the same for the interest up to the settlement
	wait     float64 // from the settlement to the first interest
	n        int     // regular payments after the first interest
	coupon   float64
	payments float64 // a year
	redeemed float64
	aligned  bool // the first interest is paid on a date of the regular ones, without which ODDFPRICE is #NUM!
}

func oddFirstOf(c *Call) (oddFirst, bool) {
	k, ok := dayCountOf(c, 8)
	settlement, ok1 := k.date(c.Num(0))
	maturity, ok2 := k.date(c.Num(1))
	issue, ok3 := k.date(c.Num(2))
	first, ok4 := k.date(c.Num(3))
	rate, redemption, frequency := c.Num(4), c.Num(6), c.Int(7)
	if !ok || !ok1 || !ok2 || !ok3 || !ok4 || frequency != 1 && frequency != 2 && frequency != 4 || rate < 0 || redemption <= 0 ||
		maturity.serial <= first.serial || first.serial <= settlement.serial || settlement.serial <= issue.serial {
		return oddFirst{}, false
	}
	f := oddFirst{payments: float64(frequency), redeemed: redemption, coupon: 100 * rate / float64(frequency)}
	after := k.coupons(first, maturity, frequency)
	f.n, f.aligned = after.n, after.previous().serial == first.serial
	before := k.coupons(settlement, first, frequency)
	length := before.length()
	if whole := k.days(issue, first); whole < length {
		f.first = whole / length
		f.accrued = k.days(issue, settlement) / length
		f.wait = k.days(settlement, first) / length
		return f, true
	}
	for i := 0; ; i++ {
		start, stop := before.at(i+1), before.at(i)
		normal := k.period(start, stop, frequency)
		from := start
		if issue.serial > start.serial {
			from = issue
		}
		if issue.serial > start.serial {
			f.first += k.days(issue, stop) / normal
		} else {
			f.first++
		}
		if until := min(settlement.serial, stop.serial); until > from.serial {
			to := stop
			if settlement.serial < stop.serial {
				to = settlement
			}
			f.accrued += k.days(from, to) / normal
		}
		if start.serial <= issue.serial {
			break
		}
	}
	left := length - before.elapsed()
	if k.basis == dayCount360 || k.basis == dayCount365 {
		left = before.left()
	}
	f.wait = left/length + float64(before.n-1)
	return f, true
}

func (f *oddFirst) price(yld float64) (price, slope float64) {
	q := 1 / (1 + yld/f.payments)
	factor, at := math.Pow(q, f.wait), f.wait
	for i := 0; i <= f.n; i++ {
		paid := f.coupon
		if i == 0 {
			paid *= f.first
		}
		if i == f.n {
			paid += f.redeemed
		}
		price += paid * factor
		slope -= at * paid * factor * q
		factor *= q
		at++
	}
	return price - f.coupon*f.accrued, slope / f.payments
}

func oddfprice(c *Call) cell.Value {
	f, ok := oddFirstOf(c)
	if !ok || !f.aligned || c.Num(5) < 0 {
		return cell.Err(cell.ErrNum)
	}
	p, _ := f.price(c.Num(5))
	return cell.Num(p)
}

func oddfyield(c *Call) cell.Value {
	f, ok := oddFirstOf(c)
	price := c.Num(5)
	if !ok || price <= 0 {
		return cell.Err(cell.ErrNum)
	}
	return financeSolve(func(y float64) (float64, float64) {
		p, slope := f.price(y)
		return p - price, slope
	}, max(c.Num(4), 0.01), -f.payments)
}

// oddLast is a security with an odd last period in which the settlement lies. Times are in periods.
type oddLast struct {
	whole, accrued, left float64
	coupon               float64
	payments             float64 // a year
	redeemed             float64
}

func oddLastOf(c *Call) (oddLast, bool) {
	k, ok := dayCountOf(c, 7)
	settlement, ok1 := k.date(c.Num(0))
	maturity, ok2 := k.date(c.Num(1))
	last, ok3 := k.date(c.Num(2))
	rate, redemption, frequency := c.Num(3), c.Num(5), c.Int(6)
	if !ok || !ok1 || !ok2 || !ok3 || frequency != 1 && frequency != 2 && frequency != 4 || rate < 0 || redemption <= 0 ||
		maturity.serial <= settlement.serial || settlement.serial <= last.serial {
		return oddLast{}, false
	}
	l := oddLast{payments: float64(frequency), redeemed: redemption, coupon: 100 * rate / float64(frequency)}
	months, end := 12/frequency, last.monthEnd()
	for i := 0; ; i++ {
		start, stop := k.shift(last, i*months, end), k.shift(last, (i+1)*months, end)
		normal := k.days(start, stop)
		to := stop
		if maturity.serial < stop.serial {
			to = maturity
		}
		part := 1.0
		if to != stop {
			part = k.days(start, to) / normal
		}
		if k.basis == dayCountUS {
			normal = float64(dayCountNASD(start, stop, true))
			part = float64(dayCountNASD(start, to, true)) / normal
		}
		l.whole += part
		switch {
		case settlement.serial >= to.serial:
			l.accrued += part
		case settlement.serial > start.serial:
			l.accrued += k.days(start, settlement) / normal
			l.left += k.days(settlement, to) / normal
		default:
			l.left += k.days(start, to) / normal
		}
		if stop.serial >= maturity.serial {
			return l, true
		}
	}
}

func oddlprice(c *Call) cell.Value {
	l, ok := oddLastOf(c)
	yld := c.Num(4)
	if !ok || yld < 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num((l.redeemed+l.coupon*l.whole)/(1+l.left*yld/l.payments) - l.coupon*l.accrued)
}

func oddlyield(c *Call) cell.Value {
	l, ok := oddLastOf(c)
	price := c.Num(4)
	if !ok || price <= 0 {
		return cell.Err(cell.ErrNum)
	}
	paid := price + l.coupon*l.accrued
	return cell.Num((l.redeemed + l.coupon*l.whole - paid) / paid * l.payments / l.left)
}
