package gosql

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Entries evaluates the functions that serve requests: those whose parameters only a router passes.
func (fw *Framework) Entries(in *flow.Interp) {
	var list []*flow.Method
	for _, c := range fw.structs {
		for _, m := range c.Methods {
			list = append(list, m)
		}
	}
	for _, fns := range fw.ix.Functions {
		for _, m := range fns {
			if m.File.Lang == "go" {
				list = append(list, m)
			}
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].File.Path != list[j].File.Path {
			return list[i].File.Path < list[j].File.Path
		}
		return list[i].Node.Start() < list[j].Node.Start()
	})
	for _, m := range list {
		if m.File.Role != project.App || !serves(m.Params()) {
			continue
		}
		name := m.Name
		if m.Class != nil {
			name = m.Class.Name + "." + name
		}
		in.AddEntry(flow.EntryPoint{Name: name, Kind: "request", Site: flow.Site{File: m.File, Node: m.Node}})
		in.Entry(name, m.File, func() {
			self := flow.Value{}
			if m.Class != nil {
				self = flow.Value{Kind: flow.Object, Class: m.Class, Fields: map[string]flow.Value{}}
			}
			in.Invoke(m, self, &flow.Call{Node: m.Node, Name: m.Name})
		})
	}
}

// serves reports the parameters of a handler of net/http, gin, echo, fiber or gRPC.
func serves(params []syntax.Ref) bool {
	types := make([]string, len(params))
	for i, p := range params {
		types[i] = p.Child(syntax.TypeRole).Str()
	}
	switch len(types) {
	case 1:
		switch types[0] {
		case "*gin.Context", "echo.Context", "*echo.Context", "*fiber.Ctx", "fiber.Ctx", "*context.APIContext", "*context.Context", "iris.Context", "*macaron.Context":
			return true
		}
	case 2:
		if types[0] == "http.ResponseWriter" && types[1] == "*http.Request" {
			return true
		}
		return types[0] == "context.Context" && strings.HasPrefix(types[1], "*") && strings.HasSuffix(types[1], "Request")
	}
	return false
}
