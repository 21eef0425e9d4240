package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// File is an open workbook. Its methods may be called by several goroutines, Read and Write one at a time.
type File struct {
	path     string
	file     *os.File // nil where the workbook is read from memory
	r        io.ReaderAt
	size     int64
	modified time.Time
	mode     os.FileMode

	parts    *directory
	workbook Workbook
	sheets   []sheetPart      // beside workbook.Sheets
	shared   *entry           // the shared strings; nil where there are none
	chain    chainPart        // the calculation chain
	main     string           // the part with the workbook
	metadata string           // the part with metadata; "" where none is named
	dynamic  []bool           // by cell metadata, from 0: whether it marks a dynamic array
	rich     []cell.ErrorCode // by value metadata, from 0: the error that it marks, 0 for none

	strings *cell.Strings
	mu      sync.Mutex
	ids     []uint32 // by index of the shared string: its number in strings; nil before they are read

	kept map[*entry]*keptPart // see [File.Keep]
}

// sheetPart is where a sheet is in the file, and what a scan has found out about it.
type sheetPart struct {
	entry *entry // nil for sheets without cells
	shape *shape // nil until the sheet was scanned
}

// Open opens a workbook and reads all but its cells and shared strings. Close it.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the workbook: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		_ = file.Close()
		return nil, &Error{File: path, Err: err}
	}
	f := &File{path: path, file: file, r: file, size: info.Size(), modified: info.ModTime(), mode: info.Mode().Perm()}
	if err := f.load(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return f, nil
}

// OpenReader opens a workbook of size bytes that r gives, under a name for messages. r must not change and serve
// several goroutines.
func OpenReader(r io.ReaderAt, size int64, name string) (*File, error) {
	f := &File{path: name, r: r, size: size, mode: 0o644}
	return f, f.load()
}

// Close closes the file. What Workbook and Strings gave remains.
func (f *File) Close() error {
	f.kept = nil
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Path returns the name under which the file was opened.
func (f *File) Path() string { return f.path }

// Workbook returns what the workbook says of itself. It must not be changed.
func (f *File) Workbook() *Workbook { return &f.workbook }

// Strings is the table of the texts that Read and Write find. Shared strings are in it after the first of them.
func (f *File) Strings() *cell.Strings { return f.strings }

// Bytes returns how many bytes of XML a call of Read goes through; its progress adds up to them.
func (f *File) Bytes() int64 {
	var n int64
	if f.shared != nil {
		n = f.shared.size
	}
	for _, s := range f.sheets {
		if s.entry != nil {
			n += s.entry.size
		}
	}
	return n
}

// load reads the directory and the small parts.
func (f *File) load() error {
	f.strings = cell.NewStrings()
	var err error
	if f.parts, err = readDirectory(f.r, f.size); err != nil {
		return f.partError("", err)
	}
	roots, err := f.relationships("")
	if err != nil {
		return err
	}
	main, ok := roots.first("officeDocument")
	switch {
	case !ok:
		return f.partError("", kindError("the zip file holds no office document (_rels/.rels names none)"))
	case strings.HasSuffix(strings.ToLower(main.target), ".bin"):
		return f.partError("", kindError("the workbook is in the binary format .xlsb; save it as .xlsx"))
	case f.parts.find(main.target) == nil:
		return f.partError(main.target, errors.New("the part is missing"))
	}
	f.main = main.target
	return f.loadWorkbook(main.target)
}

// decode reads a small part of XML into v, whose tags name elements without their namespace.
func (f *File) decode(e *entry, v any) error {
	b, err := f.readSmall(e)
	if err != nil {
		return err
	}
	return f.partError(e.name, decodeXML(b, v))
}

func decodeXML(b []byte, v any) error {
	n, more, err := prolog(b)
	switch {
	case err != nil:
		return err
	case more:
		return errors.New("it has no root element")
	}
	d := xml.NewTokenDecoder(&depthGuard{d: xml.NewDecoder(bytes.NewReader(b[n:]))})
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("its XML is broken: %w", err)
	}
	return nil
}

// depthGuard refuses a nesting that no part has, and declarations.
type depthGuard struct {
	d     *xml.Decoder
	depth int
}

func (g *depthGuard) Token() (xml.Token, error) {
	t, err := g.d.Token()
	switch t.(type) {
	case xml.StartElement:
		if g.depth++; g.depth > MaxNesting {
			return nil, fmt.Errorf("elements are nested more than %d deep", MaxNesting)
		}
	case xml.EndElement:
		g.depth--
	case xml.Directive:
		return nil, errDTD
	}
	return t, err
}

// relationship is a link from one part to another.
type relationship struct {
	id, kind string // the kind is the last element of the type's URI, which the strict form has under another host
	target   string // a part name, or the address itself where external
	external bool
}

type relationships []relationship

func (r relationships) first(kind string) (relationship, bool) {
	for _, rel := range r {
		if rel.kind == kind && !rel.external {
			return rel, true
		}
	}
	return relationship{}, false
}

// byID returns them by their name. Where two have one, the first counts.
func (r relationships) byID() map[string]relationship {
	m := make(map[string]relationship, len(r))
	for _, rel := range r {
		if _, twice := m[rel.id]; !twice {
			m[rel.id] = rel
		}
	}
	return m
}

// relsName is the name of the part with the relationships of a part; "" is the package.
func relsName(part string) string {
	dir, base := path.Split(part)
	return dir + "_rels/" + base + ".rels"
}

// relationships reads those of a part. A part without any has none.
func (f *File) relationships(part string) (relationships, error) {
	e := f.parts.find(relsName(part))
	if e == nil {
		return nil, nil
	}
	var doc struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		}
	}
	if err := f.decode(e, &doc); err != nil {
		return nil, err
	}
	var out relationships
	for _, r := range doc.Relationship {
		rel := relationship{id: r.ID, kind: path.Base(r.Type), target: r.Target, external: strings.EqualFold(r.Mode, "External")}
		if !rel.external {
			rel.target = resolve(part, r.Target)
		}
		out = append(out, rel)
	}
	return out, nil
}

// resolve returns the part name that a target names, seen from a part.
func resolve(part, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", path.Dir("/"+part), target)
	}
	return strings.TrimPrefix(path.Clean(target), "/")
}
