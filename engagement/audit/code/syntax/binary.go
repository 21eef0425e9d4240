package syntax

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"
)

// ErrCorrupt is returned by FromBinary for bytes that no AppendBinary wrote.
var ErrCorrupt = errors.New("syntax: the cached tree is damaged")

const (
	formatVersion = 3
	nodeSize      = int(unsafe.Sizeof(Node{}))
)

// AppendBinary appends the tree to dst in the cache's own form: a header, the nodes and line starts
// as they lie in memory, then the strings. The form is for the machine that wrote it only.
func (t *Tree) AppendBinary(dst []byte) []byte {
	dst = append(dst, formatVersion, byte(len(t.Lang)))
	dst = append(dst, t.Lang...)
	for _, n := range []int{len(t.Nodes), len(t.LineStarts), len(t.Strings), t.Errors, t.ErrorBytes} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	for len(dst)%8 != 0 {
		dst = append(dst, 0)
	}
	dst = append(dst, sliceBytes(t.Nodes)...)
	dst = append(dst, sliceBytes(t.LineStarts)...)
	for _, s := range t.Strings {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

// FromBinary reads a tree that AppendBinary wrote at an 8-byte aligned place. The tree shares no
// memory with b. Every index is checked, so damaged bytes give ErrCorrupt and never a panic later.
func FromBinary(b []byte) (*Tree, error) {
	full := b
	if len(b) < 2 || b[0] != formatVersion || len(b) < 2+int(b[1]) {
		return nil, ErrCorrupt
	}
	t := &Tree{Lang: string(b[2 : 2+int(b[1])])}
	b = b[2+int(b[1]):]
	var head [5]int
	for i := range head {
		v, n := binary.Uvarint(b)
		// Errors and ErrorBytes speak of the source, which may be larger than its tree.
		if n <= 0 || (i < 3 && v > uint64(len(full))) || v > math.MaxInt32 {
			return nil, ErrCorrupt
		}
		head[i], b = int(v), b[n:]
	}
	for (len(full)-len(b))%8 != 0 {
		if len(b) == 0 {
			return nil, ErrCorrupt
		}
		b = b[1:]
	}
	nodes, lines, strs := head[0], head[1], head[2]
	t.Errors, t.ErrorBytes = head[3], head[4]
	if len(b) < nodes*nodeSize+lines*4 || nodes == 0 || lines == 0 || strs == 0 {
		return nil, ErrCorrupt
	}
	t.Nodes = make([]Node, nodes)
	b = b[copy(sliceBytes(t.Nodes), b):]
	t.LineStarts = make([]uint32, lines)
	b = b[copy(sliceBytes(t.LineStarts), b):]
	text := string(b) // one allocation holds all strings
	t.Strings = make([]string, strs)
	for i, off := 0, 0; i < strs; i++ {
		v, n := binary.Uvarint(b[off:])
		if n <= 0 || v > uint64(len(b)-off-n) {
			return nil, ErrCorrupt
		}
		off += n
		t.Strings[i] = text[off : off+int(v)]
		off += int(v)
	}
	return t, t.check()
}

// check enforces what walks rely on: every link is of a node to its first child or its next sibling, and
// nodes lie parents before children and siblings in order.
func (t *Tree) check() error {
	links := 0
	for i := range t.Nodes {
		id, x := NodeID(i), &t.Nodes[i]
		if x.Kind > Other || x.Role > Post || int(x.Str) >= len(t.Strings) || x.First < None || x.Next < None {
			return ErrCorrupt
		}
		if x.First >= 0 {
			links++
		}
		if x.Next >= 0 {
			links++
		}
		if i == 0 {
			if x.Parent != None || x.Next != None {
				return ErrCorrupt
			}
			continue
		}
		// The parent of a node is the one before it or encloses that.
		before := id - 1
		if x.Parent == before {
			if t.Nodes[before].First != id {
				return ErrCorrupt
			}
			continue
		}
		for before >= 0 && t.Nodes[before].Parent != x.Parent {
			before = t.Nodes[before].Parent
		}
		if before < 0 || x.Parent < 0 || t.Nodes[before].Next != id {
			return ErrCorrupt
		}
	}
	if links != len(t.Nodes)-1 {
		return ErrCorrupt
	}
	return nil
}

func sliceBytes[T Node | uint32](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}
