package flow

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Relate reads a relation of a row at a node.
func (in *Interp) Relate(rec Value, rel *Relation, at syntax.Ref) Value {
	target := in.Index.Model(rel.Target, rel.File)
	// The row that a relation was read from is known to the rows it leads to.
	if rec.Via != nil && rel.Kind == BelongsTo && rec.Via.Kind != BelongsTo && rec.Owner != nil && target == rec.Owner && rec.Via.Through == "" {
		path := rec.Path
		if i := lastDot(path); i >= 0 {
			path = path[:i]
		} else {
			path = ""
		}
		if rec.Path == "" { // the rows of a query over the relation
			return Value{Kind: Record, Model: target}
		}
		return Value{Kind: Record, Model: target, Root: rec.Root, Path: path, PerRow: rec.PerRow, Loop: rec.Loop}
	}
	if rec.Via == rel && target == rec.Model && rec.Path != "" {
		// The parent of a parent: a walk up a tree, whose length no preload knows.
		return Value{Kind: kindOf(rel), Model: target}
	}
	v := Value{Model: target, Root: rec.Root, Path: JoinPath(rec.Path, rel.Name), Via: rel, Owner: rec.Model, PerRow: rec.PerRow, Loop: rec.Loop}
	if tooLong(v.Path) {
		v.Root, v.Path = nil, ""
	}
	if rel.Kind.Many() {
		v.Kind = Many
		return v
	}
	v.Kind = Record
	if rec.Root != nil {
		in.emit(Effect{Kind: LoadRelation, Root: rec.Root, Path: v.Path, Rel: rel, Site: in.Site(at, "reads "+rel.Name), PerRow: rec.PerRow, Loop: rec.Loop, KeyOnly: keyOnly(rel, at)})
	}
	return v
}

// keyReads are the words for the key of a row.
var keyReads = map[string]bool{"id": true, "pk": true, "getKey": true, "getId": true, "to_key": true}

// filtering are calls whose named arguments compare or set keys.
var filtering = map[string]bool{"filter": true, "exclude": true, "get": true, "where": true, "find_by": true, "find_by!": true, "get_or_create": true, "create": true, "Q": true, "exists?": true, "not": true}

// keyOnly reports a read of a to-one relation that only wants its key: x.user.id, filter(user=x.user),
// x.user == me.
func keyOnly(rel *Relation, at syntax.Ref) bool {
	if rel.Kind != BelongsTo || rel.Polymorphic {
		return false
	}
	p := at.Parent()
	switch p.Kind() {
	case syntax.Member, syntax.Call:
		return at.Role() == syntax.Receiver && keyReads[p.Str()] && len(p.Args()) == 0
	case syntax.Pair:
		call := p.Parent()
		return call.Kind() == syntax.Call && (filtering[call.Str()] || startsUpper(call.Str()) && p.Role() == syntax.Arg && call.T.Lang == "python")
	case syntax.Binary:
		switch p.Str() {
		case "==", "!=", "is", "is not", "===", "!==":
			return true
		}
	}
	return false
}

func kindOf(rel *Relation) ValueKind {
	if rel.Kind.Many() {
		return Many
	}
	return Record
}

// maxPath is how many relations deep rows are followed. Functions that walk a tree by calling
// themselves would make paths without end.
const maxPath = 7

// climbs reports a path with the same relation twice in a row: a function that calls itself up a tree.
func climbs(path string) bool {
	last := ""
	for seg := range strings.SplitSeq(path, ".") {
		if seg == last && seg != "" {
			return true
		}
		last = seg
	}
	return false
}

func tooLong(path string) bool { return len(path) > maxPath && strings.Count(path, ".") >= maxPath }

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}

