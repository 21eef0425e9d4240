package repair

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// parking is a column that holds another value between the two statements of an operation.
type parking struct {
	field int
	cell  []byte
}

// setAside parks an operation so that a constraint is out of the way, with NULL or with a placeholder.
// All other constraints that it takes part in are set aside with it where that is possible: it costs no
// further statement, and so no operation has to be parked twice.
func (p *Plan) setAside(i int32, c *constraint, null bool) bool {
	o := &p.ops[i]
	t := p.tables[o.table]
	if t.keys == 0 || o.failed != "" || o.parked != nil {
		return false // without a key the row cannot be found again
	}
	if slices.ContainsFunc(t.fields[:t.keys], func(f dialect.Field) bool { return f.Column.Generated }) {
		return false // the key may change along
	}
	first, ok := p.parking(o, t, c, null)
	if !ok {
		return false
	}
	o.parked = []parking{first}
	for k := range t.unique {
		p.also(o, t, &t.unique[k], false)
	}
	for _, r := range t.refers {
		p.also(o, t, &r.child, true)
	}
	return true
}

// letGo parks a deletion of a row that refers to itself where the target is InnoDB, which deletes no such
// row before its reference is gone.
func (p *Plan) letGo(i int32) {
	o := &p.ops[i]
	t := p.tables[o.table]
	if p.target.Kind() != dialect.MySQL || o.kind != Extra || o.failed != "" {
		return
	}
	for _, r := range t.refers {
		if r.to != t {
			continue
		}
		old, _ := p.cells(o)
		child, refers := p.value(releases, &r.child, old)
		parent, _ := p.value(releases, &r.parent, old)
		if refers && child == parent && !r.child.has(o.parked) && !p.setAside(i, &r.child, true) {
			o.failed = "it refers to itself, and MySQL deletes no such row unless its reference can be set to NULL first"
		}
	}
}

// also parks a further constraint of an operation.
func (p *Plan) also(o *op, t *table, c *constraint, onlyNull bool) {
	if c.has(o.parked) || o.kind == Missing && !onlyNull {
		return
	}
	old, now := p.cells(o)
	if !c.changes(old, now) {
		return
	}
	k, ok := p.parking(o, t, c, true)
	if !ok && !onlyNull {
		k, ok = p.parking(o, t, c, false)
	}
	if ok {
		o.parked = append(o.parked, k)
	}
}

// parking finds a column of a constraint that can hold NULL, or a placeholder, for a while.
func (p *Plan) parking(o *op, t *table, c *constraint, null bool) (parking, bool) {
	fields := c.fields
	if null {
		fields = append(slices.Clone(fields), c.loose...)
	}
	for _, field := range fields {
		column := &t.fields[field].Column
		if field < t.keys || column.Generated || column.AlwaysIdentity || t.isReferred(field) || t.decides(field) || null == column.NotNull {
			continue
		}
		if !null && t.refersBy(field) {
			continue
		}
		if why := p.objection(t, field, null); why != "" {
			p.objected = why
			continue
		}
		if null {
			return parking{field, canon.AppendNull(nil)}, true
		}
		if cell, ok := p.placeholder(o, t, c, field); ok {
			return parking{field, cell}, true
		}
	}
	return parking{}, false
}

// isReferred says whether rows may refer to the column.
func (t *table) isReferred(field int) bool {
	return slices.ContainsFunc(t.referred, func(r *reference) bool { return slices.Contains(r.parent.fields, field) })
}

// decides says whether a row with another value in the column may come in the way of a constraint that the
// column is no part of, like a partial index over the rows in which it is NULL.
func (t *table) decides(field int) bool {
	return slices.ContainsFunc(t.unique, func(c constraint) bool {
		return slices.Contains(c.depends, field) && !slices.Contains(c.fields, field) && !slices.Contains(c.loose, field)
	})
}

func (t *table) refersBy(field int) bool {
	return slices.ContainsFunc(t.refers, func(r *reference) bool { return slices.Contains(r.child.fields, field) })
}

// placeholder makes a value of the column's type that no row gives up or takes.
func (p *Plan) placeholder(o *op, t *table, c *constraint, field int) ([]byte, bool) {
	old, _ := p.cells(o)
	row := slices.Clone(old)
	for range 1000 {
		cell, ok := placeholder(p.target.Kind(), t.fields[field], p.parked)
		p.parked++
		if !ok {
			return nil, false
		}
		row[field] = cell
		free := true
		for _, r := range []role{frees, takes} {
			v, _ := p.value(r, c, row)
			if _, used := p.index[v]; used {
				free = false
			}
		}
		if free {
			_, err := p.target.Literal(t.fields[field].Column, cell)
			return cell, err == nil
		}
	}
	return nil, false
}

