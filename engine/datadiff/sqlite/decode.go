package sqlite

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	lib "modernc.org/sqlite/lib"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// decoder appends the cell of value i of the row that a statement stands on. It is not NULL. An error is
// errUnfit where the class of the value is not one that the form is read from.
type decoder func(dst []byte, s *stmt, i int) ([]byte, error)

var errUnfit = errors.New("values of its storage class are not read so")

func decoderOf(f dialect.Field) (decoder, error) {
	switch f.Form {
	case dialect.Int:
		return decodeInt, nil
	case dialect.Decimal:
		return decodeDecimal, nil
	case dialect.Float64:
		return decodeDouble, nil
	case dialect.Float32:
		return decodeSingle, nil
	case dialect.Text:
		return decodeText, nil
	case dialect.TextTrimmed:
		return decodeTrimmed, nil
	case dialect.Bytes:
		return decodeBytes, nil
	case dialect.UUID:
		return decodeUUID, nil
	case dialect.Date:
		return fromText(appendDate), nil
	case dialect.Time:
		return fromText(appendTime), nil
	case dialect.Timestamp:
		return fromText(appendTimestamp), nil
	case dialect.TimestampZone:
		return fromText(appendTimestampZone), nil
	case dialect.Bits:
		if n := bitWidth(f.Column); n > 0 {
			return bitsOfInt(n), nil
		}
		return fromText(appendBits), nil
	case dialect.JSON:
		return decodeJSON, nil
	case dialect.Inexact:
		return decodeInexact, nil
	case dialect.Stored:
		return decodeStored, nil
	}
	return nil, fmt.Errorf("the column %s of the type %q cannot be read as %s", f.Column.Name, f.Column.Type, f.Form)
}

func fromText(read func(dst, text []byte) ([]byte, error)) decoder {
	return func(dst []byte, s *stmt, i int) ([]byte, error) {
		if s.class(i) != lib.SQLITE_TEXT {
			return dst, errUnfit
		}
		return read(dst, s.text(i))
	}
}

func decodeInt(dst []byte, s *stmt, i int) ([]byte, error) {
	if s.class(i) != lib.SQLITE_INTEGER {
		return dst, errUnfit
	}
	return canon.AppendInt(dst, s.int(i)), nil
}

func decodeDecimal(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_INTEGER:
		return canon.AppendDecimalInt(dst, s.int(i)), nil
	case lib.SQLITE_FLOAT:
		var buf [32]byte
		return canon.AppendDecimal(dst, strconv.AppendFloat(buf[:0], s.double(i), 'e', -1, 64))
	case lib.SQLITE_TEXT:
		return canon.AppendDecimal(dst, s.text(i))
	}
	return dst, errUnfit
}

// readDouble is the value of a REAL or of an INTEGER that a double holds.
func readDouble(s *stmt, i int) (float64, error) {
	switch s.class(i) {
	case lib.SQLITE_FLOAT:
		return s.double(i), nil
	case lib.SQLITE_INTEGER:
		v := s.int(i)
		f := float64(v)
		if f >= 1<<63 || int64(f) != v {
			return 0, fmt.Errorf("a double does not hold it")
		}
		return f, nil
	}
	return 0, errUnfit
}

func decodeDouble(dst []byte, s *stmt, i int) ([]byte, error) {
	v, err := readDouble(s, i)
	if err != nil {
		return dst, err
	}
	return canon.AppendFloat64(dst, v), nil
}

func decodeSingle(dst []byte, s *stmt, i int) ([]byte, error) {
	v, err := readDouble(s, i)
	if err != nil {
		return dst, err
	}
	single := float32(v)
	if math.IsInf(float64(single), 0) && !math.IsInf(v, 0) {
		return dst, fmt.Errorf("it is beyond a float of four bytes")
	}
	return canon.AppendFloat32(dst, single), nil
}

func decodeText(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_TEXT, lib.SQLITE_INTEGER:
		return canon.AppendText(dst, s.text(i)), nil
	}
	return dst, errUnfit
}

func decodeTrimmed(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_TEXT, lib.SQLITE_INTEGER:
		return canon.AppendText(dst, trimRight(s.text(i))), nil
	}
	return dst, errUnfit
}

func trimRight(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	return text
}

func decodeBytes(dst []byte, s *stmt, i int) ([]byte, error) {
	if s.class(i) != lib.SQLITE_BLOB {
		return dst, errUnfit
	}
	return canon.AppendBytes(dst, s.blob(i)), nil
}

func decodeUUID(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_BLOB:
		b := s.blob(i)
		if len(b) != 16 {
			return dst, fmt.Errorf("it is of %d bytes and not of 16", len(b))
		}
		return canon.AppendUUID(dst, [16]byte(b)), nil
	case lib.SQLITE_TEXT:
		v, ok := parseUUID(s.text(i))
		if !ok {
			return dst, fmt.Errorf("it is not 32 hexadecimal digits in one case with dashes")
		}
		return canon.AppendUUID(dst, v), nil
	}
	return dst, errUnfit
}

// parseUUID reads 8-4-4-4-12 digits. Their letters must be of one case: then a UUID has three spellings in
// a file, which are all looked up (see spellings).
func parseUUID(text []byte) (v [16]byte, ok bool) {
	if len(text) != 36 {
		return v, false
	}
	var lower, upper bool
	digits := 0
	for i, c := range text {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return v, false
			}
			continue
		}
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c >= 'a' && c <= 'f':
			d, lower = c-'a'+10, true
		case c >= 'A' && c <= 'F':
			d, upper = c-'A'+10, true
		default:
			return v, false
		}
		v[digits/2] = v[digits/2]<<4 | d
		digits++
	}
	return v, !(lower && upper)
}

