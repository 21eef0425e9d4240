package lang

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Bounds of a text. They are far above what a person writes; large tables belong into a file.
const (
	maxText       = 16 << 20
	maxTokens     = 2_000_000
	maxStatements = 20_000
	maxDepth      = 100
	maxErrors     = 20
)

// statementWords begin a statement; every other statement is a definition.
var statementWords = []string{"model", "time", "dimension", "map", "input", "scenario", "show", "simulate"}

// Settings that a statement may have below it.
var (
	variableSettings = []string{"categories", "time", "rollup", "outside", "fill", "repeated", "unknown"}
	timeSettings     = []string{"fiscal", "week"}
	simulateSettings = []string{"seed", "percentiles"}
)

// aggregations are the functions that fold.
var aggregations = map[string]bool{"sum": true, "average": true, "min": true, "max": true, "median": true, "count": true}

// distributions are the functions that draw.
var distributions = map[string]bool{
	"normal": true, "lognormal": true, "triangular": true, "uniform": true, "poisson": true, "bernoulli": true,
}

// Distribution reports whether a function of the language draws from a distribution.
func Distribution(name string) bool { return distributions[name] }

// reserved words are no names of variables and dimensions, and items of these names are written in quotes.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, words := range [][]string{statementWords, {
		"and", "or", "not", "if", "over", "by", "from", "to", "columns", "query", "table", "none", "others", "all", "independent",
		"t", "this", "previous", "next", "first", "final", "day", "week", "month", "quarter", "year", "csv", "parquet", "database", "base",
	}} {
		for _, w := range words {
			m[w] = true
		}
	}
	return m
}()

// Nearest returns the one of names that is most like a word, and "" when none is like it.
func Nearest(word string, names []string) string {
	best, distance := "", 3
	for _, name := range names {
		if strings.EqualFold(name, word) {
			return name
		}
		// More than half of a short name is another name.
		if d := levenshtein.Distance(name, word, nil); d < distance && (d*2 <= len(word) || d == 1 && len(word) > 1) {
			best, distance = name, d
		}
	}
	return best
}
