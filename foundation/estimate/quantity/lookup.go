package quantity

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/agext/levenshtein"
)

// UnknownUnit is the error of a word that is no unit.
type UnknownUnit struct{ Word string }

// Hint is a sentence for the user, or empty. It is worked out when it is read, because a parser asks of
// most words whether they are units.
func (e *UnknownUnit) Hint() string { return hint(e.Word) }

// Error implements error.
func (e *UnknownUnit) Error() string {
	text := fmt.Sprintf("%q is not a unit", e.Word)
	if h := e.Hint(); h != "" {
		text += "; " + h
	}
	return text
}

// Lookup returns the unit of one word, such as "ms", "GiB", "requests" or "Gbps". The error is an
// [UnknownUnit].
func Lookup(word string) (Unit, error) {
	if u, ok := table()[word]; ok {
		return u, nil
	}
	return Unit{}, &UnknownUnit{word}
}

// Words returns every word that is a unit, sorted.
func Words() []string {
	words := make([]string, 0, len(table()))
	for word := range table() {
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

// Symbol says whether a word is a unit's short form, which no variable may be named after: "s", "GB",
// "k". Nouns of what is counted ("users") may be.
func Symbol(word string) bool {
	u, ok := table()[word]
	if !ok {
		return false
	}
	return u.Dim.Counted().Plain() || len(word) <= 2
}

var table = sync.OnceValue(func() map[string]Unit {
	units := make(map[string]Unit, 600)
	add := func(word string, factor float64, dim Dim) {
		if _, twice := units[word]; !twice {
			units[word] = Unit{word, factor, dim}
		}
	}
	// same adds words that print as their first.
	same := func(words string, factor float64, dim Dim) {
		list := strings.Fields(words)
		for _, word := range list {
			units[word] = Unit{list[0], factor, dim}
		}
	}
	for _, u := range plainUnits {
		same(u.words, u.factor, Of(u.base))
	}
	for word, factor := range multipliers {
		add(word, factor, Dim{})
	}
	units["percent"] = units["%"]
	rate := Of(Data)
	rate[Time] = -1
	power := Of(Energy)
	power[Time] = -1
	frequency, _ := Dim{}.Div(Of(Time))
	same("W watt watts", 1, power)
	add("Hz", 1, frequency)
	for word, r := range perSecond {
		dim, _ := Of(r.base).Div(Of(Time))
		add(word, r.factor, dim)
	}
	for _, p := range small {
		symbol := p.symbol
		if p.long == "" {
			symbol = "µ"
		}
		units[p.symbol+"s"] = Unit{symbol + "s", p.factor, Of(Time)}
		if p.long != "" {
			same(symbol+"s "+p.long+"second "+p.long+"seconds", p.factor, Of(Time))
		}
	}
	// "us" is what keyboards have; µs is what is printed.
	units["us"] = Unit{"µs", 1e-6, Of(Time)}
	units["mW"] = Unit{"mW", 1e-3, power}
	units["mJ"] = Unit{"mJ", 1e-3, Of(Energy)}
	for _, p := range decimal {
		add(p.symbol+"W", p.factor, power)
		add(p.symbol+"J", p.factor, Of(Energy))
		add(p.symbol+"Wh", p.factor*hour, Of(Energy))
		add(p.symbol+"Hz", p.factor, frequency)
		add(p.symbol+"FLOP", p.factor, Of(Flop))
		flops, _ := Of(Flop).Div(Of(Time))
		add(p.symbol+"FLOPS", p.factor, flops)
		data(units, p.symbol, p.long, p.factor, rate)
	}
	for _, p := range binary {
		data(units, p.symbol, p.long, p.factor, rate)
	}
	// K for k in sizes: it has no other meaning there.
	for _, end := range []string{"B", "b", "bit", "Bps", "bps"} {
		units["K"+end] = units["k"+end]
	}
	return units
})

// data adds the sizes and rates of one prefix.
func data(units map[string]Unit, symbol, long string, factor float64, rate Dim) {
	for _, word := range []string{symbol + "B", long + "byte", long + "bytes"} {
		units[word] = Unit{symbol + "B", factor, Of(Data)}
	}
	for _, word := range []string{symbol + "bit", symbol + "bits", symbol + "b", long + "bit", long + "bits"} {
		units[word] = Unit{symbol + "bit", factor / 8, Of(Data)}
	}
	units[symbol+"bps"] = Unit{symbol + "bit/s", factor / 8, rate}
	units[symbol+"Bps"] = Unit{symbol + "B/s", factor, rate}
}

// hint says what to write instead of a word that is no unit.
func hint(word string) string {
	switch word {
	case "m":
		return "m could be minutes, metres or millions: write min, metre or M"
	case "w":
		return "write week, or W for watts"
	case "g", "t":
		return fmt.Sprintf("write %s for the multiplier", strings.ToUpper(word))
	case "€", "EUR", "euro", "euros", "£", "GBP":
		return "currencies are not converted; write $ or USD"
	}
	for _, end := range []string{"b", "bps", "bit"} {
		prefix, ok := strings.CutSuffix(word, end)
		if !ok || len(prefix) != 1 {
			continue
		}
		upper := strings.ToUpper(prefix)
		if _, known := table()[upper+"B"]; known && upper != prefix {
			switch end {
			case "bps":
				return fmt.Sprintf("it could be bits or bytes a second; write %sbit/s or %sB/s", upper, upper)
			case "bit":
				return "write " + upper + "bit"
			}
			return fmt.Sprintf("it could be bits or bytes; write %sB for bytes or %sbit for bits", upper, upper)
		}
	}
	switch word {
	case "MM", "mm":
		return "write M for a million"
	}
	// A multiplier that grew together with a unit: 5 krps.
	for _, p := range decimal {
		rest, ok := strings.CutPrefix(word, p.symbol)
		if u, known := table()[rest]; ok && known && !u.Dim.Plain() && len(rest) > 1 {
			return fmt.Sprintf("a multiplier stands apart: write %s %s", p.symbol, rest)
		}
	}
	best, distance := "", 3
	if len(word) < 4 {
		distance = 2
	}
	for _, candidate := range Words() {
		// A word of one or two letters is near to everything.
		if len(candidate) < 3 && !strings.EqualFold(candidate, word) {
			continue
		}
		d := levenshtein.Distance(strings.ToLower(candidate), strings.ToLower(word), nil)
		if d*2 >= len(word) || len(word) < 6 && d > 1 {
			continue
		}
		if d < distance || d == distance && best != "" && len(candidate) == len(word) && len(best) != len(word) {
			best, distance = candidate, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}
