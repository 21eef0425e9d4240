package schemadiff

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// class is a kind of value.
type class string

const (
	integer   class = "an integer"
	decimal   class = "a decimal number"
	float     class = "a float"
	boolean   class = "a boolean"
	text      class = "text"
	bytes     class = "bytes"
	date      class = "a date"
	clock     class = "a time of day"
	timestamp class = "a timestamp"
	span      class = "an interval"
	uuid      class = "a UUID"
	document  class = "JSON"
	bitString class = "a bit string"
	array     class = "an array"
	choice    class = "one of a list of words"
	other     class = "a type of its own"
)

// meaning is what a type can hold.
type meaning struct {
	class    class
	bits     int  // of an integer or float
	unsigned bool // integer
	// digits of a decimal, 0 without a bound; scale of them behind the point
	digits, scale int
	length        int  // of text in characters and of bytes, 0 without a bound (of practical use)
	inBytes       bool // length counts bytes of text
	fixed         bool // CHAR, BINARY: padded
	fraction      int  // digits of a second
	zone          bool // a moment, not what a clock shows
	name          string
	loose         bool // SQLite: kept as given
}

// meaningOf reads a type as the product spells it.
func meaningOf(kind dialect.Kind, raw string) meaning {
	t := schema.ParseType(raw)
	spelled := strings.ToLower(strings.TrimSpace(raw))
	word, _, _ := strings.Cut(spelled, "(")
	word, _, _ = strings.Cut(word, " ")
	args := arguments(spelled)
	m := meaning{name: t.Name, unsigned: t.Unsigned, loose: kind == dialect.SQLite}
	arg := func(i, otherwise int) int {
		if i < len(args) {
			return args[i]
		}
		return otherwise
	}
	seconds := 6 // PostgreSQL keeps microseconds unless told otherwise
	if kind == dialect.MySQL {
		seconds = 0
	}
	if t.Array {
		m.class = array
		return m
	}
	if kind == dialect.MySQL && (word == "enum" || word == "set") {
		m.class = choice
		return m
	}
	switch t.Name {
	case "boolean":
		m.class = boolean
	case "smallint", "integer", "bigint":
		m.class = integer
		m.bits = map[string]int{"smallint": 16, "integer": 32, "bigint": 64}[t.Name]
		switch word {
		case "tinyint":
			m.bits = 8
		case "mediumint":
			m.bits = 24
		}
		if kind == dialect.SQLite {
			m.bits = 64
		}
	case "numeric", "money":
		m.class, m.digits, m.scale = decimal, arg(0, 0), arg(1, 0)
		if t.Name == "money" {
			m.digits, m.scale = 19, 2
		}
		if kind == dialect.MySQL {
			m.digits = arg(0, 10)
		}
	case "real", "double":
		m.class, m.bits = float, 64
		if kind == dialect.Postgres && t.Name == "real" || kind == dialect.MySQL && word == "float" && arg(0, 0) <= 24 {
			m.bits = 32
		}
	case "varchar", "char":
		m.class, m.length, m.fixed = text, arg(0, 0), t.Name == "char"
		if m.fixed && m.length == 0 {
			m.length = 1
		}
		if word == "bpchar" && len(args) == 0 {
			m.length = 0
		}
	case "text":
		m.class = text
		if kind == dialect.MySQL {
			m.inBytes, m.length = true, map[string]int{"tinytext": 1<<8 - 1, "text": 1<<16 - 1, "mediumtext": 1<<24 - 1}[word]
		}
	case "binary":
		m.class, m.length = bytes, arg(0, 0)
		if kind == dialect.MySQL {
			m.fixed = word == "binary"
			if n, ok := map[string]int{"tinyblob": 1<<8 - 1, "blob": 1<<16 - 1, "mediumblob": 1<<24 - 1}[word]; ok {
				m.length = n
			}
		}
	case "date":
		m.class = date
	case "time", "timetz":
		m.class, m.fraction, m.zone = clock, arg(0, seconds), t.Name == "timetz"
	case "timestamp", "timestamptz":
		m.class, m.fraction = timestamp, arg(0, seconds)
		// MySQL's TIMESTAMP is a moment, its DATETIME what a clock shows.
		m.zone = t.Name == "timestamptz" || kind == dialect.MySQL && word == "timestamp"
	case "interval":
		m.class = span
	case "uuid":
		m.class = uuid
	case "json", "jsonb":
		m.class = document
	case "bit":
		m.class, m.length = bitString, arg(0, 1)
	default:
		m.class = other
	}
	return m
}

