package report

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/napkin-infra/napkin/foundation/report/chart"
)

//go:embed page/report.css
var pageStyle string

//go:embed page/report.html.tmpl
var pageTemplate string

// maxHTML bounds the HTML document in bytes: a page that opens at once, mails, and prints. Reports that
// would be larger show their lowest-ranked findings in brief, and say so.
const maxHTML = 490_000

// Limits of what one finding shows in HTML; JSON, Markdown and the patch files have everything.
const (
	htmlOpenCards    = 10
	htmlExcerptLines = 30
	htmlPatchLines   = 80
	htmlLineWidth    = 300
	htmlPlaces       = 12
	htmlListed       = 200 // rows of patterns, suppressed findings, fixed findings, and appendix tables
)

var htmlPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"prose":     htmlProse,
	"plain":     func(v any) template.HTML { return htmlText(line(fmt.Sprint(v))) },
	"at":        func(p any) template.HTML { return htmlText(line(placeOf(p).at())) },
	"number":    number,
	"ms":        func(v float64) string { return quantity(v, "ms") },
	"count":     count,
	"ratio":     budgetRatio,
	"sev":       func(s Severity) string { return severityClass[min(s.Rank(), 3)] },
	"web":       webURL,
	"change":    func(c *Cost) string { return line(c.change()) },
	"per":       func(c *Cost) string { return line(c.per()) },
	"gain":      (*Cost).gain,
	"savings":   (*Cost).savings,
	"statement": func(in Input) string { return line(in.statement()) },
	"origin":    func(in Input) string { return line(in.origin()) },
	"evidence":  EvidenceMeaning,
}).Parse(pageTemplate))

var severityClass = [...]string{"critical", "high", "medium", "low"}

func placeOf(v any) Place {
	switch p := v.(type) {
	case Place:
		return p
	case *Place:
		return *p
	}
	return Place{}
}

// HTML writes the report as one document that needs nothing else: no script, no font, no network. It
// is at most 500 kB; a report which would be larger lists its lowest-ranked findings in brief.
func HTML(w io.Writer, r *Report) error {
	if r == nil {
		return errors.New("report: there is no report to write")
	}
	d := divide(r)
	p := newPage(r, d)

	frame, err := p.render("page", p)
	if err != nil {
		return err
	}
	if err := p.addCards(d.body, maxHTML-len(frame)); err != nil {
		return err
	}
	document, err := p.render("page", p)
	if err != nil {
		return err
	}
	if _, err := w.Write(document); err != nil {
		return fmt.Errorf("report: writing HTML: %w", err)
	}
	return nil
}

func (p *page) render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := htmlPage.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("report: writing HTML: %w", err)
	}
	return b.Bytes(), nil
}

// addCards renders the findings within room bytes: whole while they fit, then from the last rank
// upwards in brief, then not at all. The document says what was shortened.
func (p *page) addCards(body []ranked, room int) error {
	const noteRoom = 1500 // the section's own heading and notes
	room -= noteRoom
	whole := make([][]byte, len(body))
	used := 0
	for i, f := range body {
		name := "folded"
		if i < htmlOpenCards {
			name = "full"
		}
		b, err := p.render(name, newCard(f))
		if err != nil {
			return err
		}
		whole[i] = b
		used += len(b) + 1
	}
	shown, brief := len(body), 0
	for i := len(body) - 1; i >= htmlOpenCards && used > room; i-- {
		b, err := p.render("brief", newCard(body[i]))
		if err != nil {
			return err
		}
		if len(b) < len(whole[i]) {
			used -= len(whole[i]) - len(b)
			whole[i] = b
		}
		brief++
	}
	for shown > htmlOpenCards && used > room {
		shown--
		used -= len(whole[shown]) + 1
	}
	for _, b := range whole[:shown] {
		p.Cards = append(p.Cards, template.HTML(b)) //nolint:gosec // rendered by html/template
	}
	switch {
	case shown < len(body):
		p.Omitted = fmt.Sprintf("To keep this file small, findings %d to %d are listed in brief and %s of lower rank are left out. The JSON and Markdown reports hold all of them in full.",
			len(body)-brief+1, shown, plural(len(body)-shown, "finding"))
	case brief > 0:
		p.Omitted = fmt.Sprintf("To keep this file small, findings %d to %d are listed in brief. The JSON and Markdown reports hold them in full.", len(body)-brief+1, len(body))
	}
	if len(body) > htmlOpenCards {
		p.PrintNote = fmt.Sprintf("On paper, findings from %d on are listed in brief; the HTML file holds them in full.", htmlOpenCards+1)
	}
	return nil
}

// htmlProse escapes prose and sets its code spans as code.
func htmlProse(s string) template.HTML {
	var b strings.Builder
	for _, part := range spans(line(s)) {
		text := string(htmlText(part.text))
		if part.code {
			text = "<code>" + text + "</code>"
		}
		b.WriteString(text)
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped above
}

// longestPiece is how many characters of a word stand without a place to break. Narrow columns must
// take paths and identifiers, and must not break short words to make room for them.
const longestPiece = 16

// htmlText escapes text and lets its long words break: after punctuation, else every longestPiece
// characters. The break opportunities are not part of copied text.
func htmlText(s string) template.HTML {
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if len(word) <= longestPiece {
			b.WriteString(template.HTMLEscapeString(word))
			continue
		}
		start, length := 0, 0
		for at := range word {
			if length >= longestPiece || length >= longestPiece/2 && strings.ContainsRune("/._-:,", rune(word[at-1])) {
				b.WriteString(template.HTMLEscapeString(word[start:at]) + "<wbr>")
				start, length = at, 0
			}
			length++
		}
		b.WriteString(template.HTMLEscapeString(word[start:]))
	}
	return template.HTML(b.String()) //nolint:gosec // every piece is escaped above
}

// drawn is a chart in both widths with its table.
type drawn struct {
	Title               string
	Narrow, Wide, Table template.HTML
}

func drawChart(c chart.Chart) *drawn {
	var narrow, wide, table strings.Builder
	// A strings.Builder does not fail.
	_ = c.SVG(&narrow, 340, "-n")
	_ = c.SVG(&wide, 880, "-w")
	_ = c.Table(&table)
	return &drawn{Title: c.Title,
		Narrow: template.HTML(narrow.String()), //nolint:gosec // chart escapes
		Wide:   template.HTML(wide.String()),   //nolint:gosec // chart escapes
		Table:  template.HTML(table.String()),  //nolint:gosec // chart escapes
	}
}
