package model

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// maxItems bounds the items of a dimension, so that their names fit into memory and their numbers into an int32.
const maxItems = 100_000_000

// time makes the axis.
func (c *checker) time() {
	t := c.file.Time
	if t == nil {
		return
	}
	s := calendar.Settings{Grain: t.Grain, From: t.From, To: t.To, WeekStart: time.Monday}
	for _, set := range t.Settings {
		v := set.Values[0]
		if len(set.Values) != 1 || v.Word == "" {
			c.fail(set.Name.Span, "%s takes one name", set.Name.Name).with("as in `fiscal: April` or `week: Sunday`")
			return
		}
		var names []string
		if set.Name.Name == "fiscal" {
			for m := time.January; m <= time.December; m++ {
				names = append(names, m.String())
			}
		} else {
			for d := time.Sunday; d <= time.Saturday; d++ {
				names = append(names, d.String())
			}
		}
		found := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, v.Word) })
		if found < 0 {
			c.fail(v.Span, "%s is none of %s", v.Word, strings.Join(names, ", ")).with(didYouMean(v.Word, names))
			return
		}
		if set.Name.Name == "fiscal" {
			s.FiscalMonth = found + 1
		} else {
			s.WeekStart = time.Weekday(found)
		}
	}
	axis, err := calendar.New(s)
	if err != nil {
		c.fail(t.Span, "%s", err)
		return
	}
	c.m.Time = axis
}

