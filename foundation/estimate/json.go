package estimate

import (
	"math"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// SchemaVersion is the version of [Document]. It rises when a field changes its meaning or goes.
const SchemaVersion = 1

// Document is a result in the form that is printed as JSON. Numbers are in base units: seconds, bytes,
// US dollars, one of what is counted; numbers that are unbounded or have no value are null.
type Document struct {
	SchemaVersion int              `json:"schema_version"`
	Samples       int              `json:"samples"`
	Seed          uint64           `json:"seed"`
	Outcomes      []OutcomeJSON    `json:"outcomes"`
	Options       []OptionJSON     `json:"options,omitempty"`
	Constraints   []VerdictJSON    `json:"constraints,omitempty"`
	Claims        []VerdictJSON    `json:"claims,omitempty"`
	Comparisons   []ComparisonJSON `json:"comparisons,omitempty"`
	Rates         []RateJSON       `json:"rates,omitempty"`
	Notes         []string         `json:"notes,omitempty"`
}

// OutcomeJSON is one amount.
type OutcomeJSON struct {
	Name       string          `json:"name,omitempty"`
	Text       string          `json:"text"`
	Line       int             `json:"line"`
	Dimension  string          `json:"dimension"`
	Unit       string          `json:"unit"` // of base units
	Kind       string          `json:"kind"` // "fixed", "lognormal", ..., "sampled"
	Exact      bool            `json:"exact"`
	Q05        *float64        `json:"q05"`
	Median     *float64        `json:"q50"`
	Q95        *float64        `json:"q95"`
	Mean       *float64        `json:"mean"`
	Display    string          `json:"display"`
	Influences []InfluenceJSON `json:"influences,omitempty"`
}

// InfluenceJSON is one input of an outcome; its figures are those of [Influence].
type InfluenceJSON struct {
	Input       string   `json:"input"`
	Share       *float64 `json:"share"`
	Exact       bool     `json:"exact"`
	Correlation *float64 `json:"correlation"`
	AtLow       *float64 `json:"at_q05"`
	AtHigh      *float64 `json:"at_q95"`
	Low         *float64 `json:"range_low"`
	High        *float64 `json:"range_high"`
	KnownLow    *float64 `json:"known_q05"`
	KnownHigh   *float64 `json:"known_q95"`
}

// OptionJSON is one alternative.
type OptionJSON struct {
	Name     string        `json:"name"`
	Line     int           `json:"line"`
	Outcomes []OutcomeJSON `json:"outcomes"`
}

// VerdictJSON is a constraint or claim.
type VerdictJSON struct {
	Text        string      `json:"text"`
	Line        int         `json:"line"`
	Option      string      `json:"option,omitempty"`
	Op          string      `json:"op"`
	Left        OutcomeJSON `json:"left"`
	Right       OutcomeJSON `json:"right"`
	Probability float64     `json:"probability"`
	Invalid     float64     `json:"without_value,omitempty"` // share of the draws, which the probability leaves out
	Conditions  string      `json:"conditions,omitempty"`
	Rates       []string    `json:"rates,omitempty"`
}

// ComparisonJSON compares one outcome of two options.
type ComparisonJSON struct {
	First           string         `json:"first"`
	Second          string         `json:"second"`
	ProbabilityLess *float64       `json:"probability_first_less"` // ties half
	Equal           float64        `json:"probability_equal,omitempty"`
	Invalid         float64        `json:"without_value,omitempty"` // share of the draws, which the probabilities leave out
	BreakEven       *BreakEvenJSON `json:"break_even,omitempty"`
}

// BreakEvenJSON is where two outcomes cross.
type BreakEvenJSON struct {
	Over       string   `json:"over"`
	Found      bool     `json:"found"`
	At         *float64 `json:"at"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	FirstBelow bool     `json:"first_lower_below"`
	From       *float64 `json:"searched_from"`
	To         *float64 `json:"searched_to"`
	// Crossings are all of them, the one above the first.
	Crossings []CrossingJSON `json:"crossings,omitempty"`
}

// CrossingJSON is one of the places where two outcomes cross.
type CrossingJSON struct {
	At         *float64 `json:"at"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	FirstBelow bool     `json:"first_lower_below"`
}

// RateJSON is a base rate that was used.
type RateJSON struct {
	rate.Rate
	Provenance string `json:"provenance"`
	Stale      string `json:"stale,omitempty"`
}

// Document returns the result as a document, without influences and comparisons, which are worked out
// on demand.
func (r *Result) Document() *Document {
	d := &Document{SchemaVersion: SchemaVersion, Samples: r.Samples, Seed: r.Seed, Outcomes: []OutcomeJSON{}, Notes: r.Notes}
	for _, o := range r.Outcomes {
		d.Outcomes = append(d.Outcomes, o.JSON())
	}
	for _, option := range r.Options {
		j := OptionJSON{Name: option.Name, Line: option.Line, Outcomes: []OutcomeJSON{}}
		for _, o := range option.Outcomes {
			j.Outcomes = append(j.Outcomes, o.JSON())
		}
		d.Options = append(d.Options, j)
	}
	for _, v := range r.Constraints {
		d.Constraints = append(d.Constraints, v.JSON())
	}
	for _, v := range r.Claims {
		d.Claims = append(d.Claims, v.JSON())
	}
	for _, u := range r.Rates {
		d.Rates = append(d.Rates, RateJSON(u))
	}
	return d
}

// JSON returns the outcome for a [Document].
func (o Outcome) JSON() OutcomeJSON {
	return OutcomeJSON{
		Name: o.Name, Text: o.Text, Line: o.Line, Dimension: o.Dim.String(), Unit: o.Dim.Symbol(), Kind: o.Dist.Kind(), Exact: o.Exact(),
		Q05: finite(o.Low()), Median: finite(o.Median()), Q95: finite(o.High()), Mean: finite(o.Mean()), Display: o.String(),
	}
}

// JSON returns the verdict for a [Document].
func (v Verdict) JSON() VerdictJSON {
	return VerdictJSON{v.Text, v.Line, v.Option, v.Op, v.Left.JSON(), v.Right.JSON(), v.Probability, v.Invalid, v.Conditions, v.Rates}
}

// JSON returns the influence for a [Document].
func (i Influence) JSON() InfluenceJSON {
	return InfluenceJSON{i.Label, finite(i.Share), i.Exact, finite(i.Correlation), finite(i.AtLow), finite(i.AtHigh), finite(i.Low), finite(i.High), finite(i.KnownLow), finite(i.KnownHigh)}
}

// ComparisonOf returns a comparison for a [Document].
func ComparisonOf(first, second string, c dist.Comparison) ComparisonJSON {
	j := ComparisonJSON{First: first, Second: second, ProbabilityLess: finite(c.Half()), Invalid: c.Invalid}
	if c.Equal > 0 {
		j.Equal = c.Equal
	}
	return j
}

// JSON returns the break-even for a [Document].
func (b BreakEven) JSON(over string) *BreakEvenJSON {
	j := &BreakEvenJSON{Over: over, Found: b.Found, FirstBelow: b.FirstBelow, From: finite(b.From), To: finite(b.To)}
	if b.Found {
		j.At, j.Low, j.High = finite(b.At), finite(b.Low), finite(b.High)
	}
	for _, c := range b.Crossings {
		j.Crossings = append(j.Crossings, CrossingJSON{finite(c.At), finite(c.Low), finite(c.High), c.FirstBelow})
	}
	return j
}

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
