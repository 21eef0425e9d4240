package mysql

import (
	"encoding/binary"
	"fmt"
)

// Types of fields on the wire.
const (
	wireDecimal    = 0
	wireTiny       = 1
	wireShort      = 2
	wireLong       = 3
	wireFloat      = 4
	wireDouble     = 5
	wireNull       = 6
	wireTimestamp  = 7
	wireLongLong   = 8
	wireInt24      = 9
	wireDate       = 10
	wireTime       = 11
	wireDatetime   = 12
	wireYear       = 13
	wireBit        = 16
	wireNewDecimal = 246
)

// wireField is what the server says of a column of a result.
type wireField struct {
	kind     byte
	unsigned bool
}

// resultHead reads what stands before the rows: the number of columns, and each.
//
// Whether an end mark stands behind them depends on what was negotiated, which the library does not
// tell. It need not: such a mark has five bytes, the end of an empty result in the newer form has seven
// or more, and a row begins with another byte.
func resultHead(r *packetReader, fields []wireField) ([]wireField, error) {
	p, err := r.next()
	if err != nil {
		return nil, err
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("an empty packet where a result begins: %w", ErrProtocol)
	}
	switch p[0] {
	case markErr:
		return nil, serverError(p)
	case markOK:
		return nil, fmt.Errorf("no result where there must be one: %w", ErrProtocol)
	}
	n, rest, ok := lengthEncoded(p)
	if !ok || len(rest) > 0 || n > 4096 {
		return nil, fmt.Errorf("a result begins with % x: %w", p[:min(len(p), 16)], ErrProtocol)
	}
	fields = fields[:0]
	for range n {
		if p, err = r.next(); err != nil {
			return nil, err
		}
		f, err := fieldOf(p)
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// fieldOf reads the definition of a column: six strings, and then 12 bytes of which we need the type
// and the flags.
func fieldOf(p []byte) (wireField, error) {
	if len(p) > 0 && p[0] == markErr {
		return wireField{}, serverError(p)
	}
	errShort := fmt.Errorf("the definition of a column is cut off: %w", ErrProtocol)
	rest := p
	for range 6 {
		var ok bool
		if _, rest, ok = lengthEncodedBytes(rest); !ok {
			return wireField{}, errShort
		}
	}
	n, fixed, ok := lengthEncoded(rest)
	if !ok || n < 10 || len(fixed) < 10 {
		return wireField{}, errShort
	}
	const unsigned = 0x20
	return wireField{kind: fixed[6], unsigned: binary.LittleEndian.Uint16(fixed[7:])&unsigned != 0}, nil
}

// readRows calls row for each packet of a row until the end, and returns the number of warnings.
func readRows(r *packetReader, row func(p []byte) error) (warnings int, err error) {
	first := true
	for {
		p, err := r.next()
		if err != nil {
			return 0, midway(err)
		}
		if len(p) == 0 {
			return 0, fmt.Errorf("an empty packet among the rows: %w", ErrProtocol)
		}
		switch p[0] {
		case markOK:
			if err := row(p); err != nil {
				return 0, err
			}
		case markErr:
			return 0, serverError(p)
		case markEnd:
			if len(p) == 5 && first {
				first = false
				continue
			}
			return endWarnings(p)
		default:
			return 0, fmt.Errorf("a row begins with %#x: %w", p[0], ErrProtocol)
		}
		first = false
	}
}

// endWarnings reads the number of warnings from the packet that ends a result, of either form.
func endWarnings(p []byte) (int, error) {
	if len(p) == 5 {
		return int(binary.LittleEndian.Uint16(p[1:])), nil
	}
	_, rest, ok := lengthEncoded(p[1:]) // rows changed
	if ok {
		_, rest, ok = lengthEncoded(rest) // the last number given out
	}
	if !ok || len(rest) < 4 {
		return 0, fmt.Errorf("the end of a result is cut off: %w", ErrProtocol)
	}
	return int(binary.LittleEndian.Uint16(rest[2:])), nil
}
