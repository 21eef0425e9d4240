package canon

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrCells is returned for bytes that this package did not write.
var ErrCells = errors.New("these bytes are no cells")

// Next splits the first cell off a row.
func Next(cells []byte) (cell, rest []byte, err error) {
	n, err := size(cells, 0)
	if err != nil {
		return nil, nil, err
	}
	return cells[:n:n], cells[n:], nil
}

// maxNesting bounds documents and arrays in cells that are read back.
const maxNesting = maxJSONDepth + 8

// size is the length of the first cell.
func size(b []byte, depth int) (int, error) {
	if len(b) == 0 || depth > maxNesting {
		return 0, ErrCells
	}
	fixed := -1
	switch Tag(b[0]) {
	case Null, JSONNull, JSONFalse, JSONTrue:
		fixed = 1
	case Float32:
		fixed = 5
	case NegativeInt, PositiveInt, Float64, Date, Time, Timestamp, TimestampZone:
		fixed = 9
	case UUID, Interval:
		fixed = 17
	case Decimal:
		return decimalSize(b)
	case Text, Bytes, Inexact:
		n, at, ok := count(b, 1)
		if !ok || uint64(len(b)-at) < n {
			return 0, ErrCells
		}
		return at + int(n), nil
	case Digest:
		_, at, ok := count(b, 1)
		if !ok || len(b)-at < 16 {
			return 0, ErrCells
		}
		return at + 16, nil
	case Bits:
		n, at, ok := count(b, 1)
		if !ok || n > math.MaxInt32 || len(b)-at < int(n+7)/8 {
			return 0, ErrCells
		}
		return at + int(n+7)/8, nil
	case JSONArray, JSONObject, Array:
		return nestedSize(b, depth)
	}
	if fixed < 0 || len(b) < fixed {
		return 0, ErrCells
	}
	return fixed, nil
}

func nestedSize(b []byte, depth int) (int, error) {
	n, at, ok := count(b, 1)
	if !ok {
		return 0, ErrCells
	}
	switch Tag(b[0]) {
	case JSONObject:
		n *= 2
	case Array:
		dims := n
		if dims > 6 || uint64(len(b)-at) < dims*8 { // PostgreSQL's bound on dimensions
			return 0, ErrCells
		}
		n = min(dims, 1)
		for range dims {
			n *= uint64(binary.BigEndian.Uint32(b[at+4:]))
			at += 8
			if n > uint64(len(b)) {
				return 0, ErrCells
			}
		}
	}
	for ; n > 0; n-- {
		k, err := size(b[at:], depth+1)
		if err != nil {
			return 0, err
		}
		at += k
	}
	return at, nil
}

func decimalSize(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, ErrCells
	}
	if s := b[1]; s != decimalNegative && s != decimalPositive {
		if s > decimalPosInfinity {
			return 0, ErrCells
		}
		return 2, nil
	}
	_, k := binary.Varint(b[2:])
	if k <= 0 {
		return 0, ErrCells
	}
	n, at, ok := count(b, 2+k)
	if !ok || n == 0 || uint64(len(b)-at) < n {
		return 0, ErrCells
	}
	return at + int(n), nil
}

// count reads the uvarint at an offset and returns the offset behind it.
func count(b []byte, at int) (n uint64, next int, ok bool) {
	n, k := binary.Uvarint(b[at:])
	if k <= 0 || n > math.MaxInt64/16 {
		return 0, 0, false
	}
	return n, at + k, true
}

// Format prints one cell for a person: SQL's words for values, text as it is.
func Format(cell []byte) string {
	var sb strings.Builder
	if _, err := format(&sb, cell, 0); err != nil {
		return fmt.Sprintf("%x (%v)", cell, err)
	}
	return sb.String()
}

func format(sb *strings.Builder, b []byte, depth int) (rest []byte, err error) {
	n, err := size(b, depth)
	if err != nil {
		return nil, err
	}
	cell, rest := b[:n], b[n:]
	switch tag := Tag(cell[0]); tag {
	case Null:
		sb.WriteString("NULL")
	case NegativeInt:
		sb.WriteString(strconv.FormatInt(int64(binary.BigEndian.Uint64(cell[1:])), 10))
	case PositiveInt:
		sb.WriteString(strconv.FormatUint(binary.BigEndian.Uint64(cell[1:]), 10))
	case Float64:
		sb.WriteString(strconv.FormatFloat(float64Of(cell), 'g', -1, 64))
	case Float32:
		sb.WriteString(strconv.FormatFloat(float64(float32Of(cell)), 'g', -1, 32))
	case Decimal:
		formatDecimal(sb, cell)
	case Date, Time, Timestamp, TimestampZone:
		formatTime(sb, tag, ordered(cell))
	case Interval:
		fmt.Fprintf(sb, "%d months %d days %d µs", int32(binary.BigEndian.Uint32(cell[13:])), int32(binary.BigEndian.Uint32(cell[9:])), ordered(cell))
	case UUID:
		fmt.Fprintf(sb, "%x-%x-%x-%x-%x", cell[1:5], cell[5:7], cell[7:9], cell[9:11], cell[11:17])
	case Text, Inexact:
		_, at, _ := count(cell, 1)
		if depth > 0 {
			sb.WriteString(strconv.Quote(string(cell[at:])))
		} else if text := cell[at:]; utf8.Valid(text) {
			sb.Write(text)
		} else {
			sb.WriteString("0x" + hex.EncodeToString(text))
		}
	case Bytes:
		_, at, _ := count(cell, 1)
		sb.WriteString("0x" + hex.EncodeToString(cell[at:]))
	case Bits:
		bits, at, _ := count(cell, 1)
		for i := range int(bits) {
			sb.WriteByte('0' + cell[at+i/8]>>(7-i%8)&1)
		}
	case Digest:
		sb.WriteString(formatDigest(cell))
	case JSONNull:
		sb.WriteString("null")
	case JSONFalse:
		sb.WriteString("false")
	case JSONTrue:
		sb.WriteString("true")
	default:
		formatNested(sb, cell, depth)
	}
	return rest, nil
}

