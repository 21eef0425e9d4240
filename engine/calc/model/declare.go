package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// definition is a variable of the text with what has replaced it.
type definition struct {
	decl   *lang.Variable
	source lang.Source
	alias  string
	base   *definition
}

// definitions lists the variables, after the scenarios and settings of the options have replaced some. The error is one
// of the options.
func (c *checker) definitions() ([]*definition, error) {
	var defs []*definition
	byName := map[string]*definition{}
	for _, decl := range c.file.Variables {
		d := &definition{decl: decl, source: c.file.Source}
		if byName[decl.Name.Name] != nil {
			c.fail(decl.Name.Span, "%s is defined already, in line %d", decl.Name.Name, c.file.Source.LineOf(byName[decl.Name.Name].decl.Name.Span.Start))
			continue
		}
		byName[decl.Name.Name] = d
		defs = append(defs, d)
	}
	replace := func(o *lang.Variable, source lang.Source) {
		old := byName[o.Name.Name]
		if old == nil {
			c.failIn(source, o.Name.Span, "there is no variable %s to replace", o.Name.Name).with(didYouMean(o.Name.Name, names(byName)))
			return
		}
		decl := *o
		decl.Input, decl.Over, decl.HasOver, decl.Settings = old.decl.Input, old.decl.Over, old.decl.HasOver, old.decl.Settings
		if !usesBase(o.Formula) {
			old.decl, old.source = &decl, source
			return
		}
		base := *old
		original := *old.decl
		original.Name.Name += " (base)"
		base.decl, base.alias = &original, o.Name.Name
		old.decl, old.source, old.base = &decl, source, &base
		defs = append(defs, &base)
	}
	// Every scenario is looked at, so that a wrong one is told before it is used.
	seen := map[string]*lang.Scenario{}
	for _, s := range c.file.Scenarios {
		if seen[s.Name.Name] != nil {
			c.fail(s.Name.Span, "there is a scenario %q already", s.Name.Name)
		}
		seen[s.Name.Name] = s
		for _, o := range s.Overrides {
			if byName[o.Name.Name] == nil {
				c.fail(o.Name.Span, "there is no variable %s to replace", o.Name.Name).with(didYouMean(o.Name.Name, names(byName)))
			}
		}
	}
	for _, name := range c.o.Scenarios {
		s := seen[name]
		if s == nil {
			hint := ""
			if near := lang.Nearest(name, names(seen)); near != "" {
				hint = "; did you mean " + strconv.Quote(near) + "?"
			}
			return nil, fmt.Errorf("the model has no scenario %q; it has %s%s", name, listOr(seen, "none"), hint)
		}
		for _, o := range s.Overrides {
			if byName[o.Name.Name] != nil {
				replace(o, c.file.Source)
			}
		}
		c.m.Scenarios = append(c.m.Scenarios, name)
	}
	for _, text := range c.o.Set {
		source := lang.Source{Name: "--set", Text: text}
		f, err := lang.Parse(source)
		if err != nil {
			return nil, err
		}
		if len(f.Variables) == 1 && f.Variables[0].HasOver {
			c.failIn(source, f.Variables[0].Name.Span, "the dimensions of %s do not change; leave the brackets out", f.Variables[0].Name.Name).with("to change one item: x = if(Product = Basic, 12, base)")
			continue
		}
		if len(f.Variables) != 1 || len(f.Variables[0].Settings) > 0 {
			return nil, fmt.Errorf("%q replaces no variable; write for example churn = 3%%", text)
		}
		replace(f.Variables[0], source)
	}
	for _, d := range defs {
		if d.base == nil && usesBase(d.decl.Formula) {
			c.failIn(d.source, d.decl.Name.Span, "base stands only in a scenario, for what %s is without it", d.decl.Name.Name)
		}
	}
	return defs, nil
}

func names[T any](m map[string]T) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	return list
}

func listOr[T any](m map[string]T, none string) string {
	if len(m) == 0 {
		return none
	}
	return strings.Join(sorted(names(m)), ", ")
}

func usesBase(n *lang.Node) bool {
	found := false
	n.Walk(func(n *lang.Node) { found = found || n.Kind == lang.Reference && n.Name == "base" })
	return found
}

// declare makes the variables with what is written about them, without their formulas.
func (c *checker) declare(defs []*definition) {
	made := map[*definition]*variable{}
	for _, d := range defs {
		v := &variable{
			Var:  &Var{ID: VarID(len(c.list)), Name: d.decl.Name.Name, Kind: Computed, Place: d.decl.Name.Span},
			decl: d.decl, source: d.source, alias: d.alias, declared: d.decl.HasOver || d.decl.Formula == nil,
		}
		if d.source.Name != c.file.Source.Name || d.source.Text != c.file.Source.Text {
			v.Place = lang.Span{}
		}
		if d.decl.Input || d.decl.Formula == nil {
			v.Kind = Input
		}
		if !d.decl.Input && d.decl.Formula == nil && d.alias == "" && !c.overridden(d) {
			c.failIn(v.source, d.decl.Name.Span, "%s takes its values from a table or a file, so it is an input", v.Name).with("write: input " + v.Name)
		}
		if c.m.Dim(v.Name) != nil {
			c.failIn(v.source, d.decl.Name.Span, "%s is a dimension", v.Name)
		}
		if isFunction(v.Name) {
			c.failIn(v.source, d.decl.Name.Span, "%s is a function", v.Name)
		}
		c.brackets(v)
		c.settings(v)
		made[d] = v
		c.vars[v.Name] = v
		c.list = append(c.list, v)
	}
	for d, v := range made {
		if d.base != nil {
			v.base = made[d.base]
		}
	}
}

