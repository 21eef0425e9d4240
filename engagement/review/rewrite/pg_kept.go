package rewrite

import "fmt"

// kept is a column that a trigger computes from the others on each write.
type kept struct {
	table      Name
	column     string
	kind       string // its type, with its collation
	expression string // over the columns of the table
	function   Name
	trigger    string
}

// missing is the condition for rows that still have no value. Once the trigger is there, a row either has the right
// value or has not been written since; a value that is NULL by right needs nothing.
func (k kept) missing() string {
	return fmt.Sprintf("%s IS NULL AND (%s) IS NOT NULL", quote(k.column), k.expression)
}

// filled asks whether all rows have a value.
func (k kept) filled() string {
	return fmt.Sprintf("SELECT %s AND NOT EXISTS (SELECT FROM %s WHERE %s)", k.triggered(), k.table, k.missing())
}

// triggered says that the trigger exists.
func (k kept) triggered() string {
	return fmt.Sprintf("EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %s AND tgname = %s)", regclass(k.table), literal(k.trigger))
}

// create returns the statements that add the column and the trigger, for one transaction.
func (k kept) create() []string {
	return []string{
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", k.table, quote(k.column), k.kind),
		// The expression stands in a query over the new row under the table's name, so that it means there what it
		// means in UPDATE, however it names its columns.
		fmt.Sprintf("CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $napkin$\n#variable_conflict use_column\nBEGIN\n  NEW.%s := (SELECT %s FROM (SELECT NEW.*) AS %s);\n  RETURN NEW;\nEND\n$napkin$",
			k.function, quote(k.column), k.expression, quote(k.table.Name)),
		fmt.Sprintf("CREATE TRIGGER %s BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()", quote(k.trigger), k.table, k.function),
		// Also for rows that come by replication.
		fmt.Sprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", k.table, quote(k.trigger)),
		k.lastOfTriggers(),
	}
}

// remove returns the statements that take the trigger and the column away.
func (k kept) remove() []string {
	return []string{
		fmt.Sprintf("DROP TRIGGER IF EXISTS %s ON %s", quote(k.trigger), k.table),
		fmt.Sprintf("DROP FUNCTION IF EXISTS %s()", k.function),
		fmt.Sprintf("ALTER TABLE %s DROP COLUMN IF EXISTS %s", k.table, quote(k.column)),
	}
}

// keepStep is the step that adds the column and its trigger.
func (p postgres) keepStep(k kept, title string) Step {
	s := p.quick("keep", title, ask(k.triggered()), exclusive(k.table), append([]string{seesAll(k.table)}, k.create()...)...)
	s.Undo = k.remove()
	s.Says = "From here on each row that is written has the value. Triggers fire in the order of their names; the step fails where one of the application would fire after this one. " +
		"It costs each INSERT and UPDATE some microseconds."
	return s
}
