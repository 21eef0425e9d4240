package database

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
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

// URL names a database. Get one from [Parse]. It may hold a password: print it with String only, as all
// verbs of fmt do.
type URL struct {
	Kind Kind
	// Path is the file of a SQLite database, as the operating system knows it.
	Path string
	raw  *url.URL
}

// Parse reads a URL:
//
//	postgres://user@host:5432/name   also postgresql://; parameters as libpq knows them
//	mysql://user@host:3306/name      also mariadb://; ?tls=true|skip-verify|false, ?socket=PATH, ?password=
//	sqlite:relative.db               also sqlite3: and file:; taken literally, no escapes
//	sqlite:///absolute/path.db
//
// A file that is there, without a scheme, is a SQLite database.
func Parse(s string) (URL, error) {
	if info, err := os.Stat(s); err == nil && info.Mode().IsRegular() {
		return URL{Kind: SQLite, Path: s}, nil
	}
	scheme, rest, ok := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	switch scheme {
	case "sqlite", "sqlite3", "file":
		if ok {
			return parseSQLite(scheme, rest)
		}
	case "postgres", "postgresql":
		if ok {
			return parseServer(Postgres, s)
		}
	case "mysql", "mariadb":
		if ok {
			return parseServer(MySQL, s)
		}
	}
	const known = "write postgres://user@host/name, mysql://user@host/name or sqlite:FILE"
	if ok && isScheme(scheme) && strings.HasPrefix(rest, "//") {
		return URL{}, fmt.Errorf("databases of %s:// are not known; %s", scheme, known)
	}
	// What is not understood may hold a password, for example in the form of libpq's key words.
	if strings.ContainsAny(s, "@=") {
		return URL{}, fmt.Errorf("the text names no database; %s", known)
	}
	return URL{}, fmt.Errorf("%q is neither a URL of a database nor a file that is there; %s", s, known)
}

func isScheme(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}

func parseSQLite(scheme, rest string) (URL, error) {
	path := strings.TrimPrefix(rest, "//")
	switch {
	case path == "":
		return URL{}, fmt.Errorf("%q names no file; write sqlite:FILE", scheme+":"+rest)
	case strings.ContainsRune(path, 0):
		return URL{}, errors.New("the path of a SQLite database holds a zero byte")
	case path == ":memory:":
		return URL{}, errors.New("a SQLite database in memory is seen by its own process only; write sqlite:FILE")
	}
	return URL{Kind: SQLite, Path: path}, nil
}

func parseServer(kind Kind, s string) (URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The error of net/url quotes the whole text, password included.
		return URL{}, fmt.Errorf("the %s URL cannot be read; in user names and passwords write %%40 for @, %%2F for /, %%3A for :, %%25 for %%", kind)
	}
	if u.Opaque != "" || !strings.HasPrefix(s[len(u.Scheme):], "://") {
		return URL{}, fmt.Errorf("the %s URL needs two slashes: %s://user@host/name", kind, kind)
	}
	// A password with /, # or ? in it is cut there, and its end is no longer in the place that is masked.
	_, rest, _ := strings.Cut(s, "://")
	if i := strings.IndexAny(rest, "/?#"); u.Fragment != "" || i >= 0 && strings.Contains(rest[i:], "@") {
		return URL{}, fmt.Errorf("the %s URL holds a #, or an @ after the host; in user names and passwords write %%2F for /, %%23 for #, %%3F for ?, and elsewhere %%40 for @", kind)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return URL{}, fmt.Errorf("the parameters of the %s URL cannot be read; write %%26 for &, %%25 for %%, %%3B for ; in their values", kind)
	}
	// A password with & in it is cut there too.
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if u.RawQuery != "" && !strings.Contains(pair, "=") {
			return URL{}, fmt.Errorf("a parameter of the %s URL has no value; write %%26 for & in values", kind)
		}
	}
	if kind == MySQL {
		for key := range query {
			// A misspelt tls must not end in a connection without it.
			if key != "tls" && key != "socket" && key != "password" {
				return URL{}, fmt.Errorf("the mysql URL has the parameter %q; known are tls, socket and password", key)
			}
		}
	}
	return URL{Kind: kind, raw: u}, nil
}

// masked stands where a password stood.
const masked = "xxxxx"

// secrets are the parameters of URLs that are not shown.
var secrets = map[string]bool{"password": true, "sslpassword": true, "passwd": true, "pwd": true}

// String prints the URL with its passwords masked, those in parameters too. It is empty for the zero URL.
func (u URL) String() string {
	switch {
	case u.Kind == SQLite:
		return "sqlite:" + u.Path
	case u.raw == nil:
		return ""
	}
	shown := *u.raw
	if shown.Host == "" && shown.Path == "" {
		shown.Path = "/" // else the two slashes go
	}
	if _, ok := shown.User.Password(); ok {
		shown.User = url.UserPassword(shown.User.Username(), masked)
	}
	var pairs []string
	for pair := range strings.SplitSeq(shown.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err != nil || secrets[strings.ToLower(name)] {
			pair = key + "=" + masked
		}
		pairs = append(pairs, pair)
	}
	shown.RawQuery = strings.Join(pairs, "&")
	return shown.String()
}

// GoString keeps the password out of %#v.
func (u URL) GoString() string { return fmt.Sprintf("database.URL(%q)", u.String()) }

// Local says whether the database is on this machine: a loopback address, a Unix socket, or a file.
func (u URL) Local() bool {
	if u.raw == nil {
		return u.Kind == SQLite
	}
	query := u.raw.Query()
	hosts := []string{u.raw.Hostname()}
	switch u.Kind {
	case MySQL:
		if query.Get("socket") != "" {
			return true
		}
	case Postgres:
		// libpq takes the parameters over the authority, and a list of hosts in either.
		list := u.raw.Host
		if port := u.raw.Port(); port != "" {
			list = strings.TrimSuffix(list, ":"+port)
		}
		for _, parameter := range []string{"host", "hostaddr"} {
			if h := query.Get(parameter); h != "" {
				list = h
			}
		}
		if list == "" {
			list = os.Getenv("PGHOST")
		}
		hosts = strings.Split(list, ",")
	}
	for _, host := range hosts {
		if !localHost(host) {
			return false
		}
	}
	return true
}

func localHost(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") { // a socket
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// password returns the password of the URL, if it holds one.
func (u URL) password() string {
	if password, ok := u.raw.User.Password(); ok {
		return password
	}
	return u.raw.Query().Get("password")
}
