package canon

import (
	"encoding/binary"
	"math"
)

// Tag is the first byte of a cell. Tags are part of the checkpoint format: they are never renumbered.
type Tag byte

// Tags, in the order in which kinds of one column sort: NULL before everything.
const (
	Null          Tag = 0x01
	NegativeInt   Tag = 0x10 // 8 bytes, two's complement
	PositiveInt   Tag = 0x11 // 8 bytes, unsigned
	Float64       Tag = 0x14 // 8 bytes, order-preserving
	Float32       Tag = 0x15 // 4 bytes, order-preserving
	Decimal       Tag = 0x18 // sign, exponent, digits
	Date          Tag = 0x20 // 8 bytes: days, order-preserving, infinities at the ends
	Time          Tag = 0x21 // 8 bytes: microseconds
	Timestamp     Tag = 0x22 // 8 bytes: microseconds, no time zone
	TimestampZone Tag = 0x23 // 8 bytes: microseconds in UTC
	Interval      Tag = 0x24 // 8 bytes of microseconds, 4 of days, 4 of months
	UUID          Tag = 0x28 // 16 bytes
	Text          Tag = 0x30 // length, bytes
	Bytes         Tag = 0x31 // length, bytes
	Bits          Tag = 0x32 // count of bits, bytes
	JSONNull      Tag = 0x40 // JSON's null, which is not NULL
	JSONFalse     Tag = 0x41
	JSONTrue      Tag = 0x42
	JSONArray     Tag = 0x43 // count, elements
	JSONObject    Tag = 0x44 // count, pairs of a Text and a value, sorted by the key's bytes
	Array         Tag = 0x48 // dimensions: count, and for each lower bound and length; then the elements
	Inexact       Tag = 0x60 // length, bytes: text of a type that is compared as its text
)

// Infinities of dates and timestamps: PostgreSQL has them, and they sort at the ends.
const (
	NegativeInfinity = math.MinInt64
	PositiveInfinity = math.MaxInt64
)

// AppendNull appends NULL.
func AppendNull(dst []byte) []byte { return append(dst, byte(Null)) }

// AppendInt appends a signed integer.
func AppendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return binary.BigEndian.AppendUint64(append(dst, byte(NegativeInt)), uint64(v))
	}
	return AppendUint(dst, uint64(v))
}

// AppendUint appends an unsigned integer; one that a signed type holds gets the same bytes from
// [AppendInt].
func AppendUint(dst []byte, v uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, byte(PositiveInt)), v)
}

// AppendBool appends 0 or 1 as an integer: products disagree on whether a boolean is one.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return AppendUint(dst, 1)
	}
	return AppendUint(dst, 0)
}

// AppendFloat64 appends a double.
func AppendFloat64(dst []byte, v float64) []byte {
	bits := math.Float64bits(v)
	switch {
	case v == 0:
		bits = 0
	case v != v:
		bits = math.Float64bits(math.NaN())
	}
	if bits>>63 != 0 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(append(dst, byte(Float64)), bits)
}

// AppendFloat32 appends a float of four bytes.
func AppendFloat32(dst []byte, v float32) []byte {
	bits := math.Float32bits(v)
	switch {
	case v == 0:
		bits = 0
	case v != v:
		bits = math.Float32bits(float32(math.NaN()))
	}
	if bits>>31 != 0 {
		bits = ^bits
	} else {
		bits |= 1 << 31
	}
	return binary.BigEndian.AppendUint32(append(dst, byte(Float32)), bits)
}

// AppendDate appends days since 1970-01-01, or an infinity.
func AppendDate(dst []byte, days int64) []byte { return appendOrdered(dst, Date, days) }

// AppendTime appends microseconds. MySQL's TIME may be negative and longer than a day.
func AppendTime(dst []byte, micros int64) []byte { return appendOrdered(dst, Time, micros) }

// AppendTimestamp appends microseconds since 1970-01-01 00:00:00 on a clock without a time zone, or an
// infinity.
func AppendTimestamp(dst []byte, micros int64) []byte { return appendOrdered(dst, Timestamp, micros) }

// AppendTimestampZone appends microseconds since 1970-01-01 00:00:00 UTC, or an infinity.
func AppendTimestampZone(dst []byte, micros int64) []byte {
	return appendOrdered(dst, TimestampZone, micros)
}

// AppendInterval appends a span of PostgreSQL's three parts, which do not convert into each other.
func AppendInterval(dst []byte, micros int64, days, months int32) []byte {
	dst = appendOrdered(dst, Interval, micros)
	dst = binary.BigEndian.AppendUint32(dst, uint32(days))
	return binary.BigEndian.AppendUint32(dst, uint32(months))
}

// appendOrdered writes a signed number so that the bytes sort as the numbers do.
func appendOrdered(dst []byte, tag Tag, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, byte(tag)), uint64(v)^(1<<63))
}

// AppendUUID appends the sixteen bytes of a UUID in the order of its text.
func AppendUUID(dst []byte, v [16]byte) []byte { return append(append(dst, byte(UUID)), v[:]...) }

// AppendText appends text as it is stored, UTF-8.
func AppendText[T ~string | ~[]byte](dst []byte, v T) []byte { return appendSized(dst, Text, v) }

// AppendBytes appends a byte string.
func AppendBytes[T ~string | ~[]byte](dst []byte, v T) []byte { return appendSized(dst, Bytes, v) }

// AppendInexact appends the text of a value whose type has no form here. Two such values may be the
// same and differ in text, which the report must say.
func AppendInexact[T ~string | ~[]byte](dst []byte, v T) []byte { return appendSized(dst, Inexact, v) }

// AppendBits appends a bit string of n bits, the first in the highest bit of the first byte. Unused
// bits of the last byte are cleared.
func AppendBits(dst []byte, v []byte, n int) []byte {
	dst = binary.AppendUvarint(append(dst, byte(Bits)), uint64(n))
	whole := (n + 7) / 8
	dst = append(dst, v[:whole]...)
	if unused := whole*8 - n; unused > 0 {
		dst[len(dst)-1] &= 0xff << unused
	}
	return dst
}

func appendSized[T ~string | ~[]byte](dst []byte, tag Tag, v T) []byte {
	dst = binary.AppendUvarint(append(dst, byte(tag)), uint64(len(v)))
	return append(dst, v...)
}

// AppendArrayHead begins an array of the given dimensions; its elements follow in storage order, each a
// cell of its own. An empty array has no dimensions.
func AppendArrayHead(dst []byte, lower, length []int32) []byte {
	dst = binary.AppendUvarint(append(dst, byte(Array)), uint64(len(length)))
	for i := range length {
		dst = binary.BigEndian.AppendUint32(dst, uint32(lower[i]))
		dst = binary.BigEndian.AppendUint32(dst, uint32(length[i]))
	}
	return dst
}
