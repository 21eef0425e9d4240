package xlsx

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// External is another workbook that formulas name, as [1] for the first, with what this file remembers of it: the values of the cells that
// were read when it was saved (ECMA-376 part 1, 18.14).
type External struct {
	Target string // path or address, as written; empty where the link is broken
	Sheets []ExternalSheet
	Names  []ExternalName
}

// ExternalSheet is a sheet of another workbook.
type ExternalSheet struct {
	Name  string
	Known bool // the file remembers cells of the sheet, or that they were empty
	Cells []ExternalCell
}

// ExternalCell is a remembered cell.
type ExternalCell struct {
	Row, Col int32 // from 0
	Value    cell.Value
}

// ExternalName is a name that is defined in another workbook.
type ExternalName struct {
	Name    string
	Sheet   int    // -1 for the whole workbook
	Formula string // without "="
}

// externalXML is xl/externalLinks/externalLink1.xml.
type externalXML struct {
	Book struct {
		Sheets []struct {
			Name string `xml:"val,attr"`
		} `xml:"sheetNames>sheetName"`
		Names []struct {
			Name  string `xml:"name,attr"`
			Text  string `xml:"refersTo,attr"`
			Sheet *int   `xml:"sheetId,attr"`
		} `xml:"definedNames>definedName"`
		Data []struct {
			Sheet  int     `xml:"sheetId,attr"`
			Failed xmlBool `xml:"refreshError,attr"`
			Rows   []struct {
				Cells []struct {
					At    string `xml:"r,attr"`
					Kind  string `xml:"t,attr"`
					Value string `xml:"v"`
				} `xml:"cell"`
			} `xml:"row"`
		} `xml:"sheetDataSet>sheetData"`
	} `xml:"externalBook"`
}

// external reads what the file remembers of another workbook. A part that cannot be read is as good as none, because nothing but
// these values depends on it.
func (f *File) external(part string) (sheets []ExternalSheet, names []ExternalName) {
	e := f.parts.find(part)
	var doc externalXML
	if e == nil || f.decode(e, &doc) != nil {
		return nil, nil
	}
	for _, s := range doc.Book.Sheets {
		sheets = append(sheets, ExternalSheet{Name: s.Name})
	}
	for _, d := range doc.Book.Data {
		if d.Sheet < 0 || d.Sheet >= len(sheets) || bool(d.Failed) {
			continue
		}
		s := &sheets[d.Sheet]
		s.Known = true
		for _, row := range d.Rows {
			for _, c := range row.Cells {
				r, col, ok := cell.ParseAddress(c.At)
				if v, known := externalValue(c.Kind, c.Value); ok && known {
					s.Cells = append(s.Cells, ExternalCell{r, col, v})
				}
			}
		}
	}
	for _, n := range doc.Book.Names {
		name := ExternalName{Name: n.Name, Sheet: -1, Formula: strings.TrimPrefix(n.Text, "=")}
		if n.Sheet != nil && *n.Sheet >= 0 && *n.Sheet < len(sheets) {
			name.Sheet = *n.Sheet
		}
		names = append(names, name)
	}
	return sheets, names
}

// externalValue reads a value by its kind: n for numbers, which is the usual one, b, e and str.
func externalValue(kind, text string) (cell.Value, bool) {
	switch kind {
	case "b":
		return cell.Truth(isTrue([]byte(text))), true
	case "e":
		code, ok := cell.ParseError(text)
		return cell.Err(code), ok
	case "str":
		return cell.Str(string(unescape([]byte(text)))), true
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return cell.Num(x), err == nil
}
