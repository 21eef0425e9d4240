package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// show is a show statement and the text that it stands in.
type show struct {
	*lang.Show
	source lang.Source // of what is shown
	rows   lang.Source // of what its rows are
}

// shows lists what is to be shown: that of the options, or of the model. The error is one of the options.
func (c *checker) shows() ([]show, error) {
	var list []show
	if c.o.Show == nil {
		for _, s := range c.file.Shows {
			list = append(list, show{s, c.file.Source, c.file.Source})
		}
		return c.regroup(list)
	}
	for _, text := range c.o.Show {
		source := lang.Source{Name: "--show", Text: "show " + text}
		f, err := lang.Parse(source)
		if err != nil {
			return nil, err
		}
		if len(f.Shows) != 1 {
			return nil, fmt.Errorf("%q is nothing to show; write for example: revenue by Region, year", text)
		}
		list = append(list, show{f.Shows[0], source, source})
	}
	return c.regroup(list)
}

// regroup shows everything by what the options say, and leaves out what does not vary so.
func (c *checker) regroup(list []show) ([]show, error) {
	if c.o.By == "" {
		return list, nil
	}
	source := lang.Source{Name: "--by", Text: "show x by " + c.o.By}
	f, err := lang.Parse(source)
	if err != nil {
		return nil, err
	}
	if len(f.Shows) != 1 || !f.Shows[0].HasBy {
		return nil, fmt.Errorf("%q names no dimensions and grains; write for example Product,year", c.o.By)
	}
	by := f.Shows[0].By
	for _, id := range by {
		if _, grain := calendar.ParseGrain(id.Name); !grain && c.m.Dim(id.Name) == nil {
			c.dim(source, id)
			return nil, nil
		}
	}
	var kept []show
	seen := map[string]bool{} // several statements may show one variable, each by other rows
	for _, s := range list {
		items := slices.DeleteFunc(slices.Clone(s.Items), func(n *lang.Node) bool {
			twice := seen[n.String()]
			seen[n.String()] = true
			return twice || !c.variesBy(n, by)
		})
		if len(items) > 0 {
			kept = append(kept, show{&lang.Show{Items: items, By: by, HasBy: true, Span: s.Span}, s.source, source})
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("nothing that the model shows varies by %s", c.o.By)
	}
	return kept, nil
}

// variesBy reports whether a shown variable can be shown by dimensions and a grain. Of an unknown one it says so, and
// lets its error be told.
func (c *checker) variesBy(n *lang.Node, by []lang.Ident) bool {
	v := c.vars[n.Name]
	if v == nil {
		return true
	}
	var free []DimID
	for _, d := range v.Dims {
		if !slices.ContainsFunc(n.Mods, func(m lang.Mod) bool { return m.Dim.Name == c.m.Dims[d].Name }) {
			free = append(free, d)
		}
	}
	for _, id := range by {
		if _, grain := calendar.ParseGrain(id.Name); grain {
			if v.Grain == calendar.None {
				return false
			}
			continue
		}
		to := c.m.Dim(id.Name).ID
		if !slices.ContainsFunc(free, func(d DimID) bool { return d == to || c.mapOf(d, to) != nil }) {
			return false
		}
	}
	return true
}

// output resolves a show statement. Without `by` it shows its variables by their time alone.
func (c *checker) output(s show) {
	o := Output{Title: s.Title()}
	grain := calendar.None
	for _, id := range s.By {
		g, ok := calendar.ParseGrain(id.Name)
		if !ok {
			if d := c.dim(s.rows, id); d != nil {
				if slices.Contains(o.By, d.ID) {
					c.failIn(s.rows, id.Span, "dimension %s stands twice", d.Name)
				}
				o.By = append(o.By, d.ID)
			}
			continue
		}
		if grain != calendar.None {
			c.failIn(s.rows, id.Span, "the rows are by %s already", grain)
		}
		if c.m.Time == nil {
			c.failIn(s.rows, id.Span, "the model has no time axis")
			return
		}
		grain = g
	}
	if !s.HasBy {
		for _, n := range s.Items {
			if v := c.vars[n.Name]; v != nil && v.Grain != calendar.None {
				if grain != calendar.None && grain != v.Grain {
					c.failIn(s.source, n.Span, "%s is by %s, and what stands before it by %s", n.Name, v.Grain, grain).with("say by what to show them: by " + max(grain, v.Grain).String())
					return
				}
				grain = v.Grain
			}
		}
	}
	o.Grain = grain
	for _, n := range s.Items {
		if column, ok := c.column(s, n, o); ok {
			o.Columns = append(o.Columns, column)
		}
	}
	c.m.Outputs = append(c.m.Outputs, o)
}

// column makes the hidden variable whose cells are the figures of a variable in an output.
func (c *checker) column(s show, n *lang.Node, o Output) (Column, bool) {
	v := c.vars[n.Name]
	if v == nil {
		list := names(c.vars)
		c.failIn(s.source, n.At, "there is no variable %s", n.Name).with(didYouMean(n.Name, sorted(list)))
		return Column{}, false
	}
	picked := map[DimID]int32{}
	for _, m := range n.Mods {
		if m.Kind != lang.AtItem {
			c.failIn(s.source, m.Span, "show takes items in brackets, as in %s[Product=Basic], and periods and groups behind by", n.Name)
			return Column{}, false
		}
		d := c.dim(s.source, m.Dim)
		if d == nil {
			return Column{}, false
		}
		item, ok := c.item(s.source, d, m.Item)
		if !slices.Contains(v.Dims, d.ID) {
			c.failIn(s.source, m.Span, "%s does not vary over %s, but over %s", v.Name, d.Name, c.over(v.Dims))
			return Column{}, false
		}
		if ok && int(item) >= d.Len() {
			c.failIn(s.source, m.Item.Span, "item %s is cut off from dimension %s", m.Item.Name, d.Name)
			return Column{}, false
		}
		if !ok {
			return Column{}, false
		}
		picked[d.ID] = item
	}
	p, ok := c.plan(s, n, v, o, picked)
	if !ok {
		return Column{}, false
	}
	w := c.roll(v, p, v.Place)
	if w == nil {
		return Column{}, false
	}
	return Column{Title: n.String(), Of: v.ID, View: c.view(w, o, picked)}, true
}

// plan finds how a variable is rolled up to the rows of an output.
func (c *checker) plan(s show, n *lang.Node, v *variable, o Output, picked map[DimID]int32) (plan, bool) {
	p := plan{dims: map[DimID]DimRef{}, grain: o.Grain}
	if v.Grain == calendar.None {
		p.grain = calendar.None
	}
	used := map[DimID]bool{}
	free := slices.DeleteFunc(slices.Clone(v.Dims), func(d DimID) bool {
		_, fixed := picked[d]
		return fixed || slices.Contains(o.By, d)
	})
	for _, d := range v.Dims {
		if _, fixed := picked[d]; fixed {
			continue
		}
		if slices.Contains(o.By, d) {
			used[d] = true
			continue
		}
		p.dims[d] = DimRef{Kind: All}
		for _, to := range o.By {
			if slices.Contains(v.Dims, to) || used[to] {
				continue
			}
			m := c.between(free, to)(d, to)
			if m == nil {
				continue
			}
			p.dims[d] = DimRef{Kind: Group, Map: m.ID}
			used[to] = true
			break
		}
	}
	for _, d := range o.By {
		if !used[d] {
			hint := "show it in a statement of its own"
			for _, from := range v.Dims {
				hint = cmp.Or(c.torn[[2]DimID{from, d}], hint)
			}
			c.failIn(s.source, n.Span, "%s does not vary over %s, but over %s, and no mapping leads there", v.Name, c.m.Dims[d].Name, c.over(v.Dims)).with(hint)
			return p, false
		}
	}
	if o.Grain != calendar.None && v.Grain == calendar.None {
		c.failIn(s.source, n.Span, "%s does not vary with time, so it is not shown by %s", v.Name, o.Grain).with("show it in a statement of its own")
		return p, false
	}
	return p, true
}

// view gives w the dimensions of an output, in their order, at the items that are picked.
func (c *checker) view(w *variable, o Output, picked map[DimID]int32) VarID {
	if slices.Equal(w.Dims, o.By) && w.Grain == o.Grain {
		return w.ID
	}
	r := &VarRef{Var: w.ID, Dims: make([]DimRef, len(w.Dims)), At: w.Place}
	name := w.Name + "["
	for i, d := range w.Dims {
		if item, fixed := picked[d]; fixed {
			r.Dims[i] = DimRef{Kind: Fixed, Item: item}
			name += c.m.Dims[d].Name + "=" + c.m.Dims[d].Items.Name(item) + " "
		}
	}
	r.Time = TimeRef{Kind: Shifted, Fold: Average, Context: o.Grain, Count: o.Grain}
	if w.Grain == calendar.None {
		r.Time = TimeRef{Kind: Timeless, Context: o.Grain}
	}
	v := &variable{Var: &Var{ID: VarID(len(c.list)), Name: name + "by " + c.over(o.By) + "]", Kind: Rolled, Dims: slices.Clone(o.By), Grain: o.Grain, Outside: w.Outside, Categories: w.Categories, OverTime: w.OverTime, Place: w.Place, Expr: r}, source: w.source}
	if have := c.rolled[v.Name]; have != nil {
		return have.ID
	}
	c.list = append(c.list, v)
	c.rolled[v.Name] = v
	return v.ID
}

// defaultPercentiles are shown of what is random where the model does not say.
var defaultPercentiles = []float64{5, 50, 95}

// simulation resolves the simulate statement.
func (c *checker) simulation() {
	c.m.Seed, c.m.Percentiles = 1, defaultPercentiles
	s := c.file.Simulate
	if s == nil {
		return
	}
	c.m.Samples = s.Samples
	for _, set := range s.Settings {
		for _, v := range set.Values {
			if v.Word != "" {
				c.fail(v.Span, "a number is expected, not %s", v.Word)
				return
			}
		}
		if set.Name.Name == "seed" {
			x := set.Values[0].Number
			if len(set.Values) != 1 || x < 0 || x > 1<<53 || x != float64(uint64(x)) {
				c.fail(set.Name.Span, "a seed is one whole number")
				return
			}
			c.m.Seed = uint64(x)
			continue
		}
		c.m.Percentiles = nil
		for _, v := range set.Values {
			if v.Number <= 0 || v.Number >= 100 || len(c.m.Percentiles) > 0 && v.Number <= c.m.Percentiles[len(c.m.Percentiles)-1] {
				c.fail(v.Span, "percentiles lie between 0 and 100, and rise").with("as in `percentiles: 5, 50, 95`")
				return
			}
			c.m.Percentiles = append(c.m.Percentiles, v.Number)
		}
	}
}
