package rails

import (
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

const maxTemplateDepth = 7

// viewName returns the logical name of a template file: "app/views/stories/_item.html.erb" is
// "stories/_item".
func viewName(p string) (string, bool) {
	i := strings.Index(p, "app/views/")
	if i < 0 || (i > 0 && p[i-1] != '/') {
		if i = strings.Index(p, "app/components/"); i < 0 || strings.HasSuffix(p, ".rb") {
			return "", false
		}
		return stripExt(p[i+len("app/components/"):]), true
	}
	return stripExt(p[i+len("app/views/"):]), true
}

// ofApplication is a key for what an application names; files of two may bear one name.
func (fw *Framework) ofApplication(name string, f *project.File) string {
	return fw.ix.Project.Application(f.Path) + "\x00" + name
}

// view returns the template of a logical name as seen from a file, or nil.
func (fw *Framework) view(name string, from *project.File) *project.File {
	if f := fw.views[fw.ofApplication(name, from)]; f != nil {
		return f
	}
	return fw.views[name]
}

func stripExt(p string) string {
	d, b := path.Split(p)
	if i := strings.IndexByte(b, '.'); i > 0 {
		b = b[:i]
	}
	return d + b
}

// bare interprets calls without a receiver: render, controller words, helpers.
func (fw *Framework) bare(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	fr := in.Frame()
	switch c.Name {
	case "render", "render_to_string", "render_async", "render_component":
		if fw.isView(in) || fr.Self.Kind == flow.Object {
			fw.render(in, c)
			return flow.Value{}, true
		}
	case "cache":
		// A fragment cache hides the cost of hits only; the rows are still read on a miss.
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block)
		}
		return flow.Value{}, true
	case "raise", "puts", "logger", "params", "session", "flash", "request", "response", "cookies", "redirect_to", "head", "link_to", "t", "l", "raw":
		return flow.Value{}, c.Name != "raise" && c.Block.Kind != flow.FuncValue
	case "current_user", "current_account":
		if m := fw.ix.Model(Camelize(strings.TrimPrefix(c.Name, "current_")), in.File()); m != nil && fr.Self.Kind == flow.Object && fw.ix.LookupMethod(fr.Self.Class, c.Name, false) == nil {
			return flow.Value{Kind: flow.Record, Model: m}, true
		}
	case "object":
		if v, ok := fr.Ivars["object"]; ok {
			return v, true
		}
	}
	if fw.isView(in) || fr.Self.Kind == flow.Object || fr.Self.Kind == flow.Unknown {
		if m := fw.helper(in, c.Name); m != nil {
			return in.Invoke(m, flow.Value{}, c), true
		}
	}
	return flow.Value{}, false
}

func (fw *Framework) isView(in *flow.Interp) bool {
	switch in.File().Lang {
	case "erb", "haml", "slim":
		return true
	}
	return strings.HasSuffix(in.File().Path, ".jbuilder") || strings.Contains(in.File().Path, "/helpers/")
}

// helper finds a view helper by name: a method of a module below app/helpers, or a controller method
// declared with helper_method.
func (fw *Framework) helper(in *flow.Interp, name string) *flow.Method {
	if fw.helpers == nil {
		fw.helpers = map[string]*flow.Method{}
		for _, list := range fw.ix.Classes {
			for _, c := range list {
				if strings.Contains(c.File.Path, "/helpers/") && c.File.Lang == "ruby" {
					for n, m := range c.Methods {
						for _, key := range []string{n, fw.ofApplication(n, m.File)} {
							if old := fw.helpers[key]; old == nil || m.File.Path < old.File.Path {
								fw.helpers[key] = m
							}
						}
					}
				}
			}
		}
	}
	if m := fw.helpers[fw.ofApplication(name, in.File())]; m != nil {
		return m
	}
	return fw.helpers[name]
}

// render evaluates the templates and objects that a render call names.
func (fw *Framework) render(in *flow.Interp, c *flow.Call) {
	for _, k := range []string{"json", "yaml", "xml", "jsonapi", "plain", "body"} {
		v, ok := c.Named[k]
		if !ok {
			continue
		}
		if by := serializerOption(c); by != nil {
			fw.serializeEach(in, by, v, c.Node, "")
			continue
		}
		fw.serializeAll(in, v, c.Node)
	}
	locals := map[string]flow.Value{}
	if l, ok := c.Named["locals"]; ok {
		for k, v := range l.Fields {
			locals[k] = v
		}
	}
	for k, v := range c.Named {
		switch k {
		case "partial", "collection", "as", "locals", "template", "layout", "object", "json", "yaml", "status", "formats", "action", "spacer_template":
		default:
			locals[k] = v
		}
	}
	name := ""
	if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String {
		name = c.ArgRefs[0].Str()
	}
	isPartial := fw.isView(in)
	if p := c.Node.Keyword("partial"); p.Kind() == syntax.String {
		name, isPartial = p.Str(), true
	} else if a := c.Node.Keyword("action"); a.Kind() == syntax.String {
		name, isPartial = a.Str(), false
	} else if t := c.Node.Keyword("template"); t.Kind() == syntax.String {
		name, isPartial = t.Str(), false
	}
	if coll, ok := c.Named["collection"]; ok && name != "" {
		as := path.Base(name)
		if a := c.Node.Keyword("as"); a.Kind() == syntax.String {
			as = a.Str()
		}
		fw.collection(in, c, name, as, coll, locals)
		return
	}
	if obj, ok := c.Named["object"]; ok {
		locals[path.Base(name)] = obj
	}
	if name != "" {
		for _, f := range fw.find(in, name, isPartial) {
			fw.template(in, f, locals)
		}
		return
	}
	if len(c.Args) == 0 {
		if coll, ok := c.Named["collection"]; ok {
			fw.renderValue(in, c, coll, locals)
		}
		return
	}
	fw.renderValue(in, c, c.Args[0], locals)
}

