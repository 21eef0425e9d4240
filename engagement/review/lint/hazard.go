// Package lint judges migrations without a server: it walks over their statements, predicts what each
// does to the schema as it stands before it, and asks the hazards what of it is dangerous.
//
// A [Hazard] is one unit of knowledge: a documentation value, a check and testdata, in a folder of its own
// under engagement/review/hazards. A check reads the [Pass]; it parses nothing and keeps no state.
//
// What a reader may rely on: a table that the change itself creates or empties is silent, and so is one
// that is known to be small; each finding says lock, work, who waits, and how that is known; one cause is
// one finding, however many places it has. What was not understood is a note and never a finding.
package lint

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Doc is what a hazard says of itself. The catalogue, `napkin explain`, docs/hazards.md and the metadata
// of SARIF are made from it.
type Doc struct {
	ID       string // "lock.create-index"
	Title    string // noun phrase, no full stop
	Summary  string // one sentence: what it finds
	Why      string // what happens in production, with the mechanism
	Fix      string // what to run instead
	Wrong    string // when the finding is wrong
	Products string // "PostgreSQL", "MySQL, MariaDB"
	Versions string // "all", "before 12", "14.0 to 14.3"
	Lock     string // the lock that it is about, or "none"
	Work     string // the work under it, or "catalog only"
	Severity report.Severity
	Effort   report.Effort
	Before   string // an example, and what to run instead
	After    string
	Refs     []report.Reference
}

// Hazard is one unit of knowledge. Exactly one of the checks is set: Statement is called for each judged
// statement, before it is applied to the schema; File behind the last statement of each judged file; Change
// once, behind all.
type Hazard struct {
	Doc       Doc
	Statement func(*Pass)
	File      func(*Pass)
	Change    func(*Pass)
}

// Pass is what a check reads.
type Pass struct {
	World *World
	Step  *Step   // of a statement check
	File  *File   // of a statement or file check
	Files []*File // all judged files so far

	hazard *Hazard
	out    func(Finding)
}

// Step is one statement of a migration.
type Step struct {
	File      *File
	Index     int // in the file
	Statement *split.Statement
	Actions   []statement.Action
	Impacts   []predict.Impact // one for each action
	// RefusedBy is the impact because of which the server refuses the whole statement; nil when it does not.
	RefusedBy *predict.Impact
	// InTransaction: it runs in a transaction with others, the tool's or one that the file opens.
	InTransaction bool
	// Explicit: that transaction was opened by the file itself.
	Explicit bool
	// Held are the locks that statements before it took in the same transaction, on tables that others use.
	Held []Hold
	// LockTimeout and StatementTimeout are what is set for it: "" not set, "0" off, else as written.
	LockTimeout      string
	StatementTimeout string
	// SearchPath are the schemas that SET search_path names for it; nil where nothing sets it.
	SearchPath []string
	// Status of the table of each action, before the statement.
	Status []Status
}

// Hold is a lock that a transaction holds.
type Hold struct {
	Table string
	Lock  effect.Lock
	Step  *Step
}

// Finding is what a check reports; what it leaves out is taken from the Doc, the step and the impact.
type Finding struct {
	Title   string
	Claim   string
	Step    *Step
	Action  *statement.Action // nil for the whole statement
	Impact  *predict.Impact   // nil when no lock is at stake
	At      *split.Position   // instead of a step: a place in File
	File    *File
	Subject string // table or object, for the fingerprint
	Fix     string
	Sev     report.Severity
	// Cause folds findings: equal ones become one with many places, under the title Together with %d for
	// their number.
	Cause    string
	Together string
	// Also are further steps that the finding is about, with a note each.
	Also []Related
}

// Related is another place of a finding.
type Related struct {
	Step *Step
	Note string
}

// Report adds a finding.
func (p *Pass) Report(f Finding) {
	if f.Step == nil && f.File == nil {
		f.Step = p.Step
	}
	if f.Step != nil {
		f.File = f.Step.File
	}
	p.out(f)
}

// Status says how much a table concerns others.
type Status uint8

// Statuses of a table. Only Live ones are worth a finding about locks and load; see [Pass.Concerns].
const (
	Live  Status = iota
	New          // created by the change under review
	Empty        // emptied by it
	Small        // known to be small, see World.SmallRows
	None         // the action is about no table, or about a temporary one
)

// Impacts calls f for each impact of the step on a table that others use and, of the hazards about locks
// and load, on one that is not small.
func (p *Pass) Impacts(f func(a *statement.Action, im *predict.Impact)) {
	for i := range p.Step.Impacts {
		if p.Concerns(p.Step.Status[i]) {
			f(&p.Step.Actions[i], &p.Step.Impacts[i])
		}
	}
}

// Concerns says whether a table of that status matters to the hazard. Size excuses locks and load, as the
// work is short; what breaks running code, loses data or fails does so on a small table too.
func (p *Pass) Concerns(s Status) bool {
	if s != Small {
		return s == Live
	}
	family, _, _ := strings.Cut(p.hazard.Doc.ID, ".")
	return slices.Contains([]string{"compat", "concurrent", "data", "engine"}, family)
}

// Actions calls f for each action of the step, with the status of its table.
func (p *Pass) Actions(f func(a *statement.Action, im *predict.Impact, s Status)) {
	for i := range p.Step.Actions {
		f(&p.Step.Actions[i], &p.Step.Impacts[i], p.Step.Status[i])
	}
}

// Exclusive is the lock that stops readers of a table in use and that the transaction holds already, or nil.
func (p *Pass) Exclusive() *Hold {
	if !p.Step.InTransaction {
		return nil
	}
	for i := range p.Step.Held {
		if held := &p.Step.Held[i]; held.Lock == effect.AccessExclusive && p.World.Live(held.Table) {
			return held
		}
	}
	return nil
}

// Harmful is the check of the hazards that are one kind of statement: reads or writes of a table that
// others use wait for work that grows with it.
func Harmful(kinds ...predict.Kind) func(*Pass) {
	return func(p *Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			for _, k := range kinds {
				if im.Kind == k && im.Harm() {
					p.Report(Finding{Action: a, Impact: im})
				}
			}
		})
	}
}

// OfKind is the check of the hazards that are one kind of statement, whatever it locks.
func OfKind(kinds ...predict.Kind) func(*Pass) {
	return func(p *Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			for _, k := range kinds {
				if im.Kind == k && !im.Refused {
					p.Report(Finding{Action: a, Impact: im})
				}
			}
		})
	}
}
