package mysql

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Bounds implements [dialect.Session].
//
// Where the first column of the key is a number or a moment, the range is cut by halves: the server
// estimates the rows of a range by two dives into the index, and only ranges with too many are halved
// again, so that one key far out costs some dives and not the evenness of the parts. Every other key,
// and exact, walks along the index and takes each rows-th key (0.13 µs a row).
func (s *session) Bounds(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64, exact bool) ([]dialect.Key, error) {
	if len(r.Key) == 0 || in.Null || rows < 1 {
		return nil, nil
	}
	index := keyIndex(r)
	if index == "" {
		if !exact {
			return nil, nil // each part would be a scan of the table
		}
		keys, err := s.scanKeys(ctx, r, in, rows)
		return keys, s.fail(ctx, "", err)
	}
	var keys []dialect.Key
	var err error
	if a, ok := axisOf(r); ok && !exact {
		keys, err = s.halve(ctx, r, in, rows, a)
	} else {
		keys, err = s.walk(ctx, r, in, rows)
	}
	return keys, s.fail(ctx, "", err)
}

// keyRelation reads only the key.
func keyRelation(r *dialect.Relation) *dialect.Relation {
	return &dialect.Relation{Table: r.Table, Key: r.Key, Where: r.Where}
}

func orderBy(r *dialect.Relation) string { return " ORDER BY " + list(r.Key, columnRef) }

// walkAtOnce is how many borders one statement gives, so that none runs for long.
const walkAtOnce = 256

// walk goes along the index of the key and takes each rows-th key. A variable counts the rows, because a
// window function would copy them (2 µs a row in place of 0.13), and an offset would cost a round trip
// for each border. Should a server count otherwise, the parts are uneven and no less right.
func (s *session) walk(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64) ([]dialect.Key, error) {
	keys := keyRelation(r)
	head := "SELECT " + columns(keys.Key) + " FROM " + from(r, true)
	var out []dialect.Key
	at := in
	for step := rows; ; {
		where, err := condition(keys, at)
		if err != nil {
			return nil, err
		}
		if where == "" {
			where = " WHERE TRUE"
		}
		if _, err := s.c.exec(ctx, "SET @napkin_row = 0"); err != nil {
			return nil, err
		}
		var found []dialect.Key
		statement := head + where + " AND (@napkin_row := @napkin_row + 1) % " + strconv.FormatInt(step, 10) + " = 0" + orderBy(r) + " LIMIT " + strconv.Itoa(walkAtOnce)
		err = s.read(ctx, keys, statement, func(cells []byte, _ int) error {
			found = append(found, bytes.Clone(cells))
			return nil
		})
		if err != nil {
			return nil, err
		}
		more := len(found) == walkAtOnce
		if at.Lo == nil && len(found) > 0 {
			// The first key of all is no border: nothing stands below it.
			if at.Lo, err = s.firstKey(ctx, keys, at); err != nil {
				return nil, err
			}
		}
		before := len(out)
		for _, k := range found {
			// Many rows may have one key, and cannot be parted.
			if !bytes.Equal(k, at.Lo) {
				out, at.Lo = append(out, k), k
			}
		}
		switch {
		case !more:
			return out, nil
		case len(out) > before:
			step = rows
		case step > math.MaxInt64/2:
			return out, nil
		default:
			step *= 2
		}
	}
}

// firstKey is the first key of a range, nil when it is empty.
func (s *session) firstKey(ctx context.Context, keys *dialect.Relation, in dialect.Range) (dialect.Key, error) {
	where, err := condition(keys, in)
	if err != nil {
		return nil, err
	}
	var first dialect.Key
	err = s.read(ctx, keys, "SELECT "+columns(keys.Key)+" FROM "+from(keys, true)+where+orderBy(keys)+" LIMIT 1", func(cells []byte, _ int) error {
		first = bytes.Clone(cells)
		return nil
	})
	return first, err
}

// scanKeys reads all keys of a range in order, for a table without an index on them, and keeps each
// rows-th.
func (s *session) scanKeys(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64) ([]dialect.Key, error) {
	keys := keyRelation(r)
	where, err := condition(keys, in)
	if err != nil {
		return nil, err
	}
	var out []dialect.Key
	var last dialect.Key
	n := int64(0)
	err = s.read(ctx, keys, "SELECT "+columns(keys.Key)+" FROM "+from(r, false)+where+orderBy(r), func(cells []byte, _ int) error {
		if n >= rows && !bytes.Equal(cells, last) {
			out, n = append(out, bytes.Clone(cells)), 0
		}
		if n++; n >= rows {
			last = append(last[:0], cells...)
		}
		return nil
	})
	return out, err
}

