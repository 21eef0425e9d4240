package xlsx

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"testing"
)

// packer has what compressing and inflating need, to be used again.
type packer struct {
	deflater
	back  inflater
	piece []byte
}

// deflated compresses in pieces of the sizes that size gives.
func deflated(d *packer, data []byte, size func() int) ([]byte, error) {
	var out bytes.Buffer
	d.reset(&out)
	if d.piece == nil {
		d.piece = make([]byte, historySize+deflatePiece)
	}
	piece := d.piece
	for len(data) > 0 {
		n := copy(piece[historySize:historySize+min(size(), deflatePiece)], data)
		data = data[n:]
		if err := d.write(piece[:historySize+n]); err != nil {
			return nil, err
		}
	}
	err := d.close()
	return out.Bytes(), err
}

func whole() int { return deflatePiece }

// roundTrip fails where what was compressed does not come back, by the standard library and by our own.
func roundTrip(t *testing.T, d *packer, name string, data []byte, size func() int) int {
	t.Helper()
	packed, err := deflated(d, data, size)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%s: %d bytes of %d, %v", name, len(got), len(data), err)
	}
	z := &d.back
	z.reset(bytes.NewReader(packed))
	if got, err = io.ReadAll(z); err != nil || !bytes.Equal(got, data) || z.rest() != 0 {
		t.Fatalf("%s, own: %d bytes of %d, %v, %d left", name, len(got), len(data), err, z.rest())
	}
	return len(packed)
}

func TestDeflate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var d packer
	for name, data := range inputs() {
		n := roundTrip(t, &d, name, data, whole)
		if best := len(deflate(t, data, 1)); n > best+best/8+100 {
			t.Errorf("%s: %d bytes become %d, %d with the fastest level of the library", name, len(data), n, best)
		}
		roundTrip(t, &d, name+" in pieces", data, func() int { return 1 + r.IntN(5000) })
		roundTrip(t, &d, name+" in small pieces", data[:min(len(data), 5000)], func() int { return 1 + r.IntN(20) })
	}
}

// TestCodeLengths holds that codes use every word, give rarer symbols no shorter words, and keep within the limit, also where the best code
// would not: of symbols as frequent as the two before them together.
func TestCodeLengths(t *testing.T) {
	fibonacci := []uint32{1, 1}
	for len(fibonacci) < 30 {
		fibonacci = append(fibonacci, fibonacci[len(fibonacci)-1]+fibonacci[len(fibonacci)-2])
	}
	r := rand.New(rand.NewPCG(7, 8))
	skewed := make([]uint32, numLits)
	for i := range skewed {
		skewed[i] = 1 << r.IntN(18)
	}
	var b treeBuilder
	for name, c := range map[string]struct {
		counts []uint32
		limit  int
		most   uint8 // bits that the longest word has
	}{
		"Fibonacci": {fibonacci, 15, 15}, "Fibonacci within 7": {fibonacci[:19], 7, 7}, "none": {make([]uint32, 30), 15, 1}, "one": {[]uint32{0, 0, 9}, 15, 1},
		"equal": {[]uint32{4, 4, 4, 4}, 15, 2}, "skewed": {skewed, 15, 15}, "best": {[]uint32{5, 9, 12, 13, 16, 45}, 15, 4},
	} {
		lengths := make([]uint8, len(c.counts))
		b.lengthsOf(c.counts, c.limit, lengths)
		total, longest := 0, uint8(0)
		for i, n := range lengths {
			if c.counts[i] > 0 && n == 0 {
				t.Errorf("%s: symbol %d has no word", name, i)
			}
			if n > 0 {
				total += 1 << (c.limit - int(n))
			}
			longest = max(longest, n)
			for j, m := range lengths {
				if c.counts[i] > c.counts[j] && n > m && c.counts[j] > 0 {
					t.Errorf("%s: symbol %d, %d times, has %d bits, symbol %d, %d times, %d", name, i, c.counts[i], n, j, c.counts[j], m)
				}
			}
		}
		if total != 1<<c.limit || longest != c.most {
			t.Errorf("%s: lengths %v use %d of %d, the longest is %d, not %d", name, lengths, total, 1<<c.limit, longest, c.most)
		}
	}
}

func FuzzDeflate(f *testing.F) {
	for _, data := range inputs() {
		f.Add(data[:min(len(data), 2000)], 100)
	}
	var d packer
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		roundTrip(t, &d, "fuzz", bytes.Repeat(data, 3), func() int { return max(100, size&0xFFFF) })
	})
}

func BenchmarkDeflate(b *testing.B) {
	data := bytes.Repeat(inputs()["xml"], 10)
	b.SetBytes(int64(len(data)))
	var d packer
	n := 0
	for b.Loop() {
		packed, err := deflated(&d, data, whole)
		if err != nil {
			b.Fatal(err)
		}
		n = len(packed)
	}
	b.ReportMetric(float64(n)/float64(len(data)), "ratio")
}
