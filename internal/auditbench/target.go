package main

import (
	"context"
	"regexp"
	"sort"
	"strings"
)

// indexTarget is an index that a fix adds: its table, under every name the source gives it, and its
// leading column.
type indexTarget struct {
	tables []string
	column string
	model  bool // the name is a model's: tables of the framework end in it
}

func (t indexTarget) isTable(name string) bool {
	for _, own := range t.tables {
		a, b := plainName(own), plainName(name)
		if a == b || singular(a) == singular(b) || t.model && (strings.HasSuffix(singular(b), singular(a))) {
			return true
		}
	}
	return false
}

func (t indexTarget) isColumn(name string) bool {
	a, b := plainName(t.column), plainName(name)
	return a == b || t.model && (a+"id" == b || a == b+"id")
}

// plainName drops quotes, the schema, underscores and case, so that rubygem_id is rubygemId.
func plainName(s string) string {
	s = strings.Trim(s, "`\"'[] ")
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		s = s[i+1:]
	}
	return strings.ToLower(strings.ReplaceAll(strings.Trim(s, "`\"'[] "), "_", ""))
}

func singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies"):
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(s, "ses"), strings.HasSuffix(s, "xes"), strings.HasSuffix(s, "ches"):
		return s[:len(s)-2]
	case strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss"):
		return s[:len(s)-1]
	}
	return s
}

// tableLine finds the table or model that the following lines are about. Group 1 is the name.
var tableLines = []struct {
	re    *regexp.Regexp
	model bool
}{
	{regexp.MustCompile(`(?i)\bcreate_table\s*\(?\s*[:"'](\w+)`), false},
	{regexp.MustCompile(`(?i)\bchange_table\s*\(?\s*[:"'](\w+)`), false},
	{regexp.MustCompile(`(?i)\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w."` + "`" + `]+)`), false},
	{regexp.MustCompile(`(?i)\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?([\w."` + "`" + `]+)`), false},
	{regexp.MustCompile(`\bSchema::(?:\w+\([^)]*\)->)?(?:create|table)\(\s*['"](\w+)`), false},
	{regexp.MustCompile(`\b(?:createTable|alterTable|createTableIfNotExists|schema\.table)\(\s*['"](\w+)`), false},
	{regexp.MustCompile(`^\s*model\s+(\w+)\s*\{`), false},
	{regexp.MustCompile(`@@map\(\s*(?:name:\s*)?"(\w+)"`), false},
	{regexp.MustCompile(`@(?:Entity|Table)\(.*?["'](\w+)["']`), false},
	{regexp.MustCompile(`__tablename__\s*=\s*["'](\w+)`), false},
	{regexp.MustCompile(`\bmodel_name\s*=\s*["'](\w+)`), true},
	{regexp.MustCompile(`^class\s+(\w+)\(.*(?:Model|Base|Mixin)\b.*\):`), true},
}

// indexLines find an index. Where a pattern has two groups they are table and column; with one group
// it is the column, and the table is the one that the lines before are about.
var indexLines = []*regexp.Regexp{
	regexp.MustCompile(`\badd_index\s*\(?\s*[:"'](\w+)["']?\s*,\s*(?:\[|%i\[|%w\[)?\s*[:"']?(\w+)`),
	regexp.MustCompile(`(?i)\bcreate\s+(?:unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:[\w."` + "`" + `]+\s+)?on\s+(?:only\s+)?([\w."` + "`" + `]+)\s*(?:using\s+\w+\s*)?\(\s*(?:\w+\()?["` + "`" + `]?(\w+)`),
	regexp.MustCompile(`\bcreate_index\(\s*[^,]+,\s*["'](\w+)["']\s*,\s*\[\s*["'](\w+)`),
	regexp.MustCompile(`\baddIndex\(\s*["'](\w+)["']\s*,\s*(?:\[|\{\s*fields:\s*\[)?\s*["'](\w+)`),
	regexp.MustCompile(`\bTable\("(\w+)"\)[\s.]*(?:IfNotExists\(\)[\s.]*)?Index\("\w*"\)[\s.]*(?:\w+\(\)[\s.]*)*Column\("(\w+)"`),
	regexp.MustCompile(`\bt\.index\s*\(?\s*(?:\[\s*)?[:"'](\w+)`),
	regexp.MustCompile(`(?i)^\s*(?:add\s+)?(?:unique\s+)?(?:key|index)\s+[` + "`" + `"]?\w+[` + "`" + `"]?\s*\(\s*[` + "`" + `"]?(\w+)`),
	regexp.MustCompile(`@@(?:index|unique)\(\s*(?:fields:\s*)?\[\s*(\w+)`),
	regexp.MustCompile(`->(?:index|unique)\(\s*\[?\s*['"](\w+)['"]`),
	regexp.MustCompile(`\(\s*['"](\w+)['"][^;]*->index\(\s*\)`),
	regexp.MustCompile(`@Index\([^)]*columnList\s*=\s*"(\w+)`),
	regexp.MustCompile(`@Index\(\s*(?:["'][\w-]+["']\s*,\s*)?\[\s*["'](\w+)`),
	regexp.MustCompile(`\.(?:index|unique)\(\s*\[?\s*['"](\w+)['"]`),
	regexp.MustCompile(`\bIndex\(\s*(?:name\s*=\s*["'][\w-]+["']\s*,\s*)?fields\s*=\s*[\[(]\s*["']-?(\w+)`),
	regexp.MustCompile(`^\s*(\w+)\s*[:=].*\b(?:db_index|index)\s*=\s*True`),
}

