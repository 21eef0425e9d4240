package offer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// A recipe runs in sessions of its own, in which a SET search_path of the migration does not hold. So names are written with
// the schema in which the migration finds them, and text that is carried over as it stands must mean the same anywhere.

// schemaOf returns the schema of a relation whose name stands without one, or nothing where the sessions of the recipe
// find it as that of the migration does.
func (x *mapping) schemaOf(name string) string {
	if !x.postgres() {
		return ""
	}
	path := x.st.SearchPath
	var found []string
	for _, key := range x.World.Schema().Named(strings.ToLower(name)) {
		if parts := cut(key); len(parts) == 1 {
			found = append(found, "") // public, or not said
		} else {
			found = append(found, parts[len(parts)-2])
		}
	}
	switch {
	case len(found) > 1 && len(path) > 0:
		x.unresolved = fmt.Sprintf("There are several tables %s, and the statement goes by search_path. Write the schema with the name.", name)
	case len(found) > 1:
		return ""
	case len(path) == 0 && len(found) == 1:
		return found[0]
	case len(path) == 0:
		return ""
	case len(found) == 0:
		return path[0] // where a new one is made
	case found[0] == "" && x.Catalog != nil && slices.Contains(path, "public"), found[0] == "" && len(path) == 1 && path[0] == "public":
		return "public"
	case found[0] == "" && x.Catalog == nil && len(path) == 1:
		return path[0]
	case found[0] != "" && slices.Contains(path, found[0]):
		return found[0]
	default:
		x.unresolved = fmt.Sprintf("In which schema of the search_path (%s) %s stands is not known. Write the schema with the name.", strings.Join(path, ", "), name)
	}
	return ""
}

// standing are functions and words before a parenthesis that mean the same under any search_path, because the server
// looks into pg_catalog first.
var standing = map[string]bool{}

// known are the types of which that holds, by the first word of their names.
var known = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`from on is distinct like ilike between as with by in and or not any all exists case when then else values array row cast extract over filter
		abs round ceil floor lower upper trim btrim ltrim rtrim left right substr substring position length char_length octet_length replace concat
		coalesce nullif greatest least now date_trunc date_part to_char to_date to_timestamp md5 random gen_random_uuid clock_timestamp
		count sum min max avg varchar char numeric decimal bit timestamp time nextval to_tsvector jsonb_build_object`) {
		standing[w] = true
	}
	for _, w := range strings.Fields(`int int2 int4 int8 integer bigint smallint serial bigserial smallserial boolean bool text varchar char character numeric decimal
		real float float4 float8 double date timestamp timestamptz time timetz interval uuid json jsonb bytea inet cidr macaddr money xml bit varbit tsvector oid regclass name`) {
		known[w] = true
	}
}

var (
	call = regexp.MustCompile(`("[^"]*"|[\pL_][\pL\pN_$]*)\s*\(`)
	cast = regexp.MustCompile(`::\s*("[^"]*"|[\pL_][\pL\pN_$]*)(\.)?`)
)

// elsewhere returns why text of the changes may mean something else in the sessions of the recipe, or nothing.
func (x *mapping) elsewhere(changes []rewrite.Change) string {
	if len(x.st.SearchPath) == 0 || slices.Equal(x.st.SearchPath, []string{"public"}) {
		return ""
	}
	for _, c := range changes {
		var texts, types []string
		switch c := c.(type) {
		case rewrite.AddColumn:
			texts, types = []string{c.Default}, []string{c.Type}
		case rewrite.AddGenerated:
			texts, types = []string{c.Expression}, []string{c.Type}
		case rewrite.AddCheck:
			texts = []string{c.Expression}
		case rewrite.ChangeType:
			texts, types = []string{c.Using}, []string{c.To}
		case rewrite.CreateIndex:
			texts = []string{c.Index.Where}
			for _, p := range c.Index.Parts {
				texts = append(texts, p.Expression, p.After)
			}
		case rewrite.SetDefault:
			texts = []string{c.Default}
		case rewrite.BackfillColumn:
			texts = []string{c.Set, c.Where}
		case rewrite.RenameEnumValue, rewrite.AddEnumValue:
			if len(x.st.SearchPath) > 1 {
				return "In which schema of the search_path the type stands is not known. Write the schema with the name."
			}
		}
		for _, s := range texts {
			for _, m := range call.FindAllStringSubmatch(s, -1) {
				if !standing[strings.ToLower(m[1])] {
					return notCarried(m[1])
				}
			}
			for _, m := range cast.FindAllStringSubmatch(s, -1) {
				if m[2] == "" {
					types = append(types, m[1])
				}
			}
		}
		for _, kind := range types {
			first := strings.FieldsFunc(strings.ToLower(kind)+" ", func(r rune) bool { return r == ' ' || r == '(' || r == '[' })
			if len(first) > 0 && !known[first[0]] && !strings.Contains(first[0], ".") {
				return notCarried(kind)
			}
		}
	}
	return ""
}

func notCarried(name string) string {
	return fmt.Sprintf("The statement finds %s by the search_path of the migration, which the sessions of a recipe do not have. Write its schema with the name.", name)
}
