package rewrite

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// Name is the name of a table, index or type as the catalog holds it: not quoted, letters as they are.
// An empty schema means the search path of the session, or the database of the connection.
type Name struct{ Schema, Name string }

// String returns the name as PostgreSQL wants it, quoted where it must be.
func (n Name) String() string {
	if n.Schema == "" {
		return quote(n.Name)
	}
	return quote(n.Schema) + "." + quote(n.Name)
}

// beside returns a name in the schema of n.
func (n Name) beside(name string) Name { return Name{n.Schema, name} }

// quote returns an identifier for PostgreSQL, quoted unless it is a plain word that is not reserved.
func quote(s string) string {
	plain := s != ""
	for i, r := range s {
		plain = plain && (r >= 'a' && r <= 'z' || r == '_' || i > 0 && r >= '0' && r <= '9')
	}
	if plain && !reserved[s] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// literal returns a string constant; the session has standard_conforming_strings on.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// maxIdentifier is the length in bytes at which PostgreSQL cuts names (NAMEDATALEN - 1).
const maxIdentifier = 63

// derive returns a name of at most 63 bytes made of parts. A long one is cut and ends in a hash of the
// whole, so that two of them stay apart and the same parts give the same name.
func derive(parts ...string) string {
	whole := strings.Join(parts, "_")
	if len(whole) <= maxIdentifier {
		return whole
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(whole))
	tail := fmt.Sprintf("_%08x", h.Sum32())
	cut := maxIdentifier - len(tail)
	for cut > 0 && whole[cut]&0xc0 == 0x80 { // not inside a character
		cut--
	}
	return whole[:cut] + tail
}

// reserved are the words that PostgreSQL 11 to 18 do not take as the name of a column or table without
// quotes (appendix C of the manual: reserved, and reserved but usable as function or type).
var reserved = words(`all analyse analyze and any array as asc asymmetric authorization binary both case cast
	check collate collation column concurrently constraint create cross current_catalog current_date
	current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do
	else end except false fetch for foreign freeze from full grant group having ilike in initially inner
	intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull
	null offset on only or order outer overlaps placing primary references returning right select session_user
	similar some symmetric system_user table tablesample then to trailing true union unique user using variadic
	verbose when where window with
	between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
	integer interval least national nchar none normalize nullif numeric out overlay position precision real row
	setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists
	xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable json json_array json_arrayagg json_exists
	json_object json_objectagg json_query json_scalar json_serialize json_table json_value merge_action`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