// placeholder makes the n-th value at the far end of what a type holds, where rows seldom are. A row
// that was not compared may hold it all the same; then the statement fails and nothing is applied.
func placeholder(kind dialect.Kind, f dialect.Field, n int64) ([]byte, bool) {
	typ := strings.ToLower(f.Column.Type)
	if kind == dialect.Postgres && !builtIn(typ) {
		return nil, false // a domain, of whose size and base nothing is known here
	}
	unsigned := strings.Contains(typ, "unsigned")
	random := canon.Hash(binary.BigEndian.AppendUint64([]byte("parked"), uint64(n))).AppendTo(nil)
	form := f.Form
	if form == dialect.Stored { // any column of SQLite but those of whole numbers may hold a text
		form = dialect.Text
		if strings.Contains(typ, "int") {
			form = dialect.Int
		}
	}
	switch form {
	case dialect.Int:
		bits, ok := integerBits(typ)
		if kind == dialect.SQLite && !strings.Contains(typ, "bool") {
			bits, ok = 32, true // all its integers have 64 bits
		}
		switch {
		case !ok || n > 100:
			return nil, false
		case unsigned:
			return canon.AppendUint(nil, math.MaxUint64>>(64-bits)-uint64(n)), true
		}
		return canon.AppendInt(nil, math.MinInt64>>(64-bits)+n), true
	case dialect.Decimal:
		digits := min(size(typ, 0, 15)-size(typ, 1, 0), 15)
		if digits < 3 || unsigned || n > 100 {
			return nil, false
		}
		return canon.AppendDecimalInt(nil, n-int64(math.Pow10(digits))+1), true
	case dialect.Float64:
		return canon.AppendFloat64(nil, -1e15-float64(n)), true
	case dialect.Float32:
		return canon.AppendFloat32(nil, -1e6-float32(n)), true
	case dialect.Text, dialect.TextTrimmed:
		if name, _, _ := strings.Cut(typ, "("); !strings.Contains(name, "char") && !strings.Contains(name, "text") && !strings.Contains(name, "clob") {
			return nil, false // an enumeration, or a type of its own
		}
		text := fmt.Sprintf("~%x", random)
		return canon.AppendText(nil, text[:min(len(text), size(typ, 0, len(text)))]), true
	case dialect.Bytes:
		return canon.AppendBytes(nil, random[:min(len(random), size(typ, 0, len(random)))]), true
	case dialect.UUID:
		random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80 // of version 4, which every product takes
		return canon.AppendUUID(nil, [16]byte(random)), true
	case dialect.Date:
		return canon.AppendDate(nil, lastDay-n), true
	case dialect.Timestamp, dialect.TimestampZone:
		at := lastDay
		if kind == dialect.MySQL && strings.HasPrefix(typ, "timestamp") {
			at = lastTimestampDay
		}
		micros := (at - n) * 86_400_000_000
		if f.Form == dialect.Timestamp {
			return canon.AppendTimestamp(nil, micros), true
		}
		return canon.AppendTimestampZone(nil, micros), true
	}
	return nil, false
}

// builtIn says whether a type of PostgreSQL is one that placeholders are made of.
func builtIn(typ string) bool {
	name, rest, sized := strings.Cut(typ, "(")
	if sized {
		_, rest, _ = strings.Cut(rest, ")")
		name += rest
	}
	switch name {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision", "character varying", "character", "bpchar", "text", "citext", "public.citext", "bytea", "uuid", "date",
		"timestamp without time zone", "timestamp with time zone":
		return true
	}
	return false
}

// Days since 1970-01-01.
const (
	lastDay          int64 = 2_932_896 // 9999-12-31, the last of MySQL's DATE
	lastTimestampDay int64 = 24_837    // 2038-01-01, before the end of MySQL's TIMESTAMP
)

func integerBits(typ string) (bits int, ok bool) {
	name, _, _ := strings.Cut(typ, "(")
	name, _, _ = strings.Cut(name, " ")
	switch name {
	case "tinyint":
		return 8, !strings.HasPrefix(typ, "tinyint(1)")
	case "smallint", "int2":
		return 16, true
	case "mediumint":
		return 24, true
	case "int", "integer", "int4":
		return 32, true
	case "bigint", "int8":
		return 64, true
	}
	return 0, false
}

// size reads the i-th number in the parentheses of a type.
func size(typ string, i, otherwise int) int {
	_, rest, ok := strings.Cut(typ, "(")
	if !ok {
		return otherwise
	}
	rest, _, _ = strings.Cut(rest, ")")
	parts := strings.Split(rest, ",")
	if i >= len(parts) {
		return otherwise
	}
	n, err := strconv.Atoi(strings.TrimSpace(parts[i]))
	if err != nil {
		return otherwise
	}
	return n
}

// stage writes one of the two statements of a parked operation.
func (p *Plan) stage(o *op, aux bool) (Statement, error) {
	t := p.tables[o.table]
	old, now := p.cells(o)
	between := slices.Clone(old)
	if o.kind == Missing {
		between = slices.Clone(now)
	}
	p.writer.parked = !(aux && o.kind != Missing)
	defer func() {
		p.writer.parked = false
		p.writer.from(nil) //nolint:errcheck // nothing cannot be split wrongly
	}()
	if err := p.writer.from(o.stored); err != nil {
		return Statement{}, err
	}
	for _, k := range o.parked {
		between[k.field] = k.cell
		if p.writer.stored != nil && !(aux && o.kind != Missing) {
			p.writer.stored[k.field] = nil // it is not what it was any more
		}
	}
	switch {
	case o.kind == Missing && aux:
		return p.writer.update(t, between, now)
	case o.kind == Missing:
		sql, err := p.writer.insert(t, between)
		return Statement{SQL: sql}, err
	case aux:
		return p.writer.update(t, old, between)
	case o.kind == Extra:
		sql, err := p.writer.remove(t, between)
		return Statement{SQL: sql}, err
	}
	return p.writer.update(t, between, now)
}
