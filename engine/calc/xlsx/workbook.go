package xlsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Workbook is what a workbook says of itself, without its cells.
type Workbook struct {
	Sheets    []Sheet // in the order of the tabs, those without cells included
	Names     []Name
	Tables    []Table
	Externals []External // other workbooks; [1] in a formula is the first
	Dates     cell.Dates
	Calc      Calc
	Formats   []string // number format code by style index
}

// Format returns the number format code of a style; "General" where there is no such style.
func (w *Workbook) Format(style uint32) string {
	if int64(style) < int64(len(w.Formats)) {
		return w.Formats[style]
	}
	return "General"
}

// Visibility says whether the tab of a sheet is shown.
type Visibility uint8

// The states of ST_SheetState.
const (
	Visible Visibility = iota
	Hidden
	VeryHidden // shown by no command of the user
)

// SheetKind is what a sheet holds.
type SheetKind uint8

// Only worksheets and macro sheets have cells.
const (
	Worksheet SheetKind = iota
	ChartSheet
	DialogSheet
	MacroSheet
	NoSheet // what the oldest format had as a sheet, a Visual Basic module: only its name is left
)

// Sheet is one tab.
type Sheet struct {
	Name       string
	Visibility Visibility
	Kind       SheetKind
	Part       string // name of its part in the file; "" for a NoSheet
}

// Name is a defined name.
type Name struct {
	Name    string
	Sheet   int    // the sheet on which it is known; -1 for all
	Formula string // without "="
	Hidden  bool
}

// Calc is how the workbook wants to be calculated.
type Calc struct {
	Mode       string  // "auto", "autoNoTable" or "manual"
	FullOnLoad bool    // the cached values are not to be trusted
	Iterate    bool    // cycles are calculated again and again
	Count      int     // at most so many times, 100 where not said
	Delta      float64 // until no value changes by more; 0.001 where not said
	Precision  bool    // calculate with displayed values
}

// Table is a named area with a row of headers.
type Table struct {
	Sheet      int
	Name       string // as formulas know it
	Area       cell.Area
	HeaderRows int
	TotalsRows int
	Columns    []Column
	Filter     bool // rows are hidden by the table's filter
}

// Column is one column of a table.
type Column struct {
	Name    string
	Formula string // of a calculated column, without "="; "" for none
}

// xmlBool reads xsd:boolean; what is absent is false.
type xmlBool bool

func (b *xmlBool) UnmarshalText(text []byte) error {
	switch strings.TrimSpace(string(text)) {
	case "1", "true", "on", "t":
		*b = true
	}
	return nil
}

