package calcrandom

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// text writes the formula of a cell.
type text func(row, col int32) string

// maker draws formulas that read columns 0 to cols-1 of the first sheet, and some of the second one.
type maker struct {
	*rand.Rand
	cols, rows int32
	own        int32 // the column of the formula
	chain      bool  // it may read its own column above
	rowwise    bool  // only what arithmetic takes, so that whole columns go by tiles
	dynamic    bool
	table      bool
}

func fixed(s string) text { return func(int32, int32) string { return s } }

func join(format string, parts ...text) text {
	return func(row, col int32) string {
		args := make([]any, len(parts))
		for i, p := range parts {
			args[i] = p(row, col)
		}
		return fmt.Sprintf(format, args...)
	}
}

func address(row, col int32, absRow, absCol bool) string {
	if row < 0 || col < 0 || row >= cell.MaxRows || col >= cell.MaxCols {
		return "#REF!"
	}
	a := cell.Address(row, col)
	i := strings.IndexAny(a, "0123456789")
	letters, digits := a[:i], a[i:]
	if absCol {
		letters = "$" + letters
	}
	if absRow {
		digits = "$" + digits
	}
	return letters + digits
}

// cell is one cell: in the own row mostly.
func (m *maker) cell() text {
	c := m.Int32N(m.cols)
	d := []int32{0, 0, 0, 0, 0, -1, 1, -3, 5, 40}[m.IntN(10)]
	if m.chain && m.IntN(3) == 0 {
		c, d = m.own, -1-m.Int32N(2)
	}
	sheet := ""
	if m.IntN(12) == 0 {
		sheet, c = "'Other sheet'!", m.Int32N(4)
	}
	absCol := m.IntN(2) == 0
	dc := c - m.own
	at := func(col int32) int32 {
		if absCol {
			return c
		}
		return col + dc
	}
	if m.IntN(8) == 0 && c != m.own {
		r := m.Int32N(m.rows)
		return func(_, col int32) string { return sheet + address(r, at(col), true, absCol) }
	}
	return func(row, col int32) string { return sheet + address(row+d, at(col), false, absCol) }
}

// area is a range: fixed, growing, sliding, whole columns.
func (m *maker) area(wide int32) text {
	c := m.Int32N(max(m.cols-wide+1, 1))
	last := c + wide - 1
	if m.chain && wide == 1 && m.IntN(3) == 0 {
		c, last = m.own, m.own
		k := m.Int32N(4)
		if m.IntN(2) == 0 {
			return func(row, _ int32) string {
				return address(0, c, true, true) + ":" + address(row-1, c, false, true)
			}
		}
		return func(row, _ int32) string {
			return address(row-1-k, c, false, true) + ":" + address(row-1, c, false, true)
		}
	}
	r0 := m.Int32N(m.rows)
	r1 := r0 + m.Int32N(m.rows-r0)
	if m.IntN(3) == 0 {
		r0 = 0
	}
	switch m.IntN(7) {
	case 0, 1:
		return fixed(address(r0, c, true, true) + ":" + address(r1, last, true, true))
	case 2:
		return func(row, _ int32) string {
			return address(r0, c, true, true) + ":" + address(row, last, false, true)
		}
	case 3:
		k := m.Int32N(6)
		return func(row, _ int32) string {
			return address(row-k, c, false, true) + ":" + address(row, last, false, true)
		}
	case 4:
		k := m.Int32N(6)
		return func(row, _ int32) string {
			return address(row, c, false, true) + ":" + address(min(row+k, cell.MaxRows-1), last, false, true)
		}
	case 5:
		if m.IntN(3) == 0 {
			return fixed("'Other sheet'!" + address(0, 0, true, true) + ":" + address(r1, wide-1, true, true))
		}
		return func(row, _ int32) string {
			return address(row, c, false, true) + ":" + address(m.rows-1, last, true, true)
		}
	}
	a, b := cell.Address(0, c), cell.Address(0, last)
	return fixed("$" + a[:len(a)-1] + ":$" + b[:len(b)-1])
}

