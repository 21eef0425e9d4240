package indexing

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// lost finds indexes that a migration dropped although code still compares their most particular
// column: no index that is left holds it at all. It happens when a unique key moves to another column
// and the old one is still searched.
func lost(p *rule.Pass, dbs map[any]bool) []Wanted {
	var out []Wanted
	for _, db := range p.Schemas {
		if !dbs[db] || len(db.Migrations) == 0 {
			continue
		}
		for _, name := range db.Schema.Names() {
			t := db.Schema.Tables[name]
			for i := range t.Dropped {
				d := &t.Dropped[i]
				columns, particular := orphaned(t, d.Index)
				if particular == "" {
					continue
				}
				uses := comparisons(p, db, t, particular)
				if len(uses) == 0 {
					continue
				}
				out = append(out, Wanted{Ask: Ask{DB: db, Table: t, Columns: schema.PlainColumns(columns...)}, Queries: uses, Lost: d, Confidence: 0.7})
			}
		}
	}
	return out
}

// orphaned returns the columns of a dropped index that a query could still use, and the one among them
// that no index of the table holds any more; "" when there is none.
func orphaned(t *schema.Table, ix *schema.Index) (columns []string, particular string) {
	if ix.Where != "" || ix.Primary || ix.Implied || ix.Method != "" && ix.Method != "btree" {
		return nil, ""
	}
	for _, k := range ix.Columns {
		c := t.Column(k.Name)
		if k.Name == "" || c == nil {
			return nil, ""
		}
		columns = append(columns, c.Name)
		if !anywhere(t, c.Name) && Selective(t, c) > 0 && len(t.IndexesLeading(c.Name)) == 0 {
			particular = c.Name
		}
	}
	return columns, particular
}

// comparisons lists texts in application code that compare the column with something, in the part of
// the project that the schema belongs to.
func comparisons(p *rule.Pass, db *project.Database, t *schema.Table, column string) []*Query {
	if len(cardinality.Words(column)) < 2 {
		return nil // too common a word to know whose column it is
	}
	for _, name := range db.Schema.Names() {
		if o := db.Schema.Tables[name]; o != t && o.Column(column) != nil {
			return nil
		}
	}
	q := `["` + "`" + `]?`
	compared := regexp.MustCompile(`(?i)(\b` + regexp.QuoteMeta(column) + q + `\s*(=|in\b|<=>)|=\s*(\w+\.)?` + q + regexp.QuoteMeta(column) + `\b)`)
	var out []*Query
	for _, f := range p.Files {
		if f.Tree == nil || quiet(f) || !strings.HasPrefix(f.Path, strings.TrimSuffix(db.Root, "/")) {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			text := n.Str()
			if len(text) > len(column) && strings.Contains(text, column) && compared.MatchString(text) {
				out = append(out, &Query{DB: db, Table: t, File: f, Node: n})
				if len(out) >= 8 {
					return out
				}
			}
		}
	}
	return out
}
