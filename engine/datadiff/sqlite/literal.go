package sqlite

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	lib "modernc.org/sqlite/lib"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Literal implements dialect.Database. A value that has more than one spelling in a file is written as
// SQLite's own functions spell it. A decimal of more digits than a double has is rounded by SQLite in a
// column that is not text, as in any statement.
func (d *Database) Literal(c dialect.Column, cell []byte) (string, error) {
	if len(cell) == 0 {
		return "", canon.ErrCells
	}
	switch tag := canon.Tag(cell[0]); tag {
	case canon.Null:
		return "NULL", nil
	case canon.NegativeInt:
		return strconv.FormatInt(canon.Int(cell), 10), nil
	case canon.PositiveInt:
		return strconv.FormatUint(canon.Uint(cell), 10), nil
	case canon.Decimal:
		return decimalLiteral(c, cell)
	case canon.Float64:
		return floatLiteral(c, canon.Double(cell), 64)
	case canon.Float32:
		return floatLiteral(c, float64(canon.Single(cell)), 32)
	case canon.Text:
		return textLiteral(canon.Content(cell)), nil
	case canon.Inexact:
		if affinityIn(c) == affinityNone {
			return "", fmt.Errorf("the column %s has no type, so its value cannot be told from the text %s: %w", c.Name, canon.Format(cell), dialect.ErrCannot)
		}
		return textLiteral(canon.Content(cell)), nil
	case canon.Bytes:
		return blobLiteral(canon.Content(cell)), nil
	case canon.UUID:
		if f, _ := familyOf(c.Type); f == familyBytes {
			return blobLiteral(cell[1:]), nil
		}
		return quoteText(canon.Format(cell)), nil
	case canon.Date, canon.Time, canon.Timestamp, canon.TimestampZone:
		return momentLiteral(c, tag, canon.Moment(cell)), nil
	case canon.Bits:
		return bitsLiteral(c, cell), nil
	case canon.JSONNull, canon.JSONFalse, canon.JSONTrue, canon.JSONArray, canon.JSONObject:
		text, _, err := appendDocument(nil, cell)
		return textLiteral(text), err
	default:
		return "", fmt.Errorf("the column %s: SQLite has no value for %s: %w", c.Name, canon.Format(cell), dialect.ErrCannot)
	}
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// textLiteral writes text. What cannot stand in a statement, a byte 0 or bytes that are not UTF-8, is put
// together by expressions, which have no affinity, as a literal has none.
func textLiteral(text []byte) string {
	s := string(text)
	switch {
	case !utf8.ValidString(s):
		return "+CAST(" + blobLiteral(text) + " AS TEXT)"
	case strings.IndexByte(s, 0) < 0:
		return quoteText(s)
	}
	parts := strings.Split(s, "\x00")
	for i, p := range parts {
		parts[i] = quoteText(p)
	}
	return "(" + strings.Join(parts, "||char(0)||") + ")"
}

func blobLiteral(b []byte) string { return "x'" + hex.EncodeToString(b) + "'" }

// literal is the stored value itself, of whatever class and spelling.
func (s *stmt) literal(i int) string {
	switch s.class(i) {
	case lib.SQLITE_NULL:
		return "NULL"
	case lib.SQLITE_INTEGER:
		return s.string(i)
	case lib.SQLITE_FLOAT:
		return doubleLiteral(s.double(i), 64)
	case lib.SQLITE_BLOB:
		return blobLiteral(s.blob(i))
	}
	return textLiteral(s.text(i))
}

func decimalLiteral(c dialect.Column, cell []byte) (string, error) {
	text := string(canon.AppendDecimalText(nil, cell))
	switch {
	case text == "NaN":
		return "", fmt.Errorf("the column %s: SQLite has no NaN: %w", c.Name, dialect.ErrCannot)
	case affinityIn(c) == affinityText:
		return quoteText(text), nil
	case text == "Infinity":
		return "9e999", nil
	case text == "-Infinity":
		return "-9e999", nil
	}
	return text, nil
}

func floatLiteral(c dialect.Column, v float64, size int) (string, error) {
	if math.IsNaN(v) {
		return "", fmt.Errorf("the column %s: SQLite has no NaN: %w", c.Name, dialect.ErrCannot)
	}
	return doubleLiteral(v, size), nil
}

// doubleLiteral writes a float of 64 or 32 bits that is not NaN.
func doubleLiteral(v float64, size int) string {
	switch {
	case math.IsInf(v, 1):
		return "9e999"
	case math.IsInf(v, -1):
		return "-9e999"
	}
	return strconv.FormatFloat(v, 'e', -1, size)
}

func momentLiteral(c dialect.Column, tag canon.Tag, v int64) string {
	var buf [48]byte
	dst := buf[:0]
	switch tag {
	case canon.Date:
		dst = writeDate(dst, v)
	case canon.Time:
		dst = writeTime(dst, v)
	default:
		dst = writeTimestamp(dst, v)
		if f, _ := familyOf(c.Type); tag == canon.TimestampZone && f == familyTimestampZone && v != canon.PositiveInfinity && v != canon.NegativeInfinity {
			dst = append(dst, "+00:00"...)
		}
	}
	return quoteText(string(dst))
}

func bitsLiteral(c dialect.Column, cell []byte) string {
	text := canon.Format(cell)
	if bitWidth(c) == 0 {
		return quoteText(text)
	}
	// More bits than the column holds are a number that it does not hold either.
	v, err := strconv.ParseUint(text, 2, 64)
	if err != nil && text != "" {
		v = math.MaxUint64
	}
	return strconv.FormatUint(v, 10)
}

// appendDocument writes the first cell of a document as JSON and returns the rest.
func appendDocument(dst, cells []byte) (out, rest []byte, err error) {
	cell, rest, err := canon.Next(cells)
	if err != nil {
		return dst, nil, err
	}
	switch canon.Tag(cell[0]) {
	case canon.JSONNull:
		return append(dst, "null"...), rest, nil
	case canon.JSONFalse:
		return append(dst, "false"...), rest, nil
	case canon.JSONTrue:
		return append(dst, "true"...), rest, nil
	case canon.Decimal:
		return canon.AppendDecimalText(dst, cell), rest, nil
	case canon.Text:
		return appendJSONText(dst, canon.Content(cell)), rest, nil
	case canon.JSONArray, canon.JSONObject:
		dst, err = appendNested(dst, cell)
		return dst, rest, err
	}
	return dst, nil, canon.ErrCells
}

func appendNested(dst, cell []byte) ([]byte, error) {
	object := canon.Tag(cell[0]) == canon.JSONObject
	rest := cell[1:]
	for len(rest) > 0 && rest[0] >= 0x80 { // the count, which the length of the cell tells too
		rest = rest[1:]
	}
	rest = rest[1:]
	brackets := "[]"
	if object {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for i := 0; len(rest) > 0; i++ {
		switch {
		case object && i%2 == 1:
			dst = append(dst, ':')
		case i > 0:
			dst = append(dst, ',')
		}
		var err error
		if dst, rest, err = appendDocument(dst, rest); err != nil {
			return dst, err
		}
	}
	return append(dst, brackets[1]), nil
}

func appendJSONText(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, `\u00`...)
			dst = hex.AppendEncode(dst, []byte{c})
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// spellings are all literals under which a value of a form can stand in a column, so that a look-up by
// the index finds it; ok is false where there are too many, or a literal cannot say.
func (d *Database) spellings(f dialect.Field, cell []byte) (literals []string, ok bool, err error) {
	literal, err := d.Literal(f.Column, cell)
	if errors.Is(err, dialect.ErrCannot) {
		return nil, false, nil // the word NaN may stand in a text
	}
	if err != nil {
		return nil, false, err
	}
	switch a := affinityIn(f.Column); f.Form {
	case dialect.Int, dialect.Bytes, dialect.Float64, dialect.Date, dialect.Stored:
		return []string{literal}, true, nil
	case dialect.Decimal:
		_, finite := canon.Number(cell) // the word Infinity may stand in a text
		return []string{literal}, finite && (a == affinityInteger || a == affinityReal || a == affinityNumeric), nil
	case dialect.Text:
		return []string{literal}, a != affinityNone, nil
	case dialect.Bits:
		return []string{literal}, bitWidth(f.Column) > 0 || a == affinityText, nil
	case dialect.UUID:
		text := quoteText(canon.Format(cell))
		return []string{text, strings.ToUpper(text), blobLiteral(cell[1:])}, true, nil
	case dialect.Timestamp:
		return timestampSpellings(literal), true, nil
	}
	return nil, false, nil
}

// timestampSpellings are the literals that appendTimestamp reads as the same moment.
func timestampSpellings(literal string) []string {
	text := strings.Trim(literal, "'")
	day, clock, ok := strings.Cut(text, " ")
	if !ok {
		return []string{literal} // an infinity
	}
	var literals []string
	add := func(clock string) {
		literals = append(literals, quoteText(day+" "+clock), quoteText(day+"T"+clock))
	}
	whole, fraction, _ := strings.Cut(clock, ".")
	if fraction == "" {
		if minutes, ok := strings.CutSuffix(whole, ":00"); ok {
			add(minutes)
			if minutes == "00:00" {
				literals = append(literals, quoteText(day))
			}
		}
		add(whole)
	}
	for n := max(len(fraction), 1); n <= maxFraction; n++ {
		add(whole + "." + fraction + strings.Repeat("0", n-len(fraction)))
	}
	return literals
}
