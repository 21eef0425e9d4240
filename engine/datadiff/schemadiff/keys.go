package schemadiff

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// named spells the columns of side B as A does, so that the lists can be compared.
func (c *comparison) named(columns []string) []string {
	list := make([]string, len(columns))
	for i, name := range columns {
		if a := c.toA[strings.ToLower(name)]; a != "" {
			name = a
		}
		list[i] = name
	}
	return list
}

func parenthesised(columns []string) string { return "(" + strings.Join(columns, ", ") + ")" }

func same(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }

func (c *comparison) primaryKey() {
	a, b := c.a.Table.PrimaryKey, c.named(c.b.Table.PrimaryKey)
	switch {
	case same(a, b):
	case len(b) == 0:
		c.add(PrimaryKey, parenthesised(a), parenthesised(a), "", ChangesMeaning, "B has no primary key, and A has %s", parenthesised(a))
	case len(a) == 0:
		c.add(PrimaryKey, parenthesised(b), "", parenthesised(b), BreaksWrites, "A has no primary key, and B has %s", parenthesised(b))
	case sameSet(a, b):
		c.add(PrimaryKey, parenthesised(a), parenthesised(a), parenthesised(b), Performance, "the primary key has its columns in another order: %s in A, %s in B", parenthesised(a), parenthesised(b))
	default:
		c.add(PrimaryKey, parenthesised(a), parenthesised(a), parenthesised(b), BreaksWrites, "the primary key is %s in A and %s in B", parenthesised(a), parenthesised(b))
	}
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, name := range a {
		if !has(b, name) {
			return false
		}
	}
	return true
}

// uniqueIndexes are those of the table, each once.
func uniqueIndexes(t *dialect.Table) []dialect.Index {
	var list []dialect.Index
	for _, index := range t.Indexes {
		if index.Unique {
			list = append(list, index)
		}
	}
	for _, columns := range t.Unique {
		if !slices.ContainsFunc(list, func(i dialect.Index) bool { return i.Where == "" && same(i.Columns, columns) }) {
			list = append(list, dialect.Index{Columns: columns, Unique: true})
		}
	}
	return list
}

// normalIndex is an index without its name and with expressions in one spelling.
type normalIndex struct {
	columns []string
	where   string
}

func (c *comparison) normal(index dialect.Index, b bool) normalIndex {
	columns := slices.Clone(index.Columns)
	if b {
		columns = c.named(columns)
	}
	for i, name := range columns {
		if strings.HasPrefix(name, "(") {
			columns[i] = spelling(name)
		}
	}
	return normalIndex{columns, spelling(index.Where)}
}

// spelling writes an expression of either product alike: lower case, no quotes of names, no blanks, no
// parentheses around it, no casts.
func spelling(expression string) string {
	s := strings.ToLower(withoutCasts(expression))
	s = strings.NewReplacer("`", "", `"`, "", " ", "", "\n", "", "(", "", ")", "").Replace(s)
	return s
}

func (i normalIndex) String() string {
	if i.where == "" {
		return parenthesised(i.columns)
	}
	return parenthesised(i.columns) + " where " + i.where
}

func (i normalIndex) equal(o normalIndex) bool {
	return same(i.columns, o.columns) && i.where == o.where
}

// indexes compares by columns. An index that only repeats the primary key is none of its own.
func (c *comparison) indexes() {
	collect := func(t *dialect.Table, uniques, b bool) []normalIndex {
		var list []normalIndex
		source := uniqueIndexes(t)
		if !uniques {
			source = slices.DeleteFunc(slices.Clone(t.Indexes), func(i dialect.Index) bool { return i.Unique })
		}
		for _, index := range source {
			n := c.normal(index, b)
			if same(index.Columns, t.PrimaryKey) || slices.ContainsFunc(list, n.equal) {
				continue
			}
			list = append(list, n)
		}
		return list
	}
	uniqueA, uniqueB := collect(c.a.Table, true, false), collect(c.b.Table, true, true)
	for _, i := range without(uniqueA, uniqueB) {
		c.add(Unique, i.String(), i.String(), "", ChangesMeaning, "%s is unique in A, and B takes duplicates", i)
	}
	for _, i := range without(uniqueB, uniqueA) {
		c.add(Unique, i.String(), "", i.String(), BreaksWrites, "%s is unique in B, and A may hold duplicates", i)
	}
	// A unique index serves the queries of a plain one.
	plainA, plainB := collect(c.a.Table, false, false), collect(c.b.Table, false, true)
	for _, i := range without(plainA, append(plainB, uniqueB...)) {
		if !c.implied(c.a, c.b, i, false) {
			c.add(Index, i.String(), i.String(), "", Performance, "%s is indexed in A and not in B", i)
		}
	}
	for _, i := range without(plainB, append(plainA, uniqueA...)) {
		if !c.implied(c.b, c.a, i, true) {
			c.add(Index, i.String(), "", i.String(), Performance, "%s is indexed in B and not in A", i)
		}
	}
}

func without(list, others []normalIndex) []normalIndex {
	var left []normalIndex
	for _, i := range list {
		if !slices.ContainsFunc(others, i.equal) {
			left = append(left, i)
		}
	}
	return left
}

// implied says whether the product made the index by itself for a foreign key, as InnoDB does, and the
// other side is of a product that makes none.
func (c *comparison) implied(side, other Side, i normalIndex, b bool) bool {
	if side.Kind != dialect.MySQL || other.Kind == dialect.MySQL || i.where != "" {
		return false
	}
	for _, fk := range side.Table.ForeignKeys {
		columns := fk.Columns
		if b {
			columns = c.named(columns)
		}
		if same(columns, i.columns) {
			return true
		}
	}
	return false
}

// foreignKeys compares by columns and by what they refer to. Schemas of different products have
// different names, and do not count.
func (c *comparison) foreignKeys() {
	type key struct {
		columns []string
		to      string
		refs    []string
		text    string
	}
	collect := func(t *dialect.Table, b bool) []key {
		var list []key
		for _, fk := range t.ForeignKeys {
			columns := fk.Columns
			if b {
				columns = c.named(columns)
			}
			text := parenthesised(columns) + " -> " + fk.References.Name
			if len(fk.RefColumns) > 0 {
				text += parenthesised(fk.RefColumns)
			}
			list = append(list, key{columns, fk.References.Name, fk.RefColumns, text})
		}
		return list
	}
	match := func(k key, list []key) bool {
		return slices.ContainsFunc(list, func(o key) bool {
			return same(k.columns, o.columns) && strings.EqualFold(k.to, o.to) && (len(k.refs) == 0 || len(o.refs) == 0 || same(k.refs, o.refs))
		})
	}
	a, b := collect(c.a.Table, false), collect(c.b.Table, true)
	for _, k := range a {
		if !match(k, b) {
			c.add(ForeignKey, parenthesised(k.columns), k.text, "", ChangesMeaning, "the foreign key %s stands only in A, and B takes rows without a partner", k.text)
		}
	}
	for _, k := range b {
		if !match(k, a) {
			c.add(ForeignKey, parenthesised(k.columns), "", k.text, BreaksWrites, "the foreign key %s stands only in B, and A may hold rows without a partner", k.text)
		}
	}
}
