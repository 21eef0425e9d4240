package mysql

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// as opens the server under another account, without a password.
func as(t *testing.T, account string) *Database {
	t.Helper()
	raw, err := url.Parse(serverURL(t))
	if err != nil {
		t.Fatal(err)
	}
	raw.User = url.User(account)
	u, err := database.Parse(raw.String())
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), u, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// A table of which the account sees some columns only says so, and so does a database of which it sees
// some tables only.
func TestRights(t *testing.T) {
	root := open(t)
	run(t, root, "DROP TABLE IF EXISTS test.seen, test.unseen", "CREATE TABLE test.seen (a INT, b INT, v INT, PRIMARY KEY (a, b))", "CREATE TABLE test.unseen (id INT PRIMARY KEY)")
	for account, c := range map[string]struct {
		grants   []string
		hidden   bool
		columns  string
		unlisted bool
	}{
		"columns":  {[]string{"SELECT (a, v) ON test.seen"}, true, "a v", true},
		"writer":   {[]string{"SELECT (a) ON test.seen", "INSERT ON test.seen"}, true, "a b v", true},
		"table":    {[]string{"SELECT ON test.seen"}, false, "a b v", true},
		"database": {[]string{"SELECT ON test.*"}, false, "a b v", false},
		"pattern":  {[]string{"SELECT, INSERT ON `te_t`.*"}, false, "a b v", false},
		"other":    {[]string{"SELECT ON test.seen", "SELECT ON `te\\_t`.*"}, false, "a b v", true},
		"all":      {[]string{"ALL ON *.*"}, false, "a b v", false},
	} {
		t.Run(account, func(t *testing.T) {
			user := "napkin_" + account
			run(t, root, "DROP USER IF EXISTS "+user+"@'%'", "CREATE USER "+user+"@'%'")
			for _, g := range c.grants {
				run(t, root, "GRANT "+g+" TO "+user+"@'%'")
			}
			d := as(t, user)
			tab, err := d.Table(t.Context(), dialect.TableName{Schema: "test", Name: "seen"})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, column := range tab.Columns {
				names = append(names, column.Name)
			}
			if got := strings.Join(names, " "); got != c.columns || tab.Hidden != c.hidden {
				t.Errorf("columns %s, hidden %v", got, tab.Hidden)
			}
			if key := strings.Join(tab.PrimaryKey, " "); key != "" && key != "a b" {
				t.Errorf("a part of the key counts as the key: %s", key)
			}
			if err := tab.Whole(); (err != nil) != c.hidden || err != nil && !strings.Contains(err.Error(), "GRANT SELECT ON test.seen") {
				t.Error(err)
			}
			why, err := d.Unlisted(t.Context(), "")
			if err != nil || (why != "") != c.unlisted || why != "" && !strings.Contains(why, "GRANT SELECT ON `test`.*") {
				t.Errorf("%q, %v", why, err)
			}
			list, err := d.Tables(t.Context(), "")
			if err != nil || slices.Contains(list, dialect.TableName{Schema: "test", Name: "unseen"}) == c.unlisted {
				t.Errorf("%v, %v", list, err)
			}
			if _, err := d.Table(t.Context(), dialect.TableName{Schema: "test", Name: "unseen"}); errors.Is(err, dialect.ErrNoTable) != c.unlisted {
				t.Error(err)
			}
		})
	}
}

// A snapshot locks all tables for a moment, for which an account needs a right of its own.
func TestSnapshotNeedsReload(t *testing.T) {
	root := open(t)
	run(t, root, "DROP USER IF EXISTS napkin_reader@'%'", "CREATE USER napkin_reader@'%'", "GRANT SELECT ON test.* TO napkin_reader@'%'")
	_, _, err := as(t, "napkin_reader").Snapshot(t.Context())
	if !errors.Is(err, dialect.ErrNoSnapshot) || !strings.Contains(err.Error(), "GRANT RELOAD ON *.*") {
		t.Error(err)
	}
}
