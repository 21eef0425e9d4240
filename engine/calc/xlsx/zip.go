package xlsx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"
)

// Signatures and sizes of APPNOTE.TXT, sections 4.3.7 to 4.3.16.
const (
	sigLocal      = 0x04034b50
	sigCentral    = 0x02014b50
	sigEnd        = 0x06054b50
	sigEnd64      = 0x06064b50
	sigLocator64  = 0x07064b50
	sizeLocal     = 30
	sizeCentral   = 46
	sizeEnd       = 22
	sizeEnd64     = 56
	sizeLocator64 = 20

	methodStore   = 0
	methodDeflate = 8

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagUTF8       = 1 << 11

	extraZip64 = 0x0001
	all32      = 1<<32 - 1
	all16      = 1<<16 - 1
)

// entry is a part as the central directory has it.
type entry struct {
	name     string // as a part name: no leading slash, slashes forward
	raw      []byte // name as stored
	madeBy   uint16
	flags    uint16
	method   uint16
	time     uint32 // DOS time and date
	crc      uint32
	packed   int64 // bytes in the file
	size     int64 // bytes inflated
	extra    []byte
	comment  []byte
	internal uint16
	external uint32
	offset   int64 // of the local header
	data     int64 // offset of the first byte of data
	local    []byte
}

// directory is the list of parts in the order of the central directory.
type directory struct {
	entries []*entry
	byName  map[string]*entry // by name in lower case: part names have no case (ECMA-376 part 2, part naming)
	comment []byte
}

func (d *directory) find(name string) *entry { return d.byName[strings.ToLower(name)] }

// readDirectory reads the central directory and every local header.
func readDirectory(r io.ReaderAt, size int64) (*directory, error) {
	end, endAt, err := findEnd(r, size)
	if err != nil {
		return nil, err
	}
	count := int64(binary.LittleEndian.Uint16(end[10:]))
	length := int64(binary.LittleEndian.Uint32(end[12:]))
	offset := int64(binary.LittleEndian.Uint32(end[16:]))
	if d := binary.LittleEndian.Uint16(end[4:]); d != 0 && d != all16 {
		return nil, errors.New("the zip file is one of several volumes, which no workbook is")
	}
	stop := endAt
	if count == all16 || length == all32 || offset == all32 {
		c, l, o, at, err := readEnd64(r, endAt)
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			count, length, offset, stop = c, l, o, at
		}
	}
	switch {
	case count > MaxParts:
		return nil, fmt.Errorf("the zip file says that it has %d parts, at most %d can be", count, MaxParts)
	case offset < 0 || length < 0 || offset > stop || length > stop-offset || length < count*sizeCentral:
		return nil, errors.New("the zip file is damaged: its list of parts lies outside of the file")
	case length > MaxParts*512:
		return nil, errors.New("the zip file is damaged: its list of parts is too long")
	}
	list := make([]byte, length)
	if _, err := r.ReadAt(list, offset); err != nil {
		return nil, fmt.Errorf("read the list of parts: %w", noEOF(err))
	}
	d := &directory{byName: make(map[string]*entry, count), comment: end[sizeEnd:]}
	for range count {
		e, n, err := readCentral(list)
		if err != nil {
			return nil, err
		}
		list = list[n:]
		if strings.HasSuffix(e.name, "/") && e.size == 0 {
			d.entries = append(d.entries, e) // a folder: no part, but it is kept in copies
			continue
		}
		key := strings.ToLower(e.name)
		if _, twice := d.byName[key]; twice {
			return nil, fmt.Errorf("the zip file has two parts with the name %s", e.name)
		}
		d.byName[key] = e
		d.entries = append(d.entries, e)
	}
	return d, d.readLocals(r, offset)
}

