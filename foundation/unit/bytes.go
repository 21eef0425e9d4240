package unit

import (
	"fmt"
	"math"
	"strings"
)

// Bytes is a size in bytes. It is never negative when it comes from [ParseBytes].
type Bytes int64

// Sizes with decimal and binary prefixes.
const (
	KB Bytes = 1e3
	MB Bytes = 1e6
	GB Bytes = 1e9
	TB Bytes = 1e12
	PB Bytes = 1e15

	KiB Bytes = 1 << 10
	MiB Bytes = 1 << 20
	GiB Bytes = 1 << 30
	TiB Bytes = 1 << 40
	PiB Bytes = 1 << 50
)

// ParseBytes reads a size such as "1.5 GiB", "350MB", "8 Gbit" or "4096" (bytes). Bits are divided by
// eight and rounded to the nearest byte.
func ParseBytes(s string) (Bytes, error) {
	value, rest, err := splitNumber(s)
	if err != nil {
		return 0, fmt.Errorf("read size: %w", err)
	}
	factor, err := byteFactor(rest)
	if err != nil {
		return 0, fmt.Errorf("read size %q: %w", strings.TrimSpace(s), err)
	}
	size := math.Round(value * factor)
	// float64(MaxInt64) rounds up to 2^63, which does not fit.
	if size < 0 || size >= math.MaxInt64 {
		return 0, fmt.Errorf("read size %q: a size is between 0 and 8 EiB", strings.TrimSpace(s))
	}
	return Bytes(size), nil
}

// byteFactor returns how many bytes one of the named unit holds; the empty unit is a byte.
func byteFactor(name string) (float64, error) {
	bits := 1.0
	prefix := name
	switch {
	case name == "" || name == "byte" || name == "bytes":
		return 1, nil
	case name == "bits":
		return 1.0 / 8, nil
	case strings.HasSuffix(name, "bits"):
		prefix, bits = strings.TrimSuffix(name, "bits"), 1.0/8
	case strings.HasSuffix(name, "bit"):
		prefix, bits = strings.TrimSuffix(name, "bit"), 1.0/8
	case strings.HasSuffix(name, "bytes"):
		prefix = strings.TrimSuffix(name, "bytes")
	case strings.HasSuffix(name, "B"):
		prefix = strings.TrimSuffix(name, "B")
	case strings.HasSuffix(name, "b"):
		prefix, bits = strings.TrimSuffix(name, "b"), 1.0/8
	default:
		// "10M" or "2Gi" beside a size: the prefix alone, as memory limits are often written.
		if factor, ok := prefixFactor(name); ok {
			return factor, nil
		}
	}
	if factor, ok := prefixFactor(prefix); ok {
		return factor * bits, nil
	}
	if upper, ok := prefixFactor(strings.ToUpper(prefix)); ok && upper > 1 {
		p := strings.ToUpper(prefix)
		return 0, fmt.Errorf("%q could be bits or bytes; write %sB for bytes or %sbit for bits", name, p, p)
	}
	return 0, fmt.Errorf("%q is not a unit of size; write for example MB, GiB or Gbit", name)
}

// String prints b with a decimal prefix: "1.5 GB".
func (b Bytes) String() string {
	digits, prefix := scaled(float64(b))
	return digits + " " + prefix + "B"
}

// Binary prints b with a binary prefix: "1.5 GiB".
func (b Bytes) Binary() string {
	for _, p := range binaryPrefixes {
		if math.Abs(float64(b)) >= p.factor {
			return Digits(float64(b)/p.factor) + " " + p.symbol + "B"
		}
	}
	return Digits(float64(b)) + " B"
}
