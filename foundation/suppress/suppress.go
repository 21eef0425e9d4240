// Package suppress reads the decisions of users that findings of a rule need no action: comments beside the
// code and [[suppress]] tables of napkin.toml, each with a reason and perhaps a last day.
//
// A suppression without a reason, or with a date that is none, suppresses nothing and is a [Problem].
package suppress

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/napkin-infra/napkin/foundation/report"
)

// Suppression is a user's decision that findings of one rule need no action, with its reason.
type Suppression struct {
	Rule   string // id or pattern: "db.n1-relation", "db.n1-*", "db"
	Path   string // glob of files, or the one file of a comment
	Line   int    // the line that an inline comment speaks of; 0 for a whole file
	Reason string
	Until  time.Time    // last day on which it holds; zero for ever
	Place  report.Place // where it is written
}

// Problem is a suppression that cannot be honoured, and why.
type Problem struct {
	Place report.Place
	Text  string
}

// inlineMark finds the comment wherever the language's comment sign is.
var inlineMark = regexp.MustCompile(`napkin:ignore\b[ \t]*([^\r\n]*)`)

// untilField finds the expiry anywhere among the words of the reason. napkin.toml calls it expires; both
// words do in both places, since a misremembered one would suppress for ever.
var untilField = regexp.MustCompile(`(?:^|[ \t])(?:until|expires)=(\S+)`)

// commentOnly holds for a line with nothing before the comment sign, in any of the languages read.
var commentOnly = regexp.MustCompile(`^\s*(?://|#|--|/\*|\*[\s/]|<!--|<%#|<%--|\{\{--|\{#|;|-#|/)`)

// commentEnd finds what closes a block comment.
var commentEnd = regexp.MustCompile(`\s*(?:\*/|-->|--%>|%>|--\}\}|#\})`)

// ParseInline reads the comments of one file of the form
//
//	napkin:ignore RULE[,RULE] why this is fine [until=YYYY-MM-DD]
//
// A comment at the end of a line speaks of that line; one on a line of its own speaks of the next line
// that is not a comment. A comment without rule or reason, or with a date that is none, is a problem
// and suppresses nothing.
func ParseInline(file string, source []byte) ([]Suppression, []Problem) {
	if !bytes.Contains(source, []byte("napkin:ignore")) {
		return nil, nil
	}
	var found []Suppression
	var problems []Problem
	lines := strings.Split(string(source), "\n")
	for i, text := range lines {
		match := inlineMark.FindStringSubmatchIndex(text)
		if match == nil {
			continue
		}
		place := report.Place{Path: file, StartLine: i + 1, EndLine: i + 1}
		words, behind := text[match[2]:match[3]], ""
		if end := commentEnd.FindStringIndex(words); end != nil {
			words, behind = words[:end[0]], strings.TrimSpace(words[end[1]:])
		}
		s, why := parseFields(words)
		if why != "" {
			problems = append(problems, Problem{Place: place, Text: why})
			continue
		}
		s.Path, s.Line, s.Place = file, i+1, place
		if behind == "" && commentOnly.MatchString(text[:match[0]]) {
			s.Line = nextCode(lines, i) + 1
		}
		for _, rule := range strings.Split(s.Rule, ",") {
			if rule != "" {
				s.Rule = rule
				found = append(found, s)
			}
		}
	}
	return found, problems
}

// nextCode returns the index of the first line after i that is neither empty nor a comment, or i.
func nextCode(lines []string, i int) int {
	for j := i + 1; j < len(lines); j++ {
		if text := strings.TrimSpace(lines[j]); text != "" && !commentOnly.MatchString(text) {
			return j
		}
	}
	return i
}

func parseFields(text string) (Suppression, string) {
	var s Suppression
	if m := untilField.FindStringSubmatchIndex(text); m != nil {
		day := text[m[2]:m[3]]
		until, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return s, fmt.Sprintf("the suppression's date %q is not of the form until=YYYY-MM-DD; it suppresses nothing", day)
		}
		s.Until = until
		text = text[:m[0]] + text[m[1]:]
	}
	rule, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
	s.Rule, s.Reason = rule, strings.TrimSpace(reason)
	switch {
	case s.Rule == "":
		return s, "the suppression names no rule; write napkin:ignore RULE and a reason"
	case s.Reason == "":
		return s, fmt.Sprintf("the suppression of %s gives no reason, so it suppresses nothing; write why behind the rule", s.Rule)
	}
	return s, ""
}

// ParseTables reads the [[suppress]] tables of a napkin.toml. Other tables are left to their
// readers. file is the name that problems are reported under.
func ParseTables(file string, source []byte) ([]Suppression, []Problem, error) {
	var document struct {
		Suppress []struct {
			Rule    string `toml:"rule"`
			Path    string `toml:"path"`
			Reason  string `toml:"reason"`
			Expires any    `toml:"expires"`
			Until   any    `toml:"until"`
		} `toml:"suppress"`
	}
	meta, err := toml.Decode(string(source), &document)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", file, err)
	}
	var problems []Problem
	for _, key := range meta.Undecoded() {
		if why := unknown(key); why != "" {
			problems = append(problems, Problem{Place: report.Place{Path: file, StartLine: 1, EndLine: 1}, Text: why})
		}
	}
	lines := tableLines(source)
	var found []Suppression
	for i, entry := range document.Suppress {
		place := report.Place{Path: file, StartLine: 1, EndLine: 1}
		if i < len(lines) {
			place.StartLine, place.EndLine = lines[i], lines[i]
		}
		if entry.Expires == nil {
			entry.Expires = entry.Until
		}
		until, err := expiry(entry.Expires)
		why := ""
		switch {
		case err != nil:
			why = err.Error()
		case entry.Rule == "":
			why = "a suppression names no rule, so it suppresses nothing"
		case strings.TrimSpace(entry.Reason) == "":
			why = fmt.Sprintf("the suppression of %s gives no reason, so it suppresses nothing; add reason = \"...\"", entry.Rule)
		case entry.Path != "" && !validGlob(entry.Path):
			why = fmt.Sprintf("the path %q of a suppression of %s is not a pattern; use *, ** and ?", entry.Path, entry.Rule)
		}
		if why != "" {
			problems = append(problems, Problem{Place: place, Text: why})
			continue
		}
		found = append(found, Suppression{Rule: entry.Rule, Path: entry.Path, Reason: strings.TrimSpace(entry.Reason), Until: until, Place: place})
	}
	return found, problems, nil
}

