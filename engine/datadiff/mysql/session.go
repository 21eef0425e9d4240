package mysql

import (
	"context"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// session is one connection.
type session struct {
	d *Database
	c *conn
	// held: it reads a shared snapshot, in a transaction that is open already.
	held, failed, closed bool
}

var _ dialect.Session = (*session)(nil)

// Close implements [dialect.Session]. A connection of a snapshot goes back to it, unless something failed
// on it.
func (s *session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.held && !s.failed && s.d.returnToSnapshot(s.c) {
		return nil
	}
	return s.c.close()
}

// fail explains an error. Where ctx ended the statement, the connection is closed, and the statement
// killed on the server.
func (s *session) fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	s.failed = true
	if ctx.Err() != nil {
		_ = s.c.close()
		s.d.kill(s.c.id)
	}
	return explain(doing, err)
}

// read runs a statement that selects the fields of a relation.
func (s *session) read(ctx context.Context, r *dialect.Relation, statement string, row dialect.RowFunc) error {
	var rows *rowReader
	return s.c.query(ctx, statement,
		func(wire []wireField) (err error) {
			rows, err = newRowReader(wire, r)
			return err
		},
		func(p []byte) error {
			cells, key, err := rows.read(p)
			if err != nil {
				return err
			}
			return row(cells, key)
		})
}

// Stream implements [dialect.Session].
func (s *session) Stream(ctx context.Context, r *dialect.Relation, in dialect.Range, row dialect.RowFunc) error {
	where, err := condition(r, in)
	if err != nil {
		return err
	}
	ranged := in.Lo != nil || in.Hi != nil || in.Null
	statement := "SELECT " + columns(r.Fields()) + " FROM " + from(r, ranged) + where
	return s.fail(ctx, "", s.read(ctx, r, statement, row))
}

// Statements for many keys or ranges are cut at these sizes: MariaDB turns an IN of 1,000 values into a
// join, and a server's max_allowed_packet is 4 MiB at the least that is in use.
const (
	batchKeys   = 500
	batchRanges = 64
	batchBytes  = 256 << 10
)

// Fetch implements [dialect.Session]. A value whose spellings cannot be stated by a condition, as of a
// document, is found by reading all rows.
func (s *session) Fetch(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	if len(r.Key) == 0 {
		return fmt.Errorf("look up rows of %s: the table has no key", r.Table.Name)
	}
	head := "SELECT " + columns(r.Fields()) + " FROM "
	for len(keys) > 0 {
		n, size := 0, 0
		for n < len(keys) && n < batchKeys && (n == 0 || size+2*len(keys[n]) < batchBytes) {
			size += 2 * len(keys[n])
			n++
		}
		found, err := lookUp(r, keys[:n])
		if err != nil {
			return fmt.Errorf("look up rows of %s: %w", r.Table.Name, err)
		}
		if found.loose {
			n = len(keys) // one reading serves for all
		}
		if found.any {
			if err := s.read(ctx, r, head+from(r, found.indexed)+found.where(r), dialect.Among(keys[:n], row)); err != nil {
				return s.fail(ctx, "look up rows of "+r.Table.Name.String(), err)
			}
		}
		keys = keys[n:]
	}
	return nil
}

// Fingerprints implements [dialect.Session]. Up to 64 ranges go in one statement, and are emitted as
// the server ends each.
func (s *session) Fingerprints(ctx context.Context, r *dialect.Relation, h dialect.Hash, ranges []dialect.Range, emit func(i int, f dialect.Fingerprint) error) error {
	hash := s.d.hashExpr(h, r.Fields(), columnRef)
	for at := 0; at < len(ranges); {
		var parts []string
		size, i := 0, at
		for ; i < len(ranges) && len(parts) < batchRanges && size < batchBytes; i++ {
			in := ranges[i]
			where, err := condition(r, in)
			if err != nil {
				return err
			}
			ranged := in.Lo != nil || in.Hi != nil || in.Null
			part := hashSelect(i, hash) + " FROM " + from(r, ranged) + where
			parts, size = append(parts, part), size+len(part)
		}
		if err := s.fingerprints(ctx, strings.Join(parts, " UNION ALL "), emit); err != nil {
			return s.fail(ctx, "", err)
		}
		at = i
	}
	return nil
}

// unhashed is summed for a row without a hash, which is one larger than max_allowed_packet: 10^40, which
// the hashes of 10^12 rows do not come to.
const unhashed = "1" + "0000000000" + "0000000000" + "0000000000" + "0000000000"

// hashSelect selects the number of a range, its rows, and the sum of their hashes as text, because the
// type of a sum differs between products.
func hashSelect(i int, hash string) string {
	return "SELECT CAST(" + strconv.Itoa(i) + " AS SIGNED), COUNT(*), CAST(COALESCE(SUM(COALESCE(" + hash + ", " + unhashed + ")), 0) AS CHAR)"
}

// hashRelation describes the rows of hashSelect.
var hashRelation = &dialect.Relation{Table: &dialect.Table{}, Columns: []dialect.Field{
	{Column: dialect.Column{Name: "range"}, Form: dialect.Int},
	{Column: dialect.Column{Name: "rows"}, Form: dialect.Int},
	{Column: dialect.Column{Name: "sum"}, Form: dialect.Text},
}}

func (s *session) fingerprints(ctx context.Context, statement string, emit func(i int, f dialect.Fingerprint) error) error {
	return s.read(ctx, hashRelation, statement, func(cells []byte, _ int) error {
		var parts [3][]byte
		for i := range parts {
			var err error
			if parts[i], cells, err = canon.Next(cells); err != nil {
				return err
			}
		}
		sum := canon.Content(parts[2])
		if len(sum) >= len(unhashed) {
			return fmt.Errorf("the server cannot hash rows that are larger than its max_allowed_packet: %w", dialect.ErrCannot)
		}
		f := dialect.Fingerprint{Rows: canon.Int(parts[1])}
		var err error
		if f.Hi, f.Lo, err = parseSum(sum); err != nil {
			return err
		}
		return emit(int(canon.Int(parts[0])), f)
	})
}

// parseSum reads a sum modulo 2^128.
func parseSum(text []byte) (hi, lo uint64, err error) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, 0, fmt.Errorf("the sum %q is no whole number: %w", clip(text), ErrProtocol)
		}
		over, low := bits.Mul64(lo, 10)
		low, carry := bits.Add64(low, uint64(c-'0'), 0)
		hi, lo = hi*10+over+carry, low
	}
	return hi, lo, nil
}

// RoundTrip implements [dialect.Session]: COM_PING.
func (s *session) RoundTrip(ctx context.Context) (time.Duration, error) {
	done := s.c.guard(ctx)
	start := time.Now()
	err := s.c.lib.Ping()
	took := time.Since(start)
	return took, s.fail(ctx, "measure a round trip", done(err))
}
