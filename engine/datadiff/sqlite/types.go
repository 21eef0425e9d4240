package sqlite

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// affinity is what SQLite makes of a declared type (https://sqlite.org/datatype3.html, section 3.1). It is
// the Code of a column, together with settled.
type affinity uint32

// settled marks in the Code of a column that SQLite itself keeps out values of any storage class but that
// of its type: in the columns of STRICT tables, but for ANY, and in another name for the rowid.
const settled = 1 << 8

func affinityIn(c dialect.Column) affinity { return affinity(c.Code &^ settled) }

const (
	affinityNone affinity = iota
	affinityText
	affinityInteger
	affinityReal
	affinityNumeric
)

func affinityOf(declared string) affinity {
	t := strings.ToUpper(declared)
	has := func(s string) bool { return strings.Contains(t, s) }
	switch {
	case has("INT"):
		return affinityInteger
	case has("CHAR"), has("CLOB"), has("TEXT"):
		return affinityText
	case t == "", has("BLOB"):
		return affinityNone
	case has("REAL"), has("FLOA"), has("DOUB"):
		return affinityReal
	}
	return affinityNumeric
}

// family is what the author of a declared type meant by it.
type family uint8

const (
	familyUnknown family = iota
	familyInt
	familyDecimal
	familyFloat
	familyText
	familyChar
	familyBytes
	familyUUID
	familyDate
	familyTime
	familyTimestamp
	familyTimestampZone
	familyBits
	familyJSON
)

var families = map[string]family{
	"BOOL": familyInt, "BOOLEAN": familyInt, "SERIAL": familyInt, "BIGSERIAL": familyInt, "SMALLSERIAL": familyInt, "YEAR": familyInt,
	"DECIMAL": familyDecimal, "DEC": familyDecimal, "NUMERIC": familyDecimal, "NUM": familyDecimal, "NUMBER": familyDecimal, "FIXED": familyDecimal, "MONEY": familyDecimal,
	"CHAR": familyChar, "CHARACTER": familyChar, "NCHAR": familyChar, "BPCHAR": familyChar, "NATIVE CHARACTER": familyChar,
	"ENUM": familyText, "SET": familyText, "STRING": familyText, "INTERVAL": familyText, "XML": familyText, "CITEXT": familyText, "INET": familyText, "CIDR": familyText,
	"BLOB": familyBytes, "BYTEA": familyBytes, "BINARY": familyBytes, "VARBINARY": familyBytes, "TINYBLOB": familyBytes, "MEDIUMBLOB": familyBytes, "LONGBLOB": familyBytes,
	"UUID": familyUUID, "GUID": familyUUID, "UNIQUEIDENTIFIER": familyUUID,
	"DATE": familyDate, "TIME": familyTime, "TIME WITHOUT TIME ZONE": familyTime,
	"DATETIME": familyTimestamp, "TIMESTAMP": familyTimestamp, "TIMESTAMP WITHOUT TIME ZONE": familyTimestamp,
	"TIMESTAMPTZ": familyTimestampZone, "TIMESTAMP WITH TIME ZONE": familyTimestampZone, "DATETIMEOFFSET": familyTimestampZone,
	"BIT": familyBits, "JSON": familyJSON, "JSONB": familyJSON, "ANY": familyUnknown,
}

// declared reads a declared type: the name without what stands in parentheses, and the first number in
// them, 0 when there is none.
func declared(t string) (name string, size int) {
	name = strings.ToUpper(strings.TrimSpace(t))
	if open := strings.IndexByte(name, '('); open >= 0 {
		inside, rest, _ := strings.Cut(name[open+1:], ")")
		number, _, _ := strings.Cut(inside, ",")
		size, _ = strconv.Atoi(strings.TrimSpace(number)) // no number is no size
		name = name[:open] + " " + rest
	}
	return strings.Join(strings.Fields(name), " "), size
}

func familyOf(t string) (family, int) {
	name, size := declared(t)
	if f, ok := families[name]; ok {
		return f, size
	}
	switch affinityOf(t) {
	case affinityInteger:
		return familyInt, size
	case affinityReal:
		return familyFloat, size
	case affinityText:
		return familyText, size
	case affinityNone:
		if name != "" {
			return familyBytes, size
		}
	}
	return familyUnknown, size
}

const (
	noteTrimmed = "blanks at the end of a text do not count"
	noteUTC     = "a time without a time zone is taken as UTC"
	noteZone    = "a time with a time zone is an error"
	noteReal    = "a REAL is taken as the shortest decimal that gives the same double"
	noteSingle  = "a REAL is rounded to a float of four bytes"
	noteBool    = "an integer is taken as its digits"
	noteStored  = "the declared types differ, so values are compared as they are stored: the integer 1 is not the text '1'"
	noteClass   = "an integer and the text of its digits count as one value"
)

