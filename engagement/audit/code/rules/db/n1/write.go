package n1

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// advice is what can be done for rows that are written one at a time.
type advice struct {
	txn   string // the transaction around the loop
	hooks string // a model whose rows run code of their own when they are written
	ids   bool   // the id that a row gets is used in its turn
}

// onlyCommit reports that the rows must be written one by one, so that only commits can be saved.
func (a advice) onlyCommit() bool { return a.hooks != "" || a.ids }

// setWrites write any number of rows with one statement.
var setWrites = words(`deleteMany updateMany createMany createManyAndReturn updateManyAndReturn insertMany bulkCreate bulkInsert bulkWrite insert_all insert_all! upsert_all update_all delete_all
	destroy_all touch_all bulk_create bulk_update bulk_save_objects bulk_insert_mappings bulk_update_mappings abulk_create abulk_update aupdate saveAll saveAllAndFlush deleteAll deleteAllInBatch
	deleteAllById executemany execute_batch execute_values copy_from batchUpdate CreateInBatches insertOrIgnore import import! SendBatch CopyFrom`)

// rowWrites returns the loads of a loop that write a row of their own on each turn, and what can be done.
func (x *facts) rowWrites(w *work) ([]flow.Load, advice) {
	var out []flow.Load
	var a advice
	for _, l := range w.loads {
		if l.Kind != flow.Write || setWrites[l.Site.Node.Str()] || bySet(l) || w.invariant(l) || w.exits(l) || l.Conditional {
			continue
		}
		out = append(out, l)
		if m := queryModel(l); m != nil && a.hooks == "" && x.hooked(m) {
			a.hooks = flow.LastSegment(m.Name)
		}
		a.ids = a.ids || w.usesID(l)
	}
	if len(out) == 0 {
		return nil, a
	}
	a.txn = x.transaction(w.file, w.node)
	if a.txn == "" {
		for _, s := range w.path(out[0]) {
			if a.txn == "" && x.aroundLoop(s.File, s.Node, w) {
				a.txn = x.transaction(s.File, s.Node)
			}
		}
	}
	if a.onlyCommit() && a.txn != "" {
		return nil, a // it is as good as it gets
	}
	return out, a
}

// aroundLoop reports a place in the loop's own function: a transaction there may hold all turns.
func (x *facts) aroundLoop(f *project.File, n syntax.Ref, w *work) bool {
	return f == w.file && !n.Inside(w.node)
}

func queryModel(l flow.Load) *flow.Model {
	if l.Query != nil {
		return l.Query.Model
	}
	return nil
}

// bySet reports a write of all rows that a condition finds: one statement for many rows.
func bySet(l flow.Load) bool {
	q := l.Query
	if q == nil || q.Terminal == "" || q.Single || len(q.Filters) == 0 {
		return false
	}
	switch q.Terminal {
	case "update", "delete", "_raw_delete":
	default:
		return false
	}
	for _, f := range q.Filters {
		if f.Op == "=" && (f.Column == "id" || f.Column == "pk" || f.Column == "uuid") {
			return false
		}
	}
	return true
}

// exits reports whether the loop ends behind the write: at most one row is written.
func (w *work) exits(l flow.Load) bool {
	step := w.step(l).Node
	for n := step; n.Ok() && n != w.node; n = n.Parent() {
		if n.Is(syntax.Return) {
			return true
		}
		if n.Parent().Kind() != syntax.Block {
			continue
		}
		behind := false
		for s := range n.Parent().Children() {
			if behind {
				switch {
				case s.Is(syntax.Return, syntax.Throw) && !inLambdaLoop(s, w.node), s.Kind() == syntax.Break && !s.Has(syntax.FlagContinue):
					return true
				}
			}
			behind = behind || s == n
		}
	}
	return false
}

// inLambdaLoop reports a return from the function of forEach: it ends one turn.
func inLambdaLoop(n, loop syntax.Ref) bool {
	return loop.Kind() == syntax.Call && n.Enclosing(syntax.Lambda) == loop.Block()
}

