// Package offer gives the statements that the lint calls harmful the recipes of package rewrite: it maps a
// statement and the schema before it onto a [rewrite.Change] and [rewrite.Facts], and writes the recipe as
// the fix of a finding.
//
// Only changes are offered whose recipe needs no more than the lint knows. The lint's schema has no views,
// privileges or triggers, on which the swap of a column's type or a renaming depends; and the recogniser of
// statements does not keep every clause. What a statement says and a recipe would lose (DEFERRABLE, ON UPDATE,
// an operator class) is a reason to offer nothing.
package offer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// For returns the recipe for one action of a statement, with the schema as it stands before the statement.
// The reason says why there is none, as a sentence; it is empty where no recipe exists for what the action
// does. PostgreSQL only.
func For(w *lint.World, st *lint.Step, a *statement.Action, im *predict.Impact) (recipe rewrite.Recipe, reason string, ok bool) {
	if !w.Postgres() {
		return rewrite.Recipe{}, "", false
	}
	change, reason := Change(st, a, im)
	if change == nil {
		return rewrite.Recipe{}, reason, false
	}
	recipe, err := rewrite.Build(change, facts(w, st, a), rewrite.Options{})
	var refused *rewrite.Refusal
	switch {
	case errors.As(err, &refused):
		return rewrite.Recipe{}, refused.Reason, false
	case err != nil:
		return rewrite.Recipe{}, err.Error(), false
	}
	return recipe, "", true
}

// Change maps an action onto the change that rewrite knows, or returns nil, with a reason where a recipe
// exists that this statement cannot have.
func Change(st *lint.Step, a *statement.Action, im *predict.Impact) (rewrite.Change, string) {
	q := newFolder(st)
	table := q.name(a.Table)
	switch im.Kind {
	case predict.SetNotNullScan:
		return rewrite.SetNotNull{Table: table, Column: q.word(a.Name)}, ""
	case predict.AddCheckScan, predict.AddFK, predict.AddUnique, predict.AddPrimary:
		return named(constraint(q, st, a, table))
	case predict.CreateIndexKind:
		return named(index(q, st, a, table))
	case predict.AddColumnVolatile:
		return column(q, a, table)
	}
	return nil, ""
}

// unkept are clauses that statement.Action does not hold.
var unkept = []string{"DEFERRABLE", "INITIALLY", "MATCH", "INCLUDE", "NULLS", "WITH", "TABLESPACE", "ENFORCED"}

// maxName is PostgreSQL's limit of a name in bytes (NAMEDATALEN - 1).
const maxName = 63

// named refuses a change whose name the server would shorten: later steps look for it.
func named(c rewrite.Change, reason string) (rewrite.Change, string) {
	var made string
	switch c := c.(type) {
	case rewrite.AddForeignKey:
		made = c.Name
	case rewrite.AddUnique:
		made = c.Name
	case rewrite.AddCheck:
		made = c.Name
	case rewrite.CreateIndex:
		made = c.Index.Name
	}
	if len(made) > maxName {
		return nil, fmt.Sprintf("The name %s is longer than %d bytes, so that the server shortens it; give a shorter one.", made, maxName)
	}
	return c, reason
}

