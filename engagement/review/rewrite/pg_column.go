package rewrite

import (
	"fmt"
	"slices"
	"strings"
)

func (p postgres) addColumn(c AddColumn) (Recipe, error) {
	if t, ok := p.Table(c.Table); ok {
		if _, exists := t.Column(c.Column); exists {
			return refuse("%s has a column %s already.", c.Table, quote(c.Column))
		}
	}
	drop := fmt.Sprintf("ALTER TABLE %s DROP COLUMN IF EXISTS %s", c.Table, quote(c.Column))
	if kind, serial := serialTypes[strings.ToLower(c.Type)]; serial {
		return p.addSerial(c, kind, drop)
	}
	if c.NotNull && c.Default == "" {
		return refuse("The rows of %s that are there have no value for %s, so that NOT NULL without a default fails. Add the column without NOT NULL, fill it by a backfill, then set it NOT NULL.", c.Table, quote(c.Column))
	}
	if !c.Volatile {
		add := p.quick("add", "Add the column", ask(columnHas(c.Table, c.Column, "")), exclusive(c.Table), c.plain(p.Facts)...)
		add.Undo = []string{drop}
		add.Says = "The default is one value, which the catalog holds for the rows that are there: none is written."
		return Recipe{Steps: []Step{add}}, nil
	}
	add := p.quick("add", "Add the column, and the default for new rows", ask(columnHas(c.Table, c.Column, "atthasdef")), exclusive(c.Table),
		seesAll(c.Table),
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", c.Table, quote(c.Column), c.Type),
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s", c.Table, quote(c.Column), c.Default))
	add.Undo = []string{drop}
	add.Says = "In two statements, because a default that differs from row to row would be written to all rows under lock."
	return p.fillColumn(c, add)
}

// fillColumn completes a recipe whose first step adds a column with a default: rows that are there get it in
// batches.
func (p postgres) fillColumn(c AddColumn, add Step) (Recipe, error) {
	missing := quote(c.Column) + " IS NULL"
	b, err := newBackfill(p.Facts, p.o, c.Table, quote(c.Column)+" = DEFAULT", missing)
	if err != nil {
		return Recipe{}, err
	}
	done := fmt.Sprintf("SELECT NOT EXISTS (SELECT FROM %s WHERE %s)", c.Table, missing)
	r := Recipe{Preflight: []Question{asksAll(c.Table)}, Steps: []Step{add, backfillStep(b, "fill", "Give the rows that are there a value", done), p.checkStep(c.Table, missing, done)}, Notes: p.triggerNotes(c.Table)}
	if c.NotNull {
		if !p.Server.AtLeast(12) {
			return refuse("PostgreSQL 11 cannot set %s NOT NULL without reading the table under lock. Add the column without NOT NULL, and a CHECK.", column(c.Table, c.Column))
		}
		r.Steps = append(r.Steps, p.notNullSteps(c.Table, c.Column)...)
	}
	return r, nil
}

var serialTypes = map[string]string{"serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint", "serial2": "smallint"}

// addSerial does what serial stands for in steps: a sequence, a column that owns it, a default, NOT NULL.
func (p postgres) addSerial(c AddColumn, kind, drop string) (Recipe, error) {
	sequence := c.Table.beside(derive(c.Table.Name, c.Column, "seq"))
	add := p.quick("add", "Add the column with a sequence for new rows", ask(columnHas(c.Table, c.Column, "atthasdef")), exclusive(c.Table),
		seesAll(c.Table),
		fmt.Sprintf("CREATE SEQUENCE %s AS %s", sequence, kind),
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", c.Table, quote(c.Column), kind),
		fmt.Sprintf("ALTER SEQUENCE %s OWNED BY %s", sequence, column(c.Table, c.Column)),
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT nextval(%s)", c.Table, quote(c.Column), literal(sequence.String())))
	add.Undo = []string{drop}
	c.NotNull = true
	return p.fillColumn(c, add)
}

// triggerNotes warn of triggers that a backfill fires.
func (p postgres) triggerNotes(n Name) []string {
	t, _ := p.Table(n)
	if len(t.Triggers) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The backfill updates each row once, which fires the triggers of %s: %s. See that none of them takes that for a change by a user (updated_at, audit, notifications).",
		n, quoteAll(t.Triggers))}
}