// usesID reports whether the id that a written row gets is read in the turn that writes it.
func (w *work) usesID(l flow.Load) bool {
	n := w.step(l).Node
	if n.Str() == "insertGetId" {
		return true
	}
	names := map[string]bool{}
	if r := n.Receiver(); r.Kind() == syntax.Name {
		names[r.Str()] = true
	}
	at := n.Parent()
	for at.Is(syntax.Await) {
		at = at.Parent()
	}
	if at.Kind() == syntax.Assign {
		for t := range at.All(syntax.Target) {
			names[t.Str()] = true
		}
	}
	delete(names, "")
	found := false
	w.node.Walk(func(x syntax.Ref) bool {
		if found {
			return false
		}
		if x.Start() >= n.End() && x.Is(syntax.Member, syntax.Call) && x.Receiver().Kind() == syntax.Name && names[x.Receiver().Str()] {
			switch x.Str() {
			case "id", "pk", "uuid", "ID", "Id", "getId", "getKey":
				found = true
			}
		}
		return true
	})
	return found
}

// callbacks are declarations by which the rows of a model run code when they are written.
var callbacks = words(`after_save before_save after_create before_create after_update before_update after_destroy before_destroy after_commit after_create_commit after_update_commit
	after_destroy_commit after_save_commit around_save before_validation after_touch acts_as_tree acts_as_list has_ancestry acts_as_nested_set has_paper_trail has_closure_tree searchkick audited
	friendly_id pg_search_scope multisearchable broadcasts broadcasts_to accepts_nested_attributes_for`)

// trees are base classes and traits whose rows keep other rows or an index in step.
var trees = words(`MPTTModel MP_Node NS_Node AL_Node TreeNode OrderedModel Searchable NodeTrait LogsActivity HasEvents Auditable RevisionableTrait SortableTrait`)

// hooked reports whether rows of a model run code of their own when they are written.
func (x *facts) hooked(m *flow.Model) bool {
	if x.hooks == nil {
		x.listen()
	}
	if x.hooks["*"] && m.Framework == "django" || x.hooks[flow.LastSegment(m.Name)] {
		return true
	}
	seen := map[*flow.Class]bool{}
	var look func(c *flow.Class) bool
	look = func(c *flow.Class) bool {
		if c == nil || seen[c] {
			return false
		}
		seen[c] = true
		if ownHook(c) {
			return true
		}
		for _, s := range append(c.Super[:len(c.Super):len(c.Super)], c.Mixins...) {
			if trees[flow.LastSegment(s)] || look(x.flow.Index.Class(s, c.File)) {
				return true
			}
		}
		return false
	}
	return look(m.Class)
}

// ownHook reports whether a class itself says that writing its rows runs code.
func ownHook(c *flow.Class) bool {
	switch {
	case c.File != nil && c.File.Lang == "python":
		return c.Methods["save"] != nil || c.Methods["delete"] != nil
	case c.File != nil && c.File.Lang == "php":
		if c.Static["booted"] != nil || c.Static["boot"] != nil || c.Methods["booted"] != nil || c.Methods["boot"] != nil {
			return true
		}
		if _, ok := c.Fields["dispatchesEvents"]; ok {
			return true
		}
	}
	for d := range c.Node.All(syntax.Decorator) {
		if s := d.Str(); s == "ObservedBy" || s == "EntityListeners" || s == "EventSubscriber" {
			return true
		}
	}
	for n := range c.Node.Child(syntax.Body).Children() {
		if n.Kind() == syntax.Call && callbacks[n.Str()] && !n.Receiver().Ok() {
			return true
		}
		if n.Kind() == syntax.Func {
			for d := range n.All(syntax.Decorator) {
				switch d.Str() {
				case "PrePersist", "PostPersist", "PreUpdate", "PostUpdate", "PreRemove", "PostRemove", "BeforeInsert", "AfterInsert", "BeforeUpdate", "AfterUpdate", "BeforeRemove", "AfterRemove":
					return true
				}
			}
		}
	}
	return false
}

// signals are what Django sends when a row is written.
var signals = words(`post_save pre_save post_delete pre_delete`)

