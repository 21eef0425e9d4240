package report_test

import (
	"os"

	"github.com/napkin-infra/napkin/foundation/report"
)

// A report is a tree of values; each renderer writes the whole of it.
func ExampleText() {
	r := &report.Report{
		SchemaVersion: report.SchemaVersion, Tool: report.Tool{Name: "napkin", Version: "0.1.0"},
		Kind: "audit", Title: "Audit of shop",
		Verdict: report.Verdict{Headline: "The order list breaks first."},
		Findings: []report.Finding{{
			Fingerprint: "a3f1", Rule: "db.n1-view", Title: "Each order loads its customer", Severity: report.High, Evidence: 2,
			Effort: report.OneLine, Primary: report.Place{Path: "app/orders.rb", StartLine: 14},
			Cost: &report.Cost{Now: 51, Fixed: 2, Unit: "statements", Event: "request",
				Inputs: []report.Input{{Name: "R", Value: 50, Unit: "rows", Origin: report.Read, Detail: "config/pagy.rb:3"}}},
			Fix: report.Fix{Summary: "Add `.includes(:customer)`."},
		}},
	}
	if err := report.Text(os.Stdout, r, report.TextOptions{Width: 72}); err != nil {
		panic(err)
	}
	// Output:
	// Audit of shop                                               napkin 0.1.0
	// ────────────────────────────────────────────────────────────────────────
	// The order list breaks first.
	//
	// 1 finding (1 high)
	//  1  Each order loads its customer                               HIGH  E2
	//     where  app/orders.rb:14
	//     cost   51 → 2 statements per request (26 times less)
	//     from   R = 50 rows (read: config/pagy.rb:3)
	//     fix    Add .includes(:customer). (one line)
	//
	// E2  reached from a named entry point
}
