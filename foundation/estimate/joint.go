package estimate

import (
	"context"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Joint holds draws of outcomes and of the inputs that they depend on: the i-th value of each is of one
// draw. It is what conditional questions are answered from: how an outcome is spread where an input is
// near a value.
type Joint struct {
	Outcomes [][]float64 // in the order in which they were asked for, in base units
	Inputs   []JointInput
}

// JointInput is an uncertain input with its draws.
type JointInput struct {
	Label   string
	Display quantity.Display
	Dist    dist.Dist
	Draws   []float64 // in base units
}

// Joint draws outcomes, sides of verdicts among them, together with the inputs that at least one of them
// depends on.
func (m *Model) Joint(ctx context.Context, opt Options, outcomes ...Outcome) (*Joint, error) {
	var refs []dist.Ref
	var inputs []dist.Input
	for _, o := range outcomes {
		refs = append(refs, o.ref)
	}
	for _, ref := range refs {
		for _, in := range m.graph.Inputs(ref) {
			if !slices.ContainsFunc(inputs, func(have dist.Input) bool { return have.Ref == in.Ref }) {
				inputs = append(inputs, in)
			}
		}
	}
	all := slices.Clone(refs)
	for _, in := range inputs {
		all = append(all, in.Ref)
	}
	draws, err := m.graph.Run(ctx, opt.run(), all...)
	if err != nil {
		return nil, fmt.Errorf("draw outcomes and their inputs: %w", err)
	}
	j := &Joint{Outcomes: draws[:len(refs)]}
	for i, in := range inputs {
		j.Inputs = append(j.Inputs, JointInput{Label: in.Label, Display: m.inputs[in.Ref].display(in.Dist), Dist: in.Dist, Draws: draws[len(refs)+i]})
	}
	return j, nil
}
