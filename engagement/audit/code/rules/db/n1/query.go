package n1

import (
	"fmt"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// judged is a loop with what is held against it.
type judged struct {
	*work
	reads, writes []flow.Load
	rows          count
	who           traffic
	advice        advice
	finding       rule.Finding
}

// queries reports the loops that send statements of their own, one finding each; loops whose whole work
// is one function that queries are one finding on it.
func (x *facts) queries(p *rule.Pass, loops []*work, taken map[*work]bool) []rule.Finding {
	var list []*judged
	for _, w := range loops {
		if taken[w] {
			continue
		}
		if j := x.judgeLoop(p, w); j != nil {
			list = append(list, j)
		}
	}
	return together(list)
}

// judgeLoop returns nil for a loop of which nothing should be said.
func (x *facts) judgeLoop(p *rule.Pass, w *work) *judged {
	j := &judged{work: w}
	for _, l := range w.loads {
		switch {
		case l.Kind == flow.Write:
			continue
		case w.invariant(l) && w.optional(l):
			continue // one arm of a dispatch on the element: it runs once, whatever the number of turns
		}
		j.reads = append(j.reads, l)
	}
	j.writes, j.advice = x.rowWrites(w)
	if len(j.reads) > 0 && j.advice.onlyCommit() {
		j.writes = nil
	}
	if len(j.reads)+len(j.writes) == 0 {
		return nil
	}
	for _, l := range append(j.reads[:len(j.reads):len(j.reads)], j.writes...) {
		j.who.meet(x.flow, l)
	}
	if j.rows = x.rows(p, w, j.who.class); j.rows.Value <= fewRows {
		return nil
	}
	if len(j.reads) > 0 {
		x.readLoop(p, j)
	} else {
		x.writeLoop(p, j)
	}
	return j
}

// longLoop is the number of lines from which a loop is marked by its first line alone.
const longLoop = 40

// begin makes the finding of a loop with its places.
func (x *facts) begin(j *judged, loads []flow.Load) rule.Finding {
	f := rule.Finding{
		Primary: rule.At(j.file, j.node, "the loop"), Evidence: 1, Confidence: 0.75, Effort: report.OneFile,
	}
	if f.Primary.EndLine-f.Primary.Line > longLoop {
		f.Primary.EndLine = f.Primary.Line
	}
	if len(j.who.entries) > 0 {
		f.Evidence = 2
	}
	if j.loop != nil && !j.loop.Over.Known() && j.over.Model == nil && !j.keyed(loads) {
		f.Confidence -= 0.2 // what is walked may be three rows or a configuration
	}
	for _, l := range loads {
		if part := what(l); !contains(f.Parts, part) {
			f.Parts = append(f.Parts, part)
		}
		f.Secondary = append(f.Secondary, rule.At(l.Site.File, l.Site.Node, what(l)))
		for _, s := range j.path(l) {
			if s.Node != l.Site.Node && len(f.Secondary) < 24 {
				f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "called from here"))
			}
		}
	}
	l := loads[0]
	from := l.Root
	if from == nil && l.Loop != nil {
		from = l.Loop.Over.Root
	}
	if from != nil {
		for i, s := range from.Sites {
			if i < 2 {
				f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "the rows come from here"))
			}
		}
	}
	if j.over.Model != nil {
		f.Table = j.over.Model.Table
	}
	f.Subject = "each " + element(j.work)
	return f
}

// shortExpr is the length up to which an expression says more than it hides.
const shortExpr = 32

// sends says what is sent for each element, with the loop named.
func (j *judged) sends(loads []flow.Load, optional bool) string {
	of := ""
	if j.over.Expr != "" && len(j.over.Expr) <= shortExpr && lastWord(j.over.Expr) != element(j.work) {
		of = " of `" + j.over.Expr + "`"
	}
	sent := list(counted(loads), 4)
	switch k := j.perTurn(loads); {
	case k > 1 && k < len(loads):
		sent = fmt.Sprintf("at most %d of these: %s", k, sent)
	case optional:
		sent = "at most " + sent
	}
	if one := element(j.work); one != unnamed {
		return fmt.Sprintf("For each %s%s the loop sends %s.", one, of, sent)
	}
	return fmt.Sprintf("Each turn of the loop sends %s.", sent)
}

