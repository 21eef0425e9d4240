package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Join implements [dialect.Session] by a full outer join on the keys.
func (s *session) Join(ctx context.Context, a, b *dialect.Relation, row func(side int, cells []byte, key int) error) error {
	if err := s.join(ctx, a, b, row); err != nil {
		return fmt.Errorf("join %s and %s: %w", a.Table.Name, b.Table.Name, err)
	}
	return nil
}

func (s *session) join(ctx context.Context, a, b *dialect.Relation, row func(side int, cells []byte, key int) error) error {
	if err := s.d.CanJoin(a, b); err != nil {
		return err
	}
	pa, err := s.d.projection(a)
	if err != nil {
		return err
	}
	pb, err := s.d.projection(b)
	if err != nil {
		return err
	}
	var on, differ []string
	for i := range pa.fields {
		compared, err := s.d.comparable(pa.fields[i], pb.fields[i])
		if err != nil {
			return err
		}
		left, right := compared("a."+fieldName(i)), compared("b."+fieldName(i))
		if i < pa.key {
			on = append(on, left+" = "+right)
		} else {
			differ = append(differ, left+" IS DISTINCT FROM "+right)
		}
	}
	named := func(side string) func(int) string {
		return func(i int) string { return side + "." + fieldName(i) }
	}
	condition := "a.here IS NULL OR b.here IS NULL"
	if len(differ) > 0 {
		condition += " OR " + strings.Join(differ, " OR ")
	}
	sql := "SELECT a.here, " + pa.selects(named("a")) + ", b.here, " + pb.selects(named("b")) +
		" FROM " + side(a, "a") + " FULL JOIN " + side(b, "b") + " ON " + strings.Join(on, " AND ") + " WHERE " + condition
	readers := [2]*rows{{p: pa}, {p: pb}}
	return s.copy(ctx, quoteTable(a.Table.Name)+" and "+quoteTable(b.Table.Name), sql, func(fields [][]byte) error {
		half := len(fields) / 2
		for i, part := range [2][][]byte{fields[:half], fields[half:]} {
			if part[0] == nil {
				continue // the other side's row alone
			}
			cells, key, err := readers[i].decode(part[1:])
			if err != nil {
				return err
			}
			if err := row(i, cells, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// CanJoin implements [dialect.Database].
func (d *Database) CanJoin(a, b *dialect.Relation) error {
	fa, fb := a.Fields(), b.Fields()
	if len(a.Key) == 0 || len(a.Key) != len(b.Key) || len(fa) != len(fb) {
		return cannot("a join takes a key and pairs of columns")
	}
	for i := range fa {
		if _, err := d.comparable(fa[i], fb[i]); err != nil {
			return err
		}
	}
	return nil
}

func fieldName(i int) string { return fmt.Sprintf("f%d", i+1) }

// side is the source of one side of a join: its columns by number, and a mark that there is a row.
func side(r *dialect.Relation, alias string) string {
	var sb strings.Builder
	sb.WriteString("(SELECT true AS here")
	for i, f := range r.Fields() {
		fmt.Fprintf(&sb, ", %s AS %s", quoteName(f.Column.Name), fieldName(i))
	}
	return sb.String() + " FROM " + quoteTable(r.Table.Name) + where(restriction(r)) + ") " + alias
}

// comparable returns what of two columns the server compares so that it takes two values for equal only
// if their cells are. Where it takes equal cells for different, the caller gets both rows.
func (d *Database) comparable(a, b dialect.Field) (func(column string) string, error) {
	ta, tb := d.typeOf(a.Column), d.typeOf(b.Column)
	if ta.oid != tb.oid || a.Form != b.Form {
		return nil, cannot("columns %s and %s are of different types, %s and %s", a.Column.Name, b.Column.Name, a.Column.Type, b.Column.Type)
	}
	if a.Form == dialect.Inexact {
		return func(c string) string { return asText(c) + ` COLLATE "C"` }, nil
	}
	if compared := exactEquality(ta); compared != nil {
		return compared, nil
	}
	return nil, cannot("the server does not compare the type %s of the column %s exactly", a.Column.Type, a.Column.Name)
}

func exactEquality(t columnType) func(string) string {
	switch {
	case t.citext, t.oid == oidName:
		return func(c string) string { return asText(c) + ` COLLATE "C"` }
	case t.isText():
		return func(c string) string { return c + ` COLLATE "C"` }
	case t.elem != nil:
		// Arrays are compared with their bounds, and element by element.
		if e := *t.elem; e.elem == nil && !e.citext && e.oid != oidName && e.oid != oidInterval {
			return exactEquality(*t.elem)
		}
		return nil
	case t.sortsByValue(), t.enum:
		return asIs
	}
	switch t.oid {
	case oidJSONB, oidBit, oidVarbit, oidInet, oidCIDR, oidMacaddr, oidMacaddr8, oidChar:
		return asIs
	case oidInterval:
		// As values a month equals thirty days; the three parts as they are sent do not.
		return func(c string) string { return "interval_send(" + c + ")" }
	}
	return nil
}
