package cronoverlap

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

func laravel(p *rule.Pass, f *project.File) {
	if !strings.HasSuffix(f.Path, "Kernel.php") && !strings.HasSuffix(f.Path, "routes/console.php") && !strings.HasSuffix(f.Path, "bootstrap/app.php") {
		return
	}
	for call := range f.Tree.Root().Descendants(syntax.Call) {
		period, ok := frequencies[call.Str()]
		if !ok {
			continue
		}
		top := call
		for up := top.Parent(); up.Is(syntax.Call, syntax.Member) && top.Role() == syntax.Receiver; up = top.Parent() {
			top = up
		}
		command, guard := syntax.Ref{}, syntax.Ref{}
		for _, n := range top.Chain() {
			switch n.Str() {
			case "command", "exec":
				command = n
			case "withoutOverlapping":
				guard = n
			}
		}
		if !command.Ok() {
			continue
		}
		name := commandName(command.Arg(0))
		if strings.HasPrefix(name, "horizon:") || strings.HasPrefix(name, "queue:") || strings.HasPrefix(name, "telescope:") || strings.HasPrefix(name, "pulse:") {
			continue // the framework's own, of a moment
		}
		if constantWork(p.Project, name) {
			continue
		}
		out := rule.Finding{
			Title:   fmt.Sprintf("Task `%s` may overlap with itself", name),
			Claim:   fmt.Sprintf("`%s` starts every %s without `withoutOverlapping()`: a run that takes longer has a second one beside it.", name, words(period)),
			Primary: rule.At(f, call, ""), Subject: name, Evidence: 1, Confidence: deploy.Confidence(f, 0.55), Cause: "laravel-overlap:" + f.Path,
		}
		expiry := expiryOf(period)
		if guard.Ok() {
			given, err := strconv.Atoi(guard.Arg(0).Str())
			if err != nil || time.Duration(given)*time.Minute > period {
				continue
			}
			out.Claim = fmt.Sprintf("`%s` starts every %s and its `withoutOverlapping(%d)` gives the lock back after %d minutes: a run that still goes then has a second one beside it.", name, words(period), given, given)
			out.Cause = ""
			out.Fix = report.Fix{Summary: fmt.Sprintf("Let the lock live longer than the longest run: `->withoutOverlapping(%d)`.", expiry), Behaviour: "A start that comes while the last run still goes is skipped; after a crash the lock stays until it expires."}
			out.Edits = []patch.Edit{{Path: f.Path, Start: int(guard.Arg(0).Start()), End: int(guard.Arg(0).End()), New: strconv.Itoa(expiry)}}
		} else {
			out.Fix = report.Fix{Summary: fmt.Sprintf("Chain `->withoutOverlapping(%d)`, in minutes: longer than the period and the longest run.", expiry), Behaviour: "A start that comes while the last run still goes is skipped; the lock lies in the cache, and after a crash it stays until it expires."}
			out.Edits = []patch.Edit{{Path: f.Path, Start: int(call.End()), End: int(call.End()), New: fmt.Sprintf("->withoutOverlapping(%d)", expiry)}}
		}
		p.Report(out)
	}
}

// expiryOf is how many minutes a lock lives: twice the period, and an hour at least, because a lock
// that expires during a run, or before the next start, prevents nothing.
func expiryOf(period time.Duration) int { return max(60, int(2*period/time.Minute)) }

// commandName is the signature of a command, or the class that Foo::class names.
func commandName(arg syntax.Ref) string {
	if arg.Kind() == syntax.String || !arg.Receiver().Ok() {
		return arg.Str()
	}
	d := arg.Receiver().Str()
	return d[strings.LastIndex(d, `\`)+1:]
}

// constantWork reports whether a command of the project is known to send a fixed number of statements:
// such a run does not grow with the data in a way that a second one would add to.
func constantWork(p *project.Project, name string) bool {
	signature, _, _ := strings.Cut(name, " ")
	for _, f := range p.Files {
		if f.Lang != "php" || f.Tree == nil || f.Role == project.Test {
			continue
		}
		for class := range f.Tree.Root().Descendants(syntax.Class) {
			if class.Str() != name && !signed(class, signature) {
				continue
			}
			for fn := range class.Descendants(syntax.Func) {
				if fn.Str() == "handle" {
					return constantBody(fn)
				}
			}
		}
	}
	return false
}

func signed(class syntax.Ref, signature string) bool {
	for field := range class.Descendants(syntax.Field) {
		if field.Str() == "signature" {
			first, _, _ := strings.Cut(strings.TrimSpace(field.Child(syntax.Value).Str()), " ")
			return first == signature && signature != ""
		}
	}
	return false
}

// plain are calls of the console, of dates and of the query builder that are one statement at most.
var plain = regexp.MustCompile(`^(option|argument|config|info|warn|error|line|comment|newLine|query|newQuery|getBuilder|(or)?[wW]here\w*|count|exists|doesntExist|update|delete|forceDelete|truncate|now|today|(sub|add|start|end)[A-Z]\w*|to\w*String|is_\w+|max|min|sprintf|__|trans)$`)

func constantBody(fn syntax.Ref) bool {
	for n := range fn.Descendants(syntax.For, syntax.While, syntax.Call, syntax.Lambda) {
		switch {
		case n.Is(syntax.For, syntax.While, syntax.Lambda):
			return false
		case !n.Has(syntax.FlagNew) && !plain.MatchString(n.Str()):
			return false
		}
	}
	return true
}
