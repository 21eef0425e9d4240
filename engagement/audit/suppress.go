package audit

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/suppress"
)

// Suppression is a user's decision that findings of one rule need no action, with its reason.
type Suppression = suppress.Suppression

// Problem is a suppression that cannot be honoured, and why.
type Problem = suppress.Problem

// ParseInline is [suppress.ParseInline].
func ParseInline(file string, source []byte) ([]Suppression, []Problem) {
	return suppress.ParseInline(file, source)
}

// ParseSuppressTables is [suppress.ParseTables].
func ParseSuppressTables(file string, source []byte) ([]Suppression, []Problem, error) {
	return suppress.ParseTables(file, source)
}

// LoadSuppressions is [suppress.Load].
func LoadSuppressions(fsys fs.FS) ([]Suppression, []Problem) { return suppress.Load(fsys) }

func decide(by []Suppression, rule string, at report.Place, today time.Time) (holds, expired *Suppression) {
	return suppress.Decide(by, rule, at, today)
}

// idle says which suppressions no longer do what their author meant: those of a rule that does not
// exist, those that have expired while their findings are still there, and those that no finding needs.
// With a selection of rules only the first are known.
func idle(by []Suppression, claims []*claim, only []string, today time.Time) []string {
	today = suppress.Day(today)
	var out []string
	for _, s := range by {
		at := fmt.Sprintf("%s:%d", s.Place.Path, s.Place.StartLine)
		if CheckOnly([]string{s.Rule}, Rules()) != nil {
			out = append(out, fmt.Sprintf("%s: the suppression names %s, and no rule is called that; it suppresses nothing", at, s.Rule))
			continue
		}
		covered := 0
		for _, c := range claims {
			if s.Covers(c.Rule, place(c.Primary)) {
				covered++
			}
		}
		switch {
		case covered == 0 && len(only) == 0:
			out = append(out, fmt.Sprintf("%s: no finding needs the suppression of %s any more; it can go", at, s.Rule))
		case covered > 0 && !s.Until.IsZero() && today.After(s.Until):
			out = append(out, fmt.Sprintf("%s: the suppression of %s expired on %s; %d %s back (%s)", at, s.Rule,
				s.Until.Format(time.DateOnly), covered, plural(covered, "finding is", "findings are"), s.Reason))
		}
	}
	return out
}

// MatchRule is [suppress.MatchRule].
func MatchRule(pattern, id string) bool { return suppress.MatchRule(pattern, id) }
