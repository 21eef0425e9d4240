package uniquenessnoindex

import (
	"fmt"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// claims lists what the code takes for unique: Rails' and Laravel's validations, then look-ups that
// insert what they do not find.
func claims(p *rule.Pass) []claim {
	var out []claim
	if p.Flow != nil && p.Flow.Index != nil {
		out = append(out, validations(p)...)
	}
	out = append(out, rules(p)...)
	for _, q := range indexing.Audited(p) {
		if !creates[q.Terminal] || !q.Whole {
			continue
		}
		var columns []string
		absent := false
		for _, c := range q.Conditions {
			absent = absent || c.Op == sqlquery.IsNull // a unique index does not keep two NULLs apart
		}
		for _, c := range q.Equal(false) {
			columns = append(columns, c.Name)
		}
		if absent || len(columns) == 0 || len(columns) > 4 {
			continue
		}
		out = append(out, claim{ask: indexing.Ask{DB: q.DB, Table: q.Table, Columns: schema.PlainColumns(columns...), Unique: true}, at: q.Place("finds or creates"), what: "`" + q.Terminal + "`", entry: q.Entry, confidence: 0.7})
	}
	return out
}

// creates are the look-ups that insert what they do not find.
var creates = map[string]bool{
	"find_or_create_by": true, "find_or_create_by!": true, "first_or_create": true, "first_or_create!": true, "create_or_find_by": true, "create_or_find_by!": true,
	"get_or_create": true, "update_or_create": true, "aget_or_create": true, "aupdate_or_create": true, "firstOrCreate": true, "updateOrCreate": true, "findOrCreate": true,
}

// validations reads Rails' "validates :a, uniqueness: true" and "validates_uniqueness_of".
func validations(p *rule.Pass) []claim {
	models := map[*flow.Model]bool{}
	var list []*flow.Model
	for _, m := range p.Flow.Index.Models {
		if m.Framework == "rails" && m.Node.Ok() && m.File != nil && m.Table != "" && !models[m] {
			models[m] = true
			list = append(list, m)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].File.Path != list[j].File.Path {
			return list[i].File.Path < list[j].File.Path
		}
		return list[i].Node.Start() < list[j].Node.Start()
	})
	var out []claim
	for _, m := range list {
		if m.File.Role != project.App {
			continue
		}
		t, db := p.Table(m.Table, m.File.Path)
		if t == nil || t.Incomplete || t.View {
			continue
		}
		for c := range m.Node.Child(syntax.Body).Children() {
			if c.Kind() != syntax.Call {
				continue
			}
			options, ok := uniqueness(c)
			if !ok {
				continue
			}
			scope, ok := scopeOf(options)
			if !ok {
				continue
			}
			for _, a := range c.Args() {
				if a.Kind() != syntax.String || !a.Has(syntax.FlagSymbol) {
					continue
				}
				if columns := resolve(t, m, append(append([]string{}, scope...), a.Str())); columns != nil {
					keys := schema.PlainColumns(columns...)
					if foldsCase(options) && db.Schema.Dialect != schema.MySQL {
						last := &keys[len(keys)-1] // the check is on lower(column), which an index on the column neither enforces nor serves
						last.Name, last.Expr = "", "lower("+last.Name+")"
					}
					out = append(out, claim{ask: indexing.Ask{DB: db, Table: t, Columns: keys, Unique: true}, at: rule.At(m.File, c, "the validation"), what: fmt.Sprintf("The validation of `%s`", m.Name), confidence: 0.85})
				}
			}
		}
	}
	return out
}

// uniqueness returns the options of a validation of uniqueness, a node that may hold none.
func uniqueness(c syntax.Ref) (syntax.Ref, bool) {
	for _, k := range []string{"if", "unless", "on"} {
		if v := c.Keyword(k); v.Ok() {
			return syntax.Ref{}, false // it holds for some rows only
		}
	}
	switch c.Str() {
	case "validates_uniqueness_of":
		return c, true
	case "validates":
		v := c.Keyword("uniqueness")
		if !v.Ok() || v.Kind() == syntax.Bool && v.Str() == "false" {
			return syntax.Ref{}, false
		}
		return v, true
	}
	return syntax.Ref{}, false
}

// scopeOf reads scope: of the options; ok is false when they restrict the rows, or the scope is not
// written out.
func scopeOf(options syntax.Ref) (scope []string, ok bool) {
	for pair := range options.Children() {
		if pair.Kind() != syntax.Pair {
			continue
		}
		v := pair.Child(syntax.Value)
		switch pair.Str() {
		case "conditions", "if", "unless", "on":
			return nil, false
		case "scope":
			switch v.Kind() {
			case syntax.String:
				scope = append(scope, v.Str())
			case syntax.List:
				for e := range v.Children() {
					if e.Kind() != syntax.String {
						return nil, false
					}
					scope = append(scope, e.Str())
				}
			default:
				return nil, false
			}
		}
	}
	return scope, true
}

// foldsCase reads case_sensitive: false.
func foldsCase(options syntax.Ref) bool {
	for pair := range options.Children() {
		if pair.Kind() == syntax.Pair && pair.Str() == "case_sensitive" {
			return pair.Child(syntax.Value).Str() == "false"
		}
	}
	return false
}

// resolve names the columns of attributes and relations, nil when one is not a column.
func resolve(t *schema.Table, m *flow.Model, names []string) []string {
	var out []string
	for _, n := range names {
		column := n
		if rel := m.Relations[n]; rel != nil && rel.Kind == flow.BelongsTo {
			if column = rel.ForeignKey; column == "" {
				column = n + "_id"
			}
		}
		c := t.Column(column)
		if c == nil {
			return nil
		}
		out = append(out, c.Name)
	}
	return out
}

// rules reads Laravel's rule 'unique:table,column'.
func rules(p *rule.Pass) []claim {
	var out []claim
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "php" || f.Role != project.App {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			if !strings.Contains(n.Str(), "unique:") || n.Has(syntax.FlagInterp) {
				continue
			}
			for _, part := range strings.Split(n.Str(), "|") {
				spec, ok := strings.CutPrefix(part, "unique:")
				if !ok {
					continue
				}
				args := strings.Split(spec, ",")
				column := field(n)
				if len(args) > 1 && args[1] != "" && args[1] != "NULL" {
					column = strings.TrimSpace(args[1])
				}
				t, db := p.Table(strings.TrimSpace(args[0]), f.Path)
				if t == nil || t.Incomplete || len(args) > 4 || t.Column(column) == nil { // further arguments restrict the rows
					continue
				}
				out = append(out, claim{ask: indexing.Ask{DB: db, Table: t, Columns: schema.PlainColumns(t.Column(column).Name), Unique: true}, at: rule.At(f, n, "the validation"), what: "The validation", confidence: 0.8})
			}
		}
	}
	return out
}

// field is the key of the rules array that a rule stands under.
func field(n syntax.Ref) string {
	for i := 0; n.Ok() && i < 3; i++ {
		if n.Kind() == syntax.Pair && n.Str() != "" {
			return n.Str()
		}
		n = n.Parent()
	}
	return ""
}
