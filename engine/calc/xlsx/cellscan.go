package xlsx

import (
	"errors"
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// cellType is the t of a cell.
type cellType uint8

const (
	typeNumber cellType = iota // n, or none
	typeBool                   // b
	typeError                  // e
	typeShared                 // s
	typeString                 // str
	typeInline                 // inlineStr
	typeDate                   // d
)

// formulaType is the t of a formula.
type formulaType uint8

const (
	formulaNormal formulaType = iota
	formulaShared
	formulaArray
	formulaTable
)

// rawCell is a cell as it stands in the window.
type rawCell struct {
	row, col int32
	style    uint32
	meta     uint32 // cm: index of the cell metadata from 1; 0 for none
	rich     uint32 // vm: index of the value metadata from 1; 0 for none
	kind     cellType
	self     bool // the start tag is the whole cell

	all, open span // the element, its start tag
	typeAttr  span // the attribute t with the white space before it
	metaAttr  span // cm, likewise
	richAttr  span // vm, likewise

	formula     span // the element f
	formulaText span
	formulaHas  uint8 // classes of the text
	f           rawFormula

	value     span // the element v
	valueText span
	valueHas  uint8
	valueKeep bool // xml:space="preserve"

	inline span // the element is
}

// rawFormula is what the attributes of f say.
type rawFormula struct {
	kind           formulaType
	always         bool
	hasIndex       bool
	index          uint32
	ref            span
	r1, r2         span
	twoD, rowInput bool
	gone1, gone2   bool
}

// readCell reads a cell whose tag is at i and whose attributes begin at after.
func (s *scanner) readCell(i, after int) (more bool, err error) {
	b := s.buf
	s.cell = rawCell{row: s.line, col: s.last + 1}
	c := &s.cell
	c.all.from, c.open.from = i, i
	more, err = c.attributes(b, after)
	if err == nil && !more && (c.col >= cell.MaxCols || c.row >= cell.MaxRows) {
		err = fmt.Errorf("row %d has a cell beyond column %s, the last of a sheet", c.row+1, cell.ColumnName(cell.MaxCols-1))
		return false, err
	}
	if err == nil && !more && !c.self {
		more, err = s.cellContent(c)
	}
	if err != nil {
		return false, &cellError{c.row, min(c.col, cell.MaxCols-1), err}
	}
	if more {
		return true, nil
	}
	s.passed(c)
	return false, nil
}

// passed goes on behind a cell.
func (s *scanner) passed(c *rawCell) {
	if c.row < s.shape.row || c.row == s.shape.row && c.col <= s.shape.col || c.row != s.top {
		s.shape.ordered = false
	}
	s.shape.row, s.shape.col = c.row, c.col
	if c.f.kind == formulaShared && c.f.hasIndex && !c.formulaText.none() && c.formulaText.from < c.formulaText.to {
		s.shape.masters = append(s.shape.masters, master{c.row, c.col, c.f.index})
	}
	s.line, s.last, s.pos = c.row, c.col, c.all.to
}

// attributes reads the start tag.
func (c *rawCell) attributes(b []byte, at int) (more bool, err error) {
	for {
		ns, ne, vs, ve, found := nextAttr(b, at)
		switch found {
		case attrMore:
			return true, nil
		case attrBroken:
			return false, errTag
		case attrOpen, attrEmpty:
			c.open.to, c.all.to, c.self = ns, ns, found == attrEmpty
			return false, nil
		}
		if ne-ns == 1 {
			switch b[ns] {
			case 'r':
				var ok bool
				if c.row, c.col, ok = parseRef(b[vs:ve]); !ok {
					c.row, c.col = 0, 0
					return false, fmt.Errorf("a cell stands at %q, where no cell is", b[vs:ve])
				}
			case 's':
				n, ok := parseUint(b[vs:ve])
				if !ok {
					return false, fmt.Errorf("its style is %q", b[vs:ve])
				}
				c.style = n
			case 't':
				k, err := parseType(b[vs:ve])
				if err != nil {
					return false, err
				}
				c.kind, c.typeAttr = k, span{at, ve + 1}
			}
		} else if ne-ns == 2 && b[ns+1] == 'm' && (b[ns] == 'c' || b[ns] == 'v') {
			n, ok := parseUint(b[vs:ve])
			if !ok {
				return false, fmt.Errorf("its metadata are %q", b[vs:ve])
			}
			if b[ns] == 'c' {
				c.meta, c.metaAttr = n, span{at, ve + 1}
			} else {
				c.rich, c.richAttr = n, span{at, ve + 1}
			}
		}
		at = ve + 1
	}
}

// parseRef reads "B2".
func parseRef(v []byte) (row, col int32, ok bool) {
	i, n := 0, int32(0)
	for i < len(v) && v[i]|0x20 >= 'a' && v[i]|0x20 <= 'z' && i < 4 {
		n = n*26 + int32(v[i]|0x20-'a') + 1
		i++
	}
	r := int32(0)
	first := i
	for ; i < len(v); i++ {
		d := int32(v[i]) - '0'
		if d < 0 || d > 9 || i-first > 6 {
			return 0, 0, false
		}
		r = r*10 + d
	}
	return r - 1, n - 1, n > 0 && n <= cell.MaxCols && r > 0 && r <= cell.MaxRows
}

func parseType(v []byte) (cellType, error) {
	switch string(v) {
	case "n", "":
		return typeNumber, nil
	case "b":
		return typeBool, nil
	case "e":
		return typeError, nil
	case "s":
		return typeShared, nil
	case "str":
		return typeString, nil
	case "inlineStr":
		return typeInline, nil
	case "d":
		return typeDate, nil
	}
	return 0, fmt.Errorf("the type %q is none of a cell", v)
}

// cellContent reads what stands between the tags of a cell.
func (s *scanner) cellContent(c *rawCell) (more bool, err error) {
	b := s.buf
	i := c.open.to
	for {
		for i < len(b) && b[i] != '<' {
			i++ // white space; other text means nothing here
		}
		if i+1 >= len(b) {
			return true, nil
		}
		switch b[i+1] {
		case '/':
			c.all.to, more, err = s.closeLetter(i, 'c')
			return more, err
		case '!', '?':
			n, more, err := aside(b[i:])
			if err != nil || more {
				return more, err
			}
			i += n
			continue
		}
		name, after := s.local(i)
		if after == len(b) {
			return true, nil
		}
		end := 0
		switch {
		case len(name) == 1 && name[0] == 'v' && c.value.none():
			end, more, err = s.valueElement(c, i, after)
		case len(name) == 1 && name[0] == 'f' && c.formula.none():
			end, more, err = s.formulaElement(c, i, after)
		case len(name) == 1 && (name[0] == 'v' || name[0] == 'f'):
			return false, fmt.Errorf("it has two elements %s", name)
		case string(name) == "is" && c.inline.none():
			end, more, err = skipElement(b, i)
			c.inline = span{i, end}
		default:
			end, more, err = skipElement(b, i)
		}
		if err != nil || more {
			return more, err
		}
		i = end
	}
}

// closeLetter is closeTag for an element whose name is one letter, of which there are several in each cell.
func (s *scanner) closeLetter(i int, name byte) (end int, more bool, err error) {
	b := s.buf
	if s.prefix == "" && i+3 < len(b) && b[i+1] == '/' && b[i+2] == name && b[i+3] == '>' {
		return i + 4, false, nil
	}
	return closeTag(b, i, s.prefix, string(rune(name)))
}

// valueElement reads v.
func (s *scanner) valueElement(c *rawCell, i, after int) (end int, more bool, err error) {
	b := s.buf
	for at := after; ; {
		ns, ne, vs, ve, found := nextAttr(b, at)
		switch found {
		case attrMore:
			return 0, true, nil
		case attrBroken:
			return 0, false, errTag
		case attrEmpty:
			c.value, c.valueText = span{i, ns}, span{ns, ns}
			return ns, false, nil
		case attrOpen:
			stop, has, more, err := textEnd(b, ns)
			if err != nil || more {
				return 0, more, err
			}
			if end, more, err = s.closeLetter(stop, 'v'); err != nil || more {
				return 0, more, err
			}
			c.value, c.valueText, c.valueHas = span{i, end}, span{ns, stop}, has
			return end, false, nil
		}
		if string(b[ns:ne]) == "xml:space" {
			c.valueKeep = string(b[vs:ve]) == "preserve"
		}
		at = ve + 1
	}
}

// formulaElement reads f.
func (s *scanner) formulaElement(c *rawCell, i, after int) (end int, more bool, err error) {
	b := s.buf
	for at := after; ; {
		ns, ne, vs, ve, found := nextAttr(b, at)
		switch found {
		case attrMore:
			return 0, true, nil
		case attrBroken:
			return 0, false, errTag
		case attrEmpty:
			c.formula, c.formulaText = span{i, ns}, span{ns, ns}
			return ns, false, nil
		case attrOpen:
			stop, has, more, err := textEnd(b, ns)
			if err != nil || more {
				return 0, more, err
			}
			if end, more, err = s.closeLetter(stop, 'f'); err != nil || more {
				return 0, more, err
			}
			c.formula, c.formulaText, c.formulaHas = span{i, end}, span{ns, stop}, has
			return end, false, nil
		}
		if err := c.f.attribute(b, b[ns:ne], span{vs, ve}); err != nil {
			return 0, false, err
		}
		at = ve + 1
	}
}

func (f *rawFormula) attribute(b, name []byte, at span) error {
	v := b[at.from:at.to]
	switch string(name) {
	case "t":
		switch string(v) {
		case "normal":
			f.kind = formulaNormal
		case "shared":
			f.kind = formulaShared
		case "array":
			f.kind = formulaArray
		case "dataTable":
			f.kind = formulaTable
		default:
			return fmt.Errorf("the type %q is none of a formula", v)
		}
	case "si":
		n, ok := parseUint(v)
		if !ok {
			return fmt.Errorf("the index of its shared formula is %q", v)
		}
		f.index, f.hasIndex = n, true
	case "ref":
		f.ref = at
	case "ca":
		f.always = isTrue(v)
	case "r1":
		f.r1 = at
	case "r2":
		f.r2 = at
	case "dt2D":
		f.twoD = isTrue(v)
	case "dtr":
		f.rowInput = isTrue(v)
	case "del1":
		f.gone1 = isTrue(v)
	case "del2":
		f.gone2 = isTrue(v)
	}
	return nil
}

var errNoRef = errors.New("its formula fills an area that is not said")
