package model

import (
	"slices"
	"sort"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

func sorted(list []string) []string {
	sort.Strings(list)
	return list
}

// inputs resolves tables and sources of the variables that have some.
func (c *checker) inputs() {
	for _, v := range c.list {
		if v.decl == nil {
			continue
		}
		switch {
		case v.decl.Table != nil:
			v.Data = &Data{Boxes: c.boxes(v)}
		case v.decl.Data != nil:
			v.Data = &Data{External: c.external(v)}
		}
	}
}

// boxes resolves the keys of a table. Entries with `others` come first, so that every other entry counts before them.
func (c *checker) boxes(v *variable) []Box {
	type keyed struct {
		box    Box
		others int
	}
	var list []keyed
	exact := map[string]lang.Span{}
	for _, e := range v.decl.Table.Entries {
		at := e.Key[0].Span
		at.End = e.Key[len(e.Key)-1].Span.End
		if len(e.Key) != len(v.order) {
			f := c.failIn(v.source, at, "a key of %s has %s, and here %s", v.Name, plural(len(v.order), "part"), plural(len(e.Key), "part"))
			if len(v.order) == 0 {
				f.with("say over what it varies, as in input " + v.Name + "[Product]")
			} else {
				f.with("in the order of its brackets, with a space between them")
			}
			return nil
		}
		n := len(v.order)
		k := keyed{box: Box{Low: make([]int32, n), High: make([]int32, n), Value: e.Value}}
		ok, empty, text := true, false, ""
		for i, part := range e.Key {
			low, high, place, okPart := int32(0), int32(0), 0, false
			if d := v.order[i]; d < 0 {
				place = n - 1
				low, high, okPart = c.periodRange(v, part)
			} else {
				place = slices.Index(v.Dims, d)
				low, high, okPart = c.itemRange(v.source, c.m.Dims[d], part)
				high = min(high, int32(c.m.Dims[d].Len())-1)
			}
			if part.Others {
				k.others++
			}
			k.box.Low[place], k.box.High[place] = low, high
			ok = ok && okPart
			empty = empty || high < low
			text += part.String() + "\x00"
		}
		if !ok {
			continue
		}
		if before, twice := exact[text]; twice && before != at {
			c.failIn(v.source, at, "this key has a value already")
			continue
		}
		exact[text] = at
		if !empty {
			list = append(list, k)
		}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return b.others - a.others })
	boxes := make([]Box, len(list))
	for i, k := range list {
		boxes[i] = k.box
	}
	return boxes
}

func plural(n int, word string) string {
	if n == 1 {
		return "one " + word
	}
	return itoa(n) + " " + word + "s"
}

// periodRange resolves a key of dates to periods of the variable's grain. A date that is longer than a period stands for
// all periods in it. What lies outside of the axis is cut off.
func (c *checker) periodRange(v *variable, k lang.KeyPart) (low, high int32, ok bool) {
	last := int32(c.m.Time.Len(v.Grain)) - 1
	if k.Others {
		return 0, last, true
	}
	from, to, ok := c.periodsOf(v.source, k.From, v.Grain)
	if !ok {
		return 0, 0, false
	}
	switch {
	case k.Open:
		to = int(last)
	case k.To.Name != "":
		if _, to, ok = c.periodsOf(v.source, k.To, v.Grain); !ok {
			return 0, 0, false
		}
		if to < from {
			c.failIn(v.source, k.Span, "%s is before %s", k.To.Name, k.From.Name)
			return 0, 0, false
		}
	case to < 0 || from > int(last):
		c.failIn(v.source, k.Span, "%s is outside of the time axis, which goes from %s to %s", k.From.Name, c.m.Time.Label(v.Grain, 0), c.m.Time.Label(v.Grain, int(last)))
		return 0, 0, false
	}
	return max(0, int32(from)), min(last, int32(to)), true
}

// periodsOf returns the periods that a written date covers, which may lie outside of the axis.
func (c *checker) periodsOf(source lang.Source, id lang.Ident, grain calendar.Grain) (from, to int, ok bool) {
	d, ok := calendar.ParseDate(id.Name)
	if !ok {
		c.failIn(source, id.Span, "a %s is expected, such as %s, and not %s", grain, c.m.Time.Label(grain, 0), id.Name)
		return 0, 0, false
	}
	from, to, err := c.m.Time.Range(grain, d)
	if err != nil {
		c.failIn(source, id.Span, "%s", err)
		return 0, 0, false
	}
	return from, to, true
}

// external resolves the source of a variable.
func (c *checker) external(v *variable) *External {
	x := &External{Value: "value"}
	x.Source = *v.decl.Data
	known := []string{"value"}
	for _, d := range v.Dims {
		name := c.m.Dims[d].Name
		known = append(known, name)
		x.Items = append(x.Items, x.Source.Column(name))
	}
	if v.Grain != calendar.None {
		known = append(known, "date")
		x.Date = x.Source.Column("date")
	}
	x.Value = v.Name
	seen := map[string]bool{}
	for _, column := range x.Source.Columns {
		of := column.Of.Name
		if of == v.Name && !slices.Contains(known, of) {
			of = "value" // the variable is what the value is of
		}
		if !slices.Contains(known, of) {
			c.failIn(v.source, column.Of.Span, "%s is no column of %s; it has those of %s", of, v.Name, sentence(known)).with(didYouMean(of, known))
		}
		if seen[of] {
			c.failIn(v.source, column.Of.Span, "%s has a column already", column.Of.Name)
		}
		seen[of] = true
		if of == "value" {
			x.Value = column.Column.Name
		}
	}
	for _, s := range v.decl.Settings {
		value := s.Values[0]
		switch s.Name.Name {
		case "repeated":
			found := slices.Index(repeatedNames[:], value.Word)
			if found < 0 {
				c.failIn(v.source, value.Span, "repeated is %s", sentence(repeatedNames[:]))
				continue
			}
			x.Repeated = Repeated(found)
		case "unknown":
			if value.Word != "skip" && value.Word != "error" {
				c.failIn(v.source, value.Span, "unknown is skip or error")
			}
			x.SkipUnknown = value.Word == "skip"
		}
	}
	return x
}
