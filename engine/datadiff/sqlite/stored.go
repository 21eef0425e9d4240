package sqlite

import (
	"context"
	"slices"
	"strings"

	lib "modernc.org/sqlite/lib"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Respelt says whether the values of a field may stand in the file in another spelling, or in another
// class, than Literal writes them.
func (d *Database) Respelt(f dialect.Field) bool {
	switch f.Form {
	case dialect.Text, dialect.Bytes, dialect.Date:
		return affinity(f.Column.Code) == affinityNone && f.Form == dialect.Text
	case dialect.Int, dialect.Float64, dialect.Float32, dialect.Decimal, dialect.Bits:
		// A number that stands as a text, or the other way round.
		return affinity(f.Column.Code) == affinityNone || affinity(f.Column.Code) == affinityText
	}
	return true
}

// Spellings are all literals under which a value can stand in a column; ok is false where they cannot be
// listed.
func (d *Database) Spellings(f dialect.Field, cell []byte) (literals []string, ok bool) {
	literals, ok, err := d.spellings(f, cell)
	return literals, ok && err == nil
}

// Stored reads the rows with the given keys, as Fetch does, and gives behind the cells of the key those of
// all fields as they stand in the file: an integer, a double, a text or a blob of whatever spelling.
func (d *Database) Stored(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	c, err := openConn(d.path, d.options.StatementTimeout)
	if err != nil {
		return err
	}
	s := &session{d: d, c: c}
	defer c.close()
	return s.run(func() error {
		own := &dialect.Relation{Table: r.Table, Key: r.Key, Where: r.Where}
		rd, err := newReader(own)
		if err != nil {
			return err
		}
		names := columns(append(slices.Clone(r.Key), r.Fields()...), "")
		var buf []byte
		wanted := make(map[string]struct{}, len(keys))
		for _, k := range keys {
			wanted[string(k)] = struct{}{}
		}
		condition := ""
		tuples, ok, err := d.tuples(r.Key, keys)
		if err != nil {
			return err
		}
		if ok {
			condition = " AND " + tuple(columns(r.Key, ""), len(r.Key)) + " IN (VALUES " + strings.Join(tuples, ", ") + ")"
		}
		return c.query(ctx, "SELECT "+names+d.from(r)+condition, func(st *stmt) error {
			cells, key, err := rd.read(st)
			if err != nil {
				return err
			}
			if _, ok := wanted[string(cells[:key])]; !ok {
				return nil
			}
			buf = append(buf[:0], cells[:key]...)
			for i := range r.Fields() {
				buf = appendStored(buf, st, len(r.Key)+i)
			}
			return row(buf, key)
		})
	})
}

func appendStored(dst []byte, s *stmt, i int) []byte {
	switch s.class(i) {
	case lib.SQLITE_NULL:
		return canon.AppendNull(dst)
	case lib.SQLITE_INTEGER:
		return canon.AppendInt(dst, s.int(i))
	case lib.SQLITE_FLOAT:
		return canon.AppendFloat64(dst, s.double(i))
	case lib.SQLITE_BLOB:
		return canon.AppendBytes(dst, s.blob(i))
	}
	return canon.AppendText(dst, s.text(i))
}
