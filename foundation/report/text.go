package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// TextOptions says how to print a report on a terminal.
type TextOptions struct {
	Width int       // columns of the terminal; taken into 40..200, 0 means 80
	Color bool      // write ANSI colours; without it the output holds no escape sequence at all
	Top   int       // how many findings to print; 0 means 10, a negative number means all
	SQL   bool      // print the SQL of fixes below their summary
	Files []Written // the files that hold the whole report, printed at the end
}

// Written is one file that the run left behind.
type Written struct {
	Name string // what it is: "HTML", "patches"
	Path string // where it is, relative to where the user stands
}

// Text prints the report for a terminal: the verdict, the first findings as compact cards, causes,
// coverage and where the files lie. Identifiers, code and paths are never broken inside: a line is wider
// than the width only where one word that has no slash, no dot and no space to break at is. Escape sequences and control characters of foreign text are removed.
func Text(w io.Writer, r *Report, o TextOptions) error {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = min(max(o.Width, 40), 200)
	if o.Top == 0 {
		o.Top = 10
	}
	out := bufio.NewWriter(w)
	t := &terminal{w: out, width: o.Width, color: o.Color, r: r, d: divide(r), explained: make(map[Input]bool), known: make(map[Input]bool)}
	t.document(o)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("report: writing the report: %w", err)
	}
	return nil
}

// proseMeasure bounds running text: longer lines are hard to read however wide the terminal is.
const proseMeasure = 100

// paneWidth is the width from which a card shows its cost beside its place and fix.
const paneWidth = 132

type terminal struct {
	sql   bool // print the SQL of fixes
	w     *bufio.Writer
	width int
	color bool
	r     *Report
	d     division

	explained map[Input]bool // inputs whose origin an earlier card told in full
	known     map[Input]bool
	rates     []Input // base rates that the cards used, in the order met
}

func (t *terminal) document(o TextOptions) {
	r := t.r
	t.sql = o.SQL
	t.headline()
	t.paragraphs()
	if len(t.d.body) > 0 {
		t.findings(o.Top)
	}
	t.sections(r.Sections)
	t.causes()
	t.fixed()
	t.coverage()
	if len(o.Files) > 0 {
		t.section("Files")
		wide := 0
		for _, f := range o.Files {
			wide = max(wide, displayWidth(line(f.Name)))
		}
		for _, f := range o.Files {
			t.labelled(line(f.Name), wide, line(f.Path), t.width)
		}
	}
	if r.Limit != nil {
		t.blank()
		t.labelled("limit", 5, quantity(r.Limit.Seconds, "s")+"  "+prose(r.Limit.Bound), t.width)
		took := quantity(r.Limit.Took, "s")
		if r.Limit.Seconds > 0 {
			took += "  " + decimals(r.Limit.Took/r.Limit.Seconds) + " × the limit"
		}
		t.labelled("took", 5, took, t.width)
	}
}

func (t *terminal) headline() {
	r := t.r
	left := line(orElse(r.Title, r.Kind))
	right := strings.TrimSpace(line(r.Tool.Name) + " " + line(r.Tool.Version))
	if r.Subject != "" && !strings.Contains(left, line(r.Subject)) {
		left += " · " + line(r.Subject)
	}
	t.edges(bold, left, dim, right)
	t.line(t.paint(dim, strings.Repeat("─", t.width)))
}

// edges prints left and right at the two margins, on two lines when they do not fit one.
func (t *terminal) edges(leftStyle style, left string, rightStyle style, right string) {
	gap := t.width - displayWidth(left) - displayWidth(right)
	if gap >= 2 {
		t.line(t.paint(leftStyle, left) + strings.Repeat(" ", gap) + t.paint(rightStyle, right))
		return
	}
	for _, l := range wrap(left, t.width) {
		t.line(t.paint(leftStyle, l))
	}
	for _, l := range wrap(right, t.width) {
		t.line(t.paint(rightStyle, l))
	}
}

func (t *terminal) paragraphs() {
	v := t.r.Verdict
	measure := min(t.width, proseMeasure)
	for _, l := range wrap(prose(v.Headline), measure) {
		t.line(t.paint(bold, l))
	}
	for _, p := range v.Paragraphs {
		t.blank()
		t.text("", prose(p), measure)
	}
	if v.Partial != "" {
		t.blank()
		for i, l := range wrap("Partial report: "+prose(v.Partial), measure-2) {
			lead := "! "
			if i > 0 {
				lead = "  "
			}
			t.line(t.paint(yellow, lead+l))
		}
	}
	var summary []string
	if len(t.d.body) == 0 && !t.d.sections {
		summary = append(summary, t.d.tallySentence())
	}
	if s := t.d.asideSentence(); s != "" {
		summary = append(summary, s)
	}
	if t.r.Baseline != nil {
		summary = append(summary, prose(t.r.Baseline.sentence()))
	}
	if len(summary) > 0 {
		t.blank()
		t.text("", strings.Join(summary, " "), measure)
	}
}

