package rails

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// onSave are the callbacks and validations that run when a row that exists is saved.
var onSave = map[string]bool{
	"validate": true, "before_validation": true, "after_validation": true, "before_save": true, "after_save": true, "around_save": true,
	"before_update": true, "after_update": true, "after_commit": true, "after_update_commit": true, "after_save_commit": true,
}

// saving are the writes that run callbacks; update_column and its like go around them.
var saving = map[string]bool{"save": true, "save!": true, "update": true, "update!": true, "update_attribute": true, "increment!": false, "toggle!": false}

// callbacksOfWrite reads the relations that saving a row reads: validations and callbacks without a
// condition. Queries and writes inside them are left out: they are part of the write that is reported.
func (fw *Framework) callbacksOfWrite(in *flow.Interp, c *flow.Call) {
	m := c.Recv.Model
	if !saving[c.Name] || c.Recv.Root == nil || m.Class == nil {
		return
	}
	for _, name := range fw.saveHooks(m) {
		in.Memoized(func() flow.Value {
			if rel := fw.ix.Relation(m, name); rel != nil {
				return in.Relate(c.Recv, rel, c.Node)
			}
			if cm := fw.ix.LookupMethod(m.Class, name, false); cm != nil {
				return in.Invoke(cm, c.Recv, &flow.Call{Node: c.Node, Name: name})
			}
			return flow.Value{}
		})
	}
}

// saveHooks lists the methods and relations that saving a row of a model touches each time.
func (fw *Framework) saveHooks(m *flow.Model) []string {
	if list, ok := fw.hooks[m]; ok {
		return list
	}
	if fw.hooks == nil {
		fw.hooks = map[*flow.Model][]string{}
	}
	var out []string
	for c := range m.Class.Node.Child(syntax.Body).Children() {
		if c.Kind() != syntax.Call || c.Receiver().Ok() || c.Keyword("if").Ok() || c.Keyword("unless").Ok() {
			continue
		}
		switch {
		case onSave[c.Str()]:
			if on := c.Keyword("on"); on.Ok() && !strings.Contains(m.File.NodeText(on), "update") && !strings.Contains(m.File.NodeText(on), "save") {
				continue
			}
			for _, a := range c.Args() {
				if a.Kind() == syntax.String {
					out = append(out, a.Str())
				}
			}
		case c.Str() == "validates" && c.Keyword("presence").Ok() && !c.Keyword("on").Ok(), c.Str() == "validates_presence_of":
			for _, a := range c.Args() {
				if a.Kind() == syntax.String && fw.ix.Relation(m, a.Str()) != nil {
					out = append(out, a.Str())
				}
			}
		}
	}
	fw.hooks[m] = out
	return out
}
