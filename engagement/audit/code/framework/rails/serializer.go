package rails

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// serializer reports whether a class declares how rows become JSON: ActiveModel::Serializer,
// JSONAPI::Serializer, Blueprinter, Alba and classes derived from them.
func (fw *Framework) serializer(c *flow.Class) bool { return fw.serializerAt(c, 0) }

func (fw *Framework) serializerAt(c *flow.Class, depth int) bool {
	if c == nil || depth > 4 || c.Model != nil || c.File.Lang != "ruby" {
		return false
	}
	for _, list := range [][]string{c.Super, c.Mixins} {
		for _, s := range list {
			switch strings.TrimPrefix(s, "::") {
			case "ActiveModel::Serializer", "JSONAPI::Serializer", "FastJsonapi::ObjectSerializer", "Blueprinter::Base", "Alba::Resource", "Alba::Serializer", "Panko::Serializer", "JSONAPI::Resource", "Oj::Serializer":
				return true
			}
			if fw.serializerAt(fw.ix.Class(s, c.File), depth+1) {
				return true
			}
		}
	}
	return false
}

// serializerOption is the class that render json: rows, serializer: X or each_serializer: X names.
func serializerOption(c *flow.Call) *flow.Class {
	for _, k := range []string{"each_serializer", "serializer"} {
		if v, ok := c.Named[k]; ok && v.Kind == flow.ClassRef {
			return v.Class
		}
	}
	return nil
}

// renderers are the calls of a serializer class that turn their first argument into JSON.
var renderers = map[string]bool{"new": true, "render": true, "render_as_hash": true, "render_as_json": true, "serialize": true, "serialize_to_json": true, "one": true, "many": true, "represent": true}

// serializerCall interprets a call on a serializer class.
func (fw *Framework) serializerCall(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if !renderers[c.Name] || len(c.Args) == 0 || !fw.serializer(c.Recv.Class) {
		return flow.Value{}, false
	}
	switch c.Args[0].Kind {
	case flow.Record, flow.Many, flow.Container:
		fw.serializeEach(in, c.Recv.Class, c.Args[0], c.Node, c.Node.Keyword("view").Str())
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}

// serializeEach serializes one row, or each row of a collection.
func (fw *Framework) serializeEach(in *flow.Interp, by *flow.Class, v flow.Value, at syntax.Ref, view string) {
	switch v.Kind {
	case flow.Record:
		fw.serializeWith(in, by, v, at, view)
	case flow.Many, flow.Container:
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		if e := in.Element(v, l); e.Kind == flow.Record {
			fw.serializeWith(in, by, e, at, view)
		}
		in.EndLoop(l)
	}
}

// serializeWith evaluates what a serializer class reads of one row: attributes, associations with
// their own serializers, methods over object, and blocks that are given the row.
func (fw *Framework) serializeWith(in *flow.Interp, c *flow.Class, rec flow.Value, at syntax.Ref, view string) {
	if c == nil || fw.depth >= maxTemplateDepth {
		return
	}
	fw.depth++
	defer func() { fw.depth-- }()
	for _, s := range c.Super {
		if super := fw.ix.Class(s, c.File); super != c && fw.serializer(super) {
			fw.serializeWith(in, super, rec, at, view)
		}
	}
	fw.declared(in, c, c.Node.Child(syntax.Body), rec, at, view)
}

func (fw *Framework) declared(in *flow.Interp, c *flow.Class, body syntax.Ref, rec flow.Value, at syntax.Ref, view string) {
	for call := range body.Children() {
		if call.Kind() != syntax.Call || call.Receiver().Ok() {
			continue
		}
		switch call.Str() {
		case "view":
			if view != "" && call.Arg(0).Str() == view {
				fw.declared(in, c, blockBody(call), rec, at, view)
			}
		case "attributes", "attribute", "fields", "field", "identifier", "id":
			fw.attributes(in, c, call, rec, at)
		case "has_many", "has_one", "belongs_to", "association", "one", "many":
			fw.association(in, c, call, rec, at)
		}
	}
}

// attributes reads plain attributes: a method of the serializer, a block, or a method of the row.
func (fw *Framework) attributes(in *flow.Interp, c *flow.Class, call syntax.Ref, rec flow.Value, at syntax.Ref) {
	if b := call.Child(syntax.BlockArg); b.Ok() {
		in.CallLambda(flow.Value{Kind: flow.FuncValue, Node: b, File: c.File}, rec)
		return
	}
	for _, a := range call.Args() {
		if a.Kind() == syntax.String {
			fw.attribute(in, c, a.Str(), rec, at)
		}
	}
}

func (fw *Framework) attribute(in *flow.Interp, c *flow.Class, name string, rec flow.Value, at syntax.Ref) flow.Value {
	if m := c.Methods[name]; m != nil {
		var v flow.Value
		params := m.Params()
		in.WithIvar("object", rec, func() {
			if len(params) > 0 { // Alba hands the row to the method
				v = in.Invoke(m, flow.Value{}, &flow.Call{Node: at, Name: name, Args: []flow.Value{rec}})
				return
			}
			v = in.InvokeShared(m)
		})
		return v
	}
	return in.Dispatch(&flow.Call{Node: at, Name: name, Recv: rec, HasRecv: true})
}

// association reads a relation and serializes what it leads to.
func (fw *Framework) association(in *flow.Interp, c *flow.Class, call syntax.Ref, rec flow.Value, at syntax.Ref) {
	name := call.Arg(0).Str()
	if name == "" {
		return
	}
	var v flow.Value
	if b := call.Child(syntax.BlockArg); b.Ok() {
		v = in.CallLambda(flow.Value{Kind: flow.FuncValue, Node: b, File: c.File}, rec)
	} else {
		v = fw.attribute(in, c, name, rec, at)
	}
	for _, k := range []string{"blueprint", "serializer", "resource", "each_serializer"} {
		option := call.Keyword(k)
		if by := fw.ix.Class(option.Dotted(), c.File); option.Ok() && by != nil {
			fw.serializeEach(in, by, v, at, call.Keyword("view").Str())
			return
		}
	}
	if call.Str() == "has_many" || call.Str() == "has_one" || call.Str() == "belongs_to" {
		if onlyIDs(fw, c) {
			return
		}
		fw.serializeAll(in, v, at)
	}
}

// onlyIDs: JSONAPI serializers write the identifiers of related rows, not the rows.
func onlyIDs(fw *Framework, c *flow.Class) bool {
	for _, m := range c.Mixins {
		if m == "JSONAPI::Serializer" || m == "FastJsonapi::ObjectSerializer" {
			return true
		}
	}
	return false
}
