package laravel

import (
	"regexp"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// frequencies are the scheduler's words for a period.
var frequencies = map[string]time.Duration{
	"everySecond": time.Second, "everyTenSeconds": 10 * time.Second, "everyThirtySeconds": 30 * time.Second, "everyMinute": time.Minute, "everyTwoMinutes": 2 * time.Minute, "everyThreeMinutes": 3 * time.Minute,
	"everyFiveMinutes": 5 * time.Minute, "everyTenMinutes": 10 * time.Minute, "everyFifteenMinutes": 15 * time.Minute, "everyThirtyMinutes": 30 * time.Minute, "hourly": time.Hour, "hourlyAt": time.Hour,
	"everyTwoHours": 2 * time.Hour, "everyFourHours": 4 * time.Hour, "everySixHours": 6 * time.Hour, "daily": 24 * time.Hour, "dailyAt": 24 * time.Hour, "at": 24 * time.Hour, "twiceDaily": 12 * time.Hour,
	"weekly": 7 * 24 * time.Hour, "weeklyOn": 7 * 24 * time.Hour, "monthly": 30 * 24 * time.Hour, "monthlyOn": 30 * 24 * time.Hour, "quarterly": 91 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour,
}

// schedule reads what the scheduler starts, by class and by the name of the command, once.
func (fw *Framework) schedule() map[string]time.Duration {
	if fw.starts != nil {
		return fw.starts
	}
	fw.starts = map[string]time.Duration{}
	for _, f := range fw.ix.Project.Files {
		if f.Lang != "php" || f.Tree == nil || f.Role == project.Test || f.Role == project.Vendored {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			switch c.Str() {
			case "job", "command", "call":
			default:
				continue
			}
			if w := strings.ToLower(flow.LastSegment(c.Receiver().Str())); w != "schedule" {
				continue
			}
			what := subject(c.Arg(0))
			if what == "" {
				continue
			}
			if d := flow.CronPeriod(c.Arg(1).Str()); d > 0 && c.Arg(1).Kind() == syntax.String { // job($x, 'daily'), by a macro
				fw.starts[what] = d
				continue
			}
			for p := c.Parent(); p.Kind() == syntax.Call; p = p.Parent() {
				d := frequencies[p.Str()]
				if p.Str() == "cron" {
					d = flow.CronPeriod(p.Arg(0).Str())
				}
				if d > 0 {
					fw.starts[what] = d
					break
				}
			}
		}
	}
	return fw.starts
}

// subject names what is scheduled: new X, X::class, 'command:name arguments'.
func subject(a syntax.Ref) string {
	switch a.Kind() {
	case syntax.String:
		name, _, _ := strings.Cut(a.Str(), " ")
		return name
	case syntax.Call:
		return flow.LastSegment(a.Str())
	case syntax.Member: // X::class
		return flow.LastSegment(a.Receiver().Dotted())
	case syntax.Name:
		return flow.LastSegment(a.Str())
	}
	return ""
}

var commandName = regexp.MustCompile(`^[\w:.-]+`)

// period is the time between two starts of a job or command, 0 when the schedule does not name it.
func (fw *Framework) period(c *flow.Class) time.Duration {
	starts := fw.schedule()
	if p := starts[flow.LastSegment(c.Name)]; p > 0 {
		return p
	}
	if f, ok := c.Fields["signature"]; ok {
		if v := f.Child(syntax.Value); v.Kind() == syntax.String {
			return starts[commandName.FindString(strings.TrimSpace(v.Str()))]
		}
	}
	return 0
}
