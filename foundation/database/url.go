package database

import (
	"fmt"
	"net/url"
	"strings"
)

// Kind is a family of products.
type Kind string

// Kinds. MySQL stands for MariaDB too.
const (
	Postgres Kind = "postgres"
	MySQL    Kind = "mysql"
	SQLite   Kind = "sqlite"
)

// URL names a database. It may hold a password: print it with String only.
type URL struct {
	Kind Kind
	// Path is the file of a SQLite database.
	Path string
	raw  *url.URL
}

// Parse reads a URL: postgres://user@host:5432/name, mysql://user@host:3306/name, sqlite:path/to/file.
// A file that is there, without a scheme, is a SQLite database.
func Parse(s string) (URL, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return URL{}, fmt.Errorf("%q names no database; write postgres://user@host/name, mysql://user@host/name or sqlite:FILE", s)
	}
	if scheme == "sqlite" || scheme == "sqlite3" || scheme == "file" {
		path := strings.TrimPrefix(rest, "//")
		if path == "" {
			return URL{}, fmt.Errorf("%q names no file; write sqlite:FILE", s)
		}
		return URL{Kind: SQLite, Path: path}, nil
	}
	kind, known := map[string]Kind{"postgres": Postgres, "postgresql": Postgres, "mysql": MySQL, "mariadb": MySQL}[scheme]
	if !known {
		return URL{}, fmt.Errorf("databases of %q are not known; known are postgres://, mysql:// and sqlite:", scheme+":")
	}
	u, err := url.Parse(s)
	if err != nil {
		// The error of net/url quotes the whole text, password included.
		return URL{}, fmt.Errorf("the %s URL cannot be read; in user names and passwords write %%40 for @, %%2F for /, %%3A for :", scheme)
	}
	return URL{Kind: kind, raw: u}, nil
}

// String prints the URL with its password masked.
func (u URL) String() string {
	if u.Kind == SQLite {
		return "sqlite:" + u.Path
	}
	return u.raw.Redacted()
}