func (t *terminal) findings(top int) {
	body := t.d.body
	shown := body
	if top > 0 && len(body) > top {
		shown = body[:top]
	}
	title := plural(len(body), "finding")
	if len(shown) < len(body) {
		title = fmt.Sprintf("Top %d of %d findings", len(shown), len(body))
	}
	if s := t.d.tallyWords(); s != "" {
		title += " (" + s + ")"
	}
	t.section(title)
	levels := map[int]bool{}
	for i, f := range shown {
		if i > 0 {
			t.blank()
		}
		t.card(f)
		levels[f.Evidence] = true
	}
	t.blank()
	for level := range len(evidenceMeanings) {
		if levels[level] {
			t.muted(fmt.Sprintf("E%d  %s", level, EvidenceMeaning(level)))
		}
	}
	if len(t.rates) > 0 {
		t.blank()
		t.muted("Base rates in the costs above:")
		for _, in := range t.rates {
			for i, l := range wrap(line(in.statement())+": "+line(in.Detail)+" ("+string(in.Origin)+")", min(t.width, proseMeasure)-2) {
				if i > 0 {
					l = "  " + l
				}
				t.line(t.paint(dim, l))
			}
		}
	}
}

// card prints one finding: rank, title, severity, evidence; place; cost with inputs; fix.
func (t *terminal) card(f ranked) {
	rank := fmt.Sprintf("%2d", f.Rank)
	indent := displayWidth(rank) + 2
	badge := fmt.Sprintf("%s  E%d", strings.ToUpper(line(string(f.Severity))), f.Evidence)
	if f.Status == StatusNew {
		badge = "NEW  " + badge
	}
	wide := t.width >= paneWidth
	// The badge stands at the right margin, or over the right pane where there are two; the title
	// wraps to the left of it.
	room := t.width - indent - displayWidth(badge) - 2
	if wide {
		room, _ = t.paneWidths(indent)
	}
	for i, l := range balanced(prose(f.Title), room) {
		if i > 0 {
			t.line(strings.Repeat(" ", indent) + t.paint(bold, l))
			continue
		}
		gap := t.width - indent - displayWidth(l) - displayWidth(badge)
		if wide {
			gap = room + paneGap - displayWidth(l)
		}
		gap = max(gap, 2) // a word that does not fit pushes the badge out
		t.line(t.paint(dim, rank) + "  " + t.paint(bold, l) + strings.Repeat(" ", gap) + t.paint(severityStyle(f.Severity), badge))
	}
	what, figures := t.placeAndFix(f), t.figures(f)
	if wide {
		t.panes(indent, what, figures)
	} else {
		head := 1
		if len(what) > 1 && what[1].label == "why" {
			head = 2
		}
		for _, b := range append(append(append([]labelledText(nil), what[:head]...), figures...), what[head:]...) {
			t.labelledAt(indent, b, t.width)
		}
	}
	if t.sql {
		t.fixSQL(indent, f.Fix.SQL)
	}
}

// sqlShown bounds the lines of SQL that a card shows.
const sqlShown = 10

// foldSQL keeps the first lines and, of those behind, the comments: what each step locks and where there is no way back
// must not be what is left out. left counts the others.
func foldSQL(lines []string) (kept []string, left int) {
	if len(lines) <= sqlShown+1 {
		return lines, 0
	}
	kept = append(kept, lines[:sqlShown]...)
	for _, l := range lines[sqlShown:] {
		if strings.HasPrefix(l, "--") {
			kept = append(kept, l)
		} else {
			left++
		}
	}
	return kept, left
}

