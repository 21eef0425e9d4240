package datadiff

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
)

// The journal is the file in which a run keeps what it has found, and from which a later run goes on.
// docs/datadiff.md specifies it. It is a magic line and records; a record is its kind, the length of its
// payload, the payload, and a CRC-32C of all three. The first record is the header. The records of one
// task are written at once, the task's own last, so that a file that was cut off anywhere ends in whole
// tasks and a rest that is dropped.
const journalMagic = "napkin datadiff journal 1\n"

const (
	recordHeader     = 'H' // JSON of header
	recordDifference = 'D' // kind, uvarint lengths of key, A and B, their bytes
	recordOrphan     = 'O' // side, uvarint length of the key, cells
	recordTask       = 'T' // see taskDone
)

// ErrJournal is the cause of errors about a file that is no journal of this job.
var ErrJournal = errors.New("it is not the journal of this comparison")

// header ties a journal to its job. All of it must be the same for the run to go on.
type header struct {
	A, B    string   // database and table
	Columns []string // name, form and name in B of each column
	Key     int
	Where   [2]string
	Plan    PlanKind
	Bounds  [][]byte // borders of the ranges
	Null    bool     // there is a range of NULL keys
	Task    int      // ranges in a task
	Sample  float64
	Seed    uint64 // of the sample's choice
}