// Use marks a collection as walked in memory: a relation is loaded, a query runs.
func (in *Interp) Use(v Value, at syntax.Ref) {
	if v.Kind != Many || v.Loaded || v.Root == nil {
		return
	}
	if v.Path != "" {
		in.emit(Effect{Kind: LoadRelation, Root: v.Root, Path: v.Path, Rel: v.Via, Site: in.Site(at, "walks "+v.Path), PerRow: v.PerRow, Loop: v.Loop})
		return
	}
	if v.Root.symbolic() {
		return
	}
	// A query object keeps its rows: walking it again in a loop that did not build it asks nothing.
	loops := in.frame.Loops
	for n := len(loops); n > 0 && loops[n-1] != v.Root.born && family(in.frame.File.Lang) == "python"; n-- {
		in.frame.Loops = loops[: n-1 : n-1]
	}
	in.Execute(v.Root, in.Site(at, "runs the query"), RunQuery)
	in.frame.Loops = loops
}

// NewQuery starts a query on a model at a node.
func (in *Interp) NewQuery(m *Model, at syntax.Ref) *Root {
	r := &Root{Kind: QueryRoot, Model: m, Entry: in.entry, born: in.innermost()}
	if at.Ok() {
		r.Sites = []Site{in.Site(at, "query")}
	}
	in.roots[r] = true
	return r
}

// Refine derives the query behind a Many (or starts one for a relation of a row) at a node.
func (in *Interp) Refine(v Value, at syntax.Ref) (Value, *Root) {
	var r *Root
	switch {
	case v.Root == nil:
		r = in.NewQuery(v.Model, at)
		if v.Via != nil { // of a row of unknown origin
			r.Owner, r.Rel = &Value{Kind: Record, Model: v.Owner}, v.Via
		}
	case v.Path != "": // a relation of a row becomes a query of its own
		r = in.NewQuery(v.Model, at)
		owner := v
		owner.Kind = Record
		r.Owner, r.Rel = &owner, v.Via
	default:
		r = v.Root.Derive()
		r.born = in.innermost()
		r.At(in.Site(at, "query"))
		in.roots[r] = true
	}
	via, owner := v.Via, v.Owner
	return Value{Kind: Many, Model: v.Model, Root: r, Via: via, Owner: owner}, r
}

// innermost returns the loop at hand, nil outside of loops.
func (in *Interp) innermost() *Loop {
	if n := len(in.frame.Loops); n > 0 {
		return in.frame.Loops[n-1]
	}
	return nil
}

// Execute records that a query runs at a site.
func (in *Interp) Execute(r *Root, site Site, kind EffectKind) {
	if r == nil || in.frame.memoed > 0 {
		return
	}
	e := Effect{Kind: kind, Query: r, Site: site}
	in.start(&e)
	if r.symbolic() { // asked of a parameter: the caller knows whether it is one of many
		e.Root = r.ultimate()
		in.emit(e)
		return
	}
	if o := r.Owner; o != nil && o.Root != nil { // asked of a row
		e.Root, e.Path, e.Rel, e.PerRow, e.Loop = o.Root, o.Path, r.Rel, o.PerRow, o.Loop
		if !e.PerRow {
			in.perTurn(&e, r)
		}
		in.emit(e)
		return
	}
	in.perTurn(&e, r)
	in.emit(e)
}

// emit records an effect: on rows of a parameter it goes into the summary, on known rows it is judged.
func (in *Interp) emit(e Effect) {
	fr := in.frame
	if fr.memoed > 0 && e.Kind != LoadRelation {
		return
	}
	e.Guarded = e.Guarded || fr.guarded > 0
	in.settle(&e)
	if e.Root == nil {
		if e.PerRow && !e.inLoop {
			in.addLoad(e)
			e.inLoop = true
		}
		if !e.inLoop {
			in.export(e)
		}
		return
	}
	if e.Root.symbolic() {
		if e.Kind == LoadRelation && e.Root.Eager[e.Path] {
			return // the function itself has loaded it for the rows that it was given
		}
		in.export(e)
		return
	}
	if e.PerRow {
		in.addLoad(e)
	}
}

const maxEffects = 400 // per function; a function that touches more is summarized by its first

func (in *Interp) export(e Effect) {
	if len(in.frame.effects) < maxEffects {
		in.frame.effects = append(in.frame.effects, e)
	}
}

