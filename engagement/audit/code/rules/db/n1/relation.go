package n1

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// touch is a relation of a group with the number of rows that read it.
type touch struct {
	flow.Touch
	rows  count
	owner string // what it is read of, in the singular
	loads []flow.Load
}

// relations reports the queries that should have loaded relations. taken are the loops of which such a
// finding names the other statements.
func (x *facts) relations(p *rule.Pass, loops []*work) (out []rule.Finding, taken map[*work]bool) {
	taken = map[*work]bool{}
	byNode := map[syntax.Ref]*work{}
	for _, w := range loops {
		byNode[w.node] = w
	}
	for _, g := range x.flow.RelationGroups() {
		if Quiet(g.Site.File) {
			continue
		}
		var list []touch
		for _, t := range g.Touches {
			if t, ok := x.judge(p, g, t); ok {
				list = append(list, t)
			}
		}
		if list = uncached(list); len(list) > 0 {
			out = append(out, x.relation(p, g, list, byNode, taken))
		}
	}
	return out, taken
}

// fewRows is the number of rows up to which a statement for each is nothing to speak of.
const fewRows = 3

// judge leaves out what is no relation of many rows.
func (x *facts) judge(p *rule.Pass, g *flow.Group, t flow.Touch) (touch, bool) {
	out := touch{Touch: t}
	for _, l := range t.Loads {
		if !inCatch(l) && (l.Loop == nil || !Quiet(l.Loop.Site.File)) {
			out.loads = append(out.loads, l)
		}
	}
	if len(out.loads) == 0 {
		return out, false
	}
	out.rows, out.owner = x.readers(p, g.Root, out.loads[0])
	return out, out.rows.Value > fewRows
}

// maxBelow is how many rows one row is taken to have below it, however many relations deep: assumptions
// that are multiplied soon say nothing.
const maxBelow = 50

// readers counts the rows that read a relation: the rows of the query times those of each to-many
// relation on the way to the one that is read. Relations to one row multiply by one.
func (x *facts) readers(p *rule.Pass, root *flow.Root, l flow.Load) (count, string) {
	total := count{Input: report.Input{Name: "R", Value: 1, Unit: "rows", Origin: report.Read}}
	var parts []string
	add := func(n count, name string) {
		total.Value *= n.Value
		total.unbounded = total.unbounded || n.unbounded
		if n.Origin != report.Read {
			total.Origin = n.Origin
		}
		total.Detail = n.Detail
		parts = append(parts, strconv.FormatFloat(n.Value, 'f', 0, 64)+" "+name)
	}
	class, _ := x.flow.ClassOf(l)
	owner := "row"
	if root.Model != nil {
		owner = human(singular(root.Model.Name))
	}
	many := 0
	m := root.Model
	segs := strings.Split(l.Path, ".")
	for _, seg := range segs[:len(segs)-1] {
		rel := x.flow.Index.Relation(m, seg)
		if rel == nil {
			m = nil
			continue
		}
		if rel.Kind.Many() {
			many++
		}
		m = x.flow.Index.Model(rel.Target, rel.File)
	}
	if !root.Single {
		c := flow.Collection{}
		fromRoot(&c, root)
		if l.Over.Known() && many == 0 {
			c = over(l)
		}
		if c.Parent == c.Model && root.Owner != nil && root.Owner.Owner != nil {
			c.Parent = root.Owner.Owner
		}
		w := &work{loads: []flow.Load{l}, over: c, root: root}
		if l.Loop != nil && many == 0 {
			w.loop, w.file, w.node = l.Loop, l.Loop.Site.File, l.Loop.Site.Node
		}
		add(x.rows(p, w, class), plural2(owner))
	} else if many == 0 && l.Loop != nil && l.Loop.Over.Path == "" && l.Loop.Over.Root != root {
		// One row for each turn of a loop around the query.
		w := &work{loads: []flow.Load{l}, over: over(l), loop: l.Loop, file: l.Loop.Site.File, node: l.Loop.Site.Node}
		add(x.rows(p, w, class), plural2(owner))
	}
	m = root.Model
	below := 1.0
	for _, seg := range segs[:len(segs)-1] {
		rel := x.flow.Index.Relation(m, seg)
		if rel == nil {
			m = nil
			continue
		}
		if rel.Kind.Many() {
			c := flow.Collection{Name: rel.Name, Parent: m, OneParent: true, Model: x.flow.Index.Model(rel.Target, rel.File)}
			owner = human(singular(rel.Name))
			n := x.children(p, c)
			n.Value = min(n.Value, max(maxBelow/below, 1))
			below *= n.Value
			add(count{Input: n}, human(rel.Name))
		}
		m = x.flow.Index.Model(rel.Target, rel.File)
	}
	if len(parts) > 1 {
		total.Detail = strings.Join(parts, " x ")
	}
	return total, owner
}

