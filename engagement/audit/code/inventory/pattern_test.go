package inventory

import (
	"regexp/syntax"
	"strings"
	"testing"
)

// TestPatternsMissNothingForTheirWords holds that every way in which an expression can match has one of
// the words that are looked for first.
func TestPatternsMissNothingForTheirWords(t *testing.T) {
	for name, p := range map[string]pattern{
		"generatedNames": generatedNames, "testNames": testNames, "testClasses": testClasses, "testPrefix": testPrefix,
		"railsMigration": railsMigration, "flywayName": flywayName, "seedName": seedName, "scriptNames": scriptNames,
	} {
		parsed, err := syntax.Parse(p.re.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		for _, sample := range samples(parsed) {
			if !p.re.MatchString(sample) {
				continue // an anchor in the middle
			}
			if !p.words.In(sample) {
				t.Errorf("%s matches %q, and none of its words stands there", name, sample)
			}
		}
	}
}

// samples returns a text for each combination of alternatives, the shortest where something repeats.
func samples(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		return []string{string(re.Rune[:1])}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"x"}
	case syntax.OpCapture, syntax.OpPlus:
		return samples(re.Sub[0])
	case syntax.OpQuest:
		return append([]string{""}, samples(re.Sub[0])...)
	case syntax.OpRepeat:
		var out []string
		for _, s := range samples(re.Sub[0]) {
			out = append(out, strings.Repeat(s, re.Min))
		}
		return out
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			out = append(out, samples(sub)...)
		}
		return out
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			var next []string
			for _, a := range out {
				for _, b := range samples(sub) {
					next = append(next, a+b)
				}
			}
			out = next
		}
		return out
	}
	return []string{""}
}
