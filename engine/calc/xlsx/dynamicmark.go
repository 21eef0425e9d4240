package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

const dynamicName = "XLDAPR"

// What marks dynamic arrays (MS-XLSX 2.3.13, dynamicArrayProperties). ~ stands for the prefix of elements.
const (
	dynamicType = `<~metadataType name="` + dynamicName + `" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" splitFirst="1" ` +
		`rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/>`
	dynamicFuture = `<~futureMetadata name="` + dynamicName + `" count="1"><~bk><~extLst><~ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">` +
		`<xda:dynamicArrayProperties xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray" fDynamic="1" fCollapsed="0"/>` +
		`</~ext></~extLst></~bk></~futureMetadata>`
	noMetadata = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<metadata xmlns="%s"></metadata>`
)

// marker puts a mark for dynamic arrays into a part with metadata, as the part passes by. Lists stand in the order metadataTypes, metadataStrings,
// mdxMetadata, futureMetadata, cellMetadata, valueMetadata (ECMA-376 part 1, 18.9).
type marker struct {
	src      []byte
	out      []byte
	copied   int    // how much of src is in out
	prefix   string // of elements, with the colon
	children int    // of the list under way
	types    int    // the number of the type, from 1; 0 before it is known
	mark     int    // that of the cell metadata
	placed   bool   // the future metadata are in
}

// withMark adds a mark for dynamic arrays to a part with metadata, and returns its index, from 1. Where the part has such a type already, or a list
// without anything, it is left alone, and the index is 0.
func withMark(b []byte) (marked []byte, mark int, err error) {
	base, _, err := prolog(b)
	if err != nil {
		return nil, 0, err
	}
	m := &marker{src: b}
	d := xml.NewDecoder(bytes.NewReader(b[base:]))
	for depth := 0; ; {
		at := base + int(d.InputOffset())
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		tag := b[at : base+int(d.InputOffset())]
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			if depth == 2 && bytes.HasSuffix(tag, []byte("/>")) || depth == 3 && bytes.Contains(tag, []byte(`"`+dynamicName+`"`)) {
				return nil, 0, nil
			}
			m.start(t.Name, depth, at, tag)
		case xml.EndElement:
			m.end(t.Name, depth, at)
			depth--
		}
	}
	return append(m.out, b[m.copied:]...), m.mark, nil
}

// put adds XML before a place of the part.
func (m *marker) put(at int, text string) {
	m.out = append(append(m.out, m.src[m.copied:at]...), strings.ReplaceAll(text, "~", m.prefix)...)
	m.copied = at
}

// countAttr is made when a file first needs it.
var countAttr = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bcount="(\d+)"`) })

func (m *marker) start(name xml.Name, depth, at int, tag []byte) {
	switch depth {
	case 1:
		if name.Space != "" {
			m.prefix = name.Space + ":"
		}
	case 2:
		m.children = 0
		switch name.Local {
		case "metadataTypes", "cellMetadata":
			if name.Local == "cellMetadata" {
				m.future(at)
			}
			if c := countAttr().FindSubmatchIndex(tag); c != nil {
				n, _ := strconv.Atoi(string(tag[c[2]:c[3]]))
				m.put(at+c[2], strconv.Itoa(n+1))
				m.copied = at + c[3]
			}
		case "valueMetadata", "extLst":
			m.cells(at)
		}
	case 3:
		m.children++
	}
}

func (m *marker) end(name xml.Name, depth, at int) {
	switch {
	case depth == 1:
		m.cells(at)
	case depth == 2 && name.Local == "metadataTypes":
		m.types = m.children + 1
		m.put(at, dynamicType)
	case depth == 2 && name.Local == "cellMetadata":
		m.mark = m.children + 1
		m.put(at, fmt.Sprintf(`<~bk><~rc t="%d" v="0"/></~bk>`, m.types))
	}
}

// future puts in the type, where there is no list of types, and what it means.
func (m *marker) future(at int) {
	if m.placed {
		return
	}
	m.placed = true
	if m.types == 0 {
		m.types = 1
		m.put(at, `<~metadataTypes count="1">`+dynamicType+`</~metadataTypes>`)
	}
	m.put(at, dynamicFuture)
}

// cells puts in the list of cell metadata, where there is none.
func (m *marker) cells(at int) {
	m.future(at)
	if m.mark == 0 {
		m.mark = 1
		m.put(at, fmt.Sprintf(`<~cellMetadata count="1"><~bk><~rc t="%d" v="0"/></~bk></~cellMetadata>`, m.types))
	}
}
