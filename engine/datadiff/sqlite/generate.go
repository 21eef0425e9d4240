package sqlite

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
)

// numbers is a table of the numbers from 1 to n.
func numbers(n int64) string {
	return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + strconv.FormatInt(n, 10) + ") "
}

// Generate implements dialect.Session. The rows come out of a recursive query, which costs about as much
// as stepping through a narrow table.
func (s *session) Generate(ctx context.Context, r *dialect.Relation, n int64, row dialect.RowFunc) error {
	return s.run(func() error { return s.generate(ctx, r, n, row) })
}

func (s *session) generate(ctx context.Context, r *dialect.Relation, n int64, row dialect.RowFunc) error {
	if n <= 0 {
		return nil
	}
	var values []string
	for _, f := range r.Fields() {
		v, err := madeUp(f)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	return s.rows(ctx, r, numbers(n)+"SELECT "+strings.Join(values, ", ")+" FROM n", row)
}

// madeUp is an expression whose value is read as a field of its form.
func madeUp(f dialect.Field) (string, error) {
	w := f.Column.Width
	if w <= 0 {
		w = 16
	}
	w = min(w, 4096)
	form := f.Form
	if form == dialect.Stored {
		form = usual(f.Column)
	}
	switch form {
	case dialect.Int:
		return "i", nil
	case dialect.Decimal:
		if affinityIn(f.Column) == affinityText {
			return "'1234567.25'", nil
		}
		return "i * 0.25", nil
	case dialect.Float64, dialect.Float32:
		return "i * 1.5", nil
	case dialect.Text, dialect.TextTrimmed, dialect.Inexact:
		return quoteText(strings.Repeat("x", w)), nil
	case dialect.Bytes:
		return "x'" + strings.Repeat("5a", w) + "'", nil
	case dialect.UUID:
		return "'01234567-89ab-cdef-0123-456789abcdef'", nil
	case dialect.Date:
		return "'2026-11-27'", nil
	case dialect.Time:
		return "'12:00:00'", nil
	case dialect.Timestamp, dialect.TimestampZone:
		return "'2026-11-27 12:00:00'", nil
	case dialect.Bits:
		if bitWidth(f.Column) > 0 {
			return "i & 1", nil
		}
		return "'0101'", nil
	case dialect.JSON:
		return quoteText(`{"a": "` + strings.Repeat("x", w) + `"}`), nil
	}
	return "", fmt.Errorf("the column %s cannot be read as %s", f.Column.Name, f.Form)
}

// usual is the form of the values that a column mostly holds: those of its type.
func usual(c dialect.Column) dialect.Form {
	switch f, _ := familyOf(c.Type); f {
	case familyInt, familyBits:
		return dialect.Int
	case familyDecimal, familyFloat:
		return dialect.Float64
	case familyBytes:
		return dialect.Bytes
	}
	return dialect.Text
}

// GenerateHash implements dialect.Session.
func (s *session) GenerateHash(ctx context.Context, r *dialect.Relation, h dialect.Hash, n int64) error {
	return s.run(func() error {
		if h != dialect.Portable {
			return fmt.Errorf("SQLite has no hash of its own: %w", dialect.ErrCannot)
		}
		var hasher portable.Hasher
		var f dialect.Fingerprint
		return s.generate(ctx, r, n, func(cells []byte, _ int) error { return add(&f, &hasher, cells) })
	})
}

// block is the size of the texts that Throughput reads.
const block = 64 << 10

// Throughput implements dialect.Session. What it measures is copying memory: there is no wire.
func (s *session) Throughput(ctx context.Context, n int64) error {
	return s.run(func() error {
		buf := make([]byte, 0, block)
		sql := numbers((n+block-1)/block) + "SELECT x FROM n, (SELECT CAST(zeroblob(" + strconv.Itoa(block) + ") AS BLOB) AS x)"
		return s.c.query(ctx, sql, func(st *stmt) error {
			buf = append(buf[:0], st.blob(0)...)
			return nil
		})
	})
}
