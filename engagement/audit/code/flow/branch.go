package flow

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// yes and no are what a decided condition evaluates to.
var yes, no = boolean("true"), boolean("false")

func boolean(s string) Value {
	b := syntax.NewBuilder("", nil)
	b.Leaf(syntax.Bool, syntax.Stmt, s, 0, 0)
	return Value{Kind: Literal, Node: b.Finish().At(1)}
}

// decided returns a boolean value for a condition whose truth is known.
func (in *Interp) decided(n syntax.Ref) (Value, bool) {
	t, ok := in.truth(n)
	switch {
	case !ok:
		return Value{}, false
	case t:
		return yes, true
	}
	return no, true
}

// persisted reports a row that a query has read: it has a key, and the branches for new rows are not
// taken. The object of a method that is evaluated without a caller may be new.
func persisted(v Value) bool { return v.Kind == Record && v.Root != nil && !v.unsaved }

// storedWords ask a row whether it is in the database. The value is the answer for one that is.
var storedWords = map[string]bool{
	"pk": true, "id": true, "persisted?": true, "exists": true, "_state.adding": false, "adding": false, "new_record?": false, "wasRecentlyCreated": false, "isNew": false, "isNewRecord": false, "previously_new_record?": false,
}

// stored decides a question for the key or the state of a row that a query has read.
func (in *Interp) stored(n syntax.Ref) (value, known bool) {
	if !n.Is(syntax.Member, syntax.Call) || len(n.Args()) > 0 {
		return false, false
	}
	answer, ok := storedWords[n.Str()]
	if !ok {
		return false, false
	}
	r := n.Receiver()
	if n.Str() == "adding" {
		if r.Str() != "_state" {
			return false, false
		}
		r = r.Receiver()
	}
	var v Value
	switch {
	case r.Is(syntax.Self, syntax.Name):
		v = in.Eval(r)
	case !r.Ok() && n.Kind() == syntax.Call && n.Has(syntax.FlagNoArgs):
		v = in.frame.Self
	}
	return answer, persisted(v)
}

// fixed reports whether a variable keeps the value it has: a parameter that is never assigned, or a
// local that is assigned once.
func (in *Interp) fixed(n syntax.Ref) bool {
	fn := in.functionAround(n)
	if !fn.Ok() {
		return true
	}
	o := in.originsOf(fn)
	times := len(o.from[n.Str()])
	if o.params[n.Str()] {
		return times == 0
	}
	return times <= 1
}

// literal returns the text of a constant that a variable is known to hold, or that stands in the code.
func (in *Interp) literal(n syntax.Ref) (string, syntax.Kind, bool) {
	if n.Is(syntax.String, syntax.Number) && !n.Has(syntax.FlagInterp) {
		return n.Str(), n.Kind(), true
	}
	if n.Kind() != syntax.Name {
		return "", 0, false
	}
	if v, ok := in.frame.scope.get(n.Str()); ok && v.Kind == Literal && v.Node.Is(syntax.String, syntax.Number) && !v.Node.Has(syntax.FlagInterp) && in.fixed(n) {
		return v.Node.Str(), v.Node.Kind(), true
	}
	return "", 0, false
}

// compared decides a comparison of constants, of a stored row's key with nothing, and of a variable
// with nothing.
func (in *Interp) compared(op string, l, r syntax.Ref) (equal, known bool) {
	switch op {
	case "==", "!=", "===", "!==", "is", "is not":
	default:
		return false, false
	}
	if r.Kind() == syntax.Nil {
		if there, ok := in.stored(l); ok && there {
			return false, true
		}
		if l.Kind() == syntax.Name {
			if v, ok := in.frame.scope.get(l.Str()); ok && v.Kind == Literal && in.fixed(l) {
				return v.Node.Kind() == syntax.Nil, true
			}
		}
		return false, false
	}
	a, ka, ok := in.literal(l)
	b, kb, ok2 := in.literal(r)
	if !ok || !ok2 || ka != kb || l.Is(syntax.String, syntax.Number) && r.Is(syntax.String, syntax.Number) {
		return false, false
	}
	return a == b, true
}

// borders are calls that take a function and do not run it here: queues start it elsewhere, lazy objects
// when somebody looks, caches once, registries on an event.
var borders = map[string]bool{
	"enqueue": true, "enqueue_at": true, "enqueue_in": true, "enqueue_call": true, "enqueue_once": true, "enqueueAt": true, "enqueueIn": true, "delay": true, "apply_async": true, "send_task": true, "schedule_job": true, "add_job": true,
	"perform_later": true, "perform_async": true, "perform_in": true, "perform_at": true, "deliver_later": true,
	"partial": true, "partialmethod": true, "SimpleLazyObject": true, "LazyObject": true, "lazy": true, "lazystr": true, "Lazy": true, "memoize": true, "memo": true, "once": true, "lru_cache": true, "useMemo": true, "useCallback": true,
	"register": true, "connect": true, "subscribe": true, "addEventListener": true, "addListener": true, "setInterval": true,
}

// runners call the function of a module that they are given by name. Other calls of which nothing is known
// keep it for later; a function that was made where it is passed is taken to run.
var runners = map[string]bool{"submit": true, "on_commit": true, "run": true, "call": true, "apply": true, "execute": true, "run_in_executor": true, "to_thread": true, "sync_to_async": true, "transaction": true, "atomic": true, "gather": true, "map": true, "retry": true, "invoke": true, "with_retries": true}
