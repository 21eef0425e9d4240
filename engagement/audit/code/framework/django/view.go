package django

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// bare interprets calls without a receiver: shortcuts, prefetch objects, template words.
func (fw *Framework) bare(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "Prefetch":
		v := flow.Value{Kind: flow.Object, Fields: map[string]flow.Value{}}
		if q, ok := c.Named["queryset"]; ok {
			v.Fields["queryset"] = q
		} else if len(c.Args) > 1 {
			v.Fields["queryset"] = c.Args[1]
		}
		return v, true
	case "Q", "F", "OuterRef", "Subquery", "Exists", "Count", "Sum", "Avg", "Min", "Max", "Value", "Case", "When", "Coalesce", "Func", "ExpressionWrapper", "Cast", "Concat":
		return flow.Value{Kind: flow.Scalar}, true
	case "get_object_or_404", "aget_object_or_404", "get_list_or_404", "get_object_or_none", "get_or_none":
		if len(c.Args) == 0 {
			return flow.Value{}, true
		}
		rows, ok := fw.rows(c.Args[0])
		if !ok {
			return flow.Value{}, true
		}
		q, r := in.Refine(rows, c.Node)
		fw.conditions(in, r, c.Node, "")
		if strings.Contains(c.Name, "list") {
			return q, true
		}
		r.Single, r.Terminal = true, "get"
		in.Execute(r, in.Site(c.Node, "asks for one row"), flow.RunQuery)
		return in.Element(q, nil), true
	case "prefetch_related_objects", "aprefetch_related_objects":
		if len(c.Args) > 0 {
			fw.prefetchObjects(in, c)
		}
		return flow.Value{}, true
	case "get_user_model":
		if m := fw.ix.Model(fw.user, in.File()); m != nil {
			return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
		}
	case "render", "render_to_string", "TemplateResponse", "render_to_response":
		fw.render(in, c)
		return flow.Value{}, true
	case "include":
		if in.File().Lang == "jinja" && len(c.ArgRefs) > 0 {
			fw.template(in, c.ArgRefs[0].Str(), c.Named, true)
			return flow.Value{}, true
		}
	case "Paginator", "DiffPaginator":
		if len(c.Args) > 0 && c.Args[0].Kind == flow.Many && fw.mine(c.Args[0]) {
			return fw.page(in, c.Args[0], c.Node), true
		}
	}
	if cl := fw.ix.Class(c.Name, in.File()); cl != nil && c.Node.Kind() == syntax.Call && fw.kindOf(cl, 0) == serializerClass {
		return fw.newSerializer(in, cl, c), true
	}
	return flow.Value{}, false
}

// prefetchObjects loads relations for rows that are in memory: a list, or rows written as a list.
func (fw *Framework) prefetchObjects(in *flow.Interp, c *flow.Call) {
	rows := c.Args[0]
	if rows.Kind == flow.Container && rows.Elem != nil {
		rows = *rows.Elem
	}
	if rows.Root == nil {
		return
	}
	read := &flow.Root{Model: rows.Model}
	for _, a := range c.ArgRefs[1:] {
		fw.pathsAt(in, read, a, in.File(), 0)
	}
	for p := range read.Eager {
		if p != flow.EagerUnknown {
			p = flow.JoinPath(rows.Path, p)
		}
		rows.Root.AddEager(p)
	}
}

// rows turns the first argument of a shortcut (a model, a manager, a queryset) into rows.
func (fw *Framework) rows(v flow.Value) (flow.Value, bool) {
	switch {
	case v.Kind == flow.ClassRef && v.Model != nil:
		return flow.Value{Kind: flow.Many, Model: v.Model}, true
	case v.Kind == flow.Many && fw.mine(v):
		return v, true
	}
	return flow.Value{}, false
}

// page is one page of a paginator over rows.
func (fw *Framework) page(in *flow.Interp, v flow.Value, at syntax.Ref) flow.Value {
	if v.Path != "" || v.Loaded || v.Root == nil {
		return v
	}
	v.Root.Paged = true
	return v
}

