package calcconform

import (
	"regexp"
	"strconv"
	"strings"
)

// ReadFormulajs finds the cases in a test file of formulajs that are literals: expect(module.NAME(...)).to.equal(...), and the same with
// approximately. Cases with variables, dates or arguments left undefined are left out, as they have no formula in Excel.
func ReadFormulajs(src string) []TableCase {
	var out []TableCase
	for {
		i := strings.Index(src, "expect(")
		if i < 0 {
			return out
		}
		src = src[i+len("expect("):]
		s := &scriptReader{src: src}
		if c, ok := s.expectation(); ok {
			out = append(out, c)
		}
	}
}

// scriptReader reads literals of JavaScript as parts of a formula.
type scriptReader struct {
	src string
	pos int
}

var (
	scriptSpace  = regexp.MustCompile(`^(\s|//[^\n]*\n)*`)
	scriptCall   = regexp.MustCompile(`^[A-Za-z_]+\.([A-Z][A-Z0-9]*(\.[A-Z0-9]+)*)\(`)
	scriptNumber = regexp.MustCompile(`^-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?`)
	scriptError  = regexp.MustCompile(`^error\.([a-z0-9]+)`)
	scriptText   = regexp.MustCompile(`^'((?:[^'\\]|\\.)*)'|^"((?:[^"\\]|\\.)*)"`)
	scriptWord   = regexp.MustCompile(`^(true|false)\b`)
)

var scriptErrors = map[string]string{
	"nil": "#NULL!", "div0": "#DIV/0!", "value": "#VALUE!", "ref": "#REF!", "name": "#NAME?", "num": "#NUM!", "na": "#N/A", "calc": "#CALC!",
}

func (s *scriptReader) skip() { s.pos += len(scriptSpace.FindString(s.src[s.pos:])) }

func (s *scriptReader) take(re *regexp.Regexp) []string {
	s.skip()
	m := re.FindStringSubmatch(s.src[s.pos:])
	if m != nil {
		s.pos += len(m[0])
	}
	return m
}

func (s *scriptReader) word(w string) bool {
	s.skip()
	if strings.HasPrefix(s.src[s.pos:], w) {
		s.pos += len(w)
		return true
	}
	return false
}

func (s *scriptReader) expectation() (c TableCase, ok bool) {
	m := s.take(scriptCall)
	if m == nil {
		return c, false
	}
	var args []string
	for !s.word(")") {
		if len(args) > 0 && !s.word(",") {
			return c, false
		}
		if s.word(")") {
			break
		}
		text, _, ok := s.literal()
		if !ok {
			return c, false
		}
		args = append(args, text)
	}
	c = TableCase{Source: "formulajs", Test: m[1], Formula: m[1] + "(" + strings.Join(args, ",") + ")"}
	if !s.word(")") || !s.word(".to.") {
		return c, false
	}
	near := s.word("approximately(")
	if !near && !s.word("equal(") {
		return c, false
	}
	_, want, ok := s.literal()
	if !ok {
		return c, false
	}
	c.Want = want
	if near {
		if !s.word(",") {
			return c, false
		}
		m := s.take(scriptNumber)
		if m == nil {
			return c, false
		}
		within, err := strconv.ParseFloat(m[0], 64)
		if err != nil {
			return c, false
		}
		c.Within = within
	}
	return c, s.word(")")
}

// literal reads a value: as it stands in a formula, and as it is shown.
func (s *scriptReader) literal() (text, shown string, ok bool) {
	if m := s.take(scriptNumber); m != nil {
		return m[0], m[0], true
	}
	if m := s.take(scriptWord); m != nil {
		w := strings.ToUpper(m[1])
		return w, w, true
	}
	if m := s.take(scriptError); m != nil {
		e := scriptErrors[m[1]]
		return e, e, e != ""
	}
	if m := s.take(scriptText); m != nil {
		t := m[1] + m[2]
		if strings.Contains(t, `\`) {
			return "", "", false
		}
		return `"` + strings.ReplaceAll(t, `"`, `""`) + `"`, t, true
	}
	if s.word("[") {
		return s.array()
	}
	return "", "", false
}

// array reads an array of literals as a row, or one of arrays as rows.
func (s *scriptReader) array() (text, shown string, ok bool) {
	var items []string
	separator := ","
	for !s.word("]") {
		if len(items) > 0 && !s.word(",") {
			return "", "", false
		}
		if s.word("]") {
			break
		}
		item, _, ok := s.literal()
		if !ok {
			return "", "", false
		}
		if strings.HasPrefix(item, "{") {
			if strings.Contains(item, ";") {
				return "", "", false
			}
			item, separator = item[1:len(item)-1], ";"
		} else if separator == ";" {
			return "", "", false
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return "", "", false
	}
	return "{" + strings.Join(items, separator) + "}", "", true
}
