package xlsx

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// scanner goes through the XML of a sheet and stops at what readers and writers want to know of. The indexes that it
// gives are those of its window, and good until it is asked for the next event.
type scanner struct {
	*window
	prefix string // of the sheet's elements, with its colon: "" or "x:"

	state    state
	depth    int  // of elements open around the place, outside of sheetData
	inFilter bool // within the sheet's autoFilter

	tag  span    // the tag of the event
	self bool    // the tag is also the end of its element
	row  rawRow  // of the last evRow
	cell rawCell // of evCell
	text []byte  // value of the attribute that the event is about: ref

	digits     rowText
	line, last int32 // row and column of the cell before; -1 for none
	top        int32 // row of the row element before
	shape      shape
}

// shape is what one pass over a sheet finds out for the next one.
type shape struct {
	ordered bool // rows and cells stand in rising order, none twice
	masters []master
	// Where the cell before the present one was, for ordered.
	row, col int32
}

// master is a cell with the text of a shared formula.
type master struct {
	row, col int32
	index    uint32
}

// span is a piece of the window; both are 0 for none.
type span struct{ from, to int }

func (s span) none() bool { return s.to == 0 }

type rawRow struct {
	row    int32
	hidden bool
	spans  span // value of the attribute
	style  span // value of s where the row has a format of its own
}

type state uint8

const (
	stateProlog state = iota
	stateOutside
	stateData
	stateRow
	stateEnd
)

type event uint8

const (
	evEnd       event = iota
	evDimension       // text is its area
	evFilter          // text is its area; the filter hides rows
	evData            // the start tag of sheetData, which is also its end where self is set
	evDataEnd         // tag is the end tag
	evRow             // as evData
	evRowEnd
	evCell
)

func newScanner(w *window) *scanner {
	return &scanner{window: w, top: -1, line: -1, last: -1, shape: shape{ordered: true, row: -1, col: -1}}
}

// next goes on to the next event.
func (s *scanner) next() (event, error) {
	if s.state == stateRow && s.prefix == "" && s.quickCell() {
		return evCell, nil
	}
	return s.general()
}

// general is next for any XML.
func (s *scanner) general() (event, error) {
	for {
		from := s.pos
		ev, ok, more, err := s.step()
		switch {
		case err != nil:
			return evEnd, err
		case more:
			s.pos = from
			if err := s.more(); err != nil {
				return evEnd, err
			}
		case ok:
			return ev, nil
		}
	}
}

// step reads one piece of markup at pos. It leaves everything but pos as it was where it asks for more.
func (s *scanner) step() (ev event, ok, more bool, err error) {
	b, i := s.buf, s.pos
	switch s.state {
	case stateProlog:
		more, err = s.root()
		return evEnd, false, more, err
	case stateEnd:
		if s.eof && len(trimSpace(b[i:])) == 0 {
			s.pos = len(b)
			return evEnd, true, false, nil
		}
	}
	k := bytes.IndexByte(b[i:], '<')
	if k < 0 || i+k+1 >= len(b) {
		if s.eof {
			return evEnd, false, false, errCut
		}
		return evEnd, false, true, nil
	}
	i += k
	if b[i+1] == '!' || b[i+1] == '?' {
		n, more, err := aside(b[i:])
		if err == nil && !more {
			s.pos = i + n
		}
		return evEnd, false, more, err
	}
	switch s.state {
	case stateOutside:
		return s.outside(i)
	case stateData, stateRow:
		return s.inside(i)
	}
	return evEnd, false, false, errors.New("something stands behind its root element")
}

// root reads up to the start tag of the root element.
func (s *scanner) root() (more bool, err error) {
	b := s.buf[s.pos:]
	n, more, err := prolog(b)
	if err != nil || more {
		return more, err
	}
	end := nameEnd(b, n+1)
	if end == len(b) {
		return true, nil
	}
	name := b[n+1 : end]
	after, empty, more, err := tagEnd(b, end)
	if err != nil || more {
		return more, err
	}
	if k := bytes.IndexByte(name, ':'); k >= 0 {
		s.prefix, name = string(name[:k+1]), name[k+1:]
	}
	if string(name) != "worksheet" && string(name) != "macrosheet" {
		return false, fmt.Errorf("its root element is %q, not worksheet", name)
	}
	if string(name) == "macrosheet" {
		s.prefix = "" // only the root of a macro sheet is of another namespace
	}
	s.pos += after
	s.state, s.depth = stateOutside, 1
	if empty {
		s.state, s.depth = stateEnd, 0
	}
	return false, nil
}

// local returns the name of the tag at i without the sheet's prefix, and nothing where it has another one.
func (s *scanner) local(i int) (name []byte, end int) {
	b := s.buf
	if b[i+1] == '/' {
		i++
	}
	end = nameEnd(b, i+1)
	name = b[i+1 : end]
	if s.prefix != "" {
		if !bytes.HasPrefix(name, []byte(s.prefix)) {
			return nil, end
		}
		return name[len(s.prefix):], end
	}
	return name, end
}

