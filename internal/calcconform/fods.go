package calcconform

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Document is a spreadsheet as the file has it, formulas not yet translated.
type Document struct {
	Sheets []*Sheet
	Names  []Name
}

// Sheet is one table of a document.
type Sheet struct {
	Name   string
	Cells  map[At]*Cell
	Hidden map[int32]bool // rows; true for those that a filter hides
}

// At is a place on a sheet, counted from 0.
type At struct{ Row, Col int32 }

// Cell is a cell that holds something.
type Cell struct {
	Formula string // in OpenFormula without "of:=", "" where there is none
	Excel   string // or in Excel's syntax without "="
	// Rows and Cols are the area of an array formula, which begins here; 0 where it is none.
	Rows, Cols int32
	Value      cell.Value // as the document was saved
	Shown      string     // the text of the cell
	Error      bool       // LibreOffice shows an error; Value is the same where Excel has it, else #VALUE!
}

// Name is a named area or expression.
type Name struct {
	Name, Expression string // an expression in OpenFormula
	Sheet            string // where the name begins to count its relative ends
	Base             At
}

// The greatest area of a sheet that is read cell by cell; repetitions beyond it are of empty cells in all known documents.
const (
	maxRepeatRows = 1 << 12
	maxRepeatCols = 1 << 10
	maxCells      = 1 << 20 // of a document
)

type reader struct {
	d     *xml.Decoder
	doc   *Document
	sheet *Sheet
	at    At
	cells int
}

// Read reads a flat OpenDocument spreadsheet.
func Read(r io.Reader) (*Document, error) {
	p := &reader{d: xml.NewDecoder(r), doc: &Document{}}
	for {
		t, err := p.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the document: %w", err)
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch s.Name.Local {
		case "table":
			err = p.table(s)
		case "named-range", "named-expression":
			p.name(s)
		case "database-range":
			p.doc.Names = append(p.doc.Names, Name{Name: attr(s, "name"), Expression: "[" + attr(s, "target-range-address") + "]"})
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.doc.Sheets) == 0 {
		return nil, errors.New("the document has no sheet")
	}
	return p.doc, nil
}

// attr returns the attribute of this name, in whatever name space.
func attr(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// repeat reads a number of repetitions, 1 where there is none.
func repeat(s xml.StartElement, name string) int32 {
	n, err := strconv.ParseInt(attr(s, name), 10, 32)
	if err != nil || n < 1 {
		return 1
	}
	return int32(n)
}

func (p *reader) name(s xml.StartElement) {
	n := Name{Name: attr(s, "name"), Expression: strings.TrimPrefix(attr(s, "expression"), "of:")}
	if area := attr(s, "cell-range-address"); area != "" {
		n.Expression = "[" + area + "]"
	}
	sheet, address := cutSheet(attr(s, "base-cell-address"))
	n.Sheet = sheet
	n.Base.Row, n.Base.Col, _ = cell.ParseAddress(address)
	p.doc.Names = append(p.doc.Names, n)
}

// table reads a sheet. Copies of sheets of other documents are left out.
func (p *reader) table(s xml.StartElement) error {
	p.sheet = &Sheet{Name: attr(s, "name"), Cells: map[At]*Cell{}, Hidden: map[int32]bool{}}
	p.at = At{}
	copied := false
	for {
		t, err := p.d.Token()
		if err != nil {
			return fmt.Errorf("read the sheet %s: %w", p.sheet.Name, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "table-source":
				copied = true
			case "table-row":
				err = p.row(t)
			case "named-range", "named-expression":
				p.name(t)
			case "shapes", "forms", "conditional-formats", "scenario":
				err = p.d.Skip()
			}
			if err != nil {
				return fmt.Errorf("read the sheet %s: %w", p.sheet.Name, err)
			}
		case xml.EndElement:
			if t.Name.Local == "table" {
				if !copied {
					p.doc.Sheets = append(p.doc.Sheets, p.sheet)
				}
				return nil
			}
		}
	}
}

func (p *reader) row(s xml.StartElement) error {
	n := repeat(s, "number-rows-repeated")
	p.at.Col = 0
	var cells []*Cell
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "table-cell" && t.Name.Local != "covered-table-cell" {
				if err := p.d.Skip(); err != nil {
					return err
				}
				continue
			}
			times := repeat(t, "number-columns-repeated")
			c, err := p.cell(t)
			if err != nil {
				return err
			}
			if c != nil {
				for range min(times, maxRepeatCols) {
					cells = append(cells, c)
				}
			} else if times <= maxRepeatCols {
				cells = append(cells, make([]*Cell, times)...)
			}
		case xml.EndElement:
			if t.Name.Local != "table-row" {
				continue
			}
			visible := attr(s, "visibility")
			for i := range min(n, maxRepeatRows) {
				at := At{Row: p.at.Row + i}
				if visible == "collapse" || visible == "filter" {
					p.sheet.Hidden[at.Row] = visible == "filter"
				}
				for col, c := range cells {
					if c == nil {
						continue
					}
					if p.cells++; p.cells > maxCells {
						return fmt.Errorf("more than %d cells", maxCells)
					}
					at.Col = int32(col)
					p.sheet.Cells[at] = c
				}
			}
			p.at.Row += n
			return nil
		}
	}
}