// replay applies an effect of a callee to the actual arguments of a call.
func (in *Interp) replay(e Effect, actual func(int) (Value, bool), call Site, ctx callContext) {
	var a Value // the rows given for those of the parameter
	if e.Root != nil {
		var ok bool
		if a, ok = actual(e.Root.ultimate().Param); !ok {
			return
		}
		if a.Kind == Container && a.Elem != nil {
			a = *a.Elem
		}
		if a.Root == nil && (e.Kind == LoadRelation || e.PerRow) {
			return
		}
	}
	const far = 6 // calls that are remembered
	trace := make([]Site, 1, min(len(e.Trace)+1, far))
	trace[0] = call
	e.Trace = append(trace, e.Trace[:min(len(e.Trace), far-1)]...)
	in.depend(&e, ctx)
	in.hop(&e, call, ctx)
	if e.Root == nil {
		if !e.inLoop {
			in.perTurn(&e, e.Query)
		}
		in.emit(e)
		return
	}
	if a.Root == nil {
		e.Root, e.Path = nil, ""
		if len(in.frame.Loops) > 0 { // a query of a row of unknown origin, asked inside a loop here
			in.perTurn(&e, nil)
		}
		in.emit(e)
		return
	}
	if e.Kind == LoadRelation && len(e.Root.Eager) > 0 && in.Index.Covers(e.Root, e.Path) {
		return // the callee loaded it for the rows that it was given
	}
	root, prefix := in.graft(e.Root, a)
	e.Root, e.Path = root, JoinPath(prefix, e.Path)
	if tooLong(e.Path) || climbs(e.Path) {
		return
	}
	if a.PerRow && !e.PerRow {
		e.PerRow, e.Loop = true, a.Loop
	}
	if e.Kind != LoadRelation && !e.PerRow {
		in.perTurn(&e, nil)
	}
	in.emit(e)
}

// hop moves an effect out of a function that only passes a statement on, to the caller that wrote it.
func (in *Interp) hop(e *Effect, call Site, ctx callContext) {
	if e.Query == nil || !e.Query.Text.Ok() || e.placed || e.inLoop {
		return
	}
	for i, a := range ctx.call.Args {
		if a.Kind != Literal || a.Node.Kind() != syntax.String || a.Node.Str() != e.Query.Text.Str() || i >= len(ctx.call.ArgRefs) {
			continue
		}
		e.Site = Site{File: call.File, Node: call.Node, Note: e.Site.Note}
		e.placed = !in.Parameter(ctx.call.ArgRefs[i])
		return
	}
	e.placed = true
}

// Parameter reports whether an expression is a parameter of the function being evaluated, as it came.
func (in *Interp) Parameter(n syntax.Ref) bool {
	fn := in.functionAround(n)
	if n.Kind() != syntax.Name || !fn.Ok() {
		return false
	}
	o := in.originsOf(fn)
	return o.params[n.Str()] && len(o.from[n.Str()]) == 0
}

// graft puts the actual value of a parameter under a root that a callee derived from it. It returns
// the resulting root and the path from its rows.
func (in *Interp) graft(r *Root, a Value) (*Root, string) {
	if r.Base == nil || a.Root == nil || a.Kind == Record {
		return a.Root, a.Path
	}
	var d *Root
	if a.Path != "" { // a relation of a row, narrowed in the callee: a query of its own
		d = &Root{Kind: QueryRoot, Model: r.Model, Entry: in.entry}
		owner := a
		owner.Kind = Record
		d.Owner, d.Rel = &owner, a.Via
	} else {
		d = a.Root.Derive()
	}
	d.born = in.innermost()
	for p := range r.Eager {
		d.AddEager(p)
	}
	d.Filters = append(d.Filters, r.Filters...)
	d.Orders = append(d.Orders, r.Orders...)
	d.Joins = append(d.Joins, r.Joins...)
	d.Single = d.Single || r.Single
	d.Paged = d.Paged || r.Paged
	d.Distinct = d.Distinct || r.Distinct
	if r.Limit > 0 {
		d.Limit = r.Limit
	}
	if r.Terminal != "" {
		d.Terminal = r.Terminal
	}
	d.Sites = append(append([]Site(nil), r.Sites...), d.Sites...)
	in.roots[d] = true
	return d, ""
}

