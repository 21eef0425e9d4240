package inventory

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// indexEntry is one path of a git index.
type indexEntry struct {
	path    string
	mode    uint32
	blob    []byte
	stage   int
	skipped bool // skip-worktree: a sparse checkout leaves the file out
}

// Modes of a git index entry (the type bits).
const (
	modeType    = 0o170000
	modeDir     = 0o040000
	modeSymlink = 0o120000
	modeGitlink = 0o160000
)

var (
	errIndex      = errors.New("the git index is damaged")
	errSplitIndex = errors.New("the git index is split over two files")
)

// parseIndex reads a git index of version 2, 3 or 4 (gitformat-index(5)). The object format, SHA-1
// or SHA-256, is told from the checksum at the end. Extensions are skipped, except that a split
// index is refused: its base is another file.
func parseIndex(b []byte) ([]indexEntry, error) {
	if len(b) < 12+sha1.Size || string(b[:4]) != "DIRC" {
		return nil, errIndex
	}
	version := binary.BigEndian.Uint32(b[4:])
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("%w: version %d is not known", errIndex, version)
	}
	sums := []int{sha1.Size}
	switch {
	case checksumMatches(b, sha1.Size):
	case checksumMatches(b, sha256.Size):
		sums = []int{sha256.Size}
	case zeroTail(b, sha1.Size): // index.skipHash: no checksum, so the sizes are tried in turn
		sums = []int{sha1.Size, sha256.Size}
	default:
		return nil, fmt.Errorf("%w: its checksum does not match", errIndex)
	}
	var err error
	for _, n := range sums {
		var out []indexEntry
		if out, err = parseEntries(b, version, n); err == nil {
			return out, nil
		}
	}
	return nil, err
}

func checksumMatches(b []byte, size int) bool {
	if len(b) < 12+size {
		return false
	}
	body, tail := b[:len(b)-size], b[len(b)-size:]
	if size == sha1.Size {
		sum := sha1.Sum(body)
		return bytes.Equal(sum[:], tail)
	}
	sum := sha256.Sum256(body)
	return bytes.Equal(sum[:], tail)
}

func zeroTail(b []byte, size int) bool {
	return len(bytes.Trim(b[len(b)-size:], "\x00")) == 0
}

func parseEntries(full []byte, version uint32, hash int) ([]indexEntry, error) {
	end := len(full) - hash
	count := int(binary.BigEndian.Uint32(full[8:]))
	if end < 12 || count < 0 || count > end/(41+hash)+1 {
		return nil, errIndex
	}
	out := make([]indexEntry, 0, count)
	pos, prev := 12, ""
	for range count {
		start := pos
		pos += 40 + hash + 2
		if pos > end {
			return nil, errIndex
		}
		e := indexEntry{mode: binary.BigEndian.Uint32(full[start+24:]), blob: full[start+40 : start+40+hash]}
		flags := binary.BigEndian.Uint16(full[pos-2:])
		e.stage = int(flags>>12) & 3
		if flags&0x4000 != 0 {
			if version < 3 || pos+2 > end {
				return nil, errIndex
			}
			e.skipped = binary.BigEndian.Uint16(full[pos:])&0x4000 != 0
			pos += 2
		}
		keep := ""
		if version == 4 {
			strip, n := offsetVarint(full[pos:end])
			if n == 0 || strip > len(prev) {
				return nil, errIndex
			}
			pos += n
			keep = prev[:len(prev)-strip]
		}
		zero := bytes.IndexByte(full[pos:end], 0)
		if zero < 0 {
			return nil, errIndex
		}
		e.path = keep + string(full[pos:pos+zero])
		pos += zero + 1
		if version < 4 {
			for (pos-start)%8 != 0 { // entries are padded with 1 to 8 zeros
				pos++
			}
		}
		prev = e.path
		out = append(out, e)
	}
	for pos+8 <= end {
		name, size := string(full[pos:pos+4]), int64(binary.BigEndian.Uint32(full[pos+4:]))
		if name == "link" {
			return nil, errSplitIndex
		}
		if size > int64(end-pos-8) {
			return nil, errIndex
		}
		pos += 8 + int(size)
	}
	return out, nil
}

// offsetVarint reads the variable-width number of pack offsets, which version 4 uses for the length
// of the prefix to strip. It returns 0 bytes read for damaged input.
func offsetVarint(b []byte) (value, n int) {
	for n < len(b) && n < 5 {
		c := b[n]
		n++
		value |= int(c & 0x7f)
		if c&0x80 == 0 {
			return value, n
		}
		value = (value + 1) << 7
	}
	return 0, 0
}
