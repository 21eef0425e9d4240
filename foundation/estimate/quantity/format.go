package quantity

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Display is a unit chosen for printing, with the multiplier that keeps numbers short.
type Display struct {
	Unit
	scale  string // "k", "M" or nothing, printed right behind the number
	factor float64
}

// In returns the display in exactly this unit, as `in MB/s` asks for.
func In(u Unit) Display { return Display{Unit: u, factor: u.Factor} }

// Choose returns the display that suits an amount of v base units. near is the unit that the user
// wrote in a part of the expression, or the zero Unit; it is taken where it leaves a readable number.
func Choose(v float64, dim Dim, near Unit) Display {
	v = math.Abs(v)
	if near.Factor > 0 && near.Dim == dim && near.Symbol != "" {
		if x := v / near.Factor; v == 0 || x >= 0.1 && x < 10000 {
			return In(near)
		}
		if strings.Contains(near.Symbol, "iB") {
			return pick(v, dim, true)
		}
		if _, single, _ := near.Dim.Single(); single == 0 && near.Dim[Data] == 0 && near.Dim[Money] == 0 {
			return scaled(v, near) // a rate per day stays one per day
		}
	}
	return pick(v, dim, false)
}

// pick chooses from the dimension alone.
func pick(v float64, dim Dim, binaryPrefix bool) Display {
	rest := dim
	switch {
	case dim == Of(Time):
		return In(duration(v))
	case dim == Of(Length) && v >= 1000:
		return In(must("km"))
	case dim[Energy] == 1 && dim[Time] == -1:
		rest[Energy], rest[Time] = 0, 0
		return scaled(v, times(must("W"), over(rest)))
	case dim[Energy] == 1 && v >= 3.6e5 && dim == Of(Energy):
		return In(must("kWh"))
	case dim[Money] == 1:
		rest[Money] = 0
		first := must("$")
		below := One
		if dim[Data] == -1 {
			rest[Data] = 0
			below = must("GB")
		}
		if dim[Time] == -1 {
			rest[Time] = 0
			below = times(below, must("month"))
		}
		if below != One {
			first = divided(first, below)
		}
		return scaled(v, times(first, over(rest)))
	case dim[Data] == 1:
		rest[Data] = 0
		below := over(rest)
		return In(times(size(v/below.Factor, binaryPrefix), below))
	}
	return scaled(v, over(dim))
}

// over is the unit of a dimension in base units, with what divides written behind a slash.
func over(dim Dim) Unit { return Unit{dim.Symbol(), 1, dim} }

func times(a, b Unit) Unit {
	u, _ := a.Mul(b)
	if strings.HasPrefix(b.Symbol, "/") {
		u.Symbol = a.Symbol + b.Symbol
	}
	return u
}

func divided(a, b Unit) Unit { u, _ := a.Div(b); return u }

func must(word string) Unit {
	u, err := Lookup(word)
	if err != nil {
		return One // every word of this file is in the table, as a test shows
	}
	return u
}

func duration(v float64) Unit {
	for _, step := range []struct {
		below float64
		word  string
	}{{1e-6, "ns"}, {1e-3, "µs"}, {1, "ms"}, {2 * minute, "s"}, {2 * hour, "min"}, {2 * day, "h"}, {2 * year, "d"}} {
		if v < step.below*0.9995 && (v > 0 || step.word == "s") {
			return must(step.word)
		}
	}
	if v == 0 {
		return must("s")
	}
	return must("year")
}

func size(v float64, binaryPrefix bool) Unit {
	best := must("B")
	if binaryPrefix {
		for _, p := range binary {
			if v >= p.factor*0.9995 {
				best = must(p.symbol + "B")
			}
		}
		return best
	}
	for _, p := range decimal {
		if v >= p.factor*0.9995 {
			best = must(p.symbol + "B")
		}
	}
	return best
}

// scaled adds a multiplier to a unit that has no prefix of its own.
func scaled(v float64, u Unit) Display {
	d := In(u)
	if u.Symbol == "%" {
		return d
	}
	for i, p := range decimal {
		if v >= p.factor*u.Factor*0.9995 && (i > 0 || v >= 1e4*u.Factor) && p.factor < 1e18 {
			d.scale, d.factor = p.symbol, u.Factor*p.factor
		}
	}
	return d
}

// Number returns v base units as a bare number in this display, as a machine reads it.
func (d Display) Number(v float64) float64 { return v / d.factor }

// Digits prints the number of v with three significant digits, and without the unit.
func (d Display) Digits(v float64) string {
	x := v / d.factor
	if math.IsInf(x, 1) {
		return "unbounded"
	}
	return unit.Digits(x) + d.scale
}

// Format prints v with its unit: "6.32 MB/s", "$21.2/month", "12.3k req/s".
func (d Display) Format(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return d.Digits(v)
	}
	digits := d.Digits(v)
	symbol := d.Symbol
	if rest, ok := strings.CutPrefix(symbol, "$"); ok {
		if strings.HasPrefix(digits, "-") {
			return "-$" + digits[1:] + rest
		}
		return "$" + digits + rest
	}
	switch {
	case symbol == "" || symbol[0] == '/':
		return digits + symbol
	case symbol == "%":
		return digits + " %"
	}
	if digits != "1" {
		symbol = plural(symbol)
	}
	return digits + " " + symbol
}

// plural writes the plural of a counted thing that is written out: 3 users, 5 cores/server.
func plural(symbol string) string {
	end := strings.IndexAny(symbol, "/*")
	if end < 0 {
		end = len(symbol)
	}
	switch symbol[:end] {
	case "week", "month", "year":
		return symbol[:end] + "s" + symbol[end:]
	}
	for _, n := range nouns {
		if n.one == n.symbol && n.one == symbol[:end] {
			return n.many + symbol[end:]
		}
	}
	return symbol
}

// Name is the unit with its multiplier, as a heading of numbers: "k req/s", "MB/s".
func (d Display) Name() string { return strings.TrimSpace(d.scale + " " + d.Symbol) }
