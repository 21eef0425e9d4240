package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// probeHash covers the hash functions that rows are hashed with, on values whose hashes depend on the
// version and on the order of bytes of the machine.
const probeHash = `hash_record_extended(row(1::int2, -2::int4, 3::int8, true, 4::oid, 1.50::numeric, 0.1::float4, -0.1::float8, 'é'::text collate "C", 'x'::char(4), '\x00ff'::bytea,
	'550e8400-e29b-41d4-a716-446655440000'::uuid, '2026-11-27'::date, '10:11:12'::time, '2026-11-27 10:11:12.5'::timestamp, '2026-11-27 10:11:12.5+00'::timestamptz, null::int4), 0)`

// NativeHash implements [dialect.Database]. Left out are types whose hash takes two different values
// for equal by design: a jsonb's (it does not tell [1] from [[[1]]]), an array's (it knows no
// dimensions), an interval's, those under nondeterministic collations; and those whose hash is not of
// the value, as an enum's.
func (d *Database) NativeHash(ctx context.Context, r *dialect.Relation) (identity string, ok bool, err error) {
	if d.major < 14 {
		return "", false, nil
	}
	var sb strings.Builder
	fmt.Fprintf(&sb, "postgres %d %s probe %s:", d.major, d.encoding, d.probe)
	var texts []string
	for _, f := range r.Fields() {
		reading, err := d.reading(f)
		if err != nil {
			return "", false, err
		}
		if !reading.native {
			return "", false, nil
		}
		t := d.typeOf(f.Column)
		if t.isText() {
			texts = append(texts, quoteText(f.Column.Name))
		}
		fmt.Fprintf(&sb, " %d", t.oid)
	}
	if len(texts) > 0 {
		err := d.queryCatalog(ctx, `select count(*) filter (where not l.collisdeterministic)::text from pg_catalog.pg_attribute a join pg_catalog.pg_collation l on l.oid = a.attcollation
			where a.attrelid = to_regclass(`+quoteText(quoteTable(r.Table.Name))+`) and a.attname in (`+strings.Join(texts, ", ")+`)`, func(v [][]byte) error {
			ok = string(v[0]) == "0"
			return nil
		})
		if err != nil || !ok {
			return "", false, err
		}
	}
	return sb.String(), true, nil
}

// HashesPortably implements [dialect.Database]. The server must store text in UTF-8, whose bytes are
// what is hashed.
func (d *Database) HashesPortably(r *dialect.Relation) bool {
	_, err := d.portableRow(r)
	return err == nil
}

// fingerprinter is how the rows of a relation are hashed.
type fingerprinter struct {
	d         *Database
	r         *dialect.Relation
	aggregate string // the sum of the hashes of rows
	// source is what it is summed over: from is a table or subquery and its condition.
	source func(from string) string
}

func (d *Database) fingerprinter(r *dialect.Relation, h dialect.Hash) (*fingerprinter, error) {
	f := &fingerprinter{d: d, r: r}
	switch h {
	case dialect.Native:
		columns := make([]string, 0, len(r.Key)+len(r.Columns))
		for _, field := range r.Fields() {
			columns = append(columns, quoteName(field.Column.Name))
		}
		// hash_record_extended is linear: 31 times the hash of the first, and so on. The sum of it over
		// rows stays the same when two rows swap their values of a column, hence the second hash.
		f.aggregate = "sum(hashint8extended(hash_record_extended(row(" + strings.Join(columns, ", ") + "), 0), 1))"
		f.source = func(from string) string { return from }
	case dialect.Portable:
		row, err := d.portableRow(r)
		if err != nil {
			return nil, err
		}
		f.aggregate = "sum(('x' || substr(md5(" + row.text + "), 1, 15))::bit(60)::bigint)"
		f.source = func(from string) string {
			// Each text is computed once: OFFSET 0 keeps the planner from writing it where it is used.
			return "(SELECT " + row.fields + " FROM " + from + " OFFSET 0) texts"
		}
	default:
		return nil, fmt.Errorf("hash %d is not known", h)
	}
	return f, nil
}

// portableText is the SQL of package portable's text of a row.
type portableText struct {
	fields string // select list of the texts of the fields, f1 and so on
	text   string // the row's, made of them
}

func (d *Database) portableRow(r *dialect.Relation) (portableText, error) {
	if d.encoding != "UTF8" {
		return portableText{}, cannot("the database stores text as %s and not as UTF-8", d.encoding)
	}
	var fields, parts []string
	for i, f := range r.Fields() {
		reading, err := d.reading(f)
		if err != nil {
			return portableText{}, err
		}
		if reading.portable == nil {
			return portableText{}, cannot("column %s, read as %s, has no portable text", f.Column.Name, f.Form)
		}
		name := "f" + strconv.Itoa(i+1)
		fields = append(fields, reading.portable(quoteName(f.Column.Name))+" AS "+name)
		length := "octet_length(" + name + ")"
		if !f.Column.NotNull {
			// concat passes over NULL.
			length = "coalesce(" + length + " || ':', '-')"
		} else {
			length += ", ':'"
		}
		parts = append(parts, length+", "+name)
	}
	// A function has at most a hundred arguments.
	var calls []string
	for len(parts) > 0 {
		n := min(len(parts), 30)
		calls = append(calls, "concat("+strings.Join(parts[:n], ", ")+")")
		parts = parts[n:]
	}
	if len(calls) == 0 {
		calls = []string{"''"}
	}
	return portableText{strings.Join(fields, ", "), strings.Join(calls, " || ")}, nil
}