// fixSQL prints the SQL of a fix. A comment is wrapped; a line of code is one line of the screen: what is longer is cut
// here and whole in the other forms of the report.
func (t *terminal) fixSQL(indent int, text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] == "" {
		return
	}
	lines, left := foldSQL(lines)
	cut := false
	room := t.width - indent - labelWidth
	first := true
	put := func(s style, l string) {
		label := strings.Repeat(" ", labelWidth)
		if first {
			label, first = t.paint(dim, "sql")+strings.Repeat(" ", labelWidth-len("sql")), false
		}
		t.line(strings.Repeat(" ", indent) + label + t.paint(s, l))
	}
	for _, l := range lines {
		l = line(l)
		if comment, ok := strings.CutPrefix(l, "--"); ok {
			for i, part := range wrap(strings.TrimSpace(comment), room-len("--   ")) {
				if i == 0 {
					put(dim, "-- "+part)
				} else {
					put(dim, "--   "+part)
				}
			}
			continue
		}
		if displayWidth(l) > room {
			l, cut = ansi.Truncate(l, room, "..."), true
		}
		put(plain, l)
	}
	if left > 0 || cut {
		more := "cut here"
		if left > 0 {
			more = plural(left, "more line")
		}
		for _, l := range wrap(more+"; --format markdown shows all", room) {
			t.line(strings.Repeat(" ", indent+labelWidth) + t.paint(dim, l))
		}
	}
}

// placesNamed bounds how many further places of a finding a card names.
const placesNamed = 2

// labelledText is one labelled paragraph of a card.
type labelledText struct {
	label string
	text  string
	style style
}

func (t *terminal) placeAndFix(f ranked) []labelledText {
	place := line(f.Primary.at())
	if f.Primary.Symbol != "" {
		place += "  " + line(f.Primary.Symbol)
	}
	// Steps on the way to the problem are for the whole report; places with the same problem are told.
	if members := f.members(); len(members) > 0 {
		var also []string
		for _, p := range members[:min(len(members), placesNamed)] {
			also = append(also, line(p.at()))
		}
		place += "  also " + strings.Join(also, ", ")
		if left := len(members) - len(also); left > 0 {
			place += " and " + plural(left, "other place")
		}
	}
	out := []labelledText{{"where", place, cyan}}
	if claim := prose(f.Claim); t.sql && claim != "" {
		out = append(out, labelledText{"why", claim, plain})
	}
	fix := prose(f.Fix.Summary)
	if e := f.effortLine(); e != "" {
		fix = strings.TrimSpace(fix + " (" + line(e) + ")")
	}
	if fix != "" {
		out = append(out, labelledText{"fix", fix, plain})
	}
	return out
}

func (t *terminal) figures(f ranked) []labelledText {
	var out []labelledText
	if c := f.Cost; c != nil && !f.guessed() {
		cost := c.change()
		if c.Event != "" {
			cost += " " + line(c.per())
		}
		if s := c.ratio(); s != "" {
			cost += " (" + s + ")"
		}
		if s := c.savings(); s != "" {
			cost += "; " + s
		}
		out = append(out, labelledText{"cost", cost, plain})
		if inputs := t.inputs(c); len(inputs) > 0 {
			out = append(out, labelledText{"from", strings.Join(inputs, "; "), dim})
		}
	}
	if len(f.Facts) > 0 {
		facts, known := make([]string, 0, len(f.Facts)), []string(nil)
		for _, fact := range f.Facts {
			said := line(fact.Name) + " " + line(fact.Value)
			if t.sql && (fact.Name == "versions" || fact.Name == "evidence" || fact.Name == "judged for") {
				known = append(known, said)
			} else {
				facts = append(facts, said)
			}
		}
		if len(facts) > 0 {
			out = append(out, labelledText{line(f.Facts[0].Group), strings.Join(facts, "; "), plain})
		}
		if len(known) > 0 {
			out = append(out, labelledText{"known", strings.Join(known, "; "), dim})
		}
	}
	if f.Cliff != "" {
		out = append(out, labelledText{"risk", prose(f.Cliff), plain})
	}
	return out
}

// inputs tells what a cost rests on and the reader can change, with its reason where it is met first.
// Rates of hardware and software are the same for all findings: they are explained once, below the
// last card.
func (t *terminal) inputs(c *Cost) []string {
	var out []string
	for _, group := range c.knobs() {
		in := group[0]
		names := make([]string, len(group))
		for i := range group {
			names[i] = line(group[i].Name)
		}
		origin := string(in.Origin)
		if !t.explained[in] {
			t.explained[in] = true
			origin = in.origin()
		}
		in.Name = strings.Join(names, " = ")
		out = append(out, line(in.statement())+" ("+line(origin)+")")
	}
	for _, in := range c.rates() {
		if !t.known[in] {
			t.known[in] = true
			t.rates = append(t.rates, in)
		}
	}
	return out
}

