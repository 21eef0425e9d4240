package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// fractionLayout is where the parts of a fraction stand among the tokens of its section, each from one to before another. Between
// the whole number and the numerator, and on both sides of the bar, there can be literals.
type fractionLayout struct {
	wholeFrom, wholeTo int // both 0 where there is no whole number, so that the fraction holds all
	above, aboveTo     int
	below, belowTo     int
	scale              int
	group              bool
}

// resolveFraction finds the parts of a fraction whose bar is token bar. It reports false where there is no fraction, so that the
// bar is a literal.
func (s *section) resolveFraction(bar int) (bool, error) {
	var n fractionLayout
	n.aboveTo = bar
	for n.aboveTo > 0 && s.tokens[n.aboveTo-1].kind == literal {
		n.aboveTo--
	}
	for n.above = n.aboveTo; n.above > 0 && s.tokens[n.above-1].kind == digit; n.above-- {
	}
	for n.below = bar + 1; n.below < len(s.tokens) && s.tokens[n.below].kind == literal; n.below++ {
	}
	n.belowTo = n.below
	if n.below < len(s.tokens) && s.tokens[n.below].kind == denominator {
		n.belowTo++
		if len(s.tokens[n.below].text) > 7 {
			return false, fmt.Errorf("a denominator of more than seven digits")
		}
	} else {
		for n.belowTo < len(s.tokens) && s.tokens[n.belowTo].kind == digit {
			n.belowTo++
		}
	}
	if n.above == n.aboveTo || n.below == n.belowTo {
		return false, nil
	}
	for i, t := range s.tokens {
		switch {
		case t.kind == percent:
			n.scale += 2
		case t.kind == digit && i < n.above:
			if n.wholeTo == 0 {
				n.wholeFrom = i
			}
			n.wholeTo = i + 1
		case t.kind == digit && i >= n.belowTo, t.kind == point, t.kind == exponent, t.kind == slash && i != bar:
			return false, fmt.Errorf("a fraction with more than a whole number before it")
		}
	}
	for i, t := range s.tokens {
		if t.kind == comma {
			n.group = n.group || i > n.wholeFrom && i < n.wholeTo
			s.tokens[i] = token{kind: literal}
		}
	}
	s.kind, s.fraction = fraction, n
	return true, nil
}

// has reports whether one of the tokens is this placeholder.
func has(tokens []token, placeholder byte) bool {
	for _, t := range tokens {
		if t.kind == digit && t.char == placeholder {
			return true
		}
	}
	return false
}

// places returns the number of placeholders.
func places(tokens []token) int {
	n := 0
	for _, t := range tokens {
		if t.kind == digit {
			n++
		}
	}
	return n
}

func (s *section) showFraction(x float64, minus string) string {
	n := s.fraction
	whole, above, below := s.tokens[n.wholeFrom:n.wholeTo], s.tokens[n.above:n.aboveTo], s.tokens[n.below:n.belowTo]
	d := newDecimal(x)
	if d.digits != "" {
		d.exponent += n.scale
	}
	rest, _ := strconv.ParseFloat("0."+d.digits+"0e"+strconv.Itoa(d.exponent), 64)
	units := 0.0
	if len(whole) > 0 {
		units = math.Floor(rest)
		rest -= units
	}
	p, q := s.approximate(rest)
	if len(whole) > 0 && p == q {
		units, p = units+1, 0
	}
	unitDigits, _ := newDecimal(units).parts()

	var out strings.Builder
	out.WriteString(minus)
	if len(whole) == 0 {
		writeLiterals(&out, s.tokens[:n.above])
	} else {
		if units == 0 && (has(whole, '0') || p == 0 && (has(whole, '?') || !has(above, '0'))) {
			unitDigits = "0"
		}
		writeLiterals(&out, s.tokens[:n.wholeFrom])
		writeDigits(&out, whole, numberLayout{whole: places(whole), group: n.group}, unitDigits, "")
	}

	// What stands from the whole number to the end of the fraction is blank, or is left out, where one of them is nothing.
	between := s.tokens[n.wholeTo:n.above]
	var bar strings.Builder
	if len(whole) > 0 {
		writeLiterals(&bar, between)
		if unitDigits == "" && (has(whole, '?') || has(above, '?')) {
			blank := strings.Repeat(" ", bar.Len())
			bar.Reset()
			bar.WriteString(blank)
		} else if unitDigits == "" {
			bar.Reset()
		}
	}
	if p == 0 {
		q = 1
	}
	writeDigits(&bar, above, numberLayout{whole: places(above)}, integer(p), "")
	writeLiterals(&bar, s.tokens[n.aboveTo:n.below])
	s.writeBelow(&bar, below, q)
	switch {
	case len(whole) == 0 || p != 0 || has(above, '0'):
		out.WriteString(bar.String())
	case has(whole, '?') || has(above, '?') || has(below, '?'):
		out.WriteString(strings.Repeat(" ", bar.Len()))
	}
	writeLiterals(&out, s.tokens[n.belowTo:])
	return out.String()
}

// writeBelow writes the denominator, whose digits stand at the left of the room that "?" leaves, and at the right of that of
// "0".
func (s *section) writeBelow(out *strings.Builder, below []token, q float64) {
	if below[0].kind == denominator {
		out.WriteString(below[0].text)
		return
	}
	digits := integer(q)
	for i := len(digits); i < len(below); i++ {
		if below[i-len(digits)].char == '0' {
			out.WriteByte('0')
		}
	}
	out.WriteString(digits)
	for i := len(digits); i < len(below); i++ {
		if below[i].char == '?' {
			out.WriteByte(' ')
		}
	}
}

func integer(f float64) string { return strconv.FormatFloat(f, 'f', 0, 64) }

// writeLiterals writes tokens among which are no placeholders.
func writeLiterals(out *strings.Builder, tokens []token) {
	for _, t := range tokens {
		switch t.kind {
		case literal:
			out.WriteString(t.text)
		case percent:
			out.WriteByte('%')
		case slash:
			out.WriteByte('/')
		}
	}
}

// approximate returns a fraction near x: with the denominator that the format fixes, or else the last convergent of the
// continued fraction of x whose denominator has room. That is what Excel shows; other fractions can be nearer. So is the
// error of the floating point: the fraction of 0.3 with one digit is 2/7, since 1/(1/0.3-3) is a little less than 3.
func (s *section) approximate(x float64) (p, q float64) {
	below := s.tokens[s.fraction.below:s.fraction.belowTo]
	if below[0].kind == denominator {
		q, _ = strconv.ParseFloat(below[0].text, 64)
		return math.Round(x * q), q
	}
	limit := math.Pow(10, float64(min(len(below), 7))) - 1
	p0, q0, p1, q1 := 0.0, 1.0, 1.0, 0.0
	for rest := x; ; {
		a := math.Floor(rest)
		if q1 > 0 && a*q1+q0 > limit {
			return p1, q1
		}
		p0, q0, p1, q1 = p1, q1, a*p1+p0, a*q1+q0
		if rest-a < 5e-8 {
			return p1, q1
		}
		rest = 1 / (rest - a)
	}
}
