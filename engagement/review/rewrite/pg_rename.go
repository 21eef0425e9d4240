package rewrite

import (
	"fmt"
	"regexp"
	"strings"
)

// Both names of a table or column work at once while a view stands at the old place: PostgreSQL writes through a
// view of one table's columns (section "Updatable Views" of CREATE VIEW).

// viewable returns why a view cannot stand in for the table, or nothing.
func (p postgres) viewable(n Name) (Table, string) {
	t, known := p.Table(n)
	switch {
	case !known:
		return t, fmt.Sprintf("The columns and privileges of %s are not known; a view in its place needs them. Give the schema.", n)
	case t.RowSecurity:
		return t, fmt.Sprintf("%s has row security, which a view in its place would pass by: it reads with the rights of its owner.", n)
	case t.PartitionOf != nil:
		return t, fmt.Sprintf("%s is a partition; rename it with a lock_timeout, its rows are used by way of the partitioned table.", n)
	}
	for _, f := range t.Functions {
		if f.Rows {
			return t, fmt.Sprintf("The function %s takes or returns rows of %s, and rows of a view in its place are of another type.", f.Name, n)
		}
	}
	return t, ""
}

// standIn returns the statements that put a view in the place of a table: name reads base, with further columns
// under second names.
func standIn(t Table, name, base Name, columns []string) []string {
	sql := []string{fmt.Sprintf("CREATE VIEW %s AS SELECT %s FROM %s", name, strings.Join(columns, ", "), base)}
	if t.Owner != "" {
		sql = append(sql, fmt.Sprintf("ALTER VIEW %s OWNER TO %s", name, quote(t.Owner)))
	}
	for _, g := range t.Grants {
		sql = append(sql, grant(g, "", name))
	}
	for _, c := range t.Columns {
		for _, g := range c.Grants {
			sql = append(sql, grant(g, " ("+quote(c.Name)+")", name))
		}
	}
	return sql
}

// triggerUses returns a trigger function of the table that names a column, or whose text is not known, or nothing.
func (t Table) triggerUses(column string) string {
	for _, f := range t.Functions {
		words := regexp.MustCompile(`(?i)(^|[^\pL\pN_$])` + regexp.QuoteMeta(column) + `($|[^\pL\pN_$])`)
		if !f.Rows && (f.Source == "" || words.MatchString(f.Source)) {
			return f.Name
		}
	}
	return ""
}

var viewNotes = []string{
	"While the view stands there: COPY FROM, TRUNCATE, REFERENCES and changes of the schema must name the table itself, GROUP BY must list all columns that are selected and not only the primary key, " +
		"there is no ctid or xmin, and pg_get_serial_sequence does not find its sequences.",
	"Sessions that keep prepared SELECT * statements meet \"cached plan must not change result type\" once; most drivers prepare them again by themselves.",
}

func isView(n Name) string {
	return fmt.Sprintf("EXISTS (SELECT FROM pg_class WHERE oid = %s AND relkind = 'v')", regclass(n))
}

func (p postgres) renameColumn(c RenameColumn) (Recipe, error) {
	t, why := p.viewable(c.Table)
	if why != "" {
		return refuse("%s", why)
	}
	if _, has := t.Column(c.From); !has {
		return refuse("%s has no column %s.", c.Table, quote(c.From))
	}
	if _, has := t.Column(c.To); has {
		return refuse("%s has a column %s already.", c.Table, quote(c.To))
	}
	if f := t.triggerUses(c.From); f != "" {
		return refuse("The trigger function %s of %s names %s, or may: it would fail for each row from the rename on. Make it do without the name first, for example by the recipe for a new column.", f, c.Table, quote(c.From))
	}
	base := c.Table.beside(derive(c.Table.Name, "napkin_base"))
	var columns []string
	var second []Grant
	for _, col := range t.Columns {
		if col.Name == c.From {
			second = col.Grants
			columns = append(columns, quote(c.To)+" AS "+quote(c.From))
		} else {
			columns = append(columns, quote(col.Name))
		}
	}
	columns = append(columns, quote(c.To))
	sql := append([]string{
		fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", c.Table, quote(c.From), quote(c.To)),
		fmt.Sprintf("ALTER TABLE %s RENAME TO %s", c.Table, quote(base.Name)),
	}, standIn(t, c.Table, base, columns)...)
	for _, g := range second {
		sql = append(sql, grant(g, " ("+quote(c.To)+")", c.Table))
	}
	view := p.quick("view", "Rename the column, and put a view with both names in the table's place", ask(isView(c.Table), relationExists(base)), exclusive(c.Table), sql...)
	view.Undo = []string{fmt.Sprintf("DO $$BEGIN IF %s AND %s THEN DROP VIEW %s; ALTER TABLE %s RENAME TO %s; ALTER TABLE %s RENAME COLUMN %s TO %s; END IF; END$$",
		isView(c.Table), relationExists(base), c.Table, base, quote(c.Table.Name), c.Table, quote(c.To), quote(c.From))}
	view.Says = "Old code goes on with the old name and new code uses the new one, for reading and writing; one statement must not give both."
	done := p.quick("table", "Put the table back in the view's place", ask(columnHas(c.Table, c.To, ""), not("("+relationExists(base)+")"), not(isView(c.Table))), exclusive(c.Table, base),
		"DROP VIEW "+c.Table.String(), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", base, quote(c.Table.Name)))
	done.NoReturn = true
	done.Says = "To go back, rename the column the other way, by this recipe."
	return Recipe{
		Steps: []Step{view, {ID: "deploy", Title: "Bring out code that uses " + column(c.Table, c.To), Kind: Deploy, Says: "Wait until no process of the old version runs."}, done},
		Notes: viewNotes,
	}, nil
}

func (p postgres) renameTable(c RenameTable) (Recipe, error) {
	t, why := p.viewable(c.Table)
	if why != "" {
		return refuse("%s", why)
	}
	to := c.Table.beside(c.To)
	var columns []string
	for _, col := range t.Columns {
		columns = append(columns, quote(col.Name))
	}
	sql := append([]string{fmt.Sprintf("ALTER TABLE %s RENAME TO %s", c.Table, quote(c.To))}, standIn(t, c.Table, to, columns)...)
	view := p.quick("view", "Rename the table, and put a view under its old name", ask(isView(c.Table), relationExists(to)), exclusive(c.Table), sql...)
	view.Undo = []string{fmt.Sprintf("DO $$BEGIN IF %s AND %s THEN DROP VIEW %s; ALTER TABLE %s RENAME TO %s; END IF; END$$", isView(c.Table), relationExists(to), c.Table, to, quote(c.Table.Name))}
	view.Says = "Old code goes on with the old name and new code uses the new one, for reading and writing."
	drop := p.quick("drop", "Drop the view", ask(relationExists(to), not("("+relationExists(c.Table)+")")), exclusive(c.Table), "DROP VIEW "+c.Table.String())
	drop.Undo = []string{fmt.Sprintf("DO $$BEGIN IF NOT (%s) THEN %s; END IF; END$$", relationExists(c.Table), strings.Join(standIn(t, c.Table, to, columns), "; "))}
	return Recipe{
		Steps: []Step{view, {ID: "deploy", Title: "Bring out code that uses " + to.String(), Kind: Deploy, Says: "Wait until no process of the old version runs."}, drop},
		Notes: viewNotes,
	}, nil
}
