package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Generate implements [dialect.Session].
func (s *session) Generate(ctx context.Context, r *dialect.Relation, n int64, row dialect.RowFunc) error {
	p, err := s.d.projection(r)
	if err == nil {
		err = s.copyRows(ctx, "", p, "SELECT "+p.selects(p.own)+" FROM "+s.d.madeUp(r, n), row)
	}
	if err != nil {
		return fmt.Errorf("make up rows like those of %s: %w", r.Table.Name, err)
	}
	return nil
}

// GenerateHash implements [dialect.Session].
func (s *session) GenerateHash(ctx context.Context, r *dialect.Relation, h dialect.Hash, n int64) error {
	f, err := s.d.fingerprinter(r, h)
	if err == nil {
		err = exec(ctx, s.conn, "SELECT count(*), "+f.aggregate+" FROM "+f.source(s.d.madeUp(r, n)))
	}
	if err != nil {
		return fmt.Errorf("hash made-up rows like those of %s: %w", r.Table.Name, err)
	}
	return nil
}

// madeUp is a source of n rows with the columns of a relation. OFFSET 0 keeps the planner from seeing
// that most values never change, and from computing once what a table's rows would cost each time.
func (d *Database) madeUp(r *dialect.Relation, n int64) string {
	var columns []string
	seen := map[string]bool{}
	for _, f := range r.Fields() {
		if !seen[f.Column.Name] {
			seen[f.Column.Name] = true
			columns = append(columns, d.madeUpValue(f)+" AS "+quoteName(f.Column.Name))
		}
	}
	return "(SELECT " + strings.Join(columns, ", ") + " FROM generate_series(1, " + strconv.FormatInt(max(n, 0), 10) + ") napkin(i) OFFSET 0) made_up"
}

// madeUpValue is a value that costs next to nothing to make: a constant, but for numbers.
func (d *Database) madeUpValue(f dialect.Field) string {
	t := d.typeOf(f.Column)
	width := max(f.Column.Width, 1)
	switch {
	case f.Form == dialect.UUID && t.oid == oidBytea:
		return "'\\x123e4567e89b12d3a456426614174000'::bytea"
	case f.Form == dialect.UUID:
		return "'123e4567-e89b-12d3-a456-426614174000'::" + t.cast
	case f.Form == dialect.JSON:
		return madeUpJSON(width) + "::" + t.cast
	}
	switch t.oid {
	case oidBool:
		return "(i % 2 = 0)"
	case oidInt2:
		return "(i % 32768)::int2"
	case oidInt4, oidInt8, oidOID:
		return "i::" + t.cast
	case oidNumeric:
		if len(t.modifiers) > 0 && (len(t.modifiers) == 1 || t.modifiers[1] == 0) {
			return "i::numeric"
		}
		return "123456.25"
	case oidMoney:
		return "'123.45'::money"
	case oidFloat4, oidFloat8:
		return "(i + 0.25)::" + t.cast
	case oidUUID:
		return "'123e4567-e89b-12d3-a456-426614174000'::uuid"
	case oidDate:
		return "'2020-01-01'::date"
	case oidTime:
		return "'12:34:56.789'::time"
	case oidTimestamp, oidTimestamp2:
		return "'2020-01-01 00:00:00.123456'::" + t.cast
	case oidInterval:
		return "'1 month 2 days 03:04:05'::interval"
	case oidBytea:
		return "convert_to(" + madeUpText(max(width, 16), 16) + ", 'UTF8')"
	case oidBit, oidVarbit:
		return "'" + strings.Repeat("01", (t.bits(width)+1)/2)[:t.bits(width)] + "'::" + t.cast
	case oidJSON, oidJSONB:
		return madeUpJSON(width) + "::" + t.cast
	case oidInet, oidCIDR:
		return "'192.168.100.200'::" + t.cast
	case oidMacaddr, oidMacaddr8:
		return "'08:00:2b:01:02:03'::" + t.cast
	case oidText, oidVarchar, oidBPChar:
		return madeUpText(width, 1) + "::" + t.cast
	}
	if t.elem != nil {
		if element := d.madeUpValue(dialect.Field{Column: dialect.Column{Code: t.elem.oid, Type: t.elem.cast, Width: 8}}); t.elem.elem == nil {
			// An array has 24 bytes before its elements.
			return "array_fill(" + element + ", array[" + strconv.Itoa(max((width-24)/8, 1)) + "])"
		}
	}
	// Any other type is read as its text, or sends the same bytes as text does.
	return madeUpText(width, 1)
}

// bits is the number of bits of a bit string of so many bytes.
func (t columnType) bits(width int) int {
	if len(t.modifiers) == 1 {
		return min(t.modifiers[0], 1<<20)
	}
	return min(max(width-4, 1), 1<<16) * 8
}

// madeUpText ends in the number of the row, so that keys differ. A value of which statistics say that it
// is stored elsewhere, 18 bytes, is as short as they say.
func madeUpText(width, least int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz "
	width = min(max(width, least), 1<<20)
	return "'" + strings.Repeat(letters, width/len(letters)+1)[:width] + "'::text"
}

func madeUpJSON(width int) string {
	return `'{"a": "` + strings.Repeat("x", min(max(width-9, 1), 1<<20)) + `"}'`
}
