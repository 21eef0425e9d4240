package mysql

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// kind is a type as far as this package tells types apart.
type kind uint8

const (
	kindOther kind = iota
	kindInt
	kindDecimal
	kindFloat
	kindDouble
	kindBit
	kindYear
	kindDate
	kindDatetime
	kindTimestamp
	kindTime
	kindChar
	kindText // VARCHAR and the TEXT types
	kindEnum // and SET
	kindBinary
	kindVarbinary
	kindBlob
	kindJSON     // MySQL's
	kindJSONText // MariaDB's: a LONGTEXT that is checked
	kindUUID     // MariaDB's
	kindInet     // MariaDB's inet4 and inet6
	kindGeometry
)

// columnType is what [dialect.Column.Code] holds: the kind in 8 bits, then two flags, 6 bits of scale,
// and 16 of length (characters, bytes, bits or digits; 0 for types without one).
type columnType struct {
	kind               kind
	unsigned, zerofill bool
	scale, length      int
}

func (t columnType) code() uint32 {
	code := uint32(t.kind) | uint32(t.scale&0x3f)<<10 | uint32(min(t.length, 0xffff))<<16
	if t.unsigned {
		code |= 1 << 8
	}
	if t.zerofill {
		code |= 1 << 9
	}
	return code
}

func typeOf(c dialect.Column) columnType {
	return columnType{
		kind: kind(c.Code), unsigned: c.Code>>8&1 != 0, zerofill: c.Code>>9&1 != 0,
		scale: int(c.Code >> 10 & 0x3f), length: int(c.Code >> 16),
	}
}

var kinds = map[string]kind{
	"tinyint": kindInt, "smallint": kindInt, "mediumint": kindInt, "int": kindInt, "bigint": kindInt,
	"decimal": kindDecimal, "float": kindFloat, "double": kindDouble, "bit": kindBit, "year": kindYear,
	"date": kindDate, "datetime": kindDatetime, "timestamp": kindTimestamp, "time": kindTime,
	"char": kindChar, "varchar": kindText, "tinytext": kindText, "text": kindText, "mediumtext": kindText, "longtext": kindText,
	"enum": kindEnum, "set": kindEnum, "binary": kindBinary, "varbinary": kindVarbinary,
	"tinyblob": kindBlob, "blob": kindBlob, "mediumblob": kindBlob, "longblob": kindBlob,
	"json": kindJSON, "uuid": kindUUID, "inet4": kindInet, "inet6": kindInet,
	"geometry": kindGeometry, "point": kindGeometry, "linestring": kindGeometry, "polygon": kindGeometry, "multipoint": kindGeometry,
	"multilinestring": kindGeometry, "multipolygon": kindGeometry, "geometrycollection": kindGeometry, "geomcollection": kindGeometry,
}

// parseType reads COLUMN_TYPE of information_schema: "int(10) unsigned", "decimal(12,2)", "enum('a')".
func parseType(s string) columnType {
	s = strings.ToLower(s)
	name := s
	if i := strings.IndexAny(s, "( "); i >= 0 {
		name = s[:i]
	}
	t := columnType{kind: kinds[name]}
	attributes := s
	if i := strings.LastIndexByte(s, ')'); i >= 0 {
		attributes = s[i:]
	}
	t.unsigned, t.zerofill = strings.Contains(attributes, " unsigned"), strings.Contains(attributes, " zerofill")
	if t.kind == kindEnum || t.kind == kindInt {
		return t // the number behind int is a width of display
	}
	if _, in, ok := strings.Cut(s, "("); ok {
		in, _, _ = strings.Cut(in, ")")
		length, scale, _ := strings.Cut(in, ",")
		t.length, _ = strconv.Atoi(length)
		t.scale, _ = strconv.Atoi(scale)
	}
	return t
}

func (t columnType) isText() bool {
	switch t.kind {
	case kindChar, kindText, kindEnum, kindJSONText:
		return true
	}
	return false
}

func (t columnType) isBinary() bool {
	return t.kind == kindBinary || t.kind == kindVarbinary || t.kind == kindBlob
}

// Notes on offers.
const (
	noteUTC      = "a DATETIME is taken as UTC"
	noteUnzoned  = "a TIMESTAMP is read in UTC"
	noteMidnight = "a date is taken as its midnight"
	noteWidened  = "a FLOAT is widened to a double"
	noteTrimmed  = "blanks at the end do not count"
	noteText     = "compared as the product's text"
	noteUUID     = "text that is no UUID is an error"
	noteJSON     = "text that is no JSON is an error"
	noteBits     = "a BIT is taken as a number"
)

