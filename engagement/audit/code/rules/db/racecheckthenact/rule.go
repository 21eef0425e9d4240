// Package racecheckthenact finds reads and writes of one row that another process can come between.
package racecheckthenact

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.race-check-then-act.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.race-check-then-act",
		Title:    "Check and write that another process can come between",
		Summary:  "A row is looked for and created when missing without a unique index that would refuse the second one, a counter is raised and then read back in a second statement outside of a transaction, or a number is read, changed in memory and saved.",
		Why:      "Two requests run the check at the same time, both find nothing, and both create the row; or both raise the counter and both read the later value. It needs no load, only a double click or a retried job, and the duplicates stay: later look-ups find either of them.",
		Cost:     "one duplicate for each pair of calls closer together than the time between check and write",
		Fix:      "Let the database decide: a unique index and an upsert (create_or_find_by, ON CONFLICT), UPDATE ... RETURNING for counters, or both statements in one transaction that locks the row.",
		Wrong:    "Only one process writes, or a lock is held by the caller. Look-ups whose columns a unique index covers, and pairs inside a transaction or lock, are not reported.",
		Category: "race-read-modify-write",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "connection.execute(\"UPDATE counters SET value = value + 1 WHERE key = #{k}\")\nreturn value_for(k)",
			After:  "transaction do\n  connection.execute(\"UPDATE counters SET value = value + 1 WHERE key = #{k}\")\n  value_for(k)\nend"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "Run the path from ten threads at once and count the rows, or the distinct values.",
		Refs: []report.Reference{
			{Title: "Rails: find_or_create_by", URL: "https://api.rubyonrails.org/classes/ActiveRecord/Relation.html#method-i-find_or_create_by"},
			{Title: "Django: get_or_create", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#get-or-create"},
			{Title: "PostgreSQL: INSERT ON CONFLICT", URL: "https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App {
			continue
		}
		for fn := range f.Tree.Root().Descendants(syntax.Func) {
			counter(p, f, fn)
			checked(p, f, fn)
			modified(p, f, fn)
		}
		if p.Flow == nil || p.Flow.Index == nil {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			create(p, f, c)
		}
	}
}

var raises = regexp.MustCompile("(?is)\\bSET\\s+[`\"\\[]?(?:\\w+\\.)?[`\"]?(\\w+)[`\"\\]]?\\s*=\\s*[`\"\\[]?(?:\\w+\\.)?[`\"]?(\\w+)[`\"\\]]?\\s*[+-]|\\bDUPLICATE KEY UPDATE\\s+[`\"]?(\\w+)[`\"]?\\s*=\\s*[`\"]?(\\w+)[`\"]?\\s*[+-]")

// sqlOf joins the literal parts of an expression.
func sqlOf(n syntax.Ref) string {
	var sb strings.Builder
	n.Walk(func(r syntax.Ref) bool {
		if r.Kind() == syntax.String {
			sb.WriteString(r.Str())
			return false
		}
		return !r.Is(syntax.Lambda)
	})
	return sb.String()
}

// counter finds a raised counter that is read back by a second statement.
func counter(p *rule.Pass, f *project.File, fn syntax.Ref) {
	var raise syntax.Ref
	for c := range fn.Descendants(syntax.Call) {
		switch c.Str() {
		case "execute", "exec", "Exec", "ExecContext", "query", "executeUpdate", "update_all", "exec_query", "exec_update", "statement", "$executeRaw":
		default:
			continue
		}
		sql := sqlOf(c.Arg(0))
		m := raises.FindStringSubmatch(sql)
		if m == nil || m[1] != m[2] || m[3] != m[4] || strings.Contains(strings.ToUpper(sql), "RETURNING") || guarded(c, fn) {
			continue
		}
		raise = c
	}
	if !raise.Ok() {
		return
	}
	for r := range fn.Descendants(syntax.Return) {
		v := r.Child(syntax.Value)
		if r.Start() < raise.End() || v.Kind() != syntax.Call || guarded(r, fn) || !v.Arg(0).Ok() {
			continue
		}
		shared := ""
		for a := range v.All(syntax.Arg) {
			for n := range a.Descendants(syntax.Name) {
				if n.Inside(v) && mentions(raise, n.Str()) && parameter(fn, n.Str()) {
					shared = n.Str()
				}
			}
		}
		name := strings.ToLower(v.Str())
		if shared == "" || !(strings.Contains(name, "value") || strings.Contains(name, "get") || strings.Contains(name, "find") || strings.Contains(name, "select") || strings.Contains(name, "read") || strings.Contains(name, "count") || strings.Contains(name, "fetch") || strings.Contains(name, "query") || strings.Contains(name, "load")) {
			continue
		}
		t := p.Cost.RTT()
		p.Report(rule.Finding{
			Title:      listing.Title(f, raise, "a counter is raised and read back in two steps"),
			Claim:      fmt.Sprintf("The statement at line %d raises the value for `%s` and line %d reads it in a second one, outside of a transaction: another process can raise it in between, so two callers get the same number.", raise.Line(), shared, r.Line()),
			Primary:    rule.At(f, raise, "raises it"),
			Secondary:  []rule.Place{rule.At(f, r, "reads it back")},
			Subject:    fn.Str(),
			Evidence:   1,
			Confidence: 0.75,
			Effort:     report.OneFile,
			Cliff:      "Two callers get the same number, and nothing refuses it.", // a wrong result, not a delay
			Cost:       window(t),
			Fix:        report.Fix{Summary: "Return the new value from the statement itself (RETURNING), or run both in one transaction.", Behaviour: "Within a transaction the row stays locked until the value is read; callers of the same key wait for each other."},
		})
		return
	}
}

