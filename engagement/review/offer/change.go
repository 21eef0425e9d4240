package offer

import (
	"cmp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
)

// changes maps one action of the statement. Its error is a [rewrite.Refusal].
func (x *mapping) changes(k int) ([]rewrite.Change, error) {
	a, im := &x.st.Actions[k], &x.st.Impacts[k]
	if t := x.World.Table(a.Table); a.Only && (t == nil || t.Partitioned || t.Incomplete) {
		return nil, refuse("The statement is for ONLY %s and not for its partitions or children; the recipes are for the whole table.", a.Table)
	}
	if !x.postgres() {
		if out, found, err := x.mysql(a); found {
			return out, err
		}
	}
	table := x.name(a.Table)
	switch a.Kind {
	case statement.AddColumn:
		return x.addColumn(table, a, im)
	case statement.AddConstraint:
		return x.addConstraint(table, a.Constraint, nil)
	case statement.SetNotNull:
		return one(rewrite.SetNotNull{Table: table, Column: x.World.Identifier(a.Name)})
	case statement.SetDefault:
		return one(rewrite.SetDefault{Table: table, Column: x.World.Identifier(a.Name), Default: statement.Text(a.Column.Default)})
	case statement.DropDefault:
		return one(rewrite.SetDefault{Table: table, Column: x.World.Identifier(a.Name)})
	case statement.AlterType:
		return x.changeType(table, a)
	case statement.DropColumn:
		if a.Cascade {
			return nil, refuse("DROP COLUMN ... CASCADE drops what uses %s.%s as well, and what that is is not said. Drop it by name first.", a.Table, a.Name)
		}
		return one(rewrite.DropColumn{Table: table, Column: x.World.Identifier(a.Name)})
	case statement.RenameColumn:
		return one(rewrite.RenameColumn{Table: table, From: x.World.Identifier(a.Name), To: x.World.Identifier(a.NewName)})
	case statement.RenameTable:
		if x.isView(a.Table) {
			return nil, refuse("%s is a view; there is no recipe for renaming one. Create the second view beside it, and drop the old one when no code uses it.", a.Table)
		}
		return one(rewrite.RenameTable{Table: table, To: x.name(a.NewName).Name})
	case statement.DropTable:
		return x.dropTables(a)
	case statement.CreateIndex:
		return x.createIndex(table, a)
	case statement.DropIndex:
		return x.dropIndexes(a)
	case statement.Reindex:
		return x.reindex(a)
	case statement.Vacuum, statement.Cluster:
		return x.rewriteTable(a, im)
	case statement.AttachPartition:
		b, ok := bound(a.Tokens)
		if !ok {
			return nil, refuse("The bound of the partition %s was not understood.", a.RefTable)
		}
		return one(rewrite.AttachPartition{Table: table, Partition: x.name(a.RefTable), Bound: b})
	case statement.DetachPartition:
		return one(rewrite.DetachPartition{Table: table, Partition: x.name(a.RefTable)})
	case statement.AlterEnum:
		return x.enum(a)
	case statement.Update:
		return x.backfill(table, a, im)
	case statement.Delete:
		return nil, refuse("There is no recipe for a DELETE of many rows. Delete in ranges of the primary key, each range its own transaction.")
	case statement.Insert:
		return nil, refuse("There is no recipe for an INSERT of what a query finds. Copy in ranges of the primary key of what is read, each range its own transaction.")
	}
	if len(x.st.Actions) > 1 && im.Effect.Work == 0 {
		return nil, refuse("One part of the statement has no recipe (%s), although it takes a moment only. Give it a statement of its own, with a lock_timeout; the rest then gets a recipe.", text(a.Tokens))
	}
	return nil, refuse("There is no recipe for this kind of statement (%s).", a.Kind)
}

func one(c rewrite.Change) ([]rewrite.Change, error) { return []rewrite.Change{c}, nil }

