package schemadiff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Side is a table and the product that it is of.
type Side struct {
	Kind  dialect.Kind
	Table *dialect.Table
}

// Change is one difference.
type Change struct {
	Kind     Kind
	Object   string // the column, or the columns of an index or key in parentheses
	A, B     string // how either side has it; empty where it does not
	Severity Severity
	Text     string // a sentence without a full stop
}

// Kind is what is different. The words are part of the report's format.
type Kind string

// Kinds.
const (
	OnlyA       Kind = "column only in A"
	OnlyB       Kind = "column only in B"
	Renamed     Kind = "column renamed"
	Type        Kind = "type"
	Nullability Kind = "nullability"
	Default     Kind = "default"
	Collation   Kind = "collation"
	Generated   Kind = "generated"
	Identity    Kind = "identity"
	PrimaryKey  Kind = "primary key"
	Unique      Kind = "unique index"
	Index       Kind = "index"
	ForeignKey  Kind = "foreign key"
	View        Kind = "view"
)

// Severity is what a difference does, the worst first.
type Severity uint8

// Severities.
const (
	BreaksWrites   Severity = iota + 1 // B may refuse a row that A holds
	ChangesMeaning                     // the same row means or permits something else
	Performance                        // the same rows, at another price
	Cosmetic                           // no row and no query can tell, or B permits more than A needs
)

// String is the severity in words.
func (s Severity) String() string {
	switch s {
	case BreaksWrites:
		return "breaks writes"
	case ChangesMeaning:
		return "changes meaning"
	case Performance:
		return "performance"
	case Cosmetic:
		return "cosmetic"
	}
	return "unknown"
}

// Compare returns the differences between two tables, the worst first; none for tables that hold the
// same under the same rules.
func Compare(a, b Side) []Change {
	c := &comparison{a: a, b: b, toA: map[string]string{}}
	if a.Table.View != b.Table.View {
		what := map[bool]string{false: "table", true: "view"}
		c.add(View, a.Table.Name.Name, what[a.Table.View], what[b.Table.View], ChangesMeaning, "A is a %s and B a %s", what[a.Table.View], what[b.Table.View])
	}
	c.columns()
	if !a.Table.View && !b.Table.View {
		c.primaryKey()
		c.indexes()
		c.foreignKeys()
	}
	slices.SortStableFunc(c.changes, func(x, y Change) int { return cmp.Compare(x.Severity, y.Severity) })
	return c.changes
}

type comparison struct {
	a, b    Side
	toA     map[string]string // lower-case name of a column of B -> its partner's in A
	changes []Change
}

func (c *comparison) add(kind Kind, object, a, b string, s Severity, format string, args ...any) {
	c.changes = append(c.changes, Change{kind, object, a, b, s, fmt.Sprintf(format, args...)})
}

// columns pairs the columns by name, then what is left by type and position or likeness.
func (c *comparison) columns() {
	var left, right []*dialect.Column
	for i := range c.a.Table.Columns {
		x := &c.a.Table.Columns[i]
		y := c.b.Table.Column(x.Name)
		if y == nil {
			left = append(left, x)
			continue
		}
		c.toA[strings.ToLower(y.Name)] = x.Name
		c.column(x, y)
	}
	for i := range c.b.Table.Columns {
		if y := &c.b.Table.Columns[i]; c.toA[strings.ToLower(y.Name)] == "" {
			right = append(right, y)
		}
	}
	for _, x := range left {
		if y := c.renamed(x, right); y != nil {
			right = slices.DeleteFunc(right, func(z *dialect.Column) bool { return z == y })
			c.toA[strings.ToLower(y.Name)] = x.Name
			c.add(Renamed, x.Name, x.Name, y.Name, BreaksWrites, "%s seems to be called %s in B: their types are the same, and their names or places alike", x.Name, y.Name)
			c.column(x, y)
			continue
		}
		c.add(OnlyA, x.Name, x.Type, "", BreaksWrites, "%s stands only in A, and its values have no place in B", x.Name)
	}
	for _, y := range right {
		severity, text := Cosmetic, "%s stands only in B, which fills it by itself"
		if y.NotNull && y.Default == "" && !y.Generated && !y.AutoIncrement && !y.AlwaysIdentity {
			severity, text = BreaksWrites, "%s stands only in B, where it is NOT NULL and has no default"
		}
		c.add(OnlyB, y.Name, "", y.Type, severity, text, y.Name)
	}
}

// alike is the likeness of two names, 0 to 1, from which on they may be one.
const alike = 0.6

// renamed finds the column that one may have become: of the same type, and with a name that is alike or
// at the same place of the table. Two candidates are none.
func (c *comparison) renamed(x *dialect.Column, candidates []*dialect.Column) *dialect.Column {
	var best *dialect.Column
	score, tie := 0.0, false
	for _, y := range candidates {
		if len(compareTypes(c.a.Kind, x.Type, c.b.Kind, y.Type)) > 0 {
			continue
		}
		s := likeness(x.Name, y.Name)
		if s < alike {
			if place(c.a.Table, x) != place(c.b.Table, y) || len(c.a.Table.Columns) != len(c.b.Table.Columns) {
				continue
			}
			s = alike / 2
		}
		switch {
		case s > score:
			best, score, tie = y, s, false
		case s == score:
			tie = true
		}
	}
	if tie {
		return nil
	}
	return best
}

