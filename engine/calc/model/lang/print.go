package lang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// Print writes a model in the canonical way, without comments. Parsed again it is the same model.
func Print(f *File) string {
	var b strings.Builder
	section := func(lines ...string) {
		if len(lines) == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, l := range lines {
			b.WriteString(l)
			b.WriteByte('\n')
		}
	}
	if f.Name.Name != "" {
		section("model " + quote(f.Name.Name))
	}
	if t := f.Time; t != nil {
		section(append([]string{fmt.Sprintf("time %s %s to %s", t.Grain, t.From, t.To)}, settingLines(t.Settings)...)...)
	}
	var lines []string
	for _, d := range f.Dimensions {
		lines = append(lines, "dimension "+d.Name.Name+" "+d.text())
	}
	for _, m := range f.Maps {
		lines = append(lines, "map "+m.From.Name+" -> "+m.To.Name+" "+m.text())
	}
	section(lines...)
	for _, v := range f.Variables {
		section(v.lines()...)
	}
	for _, s := range f.Scenarios {
		lines := []string{"scenario " + quote(s.Name.Name)}
		for _, v := range s.Overrides {
			for _, l := range v.lines() {
				lines = append(lines, "    "+l)
			}
		}
		section(lines...)
	}
	if s := f.Simulate; s != nil {
		section(append([]string{fmt.Sprintf("simulate %d", s.Samples)}, settingLines(s.Settings)...)...)
	}
	lines = nil
	for _, s := range f.Shows {
		lines = append(lines, "show "+s.Title())
	}
	section(lines...)
	return b.String()
}

// Title is the statement without its keyword.
func (s *Show) Title() string {
	items := make([]string, len(s.Items))
	for i, n := range s.Items {
		items[i] = n.String()
	}
	title := strings.Join(items, ", ")
	if s.HasBy {
		title += " by " + idents(s.By)
	}
	return title
}

func idents(list []Ident) string {
	names := make([]string, len(list))
	for i, id := range list {
		names[i] = id.Name
	}
	return strings.Join(names, ", ")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// word writes the name of an item or a column: in quotes where it must be.
func word(name string) string {
	if bare(name) {
		return name
	}
	return quote(name)
}

// text of an item at a place where a date or a whole number may stand too.
func (id Ident) text() string {
	if isDate(id.Name) {
		return id.Name
	}
	if n, err := strconv.Atoi(id.Name); err == nil && strconv.Itoa(n) == id.Name && n >= 0 {
		return id.Name
	}
	return word(id.Name)
}

func (r ItemRange) String() string {
	if r.To.Name != "" {
		return r.From.text() + ".." + r.To.text()
	}
	return r.From.text()
}

func (d *Dimension) text() string {
	if d.Data != nil {
		return d.Data.String()
	}
	if len(d.Items) == 0 {
		return "= none"
	}
	items := make([]string, len(d.Items))
	for i, r := range d.Items {
		items[i] = r.String()
	}
	return "= " + strings.Join(items, ", ")
}

func (m *Map) text() string {
	if m.Data != nil {
		return m.Data.String()
	}
	if len(m.Entries) == 0 {
		return "= none"
	}
	entries := make([]string, len(m.Entries))
	for i, e := range m.Entries {
		entries[i] = e.Key.String() + ": " + e.Target.text()
	}
	return "= " + strings.Join(entries, ", ")
}

// String writes a key as in a table.
func (k KeyPart) String() string {
	switch {
	case k.Others:
		return "others"
	case k.Open:
		return k.From.text() + ".."
	case k.To.Name != "":
		return k.From.text() + ".." + k.To.text()
	}
	return k.From.text()
}

// String writes the source with the word from.
func (s *DataSource) String() string {
	text := "from " + s.Kind + " " + quote(s.Location)
	if s.Kind == "database" {
		text += " query " + quote(s.Query)
	}
	for i, c := range s.Columns {
		text += []string{", ", " columns "}[btoi(i == 0)] + c.Of.Name + " = " + word(c.Column.Name)
	}
	return text
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func settingLines(settings []Setting) []string {
	var lines []string
	for _, s := range settings {
		lines = append(lines, "    "+s.String())
	}
	return lines
}

// String writes the setting without its indentation.
func (s Setting) String() string {
	values := make([]string, len(s.Values))
	for i, v := range s.Values {
		values[i] = v.Text
	}
	return s.Name.Name + ": " + strings.Join(values, ", ")
}

// entriesPerLine bounds the lines of tables which are printed.
const entriesPerLine = 6

func (v *Variable) lines() []string {
	head := v.Name.Name
	if v.Input {
		head = "input " + head
	}
	if v.HasOver {
		head += "[" + idents(v.Over) + "]"
	}
	var lines []string
	switch {
	case v.Formula != nil:
		lines = append(lines, head+" = "+v.Formula.String())
	case v.Data != nil:
		lines = append(lines, head+" "+v.Data.String())
	default:
		entries := v.Table.Entries
		if len(entries) <= entriesPerLine {
			lines = append(lines, head+" = "+entryList(entries))
			break
		}
		lines = append(lines, head+" =")
		for len(entries) > 0 {
			n := min(len(entries), entriesPerLine)
			lines = append(lines, "    "+entryList(entries[:n]))
			entries = entries[n:]
		}
	}
	return append(lines, settingLines(v.Settings)...)
}

func entryList(entries []Entry) string {
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.key() + ": " + e.Text
	}
	return strings.Join(list, ", ")
}

func (e Entry) key() string {
	parts := make([]string, len(e.Key))
	for i, k := range e.Key {
		parts[i] = k.String()
	}
	return strings.Join(parts, " ")
}

// isDate reports whether a name can stand as a date without quotes.
func isDate(name string) bool {
	_, ok := calendar.ParseDate(name)
	return ok
}