// Offers implements dialect.Database.
func (d *Database) Offers(c dialect.Column) []dialect.Offer {
	f, size := familyOf(c.Type)
	var offers []dialect.Offer
	add := func(form dialect.Form, note string) { offers = append(offers, dialect.Offer{Form: form, Note: note}) }
	switch f {
	case familyInt:
		add(dialect.Int, "")
		add(dialect.Decimal, "")
		add(dialect.Float64, "")
		add(dialect.Text, noteBool)
	case familyDecimal:
		add(dialect.Decimal, noteReal)
		add(dialect.Int, "")
		add(dialect.Float64, "")
		add(dialect.Float32, noteSingle)
	case familyFloat:
		add(dialect.Float64, "")
		add(dialect.Float32, noteSingle)
		add(dialect.Decimal, noteReal)
	case familyChar:
		add(dialect.TextTrimmed, noteTrimmed)
		add(dialect.Text, "")
		offers = append(offers, textOffers...)
	case familyText:
		note := ""
		if affinityIn(c) != affinityText { // a STRING, whose digits became an integer
			note = noteBool
		}
		add(dialect.Text, note)
		add(dialect.TextTrimmed, noteTrimmed)
		offers = append(offers, textOffers...)
	case familyBytes:
		add(dialect.Bytes, "")
		add(dialect.UUID, "")
	case familyUUID:
		add(dialect.UUID, "")
		add(dialect.Text, "")
		add(dialect.TextTrimmed, noteTrimmed)
		add(dialect.Bytes, "")
	case familyDate:
		add(dialect.Date, "")
		add(dialect.Timestamp, noteZone)
		add(dialect.Text, "")
	case familyTime:
		add(dialect.Time, "")
		add(dialect.Text, "")
	case familyTimestamp:
		add(dialect.Timestamp, noteZone)
		add(dialect.TimestampZone, noteUTC)
		add(dialect.Date, "")
		add(dialect.Text, "")
	case familyTimestampZone:
		add(dialect.TimestampZone, noteUTC)
		add(dialect.Timestamp, noteZone)
		add(dialect.Text, "")
	case familyBits:
		if size <= maxBits {
			add(dialect.Bits, "")
		}
		add(dialect.Int, "")
	case familyJSON:
		add(dialect.JSON, "")
		add(dialect.Text, "")
	default:
		add(dialect.Text, noteBool)
		add(dialect.Int, "")
		add(dialect.Decimal, noteReal)
		add(dialect.Float64, "")
		add(dialect.Bytes, "")
		offers = append(offers, textOffers...)
	}
	if c.Code&settled == 0 {
		offers = append(offers, dialect.Offer{Form: dialect.Stored, Alike: storage(c, f)})
	}
	add(dialect.Stored, noteStored)
	add(dialect.Inexact, noteClass)
	return offers
}

// storage names columns of which the same value, given to both, is kept alike and means the same. Columns
// of the affinities INTEGER and NUMERIC keep values alike. A text column holds what it is given, and so
// does one without an affinity, whatever its type is called.
func storage(c dialect.Column, f family) string {
	switch affinityIn(c) {
	case affinityText:
		return "text"
	case affinityNone:
		return "as given"
	case affinityReal:
		return "real"
	}
	switch f {
	case familyInt, familyDecimal, familyUnknown:
		return "number"
	}
	return "number " + strconv.Itoa(int(f))
}

// textOffers are what a text may hold, for the other side has a type for it.
var textOffers = []dialect.Offer{
	{Form: dialect.UUID},
	{Form: dialect.Timestamp, Note: noteZone},
	{Form: dialect.TimestampZone, Note: noteUTC},
	{Form: dialect.Date},
	{Form: dialect.Time},
	{Form: dialect.Decimal},
	{Form: dialect.JSON},
	{Form: dialect.Bits},
}

// maxBits is the width of the widest BIT(n) whose values an INTEGER holds.
const maxBits = 63

// bitWidth is the width of a column BIT(n); 0 for a column of another type, whose bits are text.
func bitWidth(c dialect.Column) int {
	if f, size := familyOf(c.Type); f == familyBits {
		return max(size, 1)
	}
	return 0
}

// binary is the collation that compares bytes.
const binary = "BINARY"

// sorted says whether SQLite's order of the values of a column is the order of what they mean.
func sorted(c dialect.Column) bool {
	f, _ := familyOf(c.Type)
	switch f {
	case familyInt, familyDecimal, familyFloat, familyBytes:
		return c.Collation == "" || strings.EqualFold(c.Collation, binary)
	case familyText:
		return affinityIn(c) == affinityText && strings.EqualFold(c.Collation, binary)
	}
	return false // texts of moments and UUIDs may be spelt in more than one way
}
