package database

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "a file: of mine.db")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text string
		kind       Kind
		shown      string
		local      bool
	}{
		{"PostgreSQL", "postgres://ann@db.example:5432/shop", Postgres, "postgres://ann@db.example:5432/shop", false},
		{"PostgreSQL's other scheme, in capitals", "PostgreSQL://localhost/shop", Postgres, "postgresql://localhost/shop", true},
		{"PostgreSQL over IPv6", "postgres://ann@[::1]:5433/shop", Postgres, "postgres://ann@[::1]:5433/shop", true},
		{"PostgreSQL over foreign IPv6", "postgres://[2001:db8::1]/shop", Postgres, "postgres://[2001:db8::1]/shop", false},
		{"PostgreSQL's socket", "postgres:///shop?host=/var/run/postgresql", Postgres, "postgres:///shop?host=/var/run/postgresql", true},
		{"PostgreSQL's host as a parameter", "postgres:///shop?host=db.example", Postgres, "postgres:///shop?host=db.example", false},
		{"a password", "postgres://ann:s3cret@127.0.0.1/shop", Postgres, "postgres://ann:xxxxx@127.0.0.1/shop", true},
		{"an escaped password", "mysql://ann:s%403%2Fcret@db.example/shop", MySQL, "mysql://ann:xxxxx@db.example/shop", false},
		{"a password with an @", "postgres://ann:s3@cret@127.0.0.1/shop", Postgres, "postgres://ann:xxxxx@127.0.0.1/shop", true},
		{"hosts of PostgreSQL, one of them far", "postgres://localhost:1,db.example:2/shop", Postgres, "postgres://localhost:1,db.example:2/shop", false},
		{"hosts of PostgreSQL, all near", "postgres://localhost:1,127.0.0.1:2/shop", Postgres, "postgres://localhost:1,127.0.0.1:2/shop", true},
		{"a password as a parameter", "postgres://ann@db.example/shop?sslmode=require&password=s3cret", Postgres, "postgres://ann@db.example/shop?sslmode=require&password=xxxxx", false},
		{"a password as an escaped parameter", "postgres://db.example/shop?p%61ssword=s3cret", Postgres, "postgres://db.example/shop?p%61ssword=xxxxx", false},
		{"MySQL without a user", "mysql://localhost/shop", MySQL, "mysql://localhost/shop", true},
		{"MariaDB", "mariadb://ann@127.0.0.2:3307/shop?tls=true", MySQL, "mariadb://ann@127.0.0.2:3307/shop?tls=true", true},
		{"MySQL's socket", "mysql://ann@db.example/shop?socket=/run/mysqld/mysqld.sock", MySQL, "mysql://ann@db.example/shop?socket=/run/mysqld/mysqld.sock", true},
		{"MySQL over IPv6", "mysql://ann@[::1]:3306/shop", MySQL, "mysql://ann@[::1]:3306/shop", true},
		{"SQLite, relative", "sqlite:relative.db", SQLite, "sqlite:relative.db", true},
		{"SQLite, absolute", "sqlite:///abs/path.db", SQLite, "sqlite:/abs/path.db", true},
		{"SQLite with spaces, escapes and question marks", "sqlite:my files/50%20 what?.db", SQLite, "sqlite:my files/50%20 what?.db", true},
		{"SQLite as a file", "file:x.db", SQLite, "sqlite:x.db", true},
		{"a file that is there", plain, SQLite, "sqlite:" + plain, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("PGHOST", "")
			u, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if u.Kind != test.kind || u.String() != test.shown || u.Local() != test.local {
				t.Errorf("%s %s, local %v; want %s %s, local %v", u.Kind, u, u.Local(), test.kind, test.shown, test.local)
			}
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
				if shown := fmt.Sprintf(verb, u); strings.Contains(shown, "cret") {
					t.Errorf("%s shows the password: %s", verb, shown)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, says string }{
		{"nothing", "", "write postgres://"},
		{"an unknown scheme", "oracle://ann:s3cret@db.example/shop", "oracle:// are not known"},
		{"a file that is not there", "no/such/file.db", "nor a file that is there"},
		{"key words of libpq", "host=db.example password=s3cret", "names no database"},
		{"one slash", "postgres:/shop", "two slashes"},
		{"no slashes", "mysql:ann:s3cret@db.example/shop", "two slashes"},
		{"a / in a password", "mysql://ann:12/s3cret@db.example/shop", "%2F for /"},
		{"a # in a password", "postgres://ann:12#s3cret@db.example/shop", "%23 for #"},
		{"a ? in a password", "postgres://ann:12?s3cret@db.example/shop", "%3F for ?"},
		{"a % in a password", "postgres://ann:12%s3cret@db.example/shop", "%25 for %"},
		{"a & in a password", "postgres://db.example/shop?password=a&s3cret", "%26"},
		{"parameters with ;", "mysql://ann@db.example/shop?password=a;s3cret", "%3B"},
		{"a misspelt parameter of MySQL", "mysql://db.example/shop?tsl=true", `"tsl"`},
		{"SQLite without a file", "sqlite:", "names no file"},
		{"SQLite in memory", "sqlite::memory:", "in memory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u, err := Parse(test.text)
			if err == nil {
				t.Fatalf("was read as %s", u)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "cret") {
				t.Errorf("says %q, want %q in it and no password", err, test.says)
			}
		})
	}
}

