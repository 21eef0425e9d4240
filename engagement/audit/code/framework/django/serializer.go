package django

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// newSerializer is Serializer(instance, many=True): its rows are read when its data is asked for.
func (fw *Framework) newSerializer(in *flow.Interp, cl *flow.Class, c *flow.Call) flow.Value {
	v := flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}
	inst, ok := c.Named["instance"]
	if !ok && len(c.Args) > 0 {
		inst, ok = c.Args[0], true
	}
	if ok {
		v.Fields["@instance"] = inst
	}
	if c.Node.Keyword("many").Str() == "true" || inst.Kind == flow.Many || inst.Kind == flow.Container {
		v.Fields["@many"] = flow.Text("true")
	}
	return v
}

// serializerObject interprets self and super() inside serializers, and the data of one.
func (fw *Framework) serializerObject(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "data":
		inst, ok := c.Recv.Fields["@instance"]
		if !ok {
			return flow.Value{}, true
		}
		if _, many := c.Recv.Fields["@many"]; many || inst.Kind == flow.Many {
			fw.serializeMany(in, c.Recv.Class, inst, c.Node)
		} else {
			fw.serialize(in, c.Recv.Class, inst, c.Node)
		}
		return flow.Value{}, true
	case "to_representation":
		if len(c.Args) > 0 {
			if c.Super {
				fw.fieldsOf(in, c.Recv.Class, c.Args[0], c.Node)
			} else {
				fw.serialize(in, c.Recv.Class, c.Args[0], c.Node)
			}
			return flow.Value{}, true
		}
	case "instance":
		if v, ok := c.Recv.Fields["@instance"]; ok {
			return v, true
		}
	case "save", "create", "update", "is_valid":
		if c.Super || c.Name == "save" || c.Name == "is_valid" {
			return flow.Value{}, true
		}
	}
	return flow.Value{}, false
}

// serializeMany turns each row of a collection into data.
func (fw *Framework) serializeMany(in *flow.Interp, cl *flow.Class, rows flow.Value, at syntax.Ref) {
	switch rows.Kind {
	case flow.Many, flow.Container:
	default:
		return
	}
	l := in.StartLoop(rows, in.Site(at, "serializes each row"), at)
	fw.serialize(in, cl, in.Element(rows, l), at)
	in.EndLoop(l)
}

// serialize evaluates what turning one row into data reads.
func (fw *Framework) serialize(in *flow.Interp, cl *flow.Class, rec flow.Value, at syntax.Ref) {
	if cl == nil || rec.Kind != flow.Record || rec.Model == nil || fw.depth >= maxNesting {
		return
	}
	self := flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}
	if m := fw.ix.LookupMethod(cl, "to_representation", false); m != nil {
		in.Invoke(m, self, &flow.Call{Node: at, Name: m.Name, Args: []flow.Value{rec}, ArgRefs: []syntax.Ref{at}})
		return
	}
	fw.fieldsOf(in, cl, rec, at)
}

// fieldsOf evaluates the declared fields of a serializer and those that its Meta names.
func (fw *Framework) fieldsOf(in *flow.Interp, cl *flow.Class, rec flow.Value, at syntax.Ref) {
	if rec.Kind != flow.Record || rec.Model == nil || fw.depth >= maxNesting {
		return
	}
	fw.depth++
	defer func() { fw.depth-- }()
	declared, order := fw.declaredFields(cl)
	s := fw.serializerMeta(cl)
	named := map[string]bool{}
	for _, n := range s.fields {
		named[n.Str()] = true
	}
	self := flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}
	for _, name := range order {
		if len(s.fields) > 0 && !named[name] || s.excluded[name] {
			continue
		}
		f := declared[name]
		if f.call.Keyword("write_only").Str() == "true" {
			continue
		}
		in.InFile(f.owner.File, self, func() { fw.declaredField(in, f, self, rec) })
	}
	if s.model == "" {
		return
	}
	if s.all {
		i := fw.infoOf(rec.Model)
		if i == nil {
			return
		}
		in.InFile(s.owner.File, self, func() {
			for _, f := range i.fields {
				if f.many() && declared[f.name] == nil && !s.excluded[f.name] {
					in.Use(in.Relate(rec, rec.Model.Relations[f.name], s.node), s.node)
				}
			}
		})
		return
	}
	for _, n := range s.fields {
		if declared[n.Str()] != nil {
			continue
		}
		in.InFile(s.owner.File, self, func() { fw.modelField(in, rec, n.Str(), n, s.depth) })
	}
}

