package mysql

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

var errNoLiteral = errors.New("MySQL has no literal for it")

// literal writes a cell as a literal of the type of a column. It means the same whatever sql_mode says
// of backslashes and quotes, so that a repair can be run in a client of another mode. A TIMESTAMP is in
// UTC and needs the session's time zone to be +00:00.
func literal(c dialect.Column, cell []byte) (string, error) {
	if len(cell) == 0 {
		return "", canon.ErrCells
	}
	t := typeOf(c)
	if t.kind == kindJSON || t.kind == kindJSONText {
		return jsonLiteral(t, cell)
	}
	switch tag := canon.Tag(cell[0]); tag {
	case canon.Null:
		return "NULL", nil
	case canon.NegativeInt:
		return strconv.FormatInt(canon.Int(cell), 10), nil
	case canon.PositiveInt:
		return strconv.FormatUint(canon.Uint(cell), 10), nil
	case canon.Decimal:
		return decimalLiteral(cell)
	case canon.Float64:
		return floatLiteral(canon.Double(cell))
	case canon.Float32:
		// A FLOAT is compared and stored as the double that it is.
		return floatLiteral(float64(canon.Single(cell)))
	case canon.Date, canon.Timestamp, canon.TimestampZone:
		return momentLiteral(t, tag, canon.Moment(cell))
	case canon.Time:
		return timeLiteral(canon.Moment(cell))
	case canon.UUID:
		return uuidLiteral(t, cell[1:]), nil
	case canon.Text, canon.Inexact:
		if t.kind == kindGeometry {
			return "", fmt.Errorf("a geometry cannot be written from its text, which lacks the reference system: %w", errNoLiteral)
		}
		if tag == canon.Inexact && t.isBinary() {
			return "x'" + string(canon.Content(cell)) + "'", nil
		}
		return textLiteral(canon.Content(cell)), nil
	case canon.Bytes:
		return "x'" + hex.EncodeToString(canon.Content(cell)) + "'", nil
	case canon.Bits:
		return bitsLiteral(canon.Format(cell))
	case canon.JSONNull, canon.JSONFalse, canon.JSONTrue, canon.JSONArray, canon.JSONObject:
		return jsonLiteral(t, cell)
	default:
		return "", fmt.Errorf("%s: %w", canon.Format(cell), errNoLiteral)
	}
}

// mostDigits is that of DECIMAL. A longer literal would be cut to 65 nines, with a warning.
const mostDigits = 65

func decimalLiteral(cell []byte) (string, error) {
	if s := cell[1]; len(cell) == 2 && s != 0x03 { // not zero, and no digits: NaN or an infinity
		return "", fmt.Errorf("%s: %w", canon.Format(cell), errNoLiteral)
	}
	// A short cell can stand for a number of a million zeros, so its size is looked at first.
	short := canon.Format(cell)
	if strings.ContainsRune(short, 'e') || len(short) > mostDigits+2 {
		return "", fmt.Errorf("%s has more than %d digits: %w", clip([]byte(short)), mostDigits, errNoLiteral)
	}
	return string(canon.AppendDecimalText(nil, cell)), nil
}

func floatLiteral(v float64) (string, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "", fmt.Errorf("%v: %w", v, errNoLiteral)
	}
	return strconv.FormatFloat(v, 'e', -1, 64), nil // without an exponent it would be a DECIMAL
}

func momentLiteral(t columnType, tag canon.Tag, v int64) (string, error) {
	const latest, earliest = 253_402_300_799_999_999, -62_135_596_800_000_000 // 9999-12-31 and 0001-01-01
	micros := v
	if tag == canon.Date {
		if v < earliest/dayMicros || v > latest/dayMicros {
			return "", fmt.Errorf("the date %d days from 1970 is outside of the years 1 to 9999: %w", v, errNoLiteral)
		}
		micros = v * dayMicros
	}
	if micros < earliest || micros > latest {
		return "", fmt.Errorf("a moment %d µs from 1970 is outside of the years 1 to 9999: %w", micros, errNoLiteral)
	}
	dateOnly := tag == canon.Date || t.kind == kindDate && micros%dayMicros == 0
	word := "TIMESTAMP'"
	if dateOnly {
		word = "DATE'"
	}
	return word + string(clockOf(micros).appendText(nil, dateOnly)) + "'", nil
}

func timeLiteral(micros int64) (string, error) {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	const longest = (838*3600 + 59*60 + 59) * 1_000_000
	if micros < 0 || micros/1_000_000 > longest/1_000_000 {
		return "", fmt.Errorf("a time of %d µs is longer than 838:59:59: %w", micros, errNoLiteral)
	}
	text := fmt.Appendf(nil, "TIME'%s%02d:%02d:%02d", sign, micros/3_600_000_000, micros/60_000_000%60, micros/1_000_000%60)
	return string(appendFraction(text, int(micros%1_000_000))) + "'", nil
}

// uuidLiteral writes a UUID as a column holds it: sixteen bytes, 32 digits where no more fit, or in
// groups.
func uuidLiteral(t columnType, u []byte) string {
	digits := hex.EncodeToString(u)
	switch {
	case t.isBinary():
		return "x'" + digits + "'"
	case t.isText() && t.length > 0 && t.length < 36:
		return "'" + digits + "'"
	}
	return "'" + strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-") + "'"
}

// textLiteral writes text: between quotes where it consists of printable ASCII without quotes and
// backslashes, which mean different things under different modes, and else as the digits of its bytes.
//
// It needs no COLLATE: a column's collation goes before that of a literal, whose text is converted to
// the character set of the column, so that its index is used.
func textLiteral(v []byte) string {
	plain := true
	for _, b := range v {
		if b < ' ' || b > '~' || b == '\'' || b == '\\' || b == '"' {
			plain = false
			break
		}
	}
	switch {
	case plain:
		return "_utf8mb4'" + string(v) + "'"
	case utf8.Valid(v):
		return "_utf8mb4 x'" + hex.EncodeToString(v) + "'"
	}
	// Bytes that are no UTF-8: the server would refuse them as text.
	return "x'" + hex.EncodeToString(v) + "'"
}

func bitsLiteral(bits string) (string, error) {
	v, err := strconv.ParseUint(bits, 2, 64)
	if err != nil {
		return "", fmt.Errorf("a bit string of %d bits: %w", len(bits), errNoLiteral)
	}
	return strconv.FormatUint(v, 10), nil
}