// rebase gives the value that a callee returned its actual roots.
func (in *Interp) rebase(v Value, actual func(int) (Value, bool), call Site) Value {
	return in.rebaseAt(v, actual, call, 0)
}

// rebaseAt bounds the depth: objects can hold each other.
func (in *Interp) rebaseAt(v Value, actual func(int) (Value, bool), call Site, depth int) Value {
	if depth > keyDepth+2 {
		v.Fields, v.Elem = nil, nil
		return v
	}
	switch v.Kind {
	case Record, Many:
		if v.Root == nil {
			return v
		}
		if !v.Root.symbolic() {
			if v.Path == "" {
				d := v.Root.Derive()
				d.Entry, d.born = in.entry, in.innermost()
				d.Sites = append([]Site{call}, d.Sites...)
				in.roots[d] = true
				if o := d.Owner; o != nil && o.Root != nil && o.Root.symbolic() {
					if a, ok := actual(o.Root.ultimate().Param); ok {
						oo := *o
						oo.Root, oo.Path, oo.PerRow, oo.Loop = a.Root, JoinPath(a.Path, o.Path), o.PerRow || a.PerRow, a.Loop
						d.Owner = &oo
					}
				}
				v.Root = d
			}
			return v
		}
		a, ok := actual(v.Root.ultimate().Param)
		if !ok {
			return Value{Kind: v.Kind, Model: v.Model}
		}
		if a.Kind == Container && a.Elem != nil {
			a = *a.Elem
		}
		if a.Root == nil {
			if v.Root.Base != nil && len(v.Root.Sites) > 0 && v.Path == "" { // a class was passed: the query starts in the callee
				d := v.Root.Derive()
				d.Base, d.Kind, d.born = nil, QueryRoot, in.innermost()
				d.Sites = append([]Site{call}, d.Sites...)
				in.roots[d] = true
				v.Root = d
				return v
			}
			v.Root = nil
			return v
		}
		derived := v.Root.Base != nil
		root, prefix := in.graft(v.Root, a)
		v.Root, v.Path = root, JoinPath(prefix, v.Path)
		if tooLong(v.Path) {
			v.Root, v.Path = nil, ""
			return v
		}
		if derived && a.Kind == Many {
			if v.Path == "" {
				v.Root = v.Root.Derive()
				v.Root.Sites = append([]Site{call}, v.Root.Sites...)
				in.roots[v.Root] = true
			}
			return v
		}
		if a.PerRow {
			v.PerRow, v.Loop = true, a.Loop
		}
		return v
	case Container:
		if v.Elem != nil {
			e := in.rebaseAt(*v.Elem, actual, call, depth+1)
			v.Elem = &e
		}
		if len(v.Fields) > 0 {
			f := make(map[string]Value, len(v.Fields))
			for k, x := range v.Fields {
				f[k] = in.rebaseAt(x, actual, call, depth+1)
			}
			v.Fields = f
		}
	case Object:
		if len(v.Fields) > 0 {
			f := make(map[string]Value, len(v.Fields))
			for k, x := range v.Fields {
				f[k] = in.rebaseAt(x, actual, call, depth+1)
			}
			v.Fields = f
		}
	}
	return v
}

