package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var csvHead = []string{
	"rank", "fingerprint", "rule", "severity", "evidence", "confidence", "title", "path", "line", "symbol",
	"claim", "cost_now", "cost_fixed", "cost_unit", "cost_event", "effort", "fix", "patch", "status", "priority",
}

// CSV writes one row a finding, in rank order, for import into an issue tracker (RFC 4180, UTF-8).
// A cell that a spreadsheet would take for a formula starts with an apostrophe. Patterns (E0) and
// suppressed findings come last with an empty rank.
func CSV(w io.Writer, r *Report) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return fmt.Errorf("report: writing CSV: %w", err)
	}
	d := divide(r)
	for _, group := range [][]ranked{d.body, d.patterns, d.suppressed} {
		for _, f := range group {
			if err := out.Write(csvRow(f)); err != nil {
				return fmt.Errorf("report: writing CSV: %w", err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("report: writing CSV: %w", err)
	}
	return nil
}

func csvRow(f ranked) []string {
	rank, patch := "", "no"
	if f.Rank > 0 {
		rank = strconv.Itoa(f.Rank)
	}
	if f.Fix.hasPatch() {
		patch = "yes"
	}
	var now, fixed, unit, event string
	if c := f.Cost; c != nil {
		now, fixed = exact(c.Now), exact(c.Fixed)
		unit, event = cell(c.Unit), cell(c.Event)
	}
	lineNumber := ""
	if f.Primary.StartLine > 0 {
		lineNumber = strconv.Itoa(f.Primary.StartLine)
	}
	return []string{
		rank, cell(f.Fingerprint), cell(f.Rule), cell(string(f.Severity)), "E" + strconv.Itoa(f.Evidence), exact(f.Confidence),
		cell(f.Title), cell(f.Primary.Path), lineNumber, cell(f.Primary.Symbol), cell(f.Claim),
		now, fixed, unit, event, cell(string(f.Effort)), cell(f.Fix.Summary), patch, cell(string(f.Status)), exact(f.Priority),
	}
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// cell cleans text for a spreadsheet.
func cell(s string) string {
	s = line(s)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
