package laravel

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

const maxNesting = 7 // views and resources in each other

// addView files a Blade template under its dotted name.
func (fw *Framework) addView(f *project.File) {
	p := f.Path
	i := strings.Index(strings.ToLower(p), "views/")
	if i < 0 {
		return
	}
	n := strings.ReplaceAll(strings.TrimSuffix(p[i+len("views/"):], ".blade.php"), "/", ".")
	for _, key := range []string{n, fw.ofApplication(n, f)} {
		if old := fw.views[key]; old == nil || len(f.Path) < len(old.Path) {
			fw.views[key] = f
		}
	}
}

// ofApplication is a key for what an application names; files of two may bear one name.
func (fw *Framework) ofApplication(name string, f *project.File) string {
	return fw.ix.Project.Application(f.Path) + "\x00" + name
}

// view finds a template as it is named in view() and include of a file.
func (fw *Framework) view(n string, from *project.File) *project.File {
	if i := strings.Index(n, "::"); i >= 0 {
		n = n[i+2:]
	}
	n = strings.ReplaceAll(strings.TrimSuffix(n, ".blade.php"), "/", ".")
	for _, name := range []string{n, n + ".index"} {
		if f := fw.views[fw.ofApplication(name, from)]; f != nil {
			return f
		}
		if f := fw.views[name]; f != nil {
			return f
		}
	}
	return nil
}

func (fw *Framework) render(in *flow.Interp, f *project.File, locals map[string]flow.Value, inherit bool) {
	if f == nil || f.Tree == nil || fw.depth >= maxNesting {
		return
	}
	fw.depth++
	if inherit {
		in.Include(f, locals)
	} else {
		in.Template(f, locals)
	}
	fw.depth--
}

// bare interprets calls without a receiver: helpers of Laravel and the calls that Blade lowers to.
func (fw *Framework) bare(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	blade := in.File().Lang == "blade"
	text := ""
	if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String {
		text = c.ArgRefs[0].Str()
	}
	switch c.Name {
	case "view":
		if text == "" {
			return flow.Value{}, len(c.Args) == 0
		}
		fw.render(in, fw.view(text, in.File()), fw.locals(in, c), false)
		return flow.Value{}, true
	case "include":
		if blade {
			fw.render(in, fw.view(text, in.File()), c.Named, true)
			return flow.Value{}, true
		}
	case "component":
		if blade {
			fw.component(in, text, c)
			return flow.Value{}, true
		}
	case "livewire":
		if blade {
			fw.livewire(in, text, c)
			return flow.Value{}, true
		}
	case "can", "cannot", "canany":
		if blade {
			fw.policy(in, c, c.Args)
			return flow.Value{}, true
		}
	case "collect", "array_values", "array_filter", "array_reverse", "array_unique", "iterator_to_array", "array_merge", "value", "optional", "tap", "array_slice":
		if len(c.Args) > 0 {
			v := c.Args[0]
			if c.Name == "tap" || c.Name == "value" {
				if c.Name == "value" && v.Kind == flow.FuncValue {
					return in.CallLambda(v), true
				}
				if len(c.Args) > 1 && c.Args[1].Kind == flow.FuncValue {
					in.CallLambda(c.Args[1], v)
				}
			}
			return v, true
		}
		return flow.Value{Kind: flow.Container, Elem: &flow.Value{}}, true
	case "array_map":
		if len(c.Args) > 1 && c.Args[0].Kind == flow.FuncValue {
			l := in.StartLoop(c.Args[1], in.Site(c.Node, "loop"), c.ArgRefs[1])
			out := in.CallLambda(c.Args[0], in.Element(c.Args[1], l))
			in.EndLoop(l)
			return flow.Value{Kind: flow.Container, Elem: &out}, true
		}
	case "app", "resolve", "app_make":
		if len(c.ArgRefs) > 0 {
			return fw.object1(in, c.ArgRefs[0]), true
		}
	case "auth", "request", "dispatch", "event", "broadcast", "redirect", "back", "response", "abort", "abort_if", "abort_unless", "config", "route", "url", "trans", "__", "trans_choice", "session", "cache", "logger", "now", "old", "dispatch_sync", "report", "info", "cookie", "validator", "asset", "compact", "count", "is_null", "isset", "empty", "in_array", "dd", "dump", "ray":
		if c.Name == "count" && len(c.Args) > 0 {
			in.Use(c.Args[0], c.Node)
		}
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block)
		}
		return flow.Value{}, true
	case "transform":
		if len(c.Args) > 1 && c.Args[1].Kind == flow.FuncValue {
			return in.CallLambda(c.Args[1], c.Args[0]), true
		}
	case "once", "rescue", "retry":
		for _, a := range c.Args {
			if a.Kind == flow.FuncValue {
				if c.Name == "once" {
					return in.Memoized(func() flow.Value { return in.CallLambda(a) }), true
				}
				return in.CallLambda(a), true
			}
		}
	}
	return flow.Value{}, false
}

