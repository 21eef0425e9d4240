package indexing

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// fewRows are last words of names of tables that people fill by hand.
var fewRows = map[string]bool{
	"settings": true, "setting": true, "configs": true, "config": true, "configurations": true, "configuration": true,
	"types": true, "type": true, "kinds": true, "kind": true, "statuses": true, "roles": true, "role": true, "permissions": true, "permission": true,
	"categories": true, "category": true, "plans": true, "plan": true, "countries": true, "country": true, "currencies": true, "currency": true,
	"languages": true, "locales": true, "timezones": true, "features": true, "feature": true, "flags": true, "flag": true, "themes": true, "migrations": true,
	"options": true, "units": true, "levels": true, "templates": true, "tiers": true, "flipper": true, "gates": true, "regions": true, "states": true, "lock": true,
	"servers": true, "environments": true, "sites": true, "providers": true, "pages": true, "menus": true, "banners": true, "faqs": true,
}

// bookkeeping are tables of migration tools and frameworks.
var bookkeeping = map[string]bool{
	"schema_migrations": true, "ar_internal_metadata": true, "migrations": true, "_prisma_migrations": true, "flyway_schema_history": true, "goose_db_version": true,
	"alembic_version": true, "knex_migrations": true, "knex_migrations_lock": true, "sequelizemeta": true, "django_migrations": true, "django_content_type": true,
	"databasechangelog": true, "databasechangeloglock": true, "schema_version": true, "django_site": true, "typeorm_metadata": true,
}

const handful = 1000 // rows of a table below which an index changes little

// Grows reports whether a table is likely to grow with use: it is not a list that people keep by hand
// (types, roles, settings) and not a tool's own. Rows given by the user or told by the code decide
// first.
func Grows(p *rule.Pass, t *schema.Table) bool {
	if t.View || bookkeeping[schema.Key(t.Name)] {
		return false
	}
	if p.Cost != nil {
		if rows, ok := p.Cost.Rows[strings.ToLower(t.Name)]; ok {
			return rows >= handful
		}
		if p.Cost.TableHint != nil {
			if rows, _, ok := p.Cost.TableHint(t.Name); ok {
				return rows >= handful
			}
		}
	}
	words := Words(t.Name)
	if len(words) == 0 {
		return true
	}
	return !fewRows[words[len(words)-1]]
}

// Words splits an identifier at underscores, dots and changes of case, in lower case.
func Words(name string) []string {
	var out []string
	var sb strings.Builder
	flush := func() {
		if sb.Len() > 0 {
			out = append(out, strings.ToLower(sb.String()))
			sb.Reset()
		}
	}
	prevLower := false
	runes := []rune(schema.Unquote(name))
	for i, r := range runes {
		switch {
		case r == '_' || r == '.' || r == ' ' || r == '-' || r == '"':
			flush()
			prevLower = false
			continue
		case r >= 'A' && r <= 'Z':
			if prevLower || i > 0 && i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z' {
				flush()
			}
			prevLower = false
		default:
			prevLower = true
		}
		sb.WriteRune(r)
	}
	flush()
	return out
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
	w := Words(c.Name)
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

var plainType = map[string]bool{
	"bigint": true, "integer": true, "int": true, "smallint": true, "mediumint": true, "tinyint": true, "text": true, "varchar": true, "char": true, "uuid": true, "json": true, "jsonb": true,
	"timestamp": true, "timestamptz": true, "timestamp with time zone": true, "datetime": true, "date": true, "time": true, "timetz": true, "interval": true, "decimal": true, "numeric": true, "float": true, "double": true, "real": true,
	"double precision": true, "money": true, "bytea": true, "blob": true, "binary": true, "varbinary": true, "longtext": true, "mediumtext": true, "tinytext": true, "longblob": true, "mediumblob": true,
	"inet": true, "cidr": true, "macaddr": true, "citext": true, "hstore": true, "tsvector": true, "ltree": true, "point": true, "geometry": true, "geography": true, "nvarchar": true, "nchar": true,
	"datetime2": true, "datetimeoffset": true, "year": true, "string": true, "number": true, "varchar2": true, "clob": true, "int4range": true, "int8range": true, "tstzrange": true, "tsrange": true, "daterange": true, "numrange": true,
	"vector": true, "xml": true, "oid": true, "name": true, "uniqueidentifier": true, "character": true, "serial": true, "bigserial": true,
}
