package render

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Report builds the shared report, for HTML and Markdown.
func Report(s *Summary) *report.Report {
	r := &report.Report{
		SchemaVersion: report.SchemaVersion, Tool: s.Tool, Kind: "diff",
		Title: "Differences of two databases", Subject: clean(s.A.URL + " with " + s.B.URL),
		Verdict: report.Verdict{Headline: s.Headline()},
		Sections: []report.Appendix{{Title: "Sides", Head: []string{"Side", "Database", "Product"}, Rows: [][]string{
			{"A", code(s.A.URL), clean(s.A.Product)}, {"B", code(s.B.URL), clean(s.B.Product)},
		}}},
	}
	if s.Interrupted {
		r.Verdict.Partial = "The run was interrupted before all tables were compared."
	}
	for _, text := range s.Unseen {
		r.Verdict.Paragraphs = append(r.Verdict.Paragraphs, sentenceCase(clean(text))+".")
	}
	if p := s.Repair; p != nil {
		r.Verdict.Paragraphs = append(r.Verdict.Paragraphs, repairSentence(p))
	}
	r.Sections = append(r.Sections, overview(s))
	for i := range s.Tables {
		t := &s.Tables[i]
		r.Sections = append(r.Sections, sections(t)...)
		for _, c := range t.Caveats {
			r.Coverage.Notes = append(r.Coverage.Notes, t.Name+": "+c)
		}
		if speed := t.speed(); speed != "" {
			r.Coverage.Notes = append(r.Coverage.Notes, t.Name+": compared "+speed+".")
		}
		if t.Error != "" {
			r.Coverage.Notes = append(r.Coverage.Notes, t.Name+" could not be compared: "+t.Error)
		}
	}
	r.Limit = Limit(s)
	return r
}

// Limit sums the limits of the tables, which are compared one after the other. It names what bounds the
// longest. Nil when nothing was compared.
func Limit(s *Summary) *report.Limit {
	l := &report.Limit{}
	longest := 0.0
	for i := range s.Tables {
		t := &s.Tables[i]
		l.Seconds += t.Least
		l.Took += t.Seconds
		if t.Least > longest {
			longest, l.Bound = t.Least, t.Bound
		}
	}
	if l.Took == 0 {
		return nil
	}
	return l
}

func repairSentence(p *Repair) string {
	text := ""
	if p.Statements+p.Skipped > 0 || p.Error == "" {
		text = "A repair of " + code(p.Target) + ": " + p.counts() + "."
	}
	switch {
	case p.Error != "":
		text += " The repair of " + code(p.Target) + ": " + p.Error + "."
	case p.Applied:
		text += " It was applied; compared again, the verdict is " + word(p.Verdict) + "."
	case p.File != "":
		text += " It is in " + code(p.File) + " and was not applied."
	default:
		text += " It was not applied."
	}
	return strings.TrimSpace(text)
}

// overview has one row for each table.
func overview(s *Summary) report.Appendix {
	a := report.Appendix{Title: "Tables", Head: []string{"Table", "Verdict", "Rows of A", "Rows of B", "Changed", "Only in A", "Only in B", "Time"}}
	for i := range s.Tables {
		t := &s.Tables[i]
		d := t.Differences
		row := []string{t.Name, word(t.Verdict), count(t.Rows.A), count(t.Rows.B), count(d.Changed), count(d.OnlyA), count(d.OnlyB), unit.Seconds(t.Seconds)}
		if t.Plan == string(datadiff.Join) { // what was read are rows without an equal partner
			row[2], row[3] = "joined", "joined"
		}
		if t.Plan == "" {
			row = []string{t.Name, word(t.Verdict), "", "", "", "", "", ""}
		}
		a.Rows = append(a.Rows, row)
	}
	for i, names := range [][]string{s.OnlyA, s.OnlyB} {
		for _, n := range names {
			a.Rows = append(a.Rows, []string{n, "only in " + []string{"A", "B"}[i], "", "", "", "", "", ""})
		}
	}
	return a
}

// sections are those of one table: its columns, its rows, its schema.
func sections(t *Table) []report.Appendix {
	var out []report.Appendix
	if d := t.Differences; d.All() == 0 && t.oneSided() > 0 {
		out = append(out, report.Appendix{Title: t.Name + ": what differs", Text: sentenceCase(t.line()) + "."})
	} else if d.All() > 0 {
		text := sentenceCase(t.counts()) + "."
		if t.oneSided() > 0 {
			text += " " + sentenceCase(t.standsWhere()) + "."
		}
		if s := t.states(); s != "" {
			text += " Of these: " + s + "."
		}
		columns := report.Appendix{Title: t.Name + ": what differs", Text: text}
		for _, f := range t.byRows(false) {
			var common []string
			for _, c := range f.Common {
				common = append(common, c.Text)
			}
			columns.Rows = append(columns.Rows, []string{f.label(), count(f.Differs), percent(f.Share), strings.Join(common, "; ")})
		}
		if len(columns.Rows) > 0 {
			columns.Head = []string{"Column", "Rows", "Of changed rows", "In common"}
		}
		out = append(out, columns)
	}
	if rows := exampleRows(t); len(rows) > 0 {
		out = append(out, report.Appendix{Title: t.Name + ": examples", Head: []string{"Row", "Key", "Column", "A", "B"}, Rows: rows})
	}
	if len(t.Schema) > 0 {
		a := report.Appendix{Title: t.Name + ": schema", Head: []string{"What", "Object", "A", "B", "Weight", "Meaning"}}
		for _, c := range t.Schema {
			a.Rows = append(a.Rows, []string{c.Kind, c.Object, c.A, c.B, c.Severity, c.Text})
		}
		out = append(out, a)
	}
	return out
}

// cellWidth bounds a value in the report, in columns.
const cellWidth = 160

func exampleRows(t *Table) [][]string {
	var rows [][]string
	for _, e := range t.Examples {
		kind, key := e.Kind, blanks(cutMiddle(e.key(), cellWidth))
		if e.State == datadiff.Moving.String() {
			kind += ", still changing"
		}
		for i, c := range e.Columns {
			if i == shownColumns*2 {
				rows = append(rows, []string{"", "", plural(int64(len(e.Columns)-i), "column") + " more", "", ""})
				break
			}
			a, b := fromWhereTheyDiffer(clean(c.A.text()), clean(c.B.text()), cellWidth)
			rows = append(rows, []string{kind, key, clean(c.Name), blanks(cut(a, cellWidth)), blanks(cut(b, cellWidth))})
			kind, key = "", ""
		}
		if len(e.Columns) == 0 {
			rows = append(rows, []string{kind, key, "", "", ""})
		}
	}
	return rows
}

// blanks makes blanks that stand side by side visible in forms that would show one of them.
func blanks(s string) string {
	return sideBySide.ReplaceAllStringFunc(s, func(run string) string { return strings.Repeat("␣", len(run)) })
}

var sideBySide = regexp.MustCompile(`  +`)

// code marks a text as code for renderers of the report.
func code(s string) string { return "`" + strings.ReplaceAll(clean(s), "`", "'") + "`" }
