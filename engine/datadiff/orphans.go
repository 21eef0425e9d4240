package datadiff

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// orphans is the multiset of rows that had no partner where they were read: because the products sort
// the key differently, because there is no key, or because the partner does not exist. A row of A and an
// equal row of B cancel as soon as both are there, and equal rows of one side are counted and not kept
// twice. What exceeds the budget of memory goes to files in a folder, split by the hash of the key, and
// each part is matched on its own at the end (a hash join after Grace).
//
// Its methods may be called from many goroutines, [orphans.each] after all adding.
type orphans struct {
	budget int    // bytes of memory, about
	dir    string // where the files go

	mu    sync.Mutex
	rows  map[canon.Hash128]orphan
	data  []byte
	dead  int // bytes of data of rows that were cancelled
	parts [spillParts]*part
	made  string // the folder of this set, once there is one
	level int    // how often these rows were split before
	// Spilled counts the bytes written to files.
	Spilled int64
}

type orphan struct {
	at   int64
	size uint32
	key  uint32
	net  int32 // how many more of A than of B
}

// entrySize is what a row costs in memory beside its bytes: the entry, the hash, and the slack of a map.
const entrySize = 64

// spillParts is the number of files: 64 parts of a set of 100 times the budget fit in memory again.
const spillParts = 64

type part struct {
	file *os.File
	w    *bufio.Writer
	size int64
	rows int64
}

func newOrphans(budget int, dir string) *orphans {
	return &orphans{budget: budget, dir: dir, rows: map[canon.Hash128]orphan{}}
}

// add puts in a row; side is 0 for A and 1 for B.
func (o *orphans) add(side int, cells []byte, key int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	net := int32(1)
	if side == 1 {
		net = -1
	}
	return o.addNet(cells, key, net)
}

func (o *orphans) addNet(cells []byte, key int, net int32) error {
	h := canon.Hash(cells)
	if e, ok := o.rows[h]; ok {
		if e.net += net; e.net == 0 {
			delete(o.rows, h)
			o.dead += int(e.size)
		} else {
			o.rows[h] = e
		}
		return nil
	}
	if len(o.data)+len(cells)+entrySize*len(o.rows) > o.budget {
		if err := o.relieve(); err != nil {
			return err
		}
	}
	o.rows[h] = orphan{int64(len(o.data)), uint32(len(cells)), uint32(key), net}
	o.data = append(o.data, cells...)
	return nil
}

func (o *orphans) bytes(e orphan) []byte { return o.data[e.at : e.at+int64(e.size)] }

// relieve makes room: it drops the bytes of cancelled rows if they are many, else it spills.
func (o *orphans) relieve() error {
	if o.dead > len(o.data)/2 {
		kept := make([]byte, 0, len(o.data)-o.dead)
		for h, e := range o.rows {
			at := int64(len(kept))
			kept = append(kept, o.bytes(e)...)
			e.at = at
			o.rows[h] = e
		}
		o.data, o.dead = kept, 0
		return nil
	}
	return o.spill()
}

func (o *orphans) spill() error {
	if o.made == "" {
		dir, err := os.MkdirTemp(o.dir, "napkin-diff-")
		if err != nil {
			return spillError(err)
		}
		o.made = dir
	}
	var head [32]byte
	for _, e := range o.rows {
		cells := o.bytes(e)
		p, err := o.part(cells[:e.key])
		if err != nil {
			return err
		}
		n := binary.PutUvarint(head[:], uint64(e.size))
		n += binary.PutUvarint(head[n:], uint64(e.key))
		n += binary.PutVarint(head[n:], int64(e.net))
		if _, err := p.w.Write(head[:n]); err != nil {
			return spillError(err)
		}
		if _, err := p.w.Write(cells); err != nil {
			return spillError(err)
		}
		p.size += int64(n) + int64(e.size)
		p.rows++
		o.Spilled += int64(n) + int64(e.size)
	}
	clear(o.rows)
	o.data, o.dead = o.data[:0], 0
	return nil
}

