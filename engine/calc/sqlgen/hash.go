package sqlgen

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// The numbers of SplitMix64, as package model has them.
const (
	golden = 0x9e3779b97f4a7c15
	first  = 0xbf58476d1ce4e5b9
	second = 0x94d049bb133111eb
	dayKey = 0x5bf03635ebb3c6a9
)

// mix is the finaliser of SplitMix64, for what is known when the SQL is written.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * first
	z = (z ^ z>>27) * second
	return z ^ z>>31
}

// dayPart is the part of a hash that depends on a day alone.
func dayPart(day int) uint64 { return mix(dayKey + uint64(int64(day))*golden) }

// mixed wraps a relation with the two multiplications of the finaliser; its last step is xor(z2, z2 >> 31), which stands in
// what reads it. Each step is a query of its own, because it names the one before twice.
func mixed(d Dialect, relation, z0, z1, z2 string) string {
	one := fmt.Sprintf("(SELECT *, %s AS %s FROM %s AS m)", d.multiply(d.xor(z0, d.shift(z0, 30)), first), z1, relation)
	return fmt.Sprintf("(SELECT *, %s AS %s FROM %s AS m)", d.multiply(d.xor(z1, d.shift(z1, 27)), second), z2, one)
}

// hash adds the columns of a hash to the base of a scope and returns its value.
func (s *scope) hash(e *model.Hash) string {
	d := s.g.Dialect
	s.g.unique++
	column := func(step, k int) string { return fmt.Sprintf("h%d_%d_%d", s.g.unique, step, k) }
	state := d.literal(model.HashStart(e.Seed))
	var parts []string
	for _, dim := range e.Dims {
		parts = append(parts, "k"+item(dim))
	}
	if e.OverTime {
		if s.period >= 0 {
			from, _ := s.g.m.Time.WholeDays(e.Grain, s.period)
			parts = append(parts, d.literal(dayPart(from)))
		} else {
			parts = append(parts, "kp")
		}
	}
	s.hashes = true
	wrap := func(relation string) string { return relation }
	for i, part := range parts {
		before, in := wrap, d.xor(state, part)
		z0, z1, z2 := column(i, 0), column(i, 1), column(i, 2)
		wrap = func(relation string) string {
			return mixed(d, fmt.Sprintf("(SELECT *, %s AS %s FROM %s AS m)", in, z0, before(relation)), z0, z1, z2)
		}
		state = d.xor(z2, d.shift(z2, 31))
	}
	if n := len(parts); n > 0 {
		s.states = append(s.states, column(n-1, 2))
	}
	s.wraps = append(s.wraps, wrap)
	return "(" + d.asFloat(d.shift(state, 11)) + " / " + d.number(1<<53) + ")"
}
