package rewrite

import (
	"fmt"
	"slices"
	"strings"
)

// The plain statement converts by assignment, which refuses what does not fit, and in one session. A cast that is written
// cuts strings off, and sessions with other settings convert otherwise. So the recipe assigns, asks first whether all
// values fit, and is refused where the result depends on the session.

// textual are the types of strings.
func textual(base string) bool {
	return base == "text" || base == "character varying" || base == "character"
}

// integers are the ranges of the types of integers, from small to large.
var integers = []struct{ name, low, high string }{
	{"smallint", "-32768", "32767"}, {"integer", "-2147483648", "2147483647"}, {"bigint", "-9223372036854775808", "9223372036854775807"},
}

func integerSize(base string) int {
	return slices.IndexFunc(integers, func(i struct{ name, low, high string }) bool { return i.name == base })
}

// settingOf returns the setting of a session on which an assignment from one type to another depends, or nothing. The
// casts are those that pg_cast lists as stable, and the forms in which values are written as text.
func settingOf(from, to string) string {
	base := func(s string) string { b, _ := splitType(canonicalType(strings.TrimRight(s, "[]"))); return b }
	a, b := base(from), base(to)
	const zoned, plain = " with time zone", " without time zone"
	switch {
	case a == b:
		return ""
	case textual(a) && (b == "date" || b == "interval" || strings.HasPrefix(b, "time")):
		return "DateStyle"
	case textual(b):
		switch {
		case a == "interval":
			return "IntervalStyle"
		case a == "money":
			return "lc_monetary"
		case a == "bytea":
			return "bytea_output"
		case a == "real" || a == "double precision":
			return "extra_float_digits"
		case a == "timestamp"+zoned:
			return "TimeZone and DateStyle"
		case a == "date" || a == "timestamp"+plain:
			return "DateStyle"
		}
		return ""
	case a == "money" || b == "money":
		return "lc_monetary"
	case a == "timestamp"+zoned && (b == "date" || strings.HasPrefix(b, "time")):
		return "TimeZone"
	case b == "timestamp"+zoned && (a == "date" || a == "timestamp"+plain), a == "time"+plain && b == "time"+zoned:
		return "TimeZone"
	}
	return ""
}

// inconvertible returns why the plain statement itself cannot convert the column, or why sessions would convert it
// differently; nothing where neither is known.
func inconvertible(col Column, c ChangeType) string {
	name := column(c.Table, c.Column)
	from, _ := splitType(canonicalType(col.Type))
	to, _ := splitType(canonicalType(c.To))
	builtin := integerSize(to) >= 0 || slices.Contains([]string{"numeric", "real", "double precision", "boolean", "date", "uuid", "json", "jsonb", "bytea", "interval", "inet"}, to) || strings.HasPrefix(to, "time")
	switch {
	case textual(from) && builtin && c.Using == "":
		return fmt.Sprintf("The server does not convert %s from %s to %s by itself. Say how, with USING.", name, col.Type, c.To)
	case textual(from) && builtin && col.Default != "":
		return fmt.Sprintf("The default of %s (%s) cannot become one of %s. Drop the default first, and set the new one afterwards.", name, col.Default, c.To)
	}
	if setting := settingOf(col.Type, c.To); setting != "" && (c.Using == "" || c.castOnly()) {
		how := " There is a recipe only for a conversion that is immutable: USING an expression that depends on no setting."
		if setting == "TimeZone" {
			how = " Say the zone: USING " + quote(c.Column) + " AT TIME ZONE 'UTC', or another."
		}
		return fmt.Sprintf("From %s to %s a value is converted by the setting %s of the session, and sessions may differ: the plain statement takes one for all rows, a trigger that of each writer.%s", col.Type, c.To, setting, how)
	}
	return ""
}

// castOnly returns whether USING says the cast of the column and nothing more: "total::bigint".
func (c ChangeType) castOnly() bool {
	left, right, found := strings.Cut(c.Using, "::")
	left = strings.TrimSpace(left)
	return found && (left == quote(c.Column) || left == c.Column || left == `"`+c.Column+`"`) && canonicalType(right) == canonicalType(c.To)
}

