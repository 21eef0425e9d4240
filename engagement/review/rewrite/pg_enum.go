package rewrite

import "strings"

func enumList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = literal(v)
	}
	return strings.Join(quoted, ", ")
}

// without returns the values but one.
func (e Enum) without(value string) []string {
	var out []string
	for _, v := range e.Values {
		if v != value {
			out = append(out, v)
		}
	}
	return out
}

// using is the expression of the new value of a column, as text.
func (c DropEnumValue) using(col string) string { return c.text(col) + "::" + c.Type.String() }

func (c DropEnumValue) text(col string) string {
	if c.Instead == "" {
		return quote(col) + "::text"
	}
	return "CASE " + quote(col) + "::text WHEN " + literal(c.Value) + " THEN " + literal(c.Instead) + " ELSE " + quote(col) + "::text END"
}

// newDefault is the default of a column under the new type: the server writes one of an enumerated type as
// a constant with a cast, 'a'::mood.
func (c DropEnumValue) newDefault(old string) string {
	value, _, _ := strings.Cut(old, "'::")
	value = strings.TrimPrefix(value, "'")
	if strings.ReplaceAll(value, "''", "'") == c.Value {
		return literal(c.Instead)
	}
	return "'" + value + "'"
}
