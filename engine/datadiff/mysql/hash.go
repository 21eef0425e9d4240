package mysql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// hashField writes a text with its length before it, and NULL as a minus sign. text must be binary, so that
// columns of different collations can be put together and lengths are those of bytes.
func hashField(ref, text string) string {
	return "IF(" + ref + " IS NULL, '-', CONCAT(LENGTH(" + text + "), ':', " + text + "))"
}

// rowText is the text of a row that is hashed. ref gives the expression of a column.
func rowText(fields []dialect.Field, text func(f dialect.Field, ref string) string, ref func(dialect.Field) string) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		r := ref(f)
		parts[i] = hashField(r, text(f, r))
	}
	return "CONCAT(" + strings.Join(parts, ", ") + ")"
}

func binaryCast(expr string) string { return "CAST(" + expr + " AS BINARY)" }

// portableText is the text that package portable gives a cell, computed by the server.
func portableText(f dialect.Field, ref string) string {
	t := typeOf(f.Column)
	switch f.Form {
	case dialect.Int, dialect.Decimal:
		return numberText(t, ref)
	case dialect.Date:
		return existing(ref, "TO_DAYS("+ref+")-719528", true)
	case dialect.Timestamp, dialect.TimestampZone:
		micros := "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', " + ref + ")"
		if t.kind == kindTimestamp { // it is zero, or exists
			return "IF(MONTH(" + ref + ") > 0, " + micros + ", '0000-00-00 00:00:00')"
		}
		return existing(ref, micros, false)
	case dialect.Time:
		// TIME_TO_SEC has a fraction in MariaDB and none in MySQL.
		return fmt.Sprintf("IF(%[1]s < TIME'00:00:00', -1, 1) * CAST((HOUR(%[1]s)*3600 + MINUTE(%[1]s)*60 + SECOND(%[1]s)) * 1000000 + MICROSECOND(%[1]s) AS SIGNED)", ref)
	case dialect.Bits:
		return "LPAD(BIN(" + ref + "+0), " + strconv.Itoa(t.length) + ", '0')"
	case dialect.Bytes:
		return "LOWER(HEX(" + ref + "))"
	case dialect.UUID:
		if t.isBinary() {
			return "LOWER(HEX(" + ref + "))"
		}
		return "LOWER(REPLACE(CAST(" + ref + " AS CHAR), '-', ''))"
	case dialect.TextTrimmed:
		return binaryCast("TRIM(TRAILING ' ' FROM " + textExpr(f.Column, ref) + ")")
	}
	return binaryCast(textExpr(f.Column, ref))
}

// numberText prints a number without zeros before it (ZEROFILL) or at the end of its fraction.
func numberText(t columnType, ref string) string {
	if t.zerofill || t.kind == kindBit || t.kind == kindYear {
		ref = "(" + ref + "+0)"
	}
	if t.kind == kindDecimal && t.scale > 0 {
		return "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM " + ref + "))"
	}
	return ref
}

// existing is a number for a date that exists, and MySQL's text for one that does not. The two
// expressions must agree with clock.exists and clock.appendText.
func existing(ref, number string, dateOnly bool) string {
	text := "DATE_FORMAT(" + ref + ", '%Y-%m-%d')"
	if !dateOnly {
		text = "CONCAT(DATE_FORMAT(" + ref + ", '%Y-%m-%d %H:%i:%s'), IF(MICROSECOND(" + ref + ") = 0, '', CONCAT('.', TRIM(TRAILING '0' FROM LPAD(MICROSECOND(" + ref + "), 6, '0')))))"
	}
	// Up to the 28th every day exists, so that the last of the month is looked up for one row in ten.
	return fmt.Sprintf("IF(YEAR(%[1]s) > 0 AND MONTH(%[1]s) > 0 AND DAY(%[1]s) > 0 AND (DAY(%[1]s) <= 28 OR DAY(%[1]s) <= DAY(LAST_DAY(DATE_FORMAT(%[1]s, '%%Y-%%m-01')))), %[2]s, %[3]s)", ref, number, text)
}

