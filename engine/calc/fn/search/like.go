package search

import (
	"math"
	"slices"
	"sort"
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

// Like returns the groups of the column's index whose texts match a pattern, which is given as text and compiled, in rising order. The result must
// not be changed.
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
	x, s := c.Index(src), src.Strings()
	textOf := func(g int32) (string, bool) {
		b := math.Float64frombits(x.Key(g))
		if cell.BoxKind(b) != cell.Text {
			return "", false
		}
		return s.Text(cell.BoxedText(b)), true
	}
	var groups []int32
	if prefix == "" {
		for g := range int32(x.Groups()) {
			if text, ok := textOf(g); ok && p.Match(text) {
				groups = append(groups, g)
			}
		}
		return groups
	}
	// The keys of the index are folded texts, and so is the prefix.
	prefix = cell.Fold(prefix)
	order := c.sortedTexts(src)
	i := sort.Search(len(order), func(i int) bool {
		text, _ := textOf(x.At(int(order[i])))
		return cell.CompareText(text, prefix) >= 0
	})
	for i < len(order) {
		g := x.At(int(order[i]))
		text, _ := textOf(g)
		if !strings.HasPrefix(text, prefix) {
			break
		}
		if p.Match(text) {
			groups = append(groups, g)
		}
		i += x.Start(g+1) - x.Start(g)
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
