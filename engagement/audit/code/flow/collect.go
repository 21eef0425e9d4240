package flow

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// adders put their last argument into the collection that they are called on.
var adders = map[string]bool{
	"<<": true, "push": true, "append": true, "add": true, "unshift": true, "prepend": true, "insert": true, "put": true, "set": true, "addLast": true, "addFirst": true,
}

// takers remove and return one element of a collection: the way a loop over a condition walks it.
var takers = map[string]bool{"pop": true, "shift": true, "popleft": true, "poll": true, "removeFirst": true, "removeLast": true, "dequeue": true}

// takesElement reports a condition that removes an element from a collection on each turn.
func takesElement(cond syntax.Ref) bool {
	for c := range cond.Descendants(syntax.Call) {
		if takers[c.Str()] && c.Receiver().Ok() {
			return true
		}
	}
	return false
}

// collect notes that a value was put into the collection that a variable holds, so that a list filled
// in one loop and walked in another keeps its rows. Only collections that began empty or as a literal
// in sight are followed.
func (in *Interp) collect(target syntax.Ref, v Value) {
	if rank(v) < 4 && v.Kind != Container {
		return
	}
	v.PerRow, v.Loop = false, nil
	in.store(target, v, 0)
}

func (in *Interp) store(target syntax.Ref, v Value, depth int) {
	if depth > 3 {
		return
	}
	fr := in.frame
	switch target.Kind() {
	case syntax.Assign: // (h[k] ||= []) << v
		in.store(target.Child(syntax.Target), v, depth+1)
	case syntax.Index:
		list := Value{Kind: Container, Elem: &v}
		in.store(target.Receiver(), list, depth+1)
	case syntax.Name:
		name := target.Str()
		ivar := len(name) > 0 && name[0] == '@'
		var old Value
		if ivar {
			old = fr.Ivars[name]
		} else if x, ok := fr.scope.get(name); ok {
			old = x
		}
		if old.Kind != Container {
			return
		}
		elem := v
		if old.Elem != nil && rank(*old.Elem) >= rank(v) {
			elem = *old.Elem
		}
		grown := Value{Kind: Container, Pairs: old.Pairs, Elem: &elem, Fields: old.Fields}
		if ivar {
			fr.Ivars[name] = grown
		} else {
			fr.scope.set(name, grown)
		}
	}
}

// loaded notes that the rows of a query were brought into memory: the same query object answers from
// there afterwards.
func (in *Interp) loaded(v Value) {
	if v.Kind != Many || v.Root == nil || v.Path != "" {
		return
	}
	if in.walked == nil {
		in.walked = map[*Root]bool{}
	}
	in.walked[v.Root] = true
}

// InMemory reports whether the rows of a query were walked before, so that first, last or any? of
// the same object ask nothing.
func (in *Interp) InMemory(v Value) bool {
	return v.Loaded || v.Kind == Many && v.Root != nil && v.Path == "" && in.walked[v.Root]
}

// taken is an element that was looked up or removed inside a loop that does not walk the collection
// itself: it is another row on each turn.
func (in *Interp) taken(e Value) Value {
	e.PerRow, e.Loop = false, nil
	if n := len(in.frame.Loops); n > 0 && (e.Kind == Record || e.Kind == Many) {
		e.PerRow, e.Loop = true, in.frame.Loops[n-1]
	}
	return e
}
