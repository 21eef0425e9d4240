package rewrite

import (
	"fmt"
	"strings"
)

// partitioned returns the partitioning of a table if it is known to have one.
func (p postgres) partitioned(n Name) bool {
	t, ok := p.Table(n)
	return ok && t.Partitioning != nil
}

// nullRows asks whether a column holds NULL.
func nullRows(t Name, column string) Question {
	return Question{
		SQL: fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s IS NULL)", t, quote(column)),
		Says: fmt.Sprintf("%s.%s holds NULL. Fill or delete those rows first (a backfill does it in batches), and bring out code that writes no NULL.",
			t, quote(column)),
	}
}

func (p postgres) setNotNull(c SetNotNull) (Recipe, error) {
	if t, ok := p.Table(c.Table); ok {
		col, ok := t.Column(c.Column)
		switch {
		case !ok:
			return refuse("%s has no column %s.", c.Table, quote(c.Column))
		case col.NotNull:
			return refuse("%s.%s is NOT NULL already.", c.Table, quote(c.Column))
		}
	}
	r := Recipe{Preflight: []Question{nullRows(c.Table, c.Column)}}
	r.Steps = p.notNullSteps(c.Table, c.Column)
	if !p.Server.AtLeast(12) {
		r.Differs = []string{fmt.Sprintf("PostgreSQL 11 reads the whole table under ACCESS EXCLUSIVE for SET NOT NULL even where a CHECK proves it (from 12 on it does not). " +
			"The recipe ends with the CHECK, which forbids NULL all the same; set NOT NULL after the upgrade, when it costs nothing. The column itself is not marked NOT NULL, and a primary key would ask for that.")}
	}
	r.Notes = []string{"Bring out code that writes no NULL before the first step: from then on the server refuses such rows."}
	return r, nil
}

// notNullSteps make a column NOT NULL; further conditions hold once they are done.
func (p postgres) notNullSteps(t Name, col string) []Step {
	isSet := columnHas(t, col, "attnotnull")
	if p.Server.AtLeast(18) {
		return p.notNull18(t, col)
	}
	check := derive(t.Name, col, "napkin_not_null")
	drop := fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", t, quote(check))
	add := p.quick("check", "Forbid NULL in new rows", ask(constraintHas(t, check, "")), exclusive(t),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", t, quote(check), quote(col)))
	add.Undo = []string{drop}
	add.Says = "NOT VALID: rows that are there are not read, so that the lock is held for a moment."
	validate := p.validateStep("validate", t, check)
	if !p.Server.AtLeast(12) {
		return []Step{add, validate}
	}
	set := p.quick("set", "Mark the column NOT NULL", ask(isSet), exclusive(t),
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", t, quote(col)))
	set.Undo = []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", t, quote(col))}
	set.Says = "The valid CHECK proves that there is no NULL: no row is read."
	done := ask(isSet, not(constraintHas(t, check, "")))
	cleanup := p.quick("drop-check", "Drop the CHECK that is no longer needed", done, exclusive(t), drop)
	cleanup.Undo = []string{
		fmt.Sprintf("DO $$BEGIN IF NOT %s THEN ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID; END IF; END$$", constraintHas(t, check, ""), t, quote(check), quote(col)),
		validateStatement(t, check),
	}
	return []Step{add, validate, set, cleanup}
}

// notNull18 uses what PostgreSQL 18 has for it: NOT NULL constraints that are NOT VALID at first. There attnotnull
// holds for such a constraint too.
func (p postgres) notNull18(t Name, col string) []Step {
	name := derive(t.Name, col, "not_null") // the name that SET NOT NULL gives
	facts, _ := p.Table(t)
	old, _ := facts.Column(col)
	if old.NotNullName != "" {
		name = old.NotNullName
	}
	add := p.quick("check", "Forbid NULL in new rows", ask(constraintHas(t, name, "contype = 'n'")), exclusive(t),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s NOT NULL %s NOT VALID", t, quote(name), quote(col)))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", t, quote(name))}
	add.Says = "NOT VALID: rows that are there are not read, so that the lock is held for a moment."
	validate := p.validateStep("validate", t, name)
	validate.Done = ask(constraintHas(t, name, "contype = 'n' AND "+validated))
	if old.NotNullName != "" && !old.NotNull {
		validate.NoReturn = true // what has been proven stays so
		return []Step{validate}  // somebody has added it NOT VALID
	}
	return []Step{add, validate}
}

func validateStatement(t Name, constraint string) string {
	return fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", t, quote(constraint))
}

// validateStep reads all rows under a lock that lets readers and writers go on.
func (p postgres) validateStep(id string, t Name, constraint string, also ...Lock) Step {
	s := online(id, "Validate the constraint", ask(constraintHas(t, constraint, validated)),
		append([]Lock{{t, ShareUpdateExclusive, ForScan}}, also...), validateStatement(t, constraint))
	s.Says = "Reads all rows while readers and writers go on."
	return s
}

func (p postgres) addCheck(c AddCheck) (Recipe, error) {
	if c.Name == "" {
		return refuse("The CHECK needs a name, so that a later step can validate it.")
	}
	drop := fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", c.Table, quote(c.Name))
	add := p.quick("add", "Add the constraint for new rows", ask(constraintHas(c.Table, c.Name, "")), exclusive(c.Table),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s) NOT VALID", c.Table, quote(c.Name), c.Expression))
	add.Undo = []string{drop}
	add.Says = "NOT VALID: rows that are there are not read, so that the lock is held for a moment. An UPDATE of an old row that breaks the rule fails from here on."
	return Recipe{
		Preflight: []Question{{
			SQL:  fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE NOT (%s))", c.Table, c.Expression),
			Says: fmt.Sprintf("%s has rows that break the rule (%s). Correct them first.", c.Table, c.Expression),
		}},
		Steps: []Step{add, p.validateStep("validate", c.Table, c.Name)},
		Notes: []string{"Bring out code that keeps the rule before the first step: from then on the server refuses rows that break it."},
	}, nil
}

