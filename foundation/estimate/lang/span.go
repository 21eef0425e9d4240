package lang

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// bare holds for a literal without a unit: its multiplier, if any, belongs to the number.
func (n *Node) bare() bool { return n.Kind == Literal && n.Unit.Symbol == "" }

// rangeEnds gives the lower end of a range the unit that was written only at the upper end, as in
// "1k to 10k req/s", and refuses what could be read in two ways.
func rangeEnds(n *Node) *fault {
	low, high := n.Args[0], n.Args[1]
	for _, end := range n.Args {
		if (end.Kind == Range || end.Kind == PlusMinus) && !end.Paren {
			return faultf(n.OpSpan, "a range has two ends")
		}
	}
	if low.Kind != Literal || high.Kind != Literal || low.Paren || high.Paren {
		return nil
	}
	if low.bare() {
		if low.suffix == "" && high.suffix != "" && low.number > 0 && low.number < high.number/multiplier(high.suffix) {
			if len(high.suffix) > 2 { // 5 to 10 million
				low.number *= multiplier(high.suffix)
				low.Value = low.number
				low.suffix = high.suffix
			} else {
				return faultf(low.Span, "it is not clear whether the lower end counts in %s too", high.suffix).
					with("write the multiplier at both ends, or the unit at both ends")
			}
		}
		low.Unit, low.Value = high.Unit, low.number*high.Unit.Factor
		return nil
	}
	if low.Unit.Symbol != "$" {
		return nil
	}
	// The dollar of $5 to 20/month stands at the lower end only, and the month at the upper.
	if high.bare() {
		high.Unit = low.Unit
	} else if strings.HasPrefix(high.Unit.Symbol, "/") {
		low.Unit = quantity.Unit{Symbol: "$" + high.Unit.Symbol, Factor: high.Unit.Factor, Dim: high.Unit.Dim}
		low.Unit.Dim[quantity.Money]++
		high.Unit = low.Unit
	}
	low.Value, high.Value = low.number*low.Unit.Factor, high.number*high.Unit.Factor
	return nil
}

func multiplier(word string) float64 {
	u, err := quantity.Lookup(word)
	if err != nil {
		return 1
	}
	return u.Factor
}

// plusMinusEnds gives the first amount the unit of the second where it has none, and marks a share:
// "100 ms ± 20 %" is 80 to 120 ms, and "80 % ± 5 %" is 75 to 85 %.
func plusMinusEnds(n *Node) *fault {
	middle, spread := n.Args[0], n.Args[1]
	if (spread.Kind == Range || middle.Kind == Range || middle.Kind == PlusMinus) && !(spread.Paren || middle.Paren) {
		return faultf(n.OpSpan, "± stands between one amount and its spread")
	}
	percent := spread.Kind == Literal && spread.Unit.Symbol == "%"
	if percent && !(middle.Kind == Literal && middle.Unit.Symbol == "%") {
		n.Relative = true
		return nil
	}
	if middle.Kind == Literal && middle.bare() && spread.Kind == Literal && !middle.Paren {
		middle.Unit, middle.Value = spread.Unit, middle.number*spread.Unit.Factor
	}
	return nil
}

// unclearRange refuses x/2 to x*2, which binds as x / (2 to x) * 2 and was surely not meant so.
func unclearRange(n *Node) *fault {
	for _, arg := range n.Args {
		if arg.Kind != Range && arg.Kind != PlusMinus || arg.Paren {
			continue
		}
		for _, end := range arg.Args {
			if end.Kind != Literal && !end.Paren {
				return faultf(arg.OpSpan, "it is not clear what the ends of this range are").
					with("write parentheses around each end, as in (x/2) to (x*2), or around the range")
			}
		}
	}
	return nil
}
