package formula

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// AppendKey appends to dst the key of a formula's relative form: two formulas have the same tree if their keys are
// equal, wherever they stand. It reads the text once and makes nothing else, so that a column of a million formulas
// is parsed once. It reports false for text that holds what it does not know; such a formula is to be parsed by itself.
//
// References are written as their ends: a flag byte and a number. All else is copied, names included.
func AppendKey(dst []byte, src string, row, col int32) ([]byte, bool) {
	return appendKey(dst, src, row, col, nil)
}

// appendKey tells the pattern, where there is one, of the rows that move with the cell.
func appendKey(dst []byte, src string, row, col int32, p *Pattern) ([]byte, bool) {
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == '"' || c == '\'':
			j := i + 1
			for j < len(src) && src[j] != c {
				j++
			}
			if j >= len(src) {
				return dst, false
			}
			dst = append(dst, src[i:j+1]...)
			i = j + 1
		case c == '[':
			j := bracketEnd(src, i)
			if j < 0 {
				return dst, false
			}
			dst = append(dst, src[i:j]...)
			i = j
		case c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z':
			j := wordEnd(src, i)
			next := byte(0)
			if j < len(src) {
				next = src[j]
			}
			if next == '!' || next == '(' || next == '[' {
				dst = append(dst, src[i:j]...)
				i = j
				continue
			}
			if r, ca, rf, cf, ok := fastAddress(src[i:j]); ok {
				if p != nil && !rf {
					p.hole(src, j, r-row)
				}
				dst = append(dst, 1|flag(rf, 2)|flag(cf, 4))
				dst = appendEnd(dst, r, rf, row)
				dst = appendEnd(dst, ca, cf, col)
				i = j
				continue
			}
			// B:C and $B:$D are whole columns; a bare word may be one end of them or a name.
			if next == ':' || i > 0 && src[i-1] == ':' {
				letters, fixed := src[i:j], false
				if letters[0] == '$' {
					letters, fixed = letters[1:], true
				}
				if n, ok := cell.ParseColumn(letters); ok {
					dst = append(dst, 8|flag(fixed, 4))
					dst = appendEnd(dst, n, fixed, col)
					i = j
					continue
				}
				if letters != "" && isDigit(letters[0]) {
					return dst, false // $1:$3, rare
				}
			}
			dst = append(dst, src[i:j]...)
			i = j
		case isDigit(c):
			j := i
			for j < len(src) && (isDigit(src[j]) || src[j] == '.') {
				j++
			}
			if j < len(src) && src[j] == ':' || i > 0 && src[i-1] == ':' {
				return dst, false // whole rows, rare
			}
			j = wordEnd(src, j)
			dst = append(dst, src[i:j]...)
			i = j
		case c < 16 && c != '\n' && c != '\r' && c != '\t':
			return dst, false // would be taken for one of our own marks
		default:
			// A byte of a longer character belongs to a word, with what follows.
			j := i + 1
			if c >= 0x80 || c == '_' || c == '\\' {
				j = wordEnd(src, i)
			}
			dst = append(dst, src[i:j]...)
			i = j
		}
	}
	return dst, true
}

// Source writes the formula of a key of [AppendKey] for the cell in this row and column: its text as it was written, spaces and needless parentheses
// included, with the references that this cell has. It reports false where one of them lies outside of the sheet.
func Source(key string, row, col int32) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(key); {
		switch c := key[i]; {
		case c == '"' || c == '\'':
			j := i + 1 + strings.IndexByte(key[i+1:], c)
			out.WriteString(key[i : j+1])
			i = j + 1
		case c == '[':
			j := bracketEnd(key, i)
			out.WriteString(key[i:j])
			i = j
		case c < 8 && c&1 != 0: // a cell
			r, ok1 := endAt(key[i+1:], c&2 != 0, row, cell.MaxRows)
			ca, ok2 := endAt(key[i+5:], c&4 != 0, col, cell.MaxCols)
			if !ok1 || !ok2 {
				return "", false
			}
			dollar(&out, c&4 != 0)
			out.WriteString(cell.ColumnName(ca))
			dollar(&out, c&2 != 0)
			out.WriteString(strconv.Itoa(int(r) + 1))
			i += 9
		case c == 8 || c == 12: // one end of whole columns
			ca, ok := endAt(key[i+1:], c&4 != 0, col, cell.MaxCols)
			if !ok {
				return "", false
			}
			dollar(&out, c&4 != 0)
			out.WriteString(cell.ColumnName(ca))
			i += 5
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String(), true
}

// Move writes a formula of one cell as it is for another one that is filled with it: references that are not fixed go along. The error is that of
// [Parse].
func Move(text string, fromRow, fromCol, row, col int32) (string, error) {
	tree, err := Parse(text, fromRow, fromCol)
	if err != nil {
		return "", err
	}
	if key, ok := AppendKey(nil, text, fromRow, fromCol); ok {
		if s, ok := Source(string(key), row, col); ok {
			return s, nil
		}
	}
	return Text(tree, row, col), nil
}

// endAt is one end of a reference that [appendEnd] wrote, and whether it lies in the sheet.
func endAt(key string, fixed bool, own, most int32) (int32, bool) {
	n := int32(binary.LittleEndian.Uint32([]byte(key[:4])))
	if !fixed {
		n += own
	}
	return n, n >= 0 && n < most
}

func dollar(out *strings.Builder, fixed bool) {
	if fixed {
		out.WriteByte('$')
	}
}

// bracketEnd returns where the bracket that opens at i is closed, behind it; -1 where it is not.
func bracketEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\'':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func appendEnd(dst []byte, n int32, fixed bool, own int32) []byte {
	if !fixed {
		n -= own
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(n))
}

func wordEnd(s string, i int) int {
	for i < len(s) && (s[i] >= 0x80 || wordByte[s[i]]) {
		i++
	}
	return i
}

// fastAddress is [cell.ParseAddress] with both marks told.
func fastAddress(s string) (row, col int32, rowFixed, colFixed, ok bool) {
	i := 0
	if i < len(s) && s[i] == '$' {
		colFixed = true
		i++
	}
	start := i
	for i < len(s) && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
		col = col*26 + int32(s[i]|0x20-'a') + 1
		i++
	}
	if i == start || i-start > 3 || col > cell.MaxCols {
		return 0, 0, false, false, false
	}
	if i < len(s) && s[i] == '$' {
		rowFixed = true
		i++
	}
	start = i
	for i < len(s) && isDigit(s[i]) {
		row = row*10 + int32(s[i]-'0')
		i++
	}
	if i != len(s) || i == start || i-start > 7 || s[start] == '0' || row > cell.MaxRows {
		return 0, 0, false, false, false
	}
	return row - 1, col - 1, rowFixed, colFixed, true
}
