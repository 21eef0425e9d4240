package audit

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

func TestShowsSecret(t *testing.T) {
	head := "diff --git a/app/a.rb b/app/a.rb\n--- a/app/a.rb\n+++ b/app/a.rb\n@@ -1,3 +1,3 @@\n"
	for name, c := range map[string]struct {
		diff string
		want bool
	}{
		"none":                          {head + " a\n-b\n+c\n d\n", false},
		"context":                       {head + " PASSWORD = \"Zq81xT-hunter2\"\n-b\n+c\n", true},
		"removed line":                  {head + "-redis = Redis.new(url: \"redis://:Zq81xThunter@cache\")\n+c\n", true},
		"with a carriage return":        {head + " a\r\n API_KEY = \"Zq81xT-hunter2\"\r\n-b\r\n+c\r\n", true},
		"only in another file's syntax": {strings.ReplaceAll(head, "a.rb", "a.yml") + " password: Zq81xTq\n-b\n+c\n", true},
		"second hunk":                   {head + " a\n-b\n+c\n@@ -9,2 +9,2 @@\n-x\n+y\n TOKEN = \"ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8\"\n", true},
		"second file":                   {head + " a\n-b\n+c\n" + strings.ReplaceAll(head, "a.rb", "b.rb") + " secret_key = \"Zq81xT-hunter2\"\n-x\n+y\n", true},
		"a reference":                   {head + " PASSWORD = ENV.fetch(\"PASSWORD\")\n-b\n+c\n", false},
	} {
		if got := showsSecret(c.diff); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestClaimsAreMasked(t *testing.T) {
	const secret = "Zq81xThunter2"
	quote := "calls https://shop:" + secret + "@example.com without a timeout"
	f := &rule.Finding{Title: quote, Claim: quote, Cliff: quote, WrongIf: quote, Primary: rule.Place{Note: quote}, Secondary: []rule.Place{{Note: quote}},
		Fix: report.Fix{Summary: quote, SQL: "SELECT 1;\n-- " + quote, Behaviour: quote}, Cost: &report.Cost{Inputs: []report.Input{{Detail: quote}}}}
	mask(f)
	for name, s := range map[string]string{"title": f.Title, "claim": f.Claim, "risk": f.Cliff, "doubt": f.WrongIf, "note": f.Primary.Note, "second note": f.Secondary[0].Note,
		"fix": f.Fix.Summary, "SQL": f.Fix.SQL, "behaviour": f.Fix.Behaviour, "input": f.Cost.Inputs[0].Detail} {
		if strings.Contains(s, secret) || !strings.Contains(s, "calls https://shop:") {
			t.Errorf("%s: %q", name, s)
		}
	}
}
