package mysql

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// jsonLiteral writes the cell of a document as text. MariaDB's JSON is also read as text, and then a
// cell of text that is a document is that document; read as JSON it would be a string that holds one.
func jsonLiteral(t columnType, cell []byte) (string, error) {
	switch canon.Tag(cell[0]) {
	case canon.Null:
		return "NULL", nil
	case canon.Inexact:
		return textLiteral(canon.Content(cell)), nil
	case canon.Text:
		if content := canon.Content(cell); t.kind != kindJSON && (t.kind != kindJSONText || json.Valid(content)) {
			return textLiteral(content), nil
		}
	}
	doc, rest, err := appendDocument(nil, cell)
	if err != nil {
		return "", err
	}
	if len(rest) > 0 {
		return "", canon.ErrCells
	}
	return textLiteral(doc), nil
}

// appendDocument prints the first cell of a row as JSON.
func appendDocument(dst, cells []byte) (doc, rest []byte, err error) {
	cell, rest, err := canon.Next(cells)
	if err != nil {
		return dst, nil, err
	}
	switch tag := canon.Tag(cell[0]); tag {
	case canon.JSONNull:
		return append(dst, "null"...), rest, nil
	case canon.JSONFalse:
		return append(dst, "false"...), rest, nil
	case canon.JSONTrue:
		return append(dst, "true"...), rest, nil
	case canon.Decimal:
		// Format writes an exponent where the digits would be many; JSON knows exponents too.
		number := canon.Format(cell)
		if !json.Valid([]byte(number)) {
			return dst, nil, fmt.Errorf("%s in a document: %w", number, errNoLiteral)
		}
		return append(dst, number...), rest, nil
	case canon.Text:
		var sb strings.Builder
		enc := json.NewEncoder(&sb)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(string(canon.Content(cell))); err != nil {
			return dst, nil, err
		}
		return append(dst, strings.TrimSuffix(sb.String(), "\n")...), rest, nil
	case canon.JSONArray, canon.JSONObject:
		n, k := binary.Uvarint(cell[1:])
		in := cell[1+k:]
		open, end := byte('['), byte(']')
		if tag == canon.JSONObject {
			open, end = '{', '}'
		}
		dst = append(dst, open)
		for i := range n {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if tag == canon.JSONObject {
				if dst, in, err = appendDocument(dst, in); err != nil {
					return dst, nil, err
				}
				dst = append(dst, ": "...)
			}
			if dst, in, err = appendDocument(dst, in); err != nil {
				return dst, nil, err
			}
		}
		return append(dst, end), rest, nil
	default:
		return dst, nil, fmt.Errorf("%s in a document: %w", canon.Format(cell), errNoLiteral)
	}
}
