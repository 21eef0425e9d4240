package xlsx_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// simple is a small workbook as a file.
func simple(t testing.TB) []byte { return pack(t, book(row(`<c r="A1"><v>1</v></c>`))) }

// field finds a record of the zip format by its signature, the n-th from 0, and returns the place of a field in it.
func field(t *testing.T, b []byte, signature string, n, offset int) int {
	t.Helper()
	at := -1
	for ; n >= 0; n-- {
		k := bytes.Index(b[at+1:], []byte(signature))
		if k < 0 {
			t.Fatal("no such record")
		}
		at += 1 + k
	}
	return at + offset
}

const (
	central = "PK\x01\x02"
	local   = "PK\x03\x04"
	ending  = "PK\x05\x06"
)

// withPart makes a workbook with one more part, whose headers say what they are told.
func withPart(t *testing.T, h *zip.FileHeader, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range book(row(``)) {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = io.WriteString(w, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.CreateRaw(h)
	if err == nil {
		_, err = w.Write(data)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDamagedFiles(t *testing.T) {
	change := func(signature string, n, offset int, to ...byte) func(*testing.T, []byte) []byte {
		return func(t *testing.T, b []byte) []byte {
			copy(b[field(t, b, signature, n, offset):], to)
			return b
		}
	}
	// Parts in the order of book: 0 is [Content_Types].xml, 5 the sheet.
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, []byte) []byte
		want  string
	}{
		{"empty", func(*testing.T, []byte) []byte { return nil }, "the file is empty"},
		{"text", func(*testing.T, []byte) []byte { return []byte("a,b\n1,2\n") }, "the file is no zip file"},
		{"old or encrypted", func(*testing.T, []byte) []byte { return []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1........") }, "encrypted or in the old format .xls"},
		{"cut off", func(_ *testing.T, b []byte) []byte { return b[:len(b)/2] }, "the zip file is cut off"},
		{"front missing", func(_ *testing.T, b []byte) []byte { return b[100:] }, "lies outside of the file"},
		{"checksum", func(t *testing.T, b []byte) []byte {
			b[field(t, b, central, 5, 16)]++
			return b
		}, "the file is damaged"},
		{"too small", change(central, 5, 24, 1, 0, 0, 0), "inflates to"},
		{"too large", change(central, 5, 24, 0, 0x10, 0, 0), "inflates to"},
		{"compressed data", func(t *testing.T, b []byte) []byte {
			at := field(t, b, local, 5, 30)
			for i := range 20 {
				b[at+30+i] ^= 0x55
			}
			return b
		}, "sheet1.xml"},
		{"encrypted part", change(central, 5, 8, 1, 8), "part xl/worksheets/sheet1.xml is encrypted"},
		{"compression", change(central, 5, 10, 14, 0), "is compressed by method 14"},
		{"local name", change(local, 5, 30, 'y'), "in its own header"},
		{"local compression", change(local, 5, 8, 0), "another compression in its own header"},
		{"local size", change(local, 5, 6, 0, 0), "another checksum or size in its own header"},
		{"no local header", change(local, 5, 0, 'X'), "has no header where the list of parts says"},
		{"offset", change(central, 5, 42, 0xff, 0xff, 0xff, 0x7f), "lies outside of the file"},
		{"length", change(central, 5, 20, 0xff, 0xff, 0xff, 0x7f), "is cut off: it reaches beyond the end"},
		{"shared bytes", func(t *testing.T, b []byte) []byte {
			b[field(t, b, central, 0, 20)] += 60
			return b
		}, "share bytes of the file"},
		{"list elsewhere", change(ending, 0, 16, 0xf0, 0xff, 0xff, 0x7f), "its list of parts lies outside of the file"},
		{"too many", change(ending, 0, 10, 0xf0, 0xff), "its list of parts"},
		{"broken item", change(central, 3, 0, 'X'), "an item of its list of parts is broken"},
		{"several volumes", change(ending, 0, 4, 3, 0), "one of several volumes"},
		{"no name", change(central, 5, 46, 0xff), "has a part whose name is"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(t, c.spoil(t, simple(t)))
			if err == nil {
				_, err = read(f)
			}
			var e *xlsx.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTwoPartsOfOneName(t *testing.T) {
	b := pack(t, append(book(row(``)), part{"XL/Workbook.xml", "x"}))
	if _, err := open(t, b); err == nil || !strings.Contains(err.Error(), "the zip file has two parts with the name XL/Workbook.xml") {
		t.Errorf("got %v", err)
	}
}

// TestBomb: a gigabyte of cells in a megabyte is refused before it is inflated, and also where the sizes lie.
func TestBomb(t *testing.T) {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 6)
	piece := []byte(strings.Repeat("<c/>", 1<<18))
	_, _ = io.WriteString(w, `<worksheet><sheetData><row>`)
	_, _ = w.Write(piece)
	_ = w.Flush()
	// A piece refers only to bytes like its own before it, so that its compressed form may be repeated.
	from := b.Len()
	_, _ = w.Write(piece)
	_ = w.Flush()
	again := bytes.Clone(b.Bytes()[from:])
	for range 1022 {
		b.Write(again)
	}
	_ = w.Close()
	size := uint64(len(`<worksheet><sheetData><row>`) + 1024*len(piece))
	for _, c := range []struct {
		name string
		size uint64
		want string
	}{
		{"true size", size, "part xl/worksheets/sheet1.xml inflates from"},
		{"false size", 1000, "(xl/worksheets/sheet1.xml of test.xlsx): it inflates to more than the 1000 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &zip.FileHeader{Name: "xl/worksheets/sheet2.xml", Method: zip.Deflate, CompressedSize64: uint64(b.Len()), UncompressedSize64: c.size}
			file := withPart(t, h, b.Bytes())
			// The part takes the place of the sheet.
			file = bytes.ReplaceAll(file, []byte("xl/worksheets/sheet1.xml"), []byte("xl/worksheets/sheet9.xml"))
			file = bytes.ReplaceAll(file, []byte("xl/worksheets/sheet2.xml"), []byte("xl/worksheets/sheet1.xml"))
			f, err := open(t, file)
			if err == nil {
				_, err = read(f)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestZip64: a file all of whose sizes stand in ZIP64 records is read, and its copy too.
func TestZip64(t *testing.T) {
	b := simple(t)
	at := field(t, b, ending, 0, 0)
	count, length, offset := binary.LittleEndian.Uint16(b[at+10:]), binary.LittleEndian.Uint32(b[at+12:]), binary.LittleEndian.Uint32(b[at+16:])
	var end [56]byte
	copy(end[:], "PK\x06\x06")
	binary.LittleEndian.PutUint64(end[4:], 44)
	binary.LittleEndian.PutUint64(end[32:], uint64(count))
	binary.LittleEndian.PutUint64(end[40:], uint64(length))
	binary.LittleEndian.PutUint64(end[48:], uint64(offset))
	var locator [20]byte
	copy(locator[:], "PK\x06\x07")
	binary.LittleEndian.PutUint64(locator[8:], uint64(at))
	locator[16] = 1
	tail := append([]byte(nil), b[at:]...)
	for i := 8; i < 20; i++ {
		tail[i] = 0xff
	}
	b = append(append(append(b[:at:at], end[:]...), locator[:]...), tail...)
	f, err := open(t, b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(f)
	if err != nil || got[0].cells["A1"] != "1" {
		t.Errorf("got %v %v", got, err)
	}
	dst, err := rewrite(t, b, &fixed{values: values("A1", 2)})
	if err != nil {
		t.Fatal(err)
	}
	if _, parts := readParts(t, dst); !strings.Contains(parts["xl/worksheets/sheet1.xml"], "<v>2</v>") {
		t.Error("the copy has another value")
	}
}

func TestStoredParts(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range book(row(`<c r="A1"><v>1</v></c>`)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = z.SetComment("a comment")
	_ = z.Close()
	dst, err := rewrite(t, b.Bytes(), &fixed{values: values("A1", 2)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.OpenReader(dst)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if r.Comment != "a comment" {
		t.Errorf("comment %q", r.Comment)
	}
	if _, parts := readParts(t, dst); !strings.Contains(parts["xl/worksheets/sheet1.xml"], "<v>2</v>") {
		t.Error("the copy has another value")
	}
}
