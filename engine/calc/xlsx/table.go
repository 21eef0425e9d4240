package xlsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// loadTables reads the tables of a sheet. Names are those of the tables before it, in lower case.
func (f *File) loadTables(sheet int, names map[string]bool) error {
	if f.sheets[sheet].entry == nil {
		return nil
	}
	rels, err := f.relationships(f.workbook.Sheets[sheet].Part)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if rel.kind != "table" || rel.external {
			continue
		}
		at := Error{Part: rel.target, Sheet: f.workbook.Sheets[sheet].Name}
		e := f.parts.find(rel.target)
		if e == nil {
			return f.place(errors.New("the part is missing"), at)
		}
		t, err := f.readTable(e, sheet)
		if err != nil {
			return err
		}
		if key := strings.ToLower(t.Name); names[key] {
			return f.place(fmt.Errorf("two tables have the name %s", t.Name), at)
		} else {
			names[key] = true
		}
		f.workbook.Tables = append(f.workbook.Tables, t)
	}
	return nil
}

func (f *File) readTable(e *entry, sheet int) (Table, error) {
	var doc struct {
		Name    string `xml:"name,attr"`
		Display string `xml:"displayName,attr"`
		Ref     string `xml:"ref,attr"`
		Headers *int   `xml:"headerRowCount,attr"`
		Totals  int    `xml:"totalsRowCount,attr"`
		Filter  []struct {
			ID int `xml:"colId,attr"`
		} `xml:"autoFilter>filterColumn"`
		Columns []struct {
			Name    string `xml:"name,attr"`
			Formula string `xml:"calculatedColumnFormula"`
		} `xml:"tableColumns>tableColumn"`
	}
	if err := f.decode(e, &doc); err != nil {
		return Table{}, err
	}
	t := Table{Sheet: sheet, Name: doc.Display, HeaderRows: 1, TotalsRows: doc.Totals, Filter: len(doc.Filter) > 0}
	if t.Name == "" {
		t.Name = doc.Name
	}
	if doc.Headers != nil {
		t.HeaderRows = *doc.Headers
	}
	area, ok := parseArea(doc.Ref)
	area.Sheet = int32(sheet)
	t.Area = area
	var wrong error
	switch {
	case t.Name == "":
		wrong = errors.New("the table has no name")
	case !ok:
		wrong = fmt.Errorf("the table %s stands at %q, which is no area", t.Name, doc.Ref)
	case t.HeaderRows < 0 || t.TotalsRows < 0 || t.HeaderRows+t.TotalsRows > area.Rows():
		wrong = fmt.Errorf("the table %s has %d rows of headers and %d of totals in %s", t.Name, t.HeaderRows, t.TotalsRows, area)
	case len(doc.Columns) != area.Cols():
		wrong = fmt.Errorf("the table %s has %d columns in %s", t.Name, len(doc.Columns), area)
	}
	if wrong != nil {
		return t, f.place(wrong, Error{Part: e.name, Sheet: f.workbook.Sheets[sheet].Name})
	}
	for _, c := range doc.Columns {
		t.Columns = append(t.Columns, Column{Name: string(unescape([]byte(c.Name))), Formula: string(unescape([]byte(c.Formula)))})
	}
	return t, nil
}

// parseArea reads "B2" or "B2:C9", whose corners may be any two opposite ones. The sheet is 0.
func parseArea(s string) (cell.Area, bool) {
	first, last, two := strings.Cut(s, ":")
	r0, c0, ok := cell.ParseAddress(first)
	if !ok {
		return cell.Area{}, false
	}
	r1, c1 := r0, c0
	if two {
		if r1, c1, ok = cell.ParseAddress(last); !ok {
			return cell.Area{}, false
		}
	}
	return cell.Area{R0: min(r0, r1), C0: min(c0, c1), R1: max(r0, r1), C1: max(c0, c1)}, true
}
