package postgres

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// OIDs of the built-in types that have a canonical form (catalog/pg_type.dat).
const (
	oidBool, oidBytea, oidChar, oidName           = 16, 17, 18, 19
	oidInt8, oidInt2, oidInt4, oidText, oidOID    = 20, 21, 23, 25, 26
	oidJSON, oidXML                               = 114, 142
	oidFloat4, oidFloat8, oidMoney                = 700, 701, 790
	oidBPChar, oidVarchar                         = 1042, 1043
	oidDate, oidTime, oidTimestamp, oidTimestamp2 = 1082, 1083, 1114, 1184
	oidInterval, oidTimeTZ                        = 1186, 1266
	oidBit, oidVarbit, oidNumeric                 = 1560, 1562, 1700
	oidUUID, oidJSONB                             = 2950, 3802
)

// Decoder appends the canonical cell of a field that is not NULL.
type Decoder func(dst, field []byte) ([]byte, error)

// DecoderOf returns the decoder of a built-in scalar type in binary form. ok is false for a type that has
// no canonical form; such a column is selected as text and compared as [canon.AppendInexact].
func DecoderOf(oid uint32) (d Decoder, ok bool) {
	switch oid {
	case oidBool:
		return sized(1, func(dst, f []byte) []byte { return canon.AppendBool(dst, f[0] != 0) }), true
	case oidInt2:
		return sized(2, func(dst, f []byte) []byte { return canon.AppendInt(dst, int64(int16(binary.BigEndian.Uint16(f)))) }), true
	case oidInt4:
		return sized(4, func(dst, f []byte) []byte { return canon.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(f)))) }), true
	case oidInt8:
		return sized(8, func(dst, f []byte) []byte { return canon.AppendInt(dst, int64(binary.BigEndian.Uint64(f))) }), true
	case oidOID:
		return sized(4, func(dst, f []byte) []byte { return canon.AppendUint(dst, uint64(binary.BigEndian.Uint32(f))) }), true
	case oidFloat4:
		return sized(4, func(dst, f []byte) []byte {
			return canon.AppendFloat32(dst, math.Float32frombits(binary.BigEndian.Uint32(f)))
		}), true
	case oidFloat8:
		return sized(8, func(dst, f []byte) []byte {
			return canon.AppendFloat64(dst, math.Float64frombits(binary.BigEndian.Uint64(f)))
		}), true
	case oidNumeric:
		return numeric, true
	case oidText, oidVarchar, oidName, oidXML:
		return func(dst, f []byte) ([]byte, error) { return canon.AppendText(dst, f), nil }, true
	case oidBPChar, oidChar:
		return func(dst, f []byte) ([]byte, error) { return canon.AppendText(dst, trimRight(f)), nil }, true
	case oidBytea:
		return func(dst, f []byte) ([]byte, error) { return canon.AppendBytes(dst, f), nil }, true
	case oidUUID:
		return sized(16, func(dst, f []byte) []byte { return canon.AppendUUID(dst, [16]byte(f)) }), true
	case oidDate:
		return sized(4, func(dst, f []byte) []byte { return canon.AppendDate(dst, days(int32(binary.BigEndian.Uint32(f)))) }), true
	case oidTime:
		return sized(8, func(dst, f []byte) []byte { return canon.AppendTime(dst, int64(binary.BigEndian.Uint64(f))) }), true
	case oidTimestamp:
		return moment(canon.AppendTimestamp), true
	case oidTimestamp2:
		return moment(canon.AppendTimestampZone), true
	case oidInterval:
		return sized(16, func(dst, f []byte) []byte {
			return canon.AppendInterval(dst, int64(binary.BigEndian.Uint64(f)), int32(binary.BigEndian.Uint32(f[8:])), int32(binary.BigEndian.Uint32(f[12:])))
		}), true
	case oidBit, oidVarbit:
		return bitString, true
	case oidJSON:
		return canon.AppendJSON, true
	case oidJSONB:
		return jsonb, true
	}
	return nil, false
}

// sized guards a decoder of fields of one size.
func sized(n int, f func(dst, field []byte) []byte) Decoder {
	return func(dst, field []byte) ([]byte, error) {
		if len(field) != n {
			return dst, fmt.Errorf("a field has %d bytes where its type has %d", len(field), n)
		}
		return f(dst, field), nil
	}
}