// portableHash is the hash of package portable: the first fifteen digits of MD5 as a number.
func portableHash(text string) string {
	return "CAST(CONV(LEFT(MD5(" + text + "), 15), 16, 10) AS UNSIGNED)"
}

// nativeText is a text of a cell that two cells share exactly when they are equal, on servers of one
// product. It is printed by the product, and so cheaper than the portable one.
func nativeText(f dialect.Field, ref string) string {
	t := typeOf(f.Column)
	switch f.Form {
	case dialect.Float32, dialect.Float64:
		// Zero has one sign, and a FLOAT is widened, because its own text has six digits.
		return "IF(" + ref + " = 0, 0e0, " + ref + "+0e0)"
	case dialect.Date, dialect.Timestamp, dialect.TimestampZone, dialect.Time:
		return binaryCast(ref)
	case dialect.Bytes:
		return ref
	case dialect.UUID:
		if t.isBinary() {
			return ref
		}
	case dialect.Int, dialect.Decimal:
		return numberText(columnType{kind: t.kind, zerofill: t.zerofill}, ref)
	case dialect.Bits:
		return "(" + ref + "+0)"
	}
	return portableText(f, ref)
}

// crcHash spreads the remainders of two polynomials, of 32 bits each, over 64 bits by a multiplication of
// each with an odd number, and joins them by XOR.
//
// What it must withstand are sums over rows. A remainder is linear: if two rows exchange a value, the
// remainders of both change by the same bits, and the sum of the two remainders put side by side stays the
// same one time in 10^8. The multiplications carry where XOR does not, and XOR joins where a sum
// would not. (The product of the two remainders does so too, but numbers with many divisors come up often:
// one changed row would be missed some 15 times as often.) Measured with remainders of 7, 8 and 9 bits, so that
// collisions can be counted: one changed row is missed with 2 to 3 times 2^-64, two rows that exchange a
// value with 8 to 9 times, three that pass values around with 2 times: 2^-60 bounds all.
func crcHash(text string) string {
	return "((CRC32(" + text + ") * 2654435761) ^ (CRC32C(" + text + ") * 2246822507))"
}

// hashExpr is the hash of a row.
func (d *Database) hashExpr(h dialect.Hash, fields []dialect.Field, ref func(dialect.Field) string) string {
	if h == dialect.Portable {
		return portableHash(rowText(fields, portableText, ref))
	}
	text := rowText(fields, nativeText, ref)
	if d.crc32c {
		return crcHash(text)
	}
	return portableHash(text)
}

func columnRef(f dialect.Field) string { return quote(f.Column.Name) }

// hashesNatively says whether equal cells have equal texts: not so for documents and inexact ones.
func hashesNatively(r *dialect.Relation) bool {
	for _, f := range r.Fields() {
		switch f.Form {
		case dialect.JSON, dialect.Inexact, dialect.Array, dialect.Interval:
			return false
		}
	}
	return true
}

// hashProbe is hashed on each server, and the result is part of the identity: it shows how the server
// prints doubles, decimals and times, and that its functions are those that we think they are.
const hashProbe = "CONCAT(1e0/3, ':', 1e22+0e0, ':', 1.10, ':', CAST(TIMESTAMP'2001-02-03 04:05:06.070000' AS CHAR), ':', CAST(TIME'-01:02:03.5' AS CHAR), ':', _utf8mb4 x'f09f9880')"

// identity states everything that the native hash of a relation depends on.
func (d *Database) identity(r *dialect.Relation) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "mysql %s crc32c=%t probe=%s", d.product, d.crc32c, d.probe)
	for _, f := range r.Fields() {
		fmt.Fprintf(&sb, "; %s as %s in %q", strings.ToLower(f.Column.Type), f.Form, f.Column.Collation)
	}
	fmt.Fprintf(&sb, "; %d of the key", len(r.Key))
	return sb.String()
}
