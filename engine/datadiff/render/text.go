package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// TextOptions says how to print a summary on a terminal.
type TextOptions struct {
	Width   int              // columns, taken into 40..200; 0 means 80
	Color   bool             // write ANSI colours; without it the output holds no escape sequence
	Verbose bool             // every compared column, also where nothing differs
	Files   []report.Written // that hold the whole answer, printed at the end
}

// Text prints a summary for a terminal: the verdict, a line for each table, and of those that differ what
// their columns have in common and some rows. No line is wider than the width, but for single words.
// Control characters in values are removed.
func Text(w io.Writer, s *Summary, o TextOptions) error {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = min(max(o.Width, 40), 200)
	t := &terminal{w: bufio.NewWriter(w), width: o.Width, color: o.Color, verbose: o.Verbose}
	t.single = len(s.Tables) == 1
	t.summary(s)
	if len(o.Files) > 0 {
		t.blank()
		for _, f := range o.Files {
			t.line(t.paint(dim, pad(f.Name, 10)) + clean(f.Path))
		}
	}
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func (t *terminal) summary(s *Summary) {
	t.sides(s.A, s.B)
	t.paragraph(paintOf(s.verdict()), s.Headline())
	if len(s.Tables) > 1 {
		t.blank()
		t.tables(s.Tables)
	}
	for i, names := range [][]string{s.OnlyA, s.OnlyB} {
		if len(names) > 0 {
			t.blank()
			t.hanging(t.paint(bold, "tables only in "+[]string{"A", "B"}[i])+"  ", strings.Join(names, ", "))
		}
	}
	for _, text := range s.Unseen {
		t.blank()
		t.hanging(t.paint(dim, "note")+"  ", sentenceCase(text)+".")
	}
	for i := range s.Tables {
		if table := &s.Tables[i]; len(s.Tables) == 1 || t.verbose || table.worthDetails() {
			t.blank()
			t.table(table, s.SchemaOnly)
		}
	}
	if r := s.Repair; r != nil {
		t.blank()
		t.repair(r)
	}
}

// sides prints what is compared, and a rule.
func (t *terminal) sides(a, b Database) {
	wide := max(displayWidth(a.URL), displayWidth(b.URL))
	for i, d := range []Database{a, b} {
		side := t.paint(bold, []string{"A", "B"}[i]) + "  "
		if 3+wide+2+max(displayWidth(a.Product), displayWidth(b.Product)) > t.width {
			t.line(side + clean(d.URL))
			t.line("   " + t.paint(dim, clean(d.Product)))
			continue
		}
		t.line(side + pad(clean(d.URL), wide) + "  " + t.paint(dim, clean(d.Product)))
	}
	t.line(t.paint(dim, strings.Repeat("─", t.width)))
}

// worthDetails holds for a table of which more is to be said than its line.
func (t *Table) worthDetails() bool {
	return t.Verdict != datadiff.Equal || len(t.Caveats)+len(t.Schema) > 0 || t.Differences.Transient > 0
}

// tables prints one line for each table.
func (t *terminal) tables(tables []Table) {
	wide := 0
	for i := range tables {
		wide = max(wide, displayWidth(clean(tables[i].Name)))
	}
	wide = min(wide, t.width/2)
	for i := range tables {
		table := &tables[i]
		t.hanging(pad(cut(clean(table.Name), wide), wide)+"  "+t.paint(paintOf(table.Verdict), pad(word(table.Verdict), 14))+"  ", table.line())
	}
}

// word is a verdict in a column of tables.
func word(v datadiff.Verdict) string {
	if v == datadiff.Unknown {
		return "could not tell"
	}
	return string(v)
}

// line says in a few words what was found.
func (t *Table) line() string {
	d := t.Differences
	switch {
	case t.Error != "":
		return cut(clean(t.Error), 120)
	case d.All() > 0 && t.oneSided() > 0:
		return t.counts() + "; " + t.standsWhere()
	case d.All() > 0:
		return t.counts()
	case t.oneSided() > 0 && t.Plan != "":
		return t.standsWhere() + "; " + t.sameRows()
	case t.Plan == "":
		return plural(int64(len(t.Schema)), "difference") + " of the schema"
	}
	text := t.read()
	if t.Plan == string(datadiff.Join) {
		text = "joined on the server"
	}
	if n := len(t.Computed); n > 0 {
		text += "; " + plural(int64(n), "computed column") + " not compared"
	}
	return text
}

// sameRows says what was found in the columns that both sides have, where no row differs.
func (t *Table) sameRows() string {
	switch n := max(t.Rows.A, t.Rows.B); {
	case n == 0 && t.Plan != string(datadiff.Join):
		return "no rows on either side"
	case n == 1 && t.Plan != string(datadiff.Join):
		return "in the others the row is the same"
	}
	return "in the others " + t.read() + " are the same"
}

// read says which rows were compared, of which none differs.
func (t *Table) read() string {
	if t.Plan == string(datadiff.Join) {
		return "the rows"
	}
	text := plural(max(t.Rows.A, t.Rows.B), "row")
	if t.Sample != nil {
		text += " of a sample"
	}
	return text
}

// counts are the numbers of a table that differs: "12 rows differ: 10 changed, 1 only in A, 1 only in B".
func (t *Table) counts() string {
	d := t.Differences
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{d.Changed, "changed"}, {d.OnlyA, "only in A"}, {d.OnlyB, "only in B"}} {
		if p.n > 0 {
			parts = append(parts, count(p.n)+" "+p.what)
		}
	}
	text := plural(d.All(), "row") + isWas(d.All(), " differs: ", " differ: ") + strings.Join(parts, ", ")
	if t.Limited {
		text = "at least " + text
	}
	return text
}

