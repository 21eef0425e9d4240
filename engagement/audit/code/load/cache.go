package load

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// cache holds the lowered trees of one project between runs. Two files stand in its folder, named by
// the project's absolute path:
//
//	NAME.trees   header, trees (each aligned to 8 bytes), index, footer
//	NAME.stat    path, size, modification time, time of change and inode of each file with the blob id it had
//
// Both are written to a temporary file and renamed into place, so readers see the old or the new one
// whole; of two processes that end together the later rename wins and the other's trees are lowered
// again next time. Every part is checksummed, and a part that does not match is treated as absent.
// The index names the version of the lowerings (see [lang.Version]); trees of another version are not
// used. A nil *cache holds nothing and is valid.
type cache struct {
	dir, base string
	trees     map[treeKey]*record
	stats     map[string]statRow
	old       *os.File // the trees file as it was when opened
	damaged   int      // trees whose checksum did not match

	mu       sync.Mutex
	next     *os.File // temporary trees file; nil until the first new tree
	w        *bufio.Writer
	written  int64
	added    map[treeKey]*record
	rows     map[string]statRow // rows of this run
	newRows  int
	writeErr error
}

type treeKey struct{ hash, lang string }

type statRow struct {
	mtime, size    int64
	changed, inode int64
	hash, lang     string
}

const (
	treesMagic = "napkin trees 1\n\x00"
	statMagic  = "napkin stats 2\n\x00"
	footerSize = 24
	// settle is how long a file must have been left alone before its modification time is trusted:
	// a second write within the clock's tick would go unseen.
	settle = 2 * time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("damaged")

// openCache opens the cache of a root, or returns nil. The note says why it can not be used.
func openCache(dir, root string) (*cache, string) {
	if dir == "" {
		return nil, ""
	}
	abs, err := filepath.Abs(root)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return nil, fmt.Sprintf("The cache can not be used (%v); this run and the next read every file.", err)
	}
	sum := sha256.Sum256([]byte(abs))
	c := &cache{dir: dir, base: filepath.Base(abs) + "-" + hex.EncodeToString(sum[:6]),
		trees: map[treeKey]*record{}, stats: map[string]statRow{}, added: map[treeKey]*record{}, rows: map[string]statRow{}}
	if filepath.Base(abs) == string(filepath.Separator) {
		c.base = hex.EncodeToString(sum[:6])
	}
	note := ""
	if err := c.openTrees(); err != nil && !errors.Is(err, os.ErrNotExist) {
		note = fmt.Sprintf("The cache %s is %v and was ignored.", c.path(".trees"), err)
		c.trees = map[treeKey]*record{}
	}
	if err := c.openStats(); err != nil {
		c.stats = map[string]statRow{}
	}
	return c, note
}

func (c *cache) path(ext string) string { return filepath.Join(c.dir, c.base+ext) }

// byStat returns the record of a file that has not changed since it was last read.
func (c *cache) byStat(e *inventory.Entry) (rec *record, hash, language string, ok bool) {
	if c == nil {
		return nil, "", "", false
	}
	row, ok := c.stats[e.Path]
	if !ok || row.mtime != e.ModTime.UnixNano() || row.size != e.Size || row.changed != e.Changed || row.inode != int64(e.Inode) {
		return nil, "", "", false
	}
	rec, ok = c.byHash(row.hash, variant(row.lang, e.Role))
	if ok {
		c.mu.Lock()
		c.rows[e.Path] = row
		c.mu.Unlock()
	}
	return rec, row.hash, row.lang, ok
}