func (p postgres) addGenerated(c AddGenerated) (Recipe, error) {
	if !p.Server.AtLeast(12) {
		return refuse("%s has no generated columns (PostgreSQL 12 has).", p.Server)
	}
	if !c.Stored {
		if !p.Server.AtLeast(18) {
			return refuse("%s has no virtual generated columns (PostgreSQL 18 has).", p.Server)
		}
		add := p.quick("add", "Add the column", ask(columnHas(c.Table, c.Column, "")), exclusive(c.Table), c.plain(p.Facts)...)
		add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP COLUMN IF EXISTS %s", c.Table, quote(c.Column))}
		add.Says = "A virtual column is computed when it is read; no row is written."
		return Recipe{Steps: []Step{add}}, nil
	}
	if t, ok := p.Table(c.Table); ok && (t.Partitioning != nil || t.Inherits) {
		return refuse("%s has partitions or children; a trigger that keeps the column is not made for those here.", c.Table)
	}
	t, _ := p.Table(c.Table)
	k := kept{table: c.Table, column: c.Column, kind: c.Type, expression: c.Expression, function: c.Table.beside(derive(c.Table.Name, c.Column, "keep")), trigger: t.triggerName(c.Column, "keep")}
	b, err := newBackfill(p.Facts, p.o, c.Table, quote(c.Column)+" = "+c.Expression, k.missing())
	if err != nil {
		return Recipe{}, err
	}
	return Recipe{
		Preflight: []Question{asksAll(c.Table)},
		Steps: []Step{p.keepStep(k, "Add the column and the trigger that keeps it"), backfillStep(b, "fill", "Compute the column of the rows that are there", k.filled()),
			p.checkStep(c.Table, k.unequal(c.Type), k.filled())},
		Notes: append(p.triggerNotes(c.Table), "To make it a generated column in earnest, the table must be written under lock once: in a quiet hour, or with a copy of the table."),
		Differs: []string{fmt.Sprintf("%s is an ordinary column that the trigger %s keeps, because a stored generated column cannot be added without writing the table under ACCESS EXCLUSIVE. "+
			"A value that a statement gives for it is overwritten instead of refused.", column(c.Table, c.Column), quote(k.trigger))},
	}, nil
}

func (p postgres) setDefault(c SetDefault) (Recipe, error) {
	done := ""
	if c.Default == "" {
		done = ask(columnHas(c.Table, c.Column, "NOT atthasdef"))
	}
	s := p.quick("default", "Change the default", done, exclusive(c.Table), c.plain(p.Facts)...)
	s.Says = "Holds for rows inserted from now on; no row is written."
	t, _ := p.Table(c.Table)
	if col, ok := t.Column(c.Column); ok {
		s.Undo = SetDefault{c.Table, c.Column, col.Default}.plain(p.Facts)
	}
	return Recipe{Steps: []Step{s}}, nil
}

func (p postgres) backfill(c BackfillColumn) (Recipe, error) {
	if c.Where == "" {
		return refuse("Say which rows of %s still need the change (WHERE): without it a run that was cut off would change rows twice.", c.Table)
	}
	b, err := newBackfill(p.Facts, p.o, c.Table, c.Set, c.Where)
	if err != nil {
		return Recipe{}, err
	}
	s := backfillStep(b, "fill", "Change the rows", fmt.Sprintf("SELECT NOT EXISTS (SELECT FROM %s WHERE %s)", c.Table, c.Where))
	s.NoReturn = true
	return Recipe{Steps: []Step{s}, Notes: append(p.triggerNotes(c.Table), "Each changed row leaves a dead one behind: see that autovacuum keeps up, or let it run between batches.")}, nil
}

