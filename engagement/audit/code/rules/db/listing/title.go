package listing

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Title says what is wrong behind the function, task or command where it is: that a reader knows.
func Title(f *project.File, n syntax.Ref, what string) string {
	at := n.Symbol()
	if f.Lang == "python" && strings.HasPrefix(at, "Command.") && path.Base(path.Dir(f.Path)) == "commands" {
		at = strings.TrimSuffix(path.Base(f.Path), ".py")
	}
	if at == "" {
		return strings.ToUpper(what[:1]) + what[1:]
	}
	return at + ": " + what
}

// Memory is the cost of holding the rows of a table against a batch of them, where the size of the table
// was given. One assumed size against another is no figure that anybody should weigh: there it is nil.
func Memory(p *rule.Pass, rows report.Input, object, event string) *report.Cost {
	if rows.Origin == report.Assumed {
		return nil
	}
	return p.Cost.Memory(rows, 1000, object, event)
}

// Event names what a query's cost is paid for: a request where one reaches it, else a run of the task
// or command.
func Event(entry string) string {
	for _, kind := range []string{"task ", "job ", "command ", "signal ", "mail "} {
		if strings.HasPrefix(entry, kind) {
			return "run"
		}
	}
	return "call"
}