// locals are the variables that view('name', [...])->with('key', $value) passes.
func (fw *Framework) locals(in *flow.Interp, c *flow.Call) map[string]flow.Value {
	out := map[string]flow.Value{}
	put := func(v flow.Value, n syntax.Ref) {
		if n.Kind() == syntax.Call && n.Str() == "compact" {
			for s := range n.Descendants(syntax.String) {
				if x, ok := in.Variable(s.Str()); ok {
					out[s.Str()] = x
				}
			}
			return
		}
		for k, x := range v.Fields {
			out[k] = x
		}
	}
	if fr := in.Frame(); fr.Self.Kind == flow.Object { // public properties of components
		for k, v := range fr.Ivars {
			out[strings.TrimPrefix(k, "@")] = v
		}
	}
	if len(c.Args) > 1 {
		put(c.Args[1], c.ArgRefs[1])
	}
	for n := c.Node; ; {
		p := n.Parent()
		if p.Kind() != syntax.Call || p.Receiver() != n {
			return out
		}
		if p.Str() == "with" {
			if k := p.Arg(0); k.Kind() == syntax.String && p.Arg(1).Ok() {
				out[k.Str()] = in.Eval(p.Arg(1))
			} else {
				put(in.Eval(k), k)
			}
		}
		n = p
	}
}

// component renders <x-name>: a class with a view, or a view alone.
func (fw *Framework) component(in *flow.Interp, tag string, c *flow.Call) {
	n := strings.TrimPrefix(tag, "x-")
	locals := map[string]flow.Value{}
	for k, v := range c.Named {
		locals[camel(k)] = v
	}
	for _, a := range c.Args {
		if a.Kind == flow.Container {
			for k, v := range a.Fields {
				locals[k] = v
			}
		}
	}
	parts := strings.Split(strings.ReplaceAll(n, "::", "."), ".")
	class := studly(parts[len(parts)-1])
	for _, cl := range fw.ix.Classes[class] {
		if !strings.Contains(cl.File.Path, "View/Components") {
			continue
		}
		if m := cl.Methods["render"]; m != nil && fw.depth < maxNesting {
			fields := map[string]flow.Value{}
			for k, v := range locals {
				fields["@"+k] = v
			}
			fw.depth++
			in.Invoke(m, flow.Value{Kind: flow.Object, Class: cl, Fields: fields}, &flow.Call{Node: c.Node, Name: "render"})
			fw.depth--
			return
		}
	}
	f := fw.view("components."+n, in.File())
	if f == nil {
		f = fw.view(n, in.File())
	}
	fw.render(in, f, locals, false)
}

// livewire mounts a component of Livewire and renders it.
func (fw *Framework) livewire(in *flow.Interp, tag string, c *flow.Call) {
	if fw.depth >= maxNesting {
		return
	}
	parts := strings.Split(strings.ReplaceAll(tag, "::", "."), ".")
	var best *flow.Class
	for _, cl := range fw.ix.Classes[studly(parts[len(parts)-1])] {
		if !strings.Contains(cl.File.Path, "Livewire/") {
			continue
		}
		var segs []string
		for _, p := range parts {
			segs = append(segs, studly(p))
		}
		if strings.HasSuffix(cl.File.Path, "Livewire/"+strings.Join(segs, "/")+".php") || best == nil && len(parts) == 1 {
			best = cl
		}
	}
	if best == nil {
		return
	}
	fields := map[string]flow.Value{}
	for k, v := range c.Named {
		fields["@"+camel(k)] = v
	}
	fw.depth++
	for _, name := range []string{"mount", "render"} {
		if m := best.Methods[name]; m != nil {
			in.Invoke(m, flow.Value{Kind: flow.Object, Class: best, Fields: fields}, &flow.Call{Node: c.Node, Name: name, Named: c.Named})
		}
	}
	fw.depth--
}

// construct interprets new X(...).
func (fw *Framework) construct(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	cl := fw.classOf(c.Name, in.File())
	if cl == nil {
		return flow.Value{}, true
	}
	if fw.isResource(cl) && len(c.Args) > 0 {
		return fw.resource(in, cl, c.Args[0], c.Node), true
	}
	return flow.Value{}, false
}

