package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// ParseMigration reads one migration file of a tool. It says whether the tool runs the file in one
// transaction: golang-migrate does not unless the file begins one itself; Prisma does not on MySQL and
// sends the file as one simple query, which is one transaction, on PostgreSQL; the others do unless a
// marker or, for Flyway, a statement that must stand alone says otherwise.
func ParseMigration(path string, src []byte, dialect schema.Dialect, tool Tool) (schema.Migration, []Problem) {
	if dialect == schema.Unknown {
		dialect = DetectDialect(src)
	}
	r := read(path, src, dialect)
	m := schema.Migration{Path: path, Ops: r.ops}
	concurrent := false
	for i := range r.ops {
		concurrent = concurrent || r.ops[i].Concurrently
	}
	switch {
	case dialect == schema.MySQL || dialect == schema.Oracle || dialect == schema.ClickHouse:
		m.Transactional = false // each change commits by itself
	case r.explicitBegin:
		m.Transactional = true
	case r.noTransaction:
		m.Transactional = false
	case tool == GolangMigrate && dialect == schema.Postgres, tool == Prisma:
		m.Transactional = len(r.ops) > 1 // one simple query of several statements is one transaction
	case tool == Flyway && concurrent:
		m.Transactional = false
	case tool == Plain:
		m.Transactional = false
	default:
		m.Transactional = true
	}
	return m, r.problems
}

// ReadSource reads a set of files in order. The function read returns the content of a path; a file that
// cannot be read becomes a problem, and the others are still read. When neither the set nor dialect says
// the product, the first file that gives it away decides.
func ReadSource(s Source, dialect schema.Dialect, read func(path string) ([]byte, error)) ([]schema.Migration, schema.Dialect, []Problem) {
	var (
		migrations []schema.Migration
		problems   []Problem
	)
	if s.Dialect != schema.Unknown {
		dialect = s.Dialect
	}
	contents := make([][]byte, len(s.Paths))
	for i, p := range s.Paths {
		content, err := read(p)
		if err != nil {
			problems = append(problems, Problem{schema.Place{Path: p, Line: 1, EndLine: 1}, "This migration could not be read: " + err.Error()})
			continue
		}
		contents[i] = content
	}
	if dialect == schema.Unknown {
		dialect = detectAll(contents)
	}
	for i, p := range s.Paths {
		if contents[i] == nil {
			continue
		}
		m, found := ParseMigration(p, contents[i], dialect, s.Tool)
		migrations = append(migrations, m)
		problems = append(problems, found...)
	}
	return migrations, dialect, problems
}

// detectAll takes the product that most files of a set give away.
func detectAll(contents [][]byte) schema.Dialect {
	votes := map[schema.Dialect]int{}
	for _, c := range contents {
		if d := DetectDialect(c); d != schema.Unknown {
			votes[d]++
		}
	}
	best := schema.Unknown
	for _, d := range preference {
		if votes[d] > votes[best] {
			best = d
		}
	}
	return best
}

// CreatesTables says whether a script states a schema: it holds a CREATE TABLE. It reads no further than
// it must and may be fooled by a comment; parsing decides.
func CreatesTables(src []byte) bool {
	return strings.Contains(strings.ToLower(string(src)), "create table")
}