// part chooses the file of a key. Each level of splitting looks at other bits of the hash.
func (o *orphans) part(key []byte) (*part, error) {
	h := canon.Hash(key).Hi
	i := h >> (64 - 6*(o.level+1)) % spillParts
	if o.parts[i] == nil {
		f, err := os.OpenFile(filepath.Join(o.made, fmt.Sprintf("part-%02d", i)), os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
		if err != nil {
			return nil, spillError(err)
		}
		o.parts[i] = &part{file: f, w: bufio.NewWriterSize(f, 32<<10)}
	}
	return o.parts[i], nil
}

func spillError(err error) error {
	return fmt.Errorf("keep rows without a partner on disk: %w; give a folder with more room in TMPDIR", err)
}

// each matches all rows and says what is left: pairs of one key that differ, and rows that stand alone,
// as often as they do.
func (o *orphans) each(out matched) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.made == "" {
		return o.settle(out)
	}
	if err := o.spill(); err != nil {
		return err
	}
	o.data, o.rows = nil, nil
	for i, p := range o.parts {
		if p == nil {
			continue
		}
		if err := o.eachOf(p, out); err != nil {
			return err
		}
		o.parts[i] = nil
	}
	return nil
}

// maxLevel bounds the splitting: rows of one key stay together however often they are split.
const maxLevel = 8

func (o *orphans) eachOf(p *part, out matched) error {
	if err := p.w.Flush(); err != nil {
		return spillError(err)
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return spillError(err)
	}
	inner := newOrphans(o.budget, o.made)
	inner.level = o.level + 1
	if inner.level >= maxLevel {
		inner.budget = int(min(p.size+entrySize*p.rows, 1<<40))
	}
	defer inner.Close()
	r := bufio.NewReaderSize(p.file, 256<<10)
	var cells []byte
	for {
		size, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return spillError(err)
		}
		key, err1 := binary.ReadUvarint(r)
		net, err2 := binary.ReadVarint(r)
		cells = append(cells[:0], make([]byte, size)...)
		_, err3 := io.ReadFull(r, cells)
		if err := errors.Join(err1, err2, err3); err != nil {
			return spillError(err)
		}
		if err := inner.addNet(cells, int(key), int32(net)); err != nil {
			return err
		}
	}
	name := p.file.Name()
	if err := errors.Join(p.file.Close(), os.Remove(name)); err != nil {
		return spillError(err)
	}
	return inner.each(out)
}

// settle matches what is in memory, in the order of the cells, so that the same rows give the same
// answer.
func (o *orphans) settle(out matched) error {
	entries := make([]orphan, 0, len(o.rows))
	for _, e := range o.rows {
		entries = append(entries, e)
	}
	keyOf := func(e orphan) []byte { return o.bytes(e)[:e.key] }
	slices.SortFunc(entries, func(x, y orphan) int {
		return cmp.Or(bytes.Compare(keyOf(x), keyOf(y)), bytes.Compare(o.bytes(x), o.bytes(y)))
	})
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && bytes.Equal(keyOf(entries[n]), keyOf(entries[0])) {
			n++
		}
		if err := settleKey(entries[:n], o.bytes, out); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// settleKey pairs the rows of one key: what A has too many of with what B has.
func settleKey(entries []orphan, cells func(orphan) []byte, out matched) error {
	i, j := 0, 0
	next := func(k *int, sign int32) bool {
		for *k < len(entries) && entries[*k].net*sign <= 0 {
			*k++
		}
		return *k < len(entries)
	}
	for {
		a, b := next(&i, 1), next(&j, -1)
		switch {
		case a && b:
			if err := out.changed(cells(entries[i]), cells(entries[j]), int(entries[i].key)); err != nil {
				return err
			}
			entries[i].net--
			entries[j].net++
		case a:
			if err := out.alone(0, cells(entries[i]), int(entries[i].key)); err != nil {
				return err
			}
			entries[i].net--
		case b:
			if err := out.alone(1, cells(entries[j]), int(entries[j].key)); err != nil {
				return err
			}
			entries[j].net++
		default:
			return nil
		}
	}
}

// Close removes the files.
func (o *orphans) Close() error {
	var errs []error
	for _, p := range o.parts {
		if p != nil {
			errs = append(errs, p.file.Close())
		}
	}
	if o.made != "" {
		errs = append(errs, os.RemoveAll(o.made))
	}
	return errors.Join(errs...)
}