func didYouMean(word string, names []string) string {
	if near := lang.Nearest(word, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// dimensions makes the dimensions. The error is one of reading data or of the options.
func (c *checker) dimensions() error {
	for _, d := range c.file.Dimensions {
		switch {
		case c.m.Dim(d.Name.Name) != nil:
			c.fail(d.Name.Span, "there is a dimension %s already", d.Name.Name)
			continue
		case d.Name.Name == "date" || d.Name.Name == "value":
			c.fail(d.Name.Span, "a dimension is not called %s, which is a word of columns", d.Name.Name)
			continue
		}
		dim := &Dim{ID: DimID(len(c.m.Dims)), Name: d.Name.Name}
		if d.Data != nil {
			names, err := c.itemsFrom(d)
			if err != nil {
				return err
			}
			dim.Items = ListItems(names)
		} else {
			dim.Items = c.items(d)
		}
		c.m.Dims = append(c.m.Dims, dim)
	}
	for _, d := range c.m.Dims {
		c.full = append(c.full, d.Items)
	}
	for _, name := range sortedKeys(c.o.Dims) {
		dim := c.m.Dim(name)
		if dim == nil {
			return fmt.Errorf("the model has no dimension %s; it has %s", name, strings.Join(c.dimNames(), ", "))
		}
		if c.o.Dims[name] < 0 {
			return fmt.Errorf("dimension %s cannot be cut to %d items", name, c.o.Dims[name])
		}
		dim.whole = &c.full[dim.ID]
		dim.Items = dim.Head(c.o.Dims[name])
	}
	return nil
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func (c *checker) dimNames() []string {
	names := make([]string, len(c.m.Dims))
	for i, d := range c.m.Dims {
		names[i] = d.Name
	}
	return names
}

// itemsFrom reads the items of a dimension: the different values of a column, in the order of their first rows.
func (c *checker) itemsFrom(d *lang.Dimension) ([]string, error) {
	if c.o.Rows == nil {
		c.fail(d.Data.Span, "dimension %s is read from a %s, and there is nothing to read it with", d.Name.Name, d.Data.Kind)
		return nil, nil
	}
	seen := map[string]bool{}
	names := []string{}
	err := c.o.Rows.Rows(c.ctx, d.Data, []string{d.Data.Column(d.Name.Name)}, func(fields []string) error {
		name := strings.TrimSpace(fields[0])
		if name == "" || seen[name] {
			return nil
		}
		if len(names) >= maxItems {
			return fmt.Errorf("more than %d items", maxItems)
		}
		seen[name] = true
		names = append(names, strings.Clone(name))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read dimension %s: %w", d.Name.Name, err)
	}
	return names, nil
}

// items makes the items that are written.
func (c *checker) items(d *lang.Dimension) Items {
	var names []string
	seen := map[string]bool{}
	add := func(name string, at lang.Span) bool {
		if seen[name] {
			c.fail(at, "item %s stands twice in %s", name, d.Name.Name)
			return false
		}
		seen[name] = true
		names = append(names, name)
		return true
	}
	total := 0
	for _, r := range d.Items {
		if r.To.Name == "" {
			add(r.From.Name, r.From.Span)
			total++
			continue
		}
		prefix, first, count, ok := numbered(r.From.Name, r.To.Name)
		if !ok {
			c.fail(r.From.Span, "%s..%s is no range of items", r.From.Name, r.To.Name).with("the ends have one name and a rising number behind it: S1..S1000")
			return Items{}
		}
		if total = min(total+count, maxItems+1); total > maxItems {
			c.fail(r.From.Span, "dimension %s has more than %d items", d.Name.Name, maxItems)
			return Items{}
		}
		if len(d.Items) == 1 {
			return RangeItems(prefix, first, count)
		}
		for i := range count {
			if !add(prefix+strconv.Itoa(first+i), r.From.Span) {
				break
			}
		}
	}
	return ListItems(names)
}

// numbered splits the ends of a range: a common name, and numbers without leading zeros.
func numbered(from, to string) (prefix string, first, count int, ok bool) {
	cut := func(s string) (string, int, bool) {
		i := len(s)
		for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			i--
		}
		n, err := strconv.Atoi(s[i:])
		return s[:i], n, err == nil && n <= 1<<40 && strconv.Itoa(n) == s[i:]
	}
	prefix, first, ok = cut(from)
	end, last, okTo := cut(to)
	return prefix, first, last - first + 1, ok && okTo && prefix == end && last >= first
}

// itemRange resolves a key of items to a range of places in a dimension.
func (c *checker) itemRange(source lang.Source, d *Dim, k lang.KeyPart) (low, high int32, ok bool) {
	if k.Others {
		return 0, int32(d.Len()) - 1, true
	}
	low, ok = c.item(source, d, k.From)
	if !ok {
		return 0, 0, false
	}
	switch {
	case k.Open:
		return low, max(low, int32(d.Len())-1), true
	case k.To.Name == "":
		return low, low, true
	}
	high, ok = c.item(source, d, k.To)
	if ok && high < low {
		c.failIn(source, k.Span, "%s stands before %s in dimension %s", k.To.Name, k.From.Name, d.Name)
		return 0, 0, false
	}
	return low, high, ok
}

// item resolves the name of an item. The place of one that Options.Dims has cut off is past the end.
func (c *checker) item(source lang.Source, d *Dim, id lang.Ident) (int32, bool) {
	i, ok := c.full[d.ID].Index(id.Name)
	if ok {
		return i, true
	}
	f := c.failIn(source, id.Span, "dimension %s has no item %s", d.Name, id.Name)
	if d.Len() <= 10_000 {
		names := make([]string, d.Len())
		for i := range names {
			names[i] = d.Items.Name(int32(i))
		}
		if hint := didYouMean(id.Name, names); hint != "" {
			f.with(hint)
		} else if len(names) > 0 && len(names) <= 8 {
			f.with("it has " + strings.Join(names, ", "))
		}
	}
	return 0, false
}

// dim resolves the name of a dimension.
func (c *checker) dim(source lang.Source, id lang.Ident) *Dim {
	if d := c.m.Dim(id.Name); d != nil {
		return d
	}
	c.failIn(source, id.Span, "there is no dimension %s", id.Name).with(didYouMean(id.Name, append(c.dimNames(), calendar.Day.String(), calendar.Week.String(), calendar.Month.String(), calendar.Quarter.String(), calendar.Year.String())))
	return nil
}

// maps makes the mappings.
func (c *checker) maps() error {
	for _, decl := range c.file.Maps {
		from, to := c.dim(c.file.Source, decl.From), c.dim(c.file.Source, decl.To)
		if from == nil || to == nil {
			continue
		}
		if from == to {
			c.fail(decl.Span, "a mapping leads from one dimension to another")
			continue
		}
		if c.written(from.ID, to.ID) != nil {
			c.fail(decl.Span, "there is a mapping from %s to %s already", from.Name, to.Name)
			continue
		}
		m := &Map{ID: MapID(len(c.m.Maps)), From: from.ID, To: to.ID, Target: make([]int32, from.Len())}
		for i := range m.Target {
			m.Target[i] = -1
		}
		if decl.Data != nil {
			if err := c.mapFrom(decl, m); err != nil {
				return err
			}
		} else {
			c.mapEntries(decl, m)
		}
		c.addMap(m)
		c.declared = len(c.m.Maps)
	}
	return nil
}

func (c *checker) addMap(m *Map) {
	for _, t := range m.Target {
		if t < 0 {
			m.Missing++
		}
	}
	c.m.Maps = append(c.m.Maps, m)
}

func (c *checker) mapEntries(decl *lang.Map, m *Map) {
	from, to := c.m.Dims[m.From], c.m.Dims[m.To]
	set := func(low, high, target int32, at lang.Span, others bool) {
		for i := low; i <= min(high, int32(len(m.Target))-1); i++ {
			if m.Target[i] >= 0 {
				if others {
					continue
				}
				c.fail(at, "item %s belongs to %s already", from.Items.Name(i), to.Items.Name(m.Target[i]))
				return
			}
			m.Target[i] = target
		}
	}
	for pass := range 2 {
		for _, e := range decl.Entries {
			if e.Key.Others != (pass == 1) {
				continue
			}
			low, high, ok := c.itemRange(c.file.Source, from, e.Key)
			target, okTarget := c.item(c.file.Source, to, e.Target)
			if ok && okTarget && int(target) < to.Len() {
				set(low, high, target, e.Key.Span, e.Key.Others)
			}
		}
	}
}

// mapFrom reads a mapping. Rows without a target, and rows of items that the dimension does not have, are passed over;
// an unknown target is an error.
func (c *checker) mapFrom(decl *lang.Map, m *Map) error {
	if c.o.Rows == nil {
		c.fail(decl.Data.Span, "the mapping is read from a %s, and there is nothing to read it with", decl.Data.Kind)
		return nil
	}
	from, to := c.m.Dims[m.From], c.m.Dims[m.To]
	columns := []string{decl.Data.Column(from.Name), decl.Data.Column(to.Name)}
	err := c.o.Rows.Rows(c.ctx, decl.Data, columns, func(fields []string) error {
		item, ok := from.Index(strings.TrimSpace(fields[0]))
		name := strings.TrimSpace(fields[1])
		if !ok || name == "" {
			return nil
		}
		target, ok := to.Index(name)
		switch {
		case to.CutOff(name):
			return nil
		case !ok:
			return fmt.Errorf("%s %s belongs to %s, which is no item of %s", from.Name, fields[0], name, to.Name)
		case m.Target[item] >= 0 && m.Target[item] != target:
			return fmt.Errorf("%s %s belongs to both %s and %s", from.Name, fields[0], to.Items.Name(m.Target[item]), name)
		}
		m.Target[item] = target
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the mapping from %s to %s: %w", from.Name, to.Name, err)
	}
	return nil
}
