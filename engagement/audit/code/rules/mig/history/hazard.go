package history

import (
	"regexp"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// BlockingIndex reports an index of a live table that is built while nobody can write to the table. An
// index of a column that the same migration adds is left out: the column is empty.
func BlockingIndex(c Change) bool {
	return (c.Kind == schema.AddIndex || c.Kind == schema.AddUnique) && c.Live && c.Index != nil && c.UsingIndex == "" &&
		!c.Concurrently && !c.Index.Concurrently && !c.Index.Implied && !c.Held && !c.Added
}

// CheckedKey reports a foreign key of a live table that is checked under the lock that adds it.
func CheckedKey(c Change) bool {
	fk := c.ForeignKey
	return c.Kind == schema.AddForeignKey && fk != nil && c.Live && !fk.NotValid && fk.Enforced && !c.Held && !c.Added
}

var (
	mass = regexp.MustCompile(`(?is)^\s*(update)\s+(?:only\s+)?([\w".]+)|^\s*(delete)\s+from\s+(?:only\s+)?([\w".]+)`)
	// few picks rows by a value of a key.
	few = regexp.MustCompile(`(?is)\bwhere\b[^;]*\b(id|uuid|key|slug|name|email|code)\s*(=\s*('|\d|\$)|in\s*\(\s*('|\d))`)
)

// Filled reads a statement that changes many rows of a table: its verb as written and the table; empty
// when it is none.
func Filled(c Change) (verb, table string) {
	if c.Kind != schema.RawSQL || few.MatchString(c.SQL) {
		return "", ""
	}
	m := mass.FindStringSubmatch(c.SQL)
	if m == nil {
		return "", ""
	}
	return m[1] + m[3], schema.Unquote(m[2] + m[4])
}

// Fills reports a statement that changes many rows of a live table which the same transaction has
// locked against reads and writes.
func Fills(s *Step, c Change) bool {
	_, name := Filled(c)
	if name == "" || !s.Migration.Transactional {
		return false
	}
	for _, x := range s.Changes {
		if x.Place.Line >= c.Place.Line {
			return false
		}
		if x.Live && Exclusive(x.Kind) && schema.Key(x.Table) == schema.Key(name) {
			return true
		}
	}
	return false
}
