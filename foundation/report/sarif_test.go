package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func toSARIF(t *testing.T, r *Report) ([]byte, sarifLog) {
	t.Helper()
	var b bytes.Buffer
	if err := SARIF(&b, r); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), log
}

func TestSARIFValidatesAgainstTheStandardsSchema(t *testing.T) {
	schema := sarifSchema(t)
	hostile := fixture()
	hostile.Findings[0].Primary = Place{Path: "../../etc/päss wd%[x]:1\x1b", StartLine: -4, EndLine: -9}
	hostile.Findings[1].Primary = Place{}
	hostile.Findings[2].Primary = Place{Path: "c:/x.rb", StartLine: 9, EndLine: 3}
	hostile.Findings[3].Rule = ""
	hostile.Rules[0].URL = "javascript:alert(1)"
	for name, r := range map[string]*Report{"fixture": fixture(), "hostile": hostile, "empty": {}, "large": large(200)} {
		b, _ := toSARIF(t, r)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The test must be able to fail.
	doc, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}`))
	if schema.Validate(doc) == nil {
		t.Error("the schema accepts a driver without a name: it is not being enforced")
	}
}

func TestSARIFSaysWhatTheReportSays(t *testing.T) {
	_, log := toSARIF(t, fixture())
	if len(log.Runs) != 1 || len(log.Runs[0].Results) != 14 {
		t.Fatalf("want one run with 14 results, got %d runs", len(log.Runs))
	}
	run := log.Runs[0]
	first := run.Results[0]
	if first.PartialFingerprints["napkin/v1"] != "a3f10c77be21" || first.PartialFingerprints["primaryLocationLineHash"] != "a3f10c77be21:1" {
		t.Errorf("fingerprints: %v", first.PartialFingerprints)
	}
	if first.Level != "error" || first.BaselineState != "unchanged" || run.Results[1].BaselineState != "new" {
		t.Errorf("level %q, states %q and %q", first.Level, first.BaselineState, run.Results[1].BaselineState)
	}
	if run.Tool.Driver.Rules[first.RuleIndex].ID != "db.n1-view" {
		t.Errorf("rule index %d names %q", first.RuleIndex, run.Tool.Driver.Rules[first.RuleIndex].ID)
	}
	if help := run.Tool.Driver.Rules[first.RuleIndex].Help; help == nil || !strings.Contains(help.Markdown, "```ruby") {
		t.Errorf("the rule's help is missing: %v", help)
	}
	if len(first.RelatedLocations) != 3 || *first.RelatedLocations[2].ID != 3 {
		t.Errorf("related locations: %v", first.RelatedLocations)
	}
	r := first.Fixes[0].Changes[0].Replacements[0]
	if r.Deleted.StartLine != 11 || r.Deleted.EndLine != 16 || !strings.Contains(r.Inserted.Text, "includes(:customer, :items)") || strings.Contains(r.Inserted.Text, "\n-") {
		t.Errorf("fix: %+v", r)
	}
	if uri := run.Results[3].Locations[0].Physical.Artifact.URI; uri != "app/jobs/export%20job%20%5Bv2%5D.rb" {
		t.Errorf("URI %q", uri)
	}
	last := run.Results[13]
	if len(last.Suppressions) != 1 || last.Suppressions[0].Justification != "There are 40 shops; until 2027-03-01" {
		t.Errorf("suppression: %+v", last.Suppressions)
	}
	if n := run.Invocations[0].Notifications; len(n) != 1 || !strings.Contains(n[0].Message.Text, "Partial") {
		t.Errorf("the partial run is not told: %v", n)
	}
}

func TestSARIFKeepsGitHubsLimits(t *testing.T) {
	r := large(sarifMaxResults + 7)
	r.Kind = "audit"
	r.Findings[0].Secondary = make([]Place, 500)
	r.Rules = []RuleInfo{{ID: "db.n1-view", Title: strings.Repeat("t", 5000), Summary: strings.Repeat("ü", 5000)}}
	r.Findings[0].Rule = strings.Repeat("a.", 40) + "z"
	r.Findings[1].Fingerprint = r.Findings[2].Fingerprint
	_, log := toSARIF(t, r)
	run := log.Runs[0]
	if len(run.Results) != sarifMaxResults {
		t.Errorf("%d results", len(run.Results))
	}
	if n := len(run.Results[0].RelatedLocations) + len(run.Results[0].Locations); n > sarifMaxLocations {
		t.Errorf("%d locations", n)
	}
	for _, rule := range run.Tool.Driver.Rules {
		if len(rule.Properties.Tags) > sarifMaxTags || len([]rune(rule.FullDescription.Text)) > sarifMaxDescription || len([]rune(rule.ShortDescription.Text)) > sarifMaxDescription {
			t.Errorf("rule %.20q is over a limit", rule.ID)
		}
	}
	if a, b := run.Results[1].PartialFingerprints, run.Results[2].PartialFingerprints; a["primaryLocationLineHash"] == b["primaryLocationLineHash"] {
		t.Errorf("equal fingerprints are not told apart: %v", a)
	}
	if n := run.Invocations[0].Notifications; len(n) != 2 || !strings.Contains(n[1].Message.Text, "7 findings") {
		t.Errorf("what was left out is not told: %v", n)
	}
}

func TestRelativeURI(t *testing.T) {
	for in, want := range map[string]string{
		"app/a b.rb": "app/a%20b.rb", "../../etc/passwd": "etc/passwd", "/abs/x": "abs/x", `win\x.go`: "win/x.go", "": ".", "c:/x": "./c:/x", "a#b?c": "a%23b%3Fc", "é.rb": "%C3%A9.rb",
	} {
		if got := relativeURI(in); got != want {
			t.Errorf("relativeURI(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParsePatchIsWholeOrNothing(t *testing.T) {
	good := "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- a comment\n+-- another\n y\n@@ -9,0 +10 @@\n+new\n\\ No newline at end of file\n"
	files, ok := parsePatch(good)
	if !ok || len(files) != 1 || len(files[0].hunks) != 2 {
		t.Fatalf("good patch refused: %v %+v", ok, files)
	}
	if h := files[0].hunks; h[0].text != "-- another\ny\n" || h[1].text != "new" {
		t.Errorf("hunks: %+v", h)
	}
	for _, bad := range []string{"", "hello", "--- a/x\n", "--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "--- /dev/null\n+++ b/y\n@@ -0,0 +1 @@\n+b\n", "--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n-a\n+b\n", "--- a/x\n+++ b/x\n", "@@ -1 +1 @@\n-a\n+b\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n?\n"} {
		if files, ok := parsePatch(bad); ok {
			t.Errorf("%q is taken for %s", bad, fmt.Sprint(files))
		}
	}
}