func window(t report.Input) *report.Cost {
	w := report.Input{Name: "w", Value: t.Value, Unit: "ms", Origin: t.Origin, Detail: "the window between the two statements is at least one round trip: " + t.Detail}
	return &report.Cost{Now: w.Value, Fixed: 0, Unit: "ms", Event: "call", Formula: "w -> 0", Inputs: []report.Input{w}}
}

func mentions(n syntax.Ref, name string) bool {
	for c := range n.Descendants(syntax.Name) {
		if c.Str() == name {
			return true
		}
	}
	return false
}

func parameter(fn syntax.Ref, name string) bool {
	for q := range fn.All(syntax.ParamRole) {
		if q.Str() == name {
			return true
		}
	}
	return false
}

// guarded reports whether a transaction, lock or once-only construct stands around a node.
func guarded(n, stop syntax.Ref) bool {
	for q := n.Parent(); q.Ok(); q = q.Parent() {
		switch q.Kind() {
		case syntax.Call, syntax.With:
			name := strings.ToLower(q.Str())
			for v := range q.All(syntax.Value) {
				name += strings.ToLower(v.Str())
			}
			if strings.Contains(name, "transaction") || strings.Contains(name, "lock") || strings.Contains(name, "atomic") || strings.Contains(name, "synchronize") || strings.Contains(name, "mutex") {
				return true
			}
		case syntax.Func:
			for d := range q.All(syntax.Decorator) {
				name := strings.ToLower(d.Str())
				if strings.Contains(name, "transaction") || strings.Contains(name, "atomic") || strings.Contains(name, "lock") {
					return true
				}
			}
			return false
		}
	}
	return false
}

// create finds look-ups that create the row when it is missing.
func create(p *rule.Pass, f *project.File, c syntax.Ref) {
	var model *flow.Model
	switch client.Language(f.Lang) + " " + c.Str() {
	case "ruby find_or_create_by", "ruby find_or_create_by!", "ruby first_or_create", "php firstOrCreate", "php updateOrCreate":
		model = p.Flow.Index.Model(c.Receiver().Dotted(), f)
	case "python get_or_create", "python update_or_create":
		r := c.Receiver()
		if r.Str() == "objects" {
			model = p.Flow.Index.Model(r.Receiver().Dotted(), f)
		}
	default:
		return
	}
	if model == nil || model.Table == "" {
		return
	}
	columns := keys(c)
	if len(columns) == 0 {
		return
	}
	table, _ := p.Table(model.Table, f.Path)
	if table == nil {
		return
	}
	for i, col := range columns {
		real := col
		if mapped := model.Columns[col]; mapped != "" {
			real = mapped
		} else if table.Column(col) == nil && table.Column(col+"_id") != nil {
			real = col + "_id"
		}
		if table.Column(real) == nil {
			return // a scope, a relation or a lookup that is not understood
		}
		columns[i] = real
	}
	if unique(table, columns) {
		return
	}
	list := strings.Join(columns, ", ")
	p.Report(rule.Finding{
		Title:      fmt.Sprintf("`%s` can be created twice for one (%s)", model.Name, list),
		Claim:      fmt.Sprintf("`%s` looks for a row of `%s` by (%s) and creates it when there is none; no unique index covers these columns, so two callers at once create two.", c.Str(), table.Name, list),
		Primary:    rule.At(f, c, "looks, then creates"),
		Subject:    model.Name + " " + list,
		Cause:      "find-or-create-without-unique",
		Evidence:   1,
		Confidence: 0.65,
		Cost:       window(cost.Assume("w", p.Cost.RTT().Value, "ms", "one round trip between the look and the insert")),
		Fix: report.Fix{
			Summary:   fmt.Sprintf("Add a unique index on %s(%s), after the duplicates are merged; then the second insert fails and is retried as a read.", table.Name, list),
			SQL:       fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY ON %s (%s);", table.Name, list),
			Behaviour: "A second insert fails with a uniqueness error; the framework's method reads the row then, other writers must handle it.",
		},
	})
}

// keys are the columns that a look-up names.
func keys(c syntax.Ref) []string {
	var out []string
	for _, a := range c.Args() {
		switch a.Kind() {
		case syntax.Pair:
			k := a.Str()
			if k == "defaults" || k == "create_defaults" {
				continue
			}
			k = strings.TrimSuffix(strings.TrimSuffix(k, "__iexact"), "__exact")
			out = append(out, k)
		case syntax.Map:
			if c.Str() == "firstOrCreate" || c.Str() == "updateOrCreate" {
				if len(out) > 0 {
					return out
				}
			}
			for e := range a.Children() {
				if e.Kind() != syntax.Pair || e.Str() == "" {
					return nil
				}
				out = append(out, e.Str())
			}
		case syntax.Splat:
			return nil
		}
	}
	return out
}

// unique reports whether a unique index or the key covers no more than the columns.
func unique(t *schema.Table, columns []string) bool {
	has := map[string]bool{}
	for _, c := range columns {
		has[c] = true
	}
	covered := func(cols []string) bool {
		for _, c := range cols {
			if !has[c] {
				return false
			}
		}
		return len(cols) > 0
	}
	if covered(t.PrimaryKey) {
		return true
	}
	for _, ix := range t.Indexes {
		if !ix.Unique && !ix.Primary {
			continue
		}
		var cols []string
		ok := true
		for _, c := range ix.Columns {
			if c.Name == "" {
				ok = false // an expression: lower(email) may be meant
				continue
			}
			cols = append(cols, c.Name)
		}
		if !ok || covered(cols) {
			return true
		}
	}
	return false
}
