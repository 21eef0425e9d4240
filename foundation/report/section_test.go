package report

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// comparison is a report of sections alone, with a chart of intervals, a table that is too wide for a narrow
// terminal and hostile text.
func comparison() *Report {
	return &Report{SchemaVersion: SchemaVersion, Tool: Tool{"napkin", "0.1.0"}, Kind: "review", Title: "Review of the decision: SQLite or PostgreSQL", Subject: "0007.md",
		Verdict: Verdict{Headline: "One claim needs an experiment.", Paragraphs: []string{"The record chooses sqlite."}},
		Sections: []Appendix{
			{
				Title: "Outcome: write", Text: "On write, sqlite and postgres are within noise: P(sqlite shorter) = 66 %.",
				Head: []string{"option", "median", "90 % of draws between", "from"},
				Rows: [][]string{{"sqlite", "4.29 ms", "0.463 ms and 56.7 ms", "line 38"}, {"postgres", "8.84 ms", "1.6 ms and 83.3 ms", "line 43"}},
				Chart: &Intervals{Title: "Write by option", Unit: "ms", LimitName: "<= 50 ms demanded", Limit: 50, Rows: []Interval{
					{"sqlite", 0.463, 4.29, 56.7}, {"postgres", 1.6, 8.84, 83.3},
				}},
			},
			{
				Title: "Outcome: cost", Head: []string{"option", "median"}, Rows: [][]string{{"sqlite", "$63.3/month"}, {"postgres", "$127/month"}},
				Chart: &Intervals{Title: "Cost by option", Unit: "$/month", Rows: []Interval{{"sqlite", 61.6, 63.3, 66.4}, {"postgres", 123, 127, 133}}},
			},
			{
				Title: "Claims", Head: []string{"claim", "verdict", "left side", "right side", "true with", "rests on"},
				Rows: [][]string{{"`1 / sqlite.commit.durable > 5k/s` at synchronous=FULL, one row a commit (line 48)", "needs an experiment", "125/s to 10000/s", "> 5000/s", "13 %",
					"sqlite.commit.durable: 500 µs (100 µs to 8 ms), published, 2026-11-23"}},
			},
			{Title: "Taking it back", Rows: [][]string{{"cost to undo", "two weeks <script>alert(1)</script> \x1b[31m"}, {"point of no return", "when a second node has to write | not before"}}},
		},
	}
}

func TestSectionsGolden(t *testing.T) {
	for _, g := range []struct {
		file  string
		write func(io.Writer, *Report) error
	}{
		{"sections.json", JSON}, {"sections.md", Markdown}, {"sections.html", HTML},
		{"sections-80.txt", sectionsAt(80)}, {"sections-200.txt", sectionsAt(200)},
	} {
		t.Run(g.file, func(t *testing.T) {
			var b bytes.Buffer
			if err := g.write(&b, comparison()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", g.file)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; write it with go test ./foundation/report -run Golden -update", err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("the rendering differs from %s at byte %d; look at the difference, then run with -update", path, firstDifference(b.Bytes(), want))
			}
			if text := b.String(); strings.Contains(text, "\x1b") || strings.Contains(text, "<script>alert") && strings.HasSuffix(g.file, "l") {
				t.Errorf("%s: hostile text stands as it came", g.file)
			}
		})
	}
}

func sectionsAt(width int) func(io.Writer, *Report) error {
	return func(w io.Writer, r *Report) error { return Text(w, r, TextOptions{Width: width}) }
}

// TestWideTablesBecomeLists: a row whose cells would wrap into tall narrow columns is a list of its cells on
// a narrow terminal and a row on a wide one.
func TestWideTablesBecomeLists(t *testing.T) {
	for _, c := range []struct {
		width int
		list  bool
	}{{60, true}, {80, true}, {200, false}} {
		var b bytes.Buffer
		if err := sectionsAt(c.width)(&b, comparison()); err != nil {
			t.Fatal(err)
		}
		if listed := strings.Contains(b.String(), "    verdict: needs an experiment"); listed != c.list {
			t.Errorf("width %d: a list %v, want %v:\n%s", c.width, listed, c.list, b.String())
		}
		for l := range strings.Lines(b.String()) {
			if n := displayWidth(strings.TrimRight(l, "\n")); n > c.width {
				t.Errorf("width %d: a line of %d columns: %q", c.width, n, l)
			}
		}
	}
}
