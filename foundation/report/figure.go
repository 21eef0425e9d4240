package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Figures are printed with at most three significant digits below a thousand: a cost estimate that
// claims more precision than its inputs have is a lie of layout.

// number formats a bare figure.
func number(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "unknown"
	case a == 0:
		return "0"
	case a >= 1e15 || a < 1e-6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 999.5e9:
		return decimals(v/1e12) + " trillion"
	case a >= 999.5e6:
		return decimals(v/1e9) + " billion"
	case a >= 999.5e3:
		return decimals(v/1e6) + " million"
	}
	return decimals(v)
}

// decimals prints v with three significant digits below a thousand and as a grouped integer above.
func decimals(v float64) string {
	a := math.Abs(v)
	places := 0
	switch {
	case a < 1 && a > 0:
		places = int(math.Ceil(-math.Log10(a))) + 2
	case a < 10:
		places = 2
	case a < 100:
		places = 1
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return grouped(s)
}

// grouped puts commas between the thousands of a decimal integer part.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, hasRest := strings.Cut(s, ".")
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if hasRest {
		return sign + b.String() + "." + rest
	}
	return sign + b.String()
}

// count prints a grouped integer.
func count(n int) string { return grouped(strconv.Itoa(n)) }

// plural prints a count with its noun: "1 file", "12 files", "2 queries".
func plural(n int, noun string) string {
	if n != 1 {
		switch {
		case strings.HasSuffix(noun, "y"):
			noun = noun[:len(noun)-1] + "ies"
		default:
			noun += "s"
		}
	}
	return count(n) + " " + noun
}

type step struct {
	unit string
	size float64 // in the family's base unit
}

// Families of units that a figure may move in. Bytes are decimal, as disks and networks are sold.
var (
	timeSteps = []step{{"ns", 1e-9}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"days", 86400}}
	byteSteps = []step{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}}
)

// scaled moves a figure to the unit of its family in which it reads as 1 to 999. A figure from 0.1 to
// 999 stays in the unit that it was given in, which is the one its owner thinks in.
func scaled(v float64, unit string) (float64, string) {
	for _, family := range [][]step{timeSteps, byteSteps} {
		for _, s := range family {
			if s.unit != unit {
				continue
			}
			if a := math.Abs(v); a == 0 || a >= 0.1 && a < 999.5 || math.IsNaN(v) || math.IsInf(v, 0) {
				return v, unit
			}
			base := v * s.size
			best := family[0]
			for _, t := range family {
				// 0.9995 so that 999.9 ms reads "1 s" and not "1,000 ms".
				if math.Abs(base) >= t.size*0.9995 {
					best = t
				}
			}
			return base / best.size, best.unit
		}
	}
	return v, unit
}

// Quantity formats a figure with its unit as every renderer does, for sentences that quote one: "12.5
// ms", "1 h", "$40 per month".
func Quantity(v float64, unit string) string { return quantity(v, unit) }

// axisQuantity is quantity for the powers of ten on an axis: minutes and hours have none, so seconds
// go on.
func axisQuantity(v float64, unit string) string {
	for _, s := range timeSteps {
		if seconds := v * s.size; s.unit == unit && seconds >= 60 && seconds < 1e6 && math.Abs(math.Log10(seconds)-math.Round(math.Log10(seconds))) < 1e-9 {
			return number(seconds) + " s"
		}
	}
	return quantity(v, unit)
}

// quantity formats a figure with its unit: "12.5 ms", "1 statement", "$40 per month".
func quantity(v float64, unit string) string {
	v, unit = scaled(v, unit)
	return withUnit(number(v), v, unit)
}

func withUnit(figure string, v float64, unit string) string {
	unit = line(unit)
	if strings.HasPrefix(unit, "$") {
		rest := strings.TrimPrefix(unit, "$")
		return "$" + figure + strings.Replace(rest, "/", " per ", 1)
	}
	if unit == "" {
		return figure
	}
	if rest, ok := strings.CutPrefix(unit, "1/"); ok {
		return figure + "/" + rest // 10/s
	}
	if strings.HasPrefix(unit, "/") {
		return figure + unit
	}
	if noun, ok := strings.CutSuffix(unit, "/s"); ok && len(noun) >= 3 && !strings.HasSuffix(noun, "s") && v != 1 {
		return figure + " " + noun + "s/s" // rows/s
	}
	return figure + " " + singular(v, unit)
}

// singular drops the plural of a counted noun when there is one of it.
func singular(v float64, unit string) string {
	if v != 1 || len(unit) < 4 || !strings.HasSuffix(unit, "s") || strings.HasSuffix(unit, "ss") {
		return unit
	}
	if strings.HasSuffix(unit, "ies") {
		return unit[:len(unit)-3] + "y"
	}
	return unit[:len(unit)-1]
}

