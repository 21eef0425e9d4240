package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Join implements [dialect.Session]: two anti-joins, one for each side, in one transaction.
func (s *session) Join(ctx context.Context, a, b *dialect.Relation, row func(side int, cells []byte, key int) error) error {
	doing := "compare " + a.Table.Name.String() + " with " + b.Table.Name.String()
	on, err := joinCondition(a, b)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !s.held {
		if _, err := s.c.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); err != nil {
			return s.fail(ctx, doing, err)
		}
	}
	for side, r := range []*dialect.Relation{a, b} {
		mine, others, other := "a", "b", b
		if side == 1 {
			mine, others, other = "b", "a", a
		}
		fields := list(r.Fields(), func(f dialect.Field) string { return readExpr(f, mine+"."+columnRef(f)) })
		statement := "SELECT " + fields + " FROM " + derived(r, mine) + " LEFT JOIN " + derived(other, others) + " ON " + on +
			" WHERE " + others + "." + columnRef(other.Key[0]) + " IS NULL"
		err := s.read(ctx, r, statement, func(cells []byte, key int) error { return row(side, cells, key) })
		if err != nil {
			return s.fail(ctx, doing, err)
		}
	}
	if !s.held {
		_, err = s.c.exec(ctx, "COMMIT")
	}
	return s.fail(ctx, doing, err)
}

// CanJoin implements [dialect.Database].
func (d *Database) CanJoin(a, b *dialect.Relation) error {
	_, err := joinCondition(a, b)
	return err
}

// derived is the table of a relation under a name. A condition is bound to it inside, where its names
// of columns are not ambiguous; the server merges it.
func derived(r *dialect.Relation, as string) string {
	if r.Where == "" {
		return quoteTable(r.Table.Name) + " " + as
	}
	return "(SELECT * FROM " + quoteTable(r.Table.Name) + " WHERE " + r.Where + "\n) " + as
}

// joinCondition holds for rows that are equal: their keys as the index compares them, which finds the
// row, and then everything by bytes.
func joinCondition(a, b *dialect.Relation) (string, error) {
	if len(a.Key) == 0 || len(a.Key) != len(b.Key) || len(a.Columns) != len(b.Columns) {
		return "", fmt.Errorf("the tables have no key, or not as many columns: %w", dialect.ErrCannot)
	}
	var parts []string
	for i, f := range a.Key {
		g := b.Key[i]
		s, t := typeOf(f.Column), typeOf(g.Column)
		if s.isText() != t.isText() || s.isText() && f.Column.Collation != g.Column.Collation {
			return "", fmt.Errorf("the key columns %s and %s have different collations: %w", f.Column.Name, g.Column.Name, dialect.ErrCannot)
		}
		parts = append(parts, "a."+columnRef(f)+" = b."+columnRef(g))
	}
	others := b.Fields()
	for i, f := range a.Fields() {
		pair, err := same(f, others[i])
		if err != nil {
			return "", err
		}
		if pair != "" {
			parts = append(parts, pair)
		}
	}
	return strings.Join(parts, " AND "), nil
}

// numeric kinds compare by value, moments too; each with itself otherwise.
var family = map[kind]int{
	kindInt: 1, kindYear: 1, kindDecimal: 1, kindFloat: 2, kindDouble: 2,
	kindDate: 3, kindDatetime: 3, kindTimestamp: 3, kindTime: 4,
	kindBinary: 5, kindVarbinary: 5, kindBlob: 5,
}

// same is the condition that two cells are equal, NULL included.
func same(f, g dialect.Field) (string, error) {
	s, t := typeOf(f.Column), typeOf(g.Column)
	x, y := "a."+columnRef(f), "b."+columnRef(g)
	cannot := fmt.Errorf("%s %s and %s %s as %s: %w", f.Column.Name, f.Column.Type, g.Column.Name, g.Column.Type, f.Form, dialect.ErrCannot)
	if f.Form != g.Form {
		return "", cannot
	}
	switch f.Form {
	case dialect.Int, dialect.Decimal, dialect.Float32, dialect.Float64, dialect.Date, dialect.Timestamp, dialect.TimestampZone, dialect.Time, dialect.Bytes:
		if kinds := family[s.kind]; kinds != 0 && kinds == family[t.kind] {
			return x + " <=> " + y, nil
		}
	case dialect.Bits:
		if s.kind == kindBit && t.kind == kindBit && s.length == t.length {
			return x + " <=> " + y, nil
		}
	case dialect.Text, dialect.TextTrimmed, dialect.UUID:
		return binaryCast(portableText(f, x)) + " <=> " + binaryCast(portableText(g, y)), nil
	}
	return "", cannot
}
