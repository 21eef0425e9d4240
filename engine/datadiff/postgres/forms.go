package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// The decoders below give a type another form than its own.

func plainText(dst, f []byte) ([]byte, error)   { return canon.AppendText(dst, f), nil }
func trimmedText(dst, f []byte) ([]byte, error) { return canon.AppendText(dst, trimRight(f)), nil }
func inexactText(dst, f []byte) ([]byte, error) { return canon.AppendInexact(dst, f), nil }

func textAsJSON(dst, f []byte) ([]byte, error) { return canon.AppendJSON(dst, f) }

var (
	zoned   = moment(canon.AppendTimestampZone)
	unzoned = moment(canon.AppendTimestamp)
)

// integerAsDecimal gives the number of an integer decoder as a decimal.
func integerAsDecimal(integer Decoder) Decoder {
	return func(dst, f []byte) ([]byte, error) {
		var buf [16]byte
		cell, err := integer(buf[:0], f)
		if err != nil {
			return dst, err
		}
		return canon.AppendDecimalInt(dst, canon.Int(cell)), nil
	}
}

// numericAsInt reads a numeric that is an integer of an int64.
func numericAsInt(dst, f []byte) ([]byte, error) {
	if len(f) < 8 {
		return dst, fmt.Errorf("a numeric has %d bytes", len(f))
	}
	n := int(binary.BigEndian.Uint16(f))
	weight := int(int16(binary.BigEndian.Uint16(f[2:])))
	sign := binary.BigEndian.Uint16(f[4:])
	if sign != numericPositive && sign != numericNegative {
		return dst, errors.New("a numeric that is no finite number cannot be read as an integer")
	}
	if len(f) != 8+2*n || n > weight+1 || weight > 4 {
		return dst, errors.New("a numeric is no integer of 64 bits")
	}
	v := int64(0)
	for i := range weight + 1 {
		digit := int64(0)
		if i < n {
			digit = int64(binary.BigEndian.Uint16(f[8+2*i:]))
		}
		if digit > 9999 || v > (math.MaxInt64-digit)/10_000 {
			return dst, errors.New("a numeric is no integer of 64 bits")
		}
		v = v*10_000 + digit
	}
	if sign == numericNegative {
		v = -v
	}
	return canon.AppendInt(dst, v), nil
}

func widened(dst, f []byte) ([]byte, error) {
	if len(f) != 4 {
		return dst, fmt.Errorf("a real has %d bytes and not 4", len(f))
	}
	return canon.AppendFloat64(dst, float64(math.Float32frombits(binary.BigEndian.Uint32(f)))), nil
}

// bitsAsInt reads at most 63 bits as a number.
func bitsAsInt(dst, f []byte) ([]byte, error) {
	if len(f) < 4 {
		return dst, fmt.Errorf("a bit string has %d bytes", len(f))
	}
	n := int(int32(binary.BigEndian.Uint32(f)))
	if n < 0 || n > 63 || len(f)-4 != (n+7)/8 {
		return dst, fmt.Errorf("a bit string of %d bits has %d bytes", n, len(f)-4)
	}
	v := uint64(0)
	for _, b := range f[4:] {
		v = v<<8 | uint64(b)
	}
	return canon.AppendUint(dst, v>>((n+7)/8*8-n)), nil
}

func bytesAsUUID(dst, f []byte) ([]byte, error) {
	if len(f) != 16 {
		return dst, fmt.Errorf("%d bytes are no UUID, which has 16", len(f))
	}
	return canon.AppendUUID(dst, [16]byte(f)), nil
}

func uuidAsText(dst, f []byte) ([]byte, error) {
	if len(f) != 16 {
		return dst, fmt.Errorf("a UUID has %d bytes and not 16", len(f))
	}
	var buf [36]byte
	return canon.AppendText(dst, appendUUIDText(buf[:0], f)), nil
}