// cell reads a cell, nil where it holds nothing.
func (p *reader) cell(s xml.StartElement) (*Cell, error) {
	var text strings.Builder
	paragraphs := 0
	depth := 1
	for depth > 0 {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "annotation":
				if err := p.d.Skip(); err != nil {
					return nil, err
				}
				continue
			case "p":
				if paragraphs++; paragraphs > 1 {
					text.WriteByte('\n')
				}
			case "s":
				n := repeat(t, "c")
				text.WriteString(strings.Repeat(" ", int(min(n, cell.MaxCols))))
			case "tab":
				text.WriteByte('\t')
			case "line-break":
				text.WriteByte('\n')
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth > 1 {
				text.Write(t)
			}
		}
	}
	c := &Cell{Shown: text.String()}
	c.Formula = strings.TrimLeft(strings.TrimPrefix(attr(s, "formula"), "of:"), "=")
	if attr(s, "number-matrix-rows-spanned") != "" {
		c.Rows = min(repeat(s, "number-matrix-rows-spanned"), maxRepeatCols)
		c.Cols = min(repeat(s, "number-matrix-columns-spanned"), maxRepeatCols)
	}
	c.read(s)
	if c.Formula == "" && c.Value.IsBlank() {
		return nil, nil
	}
	return c, nil
}

// errorNumber is how LibreOffice shows an error that Excel does not have, in the languages of the documents.
var errorNumber = regexp.MustCompile(`^\pL+:\d{3}$`)

// read reads the value from the attributes of the cell.
func (c *Cell) read(s xml.StartElement) {
	number := func(f float64, ok bool) {
		if ok {
			c.Value = cell.Num(f)
		}
	}
	kind := ""
	for _, a := range s.Attr {
		// The name space of LibreOffice comes second and knows errors.
		if a.Name.Local == "value-type" && a.Value != "" {
			kind = a.Value
		}
	}
	switch kind {
	case "float", "percentage", "currency":
		f, err := strconv.ParseFloat(attr(s, "value"), 64)
		number(f, err == nil)
	case "boolean": // a number with a format, so that it may be any
		b := attr(s, "boolean-value")
		f, err := strconv.ParseFloat(b, 64)
		if number(f, err == nil); err != nil {
			c.Value = cell.Truth(b == "true")
		}
	case "date":
		number(dateSerial(attr(s, "date-value")))
	case "time":
		number(timeSerial(attr(s, "time-value")))
	case "error":
		c.Value = cell.Err(cell.ErrValue)
	case "string":
		c.Value = cell.Str(c.Shown)
		for _, a := range s.Attr {
			if a.Name.Local == "string-value" {
				c.Value = cell.Str(a.Value)
			}
		}
	}
	// Not all versions marked errors as such. What is marked and shows nothing was never computed.
	if c.Formula != "" && (c.Value.IsError() || c.Value.Kind() == cell.Text && c.Value.Text() == "") {
		if code, ok := cell.ParseError(c.Shown); ok {
			c.Error, c.Value = true, cell.Err(code)
		} else if errorNumber.MatchString(c.Shown) {
			c.Error, c.Value = true, cell.Err(cell.ErrValue)
		}
	}
}

// dateSerial reads 2012-01-31 or 2012-01-31T12:30:00 as Excel would have it. Days before 1900 are negative, as in LibreOffice.
func dateSerial(s string) (float64, bool) {
	day, clock, _ := strings.Cut(s, "T")
	negative := strings.HasPrefix(day, "-")
	parts := strings.Split(strings.TrimPrefix(day, "-"), "-")
	if len(parts) != 3 || negative {
		return 0, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v > 1e5 {
			return 0, false
		}
		n[i] = v
	}
	f, _ := cell.Dates1900.Serial(n[0], n[1], n[2])
	if n[0] < 1900 {
		f--
	}
	if clock != "" {
		t, ok := clockTime(strings.Split(clock, ":"))
		return f + t, ok
	}
	return f, true
}

// timeSerial reads PT12H30M00S as a part of a day.
func timeSerial(s string) (float64, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "PT")
	f, ok := clockTime(strings.FieldsFunc(s, func(r rune) bool { return r == 'H' || r == 'M' || r == 'S' }))
	if negative {
		f = -f
	}
	return f, ok
}

func clockTime(parts []string) (float64, bool) {
	if len(parts) != 3 {
		return 0, false
	}
	seconds := 0.0
	for _, p := range parts {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return 0, false
		}
		seconds = seconds*60 + v
	}
	return seconds / 86400, true
}