// panes prints two blocks side by side. A line of the left one that is wider than its pane stands alone,
// and the right one goes on below it.
func (t *terminal) panes(indent int, left, right []labelledText) {
	leftWidth, rightWidth := t.paneWidths(indent)
	l, r := t.paneLines(left, leftWidth), t.paneLines(right, rightWidth)
	for len(l) > 0 || len(r) > 0 {
		s, used := strings.Repeat(" ", indent), 0
		if len(l) > 0 {
			s, used = s+l[0].painted, l[0].width
			l = l[1:]
		}
		if len(r) > 0 && used <= leftWidth {
			s += strings.Repeat(" ", leftWidth-used+paneGap) + r[0].painted
			r = r[1:]
		}
		t.line(s)
	}
}

const paneGap = 3

func (t *terminal) paneWidths(indent int) (left, right int) {
	room := t.width - indent - paneGap
	left = room * 45 / 100
	return left, room - left
}

type paneLine struct {
	painted string
	width   int
}

const labelWidth = 7

func (t *terminal) paneLines(blocks []labelledText, width int) []paneLine {
	var out []paneLine
	for _, b := range blocks {
		for i, l := range wrap(b.text, width-labelWidth) {
			label := strings.Repeat(" ", labelWidth)
			if i == 0 {
				label = t.paint(dim, b.label) + strings.Repeat(" ", max(0, labelWidth-len(b.label)))
			}
			out = append(out, paneLine{label + t.paint(b.style, l), labelWidth + displayWidth(l)})
		}
	}
	return out
}

func (t *terminal) labelledAt(indent int, b labelledText, width int) {
	for _, l := range t.paneLines([]labelledText{b}, min(width-indent, proseMeasure+20)) {
		t.line(strings.Repeat(" ", indent) + l.painted)
	}
}

// causesShown bounds the causes on a terminal; the files hold all.
const causesShown = 6

func (t *terminal) causes() {
	if len(t.r.Causes) == 0 {
		return
	}
	t.section("Causes: habits behind several findings")
	for i, c := range t.r.Causes {
		if i == causesShown && len(t.r.Causes) > causesShown+1 {
			t.muted("  and " + plural(len(t.r.Causes)-i, "other"))
			break
		}
		s := sentence(prose(c.Title))
		if c.Detail != "" {
			s += " " + prose(c.Detail)
		}
		if refs := t.d.findingsOf(c.Findings); refs != "" {
			s = strings.TrimSuffix(s, ".") + " (" + refs + ")."
		}
		t.hanging("• ", s, min(t.width, proseMeasure))
	}
}

func (t *terminal) fixed() {
	b := t.r.Baseline
	if b == nil || len(b.Fixed) == 0 {
		return
	}
	t.section("Fixed since the last report")
	for i, f := range b.Fixed {
		if i == 5 {
			t.muted("  and " + plural(len(b.Fixed)-i, "other"))
			break
		}
		t.hanging("✓ ", prose(f.Title)+"  "+line(f.Primary.Path), t.width)
	}
}

// noteRoom is the least width of a note beside its row; with less it stands below.
const noteRoom = 16

func (t *terminal) coverage() {
	c := t.r.Coverage
	if len(c.Rows) == 0 && len(c.Notes) == 0 {
		return
	}
	t.section("Coverage")
	head := []string{"", "files", "read", "skipped", "lines"}
	rows := [][]string{head}
	for _, row := range c.Rows {
		rows = append(rows, []string{line(row.Kind), count(row.Files), count(row.Read), count(row.Skipped), count(row.Lines)})
	}
	widths := make([]int, len(head))
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], displayWidth(s))
		}
	}
	widths[0] = min(widths[0], max(t.width-60+18, 10))
	for n, row := range rows {
		if len(rows) == 1 {
			break
		}
		var b strings.Builder
		for i, s := range row {
			s = cut(s, widths[i])
			pad := strings.Repeat(" ", widths[i]-displayWidth(s))
			if i == 0 {
				b.WriteString("  " + s + pad)
			} else {
				b.WriteString("  " + pad + s)
			}
		}
		if n == 0 {
			t.line(t.paint(dim, b.String()))
			continue
		}
		note := prose(c.Rows[n-1].Note)
		if note == "" {
			t.line(b.String())
			continue
		}
		used := displayWidth(b.String())
		if t.width-used < noteRoom {
			t.line(b.String())
			for _, l := range wrap(note, t.width-4) {
				t.line("    " + t.paint(dim, l))
			}
			continue
		}
		for i, l := range wrap(note, min(t.width, used+2+proseMeasure)-used-2) {
			if i == 0 {
				t.line(b.String() + "  " + t.paint(dim, l))
			} else {
				t.line(strings.Repeat(" ", used+2) + t.paint(dim, l))
			}
		}
	}
	for _, n := range c.Notes {
		t.hanging("  • ", prose(n), min(t.width, proseMeasure))
	}
}
