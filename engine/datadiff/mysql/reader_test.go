package mysql

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// answer builds what a server sends.
type answer struct {
	bytes.Buffer
	sequence byte
}

func (a *answer) packet(p ...byte) {
	for {
		part := p[:min(len(p), maxPart)]
		a.Write([]byte{byte(len(part)), byte(len(part) >> 8), byte(len(part) >> 16), a.sequence})
		a.Write(part)
		a.sequence++
		p = p[len(part):]
		if len(part) < maxPart {
			return
		}
	}
}

// column defines a column of a type.
func (a *answer) column(kind byte, unsigned bool) {
	p := []byte{3, 'd', 'e', 'f', 0, 0, 0, 1, 'c', 0, 12, 45, 0, 0, 0, 0, 0, kind, 0, 0, 0, 0, 0}
	if unsigned {
		p[18] |= 0x20
	}
	a.packet(p...)
}

var (
	oldEnd = []byte{markEnd, 0, 0, 2, 0}
	newEnd = []byte{markEnd, 0, 0, 2, 0, 0, 0}
)

// narrow is a result of n rows: int, int, bigint, timestamp(6), varchar.
func narrow(n int, deprecateEOF bool) *answer {
	a := &answer{}
	a.packet(5)
	for _, kind := range []byte{wireLong, wireLong, wireLongLong, wireTimestamp, 253} {
		a.column(kind, false)
	}
	end := newEnd
	if !deprecateEOF {
		end = oldEnd
		a.packet(end...)
	}
	row := []byte{0, 0}
	row = binary.LittleEndian.AppendUint32(row, 7)
	row = binary.LittleEndian.AppendUint32(row, math.MaxUint32)
	row = binary.LittleEndian.AppendUint64(row, 1<<40)
	row = append(row, 11, 0xe8, 0x07, 2, 29, 12, 34, 56, 0x15, 0x0d, 0x0c, 0x00)
	row = append(append(row, 16), "customer-1234567"...)
	for range n {
		a.packet(row...)
	}
	a.packet(end...)
	return a
}

func narrowRelation() *dialect.Relation {
	field := func(name string, form dialect.Form) dialect.Field {
		return dialect.Field{Column: dialect.Column{Name: name}, Form: form}
	}
	return &dialect.Relation{Table: &dialect.Table{}, Key: []dialect.Field{field("id", dialect.Int)}, Columns: []dialect.Field{
		field("a", dialect.Int), field("b", dialect.Int), field("at", dialect.TimestampZone), field("name", dialect.Text),
	}}
}

// readAll reads a result as a session does.
func readAll(src io.Reader, r *dialect.Relation, row dialect.RowFunc) (warnings int, err error) {
	packets := newPacketReader(src)
	wire, err := resultHead(packets, nil)
	if err != nil {
		return 0, err
	}
	rows, err := newRowReader(wire, r)
	if err != nil {
		return 0, err
	}
	return readRows(packets, func(p []byte) error {
		cells, key, err := rows.read(p)
		if err != nil {
			return err
		}
		return row(cells, key)
	})
}

func TestReaderTakesBothEndsInPiecesOfAnySize(t *testing.T) {
	for name, deprecate := range map[string]bool{"with end marks": false, "without": true} {
		for pieces, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
		} {
			for _, n := range []int{0, 1, 5000} {
				got := 0
				_, err := readAll(wrap(bytes.NewReader(narrow(n, deprecate).Bytes())), narrowRelation(), func(cells []byte, key int) error {
					got++
					if w := words(cells); w != "7|-1|1099511627776|2024-02-29 12:34:56.789781Z|customer-1234567" || key != 9 {
						t.Fatalf("%s, %s: %s, key of %d bytes", name, pieces, w, key)
					}
					return nil
				})
				if err != nil || got != n {
					t.Errorf("%s, %s: %d of %d rows: %v", name, pieces, got, n, err)
				}
			}
		}
	}
}

func TestReaderJoinsLargePackets(t *testing.T) {
	for _, size := range []int{bufferSize - 20, bufferSize, maxPart - 7, maxPart - 6, maxPart - 5, 64 << 20} {
		a := &answer{}
		a.packet(1)
		a.column(252, false)
		value := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		row := append([]byte{0, 0, 0xfe}, make([]byte, 8)...)
		binary.LittleEndian.PutUint64(row[3:], uint64(size))
		a.packet(append(row, value...)...)
		a.packet(0, 0, 1, 'x')
		a.packet(newEnd...)
		r := &dialect.Relation{Table: &dialect.Table{}, Columns: []dialect.Field{{Column: dialect.Column{Name: "b"}, Form: dialect.Bytes}}}
		n := 0
		_, err := readAll(bytes.NewReader(a.Bytes()), r, func(cells []byte, _ int) error {
			if n++; n == 1 && !bytes.Equal(canon.Content(cells), value) {
				t.Errorf("%d bytes: other bytes", size)
			}
			return nil
		})
		if err != nil || n != 2 {
			t.Errorf("%d bytes: %d rows, %v", size, n, err)
		}
	}
}

