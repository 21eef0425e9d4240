package calcconform

import (
	"fmt"
	"strings"
)

// Untranslated is why a formula has no equal in Excel.
type Untranslated struct{ Why string }

func (e *Untranslated) Error() string { return e.Why }

func untranslated(format string, args ...any) error {
	return &Untranslated{fmt.Sprintf(format, args...)}
}

// renamed are the functions that OpenFormula calls otherwise than Excel.
var renamed = map[string]string{
	"FORMULA":                             "FORMULATEXT",
	"B":                                   "BINOM.DIST.RANGE",
	"SKEWP":                               "SKEW.P",
	"CHISQINV":                            "CHISQ.INV",
	"FINV":                                "F.INV",
	"JIS":                                 "DBCS",
	"ORG.LIBREOFFICE.FORECAST.ETS.ADD":    "FORECAST.ETS",
	"ORG.LIBREOFFICE.FORECAST.ETS.PI.ADD": "FORECAST.ETS.CONFINT",
	"ORG.LIBREOFFICE.FORECAST.ETS.SEASONALITY": "FORECAST.ETS.SEASONALITY",
	// The functions of OpenFormula without prefix round to multiples as Excel's newer ones do; those that
	// round as FLOOR and CEILING of Excel have Microsoft's prefix.
	"FLOOR":   "FLOOR.MATH",
	"CEILING": "CEILING.MATH",
}

// own are functions without prefix that only LibreOffice has, or only a macro in a document.
var own = map[string]bool{"EUROCONVERT": true, "MULTIPLE.OPERATIONS": true, "DDE": true, "BASISODATETIME": true}

// Translate turns a formula of OpenFormula, without "=", into one of Excel. The error is an [Untranslated] where it uses what Excel does
// not have.
func Translate(src string) (string, error) {
	t := &translator{src: src}
	out, _, err := t.list(0)
	if err != nil {
		return "", err
	}
	if t.pos < len(t.src) {
		return "", untranslated("%q has no meaning here", t.src[t.pos:])
	}
	if len(out) != 1 {
		return "", untranslated("a separator outside of a call")
	}
	return out[0], nil
}

type translator struct {
	src   string
	pos   int
	depth int
}

const maxDepth = 200

// list translates expressions with semicolons between them, up to a closing parenthesis or the end.
func (t *translator) list(open byte) (args []string, union bool, err error) {
	if t.depth++; t.depth > maxDepth {
		return nil, false, untranslated("nested too deep")
	}
	defer func() { t.depth-- }()
	var b strings.Builder
	joined := false // the present argument has a union at its top
	flush := func() {
		if s := b.String(); joined && open == 'f' {
			args = append(args, "("+s+")")
		} else {
			args = append(args, s)
		}
		b.Reset()
		joined = false
	}
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c == ')':
			flush()
			return args, union, nil
		case c == ';':
			t.pos++
			flush()
		case c == '~':
			t.pos++
			b.WriteByte(',')
			joined, union = true, true
		case c == '!':
			t.pos++
			b.WriteByte(' ')
		case c == '(':
			t.pos++
			inner, _, err := t.list('(')
			if err != nil {
				return nil, false, err
			}
			if err := t.closed(); err != nil {
				return nil, false, err
			}
			if len(inner) != 1 {
				return nil, false, untranslated("a list between parentheses")
			}
			b.WriteString("(" + inner[0] + ")")
		case c == '"':
			s, err := t.quoted('"')
			if err != nil {
				return nil, false, err
			}
			b.WriteString(s)
		case c == '[':
			s, err := t.reference()
			if err != nil {
				return nil, false, err
			}
			b.WriteString(s)
		case c == '{':
			s, err := t.array()
			if err != nil {
				return nil, false, err
			}
			b.WriteString(s)
		case c == '#':
			s, err := t.errorValue()
			if err != nil {
				return nil, false, err
			}
			b.WriteString(s)
		case isWord(c):
			s, err := t.word()
			if err != nil {
				return nil, false, err
			}
			b.WriteString(s)
		case c == '\'':
			return nil, false, untranslated("a label in place of a reference")
		case strings.IndexByte("+-*/^&=<>% \t\r\n", c) >= 0:
			t.pos++
			b.WriteByte(c)
		default:
			return nil, false, untranslated("the character %q", c)
		}
	}
	flush()
	return args, union, nil
}

func (t *translator) closed() error {
	if t.pos >= len(t.src) || t.src[t.pos] != ')' {
		return untranslated("a parenthesis is not closed")
	}
	t.pos++
	return nil
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c >= 0x80 || c == '$'
}

// quoted copies what stands between quotation marks or apostrophes, with them.
func (t *translator) quoted(mark byte) (string, error) {
	start := t.pos
	for t.pos++; t.pos < len(t.src); t.pos++ {
		if t.src[t.pos] != mark {
			continue
		}
		t.pos++
		if t.pos >= len(t.src) || t.src[t.pos] != mark {
			return t.src[start:t.pos], nil
		}
	}
	return "", untranslated("a quotation mark is not closed")
}

// word copies a number or name, or translates a call.
func (t *translator) word() (string, error) {
	start := t.pos
	digit := t.src[start] >= '0' && t.src[start] <= '9' || t.src[start] == '.'
	for t.pos < len(t.src) && isWord(t.src[t.pos]) {
		t.pos++
		// The exponent of a number may have a sign.
		if last := t.src[t.pos-1] | 0x20; digit && last == 'e' && t.pos < len(t.src) && (t.src[t.pos] == '-' || t.src[t.pos] == '+') {
			t.pos++
		}
	}
	name := t.src[start:t.pos]
	after := t.pos
	for after < len(t.src) && t.src[after] == ' ' {
		after++
	}
	if digit || after >= len(t.src) || t.src[after] != '(' {
		return name, nil
	}
	t.pos = after + 1
	args, _, err := t.list('f')
	if err != nil {
		return "", err
	}
	if err := t.closed(); err != nil {
		return "", err
	}
	if len(args) == 1 && strings.TrimSpace(args[0]) == "" {
		args = nil
	}
	return call(strings.ToUpper(name), args)
}