// object interprets methods that views, serializers and managers inherit from the library.
func (fw *Framework) object(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	cl := c.Recv.Class
	if cl == nil {
		return flow.Value{}, false
	}
	k := fw.kindOf(cl, 0)
	if !c.Super && k != plain && fw.ix.LookupMethod(cl, c.Name, false) != nil && c.Name != "data" {
		if c.Name != "get_queryset" && c.Name != "get_serializer_class" {
			return flow.Value{}, false
		}
		v := in.Invoke(fw.ix.LookupMethod(cl, c.Name, false), c.Recv, c)
		if v.Kind == flow.Many && v.Root != nil && v.Path == "" && len(v.Root.Sites) > 1 && v.Root.Sites[0].Node == c.Node {
			v.Root.Sites = v.Root.Sites[1:] // the query stands in the method, and is refined there
		}
		return v, true
	}
	switch k {
	case managerClass:
		return fw.managerObject(in, c)
	case serializerClass:
		return fw.serializerObject(in, c)
	case viewClass, adminClass, grapheneClass, commandClass:
		return fw.viewObject(in, c)
	case plain:
		if c.Super || c.Node.Receiver().Kind() == syntax.Self { // mixins of views and serializers
			if v, ok := fw.viewObject(in, c); ok {
				return v, true
			}
			return fw.serializerObject(in, c)
		}
	}
	return flow.Value{}, false
}

// managerObject interprets self and super() inside a manager or queryset class.
func (fw *Framework) managerObject(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Fields["@model"].Model
	if m == nil {
		m = fw.managers[c.Recv.Class]
	}
	if m == nil {
		return flow.Value{}, false
	}
	rows := flow.Value{Kind: flow.Many, Model: m}
	if c.Name == "get_queryset" || c.Name == "all" {
		return rows, true
	}
	if c.Name == "model" {
		return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
	}
	d := *c
	d.Recv = rows
	return fw.query(in, &d, rows)
}

// viewObject interprets what Django's and REST framework's views offer to their subclasses.
func (fw *Framework) viewObject(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "get_queryset":
		return fw.viewRows(in, c.Recv, c.Node), true
	case "queryset":
		if v, ok := in.FieldValue(c.Recv.Class, "queryset"); ok {
			return v, true
		}
	case "filter_queryset", "paginate_queryset":
		if len(c.Args) > 0 {
			if c.Name == "paginate_queryset" && c.Args[0].Kind == flow.Many && fw.mine(c.Args[0]) {
				in.Use(c.Args[0], c.Node)
				return fw.page(in, c.Args[0], c.Node), true
			}
			return c.Args[0], true
		}
	case "get_object":
		rows := fw.viewQueryset(in, c.Recv, c.Node)
		if rows.Kind == flow.Many && rows.Path == "" && fw.mine(rows) {
			q, r := in.Refine(rows, c.Node)
			r.Single, r.Terminal, r.Paged = true, "get", false
			return in.Element(q, nil), true
		}
		return flow.Value{}, true
	case "object_list":
		if v, ok := c.Recv.Fields["@object_list"]; ok {
			return v, true
		}
		return fw.viewQueryset(in, c.Recv, c.Node), true
	case "object":
		if v, ok := c.Recv.Fields["@object"]; ok {
			return v, true
		}
	case "get_serializer":
		s := fw.serializerClassOf(in, c.Recv, c.Node)
		if s == nil {
			return flow.Value{}, true
		}
		return fw.newSerializer(in, s, c), true
	case "get_serializer_class":
		if s := fw.serializerClassOf(in, c.Recv, c.Node); s != nil {
			return flow.Value{Kind: flow.ClassRef, Class: s}, true
		}
	case "get_context_data":
		ctx := flow.Value{Kind: flow.Container, Pairs: true, Elem: &flow.Value{}, Fields: map[string]flow.Value{}}
		for k, v := range c.Named {
			ctx.Fields[k] = v
		}
		return ctx, true
	case "list", "retrieve":
		if c.Super {
			fw.respond(in, c.Recv, c.Name, c.Node)
			return flow.Value{}, true
		}
	case "request", "kwargs", "args":
		return flow.Value{}, false
	case "render_to_response":
		return flow.Value{}, true
	}
	if strings.Contains(c.Name, "paginate") {
		return fw.paginate(in, c)
	}
	return flow.Value{}, false
}

