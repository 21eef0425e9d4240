package indexing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Grows reports whether a table is likely to grow with use: it is not a list that people keep by hand
// (types, roles, settings) and not a tool's own. Rows given by the user decide first.
func Grows(p *rule.Pass, t *schema.Table) bool {
	return !t.View && p.Grows(t.Name)
}

// rowsOf is the number of rows of a table: given by the user, or guessed.
func rowsOf(p *rule.Pass, table string) float64 {
	if p.Cost != nil {
		if rows, ok := p.Cost.Rows[strings.ToLower(schema.Unquote(table))]; ok {
			return rows
		}
	}
	return cardinality.Of(p.Project).Table(table).Rows
}

// Few reports whether a column has few distinct values, so that an index on it alone serves nothing.
func Few(c *schema.Column) bool {
	if c == nil {
		return false
	}
	switch c.Type.Name {
	case "boolean", "bool", "bit", "enum":
		return true
	case "tinyint":
		return c.Type.Size == 1
	}
	w := cardinality.Words(c.Name)
	if len(w) == 0 {
		return false
	}
	if w[0] == "is" || w[0] == "has" {
		return true
	}
	switch w[len(w)-1] {
	case "status", "state", "kind", "enabled", "active", "deleted", "hidden", "visible", "published", "visibility", "role", "level", "priority", "severity", "private", "public", "verified", "confirmed", "approved", "archived", "locked", "disabled", "default":
		return true
	case "type":
		return !strings.HasSuffix(strings.ToLower(c.Name), "content_type")
	}
	// An enumeration of Prisma or PostgreSQL is a type that no product has.
	return !plainType[c.Type.Name] && !c.Type.Array && c.Type.Name != "" && !strings.Contains(c.Type.Name, "(")
}

// Mark reports whether a column says that a row is gone or set aside: nearly all rows that are searched
// have NULL in it.
func Mark(c *schema.Column) bool {
	w := cardinality.Words(c.Name)
	if len(w) == 0 || c.NotNull {
		return false
	}
	switch w[0] {
	case "deleted", "removed", "archived", "discarded", "revoked", "disabled", "trashed", "cancelled", "canceled", "suspended":
		return len(w) == 1 || w[len(w)-1] == "at" || w[len(w)-1] == "on" || w[len(w)-1] == "by"
	}
	return false
}

var plainType = map[string]bool{
	"bigint": true, "integer": true, "int": true, "smallint": true, "mediumint": true, "tinyint": true, "text": true, "varchar": true, "char": true, "uuid": true, "json": true, "jsonb": true,
	"timestamp": true, "timestamptz": true, "timestamp with time zone": true, "datetime": true, "date": true, "time": true, "timetz": true, "interval": true, "decimal": true, "numeric": true, "float": true, "double": true, "real": true,
	"double precision": true, "money": true, "bytea": true, "blob": true, "binary": true, "varbinary": true, "longtext": true, "mediumtext": true, "tinytext": true, "longblob": true, "mediumblob": true,
	"inet": true, "cidr": true, "macaddr": true, "citext": true, "hstore": true, "tsvector": true, "ltree": true, "point": true, "geometry": true, "geography": true, "nvarchar": true, "nchar": true,
	"datetime2": true, "datetimeoffset": true, "year": true, "string": true, "number": true, "varchar2": true, "clob": true, "int4range": true, "int8range": true, "tstzrange": true, "tsrange": true, "daterange": true, "numrange": true,
	"vector": true, "xml": true, "oid": true, "name": true, "uniqueidentifier": true, "character": true, "serial": true, "bigserial": true,
}
