package quantity

import (
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Display is a unit chosen for printing, with the multiplier that keeps numbers short.
type Display struct {
	Unit
	scale  string // "k", "M" or nothing, printed right behind the number
	factor float64
	chosen bool // by an amount, so that another amount may have another
	near   Unit // of [Choose]
}

// In returns the display in exactly this unit, as `in MB/s` asks for.
func In(u Unit) Display { return Display{Unit: u, factor: u.Factor} }

// Choose returns the display that suits an amount of v base units. near is the unit that the user
// wrote in a part of the expression, or the zero Unit; it is taken where it leaves a readable number.
func Choose(v float64, dim Dim, near Unit) Display {
	d := choose(math.Abs(v), dim, near)
	d.chosen, d.near = true, near
	return d
}

func choose(v float64, dim Dim, near Unit) Display {
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
			data := below
			if below = times(below, must("month")); data != One {
				below.Symbol = data.Symbol + "-month" // as prices are written
			}
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

// usual is how many significant digits an uncertain amount is printed with, and most how many an amount ever is:
// a double has 16, of which a few computations leave that many.
const (
	usual = 3
	most  = 12
)

// For is the display for another amount of the same thing: this one, unless it was chosen by an amount so
// different that the other had too many digits, or none.
func (d Display) For(v float64) Display {
	x := math.Abs(v / d.factor)
	if d.chosen && x != 0 && !math.IsInf(x, 0) && (x < 0.01 || x >= 1e5 || d.scale != "" && (x < 1 || x >= 999.5)) {
		return Choose(v, d.Dim, d.near)
	}
	return d
}

// Digits prints the number of v with three significant digits, and without the unit. A share just below one,
// or below 100 %, has two digits of what is missing.
func (d Display) Digits(v float64) string { return d.digits(v, usual) }

func (d Display) digits(v float64, n int) string {
	x := v / d.factor
	switch {
	case math.IsInf(x, 1):
		return "unbounded"
	case math.IsInf(x, -1):
		return "-unbounded"
	case math.IsNaN(x):
		return "no value"
	}
	if d.Dim.Plain() && v > 0.99 && v < 1 {
		// 1-v has lost the digits that v never had.
		if missing := -int(math.Floor(math.Log10(1-v) + 1e-9)); missing+1 > n {
			n = min(missing+1, most)
		}
	}
	return digits(x, n) + d.scale
}

// digits prints x with n significant digits and no trailing zeros.
func digits(x float64, n int) string {
	if x == 0 {
		return "0" // also -0
	}
	if n <= usual {
		return unit.Digits(x)
	}
	abs := math.Abs(x)
	if abs >= 1e15 || abs < 1e-9 {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', n-1, 64), "e")
		return strings.TrimRight(strings.TrimRight(mantissa, "0"), ".") + "e" + exponent
	}
	decimals := n - 1 - int(math.Floor(math.Log10(abs)))
	if decimals <= 0 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', decimals, 64), "0"), ".")
}

// Exact prints v with its unit and the digits that it has, as far as they end within twelve: "99.99 %",
// "31557600 s". Of an endless fraction it prints what [Display.Format] does.
func (d Display) Exact(v float64) string {
	for _, e := range []Display{d.For(v), In(d.Unit)} {
		text := digits(v/e.factor, most)
		if e.scale != "" && len(strings.TrimLeft(text, "-")) > 7 {
			continue // 1.234567M is no shorter than 1234567
		}
		if got, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(got-v/e.factor) <= 3e-14*math.Abs(got) && significant(text) < most {
			return e.with(text + e.scale)
		}
	}
	return d.Format(v)
}

// significant counts the digits of a number without the zeros in front and those behind a whole one.
func significant(text string) int {
	mantissa, _, _ := strings.Cut(strings.TrimLeft(text, "-"), "e")
	whole := !strings.Contains(mantissa, ".")
	mantissa = strings.TrimLeft(strings.ReplaceAll(mantissa, ".", ""), "0")
	if whole {
		mantissa = strings.TrimRight(mantissa, "0")
	}
	return len(mantissa)
}

// Format prints v with its unit: "6.32 MB/s", "$21.2/month", "12.3k req/s".
func (d Display) Format(v float64) string { return d.Precise(v, usual) }

// Precise prints v with its unit and a number of significant digits, three to twelve: two amounts that
// differ little are told apart by more.
func (d Display) Precise(v float64, n int) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return d.Digits(v)
	}
	d = d.For(v)
	return d.with(d.digits(v, min(max(n, usual), most)))
}

// with puts the unit to digits.
func (d Display) with(digits string) string {
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
