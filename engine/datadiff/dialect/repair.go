package dialect

import (
	"errors"
	"iter"
	"strings"
)

// ErrUncertain is what Apply returns when the connection was lost while the transaction was being
// committed. After any other error of Apply nothing was changed.
var ErrUncertain = errors.New("the connection was lost while the transaction was committed, so whether it was is not known; compare again")

// Surroundings are what stands around tables and acts when their rows are written.
type Surroundings struct {
	// References are the foreign keys that refer to the tables, from whatever table.
	References []Reference
	Triggers   []Trigger
	Checks     []Check
	// Lasting are those of the tables whose rows are changed for good by each statement, because their
	// engine has no transactions; the values are the engines.
	Lasting map[TableName]string
}

// Reference is a foreign key, seen from the table that it refers to.
type Reference struct {
	Name       string
	From       TableName
	Columns    []string
	To         TableName
	RefColumns []string // empty for the primary key
	// OnDelete and OnUpdate are what happens to the rows that refer to a row: CASCADE, SET NULL, SET
	// DEFAULT, and empty where nothing does and the statement fails instead.
	OnDelete, OnUpdate string
}

// ReferenceAction reads an action as catalogs spell it.
func ReferenceAction(s string) string {
	switch s = strings.ToUpper(s); s {
	case "CASCADE", "SET NULL", "SET DEFAULT":
		return s
	}
	return ""
}

// Trigger is a trigger, or what acts like one, of a table.
type Trigger struct {
	Name                   string
	Table                  TableName
	Insert, Update, Delete bool // what it fires for
}

// Check is a CHECK constraint of a table, or of the domain of a column.
type Check struct {
	Name   string
	Table  TableName
	Column string // whose type is the domain; empty for a constraint of the table
	Text   string // the expression
}

// ClipStatement shortens a statement for a message.
func ClipStatement(s string) string {
	const most = 500
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// Statements are a sequence for Apply.
func Statements(statements ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, s := range statements {
			if !yield(s, nil) {
				return
			}
		}
	}
}
