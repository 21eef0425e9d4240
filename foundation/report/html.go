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
	htmlPatchLines   = 48
	htmlSQLLines     = 16
	htmlLineWidth    = 300
	htmlLeanLines    = 2
	htmlLeanPlaces   = 12
	htmlPlaces       = 60
	htmlSteps        = 8
	htmlListed       = 200 // rows of patterns, suppressed findings, fixed findings, and appendix tables
)

var htmlPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"prose":    htmlProse,
	"plain":    func(v any) template.HTML { return htmlText(line(fmt.Sprint(v))) },
	"at":       func(p any) template.HTML { return htmlText(line(placeOf(p).at())) },
	"number":   number,
	"ms":       func(v float64) string { return quantity(v, "ms") },
	"count":    count,
	"ratio":    budgetRatio,
	"sev":      func(s Severity) string { return severityClass[min(s.Rank(), 3)] },
	"web":      webURL,
	"change":   func(c *Cost) string { return line(c.change()) },
	"per":      func(c *Cost) string { return line(c.per()) },
	"less":     (*Cost).ratio,
	"savings":  (*Cost).savings,
	"origin":   func(in Input) string { return line(in.origin()) },
	"evidence": EvidenceMeaning,
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

// addCards renders the findings within room bytes. While they do not fit, those of the last ranks are
// shown lean (without the lines around the place and the steps that lead to it), then in brief, then
// not at all. The document says what was shortened.
func (p *page) addCards(body []ranked, room int) error {
	const noteRoom = 1500 // the section's own heading and notes
	room -= noteRoom
	cards := make([]card, len(body))
	shown := make([][]byte, len(body))
	used := 0
	for i, f := range body {
		name := "folded"
		if i < htmlOpenCards {
			name = "full"
		}
		cards[i] = p.told.card(f)
		cards[i].HasSources = len(p.R.Sources) > 0
		b, err := p.render(name, cards[i])
		if err != nil {
			return err
		}
		shown[i] = b
		used += len(b) + 1
	}
	// shorten replaces cards from the last one upwards and returns the first rank that it touched.
	shorten := func(name string, change func(card) card) (first int, err error) {
		first = len(body) + 1
		for i := len(body) - 1; i >= htmlOpenCards && used > room; i-- {
			b, err := p.render(name, change(cards[i]))
			if err != nil {
				return 0, err
			}
			if len(b) < len(shown[i]) {
				used -= len(shown[i]) - len(b)
				shown[i] = b
			}
			first = i + 1
		}
		return first, nil
	}
	lean, err := shorten("folded", card.lean)
	if err != nil {
		return err
	}
	brief, err := shorten("brief", func(c card) card { return c })
	if err != nil {
		return err
	}
	last := len(body)
	for last > htmlOpenCards && used > room {
		last--
		used -= len(shown[last]) + 1
	}
	for _, b := range shown[:last] {
		p.Cards = append(p.Cards, template.HTML(b)) //nolint:gosec // rendered by html/template
	}
	p.Omitted = shortened(lean, min(brief, last+1), last, len(body))
	if len(body) > htmlOpenCards {
		p.PrintNote = fmt.Sprintf("On paper, findings from %d on are listed in brief; the HTML file holds them in full.", htmlOpenCards+1)
	}
	return nil
}

// shortened says what a small file costs: findings from lean on without the code around them, from brief
// on in a few lines, and none behind last.
func shortened(lean, brief, last, all int) string {
	if lean > all {
		return ""
	}
	var parts []string
	if lean < brief {
		parts = append(parts, ranks(lean, brief-1)+" without the code around them")
	}
	if brief <= last {
		parts = append(parts, ranks(brief, last)+" in brief")
	}
	s := "To keep this file small, it shows " + strings.Join(parts, " and ")
	if len(parts) == 0 {
		s = "To keep this file small, it ends here"
	}
	if last < all {
		s += ", and leaves out " + plural(all-last, "finding") + " of lower rank"
	}
	return s + ". The JSON and Markdown reports hold all of them in full."
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
const longestPiece = 24

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