func constraint(q folder, st *lint.Step, a *statement.Action, table rewrite.Name) (rewrite.Change, string) {
	c := a.Constraint
	if c == nil {
		return nil, ""
	}
	if word := says(st, unkept...); word != "" {
		return nil, fmt.Sprintf("The statement says %s; no recipe is offered for that.", word)
	}
	switch c.Type {
	case statement.Check:
		if c.NoInherit {
			return nil, "The check is NO INHERIT; no recipe is offered for that."
		}
		if c.Name == "" {
			return nil, "The check has no name, by which a later step would find it; give it one."
		}
		return rewrite.AddCheck{Table: table, Name: q.word(c.Name), Expression: bare(c.Expr)}, ""
	case statement.ForeignKey:
		if follows(st, "ON", "UPDATE") {
			return nil, "The foreign key says ON UPDATE; no recipe is offered for that."
		}
		fk := rewrite.AddForeignKey{Table: table, Name: q.word(c.Name), Columns: q.words(c.Columns), To: q.name(c.RefTable), ToColumns: q.words(c.RefColumns)}
		if fk.Name == "" {
			fk.Name = defaultName(table, fk.Columns, "fkey")
		}
		if c.OnDelete != "" {
			fk.After = "ON DELETE " + strings.ToUpper(c.OnDelete)
		}
		return fk, ""
	case statement.Unique:
		u := rewrite.AddUnique{Table: table, Name: q.word(c.Name), Columns: q.words(c.Columns)}
		if u.Name == "" {
			u.Name = defaultName(table, u.Columns, "key")
		}
		return u, ""
	case statement.PrimaryKey:
		return rewrite.AddPrimaryKey{Table: table, Name: q.word(c.Name), Columns: q.words(c.Columns)}, ""
	}
	return nil, ""
}

func index(q folder, st *lint.Step, a *statement.Action, table rewrite.Name) (rewrite.Change, string) {
	ix := a.Index
	switch {
	case ix == nil:
		return nil, ""
	case ix.Exprs:
		return nil, "The index is on an expression; add CONCURRENTLY to the statement by hand."
	case a.Only:
		return nil, "The index is on ONLY the parent of partitions, which builds nothing."
	}
	if word := says(st, "ASC", "DESC", "NULLS", "COLLATE", "WITH", "TABLESPACE"); word != "" {
		return nil, fmt.Sprintf("The index says %s; add CONCURRENTLY to the statement by hand.", word)
	}
	if !plainKeys(st.Statement.Tokens, ix.Columns) {
		return nil, "The keys of the index have operator classes; add CONCURRENTLY to the statement by hand."
	}
	out := rewrite.Index{Name: q.word(ix.Name), Unique: ix.Unique, Method: ix.Method, Include: q.words(ix.Include), Where: statement.Text(ix.Where)}
	if out.Name == "" {
		out.Name = defaultName(table, append(q.words(ix.Columns), out.Include...), "idx")
	}
	for _, c := range ix.Columns {
		out.Parts = append(out.Parts, rewrite.Part{Column: q.word(c)})
	}
	return rewrite.CreateIndex{Table: table, Index: out}, ""
}

func column(q folder, a *statement.Action, table rewrite.Name) (rewrite.Change, string) {
	c := a.Column
	switch {
	case c == nil:
		return nil, ""
	case len(c.Constraints) > 0 || c.Collate != "" || c.Identity || len(c.Generated) > 0:
		return nil, "The new column has constraints or a collation of its own; add these in statements of their own, each by its recipe."
	}
	return rewrite.AddColumn{Table: table, Column: q.word(c.Name), Type: c.Type.Raw, Default: statement.Text(c.Default), Volatile: true, NotNull: c.NotNull}, ""
}

// plainKeys holds where the first parenthesis of the statement holds just the names of the columns.
func plainKeys(toks []split.Token, columns []string) bool {
	var inside []string
	open := false
	for i := range toks {
		switch {
		case !open:
			open = toks[i].Op("(")
		case toks[i].Op(")"):
			return strings.Join(inside, "\x00") == strings.Join(columns, "\x00,\x00")
		default:
			inside = append(inside, toks[i].Value())
		}
	}
	return false
}

// says returns the first of the keywords that the statement has.
func says(st *lint.Step, keywords ...string) string {
	for i := range st.Statement.Tokens {
		for _, k := range keywords {
			if st.Statement.Tokens[i].Is(k) {
				return k
			}
		}
	}
	return ""
}

// follows holds where the statement has the second keyword right behind the first.
func follows(st *lint.Step, first, second string) bool {
	toks := st.Statement.Tokens
	for i := 1; i < len(toks); i++ {
		if toks[i].Is(second) && toks[i-1].Is(first) {
			return true
		}
	}
	return false
}