// findEnd finds the record at the end of the file, which has a comment of any length behind it.
func findEnd(r io.ReaderAt, size int64) (end []byte, at int64, err error) {
	n := min(size, sizeEnd+all16)
	tail := make([]byte, n)
	if _, err := r.ReadAt(tail, size-n); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	for i := len(tail) - sizeEnd; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) != sigEnd {
			continue
		}
		if comment := int(binary.LittleEndian.Uint16(tail[i+20:])); i+sizeEnd+comment == len(tail) {
			return tail[i:], size - n + int64(i), nil
		}
	}
	head := make([]byte, 8)
	k, _ := r.ReadAt(head, 0)
	switch {
	case size == 0:
		return nil, 0, kindError("the file is empty")
	case k == 8 && binary.BigEndian.Uint64(head) == 0xD0CF11E0A1B11AE1:
		return nil, 0, kindError("the file is encrypted or in the old format .xls; save it as .xlsx without a password")
	case k >= 4 && binary.LittleEndian.Uint32(head) == sigLocal:
		return nil, 0, errors.New("the zip file is cut off: its list of parts, which stands at the end, is missing")
	}
	return nil, 0, kindError("the file is no zip file, so it is no workbook")
}

// readEnd64 reads the ZIP64 record before the end record; at is negative where there is none.
func readEnd64(r io.ReaderAt, endAt int64) (count, length, offset, at int64, err error) {
	if endAt < sizeLocator64 {
		return 0, 0, 0, -1, nil
	}
	var loc [sizeLocator64]byte
	if _, err := r.ReadAt(loc[:], endAt-sizeLocator64); err != nil {
		return 0, 0, 0, 0, noEOF(err)
	}
	if binary.LittleEndian.Uint32(loc[:]) != sigLocator64 {
		return 0, 0, 0, -1, nil
	}
	at = int64(binary.LittleEndian.Uint64(loc[8:]))
	var end [sizeEnd64]byte
	if at < 0 || at > endAt-sizeLocator64-sizeEnd64 {
		return 0, 0, 0, 0, errors.New("the zip file is damaged: its ZIP64 record lies outside of the file")
	}
	if _, err := r.ReadAt(end[:], at); err != nil {
		return 0, 0, 0, 0, noEOF(err)
	}
	if binary.LittleEndian.Uint32(end[:]) != sigEnd64 {
		return 0, 0, 0, 0, errors.New("the zip file is damaged: there is no ZIP64 record where one must be")
	}
	count = int64(binary.LittleEndian.Uint64(end[32:]))
	length = int64(binary.LittleEndian.Uint64(end[40:]))
	offset = int64(binary.LittleEndian.Uint64(end[48:]))
	if count < 0 {
		count = MaxParts + 1
	}
	return count, length, offset, at, nil
}

