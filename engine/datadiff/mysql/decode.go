package mysql

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// cellReader turns one field of a row of the binary protocol into a cell.
type cellReader struct {
	wire     byte
	unsigned bool
	form     dialect.Form
	bits     int // of a BIT
	raw      bool
	name     string
}

var errCut = fmt.Errorf("a row is cut off: %w", ErrProtocol)

// rowReader turns rows into cells. It is made for one result.
type rowReader struct {
	fields []cellReader
	key    int // fields of the key
	cells  []byte
}

// newRowReader joins what the server says of a result with what was asked for.
func newRowReader(wire []wireField, r *dialect.Relation) (*rowReader, error) {
	fields := r.Fields()
	if len(wire) != len(fields) {
		return nil, fmt.Errorf("%d columns where %d were asked for: %w", len(wire), len(fields), ErrProtocol)
	}
	out := &rowReader{key: len(r.Key), fields: make([]cellReader, len(fields))}
	for i, f := range fields {
		t := typeOf(f.Column)
		out.fields[i] = cellReader{
			wire: wire[i].kind, unsigned: wire[i].unsigned, form: f.Form, bits: t.length, name: f.Column.Name,
			raw: t.kind == kindBinary || t.kind == kindVarbinary || t.kind == kindBlob,
		}
	}
	return out, nil
}

// read returns the cells of a row and the length of those of the key. They are valid until the next call.
func (r *rowReader) read(p []byte) (cells []byte, key int, err error) {
	r.cells = r.cells[:0]
	n := len(r.fields)
	values := 1 + (n+9)/8
	if len(p) < values {
		return nil, 0, errCut
	}
	nulls, rest := p[1:values], p[values:]
	dst := r.cells
	for i := range r.fields {
		if i == r.key {
			key = len(dst)
		}
		if bit := i + 2; nulls[bit>>3]>>(bit&7)&1 != 0 {
			dst = canon.AppendNull(dst)
			continue
		}
		f := &r.fields[i]
		if dst, rest, err = f.append(dst, rest); err != nil {
			r.cells = dst
			return nil, 0, fmt.Errorf("column %s: %w", f.name, err)
		}
	}
	r.cells = dst
	if r.key == n {
		key = len(dst)
	}
	if len(rest) > 0 {
		return nil, 0, fmt.Errorf("%d bytes behind the last column of a row: %w", len(rest), ErrProtocol)
	}
	return dst, key, nil
}

// append appends the cell of the value at the start of p and returns what stands behind it.
func (f *cellReader) append(dst, p []byte) (cells, rest []byte, err error) {
	switch f.wire {
	case wireLong, wireInt24:
		if len(p) < 4 {
			return dst, nil, errCut
		}
		v := int64(int32(binary.LittleEndian.Uint32(p)))
		if f.unsigned {
			v = int64(uint32(v))
		}
		dst, err = f.integer(dst, v)
		return dst, p[4:], err
	case wireLongLong:
		if len(p) < 8 {
			return dst, nil, errCut
		}
		v := binary.LittleEndian.Uint64(p)
		if f.unsigned && v > math.MaxInt64 {
			dst, err = f.large(dst, v)
		} else {
			dst, err = f.integer(dst, int64(v))
		}
		return dst, p[8:], err
	case wireShort, wireYear:
		if len(p) < 2 {
			return dst, nil, errCut
		}
		v := int64(int16(binary.LittleEndian.Uint16(p)))
		if f.unsigned {
			v = int64(uint16(v))
		}
		dst, err = f.integer(dst, v)
		return dst, p[2:], err
	case wireTiny:
		if len(p) < 1 {
			return dst, nil, errCut
		}
		v := int64(int8(p[0]))
		if f.unsigned {
			v = int64(p[0])
		}
		dst, err = f.integer(dst, v)
		return dst, p[1:], err
	case wireTimestamp, wireDatetime, wireDate:
		return f.moment(dst, p)
	case wireTime:
		return f.time(dst, p)
	case wireFloat:
		if len(p) < 4 {
			return dst, nil, errCut
		}
		dst, err = f.single(dst, math.Float32frombits(binary.LittleEndian.Uint32(p)))
		return dst, p[4:], err
	case wireDouble:
		if len(p) < 8 {
			return dst, nil, errCut
		}
		if f.form != dialect.Float64 {
			return dst, nil, f.unexpected()
		}
		return canon.AppendFloat64(dst, math.Float64frombits(binary.LittleEndian.Uint64(p))), p[8:], nil
	case wireNull:
		return dst, nil, f.unexpected() // NULL is in the map of the row
	default:
		value, rest, ok := lengthEncodedBytes(p)
		if !ok {
			return dst, nil, errCut
		}
		dst, err = f.sized(dst, value)
		return dst, rest, err
	}
}

func (f *cellReader) unexpected() error {
	return fmt.Errorf("the server sends the type %d, which cannot be read as %s: %w", f.wire, f.form, ErrProtocol)
}

