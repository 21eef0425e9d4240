package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// mostColumns bounds the columns that are listed without --verbose.
const mostColumns = 20

// columns prints the columns that differ, with what their differences have in common.
func (t *terminal) columns(table *Table) {
	var shown []*Field
	wide, digits, notInKey := len("column"), len("rows"), 0
	for _, f := range table.byRows(t.verbose) {
		if notInKey++; notInKey > mostColumns && !t.verbose {
			continue
		}
		shown = append(shown, f)
		wide, digits = max(wide, displayWidth(clean(f.label()))), max(digits, len(count(f.Differs)))
	}
	if len(shown) == 0 || table.Differences.Changed == 0 && !t.verbose {
		return
	}
	wide = min(wide, t.width/3)
	t.blank()
	t.line("  " + t.paint(dim, cut(fmt.Sprintf("%s  %*s  %s  %s", pad("column", wide), digits, "rows", "of changed", "in common"), t.width-2)))
	for _, f := range shown {
		lead := fmt.Sprintf("  %s  %*s  %10s  ", pad(cut(clean(f.label()), wide), wide), digits, count(f.Differs), percent(f.Share))
		texts := make([]string, 0, len(f.Common))
		for _, c := range f.Common {
			texts = append(texts, c.Text)
		}
		if t.verbose {
			texts = append(texts, "compared as "+f.Form+": "+f.types())
		}
		if len(texts) == 0 {
			texts = []string{""}
		}
		for i, text := range texts {
			if i > 0 {
				lead = strings.Repeat(" ", displayWidth(lead))
			}
			t.hanging(lead, text)
		}
	}
	if hidden := notInKey - len(shown); hidden > 0 {
		t.line("  " + t.paint(dim, "and "+plural(int64(hidden), "column")+" more; -v lists them"))
	}
}

// byRows are the columns that differ, or all, those that differ in most rows first.
func (t *Table) byRows(all bool) []*Field {
	var out []*Field
	for i := range t.Columns {
		if f := &t.Columns[i]; all || f.Differs > 0 {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *Field) int { return cmp.Compare(b.Differs, a.Differs) })
	return out
}

func (f *Field) label() string {
	if f.NameB != "" {
		return f.Name + ":" + f.NameB
	}
	return f.Name
}

func (f *Field) types() string {
	if f.TypeA == f.TypeB {
		return f.TypeA
	}
	return f.TypeA + " in A, " + f.TypeB + " in B"
}

// examples prints the rows that were kept, by kind.
func (t *terminal) examples(table *Table) {
	for _, kind := range []datadiff.Kind{datadiff.Changed, datadiff.OnlyA, datadiff.OnlyB} {
		var rows []Example
		for _, e := range table.Examples {
			if e.Kind == kind.String() {
				rows = append(rows, e)
			}
		}
		if len(rows) == 0 {
			continue
		}
		all := map[datadiff.Kind]int64{datadiff.Changed: table.Differences.Changed, datadiff.OnlyA: table.Differences.OnlyA, datadiff.OnlyB: table.Differences.OnlyB}[kind]
		title := kind.String()
		if n := int64(len(rows)); n < all {
			title += fmt.Sprintf(", the first %d of %s", n, count(all))
		}
		t.blank()
		t.line("  " + t.paint(bold, title))
		wide := 0
		for _, e := range rows {
			wide = max(wide, displayWidth(e.lead()))
		}
		for _, e := range rows {
			t.example(&e, kind, min(wide, t.width/3))
		}
	}
}

// shownColumns bounds the columns of an example.
const shownColumns = 6

// lead is what an example's line begins with.
func (e *Example) lead() string {
	if e.State == datadiff.Moving.String() {
		return strings.TrimSpace(e.key() + " (still changing)")
	}
	return e.key()
}

// example prints one row: its key in so many columns, and a line for each column that differs; of a row
// that stands on one side only, its values one behind the other.
func (t *terminal) example(e *Example, kind datadiff.Kind, keyWidth int) {
	lead := "    "
	if keyWidth > 0 {
		lead += pad(cutMiddle(e.lead(), keyWidth), keyWidth) + "  "
	}
	if kind != datadiff.Changed {
		var values []string
		for _, c := range e.Columns {
			values = append(values, clean(c.Name)+" "+clean(c.value().text()))
		}
		t.line(lead + cut(strings.Join(values, ", "), t.width-displayWidth(lead)))
		return
	}
	wide := 0
	for _, c := range e.Columns {
		wide = max(wide, displayWidth(clean(c.Name)))
	}
	wide = min(wide, t.width/4)
	for i, c := range e.Columns {
		if i > 0 {
			lead = strings.Repeat(" ", displayWidth(lead))
		}
		if i == shownColumns && len(e.Columns) > shownColumns+1 {
			t.line(lead + t.paint(dim, fmt.Sprintf("and %d columns more", len(e.Columns)-i)))
			return
		}
		room := t.width - displayWidth(lead) - wide - 2
		t.line(lead + t.paint(dim, pad(cut(clean(c.Name), wide), wide)) + "  " + arrow(c, room))
	}
}

func (s Side) value() Value {
	if s.A != nil {
		return s.A
	}
	return s.B
}

// key prints the key of an example: "id 17", "a 1, b 'x'"; empty for a table without one.
func (e *Example) key() string {
	var parts []string
	for _, k := range e.Key {
		parts = append(parts, clean(k.Name)+" "+clean(k.Value.text()))
	}
	return strings.Join(parts, ", ")
}

// arrow prints both values of a column within room columns. Where they do not fit, what they have in
// common at their starts is left out, so that the place where they differ can be seen.
func arrow(s Side, room int) string {
	a, b := clean(s.A.text()), clean(s.B.text())
	if displayWidth(a)+displayWidth(b)+3 <= room {
		return a + " → " + b
	}
	half := max((room-3)/2, 3)
	a, b = fromWhereTheyDiffer(a, b, half)
	roomA, roomB := half, half
	if w := displayWidth(a); w < half {
		roomB += half - w
	} else if w := displayWidth(b); w < half {
		roomA += half - w
	}
	return cut(a, roomA) + " → " + cut(b, roomB)
}

// fromWhereTheyDiffer leaves out what two texts begin with alike, but for a little, if one of them is
// wider than a width.
func fromWhereTheyDiffer(a, b string, width int) (string, string) {
	same := commonStart(a, b)
	if keep := width / 3; same > keep && (displayWidth(a) > width || displayWidth(b) > width) {
		a, b = "…"+string([]rune(a)[same-keep:]), "…"+string([]rune(b)[same-keep:])
	}
	return a, b
}

// commonStart counts the runes that two texts begin with alike.
func commonStart(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