// counted lists statements, equal ones with their number.
func counted(loads []flow.Load) []string {
	n := map[string]int{}
	var order []string
	for _, l := range loads {
		s := what(l)
		if n[s] == 0 {
			order = append(order, s)
		}
		n[s]++
	}
	for i, s := range order {
		if n[s] > 1 {
			kind, of, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "an "), "a "), " of ")
			kind = strings.TrimSuffix(kind, "y") + "ies"
			if kind != "queries" && !strings.HasSuffix(s, "query") {
				kind = strings.TrimSuffix(kind, "ies") + "s"
			}
			if of != "" {
				of = " of " + of
			}
			order[i] = fmt.Sprintf("%d %s%s", n[s], kind, of)
		}
	}
	return order
}

func (x *facts) readLoop(p *rule.Pass, j *judged) {
	loads := append(j.reads[:len(j.reads):len(j.reads)], j.writes...)
	f := x.begin(j, loads)
	f.Rule = Aggregate
	same, conditional, optional, cached := true, true, true, true
	for _, l := range j.reads {
		if l.Kind == flow.RunQuery {
			f.Rule = Query
		}
		same = same && j.invariant(l)
		conditional = conditional && l.Conditional
		optional = optional && j.optional(l)
		cached = cached && cachedLoad(l)
	}
	k := max(j.perTurn(loads), 1)
	f.Title = fmt.Sprintf("%s: %s per %s", function(j.file, j.node), statements(k, loads), element(j.work))
	f.Claim = j.sends(loads, optional)
	f.Cost = j.who.apply(p, p.Cost.PerRow(j.rows.Input, float64(k), float64(k), j.who.event()))
	j.who.weigh(&f, j.rows)
	f.Fix.Summary = askOnce(j, same)
	switch {
	case same:
		f.Claim += plural(len(j.reads), " It asks the same on each turn.", " They ask the same on each turn.")
	case optional && f.Confidence > 0.6:
		f.Confidence -= 0.1
	}
	if conditional {
		f.Confidence = min(f.Confidence, 0.45)
	}
	f.Claim += j.who.reached()
	x.quiet(j, &f, cached)
	j.finding = f
}

// quiet makes minor what is noise beside the rest of the turn, or rare.
func (x *facts) quiet(j *judged, f *rule.Finding, cached bool) {
	if cached {
		f.Severity, f.Minor = report.Low, true
		f.Claim += " It stands in the body of a cache: it is sent on a miss only."
	}
	if slow := x.slowTurn(j.work); slow != "" {
		f.Severity, f.Minor = report.Low, true
		f.Claim += fmt.Sprintf(" Each turn also calls %s, beside which the statement is small.", slow)
	}
}

// askOnce is the fix of a loop's reads, by what they ask.
func askOnce(j *judged, same bool) string {
	if same {
		return "Move it in front of the loop: its arguments do not change from turn to turn."
	}
	kinds := map[string]bool{}
	create := false
	for _, l := range j.reads {
		kinds[verb(l)] = true
		create = create || creators[l.Site.Node.Str()]
	}
	all := "elements"
	if one := element(j.work); one != unnamed {
		all = plural2(one)
	}
	write := ""
	if len(j.writes) > 0 {
		write = " Write the rows in one statement as well, or put the loop into one transaction."
	}
	switch {
	case create:
		return "Look up the rows that are there with one query, and write the others with one upsert." + write
	case len(kinds) == 1 && kinds["lookup"]:
		return "Ask once which of the keys exist (IN over the keys of all " + all + ") and look them up in a set." + write
	case len(kinds) == 1 && (kinds["count"] || kinds["sum"] || kinds["aggregate"]):
		return "Ask once for all " + all + " with GROUP BY over their key, keep a counter, or read the size of the preloaded relation." + write
	}
	return "Ask once for all " + all + " (IN over the collected keys, or a join) and look the rows up in a map." + write
}