// object1 is the service that app(X::class) makes.
func (fw *Framework) object1(in *flow.Interp, n syntax.Ref) flow.Value {
	if n.Kind() == syntax.Member && n.Str() == "class" {
		v, _ := fw.TypeValue(in, n.Receiver().Str(), in.File())
		return v
	}
	return flow.Value{}
}

// facade interprets static calls on Laravel's facades, and what hangs on helpers.
func (fw *Framework) facade(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	recv := c.Node.Receiver()
	who := flow.LastSegment(recv.Str())
	if c.Node.Kind() == syntax.Member && c.Name == "user" && recv.Kind() == syntax.Name {
		return flow.Value{}, false
	}
	switch {
	case c.Name == "user" && (who == "Auth" || who == "auth" || who == "guard" || recv.Dotted() == "request" || recv.Kind() == syntax.Call && who == "request"):
		return fw.currentUser(in, c.Node), true
	case recv.Kind() != syntax.Name && recv.Kind() != syntax.Call:
	case who == "DB" || recv.Kind() == syntax.Call && recv.Str() == "connection" && flow.LastSegment(recv.Receiver().Str()) == "DB":
		switch c.Name {
		case "table":
			if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String {
				m := fw.tableModel(c.ArgRefs[0].Str(), in.File())
				q, _ := in.Refine(flow.Value{Kind: flow.Many, Model: m}, c.Node)
				return q, true
			}
		case "transaction":
			if c.Block.Kind == flow.FuncValue {
				return in.CallLambda(c.Block), true
			}
		}
	case who == "Cache" || who == "cache":
		switch c.Name {
		case "remember", "rememberForever", "flexible", "sear":
			for _, a := range c.Args {
				if a.Kind == flow.FuncValue {
					return in.Memoized(func() flow.Value { return in.CallLambda(a) }), true
				}
			}
		}
	case who == "Gate" || who == "gate":
		switch c.Name {
		case "allows", "denies", "authorize", "check", "inspect", "any":
			fw.policy(in, c, c.Args)
			return flow.Value{Kind: flow.Scalar}, true
		}
	case who == "View" && c.Name == "make", who == "Inertia" && c.Name == "render":
		if who == "View" {
			d := *c
			d.HasRecv, d.Name = false, "view"
			return fw.bare(in, &d)
		}
		for _, a := range c.Args[min(1, len(c.Args)):] {
			for _, k := range sortedKeys(a.Fields) {
				fw.serializeAll(in, a.Fields[k], c.Node)
			}
		}
		return flow.Value{}, true
	case who == "response" && c.Name == "json" && len(c.Args) > 0:
		fw.serializeAll(in, c.Args[0], c.Node)
		return flow.Value{}, true
	}
	return flow.Value{}, false
}

func sortedKeys(m map[string]flow.Value) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// currentUser is the row of whoever is signed in: read once a request.
func (fw *Framework) currentUser(in *flow.Interp, at syntax.Ref) flow.Value {
	m := fw.ix.Model("User", in.File())
	if m == nil || m.Framework != fw.Name() {
		return flow.Value{}
	}
	return flow.Value{Kind: flow.Record, Model: m}
}

// tableModel is the model of the rows that DB::table returns: they have no relations.
func (fw *Framework) tableModel(table string, f *project.File) *flow.Model {
	table, _, _ = strings.Cut(table, " as ")
	table = strings.TrimSpace(table)
	m := fw.tables[table]
	if m == nil {
		m = &flow.Model{Name: table, Table: table, Framework: fw.Name(), File: f, Relations: map[string]*flow.Relation{}, Scopes: map[string]*flow.Method{}}
		fw.tables[table] = m
	}
	return m
}

