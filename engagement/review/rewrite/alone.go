package rewrite

import "fmt"

// Alone is a part of a statement that has no recipe and is run as it stands, in a transaction of its own.
type Alone struct {
	Table Name
	Only  bool   // ALTER TABLE ONLY
	Part  string // what follows the table: "ALTER COLUMN note SET STATISTICS 500"
	Locks []Lock
	// Adds and Drops name a constraint that the part adds, drops or, with Validates, proves, by which the step is known to be
	// done. Without them it is a part that does no harm when it is run again.
	Adds, Drops, Validates string
}

// AloneRecipe is the recipe of one step for such a part, with the ladder of the options. PostgreSQL only.
func AloneRecipe(a Alone, s Server, o Options) Recipe {
	only := ""
	if a.Only {
		only = "ONLY "
	}
	sql := fmt.Sprintf("ALTER TABLE %s%s %s", only, a.Table, a.Part)
	step := Step{ID: "alone", Title: "By itself: " + a.Part, Kind: Statements, SQL: []string{sql}, Transaction: true, Locks: a.Locks, Ladder: o.ladder(),
		Says: "There is no recipe for this part; it stands alone, with a lock timeout."}
	drop := func(name string) string {
		return fmt.Sprintf("ALTER TABLE %s%s DROP CONSTRAINT IF EXISTS %s", only, a.Table, quote(name))
	}
	switch {
	case a.Adds != "":
		step.Done, step.Undo = ask(constraintHas(a.Table, a.Adds, "")), []string{drop(a.Adds)}
	case a.Drops != "":
		step.Done, step.NoReturn = ask(not(constraintHas(a.Table, a.Drops, ""))), true
	case a.Validates != "":
		step.Done = ask(constraintHas(a.Table, a.Validates, validated))
	}
	for _, l := range a.Locks {
		if reads, writes := l.Mode.Blocks(); l.Held != ForMoment && (reads || writes) {
			step.Says += " Others wait for as long as its work takes: choose a quiet hour for it."
			break
		}
	}
	return Recipe{Title: step.Title, Server: s, Plain: []string{sql}, Steps: []Step{step}}
}