// formatNested prints arrays and objects; their size was checked.
func formatNested(sb *strings.Builder, cell []byte, depth int) {
	n, at, _ := count(cell, 1)
	open, end := "[", "]"
	switch Tag(cell[0]) {
	case JSONObject:
		open, end, n = "{", "}", n*2
	case Array:
		open, end = "{", "}"
		dims := n
		n = min(dims, 1)
		for range dims {
			n *= uint64(binary.BigEndian.Uint32(cell[at+4:]))
			at += 8
		}
	}
	sb.WriteString(open)
	rest := cell[at:]
	for i := range n {
		switch {
		case Tag(cell[0]) == JSONObject && i%2 == 1:
			sb.WriteString(": ")
		case i > 0:
			sb.WriteString(", ")
		}
		rest, _ = format(sb, rest, depth+1)
	}
	sb.WriteString(end)
}

func ordered(cell []byte) int64 { return int64(binary.BigEndian.Uint64(cell[1:]) ^ 1<<63) }

func float64Of(cell []byte) float64 {
	bits := binary.BigEndian.Uint64(cell[1:])
	if bits>>63 != 0 {
		return math.Float64frombits(bits &^ (1 << 63))
	}
	return math.Float64frombits(^bits)
}

func float32Of(cell []byte) float32 {
	bits := binary.BigEndian.Uint32(cell[1:])
	if bits>>31 != 0 {
		return math.Float32frombits(bits &^ (1 << 31))
	}
	return math.Float32frombits(^bits)
}

func formatDecimal(sb *strings.Builder, cell []byte) {
	switch cell[1] {
	case decimalNaN:
		sb.WriteString("NaN")
		return
	case decimalNegInfinity:
		sb.WriteString("-Infinity")
		return
	case decimalPosInfinity:
		sb.WriteString("Infinity")
		return
	case decimalZero:
		sb.WriteString("0")
		return
	case decimalNegative:
		sb.WriteByte('-')
	}
	exponent, k := binary.Varint(cell[2:])
	_, at, _ := count(cell, 2+k)
	digits := string(cell[at:])
	switch point := exponent + 1; { // digits before the point
	case point > 40 || point < -20:
		sb.WriteString(digits[:1])
		if len(digits) > 1 {
			sb.WriteString("." + digits[1:])
		}
		fmt.Fprintf(sb, "e%d", exponent)
	case point <= 0:
		sb.WriteString("0." + strings.Repeat("0", int(-point)) + digits)
	case int(point) >= len(digits):
		sb.WriteString(digits + strings.Repeat("0", int(point)-len(digits)))
	default:
		sb.WriteString(digits[:point] + "." + digits[point:])
	}
}

func formatTime(sb *strings.Builder, tag Tag, v int64) {
	switch {
	case tag == Time:
		if v < 0 {
			sb.WriteByte('-')
			v = -v
		}
		fmt.Fprintf(sb, "%02d:%02d:%02d", v/3_600_000_000, v/60_000_000%60, v/1_000_000%60)
		if micros := v % 1_000_000; micros != 0 {
			sb.WriteString(strings.TrimRight(fmt.Sprintf(".%06d", micros), "0"))
		}
		return
	case v == NegativeInfinity:
		sb.WriteString("-infinity")
		return
	case v == PositiveInfinity:
		sb.WriteString("infinity")
		return
	}
	layout := "2006-01-02 15:04:05.999999"
	var at time.Time
	switch tag {
	case Date:
		layout = "2006-01-02"
		at = time.Unix(0, 0).UTC().AddDate(0, 0, int(v))
	case TimestampZone:
		layout += "Z"
		at = time.UnixMicro(v).UTC()
	default:
		at = time.UnixMicro(v).UTC()
	}
	if at.Year() < 1 {
		// There is no year 0: the year before AD 1 is 1 BC.
		sb.WriteString(at.AddDate(1-2*at.Year(), 0, 0).Format(layout) + " BC")
		return
	}
	sb.WriteString(at.Format(layout))
}
