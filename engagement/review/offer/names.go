package offer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// mapping maps one statement.
type mapping struct {
	*Maker
	st    *lint.Step
	facts rewrite.Facts
	taken map[string]bool // names that earlier parts of the statement have taken
	// unresolved says why a name of the statement cannot be written with its schema; empty where all can.
	unresolved string
}

func (x *mapping) postgres() bool { return x.World.Postgres() }

// name is the name of a relation as the catalog holds it.
func (x *mapping) name(written string) rewrite.Name {
	parts := cut(written)
	for i := range parts {
		parts[i] = x.World.Identifier(schema.Unquote(parts[i]))
	}
	if len(parts) == 1 {
		return rewrite.Name{Schema: x.schemaOf(parts[0]), Name: parts[0]}
	}
	return rewrite.Name{Schema: parts[len(parts)-2], Name: parts[len(parts)-1]}
}

// cut cuts a qualified name at the dots outside of quotes.
func cut(s string) []string {
	var parts []string
	start, quoted := 0, false
	for i := range len(s) {
		switch s[i] {
		case '"', '`':
			quoted = !quoted
		case '.':
			if !quoted {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

func (x *mapping) identifiers(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = x.World.Identifier(n)
	}
	return out
}

const maxIdentifier = 63

// objectName makes a name as PostgreSQL does (makeObjectName in indexcmds.c): table, columns and label with
// underscores between, of which the longer of table and columns is cut until all fit.
func objectName(table, columns, label string) string {
	room := maxIdentifier - len(label) - 1
	if columns != "" {
		room--
	}
	a, b := len(table), len(columns)
	for a+b > room {
		if a > b {
			a--
		} else {
			b--
		}
	}
	out := clip(table, a)
	if columns != "" {
		out += "_" + clip(columns, b)
	}
	return out + "_" + label
}

func clip(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// choose returns the name that the server gives to a constraint or an index: the first that is free of name,
// name1, name2, ...
func (x *mapping) choose(table rewrite.Name, columns, label string) string {
	t := x.World.Table(table.String())
	used := func(n string) bool {
		if x.taken[n] || x.World.IndexTable(n) != nil || x.World.Table(n) != nil {
			return true
		}
		if t != nil {
			for _, k := range t.ForeignKeys {
				if strings.EqualFold(k.Name, n) {
					return true
				}
			}
			for _, k := range t.Checks {
				if strings.EqualFold(k.Name, n) {
					return true
				}
			}
		}
		return false
	}
	for i := 0; ; i++ {
		l := label
		if i > 0 {
			l += strconv.Itoa(i)
		}
		if n := objectName(table.Name, columns, l); !used(n) {
			x.taken[n] = true
			return n
		}
	}
}

// constraintName is the name of a constraint, by the rule of the server where the statement gives none.
func (x *mapping) constraintName(table rewrite.Name, k *statement.Constraint, columns []string) string {
	switch {
	case k.Name != "":
		return x.World.Identifier(k.Name)
	case !x.postgres():
		return x.mysqlName(table, k, columns)
	}
	switch k.Type {
	case statement.ForeignKey:
		return x.choose(table, strings.Join(columns, "_"), "fkey")
	case statement.Unique:
		return x.choose(table, strings.Join(columns, "_"), "key")
	case statement.PrimaryKey:
		return x.choose(table, "", "pkey")
	}
	if len(columns) == 0 { // of the columns that the expression names, when there is just one
		if t := x.World.Table(table.String()); t != nil {
			columns = x.mentioned(t, statement.Text(k.Expr))
		}
	}
	if len(columns) != 1 {
		return x.choose(table, "", "check")
	}
	return x.choose(table, columns[0], "check")
}

// mysqlName follows InnoDB: orders_ibfk_1 for foreign keys, orders_chk_1 for checks (MariaDB: CONSTRAINT_1), and the first
// column for an index.
func (x *mapping) mysqlName(table rewrite.Name, k *statement.Constraint, columns []string) string {
	t := x.World.Table(table.String())
	if t == nil {
		t = &schema.Table{}
	}
	switch k.Type {
	case statement.ForeignKey:
		most := 0
		for _, fk := range t.ForeignKeys {
			if i := strings.LastIndex(fk.Name, "_ibfk_"); i >= 0 {
				if n, err := strconv.Atoi(fk.Name[i+len("_ibfk_"):]); err == nil {
					most = max(most, n)
				}
			}
		}
		for x.taken[fmt.Sprintf("%s_ibfk_%d", table.Name, most+1)] {
			most++
		}
		n := fmt.Sprintf("%s_ibfk_%d", table.Name, most+1)
		x.taken[n] = true
		return n
	case statement.Check:
		for i := 1; ; i++ {
			n := fmt.Sprintf("%s_chk_%d", table.Name, i)
			if x.facts.Server.Product == rewrite.MariaDB {
				n = fmt.Sprintf("CONSTRAINT_%d", i)
			}
			free := !x.taken[n]
			for _, have := range t.Checks {
				free = free && !strings.EqualFold(have.Name, n)
			}
			if free {
				x.taken[n] = true
				return n
			}
		}
	}
	if len(columns) == 0 {
		return ""
	}
	return x.mysqlIndexName(t, columns[0])
}

func (x *mapping) mysqlIndexName(t *schema.Table, column string) string {
	for i := 1; ; i++ {
		n := column
		if i > 1 {
			n += "_" + strconv.Itoa(i)
		}
		if t.Index(n) == nil && !x.taken[n] {
			x.taken[n] = true
			return n
		}
	}
}

// part is one key of an index as it is written: a column or an expression, and what follows it.
func (x *mapping) part(toks []split.Token) (rewrite.Part, string) {
	first := &toks[0]
	switch {
	case first.Op("("):
		depth := 0
		for i := range toks {
			if toks[i].Op("(") {
				depth++
			} else if toks[i].Op(")") {
				if depth--; depth == 0 {
					return rewrite.Part{Expression: statement.Text(toks[1:i]), After: statement.Text(toks[i+1:])}, "expr"
				}
			}
		}
		return rewrite.Part{}, ""
	case len(toks) > 3 && toks[1].Op(".") && toks[3].Op("("):
		p, name := x.part(toks[2:])
		p.Expression = statement.Text(toks[:2]) + p.Expression
		return p, name
	case len(toks) > 1 && toks[1].Op("("):
		if !x.postgres() { // the length of a prefix
			return rewrite.Part{Column: first.Value(), After: statement.Text(toks[1:])}, first.Value()
		}
		depth := 0
		for i := range toks {
			if toks[i].Op("(") {
				depth++
			} else if toks[i].Op(")") {
				if depth--; depth == 0 {
					return rewrite.Part{Expression: statement.Text(toks[:i+1]), After: statement.Text(toks[i+1:])}, x.World.Identifier(first.Value())
				}
			}
		}
		return rewrite.Part{}, ""
	case first.Kind == split.Word || first.Kind == split.Quoted:
		if len(toks) > 1 && toks[1].Op(".") {
			return rewrite.Part{}, ""
		}
		name := x.World.Identifier(first.Value())
		return rewrite.Part{Column: name, After: statement.Text(toks[1:])}, name
	}
	return rewrite.Part{}, ""
}
