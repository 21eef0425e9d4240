package flow

import (
	"sort"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// polymorphic guesses the model of a row that a polymorphic relation leads to, from what is asked of
// it: the first model, by name, that points back through the relation and knows the word.
func (in *Interp) polymorphic(rec Value, word string) *Model {
	if rec.Kind != Record || rec.Via == nil || !rec.Via.Polymorphic {
		return nil
	}
	for _, m := range in.pointingBack(rec.Via, rec.Owner) {
		if in.Index.Relation(m, word) != nil || (m.Class != nil && in.Index.LookupMethod(m.Class, word, false) != nil) {
			return m
		}
	}
	return nil
}

// pointingBack returns the models that declare the other side of a polymorphic relation.
func (in *Interp) pointingBack(rel *Relation, owner *Model) []*Model {
	if list, ok := in.inverse[rel]; ok {
		return list
	}
	var list []*Model
	seen := map[*Model]bool{}
	for _, m := range in.Index.Models {
		if seen[m] {
			continue
		}
		seen[m] = true
		for _, r := range m.Relations {
			if r.As == rel.Name && (owner == nil || in.Index.Model(r.Target, r.File) == owner) {
				list = append(list, m)
				break
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	if in.inverse == nil {
		in.inverse = map[*Relation][]*Model{}
	}
	in.inverse[rel] = list
	return list
}

// narrowed evaluates f where the expression subject is known to be an instance of the class that test
// names: the body of case x when Comment, of if x.is_a?(Comment).
func (in *Interp) narrowed(subject, test syntax.Ref, f func() Value) Value {
	text := subject.Dotted()
	if text == "" || !test.Is(syntax.Name, syntax.Member) {
		return f()
	}
	m := in.Index.Model(test.Dotted(), in.frame.File)
	if m == nil || !startsUpper(test.Dotted()) {
		return f()
	}
	fr := in.frame
	old, had := fr.narrow[text]
	if fr.narrow == nil {
		fr.narrow = map[string]*Model{}
	}
	fr.narrow[text] = m
	v := f()
	if had {
		fr.narrow[text] = old
	} else {
		delete(fr.narrow, text)
	}
	return v
}

// asNarrowed gives a row without a model the one that a test around the node established.
func (in *Interp) asNarrowed(v Value, n syntax.Ref) Value {
	if v.Kind == Record && v.Model == nil && len(in.frame.narrow) > 0 {
		v.Model = in.frame.narrow[n.Dotted()]
	}
	return v
}

// typeTests are methods that ask for the class of their receiver.
var typeTests = map[string]bool{"is_a?": true, "kind_of?": true, "instance_of?": true}

// branchOf evaluates the body of a condition that may be a type test.
func (in *Interp) branchOf(cond, body syntax.Ref) Value {
	if cond.Kind() == syntax.Call && typeTests[cond.Str()] {
		return in.narrowed(cond.Receiver(), cond.Arg(0), func() Value { return in.Eval(body) })
	}
	return in.Eval(body)
}

// cases evaluates a switch; a case that names a class narrows the value that is switched on.
func (in *Interp) cases(n syntax.Ref) Value {
	subject := n.Child(syntax.Value)
	var best Value
	for c := range n.Children() {
		if c.Kind() != syntax.Case {
			best = prefer(best, in.Eval(c))
			continue
		}
		conds := 0
		var test syntax.Ref
		for t := range c.All(syntax.Cond) {
			in.Eval(t)
			test = t
			conds++
		}
		body := func() Value { return in.Eval(c.Child(syntax.Body)) }
		if conds == 1 && subject.Ok() {
			best = prefer(best, in.narrowed(subject, test, body))
		} else {
			best = prefer(best, body())
		}
	}
	return best
}
