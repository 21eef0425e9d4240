package formula

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Text writes a tree as the formula of the cell in this row and column, without the leading "=". Parsed again it
// gives the same tree.
func Text(e Expr, row, col int32) string {
	p := printer{row: row, col: col}
	p.expr(e, 0)
	return p.String()
}

type printer struct {
	strings.Builder
	row, col int32
}

func (p *printer) expr(e Expr, least int) {
	switch e := e.(type) {
	case nil:
	case *Const:
		p.value(e.Value)
	case *Array:
		p.array(e.Grid)
	case *Ref:
		p.sheets(e.Sheets)
		p.ref(e)
	case *BadRef:
		p.sheets(e.Sheets)
		p.WriteString("#REF!")
	case *Name:
		p.sheets(e.Sheets)
		p.WriteString(e.Text)
	case *Structured:
		p.structured(e)
	case *Unary:
		p.unary(e, least)
	case *Binary:
		p.binary(e, least)
	case *Call:
		if e.Of != nil {
			p.expr(e.Of, precRange)
		} else {
			p.WriteString(e.Name)
		}
		p.WriteByte('(')
		for i, a := range e.Args {
			if i > 0 {
				p.WriteByte(',')
			}
			p.expr(a, 0)
		}
		p.WriteByte(')')
	}
}

func (p *printer) unary(e *Unary, least int) {
	prec := precNegate
	switch e.Op {
	case "%":
		prec = precPercent
	case "#":
		prec = precRange + 1
	}
	if prec < least {
		p.WriteByte('(')
		defer p.WriteByte(')')
	}
	if e.Op == "%" || e.Op == "#" {
		p.expr(e.X, prec)
		p.WriteString(e.Op)
		return
	}
	p.WriteString(e.Op)
	if e.Op == "@" {
		p.expr(e.X, precUnion)
	} else {
		p.expr(e.X, precNegate)
	}
}

func (p *printer) binary(e *Binary, least int) {
	prec := precedence(e.Op)
	switch e.Op {
	case " ":
		prec = precIntersect
	case ",":
		prec = -1 // a union always stands between parentheses
	}
	if prec < least {
		p.WriteByte('(')
		defer p.WriteByte(')')
	}
	if e.Op == "," {
		p.union(e)
		return
	}
	p.expr(e.X, prec)
	if e.Op == ":" && endsInWord(e.X) {
		p.WriteString(" : ")
	} else {
		p.WriteString(e.Op)
	}
	p.expr(e.Y, prec+1)
}

// endsInWord reports whether the text of an operand of ":" ends in what would be a column or a row if the other operand stood close to it.
func endsInWord(e Expr) bool {
	switch e := e.(type) {
	case *Name:
		return true
	case *Binary:
		return endsInWord(e.Y)
	}
	return false
}

// union writes the operands of commas side by side.
func (p *printer) union(e *Binary) {
	if x, ok := e.X.(*Binary); ok && x.Op == "," {
		p.union(x)
	} else {
		p.expr(e.X, 0)
	}
	p.WriteByte(',')
	p.expr(e.Y, 0)
}

func (p *printer) value(v cell.Value) {
	switch v.Kind() {
	case cell.Number:
		// As a cell shows it, unless that is not all of the number.
		s := cell.FormatGeneral(v.Float())
		if f, err := strconv.ParseFloat(s, 64); err != nil || f != v.Float() {
			s = strconv.FormatFloat(v.Float(), 'G', -1, 64)
		}
		p.WriteString(s)
	case cell.Text:
		p.WriteString(`"` + strings.ReplaceAll(v.Text(), `"`, `""`) + `"`)
	case cell.Error:
		p.WriteString(v.Code().String())
	case cell.Bool:
		if v.True() {
			p.WriteString("TRUE")
		} else {
			p.WriteString("FALSE")
		}
	}
}

func (p *printer) array(g *cell.Grid) {
	p.WriteByte('{')
	for i, v := range g.Cells {
		if i > 0 {
			if i%g.Cols == 0 {
				p.WriteByte(';')
			} else {
				p.WriteByte(',')
			}
		}
		p.value(v)
	}
	p.WriteByte('}')
}

func (p *printer) sheets(on Sheets) {
	if !on.Given {
		return
	}
	s := on.First
	if on.Last != "" {
		s += ":" + on.Last
	}
	if on.External != "" {
		s = "[" + on.External + "]" + s
	}
	if needsQuotes(on) {
		s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	p.WriteString(s + "!")
}

func needsQuotes(on Sheets) bool {
	for _, s := range []string{on.First, on.Last, on.External} {
		if s == "" {
			continue
		}
		if isDigit(s[0]) && s != on.External {
			return true
		}
		for _, r := range s { // a byte that is no character is one that cannot be printed
			if r < utf8.RuneSelf && (!wordByte[r] || r == '$') || r == utf8.RuneError || !unicode.IsPrint(r) {
				return true
			}
		}
	}
	_, _, isCell := cell.ParseAddress(on.First)
	return isCell
}

func (p *printer) ref(r *Ref) {
	switch {
	case r.Columns:
		p.column(r.C0)
		p.WriteByte(':')
		p.column(r.C1)
	case r.Rows:
		p.rowNumber(r.R0)
		p.WriteByte(':')
		p.rowNumber(r.R1)
	default:
		if !p.inside(r) {
			p.WriteString("#REF!")
			return
		}
		p.column(r.C0)
		p.rowNumber(r.R0)
		if !r.Cell {
			p.WriteByte(':')
			p.column(r.C1)
			p.rowNumber(r.R1)
		}
	}
}

func (p *printer) inside(r *Ref) bool {
	for _, n := range []int32{r.R0.At(p.row), r.R1.At(p.row)} {
		if n < 0 || n >= cell.MaxRows {
			return false
		}
	}
	for _, n := range []int32{r.C0.At(p.col), r.C1.At(p.col)} {
		if n < 0 || n >= cell.MaxCols {
			return false
		}
	}
	return true
}

func (p *printer) column(a Axis) {
	if a.Fixed {
		p.WriteByte('$')
	}
	p.WriteString(cell.ColumnName(a.At(p.col)))
}

func (p *printer) rowNumber(a Axis) {
	if a.Fixed {
		p.WriteByte('$')
	}
	p.WriteString(strconv.Itoa(int(a.At(p.row)) + 1))
}

func (p *printer) structured(s *Structured) {
	p.WriteString(s.Table)
	p.WriteByte('[')
	defer p.WriteByte(']')
	var items []string
	parts := []struct {
		part TablePart
		text string
	}{{Headers, "#Headers"}, {Data, "#Data"}, {Totals, "#Totals"}, {ThisRow, "#This Row"}}
	if s.Parts == Headers|Data|Totals {
		items = append(items, "[#All]")
	} else {
		for _, q := range parts {
			if s.Parts&q.part != 0 {
				items = append(items, "["+q.text+"]")
			}
		}
	}
	if s.First != "" {
		item := "[" + escape(s.First) + "]"
		if s.Last != s.First {
			item += ":[" + escape(s.Last) + "]"
		}
		items = append(items, item)
	}
	p.WriteString(strings.Join(items, ","))
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte("[]#'@", s[i]) >= 0 {
			b.WriteByte('\'')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