// object interprets members and methods of an instance of an ordinary class.
func (fw *Framework) object(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	cl := c.Recv.Class
	own := c.Node.Receiver().Kind() == syntax.Self
	if c.Node.Kind() == syntax.Member {
		if v, ok := c.Recv.Fields["@"+c.Name]; ok && v.Kind != flow.Unknown {
			return v, true
		}
		if t := fw.fieldType(cl, c.Name, 0); t != "" {
			v, _ := fw.TypeValue(in, t, cl.File)
			return v, true
		}
		if cl != nil { // computed properties of Livewire
			m := fw.ix.LookupMethod(cl, "get"+studly(c.Name)+"Property", false)
			if m == nil {
				if x := fw.ix.LookupMethod(cl, c.Name, false); x != nil && decorated(x, "Computed") {
					m = x
				}
			}
			if m != nil {
				return in.Memoized(func() flow.Value { return in.InvokeOwn(m, &flow.Call{Node: c.Node, Name: m.Name}) }), own
			}
		}
		return flow.Value{}, true
	}
	if own && cl != nil {
		if m := fw.ix.LookupMethod(cl, c.Name, false); m != nil {
			if !fw.sets(cl, m) { // evaluated once for all callers
				return in.Invoke(m, c.Recv, c), true
			}
			return in.InvokeOwn(m, c), true
		}
		switch c.Name {
		case "authorize", "authorizeForUser":
			fw.policy(in, c, c.Args)
			return flow.Value{}, true
		case "view", "make":
			if c.Name == "view" {
				return fw.bare(in, c)
			}
		}
	}
	if c.Name == "user" && cl != nil && (fw.extends(cl, "FormRequest", "Request")) {
		return fw.currentUser(in, c.Node), true
	}
	return flow.Value{}, false
}

// sets reports whether a method, or another of its object that it calls, sets a property of the object.
func (fw *Framework) sets(c *flow.Class, m *flow.Method) bool {
	if v, ok := fw.setters[m]; ok {
		return v
	}
	fw.setters[m] = false // breaks cycles
	out := false
	for n := range m.Node.Child(syntax.Body).Descendants(syntax.Assign, syntax.Call) {
		switch n.Kind() {
		case syntax.Assign:
			t := n.Child(syntax.Target)
			for t.Kind() == syntax.Index {
				t = t.Receiver()
			}
			out = out || t.Kind() == syntax.Member && t.Receiver().Kind() == syntax.Self
		case syntax.Call:
			if n.Receiver().Kind() == syntax.Self {
				if own := fw.ix.LookupMethod(c, n.Str(), false); own != nil && own != m {
					out = out || fw.sets(c, own)
				}
			}
		}
	}
	fw.setters[m] = out
	return out
}

func decorated(m *flow.Method, word string) bool {
	for d := range m.Node.All(syntax.Decorator) {
		if flow.LastSegment(d.Str()) == word {
			return true
		}
	}
	return false
}

// fieldType is the declared type of a field, or that of the constructor's parameter it is set to.
func (fw *Framework) fieldType(c *flow.Class, field string, depth int) string {
	if c == nil || depth > 5 {
		return ""
	}
	if f, ok := c.Fields[field]; ok {
		if t := f.Child(syntax.TypeRole); t.Ok() {
			return t.Str()
		}
	}
	set, ok := fw.fields[c]
	if !ok {
		set = map[string]string{}
		fw.fields[c] = set
		if m := c.Methods["__construct"]; m != nil {
			types := map[string]string{}
			for _, p := range m.Params() {
				types[p.Str()] = p.Child(syntax.TypeRole).Str()
			}
			for a := range m.Node.Child(syntax.Body).Descendants(syntax.Assign) {
				t, v := a.Child(syntax.Target), a.Child(syntax.Value)
				if t.Kind() == syntax.Member && t.Receiver().Kind() == syntax.Self && v.Kind() == syntax.Name {
					set[t.Str()] = types[v.Str()]
				}
			}
		}
	}
	if t := set[field]; t != "" {
		return t
	}
	for _, s := range c.Super {
		if b := fw.classOf(s, c.File); b != nil && b != c {
			if t := fw.fieldType(b, field, depth+1); t != "" {
				return t
			}
		}
	}
	return ""
}

// TypeValue returns what a declared type of PHP stands for.
func (fw *Framework) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if from == nil || from.Lang != "php" && from.Lang != "blade" {
		return flow.Value{}, false
	}
	for _, t := range strings.Split(strings.TrimPrefix(typ, "?"), "|") {
		t = strings.TrimSpace(t)
		if t == "" || t[0] >= 'a' && t[0] <= 'z' {
			continue
		}
		c := fw.classOf(t, from)
		switch {
		case c == nil:
		case c.Model != nil:
			return flow.Value{Kind: flow.Record, Model: c.Model}, true
		case c.Node.Has(syntax.FlagInterface):
			if impl := fw.implementation(c); impl != nil {
				return flow.Value{Kind: flow.Object, Class: impl, Fields: map[string]flow.Value{}}, true
			}
		default:
			return flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}, true
		}
	}
	return flow.Value{}, true
}