// change prints the cost's two figures: "51 → 2 statements", "1.2 s → 5 ms".
func (c *Cost) change() string {
	now, nowUnit := scaled(c.Now, c.Unit)
	fixed, fixedUnit := scaled(c.Fixed, c.Unit)
	if c.Now == c.Fixed {
		return quantity(c.Now, c.Unit)
	}
	if (nowUnit == fixedUnit || fixed == 0) && !strings.HasPrefix(c.Unit, "$") {
		// The noun follows the larger figure, which is the one it stands for.
		return number(now) + " → " + withUnit(number(fixed), math.Max(now, 2), nowUnit)
	}
	return quantity(c.Now, c.Unit) + " → " + quantity(c.Fixed, c.Unit)
}

// per names the event that the cost is paid for: "per request".
func (c *Cost) per() string {
	if c.Event == "" {
		return ""
	}
	return "per " + strings.TrimPrefix(c.Event, "per ")
}

// ratio is gain where no input is an assumption, else empty: a ratio that follows from a guess says
// nothing but the guess.
func (c *Cost) ratio() string {
	for _, in := range c.Inputs {
		if in.Origin == Assumed && !c.unused(in) {
			return ""
		}
	}
	return c.gain()
}

// unused holds for an assumed frequency that the formula does not hold: it only weighs a saving over
// time, which is not told when it is assumed.
func (c *Cost) unused(in Input) bool {
	return in.Origin == Assumed && in.Unit == "1/s" && !slices.Contains(strings.FieldsFunc(c.Formula, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}), in.Name)
}

// rates are the inputs that are properties of hardware and software.
func (c *Cost) rates() []Input {
	var out []Input
	for _, in := range c.Inputs {
		if in.Origin == Published || in.Origin == Measured {
			out = append(out, in)
		}
	}
	return out
}

// knobs are the inputs that a reader can change or check, those of one figure under several names
// together.
func (c *Cost) knobs() [][]Input {
	var out [][]Input
	for _, in := range c.Inputs {
		if in.Origin == Published || in.Origin == Measured || c.unused(in) {
			continue
		}
		same := -1
		for i, group := range out {
			if g := group[0]; in.Detail != "" && g.Value == in.Value && g.Unit == in.Unit && g.Origin == in.Origin && g.Detail == in.Detail {
				same = i
			}
		}
		if same >= 0 {
			out[same] = append(out[same], in)
			continue
		}
		out = append(out, []Input{in})
	}
	return out
}

// gain says how much less the fixed form costs: "25 times less", "gone", "18 % less".
func (c *Cost) gain() string {
	switch {
	case c.Now == c.Fixed:
		return "the same on average"
	case c.Fixed > c.Now:
		if c.Now <= 0 {
			return "more"
		}
		return number(math.Round((c.Fixed/c.Now-1)*100)) + " % more"
	case c.Fixed <= 0:
		return "gone"
	case c.Now/c.Fixed >= 1.95:
		ratio := c.Now / c.Fixed
		if ratio > 10_000 {
			return "over 10,000 times less" // beyond that only the inputs' uncertainty grows
		}
		if ratio >= 10 {
			// Two digits: the inputs are seldom known better.
			digits := math.Pow(10, math.Floor(math.Log10(ratio))-1)
			return number(math.Round(ratio/digits)*digits) + " times less"
		}
		return strconv.FormatFloat(math.Round(ratio*10)/10, 'f', -1, 64) + " times less"
	}
	return number(math.Max(1, math.Round((1-c.Fixed/c.Now)*100))) + " % less"
}

// savings says what the fix is worth over time, when the frequency is known: the product of two
// assumptions is no saving.
func (c *Cost) savings() string {
	var parts []string
	if c.PerDay > 0 && !c.frequencyAssumed() {
		parts = append(parts, c.overTime())
	}
	if c.Dollars > 0 {
		parts = append(parts, "$"+number(c.Dollars)+" per month")
	}
	if len(parts) == 0 {
		return ""
	}
	return "saves " + strings.Join(parts, ", ")
}

func (c *Cost) frequencyAssumed() bool {
	for _, in := range c.Inputs {
		if in.Unit == "1/s" && in.Origin == Assumed {
			return true
		}
	}
	return false
}

// overTime is the saving over time: of time per second, which is the number of workers that it keeps
// busy, else per day.
func (c *Cost) overTime() string {
	for _, s := range timeSteps {
		if s.unit != c.Unit {
			continue
		}
		of := ""
		if c.Event != "" {
			of = " of " + line(c.Event) + " time"
		}
		return quantity(c.PerDay/86400, c.Unit) + of + " per second"
	}
	return quantity(c.PerDay, c.Unit) + " per day"
}

// statement is an input as an equation: "R = 50 rows".
func (in Input) statement() string { return in.Name + " = " + quantity(in.Value, in.Unit) }

// origin is where the input comes from: "assumed; change it with --rtt".
func (in Input) origin() string {
	if in.Detail == "" {
		return string(in.Origin)
	}
	if in.Origin == "" {
		return in.Detail
	}
	return string(in.Origin) + ": " + in.Detail
}