func (m *maker) pick(s ...string) string { return s[m.IntN(len(s))] }

// number is an expression that is mostly a number.
func (m *maker) number(depth int) text {
	if depth <= 0 {
		switch m.IntN(6) {
		case 0:
			return fixed(m.pick("0", "1", "2", "0.5", "3", "10", "1E-3", "100", "7", "1e307"))
		}
		return m.cell()
	}
	n := func() text { return m.number(depth - 1 - m.IntN(2)) }
	limit := 22
	if m.rowwise {
		limit = 12
	}
	switch m.IntN(limit) {
	case 0, 1, 2, 3:
		return join("("+"%s"+m.pick("+", "-", "*", "/")+"%s)", n(), n())
	case 4:
		return join("-%s", n())
	case 5:
		return join("IF(%s,%s,%s)", m.truth(depth-1), n(), n())
	case 6:
		return join(m.pick("ABS", "INT", "SQRT", "EXP", "SIGN", "LN", "TRUNC", "N", "DAY", "YEAR", "MONTH")+"(%s)", n())
	case 7:
		return join("ROUND(%s,"+m.pick("0", "1", "2", "-1")+")", n())
	case 8:
		return join(m.pick("MIN", "MAX", "MOD", "POWER", "ROUNDUP", "FLOOR", "SUM", "AVERAGE", "PRODUCT", "COUNT")+"(%s,%s)", n(), n())
	case 9:
		return join("%s^"+m.pick("2", "0.5", "-1", "3"), n())
	case 10:
		return join("%s%%", n())
	case 11:
		return join("(%s+%s)", m.truth(depth-1), n())
	case 12, 13:
		return join(m.pick("SUM", "AVERAGE", "COUNT", "COUNTA", "MIN", "MAX", "COUNTBLANK", "STDEV", "MEDIAN", "ROWS", "SUMSQ")+"(%s)", m.area(1+m.Int32N(2)))
	case 14:
		return join("IFERROR(%s,%s)", n(), n())
	case 15:
		switch m.IntN(3) {
		case 0:
			return fixed(m.pick("SUM('Other sheet'!$2:$2)", "COUNTA('Other sheet'!1:3)", "MATCH(2,'Other sheet'!$3:$3,0)", "SUM('Data:Other sheet'!$A$2:$B$4)", "MAX('Data:Other sheet'!B1:B9)", "RAND()", "NOW()"))
		case 1:
			r := m.Int32N(m.rows)
			return func(row, _ int32) string {
				return "SUM('Data:Other sheet'!" + address(r, 0, true, true) + ":" + address(row, 0, false, true) + ")"
			}
		}
		return join("LEN(%s)", m.words(depth-1))
	case 16:
		return m.lookup(depth)
	case 17:
		a := m.area(1)
		return join(m.pick("SUMIF", "COUNTIF", "AVERAGEIF")+"(%s,%s)", a, m.criterion(depth))
	case 18:
		r := m.Int32N(m.rows)
		col := func(c int32) string { return address(0, c, true, true) + ":" + address(r, c, true, true) }
		a, b, s := col(m.Int32N(m.cols)), col(m.Int32N(m.cols)), col(m.Int32N(m.cols))
		if m.IntN(3) == 0 {
			return join("COUNTIFS("+a+",%s,"+b+",%s)", m.criterion(depth), m.criterion(depth))
		}
		return join(m.pick("SUMIFS", "AVERAGEIFS", "MAXIFS")+"("+s+","+a+",%s,"+b+",%s)", m.criterion(depth), m.criterion(depth))
	case 19:
		if m.dynamic {
			return join(m.pick("OFFSET(%s,1,0)", "SUM(OFFSET(%s,0,0,3,1))", "INDIRECT(ADDRESS(ROW(%s),2))", "SUM(INDIRECT(\"A1:A\"&ROW(%s)))"), m.cell())
		}
		return join("SUMPRODUCT(%s*2)", m.area(1))
	case 20:
		if m.table {
			return fixed(m.pick("SUM(T[One])", "SUM(T[[One]:[Two]])", "T[[#Headers],[One]]", "COUNTA(T)", "Rate", "SUM(Fixed)", "Left1", "Twice"))
		}
		return fixed(m.pick("Rate", "SUM(Fixed)", "Left1", "Rate*2", "Twice"))
	}
	return join("INDEX(%s,%s)", m.area(1), m.number(depth-2))
}