// implementation is the only class that implements an interface, nil when there are more.
func (fw *Framework) implementation(c *flow.Class) *flow.Class {
	var found *flow.Class
	for _, list := range fw.ix.Classes {
		for _, x := range list {
			if x.File.Lang != "php" || x == c {
				continue
			}
			for _, s := range x.Super {
				if flow.LastSegment(s) == flow.LastSegment(c.Name) && fw.classOf(s, x.File) == c {
					if found != nil {
						return nil
					}
					found = x
				}
			}
		}
	}
	return found
}

// extends reports whether a class descends from one of the library classes, or uses one of the traits.
func (fw *Framework) extends(c *flow.Class, names ...string) bool {
	for depth := 0; c != nil && depth < 8; depth++ {
		var next *flow.Class
		for _, list := range [][]string{c.Super, c.Mixins} {
			for _, s := range list {
				last := flow.LastSegment(fw.fullName(c.File, s))
				for _, n := range names {
					if last == n {
						return true
					}
				}
			}
		}
		for _, s := range c.Super {
			if b := fw.classOf(s, c.File); b != nil && b != c && !b.Node.Has(syntax.FlagInterface) {
				next = b
			}
		}
		c = next
	}
	return false
}

func (fw *Framework) isResource(c *flow.Class) bool {
	return c.Model == nil && fw.extends(c, "JsonResource", "ResourceCollection", "Resource") && fw.ix.LookupMethod(c, "toArray", false) != nil
}

// resource evaluates toArray of an API resource for a row, or for each row of a collection.
func (fw *Framework) resource(in *flow.Interp, cl *flow.Class, v flow.Value, at syntax.Ref) flow.Value {
	m := fw.ix.LookupMethod(cl, "toArray", false)
	if m == nil || fw.depth >= maxNesting {
		return flow.Value{}
	}
	fw.depth++
	defer func() { fw.depth-- }()
	one := func(e flow.Value) {
		if e.Kind == flow.Record {
			in.Invoke(m, e, &flow.Call{Node: at, Name: "toArray"})
		}
	}
	switch v.Kind {
	case flow.Many, flow.Container:
		in.Use(v, at)
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		one(in.Element(v, l))
		in.EndLoop(l)
	case flow.Record:
		one(v)
	}
	return flow.Value{}
}

// serializeAll turns a value into JSON: rows call the accessors that their model appends.
func (fw *Framework) serializeAll(in *flow.Interp, v flow.Value, at syntax.Ref) {
	switch v.Kind {
	case flow.Many, flow.Container:
		if v.Kind == flow.Container && v.Pairs && len(v.Fields) > 0 {
			for _, k := range sortedKeys(v.Fields) {
				fw.serializeAll(in, v.Fields[k], at)
			}
			return
		}
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		if e := in.Element(v, l); e.Kind == flow.Record {
			fw.serialize(in, e, at)
		}
		in.EndLoop(l)
	case flow.Record:
		fw.serialize(in, v, at)
	}
}

func (fw *Framework) serialize(in *flow.Interp, rec flow.Value, at syntax.Ref) {
	if rec.Model == nil || rec.Model.Class == nil || fw.depth >= maxNesting {
		return
	}
	fw.depth++
	defer func() { fw.depth-- }()
	if m := fw.ix.LookupMethod(rec.Model.Class, "toArray", false); m != nil {
		in.Invoke(m, rec, &flow.Call{Node: at, Name: "toArray"})
		return
	}
	for _, a := range fw.appends[rec.Model] {
		fw.accessor(in, rec, a, at)
	}
}

// policy evaluates the policy of the row that a permission is asked for: can('update', $post).
func (fw *Framework) policy(in *flow.Interp, c *flow.Call, args []flow.Value) {
	if len(args) < 2 || len(c.ArgRefs) == 0 || c.ArgRefs[0].Kind() != syntax.String || fw.depth >= maxNesting {
		return
	}
	row := args[1]
	if row.Kind == flow.Container && row.Elem != nil {
		row = *row.Elem
	}
	if row.Kind != flow.Record || row.Model == nil {
		return
	}
	for _, cl := range fw.ix.Classes[flow.LastSegment(row.Model.Name)+"Policy"] {
		if m := fw.ix.LookupMethod(cl, camel(c.ArgRefs[0].Str()), false); m != nil {
			fw.depth++
			in.Invoke(m, flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}, &flow.Call{Node: c.Node, Name: m.Name, Args: []flow.Value{fw.currentUser(in, c.Node), row}})
			fw.depth--
			return
		}
	}
}
