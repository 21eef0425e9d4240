package fn

import (
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// textSplitTable are the functions that take text apart at delimiters.
var textSplitTable = []*Func{
	{Name: "TEXTAFTER", Category: "Text", Takes: "t a n? n? n? a?", Doc: "the text after an occurrence of a delimiter", Body: func(c *Call) cell.Value {
		return textBeside(c, func(s []rune, m delimiterMatch) []rune { return s[m.end:] })
	}},
	{Name: "TEXTBEFORE", Category: "Text", Takes: "t a n? n? n? a?", Doc: "the text before an occurrence of a delimiter", Body: func(c *Call) cell.Value {
		return textBeside(c, func(s []rune, m delimiterMatch) []rune { return s[:m.start] })
	}},
	{Name: "TEXTSPLIT", Category: "Text", Takes: "t a a? b? n? a?", Doc: "the parts of text between delimiters of columns and of rows, as an array", Body: textSplit},
}

// delimiterMatch is where a delimiter stands.
type delimiterMatch struct{ start, end int }

// delimiters are texts any of which separates; where several begin at one place, the longest does.
type delimiters struct {
	texts [][]rune
	fold  bool
}

// delimitersOf reads the delimiters of argument i. It reports false for those that are no text or empty ones.
func (c *Call) delimitersOf(i int, fold bool) (d delimiters, empty bool, failed cell.ErrorCode) {
	d.fold = fold
	c.ValuesOf(i, func(v cell.Value, _ bool) bool {
		t := cell.ToText(v)
		failed = t.Code()
		empty = empty || t.Text() == ""
		d.texts = append(d.texts, d.folded([]rune(t.Text())))
		return failed == 0
	})
	slices.SortStableFunc(d.texts, func(a, b []rune) int { return len(b) - len(a) })
	return d, empty || len(d.texts) == 0, failed
}

func (d delimiters) folded(s []rune) []rune {
	if !d.fold {
		return s
	}
	out := make([]rune, len(s))
	for i, r := range s {
		out[i] = cell.FoldRune(r)
	}
	return out
}

// shortest returns the length of the shortest delimiter; they are sorted by it.
func (d delimiters) shortest() int { return len(d.texts[len(d.texts)-1]) }

// all returns the matches in s that do not overlap, found from the front or from the end, in the order in which they are found.
func (d delimiters) all(s []rune, backward bool) []delimiterMatch {
	s = d.folded(s)
	var out []delimiterMatch
	if backward {
		for end := len(s); end > 0; {
			if n := d.before(s[:end]); n > 0 {
				out = append(out, delimiterMatch{end - n, end})
				end -= n
			} else {
				end--
			}
		}
		return out
	}
	for start := 0; start < len(s); {
		if n := d.at(s[start:]); n > 0 {
			out = append(out, delimiterMatch{start, start + n})
			start += n
		} else {
			start++
		}
	}
	return out
}

// at returns the length of the delimiter at the front of s, 0 for none, and before that of the one at its end.
func (d delimiters) at(s []rune) int {
	for _, t := range d.texts {
		if len(t) <= len(s) && slices.Equal(t, s[:len(t)]) {
			return len(t)
		}
	}
	return 0
}

func (d delimiters) before(s []rune) int {
	for _, t := range d.texts {
		if len(t) <= len(s) && slices.Equal(t, s[len(s)-len(t):]) {
			return len(t)
		}
	}
	return 0
}

// textBeside is TEXTBEFORE and TEXTAFTER, which differ in the part of the text that they keep.
func textBeside(c *Call, keep func([]rune, delimiterMatch) []rune) cell.Value {
	which, mode, atEnd := Trunc(math.Floor(c.NumOr(2, 1))), c.Int(3), c.Int(4)
	if which == 0 || mode != 0 && mode != 1 || atEnd != 0 && atEnd != 1 {
		return cell.Err(cell.ErrValue)
	}
	d, empty, failed := c.delimitersOf(1, mode == 1)
	if failed != 0 {
		return cell.Err(failed)
	}
	s := []rune(c.Str(0))
	// Excel tells an occurrence that the text has no room for from one that it only does not have.
	if c.Has(2) && len(s) > 0 && !empty && max(which, -which)*d.shortest() > len(s) {
		return cell.Err(cell.ErrValue)
	}
	front, end := delimiterMatch{0, 0}, delimiterMatch{len(s), len(s)}
	switch {
	case empty && which > 0:
		return cell.Str(string(keep(s, front)))
	case empty:
		return cell.Str(string(keep(s, end)))
	}
	found := d.all(s, which < 0)
	if atEnd == 1 {
		// The far end of the text counts as one more delimiter.
		if which > 0 {
			found = append(found, end)
		} else {
			found = append(found, front)
		}
	}
	if n := max(which, -which); n <= len(found) {
		return cell.Str(string(keep(s, found[n-1])))
	}
	switch {
	case !c.Has(5):
		return cell.Err(cell.ErrNA)
	case c.upperLeft(5).Kind() == cell.Empty:
		return cell.Str("")
	}
	return c.Args[5]
}

// parts returns what stands between the delimiters.
func (d delimiters) parts(s []rune, skipEmpty bool) [][]rune {
	var out [][]rune
	at := 0
	for _, m := range append(d.all(s, false), delimiterMatch{len(s), len(s)}) {
		if part := s[at:m.start]; len(part) > 0 || !skipEmpty {
			out = append(out, part)
		}
		at = m.end
	}
	return out
}

func textSplit(c *Call) cell.Value {
	mode, skip := c.Int(4), c.Bool(3, false)
	if mode != 0 && mode != 1 {
		return cell.Err(cell.ErrValue)
	}
	var cols, rows delimiters
	for i, d := range []*delimiters{1: &cols, 2: &rows} {
		if d == nil || !c.Has(i) {
			continue
		}
		of, empty, failed := c.delimitersOf(i, mode == 1)
		switch {
		case failed != 0:
			return cell.Err(failed)
		case empty:
			return cell.Err(cell.ErrValue)
		}
		*d = of
	}
	if cols.texts == nil && rows.texts == nil {
		return cell.Err(cell.ErrValue)
	}
	var lines [][][]rune
	width := 0
	for _, line := range rows.parts([]rune(c.Str(0)), skip) {
		parts := cols.parts(line, skip)
		if len(parts) == 0 {
			continue
		}
		lines = append(lines, parts)
		width = max(width, len(parts))
	}
	if len(lines) == 0 {
		return cell.Err(cell.ErrCalc)
	}
	if len(lines)*width > MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	padding := cell.Err(cell.ErrNA)
	if c.Has(5) {
		padding = c.upperLeft(5)
	}
	g := cell.NewGrid(len(lines), width)
	for r, parts := range lines {
		for col := range width {
			if col < len(parts) {
				g.Set(r, col, cell.Str(string(parts[col])))
			} else {
				g.Set(r, col, padding)
			}
		}
	}
	return cell.Arr(g)
}