// likeness compares names without regard to case and underscores; one that is the end or start of the
// other (email, contact_email) is like it.
func likeness(x, y string) float64 {
	x, y = strings.ReplaceAll(strings.ToLower(x), "_", ""), strings.ReplaceAll(strings.ToLower(y), "_", "")
	short, long := x, y
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) >= 4 && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short)) {
		return max(alike, levenshtein.Similarity(x, y, nil))
	}
	return levenshtein.Similarity(x, y, nil)
}

func place(t *dialect.Table, c *dialect.Column) int {
	return slices.IndexFunc(t.Columns, func(o dialect.Column) bool { return o.Name == c.Name })
}

// column compares two columns that are partners.
func (c *comparison) column(x, y *dialect.Column) {
	for _, d := range compareTypes(c.a.Kind, x.Type, c.b.Kind, y.Type) {
		c.add(Type, x.Name, x.Type, y.Type, d.severity, "%s: %s", x.Name, d.text)
	}
	nullA, nullB := !x.NotNull && !inKey(c.a.Table, x.Name), !y.NotNull && !inKey(c.b.Table, y.Name)
	words := map[bool]string{true: "NULL", false: "NOT NULL"}
	switch {
	case nullA && !nullB:
		c.add(Nullability, x.Name, words[nullA], words[nullB], BreaksWrites, "%s may be NULL in A and not in B", x.Name)
	case nullB && !nullA:
		c.add(Nullability, x.Name, words[nullA], words[nullB], ChangesMeaning, "%s may be NULL in B and not in A", x.Name)
	}
	switch {
	case y.Generated && !x.Generated:
		c.add(Generated, x.Name, "", "generated", BreaksWrites, "%s is computed by B and cannot be written there", x.Name)
	case x.Generated && !y.Generated:
		c.add(Generated, x.Name, "generated", "", ChangesMeaning, "%s is computed by A and only stored in B", x.Name)
	}
	numbersA, numbersB := numbersRows(x), numbersRows(y)
	switch {
	case numbersA && !numbersB:
		c.add(Identity, x.Name, "numbers rows", "", ChangesMeaning, "%s gets a number by itself in A and not in B", x.Name)
	case numbersB && !numbersA:
		c.add(Identity, x.Name, "", "numbers rows", Cosmetic, "%s gets a number by itself in B and not in A", x.Name)
	}
	if y.AlwaysIdentity && !x.AlwaysIdentity {
		c.add(Identity, x.Name, "", "GENERATED ALWAYS AS IDENTITY", BreaksWrites, "%s can be written to B only with OVERRIDING SYSTEM VALUE", x.Name)
	}
	if !numbersA && !numbersB && !x.Generated && !y.Generated {
		if p, q := defaultOf(c.a.Kind, x), defaultOf(c.b.Kind, y); p != q {
			c.add(Default, x.Name, x.Default, y.Default, ChangesMeaning, "%s has %s in A and %s in B", x.Name, orNone(x.Default), orNone(y.Default))
		}
	}
	c.collation(x, y)
}

func orNone(expression string) string {
	if expression == "" {
		return "no default"
	}
	return "the default " + expression
}

// collation compares names within one product. Across products, names say nothing, and whether case
// counts is told only where it decides which rows there can be: in unique keys.
func (c *comparison) collation(x, y *dialect.Column) {
	if x.Collation == "" && y.Collation == "" {
		return
	}
	if c.a.Kind == c.b.Kind {
		if !strings.EqualFold(x.Collation, y.Collation) && x.Collation != "" && y.Collation != "" {
			c.add(Collation, x.Name, x.Collation, y.Collation, ChangesMeaning, "%s is collated by %s in A and by %s in B", x.Name, x.Collation, y.Collation)
		}
		return
	}
	foldA, foldB := folds(c.a.Kind, x.Collation), folds(c.b.Kind, y.Collation)
	if foldA == foldB || !unique(c.a.Table, x.Name) && !unique(c.b.Table, y.Name) {
		return
	}
	if foldB {
		c.add(Collation, x.Name, x.Collation, y.Collation, BreaksWrites, "%s is part of a unique key, and B takes values for equal that differ only in case", x.Name)
	} else {
		c.add(Collation, x.Name, x.Collation, y.Collation, ChangesMeaning, "%s is part of a unique key, and A takes values for equal that differ only in case", x.Name)
	}
}

// folds says whether a collation takes upper and lower case for equal.
func folds(kind dialect.Kind, collation string) bool {
	name := strings.ToLower(collation)
	switch kind {
	case dialect.MySQL:
		return strings.Contains(name, "_ci")
	case dialect.SQLite:
		return name == "nocase"
	}
	return false
}

func unique(t *dialect.Table, column string) bool {
	if inKey(t, column) {
		return true
	}
	for _, index := range uniqueIndexes(t) {
		if has(index.Columns, column) {
			return true
		}
	}
	return false
}

func inKey(t *dialect.Table, column string) bool { return has(t.PrimaryKey, column) }

func has(columns []string, column string) bool {
	return slices.ContainsFunc(columns, func(s string) bool { return strings.EqualFold(s, column) })
}

// numbersRows says whether new rows get the next number in the column.
func numbersRows(c *dialect.Column) bool {
	return c.AutoIncrement || c.AlwaysIdentity || strings.HasPrefix(strings.ToLower(c.Default), "nextval(")
}