// listen finds the listeners that are registered away from the model: signal receivers, observers.
func (x *facts) listen() {
	x.hooks = map[string]bool{}
	sender := func(c syntax.Ref) {
		s := c.Keyword("sender")
		if !s.Ok() {
			x.hooks["*"] = true
			return
		}
		for n := range s.Descendants(syntax.Name, syntax.Member) {
			x.hooks[flow.LastSegment(n.Str())] = true
		}
	}
	for _, f := range x.Files {
		if f.Tree == nil || Quiet(f) {
			continue
		}
		switch f.Lang {
		case "python":
			for n := range f.Tree.Root().Descendants(syntax.Call) {
				switch {
				case n.Str() == "receiver":
					for s := range n.Arg(0).Descendants(syntax.Name, syntax.Member) {
						if signals[s.Str()] {
							sender(n)
							break
						}
					}
				case n.Str() == "connect" && signals[n.Receiver().Str()]:
					sender(n)
				}
			}
		case "php":
			for n := range f.Tree.Root().Descendants(syntax.Call) {
				if n.Str() == "observe" && n.Receiver().Kind() == syntax.Name {
					x.hooks[flow.LastSegment(n.Receiver().Str())] = true
				}
			}
		}
	}
}

func (x *facts) writeLoop(p *rule.Pass, j *judged) {
	f := x.begin(j, j.writes)
	f.Rule = Write
	if j.loop != nil && !j.loop.Over.Known() && j.over.Model == nil {
		f.Confidence -= 0.1 // the weakest claim of the family
	}
	k := max(j.perTurn(j.writes), 1)
	optional := true
	for _, l := range j.writes {
		optional = optional && j.optional(l)
	}
	f.Title = fmt.Sprintf("%s: %s per %s", function(j.file, j.node), statements(k, j.writes), element(j.work))
	f.Claim = j.sends(j.writes, optional)
	a := j.advice
	if a.txn == "" {
		f.Claim = strings.TrimSuffix(f.Claim, ".") + ", and each commits by itself."
	} else {
		f.Claim = strings.TrimSuffix(f.Claim, ".") + ", inside " + a.txn + "."
	}
	f.Claim += j.who.reached()
	f.Cost = j.who.apply(p, p.Cost.Writes(j.rows.Input, float64(k), cost.Commits{Now: a.txn == "", Fixed: !a.onlyCommit()}, j.who.event()))
	switch {
	case a.hooks != "":
		f.Fix.Summary = fmt.Sprintf("Put the loop into one transaction. Keep the loop: writing a `%s` runs code of its own, which a bulk write skips.", a.hooks)
	case a.ids:
		f.Fix.Summary = "Put the loop into one transaction: one commit for all rows. Keep the loop, or let one statement give the new rows back: the id of each is used in its turn."
	case a.txn != "":
		f.Fix.Summary = "Write all rows with one statement" + bulkWord(j.writes[0]) + "; the transaction is there already."
	default:
		f.Fix.Summary = "Write the rows in batches with one statement each" + bulkWord(j.writes[0]) + "; at the least put the loop into one transaction."
	}
	j.who.weigh(&f, j.rows)
	if f.Severity == report.High {
		f.Severity = report.Medium
	}
	if a.onlyCommit() && f.Evidence < 2 {
		f.Severity, f.Minor = report.Low, true // a caller that is not in sight may hold the transaction
	}
	x.quiet(j, &f, false)
	j.finding = f
}

// bulkWord names the means of the project's own library.
func bulkWord(l flow.Load) string {
	m := queryModel(l)
	if m == nil {
		return ""
	}
	update := strings.HasPrefix(l.Site.Node.Str(), "upd") || strings.HasPrefix(l.Site.Node.Str(), "save")
	switch m.Framework {
	case "rails":
		if update {
			return " (`upsert_all`)"
		}
		return " (`insert_all`)"
	case "django":
		if update {
			return " (`bulk_create`, or `bulk_update` for rows that exist)"
		}
		return " (`bulk_create`)"
	case "laravel":
		return " (`insert` or `upsert` with a list of rows)"
	case "prisma":
		if strings.HasPrefix(l.Site.Node.Str(), "up") {
			return " (`createMany` for new rows; skip those that have not changed)"
		}
		return " (`createMany` or `createManyAndReturn`)"
	}
	return ""
}
