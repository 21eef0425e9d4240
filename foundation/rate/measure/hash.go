package measure

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// hashBlock is what bulk hashes read at once: it stays in the level-two cache, so that the hash is measured
// and not memory.
const hashBlock = 256 << 10

func hashProbes() []Probe {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	seed := maphash.MakeSeed()
	bulk := func(name, what, how string, sum func([]byte) uint64, stream func() hash.Hash) Probe {
		return Probe{Name: name, Kind: rate.Throughput, Of: "B", What: what, How: how + " of a block of 256 KiB", Clock: ThreadCPU, Each: hashBlock, Ceiling: coreBandwidth,
			Setup: hashing(hashBlock, sum, stream)}
	}
	return []Probe{
		bulk(rate.HashXXH3, "xxHash (XXH3, 64 bits), one core", "XXH3", xxh3.Hash, func() hash.Hash { return xxh3.New() }),
		bulk(rate.HashCRC32C, "CRC-32C, one core", "CRC-32 with the Castagnoli polynomial", func(b []byte) uint64 { return uint64(crc32.Checksum(b, castagnoli)) }, func() hash.Hash { return crc32.New(castagnoli) }),
		bulk(rate.HashMap, "hash of a hash map (AES based where the CPU has it), one core", "maphash", func(b []byte) uint64 { return bits.ReverseBytes64(maphash.Bytes(seed, b)) }, func() hash.Hash {
			h := &maphash.Hash{}
			h.SetSeed(seed)
			return h
		}),
		bulk(rate.HashSHA1, "SHA-1, one core", "SHA-1", func(b []byte) uint64 { s := sha1.Sum(b); return firstWord(s[:]) }, sha1.New),
		bulk(rate.HashSHA256, "SHA-256, one core", "SHA-256", func(b []byte) uint64 { s := sha256.Sum256(b); return firstWord(s[:]) }, sha256.New),
		{Name: rate.HashShort, Kind: rate.Latency, What: "xxHash of 64 bytes", How: "XXH3 of 64 bytes", Clock: ThreadCPU, Ceiling: cycle,
			Setup: hashing(64, xxh3.Hash, func() hash.Hash { return xxh3.New() })},
	}
}

// firstWord is the first eight bytes of a digest, or all of a shorter one.
func firstWord(digest []byte) uint64 {
	var word [8]byte
	copy(word[max(0, 8-len(digest)):], digest)
	return binary.BigEndian.Uint64(word[:])
}

// hashing hashes a block as a whole, and verifies by a hash that was fed the block in pieces of uneven length.
func hashing(size int, sum func([]byte) uint64, stream func() hash.Hash) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		block := noise(size, 1)
		h := stream()
		for rest, step := block, 1; len(rest) > 0; step += 37 {
			n := min(step, len(rest))
			_, _ = h.Write(rest[:n]) // a hash's Write has no error
			rest = rest[n:]
		}
		want := firstWord(h.Sum(nil))
		return Work{
			Run: func(n int) (uint64, error) {
				var total uint64
				for range n {
					total += sum(block)
				}
				return total, nil
			},
			Verify: func(n int, total uint64) error { return sameSum(total, times(want)(n)) },
		}, nil
	}
}

// noise returns bytes that no compressor and no CPU guesses, the same for the same seed.
func noise(size int, seed uint64) []byte {
	block := make([]byte, 0, size+8)
	for i := uint64(0); len(block) < size; i++ {
		block = binary.LittleEndian.AppendUint64(block, mix(seed<<40+i))
	}
	return slices.Clip(block[:size])
}
