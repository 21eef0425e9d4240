package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Securities without coupons: sold at a discount, or with all interest at the end.
var discounts = []*Func{
	{Name: "DISC", Category: "Financial", Takes: "v v v v v?", Doc: "The discount rate of a security.", Body: strict(4, disc)},
	{Name: "INTRATE", Category: "Financial", Takes: "v v v v v?", Doc: "The interest rate of a security that is fully invested.", Body: strict(4, intrate)},
	{Name: "RECEIVED", Category: "Financial", Takes: "v v v v v?", Doc: "The amount received at maturity for a security that is fully invested.", Body: strict(4, received)},
	{Name: "PRICEDISC", Category: "Financial", Takes: "v v v v v?", Doc: "The price for 100 of face value of a discounted security.", Body: strict(4, pricedisc)},
	{Name: "YIELDDISC", Category: "Financial", Takes: "v v v v v?", Doc: "The annual yield of a discounted security.", Body: strict(4, yielddisc)},
	{Name: "PRICEMAT", Category: "Financial", Takes: "v v v v v v?", Doc: "The price for 100 of face value of a security that pays interest at maturity.", Body: strict(5, pricemat)},
	{Name: "YIELDMAT", Category: "Financial", Takes: "v v v v v v?", Doc: "The annual yield of a security that pays interest at maturity.", Body: strict(5, yieldmat)},
	{Name: "ACCRINTM", Category: "Financial", Takes: "v v v v? v?", Doc: "The accrued interest of a security that pays interest at maturity.", Body: strict(3, accrintm)},
	{Name: "ACCRINT", Category: "Financial", Takes: "v v v v v? v v? b?", Doc: "The accrued interest of a security that pays interest periodically.", Body: accrint},
	{Name: "TBILLEQ", Category: "Financial", Takes: "v v v", Doc: "The yield of a treasury bill as that of a bond.", Body: strict(3, tbilleq)},
	{Name: "TBILLPRICE", Category: "Financial", Takes: "v v v", Doc: "The price for 100 of face value of a treasury bill.", Body: strict(3, tbillprice)},
	{Name: "TBILLYIELD", Category: "Financial", Takes: "v v v", Doc: "The yield of a treasury bill.", Body: strict(3, tbillyield)},
}

// spanOf reads two dates in their order and a basis, and returns the time between them in years.
func spanOf(c *Call, basis int) (years float64, ok bool) {
	k, ok := dayCountOf(c, basis)
	a, ok1 := k.date(c.Num(0))
	b, ok2 := k.date(c.Num(1))
	if !ok || !ok1 || !ok2 || a.serial >= b.serial {
		return 0, false
	}
	return k.days(a, b) / k.yearDays(a, b), true
}

// discounted is a function of the time between settlement and maturity and of two positive numbers.
func discounted(c *Call, f func(years, x, y float64) float64) cell.Value {
	years, ok := spanOf(c, 4)
	if !ok || c.Num(2) <= 0 || c.Num(3) <= 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(f(years, c.Num(2), c.Num(3)))
}

func disc(c *Call) cell.Value {
	return discounted(c, func(years, price, redemption float64) float64 { return (1 - price/redemption) / years })
}

func intrate(c *Call) cell.Value {
	return discounted(c, func(years, investment, redemption float64) float64 { return (redemption/investment - 1) / years })
}

func received(c *Call) cell.Value {
	return discounted(c, func(years, investment, discount float64) float64 {
		if d := 1 - discount*years; d > 0 {
			return investment / d
		}
		return math.NaN()
	})
}

func pricedisc(c *Call) cell.Value {
	return discounted(c, func(years, discount, redemption float64) float64 { return redemption * (1 - discount*years) })
}

func yielddisc(c *Call) cell.Value {
	return discounted(c, func(years, price, redemption float64) float64 { return (redemption/price - 1) / years })
}

// maturing are the times of a security with all interest at maturity, in years as long as that from issue to settlement.
type maturing struct{ whole, left, accrued float64 }

func maturingOf(c *Call) (maturing, bool) {
	k, ok := dayCountOf(c, 5)
	settlement, ok1 := k.date(c.Num(0))
	maturity, ok2 := k.date(c.Num(1))
	issue, ok3 := k.date(c.Num(2))
	if !ok || !ok1 || !ok2 || !ok3 || settlement.serial >= maturity.serial || issue.serial > settlement.serial || c.Num(3) < 0 {
		return maturing{}, false
	}
	year := k.yearDays(issue, settlement)
	whole, accrued := k.days(issue, maturity)/year, k.days(issue, settlement)/year
	return maturing{whole, whole - accrued, accrued}, true
}