func (c *cache) byHash(hash, language string) (*record, bool) {
	if c == nil {
		return nil, false
	}
	rec, ok := c.trees[treeKey{hash, language}]
	if ok {
		rec.used.Store(true)
	}
	return rec, ok
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// tree reads a cached tree.
func (c *cache) tree(rec *record) (*syntax.Tree, error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	if int64(cap(*b)) < rec.length {
		*b = make([]byte, rec.length)
	}
	buf := (*b)[:rec.length]
	_, err := c.old.ReadAt(buf, rec.offset)
	if err == nil && crc32.Checksum(buf, castagnoli) != rec.sum {
		err = errDamaged
	}
	var t *syntax.Tree
	if err == nil {
		t, err = syntax.FromBinary(buf)
	}
	if err != nil {
		c.mu.Lock()
		c.damaged++
		c.mu.Unlock()
		rec.used.Store(false)
	}
	return t, err
}

// add stores a new record and its tree.
func (c *cache) add(hash, language string, rec *record) {
	if c == nil {
		return
	}
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	*b = (*b)[:0]
	if rec.tree != nil {
		*b = rec.tree.AppendBinary(*b)
	}
	kept := &record{content: rec.content, length: int64(len(*b)), sum: crc32.Checksum(*b, castagnoli)}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := treeKey{hash, language}
	if c.writeErr != nil || c.added[key] != nil {
		return
	}
	kept.offset = c.write(*b)
	c.added[key] = kept
}

// write appends an aligned block to the new trees file and returns its offset.
func (c *cache) write(b []byte) int64 {
	if c.next == nil && c.writeErr == nil {
		c.next, c.writeErr = os.CreateTemp(c.dir, c.base+".tmp-*")
		if c.writeErr == nil {
			c.w = bufio.NewWriterSize(c.next, 256<<10)
			c.written = 0
			c.raw([]byte(treesMagic))
		}
	}
	at := c.written
	c.raw(b)
	if pad := -len(b) & 7; pad > 0 {
		c.raw(make([]byte, pad))
	}
	return at
}

func (c *cache) raw(b []byte) {
	if c.writeErr != nil {
		return
	}
	n, err := c.w.Write(b)
	c.written += int64(n)
	c.writeErr = err
}

// remember stores that a file had a content, unless it was written to a moment ago.
func (c *cache) remember(e *inventory.Entry, hash, language string, readAt time.Time) {
	if c == nil || readAt.Sub(e.ModTime) < settle {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[e.Path] = statRow{e.ModTime.UnixNano(), e.Size, e.Changed, int64(e.Inode), hash, language}
	c.newRows++
}

// close writes what is new and closes the cache. complete is false when the run was interrupted; what
// is known of the files that were not reached is then kept. The note says what went wrong, if anything.
func (c *cache) close(complete bool) string {
	if c == nil {
		return ""
	}
	if !complete {
		for p, row := range c.stats {
			if _, ok := c.rows[p]; !ok {
				c.rows[p] = row
			}
		}
	}
	if len(c.added) > 0 {
		c.saveTrees()
	}
	if c.old != nil {
		c.old.Close()
	}
	if c.newRows > 0 && c.writeErr == nil {
		c.writeErr = c.saveStats()
	}
	switch {
	case c.writeErr != nil:
		return fmt.Sprintf("The cache could not be written (%v); the next run reads every file again.", c.writeErr)
	case c.damaged > 0:
		return fmt.Sprintf("%d entries of the cache %s were damaged; their files were read again.", c.damaged, c.path(".trees"))
	}
	return ""
}

// keepIdle is how many bytes of trees that a run did not use are kept whatever the size of the others.
const keepIdle = 64 << 20

// saveTrees completes the new trees file with the old trees worth keeping and renames it into place.
// Trees that this run did not use are kept while they are few or the smaller part: going back and
// forth between branches then costs nothing.
func (c *cache) saveTrees() {
	var used, idle int64
	for _, rec := range c.trees {
		if rec.used.Load() {
			used += rec.length
		} else {
			idle += rec.length
		}
	}
	for _, rec := range c.added {
		used += rec.length
	}
	keys := make([]treeKey, 0, len(c.trees))
	for key, rec := range c.trees {
		if c.added[key] == nil && (rec.used.Load() || idle <= max(used, keepIdle)) {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool { return c.trees[keys[i]].offset < c.trees[keys[j]].offset })
	var buf []byte
	for _, key := range keys {
		rec := c.trees[key]
		if int64(cap(buf)) < rec.length {
			buf = make([]byte, rec.length)
		}
		buf = buf[:rec.length]
		if rec.length > 0 {
			if _, err := c.old.ReadAt(buf, rec.offset); err != nil {
				continue
			}
		}
		c.added[key] = &record{content: rec.content, length: rec.length, sum: rec.sum, offset: c.write(buf)}
	}
	at := c.written
	index := c.treesIndex()
	c.raw(index)
	var footer [footerSize]byte
	binary.LittleEndian.PutUint64(footer[:], uint64(at))
	binary.LittleEndian.PutUint64(footer[8:], uint64(len(index)))
	binary.LittleEndian.PutUint32(footer[16:], crc32.Checksum(index, castagnoli))
	copy(footer[20:], "done")
	c.raw(footer[:])
	c.writeErr = c.finish(c.next, c.w, c.writeErr, ".trees")
}

// finish flushes and closes a temporary file and renames it to its place, or removes it.
func (c *cache) finish(f *os.File, w *bufio.Writer, err error, ext string) error {
	if f == nil {
		return err
	}
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), c.path(ext))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (c *cache) treesIndex() []byte {
	keys := make([]treeKey, 0, len(c.added))
	for k := range c.added {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].hash != keys[j].hash {
			return keys[i].hash < keys[j].hash
		}
		return keys[i].lang < keys[j].lang
	})
	b := appendText(nil, lang.Version())
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, k := range keys {
		rec := c.added[k]
		b = appendText(appendText(b, k.hash), k.lang)
		for _, v := range []int64{rec.offset, rec.length, int64(rec.sum), int64(rec.Lines)} {
			b = binary.AppendUvarint(b, uint64(v))
		}
		var flags byte
		if rec.BOM {
			flags |= 1
		}
		if rec.Generated {
			flags |= 2
		}
		b = append(b, flags)
		b = appendText(appendText(b, rec.Note), rec.Skip)
	}
	return b
}