// states say how sure the differences are.
func (t *Table) states() string {
	d := t.Differences
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{d.Confirmed, "confirmed"}, {d.Moving, "still changing"}, {d.SeenOnce, "seen once"}, {d.Transient, "transient (equal when read again, not counted)"}} {
		if p.n > 0 {
			parts = append(parts, count(p.n)+" "+p.what)
		}
	}
	if d.SeenOnce > 0 && len(parts) == 1 {
		return "" // nothing was read again: there is nothing to tell apart
	}
	return strings.Join(parts, ", ")
}

// table prints the section of one table.
func (t *terminal) table(table *Table, schemaOnly bool) {
	head := t.paint(bold, clean(table.Name)) + "  " + t.paint(paintOf(table.Verdict), word(table.Verdict))
	switch {
	case table.Error != "":
		t.line(head)
		t.hanging("  ", table.Error)
	case schemaOnly:
		t.line(head)
	default:
		t.hanging(head+"  ", table.line())
	}
	if table.Error != "" && table.Differences.All() > 0 {
		t.hanging("  until then  ", table.counts())
	}
	if s := table.states(); s != "" {
		t.hanging("  of which  ", s)
	}
	t.columns(table)
	t.examples(table)
	if len(table.Schema) > 0 {
		t.blank()
		t.line("  " + t.paint(bold, "schema"))
		for _, c := range table.Schema {
			t.hanging("    "+t.paint(severityStyle(c.Severity), clean(c.Severity))+"  ", c.Text)
		}
	}
	if len(table.Caveats) > 0 {
		t.blank()
		for i, c := range table.Caveats {
			lead := "  " + t.paint(dim, "note") + "  "
			if i > 0 {
				lead = "        "
			}
			t.hanging(lead, c)
		}
	}
	if s := table.speed(); s != "" && (table.Verdict != datadiff.Equal || t.verbose || t.single) {
		t.blank()
		t.hanging("  "+t.paint(dim, "done")+"  ", s)
	}
}

