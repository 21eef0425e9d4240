package indexing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Events that a cost is counted by, besides "request" and "poll".
const (
	anyQuery   = "query"                  // nothing is known of what leads to it
	oneRun     = "run"                    // of a job, task or command
	adminVisit = "visit of an admin page" // somebody of the operator's staff
	oncePerson = "sign-up or recovery"    // once in the life of an account or an invitation
)

// Event names what leads to a query: a request, or something that happens less often.
func Event(q *Query) string {
	kind, _, _ := strings.Cut(q.Entry, " ")
	switch kind {
	case "job", "task", "mail", "search", "command", "worker", "cron", "schedule":
		return oneRun
	}
	switch {
	case administrative(q):
		return adminVisit
	case oneTime(q):
		return oncePerson
	case q.Entry == "" && (q.File.Role == project.Script || commandFile(q.File.Path) || purges(q)):
		return oneRun
	case q.Entry == "":
		return anyQuery
	}
	return "request"
}

// administrative reports whether only the operator's staff reaches the query, by the names of the entry
// point and of the folders that hold the code.
func administrative(q *Query) bool {
	words := cardinality.Words(strings.NewReplacer("/", "_", "#", "_", "@", "_", ":", "_").Replace(q.Entry))
	for _, dir := range strings.Split(q.File.Path, "/") {
		words = append(words, cardinality.Words(strings.TrimSuffix(dir, ".php"))...)
	}
	for _, w := range words {
		switch w {
		case "admin", "admins", "administration", "administrator", "backoffice", "staff", "superuser":
			return true
		}
	}
	return false
}

// purges reports whether the query deletes what is older than a time, as schedules do.
func purges(q *Query) bool {
	deletes := deleting[q.Terminal] || q.SQL != nil && q.SQL.Kind == sqlquery.Delete || q.Node.Symbol() == "prunable" || strings.HasSuffix(q.Node.Symbol(), ".prunable")
	if !deletes {
		return false
	}
	for _, c := range q.Conditions {
		if c.Op == sqlquery.Range && timed(c.Column) {
			return true
		}
	}
	return false
}

// commandFile reports whether a file lies where frameworks keep tasks and commands that people or
// schedules run.
func commandFile(path string) bool {
	if strings.HasSuffix(path, "/tasks.py") {
		return true
	}
	for _, dir := range []string{"/management/commands/", "/Console/", "/app/jobs/", "/Jobs/", "/workers/", "/lib/tasks/", "/cmd/", "/scripts/", "/bin/"} {
		if strings.Contains("/"+path, dir) {
			return true
		}
	}
	return false
}

// oneTime reports whether the query looks for a token that is used once.
func oneTime(q *Query) bool {
	for _, c := range q.Equal(false) {
		words := cardinality.Words(c.Name)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "invitation", "invite", "confirmation", "reset", "unlock", "activation", "verification":
			switch words[len(words)-1] {
			case "code", "token", "key", "hash", "digest":
				return true
			}
		}
	}
	return false
}

// Sizes from which a read of the whole table is felt: by each request, and by a run now and then.
const (
	manyRows = 1e5
	hugeRows = 5e6
)

// Severity of reading a whole table each time that an event happens: high where requests or polls do it
// on a table with many rows, low where few do or the table is small.
func Severity(p *rule.Pass, t *schema.Table, event string) report.Severity {
	rows := rowsOf(p, t.Name)
	switch {
	case rows < manyRows:
		return report.Low
	case event == "request" || event == "poll":
		return report.High
	case event == anyQuery || rows >= hugeRows:
		return report.Medium
	}
	return report.Low
}

// heat orders queries by how much their traffic weighs.
func heat(q *Query) int {
	switch Event(q) {
	case "request", "poll":
		return 3
	case anyQuery:
		return 2
	case oneRun:
		return 1
	}
	return 0
}
