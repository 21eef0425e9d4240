package browsertest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
)

// fixture reads the report that the renderers' golden tests keep.
func fixture(t *testing.T) *report.Report {
	t.Helper()
	f, err := os.Open("../../foundation/report/testdata/golden/report.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := report.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writeHTML(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return writePage(t, b.String())
}

func writePage(t *testing.T, html string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestReport(t *testing.T) {
	b := Open(t)
	b.Check(t, writeHTML(t, fixture(t)), "report")
}

// The page of a diff has sections where that of an audit has findings.
func TestDiffReport(t *testing.T) {
	file, err := filepath.Abs("../../engine/datadiff/render/testdata/golden/diff.html")
	if err != nil {
		t.Fatal(err)
	}
	Open(t).Check(t, file, "diff")
}

// Words without a break, in every place that shows foreign text, must not widen the page.
func TestReportWithEndlessWords(t *testing.T) {
	b := Open(t)
	r := fixture(t)
	long := strings.Repeat("an_identifier_without_end", 20)
	f := &r.Findings[0]
	for _, s := range []*string{&r.Title, &r.Verdict.Headline, &r.Verdict.Paragraphs[0], &f.Title, &f.Claim, &f.Primary.Path, &f.Primary.Symbol,
		&f.Rule, &f.Excerpt.Lines[1], &f.Fix.Summary, &f.Fix.SQL, &f.Cost.Formula, &f.Cost.Event, &f.Cost.Inputs[0].Detail, &f.References[0].Title,
		&r.System[0].Name, &r.System[0].Value, &r.Budget[0].Entry, &r.Causes[0].Title, &r.Roadmap.Now[0].Title, &r.Good[0],
		&r.Coverage.Rows[0].Kind, &r.Coverage.Rows[0].Note, &r.Coverage.Notes[0], &r.Appendix[0].Rows[0][0], &r.Sources[0].Detail, &r.Rules[0].ID} {
		*s = long
	}
	file := writeHTML(t, r)
	for _, v := range Views() {
		if v.Dark {
			continue // colours do not move boxes
		}
		found, err := b.Measure(file, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found.Overflow {
			t.Errorf("%s: scrolls sideways: %s", v, s)
		}
	}
}

// TestShopReport looks at the report of a real audit, which has the texts that no fixture has.
func TestShopReport(t *testing.T) {
	b := Open(t)
	result, err := audit.Run(t.Context(), audit.Options{Root: "../../examples/shop", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(result.Report.Findings); n < 20 {
		t.Errorf("%d findings: too few for the page to show what a reader meets", n)
	}
	file := writeHTML(t, result.Report)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 500_000 {
		t.Errorf("the page takes %d bytes, more than 500 kB", info.Size())
	}
	b.Check(t, file, "shop")
}

func TestCleanReport(t *testing.T) {
	b := Open(t)
	r := &report.Report{SchemaVersion: 1, Tool: report.Tool{Name: "napkin", Version: "0.1.0"}, Kind: "audit", Title: "Audit of tiny", Subject: "tiny",
		Verdict: report.Verdict{Headline: "Little is wrong here."}}
	b.Check(t, writeHTML(t, r), "clean", View{320, false}, View{2560, true})
}

// The checks must be able to fail.
func TestLookSeesWhatIsWrong(t *testing.T) {
	b := Open(t)
	file := writePage(t, `<!DOCTYPE html><html><head><title>x</title></head><body><img src="missing.png"><div style="width:900px;color:#ccc;background:#fff">pale</div>
<script>console.error("said so"); throw new Error("thrown")</script></body></html>`)
	found, err := b.Look(file, View{Width: 320})
	if err != nil {
		t.Fatal(err)
	}
	console := strings.Join(found.Console, "\n")
	if !strings.Contains(console, "said so") || !strings.Contains(console, "thrown") || !strings.Contains(console, "missing.png") {
		t.Errorf("console: %q", console)
	}
	if len(found.Overflow) == 0 {
		t.Error("the wide element is not seen")
	}
	for _, want := range []string{"color-contrast", "image-alt", "html-has-lang"} {
		if !strings.Contains(strings.Join(found.Violations, "\n"), want) {
			t.Errorf("axe-core does not report %s: %v", want, found.Violations)
		}
	}
}

func TestReportPrints(t *testing.T) {
	b := Open(t)
	pdf, err := b.PDF(writeHTML(t, fixture(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Error("the print is not a PDF")
	}
	if dir := os.Getenv("NAPKIN_ARTIFACTS"); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "report.pdf"), pdf, 0o644); err != nil {
			t.Error(err)
		}
	}
}