// speed says what was read, how, and how fast.
func (t *Table) speed() string {
	if t.Plan == "" || t.Seconds <= 0 {
		return ""
	}
	rows := max(t.Rows.A, t.Rows.B)
	text := plural(t.Rows.A, "row") + " of A and " + count(t.Rows.B) + " of B"
	if t.Plan == string(datadiff.Join) {
		text = plural(t.Rows.A, "suspect row") + " of A and " + count(t.Rows.B) + " of B"
	}
	if e := t.Earlier; e != nil {
		text += " (" + count(e.A) + " and " + count(e.B) + " of them by earlier runs)"
		rows -= max(e.A, e.B)
	}
	text += " in " + unit.Seconds(t.Seconds)
	if rows > 0 {
		text += ": " + unit.Rate{PerSecond: float64(rows) / t.Seconds, Of: "row"}.String()
	}
	if bytes := t.LinkBytes.A + t.LinkBytes.B; bytes > 0 {
		text += ", " + unit.Rate{PerSecond: float64(bytes) / t.Seconds, Of: "B"}.String() + " over the connections (" + unit.Bytes(bytes).String() + ")"
	} else if bytes := t.CellBytes.A + t.CellBytes.B - t.earlierBytes; bytes > 0 {
		text += ", " + unit.Rate{PerSecond: float64(bytes) / t.Seconds, Of: "B"}.String()
	}
	text += "; plan " + t.Plan + ", " + plural(int64(t.Ranges), "range")
	if len(t.Key.Columns) > 0 {
		text += "; key " + strings.Join(t.Key.Columns, ", ") + " (" + t.Key.From + ")"
	}
	return text
}

func (t *terminal) repair(r *Repair) {
	what := r.counts()
	switch {
	case r.Error != "" && r.Statements+r.Skipped == 0:
		what = "Repair of " + r.Target + ": " + r.Error + "."
	case r.Error != "":
		what = "Repair of " + r.Target + ": " + what + ". But " + r.Error + "."
		if r.File != "" {
			what += " The script is in " + r.File + "."
		}
	case r.Applied:
		what = "Applied to " + r.Target + ": " + what + "."
		switch r.Verdict {
		case datadiff.Equal:
			what += " Compared again: equal."
		case datadiff.Different:
			what += " Compared again: still different."
		default:
			what += " Whether they are equal now could not be told."
		}
	case r.File != "":
		what = "Repair of " + r.Target + " in " + r.File + ": " + what + ". Review it before you run it."
	case r.Statements+r.Skipped == 0:
		return
	default:
		what = "Repair of " + r.Target + ", which was not applied: " + what + "."
	}
	t.paragraph(plain, what)
	for _, n := range r.Notes {
		t.hanging("  "+t.paint(dim, "note")+"  ", sentenceCase(n)+".")
	}
}

// counts are the numbers of a repair.
func (r *Repair) counts() string {
	switch {
	case r.Statements == 0 && r.Skipped == 1:
		return "the row cannot be repaired"
	case r.Statements == 0 && r.Skipped > 0:
		return "none of " + plural(r.Skipped, "row") + " can be repaired"
	}
	text := plural(r.Statements, "statement") + ": " + plural(r.Inserts, "row") + " inserted, " + count(r.Updates) + " updated, " + count(r.Deletes) + " deleted"
	if r.Skipped > 0 {
		text += ", " + count(r.Skipped) + " not repaired"
	}
	return text
}

// Headline is the verdict in one sentence, and what a repair that was applied made of it.
func (s *Summary) Headline() string {
	if s.Repair == nil || !s.Repair.Applied {
		return s.headline()
	}
	switch s.Repair.Verdict {
	case datadiff.Equal:
		var rows int64
		for i := range s.Tables {
			rows += s.Tables[i].Differences.All()
		}
		return "Repaired: " + plural(rows, "row") + " differed; compared again, both sides are equal."
	case datadiff.Different:
		return s.headline() + " That was before the repair; compared again, they still differ."
	}
	return s.headline() + " That was before the repair; whether they are equal now could not be told."
}

// verdict is that of the headline.
func (s *Summary) verdict() datadiff.Verdict {
	if s.Repair != nil && s.Repair.Applied {
		return s.Repair.Verdict
	}
	return s.Verdict
}