func (p postgres) addForeignKey(c AddForeignKey) (Recipe, error) {
	switch {
	case c.Name == "":
		return refuse("The foreign key needs a name, so that a later step can validate it.")
	case strings.HasSuffix(strings.ToUpper(c.After), notEnforced):
		return refuse("A foreign key that is NOT ENFORCED checks no row; there is no recipe for it. Add it by a statement of its own, with a lock_timeout.")
	case p.partitioned(c.Table) && !p.Server.AtLeast(18):
		return refuse("%s is partitioned, and %s takes no foreign key NOT VALID on such a table. Add it to each partition by this recipe; then adding it to %s finds them all.", c.Table, p.Server, c.Table)
	case p.partitioned(c.To) && !p.Server.AtLeast(12):
		return refuse("%s is partitioned, and PostgreSQL 11 has no foreign keys to such a table.", c.To)
	}
	to := c.ToColumns
	if len(to) == 0 {
		if t, ok := p.Table(c.To); ok {
			if pk, ok := t.PrimaryKey(); ok {
				to = pk.Columns()
			}
		}
	}
	r := Recipe{}
	if len(to) == len(c.Columns) {
		r.Preflight = []Question{orphans(c.Table, c.Columns, c.To, to)}
	} else {
		r.Notes = append(r.Notes, "Which columns are referred to is not known here; rows without a partner are found only when the constraint is validated.")
	}
	if t, ok := p.Table(c.Table); ok && !leads(t, c.Columns) {
		r.Notes = append(r.Notes, fmt.Sprintf("No index of %s begins with (%s): each DELETE in %s, and each UPDATE of its key, will read all of %s. Create one by the recipe for indexes first.",
			c.Table, quoteAll(c.Columns), c.To, c.Table))
	}
	add := p.quick("add", "Add the foreign key for new rows", ask(constraintHas(c.Table, c.Name, "contype = 'f'")),
		[]Lock{{c.Table, ShareRowExclusive, ForMoment}, {c.To, ShareRowExclusive, ForMoment}},
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID", c.Table, quote(c.Name), c.definition(p.Facts)))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", c.Table, quote(c.Name))}
	add.Says = "NOT VALID: rows that are there are not read. Writers of both tables wait for a moment; readers do not."
	validate := p.validateStep("validate", c.Table, c.Name, Lock{c.To, RowShare, ForScan})
	r.Steps = []Step{add, validate}
	return r, nil
}

// orphans asks for rows that refer to nothing.
func orphans(t Name, columns []string, to Name, toColumns []string) Question {
	var set, join []string
	for i, c := range columns {
		set = append(set, "a."+quote(c)+" IS NOT NULL")
		join = append(join, "b."+quote(toColumns[i])+" = a."+quote(c))
	}
	return Question{
		SQL: fmt.Sprintf("SELECT EXISTS (SELECT FROM %s AS a WHERE %s AND NOT EXISTS (SELECT FROM %s AS b WHERE %s))",
			t, strings.Join(set, " AND "), to, strings.Join(join, " AND ")),
		Says: fmt.Sprintf("%s has rows whose (%s) is not in %s. Delete or correct them first.", t, quoteAll(columns), to),
	}
}

// leads returns whether some valid index without a predicate begins with the columns, in any order.
func leads(t Table, columns []string) bool {
	for _, i := range t.Indexes {
		if !i.Valid || i.Where != "" || len(i.Parts) < len(columns) {
			continue
		}
		found := 0
		for _, part := range i.Parts[:len(columns)] {
			for _, c := range columns {
				if part.Column == c {
					found++
				}
			}
		}
		if found == len(columns) {
			return true
		}
	}
	return false
}
