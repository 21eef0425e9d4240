package node

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var (
	nextAPI   = regexp.MustCompile(`(?:^|/)pages/(api/.*)\.[jt]sx?$`)
	nextPage  = regexp.MustCompile(`(?:^|/)(?:app|pages)/(?:.*/)?(?:page|layout)\.[jt]sx?$`)
	nextRoute = regexp.MustCompile(`(?:^|/)app/(.*/)?route\.[jt]sx?$`)
	remix     = regexp.MustCompile(`(?:^|/)routes/(.*)\.[jt]sx?$`)

	// httpVerbs are the methods of Express, Fastify, Koa and Hono routers.
	httpVerbs = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "all": true, "options": true, "head": true}
	// decorators of NestJS, type-graphql and routing-controllers that make a method an entry.
	requestDecorators = map[string]string{
		"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "All": "ALL", "Query": "query", "Mutation": "mutation",
		"ResolveField": "field", "FieldResolver": "field", "ResolveProperty": "field", "Subscription": "subscription", "MessagePattern": "message", "EventPattern": "event",
		"GrpcMethod": "rpc", "SubscribeMessage": "message",
	}
	jobDecorators = map[string]string{"Process": "job", "Cron": "cron", "Interval": "cron", "OnEvent": "event", "Processor": "job"}
)

// Entries evaluates request handlers and jobs under their names.
func (fw *Platform) Entries(in *flow.Interp) {
	for _, f := range fw.ix.Project.Files {
		if !readable(f) || f.Role != project.App && f.Role != project.Template {
			continue
		}
		fw.exported(in, f)
		fw.called(in, f)
		fw.decorated(in, f)
	}
}

func (fw *Platform) run(in *flow.Interp, f *project.File, name, kind string, fn syntax.Ref, class *flow.Class) {
	e := flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: f, Node: fn}}
	if kind == "request" && guarded(fn) {
		e.Class = flow.EntryAdmin
	}
	if kind == "cron" {
		e.Period = cronOf(fn)
	}
	in.AddEntry(e)
	in.Entry(name, f, func() {
		m := &flow.Method{Name: fn.Str(), Class: class, File: f, Node: fn}
		self := flow.Value{}
		if class != nil {
			self = flow.Value{Kind: flow.Object, Class: class, Fields: map[string]flow.Value{}}
		}
		in.Invoke(m, self, &flow.Call{Node: fn, Name: m.Name})
	})
}

// exported finds handlers that a framework takes from a file by its place and the exports' names.
func (fw *Platform) exported(in *flow.Interp, f *project.File) {
	route := ""
	var wanted map[string]bool
	switch {
	case nextAPI.MatchString(f.Path):
		route = "/" + strings.TrimSuffix(nextAPI.FindStringSubmatch(f.Path)[1], "/index")
	case nextRoute.MatchString(f.Path):
		route = "/" + strings.TrimSuffix(nextRoute.FindStringSubmatch(f.Path)[1], "/")
		wanted = map[string]bool{"GET": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "HEAD": true}
	case nextPage.MatchString(f.Path):
		route = "page /" + path.Dir(f.Path)
	case remix.MatchString(f.Path):
		route = "/" + remix.FindStringSubmatch(f.Path)[1]
		wanted = map[string]bool{"loader": true, "action": true}
	default:
		wanted = map[string]bool{"getServerSideProps": true, "getStaticProps": true}
	}
	for c := range f.Tree.Root().Children() {
		name, fn := c.Str(), c
		if c.Kind() == syntax.Assign {
			name, fn = c.Child(syntax.Target).Str(), c.Child(syntax.Value)
			if fn.Kind() == syntax.Call { // export const GET = withAuth(async () => ...)
				fn = fn.Block()
			}
		}
		if !fn.Is(syntax.Func, syntax.Lambda) || (wanted != nil && !wanted[name]) {
			continue
		}
		entry := name + " " + route
		switch {
		case wanted == nil && (name == "handler" || name == "default" || name == ""):
			entry = route
		case wanted == nil && !startsUpper(name) && !strings.HasPrefix(name, "get"):
			continue // a private function of the page
		case name == "loader":
			entry = "GET " + route
		case name == "action":
			entry = "POST " + route
		case route == "":
			entry = name + " " + f.Path
		}
		fw.run(in, f, strings.TrimSpace(entry), "request", fn, nil)
	}
}

func startsUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// called finds handlers that are passed to a router: app.get("/x", handler), t.procedure.query(fn),
// new Worker("queue", fn).
func (fw *Platform) called(in *flow.Interp, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		var last syntax.Ref
		for _, a := range c.Args() {
			last = a
		}
		if last.Kind() == syntax.Call && last.Block().Ok() { // asyncHandler(async (req, res) => ...)
			last = last.Block()
		}
		switch {
		case httpVerbs[c.Str()] && c.Receiver().Ok() && strings.HasPrefix(c.Arg(0).Str(), "/") && c.Arg(0).Kind() == syntax.String:
			name := strings.ToUpper(c.Str()) + " " + c.Arg(0).Str()
			switch {
			case last.Kind() == syntax.Lambda:
				fw.run(in, f, name, "request", last, nil)
			case last.Kind() == syntax.Name:
				if list := fw.ix.Functions[last.Str()]; len(list) > 0 {
					if m := pick(list, f); m != nil {
						fw.run(in, m.File, name, "request", m.Node, nil)
					}
				}
			}
		case (c.Str() == "query" || c.Str() == "mutation" || c.Str() == "subscription") && last.Kind() == syntax.Lambda && procedure(c):
			fw.run(in, f, c.Str()+" "+procedureName(c), "request", last, nil)
		case c.Has(syntax.FlagNew) && c.Str() == "Worker" && last.Ok() && c.Arg(1).Kind() == syntax.Lambda:
			fw.run(in, f, "job "+c.Arg(0).Str(), "job", c.Arg(1), nil)
		case c.Str() == "process" && c.Receiver().Ok() && last.Kind() == syntax.Lambda && strings.Contains(strings.ToLower(c.Receiver().Str()), "queue"):
			fw.run(in, f, "job "+c.Receiver().Str(), "job", last, nil)
		}
	}
}