func TestReaderEnds(t *testing.T) {
	whole := narrow(3, true)
	head := whole.Bytes()[:whole.Len()-len(newEnd)-4]
	failing := func(p []byte) []byte {
		a := &answer{sequence: 9}
		a.packet(p...)
		return append(bytes.Clone(head), a.Bytes()...)
	}
	cases := map[string]struct {
		in   []byte
		want error
	}{
		"an error among the rows":  {failing(append([]byte{markErr, 0x25, 0x05, '#'}, "70100Query execution was interrupted"...)), &mysql.MyError{Code: errQueryInterrupted}},
		"the connection is lost":   {head, io.ErrUnexpectedEOF},
		"lost inside of a packet":  {head[:len(head)-3], io.ErrUnexpectedEOF},
		"an unknown packet":        {failing([]byte{0x55}), ErrProtocol},
		"an empty packet":          {failing(nil), ErrProtocol},
		"a cut error":              {failing([]byte{markErr, 1}), ErrProtocol},
		"a cut end":                {failing([]byte{markEnd, 0, 0}), ErrProtocol},
		"a row that is cut off":    {failing([]byte{0, 0, 1, 2}), ErrProtocol},
		"bytes behind a row":       {failing([]byte{0, 0b01111100, 1}), ErrProtocol},
		"a packet out of sequence": {append(bytes.Clone(head), 1, 0, 0, 77, 0), ErrProtocol},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := readAll(bytes.NewReader(c.in), narrowRelation(), func([]byte, int) error { return nil })
			var my, want *mysql.MyError
			if errors.As(c.want, &want) {
				if !errors.As(err, &my) || my.Code != want.Code || !temporary(err) {
					t.Errorf("got %v", err)
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	stop := errors.New("enough")
	if _, err := readAll(bytes.NewReader(whole.Bytes()), narrowRelation(), func([]byte, int) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of the row function is lost: %v", err)
	}
}

func TestReaderSaysWhichColumn(t *testing.T) {
	a := &answer{}
	a.packet(1)
	a.column(253, false)
	a.packet(append([]byte{0, 0, 7}, "no-uuid"...)...)
	r := &dialect.Relation{Table: &dialect.Table{}, Columns: []dialect.Field{{Column: dialect.Column{Name: "token"}, Form: dialect.UUID}}}
	_, err := readAll(bytes.NewReader(a.Bytes()), r, func([]byte, int) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `column token: "no-uuid" is no UUID`) {
		t.Error(err)
	}
}

func TestReaderAllocatesNothingPerRow(t *testing.T) {
	in := narrow(20_000, true).Bytes()
	allocs := testing.AllocsPerRun(3, func() {
		if _, err := readAll(bytes.NewReader(in), narrowRelation(), func([]byte, int) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 60 {
		t.Errorf("%.0f allocations for 20,000 rows", allocs)
	}
}

func BenchmarkReader(b *testing.B) {
	const rows = 100_000
	in := narrow(rows, true).Bytes()
	r := narrowRelation()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := readAll(bytes.NewReader(in), r, func(cells []byte, _ int) error { n += len(cells); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// FuzzRows reads any bytes as a result of any types: it must end, without a panic, and give whole cells.
func FuzzRows(f *testing.F) {
	forms := []dialect.Form{
		dialect.Int, dialect.Decimal, dialect.Float64, dialect.Float32, dialect.Text, dialect.TextTrimmed, dialect.Bytes, dialect.Date, dialect.Time,
		dialect.Timestamp, dialect.TimestampZone, dialect.UUID, dialect.Bits, dialect.JSON, dialect.Inexact,
	}
	f.Add(narrow(2, true).Bytes(), []byte{0, 0, 0, 10, 4})
	f.Add(narrow(2, false).Bytes(), []byte{0, 0, 1, 9, 5})
	for i, kind := range []byte{wireTiny, wireShort, wireFloat, wireDouble, wireNull, wireDate, wireTime, wireDatetime, wireYear, wireBit, wireNewDecimal, 245, 254} {
		a := &answer{}
		a.packet(1)
		a.column(kind, i%2 == 0)
		a.packet(0, 0, 4, '1', '.', '2', '3')
		a.packet(newEnd...)
		f.Add(a.Bytes(), []byte{byte(i)})
	}
	f.Fuzz(func(t *testing.T, in, choice []byte) {
		r := &dialect.Relation{Table: &dialect.Table{}}
		for i, c := range choice[:min(len(choice), 40)] {
			column := dialect.Column{Name: "c", Code: columnType{kind: kindBit, length: int(c>>4) * 5}.code()}
			if c&0x10 != 0 {
				column.Code = columnType{kind: kindBinary, length: 16}.code()
			}
			field := dialect.Field{Column: column, Form: forms[int(c&0x0f)%len(forms)]}
			if i == 0 {
				r.Key = append(r.Key, field)
			} else {
				r.Columns = append(r.Columns, field)
			}
		}
		_, _ = readAll(bytes.NewReader(in), r, func(cells []byte, key int) error {
			n := 0
			for rest := cells; len(rest) > 0; n++ {
				var err error
				if _, rest, err = canon.Next(rest); err != nil {
					t.Fatal(err)
				}
			}
			if n != len(r.Key)+len(r.Columns) || key > len(cells) {
				t.Fatalf("%d cells for %d fields, a key of %d bytes", n, len(r.Key)+len(r.Columns), key)
			}
			return nil
		})
	})
}
