package render_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/report"
)

// one is a summary of a single table, as text of so many columns without folds, and as Markdown.
func one(t *testing.T, table render.Table) (text, markdown string) {
	t.Helper()
	s := &render.Summary{Tables: []render.Table{table}}
	s.Conclude()
	var a, b bytes.Buffer
	if err := errors.Join(render.Text(&a, s, render.TextOptions{Width: 200}), report.Markdown(&b, render.Report(s))); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(a.String()), " "), b.String()
}

func keyed(columns ...datadiff.PairedColumn) *datadiff.Pairing {
	p := &datadiff.Pairing{Key: 1, KeyFrom: "primary key", Unique: true, Columns: append([]datadiff.PairedColumn{column("id", "text", dialect.Text)}, columns...)}
	p.A.Table, p.B.Table = &dialect.Table{}, &dialect.Table{}
	return p
}

func TestWordsOfHashes(t *testing.T) {
	res := result(keyed(), datadiff.Portable)
	res.Ranges = 1
	if text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)); !strings.Contains(text, "1 range was compared by hashes computed on the servers: the chance that one that differs was taken for equal is at most 9e-19.") {
		t.Error(text) // 2^-60 is 8.67e-19
	}
	res.Ranges = 8 // 6.94e-18, which rounds up too, and to 7
	if text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)); !strings.Contains(text, "at most 7e-18") {
		t.Error(text)
	}
	res.Ranges = 11 // 9.54e-18, behind which comes 1e-17
	if text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)); !strings.Contains(text, "at most 1e-17") {
		t.Error(text)
	}
	res.Ranges = 5 // 4.34e-18, of which the nearest is below
	if text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)); !strings.Contains(text, "at most 5e-18") {
		t.Error(text)
	}
	if text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, nil, errors.New("it broke"))); strings.Contains(text, "hashes") {
		t.Errorf("a chance is stated for a table that could not be told: %s", text)
	}
}

func TestSpeedIsThatOfThisRun(t *testing.T) {
	res := result(keyed(), datadiff.Stream) // a million rows in 2.5 s
	res.EarlierRows, res.EarlierBytes, res.LinkBytes = [2]int64{750_000, 750_001}, [2]int64{45e6, 45e6}, [2]int64{}
	table := render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)
	text, _ := one(t, table)
	if want := "1,000,000 rows of A and 1,000,001 of B (750,000 and 750,001 of them by earlier runs) in 2.5 s: 100k rows/s, 4 MB/s;"; !strings.Contains(text, want) {
		t.Errorf("want %q in %s", want, text)
	}
	if table.Least != 0 || table.Earlier == nil || table.Earlier.A != 750_000 {
		t.Errorf("a limit of all rows is held against a part of them: %+v", table)
	}
}

func TestNoLimitForAssumedRows(t *testing.T) {
	res := result(keyed(), datadiff.Stream)
	res.Plan.Known = false
	table := render.NewTable(render.About{A: "t", B: "t"}, res, nil, nil)
	l := render.Limit(&render.Summary{Tables: []render.Table{table}})
	if l == nil || l.Seconds != 0 || l.Took != 2.5 {
		t.Errorf("limit %+v", l)
	}
}

// Values that differ in places that a line has no room for are shown from where they differ, and so are
// their blanks and quotes.
func TestExamplesShowWhereTheyDiffer(t *testing.T) {
	p := keyed(column("v", "text", dialect.Text))
	c := render.NewCollector(p)
	res := result(p, datadiff.Stream)
	res.Verdict, res.Changed = datadiff.Different, 3
	long := strings.Repeat("long ", 100)
	for i, pair := range [][2]string{{long + "x", long + "y"}, {"a   b", "a  b"}, {"it's", "its"}} {
		key := canon.AppendText(nil, strings.Repeat("key", 100)+string(rune('0'+i)))
		a, b := canon.AppendText(key, pair[0]), canon.AppendText(bytes.Clone(key), pair[1])
		if err := c.Add(datadiff.Difference{Kind: datadiff.Changed, Key: key, A: a, B: b}); err != nil {
			t.Fatal(err)
		}
	}
	text, markdown := one(t, render.NewTable(render.About{A: "t", B: "t"}, res, c, nil))
	for _, say := range []string{"long x'", "long y'", "key0'", "key1'", `'it\'s' → 'its'`} {
		if !strings.Contains(text, say) {
			t.Errorf("the text does not say %q: %s", say, text)
		}
	}
	for _, say := range []string{"long x'", "long y'", "key2'", "a␣␣␣b", "a␣␣b"} {
		if !strings.Contains(strings.ReplaceAll(markdown, `\`, ""), say) {
			t.Errorf("Markdown does not say %q: %s", say, markdown)
		}
	}
}

// What a product's text takes for granted is said beside that it is one.
func TestNotesOfInexactColumns(t *testing.T) {
	p := keyed(column("v", "any", dialect.Inexact, "an integer and the text of its digits count as one value", "compared by the text that each product prints"))
	text, _ := one(t, render.NewTable(render.About{A: "t", B: "t"}, result(p, datadiff.Stream), nil, nil))
	if !strings.Contains(text, "v: an integer and the text of its digits count as one value.") || strings.Count(text, "text that each product prints") != 1 {
		t.Error(text)
	}
}