func pricemat(c *Call) cell.Value {
	t, ok := maturingOf(c)
	rate, yld := c.Num(3), c.Num(4)
	if !ok || yld < 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(100 * ((1+t.whole*rate)/(1+t.left*yld) - t.accrued*rate))
}

func yieldmat(c *Call) cell.Value {
	t, ok := maturingOf(c)
	rate, price := c.Num(3), c.Num(4)
	if !ok || price <= 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(((1+t.whole*rate)/(price/100+t.accrued*rate) - 1) / t.left)
}

func accrintm(c *Call) cell.Value {
	years, ok := spanOf(c, 4)
	rate, par := c.Num(2), c.NumOr(3, 1000)
	if !ok || rate <= 0 || par <= 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(par * rate * years)
}

// accrint adds up the periods between issue and settlement, each as a part of its own length. They are laid out from the first interest
// date. The last argument FALSE leaves out whole periods before the one that ends with the first interest.
func accrint(c *Call) cell.Value {
	all, fromIssue := c.Args, c.Bool(7, true)
	c.Args = all[:min(len(all), 7)]
	v := strict(4, func(c *Call) cell.Value { return accrued(c, fromIssue) })(c)
	c.Args = all
	return v
}

func accrued(c *Call, fromIssue bool) cell.Value {
	k, ok := dayCountOf(c, 6)
	issue, ok1 := k.date(c.Num(0))
	first, ok2 := k.date(c.Num(1))
	settlement, ok3 := k.date(c.Num(2))
	rate, par, frequency := c.Num(3), c.NumOr(4, 1000), c.Int(5)
	if !ok || !ok1 || !ok2 || !ok3 || rate <= 0 || par <= 0 || frequency != 1 && frequency != 2 && frequency != 4 || issue.serial >= settlement.serial {
		return cell.Err(cell.ErrNum)
	}
	months, end := 12/frequency, first.monthEnd()
	// The period with the settlement, or the one before the first interest: if that begins after the settlement, its part is negative, and
	// takes back what the whole periods before it have counted too much.
	n := -1
	// The days up to the settlement count as parts of the period before the first interest.
	unit := k.period(k.shift(first, n*months, end), first, frequency)
	if fromIssue && settlement.serial > first.serial {
		for k.shift(first, (n+1)*months, end).serial < settlement.serial {
			n++
		}
	}
	start := k.shift(first, n*months, end)
	from := start
	if issue.serial > start.serial {
		from = issue
	}
	periods := k.days(from, settlement) / unit
	for start.serial > issue.serial {
		n--
		stop := start
		start = k.shift(first, n*months, end)
		switch {
		case issue.serial > start.serial:
			periods += k.days(issue, stop) / k.period(start, stop, frequency)
		case fromIssue:
			periods++
		}
	}
	return cell.Num(par * rate / float64(frequency) * periods)
}

// billOf reads settlement and maturity of a treasury bill, which runs for at most a year, and a positive number.
func billOf(c *Call) (days float64, ok bool) {
	k := dayCounter{c.Dates(), dayCount360}
	settlement, ok1 := k.date(c.Num(0))
	maturity, ok2 := k.date(c.Num(1))
	if !ok1 || !ok2 || settlement.serial >= maturity.serial || maturity.serial > k.shift(settlement, 12, false).serial || c.Num(2) <= 0 {
		return 0, false
	}
	return k.days(settlement, maturity), true
}

// tbilleq is, for bills of more than half a year, the yield of a bond that pays interest after half a year.
func tbilleq(c *Call) cell.Value {
	days, ok := billOf(c)
	discount := c.Num(2)
	if !ok || discount*days >= 360 {
		return cell.Err(cell.ErrNum)
	}
	if days <= 182 {
		return cell.Num(365 * discount / (360 - discount*days))
	}
	year := 365.0
	if days == 366 {
		year = 366
	}
	price, t := 1-discount*days/360, days/year
	return cell.Num(2 * (math.Sqrt(t*t-(2*t-1)*(1-1/price)) - t) / (2*t - 1))
}

func tbillprice(c *Call) cell.Value {
	days, ok := billOf(c)
	price := 100 * (1 - c.Num(2)*days/360)
	if !ok || price < 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(price)
}

func tbillyield(c *Call) cell.Value {
	days, ok := billOf(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	price := c.Num(2)
	return cell.Num((100 - price) / price * 360 / days)
}
