package repair

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// objection says what may refuse a value that a column gets for a while: NULL, or a placeholder. Empty when
// nothing is known to.
func (p *Plan) objection(t *table, field int, null bool) string {
	column := t.fields[field].Column.Name
	for _, c := range p.around.Checks {
		if p.same(c.Table, t) && t.checks(&c, column) && !(null && strict(c.Text)) {
			of := ""
			if c.Name != "" {
				of = " " + c.Name
			}
			return "the CHECK constraint" + of + " may refuse another value of " + column
		}
	}
	if null {
		for _, c := range t.rel.Table.Columns {
			if c.Generated && c.NotNull && (c.Default == "" || names(c.Default, column)) {
				return "the generated column " + c.Name + ", which is NOT NULL, may follow from " + column
			}
		}
		return ""
	}
	for _, g := range p.around.Triggers {
		if g.Update && p.same(g.Table, t) {
			return "the trigger " + g.Name + " may refuse another value of " + column
		}
	}
	return ""
}

// checks says whether a constraint looks at a column. What a generated column is made of is not known.
func (t *table) checks(c *dialect.Check, column string) bool {
	if c.Column != "" {
		return c.Column == column
	}
	return names(c.Text, column) || slices.ContainsFunc(t.rel.Table.Columns, func(other dialect.Column) bool {
		return other.Generated && names(c.Text, other.Name)
	})
}

// names says whether an expression has a word.
func names(text, word string) bool {
	return slices.ContainsFunc(sqlTokens(text), func(k sqlToken) bool {
		return (k.kind == sqlWord || k.kind == sqlName) && strings.EqualFold(k.text, word)
	})
}

// strict says whether a condition that is true of a row is true or NULL, which a CHECK lets pass as well, when
// a column of it becomes NULL: operators and functions that make NULL of NULL keep it so.
func strict(text string) bool {
	tokens := sqlTokens(text)
	for i, k := range tokens {
		switch {
		case k.kind == sqlOperator && k.text == ">" && i > 0 && tokens[i-1].text == "<=": // MySQL's <=>
			return false
		case k.kind != sqlWord:
		case slices.Contains(lenient, strings.ToUpper(k.text)):
			return false
		case i+1 < len(tokens) && tokens[i+1].kind == sqlOperator && tokens[i+1].text == "(" && !slices.Contains(strictFunctions, strings.ToUpper(k.text)):
			return false
		}
	}
	return true
}

var (
	// lenient are words of conditions that make something else of NULL.
	lenient = []string{"IS", "ISNULL", "NOTNULL", "CASE", "DISTINCT", "EXISTS", "SELECT", "ROW", "XOR"}
	// strictFunctions are those that make NULL of NULL, and words that a parenthesis may follow as well.
	strictFunctions = []string{
		"CHECK", "AND", "OR", "NOT", "IN", "ANY", "ALL", "LIKE", "ILIKE", "REGEXP", "RLIKE", "GLOB", "BETWEEN", "VALUE",
		"LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH", "LOWER", "UPPER", "LCASE", "UCASE", "TRIM", "BTRIM", "LTRIM", "RTRIM",
		"SUBSTR", "SUBSTRING", "LEFT", "RIGHT", "POSITION", "STRPOS", "INSTR", "ABS", "MOD", "ROUND", "FLOOR", "CEIL", "CEILING", "SIGN",
		"JSON_VALID", "REGEXP_LIKE", "VARCHAR", "CHAR", "CHARACTER", "VARYING", "NUMERIC", "DECIMAL", "CAST", "BPCHAR",
	}
)
