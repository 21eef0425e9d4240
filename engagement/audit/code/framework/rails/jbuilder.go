package rails

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// builder interprets the calls on json in a jbuilder template: json.orders @orders do |order| walks
// the rows as each does, json.array! takes a partial or a list of attributes, json.extract! reads
// attributes.
func (fw *Framework) builder(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	r := c.Node.Receiver()
	if c.Recv.Kind != flow.Unknown || r.Str() != "json" || r.Receiver().Ok() || !strings.HasSuffix(in.File().Path, ".jbuilder") {
		return flow.Value{}, false
	}
	args, refs := c.Args, c.ArgRefs
	switch c.Name {
	case "partial!":
		d := *c
		d.Name = "render"
		fw.render(in, &d)
		return flow.Value{}, true
	case "extract!", "call", "()":
		if len(args) > 0 {
			fw.pick(in, c, args[0], refs[1:])
		}
		return flow.Value{}, true
	case "set!":
		if len(args) > 0 {
			args, refs = args[1:], refs[1:]
		}
	case "cache!", "cache_if!", "cache_root!":
		args, refs = nil, nil
	}
	if _, ok := c.Named["collection"]; ok || len(args) == 0 {
		if ok && c.Node.Keyword("partial").Ok() {
			d := *c
			d.Name = "render"
			fw.render(in, &d)
		}
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block)
		}
		return flow.Value{}, true
	}
	rows := args[0]
	if c.Node.Keyword("partial").Ok() {
		d := *c
		d.Name, d.Args, d.ArgRefs = "render", nil, nil
		d.Named = map[string]flow.Value{}
		for k, v := range c.Named {
			d.Named[k] = v
		}
		if rows.Kind == flow.Record {
			d.Named["object"] = rows
			if as := c.Node.Keyword("as"); as.Kind() == syntax.String {
				d.Named[as.Str()] = rows
			}
		} else {
			d.Named["collection"] = rows
		}
		fw.render(in, &d)
		return flow.Value{}, true
	}
	if c.Block.Kind != flow.FuncValue && len(refs) == 1 {
		if rows.Kind == flow.Many {
			in.Use(rows, c.Node)
		}
		return flow.Value{}, true
	}
	one := func(row flow.Value) {
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block, row)
			return
		}
		fw.pick(in, c, row, refs[1:])
	}
	switch rows.Kind {
	case flow.Record, flow.Object:
		one(rows)
	default: // of unknown rows the loop is real
		loop := in.StartLoop(rows, in.Site(c.Node, "one JSON object a row"), refs[0])
		one(in.Element(rows, loop))
		in.EndLoop(loop)
	}
	return flow.Value{}, true
}

// pick reads the named attributes of a row or of each row.
func (fw *Framework) pick(in *flow.Interp, c *flow.Call, row flow.Value, names []syntax.Ref) {
	if row.Kind == flow.Unknown || row.Kind == flow.Scalar {
		return
	}
	for _, n := range names {
		if n.Kind() == syntax.String {
			in.Dispatch(&flow.Call{Node: c.Node, Name: n.Str(), Recv: row, HasRecv: true})
		}
	}
}