// paginate evaluates a pagination helper that is given rows and a function for a page of them.
func (fw *Framework) paginate(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	var rows flow.Value
	var fns []flow.Value
	note := func(v flow.Value) {
		switch {
		case v.Kind == flow.Many && fw.mine(v):
			rows = v
		case v.Kind == flow.FuncValue:
			fns = append(fns, v)
		}
	}
	for _, a := range c.Args {
		note(a)
	}
	names := make([]string, 0, len(c.Named))
	for k := range c.Named {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		note(c.Named[k])
	}
	if rows.Kind != flow.Many {
		return flow.Value{}, false
	}
	in.Use(rows, c.Node)
	rows = fw.page(in, rows, c.Node)
	for _, f := range fns {
		in.CallLambda(f, rows)
	}
	return rows, true
}

// viewQueryset is self.get_queryset() of a view.
func (fw *Framework) viewQueryset(in *flow.Interp, self flow.Value, at syntax.Ref) flow.Value {
	return in.Dispatch(&flow.Call{Node: at, Name: "get_queryset", Recv: self, HasRecv: true})
}

// viewRows is what the library's get_queryset returns: the queryset attribute, else all rows of the model.
func (fw *Framework) viewRows(in *flow.Interp, self flow.Value, at syntax.Ref) flow.Value {
	if v, ok := self.Fields["@queryset"]; ok && v.Kind == flow.Many {
		return v
	}
	if v, ok := in.FieldValue(self.Class, "queryset"); ok && v.Kind == flow.Many {
		return v
	}
	if v, ok := in.FieldValue(self.Class, "model"); ok && v.Model != nil {
		q, _ := in.Refine(flow.Value{Kind: flow.Many, Model: v.Model}, at)
		return q
	}
	return flow.Value{}
}

// serializerClassOf finds the serializer of a view: its get_serializer_class, else serializer_class.
func (fw *Framework) serializerClassOf(in *flow.Interp, self flow.Value, at syntax.Ref) *flow.Class {
	if m := fw.ix.LookupMethod(self.Class, "get_serializer_class", false); m != nil {
		if v := in.Invoke(m, self, &flow.Call{Node: at, Name: m.Name}); v.Kind == flow.ClassRef && v.Class != nil {
			return v.Class
		}
	}
	if v, ok := self.Fields["@serializer_class"]; ok && v.Kind == flow.ClassRef {
		return v.Class
	}
	if v, ok := in.FieldValue(self.Class, "serializer_class"); ok && v.Kind == flow.ClassRef {
		return v.Class
	}
	return nil
}

// respond evaluates the library's list and retrieve.
func (fw *Framework) respond(in *flow.Interp, self flow.Value, action string, at syntax.Ref) {
	rows := fw.viewQueryset(in, self, at)
	if rows.Kind != flow.Many || !fw.mine(rows) {
		return
	}
	s := fw.serializerClassOf(in, self, at)
	if s == nil {
		return
	}
	if action == "list" {
		in.Use(rows, at)
		fw.serializeMany(in, s, fw.page(in, rows, at), at)
		return
	}
	if rows.Root == nil || rows.Path != "" {
		return
	}
	q, r := in.Refine(rows, at)
	r.Single = true
	fw.serialize(in, s, in.Element(q, nil), at)
}