// findTargets returns the indexes that the fix adds. Where the case's own lines are about one of
// their tables, only that table counts: a fix often adds more than the case names.
func findTargets(ctx context.Context, repo string, c Case, changes map[string]*fileDiff) ([]indexTarget, error) {
	paths := make([]string, 0, len(changes))
	for p := range changes {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	var all []indexTarget
	for _, p := range paths {
		d := changes[p]
		if d.newPath == "" || !holdsSchema(d.newPath) {
			continue
		}
		src, err := git(ctx, repo, "show", c.Fix+":"+d.newPath)
		if err != nil {
			return nil, err
		}
		all = append(all, addedIndexes(string(src), d.hunks)...)
	}
	src, err := git(ctx, repo, "show", c.Parent+":"+c.File)
	if err != nil {
		return all, nil //nolint:nilerr // the place is in a file that the parent does not have: nothing to narrow by
	}
	lines := strings.Split(string(src), "\n")
	own, _ := tableAt(lines, min(c.End, len(lines)))
	var narrowed []indexTarget
	for _, t := range all {
		for _, name := range own {
			if t.isTable(name) {
				narrowed = append(narrowed, t)
				break
			}
		}
	}
	if len(narrowed) > 0 {
		return narrowed, nil
	}
	return all, nil
}

func holdsSchema(p string) bool {
	for _, ext := range []string{".rb", ".sql", ".py", ".php", ".prisma", ".ts", ".js", ".java", ".kt", ".go"} {
		if strings.HasSuffix(p, ext) {
			return !strings.Contains(p, "/test/") && !strings.Contains(p, "/spec/")
		}
	}
	return false
}

// addedIndexes returns the indexes of a file's text that begin on added lines.
func addedIndexes(text string, hunks []hunk) []indexTarget {
	lines := strings.Split(text, "\n")
	var out []indexTarget
	for _, h := range hunks {
		for n := h.newStart; n < h.newStart+h.newLen && n <= len(lines); n++ {
			if undoes(lines[:n]) {
				continue
			}
			// A statement may run over lines: look at this one with what follows, and accept what begins here.
			window := strings.Join(lines[n-1:min(len(lines), n+7)], " ")
			for _, re := range indexLines {
				m := re.FindStringSubmatchIndex(window)
				if m == nil || m[0] > len(lines[n-1]) {
					continue
				}
				groups := re.FindStringSubmatch(window)
				if len(groups) == 3 {
					out = append(out, indexTarget{tables: []string{groups[1]}, column: groups[2]})
				} else if tables, model := tableAt(lines, n); len(tables) > 0 {
					out = append(out, indexTarget{tables: tables, column: groups[1], model: model})
				}
				break
			}
		}
	}
	return out
}

var (
	downStart = regexp.MustCompile(`(?:function\s+down\b|def\s+(?:self\.)?down\b|def\s+downgrade\b|async\s+down\(|exports\.down\b)`)
	upStart   = regexp.MustCompile(`(?:function\s+up\b|def\s+(?:self\.)?(?:up|change)\b|def\s+upgrade\b|async\s+up\(|exports\.up\b)`)
)

// undoes reports whether the last of the lines stands in the part of a migration that takes it back.
func undoes(lines []string) bool {
	for i := len(lines) - 1; i >= 0; i-- {
		if downStart.MatchString(lines[i]) {
			return true
		}
		if upStart.MatchString(lines[i]) {
			return false
		}
	}
	return false
}

// tableAt returns the names of the table or model that line n is about: the last one named at or above
// it, with the name that a mapping gives it below.
func tableAt(lines []string, n int) (names []string, model bool) {
	for i := n - 1; i >= 0 && i < len(lines); i-- {
		for _, t := range tableLines {
			m := t.re.FindStringSubmatch(lines[i])
			if m == nil {
				continue
			}
			names = append(names, m[1])
			if strings.Contains(t.re.String(), "@@map") {
				break // the model's own name stands further up
			}
			for j := i; j < len(lines) && !strings.HasPrefix(lines[j], "}"); j++ {
				if mm := mapped.FindStringSubmatch(lines[j]); mm != nil && strings.Contains(lines[i], "model ") {
					names = append(names, mm[1])
				}
			}
			return names, t.model
		}
	}
	return names, false
}

var mapped = regexp.MustCompile(`@@map\(\s*(?:name:\s*)?"(\w+)"`)
