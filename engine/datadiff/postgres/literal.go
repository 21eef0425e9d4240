package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Quote implements [dialect.Database].
func (d *Database) Quote(name string) string { return quoteName(name) }

// QuoteTable implements [dialect.Database].
func (d *Database) QuoteTable(n dialect.TableName) string { return quoteTable(n) }

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteTable(n dialect.TableName) string {
	if n.Schema == "" {
		return quoteName(n.Name)
	}
	return quoteName(n.Schema) + "." + quoteName(n.Name)
}

// quoteText writes a string literal for standard_conforming_strings = on, the server's default since
// 9.1, which sessions also set.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Literal implements [dialect.Database]. The literal is the value's text and a cast to the type of the
// column without its modifiers: a bound that does not fit the column is not rounded to one that does.
func (d *Database) Literal(c dialect.Column, cell []byte) (string, error) {
	text, err := literal(d.typeOf(c), cell)
	if err != nil {
		return "", fmt.Errorf("column %s: write %s as a literal: %w", c.Name, clip(canon.Format(cell)), err)
	}
	return text, nil
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

func cannot(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, dialect.ErrCannot)...)
}

func literal(t columnType, cell []byte) (string, error) {
	if _, rest, err := canon.Next(cell); err != nil || len(rest) != 0 {
		return "", cannot("not one cell")
	}
	if canon.Tag(cell[0]) == canon.Null {
		return "NULL::" + t.cast, nil
	}
	text, err := inputText(t, cell)
	if err != nil {
		return "", err
	}
	return quoteText(text) + "::" + castFor(t, cell, text), nil
}

// castFor is the type that a literal gets: that of the column, or where the value does not fit it, one
// that the server compares with it.
func castFor(t columnType, cell []byte, text string) string {
	if canon.Tag(cell[0]) == canon.Inexact {
		return t.cast // the text that the type's own output function gave
	}
	switch t.oid {
	case oidInt2, oidInt4, oidInt8, oidOID:
		v, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return "numeric"
		case t.oid == oidInt2 && v == int64(int16(v)), t.oid == oidInt4 && v == int64(int32(v)), t.oid == oidInt8, t.oid == oidOID && v == int64(uint32(v)):
			return t.cast
		}
		return "bigint"
	case oidMoney:
		return "numeric::money"
	case oidFloat4:
		if canon.Tag(cell[0]) == canon.Float64 {
			return "float8"
		}
	case oidDate:
		if tag := canon.Tag(cell[0]); (tag == canon.Timestamp || tag == canon.TimestampZone) && !wholeDay(canon.Moment(cell)) {
			return "timestamp"
		}
	}
	return t.cast
}

// inputText is the text that the input function of a type reads as the value of a cell.
func inputText(t columnType, cell []byte) (string, error) {
	tag := canon.Tag(cell[0])
	if tag == canon.Digest {
		return "", cannot("only the hash of the value is kept")
	}
	if t.oid == oidJSON || t.oid == oidJSONB {
		if tag == canon.Inexact {
			return safeText(canon.Content(cell))
		}
		return jsonText(cell)
	}
	switch tag {
	case canon.NegativeInt:
		return integerText(t, strconv.FormatInt(canon.Int(cell), 10), 0)
	case canon.PositiveInt:
		v := canon.Uint(cell)
		return integerText(t, strconv.FormatUint(v, 10), v)
	case canon.Decimal:
		if t.isText() {
			return jsonText(cell)
		}
		return decimalText(cell)
	case canon.Float64:
		return floatText(canon.Double(cell), 64), nil
	case canon.Float32:
		return floatText(float64(canon.Single(cell)), 32), nil
	case canon.Text, canon.Inexact:
		return safeText(canon.Content(cell))
	case canon.Bytes:
		return `\x` + hex.EncodeToString(canon.Content(cell)), nil
	case canon.UUID:
		if t.oid == oidBytea {
			return `\x` + hex.EncodeToString(cell[1:]), nil
		}
		return string(appendUUIDText(nil, cell[1:])), nil
	case canon.Date, canon.Time, canon.Timestamp, canon.TimestampZone:
		return momentText(t, tag, canon.Moment(cell))
	case canon.Interval:
		return intervalText(cell), nil
	case canon.Bits:
		return canon.Format(cell), nil
	case canon.JSONNull, canon.JSONFalse, canon.JSONTrue, canon.JSONArray, canon.JSONObject:
		return jsonText(cell)
	case canon.Array:
		return arrayText(t, cell)
	}
	return "", cannot("a cell of the kind %#x has no literal", byte(tag))
}

