package racecheckthenact

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/callers"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

var (
	asks    = map[string]bool{"exists?": true, "exists": true, "any?": true, "doesntExist": true}
	makes   = map[string]bool{"create": true, "create!": true, "insert": true, "insertGetId": true}
	handles = regexp.MustCompile(`(?i)(unique|integrity|duplicate)`)
	numeric = regexp.MustCompile(`(?i)(count|stock|balance|amount|quantity|total|credit|points|views|score|usage|used|remaining|likes|votes|hits|attempts|number|seq)`)
)

// checked finds a row that is created when a query found none with the same values.
func checked(p *rule.Pass, f *project.File, fn syntax.Ref) {
	var created []syntax.Ref
	for c := range fn.Descendants(syntax.Call) {
		if makes[c.Str()] && c.Receiver().Ok() && len(pairs(f, c)) > 0 {
			created = append(created, c)
		}
	}
	if len(created) == 0 || expects(fn) || locks(fn) {
		return
	}
	for branch := range fn.Descendants(syntax.If) {
		for ask := range branch.Child(syntax.Cond).Descendants(syntax.Call) {
			if !asks[ask.Str()] {
				continue
			}
			wanted := pairs(f, ask)
			for r := ask.Receiver(); r.Kind() == syntax.Call; r = r.Receiver() {
				if r.Str() == "filter" || r.Str() == "where" {
					for k, v := range pairs(f, r) {
						wanted[k] = v
					}
				}
			}
			if len(wanted) == 0 || guarded(branch, fn) {
				continue
			}
			for _, c := range created {
				if c.Start() < ask.End() || rootName(c) != rootName(ask) || !covers(pairs(f, c), wanted) || indexed(p, f, rootName(ask), wanted) {
					continue
				}
				list := strings.Join(sortedKeys(wanted), ", ")
				p.Report(rule.Finding{
					Title:      listing.Title(f, branch, fmt.Sprintf("`%s` is checked, then created", rootName(ask))),
					Claim:      fmt.Sprintf("The query asks for a `%s` by (%s) and line %d creates one when there is none: two callers at once both find none and create two.", rootName(ask), list, c.Line()),
					Primary:    rule.LineAt(f, branch.Line(), branch.Line(), branch.Symbol(), "checks"),
					Secondary:  []rule.Place{rule.At(f, c, "creates")},
					Subject:    rootName(ask) + " " + list,
					Evidence:   1,
					Confidence: 0.65,
					Cost:       window(p.Cost.RTT()),
					Fix:        report.Fix{Summary: fmt.Sprintf("Add a unique index on (%s) and handle its error, or use the framework's upsert.", list)},
				})
				return
			}
		}
	}
}

// pairs are the named values of a call, as text.
func pairs(f *project.File, c syntax.Ref) map[string]string {
	out := map[string]string{}
	for _, a := range c.Args() {
		switch a.Kind() {
		case syntax.Pair:
			out[a.Str()] = f.NodeText(a.Child(syntax.Value))
		case syntax.Map:
			for e := range a.Children() {
				if e.Kind() == syntax.Pair && e.Str() != "" {
					out[e.Str()] = f.NodeText(e.Child(syntax.Value))
				}
			}
		}
	}
	delete(out, "")
	return out
}