// taskDone says that a task was finished.
type taskDone struct {
	Task  uint64
	Rows  [2]uint64
	Bytes [2]uint64
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is safe for concurrent use.
type journal struct {
	path string
	keep bool // the file stays when the run was not finished

	mu     sync.Mutex
	file   *os.File
	size   int64
	blocks map[uint64]block // by task
	tail   []block          // differences found at the end, of no task
}

// block is where the records of a task lie.
type block struct{ at, size int64 }

func appendRecord(dst []byte, kind byte, payload []byte) []byte {
	start := len(dst)
	dst = append(dst, kind)
	dst = binary.AppendUvarint(dst, uint64(len(payload)))
	dst = append(dst, payload...)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// createJournal starts a journal at path, or in a temporary file where path is empty.
func createJournal(path string, h header) (*journal, error) {
	var f *os.File
	var err error
	if path == "" {
		if f, err = os.CreateTemp("", "napkin-diff-*.journal"); err != nil {
			return nil, fmt.Errorf("keep what is found on disk: %w; give a folder that can be written to in TMPDIR", err)
		}
	} else {
		// It is emptied when nobody else writes it.
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err == nil {
			if err = lock(f); err == nil {
				err = f.Truncate(0)
			}
			if err != nil {
				err = errors.Join(err, f.Close())
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	j := &journal{path: f.Name(), keep: path != "", file: f, blocks: map[uint64]block{}}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, errors.Join(err, j.Close(true))
	}
	if _, err := j.append(appendRecord([]byte(journalMagic), recordHeader, text)); err != nil {
		return nil, errors.Join(err, j.Close(true))
	}
	return j, nil
}

// append writes at the end and returns where.
func (j *journal) append(b []byte) (block, error) {
	at := j.size
	if _, err := j.file.WriteAt(b, at); err != nil {
		if !j.keep {
			return block{}, fmt.Errorf("keep what was found on disk: %w; give a folder with more room in TMPDIR", err)
		}
		return block{}, fmt.Errorf("write the journal %s: %w; make room, then go on with --resume: what was finished before is kept in it", j.path, err)
	}
	j.size += int64(len(b))
	return block{at, int64(len(b))}, nil
}

// finish writes the records of a task and then that it is done.
func (j *journal) finish(records []byte, t taskDone) error {
	var buf [64]byte
	p := binary.AppendUvarint(buf[:0], t.Task)
	for side := range 2 {
		p = binary.AppendUvarint(binary.AppendUvarint(p, t.Rows[side]), t.Bytes[side])
	}
	records = appendRecord(records, recordTask, p)
	j.mu.Lock()
	defer j.mu.Unlock()
	at, err := j.append(records)
	if err != nil {
		return err
	}
	j.blocks[t.Task] = at
	return nil
}

// add writes differences that were found at the end.
func (j *journal) add(records []byte) error {
	if len(records) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	at, err := j.append(records)
	if err == nil {
		j.tail = append(j.tail, at)
	}
	return err
}

// each calls f for every difference: those of the tasks in the order of the tasks, then the others.
func (j *journal) each(f func(Difference) error) error {
	read := func(b block) error {
		counted := &countingReader{r: io.NewSectionReader(j.file, b.at, b.size)}
		r := bufio.NewReaderSize(counted, 64<<10)
		for {
			kind, payload, err := readRecord(r)
			if errors.Is(err, io.EOF) && counted.n < b.size {
				err = io.ErrUnexpectedEOF // somebody has cut the file
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read the journal %s: %w", j.path, err)
			}
			if kind != recordDifference {
				continue
			}
			d, err := parseDifference(payload)
			if err != nil {
				return fmt.Errorf("read the journal %s: %w", j.path, err)
			}
			if err := f(d); err != nil {
				return err
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(j.blocks)) {
		if err := read(j.blocks[t]); err != nil {
			return err
		}
	}
	for _, b := range j.tail {
		if err := read(b); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file, and removes it when the work is finished or it was temporary.
func (j *journal) Close(finished bool) error {
	err := j.file.Close()
	if finished || !j.keep {
		err = errors.Join(err, os.Remove(j.path))
	}
	return err
}

// maxRecord bounds a record that is read: rows of 1,600 columns of 64 KiB, twice.
const maxRecord = 256 << 20

// readRecord reads one record. io.EOF stands at the end, io.ErrUnexpectedEOF or [ErrJournal] where the
// file is cut off or damaged.
func readRecord(r *bufio.Reader) (kind byte, payload []byte, err error) {
	kind, err = r.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	size, err := binary.ReadUvarint(r)
	if err != nil {
		return 0, nil, unexpected(err)
	}
	if size > maxRecord {
		return 0, nil, fmt.Errorf("a record of %d bytes: %w", size, ErrJournal)
	}
	head := binary.AppendUvarint([]byte{kind}, size)
	// A damaged length must not make us ask for memory that the file cannot fill.
	body, err := io.ReadAll(io.LimitReader(r, int64(size)+4))
	if err != nil {
		return 0, nil, err
	}
	if uint64(len(body)) != size+4 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	payload = body[:size:size]
	if crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, payload) != binary.BigEndian.Uint32(body[size:]) {
		return 0, nil, fmt.Errorf("a record whose checksum is wrong: %w", ErrJournal)
	}
	return kind, payload, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func appendDifference(dst []byte, d Difference) []byte {
	p := []byte{byte(d.Kind)}
	p = binary.AppendUvarint(p, uint64(len(d.Key)))
	p = binary.AppendUvarint(p, uint64(len(d.A)))
	p = binary.AppendUvarint(p, uint64(len(d.B)))
	p = append(append(append(p, d.Key...), d.A...), d.B...)
	return appendRecord(dst, recordDifference, p)
}

func parseDifference(p []byte) (Difference, error) {
	bad := fmt.Errorf("a difference that is cut off: %w", ErrJournal)
	if len(p) == 0 {
		return Difference{}, bad
	}
	d := Difference{Kind: Kind(p[0])}
	p = p[1:]
	var sizes [3]uint64
	for i := range sizes {
		n, k := binary.Uvarint(p)
		if k <= 0 {
			return d, bad
		}
		sizes[i], p = n, p[k:]
	}
	for i, to := range []*[]byte{&d.Key, &d.A, &d.B} {
		if uint64(len(p)) < sizes[i] {
			return d, bad
		}
		if sizes[i] > 0 {
			*to = p[:sizes[i]:sizes[i]]
		}
		p = p[sizes[i]:]
	}
	if len(p) > 0 {
		return d, bad
	}
	return d, nil
}

func appendOrphan(dst []byte, side int, cells []byte, key int) []byte {
	p := binary.AppendUvarint([]byte{byte(side)}, uint64(key))
	return appendRecord(dst, recordOrphan, append(p, cells...))
}

// resumed is what a journal held.
type resumed struct {
	done map[uint64]taskDone
}

// journalPlan is the plan that a journal was begun with; empty where it cannot be read, which opening it
// will tell.
func journalPlan(path string) PlanKind {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	r := bufio.NewReader(f)
	magic := make([]byte, len(journalMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != journalMagic {
		return ""
	}
	kind, payload, err := readRecord(r)
	var h header
	if err != nil || kind != recordHeader || json.Unmarshal(payload, &h) != nil || !slices.Contains(Plans, h.Plan) {
		return ""
	}
	return h.Plan
}

// openJournal opens the journal of a run that was cut off. accept says whether its header is of this job,
// and orphan receives the rows without a partner of finished tasks. What was written of unfinished tasks
// is cut off.
func openJournal(path string, accept func(header) error, orphan func(side int, cells []byte, key int) error) (*journal, *resumed, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("go on from the journal: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	j := &journal{path: path, keep: true, file: f, blocks: map[uint64]block{}}
	res, err := j.load(accept, orphan)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("go on from the journal %s: %w", path, err), f.Close())
	}
	return j, res, nil
}

func (j *journal) load(accept func(header) error, orphan func(side int, cells []byte, key int) error) (*resumed, error) {
	counter := &countingReader{r: j.file}
	r := bufio.NewReaderSize(counter, 256<<10)
	position := func() int64 { return counter.n - int64(r.Buffered()) }
	magic := make([]byte, len(journalMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != journalMagic {
		return nil, ErrJournal
	}
	kind, payload, err := readRecord(r)
	if err != nil || kind != recordHeader {
		return nil, ErrJournal
	}
	var h header
	if err := json.Unmarshal(payload, &h); err != nil {
		return nil, ErrJournal
	}
	if err := accept(h); err != nil {
		return nil, err
	}
	res := &resumed{done: map[uint64]taskDone{}}
	j.size = position()
	var pending [][]byte
	for {
		kind, payload, err := readRecord(r)
		if err != nil { // the end, or where it was cut off
			break
		}
		switch kind {
		case recordOrphan:
			pending = append(pending, payload)
		case recordTask:
			t, err := parseTask(payload)
			if err != nil {
				return nil, err
			}
			end := position()
			if _, twice := res.done[t.Task]; !twice {
				for _, p := range pending {
					if err := replayOrphan(p, orphan); err != nil {
						return nil, err
					}
				}
				res.done[t.Task] = t
				j.blocks[t.Task] = block{j.size, end - j.size}
			}
			j.size, pending = end, nil
		}
	}
	return res, j.file.Truncate(j.size)
}

func replayOrphan(p []byte, f func(side int, cells []byte, key int) error) error {
	if len(p) == 0 || p[0] > 1 {
		return ErrJournal
	}
	key, k := binary.Uvarint(p[1:])
	if k <= 0 || uint64(len(p)-1-k) < key {
		return ErrJournal
	}
	return f(int(p[0]), p[1+k:], int(key))
}

func parseTask(p []byte) (taskDone, error) {
	var v [5]uint64
	for i := range v {
		n, k := binary.Uvarint(p)
		if k <= 0 {
			return taskDone{}, ErrJournal
		}
		v[i], p = n, p[k:]
	}
	if len(p) > 0 {
		return taskDone{}, ErrJournal
	}
	return taskDone{Task: v[0], Rows: [2]uint64{v[1], v[3]}, Bytes: [2]uint64{v[2], v[4]}}, nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
