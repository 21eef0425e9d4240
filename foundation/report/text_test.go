package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func renderText(t *testing.T, r *Report, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextFitsEveryWidth(t *testing.T) {
	for width := 40; width <= 200; width++ {
		for i, l := range strings.Split(renderText(t, fixture(), TextOptions{Width: width, Top: -1, Files: []Written{{"HTML", strings.Repeat("deep/", 60) + "report.html"}}}), "\n") {
			if w := displayWidth(l); w > width && !unbroken(l, width) {
				t.Errorf("width %d: line %d takes %d columns: %q", width, i+1, w, l)
			}
			if strings.TrimRight(l, " ") != l {
				t.Errorf("width %d: line %d ends in spaces: %q", width, i+1, l)
			}
		}
	}
}

func TestTextWidthIsBounded(t *testing.T) {
	for _, c := range []struct{ asked, same int }{{0, 80}, {1, 40}, {-3, 40}, {1000, 200}} {
		if renderText(t, fixture(), TextOptions{Width: c.asked}) != renderText(t, fixture(), TextOptions{Width: c.same}) {
			t.Errorf("width %d is not treated as %d", c.asked, c.same)
		}
	}
}

// Without colour nothing may reach the terminal but text: foreign escapes are removed. With colour the
// only sequences are our own SGR ones.
func TestTextHoldsNoForeignEscapes(t *testing.T) {
	r := fixture()
	evil := "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1bPq\x1b\\ \u009b31m\x07\x08\r\x00\x7f \u202eabc \xff\xfe \x1b"
	for _, s := range []*string{&r.Title, &r.Subject, &r.Tool.Version, &r.Verdict.Headline, &r.Verdict.Paragraphs[0], &r.Verdict.Partial,
		&r.Findings[0].Title, &r.Findings[0].Claim, &r.Findings[0].Fix.Summary, &r.Findings[0].Primary.Path, &r.Findings[0].Primary.Symbol,
		&r.Findings[0].Cliff, &r.Findings[0].Cost.Event, &r.Findings[0].Cost.Unit, &r.Findings[0].Cost.Inputs[0].Name, &r.Findings[0].Cost.Inputs[0].Unit,
		&r.Findings[0].Cost.Inputs[0].Detail, &r.Causes[0].Title, &r.Causes[0].Detail, &r.Coverage.Rows[0].Kind, &r.Coverage.Rows[0].Note,
		&r.Coverage.Notes[0], &r.Baseline.Against, &r.Baseline.Fixed[0].Title, &r.Baseline.Fixed[0].Primary.Path, &r.Limit.Bound} {
		*s = "A" + evil + "Z"
	}
	r.Findings[0].Severity, r.Findings[0].Effort = Severity("x"+evil), Effort("y"+evil)
	files := []Written{{Name: "H" + evil, Path: "P" + evil}}
	for _, color := range []bool{false, true} {
		out := renderText(t, r, TextOptions{Width: 100, Color: color, Files: files})
		for _, own := range []style{bold, dim, red, boldRed, yellow, cyan, "0"} {
			if color {
				out = strings.ReplaceAll(out, "\x1b["+string(own)+"m", "")
			}
		}
		for i, c := range out {
			if c != '\n' && (c < 0x20 || c >= 0x7f && c < 0xa0 || isBidiControl(c)) {
				t.Fatalf("colour %v: control character %U at byte %d: %q", color, c, i, out[max(0, i-40):min(len(out), i+10)])
			}
		}
		if strings.Contains(out, "owned") || strings.Contains(out, "[2J") {
			t.Errorf("colour %v: the body of an escape sequence was printed", color)
		}
		if !strings.Contains(out, "link") {
			t.Errorf("colour %v: text between escape sequences was lost", color)
		}
	}
}

func TestBlock(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "a\tb\nc", "a\tb\nc"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"private CSI", "\x1b[?25lx", "x"},
		{"title", "\x1b]0;t\x07x", "x"},
		{"title, ST", "\x1b]0;t\x1b\\x", "x"},
		{"title without end", "\x1b]0;t\nx", "\nx"},
		{"CSI without end", "a\x1b[31", "a"},
		{"broken CSI keeps what follows", "\x1b[3\nx", "\nx"},
		{"C1 CSI", "\u009b31mx", "x"},
		{"charset", "\x1b(Bx", "x"},
		{"lone escape", "a\x1b", "a"},
		{"escape before text", "\x1béx", "éx"},
		{"CRLF", "a\r\nb", "a\nb"},
		{"lone CR", "good\rbad", "good\nbad"},
		{"bidi", "a\u202eb", "a⟨U+202E⟩b"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"BOM", "\ufeffa", "a"},
		{"backspace", "ab\x08c", "abc"},
		{"wide", "日本", "日本"},
	} {
		if got := block(c.in); got != c.want {
			t.Errorf("%s: block(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzBlock(f *testing.F) {
	for _, s := range []string{"", "\x1b[31mx", "\x1b]0;a\x07b", "\u009d\u009c", "\xff\x1b", "a\u202eb\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := block(s)
		for _, c := range out {
			if c != '\n' && c != '\t' && (c < 0x20 || c >= 0x7f && c < 0xa0 || isBidiControl(c)) {
				t.Fatalf("block(%q) = %q holds %U", s, out, c)
			}
		}
		if again := block(out); again != out {
			t.Fatalf("block is not stable: %q, %q", out, again)
		}
		for width := 8; width < 40; width += 7 {
			for _, l := range wrap(line(s), width) {
				if displayWidth(l) > width && !unbroken(l, width) {
					t.Fatalf("wrap(%q, %d) gives %q of %d columns", line(s), width, l, displayWidth(l))
				}
			}
		}
	})
}

// A word of a megabyte, which a minified file may hold, takes time in proportion to its length.
func TestWrapIsLinear(t *testing.T) {
	began := time.Now()
	n := 1 << 20 // a quadratic wrap would take minutes; the race detector makes a linear one ten times slower
	lines := wrap(strings.Repeat("x", n), 80)
	if want := n/longestWord + 1; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("wrapping %d bytes took %s", n, took)
	}
}

