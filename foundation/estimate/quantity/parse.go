package quantity

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxUnitText bounds the text of a unit: nobody writes a longer one.
const maxUnitText = 128

// ParseUnit reads a unit such as "MB/s", "GB-month", "$/million requests", "kW h" or "req/(s core)".
// Side by side, "*", "·" and "-" mean a product; "/" and "per" divide by the one factor that follows;
// "^" and a whole number is a power. A hyphen binds tighter than a slash: "$/GB-month" is per GB and month. The empty text is the unit of plain numbers.
func ParseUnit(text string) (Unit, error) {
	if len(text) > maxUnitText {
		return Unit{}, fmt.Errorf("read unit: %q... is too long", text[:40])
	}
	p := &unitText{rest: strings.TrimSpace(text)}
	if p.rest == "" {
		return One, nil
	}
	u, err := p.product(0)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	if err != nil {
		return Unit{}, fmt.Errorf("read unit %q: %w", text, err)
	}
	return u, nil
}

type unitText struct{ rest string }

func (p *unitText) skip() { p.rest = strings.TrimLeft(p.rest, " \t") }

// product reads factors up to the end or a closing parenthesis.
func (p *unitText) product(depth int) (Unit, error) {
	if depth > 8 {
		return Unit{}, fmt.Errorf("parentheses are nested too deep")
	}
	u := One
	for first := true; ; first = false {
		p.skip()
		if p.rest == "" || p.rest[0] == ')' {
			if first {
				return Unit{}, fmt.Errorf("a unit is missing")
			}
			return u, nil
		}
		divide := false
		switch r, size := utf8.DecodeRuneInString(p.rest); {
		case r == '/':
			p.rest, divide = p.rest[size:], true
		case strings.ContainsRune("*·×", r) && !first:
			p.rest = p.rest[size:]
		case strings.HasPrefix(p.rest, "per "):
			p.rest, divide = p.rest[4:], true
		}
		factor, err := p.factor(depth)
		if err != nil {
			return Unit{}, err
		}
		ok := false
		if divide {
			u, ok = u.Div(factor)
		} else {
			u, ok = u.Mul(factor)
		}
		if !ok {
			return Unit{}, fmt.Errorf("its powers are too large")
		}
	}
}

// factor reads one factor with what is joined to it by hyphens.
func (p *unitText) factor(depth int) (Unit, error) {
	u, err := p.single(depth)
	for err == nil && strings.HasPrefix(p.rest, "-") {
		p.rest = p.rest[1:]
		var more Unit
		if more, err = p.single(depth); err != nil {
			break
		}
		joined, ok := u.Mul(more)
		if !ok {
			return u, fmt.Errorf("its powers are too large")
		}
		joined.Symbol = u.Symbol + "-" + more.Symbol
		u = joined
	}
	return u, err
}

func (p *unitText) single(depth int) (Unit, error) {
	p.skip()
	var u Unit
	if strings.HasPrefix(p.rest, "(") {
		p.rest = p.rest[1:]
		inner, err := p.product(depth + 1)
		if err != nil {
			return Unit{}, err
		}
		p.skip()
		if !strings.HasPrefix(p.rest, ")") {
			return Unit{}, fmt.Errorf("a closing parenthesis is missing")
		}
		p.rest, u = p.rest[1:], inner
	} else {
		word := p.word()
		if word == "" {
			return Unit{}, fmt.Errorf("a unit is expected at %q", p.rest)
		}
		var err error
		if word == "1" {
			u = One
		} else if u, err = Lookup(word); err != nil {
			return Unit{}, err
		}
	}
	p.skip()
	if !strings.HasPrefix(p.rest, "^") {
		return u, nil
	}
	p.rest = p.rest[1:]
	end := 0
	for end < len(p.rest) && (p.rest[end] >= '0' && p.rest[end] <= '9' || end == 0 && p.rest[end] == '-') {
		end++
	}
	n, err := strconv.Atoi(p.rest[:end])
	if err != nil || n < -maxExponent || n > maxExponent {
		return Unit{}, fmt.Errorf("a power is a whole number from -%d to %d", maxExponent, maxExponent)
	}
	p.rest = p.rest[end:]
	u, ok := u.Pow(n)
	if !ok {
		return Unit{}, fmt.Errorf("its powers are too large")
	}
	return u, nil
}

// word cuts the longest word off: letters, or one of the signs that are units of their own.
func (p *unitText) word() string {
	r, size := utf8.DecodeRuneInString(p.rest)
	if strings.ContainsRune("$%¢€£1", r) {
		word := p.rest[:size]
		p.rest = p.rest[size:]
		return word
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}