func TestCleanHidesEachForm(t *testing.T) {
	const password = "p@ss/ wörd"
	u, err := Parse("postgres://ann:" + url.PathEscape("other pass") + "@db.example/shop?password=" + url.QueryEscape(password))
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no " + password + ", " + url.QueryEscape(password) + ", " + url.PathEscape(password) + ", " + url.UserPassword("u", password).String() + ", other pass, u:2@h of 28000")
	got := u.clean(cause, "2")
	if want := "no xxxxx, xxxxx, xxxxx, u:xxxxx, xxxxx, u:xxxxx@h of 28000"; got.Error() != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(got, cause) {
		t.Error("the cause is lost")
	}
}

func TestZeroURL(t *testing.T) {
	var u URL
	if u.String() != "" || u.Local() {
		t.Errorf("%q, local %v", u, u.Local())
	}
	for name, open := range map[string]func() error{
		"PostgreSQL": func() error { _, err := OpenPostgres(t.Context(), u, Options{}); return err },
		"MySQL":      func() error { _, err := OpenMySQL(t.Context(), u, Options{}); return err },
		"SQLite":     func() error { _, err := OpenSQLite(t.Context(), u, Options{}); return err },
	} {
		if err := open(); err == nil {
			t.Errorf("%s opened the zero URL", name)
		}
	}
}

// FuzzParse holds that foreign text does no harm.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"postgres://ann:s3cret@[::1]:1,b/shop?host=a,b", "mysql://db.example/shop?password=a%40b&tls=true", "sqlite:a b?.db", "file://host/x", "postgres://%zz"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text)
		if err != nil {
			return
		}
		_ = u.Local()
		_ = u.clean(errors.New(text)).Error()
		if u.String() == "" {
			t.Errorf("%q is shown as nothing", text)
		}
	})
}

// FuzzMask holds that what is shown of a URL, or of the error that refuses it, is the same for all passwords.
func FuzzMask(f *testing.F) {
	for _, password := range []string{"s3cret", "a%40b", "12/34", "1#2?3", "a@b", "a:b", "%zz", "a&b", "a;b", "+ ", ""} {
		f.Add(password)
	}
	f.Fuzz(func(t *testing.T, password string) {
		for _, scheme := range []string{"postgres", "mysql"} {
			for _, around := range [][2]string{{"://ann:", "@db.example/shop"}, {"://ann@db.example/shop?password=", ""}} {
				if around[1] == "" && strings.Contains(password, "&") && strings.Contains(password, "=") {
					continue // another parameter, as far as one can know
				}
				u, err := Parse(scheme + around[0] + password + around[1])
				if err == nil && u.String() != scheme+around[0]+masked+around[1] {
					t.Errorf("shown as %s", u)
				}
				// Errors are fixed sentences, which may hold a short password by chance.
				if err != nil && len(password) > 12 && strings.Contains(err.Error(), password) {
					t.Errorf("the error shows the password: %v", err)
				}
			}
		}
	})
}