// offers lists the forms of a column, the most faithful first.
func offers(c dialect.Column) []dialect.Offer {
	t := typeOf(c)
	inexact := dialect.Offer{Form: dialect.Inexact, Note: noteText}
	of := func(o ...dialect.Offer) []dialect.Offer { return append(o, inexact) }
	plain := func(f dialect.Form) dialect.Offer { return dialect.Offer{Form: f} }
	switch t.kind {
	case kindInt, kindYear:
		return of(plain(dialect.Int), plain(dialect.Decimal))
	case kindDecimal:
		if t.scale == 0 && t.length > 0 && t.length <= 18 {
			return of(plain(dialect.Decimal), plain(dialect.Int))
		}
		return of(plain(dialect.Decimal))
	case kindFloat:
		return of(plain(dialect.Float32), dialect.Offer{Form: dialect.Float64, Note: noteWidened})
	case kindDouble:
		return of(plain(dialect.Float64))
	case kindBit:
		if t.length <= 63 {
			return of(plain(dialect.Bits), dialect.Offer{Form: dialect.Int, Note: noteBits})
		}
		return of(plain(dialect.Bits))
	case kindDate:
		return of(plain(dialect.Date), dialect.Offer{Form: dialect.Timestamp, Note: noteMidnight})
	case kindDatetime:
		return of(plain(dialect.Timestamp), dialect.Offer{Form: dialect.TimestampZone, Note: noteUTC})
	case kindTimestamp:
		return of(plain(dialect.TimestampZone), dialect.Offer{Form: dialect.Timestamp, Note: noteUnzoned})
	case kindTime:
		return of(plain(dialect.Time))
	case kindChar, kindText, kindEnum, kindJSONText:
		return of(textOffers(t)...)
	case kindBinary, kindVarbinary:
		if t.length == 16 {
			return of(plain(dialect.Bytes), dialect.Offer{Form: dialect.UUID, Note: "bytes in the order of the text"})
		}
		return of(plain(dialect.Bytes))
	case kindBlob:
		return of(plain(dialect.Bytes))
	case kindJSON:
		return of(plain(dialect.JSON))
	case kindUUID:
		return of(plain(dialect.UUID), plain(dialect.Text))
	case kindInet:
		return of(plain(dialect.Text))
	}
	return of()
}

func textOffers(t columnType) []dialect.Offer {
	text, trimmed := dialect.Offer{Form: dialect.Text}, dialect.Offer{Form: dialect.TextTrimmed, Note: noteTrimmed}
	uuid, json := dialect.Offer{Form: dialect.UUID, Note: noteUUID}, dialect.Offer{Form: dialect.JSON, Note: noteJSON}
	switch t.kind {
	case kindChar:
		// CHAR has no blanks at its end: MySQL removes them.
		trimmed.Note = ""
		return []dialect.Offer{trimmed, text, uuid, json}
	case kindEnum:
		return []dialect.Offer{text, trimmed}
	case kindJSONText:
		json.Note = "of equal keys in an object the last counts"
		return []dialect.Offer{json, text}
	}
	return []dialect.Offer{text, trimmed, uuid, json}
}

// charset is the character set of a collation, which its name begins with.
func charset(collation string) string {
	set, _, _ := strings.Cut(collation, "_")
	return set
}

// storesUTF8 says whether the bytes of a column's text are UTF-8 as they are stored.
func storesUTF8(collation string) bool {
	switch charset(collation) {
	case "utf8mb4", "utf8mb3", "utf8", "ascii", "binary", "":
		return true
	}
	return false
}

// sorted says whether the server sorts a column as the bytes of its values sort.
//
// Of text that is so only where the collation compares bytes and does not pad: utf8mb4_bin pads with
// blanks, and so puts a tab behind a word before the word alone.
func sorted(t columnType, collation string) bool {
	switch t.kind {
	case kindInt, kindDecimal, kindFloat, kindDouble, kindBit, kindYear, kindDate, kindDatetime, kindTimestamp, kindTime,
		kindBinary, kindVarbinary, kindBlob:
		return true
	case kindChar, kindText:
		return collation == "binary" || collation == "utf8mb4_0900_bin" || storesUTF8(collation) && strings.HasSuffix(collation, "_nopad_bin")
	}
	return false
}
