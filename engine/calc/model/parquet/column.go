package parquet

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// column reads one column of a row group in batches.
type column interface {
	// read takes the next n rows.
	read(n int64) error
	// text gives the value of a row of the batch, and "" for a null.
	text(i int64) string
}

// values is a column of one physical type.
type values[T any] struct {
	next   func(n int64, values []T, levels, repeated []int16) (int64, int, error)
	format func(T) string
	max    int16 // definition level of a value that is there
	levels []int16
	got    []T
	place  []int32 // of each row in got, or -1
}

func (v *values[T]) read(n int64) error {
	if v.got == nil {
		v.got, v.levels, v.place = make([]T, batch), make([]int16, batch), make([]int32, batch)
	}
	rows, have := int64(0), 0
	for rows < n {
		levels := v.levels[rows:n]
		if v.max == 0 {
			levels = nil
		}
		total, got, err := v.next(n-rows, v.got[have:], levels, nil)
		if err != nil {
			return err
		}
		if total == 0 {
			return fmt.Errorf("it ends before the last row")
		}
		at := int32(have)
		for i := rows; i < rows+total; i++ {
			v.place[i] = -1
			if v.max == 0 || v.levels[i] == v.max {
				v.place[i] = at
				at++
			}
		}
		rows += total
		have += got
	}
	return nil
}

func (v *values[T]) text(i int64) string {
	if v.place[i] < 0 {
		return ""
	}
	return v.format(v.got[v.place[i]])
}

// open makes the reader of a column by its physical and its logical type.
func open(chunk file.ColumnChunkReader) (column, error) {
	c := chunk.Descriptor()
	maxLevel := c.MaxDefinitionLevel()
	switch r := chunk.(type) {
	case *file.BooleanColumnChunkReader:
		return &values[bool]{next: r.ReadBatch, max: maxLevel, format: func(x bool) string { return map[bool]string{false: "0", true: "1"}[x] }}, nil
	case *file.Int32ColumnChunkReader:
		format, err := whole(c)
		return &values[int32]{next: r.ReadBatch, max: maxLevel, format: func(x int32) string {
			if unsigned(c) {
				return format(int64(uint32(x)))
			}
			return format(int64(x))
		}}, err
	case *file.Int64ColumnChunkReader:
		format, err := whole(c)
		if unsigned(c) {
			format = func(x int64) string { return strconv.FormatUint(uint64(x), 10) }
		}
		return &values[int64]{next: r.ReadBatch, max: maxLevel, format: format}, err
	case *file.Float32ColumnChunkReader:
		return &values[float32]{next: r.ReadBatch, max: maxLevel, format: func(x float32) string { return strconv.FormatFloat(float64(x), 'g', -1, 64) }}, nil
	case *file.Float64ColumnChunkReader:
		return &values[float64]{next: r.ReadBatch, max: maxLevel, format: func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }}, nil
	case *file.ByteArrayColumnChunkReader:
		format, err := bytes(c)
		return &values[parquet.ByteArray]{next: r.ReadBatch, max: maxLevel, format: func(x parquet.ByteArray) string { return format(x) }}, err
	case *file.FixedLenByteArrayColumnChunkReader:
		format, err := bytes(c)
		return &values[parquet.FixedLenByteArray]{next: r.ReadBatch, max: maxLevel, format: func(x parquet.FixedLenByteArray) string { return format(x) }}, err
	}
	return nil, fmt.Errorf("values of the type %s are not read; write them as text, numbers or dates", c.PhysicalType())
}

func unsigned(c *schema.Column) bool {
	t, ok := c.LogicalType().(schema.IntLogicalType)
	return ok && !t.IsSigned()
}

// whole writes whole numbers as what they stand for.
func whole(c *schema.Column) (func(int64) string, error) {
	switch t := c.LogicalType().(type) {
	case schema.DateLogicalType:
		return func(x int64) string { return time.Unix(x*86400, 0).UTC().Format(time.DateOnly) }, nil
	case schema.DecimalLogicalType:
		scale := int(t.Scale())
		return func(x int64) string { return decimal(big.NewInt(x), scale) }, nil
	case schema.TimestampLogicalType:
		from := map[schema.TimeUnitType]func(int64) time.Time{
			schema.TimeUnitMillis: time.UnixMilli, schema.TimeUnitMicros: time.UnixMicro,
			schema.TimeUnitNanos: func(x int64) time.Time { return time.Unix(0, x) },
		}[t.TimeUnit()]
		if from == nil {
			return nil, fmt.Errorf("moments of an unknown unit")
		}
		return func(x int64) string { return from(x).UTC().Format("2006-01-02T15:04:05Z") }, nil
	}
	return func(x int64) string { return strconv.FormatInt(x, 10) }, nil
}

// bytes writes texts, and decimals whose digits are a number in two's complement.
func bytes(c *schema.Column) (func([]byte) string, error) {
	switch t := c.LogicalType().(type) {
	case schema.DecimalLogicalType:
		scale := int(t.Scale())
		return func(b []byte) string {
			n := new(big.Int).SetBytes(b)
			if len(b) > 0 && b[0] >= 0x80 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
			return decimal(n, scale)
		}, nil
	case schema.StringLogicalType, schema.EnumLogicalType, schema.NoLogicalType, schema.UnknownLogicalType:
		return func(b []byte) string {
			if !utf8.Valid(b) {
				return strings.ToValidUTF8(string(b), "\ufffd")
			}
			return string(b)
		}, nil
	}
	return nil, fmt.Errorf("values of the type %s are not read", c.LogicalType())
}

// decimal writes n / 10^scale.
func decimal(n *big.Int, scale int) string {
	digits := new(big.Int).Abs(n).String()
	if scale > 0 {
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}
