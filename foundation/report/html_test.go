package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func toHTML(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLOf200FindingsIsSmall(t *testing.T) {
	for n, whole := range map[int]int{60: 60, 200: 200, 5000: 0} {
		out := toHTML(t, large(n))
		if len(out) > 500_000 {
			t.Errorf("%d findings take %d bytes", n, len(out))
		}
		got := strings.Count(out, `class="claim"`)
		if whole > 0 && got != whole {
			t.Errorf("%d findings fit (%d bytes) and yet only %d are shown whole", n, len(out), got)
		}
		if told := strings.Contains(out, "To keep this file small"); told != (n > 60) {
			t.Errorf("%d findings of %d bytes: shortening is told: %v", n, len(out), told)
		}
		t.Logf("%d findings: %d bytes, %d whole", n, len(out), got)
	}
}

// What is said of a rule is the same for all of its findings: the first card tells it, the others name
// that card.
func TestHTMLTellsTextsOfARuleOnce(t *testing.T) {
	r := large(5)
	r.Findings[3].Proof = "Another proof."
	out := toHTML(t, r)
	for text, want := range map[string]int{"Another layer already loads": 1, "point selects falls": 1, "Another proof.": 1, "as for <a href=\"#f1\">": 4} {
		if got := strings.Count(out, text); got != want {
			t.Errorf("%q stands %d times, want %d", text, got, want)
		}
	}
}

// The further places of a folded finding are a table of their own, a file once with all of its lines.
func TestHTMLGroupsPlacesOfAFoldedFinding(t *testing.T) {
	r := large(1)
	f := &r.Findings[0]
	for i := range 5 {
		f.Secondary = append(f.Secondary, Place{Path: fmt.Sprintf("app/%d.rb", i%2), StartLine: i + 1, EndLine: i + 1, Symbol: "list", Note: "Shop: owner", Fingerprint: fmt.Sprint(i)})
	}
	out := toHTML(t, r)
	for text, want := range map[string]int{"Also in 5 other places: Shop: owner": 1, "rowgroup>app/0.rb": 1, "rowgroup>app/1.rb": 1, "<td>5<td>list": 1, "How it comes about": 1} {
		if got := strings.Count(out, text); got != want {
			t.Errorf("%q stands %d times, want %d", text, got, want)
		}
	}
}

// Events share no axis: an hour per failed call is not more than a second per request.
func TestChartHoldsOneEvent(t *testing.T) {
	cost := func(now float64, event string) *Cost { return &Cost{Now: now, Fixed: 1, Unit: "ms", Event: event} }
	var body []ranked
	for i, c := range []*Cost{cost(3.6e6, "call"), cost(100, "request"), cost(50, "request"), nil} {
		body = append(body, ranked{Finding: &Finding{Title: fmt.Sprintf("title-%d", i), Cost: c}, Rank: i + 1})
	}
	drawn, note := costChart(body)
	if drawn == nil || strings.Contains(string(drawn.Wide), "title-0") || !strings.Contains(string(drawn.Wide), "title-2") || !strings.Contains(note, "share no axis") {
		t.Errorf("%v, %q", drawn, note)
	}
	if drawn, _ := costChart(body[2:]); drawn != nil {
		t.Error("bars of one length are drawn")
	}
}

// A finding of any size must not push the document over its bound.
func TestHTMLBoundsOneHugeFinding(t *testing.T) {
	r := large(10)
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Excerpt = &Excerpt{StartLine: 1, Lines: strings.Split(strings.Repeat(strings.Repeat("x", 5000)+"\n", 500), "\n")}
		f.Fix.Patch = strings.Repeat("+"+strings.Repeat("y", 3000)+"\n", 1000)
		f.Secondary = make([]Place, 5000)
	}
	if n := len(toHTML(t, r)); n > 500_000 {
		t.Errorf("ten huge findings take %d bytes", n)
	}
}

func TestHTMLEscapesForeignText(t *testing.T) {
	r := fixture()
	evil := "</code></pre></style><script>alert(1)</script><img src=x onerror=alert(1)>\"' javascript:alert(1) \x1b[31m\x00`<b>`"
	f := &r.Findings[0]
	for _, s := range []*string{&r.Title, &r.Subject, &r.Verdict.Headline, &f.Title, &f.Claim, &f.Primary.Path, &f.Primary.Symbol, &f.Primary.Note,
		&f.Excerpt.Lines[0], &f.Fix.Summary, &f.Fix.Patch, &f.Fix.SQL, &f.Cost.Unit, &f.Cost.Event, &f.Cost.Formula, &f.Cost.Inputs[0].Name,
		&f.References[0].Title, &r.Budget[0].Entry, &r.Rules[0].ID, &r.Appendix[0].Title, &r.System[0].Name, &r.Coverage.Rows[0].Kind} {
		*s = evil
	}
	f.Severity, f.References[0].URL, r.Rules[0].URL = Severity(evil), "javascript:alert(1)", "data:text/html,x"
	out := toHTML(t, r)
	for _, never := range []string{"<script", "<img", "onerror=alert(1)>", `href="javascript`, `href="data:text`, "\x1b", "\x00"} {
		if strings.Contains(out, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if got, want := strings.Count(out, "</style>"), 1; got != want {
		t.Errorf("%d style ends", got)
	}
}

func TestHTMLStructure(t *testing.T) {
	out := toHTML(t, fixture())
	for _, want := range []string{`<html lang="en">`, "<h1>", "<nav ", `<main id="main"`, "<header>", "<footer>", `class="skip"`, `role="img"`, `name="viewport"`, "<caption>"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, never := range []string{"<script", "http-equiv=\"refresh\"", "src=\"http", "@import", "url(", "ZgotmplZ", "<no value>", "%!"} {
		if strings.Contains(out, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(out, -1) {
		if seen[m[1]] {
			t.Errorf("id %q twice", m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(out, -1) {
		if !seen[m[1]] {
			t.Errorf("a link leads to #%s, which does not exist", m[1])
		}
	}
	level := 0
	for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(out, -1) {
		var n int
		_, _ = fmt.Sscan(m[1], &n)
		if n > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", n, level)
		}
		level = n
	}
	if tables, captions := strings.Count(out, "<table"), strings.Count(out, "<caption"); tables != captions {
		t.Errorf("%d tables, %d captions", tables, captions)
	}
	for _, want := range []string{"What changes in behaviour", "Roll out", "Roll back", "Wrong if", "Proof", "References", "replace with --rtt", "<ins>", "<del>", "<mark>", "CREATE INDEX CONCURRENTLY"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestMarkdownEscapesForeignText(t *testing.T) {
	r := fixture()
	r.Findings[0].Title = "a [link](http://evil.example) <img src=x> | cell `x|y` @team www.evil.example ~~x~~ \n# heading"
	r.Findings[0].Excerpt.Lines[0] = "```` fence ```` </details>"
	var b bytes.Buffer
	if err := Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, never := range []string{"](http://evil", "<img", "@team", "www.evil", "\n# heading", "\x1b"} {
		if strings.Contains(out, never) {
			t.Errorf("the document holds %q", never)
		}
	}
	if !strings.Contains(out, "`````text") {
		t.Error("a fence inside the excerpt ends the code block")
	}
}
