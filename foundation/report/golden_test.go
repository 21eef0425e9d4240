package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// renderings are all forms of the fixture that are kept as golden files.
var renderings = []struct {
	file  string
	write func(io.Writer, *Report) error
}{
	{"report.json", JSON},
	{"report.md", Markdown},
	{"report.html", HTML},
	{"report.sarif", SARIF},
	{"report.csv", CSV},
	{"report-60.txt", textAt(60, false)},
	{"report-80.txt", textAt(80, false)},
	{"report-200.txt", textAt(200, false)},
	{"report-colour.txt", textAt(100, true)},
}

func textAt(width int, color bool) func(io.Writer, *Report) error {
	return func(w io.Writer, r *Report) error {
		return Text(w, r, TextOptions{Width: width, Color: color, Files: []Written{
			{"HTML", ".napkin/report.html"}, {"JSON", ".napkin/report.json"}, {"patches", ".napkin/patches/"},
		}})
	}
}

func TestGolden(t *testing.T) {
	for _, g := range renderings {
		t.Run(g.file, func(t *testing.T) {
			var b bytes.Buffer
			if err := g.write(&b, fixture()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", g.file)
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
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
		})
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// A renderer must not change the report, and must give the same bytes each time.
func TestRenderersArePure(t *testing.T) {
	for _, g := range renderings {
		r := fixture()
		var before, first, second, after bytes.Buffer
		for _, step := range []struct {
			write func(io.Writer, *Report) error
			to    *bytes.Buffer
		}{{JSON, &before}, {g.write, &first}, {g.write, &second}, {JSON, &after}} {
			if err := step.write(step.to, r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two renderings of one report differ", g.file)
		}
		if !bytes.Equal(before.Bytes(), after.Bytes()) {
			t.Errorf("%s: rendering changed the report", g.file)
		}
	}
}

// The clean report is short: it neither pads nor shows empty sections.
func TestCleanReportIsShort(t *testing.T) {
	r := &Report{SchemaVersion: 1, Tool: Tool{"napkin", "0.1.0"}, Kind: "audit", Title: "Audit of tiny", Subject: "tiny",
		Verdict:  Verdict{Headline: "Little is wrong here."},
		Coverage: Coverage{Rows: []CoverageRow{{Kind: "Go", Files: 3, Read: 3, Lines: 120}}}}
	for _, c := range []struct {
		name  string
		write func(io.Writer, *Report) error
		most  int
	}{{"text", textAt(80, false), 900}, {"markdown", Markdown, 600}, {"html", HTML, len(pageStyle) + 3000}} {
		var b bytes.Buffer
		if err := c.write(&b, r); err != nil {
			t.Fatal(err)
		}
		if b.Len() > c.most {
			t.Errorf("%s: a clean report takes %d bytes, at most %d expected:\n%s", c.name, b.Len(), c.most, b.String())
		}
		for _, never := range []string{"Roadmap", "Causes", "Appendix", "<no value>", "%!"} {
			if bytes.Contains(b.Bytes(), []byte(never)) {
				t.Errorf("%s: a clean report mentions %q", c.name, never)
			}
		}
	}
}