// creators look for a row and write it where there is none.
var creators = words(`firstOrCreate updateOrCreate updateOrInsert get_or_create update_or_create find_or_create_by find_or_create_by! createOrFirst findOrCreate upsert`)

func plural2(word string) string {
	switch {
	case strings.HasSuffix(word, "s"), strings.HasSuffix(word, "x"), strings.HasSuffix(word, "ch"):
		return word + "es"
	case strings.HasSuffix(word, "y") && len(word) > 2 && !strings.ContainsRune("aeiou", rune(word[len(word)-2])):
		return word[:len(word)-1] + "ies"
	}
	return word + "s"
}

// callee is the function that does all the work of the loop's turns, no node when there are several or
// the work stands in the loop.
func (j *judged) callee() flow.Site {
	var at flow.Site
	step := syntax.Ref{}
	for i, l := range append(j.reads[:len(j.reads):len(j.reads)], j.writes...) {
		way := j.path(l)
		if len(way) < 2 || i > 0 && way[0].Node != step {
			return flow.Site{}
		}
		step = way[0].Node
		fn := way[1].Node.Enclosing(syntax.Func)
		if !fn.Ok() || fn.Inside(j.node) {
			return flow.Site{}
		}
		at = flow.Site{File: way[1].File, Node: fn}
	}
	return at
}

// together folds the loops of which one function does all the work, and returns the findings in order.
func together(all []*judged) []rule.Finding {
	type group struct {
		callee flow.Site
		loops  []*judged
	}
	byCallee := map[syntax.Ref]*group{}
	var order []*group
	for _, j := range all {
		at := j.callee()
		if !at.Node.Ok() || j.rows.unbounded {
			order = append(order, &group{loops: []*judged{j}})
			continue
		}
		g := byCallee[at.Node]
		if g == nil || g.loops[0].finding.Rule != j.finding.Rule {
			g = &group{callee: at}
			byCallee[at.Node] = g
			order = append(order, g)
		}
		g.loops = append(g.loops, j)
	}
	var out []rule.Finding
	for _, g := range order {
		sort.SliceStable(g.loops, func(a, b int) bool { return g.loops[a].worth() > g.loops[b].worth() })
		lead := g.loops[0]
		f := lead.finding
		if n := len(g.loops); n > 1 {
			loads := append(lead.reads[:len(lead.reads):len(lead.reads)], lead.writes...)
			f.Title = fmt.Sprintf("%s: %s per call, in %d loops", function(g.callee.File, g.callee.Node), statements(max(lead.perTurn(loads), 1), loads), n)
			names := others(g.loops[1:])
			f.Claim = fmt.Sprintf("%s It is called in loops of %s as well.", f.Claim, list(names, 3))
			for _, j := range g.loops[1:] {
				f.Secondary = append(f.Secondary, rule.At(j.file, j.node, "loop over "+plural2(element(j.work))))
			}
		}
		out = append(out, f)
	}
	return out
}

// others names the functions that hold the other loops of a finding.
func others(loops []*judged) []string {
	var names []string
	for _, j := range loops {
		if s := "`" + function(j.file, j.node) + "`"; !contains(names, s) {
			names = append(names, s)
		}
	}
	return names
}

// worth orders the loops of one function: what counts is the one that costs its users most.
func (j *judged) worth() float64 {
	f := &j.finding
	v := (f.Cost.Now - f.Cost.Fixed) * f.Confidence * float64(f.Evidence)
	if f.Minor {
		v /= 100
	}
	switch f.Cost.Event {
	case "request":
		return v
	case "call":
		return v / 2
	}
	return v / 10
}
