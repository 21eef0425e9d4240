package mysql

import (
	"context"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// numbers is a table of n rows whose column n counts from 0, made by joining tables of ten rows: it
// needs no right, no engine and no setting, as a recursion or MariaDB's sequences do.
func numbers(n int64) string {
	const digit = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) "
	var sb strings.Builder
	for i, size := 0, int64(1); i == 0 || size < n && i < 18; i, size = i+1, size*10 {
		if i > 0 {
			sb.WriteString(" CROSS JOIN ")
		}
		sb.WriteString(digit + "d" + strconv.Itoa(i))
	}
	return sb.String()
}

// madeUp is an expression of the type and about the width of a column, which reads no table.
func madeUp(f dialect.Field) string {
	t := typeOf(f.Column)
	width := f.Column.Width
	if width <= 0 {
		width = 16
	}
	width = min(width, 1<<20)
	switch t.kind {
	case kindInt, kindYear:
		return "(d0.d + 100000)"
	case kindDecimal:
		return "CAST(d0.d + 12345.75 AS DECIMAL(" + strconv.Itoa(max(t.length, 1)) + "," + strconv.Itoa(t.scale) + "))"
	case kindFloat:
		return "CAST(1.25 AS FLOAT)"
	case kindDouble:
		return "(d0.d + 1.25e0)"
	case kindBit:
		return "CAST(d0.d AS BINARY(" + strconv.Itoa((t.length+7)/8) + "))"
	case kindDate:
		return "DATE'2024-02-29'"
	case kindDatetime, kindTimestamp:
		return "TIMESTAMP'2024-02-29 12:34:56.789012'"
	case kindTime:
		return "TIME'12:34:56.789012'"
	case kindBinary, kindVarbinary, kindBlob:
		return "CAST(REPEAT('x', " + strconv.Itoa(max(width, t.fixedBytes())) + ") AS BINARY)"
	case kindJSON, kindJSONText:
		return "CONCAT('{\"a\": \"', REPEAT('x', " + strconv.Itoa(max(width-9, 1)) + "), '\"}')"
	case kindUUID:
		return "'123e4567-e89b-12d3-a456-426614174000'"
	}
	if f.Form == dialect.UUID {
		return "'123e4567-e89b-12d3-a456-426614174000'"
	}
	if f.Form == dialect.JSON {
		return "CONCAT('{\"a\": \"', REPEAT('x', " + strconv.Itoa(max(width-9, 1)) + "), '\"}')"
	}
	return "REPEAT('x', " + strconv.Itoa(width) + ")"
}

// fixedBytes is the length that values of a binary type must have to be read as a UUID.
func (t columnType) fixedBytes() int {
	if t.length == 16 {
		return 16
	}
	return 0
}

// Generate implements [dialect.Session].
func (s *session) Generate(ctx context.Context, r *dialect.Relation, n int64, row dialect.RowFunc) error {
	made := list(r.Fields(), func(f dialect.Field) string { return madeUpText(f) })
	statement := "SELECT " + made + " FROM " + numbers(n) + " LIMIT " + strconv.FormatInt(n, 10)
	return s.fail(ctx, "measure the reading of made-up rows", s.read(ctx, r, statement, row))
}

// madeUpText is madeUp as the form reads it.
func madeUpText(f dialect.Field) string {
	if f.Form == dialect.Inexact {
		return "CAST(" + madeUp(f) + " AS CHAR)"
	}
	if f.Form == dialect.Int && typeOf(f.Column).kind == kindBit {
		return "d0.d"
	}
	return madeUp(f)
}

// GenerateHash implements [dialect.Session].
func (s *session) GenerateHash(ctx context.Context, r *dialect.Relation, h dialect.Hash, n int64) error {
	hash := s.d.hashExpr(h, r.Fields(), madeUp)
	statement := hashSelect(0, "q.h") + " FROM (SELECT " + hash + " h FROM " + numbers(n) + " LIMIT " + strconv.FormatInt(n, 10) + ") q"
	err := s.fingerprints(ctx, statement, func(int, dialect.Fingerprint) error { return nil })
	return s.fail(ctx, "measure the hashing of made-up rows", err)
}

// Throughput implements [dialect.Session]: rows of one literal of 8,000 bytes. (REPEAT would put it
// together byte by byte for each row, which costs more than sending it.)
func (s *session) Throughput(ctx context.Context, n int64) error {
	const size = 8000
	rows := max((n+size-1)/size, 1)
	statement := "SELECT '" + strings.Repeat("x", size) + "' FROM " + numbers(rows) + " LIMIT " + strconv.FormatInt(rows, 10)
	err := s.c.query(ctx, statement, func([]wireField) error { return nil }, func([]byte) error { return nil })
	return s.fail(ctx, "measure the throughput of the link", err)
}