// Days and microseconds from 1970-01-01, where the canonical form begins, to 2000-01-01, where
// PostgreSQL's does.
const (
	epochDays   = 10_957
	epochMicros = epochDays * 86_400 * 1_000_000
)

func days(d int32) int64 {
	switch d {
	case math.MinInt32:
		return canon.NegativeInfinity
	case math.MaxInt32:
		return canon.PositiveInfinity
	}
	return int64(d) + epochDays
}

// latestMicros is the greatest finite timestamp that can be moved to the canonical epoch. PostgreSQL's
// own bound (the year 294276) lies below it by far less than the move, so the sum is checked.
const latestMicros = math.MaxInt64 - 1 - epochMicros

func moment(to func([]byte, int64) []byte) Decoder {
	return func(dst, field []byte) ([]byte, error) {
		if len(field) != 8 {
			return dst, fmt.Errorf("a timestamp has %d bytes and not 8", len(field))
		}
		switch v := int64(binary.BigEndian.Uint64(field)); {
		case v == math.MinInt64 || v == math.MaxInt64:
			return to(dst, v), nil
		case v > latestMicros:
			return dst, fmt.Errorf("the timestamp %d is beyond the year 294246", v)
		default:
			return to(dst, v+epochMicros), nil
		}
	}
}

func trimRight(f []byte) []byte {
	for len(f) > 0 && f[len(f)-1] == ' ' {
		f = f[:len(f)-1]
	}
	return f
}

func bitString(dst, field []byte) ([]byte, error) {
	if len(field) < 4 {
		return dst, fmt.Errorf("a bit string has %d bytes", len(field))
	}
	n := int(int32(binary.BigEndian.Uint32(field)))
	if n < 0 || len(field)-4 != (n+7)/8 {
		return dst, fmt.Errorf("a bit string of %d bits has %d bytes", n, len(field)-4)
	}
	return canon.AppendBits(dst, field[4:], n), nil
}

// jsonb is a version, and the document as text.
func jsonb(dst, field []byte) ([]byte, error) {
	if len(field) < 1 || field[0] != 1 {
		return dst, fmt.Errorf("a jsonb field of an unknown version")
	}
	return canon.AppendJSON(dst, field[1:])
}

// Signs of the binary form of numeric (utils/adt/numeric.c).
const (
	numericPositive    = 0x0000
	numericNegative    = 0x4000
	numericNaN         = 0xC000
	numericInfinity    = 0xD000
	numericNegInfinity = 0xF000
)

// numeric is a count of digits to the base 10,000, the weight of the first, a sign, the scale, and the
// digits.
func numeric(dst, field []byte) ([]byte, error) {
	if len(field) < 8 {
		return dst, fmt.Errorf("a numeric has %d bytes", len(field))
	}
	n := int(binary.BigEndian.Uint16(field))
	weight := int(int16(binary.BigEndian.Uint16(field[2:])))
	sign := binary.BigEndian.Uint16(field[4:])
	switch sign {
	case numericNaN:
		return canon.AppendDecimal(dst, "NaN")
	case numericInfinity:
		return canon.AppendDecimal(dst, "Infinity")
	case numericNegInfinity:
		return canon.AppendDecimal(dst, "-Infinity")
	case numericPositive, numericNegative:
	default:
		return dst, fmt.Errorf("a numeric has the unknown sign %#x", sign)
	}
	if len(field) != 8+2*n {
		return dst, fmt.Errorf("a numeric of %d digits has %d bytes", n, len(field))
	}
	// Written as text of one exponent: digits, then e and the power of ten of the last digit.
	var buf [256]byte
	text := buf[:0]
	if sign == numericNegative {
		text = append(text, '-')
	}
	for i := range n {
		d := binary.BigEndian.Uint16(field[8+2*i:])
		if d > 9999 {
			return dst, fmt.Errorf("a numeric has the digit %d to the base 10,000", d)
		}
		text = append(text, byte('0'+d/1000), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
	}
	if n == 0 {
		text = append(text, '0')
	}
	return canon.AppendDecimal(dst, appendExponent(text, 4*(weight-n+1)))
}

func appendExponent(text []byte, e int) []byte {
	text = append(text, 'e')
	if e < 0 {
		text = append(text, '-')
		e = -e
	}
	start := len(text)
	for {
		text = append(text, byte('0'+e%10))
		if e /= 10; e == 0 {
			break
		}
	}
	for i, j := start, len(text)-1; i < j; i, j = i+1, j-1 {
		text[i], text[j] = text[j], text[i]
	}
	return text
}
