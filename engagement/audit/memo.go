package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/foundation/report"
)

// settle is how long a file must have been left alone before its modification time is trusted.
const settle = 2 * time.Second

// memo keeps the whole result of the last audit of a tree. When no file changed, the options are the
// same and the program is the same, the answer is the same: it is read back instead of made again. One
// file per tree, replaced by each run, in the folder of the cache.
//
// A file is taken for unchanged when its size, modification time, time of change (ctime) and inode are
// what they were. The first two can be set by whoever writes a file, the others cannot; on systems that
// do not tell them (Windows) an edit that keeps size and modification time goes unseen.
type memo struct {
	path string
	key  string
	old  bool // every file has been left alone long enough for its time to be trusted
}

// kept is what a memo file holds behind its key.
type kept struct {
	Key     string
	Report  json.RawMessage
	Patches []Patch
	Atoms   []Atom
	Bytes   float64 // source bytes that were parsed, for the limit of the run
}

// memoOf returns the memo of a listing, or nil without a cache.
func memoOf(opt Options, l *inventory.Listing) *memo {
	if opt.CacheDir == "" {
		return nil
	}
	abs, err := filepath.Abs(opt.Root)
	if err != nil {
		return nil
	}
	now := time.Now()
	m := &memo{old: true}
	h := sha256.New()
	// The program: its own file stands for all rules and parsers in it.
	fmt.Fprintln(h, program(), opt.Version, abs)
	fmt.Fprintln(h, opt.Only, opt.RTT, opt.RPS, opt.IncludeTests, today(opt).Format(time.DateOnly))
	tables := make([]string, 0, len(opt.Rows))
	for t, n := range opt.Rows {
		tables = append(tables, fmt.Sprint(t, n))
	}
	sort.Strings(tables)
	fmt.Fprintln(h, tables)
	for _, r := range model(opt).Profile.All() {
		fmt.Fprintln(h, r.Name, r.Value, r.Origin, r.Date)
	}
	if root, err := os.OpenRoot(opt.Root); err == nil {
		if text, err := root.ReadFile("napkin.toml"); err == nil {
			h.Write(text)
		}
		root.Close()
	}
	var b [40]byte
	for i := range l.Entries {
		e := &l.Entries[i]
		binary.LittleEndian.PutUint64(b[0:], uint64(e.Size))
		binary.LittleEndian.PutUint64(b[8:], uint64(e.ModTime.UnixNano()))
		b[16] = byte(e.Role)
		binary.LittleEndian.PutUint64(b[24:], uint64(e.Changed))
		binary.LittleEndian.PutUint64(b[32:], e.Inode)
		h.Write([]byte(e.Path))
		h.Write([]byte(e.Skip))
		h.Write(b[:])
		if now.Sub(e.ModTime) < settle {
			m.old = false
		}
	}
	fmt.Fprintln(h, l.Notes)
	m.key = hex.EncodeToString(h.Sum(nil))
	sum := sha256.Sum256([]byte(abs))
	m.path = filepath.Join(opt.CacheDir, filepath.Base(abs)+"-"+hex.EncodeToString(sum[:6])+".result")
	return m
}

// program identifies the running binary by its size and time of change.
var program = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	st, err := os.Stat(exe)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprint(st.Size(), st.ModTime().UnixNano())
})

// recall returns the kept result, or nil. A damaged file counts as none.
func (m *memo) recall() (*Result, float64) {
	if m == nil || program() == "unknown" {
		return nil, 0
	}
	data, err := os.ReadFile(m.path)
	if err != nil || !bytes.HasPrefix(data, []byte(`{"Key":"`+m.key+`"`)) {
		return nil, 0
	}
	var k kept
	if json.Unmarshal(data, &k) != nil {
		return nil, 0
	}
	r, err := report.ReadJSON(bytes.NewReader(k.Report))
	if err != nil {
		return nil, 0
	}
	return &Result{Report: r, Patches: k.Patches, Atoms: k.Atoms}, k.Bytes
}

// keep writes the result for the next run; a folder that can not be written costs nothing but speed.
func (m *memo) keep(r *Result, parsed float64) {
	if m == nil || !m.old || r.Partial || program() == "unknown" {
		return
	}
	var text bytes.Buffer
	if report.JSON(&text, r.Report) != nil {
		return
	}
	data, err := json.Marshal(kept{Key: m.key, Report: text.Bytes(), Patches: r.Patches, Atoms: r.Atoms, Bytes: parsed})
	if err != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(m.path), ".result-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), m.path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
}

func today(opt Options) time.Time {
	if opt.Today.IsZero() {
		return time.Now()
	}
	return opt.Today
}
