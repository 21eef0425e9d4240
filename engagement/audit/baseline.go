package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/napkin-infra/napkin/foundation/report"
)

// Compare marks each finding of current as new or still there against an earlier report of the same
// code base, and lists what was fixed. name says what current is compared with. only narrows the
// earlier report to the rules that current looked for; empty means all.
//
// Findings are compared by the single claims that were folded into them: one that gained a place is new,
// and says which place; one that lost some is still there. A claim that only moved between body and
// appendix, because options or rates changed, is neither new nor fixed. When current is partial, or did
// not read the file, nothing counts as fixed: what was not found may not have been looked at.
func Compare(current, earlier *report.Report, name string, only []string) {
	before, now := known(earlier), known(current)
	unread := map[string]bool{}
	for _, path := range current.Unread {
		unread[path] = true
	}
	if earlier.Tool.Version != current.Tool.Version {
		name += " by version " + earlier.Tool.Version
	}
	result := &report.Baseline{Against: name}
	for i := range current.Findings {
		f := &current.Findings[i]
		if f.Status == report.StatusSuppressed { // accepted is neither new nor fixed
			continue
		}
		fresh := 0
		for _, m := range members(f) {
			if !before[m] {
				fresh++
			}
		}
		if fresh == 0 {
			f.Status = report.StatusStill
			result.Still++
			continue
		}
		f.Status = report.StatusNew
		result.New++
		if fresh < len(members(f)) {
			f.Claim = strings.TrimSpace(fmt.Sprintf("%s New since %s: %s.", f.Claim, name, freshPlaces(f, before, fresh)))
		}
	}
	if current.Verdict.Partial == "" {
		for _, f := range earlier.Findings {
			if f.Status == report.StatusSuppressed || !selected(f.Rule, only) || unread[f.Primary.Path] || slices.ContainsFunc(members(&f), func(m string) bool { return now[m] }) {
				continue
			}
			f.Status = report.StatusFixed
			result.Fixed = append(result.Fixed, f)
		}
	}
	current.Baseline = result
}

// members are the single claims of a finding.
func members(f *report.Finding) []string {
	if len(f.Members) == 0 {
		return []string{f.Fingerprint}
	}
	return f.Members
}

// known are all claims of a report.
func known(r *report.Report) map[string]bool {
	out := make(map[string]bool, len(r.Claims))
	for _, c := range r.Claims {
		out[c] = true
	}
	for i := range r.Findings {
		for _, m := range members(&r.Findings[i]) {
			out[m] = true
		}
	}
	return out
}

// freshPlaces names the places of a finding's new claims, as far as they have places of their own.
func freshPlaces(f *report.Finding, before map[string]bool, n int) string {
	var out []string
	for _, p := range append([]report.Place{f.Primary}, f.Secondary...) {
		if p.Fingerprint != "" && !before[p.Fingerprint] && len(out) < 3 {
			out = append(out, where(p))
		}
	}
	if len(out) == 0 || len(out) < n && len(out) < 3 {
		return fmt.Sprintf("%d of its %d claims", n, len(members(f)))
	}
	s := strings.Join(out, ", ")
	if n > len(out) {
		s += fmt.Sprintf(" and %d more", n-len(out))
	}
	return s
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
			if word := strings.Trim(pattern, "*."); len(near) < 3 && (strings.Contains(r.ID, word) || levenshtein.Distance(r.ID, word, nil) <= 3) {
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