// renderValue renders rows by their own partial, or a component object by its template.
func (fw *Framework) renderValue(in *flow.Interp, c *flow.Call, v flow.Value, locals map[string]flow.Value) {
	switch v.Kind {
	case flow.Many, flow.Container:
		e := in.Element(v, nil)
		if e.Model == nil {
			return
		}
		u := Underscore(e.Model.Name)
		fw.collection(in, c, Pluralize(u)+"/"+path.Base(u), path.Base(u), v, locals)
	case flow.Record:
		if v.Model == nil {
			return
		}
		u := Underscore(v.Model.Name)
		locals[path.Base(u)] = v
		for _, f := range fw.find(in, Pluralize(u)+"/"+path.Base(u), true) {
			fw.template(in, f, locals)
		}
	case flow.Object:
		if v.Class == nil {
			return
		}
		if f := fw.view(Underscore(v.Class.Name), v.Class.File); f != nil {
			fr := in.Frame()
			old := fr.Ivars
			fr.Ivars = v.Fields
			fw.template(in, f, nil)
			fr.Ivars = old
		} else if m := fw.ix.LookupMethod(v.Class, "view_template", false); m != nil {
			in.Invoke(m, v, &flow.Call{Node: c.Node, Name: m.Name})
		} else if m := fw.ix.LookupMethod(v.Class, "call", false); m != nil {
			in.Invoke(m, v, &flow.Call{Node: c.Node, Name: m.Name})
		}
	}
}

func (fw *Framework) collection(in *flow.Interp, c *flow.Call, name, as string, coll flow.Value, locals map[string]flow.Value) {
	l := in.StartLoop(coll, in.Site(c.Node, "renders one partial a row"), c.Node)
	locals[as] = in.Element(coll, l)
	for _, f := range fw.find(in, name, true) {
		fw.template(in, f, locals)
	}
	in.EndLoop(l)
}

// find resolves a template name as seen from the current file.
func (fw *Framework) find(in *flow.Interp, name string, partial bool) []*project.File {
	name = strings.TrimPrefix(name, "/")
	dir, base := path.Split(name)
	if partial && !strings.HasPrefix(base, "_") {
		base = "_" + base
	}
	base = stripExt(base)
	var tries []string
	if dir != "" {
		tries = append(tries, dir+base)
	} else {
		if v, ok := viewName(in.File().Path); ok {
			tries = append(tries, path.Dir(v)+"/"+base)
		}
		if s := in.Frame().Self; s.Kind == flow.Object && s.Class != nil {
			for _, d := range fw.controllerDirs(s.Class) {
				tries = append(tries, d+"/"+base)
			}
		}
		tries = append(tries, "application/"+base, "shared/"+base)
	}
	for _, t := range tries {
		if f := fw.view(t, in.File()); f != nil {
			return []*project.File{f}
		}
	}
	return nil
}

func (fw *Framework) controllerDirs(c *flow.Class) []string {
	var out []string
	for depth := 0; c != nil && depth < 5; depth++ {
		out = append(out, strings.TrimSuffix(Underscore(c.Name), "_controller"))
		if len(c.Super) == 0 {
			break
		}
		c = fw.ix.Class(c.Super[0], c.File)
	}
	return out
}

// template evaluates a template with the instance variables of its renderer.
func (fw *Framework) template(in *flow.Interp, f *project.File, locals map[string]flow.Value) {
	if fw.depth >= maxTemplateDepth || f.Tree == nil {
		return
	}
	fw.depth++
	in.Template(f, locals)
	fw.depth--
}

// serializeAll turns a value into JSON: every row of a collection, or one row.
func (fw *Framework) serializeAll(in *flow.Interp, v flow.Value, at syntax.Ref) {
	switch v.Kind {
	case flow.Many, flow.Container:
		if v.Kind == flow.Container && v.Pairs {
			for _, k := range keys(v.Fields) {
				fw.serializeAll(in, v.Fields[k], at)
			}
			return
		}
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		e := in.Element(v, l)
		if e.Kind == flow.Record {
			fw.serialize(in, e, at)
		}
		in.EndLoop(l)
	case flow.Record:
		fw.serialize(in, v, at)
	}
}

func keys(m map[string]flow.Value) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// serialize evaluates what turning one row into JSON reads.
func (fw *Framework) serialize(in *flow.Interp, rec flow.Value, at syntax.Ref) flow.Value {
	if rec.Model == nil || rec.Model.Class == nil {
		return flow.Value{}
	}
	for _, name := range []string{"as_json", "serializable_hash", "to_json"} {
		if m := fw.ix.LookupMethod(rec.Model.Class, name, false); m != nil {
			return in.Invoke(m, rec, &flow.Call{Node: at, Name: name})
		}
	}
	if c := fw.ix.Class(rec.Model.Name+"Serializer", rec.Model.File); c != nil && fw.serializer(c) {
		fw.serializeWith(in, c, rec, at, "")
	}
	return flow.Value{}
}