func appendUUIDText(dst, v []byte) []byte {
	for i, part := range [...][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:16]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// textAsUUID reads 8-4-4-4-12 hexadecimal digits, all in lower or all in upper case: so a look-up by
// the value knows the two texts that it can have.
func textAsUUID(dst, f []byte) ([]byte, error) {
	var v [16]byte
	lower, upper := false, false
	ok := len(f) == 36
	for i, at := 0, 0; ok && i < 36; i++ {
		c := f[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			ok = c == '-'
			continue
		}
		var digit byte
		switch {
		case c >= '0' && c <= '9':
			digit = c - '0'
		case c >= 'a' && c <= 'f':
			digit, lower = c-'a'+10, true
		case c >= 'A' && c <= 'F':
			digit, upper = c-'A'+10, true
		default:
			ok = false
		}
		v[at/2] = v[at/2]<<4 | digit
		at++
	}
	if !ok || lower && upper {
		return dst, fmt.Errorf("%q is no UUID of 36 characters in one case", f[:min(len(f), 60)])
	}
	return canon.AppendUUID(dst, v), nil
}

// paddedAsUUID reads a char(n), whose blanks at the end are not part of the value.
func paddedAsUUID(dst, f []byte) ([]byte, error) { return textAsUUID(dst, trimRight(f)) }

func dateAsTimestamp(dst, f []byte) ([]byte, error) {
	if len(f) != 4 {
		return dst, fmt.Errorf("a date has %d bytes and not 4", len(f))
	}
	const micros = 86_400_000_000
	switch v := days(int32(binary.BigEndian.Uint32(f))); {
	case v == canon.NegativeInfinity || v == canon.PositiveInfinity:
		return canon.AppendTimestamp(dst, v), nil
	case v > math.MaxInt64/micros:
		return dst, errors.New("a date is too late for a timestamp")
	default:
		return canon.AppendTimestamp(dst, v*micros), nil
	}
}

// maxDimensions is the server's own bound (MAXDIM).
const maxDimensions = 6

// arrayOf reads an array: count of dimensions, a flag, the type of the elements, for each dimension
// its length and lower bound, and the elements with their lengths (array_send, utils/adt/arrayfuncs.c).
func arrayOf(element Decoder) Decoder {
	return func(dst, f []byte) ([]byte, error) {
		kept := len(dst)
		if len(f) < 12 {
			return dst, fmt.Errorf("an array has %d bytes", len(f))
		}
		dims := int(int32(binary.BigEndian.Uint32(f)))
		if dims < 0 || dims > maxDimensions || len(f) < 12+8*dims {
			return dst, fmt.Errorf("an array of %d dimensions has %d bytes", dims, len(f))
		}
		var lower, length [maxDimensions]int32
		n := min(dims, 1)
		at := 12
		for i := range dims {
			length[i] = int32(binary.BigEndian.Uint32(f[at:]))
			lower[i] = int32(binary.BigEndian.Uint32(f[at+4:]))
			at += 8
			if length[i] < 0 || n*int(length[i]) > len(f) {
				return dst, errors.New("an array has more elements than bytes")
			}
			n *= int(length[i])
		}
		dst = canon.AppendArrayHead(dst, lower[:dims], length[:dims])
		for range n {
			if len(f)-at < 4 {
				return dst[:kept], errors.New("an array ends before its elements do")
			}
			size := int(int32(binary.BigEndian.Uint32(f[at:])))
			at += 4
			if size == -1 {
				dst = canon.AppendNull(dst)
				continue
			}
			if size < 0 || len(f)-at < size {
				return dst[:kept], errors.New("an array ends before its elements do")
			}
			var err error
			if dst, err = element(dst, f[at:at+size]); err != nil {
				return dst[:kept], fmt.Errorf("an element of an array: %w", err)
			}
			at += size
		}
		if at != len(f) {
			return dst[:kept], fmt.Errorf("an array has %d bytes behind its elements", len(f)-at)
		}
		return dst, nil
	}
}
