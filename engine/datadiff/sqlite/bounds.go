package sqlite

import (
	"context"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Bounds implements dialect.Session. Borders are found by walking the index of the key; for one integer
// of even density they are computed from its ends instead, unless exact.
func (s *session) Bounds(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64, exact bool) (bounds []dialect.Key, err error) {
	err = s.run(func() error {
		if in.Null || len(r.Key) == 0 {
			return nil
		}
		rows = max(rows, 1)
		if !exact && len(r.Key) == 1 && (r.Key[0].Form == dialect.Int || r.Key[0].Form == dialect.Stored) && r.Where == "" {
			even := false
			if bounds, even, err = s.interpolate(ctx, r, in, rows); err != nil || even {
				return err
			}
		}
		bounds, err = s.walk(ctx, r, in, rows)
		return err
	})
	return bounds, err
}

// walk goes along the index and takes each key behind rows others.
func (s *session) walk(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64) ([]dialect.Key, error) {
	keys := &dialect.Relation{Table: r.Table, Key: r.Key}
	rd, err := newReader(keys)
	if err != nil {
		return nil, err
	}
	condition, err := s.d.within(r, in)
	if err != nil {
		return nil, err
	}
	n := len(r.Key)
	names := columns(r.Key, "")
	skip := strconv.FormatInt(rows, 10)
	order := " ORDER BY " + names + " LIMIT 1 OFFSET "
	var bounds []dialect.Key
	seen := map[string]struct{}{string(in.Lo): {}, string(in.Hi): {}}
	for after := ""; ; {
		var key dialect.Key
		next := ""
		if err := s.c.query(ctx, "SELECT "+names+s.d.from(r)+condition+after+order+skip, func(st *stmt) error {
			cells, _, err := rd.read(st)
			key = append(dialect.Key(nil), cells...)
			for i := range n {
				if i > 0 {
					next += ", "
				}
				next += st.literal(i)
			}
			return err
		}); err != nil || key == nil {
			return bounds, err
		}
		// The next border stands rows behind this one, which is not counted again: duplicates of it are
		// passed over, for a border that is one already would cut nothing.
		after = " AND " + tuple(names, n) + " > " + tuple(next, n)
		skip = strconv.FormatInt(rows-1, 10)
		if _, twice := seen[string(key)]; twice {
			continue
		}
		seen[string(key)] = struct{}{}
		if ok, err := s.increasing(ctx, r, bounds, key); err != nil {
			return nil, err
		} else if ok {
			bounds = append(bounds, key)
		}
	}
}

// increasing says whether a border stands behind the last one as the literals of both do. A value that is
// spelt otherwise in the file may stand elsewhere than its literal.
func (s *session) increasing(ctx context.Context, r *dialect.Relation, bounds []dialect.Key, key dialect.Key) (bool, error) {
	if len(bounds) == 0 || !respelt(r.Key) {
		return true, nil
	}
	last, err := s.d.literals(r.Key, bounds[len(bounds)-1])
	if err != nil {
		return false, err
	}
	next, err := s.d.literals(r.Key, key)
	if err != nil {
		return false, err
	}
	larger := false
	err = s.c.query(ctx, "SELECT "+tuple(strings.Join(next, ", "), len(next))+" > "+tuple(strings.Join(last, ", "), len(last)), func(st *stmt) error {
		larger = st.int(0) != 0
		return nil
	})
	return larger, err
}

// respelt says whether values of a key may be spelt otherwise than Literal spells them.
func respelt(key []dialect.Field) bool {
	for _, f := range key {
		switch f.Form {
		case dialect.Int, dialect.Float64, dialect.Bytes, dialect.Text, dialect.Date, dialect.Stored:
		case dialect.Decimal:
			if affinityIn(f.Column) == affinityText || affinityIn(f.Column) == affinityNone {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// probes is at how many places the density of an integer key is looked at, and probed over how many rows.
const (
	probes = 16
	probed = 64
)

// interpolate cuts the keys of one integer by their ends. even is false where the density at some place is
// more than twice, or less than half, that of the whole.
func (s *session) interpolate(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64) (bounds []dialect.Key, even bool, err error) {
	condition, err := s.d.within(r, in)
	if err != nil {
		return nil, false, err
	}
	name := quote(r.Key[0].Column.Name)
	value := func(sql string) (v int64, ok bool, err error) {
		err = s.c.query(ctx, sql, func(st *stmt) error {
			v, ok = st.int(0), st.string(1) == "integer"
			return nil
		})
		return v, ok, err
	}
	from := s.d.from(r) + condition
	end := func(order string) (int64, bool, error) {
		return value("SELECT " + name + ", typeof(" + name + ")" + from + " ORDER BY " + name + order + " LIMIT 1")
	}
	lo, ok, err := end("")
	if err != nil || !ok {
		return nil, false, err
	}
	hi, ok, err := end(" DESC")
	if err != nil || !ok || hi-lo < 0 || hi-lo < 2*probes*probed {
		return nil, false, err // beyond an int64, or so few that walking is as cheap
	}
	step := (hi - lo) / probes
	least, most := int64(0), int64(0)
	for i := range int64(probes) {
		from := from + " AND " + name + " >= " + strconv.FormatInt(lo+i*step, 10)
		first, ok, err := value("SELECT " + name + ", typeof(" + name + ")" + from + " ORDER BY " + name + " LIMIT 1")
		if err != nil || !ok {
			return nil, false, err
		}
		last, ok, err := value("SELECT " + name + ", typeof(" + name + ")" + from + " ORDER BY " + name + " LIMIT 1 OFFSET " + strconv.Itoa(probed))
		if err != nil || !ok || last <= first || first-(lo+i*step) > step {
			return nil, false, err // the end of the keys, equal keys, or a gap
		}
		if i == 0 {
			least, most = last-first, last-first
		}
		least, most = min(least, last-first), max(most, last-first)
	}
	if most > 4*least {
		return nil, false, nil
	}
	// probed rows take about (least+most)/2 of the numbers.
	perRow := float64(least+most) / 2 / probed
	if perRow*float64(rows) >= float64(hi-lo) {
		return nil, true, nil // all of it is one part
	}
	width := max(int64(perRow*float64(rows)), 1)
	for at := lo + width; at < hi && at > lo; at += width {
		bounds = append(bounds, canon.AppendInt(nil, at))
	}
	return bounds, true, nil
}
