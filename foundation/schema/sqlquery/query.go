// Package sqlquery reads what a query asks of the database: which tables, which columns it filters,
// joins and sorts by, whether it is bounded, and the shapes that databases answer slowly.
//
// It is made for SQL inside programs: with ?, $1, :name and %s in place of values, and with pieces that
// a template puts in later (#{...}, {...}). It is tolerant and never fails: what it cannot read it
// leaves out, so that an absent filter proves nothing when [Statement.Dynamic] is set. It guarantees
// linear time up to a bounded nesting and no panics on any input. It does not plan queries.
package sqlquery

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Kind is the kind of a statement.
type Kind string

// Kinds of [Statement]. None means that the text is not SQL that this package knows.
const (
	None     Kind = ""
	Select   Kind = "select"
	Insert   Kind = "insert"
	Update   Kind = "update"
	Delete   Kind = "delete"
	Fragment Kind = "fragment" // of AnalyzeWhere
)

// Statement is one query. Filters, joins and sort keys are those of its own level; those of subqueries,
// common table expressions and the further branches of a UNION are in Subqueries.
type Statement struct {
	Kind    Kind
	Tables  []TableRef
	Filters []Filter
	JoinOn  []Join
	OrderBy []OrderKey
	GroupBy []OrderKey

	HasLimit  bool
	Limit     string // as written: a number, a parameter
	HasOffset bool
	Offset    string

	ForUpdate  bool // FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE
	SkipLocked bool
	NoWait     bool

	SelectStar bool     // SELECT * or t.*
	Columns    []string // plain columns that are selected, inserted or set
	Aggregates []Aggregate
	Distinct   bool
	Having     bool
	Union      bool

	// OrAcrossColumns: an OR whose branches filter by different columns, which one index cannot serve.
	OrAcrossColumns bool
	NotInSubquery   bool // NOT IN (SELECT ...)
	OrderRandom     bool
	// Placeholders is the number of values given at run time.
	Placeholders int
	// Dynamic: a template puts in text, so that there may be more than is seen.
	Dynamic bool

	OnConflict bool // upsert
	Returning  bool
	Rows       int // of INSERT ... VALUES

	Subqueries []*Statement
	Role       string // of a subquery: "cte", "from", "filter", "select", "union", "source"
	Name       string // of a common table expression or a derived table
}

// TableRef is a table in FROM, JOIN, INTO, UPDATE. Name has no quotes; it is empty for a subquery.
type TableRef struct {
	Name  string
	Alias string
	Join  string // "", "inner", "left", "right", "full", "cross"
	// Dynamic: a template gives the name.
	Dynamic bool
}

// Op is a comparison.
type Op string

// Comparisons. Negated forms that no index serves share Ne.
const (
	Eq       Op = "="
	Ne       Op = "<>"
	Range    Op = "range" // <, <=, >, >=, BETWEEN
	Like     Op = "like"
	In       Op = "in"
	IsNull   Op = "is null"
	NotNull  Op = "is not null"
	Regex    Op = "regex"
	Contains Op = "contains" // @>, <@, &&, ?, ?|, MEMBER OF
	Match    Op = "match"    // full text: @@, MATCH ... AGAINST
	Exists   Op = "exists"
	Truth    Op = "truth" // a boolean column by itself
)

// Value is the other side of a comparison.
type Value string

// Kinds of values.
const (
	Literal    Value = "literal"
	Parameter  Value = "parameter"
	ColumnRef  Value = "column"
	Subquery   Value = "subquery"
	Expression Value = "expression"
)

// Filter is one condition on a column.
type Filter struct {
	Table  string // name of the table, empty when it cannot be told
	Column string
	Op     Op
	// Func is the function or operator around the column, lower case: "lower", "date", "->>", "cast".
	// An index on the plain column does not serve then.
	Func string
	// Expr is the whole left side as written, when Func is set.
	Expr  string
	Value Value
	// Text is the value as written, without quotes.
	Text            string
	LeadingWildcard bool // LIKE '%x'
	Insensitive     bool // ILIKE, ~*
	Not             bool
	// Or: the condition stands under an OR, so that it does not narrow the result alone.
	Or bool
	// Having: it filters groups, not rows.
	Having bool
	// List is the number of values of an IN list, 0 when one parameter stands for all.
	List int
}

// Join is an equality between columns of two tables, in ON, USING or WHERE.
type Join struct {
	LeftTable, LeftColumn   string
	RightTable, RightColumn string
	Kind                    string // as TableRef.Join; "where" when it stands in WHERE
	// Func is the function around either side, empty for plain columns.
	Func string
}

// OrderKey is one sort or group key. Expr is set when it is not a plain column.
type OrderKey struct {
	Table  string
	Column string
	Expr   string
	Desc   bool
	Nulls  string // "first", "last", ""
	// Position is set for ORDER BY 2.
	Position int
}

// Aggregate is an aggregate function among the selected columns.
type Aggregate struct {
	Func     string // lower case
	Arg      string // "*", or the argument as written
	Distinct bool
}

// Walk calls visit for the statement and all its subqueries, outer first.
func (s *Statement) Walk(visit func(*Statement)) {
	visit(s)
	for _, sub := range s.Subqueries {
		sub.Walk(visit)
	}
}

// Table finds a table by name or alias, or returns nil.
func (s *Statement) Table(name string) *TableRef {
	for i := range s.Tables {
		t := &s.Tables[i]
		if strings.EqualFold(t.Name, name) || t.Alias != "" && strings.EqualFold(t.Alias, name) {
			return t
		}
	}
	return nil
}

const (
	maxTokens  = 1 << 16 // of one statement; the rest is not read
	maxNesting = 48      // of parentheses
)

