package canon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

func decimal(t testing.TB, s string) []byte {
	t.Helper()
	b, err := canon.AppendDecimal(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func document(t testing.TB, s string) []byte {
	t.Helper()
	b, err := canon.AppendJSON(nil, []byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDifferentValues holds values that tools have taken for one another. No two may share their bytes.
func TestDifferentValues(t *testing.T) {
	row := func(cells ...[]byte) []byte { return bytes.Join(cells, nil) }
	text := func(s string) []byte { return canon.AppendText(nil, s) }
	values := map[string][]byte{
		"NULL":               canon.AppendNull(nil),
		"empty text":         text(""),
		"the word NULL":      text("NULL"),
		"the word <null>":    text("<null>"),
		"a|b, c":             row(text("a|b"), text("c")),
		"a, b|c":             row(text("a"), text("b|c")),
		"NULL, x":            row(canon.AppendNull(nil), text("x")),
		"empty, x":           row(text(""), text("x")),
		"tiny":               decimal(t, "0.000000000000001"),
		"nine times tiny":    decimal(t, "0.000000000000009"),
		"huge":               decimal(t, "1e30"),
		"huge and one":       decimal(t, "1000000000000000000000000000001"),
		"decimal 0":          decimal(t, "0"),
		"decimal NaN":        decimal(t, "NaN"),
		"decimal infinity":   decimal(t, "Infinity"),
		"decimal -infinity":  decimal(t, "-Infinity"),
		"float 0.1":          canon.AppendFloat64(nil, 0.1),
		"the next float":     canon.AppendFloat64(nil, math.Nextafter(0.1, 1)),
		"float infinity":     canon.AppendFloat64(nil, math.Inf(1)),
		"float -infinity":    canon.AppendFloat64(nil, math.Inf(-1)),
		"float NaN":          canon.AppendFloat64(nil, math.NaN()),
		"float4 12499.875":   canon.AppendFloat32(nil, 12499.875),
		"float4 12499.9":     canon.AppendFloat32(nil, 12499.9),
		"44 BC":              canon.AppendDate(nil, -735_000),
		"44 AD":              canon.AppendDate(nil, -703_400),
		"infinite timestamp": canon.AppendTimestamp(nil, canon.PositiveInfinity),
		"9999 AD":            canon.AppendTimestamp(nil, 253_402_300_799_999_999),
		"the same in UTC":    canon.AppendTimestampZone(nil, 253_402_300_799_999_999),
		"time":               canon.AppendTime(nil, 1),
		"bytes":              canon.AppendBytes(nil, "x"),
		"text":               text("x"),
		"bits 0001":          canon.AppendBits(nil, []byte{0x10}, 4),
		"bits 00010":         canon.AppendBits(nil, []byte{0x10}, 5),
		"JSON null":          document(t, "null"),
		"JSON empty list":    document(t, "[]"),
		"JSON empty object":  document(t, "{}"),
		"JSON list of null":  document(t, "[null]"),
		"JSON nested":        document(t, "[[1],2]"),
		"JSON nested wider":  document(t, "[[1,2]]"),
		"JSON 1 and 12":      document(t, "[1,12]"),
		"JSON 11 and 2":      document(t, "[11,2]"),
		"interval 1 month":   canon.AppendInterval(nil, 0, 0, 1),
		"interval 30 days":   canon.AppendInterval(nil, 0, 30, 0),
		"empty array":        canon.AppendArrayHead(nil, nil, nil),
		"array of one NULL":  canon.AppendNull(canon.AppendArrayHead(nil, []int32{1}, []int32{1})),
	}
	seen := map[string]string{}
	for name, b := range values {
		if other, ok := seen[string(b)]; ok {
			t.Errorf("%s and %s have the same bytes %x", name, other, b)
		}
		seen[string(b)] = name
	}
}

// TestEqualValues holds values that are written differently and are the same.
func TestEqualValues(t *testing.T) {
	for name, pair := range map[string][2][]byte{
		"trailing zeros":       {decimal(t, "1.10"), decimal(t, "1.1")},
		"leading zeros":        {decimal(t, "0001"), decimal(t, "1")},
		"negative zero":        {decimal(t, "-0.00"), decimal(t, "0")},
		"exponent":             {decimal(t, "12.5e-3"), decimal(t, "0.0125")},
		"exponent up":          {decimal(t, "1E+30"), decimal(t, "1"+strings.Repeat("0", 30))},
		"bare point":           {decimal(t, ".5"), decimal(t, "0.5")},
		"an integer":           {decimal(t, "-9223372036854775808"), canon.AppendDecimalInt(nil, math.MinInt64)},
		"signed and unsigned":  {canon.AppendInt(nil, 7), canon.AppendUint(nil, 7)},
		"true":                 {canon.AppendBool(nil, true), canon.AppendInt(nil, 1)},
		"float zero":           {canon.AppendFloat64(nil, 0), canon.AppendFloat64(nil, math.Copysign(0, -1))},
		"float NaN":            {canon.AppendFloat64(nil, math.NaN()), canon.AppendFloat64(nil, math.Float64frombits(0xfff8000000000123))},
		"order of keys":        {document(t, `{"a":1,"b":[true]}`), document(t, ` { "b" : [ true ] , "a" : 1.0 } `)},
		"the last of two keys": {document(t, `{"a":1,"a":2}`), document(t, `{"a":2}`)},
		"escapes":              {document(t, `"\u00e9\ud83d\ude00\/"`), document(t, `"é😀/"`)},
		"unused bits":          {canon.AppendBits(nil, []byte{0x1f}, 4), canon.AppendBits(nil, []byte{0x10}, 4)},
	} {
		if !bytes.Equal(pair[0], pair[1]) {
			t.Errorf("%s: %x and %x", name, pair[0], pair[1])
		}
	}
}

// TestOrder: the bytes of these kinds sort as the values do.
func TestOrder(t *testing.T) {
	var ints, floats, singles, stamps [][]byte
	for _, v := range []int64{math.MinInt64, -1 << 40, -256, -255, -1, 0, 1, 255, 256, 1 << 40, math.MaxInt64} {
		ints = append(ints, canon.AppendInt(nil, v))
		stamps = append(stamps, canon.AppendTimestampZone(nil, v))
	}
	ints = append(ints, canon.AppendUint(nil, 1<<63), canon.AppendUint(nil, math.MaxUint64))
	for _, v := range []float64{math.Inf(-1), -1e300, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, 0.5, 1, 1e300, math.Inf(1), math.NaN()} {
		floats = append(floats, canon.AppendFloat64(nil, v))
	}
	for _, v := range []float32{float32(math.Inf(-1)), -1, 0, 1, float32(math.Inf(1))} {
		singles = append(singles, canon.AppendFloat32(nil, v))
	}
	for name, list := range map[string][][]byte{"int": ints, "float": floats, "single": singles, "timestamp": stamps} {
		for i := 1; i < len(list); i++ {
			if bytes.Compare(list[i-1], list[i]) >= 0 {
				t.Errorf("%s %d does not sort before its successor", name, i-1)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		cell []byte
		want string
	}{
		{canon.AppendNull(nil), "NULL"},
		{canon.AppendInt(nil, -42), "-42"},
		{canon.AppendUint(nil, math.MaxUint64), "18446744073709551615"},
		{canon.AppendFloat64(nil, -0.1), "-0.1"},
		{canon.AppendFloat32(nil, 0.1), "0.1"},
		{decimal(t, "-00120.0500"), "-120.05"},
		{decimal(t, "0.00012"), "0.00012"},
		{decimal(t, "12000"), "12000"},
		{decimal(t, "1.5e100"), "1.5e100"},
		{decimal(t, "-inf"), "-Infinity"},
		{canon.AppendDate(nil, 0), "1970-01-01"},
		{canon.AppendDate(nil, -719_163), "0001-12-31 BC"},
		{canon.AppendDate(nil, canon.NegativeInfinity), "-infinity"},
		{canon.AppendTime(nil, -3_723_500_000), "-01:02:03.5"},
		{canon.AppendTimestamp(nil, 1), "1970-01-01 00:00:00.000001"},
		{canon.AppendTimestampZone(nil, 0), "1970-01-01 00:00:00Z"},
		{canon.AppendInterval(nil, 5, -2, 1), "1 months -2 days 5 µs"},
		{canon.AppendUUID(nil, [16]byte{0x12, 0x34, 15: 0xff}), "12340000-0000-0000-0000-0000000000ff"},
		{canon.AppendText(nil, "a b"), "a b"},
		{canon.AppendText(nil, "\xff"), "0xff"},
		{canon.AppendBytes(nil, []byte{1, 2}), "0x0102"},
		{canon.AppendBits(nil, []byte{0xa0}, 3), "101"},
		{document(t, `{"b":[1,null,"x"],"a":true}`), `{"a": true, "b": [1, null, "x"]}`},
		{canon.AppendInt(canon.AppendInt(canon.AppendArrayHead(nil, []int32{1}, []int32{2}), 1), 2), "{1, 2}"},
	} {
		if got := canon.Format(c.cell); got != c.want {
			t.Errorf("%x is printed %q, want %q", c.cell, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, s := range []string{"", "-", ".", "1.2.3", "1e", "1e+", "1e9999999", "0x10", "1,5", "nano", "--1", "1 "} {
		if b, err := canon.AppendDecimal([]byte("kept"), s); !errors.Is(err, canon.ErrDecimal) || string(b) != "kept" {
			t.Errorf("%q: %q, %v", s, b, err)
		}
	}
	for _, s := range []string{"", "{", "[1,]", "1 2", `"\ud800"`, "\"\xff\"", strings.Repeat("[", 2000), "nul", `{"a"}`, `{1:2}`} {
		if b, err := canon.AppendJSON([]byte("kept"), []byte(s)); err == nil || string(b) != "kept" {
			t.Errorf("%.20q: %q, %v", s, b, err)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "12e5", "+.001", "99999999999999999999", "1e-300", "NaN", "-Infinity", "0e5"} {
		f.Add(s, "1.5")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errA := canon.AppendDecimal(nil, a)
		y, errB := canon.AppendDecimal(nil, b)
		if errA != nil || errB != nil {
			return
		}
		if len(a) > 400 || len(b) > 400 {
			return
		}
		p, okA := rational(a)
		q, okB := rational(b)
		if okA && okB && (p.Cmp(q) == 0) != bytes.Equal(x, y) {
			t.Errorf("%q and %q: %x and %x", a, b, x, y)
		}
		if cell, rest, err := canon.Next(x); err != nil || len(rest) != 0 || !bytes.Equal(cell, x) {
			t.Errorf("%q: %x is not one cell: %v", a, x, err)
		}
		if back, err := canon.AppendDecimal(nil, canon.Format(x)); err != nil || !bytes.Equal(back, x) {
			t.Errorf("%q is printed %q, which is another value", a, canon.Format(x))
		}
	})
}

func rational(s string) (*big.Rat, bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 5 {
		return nil, false // math/big would build the whole number
	}
	return new(big.Rat).SetString(s)
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,{"b":null}],"c":"x"}`, `[]`, `"é"`, `{"a":1,"a":2}`, `-0.0`, `[1e400]`} {
		f.Add([]byte(s), []byte(`{"c":"x","a":[1,2.5,{"b":null}]}`))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, errA := canon.AppendJSON(nil, a)
		y, errB := canon.AppendJSON(nil, b)
		if errA == nil {
			if cell, rest, err := canon.Next(x); err != nil || len(rest) != 0 || !bytes.Equal(cell, x) {
				t.Errorf("%q: %x is not one cell: %v", a, x, err)
			}
			if again, err := canon.AppendJSON(nil, []byte(canon.Format(x))); err == nil && !bytes.Equal(again, x) {
				t.Errorf("%q is printed %q, which is another document", a, canon.Format(x))
			}
		}
		if errA != nil || errB != nil {
			return
		}
		var p, q any
		if decode(a, &p) != nil || decode(b, &q) != nil {
			return
		}
		if same := reflect.DeepEqual(p, q); same && !bytes.Equal(x, y) {
			t.Errorf("%q and %q are the same document and differ: %x, %x", a, b, x, y)
		}
	})
}

func decode(b []byte, v *any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v)
}

// FuzzNext reads foreign bytes: it must neither crash nor read beyond them.
func FuzzNext(f *testing.F) {
	f.Add(document(f, `{"a":[1,{"b":null}]}`))
	f.Add(decimal(f, "-12.5"))
	f.Add(canon.AppendInt(canon.AppendArrayHead(nil, []int32{1, 1}, []int32{1, 1}), 5))
	f.Add([]byte{byte(canon.Array), 1, 0, 0, 0, 0, 255, 255, 255, 255})
	f.Add(bytes.Repeat([]byte{byte(canon.JSONArray), 1}, 5000))
	f.Fuzz(func(t *testing.T, b []byte) {
		cell, rest, err := canon.Next(b)
		if err != nil {
			return
		}
		if len(cell) == 0 || !bytes.Equal(append(bytes.Clone(cell), rest...), b) {
			t.Fatalf("%x splits into %x and %x", b, cell, rest)
		}
		_ = canon.Format(cell)
	})
}

func TestHash(t *testing.T) {
	seen := map[canon.Hash128]int64{}
	for v := range int64(100_000) {
		h := canon.Hash(canon.AppendInt(nil, v))
		if other, ok := seen[h]; ok {
			t.Fatalf("%d and %d share a hash", v, other)
		}
		seen[h] = v
	}
}

func Example() {
	a := canon.AppendText(canon.AppendInt(nil, 7), "x")
	b, _ := canon.AppendDecimal(nil, "1.10")
	c, _ := canon.AppendDecimal(nil, "1.1")
	fmt.Println(canon.Format(a[:9]), bytes.Equal(b, c))
	// Output: 7 true
}

func BenchmarkNarrowRow(b *testing.B) {
	var row []byte
	b.ReportAllocs()
	for b.Loop() {
		row = canon.AppendInt(row[:0], 123456)
		row = canon.AppendInt(row, -5)
		row = canon.AppendInt(row, 1<<40)
		row = canon.AppendTimestamp(row, 1_700_000_000_000_000)
		row = canon.AppendText(row, "user-123456@example.com")
		canon.Hash(row)
	}
}
