package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// stream returns the bytes that COPY of a query sends.
func stream(t testing.TB, conn *pgconn.PgConn, query string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := conn.CopyTo(t.Context(), &b, "copy ("+query+") to stdout (format binary)"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func connect(t testing.TB) *pgconn.PgConn {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), testserver.PostgresFor(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// TestValues reads values of each type as the server sends them and prints their cells.
func TestValues(t *testing.T) {
	conn := connect(t)
	for _, c := range []struct{ expr, want string }{
		{"true", "1"}, {"(-32768)::int2", "-32768"}, {"2147483647::int4", "2147483647"}, {"(-9223372036854775808)::int8", "-9223372036854775808"},
		{"4294967295::oid", "4294967295"},
		{"12499.875::float4", "12499.875"}, {"0.1::float8", "0.1"}, {"'-Infinity'::float8", "-Inf"}, {"'NaN'::float4", "NaN"}, {"'-0'::float8", "0"},
		{"0::numeric", "0"}, {"1.10::numeric", "1.1"}, {"(-0.000012)::numeric", "-0.000012"}, {"123456789012345678901234567890.123456789::numeric", "123456789012345678901234567890.123456789"},
		{"1e30::numeric", "1000000000000000000000000000000"}, {"10000::numeric(10,2)", "10000"}, {"0.00000001::numeric", "0.00000001"}, {"1e-300::numeric", "1e-300"},
		{"'NaN'::numeric", "NaN"}, {"'Infinity'::numeric", "Infinity"}, {"'-Infinity'::numeric", "-Infinity"},
		{"'é|<null>'::text", "é|<null>"}, {"''::varchar", ""}, {"'ab '::char(5)", "ab"}, {"'x'::name", "x"},
		{`'\x00ff'::bytea`, "0x00ff"}, {"'550e8400-e29b-41d4-a716-446655440000'::uuid", "550e8400-e29b-41d4-a716-446655440000"},
		{"'1969-12-31'::date", "1969-12-31"}, {"'infinity'::date", "infinity"}, {"'0044-03-15 BC'::date", "0044-03-15 BC"}, {"'0044-03-15'::date", "0044-03-15"},
		{"'23:59:59.999999'::time", "23:59:59.999999"}, {"'2026-11-27 10:00:00.5'::timestamp", "2026-11-27 10:00:00.5"}, {"'-infinity'::timestamptz", "-infinity"},
		{"'2026-11-27 10:00:00+02'::timestamptz", "2026-11-27 08:00:00Z"}, {"'1 mon -2 days 00:00:00.5'::interval", "1 months -2 days 500000 µs"},
		{"B'10110'::bit(5)", "10110"}, {"B''::varbit", ""}, {`'{"b": 1.50, "a": [null]}'::json`, `{"a": [null], "b": 1.5}`}, {`'{"b": 1.50, "a": [null]}'::jsonb`, `{"a": [null], "b": 1.5}`},
	} {
		oid := conn.ExecParams(t.Context(), "select ("+c.expr+")", nil, nil, nil, []int16{1})
		description := oid.FieldDescriptions()
		if _, err := oid.Close(); err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		decode, ok := postgres.DecoderOf(description[0].DataTypeOID)
		if !ok {
			t.Errorf("%s: no decoder of type %d", c.expr, description[0].DataTypeOID)
			continue
		}
		r := &postgres.CopyReader{Row: func(fields [][]byte) error {
			cell, err := decode(nil, fields[0])
			if err != nil {
				return err
			}
			if got := canon.Format(cell); got != c.want {
				t.Errorf("%s = %q, want %q", c.expr, got, c.want)
			}
			return nil
		}}
		if _, err := r.Write(stream(t, conn, "select "+c.expr)); err != nil {
			t.Errorf("%s: %v", c.expr, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: %v", c.expr, err)
		}
	}
}

// TestPieces: rows do not depend on the pieces in which they come.
func TestPieces(t *testing.T) {
	conn := connect(t)
	src := stream(t, conn, "select i, case when i % 3 = 0 then null else repeat('x', i) end from generate_series(1, 40) i")
	read := func(piece int) string {
		var sb strings.Builder
		r := &postgres.CopyReader{Row: func(fields [][]byte) error {
			fmt.Fprintf(&sb, "%x %d %v\n", fields[0], len(fields[1]), fields[1] == nil)
			return nil
		}}
		for at := 0; at < len(src); at += piece {
			if _, err := r.Write(src[at:min(at+piece, len(src))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return sb.String()
	}
	whole := read(len(src))
	if n := strings.Count(whole, "\n"); n != 40 {
		t.Fatalf("%d rows, want 40", n)
	}
	for _, piece := range []int{1, 2, 3, 7, 19, 64, 1000} {
		if got := read(piece); got != whole {
			t.Errorf("in pieces of %d bytes the rows differ", piece)
		}
	}
}

func TestBrokenStreams(t *testing.T) {
	good := append([]byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 0, 1, 0, 0, 0, 1, 'x', 0xff, 0xff)
	none := func([][]byte) error { return nil }
	for n := range good {
		r := &postgres.CopyReader{Row: none}
		if _, err := r.Write(good[:n]); err != nil {
			t.Errorf("the first %d bytes: %v", n, err)
		}
		if err := r.Close(); !errors.Is(err, postgres.ErrCopyEnds) {
			t.Errorf("after %d of %d bytes: %v", n, len(good), err)
		}
	}
	for name, src := range map[string]string{
		"text format":       "1\tx\n",
		"bytes behind":      string(good) + "x",
		"critical flags":    "PGCOPY\n\xff\r\n\x00\x00\x01\x00\x00\x00\x00\x00\x00",
		"negative length":   "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfe",
		"negative count":    "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xfe",
		"endless extension": "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\xff\xff\xff\xff",
	} {
		r := &postgres.CopyReader{Row: none}
		if _, err := r.Write([]byte(src)); !errors.Is(err, postgres.ErrCopyFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stop := errors.New("stop")
	r := &postgres.CopyReader{Row: func([][]byte) error { return stop }}
	for range 2 {
		if _, err := r.Write(good); !errors.Is(err, stop) {
			t.Errorf("an error of Row: %v", err)
		}
	}
}

func FuzzCopyReader(f *testing.F) {
	f.Add([]byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x01x\xff\xff\xff\xff\xff\xff"), 3)
	f.Fuzz(func(t *testing.T, src []byte, piece int) {
		read := func(step int) (rows string, failed bool) {
			var sb strings.Builder
			r := &postgres.CopyReader{Row: func(fields [][]byte) error {
				for _, x := range fields {
					fmt.Fprintf(&sb, "%v%x,", x == nil, x)
				}
				sb.WriteByte('\n')
				return nil
			}}
			for at := 0; at < len(src); at += step {
				if _, err := r.Write(src[at:min(at+step, len(src))]); err != nil {
					return sb.String(), true
				}
			}
			return sb.String(), r.Close() != nil
		}
		if len(src) == 0 || piece < 1 {
			return
		}
		a, failedA := read(len(src))
		b, failedB := read(piece)
		if a != b || failedA != failedB {
			t.Errorf("%q in pieces of %d: %q %v, whole %q %v", src, piece, b, failedB, a, failedA)
		}
	})
}

func FuzzDecoders(f *testing.F) {
	f.Add(uint32(1700), []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 5})
	f.Add(uint32(1560), []byte{0, 0, 0, 3, 0xa0})
	f.Add(uint32(3802), []byte("\x01{}"))
	f.Fuzz(func(t *testing.T, oid uint32, field []byte) {
		decode, ok := postgres.DecoderOf(oid)
		if !ok {
			return
		}
		cell, err := decode([]byte("kept"), field)
		if err != nil {
			if string(cell) != "kept" {
				t.Fatalf("an error changed what was there: %q", cell)
			}
			return
		}
		if first, rest, err := canon.Next(cell[4:]); err != nil || len(rest) != 0 || len(first) == 0 {
			t.Fatalf("type %d, %x: %x is not one cell: %v", oid, field, cell[4:], err)
		}
	})
}

func BenchmarkCopy(b *testing.B) {
	conn := connect(b)
	src := stream(b, conn, "select i, (i*7)::int8, now()::timestamp, 'user-'||i from generate_series(1, 20000) i")
	var decoders []postgres.Decoder
	for _, oid := range []uint32{23, 20, 1114, 25} {
		d, _ := postgres.DecoderOf(oid)
		decoders = append(decoders, d)
	}
	var row []byte
	rows := 0
	r := func() *postgres.CopyReader {
		return &postgres.CopyReader{Row: func(fields [][]byte) (err error) {
			row = row[:0]
			for i, f := range fields {
				if row, err = decoders[i](row, f); err != nil {
					return err
				}
			}
			canon.Hash(row)
			rows++
			return nil
		}}
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r().Write(src); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}