// axis maps the values of a column to numbers in the order of the values.
type axis struct {
	form   dialect.Form
	column dialect.Column
}

// axisOf is that of the first column of a key, if it has one.
func axisOf(r *dialect.Relation) (axis, bool) {
	f := r.Key[0]
	switch kind := typeOf(f.Column).kind; {
	case f.Form == dialect.Int && (kind == kindInt || kind == kindYear),
		f.Form == dialect.Date && kind == kindDate,
		(f.Form == dialect.Timestamp || f.Form == dialect.TimestampZone) && (kind == kindDatetime || kind == kindTimestamp):
		return axis{f.Form, f.Column}, true
	}
	return axis{}, false
}

// at returns the place of a cell; ok is false for NULL and for dates that are none.
func (a axis) at(cell []byte) (place uint64, ok bool) {
	switch canon.Tag(cell[0]) {
	case canon.NegativeInt:
		return uint64(canon.Int(cell)) ^ 1<<63, true
	case canon.PositiveInt:
		// Numbers beyond a signed one wrap around behind the sign's flip; they exist in unsigned columns
		// only, which have no negative ones.
		if typeOf(a.column).unsigned {
			return canon.Uint(cell), true
		}
		return canon.Uint(cell) ^ 1<<63, canon.Uint(cell) <= math.MaxInt64
	case canon.Date, canon.Timestamp, canon.TimestampZone:
		v := canon.Moment(cell)
		return uint64(v) ^ 1<<63, v != canon.NegativeInfinity && v != canon.PositiveInfinity
	}
	return 0, false
}

// cell is the inverse of at.
func (a axis) cell(place uint64) []byte {
	v := int64(place ^ 1<<63)
	switch {
	case a.form == dialect.Date:
		return canon.AppendDate(nil, v)
	case a.form == dialect.Timestamp:
		return canon.AppendTimestamp(nil, v)
	case a.form == dialect.TimestampZone:
		return canon.AppendTimestampZone(nil, v)
	case typeOf(a.column).unsigned:
		return canon.AppendUint(nil, place)
	}
	return canon.AppendInt(nil, v)
}

// span is a part of an axis, both ends in it, and the rows that the server thinks are there.
type span struct {
	lo, hi uint64
	rows   int64
	whole  bool // not to be halved
}

// halve cuts by halves, all spans of one size in one round trip, and then puts small neighbours together.
func (s *session) halve(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64, a axis) ([]dialect.Key, error) {
	first, ok, err := s.extreme(ctx, r, in, a, "MIN")
	if err != nil || !ok {
		return nil, err
	}
	last, ok, err := s.extreme(ctx, r, in, a, "MAX")
	if err != nil || !ok {
		return nil, err
	}
	spans := []span{{lo: first, hi: last, rows: math.MaxInt64}}
	for again := true; again; {
		again = false
		next := make([]span, 0, 2*len(spans))
		var fresh []int
		for _, p := range spans {
			if p.whole || p.rows <= max(rows/2, 1) || p.lo >= p.hi {
				p.whole = true
				next = append(next, p)
				continue
			}
			mid := p.lo + (p.hi-p.lo)/2
			next = append(next, span{lo: p.lo, hi: mid}, span{lo: mid + 1, hi: p.hi})
			fresh = append(fresh, len(next)-2, len(next)-1)
			again = true
		}
		spans = next
		if err := s.estimate(ctx, r, a, spans, fresh); err != nil {
			return nil, err
		}
	}
	return s.borders(ctx, r, in, a, spans, rows)
}

// extreme is the least or greatest value of the first column in a range.
func (s *session) extreme(ctx context.Context, r *dialect.Relation, in dialect.Range, a axis, function string) (uint64, bool, error) {
	one := &dialect.Relation{Table: r.Table, Key: r.Key[:1]}
	where, err := condition(r, in)
	if err != nil {
		return 0, false, err
	}
	place, ok := uint64(0), false
	column := columnRef(r.Key[0])
	order := column
	if function == "MAX" {
		order += " DESC"
	}
	err = s.read(ctx, one, "SELECT "+column+" FROM "+from(r, true)+where+" ORDER BY "+order+" LIMIT 1", func(cells []byte, _ int) error {
		place, ok = a.at(cells)
		return nil
	})
	return place, ok, err
}

// estimates in one statement.
const batchEstimates = 60