// declaredField evaluates one field that a serializer's body declares.
func (fw *Framework) declaredField(in *flow.Interp, f *field, self, rec flow.Value) {
	source := f.call.Keyword("source").Str()
	kind := f.kind
	if kind == "SerializerMethodField" {
		method := "get_" + f.name
		if k := f.call.Keyword("method_name"); k.Kind() == syntax.String {
			method = k.Str()
		} else if a := f.call.Arg(0); a.Kind() == syntax.String {
			method = a.Str()
		}
		if m := fw.ix.LookupMethod(self.Class, method, false); m != nil {
			in.Invoke(m, self, &flow.Call{Node: f.call, Name: method, Args: []flow.Value{rec}, ArgRefs: []syntax.Ref{f.call}})
		}
		return
	}
	if source == "" {
		source = f.name
	}
	nested := fw.ix.Class(dottedCall(f.call), f.owner.File)
	if nested != nil && fw.kindOf(nested, 0) != serializerClass {
		nested = nil
	}
	child := f.call.Keyword("child") // ListField(child=X())
	many := f.call.Keyword("many").Str() == "true"
	segments := strings.Split(source, ".")
	v := rec
	if source != "*" {
		for i, seg := range segments {
			last := i == len(segments)-1
			if last && nested == nil && v.Kind == flow.Record && pkOnly[kind] && !many {
				if rel := fw.ix.Relation(v.Model, seg); rel != nil && rel.Kind == flow.BelongsTo {
					return // the key is on the row
				}
			}
			if last && nested == nil && scalarKinds[kind] && v.Kind == flow.Record && fw.ix.Relation(v.Model, seg) != nil {
				return // a scalar field of the name of a relation is an annotation of the query
			}
			v = fw.attribute(in, v, seg, f.call)
		}
	}
	switch {
	case nested != nil:
		if v.Kind == flow.Many || v.Kind == flow.Container {
			fw.serializeMany(in, nested, v, f.call)
		} else if v.Kind == flow.Record {
			fw.serialize(in, nested, v, f.call)
		}
	case v.Kind == flow.Many || v.Kind == flow.Container:
		if kind == "ListField" && child.Ok() || many || strings.HasSuffix(kind, "RelatedField") {
			l := in.StartLoop(v, in.Site(f.call, "serializes each row"), f.call)
			if kind == "StringRelatedField" {
				fw.str(in, in.Element(v, l), f.call)
			}
			in.EndLoop(l)
		}
	case v.Kind == flow.Record && kind == "StringRelatedField":
		fw.str(in, v, f.call)
	}
}

// pkOnly are the fields that show a key, which the row has already.
var pkOnly = map[string]bool{"PrimaryKeyRelatedField": true, "HyperlinkedRelatedField": true, "UUIDField": true}

// scalarKinds are fields of plain values.
var scalarKinds = map[string]bool{"IntegerField": true, "BooleanField": true, "FloatField": true, "DecimalField": true, "DateTimeField": true, "DateField": true, "JSONField": true, "CharField": true}

// str evaluates str(row).
func (fw *Framework) str(in *flow.Interp, rec flow.Value, at syntax.Ref) {
	if rec.Kind != flow.Record || rec.Model == nil || rec.Model.Class == nil {
		return
	}
	for _, name := range []string{"__str__", "__unicode__"} {
		if m := fw.ix.LookupMethod(rec.Model.Class, name, false); m != nil {
			in.Invoke(m, rec, &flow.Call{Node: at, Name: name})
			return
		}
	}
}

// attribute reads an attribute as REST framework does: what is callable is called.
func (fw *Framework) attribute(in *flow.Interp, v flow.Value, name string, at syntax.Ref) flow.Value {
	switch v.Kind {
	case flow.Record:
		if name == "pk" || name == "id" {
			return flow.Value{Kind: flow.Scalar}
		}
		return in.Dispatch(&flow.Call{Node: at, Name: name, Recv: v, HasRecv: true})
	case flow.Many:
		return in.Dispatch(&flow.Call{Node: at, Name: name, Recv: v, HasRecv: true})
	}
	return flow.Value{}
}

