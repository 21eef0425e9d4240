package lang

import (
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	estimate "github.com/napkin-infra/napkin/foundation/estimate/lang"
)

// The texts of models have places and errors as those of estimates have.
type (
	// Source is a text to parse, with the name of its file.
	Source = estimate.Source
	// Span is a part of the text: byte offsets, from the first to one past the last.
	Span = estimate.Span
	// Error is one error in a text, with its place.
	Error = estimate.Error
	// Errors are the errors of one text in the order of their places.
	Errors = estimate.Errors
)

// File is a parsed model. Statements of one kind are in the order of the text.
type File struct {
	Source     Source
	Name       Ident // of the model; empty when the text has no model statement
	Time       *Time
	Dimensions []*Dimension
	Maps       []*Map
	Variables  []*Variable
	Scenarios  []*Scenario
	Shows      []*Show
	Simulate   *Simulate
}

// Ident is a name where it stands in the text.
type Ident struct {
	Name string
	Span Span
}

// Time is `time month 2024-01 to 2026-12`.
type Time struct {
	Grain    calendar.Grain
	From, To calendar.Date
	Settings []Setting // fiscal, week
	Span     Span
}

// Dimension is `dimension Region = North, South` or `dimension Store from csv "stores.csv"`.
type Dimension struct {
	Name  Ident
	Items []ItemRange
	Data  *DataSource // nil where Items are given
	Span  Span
}

// ItemRange is one item, or with To a range of items such as S1..S1000.
type ItemRange struct {
	From Ident
	To   Ident // of a range; else its Name is empty
}

// Map is `map Store -> Region = S1..S40: North, others: South`.
type Map struct {
	From, To Ident
	Entries  []MapEntry
	Data     *DataSource
	Span     Span
}

// MapEntry leads items to one item.
type MapEntry struct {
	Key    KeyPart
	Target Ident
}

// KeyPart names items or dates: one, a range, the rest of a range (2024-04..), or all that no other entry names.
type KeyPart struct {
	From, To Ident
	Open     bool // From and everything after it
	Others   bool
	Span     Span
}

// DataSource is `from csv "sales.csv" columns Store = "store id", value = amount`.
type DataSource struct {
	Kind     string // csv, parquet or database
	Location string // a path, or the URL of a database
	Query    string // of a database
	Columns  []ColumnName
	Span     Span
}

// ColumnName says which column of the source holds a dimension, the date or the value.
type ColumnName struct {
	Of     Ident // name of a dimension, "date" or "value"
	Column Ident
}

// Column returns the column for a dimension, "date" or "value", which is called as that itself unless the source says
// another.
func (s *DataSource) Column(of string) string {
	for _, c := range s.Columns {
		if c.Of.Name == of {
			return c.Column.Name
		}
	}
	return of
}

// Variable is a definition: an input, a formula, or an override in a scenario. One of Formula, Table and Data is set.
type Variable struct {
	Input    bool
	Name     Ident
	Over     []Ident // dimensions and grains in brackets
	HasOver  bool    // brackets are written; empty ones say that it varies over nothing
	Formula  *Node
	Table    *Table
	Data     *DataSource
	Settings []Setting
	Span     Span
}

// Table gives values by key.
type Table struct {
	Entries []Entry
	Span    Span
}

// Entry gives a block of cells one value: a part of the key for each dimension, and for time, in the order of the
// brackets.
type Entry struct {
	Key   []KeyPart
	Value float64
	Text  string // of the number
	Span  Span
}

// Setting is an indented line `categories: average` below a statement.
type Setting struct {
	Name   Ident
	Values []Value
}

// Value is a word or a number of a setting.
type Value struct {
	Word   string // empty of a number
	Number float64
	Text   string // as written
	Span   Span
}

// Scenario is a named set of definitions that replace others.
type Scenario struct {
	Name      Ident
	Overrides []*Variable
	Span      Span
}

// Show is `show revenue, margin by Region, year`.
type Show struct {
	Items []*Node // references
	By    []Ident
	HasBy bool
	Span  Span
}

// Simulate is `simulate 1000` with its settings seed and percentiles.
type Simulate struct {
	Samples  int
	Settings []Setting
	Span     Span
}

// NodeKind says what a node of an expression is.
type NodeKind uint8

// Kinds of node.
const (
	Number    NodeKind = iota // Value, written as Text
	Reference                 // Name with Mods
	Quoted                    // a name in quotes: Name. It stands for an item beside = and !=
	Negate                    // -Args[0]
	Not                       // not Args[0]
	Binary                    // Args[0] Op Args[1]; Op is one of + - * / ^ = != < <= > >= and or
	Call                      // the function Name of Args, which may be named
	Fold                      // the aggregation Name of Args[0] over Over
	DateTest                  // the context's period Op Date: `time >= 2025-07`
)

// Node is one node of an expression.
type Node struct {
	Kind   NodeKind
	Span   Span
	Name   string
	At     Span // of the name or the operator
	Op     string
	Value  float64
	Text   string
	Mods   []Mod
	Args   []*Node
	Labels []string // names of arguments of a call, or nil
	Over   []Ident
	// Independent are the dimensions (or "all", or a grain) behind `independent over`.
	Independent []Ident
	Paren       bool // stands in parentheses
	Date        calendar.Date
}

// ModKind says what a modifier in brackets does.
type ModKind uint8

// Kinds of modifier.
const (
	AtTime  ModKind = iota // [previous], [t-12], [2024-03]: From
	InSpan                 // [t-6:t-1], [all]: From to To
	AtItem                 // [Product=Basic]
	ByGroup                // [by Region]
)

// Mod is one modifier of a reference.
type Mod struct {
	Kind     ModKind
	From, To Point
	Dim      Ident // of AtItem, and the target of ByGroup
	Item     Ident // of AtItem
	Span     Span
}

// PointKind says from where a Point counts.
type PointKind uint8

// Kinds of point.
const (
	FromNow   PointKind = iota // N periods after this one
	FromFirst                  // N periods after the first
	FromFinal                  // N periods after the last, thus N is mostly 0 or below
	AtDate                     // the period that has Date
)

// Point is a place on the time axis, as written.
type Point struct {
	Kind PointKind
	N    int
	Date calendar.Date
	Span Span
}

// Walk calls visit for n and every node below it.
func (n *Node) Walk(visit func(*Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, arg := range n.Args {
		arg.Walk(visit)
	}
}
