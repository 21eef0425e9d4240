package xlsx

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// deflate compresses with the standard library; level -2 is Huffman coding alone.
func deflate(t testing.TB, b []byte, level int) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// inputs are data of all kinds of structure.
func inputs() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	skewed := make([]byte, 200_000) // long words: each byte twice as rare as the next
	for i := range skewed {
		skewed[i] = byte(bitsUntilOne(r)) * 7
	}
	far := append(append(append([]byte(nil), noise[:32768]...), noise[:32768]...), noise[:1000]...)
	var xml []byte
	for i := range 20_000 {
		xml = appendNumber(append(xml, `<c r="A1"><v>`...), float64(i)*r.Float64())
		xml = append(xml, "</v></c>"...)
	}
	return map[string][]byte{"nothing": {}, "one": {'a'}, "zeros": make([]byte, 1<<20), "noise": noise, "skewed": skewed, "far": far, "xml": xml,
		"short periods": bytes.Repeat([]byte("abcdefg"), 50_000), "three": bytes.Repeat([]byte("abc"), 100_000)}
}

func bitsUntilOne(r *rand.Rand) int {
	n := 0
	for n < 20 && r.Uint32()&1 == 0 {
		n++
	}
	return n
}

func TestInflate(t *testing.T) {
	for name, want := range inputs() {
		for _, level := range []int{-2, 0, 1, 6, 9} {
			packed := deflate(t, want, level)
			for kind, src := range map[string]io.Reader{"whole": bytes.NewReader(packed), "bytes": iotest.OneByteReader(bytes.NewReader(packed)),
				"end with data": iotest.DataErrReader(bytes.NewReader(packed))} {
				var z inflater
				z.reset(src)
				got, err := io.ReadAll(&z)
				if err != nil || !bytes.Equal(got, want) || z.rest() != 0 {
					t.Errorf("%s, level %d, %s: %d bytes of %d, %v, %d left", name, level, kind, len(got), len(want), err, z.rest())
				}
			}
		}
	}
}

// TestInflateDamaged: cut or changed streams give what the standard library gives, or an error where it does.
func TestInflateDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var z inflater
	for name, data := range inputs() {
		if len(data) > 50_000 {
			data = data[:50_000]
		}
		for _, level := range []int{-2, 0, 1, 9} {
			packed := deflate(t, data, level)
			for range 40 {
				bad := append([]byte(nil), packed...)
				if r.IntN(2) == 0 {
					bad = bad[:r.IntN(len(bad))]
				} else {
					bad[r.IntN(min(len(bad), 200))] ^= 1 << r.IntN(8)
				}
				compareInflate(t, &z, bad, name)
			}
		}
	}
}

func compareInflate(t *testing.T, z *inflater, b []byte, name string) {
	t.Helper()
	want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 1<<22))
	z.reset(bytes.NewReader(b))
	got, err := io.ReadAll(io.LimitReader(z, 1<<22))
	if (err == nil) != (wantErr == nil) {
		t.Errorf("%s: got error %v, the library %v\n%x", name, err, wantErr, b[:min(len(b), 64)])
	} else if err == nil && !bytes.Equal(got, want) {
		t.Errorf("%s: other bytes than the library's", name)
	}
}

func FuzzInflate(f *testing.F) {
	for _, data := range inputs() {
		f.Add(deflate(f, data[:min(len(data), 2000)], 6))
		f.Add(deflate(f, data[:min(len(data), 2000)], -2))
	}
	var z inflater
	f.Fuzz(func(t *testing.T, b []byte) { compareInflate(t, &z, b, "fuzz") })
}

func BenchmarkInflate(b *testing.B) {
	data := bytes.Repeat(inputs()["xml"], 10)
	packed := deflate(b, data, 6)
	b.SetBytes(int64(len(data)))
	var z inflater
	buf := make([]byte, blockSize)
	for b.Loop() {
		z.reset(bytes.NewReader(packed))
		if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{&z}, buf); err != nil || n != int64(len(data)) {
			b.Fatal(n, err)
		}
	}
}