// Analyze reads the first statement of a text.
func Analyze(sql string) Statement {
	a := newAnalyzer(sql)
	var st Statement
	a.statement(0, len(a.toks), &st, nil, 0)
	st.Placeholders, st.Dynamic = a.placeholders, a.dynamic
	return st
}

// AnalyzeWhere reads a condition: "score > ? AND LOWER(name) = ?".
func AnalyzeWhere(condition string) Statement {
	a := newAnalyzer(condition)
	st := Statement{Kind: Fragment}
	from := 0
	if len(a.toks) > 0 && a.toks[0].Is("WHERE") {
		from = 1
	}
	sc := &scope{st: &st}
	a.where(from, len(a.toks), sc, 0)
	st.Placeholders, st.Dynamic = a.placeholders, a.dynamic
	return st
}

// AnalyzeOrder reads sort keys: "created_at DESC, id".
func AnalyzeOrder(keys string) []OrderKey {
	a := newAnalyzer(keys)
	from := 0
	if len(a.toks) > 1 && a.toks[0].Is("ORDER") && a.toks[1].Is("BY") {
		from = 2
	}
	st := Statement{}
	return a.orderKeys(from, len(a.toks), &scope{st: &st}, 0)
}

// LooksLikeSQL says whether a text in a program begins like a statement that Analyze reads.
func LooksLikeSQL(text string) bool {
	a := newAnalyzer(text[:min(len(text), 4096)])
	for len(a.toks) > 0 && a.toks[0].Op("(") {
		a.toks = a.toks[1:]
	}
	if len(a.toks) < 2 {
		return false
	}
	has := func(keyword string) bool {
		for i := range a.toks {
			if a.toks[i].Is(keyword) {
				return true
			}
		}
		return false
	}
	switch t := &a.toks[0]; {
	case t.Is("SELECT"):
		return has("FROM") || len(a.toks) > 1 && (a.toks[1].Kind == sqltoken.Number || len(a.toks) > 2 && a.toks[2].Op("("))
	case t.Is("INSERT"), t.Is("REPLACE"):
		return has("INTO")
	case t.Is("UPDATE"):
		return has("SET")
	case t.Is("DELETE"):
		return has("FROM")
	case t.Is("WITH"):
		return has("AS") && has("SELECT")
	}
	return false
}

// analyzer holds the tokens of a text. Positions below are indexes of tokens.
type analyzer struct {
	src          string
	toks         []sqltoken.Token
	match        []int32 // of an opening parenthesis: its closing one, or the end
	placeholders int
	dynamic      bool
}

func newAnalyzer(sql string) *analyzer {
	a := &analyzer{src: sql}
	lex := sqltoken.New(sql, 0, len(sql), 1, sqltoken.Options{Tolerant: true, Query: true})
	for len(a.toks) < maxTokens {
		t := lex.Next()
		if t.Kind == sqltoken.EOF || t.Op(";") && len(a.toks) > 0 {
			break
		}
		switch t.Kind {
		case sqltoken.Param:
			a.placeholders++
		case sqltoken.Template:
			a.dynamic = true
		}
		a.toks = append(a.toks, t)
	}
	a.match = make([]int32, len(a.toks))
	var open []int
	for i := range a.toks {
		a.match[i] = int32(i)
		if a.toks[i].Op("(") {
			open = append(open, i)
			a.match[i] = int32(len(a.toks))
		} else if a.toks[i].Op(")") && len(open) > 0 {
			a.match[open[len(open)-1]] = int32(i)
			open = open[:len(open)-1]
		}
	}
	return a
}

// skip is the position behind the token, or behind the parenthesis that it opens.
func (a *analyzer) skip(i int) int {
	if a.toks[i].Op("(") {
		return min(int(a.match[i])+1, len(a.toks))
	}
	return i + 1
}

// inside is the range within the parenthesis at i, no further than end.
func (a *analyzer) inside(i, end int) (int, int) { return i + 1, min(int(a.match[i]), end) }

func (a *analyzer) text(from, to int) string {
	if from >= to {
		return ""
	}
	return strings.Join(strings.Fields(a.src[a.toks[from].Start:a.toks[to-1].End()]), " ")
}

func (a *analyzer) is(i, end int, keywords ...string) bool {
	for n, k := range keywords {
		if i+n >= end || !a.toks[i+n].Is(k) {
			return false
		}
	}
	return true
}

func (a *analyzer) isAny(i, end int, keywords ...string) bool {
	for _, k := range keywords {
		if a.is(i, end, k) {
			return true
		}
	}
	return false
}

// list cuts a range at its commas.
func (a *analyzer) list(from, to int, each func(from, to int)) {
	start := from
	for i := from; i < to; i = a.skip(i) {
		if a.toks[i].Op(",") {
			if i > start {
				each(start, i)
			}
			start = i + 1
		}
	}
	if start < to {
		each(start, to)
	}
}

// scope resolves names: the statement's own tables, then those around it.
type scope struct {
	st    *Statement
	outer *scope
}

// resolve turns the qualifier of a column into a table's name.
func (s *scope) resolve(qualifier string) string {
	if qualifier == "" {
		if len(s.st.Tables) == 1 {
			return s.st.Tables[0].Name
		}
		return ""
	}
	for sc := s; sc != nil; sc = sc.outer {
		for i := range sc.st.Tables {
			t := &sc.st.Tables[i]
			if t.Alias != "" {
				if strings.EqualFold(t.Alias, qualifier) {
					return t.Name
				}
				continue
			}
			if strings.EqualFold(t.Name, qualifier) || strings.HasSuffix(strings.ToLower(t.Name), "."+strings.ToLower(qualifier)) {
				return t.Name
			}
		}
	}
	return qualifier
}
