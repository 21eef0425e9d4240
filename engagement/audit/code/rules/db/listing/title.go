package listing

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
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
