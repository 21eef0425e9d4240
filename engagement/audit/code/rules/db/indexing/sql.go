package indexing

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// fromSQL reads a text of SQL in the source: one query for each level whose own conditions all fall on
// one table.
func fromSQL(p *rule.Pass, f *project.File, n syntax.Ref) []*Query {
	st := sqlquery.Analyze(withOrder(n))
	var out []*Query
	st.Walk(func(s *sqlquery.Statement) {
		out = append(out, level(p, f, n, s)...)
	})
	return out
}

// withOrder is the text of a SQL string in which the sort keys that a template puts in are replaced by
// the first text that the code has for them. Other interpolations stay: an optional condition may be
// absent.
func withOrder(n syntax.Ref) string {
	text := n.Str()
	if !n.Has(syntax.FlagInterp) {
		return text
	}
	var sb strings.Builder
	for part := range n.All(syntax.Part) {
		i := strings.Index(text, "{}")
		if i < 0 {
			break
		}
		sb.WriteString(text[:i])
		text = text[i+2:]
		put := "{}"
		before := strings.ToLower(strings.TrimSpace(sb.String()))
		if strings.HasSuffix(before, "order by") {
			for s := range part.Descendants(syntax.String) {
				if t := strings.TrimSpace(s.Str()); strings.ContainsAny(t, " .") && !strings.Contains(t, "{}") {
					put = t
					break
				}
			}
			if part.Kind() == syntax.String && !part.Has(syntax.FlagInterp) && strings.TrimSpace(part.Str()) != "" {
				put = part.Str()
			}
		}
		sb.WriteString(put)
	}
	sb.WriteString(text)
	return sb.String()
}

// level reads one level of a statement, on each schema that has its table.
func level(p *rule.Pass, f *project.File, n syntax.Ref, s *sqlquery.Statement) []*Query {
	if s.Kind == sqlquery.Insert || s.Kind == sqlquery.None || len(s.Tables) == 0 {
		return nil
	}
	name := driver(s)
	if name == "" {
		return nil
	}
	var out []*Query
	for _, pl := range tables(p, strings.ReplaceAll(strings.TrimPrefix(name, "{}."), "{}", ""), f) {
		if !pl.View && !pl.Incomplete {
			out = append(out, statementOn(f, n, s, name, pl.Table, pl.db))
		}
	}
	return out
}

// statementOn reads a statement as conditions on one table.
func statementOn(f *project.File, n syntax.Ref, s *sqlquery.Statement, name string, t *schema.Table, db *project.Database) *Query {
	q := &Query{DB: db, Table: t, File: f, Node: n, Whole: !s.Dynamic, SQL: s}
	if s.HasLimit {
		q.Bounded = true
		if v, err := strconv.Atoi(s.Limit); err == nil {
			q.Limit = v
		}
	}
	for _, x := range s.Filters {
		if x.Having {
			continue
		}
		c := t.Column(x.Column)
		if c == nil {
			q.Whole = false
			continue
		}
		op := x.Op
		if x.Not && op != sqlquery.Ne {
			op = sqlquery.Ne
		}
		q.Conditions = append(q.Conditions, Condition{
			Column: c, Op: op, Func: x.Func, Expr: x.Expr, Leading: x.LeadingWildcard, Text: x.Text, Literal: x.Value == sqlquery.Literal, Or: x.Or,
		})
		if x.Value == sqlquery.ColumnRef || x.Value == sqlquery.Subquery && op != sqlquery.In {
			q.Conditions = q.Conditions[:len(q.Conditions)-1] // not a value that is known when the query starts
		}
	}
	for _, o := range s.OrderBy {
		c := t.Column(o.Column)
		if o.Column == "" || c == nil || o.Table != "" && !sameTable(o.Table, s, name) {
			q.OrderUnknown = true
			continue
		}
		q.Order = append(q.Order, schema.IndexColumn{Name: c.Name, Desc: o.Desc})
	}
	if len(s.GroupBy) > 0 || s.Distinct || len(s.Aggregates) > 0 {
		q.OrderUnknown = true
	}
	if s.Kind == sqlquery.Select && !q.Bounded && len(s.Aggregates) > 0 {
		q.Terminal = "aggregate"
	}
	return q
}

func sameTable(name string, s *sqlquery.Statement, driver string) bool {
	if strings.EqualFold(name, driver) {
		return true
	}
	ref := s.Table(name)
	return ref != nil && strings.EqualFold(ref.Name, driver)
}

// driver is the table that all conditions of a level fall on, "" when there is none or more than one.
func driver(s *sqlquery.Statement) string {
	name := s.Tables[0].Name
	if len(s.Tables) > 1 || name == "" {
		name = ""
		for _, x := range s.Filters {
			if x.Having {
				continue
			}
			tb := x.Table
			if ref := s.Table(tb); ref != nil {
				tb = ref.Name
			}
			if tb == "" || name != "" && !strings.EqualFold(name, tb) {
				return ""
			}
			name = tb
		}
	}
	return name
}