func covers(have, want map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[j] < out[i] {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

// rootName is the class that a chain of query methods starts at.
func rootName(c syntax.Ref) string {
	for c.Receiver().Ok() {
		c = c.Receiver()
	}
	return c.Str()
}

// indexed reports whether a unique index of the model's table refuses the second row.
func indexed(p *rule.Pass, f *project.File, class string, wanted map[string]string) bool {
	if p.Flow == nil || p.Flow.Index == nil {
		return false
	}
	m := p.Flow.Index.Model(class, f)
	if m == nil {
		return false
	}
	t, _ := p.Table(m.Table, f.Path)
	if t == nil {
		return false
	}
	var columns []string
	for k := range wanted {
		columns = append(columns, k, k+"_id")
	}
	return unique(t, columns)
}

// expects reports whether a function handles the error of a unique index.
func expects(fn syntax.Ref) bool {
	for c := range fn.Descendants(syntax.Catch) {
		if handles.MatchString(c.Str()) {
			return true
		}
	}
	return false
}

// locks reports whether a function takes a lock or works with expressions of the database.
func locks(fn syntax.Ref) bool {
	for c := range fn.Descendants(syntax.Call) {
		name := strings.ToLower(c.Str())
		if strings.Contains(name, "lock") || strings.Contains(name, "for_update") || name == "lockforupdate" || name == "f" {
			return true
		}
	}
	return false
}

// lockedBefore reports whether the function around a call holds a lock: the row is locked where it was
// read, and what is called is written for that.
func lockedBefore(_ *project.File, call syntax.Ref) bool { return locks(call.Enclosing(syntax.Func)) }

// modified finds a number of a row that is changed in memory and saved.
func modified(p *rule.Pass, f *project.File, fn syntax.Ref) {
	if f.Lang != "python" && f.Lang != "ruby" || locks(fn) {
		return
	}
	for n := range fn.Descendants(syntax.Assign, syntax.Call) {
		subject := ""
		switch n.Kind() {
		case syntax.Assign:
			t := n.Child(syntax.Target)
			if n.Str() != "+=" && n.Str() != "-=" || !t.Is(syntax.Member, syntax.Call) || !t.Receiver().Is(syntax.Name) || !amount(n.Child(syntax.Value), t.Str()) {
				continue
			}
			if !saved(fn, t.Receiver().Dotted(), n) || fresh(fn, t.Receiver().Dotted()) {
				continue
			}
			subject = t.Dotted()
		case syntax.Call:
			if n.Str() != "update" && n.Str() != "update!" && n.Str() != "update_attributes" && n.Str() != "update_column" || f.Lang != "ruby" {
				continue
			}
			for _, a := range n.Args() {
				v := a.Child(syntax.Value)
				if a.Kind() == syntax.Pair && v.Kind() == syntax.Binary && (v.Str() == "+" || v.Str() == "-") && v.Child(syntax.Left).Str() == a.Str() && v.Child(syntax.Left).Receiver().Dotted() == n.Receiver().Dotted() && amount(v.Child(syntax.Right), a.Str()) {
					subject = n.Receiver().Dotted() + "." + a.Str()
				}
			}
		}
		if subject == "" || guarded(n, fn) || callers.Any(p, fn, 2, lockedBefore) {
			continue
		}
		p.Report(rule.Finding{
			Title:      listing.Title(f, n, fmt.Sprintf("`%s` is changed in memory and saved", subject)),
			Claim:      fmt.Sprintf("`%s` is read, changed here and written back as a whole number: of two callers at once the later save wins, and the other change is lost.", subject),
			Primary:    rule.At(f, n, "changes what was read before"),
			Subject:    subject,
			Cause:      "number-saved-from-memory",
			Evidence:   1,
			Confidence: 0.6,
			Effort:     report.OneLine,
			Cost:       window(p.Cost.RTT()),
			Fix:        report.Fix{Summary: "Let the database add: F(\"x\") + n, increment!/update_counters, or lock the row first."},
			WrongIf:    "Only one process ever changes this row, or every caller of this function holds a lock on it.",
		})
	}
}

// amount reports whether a value added to a member is a number.
func amount(v syntax.Ref, member string) bool {
	switch v.Kind() {
	case syntax.Number:
		return true
	case syntax.Name, syntax.Member, syntax.Call:
		return numeric.MatchString(member)
	}
	return false
}

// saved reports whether a row is saved behind a node.
func saved(fn syntax.Ref, name string, after syntax.Ref) bool {
	for c := range fn.Descendants(syntax.Call) {
		if c.Start() > after.Start() && (c.Str() == "save" || c.Str() == "save!") && c.Receiver().Dotted() == name {
			return true
		}
	}
	return false
}

// fresh reports whether the function made the row itself, so that nobody else has it.
func fresh(fn syntax.Ref, name string) bool {
	for a := range fn.Descendants(syntax.Assign) {
		if a.Child(syntax.Target).Dotted() != name {
			continue
		}
		v := a.Child(syntax.Value)
		if v.Str() == "new" || v.Str() != "" && v.Kind() == syntax.Call && !v.Receiver().Ok() && strings.ToUpper(v.Str()[:1]) == v.Str()[:1] {
			return true
		}
	}
	return false
}
