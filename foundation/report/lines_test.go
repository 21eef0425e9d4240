package report

import (
	"bytes"
	"strings"
	"testing"
)

// TestLines holds what a section with figures over time says in each form.
func TestLines(t *testing.T) {
	one, two := 1234.5, 20.0
	r := &Report{SchemaVersion: SchemaVersion, Kind: "model", Title: "A model", Verdict: Verdict{Headline: "One table."}, Sections: []Appendix{{
		Title: "revenue by month", Head: []string{"month", "revenue"}, Rows: [][]string{{"2025-01", "1,234.5"}, {"2025-02", "-"}, {"2025-03", "20"}}, Labels: 1,
		Lines: []*Lines{
			{Title: "revenue by month", Places: []string{"2025-01", "2025-02", "2025-03"}, Series: []Series{{Label: "rev<enue", Values: []*float64{&one, nil, &two}}}},
			{Title: "share by month", Places: []string{"2025-01", "2025-02", "2025-03"}, Series: []Series{{Label: "share", Values: []*float64{&one, &one, &one}}}},
		},
	}}}
	var page, text, json bytes.Buffer
	if err := HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`class="line line0"`, `aria-labelledby="lines0-0-w-t lines0-0-w-d"`, `<figcaption>share by month</figcaption>`, "rev&lt;enue", `<th scope="col" class="n">revenue</th>`, `<th scope="col">month</th>`, `<td class="n" data-h="revenue">1,234.5</td>`, "Lines over 3 places: rev&lt;enue from 1,2"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if err := Markdown(&text, r); err != nil {
		t.Fatal(err)
	}
	if want := "| month | revenue |\n| --- | ---: |\n| 2025-01 | 1,234.5 |\n"; !strings.Contains(text.String(), want) {
		t.Errorf("the table is missing:\n%s", text.String())
	}
	if err := JSON(&json, r); err != nil {
		t.Fatal(err)
	}
	back, err := ReadJSON(&json)
	if err != nil {
		t.Fatal(err)
	}
	if l := back.Sections[0].Lines; len(l) != 2 || *l[0].Series[0].Values[0] != one || l[0].Series[0].Values[1] != nil || back.Sections[0].Labels != 1 {
		t.Errorf("read back: %+v", back.Sections[0])
	}
}
