package lint

import (
	"context"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Info is what SARIF and the appendix of a report need of a hazard.
func (d *Doc) Info() report.RuleInfo {
	return report.RuleInfo{ID: d.ID, Title: d.Title, Summary: d.Summary, Help: d.Page()}
}

// Page is the documentation as Markdown.
func (d *Doc) Page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n%s\n", d.ID, d.Title, d.Summary)
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, text)
		}
	}
	section("Why it matters", d.Why)
	section("What to do", d.Fix)
	if d.Before != "" {
		fmt.Fprintf(&b, "\nBefore:\n\n```sql\n%s\n```\n", d.Before)
	}
	if d.After != "" {
		fmt.Fprintf(&b, "\nInstead:\n\n```sql\n%s\n```\n", d.After)
	}
	section("When the finding is wrong", d.Wrong)
	if len(d.Refs) > 0 {
		b.WriteString("\n## References\n\n")
		for _, r := range d.Refs {
			fmt.Fprintf(&b, "- [%s](%s)\n", r.Title, r.URL)
		}
	}
	fmt.Fprintf(&b, "\n%s, versions: %s. Lock: %s. Work: %s. Severity %s. Effort: %s.\n", d.Products, d.Versions, d.Lock, d.Work, d.Severity, d.Effort)
	return b.String()
}

// UnreadableDoc documents the finding of a file that cannot be cut into statements.
var UnreadableDoc = Doc{
	ID: "engine.unreadable", Title: "File cannot be read to its end", Summary: "A quote, a comment or the data of COPY have no end, or the file is UTF-16 or binary, so that what follows could not be judged.",
	Products: "PostgreSQL, MySQL, MariaDB", Versions: "all", Lock: "none", Work: "catalog only", Severity: report.High, Effort: report.OneLine,
	Why: "The server refuses such a script as well, perhaps in the middle of a change.", Fix: "Close the quote, comment or data at the place that is named; save a file in another encoding as UTF-8.",
	Wrong: "The tool fills in a template that closes it.",
}

// Unreadable is the finding of a migration that could not be read to its end.
func Unreadable(m *layout.Migration, server predict.Server) report.Finding {
	at := report.Place{Path: m.Path, StartLine: 1, EndLine: 1}
	text, title, fix, wrong := m.Err.Error(), m.Path+" cannot be read to its end", UnreadableDoc.Fix, UnreadableDoc.Wrong
	if e, ok := m.SplitError(); ok {
		at.StartLine, at.EndLine = e.At.Line, e.At.Line
		text = fmt.Sprintf("Line %d, column %d: %s.", e.At.Line, e.At.Column, e.Text)
		switch e.Fault {
		case split.Unclosed:
			fix = fmt.Sprintf("Close what begins in line %d, column %d.", e.At.Line, e.At.Column)
		case split.OpenData:
			title, fix = m.Path+": data of COPY have no end mark, so that the rest was not read", `Write \. on a line of its own behind the data; a migration tool cannot run COPY ... FROM stdin at all and needs INSERT.`
		case split.UTF16:
			title, fix, wrong = m.Path+" is UTF-16 and was not read", "Save the file as UTF-8 without a byte order mark (iconv -f UTF-16 -t UTF-8).", ""
			text += " No database reads it."
		case split.Binary:
			title, fix, wrong = m.Path+" is no text and was not read to its end", "Take the file out of the migrations, or restore it, if it was text; UTF-16 is made UTF-8 by iconv -f UTF-16LE -t UTF-8.", ""
		}
	}
	d := &UnreadableDoc
	return report.Finding{
		Fingerprint: Fingerprint(d.ID, m.Path), Rule: d.ID, Title: title, Severity: d.Severity, Evidence: 1, Confidence: 1, Effort: d.Effort,
		Claim: text + " What follows was not judged.", Primary: at, Fix: report.Fix{Summary: fix}, WrongIf: wrong, Priority: 20,
		Facts: facts(d, nil, Documented, "", server),
	}
}

// Learn takes sizes, invalid indexes and relations that are no tables from a catalog.
func (w *World) Learn(sizes map[string]Size, invalid []string, others ...string) {
	for _, name := range others {
		w.others[schema.Key(name)] = true
	}
	for table, s := range sizes {
		w.Sizes[w.key(table)] = s
	}
	for _, name := range invalid {
		w.invalid[strings.ToLower(schema.Unquote(name))] = true
	}
}

// Predictor predicts single statements on one schema. It is not safe for concurrent use.
type Predictor struct {
	walker  *Walker
	dialect schema.Dialect
}

// NewPredictor reads a script that makes the schema and the session.
func NewPredictor(before string, dialect schema.Dialect, server predict.Server) *Predictor {
	w := NewWalker(NewWorld(server, ""), nil)
	_ = w.Walk(context.Background(), layout.Parse("before.sql", []byte(before), layout.Plain, dialect, ""), false) // only the context can fail
	return &Predictor{w, dialect}
}

// Predict says what a statement would do; the schema stays as it is.
func (p *Predictor) Predict(sql string) []predict.Impact {
	_, impacts := p.Actions(sql)
	return impacts
}

// Actions are the parts of a statement with what each would do; the schema stays as it is.
func (p *Predictor) Actions(sql string) ([]statement.Action, []predict.Impact) {
	m := layout.Parse("statement.sql", []byte(sql), layout.Plain, p.dialect, "")
	if len(m.Script.Statements) == 0 {
		return nil, nil
	}
	st := p.walker.step(&File{Migration: m}, 0)
	return st.Actions, st.Impacts
}
