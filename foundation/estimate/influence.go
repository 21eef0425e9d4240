package estimate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Influence is what one input does to an outcome.
type Influence struct {
	dist.Influence
	// Label is the name of the definition or the base rate, or the text of the range.
	Label string
	// Display is the unit of the input; that of the outcome is in the outcome.
	Display quantity.Display
}

// Influences ranks the inputs of an outcome, the most influential first; see [dist.Influence] for what
// each figure means.
func (m *Model) Influences(ctx context.Context, opt Options, o Outcome) ([]Influence, error) {
	found, err := m.graph.Influences(ctx, opt.run(), o.ref)
	if err != nil {
		return nil, fmt.Errorf("rank the inputs of %s: %w", o.Text, err)
	}
	list := make([]Influence, len(found))
	for i, f := range found {
		list[i] = Influence{Influence: f, Label: f.Input.Label, Display: m.inputs[f.Input.Ref].display(f.Input.Dist)}
	}
	return list, nil
}

// BreakEven is where two outcomes cross, with the unit of the input.
type BreakEven struct {
	dist.BreakEven
	Display quantity.Display
}

// BreakEven finds the values of a definition at which two outcomes are equally likely to be the lower
// one. Outcomes and the definition are given by their full names ("redis.cost", "users"). A definition that the ends of
// a range were computed from cannot be varied. One that is given in percent is varied up to 100 %.
func (m *Model) BreakEven(ctx context.Context, opt Options, a, b, over string) (BreakEven, error) {
	left, err := m.find(a)
	if err != nil {
		return BreakEven{}, err
	}
	right, err := m.find(b)
	if err != nil {
		return BreakEven{}, err
	}
	if left.dim != right.dim {
		return BreakEven{}, fmt.Errorf("find the break-even of %s and %s: one is in %s and the other in %s", a, b, left.dim, right.dim)
	}
	input, err := m.find(over)
	if err != nil {
		return BreakEven{}, err
	}
	if slices.ContainsFunc(m.frozen, func(ref dist.Ref) bool { return m.graph.DependsOn(ref, input.ref) }) {
		return BreakEven{}, fmt.Errorf("find the break-even over %s: the ends of a range are computed from it; multiply the range by it instead", over)
	}
	found, err := m.graph.BreakEven(ctx, opt.run(), left.ref, right.ref, input.ref, 0, 0)
	if err != nil {
		return BreakEven{}, fmt.Errorf("find the break-even of %s and %s: %w", a, b, err)
	}
	if share := input.near.Symbol == "%"; share && found.From < 1 && found.To > 1 && found.From >= 0 {
		// A share is no more than all, and beyond lies no answer.
		found.To = 1
		found.Crossings = slices.DeleteFunc(found.Crossings, func(c dist.Crossing) bool { return c.At > 1 })
		if found.Found = len(found.Crossings) > 0; !found.Found {
			found.Crossing = dist.Crossing{Low: math.NaN(), High: math.NaN()}
		}
	}
	size := found.At
	if !found.Found {
		size = found.To
	}
	display := quantity.Choose(size, input.dim, input.near)
	if input.strict {
		display = quantity.In(input.near)
	}
	return BreakEven{found, display}, nil
}

// Lower says which of two results is the lower one where: "b below 3, a from there to 7, b above". Amounts of the input
// are printed by format. It is empty where they do not cross.
func (b BreakEven) Lower(first, second string, format func(float64) string) string {
	if !b.Found {
		return ""
	}
	lower := func(firstLower bool) string {
		if firstLower {
			return first
		}
		return second
	}
	said := lower(b.FirstBelow) + " below " + format(b.At)
	for _, c := range b.Crossings[1:] {
		said += ", " + lower(c.FirstBelow) + " from there to " + format(c.At)
	}
	said += ", " + lower(!b.Crossings[len(b.Crossings)-1].FirstBelow) + " above"
	if b.Partial {
		said += ", where both have a value"
	}
	return said
}

// ProbabilityLess returns the probability that the first outcome is below the second, over common
// draws in which both have a value, ties half. Outcomes are given by their full names. [Model.Compare] says more.
func (m *Model) ProbabilityLess(ctx context.Context, opt Options, a, b string) (float64, error) {
	c, err := m.Compare(ctx, opt, a, b)
	return c.Half(), err
}

// Compare compares two outcomes over common draws. Outcomes are given by their full names.
func (m *Model) Compare(ctx context.Context, opt Options, a, b string) (dist.Comparison, error) {
	left, err := m.find(a)
	if err != nil {
		return dist.Comparison{}, err
	}
	right, err := m.find(b)
	if err != nil {
		return dist.Comparison{}, err
	}
	if left.dim != right.dim {
		return dist.Comparison{}, fmt.Errorf("compare %s and %s: one is in %s and the other in %s", a, b, left.dim, right.dim)
	}
	return m.graph.Compare(ctx, opt.run(), left.ref, right.ref)
}

// find returns a definition by its full name.
func (m *Model) find(name string) (*outcome, error) {
	var names []string
	for _, o := range m.outcomes {
		if o.statement.Name == name && name != "" {
			return o, nil
		}
		if o.statement.Name != "" {
			names = append(names, o.statement.Name)
		}
	}
	return nil, fmt.Errorf("there is no definition %q; there are %s", name, strings.Join(names, ", "))
}