// iterators are the words of all languages for walking a collection with a function.
var iterators = map[string]bool{
	"each": true, "map": true, "flat_map": true, "collect": true, "select": true, "filter": true, "reject": true,
	"each_with_index": true, "each_with_object": true, "group_by": true, "index_by": true, "sort_by": true, "sum": true,
	"any?": true, "all?": true, "none?": true, "find": true, "detect": true, "partition": true, "to_h": true, "each_slice": true,
	"inject": true, "reduce": true, "filter_map": true, "min_by": true, "max_by": true, "uniq": true, "each_entry": true,
	"delete_if": true, "keep_if": true, "each_pair": true, "each_key": true, "each_value": true, "transform_values": true, "count": true,
	"times": true, "upto": true, "downto": true, "step": true, "find_each": true, "map!": true, "sort": true, "reverse_each": true, "zip": true,
	"forEach": true, "flatMap": true, "some": true, "every": true, "findIndex": true, "mapWithKeys": true, "flatMapTo": true,
	"peek": true, "anyMatch": true, "allMatch": true, "noneMatch": true, "mapToObj": true, "mapToLong": true, "mapToInt": true, "toMap": true,
	"transform": true, "mapInto": true, "keyBy": true, "groupBy": true, "sortBy": true, "sortByDesc": true, "contains": true, "pluckEach": true,
	"index_with": true, "sum_by": true, "take_while": true, "tally_by": true, "chunk_while": true, "forEachOrdered": true, "parallelStream": true,
}

// keeps are the iterators whose result has the same rows.
var keeps = map[string]bool{
	"each": true, "select": true, "filter": true, "reject": true, "sort_by": true, "uniq": true, "sort": true, "partition": true,
	"each_with_index": true, "find_each": true, "sortBy": true, "sortByDesc": true, "peek": true, "delete_if": true, "keep_if": true, "forEach": true,
	"take_while": true, "reverse_each": true, "each_slice": true,
}

// iterate evaluates a call that runs a function for each element of its receiver.
func (in *Interp) iterate(c *Call) (Value, bool) {
	if !c.HasRecv {
		return Value{}, false
	}
	switch c.Recv.Kind {
	case Many, Container:
	default:
		if c.Block.Kind != FuncValue || !iterators[c.Name] {
			return Value{}, false
		}
		if c.Recv.Kind == Record || c.Recv.Kind == ClassRef || c.Recv.Kind == Object {
			return Value{}, false
		}
		// Something of unknown kind is walked: rows are unknown, the loop is real.
		if c.Name == "count" || c.Name == "contains" || c.Name == "transform" || c.Name == "find" || c.Name == "sum" {
			in.runBlock(c)
			return Value{}, true
		}
		l := in.startLoop(in.literalTimes(c), in.Site(c.Node, "loop"), c.Node.Receiver())
		out := in.CallLambda(c.Block, Value{})
		in.endLoop(l)
		return Value{Kind: Container, Elem: &out}, true
	}
	if c.Block.Kind != FuncValue {
		return in.inMemory(c)
	}
	if !iterators[c.Name] {
		return Value{}, false
	}
	iter := c.Node.Receiver()
	if batchers[c.Name] {
		iter = c.Node
	}
	loop := in.startLoop(c.Recv, in.Site(c.Node, "loop"), iter)
	elem := in.Element(c.Recv, loop)
	args := []Value{elem}
	switch {
	case c.Recv.Pairs && c.Name != "map" || c.Recv.Pairs && paramCount(c.Block) > 1:
		args = []Value{{}, elem}
		if paramCount(c.Block) == 1 {
			args = []Value{elem}
		}
	case c.Name == "inject" || c.Name == "reduce":
		args = []Value{{}, elem}
	case c.Name == "each_slice":
		list := c.Recv
		list.Loaded, list.PerRow = true, c.Recv.PerRow
		args = []Value{list}
	}
	out := in.CallLambda(c.Block, args...)
	in.endLoop(loop)
	switch {
	case c.Name == "find" || c.Name == "detect" || c.Name == "min_by" || c.Name == "max_by":
		elem.PerRow, elem.Loop = c.Recv.PerRow, c.Recv.Loop
		return elem, true
	case keeps[c.Name]:
		v := c.Recv
		v.Loaded = v.Loaded || v.Kind == Many
		return v, true
	case c.Name == "group_by" || c.Name == "groupBy":
		list := c.Recv
		list.Loaded = true
		return Value{Kind: Container, Pairs: true, Elem: &list}, true
	case c.Name == "index_by" || c.Name == "keyBy":
		e := in.Element(c.Recv, nil)
		return Value{Kind: Container, Pairs: true, Elem: &e}, true
	}
	switch out.Kind {
	case Many, Container:
		if c.Name == "flat_map" || c.Name == "flatMap" {
			e := in.Element(out, nil)
			return Value{Kind: Container, Elem: &e}, true
		}
	}
	return Value{Kind: Container, Elem: &out}, true
}