func (m *maker) criterion(depth int) text {
	switch m.IntN(4) {
	case 0:
		return fixed(m.pick(`">0"`, `"<=5"`, `"<>"`, `"a*"`, `"=ab"`, `""`, `"<>ab"`, `">=b"`, "3", `"12"`, "TRUE", `"?b"`))
	case 1:
		return join(`">"&%s`, m.cell())
	}
	return m.cell()
}

func (m *maker) lookup(depth int) text {
	v := m.cell()
	if m.IntN(4) == 0 {
		v = m.number(depth - 1)
	}
	switch m.IntN(7) {
	case 0:
		return join("VLOOKUP(%s,%s,2,"+m.pick("FALSE", "TRUE", "0", "1")+")", v, m.area(2))
	case 1, 2:
		return join("MATCH(%s,%s,"+m.pick("0", "1", "-1")+")", v, m.area(1))
	case 3:
		r := m.Int32N(m.rows)
		col := func(c int32) string { return address(0, c, true, true) + ":" + address(r, c, true, true) }
		return join("XLOOKUP(%s,"+col(m.Int32N(m.cols))+","+col(m.Int32N(m.cols))+",-1,"+m.pick("0", "-1", "1")+")", v)
	case 4:
		return join("XMATCH(%s,%s,"+m.pick("0", "-1", "1", "2")+")", v, m.area(1))
	case 5:
		r := m.Int32N(m.rows)
		col := func(c int32) string { return address(0, c, true, true) + ":" + address(r, c, true, true) }
		return join("INDEX("+col(m.Int32N(m.cols))+",MATCH(%s,"+col(m.Int32N(m.cols))+",0))", v)
	}
	return join("LOOKUP(%s,%s)", v, m.area(1))
}

func (m *maker) truth(depth int) text {
	switch m.IntN(7) {
	case 0:
		if depth > 0 {
			return join("AND(%s,%s)", m.truth(depth-1), m.truth(depth-1))
		}
	case 1:
		if depth > 0 {
			return join("OR(%s,%s)", m.truth(depth-1), m.truth(depth-1))
		}
	case 2:
		return join("NOT(%s)", m.truth(depth-1))
	case 3:
		if !m.rowwise {
			return join(m.pick("ISNUMBER", "ISTEXT", "ISBLANK", "ISERROR", "ISNA", "ISEVEN")+"(%s)", m.cell())
		}
	}
	return join("%s"+m.pick("<", "<=", ">", ">=", "=", "<>")+"%s", m.number(depth-1), m.number(depth-1))
}

// words is an expression that is mostly a text.
func (m *maker) words(depth int) text {
	switch m.IntN(8) {
	case 0:
		return join("%s&%s", m.cell(), m.cell())
	case 1:
		return join(m.pick("UPPER", "TRIM", "PROPER", "T")+"(%s)", m.cell())
	case 2:
		return join(m.pick("LEFT", "RIGHT")+"(%s,2)", m.cell())
	case 3:
		return join(`TEXT(%s,"0.00")`, m.number(depth-1))
	case 4:
		return join(`IF(%s,"yes",%s)`, m.truth(depth-1), m.cell())
	case 5:
		return join(`SUBSTITUTE(%s,"a","bb")`, m.cell())
	case 6:
		return join(`TEXTJOIN(",",TRUE,%s)`, join("LEFT(%s,3)", m.cell()))
	}
	return fixed(m.pick(`"ab"`, `""`, `"12"`, `"x"`))
}

// any is an expression of any sort.
func (m *maker) any(depth int) text {
	if m.rowwise || m.IntN(4) > 0 {
		if m.IntN(6) == 0 {
			return m.truth(depth)
		}
		return m.number(depth)
	}
	return m.words(depth)
}
