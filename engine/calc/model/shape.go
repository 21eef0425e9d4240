package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// shape is what an expression varies over.
type shape struct {
	dims  map[DimID]bool
	grain calendar.Grain
	needs bool // it asks for the time without naming a grain
	mixed bool // grains of which none nests in the other
}

func (s *shape) add(t shape) {
	for d := range t.dims {
		s.dim(d)
	}
	s.grainOf(t.grain)
	s.needs = s.needs || t.needs
	s.mixed = s.mixed || t.mixed
}

func (s *shape) dim(d DimID) {
	if s.dims == nil {
		s.dims = map[DimID]bool{}
	}
	s.dims[d] = true
}

// grainOf takes the finer of two grains.
func (s *shape) grainOf(g calendar.Grain) {
	switch {
	case g == calendar.None || g == s.grain:
	case s.grain == calendar.None || g.Nests(s.grain):
		s.grain = g
	case !s.grain.Nests(g):
		s.mixed = true
		s.grain = min(s.grain, g)
	}
}

// infer finds the dimensions and the grain of variables that do not say theirs: the union of what their formulas read.
// Shapes only grow, so going over the variables until nothing changes ends.
func (c *checker) infer() {
	var open []*variable
	for _, v := range c.list {
		if !v.declared {
			open = append(open, v)
		}
	}
	open = c.byUse(open)
	mixed := map[*variable]bool{}
	for changed := true; changed; {
		changed = false
		for _, v := range open {
			s := c.shapeOf(v, v.decl.Formula)
			mixed[v] = s.mixed
			if s.grain == calendar.None && s.needs && c.m.Time != nil {
				s.grain = c.m.Time.Grain()
			}
			if s.grain != v.Grain || len(s.dims) != len(v.Dims) {
				v.Grain = s.grain
				v.Dims = v.Dims[:0]
				for d := range s.dims {
					v.Dims = append(v.Dims, d)
				}
				slices.Sort(v.Dims)
				changed = true
			}
		}
	}
	for _, v := range open {
		if mixed[v] {
			c.failIn(v.source, v.decl.Name.Span, "%s reads variables by week and by month, and neither is the finer", v.Name).
				with("say which it is: " + v.Name + "[..., month] = ...")
		}
	}
}

// byUse puts variables behind those that they read, as far as that can be, so that one pass finds most shapes.
func (c *checker) byUse(list []*variable) []*variable {
	var order []*variable
	done := map[*variable]bool{}
	var visit func(v *variable)
	visit = func(v *variable) {
		if v == nil || done[v] || v.declared {
			return
		}
		done[v] = true
		v.decl.Formula.Walk(func(n *lang.Node) {
			if n.Kind == lang.Reference {
				visit(c.named(v, n.Name))
			}
		})
		order = append(order, v)
	}
	for _, v := range list {
		visit(v)
	}
	return order
}

// named finds the variable that a name means within the formula of v, or nil.
func (c *checker) named(v *variable, name string) *variable {
	switch {
	case name == "base" && v.base != nil:
		return v.base
	case v.alias != "" && name == v.alias:
		return v
	}
	return c.vars[name]
}

// shapeOf is lenient: what is wrong is told when the formula is resolved.
func (c *checker) shapeOf(v *variable, n *lang.Node) shape {
	var s shape
	switch n.Kind {
	case lang.Reference:
		return c.referenceShape(v, n)
	case lang.DateTest:
		s.needs = true
	case lang.Call, lang.Fold:
		if _, ok := partOf(n.Name); ok && n.Kind == lang.Call {
			s.needs = true
		}
		s.needs = s.needs || n.Name == "cumulative"
		for _, id := range n.Independent {
			c.overShape(&s, id)
		}
	}
	for _, arg := range n.Args {
		s.add(c.shapeOf(v, arg))
	}
	for _, id := range n.Over {
		switch d := c.m.Dim(id.Name); {
		case n.Kind == lang.Call: // of hash
			c.overShape(&s, id)
		case id.Name == "all":
			s.dims = nil
		case id.Name == "time":
			s.grain, s.needs = calendar.None, false
		case d != nil:
			delete(s.dims, d.ID)
		}
	}
	return s
}

func (c *checker) overShape(s *shape, id lang.Ident) {
	if d := c.m.Dim(id.Name); d != nil {
		s.dim(d.ID)
	} else if g, ok := calendar.ParseGrain(id.Name); ok {
		s.grainOf(g)
	} else if id.Name == "time" {
		s.needs = true
	}
}

func (c *checker) referenceShape(v *variable, n *lang.Node) shape {
	var s shape
	target := c.named(v, n.Name)
	if target == nil {
		if d := c.m.Dim(n.Name); d != nil {
			s.dim(d.ID)
		}
		return s
	}
	for _, d := range target.Dims {
		s.dim(d)
	}
	s.grain = target.Grain
	s.needs = target == v
	for _, m := range n.Mods {
		switch m.Kind {
		case lang.AtItem:
			if d := c.m.Dim(m.Dim.Name); d != nil {
				delete(s.dims, d.ID)
			}
		case lang.ByGroup:
			to := c.m.Dim(m.Dim.Name)
			if to == nil {
				continue
			}
			mapOf := c.between(target.Dims, to.ID)
			for _, d := range target.Dims {
				if mapOf(d, to.ID) != nil || mapOf(to.ID, d) != nil {
					delete(s.dims, d)
				}
			}
			s.dim(to.ID)
		case lang.AtTime:
			if m.From.Kind != lang.FromNow {
				s.grain, s.needs = calendar.None, false
			} else {
				s.needs = s.needs || target.Grain == calendar.None
			}
		case lang.InSpan:
			if m.From.Kind != lang.FromNow && m.To.Kind != lang.FromNow {
				s.grain, s.needs = calendar.None, false
			}
		}
	}
	return s
}

func itoa(n int) string { return strconv.Itoa(n) }

// sentence lists words: "a, b and c".
func sentence(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