// unknown interprets calls on values of unknown kind whose names say what they are.
func (fw *Framework) unknown(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	r := c.Node.Receiver()
	switch {
	case c.Name == "user" && (r.Str() == "request" || r.Kind() == syntax.Self && c.Recv.Kind == flow.Unknown):
		if m := fw.ix.Model(fw.user, in.File()); m != nil {
			return flow.Value{Kind: flow.Record, Model: m}, true
		}
	case c.Name == "Prefetch" || c.Name == "Paginator" || c.Name == "render" || c.Name == "Q" || c.Name == "F" || c.Name == "get_user_model":
		d := *c
		d.HasRecv = false
		return fw.bare(in, &d)
	case strings.Contains(c.Name, "paginate") && (len(c.Args) > 0 || len(c.Named) > 0):
		if v, ok := fw.paginate(in, c); ok {
			return v, true
		}
	case c.Name == "get_page" || c.Name == "page":
		return flow.Value{}, false
	}
	if cl := fw.imported(in, c); cl != nil && fw.kindOf(cl, 0) == serializerClass && c.Node.Kind() == syntax.Call {
		return fw.newSerializer(in, cl, c), true
	}
	return flow.Value{}, false
}

// imported resolves serializers.Order of an imported module of the project.
func (fw *Framework) imported(in *flow.Interp, c *flow.Call) *flow.Class {
	base := c.Node.Receiver().Dotted()
	if base == "" || c.Name == "" || c.Name[0] < 'A' || c.Name[0] > 'Z' {
		return nil
	}
	first, _, _ := strings.Cut(base, ".")
	if module, _ := fw.ix.Imported(in.File(), first); module == "" {
		return nil
	}
	return fw.ix.Class(base+"."+c.Name, in.File())
}

// render evaluates a template with the context that it is given.
func (fw *Framework) render(in *flow.Interp, c *flow.Call) {
	name := ""
	var ctx flow.Value
	for i, a := range c.Args {
		switch {
		case c.ArgRefs[i].Kind() == syntax.String && name == "":
			name = c.ArgRefs[i].Str()
		case a.Kind == flow.Container && a.Fields != nil && ctx.Fields == nil:
			ctx = a
		}
	}
	if v, ok := c.Named["context"]; ok {
		ctx = v
	}
	if k := c.Node.Keyword("template_name"); k.Kind() == syntax.String {
		name = k.Str()
	}
	if name != "" {
		fw.template(in, name, ctx.Fields, false)
	}
}

const maxNesting = 6

// template evaluates the template of a name. An included one also sees what its includer sees; those
// names are unknown here and stay silent.
func (fw *Framework) template(in *flow.Interp, name string, locals map[string]flow.Value, included bool) {
	files := fw.templates[name]
	if len(files) == 0 || fw.depth >= maxNesting {
		return
	}
	best := files[0]
	for _, f := range files[1:] {
		if shared(f.Path, in.File().Path) > shared(best.Path, in.File().Path) {
			best = f
		}
	}
	fw.depth++
	if included {
		in.Include(best, locals)
	} else {
		in.Template(best, locals)
	}
	fw.depth--
}

func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// TypeValue is the value of an annotated parameter: a model, or a collection of them.
func (fw *Framework) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if len(fw.info) == 0 || from == nil || from.Lang != "python" {
		return flow.Value{}, false
	}
	typ = strings.Trim(strings.TrimSpace(typ), `"'`)
	if i := strings.IndexByte(typ, '['); i > 0 && strings.HasSuffix(typ, "]") {
		outer, inner := flow.LastSegment(typ[:i]), strings.Trim(typ[i+1:len(typ)-1], `"'`)
		m := fw.typedModel(inner, from)
		switch outer {
		case "Optional":
			return fw.TypeValue(in, inner, from)
		case "list", "List", "Sequence", "Iterable", "Collection", "set", "Set", "tuple", "Tuple":
			if m != nil {
				return flow.Value{Kind: flow.Many, Model: m, Loaded: true}, true
			}
		case "QuerySet":
			if m != nil {
				return flow.Value{Kind: flow.Many, Model: m}, true
			}
		}
		return flow.Value{}, false
	}
	typ = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(typ, "None")), "|"))
	if m := fw.typedModel(typ, from); m != nil {
		return flow.Value{Kind: flow.Record, Model: m}, true
	}
	return flow.Value{}, false
}

func (fw *Framework) typedModel(name string, from *project.File) *flow.Model {
	c := fw.ix.Class(strings.Trim(name, `"'`), from)
	if c == nil || fw.info[c] == nil {
		return nil
	}
	return c.Model
}