func (f *cellReader) integer(dst []byte, v int64) ([]byte, error) {
	switch f.form {
	case dialect.Int:
		return canon.AppendInt(dst, v), nil
	case dialect.Decimal:
		return canon.AppendDecimalInt(dst, v), nil
	}
	return dst, f.unexpected()
}

// large appends an unsigned number that a signed one does not hold.
func (f *cellReader) large(dst []byte, v uint64) ([]byte, error) {
	switch f.form {
	case dialect.Int:
		return canon.AppendUint(dst, v), nil
	case dialect.Decimal:
		var buf [20]byte
		return canon.AppendDecimal(dst, strconv.AppendUint(buf[:0], v, 10))
	}
	return dst, f.unexpected()
}

func (f *cellReader) single(dst []byte, v float32) ([]byte, error) {
	switch f.form {
	case dialect.Float32:
		return canon.AppendFloat32(dst, v), nil
	case dialect.Float64:
		return canon.AppendFloat64(dst, float64(v)), nil
	}
	return dst, f.unexpected()
}

// sized appends a value that came with its length: text, bytes, decimals, bits.
func (f *cellReader) sized(dst, v []byte) ([]byte, error) {
	switch f.form {
	case dialect.Text:
		return canon.AppendText(dst, v), nil
	case dialect.TextTrimmed:
		for len(v) > 0 && v[len(v)-1] == ' ' {
			v = v[:len(v)-1]
		}
		return canon.AppendText(dst, v), nil
	case dialect.Bytes:
		return canon.AppendBytes(dst, v), nil
	case dialect.Decimal:
		return canon.AppendDecimal(dst, v)
	case dialect.Int:
		return integerText(dst, v)
	case dialect.UUID:
		if f.raw {
			if len(v) != 16 {
				return dst, fmt.Errorf("%d bytes are no UUID, which has 16; compare this column as bytes", len(v))
			}
			return canon.AppendUUID(dst, [16]byte(v)), nil
		}
		u, ok := parseUUID(v)
		if !ok {
			return dst, fmt.Errorf("%q is no UUID; compare this column as text", clip(v))
		}
		return canon.AppendUUID(dst, u), nil
	case dialect.JSON:
		return canon.AppendJSON(dst, v)
	case dialect.Bits:
		return f.bitString(dst, v)
	case dialect.Inexact:
		return canon.AppendInexact(dst, v), nil
	}
	return dst, f.unexpected()
}

// integerText reads a decimal without a fraction.
func integerText(dst, v []byte) ([]byte, error) {
	if len(v) == 0 || len(v) > 64 {
		return dst, fmt.Errorf("%q is no integer: %w", clip(v), ErrProtocol)
	}
	i, negative := 0, v[0] == '-'
	if negative {
		i++
	}
	if i == len(v) {
		return dst, fmt.Errorf("%q is no integer: %w", clip(v), ErrProtocol)
	}
	n := uint64(0)
	for ; i < len(v); i++ {
		if v[i] < '0' || v[i] > '9' || n > math.MaxInt64/10 {
			return dst, fmt.Errorf("%q is no integer of 18 digits: %w", clip(v), ErrProtocol)
		}
		n = n*10 + uint64(v[i]-'0')
	}
	if n > math.MaxInt64 {
		return dst, fmt.Errorf("%q is no integer of 18 digits: %w", clip(v), ErrProtocol)
	}
	if negative {
		return canon.AppendInt(dst, -int64(n)), nil
	}
	return canon.AppendInt(dst, int64(n)), nil
}

// bitString moves the bits of a BIT(n), which stand at the end of its bytes, to the start.
func (f *cellReader) bitString(dst, v []byte) ([]byte, error) {
	if f.bits < 1 || f.bits > 64 || len(v) != (f.bits+7)/8 {
		return dst, fmt.Errorf("a BIT(%d) of %d bytes: %w", f.bits, len(v), ErrProtocol)
	}
	n := uint64(0)
	for _, b := range v {
		n = n<<8 | uint64(b)
	}
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], n<<(64-f.bits))
	return canon.AppendBits(dst, bytes[:], f.bits), nil
}

// parseUUID reads 32 hexadecimal digits, or the same in groups of 8, 4, 4, 4 and 12.
func parseUUID(v []byte) (u [16]byte, ok bool) {
	var digits [32]byte
	switch len(v) {
	case 32:
		copy(digits[:], v)
	case 36:
		if v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-' {
			return u, false
		}
		copy(digits[:8], v[:8])
		copy(digits[8:], v[9:13])
		copy(digits[12:], v[14:18])
		copy(digits[16:], v[19:23])
		copy(digits[20:], v[24:])
	default:
		return u, false
	}
	if _, err := hex.Decode(u[:], digits[:]); err != nil {
		return u, false
	}
	return u, true
}

func clip(v []byte) []byte {
	if len(v) > 60 {
		return v[:60]
	}
	return v
}