// sections are the tables of napkin.toml that some reader knows.
var sections = map[string]bool{"audit": true, "suppress": true}

// unknown says why a key of napkin.toml that no suppression took is a mistake; empty when it belongs to
// another reader.
func unknown(key toml.Key) string {
	switch {
	case key[0] == "suppress" && len(key) > 1:
		return fmt.Sprintf("a suppression has the key %q, which means nothing; the keys are rule, path, reason and expires", key[len(key)-1])
	case !sections[key[0]] && len(key) == 1:
		return fmt.Sprintf("%q is no table that napkin knows; write [audit] or [[suppress]]", key[0])
	}
	return ""
}

// expiry takes a TOML date or a string.
func expiry(value any) (time.Time, error) {
	switch v := value.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC), nil
	case string:
		day, err := time.Parse(time.DateOnly, v)
		if err == nil {
			return day, nil
		}
	}
	return time.Time{}, fmt.Errorf("the date expires = %v of a suppression is not of the form YYYY-MM-DD; it suppresses nothing", value)
}

var tableHead = regexp.MustCompile(`^\s*\[\[\s*suppress\s*\]\]`)

// tableLines returns the line of each [[suppress]] header.
func tableLines(source []byte) []int {
	var lines []int
	for i, text := range bytes.Split(source, []byte("\n")) {
		if tableHead.Match(text) {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// Load reads the [[suppress]] tables of napkin.toml at the root of fsys. A file that is
// not there has none; one that cannot be read is a problem.
func Load(fsys fs.FS) ([]Suppression, []Problem) {
	const file = "napkin.toml"
	source, err := fs.ReadFile(fsys, file)
	if err != nil {
		if info, statErr := fs.Stat(fsys, file); statErr == nil {
			return nil, []Problem{{Place: report.Place{Path: info.Name(), StartLine: 1, EndLine: 1}, Text: fmt.Sprintf("napkin.toml cannot be read, so its suppressions do not hold: %v", err)}}
		}
		return nil, nil
	}
	found, problems, err := ParseTables(file, source)
	if err != nil {
		return nil, []Problem{{Place: report.Place{Path: file, StartLine: 1, EndLine: 1}, Text: fmt.Sprintf("its suppressions do not hold: %v", err)}}
	}
	return found, problems
}

// Decide returns the suppression that covers a finding of a rule at a place on the given day, and else
// the latest that has expired. Both are nil when none speaks of it.
func Decide(by []Suppression, rule string, at report.Place, today time.Time) (holds, expired *Suppression) {
	today = Day(today)
	for i := range by {
		s := &by[i]
		if !s.Covers(rule, at) {
			continue
		}
		if s.Until.IsZero() || !today.After(s.Until) {
			return s, nil
		}
		if expired == nil || s.Until.After(expired.Until) {
			expired = s
		}
	}
	return nil, expired
}

// Day is the date of a moment, which is what suppressions end by.
func Day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Why is the reason with its place and end, for readers.
func (s *Suppression) Why() string {
	why := fmt.Sprintf("%s (%s:%d", s.Reason, s.Place.Path, s.Place.StartLine)
	if !s.Until.IsZero() {
		why += ", until " + s.Until.Format(time.DateOnly)
	}
	return why + ")"
}

// Covers holds when s speaks of a finding of a rule at a place. An inline comment also covers one whose
// span begins above the line but holds it.
func (s *Suppression) Covers(rule string, at report.Place) bool {
	if !MatchRule(s.Rule, rule) {
		return false
	}
	if s.Line > 0 {
		return s.Path == at.Path && at.StartLine <= s.Line && s.Line <= max(at.EndLine, at.StartLine)
	}
	return s.Path == "" || matchGlob(s.Path, at.Path)
}

// MatchRule holds when a pattern names a rule: its id, a family ("db"), or an id with stars.
func MatchRule(pattern, id string) bool {
	if pattern == id || strings.HasPrefix(id, pattern+".") {
		return true
	}
	ok, err := path.Match(pattern, id)
	return err == nil && ok
}

// validGlob holds for patterns that matchGlob can read.
func validGlob(pattern string) bool {
	for _, part := range strings.Split(pattern, "/") {
		if _, err := path.Match(part, ""); err != nil {
			return false
		}
	}
	return true
}

// matchGlob matches a slash-separated path. "**" stands for any number of folders; a pattern that
// names a folder covers what lies below it.
func matchGlob(pattern, name string) bool {
	return matchParts(strings.Split(strings.Trim(path.Clean(pattern), "/"), "/"), strings.Split(name, "/"))
}

func matchParts(pattern, name []string) bool {
	// Stars are taken greedily with one point to come back to, so that no pattern takes more than
	// len(pattern) x len(name) steps.
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		if p == len(pattern) {
			return true // the pattern named a folder above
		}
		if pattern[p] == "**" {
			star, mark = p, n
			p++
			continue
		}
		if ok, err := path.Match(pattern[p], name[n]); err == nil && ok {
			p, n = p+1, n+1
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, n = star+1, mark
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}