// uncached leaves out the reads in bodies of caches as long as others are left.
func uncached(list []touch) []touch {
	var out []touch
	for _, t := range list {
		if !t.cached() {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return list
	}
	return out
}

func (t touch) cached() bool {
	for _, l := range t.loads {
		if !cachedLoad(l) {
			return false
		}
	}
	return true
}

func (t touch) conditional() bool {
	for _, l := range t.loads {
		if !l.Conditional {
			return false
		}
	}
	return true
}

func (x *facts) relation(p *rule.Pass, g *flow.Group, touches []touch, byNode map[syntax.Ref]*work, taken map[*work]bool) rule.Finding {
	model, table := "row", ""
	if g.Root.Model != nil {
		model, table = flow.LastSegment(g.Root.Model.Name), g.Root.Model.Table
	}
	paths := pathsOf(touches)
	f := rule.Finding{
		Rule: Relation, Primary: rule.At(g.Site.File, g.Site.Node, "the query"), Subject: model, Parts: paths, Table: table,
		Evidence: 1, Confidence: 0.85, Effort: report.OneLine,
	}
	if g.Root.Model != nil {
		f.Subject = g.Root.Model.Name
	}
	nested, conditional, cached := true, true, true
	var who traffic
	var others []*work
	ways := []way{}
	var most count
	detail := map[string]bool{}
	var parts, owners []string
	for _, t := range touches {
		nested, conditional, cached = nested && t.Nested, conditional && t.conditional(), cached && t.cached()
		if t.rows.Value > most.Value {
			most = t.rows
		}
		if !detail[t.rows.Detail] {
			detail[t.rows.Detail] = true
			parts = append(parts, t.rows.Detail)
		}
		if !contains(owners, t.owner) {
			owners = append(owners, t.owner)
		}
		w := &work{}
		if t.loads[0].Loop != nil {
			w.node = t.loads[0].Loop.Site.Node
		}
		ways = append(ways, way{w.arms(t.loads[0]), t.rows.Value})
		for i, l := range t.loads {
			who.meet(x.flow, l)
			if l.Loop != nil && byNode[l.Loop.Site.Node] != nil && !taken[byNode[l.Loop.Site.Node]] {
				others = append(others, byNode[l.Loop.Site.Node])
				taken[byNode[l.Loop.Site.Node]] = true
			}
			if i < 3 {
				f.Secondary = evidence(f.Secondary, g, t.Touch, l)
			}
		}
	}
	if nested {
		f.Rule = Nested
	}
	for _, s := range g.Sites[1:] {
		if len(f.Secondary) < 48 {
			f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "part of the query"))
		}
	}
	if len(who.entries) > 0 {
		f.Evidence = 2
	}
	f.Title = x.relationTitle(g, touches, paths, &who)
	f.Claim = fmt.Sprintf("The query of `%s` does not load %s: %s once for each %s, with a statement of its own.%s",
		model, list(quote(paths), 4), plural(len(paths), "it is read", "they are read"), list(owners, 3), who.reached())
	total := dearest(ways, 0)
	x.price(p, &f, &who, most, total, len(touches), parts, others)
	if conditional {
		f.Confidence = 0.45
		f.Claim += " Each read stands behind a condition: at most one for each row."
	}
	x.demote(p, &f, g, touches, cached)
	if !f.Minor && !most.unbounded && f.Confidence >= 0.5 {
		f.Cause = cause(g, touches, paths)
		if len(f.Edits) > 0 {
			f.Cause += "#patched" // a fold of claims with and without a patch would promise a patch for all
		}
	}
	return f
}

// price sets the cost of the relations, and of the statements that the same loops send besides: a
// preload leaves those.
func (x *facts) price(p *rule.Pass, f *rule.Finding, who *traffic, most count, total float64, relations int, parts []string, others []*work) {
	left, asked := 0.0, 0
	for _, w := range others {
		n := w.perTurn(w.loads)
		left += x.rows(p, w, who.class).Value * float64(n)
		asked += n
		for i, l := range w.loads {
			if i < 4 {
				f.Secondary = append(f.Secondary, rule.At(l.Site.File, l.Site.Node, "also asks "+what(l)+" per turn"))
			}
		}
	}
	if asked > 0 {
		var also []string
		for _, w := range others {
			for _, l := range w.loads {
				if s := what(l); !contains(also, s) {
					also = append(also, s)
					f.Parts = append(f.Parts, s)
				}
			}
		}
		f.Claim += fmt.Sprintf(" Preloading leaves %s per turn: %s.", plural(asked, "one statement more", fmt.Sprintf("%d statements more", asked)), list(also, 4))
	}
	event := who.event()
	if asked == 0 && total == most.Value*float64(relations) {
		f.Cost = p.Cost.PerRow(most.Input, float64(relations), float64(relations), event)
	} else {
		f.Cost = p.Cost.Statements(total+left, float64(relations)+left, most.Origin, list(parts, 4), event)
	}
	f.Cost = who.apply(p, f.Cost)
	who.weigh(f, most)
}

