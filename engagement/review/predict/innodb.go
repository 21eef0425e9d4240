package predict

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// scanned are the tables of which InnoDB locks every row and every gap for a write, until its transaction ends:
// under REPEATABLE READ, the default, it locks all that it reads, and without a usable index it reads all (MySQL
// manual, "Locks Set by Different SQL Statements in InnoDB"; tried on MariaDB 10.11: updates of other rows and
// inserts wait). sure is false when the indexes of the table are not known.
func (p *predictor) scanned(t *schema.Table) (tables []string, sure bool) {
	w := p.a.Write
	if p.ReadCommitted || w == nil || w.With {
		return nil, false
	}
	switch p.a.Kind {
	case statement.Insert:
		if len(w.Sources) == 1 && !slices.ContainsFunc(p.a.Tokens, func(t sqltoken.Token) bool { return t.Is("WHERE") || t.Is("LIMIT") }) {
			return w.Sources, true
		}
	case statement.Update, statement.Delete:
		switch {
		case w.From, w.Limited, slices.ContainsFunc(w.Where, func(t sqltoken.Token) bool { return t.Is("SELECT") }):
		case len(w.Where) == 0:
			return []string{p.nameOf(p.a.Table)}, true
		case t == nil || !known(t):
			return []string{p.nameOf(p.a.Table)}, false
		case !usable(t, w.Where):
			return []string{p.nameOf(p.a.Table)}, true
		}
	}
	return nil, false
}

// usable says whether a condition holds the first column of an index against something.
func usable(t *schema.Table, where []sqltoken.Token) bool {
	leads := func(name string) bool {
		return len(t.PrimaryKey) > 0 && strings.EqualFold(t.PrimaryKey[0], name) || slices.ContainsFunc(t.Indexes, func(ix *schema.Index) bool {
			return len(ix.Columns) > 0 && strings.EqualFold(ix.Columns[0].Name, name)
		})
	}
	compares := func(t *sqltoken.Token) bool {
		for _, op := range []string{"=", "<", ">", "<=", ">=", "<=>"} {
			if t.Op(op) {
				return true
			}
		}
		return t.Is("IN") || t.Is("BETWEEN") || t.Is("IS") || t.Is("LIKE")
	}
	for i := range where {
		tok := &where[i]
		if (tok.Kind == sqltoken.Word || tok.Kind == sqltoken.Quoted) && leads(tok.Value()) &&
			(i+1 < len(where) && compares(&where[i+1]) || i > 0 && compares(&where[i-1])) {
			return true
		}
	}
	return false
}
