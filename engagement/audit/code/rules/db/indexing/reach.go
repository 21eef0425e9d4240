package indexing

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// deletedOf is the key under which the names of deleted things are kept.
type deletedOf struct{}

// Deletes reports whether some code of the project deletes rows of a table: by SQL, or by a call of
// delete or destroy on something that is called like the table or its model. It looks at names, and
// takes the doubt for a yes: a bulk delete of an unnamed query counts for the tables of the file.
func Deletes(p *rule.Pass, table string) bool {
	gone := p.Derive(deletedOf{}, func() any { return deletions(p) }).(map[string]bool)
	return in(gone, table)
}

// deleting are the names of methods that delete rows.
var deleting = map[string]bool{
	"delete": true, "destroy": true, "destroy!": true, "delete!": true, "deleteMany": true, "delete_all": true, "destroy_all": true, "destroy_by": true, "delete_by": true, "deleteById": true,
	"deleteAll": true, "forceDelete": true, "really_destroy!": true, "adelete": true, "hard_delete": true, "Delete": true, "removeById": true, "remove": true,
}

func deletions(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App && f.Role != project.Script {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Call) {
			if !deleting[n.Str()] {
				continue
			}
			for r, i := n.Receiver(), 0; r.Ok() && i < 8; i++ {
				if words := cardinality.Words(r.Str()); len(words) > 0 {
					out[strings.Join(singulars(words), "")] = true
					out[singulars(words[len(words)-1:])[0]] = true
				}
				r = r.Receiver()
			}
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			if len(n.Str()) > 14 && strings.Contains(strings.ToLower(n.Str()), "delete from") {
				st := sqlquery.Analyze(n.Str())
				if st.Kind == sqlquery.Delete && len(st.Tables) > 0 {
					out[strings.ToLower(last(st.Tables[0].Name))] = true
				}
			}
		}
	}
	return out
}

func singulars(words []string) []string {
	out := append([]string(nil), words...)
	n := len(out) - 1
	out[n] = cardinality.Singular(out[n])
	return out
}

// Joins reports whether SQL in the code compares a column of a table with something, or an entity's
// property of that name in a text that names the table's entity.
func Joins(p *rule.Pass, t *schema.Table, column string) bool {
	table := strings.ToLower(last(t.Name))
	quoted := regexp.QuoteMeta(column)
	property := regexp.QuoteMeta(camel(column))
	compared := regexp.MustCompile(`(?i)(\b(` + quoted + `|` + property + `)["` + "`" + `]?\s*(=|in\b)|=\s*(\w+\.)?["` + "`" + `]?` + quoted + `\b)`)
	for _, f := range p.Files {
		if f.Tree == nil || quiet(f) {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			text := n.Str()
			if len(text) <= len(column)+len(table) || !strings.Contains(strings.ToLower(text), table) && !strings.Contains(strings.ToLower(text), strings.ReplaceAll(table, "_", "")) {
				continue
			}
			if compared.MatchString(text) {
				return true
			}
		}
	}
	return false
}

// drained reports whether SQL in the code sets a flag of a table.
func drained(p *rule.Pass, t *schema.Table, column string) bool {
	sets := regexp.MustCompile(`(?i)\bupdate\s+["` + "`" + `]?` + regexp.QuoteMeta(last(t.Name)) + `\b.*\bset\b.*\b` + regexp.QuoteMeta(column) + `["` + "`" + `]?\s*=\s*(true|1)\b`)
	for _, f := range p.Files {
		if f.Tree == nil || quiet(f) {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			if strings.Contains(n.Str(), column) && sets.MatchString(strings.Join(strings.Fields(n.Str()), " ")) {
				return true
			}
		}
	}
	return false
}

func camel(column string) string {
	words := cardinality.Words(column)
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

// declaring reports whether a schema states (almost) all of its keys as constraints, so that a column
// that only its name makes a key is none.
func declaring(s *schema.Schema) bool {
	stated, guessed := 0, 0
	for _, t := range s.Tables {
		for _, fk := range t.ForeignKeys {
			if fk.Enforced && !fk.Polymorphic {
				stated++
			}
		}
		for _, c := range t.Columns {
			w := cardinality.Words(c.Name)
			if len(w) < 2 || w[len(w)-1] != "id" || typeColumn(t, c) != nil || keyOf(t, c.Name) {
				continue
			}
			if named(s, t, c) != nil {
				guessed++
			}
		}
	}
	return stated >= 10 && stated >= 5*guessed
}

// keyOf reports whether a foreign key of the table has the column.
func keyOf(t *schema.Table, column string) bool {
	for _, fk := range t.ForeignKeys {
		for _, c := range fk.Columns {
			if strings.EqualFold(c, column) {
				return true
			}
		}
	}
	return false
}