func readCentral(b []byte) (*entry, int, error) {
	damaged := errors.New("the zip file is damaged: an item of its list of parts is broken")
	if len(b) < sizeCentral || binary.LittleEndian.Uint32(b) != sigCentral {
		return nil, 0, damaged
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	name, extra, comment := int(u16(b[28:])), int(u16(b[30:])), int(u16(b[32:]))
	n := sizeCentral + name + extra + comment
	if n > len(b) {
		return nil, 0, damaged
	}
	e := &entry{
		madeBy: u16(b[4:]), flags: u16(b[8:]), method: u16(b[10:]), time: u32(b[12:]), crc: u32(b[16:]),
		packed: int64(u32(b[20:])), size: int64(u32(b[24:])), internal: u16(b[36:]), external: u32(b[38:]), offset: int64(u32(b[42:])),
		raw: b[sizeCentral : sizeCentral+name], extra: b[sizeCentral+name : sizeCentral+name+extra], comment: b[n-comment : n],
	}
	if !utf8.Valid(e.raw) || len(e.raw) == 0 {
		return nil, 0, fmt.Errorf("the zip file has a part whose name is %q", e.raw)
	}
	e.name = strings.TrimPrefix(strings.ReplaceAll(string(e.raw), `\`, "/"), "/")
	if err := e.zip64(); err != nil {
		return nil, 0, err
	}
	switch {
	case e.flags&flagEncrypted != 0:
		return nil, 0, kindError(fmt.Sprintf("part %s is encrypted; save the workbook without a password", e.name))
	case e.method != methodStore && e.method != methodDeflate:
		return nil, 0, fmt.Errorf("part %s is compressed by method %d of the zip format; workbooks have 0 (stored) or 8 (deflate)", e.name, e.method)
	case e.method == methodStore && e.packed != e.size:
		return nil, 0, fmt.Errorf("part %s is stored as %d bytes, but said to have %d", e.name, e.packed, e.size)
	case e.size > MaxPart:
		return nil, 0, fmt.Errorf("part %s is said to have %d bytes inflated, at most %d can be", e.name, e.size, int64(MaxPart))
	case e.size > RatioFloor && e.size/MaxRatio > e.packed:
		return nil, 0, fmt.Errorf("part %s inflates from %d bytes to %d, more than %d times its size: this is a zip bomb, no workbook", e.name, e.packed, e.size, MaxRatio)
	}
	return e, n, nil
}

// zip64 takes the sizes that did not fit into 32 bits from the extra field (APPNOTE.TXT 4.5.3).
func (e *entry) zip64() error {
	field := extraField(e.extra, extraZip64)
	for _, p := range []*int64{&e.size, &e.packed, &e.offset} {
		if *p != all32 {
			continue
		}
		if len(field) < 8 {
			if field == nil {
				continue // exactly 2^32-1, as far as one can tell
			}
			return fmt.Errorf("part %s has a broken ZIP64 field", e.name)
		}
		v := binary.LittleEndian.Uint64(field)
		if v > 1<<62 {
			return fmt.Errorf("part %s has a size beyond all limits", e.name)
		}
		*p, field = int64(v), field[8:]
	}
	return nil
}

// extraField returns the content of the first field with this tag.
func extraField(extra []byte, tag uint16) []byte {
	for len(extra) >= 4 {
		t, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if 4+n > len(extra) {
			return nil
		}
		if t == tag {
			return extra[4 : 4+n]
		}
		extra = extra[4+n:]
	}
	return nil
}

// withoutExtra returns the fields without those of this tag. Bytes that are no field are left out.
func withoutExtra(extra []byte, tag uint16) []byte {
	var out []byte
	for len(extra) >= 4 {
		n := 4 + int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra) {
			break
		}
		if binary.LittleEndian.Uint16(extra) != tag {
			out = append(out, extra[:n]...)
		}
		extra = extra[n:]
	}
	return out
}

// readLocals reads the header before the data of each part, holds it against the central directory, and refuses parts
// that share bytes, of which bombs are made.
func (d *directory) readLocals(r io.ReaderAt, limit int64) error {
	// In the order of the file, so that what is read is never more than the file.
	order := append([]*entry(nil), d.entries...)
	sort.Slice(order, func(i, j int) bool { return order[i].offset < order[j].offset })
	var head [sizeLocal]byte
	for i, e := range order {
		if i > 0 && order[i-1].data+order[i-1].packed > e.offset {
			return fmt.Errorf("parts %s and %s share bytes of the file", order[i-1].name, e.name)
		}
		if e.offset > limit-sizeLocal {
			return fmt.Errorf("part %s lies outside of the file", e.name)
		}
		if _, err := r.ReadAt(head[:], e.offset); err != nil {
			return fmt.Errorf("part %s: read its header: %w", e.name, noEOF(err))
		}
		u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
		if u32(head[:]) != sigLocal {
			return fmt.Errorf("part %s has no header where the list of parts says it has", e.name)
		}
		name, extra := int(u16(head[26:])), int(u16(head[28:]))
		rest := make([]byte, name+extra)
		if _, err := r.ReadAt(rest, e.offset+sizeLocal); err != nil {
			return fmt.Errorf("part %s: read its header: %w", e.name, noEOF(err))
		}
		e.local = rest[name:]
		e.data = e.offset + sizeLocal + int64(name+extra)
		switch {
		case string(rest[:name]) != string(e.raw):
			return fmt.Errorf("part %s has the name %q in its own header", e.name, rest[:name])
		case u16(head[8:]) != e.method:
			return fmt.Errorf("part %s has another compression in its own header", e.name)
		case e.packed > limit-e.data:
			return fmt.Errorf("part %s is cut off: it reaches beyond the end of the file's data", e.name)
		}
		if u16(head[6:])&flagDescriptor == 0 {
			packed, size := int64(u32(head[18:])), int64(u32(head[22:]))
			if u32(head[14:]) != e.crc || packed != all32 && packed != e.packed || size != all32 && size != e.size {
				return fmt.Errorf("part %s has another checksum or size in its own header than in the list of parts", e.name)
			}
		}
	}
	return nil
}

// noEOF is err, but says of a file that ends too early what it is.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
