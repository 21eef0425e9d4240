package rules

// Planned is one rule of the catalogue that is not implemented, and why.
type Planned struct {
	ID     string
	What   string
	Reason string
}

// NotYet lists the rules of the catalogue that are not implemented. docs/rules.md prints them, so that
// nobody takes silence for health.
var NotYet = []Planned{}