// using returns the dependents of a column.
func (t Table) using(column string) []string {
	var out []string
	for _, d := range t.Dependents {
		if column == "" || slices.Contains(d.Columns, column) {
			out = append(out, "the "+d.Kind+" "+d.Name)
		}
	}
	for _, c := range t.Columns {
		if column != "" && c.Generated != "" && c.Name != column && mentions(c.Generated, column) {
			out = append(out, "the generated column "+quote(c.Name))
		}
	}
	return out
}

func (p postgres) dropColumn(c DropColumn) (Recipe, error) {
	t, known := p.Table(c.Table)
	col, has := t.Column(c.Column)
	if known && !has {
		return refuse("%s has no column %s.", c.Table, quote(c.Column))
	}
	if by := t.using(c.Column); len(by) > 0 {
		return refuse("%s is used by %s; drop or change that first.", column(c.Table, c.Column), strings.Join(by, ", "))
	}
	for _, k := range t.Referenced {
		if slices.Contains(k.ToColumns, c.Column) {
			return refuse("The foreign key %s of %s refers to %s; drop it first.", k.Name, k.Table, column(c.Table, c.Column))
		}
	}
	if f := t.triggerUses(c.Column); f != "" {
		return refuse("The trigger function %s of %s names %s, or may: it would fail for each row from then on. Change it first.", f, c.Table, quote(c.Column))
	}
	r := Recipe{}
	if !known {
		r.Notes = append(r.Notes, "Whether the column is NOT NULL, and what uses it, is not known here.")
	}
	if col.NotNull && col.Default == "" && col.Identity == "" && col.Generated == "" {
		allow := p.quick("allow-null", "Let new rows leave the column out", ask(columnHas(c.Table, c.Column, "NOT attnotnull")), exclusive(c.Table),
			fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", c.Table, quote(c.Column)))
		for _, s := range p.notNullSteps(c.Table, c.Column) {
			allow.Undo = append(allow.Undo, s.SQL...)
		}
		allow.Says = "The next version of the code inserts rows without it."
		if !p.Server.AtLeast(12) {
			allow.Undo, allow.NoReturn = nil, true
			allow.Says += " To go back, PostgreSQL 11 would have to read the table under ACCESS EXCLUSIVE (SET NOT NULL)."
		}
		r.Steps = append(r.Steps, allow)
	}
	for _, i := range t.Indexes {
		if len(i.Parts) > 1 && (slices.Contains(i.Columns(), c.Column) || slices.Contains(i.Include, c.Column)) {
			r.Notes = append(r.Notes, fmt.Sprintf("The index %s goes with the column; if its other columns need an index, create one first.", i.Name))
		}
	}
	r.Steps = append(r.Steps, Step{ID: "deploy", Title: "Bring out code that does not use " + column(c.Table, c.Column), Kind: Deploy,
		Says: "It must not read it (SELECT * and models that list columns included) and must not write it. Wait until no process of the old version runs."})
	drop := p.quick("drop", "Drop the column", ask("to_regclass("+literal(c.Table.String())+") IS NOT NULL", not(columnHas(c.Table, c.Column, ""))), exclusive(c.Table), c.plain(p.Facts)...)
	drop.NoReturn = true
	drop.Says = "The catalog forgets the column; its data go when rows are written again."
	r.Steps = append(r.Steps, drop)
	return r, nil
}

func (p postgres) dropTable(c DropTable) (Recipe, error) {
	t, known := p.Table(c.Table)
	if !known {
		return refuse("What refers to %s is not known. Give the schema.", c.Table)
	}
	if by := t.using(""); len(by) > 0 {
		for _, d := range t.Dependents {
			if d.Kind == "view" {
				return refuse("%s is used by the view %s; drop or change that first.", c.Table, d.Name)
			}
		}
	}
	r := Recipe{Steps: []Step{{ID: "deploy", Title: "Bring out code that does not use " + c.Table.String(), Kind: Deploy,
		Says: "Wait until no process of the old version runs."}}}
	gone := []string{not("(" + relationExists(c.Table) + ")")}
	var keys []string
	for _, k := range append(slices.Clone(t.Referenced), t.ForeignKeys...) {
		if k.Table == k.To {
			continue
		}
		done := ask(append(slices.Clone(keys), not(constraintHas(k.Table, k.Name, "")))...)
		keys = append(keys, not(constraintHas(k.Table, k.Name, "")))
		s := p.quick("foreign-key-"+k.Name, "Drop the foreign key "+k.Name, done, exclusive(k.Table, k.To),
			fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", k.Table, quote(k.Name)))
		again := AddForeignKey{Table: k.Table, Name: k.Name, Columns: k.Columns, To: k.To, ToColumns: k.ToColumns, After: k.After}
		s.Undo = []string{fmt.Sprintf("DO $$BEGIN IF NOT %s THEN %s; END IF; END$$", constraintHas(k.Table, k.Name, ""), again.unproven(p.Facts))}
		if k.Valid {
			s.Undo = append(s.Undo, validateStatement(k.Table, k.Name))
		}
		s.Says = "By itself, because it locks two tables: those of one foreign key at a time."
		r.Steps = append(r.Steps, s)
	}
	aside := c.Table.beside(derive(c.Table.Name, "napkin_old"))
	rename := p.quick("rename", "Put the table out of reach", ask(append(gone, relationExists(aside))...), exclusive(c.Table),
		fmt.Sprintf("ALTER TABLE %s RENAME TO %s", c.Table, quote(aside.Name)))
	rename.Undo = []string{fmt.Sprintf("ALTER TABLE IF EXISTS %s RENAME TO %s", aside, quote(c.Table.Name))}
	rename.Says = "What still uses it fails now, and one statement brings it back."
	wait := Step{ID: "wait", Title: "Wait until nothing asks for it", Kind: Deploy, Says: "As long as your slowest job takes to come round: a day, a month end. Then the data go."}
	drop := p.quick("drop", "Drop the table", ask(append(gone, not("("+relationExists(aside)+")"))...), exclusive(aside), "DROP TABLE IF EXISTS "+aside.String())
	drop.NoReturn = true
	r.Steps = append(r.Steps, rename, wait, drop)
	return r, nil
}

// rewriteTable hands over to pg_repack, whose flags are those of its documentation (version 1.5).
func (p postgres) rewriteTable(c RewriteTable) (Recipe, error) {
	t, known := p.Table(c.Table)
	if known {
		if _, has := t.PrimaryKey(); !has {
			return refuse("%s has no primary key, which pg_repack needs (or a unique index on columns that are NOT NULL). Add one first.", c.Table)
		}
	}
	order := "--no-order"
	if c.Cluster != "" {
		order = ""
		for _, i := range t.Indexes {
			if names, plain := plainColumns(i); i.Name == c.Cluster && plain {
				order = "--order-by=" + shellQuote(quoteAll(names))
			}
		}
		if order == "" {
			return refuse("The columns of the index %s are not known; give the schema.", c.Cluster)
		}
	}
	command := fmt.Sprintf("pg_repack --dbname=DATABASE --table=%s %s --wait-timeout=5 --no-kill-backend", shellQuote(c.Table.String()), order)
	return Recipe{
		Steps: []Step{{ID: "repack", Title: "Write the table anew beside the one in use", Kind: Tool, SQL: []string{command},
			Locks: []Lock{{c.Table, AccessExclusive, AtEnds}},
			Says: "The server has no way of its own that lets others go on. pg_repack (an extension, and a program of the same version) copies the table, keeps the copy up by a trigger, and swaps the two. " +
				"It needs room for a second copy of table and indexes. --no-kill-backend makes it give up when it does not get its lock in --wait-timeout seconds, instead of ending the sessions that hold it."}},
		Notes: []string{"Ask first whether it is worth it: free space inside a table is used again by new rows."},
	}, nil
}

// shellQuote quotes a word for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