// estimate asks for the rows of the spans at the given places.
func (s *session) estimate(ctx context.Context, r *dialect.Relation, a axis, spans []span, fresh []int) error {
	column := columnRef(r.Key[0])
	head := "SELECT 1 FROM " + from(r, true) + " WHERE "
	for len(fresh) > 0 {
		n := min(len(fresh), batchEstimates)
		parts := make([]string, n)
		for i, at := range fresh[:n] {
			lo, err := literal(a.column, a.cell(spans[at].lo))
			if err != nil {
				return err
			}
			hi, err := literal(a.column, a.cell(spans[at].hi))
			if err != nil {
				return err
			}
			parts[i] = head + column + " >= " + lo + " AND " + column + " <= " + hi
		}
		estimates, err := s.explainRows(ctx, strings.Join(parts, " UNION ALL "), n)
		if err != nil {
			return err
		}
		for i, at := range fresh[:n] {
			spans[at].rows = estimates[i]
		}
		fresh = fresh[n:]
	}
	return nil
}

// explainRows returns the estimates of the first n selects of a statement, in order.
func (s *session) explainRows(ctx context.Context, statement string, n int) ([]int64, error) {
	// The tabular form: MySQL's has a column partitions that MariaDB's lacks, and may not be the default.
	explain, column := "EXPLAIN ", 8
	if !s.d.mariadb {
		explain, column = "EXPLAIN FORMAT=TRADITIONAL ", 9
	}
	rows, err := s.c.exec(ctx, explain+statement)
	if err != nil {
		return nil, err
	}
	if len(rows) < n {
		return nil, fmt.Errorf("the server explains %d of %d parts", len(rows), n)
	}
	out := make([]int64, n)
	for i := range out {
		if len(rows[i]) > column {
			out[i] = rows[i][column].number()
		}
	}
	return out, nil
}

// borders puts spans together until a part has about the wanted rows, and turns the places between them
// into keys.
func (s *session) borders(ctx context.Context, r *dialect.Relation, in dialect.Range, a axis, spans []span, rows int64) ([]dialect.Key, error) {
	var out []dialect.Key
	sum := int64(0)
	for i, p := range spans {
		if i > 0 && sum > 0 && sum+p.rows > rows {
			out, sum = append(out, a.cell(p.lo)), 0
		}
		sum += p.rows
	}
	if len(r.Key) == 1 {
		return out, nil
	}
	return s.wholeKeys(ctx, r, in, spans, out, rows, a)
}

// wholeKeys turns values of the first column into keys of rows: the first at or behind each. Where many
// rows share one value, the walk along the index cuts them.
func (s *session) wholeKeys(ctx context.Context, r *dialect.Relation, in dialect.Range, spans []span, values []dialect.Key, rows int64, a axis) ([]dialect.Key, error) {
	crowded := map[uint64]bool{}
	for _, p := range spans {
		if p.lo == p.hi && p.rows > rows {
			crowded[p.lo] = true
		}
	}
	keys := keyRelation(r)
	var out []dialect.Key
	add := func(k dialect.Key) {
		if k != nil && !bytes.Equal(k, in.Lo) && (len(out) == 0 || !bytes.Equal(out[len(out)-1], k)) {
			out = append(out, k)
		}
	}
	column := columnRef(r.Key[0])
	from := func(place uint64, op string) (dialect.Relation, error) {
		lit, err := literal(a.column, a.cell(place))
		narrow := *keys
		narrow.Where = column + " " + op + " " + lit
		if keys.Where != "" {
			narrow.Where = "(" + keys.Where + "\n) AND " + narrow.Where
		}
		return narrow, err
	}
	visit := func(place uint64) error {
		narrow, err := from(place, ">=")
		if err != nil {
			return err
		}
		first, err := s.firstKey(ctx, &narrow, in)
		if err != nil {
			return err
		}
		add(first)
		if !crowded[place] {
			return nil
		}
		if narrow, err = from(place, "="); err != nil {
			return err
		}
		inside, err := s.walk(ctx, &narrow, in, rows)
		for _, k := range inside {
			add(k)
		}
		return err
	}
	next := 0
	for _, p := range spans {
		isValue := next < len(values) && bytes.Equal(values[next], a.cell(p.lo))
		if isValue {
			next++
		}
		if isValue || crowded[p.lo] && p.lo == p.hi {
			if err := visit(p.lo); err != nil {
				return nil, err
			}
		}
	}
	if len(out) > 0 && in.Lo == nil {
		// The first key of all is no border.
		first, err := s.firstKey(ctx, keys, in)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(first, out[0]) {
			out = out[1:]
		}
	}
	return out, nil
}
