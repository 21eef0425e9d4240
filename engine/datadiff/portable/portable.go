// Package portable defines a hash of rows that every product can compute in SQL, and computes it here
// from canonical cells, for sides that cannot and to check those that can.
//
// The text of a row is the texts of its fields, one behind the other, the key's first. A field is its
// length in bytes, a colon, and its text; NULL is a minus sign. No two different rows have one text.
//
//	Int            digits, a minus sign before them for negative numbers
//	Decimal        the same with a point, without zeros at the end of the fraction and without an
//	               exponent; NaN, Infinity, -Infinity
//	Text           the bytes in UTF-8; TextTrimmed without blanks at the end
//	Bytes          lower-case hexadecimal digits
//	UUID           32 lower-case hexadecimal digits
//	Date           days since 1970-01-01
//	Time           microseconds; Timestamp and TimestampZone since 1970-01-01 00:00; infinity, -infinity
//	Bits           0 and 1
//
// A date that is none (MySQL's 0000-00-00), canonically an Inexact cell, is its text. Floats, JSON,
// arrays and intervals have no text that the products print alike, so they cannot be hashed portably.
//
// The hash is the number of the first fifteen hexadecimal digits of the MD5 of that text: 60 bits. The
// fingerprint of a range is the number of its rows and the sum of their hashes. Two ranges that differ
// have the same one with a probability of 2^-60.
package portable

import (
	"crypto/md5" //nolint:gosec // not for secrecy: it is the one hash that all products have
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// Hasher hashes rows. It is not safe for concurrent use; the zero value is ready.
type Hasher struct{ text []byte }

// Row returns the hash of the cells of a row.
func (h *Hasher) Row(cells []byte) (uint64, error) {
	h.text = h.text[:0]
	for len(cells) > 0 {
		cell, rest, err := canon.Next(cells)
		if err != nil {
			return 0, err
		}
		if h.text, err = appendField(h.text, cell); err != nil {
			return 0, err
		}
		cells = rest
	}
	sum := md5.Sum(h.text) //nolint:gosec // see above
	return binary.BigEndian.Uint64(sum[:]) >> 4, nil
}

// appendField appends the length and text of a cell.
func appendField(dst, cell []byte) ([]byte, error) {
	if canon.Tag(cell[0]) == canon.Null {
		return append(dst, '-'), nil
	}
	var buf [64]byte
	text, err := AppendText(buf[:0], cell)
	if err != nil {
		return dst, err
	}
	dst = append(strconv.AppendInt(dst, int64(len(text)), 10), ':')
	return append(dst, text...), nil
}

// AppendText appends the portable text of a cell that is not NULL.
func AppendText(dst, cell []byte) ([]byte, error) {
	switch tag := canon.Tag(cell[0]); tag {
	case canon.NegativeInt:
		return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(cell[1:])), 10), nil
	case canon.PositiveInt:
		return strconv.AppendUint(dst, binary.BigEndian.Uint64(cell[1:]), 10), nil
	case canon.Decimal:
		return canon.AppendDecimalText(dst, cell), nil
	case canon.Text, canon.Inexact:
		return append(dst, canon.Content(cell)...), nil
	case canon.Bytes:
		return hex.AppendEncode(dst, canon.Content(cell)), nil
	case canon.UUID:
		return hex.AppendEncode(dst, cell[1:]), nil
	case canon.Date, canon.Time, canon.Timestamp, canon.TimestampZone:
		switch v := canon.Moment(cell); v {
		case math.MinInt64:
			return append(dst, "-infinity"...), nil
		case math.MaxInt64:
			return append(dst, "infinity"...), nil
		default:
			return strconv.AppendInt(dst, v, 10), nil
		}
	case canon.Bits:
		return append(dst, canon.Format(cell)...), nil
	default:
		return dst, fmt.Errorf("a cell of the kind %#x has no portable text", byte(tag))
	}
}
