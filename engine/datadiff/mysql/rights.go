package mysql

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// hidden says whether the account may not read all columns of a table. information_schema leaves out
// what it may not, without a word.
func (d *Database) hidden(ctx context.Context, name dialect.TableName) (bool, error) {
	_, err := d.ask(ctx, "SELECT * FROM "+quoteTable(name)+" LIMIT 0")
	var my *mysql.MyError
	if errors.As(err, &my) && (my.Code == errTableDenied || my.Code == errColumnDenied) {
		return true, nil
	}
	return false, err
}

// Unlisted implements [dialect.Database]. information_schema lists the tables on which the account has any
// right, which are all where it may read the whole database.
func (d *Database) Unlisted(ctx context.Context, schema string) (why string, err error) {
	schema, err = d.inSchema(schema)
	if err != nil {
		return "", err
	}
	rows, err := d.ask(ctx, "SHOW GRANTS")
	if err != nil {
		return "", explain("ask for the rights of the account", err)
	}
	all := false
	for _, r := range rows {
		all = all || grantsSelect(r[0].text, schema)
		if strings.HasPrefix(r[0].text, "REVOKE ") { // a part of a right on everything, taken back
			all = false
			break
		}
	}
	if all {
		return "", nil
	}
	return "this account may not read the whole database " + schema + ": tables on which it has no right are neither listed nor compared. GRANT SELECT ON " + quote(schema) + ".* shows them", nil
}

// grant is a line of SHOW GRANTS about everything, or a database that may be a pattern.
var grant = regexp.MustCompile("^GRANT (.*) ON (?:(\\*)|[`\"](.*)[`\"])\\.\\* TO ")

// grantsSelect says whether a line of SHOW GRANTS gives the right to read all tables of a database.
func grantsSelect(line, schema string) bool {
	m := grant.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	reads := false
	for right := range strings.SplitSeq(m[1], ",") {
		right = strings.TrimSpace(right)
		reads = reads || right == "SELECT" || right == "ALL PRIVILEGES" || right == "ALL"
	}
	return reads && (m[2] == "*" || matches(strings.ReplaceAll(m[3], "``", "`"), schema))
}

// matches says whether the name of a database fits that of a grant, in which _ and % are wildcards unless
// a backslash stands before them.
func matches(pattern, name string) bool {
	var sb strings.Builder
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			sb.WriteString(regexp.QuoteMeta(string(c)))
			escaped = false
		case c == '\\':
			escaped = true
		case c == '%':
			sb.WriteString(".*")
		case c == '_':
			sb.WriteString(".")
		default:
			sb.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	ok, err := regexp.MatchString("(?s)^"+sb.String()+"$", name)
	return err == nil && ok
}
