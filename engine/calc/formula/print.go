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
	file     bool     // as [FileText]
	bound    []string // variables of LET and LAMBDA here
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
		if p.file && !e.Sheets.Given && p.binds(e.Text) {
			p.WriteString(variableName(e))
			return
		}
		p.WriteString(e.Text)
	case *Structured:
		p.structured(e)
	case *Unary:
		p.unary(e, least)
	case *Binary:
		p.binary(e, least)
	case *Call:
		switch {
		case p.binding(e):
			return
		case e.Of != nil:
			p.expr(e.Of, precRange)
		case p.file:
			p.WriteString(p.fileName(e))
		default:
			p.WriteString(e.Name)
		}
		p.WriteByte('(')
		for i, a := range e.Args {
			if i > 0 {
				p.WriteByte(',')
			}
			if n, ok := a.(*Name); ok && n.Optional && e.Name == "LAMBDA" && i < len(e.Args)-1 {
				p.WriteString("[" + n.Text + "]")
				continue
			}
			p.expr(a, 0)
		}
		p.WriteByte(')')
	}
}

func (p *printer) unary(e *Unary, least int) {
	if p.operator(e) {
		return
	}
	if e.Op == Parentheses {
		p.WriteByte('(')
		p.expr(e.X, 0)
		p.WriteByte(')')
		return
	}
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

func (p *printer) sheets(on Sheets) { p.WriteString(on.prefix()) }

// prefix is what stands before a reference to these sheets, with the exclamation mark.
func (on Sheets) prefix() string {
	if !on.Given {
		return ""
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
	return s + "!"
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
	p.sheets(s.Sheets)
	p.WriteString(s.Table)
	p.WriteByte('[')
	defer p.WriteByte(']')
	if s.Parts == ThisRow && !p.file {
		p.WriteByte('@')
		switch {
		case s.First == "":
		case s.Last == s.First && plain(s.First) && !strings.Contains(s.First, " "):
			p.WriteString(s.First)
		default:
			p.WriteString(p.span(s))
		}
		return
	}
	items := parts(s.Parts)
	switch {
	case len(items) == 0 && s.First == s.Last && (plain(s.First) || p.file && strings.TrimSpace(s.First) == s.First && s.First[0] != '@'):
		p.WriteString(p.escape(s.First))
		return
	case len(items) == 1 && s.First == "":
		p.WriteString(items[0])
		return
	}
	for i := range items {
		items[i] = "[" + items[i] + "]"
	}
	if s.First != "" {
		items = append(items, p.span(s))
	}
	p.WriteString(strings.Join(items, ","))
}

// parts are the names of the parts of a table.
func parts(of TablePart) []string {
	if of == Headers|Data|Totals {
		return []string{"#All"}
	}
	var out []string
	for i, name := range []string{"#Headers", "#Data", "#Totals", "#This Row"} {
		if of&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// span is the columns of a structured reference.
func (p *printer) span(s *Structured) string {
	out := "[" + p.escape(s.First) + "]"
	if s.Last != s.First {
		out += ":[" + p.escape(s.Last) + "]"
	}
	return out
}

// plain reports whether the name of a column needs no brackets of its own.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x80 && c != ' ' && (!wordByte[c] || c == '$' || c == '.') {
			return false
		}
	}
	return strings.TrimSpace(s) == s
}

// escape puts an apostrophe before what would have a meaning in the name of a column. In files @ has none there.
func (p *printer) escape(s string) string {
	special := "[]#'@"
	if p.file {
		special = "[]#'"
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(special, s[i]) >= 0 {
			b.WriteByte('\'')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
