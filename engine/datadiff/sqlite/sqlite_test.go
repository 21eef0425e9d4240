package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// open makes a file with the statements and opens it.
func open(t testing.TB, statements string) (*Database, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "it's a file.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%v: %s", err, statements)
	}
	u, err := database.Parse("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), u, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, db
}

func tableOf(t testing.TB, d *Database, name string) *dialect.Table {
	t.Helper()
	table, err := d.Table(context.Background(), dialect.TableName{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func sessionOf(t testing.TB, d *Database) dialect.Session {
	t.Helper()
	s, err := d.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// read reads column v of table t in a form, one cell a row.
func read(t testing.TB, d *Database, form dialect.Form) ([]string, error) {
	t.Helper()
	table := tableOf(t, d, "t")
	r := &dialect.Relation{Table: table, Columns: []dialect.Field{{Column: *table.Column("v"), Form: form}}}
	var cells []string
	err := sessionOf(t, d).Stream(context.Background(), r, dialect.Range{}, func(row []byte, _ int) error {
		cells = append(cells, string(row))
		return nil
	})
	return cells, err
}

func TestValuesOfEachStorageClass(t *testing.T) {
	text := func(s string) []byte { return canon.AppendText(nil, s) }
	decimal := func(s string) []byte {
		cell, err := canon.AppendDecimal(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	const noon = 1795780800_000000 // 2026-11-27 12:00 UTC
	moment := func(micros int64) []byte { return canon.AppendTimestamp(nil, micros) }
	utc := func(micros int64) []byte { return canon.AppendTimestampZone(nil, micros) }
	uuid := [16]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}
	for _, c := range []struct {
		name, declared, value string
		form                  dialect.Form
		want                  []byte
		err                   string // part of the error
	}{
		{"NULL", "TEXT", "NULL", dialect.Text, canon.AppendNull(nil), ""},
		{"the least integer", "BIGINT", "-9223372036854775808", dialect.Int, canon.AppendInt(nil, -1<<63), ""},
		{"the largest integer", "BIGINT", "9223372036854775807", dialect.Int, canon.AppendInt(nil, 1<<63-1), ""},
		{"a boolean", "BOOLEAN", "TRUE", dialect.Int, canon.AppendInt(nil, 1), ""},
		{"the word for a boolean", "BOOLEAN", "'true'", dialect.Int, nil, `the column v: the text "true" cannot be read as integer`},
		{"a fraction in an integer column", "INTEGER", "1.5", dialect.Int, nil, "the real 1.5 cannot"},
		{"an integer beyond a double", "BIGINT", "9007199254740993", dialect.Float64, nil, "a double does not hold it"},
		{"a decimal that became an integer", "DECIMAL(10,2)", "'5.00'", dialect.Decimal, decimal("5"), ""},
		{"a decimal that became a double", "NUMERIC(12,2)", "'1.10'", dialect.Decimal, decimal("1.1"), ""},
		{"a decimal in text", "TEXT", "'123456789012345678901234567890.10'", dialect.Decimal, decimal("123456789012345678901234567890.1"), ""},
		{"an infinite decimal", "NUMERIC", "9e999", dialect.Decimal, decimal("Infinity"), ""},
		{"a word as a decimal", "NUMERIC", "'many'", dialect.Decimal, nil, "not a decimal number"},
		{"an integer in a real column", "REAL", "5", dialect.Float64, canon.AppendFloat64(nil, 5), ""},
		{"minus zero", "REAL", "-0.0", dialect.Float64, canon.AppendFloat64(nil, 0), ""},
		{"infinity below", "DOUBLE", "-9e999", dialect.Float64, decimalInfinity(), ""},
		{"no number, stored as NULL", "DOUBLE", "9e999 - 9e999", dialect.Float64, canon.AppendNull(nil), ""},
		{"a float of four bytes", "FLOAT", "12499.875", dialect.Float32, canon.AppendFloat32(nil, 12499.875), ""},
		{"a double beyond four bytes", "FLOAT", "1e300", dialect.Float32, nil, "beyond a float of four bytes"},
		{"emoji", "TEXT", "'🧻 naïve'", dialect.Text, text("🧻 naïve"), ""},
		{"a byte 0 in text", "TEXT", "'a' || char(0) || 'b'", dialect.Text, text("a\x00b"), ""},
		{"text that is not UTF-8", "TEXT", "CAST(x'ff61' AS TEXT)", dialect.Text, text("\xff" + "a"), ""},
		{"digits in a text column", "VARCHAR(9)", "5", dialect.Text, text("5"), ""},
		{"digits in a column without a type", "", "5", dialect.Text, text("5"), ""},
		{"a blob in a text column", "TEXT", "x'61'", dialect.Text, nil, "the blob x'61' cannot be read as text"},
		{"blanks behind CHAR", "CHAR(5)", "'ab  '", dialect.TextTrimmed, text("ab"), ""},
		{"blanks behind TEXT", "TEXT", "'ab  '", dialect.Text, text("ab  "), ""},
		{"a blob", "BLOB", "x'00ff'", dialect.Bytes, canon.AppendBytes(nil, "\x00\xff"), ""},
		{"an empty blob", "BLOB", "x''", dialect.Bytes, canon.AppendBytes(nil, ""), ""},
		{"text in a blob column", "BLOB", "'a'", dialect.Bytes, nil, "storage class"},
		{"a UUID in text", "UUID", "'01234567-89ab-cdef-0123-456789abcdef'", dialect.UUID, canon.AppendUUID(nil, uuid), ""},
		{"a UUID in capitals", "CHAR(36)", "'01234567-89AB-CDEF-0123-456789ABCDEF'", dialect.UUID, canon.AppendUUID(nil, uuid), ""},
		{"a UUID in a blob", "BLOB", "x'0123456789abcdef0123456789abcdef'", dialect.UUID, canon.AppendUUID(nil, uuid), ""},
		{"a UUID in both cases", "UUID", "'01234567-89AB-CDEF-0123-456789abcdef'", dialect.UUID, nil, "in one case"},
		{"a date", "DATE", "'2026-11-27'", dialect.Date, canon.AppendDate(nil, 20784), ""},
		{"a date before Christ", "DATE", "'-0043-03-15'", dialect.Date, canon.AppendDate(nil, -735160), ""},
		{"a day that is none", "DATE", "'2026-02-29'", dialect.Date, nil, "not spelt like"},
		{"an integer as a date", "DATE", "20261127", dialect.Date, nil, "storage class"},
		{"a time", "TIME", "'12:00:00.5'", dialect.Time, canon.AppendTime(nil, 12*microsOfHour+500000), ""},
		{"a negative time", "TIME", "'-838:59:59'", dialect.Time, canon.AppendTime(nil, -(838*microsOfHour + 59*microsOfMinute + 59*microsOfSecond)), ""},
		{"a moment", "DATETIME", "'2026-11-27 12:00:00.123456'", dialect.Timestamp, moment(noon + 123456), ""},
		{"a moment with T", "TIMESTAMP", "'2026-11-27T12:00'", dialect.Timestamp, moment(noon), ""},
		{"a moment of nanoseconds", "TIMESTAMP", "'2026-11-27 12:00:00.123456700'", dialect.Timestamp, nil, "more digits than microseconds"},
		{"a moment with a zone", "TIMESTAMP", "'2026-11-27 12:00:00Z'", dialect.Timestamp, nil, "time zone"},
		{"a moment with an offset", "TIMESTAMPTZ", "'2026-11-27 14:00:00+02:00'", dialect.TimestampZone, utc(noon), ""},
		{"a moment of no zone in UTC", "DATETIME", "'2026-11-27 12:00:00'", dialect.TimestampZone, utc(noon), ""},
		{"an epoch", "DATETIME", "1795780800", dialect.Timestamp, nil, "the integer 1795780800"},
		{"bits of an integer", "BIT(8)", "5", dialect.Bits, canon.AppendBits(nil, []byte{5}, 8), ""},
		{"bits in text", "TEXT", "'00000101'", dialect.Bits, canon.AppendBits(nil, []byte{5}, 8), ""},
		{"bits of too large an integer", "BIT(2)", "5", dialect.Bits, nil, "does not fit 2 bits"},
		{"a document", "JSON", `'{"b": 1.0, "a": [null]}'`, dialect.JSON, document(t, `{"a":[null],"b":1}`), ""},
		{"a document that is a number", "JSON", "'10'", dialect.JSON, document(t, "1e1"), ""},
		{"no document", "JSON", "'{'", dialect.JSON, nil, "is not JSON"},
		{"the text of a real", "REAL", "0.1", dialect.Inexact, canon.AppendInexact(nil, "0.1"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := open(t, "CREATE TABLE t (v "+c.declared+"); INSERT INTO t VALUES ("+c.value+")")
			cells, err := read(t, d, c.form)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one with %q; cells %q", err, c.err, cells)
				}
				return
			}
			if err != nil || len(cells) != 1 || cells[0] != string(c.want) {
				t.Fatalf("read %x, %v, want %x", cells, err, c.want)
			}
			table := tableOf(t, d, "t")
			offered := false
			for _, o := range d.Offers(*table.Column("v")) {
				offered = offered || o.Form == c.form
			}
			if !offered {
				t.Fatalf("%s is not offered for %q", c.form, c.declared)
			}
		})
	}
}

func decimalInfinity() []byte {
	return []byte{byte(canon.Float64), 0x00, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
}

func document(t *testing.T, s string) []byte {
	t.Helper()
	cell, err := canon.AppendJSON(nil, []byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return cell
}
