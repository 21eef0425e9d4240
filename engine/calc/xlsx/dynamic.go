package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// A dynamic array formula is told from an array formula of fixed size by metadata. To a workbook that has no part with metadata one is added
// when the first such formula is written; where there is one without a mark for dynamic arrays, the formula becomes one of fixed size.

// markedMetadata is a part with metadata of which the first entry marks dynamic arrays (MS-XLSX 2.3.13, dynamicArrayProperties).
const markedMetadata = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">` +
	`<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" splitFirst="1" ` +
	`rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes>` +
	`<futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">` +
	`<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>` +
	`<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>`

const metadataType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"

// linkTypes are the types of links to parts of a workbook, without their last element, in both forms of the format.
var linkTypes = []string{"http://schemas.openxmlformats.org/officeDocument/2006/relationships/", "http://purl.oclc.org/ooxml/officeDocument/relationships/"}

// newMetadata is the part that is added, and the parts that must name it.
type newMetadata struct {
	name        string // of the new part; "" for none
	types, rels *entry
}

// dynamicMark returns the metadata, from 1, that marks a dynamic array, and 0 where the workbook has none.
func (f *File) dynamicMark() int { return slices.Index(f.dynamic, true) + 1 }

// addedMetadata says which part is to be added for what a source sets.
func (f *File) addedMetadata(source Source) newMetadata {
	m := newMetadata{types: f.parts.find("[Content_Types].xml"), rels: f.parts.find(relsName(f.main))}
	if f.dynamicMark() > 0 || f.metadata || m.types == nil || m.rels == nil || !f.setsDynamic(source) {
		return newMetadata{}
	}
	m.name = path.Join(path.Dir(f.main), "metadata.xml")
	for i := 2; f.parts.find(m.name) != nil; i++ {
		m.name = path.Join(path.Dir(f.main), fmt.Sprintf("metadata%d.xml", i))
	}
	return m
}

func (f *File) setsDynamic(source Source) bool {
	for i := range f.sheets {
		if s := source.Sheet(i); s != nil && slices.ContainsFunc(s.Edits(), func(e Edit) bool { return e.Dynamic && e.Array != nil }) {
			return true
		}
	}
	return false
}

// naming puts the name of the new part into one that must have it: the list of types, or the links of the workbook.
func (c *copier) naming(e *entry, b []byte) ([]byte, error) {
	base, _, err := prolog(b)
	if err != nil {
		return nil, err
	}
	links, err := linksIn(b[base:])
	if err != nil {
		return nil, err
	}
	child := fmt.Sprintf(`<%sOverride PartName="/%s" ContentType="%s"/>`, links.prefix, c.metadata.name, metadataType)
	if e == c.metadata.rels {
		id := ""
		for i := len(links.ids) + 1; id == "" || links.ids[id]; i++ {
			id = fmt.Sprintf("rId%d", i)
		}
		kind := linkTypes[0]
		if slices.ContainsFunc(links.types, func(s string) bool { return strings.HasPrefix(s, linkTypes[1]) }) {
			kind = linkTypes[1]
		}
		child = fmt.Sprintf(`<%sRelationship Id="%s" Type="%ssheetMetadata" Target="%s"/>`, links.prefix, id, kind, path.Base(c.metadata.name))
	}
	end := bytes.LastIndex(b, []byte("</"))
	if end < 0 {
		return nil, errors.New("its root element has no end")
	}
	return slices.Concat(b[:end], []byte(child), b[end:]), nil
}

// links are the links that a part holds.
type links struct {
	prefix string // of its elements, with the colon
	ids    map[string]bool
	types  []string
}

func linksIn(b []byte) (links, error) {
	out := links{ids: map[string]bool{}}
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Space != "" {
			out.prefix = start.Name.Space + ":"
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "Id":
				out.ids[a.Value] = true
			case "Type":
				out.types = append(out.types, a.Value)
			}
		}
	}
}

// metadataPart writes the new part.
func (c *copier) metadataPart(z *zipWriter) error {
	like := *c.metadata.types
	like.name, like.raw, like.local, like.extra = c.metadata.name, []byte(c.metadata.name), nil, nil
	return z.small(&like, []byte(markedMetadata))
}
