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
	metadata  newMetadata
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
	for _, e := range f.parts.entries {
		var err error
		i, isSheet := sheets[e]
		switch {
		case isSheet:
			err = c.sheet(ctx, z, e, i)
		case c.dropChain && e == f.chain.entry:
			continue
		case c.metadata.text != nil && e == c.metadata.old:
			err = z.small(e, c.metadata.text)
		default:
			err = c.other(ctx, z, e)
		}
		if err != nil {
			return err
		}
	}
	if c.metadata.added() {
		if err := c.metadataPart(z); err != nil {
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
	p := &patcher{file: c.file, source: source, edits: source.Edits(), mark: c.metadata.mark, keepChain: !c.dropChain && c.file.chain.entry != nil}
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

// other writes a part that is no sheet: as it is, but for those that name parts which are left out or added.
func (c *copier) other(ctx context.Context, z *zipWriter, e *entry) error {
	chain := c.dropChain && c.file.chain.entry != nil
	types := e == c.file.parts.find("[Content_Types].xml")
	drops := chain && (types || e == c.file.chain.rels)
	adds := c.metadata.added() && (types || e == c.metadata.rels)
	if !drops && !adds {
		return z.copyRaw(ctx, c.file.r, e)
	}
	old, err := c.file.readSmall(e)
	if err != nil {
		return err
	}
	b := old
	switch {
	case !drops:
	case types:
		b, err = cutElement(b, "Override", "PartName", "/"+c.file.chain.entry.name)
	default:
		b, err = cutElement(b, "Relationship", "Id", c.file.chain.id)
	}
	if err == nil && adds {
		b, err = c.naming(e, b)
	}
	if err != nil {
		return c.file.partError(e.name, err)
	}
	if len(b) == len(old) {
		return z.copyRaw(ctx, c.file.r, e)
	}
	return z.small(e, b)
}

// small writes a part as a whole.
func (z *zipWriter) small(e *entry, b []byte) error {
	part, err := z.begin(e)
	if err != nil {
		return err
	}
	if err := part.write(b); err != nil {
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
