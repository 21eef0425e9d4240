package formula

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// reference reads what begins with a word, a sheet or a bracket: a reference, a name, a structured reference, a boolean or a call.
func (p *parser) reference() Expr {
	var on Sheets
	if p.tok.kind == sheet {
		start := p.tok.start
		on = sheets(p.text(), p.tok.quote)
		p.advance()
		switch {
		case on.First == "" && (on.External == "" || on.Last != ""):
			return p.fail(start, "the name of a sheet is empty")
		case p.tok.kind == errlit && strings.EqualFold(p.text(), "#REF!"):
			p.advance()
			return &BadRef{on}
		case p.tok.kind == number:
			return p.wholeRows(on)
		case p.tok.kind != word:
			return p.fail(p.tok.start, "after the name of a sheet comes a reference or a name")
		}
	}
	if p.tok.kind == table { // the table around the cell
		return p.structured(Sheets{}, "")
	}
	t, s := p.tok, p.text()
	p.advance()
	// A 3-D reference, Jan:Mar!A1, begins like an area.
	if p.isOp(":") && !on.Given {
		save, tok := p.pos, p.tok
		p.advance()
		if p.tok.kind == sheet && !p.tok.quote {
			on = Sheets{Given: true, First: s, Last: p.text()}
			p.advance()
			if p.tok.kind == word {
				t, s = p.tok, p.text()
				p.advance()
			} else {
				return p.fail(p.tok.start, "after the name of a sheet comes a reference or a name")
			}
		} else {
			p.pos, p.tok = save, tok
		}
	}
	if p.isOp("(") && !strings.Contains(s, "$") {
		if other := on.prefix(); other != "" {
			return called(other+functionName(s), p.arguments())
		}
		return called(s, p.arguments())
	}
	if p.tok.kind == table && p.tok.start == t.stop {
		return p.structured(on, s)
	}
	if row, col, ok := p.cellAxes(s); ok {
		return &Ref{Sheets: on, R0: row, C0: col, R1: row, C1: col, Cell: true}
	}
	if p.isOp(":") {
		save, tok := p.pos, p.tok
		if col, ok := p.columnAxis(s); ok {
			p.advance()
			if p.tok.kind == word {
				if last, ok := p.columnAxis(p.text()); ok {
					p.advance()
					rows := Axis{N: cell.MaxRows - 1, Fixed: true}
					return &Ref{Sheets: on, R0: Axis{Fixed: true}, C0: col, R1: rows, C1: last, Columns: true}
				}
			}
			p.pos, p.tok = save, tok
		} else if row, ok := wholeRow(s); ok {
			p.advance()
			if p.tok.kind == word || p.tok.kind == number {
				if last, ok := wholeRow(p.text()); ok {
					p.advance()
					return p.rows(on, row, last)
				}
			}
			p.pos, p.tok = save, tok
		}
	}
	if strings.Contains(s, "$") {
		return p.fail(t.start, quoted(s)+" is no cell")
	}
	if !on.Given {
		if strings.EqualFold(s, "TRUE") || strings.EqualFold(s, "FALSE") {
			return &Const{cell.Truth(len(s) == 4)}
		}
	}
	text, optional := strings.CutPrefix(strings.TrimPrefix(s, variable), optionalVariable)
	return &Name{Sheets: on, Text: text, Optional: optional}
}

// isWord reports whether a text can be the name of a parameter.
func isWord(s string) bool { return s != "" && !isDigit(s[0]) && plain(s) && !strings.Contains(s, " ") }

// functionName drops the prefixes by which files mark functions that came after Excel 2007.
func functionName(s string) string {
	s = strings.ToUpper(s)
	for {
		switch {
		case strings.HasPrefix(s, "_XLFN."):
			s = s[len("_XLFN."):]
		case strings.HasPrefix(s, "_XLWS."):
			s = s[len("_XLWS."):]
		case strings.HasPrefix(s, "_XLPM."): // a LAMBDA under the name that LET or LAMBDA gives it
			s = s[len("_XLPM."):]
		case strings.HasPrefix(s, "_XLUDF."):
			s = s[len("_XLUDF."):]
		default:
			return s
		}
	}
}

// called is the call of a function by its name as written. @ and # are functions in files.
func called(written string, args []Expr) Expr {
	name := functionName(written)
	if op := fileOperators[name]; op != "" && len(args) == 1 && args[0] != nil {
		return &Unary{op, args[0]}
	}
	if name == "LAMBDA" {
		optionals(args)
	}
	call := &Call{Name: name, Args: args}
	if prefix := written[:len(written)-len(name)]; future()[name] == "" && !strings.EqualFold(prefix, variable) {
		call.Prefix = prefix
	}
	return call
}

// optionals makes parameters of LAMBDA of [y], which elsewhere is a column of the table around the cell.
func optionals(args []Expr) {
	for i, a := range args {
		if s, ok := a.(*Structured); ok && i < len(args)-1 && s.Table == "" && s.Parts == 0 && s.First == s.Last && isWord(s.First) {
			args[i] = &Name{Text: s.First, Optional: true}
		}
	}
}

// fileOperators are the operators that are functions in files.
var fileOperators = map[string]string{"SINGLE": "@", "ANCHORARRAY": "#"}

