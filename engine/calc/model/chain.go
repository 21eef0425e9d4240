package model

import (
	"fmt"
	"slices"
)

// written finds a mapping that the model writes.
func (c *checker) written(from, to DimID) *Map {
	for _, m := range c.m.Maps[:c.declared] {
		if m.From == from && m.To == to {
			return m
		}
	}
	return nil
}

// mapOf finds the mapping from one dimension to another: the one that the model writes, or the one that several make which
// follow on each other, as Person -> Team and Team -> Department do. Where there are several such ways they must lead to
// the same items; else there is none, and c.torn says why.
func (c *checker) mapOf(from, to DimID) *Map {
	if m := c.written(from, to); m != nil {
		return m
	}
	key := [2]DimID{from, to}
	if m, known := c.chained[key]; known {
		return m
	}
	var m *Map
	if ways := c.ways(from, to, nil); len(ways) > 0 && c.agree(key, ways) {
		m = &Map{ID: MapID(len(c.m.Maps)), From: from, To: to, Target: c.follow(ways[0])}
		c.addMap(m)
	}
	c.chained[key] = m
	return m
}

// between returns the mappings that count between dimensions and one: chains only where none of them has a mapping of its own.
func (c *checker) between(dims []DimID, one DimID) func(from, to DimID) *Map {
	if slices.ContainsFunc(dims, func(d DimID) bool { return c.written(d, one) != nil || c.written(one, d) != nil }) {
		return c.written
	}
	return c.mapOf
}

// ways lists the chains of mappings that lead from one dimension to another and meet none twice.
func (c *checker) ways(from, to DimID, before []*Map) (list [][]*Map) {
	for _, m := range c.m.Maps[:c.declared] {
		switch {
		case m.From != from || slices.ContainsFunc(before, func(b *Map) bool { return b.From == m.To }):
		case m.To == to:
			list = append(list, append(slices.Clone(before), m))
		default:
			list = append(list, c.ways(m.To, to, append(slices.Clone(before), m))...)
		}
	}
	return list
}

// follow makes one mapping of those of a way.
func (c *checker) follow(way []*Map) []int32 {
	target := slices.Clone(way[0].Target)
	for _, m := range way[1:] {
		for i, t := range target {
			if t >= 0 {
				target[i] = m.Target[t]
			}
		}
	}
	return target
}

// agree says whether all ways lead to the same items, and keeps where they do not.
func (c *checker) agree(key [2]DimID, ways [][]*Map) bool {
	one := c.follow(ways[0])
	for _, way := range ways[1:] {
		for i, t := range c.follow(way) {
			if t != one[i] {
				names := c.m.Dims
				c.torn[key] = fmt.Sprintf("mappings lead there by %s and by %s, and not to the same item for %s; write the one that counts", names[ways[0][0].To].Name, names[way[0].To].Name, names[key[0]].Items.Name(int32(i)))
				return false
			}
		}
	}
	return true
}