// outside reads a tag that is not in sheetData.
func (s *scanner) outside(i int) (ev event, ok, more bool, err error) {
	b := s.buf
	name, after := s.local(i)
	if after == len(b) {
		return evEnd, false, true, nil
	}
	end, empty, more, err := tagEnd(b, after)
	if err != nil || more {
		return evEnd, false, more, err
	}
	s.pos, s.tag, s.self = end, span{i, end}, empty
	if b[i+1] == '/' {
		if s.depth--; s.depth == 0 {
			s.state = stateEnd
		} else if s.depth == 1 {
			s.inFilter = false
		}
		return evEnd, false, false, nil
	}
	depth := s.depth
	if !empty {
		if s.depth++; s.depth > MaxNesting {
			return evEnd, false, false, fmt.Errorf("elements are nested more than %d deep", MaxNesting)
		}
	}
	if depth == 1 {
		switch string(name) {
		case "sheetData":
			if !empty {
				s.depth--
				s.state = stateData
			}
			return evData, true, false, nil
		case "dimension":
			s.text = s.attr(after, "ref")
			return evDimension, s.text != nil, false, nil
		case "autoFilter":
			s.inFilter = !empty
			s.text = append([]byte(nil), s.attr(after, "ref")...)
		}
	}
	if depth == 2 && s.inFilter && string(name) == "filterColumn" {
		s.inFilter = false // one is enough
		return evFilter, true, false, nil
	}
	return evEnd, false, false, nil
}

// attr returns the value of an attribute of the tag whose attributes begin at i, which is known to be whole.
func (s *scanner) attr(i int, name string) []byte {
	for {
		ns, ne, vs, ve, found := nextAttr(s.buf, i)
		if found != attrFound {
			return nil
		}
		if string(s.buf[ns:ne]) == name {
			return s.buf[vs:ve]
		}
		i = ve + 1
	}
}

// inside reads a tag in sheetData.
func (s *scanner) inside(i int) (ev event, ok, more bool, err error) {
	b := s.buf
	name, after := s.local(i)
	if after == len(b) {
		return evEnd, false, true, nil
	}
	if b[i+1] == '/' {
		want := "row"
		if s.state == stateData {
			want = "sheetData"
		}
		end, more, err := closeTag(b, i, s.prefix, want)
		if err != nil || more {
			return evEnd, false, more, err
		}
		s.pos, s.tag = end, span{i, end}
		if s.state == stateRow {
			s.state = stateData
			return evRowEnd, true, false, nil
		}
		s.state = stateOutside
		return evDataEnd, true, false, nil
	}
	switch {
	case s.state == stateRow && len(name) == 1 && name[0] == 'c':
		more, err = s.readCell(i, after)
		return evCell, err == nil && !more, more, err
	case s.state == stateData && string(name) == "row":
		more, err = s.readRow(i, after)
		return evRow, err == nil && !more, more, err
	}
	end, more, err := skipElement(b, i)
	if err == nil && !more {
		s.pos = end
	}
	return evEnd, false, more, err
}

// readRow reads the start tag of a row.
func (s *scanner) readRow(i, after int) (more bool, err error) {
	b := s.buf
	row := rawRow{row: s.top + 1}
	var style span
	custom := false
	for at := after; ; {
		ns, ne, vs, ve, found := nextAttr(b, at)
		switch found {
		case attrMore:
			return true, nil
		case attrBroken:
			return false, fmt.Errorf("row %d: %w", row.row+1, errTag)
		case attrOpen, attrEmpty:
			if row.row >= cell.MaxRows {
				return false, fmt.Errorf("a row lies beyond row %d, the last of a sheet", cell.MaxRows)
			}
			if custom {
				row.style = style
			}
			if row.row <= s.top {
				s.shape.ordered = false
			}
			s.row, s.top, s.line, s.last = row, row.row, row.row, -1
			s.pos, s.tag, s.self = ns, span{i, ns}, found == attrEmpty
			if !s.self {
				s.state = stateRow
			}
			return false, nil
		}
		switch v := b[vs:ve]; string(b[ns:ne]) {
		case "r":
			n, ok := parseUint(v)
			if !ok || n < 1 || n > cell.MaxRows {
				return false, fmt.Errorf("there is no row %q", v)
			}
			row.row = int32(n - 1)
		case "hidden":
			row.hidden = isTrue(v)
		case "spans":
			row.spans = span{vs, ve}
		case "s":
			style = span{vs, ve}
		case "customFormat":
			custom = isTrue(v)
		}
		at = ve + 1
	}
}

// isTrue reads xsd:boolean.
func isTrue(v []byte) bool { return string(v) == "1" || string(v) == "true" }

// parseUint reads a whole number of at most nine digits.
func parseUint(v []byte) (uint32, bool) {
	v = trimSpace(v)
	if len(v) == 0 || len(v) > 9 {
		return 0, false
	}
	n := uint32(0)
	for _, c := range v {
		d := uint32(c) - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}