// arguments are the numbers in the parentheses.
func arguments(s string) []int {
	_, rest, ok := strings.Cut(s, "(")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, ")")
	var list []int
	for _, part := range strings.Split(rest, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// mismatch is a difference between two types.
type mismatch struct {
	severity Severity
	text     string
}

// compareTypes returns the differences that matter, none for types that hold the same, and for the one
// that stands in for what the other product lacks.
func compareTypes(kindA dialect.Kind, rawA string, kindB dialect.Kind, rawB string) []mismatch {
	if kindA == kindB && strings.EqualFold(rawA, rawB) {
		return nil
	}
	a, b := meaningOf(kindA, rawA), meaningOf(kindB, rawB)
	if kindA != kindB && (standsIn(a, b) || standsIn(b, a)) {
		return nil
	}
	if a.class != b.class {
		return []mismatch{{classSeverity(a, b), "A holds " + string(a.class) + " (" + rawA + ") and B " + string(b.class) + " (" + rawB + ")"}}
	}
	if a.loose != b.loose {
		return nil // SQLite keeps what it is given
	}
	c := typeComparison{rawA: rawA, rawB: rawB, across: kindA != kindB}
	switch a.class {
	case integer:
		c.integers(a, b)
	case decimal:
		c.bound("digits before the point", before(a), before(b))
		c.decimals(a, b)
	case float:
		c.bound("bits", a.bits, b.bits)
	case text, bytes:
		c.sized(a, b)
	case bitString:
		c.bound("bits", a.length, b.length)
	case clock, timestamp:
		c.times(a, b)
	case document:
		if a.name != b.name && !c.across {
			c.add(Cosmetic, "one side keeps the text of a document (json), the other what it means (jsonb)")
		}
	case choice:
		c.add(ChangesMeaning, "the lists of words differ: "+rawA+" in A, "+rawB+" in B")
	case array, other:
		if !strings.EqualFold(rawA, rawB) {
			c.add(ChangesMeaning, "it is "+rawA+" in A and "+rawB+" in B")
		}
	}
	return c.found
}

func classSeverity(a, b meaning) Severity {
	if a.class == document && b.class == text && b.length == 0 && b.inBytes {
		return Cosmetic // longtext is how MariaDB spells JSON
	}
	if b.class == text && b.length == 0 {
		return ChangesMeaning // every value has a text
	}
	if a.class == integer && b.class == decimal && (b.digits == 0 || b.digits-b.scale >= 20) {
		return Cosmetic
	}
	return BreaksWrites
}

// standsIn says whether b is what one uses for a in a product that lacks it.
func standsIn(a, b meaning) bool {
	if b.loose {
		switch b.class {
		case text:
			switch a.class {
			case date, clock, timestamp, span, uuid, document, decimal, choice, array, other:
				return true
			}
		case integer:
			return a.class == boolean
		case bytes:
			return a.class == uuid
		case decimal: // NUMERIC, the affinity of DECIMAL, DATE, BOOLEAN
			return a.class == boolean || a.class == integer
		case timestamp:
			return a.class == timestamp
		}
		return false
	}
	switch a.class {
	case document:
		return b.class == text && b.length == 0 // MariaDB's JSON is longtext
	case uuid:
		return b.class == text && b.length == 36 || b.class == bytes && b.length == 16
	case bitString:
		return b.class == boolean && a.length == 1 || b.class == integer && b.unsigned
	case choice:
		return b.class == other || b.class == text
	case integer:
		return a.unsigned && a.bits == 64 && b.class == decimal && b.digits-b.scale == 20 && b.scale == 0
	}
	return false
}

// before is how many digits a decimal has before its point, 0 without a bound.
func before(m meaning) int {
	if m.digits == 0 {
		return 0
	}
	return max(m.digits-m.scale, 1)
}
