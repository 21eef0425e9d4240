package rewrite

import (
	"fmt"
	"strings"
)

// A recipe that copies values loses those that it does not see or that somebody else changes after it. What is below
// makes such a recipe stop before anything is lost: row security that hides rows, a trigger that fires after that of the
// recipe, and a row that has not been converted each end it with an error.

// raise returns a statement that fails with a sentence when a condition holds.
func raise(condition, sentence string) string {
	return fmt.Sprintf("DO $napkin$BEGIN\n  IF %s THEN\n    RAISE EXCEPTION USING MESSAGE = %s;\n  END IF;\nEND$napkin$", condition, literal(sentence))
}

// rowsHidden returns why rows of a table cannot be copied by UPDATE, or nothing. Whoever may alter a table is exempt from
// its policies unless they are forced (section 5.9 of the manual), or may be.
func (p postgres) rowsHidden(n Name) string {
	if t, _ := p.Table(n); t.ForceRowSecurity {
		return fmt.Sprintf("%s forces row security on its owner: rows that the policies hide would be left without a value, and lost with the old column. "+
			"Turn that off while the recipe runs (ALTER TABLE %s NO FORCE ROW LEVEL SECURITY).", n, n)
	}
	return ""
}

const rowsHiddenSays = "Row security hides rows of %s from this role, or may: they would be left without a value and lost. Run the recipe as the owner of the table, without FORCE ROW LEVEL SECURITY, or as a role with BYPASSRLS."

// seesAll fails for a role from which policies hide rows of the table.
func seesAll(n Name) string {
	return raise(policed(n), fmt.Sprintf(rowsHiddenSays, n))
}

// policed holds for a role to which policies of the table apply.
func policed(n Name) string { return "row_security_active(" + literal(n.String()) + ")" }

// asksAll asks the same before the first step.
func asksAll(n Name) Question {
	return Question{SQL: "SELECT " + policed(n), Says: fmt.Sprintf(rowsHiddenSays, n)}
}

// checkStep reads all rows and fails when the condition holds for one: those that a backfill left out. It waits for nobody.
// With row_security off the server refuses to read a part of the rows only.
func (p postgres) checkStep(t Name, condition, done string) Step {
	s := p.quick("check-rows", "See that every row has its value", done, nil, "SET LOCAL row_security = off",
		raise(fmt.Sprintf("EXISTS (SELECT FROM %s WHERE %s)", t, condition),
			fmt.Sprintf("Rows of %s do not have the value that they should have. Nothing is lost yet: find out what writes them past the trigger or the backfill, and run the backfill again.", t)))
	s.Ladder = patient()
	s.Says = "Reads the table once and fails when a row is left without its value, so that the steps after this one lose nothing."
	return s
}

// unequal holds for rows in which the kept column is not what it should be. The comparison is one of texts, because not
// every type has an equality.
func (k kept) unequal(to string) string {
	return fmt.Sprintf("%s::text IS DISTINCT FROM (CAST((%s) AS %s))::text", quote(k.column), k.expression, to)
}

// laterTrigger holds when another trigger for each row fires between that of the recipe and the write: it would change
// the value that has been copied. Triggers fire in the order of their names, byte by byte. In tgtype 1 is FOR EACH ROW,
// 2 BEFORE, 4 INSERT and 16 UPDATE (pg_trigger.h).
func (k kept) laterTrigger() string {
	return fmt.Sprintf("EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %s AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0 AND tgname::text > %s COLLATE \"C\")",
		regclass(k.table), literal(k.trigger))
}

// lastOfTriggers fails when the trigger of the recipe is not the last.
func (k kept) lastOfTriggers() string {
	return raise(k.laterTrigger(), fmt.Sprintf("Another trigger of %s fires after %s, by its name, and may change what that has copied. Rename it (ALTER TRIGGER ... RENAME TO) so that it sorts before.", k.table, k.trigger))
}

// triggerName returns a name for a trigger that sorts behind all others of the table that are known.
func (t Table) triggerName(parts ...string) string {
	const most = 12
	prefix := "zz"
	for range most {
		name := derive(append([]string{prefix}, parts...)...)
		last := true
		for _, other := range t.Triggers {
			last = last && other < name
		}
		if last {
			return name
		}
		prefix += "z"
	}
	// Behind all letters of ASCII. What sorts behind even this is found by the server, which then refuses the first step.
	return derive(append([]string{"~" + strings.Repeat("~", most)}, parts...)...)
}
