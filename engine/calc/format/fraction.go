package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// resolveFraction finds the parts of a fraction whose bar is token bar.
func (s *section) resolveFraction(bar int) error {
	s.kind = fraction
	n := &s.number
	n.bar, n.above = bar, bar
	for n.above > 0 && s.tokens[n.above-1].kind == digit {
		n.above--
	}
	n.below, n.end = bar+1, bar+1
	if s.tokens[n.below].kind == denominator {
		n.end++
		if len(s.tokens[n.below].text) > 7 {
			return fmt.Errorf("a denominator of more than seven digits")
		}
	}
	for n.end < len(s.tokens) && s.tokens[n.end].kind == digit {
		n.end++
	}
	// The whole number is the placeholders before the numerator; where there are none, the fraction holds all.
	n.wholeFrom = -1
	for i, t := range s.tokens {
		switch {
		case t.kind == percent:
			n.scale += 2
		case t.kind == digit && i < n.above:
			if n.wholeFrom < 0 {
				n.wholeFrom = i
			}
			n.wholeTo = i + 1
			n.whole++
		case t.kind == digit && i >= n.end, t.kind == point, t.kind == exponent, t.kind == slash && i != bar:
			return fmt.Errorf("a fraction with more than a whole number before it")
		}
	}
	for i, t := range s.tokens {
		if t.kind == comma {
			n.group = n.group || i > n.wholeFrom && i < n.wholeTo
			s.tokens[i] = token{kind: literal}
		}
	}
	return nil
}

func (s *section) showFraction(x float64, minus string) string {
	n := s.number
	d := newDecimal(x)
	if d.digits != "" {
		d.exponent += n.scale
	}
	v, _ := strconv.ParseFloat("0."+d.digits+"0e"+strconv.Itoa(d.exponent), 64)
	whole, rest := 0.0, v
	if n.whole > 0 {
		whole = math.Floor(v)
		rest = v - whole
	}
	p, q := s.approximate(rest)
	if n.whole > 0 && p == q {
		whole, p = whole+1, 0
	}

	var out strings.Builder
	out.WriteString(minus)
	wholeDigits := ""
	if whole > 0 {
		wholeDigits, _ = newDecimal(whole).parts()
	}
	if n.whole > 0 {
		if whole == 0 && p == 0 {
			wholeDigits = "0"
		}
		writeDigits(&out, s.tokens[:n.wholeTo], numberLayout{whole: n.whole, group: n.group}, wholeDigits, "")
		writeDigits(&out, s.tokens[n.wholeTo:n.above], numberLayout{}, "", "")
	} else {
		writeDigits(&out, s.tokens[:n.above], numberLayout{}, "", "")
	}
	above, below := strconv.FormatFloat(p, 'f', 0, 64), strconv.FormatFloat(q, 'f', 0, 64)
	var bar strings.Builder
	places := n.bar - n.above
	writeDigits(&bar, s.tokens[n.above:n.bar], numberLayout{whole: places}, above, "")
	bar.WriteByte('/')
	if s.tokens[n.below].kind == denominator {
		bar.WriteString(below)
	} else {
		bar.WriteString(below)
		// Below the bar digits stand at the left.
		for _, t := range s.tokens[min(n.below+len(below), n.end):n.end] {
			if t.char == '?' {
				bar.WriteByte(' ')
			}
		}
	}
	if n.whole > 0 && p == 0 {
		out.WriteString(strings.Repeat(" ", bar.Len()))
	} else {
		out.WriteString(bar.String())
	}
	writeDigits(&out, s.tokens[n.end:], numberLayout{}, "", "")
	return out.String()
}

// approximate returns a fraction near x: with the denominator that the format fixes, or else the last convergent of the
// continued fraction of x whose denominator has room. That is what Excel shows; other fractions can be nearer.
func (s *section) approximate(x float64) (p, q float64) {
	if t := s.tokens[s.number.below]; t.kind == denominator {
		q, _ = strconv.ParseFloat(t.text, 64)
		return math.Round(x * q), q
	}
	limit := math.Pow(10, float64(min(s.number.end-s.number.below, 7))) - 1
	p0, q0, p1, q1 := 0.0, 1.0, 1.0, 0.0
	for rest := x; ; {
		a := math.Floor(rest)
		if q1 > 0 && a*q1+q0 > limit {
			return p1, q1
		}
		p0, q0, p1, q1 = p1, q1, a*p1+p0, a*q1+q0
		if rest-a < 5e-8 || math.Abs(p1/q1-x) < 1e-14 {
			return p1, q1
		}
		rest = 1 / (rest - a)
	}
}