// procedure reports whether a call ends the chain of a tRPC procedure.
func procedure(c syntax.Ref) bool {
	for r := c.Receiver(); r.Ok(); r = r.Receiver() {
		if strings.HasSuffix(r.Str(), "rocedure") || strings.HasSuffix(r.Str(), "rocedureWithInput") {
			return true
		}
	}
	return false
}

// guarded reports a procedure or a method that only administrators may call: adminProcedure.query(...),
// @Roles("admin").
func guarded(fn syntax.Ref) bool {
	for p := fn.Parent(); p.Ok() && p.Kind() == syntax.Call; p = p.Parent() {
		for r := p.Receiver(); r.Ok(); r = r.Receiver() {
			if w := strings.ToLower(r.Str()); strings.HasSuffix(w, "procedure") && strings.Contains(w, "admin") {
				return true
			}
		}
	}
	for d := range fn.All(syntax.Decorator) {
		if d.Str() != "Roles" && d.Str() != "Authorized" {
			continue
		}
		args := d.Args()
		if len(args) == 1 && strings.Contains(strings.ToLower(args[0].Str()), "admin") {
			return true
		}
	}
	return false
}

// cronOf reads @Cron("0 * * * *") and @Cron(CronExpression.EVERY_HOUR), @Interval(5000).
func cronOf(fn syntax.Ref) time.Duration {
	for d := range fn.All(syntax.Decorator) {
		a := d.Arg(0)
		switch {
		case d.Str() == "Interval" && a.Kind() == syntax.Number:
			n, _ := strconv.Atoi(a.Str())
			return time.Duration(n) * time.Millisecond
		case d.Str() == "Cron" && a.Kind() == syntax.String:
			return flow.CronPeriod(a.Str())
		case d.Str() == "Cron":
			words := strings.Split(strings.ToLower(a.Str()), "_") // EVERY_5_MINUTES, EVERY_DAY_AT_1AM
			if len(words) > 1 && words[0] == "every" {
				if len(words) == 2 || words[2] == "at" {
					return flow.CronPeriod("1 " + words[1])
				}
				return flow.CronPeriod(words[1] + " " + words[2])
			}
		}
	}
	return 0
}

func procedureName(c syntax.Ref) string {
	for p := c.Parent(); p.Ok(); p = p.Parent() {
		switch p.Kind() {
		case syntax.Pair:
			return p.Str()
		case syntax.Assign:
			return p.Child(syntax.Target).Str()
		}
	}
	return "procedure"
}

func pick(list []*flow.Method, f *project.File) *flow.Method {
	for _, m := range list {
		if m.File == f {
			return m
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return nil
}

// decorated finds methods of controllers and resolvers, and resolver maps.
func (fw *Platform) decorated(in *flow.Interp, f *project.File) {
	for n := range f.Tree.Root().Descendants(syntax.Class) {
		cls := fw.ix.Class(n.Str(), f)
		if cls == nil || cls.File != f {
			continue
		}
		prefix := ""
		for d := range n.All(syntax.Decorator) {
			if d.Str() == "Controller" || d.Str() == "JsonController" {
				prefix = strings.Trim(d.Arg(0).Str(), "/")
			}
		}
		for m := range n.Child(syntax.Body).Children() {
			if m.Kind() != syntax.Func {
				continue
			}
			for d := range m.All(syntax.Decorator) {
				if verb, ok := requestDecorators[d.Str()]; ok {
					name := verb + " /" + strings.Trim(prefix+"/"+strings.Trim(d.Arg(0).Str(), "/"), "/")
					if verb == strings.ToLower(verb) {
						name = verb + " " + n.Str() + "." + m.Str()
					}
					fw.run(in, f, name, "request", m, cls)
				} else if kind, ok := jobDecorators[d.Str()]; ok {
					fw.run(in, f, "job "+n.Str()+"."+m.Str(), kind, m, cls)
				}
			}
		}
	}
	// Resolver maps and other objects of functions that a library calls.
	for c := range f.Tree.Root().Children() {
		var v syntax.Ref
		if c.Kind() == syntax.Assign {
			v = c.Child(syntax.Value)
		} else if c.Kind() == syntax.Map {
			v = c
		}
		if v.Kind() == syntax.Map {
			fw.functions(in, f, v, c.Child(syntax.Target).Str(), 0)
		}
	}
}

var resolverTypes = map[string]bool{"Query": true, "Mutation": true, "Subscription": true}

func (fw *Platform) functions(in *flow.Interp, f *project.File, m syntax.Ref, prefix string, depth int) {
	if depth > 3 {
		return
	}
	for p := range m.Children() {
		v := p.Child(syntax.Value)
		switch v.Kind() {
		case syntax.Map:
			name := p.Str()
			if prefix != "" && !resolverTypes[name] {
				name = prefix + "." + name
			}
			fw.functions(in, f, v, name, depth+1)
		case syntax.Lambda, syntax.Func:
			if resolverTypes[prefix] {
				fw.run(in, f, strings.ToLower(prefix)+" "+p.Str(), "request", v, nil)
				continue
			}
			in.Entry("", f, func() {
				in.Invoke(&flow.Method{Name: p.Str(), File: f, Node: v}, flow.Value{}, &flow.Call{Node: v, Name: p.Str()})
			})
		}
	}
}
