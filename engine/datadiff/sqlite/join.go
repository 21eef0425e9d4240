package sqlite

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// other is the name under which a file is attached.
const other = "napkin_other"

// Join implements dialect.Session. Rows are partners only if their keys and values are of one storage
// class and equal by their bytes. Since a cell is made from nothing but the value and the form, partners
// have equal cells; rows of equal cells whose values are spelt in two ways are given. Two files must store
// text in one encoding.
func (s *session) Join(ctx context.Context, a, b *dialect.Relation, row func(side int, cells []byte, key int) error) error {
	return s.run(func() error {
		if err := s.d.CanJoin(a, b); err != nil {
			return err
		}
		detach, names, err := s.attach(ctx, a, b)
		if err != nil {
			return err
		}
		for side, pair := range [2][2]*dialect.Relation{{a, b}, {b, a}} {
			sql := unmatched(pair[0], pair[1], names[side], names[1-side])
			if err := s.rows(ctx, pair[0], sql, func(cells []byte, key int) error { return row(side, cells, key) }); err != nil {
				return err
			}
		}
		return detach()
	})
}

// CanJoin implements dialect.Database.
func (d *Database) CanJoin(a, b *dialect.Relation) error {
	fa, fb := a.Fields(), b.Fields()
	if len(a.Key) == 0 || len(a.Key) != len(b.Key) || len(fa) != len(fb) {
		return fmt.Errorf("the two sides have no key alike: %w", dialect.ErrCannot)
	}
	for i := range fa {
		if fa[i].Form != fb[i].Form || fa[i].Form == dialect.Bits && bitWidth(fa[i].Column) != bitWidth(fb[i].Column) {
			return fmt.Errorf("the columns %s and %s are not read alike: %w", fa[i].Column.Name, fb[i].Column.Name, dialect.ErrCannot)
		}
	}
	return nil
}

// attach makes the files of both relations known to the connection and returns the names of the tables.
func (s *session) attach(ctx context.Context, sides ...*dialect.Relation) (detach func() error, names [2]string, err error) {
	attached := map[string]string{s.d.path: "main"}
	var schemas []string
	for i, r := range sides {
		schema, known := attached[r.Table.Source]
		if !known {
			if s.inSnapshot {
				return nil, names, fmt.Errorf("another file has no part in a snapshot: %w", dialect.ErrCannot)
			}
			schema = other + strconv.Itoa(i)
			if err := s.c.exec(ctx, "ATTACH "+quoteText(r.Table.Source)+" AS "+schema); err != nil {
				return nil, names, fmt.Errorf("attach %s: %w: %w", r.Table.Source, dialect.ErrCannot, err)
			}
			attached[r.Table.Source] = schema
			schemas = append(schemas, schema)
		}
		names[i] = schema + "." + quote(r.Table.Name.Name)
	}
	return func() error {
		for _, schema := range schemas {
			if err := s.c.exec(ctx, "DETACH "+schema); err != nil {
				return err
			}
		}
		return nil
	}, names, nil
}

// unmatched selects the rows of x without a partner in y.
func unmatched(x, y *dialect.Relation, nameX, nameY string) string {
	fx, fy := x.Fields(), y.Fields()
	var sb strings.Builder
	sb.WriteString("SELECT " + columns(fx, "x.") + " FROM " + subquery(x, nameX) + " AS x WHERE NOT EXISTS (SELECT 1 FROM " + subquery(y, nameY) + " AS y WHERE 1")
	for i := range fx {
		cx, cy := "x."+quote(fx[i].Column.Name), "y."+quote(fy[i].Column.Name)
		if i < len(x.Key) {
			sb.WriteString(" AND " + cy + " = +" + cx) // by the index
		}
		// The plus takes away the affinity, by which 1 would be '1'.
		sb.WriteString(" AND typeof(" + cx + ") = typeof(" + cy + ") AND +" + cx + " IS +" + cy + " COLLATE BINARY")
	}
	sb.WriteString(")")
	return sb.String()
}

func subquery(r *dialect.Relation, name string) string {
	if r.Where == "" {
		return name
	}
	return "(SELECT " + columns(r.Fields(), "") + " FROM " + name + " WHERE (" + r.Where + "\n))"
}
