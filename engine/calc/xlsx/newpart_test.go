package xlsx

import (
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// replacement puts text in place of so many bytes at a place.
type replacement struct {
	at, old int
	text    []byte
}

// marksOf returns the ends of the blocks of a deflate stream.
func marksOf(t *testing.T, stream []byte) []mark {
	t.Helper()
	var z inflater
	z.reset(bytes.NewReader(stream))
	if _, err := io.Copy(io.Discard, struct{ io.Reader }{&z}); err != nil {
		t.Fatal(err)
	}
	return z.blocks()
}

// rewritten copies a part with changes and returns the new stream. The ends of blocks are told up to so many bytes too early or too late.
func rewritten(t *testing.T, r *rand.Rand, text, stream []byte, changes []replacement, lead int) []byte {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "part"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := newZipWriter(out)
	old := &entry{name: "part", raw: []byte("part"), method: methodDeflate, data: 3, packed: int64(len(stream)), size: int64(len(text))}
	p, err := z.begin(old)
	if err != nil {
		t.Fatal(err)
	}
	first := z.at
	p.reuse(bytes.NewReader(append([]byte("any"), stream...)), old)
	marks := marksOf(t, stream)
	keep := func(to int) { // copies in pieces of any size
		for int(p.in) < to && err == nil {
			n := min(to-int(p.in), 1+r.IntN(100_000))
			for len(marks) > 0 && int(marks[0].text) <= int(p.in)+n+lead {
				p.marks = append(p.marks, marks[0])
				marks = marks[1:]
			}
			err = p.write(text[p.in:][:n])
		}
	}
	want := []byte(nil)
	done := 0
	for _, c := range changes {
		keep(c.at)
		want = append(append(want, text[done:c.at]...), c.text...)
		done = c.at + c.old
		if err == nil {
			err = p.change(c.old, c.text)
		}
	}
	keep(len(text))
	want = append(want, text[done:]...)
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.entry.size != int64(len(want)) || p.entry.crc != crc32.ChecksumIEEE(want) {
		t.Errorf("%d bytes with checksum %x, want %d, %x", p.entry.size, p.entry.crc, len(want), crc32.ChecksumIEEE(want))
	}
	packed := make([]byte, p.entry.packed)
	if _, err := out.ReadAt(packed, first); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d changes of %d bytes: other text comes back: %d bytes of %d, %v", len(changes), len(text), len(got), len(want), err)
	}
	return packed
}

// TestTakeOver holds that a copy has the text that it should, whatever its changes are and whichever blocks of the old stream it takes over.
func TestTakeOver(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for name, text := range inputs() {
		for _, level := range []int{-2, 0, 1, 6, 9} {
			stream := deflate(t, text, level)
			for _, n := range []int{0, 1, 2, 5, 100} {
				var changes []replacement
				for at := 0; len(changes) < n && len(text) > 0; {
					at += r.IntN(2*len(text)/(n+1) + 1)
					old := r.IntN(30)
					if at+old > len(text) {
						break
					}
					changes = append(changes, replacement{at, old, text[:r.IntN(min(30, len(text)))]})
					at += old
				}
				t.Run(name, func(t *testing.T) { rewritten(t, r, text, stream, changes, r.IntN(50_000)-5000) })
			}
		}
	}
}

// TestTakeOverIsUsed holds that all but the blocks around a change come from the old stream: their bits are in the new one.
func TestTakeOverIsUsed(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	text := bytes.Repeat(inputs()["xml"], 4)
	stream := deflate(t, text, 9)
	marks := marksOf(t, stream)
	if len(marks) < 10 || marks[len(marks)-1].text != int64(len(text)) {
		t.Fatalf("the blocks end at %v", marks)
	}
	for marks[len(marks)-2].text == int64(len(text)) { // the library ends with a block of nothing
		marks = marks[:len(marks)-1]
	}
	// A last block that is empty takes 10 bits more.
	if got := len(rewritten(t, r, text, stream, nil, 0)); got > len(stream)+2 {
		t.Errorf("without a change %d bytes become %d", len(stream), got)
	}
	middle := len(marks) / 2
	packed := rewritten(t, r, text, stream, []replacement{{int(marks[middle].text) + 10, 1, []byte("77")}}, 0)
	common := 0
	for common < len(stream) && stream[common] == packed[common] {
		common++
	}
	if int64(common) < marks[middle].bit/8-1 {
		t.Errorf("of the %d bits before the block that changes, %d are those of the old stream", marks[middle].bit, 8*common)
	}
	if same := tailBits(stream, packed, int(marks[len(marks)-1].bit)); int64(same) < marks[len(marks)-1].bit-marks[middle+3].bit-3 {
		t.Errorf("behind it %d bits are those of the old stream, want at least %d", same, marks[len(marks)-1].bit-marks[middle+3].bit)
	}
}

// tailBits is how many bits before end in a are also those before the last, empty block in b. The header of the old last block differs.
func tailBits(a, b []byte, end int) int {
	bit := func(b []byte, i int) byte { return b[i/8] >> (i % 8) & 1 }
	best := 0
	for pad := range 8 {
		at := 8*len(b) - pad - 10
		n := 0
		for n < end && n < at && bit(a, end-1-n) == bit(b, at-1-n) {
			n++
		}
		best = max(best, n)
	}
	return best
}