// demote finds what makes a true claim minor, and writes the fix.
func (x *facts) demote(p *rule.Pass, f *rule.Finding, g *flow.Group, touches []touch, cached bool) {
	var keys []string
	for _, t := range touches {
		if t.KeyOnly {
			keys = append(keys, t.Path)
		}
	}
	same := ""
	if len(touches) == 1 {
		same = sameParent(g, touches[0])
	}
	slow := ""
	if l := touches[0].loads[0]; l.Loop != nil {
		slow = x.slowTurn(&work{loop: l.Loop, file: l.Loop.Site.File, node: l.Loop.Site.Node})
	}
	switch {
	case cached:
		f.Severity, f.Minor = report.Low, true
		f.Claim += " The reads stand in the body of a cache: they are sent on a miss only."
		f.Fix.Summary = "Preload inside the block of the cache, so that a hit pays nothing."
	case len(keys) == len(touches):
		f.Fix.Summary = fmt.Sprintf("Only the key of %s is read: use the column that the row holds itself; no load is needed.", list(quote(keys), 3))
	case same != "":
		f.Fix.Summary = same
	default:
		x.preload(p, g, pathsOf(without(touches, keys)), f)
	}
	if slow != "" && !f.Minor {
		f.Severity, f.Minor = report.Low, true
		f.Claim += fmt.Sprintf(" Each turn also calls %s, beside which the statement is small.", slow)
		f.Edits = nil
	}
}

func without(touches []touch, keys []string) []touch {
	var out []touch
	for _, t := range touches {
		if !contains(keys, t.Path) {
			out = append(out, t)
		}
	}
	return out
}

// sameParent reads children of one parent that read their parent: the object is at hand.
func sameParent(g *flow.Group, t touch) string {
	if t.Rel == nil || t.Rel.Kind != flow.BelongsTo || strings.Contains(t.Path, ".") {
		return ""
	}
	for _, x := range g.Root.Filters {
		if x.Op == "=" && (x.Column == t.Rel.ForeignKey && x.Column != "" || x.Column == t.Rel.Name || x.Column == t.Rel.Name+"_id") {
			return fmt.Sprintf("All rows have the same `%s`, by the query's own filter: use the object at hand.", t.Path)
		}
	}
	return ""
}

// relationTitle leads with the entry point or function that walks the rows.
func (x *facts) relationTitle(g *flow.Group, touches []touch, paths []string, who *traffic) string {
	at := function(g.Site.File, g.Site.Node)
	if len(who.entries) > 0 && len(who.entries) <= 3 && len(who.entries[0]) <= 40 {
		at = entryTitle(who.entries[0])
	}
	if len(paths) > 2 {
		return fmt.Sprintf("%s: %d relations not preloaded", at, len(touches))
	}
	short := make([]string, len(paths))
	for i, s := range paths {
		short[i] = strings.TrimSpace(human(s[strings.LastIndexByte(s, '.')+1:]))
	}
	if len(short) == 2 && short[0] == short[1] {
		short = short[:1]
	}
	for _, t := range touches[1:] {
		if t.owner != touches[0].owner {
			return fmt.Sprintf("%s: %s not preloaded", at, list(short, 2))
		}
	}
	return fmt.Sprintf("%s: %s read once per %s", at, list(short, 2), touches[0].owner)
}

// evidence adds the places of one read.
func evidence(out []rule.Place, g *flow.Group, t flow.Touch, l flow.Load) []rule.Place {
	out = append(out, rule.At(l.Site.File, l.Site.Node, fmt.Sprintf("reads `%s`", t.Path)))
	for _, tr := range l.Trace {
		if !tr.Node.Inside(g.Site.Node) && len(out) < 24 {
			out = append(out, rule.At(tr.File, tr.Node, "on the way to it"))
		}
	}
	if l.Loop != nil {
		at := rule.At(l.Loop.Site.File, l.Loop.Site.Node, "the loop")
		for _, have := range out {
			if have == at {
				return out
			}
		}
		out = append(out, at)
	}
	return out
}

// pathsOf returns the relation paths of touches, without those that a longer one implies.
func pathsOf(touches []touch) []string {
	g := flow.Group{}
	for _, t := range touches {
		g.Touches = append(g.Touches, t.Touch)
	}
	return g.Paths()
}

// cause joins groups that one change ends: the same relation of the same model, or an accessor that
// all of them read through.
func cause(g *flow.Group, touches []touch, paths []string) string {
	if len(touches) > 2 {
		return ""
	}
	var at []string
	for _, t := range touches {
		s := t.loads[0].Site
		if s.File == g.Site.File || len(t.loads[0].Trace) == 0 {
			at = nil
			break
		}
		at = append(at, fmt.Sprintf("%s:%d", s.File.Path, s.Node.Start()))
	}
	if at != nil {
		return "accessor:" + strings.Join(at, ",")
	}
	if len(paths) == 1 && g.Root.Model != nil {
		return "relation:" + g.Root.Model.Name + "#" + paths[0]
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
