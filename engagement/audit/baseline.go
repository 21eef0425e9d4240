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
			if strings.Contains(r.ID, strings.Trim(pattern, "*.")) && len(near) < 3 {
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
