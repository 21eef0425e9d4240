package matrix

import (
	"crypto/sha256"
	_ "embed" // the statements
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Product is a database product whose statements the matrix has.
type Product string

// The products.
const (
	Postgres Product = "postgres"
	MariaDB  Product = "mariadb"
)

// Row is one statement of the matrix.
type Row struct {
	ID      string   // "add-column.constant-default": the family and the variant
	SQL     string   // one statement, without a semicolon
	Targets []string // the tables that it is about; they need not exist
	// Setup is run before, beyond the fixture, and committed: what was there when the statement came.
	Setup string
	// Session is run before in the same session: settings that decide.
	Session string
	// Since is the first major version that knows the statement; 0 means all.
	Since int
}

// Family is the part of the identity before the first dot.
func (r Row) Family() string {
	family, _, _ := strings.Cut(r.ID, ".")
	return family
}

// On says whether a major version knows the statement.
func (r Row) On(major int) bool { return major >= r.Since }

//go:embed postgres.sql
var postgresRows string

//go:embed postgres_fixture.sql
var postgresFixture string

//go:embed mariadb.sql
var mariadbRows string

//go:embed mariadb_fixture.sql
var mariadbFixture string

// Rows returns the statements of a product in the order of their file.
func Rows(p Product) []Row { return parsed()[p] }

var parsed = sync.OnceValue(func() map[Product][]Row {
	all := map[Product][]Row{}
	for p, text := range map[Product]string{Postgres: postgresRows, MariaDB: mariadbRows} {
		rows, err := parse(text)
		if err != nil {
			panic(fmt.Sprintf("matrix: the statements of %s that are built into this program: %v", p, err))
		}
		all[p] = rows
	}
	return all
})

// Fixture returns the statements that make the schema that the rows of a product run against, with so many
// rows in each table that has any.
func Fixture(p Product, rows int) string {
	text := postgresFixture
	if p == MariaDB {
		text = mariadbFixture
	}
	return strings.ReplaceAll(text, "$ROWS", strconv.Itoa(rows))
}

// FixtureRows is the number of rows that the matrix is measured with.
func FixtureRows(p Product) int {
	if p == MariaDB {
		return 20_000 // probes must find time beside the statement
	}
	return 1000
}

// parse reads a file of statements. A statement begins with a line
//
//	--: family.variant since=12 target=t,u
//
// and may have lines --setup: and --session: before its text.
func parse(text string) ([]Row, error) {
	var rows []Row
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		at := func(problem string) error { return fmt.Errorf("line %d: %s", i+1, problem) }
		if head, ok := strings.CutPrefix(line, "--: "); ok {
			row, err := parseHead(head)
			if err != nil {
				return nil, at(err.Error())
			}
			if seen[row.ID] {
				return nil, at("a second statement is called " + row.ID)
			}
			seen[row.ID] = true
			rows = append(rows, row)
			continue
		}
		if line == "" {
			continue
		}
		if len(rows) == 0 {
			return nil, at("a statement has no line --: before it")
		}
		row := &rows[len(rows)-1]
		switch setup, ok := strings.CutPrefix(line, "--setup: "); {
		case ok:
			row.Setup = join(row.Setup, setup, ";\n")
			continue
		case strings.HasPrefix(line, "--session: "):
			row.Session = join(row.Session, strings.TrimPrefix(line, "--session: "), ";\n")
			continue
		case strings.HasPrefix(line, "--"):
			return nil, at("this comment is of no kind that is known")
		}
		row.SQL = join(row.SQL, line, "\n")
	}
	for _, row := range rows {
		if row.SQL == "" || strings.HasSuffix(row.SQL, ";") {
			return nil, fmt.Errorf("%s is no single statement without a semicolon at its end", row.ID)
		}
	}
	return rows, nil
}

func join(before, text, separator string) string {
	if before == "" {
		return text
	}
	return before + separator + text
}

func parseHead(head string) (Row, error) {
	fields := strings.Fields(head)
	if len(fields) == 0 || !strings.Contains(fields[0], ".") {
		return Row{}, fmt.Errorf("%q does not begin with family.variant", head)
	}
	row := Row{ID: fields[0]}
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "target":
			row.Targets = strings.Split(value, ",")
		case "since":
			n, err := strconv.Atoi(value)
			if err != nil {
				return Row{}, fmt.Errorf("%q is no major version", value)
			}
			row.Since = n
		default:
			return Row{}, fmt.Errorf("%q is not known", field)
		}
	}
	if len(row.Targets) == 0 {
		return Row{}, fmt.Errorf("%s has no target", row.ID)
	}
	return row, nil
}

// Digest identifies the statements of a product with their fixture: what was measured is of them while it
// stays the same.
func Digest(p Product) string {
	text := postgresRows
	if p == MariaDB {
		text = mariadbRows
	}
	sum := sha256.Sum256([]byte(Fixture(p, FixtureRows(p)) + "\x00" + text))
	return hex.EncodeToString(sum[:8])
}

// digest identifies one row with its fixture.
func (r Row) digest(p Product) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{Fixture(p, FixtureRows(p)), r.ID, r.SQL, r.Setup, r.Session, strings.Join(r.Targets, ",")}, "\x00")))
	return hex.EncodeToString(sum[:8])
}
