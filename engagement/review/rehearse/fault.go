package rehearse

import (
	"regexp"
	"slices"
	"strings"
)

// Fault is what a statement that did not run to its end is the fault of.
type Fault string

// Faults.
const (
	// ByMigration is a failure that the same statement meets in production, as far as the schema is known.
	ByMigration Fault = "migration"
	// ByScratch is one of the scratch server or of what is known of the schema: an extension or a role is missing, the user lacks
	// a right, what stands before is not whole, a statement before was left out.
	ByScratch Fault = "scratch server"
	// ByRows is one of generated rows, or of rows that earlier migrations insert and a rehearsal leaves out.
	ByRows Fault = "generated rows"
	// LeftOut is a statement that was not tried, as its Error says.
	LeftOut Fault = "left out"
)

// fault judges an error of the server by its SQLSTATE (appendix A of PostgreSQL's manual).
func (r *rehearsal) fault(err error, s *step) Fault {
	c := code(err)
	message := err.Error()
	switch {
	case strings.HasPrefix(c, "23"), strings.HasPrefix(c, "P0"):
		return ByRows
	case strings.HasPrefix(c, "22"), strings.HasPrefix(c, "21"): // a value that cannot be converted, more than one row
		if s.subject != "" {
			return ByRows
		}
		return ByMigration
	case c == "42501", c == "58P01", c == "0A000" && strings.Contains(message, "extension"), c == "42704" && (strings.Contains(message, "tablespace") || strings.Contains(message, "role ")),
		c == "57014", c == "55P03", c == "40P01", c == "55006":
		return ByScratch
	case strings.HasPrefix(c, "08"), strings.HasPrefix(c, "53"), strings.HasPrefix(c, "57"), strings.HasPrefix(c, "58"), strings.HasPrefix(c, "XX"):
		return ByScratch
	case c == "42P01", c == "42704", c == "3F000", c == "42883", c == "42P02":
		// It is not there: by the migration only where all is known that should be.
		if len(r.o.Before) == 0 || len(r.result.Problems) > 0 || r.lacks(message) {
			return ByScratch
		}
	case c == "42703":
		if len(r.result.Problems) > 0 || r.lacks(message) {
			return ByScratch
		}
	case c == "42P07", c == "42701", c == "42710": // it is there already, unless what takes it away had no effect
		if len(r.result.Problems) > 0 || r.lacks(message, "DROP", "RENAME") {
			return ByScratch
		}
	}
	return ByMigration
}

// ofMessage finds what a message of the server is about: the first name in quotes, or a function with its arguments.
var ofMessage = regexp.MustCompile(`"([^"]+)"|function ([^ (]+)\(`)

// lacks says whether what a message is about stands in a statement of the migrations that had no effect, and with keywords one
// of them too.
func (r *rehearsal) lacks(message string, keywords ...string) bool {
	m := ofMessage.FindStringSubmatch(message)
	if m == nil {
		return len(r.lost) > 0
	}
	name := strings.ToLower(m[1] + m[2])
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	return slices.ContainsFunc(r.lost, func(s *step) bool {
		named, said := false, len(keywords) == 0
		for i := range s.at.Tokens {
			t := &s.at.Tokens[i]
			named = named || strings.EqualFold(t.Value(), name)
			said = said || slices.ContainsFunc(keywords, t.Is)
		}
		return named && said
	})
}
