package postgres

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// reading is one way to read a type: what is selected, and how the field becomes a cell.
type reading struct {
	form dialect.Form
	note string
	// selects is the expression that is selected of a column; nil for the column itself.
	selects func(column string) string
	decode  Decoder
	// portable is the expression of the text that package portable states; nil where there is none.
	portable func(column string) string
	// native: two values are the same cell exactly when the type's hash function takes them for equal.
	native bool
}

func (r reading) expression(column string) string {
	if r.selects == nil {
		return column
	}
	return r.selects(column)
}

// Offers implements [dialect.Database].
func (d *Database) Offers(c dialect.Column) []dialect.Offer {
	readings := readingsOf(d.typeOf(c))
	offers := make([]dialect.Offer, len(readings))
	for i, r := range readings {
		offers[i] = dialect.Offer{Form: r.form, Note: r.note}
	}
	return offers
}

// reading returns how a field is read.
func (d *Database) reading(f dialect.Field) (reading, error) {
	for _, r := range readingsOf(d.typeOf(f.Column)) {
		if r.form == f.Form {
			return r, nil
		}
	}
	return reading{}, fmt.Errorf("column %s of the type %s cannot be read as %s: %w", f.Column.Name, f.Column.Type, f.Form, dialect.ErrCannot)
}

// readingsOf lists the readings of a type, the most faithful first, its text at the end.
func readingsOf(t columnType) []reading {
	return append(exactReadings(t), reading{form: dialect.Inexact, selects: asText, decode: inexactText})
}

func exactReadings(t columnType) []reading {
	own, _ := DecoderOf(t.oid)
	switch t.oid {
	case oidBool:
		return []reading{{form: dialect.Int, decode: own, portable: func(c string) string { return c + "::int::text" }, native: true}}
	case oidInt2, oidInt4, oidInt8, oidOID:
		return []reading{
			{form: dialect.Int, decode: own, portable: asText, native: true},
			{form: dialect.Decimal, decode: integerAsDecimal(own), portable: asText, native: true},
		}
	case oidNumeric:
		out := []reading{{form: dialect.Decimal, decode: own, portable: trimmedDecimal, native: true}}
		if m := t.modifiers; len(m) > 0 && m[0] <= 18 && (len(m) == 1 || m[1] == 0) {
			out = append(out, reading{form: dialect.Int, decode: numericAsInt, portable: asText, native: true})
		}
		return out
	case oidMoney:
		numericText := func(c string) string { return c + "::numeric" }
		return []reading{{form: dialect.Decimal, note: "money is read as a number without its currency", selects: numericText, decode: numeric,
			portable: func(c string) string { return trimmedDecimal(numericText(c)) }}}
	case oidFloat4:
		return []reading{
			{form: dialect.Float32, decode: own, native: true},
			{form: dialect.Float64, note: "a real is widened to a double", decode: widened, native: true},
		}
	case oidFloat8:
		return []reading{{form: dialect.Float64, decode: own, native: true}}
	case oidBit:
		return bitReadings(t, own)
	case oidVarbit:
		return []reading{{form: dialect.Bits, decode: own, portable: asText}}
	case oidBytea:
		return []reading{
			{form: dialect.Bytes, decode: own, portable: hexText, native: true},
			{form: dialect.UUID, note: "16 bytes are taken as a UUID", decode: bytesAsUUID, portable: hexText, native: true},
		}
	case oidUUID:
		return []reading{
			{form: dialect.UUID, decode: own, portable: func(c string) string { return "replace(" + c + "::text, '-', '')" }, native: true},
			{form: dialect.Text, note: "a UUID is taken as its text in lower case", decode: uuidAsText, portable: asText, native: true},
		}
	case oidInterval:
		return []reading{{form: dialect.Interval, decode: own}}
	case oidJSON:
		return []reading{{form: dialect.JSON, note: "of equal keys in an object the last counts", decode: own}}
	case oidJSONB:
		return []reading{{form: dialect.JSON, decode: own}}
	case oidDate, oidTime, oidTimestamp, oidTimestamp2:
		return momentReadings(t, own)
	}
	return textReadings(t)
}

func bitReadings(t columnType, own Decoder) []reading {
	out := []reading{{form: dialect.Bits, decode: own, portable: asText}}
	if len(t.modifiers) == 1 && t.modifiers[0] <= 63 {
		out = append(out, reading{form: dialect.Int, note: "bits are taken as a number", decode: bitsAsInt, portable: func(c string) string { return c + "::bigint::text" }})
	}
	return out
}

