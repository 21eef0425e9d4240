package audit

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/foundation/report"
)

// Compare marks each finding of current as new or still there against an earlier report of the same
// code base, and lists what was fixed. name says what current is compared with. only narrows the
// earlier report to the rules that current looked for; empty means all.
//
// When current is partial, nothing counts as fixed: what was not found may not have been looked at.
func Compare(current, earlier *report.Report, name string, only []string) {
	before := make(map[string]int)
	for _, f := range earlier.Findings {
		if selected(f.Rule, only) && f.Status != report.StatusSuppressed {
			before[f.Fingerprint]++
		}
	}
	result := &report.Baseline{Against: name}
	for i := range current.Findings {
		f := &current.Findings[i]
		if f.Status == report.StatusSuppressed { // accepted is neither new nor fixed
			if before[f.Fingerprint] > 0 {
				before[f.Fingerprint]--
			}
			continue
		}
		if before[f.Fingerprint] > 0 {
			before[f.Fingerprint]--
			f.Status = report.StatusStill
			result.Still++
			continue
		}
		f.Status = report.StatusNew
		result.New++
	}
	if current.Verdict.Partial == "" {
		for _, f := range earlier.Findings {
			if before[f.Fingerprint] > 0 {
				before[f.Fingerprint]--
				f.Status = report.StatusFixed
				result.Fixed = append(result.Fixed, f)
			}
		}
	}
	current.Baseline = result
}

func selected(rule string, only []string) bool {
	if len(only) == 0 {
		return true
	}
	for _, pattern := range only {
		if MatchRule(pattern, rule) {
			return true
		}
	}
	return false
}

// CheckOnly returns an error that names the first pattern of --only which selects no rule.
func CheckOnly(only []string, rules []report.RuleInfo) error {
	for _, pattern := range only {
		hit := false
		var near []string
		for _, r := range rules {
			if MatchRule(pattern, r.ID) {
				hit = true
				break
			}
			if word := strings.Trim(pattern, "*."); len(near) < 3 && (strings.Contains(r.ID, word) || distance(r.ID, word) <= 3) {
				near = append(near, r.ID)
			}
		}
		if !hit {
			hint := "`napkin explain` lists the rules"
			if len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "?"
			}
			return fmt.Errorf("no rule is named %q; %s", pattern, hint)
		}
	}
	return nil
}

// distance is the number of letters to insert, delete or replace to get from one word to the other
// (Levenshtein, 1965).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