// bitsOfInt reads the bits of an integer of n bits, the highest first.
func bitsOfInt(n int) decoder {
	return func(dst []byte, s *stmt, i int) ([]byte, error) {
		if s.class(i) != lib.SQLITE_INTEGER {
			return dst, errUnfit
		}
		v := s.int(i)
		if v < 0 || v>>n != 0 {
			return dst, fmt.Errorf("it does not fit %d bits", n)
		}
		var bits [8]byte
		for at, rest := 0, uint64(v)<<(64-n); at < 8; at++ {
			bits[at] = byte(rest >> (56 - 8*at))
		}
		return canon.AppendBits(dst, bits[:], n), nil
	}
}

// appendBits reads text of 0 and 1.
func appendBits(dst, text []byte) ([]byte, error) {
	bits := make([]byte, (len(text)+7)/8)
	for i, c := range text {
		if c != '0' && c != '1' {
			return dst, fmt.Errorf("it is not of 0 and 1 only")
		}
		bits[i/8] |= (c - '0') << (7 - i%8)
	}
	return canon.AppendBits(dst, bits, len(text)), nil
}

func decodeJSON(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_TEXT:
		return canon.AppendJSON(dst, s.text(i))
	case lib.SQLITE_INTEGER, lib.SQLITE_FLOAT:
		return decodeDecimal(dst, s, i) // a document that is a number, which a numeric column made one
	}
	return dst, errUnfit
}

// decodeStored reads a value as a cell of its storage class, so that values of two classes are never the
// same: 1 is not 1.0, and neither is '1'.
func decodeStored(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_INTEGER:
		return canon.AppendInt(dst, s.int(i)), nil
	case lib.SQLITE_FLOAT:
		return canon.AppendFloat64(dst, s.double(i)), nil
	case lib.SQLITE_BLOB:
		return canon.AppendBytes(dst, s.blob(i)), nil
	}
	return canon.AppendText(dst, s.text(i)), nil
}

// decodeInexact reads the text of a value: digits, the shortest text of a double, or text. A blob is no
// text of any product, and keeps its own kind of cell, which equals none of theirs.
func decodeInexact(dst []byte, s *stmt, i int) ([]byte, error) {
	switch s.class(i) {
	case lib.SQLITE_FLOAT:
		var buf [32]byte
		return canon.AppendInexact(dst, strconv.AppendFloat(buf[:0], s.double(i), 'g', -1, 64)), nil
	case lib.SQLITE_BLOB:
		return canon.AppendBytes(dst, s.blob(i)), nil
	}
	return canon.AppendInexact(dst, s.text(i)), nil
}

// describe names the class and the value, shortened, for an error.
func describe(s *stmt, i int) string {
	switch s.class(i) {
	case lib.SQLITE_INTEGER:
		return "integer " + s.string(i)
	case lib.SQLITE_FLOAT:
		return "real " + strconv.FormatFloat(s.double(i), 'g', -1, 64)
	case lib.SQLITE_BLOB:
		b := s.blob(i)
		if len(b) > 20 {
			return fmt.Sprintf("blob x'%x...' of %d bytes", b[:20], len(b))
		}
		return fmt.Sprintf("blob x'%x'", b)
	}
	text := s.text(i)
	if len(text) > 60 {
		end := 57
		for end > 53 && !utf8.RuneStart(text[end]) {
			end--
		}
		return fmt.Sprintf("text %q", string(text[:end])+"...")
	}
	return fmt.Sprintf("text %q", text)
}

// reader turns the rows of a statement into cells. The fields of the key stand first.
type reader struct {
	fields   []dialect.Field
	decoders []decoder
	key      int // fields of the key
	first    int // where the fields stand in the row
	cells    []byte
}

func newReader(r *dialect.Relation) (*reader, error) {
	rd := &reader{fields: r.Fields(), key: len(r.Key)}
	for _, f := range rd.fields {
		d, err := decoderOf(f)
		if err != nil {
			return nil, err
		}
		rd.decoders = append(rd.decoders, d)
	}
	return rd, nil
}

// read reads the row, of which the cells are valid until the next call.
func (r *reader) read(s *stmt) (cells []byte, key int, err error) {
	dst := r.cells[:0]
	for i, decode := range r.decoders {
		at := r.first + i
		if s.class(at) == lib.SQLITE_NULL {
			dst = canon.AppendNull(dst)
		} else if dst, err = decode(dst, s, at); err != nil {
			return nil, 0, r.unreadable(s, i, dst[:key], err)
		}
		if i+1 == r.key {
			key = len(dst)
		}
	}
	r.cells = dst
	return dst, key, nil
}

// unreadable names the column, the value and the row of a value.
func (r *reader) unreadable(s *stmt, i int, key []byte, cause error) error {
	f, row := r.fields[i], ""
	way := "leave the column out with --exclude " + f.Column.Name
	if i < r.key {
		row, way = " of the key", "name another key with --key"
	} else if len(key) > 0 {
		row = " in the row with the key (" + formatCells(key) + ")"
	}
	return fmt.Errorf("the column %s: the %s%s cannot be read as %s: %w; correct it, or %s", f.Column.Name, describe(s, r.first+i), row, f.Form, cause, way)
}

func formatCells(cells []byte) string {
	text := ""
	for len(cells) > 0 {
		cell, rest, err := canon.Next(cells)
		if err != nil {
			return text
		}
		if text != "" {
			text += ", "
		}
		text, cells = text+canon.Format(cell), rest
	}
	return text
}
