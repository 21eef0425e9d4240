package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/lang"
)

// Lack is an outcome that a constraint demands and an option does not have: the constraint is checked for the others
// alone.
type Lack struct {
	Option string
	Text   string // of the constraint
	Line   int
	Names  []string // the outcomes that are not there
}

// lacks finds, for each constraint that stands outside the options, the options without the outcomes that it names.
func (d definitions) lacks(options []string) []Lack {
	var list []Lack
	for _, s := range d.file.Statements {
		if s.Kind != lang.Constraint || len(s.Options) == 0 {
			continue
		}
		for _, option := range options {
			if slices.Contains(s.Options, option) {
				continue
			}
			var names []string
			for _, side := range []*lang.Node{s.Left, s.Right} {
				side.Walk(func(n *lang.Node) {
					if n.Kind != lang.Name || slices.Contains(names, n.Name) {
						return
					}
					if _, known := d.file.Definition(n.Name, option); !known {
						names = append(names, n.Name)
					}
				})
			}
			if len(names) > 0 {
				list = append(list, Lack{option, s.Text, s.Line, names})
			}
		}
	}
	return list
}

// Loss is another option beside which the chosen one is worse on an outcome and better on none.
type Loss struct {
	To string
	// Outcomes are those on which the chosen option is worse, and Equal those on which both are the same.
	Outcomes, Equal []string
	// Probability is the least of those with which it is worse.
	Probability float64
}

// losses compares the chosen option with each other one, on all outcomes that both have and of which the record says
// which end is wanted. It loses where it is worse with the probability from which an order counts, on each
// of them that is not equal.
func (r *Result) losses() []Loss {
	var list []Loss
	for _, other := range r.Options {
		if other == r.Chosen || r.Chosen == "" {
			continue
		}
		loss, loses := Loss{To: other, Probability: 1}, true
		for i := range r.Outcomes {
			c := &r.Outcomes[i]
			p, ok := c.pair(r.Chosen, other)
			if !ok || c.Better == Unknown {
				continue
			}
			worse := p.Greater
			if c.Better == Higher {
				worse = p.Less
			}
			switch {
			case p.Same():
				loss.Equal = append(loss.Equal, c.Name)
			case worse >= noiseHigh:
				loss.Outcomes = append(loss.Outcomes, c.Name)
				loss.Probability = min(loss.Probability, worse)
			default:
				loses = false
			}
		}
		if loses && len(loss.Outcomes) > 0 {
			list = append(list, loss)
		}
	}
	return list
}

// sentence says what the chosen option loses to another one.
func (l Loss) sentence(chosen string) string {
	said := fmt.Sprintf("option %s is worse than %s on %s with probability %s", chosen, l.To, list(l.Outcomes), probability(l.Probability))
	if len(l.Outcomes) > 1 {
		said = fmt.Sprintf("option %s is worse than %s on %s, each with probability %s", chosen, l.To, list(l.Outcomes), probability(l.Probability))
		if l.Probability < 1 {
			said += " or more"
		}
	}
	if len(l.Equal) > 0 {
		said += ", equal on " + list(l.Equal)
	}
	return said + ", and better on no outcome of the model. What speaks for it is not in the model"
}

// sentence says what could not be checked.
func (l Lack) sentence() string {
	return fmt.Sprintf("`%s` (line %d) was not checked for %s, which has no %s", l.Text, l.Line, l.Option, list(l.Names))
}

// headline is the first sentence of a review, and the paragraphs that tell what it sums up.
type headline struct {
	parts      []string
	paragraphs []string
}

func (h *headline) count(n int, one, many string) {
	if n == 1 {
		h.parts = append(h.parts, one)
	} else if n > 1 {
		h.parts = append(h.parts, fmt.Sprintf(many, n))
	}
}

// constraints counts those of each option apart: what is open for an option that was not chosen holds up nobody.
func (h *headline) constraints(options []string, one, many string) {
	for len(options) > 0 {
		who, n := options[0], len(options)
		options = slices.DeleteFunc(options, func(o string) bool { return o == who })
		h.count(n-len(options), fmt.Sprintf("one constraint of %s %s", who, one), "%d constraints of "+who+" "+many)
	}
}

func (h *headline) tell(sentences []string) {
	if len(sentences) > 0 {
		h.paragraphs = append(h.paragraphs, upperFirst(strings.Join(sentences, "; "))+".")
	}
}

// twice says that a record chooses two options.
func (c Choice) twice() string {
	return fmt.Sprintf("the record chooses twice: %s in its front matter and %s in line %d", c.Option, c.Other, c.Line)
}

// choice tells what the model holds against the chosen option as a whole.
func (r *Result) choice(h *headline) {
	var lacking, losing, to []string
	for _, l := range r.Lacks {
		if l.Option == r.Chosen {
			lacking = append(lacking, l.sentence())
		}
	}
	for _, l := range r.losses() {
		to = append(to, l.To)
		losing = append(losing, l.sentence(r.Chosen))
	}
	if r.Choice.Other != "" {
		h.parts = append(h.parts, r.Choice.twice())
	}
	if len(losing) > 0 {
		h.parts = append(h.parts, fmt.Sprintf("the chosen option %s loses to %s on every outcome that tells them apart", r.Chosen, list(to)))
	}
	h.count(len(lacking), fmt.Sprintf("one constraint could not be checked for the chosen option %s", r.Chosen),
		"%d constraints could not be checked for the chosen option "+r.Chosen)
	h.tell(losing)
	h.tell(lacking)
}
