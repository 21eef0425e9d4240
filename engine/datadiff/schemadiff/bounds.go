package schemadiff

import (
	"math/bits"
	"strconv"
)

// typeComparison compares two types of one class.
type typeComparison struct {
	rawA, rawB string
	across     bool // the products differ
	found      []mismatch
}

func (c *typeComparison) add(s Severity, text string) { c.found = append(c.found, mismatch{s, text}) }

// bound compares how much two types hold; 0 is without a bound.
func (c *typeComparison) bound(what string, a, b int) {
	switch {
	case a == b:
	case b != 0 && (a == 0 || b < a):
		c.add(BreaksWrites, "B is narrower: "+count(b, what)+" in B ("+c.rawB+"), "+count(a, what)+" in A ("+c.rawA+")")
	default:
		c.add(Cosmetic, "B is wider: "+count(b, what)+" in B ("+c.rawB+"), "+count(a, what)+" in A ("+c.rawA+")")
	}
}

func count(n int, what string) string {
	if n == 0 {
		return "any number of " + what
	}
	return strconv.Itoa(n) + " " + what
}

// integers compares ranges.
func (c *typeComparison) integers(a, b meaning) {
	if a.bits == b.bits && a.unsigned == b.unsigned {
		return
	}
	wide := func(m meaning) int { // bits of a signed type that holds it
		if m.unsigned {
			return m.bits + 1
		}
		return m.bits
	}
	holds := func(outer, inner meaning) bool {
		if outer.unsigned {
			return inner.unsigned && outer.bits >= inner.bits
		}
		return outer.bits >= wide(inner)
	}
	// The next type that PostgreSQL has is no difference: smallint for tinyint, bigint for int unsigned.
	next := func(m meaning) int { return max(1<<bits.Len(uint(wide(m)-1)), 16) }
	switch {
	case !holds(b, a):
		c.add(BreaksWrites, "B does not hold all integers of A: "+c.rawB+" in B, "+c.rawA+" in A")
	case c.across && !b.unsigned && b.bits == next(a):
	default:
		c.add(Cosmetic, "B is wider: "+c.rawB+" in B, "+c.rawA+" in A")
	}
	if c.across && len(c.found) == 1 && holds(a, b) && !a.unsigned && a.bits == next(b) {
		c.found = nil
	}
}

func (c *typeComparison) decimals(a, b meaning) {
	switch {
	case a.scale == b.scale || a.digits == 0 && b.digits == 0:
	case b.digits != 0 && (a.digits == 0 || b.scale < a.scale):
		c.add(ChangesMeaning, "B rounds to "+strconv.Itoa(b.scale)+" decimals ("+c.rawB+"), A is "+c.rawA)
	default:
		c.add(Cosmetic, "B keeps more decimals: "+c.rawB+" in B, "+c.rawA+" in A")
	}
}

func (c *typeComparison) sized(a, b meaning) {
	what := func(m meaning) string {
		if m.class == bytes || m.inBytes && m.length > 0 {
			return "bytes"
		}
		return "characters"
	}
	switch {
	case a.length == b.length && (a.inBytes == b.inBytes || a.length == 0):
	case b.length != 0 && (a.length == 0 || b.length < a.length):
		c.add(BreaksWrites, "B is narrower: "+count(b.length, what(b))+" in B ("+c.rawB+"), "+count(a.length, what(a))+" in A ("+c.rawA+")")
	default:
		c.add(Cosmetic, "B is wider: "+count(b.length, what(b))+" in B ("+c.rawB+"), "+count(a.length, what(a))+" in A ("+c.rawA+")")
	}
	if a.fixed != b.fixed {
		c.add(ChangesMeaning, "one side pads with blanks or zeros: "+c.rawA+" in A, "+c.rawB+" in B")
	}
}

func (c *typeComparison) times(a, b meaning) {
	switch {
	case a.zone && !b.zone:
		c.add(ChangesMeaning, "A holds a moment ("+c.rawA+"), B what a clock shows somewhere ("+c.rawB+")")
	case b.zone && !a.zone:
		c.add(ChangesMeaning, "A holds what a clock shows somewhere ("+c.rawA+"), B a moment ("+c.rawB+")")
	}
	switch {
	case b.fraction < a.fraction:
		c.add(ChangesMeaning, "B keeps "+strconv.Itoa(b.fraction)+" digits of a second ("+c.rawB+"), A "+strconv.Itoa(a.fraction)+" ("+c.rawA+")")
	case b.fraction > a.fraction:
		c.add(Cosmetic, "B keeps more of a second: "+strconv.Itoa(b.fraction)+" digits ("+c.rawB+"), A "+strconv.Itoa(a.fraction)+" ("+c.rawA+")")
	}
}
