package wildcard_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"abc", "ABC", true},
		{"abc", "abcd", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"?", "é", true},
		{"*", "", true},
		{"*", "anything", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "banana", true},
		{"*ana", "banana", true},
		{"ba*ana", "banana", true},
		{"ban*nana", "banana", false},
		{"*an*an*", "banana", true},
		{"*an*an*an*", "banana", false},
		{"sm?th", "Smith", true},
		{"*east", "Southeast", true},
		{"fy91~?", "fy91?", true},
		{"fy91~?", "fy912", false},
		{"a~*b", "a*b", true},
		{"a~*b", "axb", false},
		{"a~~b", "a~b", true},
		{"a~b", "ab", true},
		{"a~b", "a~b", false},
		{"a~", "a", true},
		{"a~", "a~", false},
		{"~a~b~", "ab", true},
		{"ÄÖ*", "äöü", true},
		{"??", "a", false},
		{"?*", "", false},
		{"*?", "xy", true},
		{"a*?c", "ac", false},
	} {
		if got := wildcard.Compile(c.pattern).Match(c.text); got != c.want {
			t.Errorf("pattern %q, text %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          int
	}{
		{"", "abc", 0},
		{"", "", 0},
		{"n", "banana", 2},
		{"N?n", "banana", 2},
		{"a*a", "banana", 1},
		{"*n", "banana", 0},
		{"x*", "banana", -1},
		{"n*x", "banana", -1},
		{"~?", "what?", 4},
		{"?", "", -1},
		{"e", "éE", 2},
		{"ab*cd", "aaab_____cd", 2},
		{"***a*b*c***", "*abc*", 0},
	} {
		if got := wildcard.Compile(c.pattern).Find(c.text); got != c.want {
			t.Errorf("pattern %q, text %q: at %d, want %d", c.pattern, c.text, got, c.want)
		}
	}
}

func TestLiteral(t *testing.T) {
	for _, c := range []struct {
		pattern, want string
		ok            bool
	}{
		{"Plain", "Plain", true},
		{"a~*b", "a*b", true},
		{"~~~?", "~?", true},
		{"a*", "", false},
		{"?", "", false},
	} {
		got, ok := wildcard.Compile(c.pattern).Literal()
		if ok != c.ok || ok && got != c.want {
			t.Errorf("pattern %q: %q, %v", c.pattern, got, ok)
		}
	}
}

// A backtracking matcher needs ages for this.
func TestBounded(t *testing.T) {
	p := wildcard.Compile(strings.Repeat("*a", 100) + "*b")
	text := strings.Repeat("a", 30000)
	start := time.Now()
	if p.Match(text) || p.Find(text) >= 0 {
		t.Error("matched")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

// FuzzMatch compares with the regular expression that says the same.
func FuzzMatch(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("~*~?~~", "*?~")
	f.Add("*?é*", "xÉy")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			wildcard.Compile(pattern).Match(text)
			wildcard.Compile(pattern).Find(text)
			return
		}
		var re strings.Builder
		escaped := false
		for _, r := range pattern {
			switch {
			case r == '~' && !escaped:
				escaped = true
				continue
			case r == '?' && !escaped:
				re.WriteString("(?s:.)")
			case r == '*' && !escaped:
				re.WriteString("(?s:.*?)")
			default:
				re.WriteString(regexp.QuoteMeta(string(cell.FoldRune(r))))
			}
			escaped = false
		}
		p := wildcard.Compile(pattern)
		folded := cell.Fold(text)
		whole := regexp.MustCompile("^(?:" + re.String() + ")$")
		if got, want := p.Match(text), whole.MatchString(folded); got != want {
			t.Fatalf("pattern %q, text %q: %v, want %v", pattern, text, got, want)
		}
		want := -1
		if at := regexp.MustCompile(re.String()).FindStringIndex(folded); at != nil {
			want = utf8.RuneCountInString(folded[:at[0]])
		}
		got := p.Find(text)
		if got > 0 {
			got = utf8.RuneCountInString(text[:got])
		}
		if got != want {
			t.Fatalf("pattern %q in text %q: at rune %d, want %d", pattern, text, got, want)
		}
	})
}
