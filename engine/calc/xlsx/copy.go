package xlsx

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
)

// copier makes the copy of a workbook.
type copier struct {
	file      *File
	source    Source
	progress  func(int64)
	dropChain bool
}

// run writes all parts in their order.
func (c *copier) run(ctx context.Context, out *os.File) error {
	f := c.file
	z := newZipWriter(out)
	sheets := map[*entry]int{}
	for i, s := range f.sheets {
		if s.entry != nil {
			sheets[s.entry] = i
		}
	}
	chain := c.dropChain && f.chain.entry != nil
	types := f.parts.find("[Content_Types].xml")
	for _, e := range f.parts.entries {
		var err error
		i, isSheet := sheets[e]
		switch {
		case isSheet:
			err = c.sheet(ctx, z, e, i)
		case chain && e == f.chain.entry:
			continue
		case chain && e == types:
			err = c.without(ctx, z, e, "Override", "PartName", "/"+f.chain.entry.name)
		case chain && e == f.chain.rels:
			err = c.without(ctx, z, e, "Relationship", "Id", f.chain.id)
		default:
			err = z.copyRaw(ctx, f.r, e)
		}
		if err != nil {
			return err
		}
	}
	return z.close(f.parts.comment)
}

// sheet writes a sheet: as it is where nothing changed, else with its new values.
func (c *copier) sheet(ctx context.Context, z *zipWriter, e *entry, sheet int) error {
	source := c.source.Sheet(sheet)
	if source == nil {
		return z.copyRaw(ctx, c.file.r, e)
	}
	p := &patcher{file: c.file, source: source, edits: source.Edits(), keepChain: !c.dropChain && c.file.chain.entry != nil}
	if err := p.prepare(ctx, sheet); err != nil {
		return err
	}
	part, err := z.begin(e)
	if err != nil {
		return err
	}
	err = p.run(ctx, sheet, part, c.progress)
	switch {
	case err != nil:
		return part.fail(err)
	case p.changed:
		return part.finish()
	}
	if err := part.drop(); err != nil {
		return err
	}
	return z.copyRaw(ctx, c.file.r, e)
}

// without writes a part of XML without the element of this name whose attribute has this value, all other bytes as they are.
func (c *copier) without(ctx context.Context, z *zipWriter, e *entry, element, attr, value string) error {
	b, err := c.file.readSmall(e)
	if err != nil {
		return err
	}
	short, err := cutElement(b, element, attr, value)
	if err != nil {
		return c.file.partError(e.name, err)
	}
	if len(short) == len(b) {
		return z.copyRaw(ctx, c.file.r, e)
	}
	part, err := z.begin(e)
	if err != nil {
		return err
	}
	if err := part.write(short); err != nil {
		return part.fail(err)
	}
	return part.finish()
}

func cutElement(b []byte, element, attr, value string) ([]byte, error) {
	base, _, err := prolog(b)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(b[base:]))
	for {
		from := d.InputOffset()
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != element {
			continue
		}
		for _, a := range start.Attr {
			if a.Name.Local == attr && equalFold(a.Value, value) {
				if err := d.Skip(); err != nil {
					return nil, err
				}
				out := append([]byte(nil), b[:base+int(from)]...)
				return append(out, b[base+int(d.InputOffset()):]...), nil
			}
		}
	}
}

func equalFold(a, b string) bool { return bytes.EqualFold([]byte(a), []byte(b)) }
