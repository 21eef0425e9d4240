package offer

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Fixed is [For] and [Fix] in one, for [lint.Walker.Offer]. Where there is a reason against a recipe, the fix
// holds it as its rollout.
func Fixed(summary string, w *lint.World, st *lint.Step, a *statement.Action, im *predict.Impact) (report.Fix, bool) {
	recipe, reason, ok := For(w, st, a, im)
	if !ok {
		return report.Fix{Summary: summary, Rollout: reason}, reason != ""
	}
	return Fix(summary, &recipe), true
}

// Fix writes a recipe as the fix of a finding: the SQL of its steps with what each locks, how it is rolled
// out, and how it is taken back. summary is kept.
func Fix(summary string, r *rewrite.Recipe) report.Fix {
	f := report.Fix{Summary: summary, SQL: sql(r), Rollback: rollback(r)}
	f.Behaviour = strings.Join(r.Differs, " ")
	rollout := []string{"Each step is a migration of its own; a step that does not get its lock in time is run again after a pause, with no transaction open in between."}
	for _, q := range r.Preflight {
		rollout = append(rollout, "Ask first: "+oneLine(q.SQL)+"; "+q.Says)
	}
	for i, s := range r.Steps {
		if s.Says != "" {
			rollout = append(rollout, fmt.Sprintf("Step %d: %s", i+1, s.Says))
		}
		if s.NoReturn {
			rollout = append(rollout, fmt.Sprintf("There is no way back after step %d.", i+1))
		}
	}
	f.Rollout = strings.Join(append(rollout, r.Notes...), "\n")
	return f
}

func sql(r *rewrite.Recipe) string {
	var b strings.Builder
	limited := false // the session has a lock_timeout
	for i, s := range r.Steps {
		fmt.Fprintf(&b, "-- %d. %s", i+1, s.Title)
		var locks []string
		for _, l := range s.Locks {
			locks = append(locks, l.String())
		}
		if len(locks) > 0 {
			fmt.Fprintf(&b, ": %s", strings.Join(locks, "; "))
		}
		switch s.Kind {
		case rewrite.Deploy, rewrite.Tool:
			b.WriteByte('\n')
			for _, line := range s.SQL {
				b.WriteString("-- " + line + "\n")
			}
			continue
		case rewrite.Batches:
			b.WriteByte('\n')
			writeBatches(&b, s.Backfill)
			continue
		}
		if !s.Transaction {
			b.WriteString(" (outside of a transaction)")
		}
		b.WriteByte('\n')
		if t := s.Ladder.LockTimeout(); t > 0 {
			fmt.Fprintf(&b, "SET lock_timeout = '%dms';\n", t.Milliseconds())
			limited = true
		} else if limited {
			b.WriteString("SET lock_timeout = 0;\n")
			limited = false
		}
		together := s.Transaction && len(s.SQL) > 1
		if together {
			b.WriteString("BEGIN;\n")
		}
		for _, q := range s.SQL {
			b.WriteString(strings.TrimRight(q, "; \n") + ";\n")
		}
		if together {
			b.WriteString("COMMIT;\n")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// writeBatches says what a backfill runs again and again; a script with a loop of its own would hide its pace.
func writeBatches(b *strings.Builder, f *rewrite.Backfill) {
	keys := make([]string, len(f.Key))
	for i, k := range f.Key {
		keys[i] = k.Name
	}
	fmt.Fprintf(b, "-- again and again, each in a transaction of its own, from %d rows on, by ranges of (%s):\n", f.Rows, strings.Join(keys, ", "))
	fmt.Fprintf(b, "-- UPDATE %s SET %s WHERE (%s) > last AND (%s) <= next", f.Table, f.Set, strings.Join(keys, ", "), strings.Join(keys, ", "))
	if f.Where != "" {
		fmt.Fprintf(b, " AND (%s)", f.Where)
	}
	b.WriteByte('\n')
}

func rollback(r *rewrite.Recipe) string {
	var steps []string
	for i := len(r.Steps) - 1; i >= 0; i-- {
		for _, q := range r.Steps[i].Undo {
			steps = append(steps, strings.TrimRight(q, "; \n")+";")
		}
	}
	return strings.Join(steps, "\n")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
