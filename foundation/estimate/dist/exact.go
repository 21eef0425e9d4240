package dist

import (
	"cmp"
	"math"
	"slices"
)

// form is a node as a sum of products of powers of inputs. Products of lognormal and sums of normal
// inputs have closed distributions, and x - x is nothing at all.
type form struct{ terms []term }

type term struct {
	coef   float64
	powers []factor // by input, rising; none for a constant
}

type factor struct {
	input    int
	exponent float64
}

// maxTerms bounds the size of a form: a sum of many different products has no closed distribution anyway.
const maxTerms = 24

func constantForm(v float64) *form {
	if v == 0 {
		return &form{}
	}
	return &form{terms: []term{{coef: v}}}
}

// combine returns the form of an operation, or nil where it has none.
func (g *Graph) combine(op Op, args []Ref) *form {
	a := g.nodes[args[0]].form
	if a == nil {
		return nil
	}
	var b *form
	if len(args) > 1 {
		if b = g.nodes[args[1]].form; b == nil {
			return nil
		}
	}
	switch op {
	case Add:
		return a.plus(b, 1)
	case Sub:
		return a.plus(b, -1)
	case Neg:
		return (&form{}).plus(a, -1)
	case Mul:
		return a.times(b)
	case Div:
		if len(b.terms) != 1 {
			return nil
		}
		return a.times(b.power(-1))
	case Pow:
		if g.nodes[args[1]].random {
			return nil
		}
		return g.raise(a, g.nodes[args[1]].value)
	case Sqrt:
		return g.raise(a, 0.5)
	}
	return nil
}

// raise returns a power of a form of one term: of positive inputs any, of others a whole one.
func (g *Graph) raise(a *form, exponent float64) *form {
	if exponent == 0 {
		return constantForm(1)
	}
	if len(a.terms) != 1 {
		return nil
	}
	for _, f := range a.terms[0].powers {
		if !positive(g.inputs[f.input].Dist) && exponent != math.Trunc(exponent) {
			return nil
		}
	}
	return a.power(exponent)
}

// positive says whether a distribution has positive values alone, by its family.
func positive(d Dist) bool {
	switch d.(type) {
	case Lognormal, TwoPiece:
		return true
	}
	return false
}

// power raises the single term of a form.
func (f *form) power(exponent float64) *form {
	t := f.terms[0]
	coef := math.Pow(t.coef, exponent)
	if exponent == -1 {
		coef = 1 / t.coef
	}
	if math.IsNaN(coef) || math.IsInf(coef, 0) || coef == 0 {
		return nil
	}
	raised := term{coef: coef}
	for _, p := range t.powers {
		raised.powers = append(raised.powers, factor{p.input, p.exponent * exponent})
	}
	return &form{terms: []term{raised}}
}

// plus adds sign times b.
func (f *form) plus(b *form, sign float64) *form {
	sum := &form{terms: slices.Clone(f.terms)}
	for _, t := range b.terms {
		if !sum.add(term{sign * t.coef, t.powers}) {
			return nil
		}
	}
	return sum
}

func (f *form) times(b *form) *form {
	if b == nil {
		return nil
	}
	product := &form{}
	for _, s := range f.terms {
		for _, t := range b.terms {
			if !product.add(term{s.coef * t.coef, multiply(s.powers, t.powers)}) {
				return nil
			}
		}
	}
	return product
}

// add adds a term to those with the same powers. What is left of a difference within its own rounding
// error is nothing.
func (f *form) add(t term) bool {
	for i, have := range f.terms {
		if !slices.Equal(have.powers, t.powers) {
			continue
		}
		sum := have.coef + t.coef
		if math.Abs(sum) <= 4e-16*(math.Abs(have.coef)+math.Abs(t.coef)) {
			f.terms = slices.Delete(slices.Clone(f.terms), i, i+1)
			return true
		}
		f.terms[i] = term{sum, have.powers}
		return true
	}
	f.terms = append(f.terms, t)
	return len(f.terms) <= maxTerms
}