// sheets reads what stands before "!": Sheet1, 'My sheet', [1]Sheet1, Jan:Mar, '[1]Jan:Mar'.
func sheets(s string, quote bool) Sheets {
	if quote {
		s = strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	on := Sheets{Given: true}
	if i := strings.LastIndexByte(s, ']'); i >= 0 {
		if j := strings.IndexByte(s, '['); j >= 0 && j < i {
			on.External, s = s[:j]+s[j+1:i], s[i+1:]
		}
	}
	// A colon cannot be part of a sheet's name.
	on.First, on.Last, _ = strings.Cut(s, ":")
	return on
}

// cellAxes reads $A$1 in its relative form.
func (p *parser) cellAxes(s string) (row, col Axis, ok bool) {
	r, c, ok := cell.ParseAddress(s)
	if !ok {
		return Axis{}, Axis{}, false
	}
	col = axis(c, s[0] == '$', p.col)
	row = axis(r, strings.LastIndexByte(s, '$') > 0, p.row)
	return row, col, true
}

func axis(n int32, fixed bool, own int32) Axis {
	if fixed {
		return Axis{n, true}
	}
	return Axis{N: n - own}
}

func (p *parser) columnAxis(s string) (Axis, bool) {
	letters := strings.TrimPrefix(s, "$")
	col, ok := cell.ParseColumn(letters)
	return axis(col, len(letters) < len(s), p.col), ok
}

// rowEnd is one end of whole rows, as written.
type rowEnd struct {
	n     int32
	fixed bool
}

// wholeRow reads "12" or "$12".
func wholeRow(s string) (rowEnd, bool) {
	digits := strings.TrimPrefix(s, "$")
	if len(digits) == 0 || len(digits) > 7 {
		return rowEnd{}, false
	}
	n := 0
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return rowEnd{}, false
		}
		n = n*10 + int(digits[i]-'0')
	}
	return rowEnd{int32(n - 1), len(digits) < len(s)}, n >= 1 && n <= cell.MaxRows
}

func (p *parser) rows(on Sheets, first, last rowEnd) Expr {
	return &Ref{Sheets: on, R0: axis(first.n, first.fixed, p.row), C0: Axis{Fixed: true}, R1: axis(last.n, last.fixed, p.row),
		C1: Axis{cell.MaxCols - 1, true}, Rows: true}
}

// wholeRows reads Sheet1!2:5 from the number on.
func (p *parser) wholeRows(on Sheets) Expr {
	t := p.tok
	first, ok := wholeRow(p.text())
	p.advance()
	if ok && p.isOp(":") {
		p.advance()
		if last, ok := wholeRow(p.text()); ok && (p.tok.kind == number || p.tok.kind == word) {
			p.advance()
			return p.rows(on, first, last)
		}
	}
	return p.fail(t.start, "after the name of a sheet comes a reference or a name")
}

// structured reads the bracket behind a table's name.
func (p *parser) structured(on Sheets, tableName string) Expr {
	t, s := p.tok, p.text()
	p.advance()
	out := &Structured{Sheets: on, Table: tableName}
	inner := s[1 : len(s)-1]
	if strings.TrimSpace(inner) == "" {
		return out
	}
	// A single column or part without inner brackets: Sales[Price], Sales[#Totals], Sales[@Price].
	trimmed := strings.TrimSpace(inner)
	if strings.HasPrefix(trimmed, "@") {
		out.Parts = ThisRow
		trimmed = strings.TrimSpace(trimmed[1:])
		if trimmed == "" {
			return out
		}
	}
	if !strings.HasPrefix(trimmed, "[") {
		if !part(trimmed, &out.Parts) {
			out.First = unescape(trimmed)
			out.Last = out.First
		}
		return out
	}
	colon := false
	for rest := trimmed; rest != ""; {
		if rest[0] != '[' {
			return p.fail(t.start, "expected a column between brackets")
		}
		stop := 1
		for stop < len(rest) && rest[stop] != ']' {
			if rest[stop] == '\'' {
				stop++
			}
			stop++
		}
		if stop >= len(rest) {
			return p.fail(t.start, "this bracket is not closed")
		}
		item := rest[1:stop]
		switch {
		case colon:
			out.Last, colon = unescape(item), false
		case part(item, &out.Parts):
		case out.First != "":
			return p.fail(t.start, "a structured reference has one column, or a first and a last one with : between them")
		default:
			out.First = unescape(item)
			out.Last = out.First
		}
		rest = strings.TrimSpace(rest[stop+1:])
		switch {
		case strings.HasPrefix(rest, ","):
			rest = strings.TrimSpace(rest[1:])
		case strings.HasPrefix(rest, ":") && out.First != "":
			colon = true
			rest = strings.TrimSpace(rest[1:])
		case rest != "":
			return p.fail(t.start, "expected a comma or a closing bracket")
		}
	}
	if colon {
		return p.fail(t.start, "the last column is missing")
	}
	return out
}

// part reads #Headers and the like, and reports whether s is one.
func part(s string, parts *TablePart) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "#all":
		*parts |= Headers | Data | Totals
	case "#headers":
		*parts |= Headers
	case "#data":
		*parts |= Data
	case "#totals":
		*parts |= Totals
	case "#this row":
		*parts |= ThisRow
	default:
		return false
	}
	return true
}

// unescape drops the apostrophes before characters that would have a meaning.
func unescape(s string) string {
	if !strings.Contains(s, "'") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\'' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