// fits returns the question whether a value cannot be converted, or nothing where all can.
func (x *exchange) fits() []Question {
	e, t := x.kept.expression, x.name
	base, args := splitType(canonicalType(x.to))
	from, _ := splitType(canonicalType(x.old.Type))
	n := numbers(args)
	says := "Correct them first."
	where := ""
	old := quote(x.old.Name)
	a, b := integerSize(from), integerSize(base)
	switch {
	case strings.HasSuffix(base, "]"):
	case textual(base) && len(n) == 0 && base != "character" && x.simple:
		return nil
	case textual(base) && (len(n) == 1 || base == "character"):
		if len(n) == 0 {
			n = []int{1}
		}
		// Blanks beyond the length are cut off by assignment as well (SQL standard).
		where = fmt.Sprintf("rtrim(substr((%s)::text, %d), ' ') <> ''", e, n[0]+1)
		says = fmt.Sprintf("Values are longer than %s. Shorten them first: the statement refuses them.", x.to)
	case base == "bit" && from == "bit":
		where = fmt.Sprintf("length(%s) <> %d", e, max(1, sum(n)))
	case base == "bit varying" && len(n) == 1:
		where = fmt.Sprintf("length(%s) > %d", e, n[0])
	case x.simple && a >= 0 && (b >= a || base == "numeric" && len(n) == 0 || base == "real" || base == "double precision"):
		return nil
	case x.simple && a >= 0 && b >= 0:
		where = fmt.Sprintf("%s NOT BETWEEN %s AND %s", old, integers[b].low, integers[b].high)
		says = fmt.Sprintf("Values do not fit into %s. Correct them first.", x.to)
	}
	if where == "" {
		return []Question{{
			SQL:  fmt.Sprintf("SELECT count(CAST((%s) AS %s)) < 0 FROM %s", e, x.to, t),
			Says: "Some values cannot be converted. (The server then answers the question with the error of the first of them.)",
		}}
	}
	return []Question{{SQL: fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s)", t, where), Says: says}}
}

func sum(n []int) int {
	s := 0
	for _, i := range n {
		s += i
	}
	return s
}

// proveStep runs the plain statement on an empty copy of the table, a temporary one: what the server would refuse (a
// default, a check or an index that the new type cannot have, a conversion that there is not), it refuses here, before
// anything has been changed. Of an expression it asks in addition that it depends on nothing but the row, by a condition
// of an index, which must be so.
func (x *exchange) proveStep(c ChangeType) Step {
	copied := Name{"pg_temp", x.name.Name}
	marks := raise(x.marked(), fmt.Sprintf("An index of %s is its replica identity or that of CLUSTER, which the recipe was not told and would lose. Read the schema from the database (--db), or take the mark off.", x.name))
	sql := []string{marks, fmt.Sprintf("CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING ALL) ON COMMIT DROP", quote(x.name.Name), x.name)}
	if c.Using != "" && !x.enumerated(x.old.Type) && !x.enumerated(x.to) {
		sql = append(sql, fmt.Sprintf("CREATE INDEX napkin_probe ON %s ((1)) WHERE CAST((%s) AS %s) IS NULL", copied, c.Using, x.to), "DROP INDEX pg_temp.napkin_probe")
	}
	sql = append(sql, ChangeType{Table: copied, Column: c.Column, To: c.To, Using: c.Using}.plain(x.Facts)[0], "DROP TABLE "+copied.String())
	s := x.quick("prove", "Try the statement on an empty copy", "", nil, sql...)
	s.Ladder = patient()
	s.Says = "What the server would refuse, such as a default or a check that the new type cannot have, it refuses here, before anything is changed. An expression must depend on nothing but the row (be immutable)."
	return s
}

// enumerated returns whether a type is an enumerated one that is known. Its values are written as text by functions that are
// not immutable only because a value may be renamed.
func (x *exchange) enumerated(kind string) bool {
	return slices.ContainsFunc(x.Enums, func(e Enum) bool {
		return kind == e.Name.String() || kind == e.Name.Name || kind == quote(e.Name.Name)
	})
}

// incomparable returns the foreign key, in a sentence, whose other side cannot be compared with the new type.
func (x *exchange) incomparable() string {
	old, _ := x.keys()
	for _, k := range old {
		for i := range k.Columns {
			if i >= len(k.ToColumns) {
				return fmt.Sprintf("The columns to which the foreign key %s refers are not known. Give the schema.", k.Name)
			}
			mine := k.Table == x.t.Name && k.Columns[i] == x.old.Name
			theirs := k.To == x.t.Name && k.ToColumns[i] == x.old.Name
			if mine == theirs {
				continue
			}
			table, name := k.To, k.ToColumns[i]
			if theirs {
				table, name = k.Table, k.Columns[i]
			}
			t, _ := x.Table(table)
			col, known := t.Column(name)
			if !known {
				return fmt.Sprintf("The type of %s, at the other end of the foreign key %s, is not known. Give the schema.", column(table, name), k.Name)
			}
			if comparedAs(col.Type) != comparedAs(x.to) {
				return fmt.Sprintf("The foreign key %s would compare %s with %s of type %s, which the server refuses. Drop the key first, and change both columns.", k.Name, x.to, column(table, name), col.Type)
			}
		}
	}
	return ""
}

// comparedAs returns a name for the types that can be compared with a type by equality in an index.
func comparedAs(kind string) string {
	base, _ := splitType(canonicalType(kind))
	switch {
	case integerSize(base) >= 0 || base == "numeric":
		return "number"
	case textual(base):
		return "text"
	case base == "date" || strings.HasPrefix(base, "timestamp"):
		return "moment"
	}
	return base
}

// readAgain returns what makes the server read or build more than the catalog when a column gets a type that holds its
// values as they are: it compares no expressions and conditions, and builds such indexes anew under the lock
// (CheckIndexCompatible in indexcmds.c), and it reads all rows for a CHECK. Nothing means that the catalog is all.
func (t Table) readAgain(col Column) string {
	x := exchange{t: t, old: col}
	for _, i := range t.Indexes {
		expression := slices.ContainsFunc(i.Parts, func(p Part) bool { return p.Column == "" })
		if x.has(i) && (expression || i.Where != "") {
			return "builds the index " + i.Name + " anew"
		}
	}
	for _, k := range t.Checks {
		if slices.Contains(k.Columns, col.Name) {
			return "reads all rows for the check " + k.Name
		}
	}
	if col.Collation != "" {
		return "builds indexes anew for another collation"
	}
	return ""
}
