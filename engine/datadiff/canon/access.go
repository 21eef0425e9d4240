package canon

import (
	"encoding/binary"
	"math"
	"strconv"
)

// The functions below read cells that this package wrote; for other bytes they may panic. [Next] checks.

// Int returns the value of an integer cell that an int64 holds.
func Int(cell []byte) int64 { return int64(binary.BigEndian.Uint64(cell[1:])) }

// Uint returns the value of a PositiveInt cell.
func Uint(cell []byte) uint64 { return binary.BigEndian.Uint64(cell[1:]) }

// Double returns the value of a Float64 cell.
func Double(cell []byte) float64 { return float64Of(cell) }

// Single returns the value of a Float32 cell.
func Single(cell []byte) float32 { return float32Of(cell) }

// Moment returns the days of a Date cell or the microseconds of a Time, Timestamp or TimestampZone.
func Moment(cell []byte) int64 { return ordered(cell) }

// Content returns the bytes of a Text, Bytes or Inexact cell, not copied.
func Content(cell []byte) []byte {
	_, at, _ := count(cell, 1)
	return cell[at:]
}

// AppendDecimalText appends a Decimal cell in plain notation: no exponent, no zeros at the end of the
// fraction; NaN, Infinity and -Infinity as words.
func AppendDecimalText(dst, cell []byte) []byte {
	switch cell[1] {
	case decimalNaN:
		return append(dst, "NaN"...)
	case decimalNegInfinity:
		return append(dst, "-Infinity"...)
	case decimalPosInfinity:
		return append(dst, "Infinity"...)
	case decimalZero:
		return append(dst, '0')
	case decimalNegative:
		dst = append(dst, '-')
	}
	exponent, k := binary.Varint(cell[2:])
	_, at, _ := count(cell, 2+k)
	digits, point := cell[at:], int(exponent)+1 // digits before the point
	if point <= 0 {
		return append(zeros(append(dst, "0."...), -point), digits...)
	}
	if point >= len(digits) {
		return zeros(append(dst, digits...), point-len(digits))
	}
	dst = append(append(dst, digits[:point]...), '.')
	return append(dst, digits[point:]...)
}

func zeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// Digest stands for a long cell whose bytes are not kept: see [Shorten].
const Digest Tag = 0x61 // length of the cell, sixteen bytes of its hash

// Shorten appends the cells of a row, those longer than limit bytes replaced by their [Digest]. The
// first key bytes, the cells of the key, are kept whole. Two rows that differ still
// do. cells must be whole.
func Shorten(dst, cells []byte, key, limit int) ([]byte, error) {
	dst = append(dst, cells[:key]...)
	for rest := cells[key:]; len(rest) > 0; {
		cell, next, err := Next(rest)
		if err != nil {
			return dst, err
		}
		if len(cell) > limit {
			dst = binary.AppendUvarint(append(dst, byte(Digest)), uint64(len(cell)))
			dst = Hash(cell).AppendTo(dst)
		} else {
			dst = append(dst, cell...)
		}
		rest = next
	}
	return dst, nil
}

func formatDigest(cell []byte) string {
	n, at, _ := count(cell, 1)
	return "a value of " + strconv.FormatUint(n, 10) + " bytes, hash " + strconv.FormatUint(binary.BigEndian.Uint64(cell[at:]), 16)
}

// Number returns the nearest double of a cell that is a finite number of any kind.
func Number(cell []byte) (v float64, ok bool) {
	switch Tag(cell[0]) {
	case NegativeInt:
		return float64(Int(cell)), true
	case PositiveInt:
		return float64(Uint(cell)), true
	case Float64:
		v = Double(cell)
	case Float32:
		v = float64(Single(cell))
	case Decimal:
		var buf [64]byte
		var err error
		if v, err = strconv.ParseFloat(string(AppendDecimalText(buf[:0], cell)), 64); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}
