package rules

// Planned is one rule of the catalogue that is not implemented, and why.
type Planned struct {
	ID     string
	What   string
	Reason string
}

// NotYet lists the rules of the catalogue that are not implemented. docs/rules.md prints them, so that
// nobody takes silence for health.
var NotYet = []Planned{
	{"db.implicit-cast", "a comparison whose parameter has another type than the column, so that the index is not used",
		"The type of a bound parameter is decided by the driver at run time; without executing the program the rule would guess."},
}