func TestTopLimitsTheCards(t *testing.T) {
	out := renderText(t, fixture(), TextOptions{Width: 80, Top: 3})
	if !strings.Contains(out, "Top 3 of 12 findings") || strings.Contains(out, "\n 4  ") {
		t.Errorf("--top 3 is not followed:\n%s", out)
	}
	if out := renderText(t, fixture(), TextOptions{Width: 80, Top: -1}); !strings.Contains(out, "\n12  ") {
		t.Error("a negative top does not print all findings")
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{quantity(0.08, "ms"), "80 µs"}, {quantity(0.5, "ms"), "0.5 ms"}, {quantity(90, "s"), "90 s"}, {quantity(999.96, "ms"), "1 s"}, {quantity(2180, "ms"), "2.18 s"}, {quantity(90_000, "ms"), "1.5 min"},
		{quantity(3360, "MB"), "3.36 GB"}, {quantity(0, "ms"), "0 ms"}, {quantity(1, "statements"), "1 statement"}, {quantity(1, "queries"), "1 query"},
		{quantity(51, "statements"), "51 statements"}, {quantity(2.4e6, "rows"), "2.4 million rows"}, {quantity(12_345, "rows"), "12,345 rows"},
		{quantity(120, "$/month"), "$120 per month"}, {quantity(1.25, ""), "1.25"}, {quantity(0.0123, "x"), "0.0123 x"}, {number(1e20), "1e+20"},
		{number(-1234), "-1,234"}, {number(3e9), "3 billion"},
		{(&Cost{Now: 51, Fixed: 2, Unit: "statements"}).change(), "51 → 2 statements"},
		{(&Cost{Now: 2, Fixed: 1, Unit: "statements"}).change(), "2 → 1 statements"},
		{(&Cost{Now: 1200, Fixed: 5, Unit: "ms"}).change(), "1.2 s → 5 ms"},
		{(&Cost{Now: 5, Fixed: 0, Unit: "ms"}).change(), "5 → 0 ms"},
		{(&Cost{Now: 40, Fixed: 10, Unit: "$/month"}).change(), "$40 per month → $10 per month"},
		{(&Cost{Now: 51, Fixed: 2}).gain(), "26 times less"}, {(&Cost{Now: 10, Fixed: 9}).gain(), "10 % less"}, {(&Cost{Now: 5, Fixed: 2}).gain(), "2.5 times less"},
		{(&Cost{Now: 5}).gain(), "gone"}, {(&Cost{Now: 5, Fixed: 10}).gain(), "100 % more"}, {(&Cost{Now: 5, Fixed: 5}).gain(), "the same on average"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// unbroken holds for a line that is too wide only because its last word has no place to break.
func unbroken(l string, width int) bool {
	fields := strings.Fields(l)
	last := fields[len(fields)-1]
	return displayWidth(last) <= longestWord && displayWidth(l)-displayWidth(last) < width && len(breakWord(last, width)) == len(last)
}

func TestWrapKeepsWordsWhole(t *testing.T) {
	for _, c := range []struct {
		name, in string
		width    int
		want     []string
	}{
		{"spaces", "one two three", 8, []string{"one two", "three"}},
		{"a path breaks behind a slash", "see app/controllers/a_long_path_without_spaces.rb:12 now", 20, []string{"see", "app/controllers/", "a_long_path_without_spaces.rb:12", "now"}},
		{"a path that fits a line of its own is whole", "see app/a_path.rb:12", 16, []string{"see", "app/a_path.rb:12"}},
		{"an identifier is whole", "a variantlistingpromotionrule__promotion_rule here", 20, []string{"a", "variantlistingpromotionrule__promotion_rule", "here"}},
		{"a call goes on before a dot", ".select_related(variant).order_by(created).first()", 24, []string{".select_related(variant)", ".order_by(created)", ".first()"}},
		{"a method", "OrderConfirmationJob.perform_later", 24, []string{"OrderConfirmationJob", ".perform_later"}},
		{"a number and an ellipsis", "1234567.1234567 abcdefg...hijklmn", 8, []string{"1234567.1234567", "abcdefg...hijklmn"}},
		{"code between backticks", "load them: `.includes(:customer, :items)` at once", 36, []string{"load them:", "`.includes(:customer, :items)` at", "once"}},
		{"code longer than a line", "`select_related(\"a\", \"b\", \"c\")`", 20, []string{"`select_related(\"a\",", "\"b\", \"c\")`"}},
		{"an address", "https://example.com/guides/index", 20, []string{"https://example.com/", "guides/index"}},
		{"wide text", "日本語のキーを読む", 8, []string{"日本語の", "キーを読", "む"}},
	} {
		if got := wrap(c.in, c.width); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBalancedHasNoLoneLastWord(t *testing.T) {
	got := balanced("The order list loads the customer and the items once for each of them", 60)
	if want := []string{"The order list loads the customer", "and the items once for each of them"}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A cost that rests on nothing but assumptions is no figure for a reader: the outage is told.
func TestGuessedOutageShowsNoCost(t *testing.T) {
	r := fixture()
	f := &r.Findings[2]
	f.Cost = &Cost{Now: 3.6e6, Fixed: 0.5, Unit: "ms", Event: "call", Inputs: []Input{{Name: "O", Value: 3.6e6, Unit: "ms", Origin: Assumed, Detail: "until the process restarts"}}}
	if out := renderText(t, r, TextOptions{Width: 80}); strings.Contains(out, "1 h →") || !strings.Contains(out, "risk") {
		t.Error("the cost is shown")
	}
	f.Cost.Inputs[0].Origin = Flag
	if out := renderText(t, r, TextOptions{Width: 80}); !strings.Contains(out, "1 h →") {
		t.Error("a cost from what the reader said is not shown")
	}
}

// TestTextRecipe: on a narrow terminal the comments of a recipe are whole, also those behind the last line of code that
// is shown, and the claim stands in the card.
func TestTextRecipe(t *testing.T) {
	var sql strings.Builder
	for i := range 9 {
		fmt.Fprintf(&sql, "-- %d. A step that takes a lock for a moment. Outside a transaction. SHARE UPDATE EXCLUSIVE on orders, lock timeout 1 s.\nALTER TABLE orders DO SOMETHING %d;\n", i+1, i+1)
	}
	sql.WriteString("-- No way back from here on.\n")
	r := &Report{Title: "t", Findings: []Finding{{Title: "A finding", Claim: "The reason why.", Severity: High, Evidence: 1, Fix: Fix{Summary: "Do it.", SQL: sql.String()},
		Facts: []Fact{{Group: "effect", Name: "lock", Value: "SHARE"}, {Group: "effect", Name: "versions", Value: "all"}}}}}
	var out strings.Builder
	if err := Text(&out, r, TextOptions{Width: 80, SQL: true}); err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(strings.ReplaceAll(out.String(), "--  ", " ")), " ")
	for _, want := range []string{"9. A step", "on orders, lock timeout 1 s. -- 8.", "No way back from here on.", "why The reason why.", "known versions all", "4 more lines; --format markdown shows all"} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestTextLongLine: a line of SQL is cut at the width, however long it is. Cutting it character by character took half a
// minute for this one.
func TestTextLongLine(t *testing.T) {
	r := &Report{Title: "t", Findings: []Finding{{Title: "A finding", Severity: High, Evidence: 1, Fix: Fix{SQL: "CHECK " + strings.Repeat("(", 500_000)}}}}
	for _, l := range strings.Split(renderText(t, r, TextOptions{Width: 80, SQL: true}), "\n") {
		if displayWidth(l) > 80 {
			t.Errorf("%d columns: %.90s", displayWidth(l), l)
		}
	}
}
