package rewrite

import (
	"regexp"
	"strconv"
	"strings"
)

// aliases are the short names of types, with the names that the server prints (table 8.1 of the manual).
var aliases = map[string]string{
	"int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "decimal": "numeric",
	"varchar": "character varying", "char": "character", "bpchar": "character", "float8": "double precision", "float4": "real", "float": "double precision",
	"timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone", "timetz": "time with time zone", "time": "time without time zone",
	"varbit": "bit varying",
}

var modifier = regexp.MustCompile(`\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)`)

// canonicalType writes a type as the server prints it, as far as aliases and spaces go.
func canonicalType(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	base, args := splitType(s)
	if a, ok := aliases[base]; ok {
		base = a
	}
	if args == "" {
		return base
	}
	for _, zone := range []string{" with time zone", " without time zone"} {
		if strings.HasSuffix(base, zone) {
			return strings.TrimSuffix(base, zone) + args + zone
		}
	}
	return base + args
}

// splitType takes the modifier out of a type: "numeric(12, 2)" is "numeric" and "(12,2)".
func splitType(s string) (base, args string) {
	m := modifier.FindStringSubmatchIndex(s)
	if m == nil {
		return s, ""
	}
	args = "(" + s[m[2]:m[3]]
	if m[4] >= 0 {
		args += "," + s[m[4]:m[5]]
	}
	return strings.TrimSpace(s[:m[0]] + s[m[1]:]), args + ")"
}

// catalogOnly returns whether values of one type are values of the other as they stand, so that the change writes
// neither table nor indexes: a longer or no limit of length, more digits before the point.
func catalogOnly(from, to string) bool {
	fromBase, fromArgs := splitType(canonicalType(from))
	toBase, toArgs := splitType(canonicalType(to))
	a, b := numbers(fromArgs), numbers(toArgs)
	text := func(s string) bool { return s == "text" || s == "character varying" }
	switch {
	case text(fromBase) && text(toBase):
		return len(b) == 0 || len(a) == 1 && fromBase == toBase && b[0] >= a[0]
	case fromBase == "numeric" && toBase == "numeric":
		if len(b) == 0 {
			return true
		}
		scale := func(n []int) int {
			if len(n) == 2 {
				return n[1]
			}
			return 0
		}
		return len(a) > 0 && b[0] >= a[0] && scale(a) == scale(b)
	case fromBase == "bit varying" && toBase == "bit varying":
		return len(b) == 0 || len(a) == 1 && b[0] >= a[0]
	}
	return false
}

func numbers(args string) []int {
	var out []int
	for _, f := range strings.FieldsFunc(args, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}
