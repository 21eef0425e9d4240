package django

import (
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// periods reads the schedules of Celery's beat: dictionaries that hold a "task" and a "schedule". The
// key is the last segment of the task's name.
func (fw *Framework) periods() map[string]time.Duration {
	if fw.beats != nil {
		return fw.beats
	}
	fw.beats = map[string]time.Duration{}
	for _, f := range fw.ix.Project.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test {
			continue
		}
		for m := range f.Tree.Root().Descendants(syntax.Map) {
			task, schedule := m.Keyword("task"), m.Keyword("schedule")
			if task.Kind() != syntax.String || !schedule.Ok() {
				continue
			}
			if p := fw.period(schedule, f, 0); p > 0 {
				fw.beats[flow.LastSegment(task.Str())] = p
			}
		}
	}
	return fw.beats
}

// period reads a schedule: crontab(...), timedelta(...), a number of seconds, a constant for one of them.
func (fw *Framework) period(n syntax.Ref, f *project.File, depth int) time.Duration {
	if depth > 4 {
		return 0
	}
	switch n.Kind() {
	case syntax.Number:
		s, err := strconv.ParseFloat(n.Str(), 64)
		if err != nil {
			return 0
		}
		return time.Duration(s * float64(time.Second))
	case syntax.Name, syntax.Member:
		if k, g := fw.ix.Constant(f, n.Str()); g != nil {
			return fw.period(k, g, depth+1)
		}
		w := strings.ToUpper(n.Str())
		switch {
		case strings.Contains(w, "MINUTE"):
			return time.Minute
		case strings.Contains(w, "HOURLY"):
			return time.Hour
		case strings.Contains(w, "DAILY"):
			return 24 * time.Hour
		case strings.Contains(w, "WEEKLY"):
			return 7 * 24 * time.Hour
		}
	case syntax.String:
		return flow.CronPeriod(n.Str())
	case syntax.Call:
		switch n.Str() {
		case "timedelta":
			var sum time.Duration
			for key, unit := range map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour, "weeks": 7 * 24 * time.Hour} {
				if v, err := strconv.ParseFloat(n.Keyword(key).Str(), 64); err == nil {
					sum += time.Duration(v * float64(unit))
				}
			}
			return sum
		case "crontab":
			field := func(name string) string {
				if k := n.Keyword(name); k.Is(syntax.String, syntax.Number) {
					return strings.ReplaceAll(k.Str(), " ", "")
				} else if k.Ok() {
					return "0"
				}
				return "*"
			}
			minute := field("minute")
			if a := n.Arg(0); a.Is(syntax.String, syntax.Number) {
				minute = a.Str()
			}
			return flow.CronPeriod(strings.Join([]string{minute, field("hour"), field("day_of_month"), field("month_of_year"), field("day_of_week")}, " "))
		}
	}
	return 0
}

// decoratedPeriod reads the schedule that stands at the task itself: @periodic_task(crontab(...)),
// @job(interval=DAILY).
func (fw *Framework) decoratedPeriod(fn syntax.Ref, f *project.File) time.Duration {
	for d := range fn.All(syntax.Decorator) {
		for _, key := range []string{"run_every", "interval", "schedule", "cron"} {
			if k := d.Keyword(key); k.Ok() {
				if p := fw.period(k, f, 0); p > 0 {
					return p
				}
			}
		}
		if strings.HasPrefix(d.Str(), "periodic_task") || strings.HasPrefix(d.Str(), "db_periodic_task") {
			return fw.period(d.Arg(0), f, 0)
		}
	}
	return 0
}