// text is a part of a statement, cut when it is long.
func text(toks []split.Token) string {
	s := statement.Text(toks)
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

func (x *mapping) isView(name string) bool {
	t := x.World.Table(name)
	return t != nil && t.View
}

func (x *mapping) addColumn(table rewrite.Name, a *statement.Action, im *predict.Impact) ([]rewrite.Change, error) {
	c := a.Column
	name := x.World.Identifier(c.Name)
	kind := c.Type.Raw
	switch {
	case c.More:
		return nil, refuse("The definition of the column %s has a clause that the recipe does not carry (%s).", c.Name, text(c.Definition))
	case im.Kind == predict.AddColumnDomain:
		return nil, refuse("%s is a domain with a constraint, which the server checks by writing every row. Add the column with the base type, and the rule as a CHECK by its recipe.", kind)
	case c.Identity && !c.Serial:
		return nil, refuse("There is no recipe for adding an identity column to a table with rows. Add it as %s with a sequence of its own and a default for new rows, fill the old rows in batches, set it NOT NULL, and make it an identity last.", kind)
	}
	if c.Collate != "" {
		kind += " COLLATE " + collation(c.Definition)
	}
	var out []rewrite.Change
	if len(c.Generated) > 0 {
		if c.NotNull || len(c.Constraints) > 0 {
			return nil, refuse("The generated column %s has constraints. Add it without them by its recipe first, and each constraint by its own.", c.Name)
		}
		out = append(out, rewrite.AddGenerated{Table: table, Column: name, Type: kind, Expression: statement.Text(c.Generated), Stored: im.Kind != predict.AddColumnVirtual})
		return out, nil
	}
	add := rewrite.AddColumn{Table: table, Column: name, Type: kind, Default: statement.Text(c.Default), NotNull: c.NotNull, Volatile: im.Kind == predict.AddColumnVolatile}
	if c.Serial {
		add.NotNull = false // what serial stands for
	}
	out = append(out, add)
	for _, k := range c.Constraints {
		more, err := x.addConstraint(table, k, []string{name})
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// collation is the name behind COLLATE as it is written.
func collation(toks []split.Token) string {
	for i := range toks {
		if !toks[i].Is("COLLATE") {
			continue
		}
		end := i + 2
		for end+1 < len(toks) && toks[end].Op(".") {
			end += 2
		}
		return statement.Text(toks[i+1 : min(end, len(toks))])
	}
	return ""
}

// addConstraint maps a constraint; columns are those of a constraint that stands with its column.
func (x *mapping) addConstraint(table rewrite.Name, k *statement.Constraint, columns []string) ([]rewrite.Change, error) {
	if columns == nil {
		columns = x.identifiers(k.Columns)
	}
	switch {
	case k.Unenforced:
		return nil, refuse("A constraint that is NOT ENFORCED checks no row; there is no recipe for it. Give it a statement of its own, with a lock_timeout.")
	case k.NotValid:
		return nil, refuse("A constraint that is added NOT VALID takes a moment. Give it a statement of its own, with a lock_timeout; the rest of the statement then gets a recipe.")
	case k.UsingIndex != "":
		return nil, refuse("The statement makes a constraint of the index %s. Set its columns NOT NULL by the recipe for that first; then it takes a moment.", k.UsingIndex)
	case k.Type == statement.Exclude:
		return nil, refuse("There is no recipe for a constraint of the type EXCLUDE: its index can only be built under lock.")
	case k.Type != statement.ForeignKey && (len(k.Rest) > 0 || k.NoInherit):
		return nil, refuse("The constraint has a clause that the recipe does not carry (%s).", text(k.Rest))
	}
	switch k.Type {
	case statement.ForeignKey:
		c := rewrite.AddForeignKey{Table: table, Name: x.constraintName(table, k, columns), Columns: columns, To: x.name(k.RefTable), ToColumns: x.identifiers(k.RefColumns), After: statement.Text(k.Rest)}
		if len(c.ToColumns) == 0 && !x.postgres() {
			if t, ok := x.facts.Table(c.To); ok {
				if pk, ok := t.PrimaryKey(); ok {
					c.ToColumns = pk.Columns()
				}
			}
		}
		return one(c)
	case statement.Check:
		return one(rewrite.AddCheck{Table: table, Name: x.constraintName(table, k, columns), Expression: statement.Text(k.Expr)})
	case statement.Unique:
		return one(rewrite.AddUnique{Table: table, Name: x.constraintName(table, k, columns), Columns: columns})
	case statement.PrimaryKey:
		return one(rewrite.AddPrimaryKey{Table: table, Name: x.constraintName(table, k, columns), Columns: columns})
	case statement.NotNull:
		if k.Name != "" {
			return nil, refuse("The NOT NULL constraint has a name of its own (%s), which the recipe does not give.", k.Name)
		}
		return one(rewrite.SetNotNull{Table: table, Column: columns[0]})
	}
	return nil, refuse("There is no recipe for a constraint of the type %s.", strings.ToUpper(string(k.Type)))
}

func (x *mapping) changeType(table rewrite.Name, a *statement.Action) ([]rewrite.Change, error) {
	c := rewrite.ChangeType{Table: table, Column: x.World.Identifier(a.Name), To: a.Column.Type.Raw, Using: statement.Text(a.Column.Using)}
	if a.Column.Collate != "" {
		return nil, refuse("The statement changes the collation of %s.%s, which the recipe for types does not carry.", a.Table, a.Name)
	}
	return one(c)
}

func (x *mapping) dropTables(a *statement.Action) ([]rewrite.Change, error) {
	var out []rewrite.Change
	for _, n := range a.Names {
		t := x.World.Table(n)
		if t != nil && t.View {
			return nil, refuse("%s is a view, and not a table.", n)
		}
		if t == nil && a.IfExists {
			return nil, refuse("%s is not known; what refers to it must be. Give the schema.", n)
		}
		out = append(out, rewrite.DropTable{Table: x.name(n)})
	}
	return out, nil
}

func (x *mapping) createIndex(table rewrite.Name, a *statement.Action) ([]rewrite.Change, error) {
	ix := a.Index
	out := rewrite.Index{Unique: ix.Unique, Method: ix.Method, Include: x.identifiers(ix.Include), Where: statement.Text(ix.Where)}
	if ix.Method == "fulltext" || ix.Method == "spatial" {
		return nil, refuse("A %s index can only be built while writers wait; there is no recipe for it.", strings.ToUpper(ix.Method))
	}
	var names []string
	for _, key := range ix.Keys {
		p, name := x.part(key)
		if p.Column == "" && p.Expression == "" {
			return nil, refuse("A key of the index was not understood (%s).", text(key))
		}
		out.Parts, names = append(out.Parts, p), append(names, name)
	}
	if err := x.indexRest(&out, ix.Rest); err != nil {
		return nil, err
	}
	switch {
	case a.Name != "":
		out.Name = x.name(a.Name).Name
	case x.postgres():
		out.Name = x.choose(table, strings.Join(append(names, out.Include...), "_"), "idx")
	case len(names) > 0:
		if t := x.World.Table(a.Table); t != nil {
			out.Name = x.mysqlIndexName(t, names[0])
		}
	}
	return one(rewrite.CreateIndex{Table: table, Index: out})
}

// indexRest reads NULLS NOT DISTINCT and WITH, and MySQL's clauses, which the recipe gives itself.
func (x *mapping) indexRest(out *rewrite.Index, rest []split.Token) error {
	for i := 0; i < len(rest); {
		switch {
		case rest[i].Is("NULLS") && i+2 < len(rest) && rest[i+1].Is("NOT") && rest[i+2].Is("DISTINCT"):
			out.NullsEqual = true
			i += 3
		case rest[i].Is("NULLS") && i+1 < len(rest) && rest[i+1].Is("DISTINCT"):
			i += 2
		case rest[i].Is("WITH") && i+1 < len(rest) && rest[i+1].Op("("):
			end := i + 2
			for end < len(rest) && !rest[end].Op(")") {
				end++
			}
			out.With = statement.Text(rest[i+2 : end])
			i = end + 1
		case !x.postgres() && (rest[i].Is("ALGORITHM") || rest[i].Is("LOCK")):
			i++
			for i < len(rest) && rest[i].Op("=") {
				i++
			}
			i++
		default:
			return refuse("The index has a clause that the recipe does not carry (%s).", text(rest[i:]))
		}
	}
	return nil
}

func (x *mapping) dropIndexes(a *statement.Action) ([]rewrite.Change, error) {
	var out []rewrite.Change
	for _, n := range a.Names {
		owner := x.World.Table(a.Table)
		if a.Table == "" {
			owner = x.World.IndexTable(n)
		}
		if owner == nil {
			return nil, refuse("The table of the index %s is not known; one that stands for a constraint cannot be dropped by itself. Give the schema.", n)
		}
		out = append(out, rewrite.DropIndex{Table: x.name(owner.Name), Index: x.name(n).Name})
	}
	return out, nil
}

func (x *mapping) reindex(a *statement.Action) ([]rewrite.Change, error) {
	switch a.Option {
	case "index":
		owner := x.World.IndexTable(a.Name)
		if owner == nil {
			return nil, refuse("The table of the index %s is not known. Give the schema.", a.Name)
		}
		return one(rewrite.Reindex{Table: x.name(owner.Name), Index: x.name(a.Name).Name})
	case "table":
		t, known := x.facts.Table(x.name(cmp.Or(a.Table, a.Name)))
		if !known || len(t.Indexes) == 0 {
			return nil, refuse("The indexes of %s are not known. Give the schema.", cmp.Or(a.Table, a.Name))
		}
		var out []rewrite.Change
		for _, ix := range t.Indexes {
			out = append(out, rewrite.Reindex{Table: x.name(cmp.Or(a.Table, a.Name)), Index: ix.Name})
		}
		return out, nil
	}
	return nil, refuse("REINDEX of a whole %s has no recipe. Rebuild the indexes that need it, each by name.", strings.ToUpper(a.Option))
}

// using is the name behind USING.
func using(toks []split.Token) string {
	for i := range toks {
		if toks[i].Is("USING") && i+1 < len(toks) {
			return toks[i+1].Value()
		}
	}
	return ""
}

func (x *mapping) rewriteTable(a *statement.Action, im *predict.Impact) ([]rewrite.Change, error) {
	names := a.Names
	if len(names) == 0 && cmp.Or(a.Table, im.Table) != "" {
		names = []string{cmp.Or(a.Table, im.Table)}
	}
	if len(names) == 0 {
		return nil, refuse("The statement names no table; there is a recipe for one table at a time.")
	}
	order := using(a.Tokens)
	if a.Kind == statement.Cluster && order == "" {
		return nil, refuse("By which index %s is ordered is not said; name it: CLUSTER %s USING index.", names[0], names[0])
	}
	var out []rewrite.Change
	for _, n := range names {
		c := rewrite.RewriteTable{Table: x.name(n)}
		if a.Kind == statement.Cluster {
			c.Cluster = x.World.Identifier(order)
		}
		out = append(out, c)
	}
	return out, nil
}
