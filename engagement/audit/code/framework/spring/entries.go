package spring

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var (
	requests = map[string]string{"GetMapping": "GET ", "PostMapping": "POST ", "PutMapping": "PUT ", "DeleteMapping": "DELETE ", "PatchMapping": "PATCH ", "RequestMapping": "", "QueryMapping": "query ", "MutationMapping": "mutation ", "GET": "GET ", "POST": "POST "}
	jobs     = map[string]bool{"Scheduled": true, "KafkaListener": true, "RabbitListener": true, "JmsListener": true, "SqsListener": true, "StreamListener": true}
)

// Entries evaluates controllers, scheduled methods and listeners.
func (fw *Framework) Entries(in *flow.Interp) {
	for _, c := range fw.classes {
		if c.File.Role != project.App {
			continue
		}
		names := make([]string, 0, len(c.Methods))
		for n := range c.Methods {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			m := c.Methods[n]
			name, kind := "", ""
			for d := range m.Node.All(syntax.Decorator) {
				word := flow.LastSegment(d.Str())
				if verb, ok := requests[word]; ok {
					name, kind = verb+c.Name+"."+n, "request"
				} else if jobs[word] {
					name, kind = "job "+c.Name+"."+n, "job"
				}
			}
			if name == "" {
				continue
			}
			e := flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: m.File, Node: m.Node}}
			if kind == "request" && administrators(m.Node) {
				e.Class = flow.EntryAdmin
			}
			if kind == "job" {
				e.Period = period(decorator(m.Node, "Scheduled"))
			}
			in.AddEntry(e)
			in.Entry(name, m.File, func() {
				in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
				in.InvokeOwn(m, &flow.Call{Node: m.Node, Name: n})
			})
		}
	}
}

// administrators reports a method that only the system's administrators may call.
func administrators(n syntax.Ref) bool {
	for d := range n.All(syntax.Decorator) {
		switch flow.LastSegment(d.Str()) {
		case "PreAuthorize", "Secured", "RolesAllowed":
		default:
			continue
		}
		guard := text(d, "value")
		if strings.Contains(guard, ",") || strings.Contains(guard, " or ") {
			continue
		}
		for _, role := range []string{"SYS_ADMIN", "'ADMIN'", "ROLE_ADMIN", "SUPER_ADMIN", "SUPERADMIN"} {
			if strings.Contains(guard, role) || guard == "ADMIN" {
				return true
			}
		}
	}
	return false
}

// period is the time between two runs of @Scheduled(fixedDelay = 5000), @Scheduled(cron = "...").
func period(d syntax.Ref) time.Duration {
	if !d.Ok() {
		return 0
	}
	unit := time.Millisecond
	switch flow.LastSegment(d.Keyword("timeUnit").Dotted()) {
	case "SECONDS":
		unit = time.Second
	case "MINUTES":
		unit = time.Minute
	case "HOURS":
		unit = time.Hour
	case "DAYS":
		unit = 24 * time.Hour
	}
	for _, key := range []string{"fixedDelay", "fixedRate", "fixedDelayString", "fixedRateString"} {
		s := d.Keyword(key).Str()
		if i := strings.LastIndexByte(s, ':'); i >= 0 { // ${property:5000}
			s = s[i+1:]
		}
		if n, err := strconv.Atoi(strings.Trim(strings.ReplaceAll(s, "_", ""), "}LlSs ")); err == nil && n > 0 {
			return time.Duration(n) * unit
		}
	}
	cron := text(d, "cron")
	if i := strings.IndexByte(cron, ':'); i >= 0 {
		cron = strings.TrimRight(cron[i+1:], "}")
	}
	return flow.CronPeriod(cron)
}