func (in *Interp) literalTimes(c *Call) Value {
	if few(c.Node.Receiver()) {
		return Value{Kind: Literal, Node: emptyList}
	}
	return c.Recv
}

// maxAttempts is how often a loop over literal numbers may turn and still be taken for attempts at one
// thing rather than for a walk over many.
const maxAttempts = 20

// few reports a count or range of literal numbers that is small: 10.times, (1..5).each.
func few(n syntax.Ref) bool {
	number := func(n syntax.Ref) (int, bool) {
		if n.Kind() != syntax.Number {
			return 0, false
		}
		v, err := strconv.Atoi(n.Str())
		return v, err == nil
	}
	if v, ok := number(n); ok {
		return v <= maxAttempts
	}
	if n.Kind() != syntax.Binary || (n.Str() != ".." && n.Str() != "...") {
		return false
	}
	from, ok := number(n.Child(syntax.Left))
	to, ok2 := number(n.Child(syntax.Right))
	return ok && ok2 && to-from <= maxAttempts
}

// emptyList stands for a loop too short to matter.
var emptyList = func() syntax.Ref {
	b := syntax.NewBuilder("", nil)
	b.Leaf(syntax.List, syntax.Stmt, "", 0, 0)
	return b.Finish().At(1)
}()

func paramCount(f Value) int {
	n := 0
	for range f.Node.All(syntax.ParamRole) {
		n++
	}
	return n
}

// inMemory interprets reads of a collection that need its rows in memory.
func (in *Interp) inMemory(c *Call) (Value, bool) {
	v := c.Recv
	switch c.Name {
	case "to_a", "to_ary", "load", "reverse", "compact", "flatten", "uniq", "sort", "shuffle", "toArray", "toList", "collect", "stream", "values", "entries", "slice", "take", "drop", "filter", "unique", "all", "dup", "freeze", "presence", "reload", "items", "iterator", "concat", "parallelStream", "sorted", "distinct", "skip", "asList", "getContent", "content":
		if c.Name == "values" || c.Name == "items" || c.Name == "flatten" || c.Name == "entries" {
			if v.Kind == Container && v.Elem != nil && (v.Elem.Kind == Many || v.Elem.Kind == Container) && c.Name == "flatten" {
				return *v.Elem, true
			}
			return v, true
		}
		in.Use(v, c.Node)
		v.Loaded = v.Loaded || v.Kind == Many
		return v, true
	case "first", "last", "sample", "pop", "shift", "popleft", "poll", "removeFirst", "removeLast", "head", "get", "next", "min", "max", "dig", "fetch", "[]", "findFirst", "getFirst", "getLast":
		in.Use(v, c.Node)
		e := in.Element(v, nil)
		e.PerRow, e.Loop = v.PerRow, v.Loop
		if n := len(in.frame.Loops); takers[c.Name] && n > 0 && e.Root != nil && in.frame.Loops[n-1].Over.Kind == Unknown {
			return in.taken(e), true
		}
		return e, true
	case "size", "length", "count", "empty?", "any?", "none?", "present?", "blank?", "include?", "isEmpty", "isNotEmpty", "many?", "one?", "isPresent":
		in.Use(v, c.Node)
		return Value{Kind: Scalar}, true
	case "values_at", "sort_by!", "push", "<<", "append", "add", "prepend", "keyBy", "groupBy", "in_groups_of", "each_slice":
		return v, true
	}
	return Value{}, false
}
