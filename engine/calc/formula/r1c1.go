package formula

import (
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// ParseR1C1 reads a reference in R1C1 notation as INDIRECT takes it: R2C3, R[-1]C, R1C1:R3C[2], C2, R5, each perhaps behind the name of a
// sheet. Names are read as by [Parse].
func ParseR1C1(src string, row, col int32) (Expr, error) {
	s, on := src, Sheets{}
	sc := scanner{src: src}
	if t, err := sc.next(); err == nil && t.kind == sheet {
		on = sheets(src[t.start:t.stop], t.quote)
		s = src[sc.pos:]
	}
	first, rest, ok := r1c1(s)
	if !ok {
		return Parse(src, row, col)
	}
	last := first
	if rest != "" && rest[0] == ':' {
		if last, rest, ok = r1c1(rest[1:]); !ok {
			return nil, errorAt(len(src)-len(rest), "expected a reference")
		}
	}
	if rest != "" {
		return Parse(src, row, col)
	}
	out := &Ref{Sheets: on, R0: first.row, C0: first.col, R1: last.row, C1: last.col, Cell: last == first && first.hasRow && first.hasCol}
	if !first.hasRow {
		out.R0, out.R1, out.Columns = Axis{Fixed: true}, Axis{cell.MaxRows - 1, true}, true
	}
	if !first.hasCol {
		out.C0, out.C1, out.Rows = Axis{Fixed: true}, Axis{cell.MaxCols - 1, true}, true
	}
	return out, nil
}

type place struct {
	row, col       Axis
	hasRow, hasCol bool
}

func r1c1(s string) (place, string, bool) {
	var p place
	if s != "" && s[0]|0x20 == 'r' {
		p.row, s, p.hasRow = r1c1Axis(s[1:])
		if !p.hasRow {
			return p, s, false
		}
	}
	if s != "" && s[0]|0x20 == 'c' {
		p.col, s, p.hasCol = r1c1Axis(s[1:])
		if !p.hasCol {
			return p, s, false
		}
	}
	return p, s, p.hasRow || p.hasCol
}

// r1c1Axis reads what follows R or C: nothing, [n] or n.
func r1c1Axis(s string) (Axis, string, bool) {
	if s == "" || s[0] == ':' || s[0]|0x20 == 'c' {
		return Axis{}, s, true
	}
	bracket := s[0] == '['
	i := 0
	if bracket {
		i++
	}
	start := i
	if bracket && i < len(s) && s[i] == '-' {
		i++
	}
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	n, err := strconv.ParseInt(s[start:i], 10, 32)
	if err != nil {
		return Axis{}, s, false
	}
	if !bracket {
		return Axis{int32(n) - 1, true}, s[i:], n > 0
	}
	if i >= len(s) || s[i] != ']' {
		return Axis{}, s, false
	}
	return Axis{N: int32(n)}, s[i+1:], true
}
