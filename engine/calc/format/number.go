package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// numberLayout is what placeholders a number has.
type numberLayout struct {
	whole, decimals int // placeholders before and after the point
	group           bool
	scale           int // power of ten: two for each percent sign, minus three for each scaling comma
}

// resolveNumber finds the parts of a number without General.
func (s *section) resolveNumber() error {
	for i, t := range s.tokens {
		if t.kind == slash {
			if is, err := s.resolveFraction(i); is || err != nil {
				return err
			}
		}
	}
	s.literally(slash, denominator)
	n := &s.number
	seen, exponents := 0, 0 // digits and points so far; whether the exponent has begun
	points, power := 0, 0
	lastDigit := false
	for i, t := range s.tokens {
		switch t.kind {
		case digit:
			seen++
			switch {
			case exponents > 0:
				power++
			case points > 0:
				n.decimals++
			default:
				n.whole++
			}
		case point:
			points++
			if points > 1 || exponents > 0 {
				s.tokens[i] = token{kind: literal, text: "."}
			}
		case percent:
			n.scale += 2
		case exponent:
			exponents++
			if exponents > 1 || n.whole+n.decimals == 0 {
				return fmt.Errorf("an exponent that belongs to no number")
			}
		case comma:
			if seen == 0 || exponents > 0 {
				s.tokens[i] = token{kind: literal, text: ","}
				break
			}
			s.tokens[i] = token{kind: literal}
			if points == 0 && s.digitFollows(i) {
				n.group = true
			} else if lastDigit {
				n.scale -= 3
			}
			continue // a row of commas scales as one
		}
		lastDigit = t.kind == digit
	}
	if exponents > 0 {
		if power == 0 {
			return fmt.Errorf("an exponent without digits")
		}
		s.kind = scientific
		n.scale = 0 // neither commas nor percent signs scale beside an exponent
	}
	return nil
}

// digitFollows reports whether a placeholder before the point comes after token i.
func (s *section) digitFollows(i int) bool {
	for _, t := range s.tokens[i+1:] {
		switch t.kind {
		case digit:
			return true
		case point, exponent:
			return false
		}
	}
	return false
}

func (s *section) showNumber(x float64, minus string) string {
	d := newDecimal(x)
	if d.digits != "" {
		d.exponent += s.number.scale
	}
	var out strings.Builder
	whole, fraction := d.round(s.number.decimals).parts()
	if whole != "" || fraction != "" || s.number.whole+s.number.decimals == 0 {
		out.WriteString(minus) // what is rounded to zero has no sign
	}
	writeDigits(&out, s.tokens, s.number, whole, fraction)
	return out.String()
}

// writeDigits writes tokens with the digits of a number in their placeholders. Digits for which there is no placeholder
// stand before the first one.
func writeDigits(out *strings.Builder, tokens []token, n numberLayout, whole, fraction string) {
	left := n.whole // placeholders that are still to come
	after := 0
	started := false // a digit has been written, so that commas may
	put := func(c byte, remaining int) {
		out.WriteByte(c)
		started = started || c != ' '
		if n.group && remaining > 0 && remaining%3 == 0 {
			switch {
			case started:
				out.WriteByte(',')
			case c == ' ':
				out.WriteByte(' ')
			}
		}
	}
	beyond := func() {
		for ; len(whole) > left; whole = whole[1:] {
			put(whole[0], len(whole)-1)
		}
	}
	pointed := false
	for _, t := range tokens {
		switch t.kind {
		case literal:
			out.WriteString(t.text)
		case percent:
			out.WriteByte('%')
		case point:
			if !pointed {
				beyond()
				out.WriteByte('.')
				pointed = true
			}
		case digit:
			if pointed {
				switch {
				case after < len(fraction):
					out.WriteByte(fraction[after])
				case t.char == '0':
					out.WriteByte('0')
				case t.char == '?':
					out.WriteByte(' ')
				}
				after++
				break
			}
			beyond()
			switch {
			case len(whole) == left && left > 0:
				put(whole[0], left-1)
				whole = whole[1:]
			case t.char == '0':
				put('0', left-1)
			case t.char == '?':
				put(' ', left-1)
			}
			left--
		}
	}
}

// showScientific writes a number with an exponent, which is a multiple of the number of placeholders before the point.
func (s *section) showScientific(x float64, minus string) string {
	n := s.number
	d := newDecimal(x)
	power := 0
	if d.digits != "" {
		step := max(n.whole, 1)
		power = int(math.Floor(float64(d.exponent-1)/float64(step))) * step
		if n.whole == 0 {
			power = d.exponent
		}
		d.exponent -= power
		d = d.round(n.decimals)
		if d.exponent > n.whole {
			power += step
			d.exponent -= step
		}
	}
	whole, fraction := d.parts()
	if x == 0 && n.whole > 0 {
		whole = "0"
	}
	split := 0
	for split < len(s.tokens) && s.tokens[split].kind != exponent {
		split++
	}
	var out strings.Builder
	out.WriteString(minus)
	writeDigits(&out, s.tokens[:split], n, whole, fraction)
	out.WriteString(s.tokens[split].text)
	rest := s.tokens[split+1:]
	for rest[0].kind != digit { // the sign stands at the digits
		writeDigits(&out, rest[:1], numberLayout{}, "", "")
		rest = rest[1:]
	}
	switch {
	case power < 0:
		out.WriteByte('-')
	case s.tokens[split].char == '+':
		out.WriteByte('+')
	}
	writeDigits(&out, rest, numberLayout{whole: places(rest)}, strconv.Itoa(max(power, -power)), "")
	return out.String()
}
