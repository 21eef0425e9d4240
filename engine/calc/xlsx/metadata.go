package xlsx

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// metadataXML is the part that says what the indexes cm and vm of cells mean (ECMA-376 part 1, 18.9). What an entry of a type
// means stands in the future metadata of that type.
type metadataXML struct {
	Types []struct {
		Name string `xml:"name,attr"`
	} `xml:"metadataTypes>metadataType"`
	Future []struct {
		Name   string `xml:"name,attr"`
		Blocks []struct {
			Dynamic []struct {
				On xmlBool `xml:"fDynamic,attr"`
			} `xml:"extLst>ext>dynamicArrayProperties"`
			Rich []struct {
				Index int `xml:"i,attr"`
			} `xml:"extLst>ext>rvb"`
		} `xml:"bk"`
	} `xml:"futureMetadata"`
	Cells  []metadataBlock `xml:"cellMetadata>bk"`
	Values []metadataBlock `xml:"valueMetadata>bk"`
}

type metadataBlock struct {
	Records []struct {
		Type  int `xml:"t,attr"`
		Value int `xml:"v,attr"`
	} `xml:"rc"`
}

// find returns for a block the list in the future metadata of this name and the index there, negative where it has none.
func (m *metadataXML) find(b metadataBlock, name string) (future, index int) {
	for _, r := range b.Records {
		if r.Type < 1 || r.Type > len(m.Types) || m.Types[r.Type-1].Name != name {
			continue
		}
		for i, f := range m.Future {
			if f.Name == name && r.Value >= 0 && r.Value < len(f.Blocks) {
				return i, r.Value
			}
		}
	}
	return -1, -1
}

// loadMetadata finds which indexes of cell metadata mark a dynamic array: those whose type is XLDAPR and whose entry
// there has fDynamic set (MS-XLSX, dynamicArrayProperties); and which of value metadata mark an error.
func (f *File) loadMetadata(e *entry, rels relationships) error {
	var doc metadataXML
	if err := f.decode(e, &doc); err != nil {
		return err
	}
	f.dynamic = make([]bool, len(doc.Cells))
	for i, c := range doc.Cells {
		if future, index := doc.find(c, "XLDAPR"); index >= 0 {
			for _, p := range doc.Future[future].Blocks[index].Dynamic {
				f.dynamic[i] = f.dynamic[i] || bool(p.On)
			}
		}
	}
	errors, err := f.richErrors(rels)
	if err != nil {
		return err
	}
	f.rich = make([]cell.ErrorCode, len(doc.Values))
	for i, v := range doc.Values {
		if future, index := doc.find(v, "XLRICHVALUE"); index >= 0 {
			for _, r := range doc.Future[future].Blocks[index].Rich {
				f.rich[i] = errors[r.Index]
			}
		}
	}
	return nil
}

// richErrors returns which rich values are errors. The errors that came after 2016, such as #SPILL!, are written as
// #VALUE! with a rich value that has the true type, so that older programs read them (MS-XLSX, rich values).
func (f *File) richErrors(rels relationships) (map[int]cell.ErrorCode, error) {
	var shapes struct {
		Shapes []struct {
			Type string `xml:"t,attr"`
			Keys []struct {
				Name string `xml:"n,attr"`
			} `xml:"k"`
		} `xml:"s"`
	}
	var values struct {
		Values []struct {
			Shape  int      `xml:"s,attr"`
			Fields []string `xml:"v"`
		} `xml:"rv"`
	}
	for kind, doc := range map[string]any{"rdRichValueStructure": &shapes, "rdRichValue": &values} {
		rel, ok := rels.first(kind)
		if !ok {
			return nil, nil
		}
		if e := f.parts.find(rel.target); e != nil {
			if err := f.decode(e, doc); err != nil {
				return nil, err
			}
		}
	}
	errors := map[int]cell.ErrorCode{}
	for i, v := range values.Values {
		if v.Shape < 0 || v.Shape >= len(shapes.Shapes) || shapes.Shapes[v.Shape].Type != "_error" {
			continue
		}
		for k, key := range shapes.Shapes[v.Shape].Keys {
			if key.Name != "errorType" || k >= len(v.Fields) {
				continue
			}
			// The types count from 0 what ERROR.TYPE counts from 1.
			errors[i] = cell.ErrUnknown
			if n, err := strconv.Atoi(strings.TrimSpace(v.Fields[k])); err == nil && n >= 0 && n < int(cell.ErrCalc) {
				errors[i] = cell.ErrorCode(n + 1)
			}
		}
	}
	return errors, nil
}

// richIndex returns the index of value metadata, from 1, that marks this error; 0 where the file has none.
func (f *File) richIndex(code cell.ErrorCode) int {
	for i, c := range f.rich {
		if c == code {
			return i + 1
		}
	}
	return 0
}