// overridden reports whether a definition stands for one of the model's text that was replaced: then a computed variable
// may have got a table.
func (c *checker) overridden(d *definition) bool {
	for _, decl := range c.file.Variables {
		if decl == d.decl {
			return false
		}
	}
	return true
}

// brackets resolves the dimensions and the grain of a variable.
func (c *checker) brackets(v *variable) {
	for _, id := range v.decl.Over {
		if g, ok := calendar.ParseGrain(id.Name); ok {
			switch {
			case c.m.Time == nil:
				c.failIn(v.source, id.Span, "the model has no time axis").with("add one, as in `time month 2024-01 to 2026-12`")
			case v.Grain != calendar.None:
				c.failIn(v.source, id.Span, "%s has a grain already: %s", v.Name, v.Grain)
			default:
				v.Grain = g
				v.order = append(v.order, -1)
			}
			continue
		}
		d := c.dim(v.source, id)
		if d == nil {
			continue
		}
		for _, have := range v.Dims {
			if have == d.ID {
				c.failIn(v.source, id.Span, "dimension %s stands twice", d.Name)
				return
			}
		}
		v.Dims = append(v.Dims, d.ID)
		v.order = append(v.order, d.ID)
	}
}

// settings resolves the settings of a variable.
func (c *checker) settings(v *variable) {
	seen := map[string]bool{}
	for _, s := range v.decl.Settings {
		name := s.Name.Name
		if seen[name] {
			c.failIn(v.source, s.Name.Span, "%s is set already", name)
			continue
		}
		seen[name] = true
		if len(s.Values) != 1 {
			c.failIn(v.source, s.Name.Span, "%s takes one value", name)
			continue
		}
		value := s.Values[0]
		switch name {
		case "categories":
			c.aggregation(v, value, []Agg{Sum, Average, Min, Max, Median, First, Last, Formula}, &v.Categories)
		case "time":
			c.aggregation(v, value, []Agg{Sum, Average, First, Last, Min, Max, Formula}, &v.OverTime)
		case "rollup":
			if value.Word != "formula" && value.Word != "sum" && value.Word != "average" && value.Word != "min" && value.Word != "max" {
				c.failIn(v.source, value.Span, "rollup is formula, sum, average, min or max").with("it sets categories and time at once")
				continue
			}
			c.aggregation(v, value, []Agg{Sum, Average, Min, Max, Formula}, &v.Categories)
			v.OverTime = v.Categories
		case "outside":
			c.number(v, value, &v.Outside)
		case "fill":
			if v.decl.Formula != nil {
				c.failIn(v.source, s.Name.Span, "only a table or a file has a fill value")
			}
			c.number(v, value, &v.Fill)
		case "repeated", "unknown":
			if v.decl.Data == nil && !c.replaced(v) {
				c.failIn(v.source, s.Name.Span, "%s is said of rows of a file or a query", name)
			}
		}
	}
	if seen["rollup"] && (seen["categories"] || seen["time"]) {
		c.failIn(v.source, v.decl.Settings[0].Name.Span, "rollup sets categories and time at once, so they are not set beside it")
	}
}

// replaced reports whether a scenario has replaced what the settings of v were written for.
func (c *checker) replaced(v *variable) bool {
	for _, decl := range c.file.Variables {
		if decl == v.decl {
			return false
		}
	}
	return true
}

func (c *checker) aggregation(v *variable, value lang.Value, allowed []Agg, to *Agg) {
	var words []string
	for _, a := range allowed {
		word := a.String()
		if value.Word == "initial" && a == First || value.Word == "final" && a == Last || value.Word == word {
			if a == Formula && v.Kind == Input {
				c.failIn(v.source, value.Span, "%s is an input, so it has no formula to apply", v.Name).with("choose sum, average, min or max")
				return
			}
			*to = a
			return
		}
		words = append(words, word)
	}
	text := strings.Join(words, ", ")
	f := c.failIn(v.source, value.Span, "%s is no aggregation here; there are %s", value.Text, text)
	if near := didYouMean(value.Word, append(words, "initial", "final")); near != "" {
		f.with(near)
	}
}

func (c *checker) number(v *variable, value lang.Value, to *float64) {
	if value.Word == "empty" {
		*to = math.NaN()
		return
	}
	if value.Word != "" {
		c.failIn(v.source, value.Span, "a number is expected, not %s", value.Word).with("`empty` stands for no value")
		return
	}
	*to = value.Number
}