func multiply(a, b []factor) []factor {
	product := slices.Clone(a)
	for _, f := range b {
		i, found := slices.BinarySearchFunc(product, f.input, func(have factor, input int) int { return cmp.Compare(have.input, input) })
		switch {
		case !found:
			product = slices.Insert(product, i, f)
		case math.Abs(product[i].exponent+f.exponent) < 1e-12:
			product = slices.Delete(product, i, i+1)
		default:
			product[i].exponent += f.exponent
		}
	}
	if len(product) == 0 {
		return nil
	}
	return product
}

// Exact returns the distribution of a node where it is known in closed form: a constant, a product of
// powers of lognormal inputs, a power of one two-piece lognormal, a sum of normal inputs, or one input scaled
// and shifted.
func (g *Graph) Exact(ref Ref) (Dist, bool) {
	n := g.nodes[ref]
	if !n.random {
		return Point(n.value), true
	}
	f := n.form
	if f == nil {
		return nil, false
	}
	if len(f.terms) == 0 {
		return Point(0), true
	}
	if len(f.terms) == 1 {
		t := f.terms[0]
		if len(t.powers) == 0 {
			return Point(t.coef), true
		}
		if d, ok := g.positiveTerm(t); ok {
			if t.coef < 0 {
				return Affine{D: d, Scale: -1}, true
			}
			return d, true
		}
	}
	return g.sum(f)
}

// positiveTerm is the distribution of the size of a term: a product of powers of lognormals, or a power of one
// two-piece lognormal.
func (g *Graph) positiveTerm(t term) (Dist, bool) {
	if mu, variance, ok := g.product(t); ok {
		return Lognormal{Mu: mu, Sigma: math.Sqrt(variance)}, true
	}
	if len(t.powers) != 1 {
		return nil, false
	}
	d, ok := g.inputs[t.powers[0].input].Dist.(TwoPiece)
	if !ok {
		return nil, false
	}
	return d.power(t.coef, t.powers[0].exponent), true
}

// product returns the parameters of a product of lognormals, without the sign of its coefficient.
func (g *Graph) product(t term) (mu, variance float64, ok bool) {
	mu = math.Log(math.Abs(t.coef))
	for _, p := range t.powers {
		d, lognormal := g.inputs[p.input].Dist.(Lognormal)
		if !lognormal {
			return 0, 0, false
		}
		mu += p.exponent * d.Mu
		variance += p.exponent * p.exponent * d.Sigma * d.Sigma
	}
	return mu, variance, true
}

// sum recognises a shifted sum of normals, and one product or one input, scaled and shifted.
func (g *Graph) sum(f *form) (Dist, bool) {
	shift, mu, variance, normal, parts := 0.0, 0.0, 0.0, true, 0
	var only term
	for _, t := range f.terms {
		if len(t.powers) == 0 {
			shift = t.coef
			continue
		}
		parts++
		only = t
		d, ok := g.inputs[t.powers[0].input].Dist.(Normal)
		normal = normal && ok && len(t.powers) == 1 && t.powers[0].exponent == 1
		mu += t.coef * d.Mu
		variance += t.coef * t.coef * d.Sigma * d.Sigma
	}
	switch {
	case normal:
		return Normal{Mu: shift + mu, Sigma: math.Sqrt(variance)}, true
	case parts > 1:
		return nil, false
	case len(only.powers) == 1 && only.powers[0].exponent == 1:
		d := g.inputs[only.powers[0].input].Dist
		if stepped(d) && only.coef < 0 {
			return nil, false
		}
		return Affine{D: d, Scale: only.coef, Shift: shift}, true
	}
	if d, ok := g.positiveTerm(only); ok {
		return Affine{D: d, Scale: math.Copysign(1, only.coef), Shift: shift}, true
	}
	return nil, false
}
