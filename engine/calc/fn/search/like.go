package search

import (
	"slices"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// patterns is what a few patterns match in a column: formulas that are filled down often ask for the same one.
type patterns struct {
	mu    sync.Mutex
	known map[string][]int32
}

const maxPatterns = 64

// Like returns the groups of the column's index whose texts match a pattern, which is given as text and compiled, in
// rising order. The result must not be changed.
func (c *Column) Like(src Source, text string, p *wildcard.Pattern) []int32 {
	c.like.mu.Lock()
	groups, ok := c.like.known[text]
	c.like.mu.Unlock()
	if ok {
		return groups
	}
	groups = c.matching(src, prefix(text), p)
	c.like.mu.Lock()
	defer c.like.mu.Unlock()
	if c.like.known == nil || len(c.like.known) >= maxPatterns {
		c.like.known = map[string][]int32{}
	}
	c.like.known[text] = groups
	return groups
}

// matching tests the texts that begin as the pattern does, which stand together when sorted. Each text is tested once,
// however often it stands in the column.
func (c *Column) matching(src Source, prefix string, p *wildcard.Pattern) []int32 {
	prefix = cell.Fold(prefix)
	sorted := c.sortedTexts(src)
	first, _ := slices.BinarySearch(sorted.list, prefix)
	var groups []int32
	for i, text := range sorted.list[first:] {
		if !strings.HasPrefix(text, prefix) {
			break
		}
		if p.Match(text) {
			groups = append(groups, sorted.groups[first+i])
		}
	}
	slices.Sort(groups)
	return groups
}

// prefix returns what every text begins with, but for the cases of letters, that a pattern matches.
func prefix(pattern string) string {
	var b strings.Builder
	escaped := false
	for i, r := range pattern {
		if r == '~' && !escaped && i+1 < len(pattern) {
			escaped = true
			continue
		}
		if (r == '*' || r == '?') && !escaped {
			break
		}
		b.WriteRune(r)
		escaped = false
	}
	return b.String()
}
