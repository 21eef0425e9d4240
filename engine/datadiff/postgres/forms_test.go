package postgres

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// FuzzForms: whatever a field holds, a decoder gives one whole cell, or an error and nothing.
func FuzzForms(f *testing.F) {
	integer, _ := DecoderOf(oidInt4)
	decoders := []Decoder{
		plainText, trimmedText, inexactText, textAsJSON, textAsUUID, zoned, unzoned, integerAsDecimal(integer), numericAsInt, widened,
		bitsAsInt, bytesAsUUID, uuidAsText, dateAsTimestamp, arrayOf(integer), arrayOf(arrayOf(numeric)),
	}
	f.Add(uint8(14), []byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x07\xff\xff\xff\xff"))
	f.Add(uint8(4), []byte("550e8400-e29b-41d4-a716-446655440000"))
	f.Add(uint8(8), []byte{0, 1, 0, 1, 0, 0, 0, 0, 0, 5})
	f.Add(uint8(10), []byte{0, 0, 0, 3, 0xa0})
	f.Fuzz(func(t *testing.T, which uint8, field []byte) {
		cell, err := decoders[int(which)%len(decoders)]([]byte("kept"), field)
		if err != nil {
			if string(cell) != "kept" {
				t.Fatalf("an error changed what was there: %q", cell)
			}
			return
		}
		if first, rest, err := canon.Next(cell[4:]); err != nil || len(rest) != 0 || len(first) == 0 {
			t.Fatalf("%x: %x is not one cell: %v", field, cell[4:], err)
		}
	})
}
