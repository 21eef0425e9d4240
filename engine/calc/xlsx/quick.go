package xlsx

import (
	"encoding/binary"
	"math/bits"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Nearly all cells of all programs have one of a few forms, such as <c r="B2" s="1"><f>A2*2</f><v>6</v></c>. quickCell reads these without the
// questions that XML in general asks, in a third of the time; what it does not know it leaves to the reader of any XML.

// Beginnings of markup as the words in which they are compared.
const (
	wordCell    = uint64('<') | 'c'<<8 | ' '<<16 | 'r'<<24 | '='<<32 | '"'<<40
	wordValue   = uint64('<') | 'v'<<8 | '>'<<16
	wordFormula = uint64('<') | 'f'<<8 | '>'<<16
	wordShared  = uint64('<') | 'f'<<8 | ' '<<16
	wordEnd     = uint64('<') | '/'<<8 | 'c'<<16 | '>'<<24
	wordStyle   = uint32(' ') | 's'<<8 | '='<<16 | '"'<<24
	wordType    = uint32(' ') | 't'<<8 | '='<<16 | '"'<<24
	closeValue  = uint32('<') | '/'<<8 | 'v'<<16 | '>'<<24
	closeForm   = uint32('<') | '/'<<8 | 'f'<<16 | '>'<<24
)

// rowText is the number of the present row as its cells have it: the digits and the quotation mark behind them.
type rowText struct {
	word, mask uint64
	row, size  int32
}

// quickCell reads the cell at pos, which lies in a row of a sheet without a prefix. Where it is of another form, or the window ends, it
// reports false, and only s.cell has changed.
func (s *scanner) quickCell() bool {
	b, i := s.buf, s.pos
	if len(b)-i < 24 || binary.LittleEndian.Uint64(b[i:])&(1<<48-1) != wordCell {
		return false
	}
	at, col := i+6, int32(0)
	for at < i+9 && b[at]-'A' < 26 {
		col = col*26 + int32(b[at]-'A') + 1
		at++
	}
	w := binary.LittleEndian.Uint64(b[at:])
	if t := &s.digits; t.size == 0 || (w^t.word)&t.mask != 0 {
		if !t.read(w) {
			return false
		}
	}
	if col == 0 || col > cell.MaxCols {
		return false
	}
	c := &s.cell
	*c = rawCell{row: s.digits.row, col: col - 1}
	c.all.from, c.open.from = i, i
	at, ok := c.quickAttributes(b, at+int(s.digits.size))
	if !ok {
		return false
	}
	if !c.self {
		if at, ok = s.quickContent(c, at); !ok {
			return false
		}
	}
	c.all.to = at
	s.passed(c)
	return true
}

// read reads digits and a quotation mark.
func (t *rowText) read(w uint64) bool {
	row, n := int32(0), 0
	for n < 7 && uint8(w>>(8*n))-'0' <= 9 {
		row = row*10 + int32(uint8(w>>(8*n))-'0')
		n++
	}
	if n == 0 || uint8(w>>(8*n)) != '"' || row == 0 || row > cell.MaxRows {
		return false
	}
	t.mask = 1<<(8*(n+1)) - 1
	if n == 7 {
		t.mask = 1<<64 - 1
	}
	t.word, t.row, t.size = w&t.mask, row-1, int32(n+1)
	return true
}

// quickAttributes reads the attributes s and t up to the end of the start tag.
func (c *rawCell) quickAttributes(b []byte, at int) (end int, ok bool) {
	for len(b)-at >= 8 {
		switch b[at] {
		case '>':
			c.open.to = at + 1
			return at + 1, true
		case '/':
			if b[at+1] != '>' {
				return 0, false
			}
			c.open.to, c.self = at+2, true
			return at + 2, true
		}
		start, v := at, at+4
		end := v
		for end < len(b) && b[end] > '"' {
			end++
		}
		if end == len(b) || b[end] != '"' {
			return 0, false
		}
		switch binary.LittleEndian.Uint32(b[at:]) {
		case wordStyle:
			if c.style, ok = parseUint(b[v:end]); !ok {
				return 0, false
			}
		case wordType:
			kind, err := parseType(b[v:end])
			if err != nil {
				return 0, false
			}
			c.kind, c.typeAttr = kind, span{start, end + 1}
		default:
			return 0, false
		}
		at = end + 1
	}
	return 0, false
}

// quickContent reads a formula and a value up to the end tag.
func (s *scanner) quickContent(c *rawCell, at int) (end int, ok bool) {
	b := s.buf
	for len(b)-at >= 8 {
		w := binary.LittleEndian.Uint64(b[at:])
		switch {
		case w&(1<<24-1) == wordValue && c.value.none():
			stop, has, ok := quickText(b, at+3)
			if !ok || len(b)-stop < 4 || binary.LittleEndian.Uint32(b[stop:]) != closeValue {
				return 0, false
			}
			c.value, c.valueText, c.valueHas = span{at, stop + 4}, span{at + 3, stop}, has
			at = stop + 4
		case w&(1<<24-1) == wordFormula && c.formula.none():
			stop, has, ok := quickText(b, at+3)
			if !ok || len(b)-stop < 4 || binary.LittleEndian.Uint32(b[stop:]) != closeForm {
				return 0, false
			}
			c.formula, c.formulaText, c.formulaHas = span{at, stop + 4}, span{at + 3, stop}, has
			at = stop + 4
		case w&(1<<32-1) == wordEnd:
			return at + 4, true
		case w&(1<<24-1) == wordShared && c.formula.none():
			next, more, err := s.formulaElement(c, at, at+2)
			if more || err != nil {
				return 0, false
			}
			at = next
		default:
			return 0, false
		}
	}
	return 0, false
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// quickText is textEnd, eight bytes at once while none of them asks for anything.
func quickText(b []byte, i int) (end int, has uint8, ok bool) {
	for len(b)-i >= 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		open, entity, escape := w^'<'*eachByte, w^'&'*eachByte, w^'_'*eachByte
		// The lowest bit that is set is right for each of the tests; those above it may not be.
		found := ((open-eachByte)&^open | (entity-eachByte)&^entity | (escape-eachByte)&^escape | (w-' '*eachByte)&^w | w) & highBits
		if found == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(found) >> 3
		if b[i] == '<' && i+1 < len(b) && b[i+1] == '/' {
			return i, 0, true
		}
		break
	}
	end, has, more, err := textEnd(b, i)
	return end, has, !more && err == nil
}