// bare is the text of an expression without parentheses that enclose all of it.
func bare(toks []split.Token) string {
	for len(toks) > 2 && toks[0].Op("(") && toks[len(toks)-1].Op(")") {
		depth := 0
		for i := range toks[:len(toks)-1] {
			if toks[i].Op("(") {
				depth++
			} else if toks[i].Op(")") {
				depth--
			}
			if depth == 0 {
				return statement.Text(toks)
			}
		}
		toks = toks[1 : len(toks)-1]
	}
	return statement.Text(toks)
}

// defaultName is the name that PostgreSQL gives (ChooseIndexName and ChooseConstraintName of its sources); a name that
// it would shorten stays as it is and is shortened by the server.
func defaultName(table rewrite.Name, columns []string, suffix string) string {
	return strings.Join(append(append([]string{table.Name}, columns...), suffix), "_")
}

// folder knows how the names of a statement are meant: one that stands in quotes is kept, any other is lower
// case to PostgreSQL. Statements and schema hold names without their quotes.
type folder map[string]bool

func newFolder(st *lint.Step) folder {
	quoted := folder{}
	for i := range st.Statement.Tokens {
		if t := &st.Statement.Tokens[i]; t.Kind == split.Quoted {
			quoted[t.Value()] = true
		}
	}
	return quoted
}

func (q folder) word(s string) string {
	if q[s] {
		return s
	}
	return strings.ToLower(s)
}

func (q folder) words(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = q.word(s)
	}
	return out
}

// name takes the name of a table apart; one that is quoted and holds a dot is not told from one with a schema.
func (q folder) name(written string) rewrite.Name {
	space, table, qualified := strings.Cut(written, ".")
	if !qualified {
		return rewrite.Name{Name: q.word(written)}
	}
	return rewrite.Name{Schema: q.word(space), Name: q.word(table)}
}

// facts are what the schema tells of the table and of the one that a foreign key refers to.
func facts(w *lint.World, st *lint.Step, a *statement.Action) rewrite.Facts {
	q := newFolder(st)
	f := rewrite.Facts{Server: rewrite.Server{Product: rewrite.PostgreSQL, Version: [3]int{w.Server.Major, w.Server.Minor, 0}}}
	wanted := []string{a.Table}
	if a.Constraint != nil && a.Constraint.RefTable != "" {
		wanted = append(wanted, a.Constraint.RefTable)
	}
	for _, n := range wanted {
		if t := w.Table(n); t != nil && !t.Incomplete {
			f.Tables = append(f.Tables, table(q, w, q.name(n), t))
		}
	}
	return f
}

func table(q folder, w *lint.World, as rewrite.Name, t *schema.Table) rewrite.Table {
	out := rewrite.Table{Name: as, Triggers: w.Triggers(t.Name)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, rewrite.Column{Name: q.word(c.Name), Type: c.Type.Raw, NotNull: c.NotNull, Default: c.Default, Generated: c.Generated, StatisticsTarget: -1})
	}
	for _, ix := range t.Indexes {
		made := rewrite.Index{Name: ix.Name, Unique: ix.Unique, Primary: ix.Primary, Method: ix.Method, Include: ix.Include, Where: ix.Where, Valid: !ix.Invalid && !w.Invalid(ix.Name)}
		for _, c := range ix.Columns {
			made.Parts = append(made.Parts, rewrite.Part{Column: q.word(c.Name), Expression: c.Expr})
		}
		out.Indexes = append(out.Indexes, made)
	}
	for _, c := range t.Checks {
		out.Checks = append(out.Checks, rewrite.Constraint{Name: c.Name, Expression: c.Expr, Valid: !c.NotValid})
	}
	if t.Partitioned {
		out.Partitioning = &rewrite.Partitioning{}
	}
	if t.PartitionOf != "" {
		parent := q.name(t.PartitionOf)
		out.PartitionOf = &parent
	}
	return out
}
