package rewrite

import "strings"

// mysql builds the recipes of MySQL and MariaDB.
type mysql struct {
	Facts
	o Options
}

func (m mysql) build(c Change) (Recipe, error) { return refuse("There is no recipe for %T.", c) }

// mysqlQuote returns an identifier in backquotes.
func mysqlQuote(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

func mysqlName(n Name) string {
	if n.Schema == "" {
		return mysqlQuote(n.Name)
	}
	return mysqlQuote(n.Schema) + "." + mysqlQuote(n.Name)
}
func mysqlNotNull(col Column) string { return col.Definition }
func mysqlIndex(i Index) string      { return i.Name }
