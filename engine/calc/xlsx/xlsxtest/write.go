package xlsxtest

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/klauspost/compress/flate"
)

// Options says what workbook to make. The zero value is completed by defaults.
type Options struct {
	Shape    Shape
	Rows     int  // rows with formulas in each sheet; 1000
	Formulas int  // formulas per row, for [Local] only; 4
	Data     int  // rows of data that [Lookup] and [SumIfs] search; Rows
	Sheets   int  // equal ones, Sheet1, Sheet2 and so on; 1
	Shared   bool // the first formula of a column has the text, the others share it
	NoValues bool // leave the cached values out
	Stale    bool // for [Local] only: the cached values are those of other inputs, so that a recalculation changes each
	Stored   bool // do not compress
	// Fill, where set, puts in the cells in place of a shape: it is called for each of Rows rows of each sheet, both counted from 1. There are no
	// cached values then.
	Fill func(sheet, row int, put *Cells)
}

// Shape is what the formulas of a workbook are like. In the texts below # is the number of the row.
type Shape int

const (
	// Local has three columns of inputs A to C and formulas of one row from D on, by turns: A#*B#, D#+C#, E#/B#,
	// IF(F#>C#,F#-C#,0.5), where the letter is that of the column on the left.
	Local Shape = iota
	// Chain has 1 in A1 and A1+1 in A2, and so on down.
	Chain
	// Growing has whole numbers in A and SUM($A$1:A#) in B.
	Growing
	// Lookup has unsorted keys in A with values in B, and VLOOKUP(D#,$A$1:$B$n,2,FALSE) in C for the keys in D.
	Lookup
	// SumIfs has texts in A, whole numbers in B and C, and SUMIFS($C$1:$C$n,$A$1:$A$n,E#,$B$1:$B$n,F#) in D.
	SumIfs
)

// maxRows is the number of rows that a sheet has.
const maxRows = 1 << 20

func (o Options) complete() (Options, error) {
	if o.Rows == 0 {
		o.Rows = 1000
	}
	if o.Formulas == 0 {
		o.Formulas = 4
	}
	if o.Data == 0 {
		o.Data = o.Rows
	}
	if o.Sheets == 0 {
		o.Sheets = 1
	}
	if o.Rows < 0 || o.Rows > maxRows || o.Data < 0 || o.Data > maxRows || o.Sheets < 0 || o.Formulas < 0 || o.Formulas > 1000 {
		return o, errors.New("make a workbook: there are more rows, columns or sheets than the format has")
	}
	return o, nil
}

// Create writes the workbook to a file.
func Create(path string, o Options) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(Write(w, o), w.Flush(), f.Close())
}

// Write writes the workbook.
func Write(w io.Writer, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 6) })
	index := 0 // of the sheet under way, from 1
	add := func(name string, content func(*sheet)) error {
		method := zip.Deflate
		if o.Stored {
			method = zip.Store
		}
		part, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			return err
		}
		s := &sheet{Options: o, w: part, index: index}
		s.text(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
		content(s)
		s.flush()
		return s.err
	}
	err = errors.Join(add("[Content_Types].xml", (*sheet).contentTypes),
		add("_rels/.rels", func(s *sheet) { s.relationships([2]string{"officeDocument", "xl/workbook.xml"}) }),
		add("xl/workbook.xml", (*sheet).workbook),
		add("xl/_rels/workbook.xml.rels", (*sheet).workbookLinks),
		add("xl/styles.xml", (*sheet).styles),
		add("xl/sharedStrings.xml", (*sheet).strings))
	for i := range o.Sheets {
		if index = i + 1; err == nil {
			err = add(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), (*sheet).cells)
		}
	}
	return errors.Join(err, z.Close())
}

const (
	nsMain    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsLinks   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPackage = "http://schemas.openxmlformats.org/package/2006/"
	kindMain  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// sheet writes one part.
type sheet struct {
	Options
	w     io.Writer
	buf   []byte
	err   error
	index int // of the sheet, from 1
}

func (s *sheet) text(t string) { s.buf = append(s.buf, t...) }

func (s *sheet) flush() {
	if s.err == nil {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

func (s *sheet) contentTypes() {
	s.text(`<Types xmlns="` + nsPackage + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + kindMain + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + kindMain + `styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="` + kindMain + `sharedStrings+xml"/>`)
	for i := range s.Sheets {
		s.text(`<Override PartName="/xl/worksheets/sheet` + strconv.Itoa(i+1) + `.xml" ContentType="` + kindMain + `worksheet+xml"/>`)
	}
	s.text(`</Types>`)
}

func (s *sheet) relationships(links ...[2]string) {
	s.text(`<Relationships xmlns="` + nsPackage + `relationships">`)
	for i, l := range links {
		s.text(`<Relationship Id="rId` + strconv.Itoa(i+1) + `" Type="` + nsLinks + "/" + l[0] + `" Target="` + l[1] + `"/>`)
	}
	s.text(`</Relationships>`)
}

func (s *sheet) workbookLinks() {
	var links [][2]string
	for i := range s.Sheets {
		links = append(links, [2]string{"worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i+1)})
	}
	s.relationships(append(links, [2]string{"styles", "styles.xml"}, [2]string{"sharedStrings", "sharedStrings.xml"})...)
}

func (s *sheet) workbook() {
	s.text(`<workbook xmlns="` + nsMain + `" xmlns:r="` + nsLinks + `"><sheets>`)
	for i := range s.Sheets {
		n := strconv.Itoa(i + 1)
		s.text(`<sheet name="Sheet` + n + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
	}
	s.text(`</sheets><calcPr calcId="191029"/></workbook>`)
}

// styles are what Excel cannot do without: one font, two fills, one border, one style.
func (s *sheet) styles() {
	s.text(`<styleSheet xmlns="` + nsMain + `"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>`)
}

func (s *sheet) strings() {
	s.text(`<sst xmlns="` + nsMain + `">`)
	for i := range categories {
		s.text(`<si><t>` + category(i) + `</t></si>`)
	}
	s.text(`</sst>`)
}

// categories is the number of texts in column A of [SumIfs].
const categories = 100

func category(i int) string { return fmt.Sprintf("category %d", i) }
