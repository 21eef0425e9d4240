package hazards

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rehearsed documents the findings that only a rehearsal makes. It has no check: the lint did not foresee
// what the server then did.
var Rehearsed = lint.Doc{
	ID:       "lock.rehearsed",
	Title:    "Waiting that only the rehearsal showed",
	Summary:  "In the rehearsal the statement kept reads or writes waiting for work that grows with the table, and the lint had not foreseen it.",
	Why:      "The lint predicts from the text and from what it knows of the schema. A trigger on DDL, a function of your own, a tablespace or an extension can make a statement do more; the server that ran it shows it.",
	Fix:      "Look at the lock and the work that the rehearsal saw, and take the recipe of the statement that does the same work: split off what can be done without the lock, and set a lock_timeout for the rest.",
	Wrong:    "Production's schema differs from the rehearsed one in what makes the work, or nobody uses the table while the migration runs.",
	Products: "PostgreSQL",
	Versions: "the rehearsed one",
	Lock:     "as seen",
	Work:     "as seen",
	Severity: report.High,
	Effort:   report.Migration,
	Refs:     []report.Reference{{Title: "PostgreSQL: explicit locking", URL: "https://www.postgresql.org/docs/current/explicit-locking.html"}},
}

// RehearsalFailed documents the findings about statements that failed in a rehearsal. It has no check either.
var RehearsalFailed = lint.Doc{
	ID:       "engine.rehearsal-failed",
	Title:    "Statement that fails",
	Summary:  "The statement ended in an error when it was rehearsed, and nothing that a scratch server lacks explains it.",
	Why:      "The deployment stops there. In a transaction all that stands before it is taken back and nothing behind it runs; without one half of the migration stays.",
	Fix:      "Mend the statement by the server's words, and rehearse again.",
	Wrong:    "Production's schema is not the one that was rehearsed: give it with --db, or with --schema from a dump.",
	Products: "PostgreSQL",
	Versions: "the rehearsed one",
	Lock:     "none in the end",
	Work:     "taken back",
	Severity: report.High,
	Effort:   report.OneLine,
	Refs:     []report.Reference{{Title: "PostgreSQL: error codes", URL: "https://www.postgresql.org/docs/current/errcodes-appendix.html"}},
}

// Docs returns what is documented: of every hazard, and of the findings of a rehearsal, in the order of the ids.
func Docs() []lint.Doc {
	out := []lint.Doc{Rehearsed, RehearsalFailed}
	for _, h := range All {
		out = append(out, h.Doc)
	}
	slices.SortFunc(out, func(a, b lint.Doc) int { return strings.Compare(a.ID, b.ID) })
	return out
}
