package effect

import (
	"fmt"
	"strings"
)

// Work is the set of kinds of work, of those that grow with the table, that a statement does. The zero
// value is none: the statement changes catalogs and at most a fixed number of rows or pages.
type Work uint8

const (
	// Rewrite writes every row of a table that was there into new files (ALTER TABLE ... TYPE, VACUUM
	// FULL), or in InnoDB builds the table anew. TRUNCATE, which takes a new empty file, is none.
	Rewrite Work = 1 << iota
	// Scan reads every row of a table that was there to check or compute something, beyond the reading
	// that a rewrite or an index build consists of: NOT NULL and CHECK, foreign keys, partition bounds.
	Scan
	// IndexBuild builds an index over rows that were there, also when a rewrite makes it necessary.
	IndexBuild
	// Modify inserts, updates or deletes rows in proportion to a table by the ordinary way of a write, one
	// row version at a time: UPDATE without WHERE, INSERT ... SELECT. Writers of the same rows wait until
	// the transaction ends, whatever the lock on the table.
	Modify
)

// workNames are the codes in the order in which they are printed.
var workNames = []struct {
	work       Work
	code, text string
}{
	{Rewrite, "RW", "rewrites the table"},
	{Scan, "SC", "scans the table"},
	{IndexBuild, "IX", "builds an index"},
	{Modify, "DML", "writes rows"},
}

// Has says whether all kinds of o are in w.
func (w Work) Has(o Work) bool { return w&o == o }

// Code joins the codes of the kinds by +, "RW+IX"; empty for none.
func (w Work) Code() string { return w.join("+", true) }

// String is the set in words: "rewrites the table, builds an index"; "catalog only" for none.
func (w Work) String() string {
	if w == 0 {
		return "catalog only"
	}
	return w.join(", ", false)
}

func (w Work) join(separator string, codes bool) string {
	var parts []string
	for _, n := range workNames {
		switch {
		case w&n.work == 0:
		case codes:
			parts = append(parts, n.code)
		default:
			parts = append(parts, n.text)
		}
	}
	return strings.Join(parts, separator)
}

// ParseWork reads codes joined by +. An empty text is none.
func ParseWork(text string) (Work, error) {
	var w Work
	if text == "" {
		return w, nil
	}
next:
	for _, code := range strings.Split(text, "+") {
		for _, n := range workNames {
			if code == n.code {
				w |= n.work
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no kind of work; they are RW, SC, IX, DML, joined by +", code)
	}
	return w, nil
}

// MarshalText is the code of the set.
func (w Work) MarshalText() ([]byte, error) { return []byte(w.Code()), nil }

// UnmarshalText reads what [ParseWork] does.
func (w *Work) UnmarshalText(text []byte) error {
	parsed, err := ParseWork(string(text))
	*w = parsed
	return err
}