// modelField evaluates a name of Meta.fields that the serializer does not declare.
func (fw *Framework) modelField(in *flow.Interp, rec flow.Value, name string, at syntax.Ref, depth bool) {
	if rel := fw.ix.Relation(rec.Model, name); rel != nil {
		if rel.Kind == flow.BelongsTo && !rel.Polymorphic && !depth {
			return // shown as its key
		}
		v := in.Relate(rec, rel, at)
		in.Use(v, at)
		return
	}
	if rec.Model.Columns[name] != "" || rec.Model.Class == nil {
		return
	}
	if m := fw.ix.LookupMethod(rec.Model.Class, name, false); m != nil {
		in.Invoke(m, rec, &flow.Call{Node: at, Name: name})
	}
}

// declaredFields collects the field declarations of a serializer and its bases, nearest first.
func (fw *Framework) declaredFields(cl *flow.Class) (map[string]*field, []string) {
	out := map[string]*field{}
	var order []string
	var walk func(c *flow.Class, depth int)
	walk = func(c *flow.Class, depth int) {
		if c == nil || depth > 8 {
			return
		}
		for _, f := range ownFields(c) {
			if out[f.name] == nil {
				out[f.name] = f
				order = append(order, f.name)
			}
		}
		for n := range c.Node.Child(syntax.Body).Children() { // name = None takes an inherited field away
			if n.Kind() == syntax.Field && n.Child(syntax.Value).Kind() == syntax.Nil && out[n.Str()] == nil {
				out[n.Str()] = &field{name: n.Str(), owner: c}
			}
		}
		for _, s := range c.Super {
			if b := fw.ix.Class(s, c.File); b != nil && b != c {
				walk(b, depth+1)
			}
		}
	}
	walk(cl, 0)
	return out, order
}

// serializerMeta is what class Meta of a serializer says.
type serializerMeta struct {
	model    string
	fields   []syntax.Ref // names
	all      bool
	depth    bool
	excluded map[string]bool
	owner    *flow.Class
	node     syntax.Ref
}

func (fw *Framework) serializerMeta(cl *flow.Class) serializerMeta {
	s := serializerMeta{excluded: map[string]bool{}, owner: cl}
	for c, depth := cl, 0; c != nil && depth < 8; depth++ {
		if n := metaClass(c); n.Ok() {
			s.owner = c
			fw.readSerializerMeta(&s, n, c, 0)
			return s
		}
		var next *flow.Class
		for _, sup := range c.Super {
			if b := fw.ix.Class(sup, c.File); b != nil && b != c && fw.kindOf(b, 0) == serializerClass {
				next = b
				break
			}
		}
		c = next
	}
	return s
}

func (fw *Framework) readSerializerMeta(s *serializerMeta, n syntax.Ref, c *flow.Class, depth int) {
	if sup := n.Child(syntax.Super); sup.Ok() && depth < 5 {
		if b := fw.ix.Class(strings.TrimSuffix(sup.Dotted(), ".Meta"), c.File); b != nil && b != c {
			fw.readSerializerMeta(s, metaClass(b), b, depth+1)
		}
	}
	for f := range n.Child(syntax.Body).Children() {
		if f.Kind() != syntax.Field {
			continue
		}
		v := f.Child(syntax.Value)
		switch f.Str() {
		case "model":
			s.model = v.Str()
		case "depth":
			s.depth = v.Str() != "0"
		case "fields":
			s.node, s.owner = v, c
			s.all, s.fields = false, nil
			if v.Kind() == syntax.String || v.Str() == "ALL_FIELDS" {
				s.all = true
				continue
			}
			s.fields = fw.names(v, c, 0)
		case "exclude":
			s.node, s.all = v, true
			for _, e := range fw.names(v, c, 0) {
				s.excluded[e.Str()] = true
			}
		}
	}
}

// names reads a list of strings, sums of lists and other classes' Meta.fields.
func (fw *Framework) names(v syntax.Ref, c *flow.Class, depth int) []syntax.Ref {
	var out []syntax.Ref
	if depth > 5 {
		return nil
	}
	for _, e := range elements(v) {
		switch e.Kind() {
		case syntax.String:
			out = append(out, e)
		case syntax.Member: // Base.Meta.fields
			if base, ok := strings.CutSuffix(e.Dotted(), ".Meta."+e.Str()); ok {
				if b := fw.ix.Class(base, c.File); b != nil && b != c {
					for f := range metaClass(b).Child(syntax.Body).Children() {
						if f.Kind() == syntax.Field && f.Str() == e.Str() {
							out = append(out, fw.names(f.Child(syntax.Value), b, depth+1)...)
						}
					}
				}
			}
		case syntax.Name:
			if k, ok := fw.ix.Constants[c.File][e.Str()]; ok {
				out = append(out, fw.names(k, c, depth+1)...)
			}
		}
	}
	return out
}
