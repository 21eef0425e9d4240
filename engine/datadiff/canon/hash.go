package canon

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Hash128 is the hash of a row or a key. Two different rows share one with a probability of 2^-128, so
// among n rows some pair does with at most n^2 / 2^129: 10^-17 for ten billion rows.
type Hash128 struct{ Hi, Lo uint64 }

// Hash hashes the cells of a row with XXH3 of 128 bits. It guards against accidents, not against
// somebody who chooses values to collide.
func Hash(cells []byte) Hash128 {
	h := xxh3.Hash128(cells)
	return Hash128{h.Hi, h.Lo}
}

// AppendTo appends the sixteen bytes of the hash, which sort as the hash does.
func (h Hash128) AppendTo(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, h.Hi), h.Lo)
}
