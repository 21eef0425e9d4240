package predict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// Product is a database product as the review tells them apart: MySQL and MariaDB differ in their DDL.
type Product string

// Products.
const (
	PostgreSQL Product = "PostgreSQL"
	MySQL      Product = "MySQL"
	MariaDB    Product = "MariaDB"
)

// Server is the server that a migration is for.
type Server struct {
	Product Product
	// Major and Minor are the version: 15 and 4 of PostgreSQL 15.4, 8 and 0 of MySQL 8.0.36. Patch is the
	// third number, -1 when not known: MySQL changed its DDL between patches.
	Major, Minor, Patch int
	// MinorKnown: the minor version was said, and is not just 0 for want of one.
	MinorKnown bool
}

// Newest stands in for a version that nobody gave: the newest release that was measured or documented.
func Newest(p Product) Server {
	switch p {
	case MySQL:
		return Server{Product: MySQL, Major: 8, Minor: 4, MinorKnown: true}
	case MariaDB:
		return Server{Product: MariaDB, Major: 11, Minor: 8, Patch: -1, MinorKnown: true}
	}
	return Server{Product: PostgreSQL, Major: newestPostgres, Patch: -1}
}

// newestPostgres is the newest major version that the matrix measures; the two behind it are judged as it is.
const newestPostgres = 18

var versionForm = regexp.MustCompile(`^(?i:(postgres(?:ql)?|mysql|mariadb)[- ]?)?v?(\d+)(?:\.(\d+))?(?:\.(\d+))?`)

// ParseServer reads "15", "15.4", "mysql-8.0.36", "mariadb 10.11". Without a product that of the dialect is
// taken; a MySQL version of 10 or more is MariaDB's.
func ParseServer(text string, dialect schema.Dialect) (Server, error) {
	m := versionForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Server{}, fmt.Errorf("%q is no version of a server; write 15, 15.4, mysql-8.0.36 or mariadb-10.11", text)
	}
	s := Server{Product: PostgreSQL, Patch: -1, MinorKnown: m[3] != ""}
	s.Major, _ = strconv.Atoi(m[2])
	s.Minor, _ = strconv.Atoi(m[3])
	if m[4] != "" {
		s.Patch, _ = strconv.Atoi(m[4])
	}
	switch strings.ToLower(m[1]) {
	case "mysql":
		s.Product = MySQL
	case "mariadb":
		s.Product = MariaDB
	case "":
		if dialect == schema.MySQL {
			s.Product = MySQL
			if s.Major >= 10 {
				s.Product = MariaDB
			}
		}
	}
	if s.Product == PostgreSQL && dialect == schema.MySQL || s.Product != PostgreSQL && dialect == schema.Postgres {
		return Server{}, fmt.Errorf("the server is %s and the migrations are written for %s; give the version of the right product, or --dialect", s.Product, dialect)
	}
	if s.Product == PostgreSQL && (s.Major < 10 || s.Major > newestPostgres+2) {
		return Server{}, fmt.Errorf("PostgreSQL %d is not known here; versions 10 to %d are, and were measured from 11 on", s.Major, newestPostgres)
	}
	return s, nil
}

// String is the product with its version: "PostgreSQL 15", "MySQL 8.0.36".
func (s Server) String() string {
	if s.Product == PostgreSQL {
		return fmt.Sprintf("%s %d", s.Product, s.Major)
	}
	if s.Patch > 0 {
		return fmt.Sprintf("%s %d.%d.%d", s.Product, s.Major, s.Minor, s.Patch)
	}
	return fmt.Sprintf("%s %d.%d", s.Product, s.Major, s.Minor)
}

// AtLeast compares with a version. A patch that is not known counts as a late one.
func (s Server) AtLeast(major, minor, patch int) bool {
	if s.Major != major {
		return s.Major > major
	}
	if s.Minor != minor {
		return s.Minor > minor
	}
	return s.Patch < 0 || s.Patch >= patch
}