func integerText(t columnType, digits string, v uint64) (string, error) {
	switch t.oid {
	case oidBool:
		if digits != "0" && digits != "1" {
			return "", cannot("it is no boolean")
		}
	case oidBit:
		if len(t.modifiers) != 1 || digits[0] == '-' || bitLength(v) > t.modifiers[0] {
			return "", cannot("it does not fit %s", t.cast)
		}
		return fmt.Sprintf("%0*b", t.modifiers[0], v), nil
	}
	return digits, nil
}

// decimalText writes a number that a numeric can hold.
func decimalText(cell []byte) (string, error) {
	const mostBefore, mostBehind = 131_072, 16_383 // digits, the manual's section 8.1.2
	text := string(canon.AppendDecimalText(nil, cell))
	before, behind, _ := strings.Cut(text, ".")
	if len(before) > mostBefore || len(behind) > mostBehind {
		return "", cannot("it has more digits than a numeric can have")
	}
	return text, nil
}

func bitLength(v uint64) int { return len(strconv.FormatUint(v, 2)) }

func floatText(v float64, size int) string {
	switch {
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(v, 'g', -1, size)
}

func safeText(b []byte) (string, error) {
	s := string(b)
	if strings.IndexByte(s, 0) >= 0 {
		return "", cannot("PostgreSQL stores no text with a zero byte")
	}
	if !utf8.ValidString(s) {
		return "", cannot("it is no UTF-8")
	}
	return s, nil
}

// arrayText writes {1,NULL}, with its bounds where they are not 1: [2:3]={1,2}.
func arrayText(t columnType, cell []byte) (string, error) {
	if t.elem == nil {
		return "", cannot("an array is written to %s", t.cast)
	}
	dims, k := binary.Uvarint(cell[1:])
	at := 1 + k
	var prefix strings.Builder
	lengths := make([]int, dims)
	plain := true
	for i := range lengths {
		lower := int64(int32(binary.BigEndian.Uint32(cell[at:])))
		lengths[i] = int(binary.BigEndian.Uint32(cell[at+4:]))
		at += 8
		plain = plain && lower == 1
		fmt.Fprintf(&prefix, "[%d:%d]", lower, lower+int64(lengths[i])-1)
	}
	if dims == 0 {
		return "{}", nil
	}
	var sb strings.Builder
	if !plain {
		sb.WriteString(prefix.String() + "=")
	}
	if _, err := writeDimension(&sb, *t.elem, lengths, cell[at:]); err != nil {
		return "", err
	}
	return sb.String(), nil
}

func writeDimension(sb *strings.Builder, elem columnType, lengths []int, rest []byte) ([]byte, error) {
	sb.WriteByte('{')
	for i := range lengths[0] {
		if i > 0 {
			sb.WriteByte(',')
		}
		var err error
		if len(lengths) > 1 {
			rest, err = writeDimension(sb, elem, lengths[1:], rest)
		} else {
			var cell []byte
			if cell, rest, err = canon.Next(rest); err == nil {
				err = writeElement(sb, elem, cell)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	sb.WriteByte('}')
	return rest, nil
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func writeElement(sb *strings.Builder, elem columnType, cell []byte) error {
	if canon.Tag(cell[0]) == canon.Null {
		sb.WriteString("NULL")
		return nil
	}
	text, err := inputText(elem, cell)
	if err != nil {
		return err
	}
	sb.WriteString(`"` + arrayEscapes.Replace(text) + `"`)
	return nil
}