// call writes the call of a function by Excel's name and in Excel's order.
func call(name string, args []string) (string, error) {
	write := func(name string, args ...string) (string, error) {
		return name + "(" + strings.Join(args, ",") + ")", nil
	}
	with := func(i int, other string) string {
		if i < len(args) {
			return args[i]
		}
		return other
	}
	for _, prefix := range []string{"COM.MICROSOFT.", "LEGACY."} {
		if excel, ok := strings.CutPrefix(name, prefix); ok {
			return write(excel, args...)
		}
	}
	switch name {
	case "ORG.LIBREOFFICE.ROUNDSIG": // to significant digits; the documents compare by it
		if len(args) == 2 {
			x, n := "("+args[0]+")", "("+args[1]+")"
			return fmt.Sprintf("IF(%s=0,0,ROUND(%s,%s-1-INT(LOG10(ABS(%s)))))", x, x, n, x), nil
		}
	// Distributions with the choice of density or sum as the last argument, which may be left out.
	case "CHISQDIST":
		return write("CHISQ.DIST", with(0, ""), with(1, ""), with(2, "TRUE"))
	case "FDIST":
		return write("F.DIST", with(0, ""), with(1, ""), with(2, ""), with(3, "TRUE"))
	case "BETADIST":
		if len(args) == 6 {
			return write("BETA.DIST", args[0], args[1], args[2], args[5], args[3], args[4])
		}
	case "LOGNORMDIST":
		if len(args) != 3 {
			return write("LOGNORM.DIST", with(0, ""), with(1, "0"), with(2, "1"), with(3, "TRUE"))
		}
	case "HYPGEOMDIST":
		if len(args) == 5 {
			return write("HYPGEOM.DIST", args...)
		}
	case "NORMDIST", "WEIBULL", "GAMMADIST":
		if len(args) == 3 {
			return write(name, append(args, "TRUE")...)
		}
	case "POISSON":
		if len(args) == 2 {
			return write(name, append(args, "TRUE")...)
		}
	}
	if excel, ok := renamed[name]; ok {
		return write(excel, args...)
	}
	if own[name] || strings.HasPrefix(name, "ORG.") || strings.HasPrefix(name, "COM.") {
		return "", untranslated("%s is a function of LibreOffice", name)
	}
	return write(name, args...)
}

// reference translates [Sheet.A1:.B2].
func (t *translator) reference() (string, error) {
	var ends []string
	start := t.pos + 1
	for t.pos++; ; {
		if t.pos >= len(t.src) {
			return "", untranslated("a bracket is not closed")
		}
		switch t.src[t.pos] {
		case '\'':
			if _, err := t.quoted('\''); err != nil {
				return "", err
			}
			continue
		case ':':
			ends = append(ends, t.src[start:t.pos])
			start = t.pos + 1
		case ']':
			ends = append(ends, t.src[start:t.pos])
			t.pos++
			return area(ends)
		}
		t.pos++
	}
}

// area writes a reference from its ends.
func area(ends []string) (string, error) {
	if len(ends) > 2 {
		return "", untranslated("a reference of %d ends", len(ends))
	}
	var sheets, cells []string
	for _, e := range ends {
		if strings.Contains(e, "'#") || strings.Contains(e, "://") {
			return "", untranslated("a reference to another document")
		}
		if strings.Contains(e, "#REF!") {
			return "#REF!", nil
		}
		s, c := cutSheet(e)
		sheets, cells = append(sheets, s), append(cells, c)
	}
	out := strings.Join(cells, ":")
	first, last := sheets[0], sheets[len(sheets)-1]
	switch {
	case first == "":
		return out, nil
	case last != "" && last != first:
		first += ":" + last
		// In Excel's syntax the sheets stand before the cells, so both ends have theirs.
	}
	return "'" + strings.ReplaceAll(first, "'", "''") + "'!" + out, nil
}

// cutSheet splits $'My sheet'.A1 into the name of the sheet and the cell.
func cutSheet(s string) (sheet, address string) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s
	}
	sheet = strings.TrimPrefix(s[:i], "$")
	if len(sheet) >= 2 && sheet[0] == '\'' && sheet[len(sheet)-1] == '\'' {
		sheet = strings.ReplaceAll(sheet[1:len(sheet)-1], "''", "'")
	}
	return sheet, s[i+1:]
}

// array translates {1;2|3;4}.
func (t *translator) array() (string, error) {
	var b strings.Builder
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; c {
		case '"':
			s, err := t.quoted('"')
			if err != nil {
				return "", err
			}
			b.WriteString(s)
			continue
		case ';':
			b.WriteByte(',')
		case '|':
			b.WriteByte(';')
		case '}':
			t.pos++
			return b.String() + "}", nil
		default:
			b.WriteByte(c)
		}
		t.pos++
	}
	return "", untranslated("a brace is not closed")
}

// errorValue copies an error.
func (t *translator) errorValue() (string, error) {
	for _, name := range []string{"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"} {
		if strings.HasPrefix(t.src[t.pos:], name) {
			t.pos += len(name)
			return name, nil
		}
	}
	return "", untranslated("the error %q", t.src[t.pos:])
}
