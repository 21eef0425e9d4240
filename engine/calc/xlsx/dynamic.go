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

// A dynamic array formula is told from an array formula of fixed size by metadata. To a workbook that has none a part with them is added when the
// first such formula is written, and a mark for dynamic arrays to one that has metadata of other kinds.

const metadataType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"

// form is what differs between the two forms of the format, the transitional and the strict one.
type form struct{ links, space string }

var (
	transitional = form{"http://schemas.openxmlformats.org/officeDocument/2006/relationships/", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
	strict       = form{"http://purl.oclc.org/ooxml/officeDocument/relationships/", "http://purl.oclc.org/ooxml/spreadsheetml/main"}
)

// newMetadata is a part with metadata as it is to be written, and the parts that must name it where it is new.
type newMetadata struct {
	text        []byte // nil where no part is to be written
	mark        int    // the metadata, from 1, that mark a dynamic array
	old         *entry // the part that it replaces; nil for a new one
	name        string
	form        form
	types, rels *entry
}

// added reports whether the part is new.
func (m *newMetadata) added() bool { return m.text != nil && m.old == nil }

// dynamicMark returns the metadata, from 1, that mark a dynamic array, and 0 where the workbook has none.
func (f *File) dynamicMark() int { return slices.Index(f.dynamic, true) + 1 }

// markFor says which metadata are to be written for what a source sets.
func (f *File) markFor(source Source) (newMetadata, error) {
	m := newMetadata{mark: f.dynamicMark(), types: f.parts.find("[Content_Types].xml"), rels: f.parts.find(relsName(f.main))}
	if m.mark > 0 || m.types == nil || m.rels == nil || !f.setsDynamic(source) {
		return m, nil
	}
	old, err := f.metadataFor(&m)
	if err == nil && old != nil {
		m.text, m.mark, err = withMark(old)
	}
	return m, f.partError(m.name, err)
}

// metadataFor returns the metadata to which the mark is to be added: none, in a part that is to be new, or those of the workbook.
func (f *File) metadataFor(m *newMetadata) ([]byte, error) {
	if f.metadata != "" {
		m.name, m.old = f.metadata, f.parts.find(f.metadata)
		if m.old == nil {
			return nil, nil
		}
		return f.readSmall(m.old)
	}
	b, err := f.readSmall(m.rels)
	if err != nil {
		return nil, err
	}
	have, err := linksIn(b)
	if err != nil {
		return nil, err
	}
	m.form = transitional
	if slices.ContainsFunc(have.types, func(s string) bool { return strings.HasPrefix(s, strict.links) }) {
		m.form = strict
	}
	m.name = path.Join(path.Dir(f.main), "metadata.xml")
	for i := 2; f.parts.find(m.name) != nil; i++ {
		m.name = path.Join(path.Dir(f.main), fmt.Sprintf("metadata%d.xml", i))
	}
	return fmt.Appendf(nil, noMetadata, m.form.space), nil
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
		child = fmt.Sprintf(`<%sRelationship Id="%s" Type="%ssheetMetadata" Target="%s"/>`, links.prefix, id, c.metadata.form.links, path.Base(c.metadata.name))
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

// metadataPart writes a new part.
func (c *copier) metadataPart(z *zipWriter) error {
	like := *c.metadata.types
	like.name, like.raw, like.local, like.extra = c.metadata.name, []byte(c.metadata.name), nil, nil
	return z.small(&like, c.metadata.text)
}