func momentReadings(t columnType, own Decoder) []reading {
	switch t.oid {
	case oidDate:
		return []reading{
			{form: dialect.Date, decode: own, portable: finite(func(c string) string { return "(" + c + " - '1970-01-01'::date)" }), native: true},
			{form: dialect.Timestamp, note: "a date is taken as its midnight", decode: dateAsTimestamp,
				portable: finite(func(c string) string { return "(" + c + " - '1970-01-01'::date)::bigint * 86400000000" }), native: true},
		}
	case oidTime:
		return []reading{{form: dialect.Time, decode: own, portable: func(c string) string {
			// Seconds below 86,400 with six digits: a double holds them to the microsecond.
			return "round(extract(epoch from " + c + ")::float8 * 1000000)::bigint::text"
		}, native: true}}
	case oidTimestamp:
		return []reading{
			{form: dialect.Timestamp, decode: own, portable: finite(micros), native: true},
			{form: dialect.TimestampZone, note: "a timestamp without a time zone is taken as UTC", decode: zoned, portable: finite(micros), native: true},
		}
	default:
		return []reading{
			{form: dialect.TimestampZone, decode: own, portable: finite(micros), native: true},
			{form: dialect.Timestamp, note: "a timestamp with a time zone is read in UTC", decode: unzoned, portable: finite(micros), native: true},
		}
	}
}

func textReadings(t columnType) []reading {
	trimmed := reading{form: dialect.TextTrimmed, note: "blanks at the end are not compared", decode: trimmedText, portable: func(c string) string { return "rtrim(" + c + "::text, ' ')" }}
	uuid := reading{form: dialect.UUID, note: "text is taken as a UUID", decode: textAsUUID, portable: func(c string) string { return "lower(replace(" + c + "::text, '-', ''))" }}
	json := reading{form: dialect.JSON, note: "text is taken as JSON", decode: textAsJSON}
	switch {
	case t.oid == oidText || t.oid == oidVarchar:
		return []reading{{form: dialect.Text, decode: plainText, portable: asIs, native: true}, trimmed, uuid, json}
	case t.citext:
		return []reading{{form: dialect.Text, decode: plainText, portable: asText}, trimmed, uuid, json}
	case t.oid == oidName:
		return []reading{{form: dialect.Text, decode: plainText, portable: asText, native: true}, trimmed}
	case t.oid == oidBPChar:
		trimmed.note, trimmed.native = "", true
		uuid.decode = paddedAsUUID
		return []reading{trimmed, uuid, json}
	case t.enum:
		return []reading{{form: dialect.Text, decode: plainText, portable: asText}, trimmed}
	case t.oid == oidInet:
		// The cast prints /32 behind an address, for historical reasons; the output function does not.
		output := func(c string) string {
			return "CASE WHEN masklen(" + c + ") = CASE family(" + c + ") WHEN 4 THEN 32 ELSE 128 END THEN host(" + c + ") ELSE " + c + "::text END"
		}
		return []reading{{form: dialect.Text, selects: output, decode: plainText, portable: output}}
	case t.oid == oidChar || t.oid == oidXML || t.oid == oidCIDR || t.oid == oidMacaddr || t.oid == oidMacaddr8:
		return []reading{{form: dialect.Text, selects: asText, decode: plainText, portable: asText}}
	case t.elem != nil:
		if element, ok := elementDecoder(*t.elem); ok {
			return []reading{{form: dialect.Array, decode: arrayOf(element)}}
		}
	}
	return nil
}

// elementDecoder returns the decoder of the best form of a type in binary form, without a cast, as it
// stands in an array.
func elementDecoder(t columnType) (Decoder, bool) {
	if t.elem != nil { // arrays of a domain over an array
		element, ok := elementDecoder(*t.elem)
		return arrayOf(element), ok
	}
	readings := exactReadings(t)
	if len(readings) == 0 || readings[0].selects != nil {
		return nil, false
	}
	return readings[0].decode, true
}

func asIs(c string) string    { return c }
func asText(c string) string  { return c + "::text" }
func hexText(c string) string { return "encode(" + c + ", 'hex')" }

// trimmedDecimal cuts the zeros at the end of the fraction, as trim_scale does from PostgreSQL 13 on.
func trimmedDecimal(c string) string {
	t := c + "::text"
	return "case when strpos(" + t + ", '.') > 0 then rtrim(rtrim(" + t + ", '0'), '.') else " + t + " end"
}

// finite prints the number of a date or timestamp, and infinity as a word.
func finite(number func(string) string) func(string) string {
	return func(c string) string {
		return "case when isfinite(" + c + ") then (" + number(c) + ")::text else " + c + "::text end"
	}
}

// micros are those since 1970. The epoch as one double would lose them far from today, so the whole
// seconds and the rest are taken apart, which also does without arithmetic on numeric.
func micros(c string) string {
	return "date_part('epoch', date_trunc('second', " + c + "))::bigint * 1000000 + date_part('microseconds', " + c + ")::bigint % 1000000"
}