func (c *cache) openTrees() error {
	f, err := os.Open(c.path(".trees"))
	if err != nil {
		return err
	}
	c.old = f
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var head [len(treesMagic)]byte
	var footer [footerSize]byte
	if info.Size() < int64(len(head)+footerSize) {
		return errDamaged
	}
	if _, err = f.ReadAt(head[:], 0); err != nil || string(head[:]) != treesMagic {
		return errDamaged
	}
	if _, err = f.ReadAt(footer[:], info.Size()-footerSize); err != nil || string(footer[20:]) != "done" {
		return errDamaged
	}
	at, n := binary.LittleEndian.Uint64(footer[:]), binary.LittleEndian.Uint64(footer[8:])
	if at > uint64(info.Size()) || n != uint64(info.Size()-footerSize)-at {
		return errDamaged
	}
	index := make([]byte, n)
	if _, err = f.ReadAt(index, int64(at)); err != nil || crc32.Checksum(index, castagnoli) != binary.LittleEndian.Uint32(footer[16:]) {
		return errDamaged
	}
	return c.readTreesIndex(&reader{b: index}, int64(at))
}

func (c *cache) readTreesIndex(r *reader, end int64) error {
	if r.text() != lang.Version() {
		return nil // trees of another version of the lowerings: none of them is of use
	}
	for n := r.number(); n > 0 && !r.bad; n-- {
		key := treeKey{r.text(), r.text()}
		rec := &record{offset: r.number(), length: r.number(), sum: uint32(r.number())}
		rec.Lines = int(r.number())
		flags := r.byte()
		rec.BOM, rec.Generated = flags&1 != 0, flags&2 != 0
		rec.Note, rec.Skip = r.text(), r.text()
		if rec.offset < 0 || rec.length < 0 || rec.offset > end || rec.length > end-rec.offset {
			return errDamaged
		}
		c.trees[key] = rec
	}
	if r.bad {
		return errDamaged
	}
	return nil
}

func (c *cache) saveStats() error {
	body := binary.AppendUvarint([]byte(statMagic), uint64(len(c.rows)))
	for _, p := range sortedKeys(c.rows) {
		row := c.rows[p]
		body = appendText(body, p)
		body = binary.AppendVarint(body, row.mtime)
		body = binary.AppendUvarint(body, uint64(row.size))
		body = binary.AppendVarint(body, row.changed)
		body = binary.AppendVarint(body, row.inode)
		body = appendText(appendText(body, row.hash), row.lang)
	}
	body = binary.LittleEndian.AppendUint32(body, crc32.Checksum(body, castagnoli))
	f, err := os.CreateTemp(c.dir, c.base+".tmp-*")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, err = w.Write(body)
	return c.finish(f, w, err, ".stat")
}

func (c *cache) openStats() error {
	f, err := os.Open(c.path(".stat"))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<30))
	if err != nil {
		return err
	}
	if len(b) < len(statMagic)+4 || string(b[:len(statMagic)]) != statMagic ||
		crc32.Checksum(b[:len(b)-4], castagnoli) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return errDamaged
	}
	r := &reader{b: b[len(statMagic) : len(b)-4]}
	for n := r.number(); n > 0 && !r.bad; n-- {
		p := r.text()
		row := statRow{mtime: r.signed(), size: r.number(), changed: r.signed(), inode: r.signed(), hash: r.text(), lang: r.text()}
		c.stats[p] = row
	}
	if r.bad {
		return errDamaged
	}
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes values off a buffer; bad is set when it ran short.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() int64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<62 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int64(v)
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) text() string {
	n := r.number()
	if n > int64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
