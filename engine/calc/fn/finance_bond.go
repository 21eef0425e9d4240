package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var bonds = []*Func{
	{Name: "COUPDAYBS", Category: "Financial", Takes: "v v v v?", Doc: "The days from the start of the coupon period to the settlement.", Body: strict(3, couponFunc((*coupons).elapsed))},
	{Name: "COUPDAYS", Category: "Financial", Takes: "v v v v?", Doc: "The days of the coupon period with the settlement in it.", Body: strict(3, couponFunc((*coupons).length))},
	{Name: "COUPDAYSNC", Category: "Financial", Takes: "v v v v?", Doc: "The days from the settlement to the next coupon.", Body: strict(3, couponFunc((*coupons).left))},
	{Name: "COUPNCD", Category: "Financial", Takes: "v v v v?", Doc: "The date of the next coupon after the settlement.", Body: strict(3, couponFunc(func(s *coupons) float64 { return float64(s.next().serial) }))},
	{Name: "COUPNUM", Category: "Financial", Takes: "v v v v?", Doc: "The number of coupons between settlement and maturity.", Body: strict(3, couponFunc(func(s *coupons) float64 { return float64(s.n) }))},
	{Name: "COUPPCD", Category: "Financial", Takes: "v v v v?", Doc: "The date of the last coupon before the settlement.", Body: strict(3, couponFunc(func(s *coupons) float64 { return float64(s.previous().serial) }))},
	{Name: "PRICE", Category: "Financial", Takes: "v v v v v v v?", Doc: "The price for 100 of face value of a security that pays interest.", Body: strict(6, price)},
	{Name: "YIELD", Category: "Financial", Takes: "v v v v v v v?", Doc: "The yield of a security that pays interest.", Body: strict(6, yield)},
	{Name: "DURATION", Category: "Financial", Takes: "v v v v v v?", Doc: "The Macaulay duration in years of a security that pays interest.", Body: strict(5, duration)},
	{Name: "MDURATION", Category: "Financial", Takes: "v v v v v v?", Doc: "The modified duration in years of a security that pays interest.", Body: strict(5, mduration)},
}

// couponsOf reads settlement, maturity, frequency and basis. They are #NUM! where they make no sense.
func couponsOf(c *Call, frequency, basis int) (coupons, bool) {
	k, ok := dayCountOf(c, basis)
	settlement, ok1 := k.date(c.Num(0))
	maturity, ok2 := k.date(c.Num(1))
	f := c.Int(frequency)
	if !ok || !ok1 || !ok2 || f != 1 && f != 2 && f != 4 || settlement.serial >= maturity.serial {
		return coupons{}, false
	}
	return k.coupons(settlement, maturity, f), true
}

func couponFunc(f func(*coupons) float64) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		s, ok := couponsOf(c, 2, 3)
		if !ok {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(f(&s))
	}
}

// bond is a security that pays interest, per 100 of face value.
type bond struct {
	n           int     // payments to come
	wait        float64 // to the next one, in periods
	accrued     float64 // part of the present period that is over
	coupon      float64 // paid at the end of a period
	redemption  float64
	frequency   float64
	interestDue float64 // that the buyer pays to the seller
}

func bondOf(s *coupons, rate, redemption float64) bond {
	b := bond{n: s.n, frequency: float64(s.frequency), redemption: redemption}
	b.accrued = s.elapsed() / s.length()
	// What is left is measured as the rest of the period, so that it fits to its length by every convention.
	b.wait = 1 - b.accrued
	b.coupon = 100 * rate / b.frequency
	b.interestDue = b.coupon * b.accrued
	return b
}

// price returns the price at a yield and how it changes with the yield. The last period has simple interest.
func (b *bond) price(yld float64) (price, slope float64) {
	y := yld / b.frequency
	if b.n == 1 {
		d := 1 + b.wait*y
		paid := (b.redemption + b.coupon) / d
		return paid - b.interestDue, -paid / d * b.wait / b.frequency
	}
	q := 1 / (1 + y)
	factor := math.Pow(q, b.wait)
	at := b.wait
	for i := 1; i <= b.n; i++ {
		paid := b.coupon
		if i == b.n {
			paid += b.redemption
		}
		price += paid * factor
		slope -= at * paid * factor * q
		factor *= q
		at++
	}
	return price - b.interestDue, slope / b.frequency
}

func price(c *Call) cell.Value {
	s, ok := couponsOf(c, 5, 6)
	rate, yld, redemption := c.Num(2), c.Num(3), c.Num(4)
	if !ok || rate < 0 || yld < 0 || redemption <= 0 {
		return cell.Err(cell.ErrNum)
	}
	b := bondOf(&s, rate, redemption)
	p, _ := b.price(yld)
	return cell.Num(p)
}

func yield(c *Call) cell.Value {
	s, ok := couponsOf(c, 5, 6)
	rate, price, redemption := c.Num(2), c.Num(3), c.Num(4)
	if !ok || rate < 0 || price <= 0 || redemption <= 0 {
		return cell.Err(cell.ErrNum)
	}
	b := bondOf(&s, rate, redemption)
	if b.n == 1 {
		paid := price + b.interestDue
		return cell.Num((redemption + b.coupon - paid) / paid * b.frequency / b.wait)
	}
	return financeSolve(func(y float64) (float64, float64) {
		p, slope := b.price(y)
		return p - price, slope
	}, max(rate, 0.01), -b.frequency)
}

// macaulay returns the duration in years, and the factor by which the modified one is smaller.
func macaulay(c *Call) (years, factor float64, ok bool) {
	s, ok := couponsOf(c, 4, 5)
	rate, yld := c.Num(2), c.Num(3)
	if !ok || rate < 0 || yld < 0 {
		return 0, 0, false
	}
	b := bondOf(&s, rate, 100)
	q := 1 / (1 + yld/b.frequency)
	discount, at := math.Pow(q, b.wait), b.wait
	sum, weighted := 0.0, 0.0
	for i := 1; i <= b.n; i++ {
		paid := b.coupon
		if i == b.n {
			paid += b.redemption
		}
		sum += paid * discount
		weighted += paid * discount * at
		discount *= q
		at++
	}
	return weighted / sum / b.frequency, q, true
}

func duration(c *Call) cell.Value {
	years, _, ok := macaulay(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(years)
}

func mduration(c *Call) cell.Value {
	years, factor, ok := macaulay(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(years * factor)
}
