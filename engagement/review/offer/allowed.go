package offer

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// allowed refuses changes whose recipe rests on facts that only a catalog has, where there is none.
func (x *mapping) allowed(c rewrite.Change) error {
	if x.Catalog != nil || !x.postgres() {
		return nil
	}
	const ask = " Read the schema from the database with --db."
	switch c := c.(type) {
	case rewrite.RenameTable:
		return refuse("Both names of %s work at once while a view stands in the table's place, and it needs the owner, the privileges and the row security of the table, which migrations do not tell."+ask, c.Table)
	case rewrite.RenameColumn:
		return refuse("Both names of %s.%s work at once while a view stands in the table's place, and it needs the owner, the privileges and the row security of the table, which migrations do not tell."+ask, c.Table, c.From)
	case rewrite.AttachPartition:
		return refuse("By which columns %s is partitioned is not read from migrations."+ask, c.Table)
	case rewrite.ChangeType:
		return x.allowedType(c, ask)
	}
	return nil
}

func (x *mapping) allowedType(c rewrite.ChangeType, ask string) error {
	t, known := x.facts.Table(c.Table)
	col, has := t.Column(c.Column)
	if !known || !has {
		return nil // rewrite refuses it
	}
	folded := x.World.Table(c.Table.String())
	if folded != nil {
		for _, f := range folded.Columns {
			if _, ok := printed(f.Type); x.World.Identifier(f.Name) == c.Column && !ok {
				return refuse("How the server prints the type of %s.%s (%s) is not known, and by that the recipe sees whether it has been carried out."+ask, c.Table, c.Column, f.Type.Raw)
			}
		}
	}
	if col.Identity != "" {
		return refuse("%s.%s is an identity column, and whether ALWAYS or BY DEFAULT is not read from migrations."+ask, c.Table, c.Column)
	}
	for _, k := range append(slices.Clone(t.ForeignKeys), t.Referenced...) {
		mine := k.Table == t.Name && slices.Contains(k.Columns, c.Column) || k.To == t.Name && slices.Contains(k.ToColumns, c.Column)
		if mine {
			return refuse("%s.%s is in the foreign key %s, whose ON UPDATE and DEFERRABLE are not read from migrations, and the recipe makes it anew."+ask, c.Table, c.Column, k.Name)
		}
	}
	return nil
}

// unknown says what migrations do not tell and a recipe would carry over.
func (x *mapping) unknown(changes []rewrite.Change) []string {
	if !x.postgres() {
		return nil
	}
	var what []string
	for _, c := range changes {
		switch c.(type) {
		case rewrite.ChangeType:
			what = append(what, "privileges, comment, collation, options and statistics target of the column, storage parameters, tablespaces and collations of its indexes, comments of constraints, and extended statistics, policies and publications that use it")
		case rewrite.DropColumn, rewrite.DropTable:
			what = append(what, "policies, publications, extended statistics and the functions of triggers that use it")
		}
	}
	if len(what) == 0 {
		return nil
	}
	slices.Sort(what)
	return []string{"The schema was read from migrations, which do not tell everything: " + strings.Join(slices.Compact(what), ", and ") + ". With --db they are read from the database."}
}
