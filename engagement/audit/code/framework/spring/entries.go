package spring

import (
	"sort"

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
			in.AddEntry(flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: m.File, Node: m.Node}})
			in.Entry(name, m.File, func() {
				in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
				in.InvokeOwn(m, &flow.Call{Node: m.Node, Name: n})
			})
		}
	}
}
