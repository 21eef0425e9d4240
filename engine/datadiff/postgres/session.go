package postgres

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// session implements [dialect.Session].
type session struct {
	d    *Database
	conn *pgconn.PgConn
}

// Close implements [dialect.Session].
func (s *session) Close() error { return closeConn(s.conn) }

// projection is how the fields of a relation are selected and decoded.
type projection struct {
	fields   []dialect.Field
	readings []reading
	key      int // how many of them are the key's
}

func (d *Database) projection(r *dialect.Relation) (*projection, error) {
	p := &projection{fields: r.Fields(), key: len(r.Key)}
	for _, f := range p.fields {
		reading, err := d.reading(f)
		if err != nil {
			return nil, err
		}
		p.readings = append(p.readings, reading)
	}
	return p, nil
}

// selects lists the expressions of the fields, of columns called as name gives them.
func (p *projection) selects(name func(i int) string) string {
	expressions := make([]string, len(p.fields))
	for i := range p.fields {
		expressions[i] = p.readings[i].expression(name(i))
	}
	return strings.Join(expressions, ", ")
}

// own is the name of a field's column in its own table.
func (p *projection) own(i int) string { return quoteName(p.fields[i].Column.Name) }

// rows decodes fields into one row after the other, in memory that is used again.
type rows struct {
	p     *projection
	cells []byte
}

// decode returns the cells of a row and the length of its key.
func (w *rows) decode(fields [][]byte) (cells []byte, key int, err error) {
	if len(fields) != len(w.p.fields) {
		return nil, 0, fmt.Errorf("a row has %d fields where %d were asked for", len(fields), len(w.p.fields))
	}
	w.cells = w.cells[:0]
	for i, f := range fields {
		if i == w.p.key {
			key = len(w.cells)
		}
		if f == nil {
			w.cells = canon.AppendNull(w.cells)
			continue
		}
		if w.cells, err = w.p.readings[i].decode(w.cells, f); err != nil {
			return nil, 0, fmt.Errorf("column %s, read as %s: %w", w.p.fields[i].Column.Name, w.p.fields[i].Form, err)
		}
	}
	if w.p.key == len(fields) {
		key = len(w.cells)
	}
	return w.cells, key, nil
}

// copy runs a query as COPY in binary form. An error of row ends the statement on the server and the
// connection with it.
func (s *session) copy(ctx context.Context, table, sql string, row func(fields [][]byte) error) error {
	r := &CopyReader{Row: row}
	_, err := s.conn.CopyTo(ctx, r, "COPY ("+sql+") TO STDOUT (FORMAT binary)")
	switch {
	case r.err != nil:
		return r.err
	case err != nil:
		return explain(err, table)
	}
	return r.Close()
}

// copyRows runs a query whose columns are those of a projection.
func (s *session) copyRows(ctx context.Context, table string, p *projection, sql string, row dialect.RowFunc) error {
	w := &rows{p: p}
	return s.copy(ctx, table, sql, func(fields [][]byte) error {
		cells, key, err := w.decode(fields)
		if err != nil {
			return err
		}
		return row(cells, key)
	})
}

// Stream implements [dialect.Session].
func (s *session) Stream(ctx context.Context, r *dialect.Relation, in dialect.Range, row dialect.RowFunc) error {
	p, err := s.d.projection(r)
	if err != nil {
		return err
	}
	condition, err := s.d.condition(r, in)
	if err != nil {
		return err
	}
	table := quoteTable(r.Table.Name)
	return s.copyRows(ctx, table, p, "SELECT "+p.selects(p.own)+" FROM "+table+condition, row)
}

// RoundTrip implements [dialect.Session].
func (s *session) RoundTrip(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	if err := exec(ctx, s.conn, ";"); err != nil { // the empty query has an answer of its own
		return 0, fmt.Errorf("measure a round trip: %w", err)
	}
	return time.Since(start), nil
}

// Throughput implements [dialect.Session].
func (s *session) Throughput(ctx context.Context, n int64) error {
	const piece = 64 << 10
	count := strconv.FormatInt(max(n/piece, 1), 10)
	// The text is computed once, by the planner.
	if _, err := s.conn.CopyTo(ctx, io.Discard, "COPY (SELECT repeat('x', "+strconv.Itoa(piece)+") FROM generate_series(1, "+count+")) TO STDOUT (FORMAT binary)"); err != nil {
		return fmt.Errorf("measure the throughput: %w", err)
	}
	return nil
}