type workbookXML struct {
	Pr struct {
		Date1904 xmlBool `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		IDS   string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
	} `xml:"sheets>sheet"`
	Externals []struct {
		ID  string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		IDS string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
	} `xml:"externalReferences>externalReference"`
	Names []struct {
		Name   string  `xml:"name,attr"`
		Sheet  *int    `xml:"localSheetId,attr"`
		Hidden xmlBool `xml:"hidden,attr"`
		Text   string  `xml:",chardata"`
	} `xml:"definedNames>definedName"`
	Calc *struct {
		Mode      string   `xml:"calcMode,attr"`
		Full      xmlBool  `xml:"fullCalcOnLoad,attr"`
		Iterate   xmlBool  `xml:"iterate,attr"`
		Count     *int     `xml:"iterateCount,attr"`
		Delta     *float64 `xml:"iterateDelta,attr"`
		Precision *xmlBool `xml:"fullPrecision,attr"`
	} `xml:"calcPr"`
}

var sheetKinds = map[string]SheetKind{"worksheet": Worksheet, "chartsheet": ChartSheet, "dialogsheet": DialogSheet,
	"xlMacrosheet": MacroSheet, "xlIntlMacrosheet": MacroSheet}

// loadWorkbook reads the workbook part and those that it links to.
func (f *File) loadWorkbook(part string) error {
	var doc workbookXML
	if err := f.decode(f.parts.find(part), &doc); err != nil {
		return err
	}
	rels, err := f.relationships(part)
	if err != nil {
		return err
	}
	w := &f.workbook
	if doc.Pr.Date1904 {
		w.Dates = cell.Dates1904
	}
	w.Calc = Calc{Mode: "auto", Count: 100, Delta: 0.001}
	if c := doc.Calc; c != nil {
		if c.Mode != "" {
			w.Calc.Mode = c.Mode
		}
		w.Calc.FullOnLoad, w.Calc.Iterate = bool(c.Full), bool(c.Iterate)
		if c.Count != nil {
			w.Calc.Count = *c.Count
		}
		if c.Delta != nil {
			w.Calc.Delta = *c.Delta
		}
		w.Calc.Precision = c.Precision != nil && !bool(*c.Precision)
	}
	known := sheetsKnown{rels: rels.byID(), names: map[string]bool{}, parts: map[*entry]string{}}
	for _, s := range doc.Sheets {
		if err := f.loadSheet(part, s.Name, s.State, s.ID+s.IDS, known); err != nil {
			return err
		}
	}
	if len(w.Sheets) == 0 {
		return f.partError(part, errors.New("the workbook has no sheets"))
	}
	for _, n := range doc.Names {
		name := Name{Name: n.Name, Sheet: -1, Formula: strings.TrimSpace(string(unescape([]byte(n.Text)))), Hidden: bool(n.Hidden)}
		if n.Sheet != nil {
			if *n.Sheet < 0 || *n.Sheet >= len(w.Sheets) {
				return f.partError(part, fmt.Errorf("the name %s belongs to sheet number %d of %d", n.Name, *n.Sheet, len(w.Sheets)))
			}
			name.Sheet = *n.Sheet
		}
		w.Names = append(w.Names, name)
	}
	for _, x := range doc.Externals {
		if err := f.loadExternal(known.rels, x.ID+x.IDS); err != nil {
			return err
		}
	}
	return f.loadLinked(part, rels)
}

// sheetsKnown is what loadSheet needs to know of the workbook and of the sheets before.
type sheetsKnown struct {
	rels  map[string]relationship
	names map[string]bool // in lower case
	parts map[*entry]string
}

func (f *File) loadSheet(part, name, state, id string, known sheetsKnown) error {
	rel, ok := known.rels[id]
	kind, readable := sheetKinds[rel.kind]
	if id == "" {
		kind, readable, ok = NoSheet, true, true
	}
	switch {
	case name == "":
		return f.partError(part, errors.New("a sheet has no name"))
	case known.names[strings.ToLower(name)]:
		return f.partError(part, fmt.Errorf("two sheets have the name %s", name))
	case !ok || rel.external:
		return f.partError(part, fmt.Errorf("sheet %s is linked to no part (relationship %q)", name, id))
	case !readable:
		return f.partError(part, fmt.Errorf("sheet %s is of an unknown kind, %q", name, rel.kind))
	}
	known.names[strings.ToLower(name)] = true
	s := Sheet{Name: name, Kind: kind, Part: rel.target}
	switch state {
	case "hidden":
		s.Visibility = Hidden
	case "veryHidden":
		s.Visibility = VeryHidden
	}
	var p sheetPart
	if kind == Worksheet || kind == MacroSheet {
		p.entry = f.parts.find(rel.target)
		switch {
		case p.entry == nil:
			return f.place(errors.New("the part is missing"), Error{Part: rel.target, Sheet: name})
		case strings.HasSuffix(strings.ToLower(rel.target), ".bin"):
			return f.place(kindError("the sheet is in a binary format; save the workbook as .xlsx"), Error{Part: rel.target, Sheet: name})
		}
		if other, twice := known.parts[p.entry]; twice {
			return f.place(fmt.Errorf("sheet %s is the same part", other), Error{Part: rel.target, Sheet: name})
		}
		known.parts[p.entry] = name
	}
	f.workbook.Sheets = append(f.workbook.Sheets, s)
	f.sheets = append(f.sheets, p)
	return nil
}

// loadExternal reads where a link to another workbook goes, and what is remembered of it. A link that is broken still counts, because
// formulas count them.
func (f *File) loadExternal(rels map[string]relationship, id string) error {
	var x External
	if rel, ok := rels[id]; ok && !rel.external {
		links, err := f.relationships(rel.target)
		if err != nil {
			return err
		}
		for _, l := range links {
			if l.external {
				x.Target = l.target
				break
			}
		}
		x.Sheets, x.Names = f.external(rel.target)
	}
	f.workbook.Externals = append(f.workbook.Externals, x)
	return nil
}

// loadLinked reads styles, metadata and tables, and finds the shared strings and the calculation chain.
func (f *File) loadLinked(part string, rels relationships) error {
	if rel, ok := rels.first("sharedStrings"); ok {
		if f.shared = f.parts.find(rel.target); f.shared == nil {
			return f.partError(rel.target, errors.New("the part is missing"))
		}
	}
	if rel, ok := rels.first("calcChain"); ok {
		f.chain = chainPart{entry: f.parts.find(rel.target), rels: f.parts.find(relsName(part)), id: rel.id}
	}
	f.workbook.Formats = []string{"General"}
	if rel, ok := rels.first("styles"); ok {
		if e := f.parts.find(rel.target); e != nil {
			if err := f.loadStyles(e); err != nil {
				return err
			}
		}
	}
	if rel, ok := rels.first("sheetMetadata"); ok {
		f.metadata = rel.target
		if e := f.parts.find(rel.target); e != nil {
			if err := f.loadMetadata(e, rels); err != nil {
				return err
			}
		}
	}
	names := map[string]bool{}
	for i := range f.sheets {
		if err := f.loadTables(i, names); err != nil {
			return err
		}
	}
	return nil
}
